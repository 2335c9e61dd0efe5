"""Which criteria a person should label next: what they are chosen by, the draw, and its chances over several rounds.

`ranked` takes those with the highest `points / positive points · √doubt`. Labels on them mend those verdicts; no score may be corrected
by them, as they are no sample. `sampled` draws with chances that favour the same ones.

A later round is drawn over all criteria anew, independently, and what has a label is not asked for again. A criterion is then among the
labelled with the chance `1 − (1 − π₁)(1 − π₂)`, and that is what is written, so that all labels together serve one estimate.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from primum.errors import InputError
from primum.evaluation.suites.files import HealthRow, VerdictRow
from primum.evaluation.suites.labelled import ChanceRow, WorkRow
from primum.stats.labelling import Candidate, Chosen, next_labels, rubric_candidates

__all__ = ["Asked", "Wanted", "draw_labels", "rank_labels"]

_ROUNDS = 50
_PLACE = "judge next"
Key = tuple[str, int]


class Wanted(NamedTuple):
    """A criterion to label: its number from 1, what the judge said, how likely that is wrong, and how far it moves the answer's score.

    `chance` is that of being among the labelled, `None` where it was chosen by rank.
    """

    prompt_id: str
    criterion: int
    text: str
    points: float
    judge: bool | None
    doubt: float
    influence: float
    chance: float | None

    @property
    def work(self) -> WorkRow:
        return WorkRow(prompt_id=self.prompt_id, criterion=self.criterion, text=self.text, chance=self.chance)


class Asked(NamedTuple):
    """What to label, in order; the chances of everything that was judged (none by rank); and what to know."""

    wanted: list[Wanted]
    chances: list[ChanceRow]
    notes: list[str]


def rank_labels(
    rows: Sequence[HealthRow], verdicts: Sequence[VerdictRow], labelled: Collection[Key], budget: int
) -> Asked:
    """The criteria without a label that weigh most, the weightiest first."""
    found = {key: one for key, one in _candidates(rows, verdicts).items() if key not in labelled}
    _check_budget(budget, len(found))
    order = {one.name: key for key, one in found.items()}
    chosen = next_labels(list(found.values()), budget, way="ranked")
    wanted = [_wanted(rows, verdicts, found)[order[name]] for name in chosen.names]
    notes = [
        "chosen by rank: labels on these mend these verdicts, but they are no sample, and no score may be corrected by them; "
        "for that, draw with --sampled"
    ]
    return Asked(wanted, [], notes)


def draw_labels(
    rows: Sequence[HealthRow],
    verdicts: Sequence[VerdictRow],
    labelled: Collection[Key],
    budget: int,
    seed: int,
    earlier: Sequence[ChanceRow] | None = None,
) -> Asked:
    """At most `budget` criteria that were neither labelled nor drawn before (exactly as many in the first round), and all chances.

    `earlier` are the chances of the rounds before; labels without them are taken to be drawn by lot. The answers stand in random
    order, so that whoever stops early leaves a random part.

    Raises `InputError` for a budget above what is left, and for `earlier` chances of another set of verdicts.
    """
    found = _candidates(rows, verdicts)
    names = {one.name: key for key, one in found.items()}
    judged_labels = {key for key in labelled if key in found}
    before = _before(found, judged_labels, earlier)
    known = judged_labels | {key for key, (_, was_drawn) in before.items() if was_drawn}
    _check_budget(budget, len(found) - len(known))
    chosen, fresh = _draw(found, names, known, budget, seed)
    chances = {key: 1 - (1 - before[key][0]) * (1 - chosen.chances[one.name]) for key, one in found.items()}
    drawn = known | fresh
    table = _wanted(rows, verdicts, found)
    wanted = [table[key]._replace(chance=chances[key]) for key in _in_random_answers(fresh, seed)]
    written = [
        ChanceRow(
            prompt_id=row.prompt_id,
            chances=[chances[row.prompt_id, number] for number in range(1, len(row.rubrics) + 1)],
            drawn=[number for number in range(1, len(row.rubrics) + 1) if (row.prompt_id, number) in drawn],
        )
        for row in rows
    ]
    return Asked(wanted, written, _notes(judged_labels, known, earlier))


def _draw(
    found: Mapping[Key, Candidate], names: Mapping[str, Key], known: Collection[Key], budget: int, seed: int
) -> tuple[Chosen, set[Key]]:
    """A draw over all, as large as leaves `budget` that are new; what is known already costs no work."""
    candidates, size = list(found.values()), budget
    chosen = next_labels(candidates, size, seed=_seed(seed, known))
    fresh = {names[name] for name in chosen.names} - set(known)
    for _ in range(_ROUNDS):  # up until there are enough, then down until there are not too many
        if len(fresh) == budget:
            break
        size += budget - len(fresh) if len(fresh) < budget else -1
        if not budget <= size <= len(candidates):
            break
        chosen = next_labels(candidates, size, seed=_seed(seed, known))
        fresh = {names[name] for name in chosen.names} - set(known)
    if len(fresh) > budget:
        fresh = set(random.Random(seed).sample(sorted(fresh), budget))
    return chosen, fresh


def _seed(seed: int, known: Collection[Key]) -> int:
    """Another draw in every round, though a person gives the same seed."""
    return seed + 1_000_003 * len(known)


def _before(
    found: Mapping[Key, Candidate], labelled: Collection[Key], earlier: Sequence[ChanceRow] | None
) -> dict[Key, tuple[float, bool]]:
    """The chance of each criterion of being among the labelled so far, and whether it was drawn."""
    if earlier is None:
        share = len(labelled) / len(found)
        return {key: (share, key in labelled) for key in found}
    known = {
        (row.prompt_id, number): (chance, number in row.drawn)
        for row in earlier
        for number, chance in enumerate(row.chances, 1)
    }
    if set(known) != set(found):
        raise InputError(
            "the chances of the rounds before",
            "are not those of the criteria that were judged",
            "give the file that was written for these verdicts",
            _PLACE,
        )
    return known


def _candidates(rows: Sequence[HealthRow], verdicts: Sequence[VerdictRow]) -> dict[Key, Candidate]:
    found: dict[Key, Candidate] = {}
    for row, verdict in zip(rows, verdicts, strict=True):
        probabilities = verdict.probabilities or [None] * len(verdict.met)
        points = [rule.points for rule in row.rubrics]
        for number, one in enumerate(rubric_candidates(row.prompt_id, points, verdict.met, probabilities), 1):
            found[row.prompt_id, number] = one
    return found


def _wanted(
    rows: Sequence[HealthRow], verdicts: Sequence[VerdictRow], found: Mapping[Key, Candidate]
) -> dict[Key, Wanted]:
    by_id = {row.prompt_id: (row, verdict) for row, verdict in zip(rows, verdicts, strict=True)}
    table = {}
    for (name, number), one in found.items():
        row, verdict = by_id[name]
        rule = row.rubrics[number - 1]
        said = verdict.met[number - 1]
        table[name, number] = Wanted(name, number, rule.criterion, rule.points, said, one.doubt, one.influence, None)
    return table


def _in_random_answers(fresh: Collection[Key], seed: int) -> list[Key]:
    answers = sorted({name for name, _ in fresh})
    random.Random(seed).shuffle(answers)
    place = {name: position for position, name in enumerate(answers)}
    return sorted(fresh, key=lambda key: (place[key[0]], key[1]))


def _notes(labelled: Collection[Key], known: Collection[Key], earlier: Sequence[ChanceRow] | None) -> list[str]:
    notes = ["answers stand in random order: whoever stops early leaves a random part, which keeps the estimate right"]
    if labelled and earlier is None:
        notes.append(
            f"the {len(labelled):,} labels there are were taken to be drawn by lot; if judge next drew them, give --sampling"
        )
    waiting = len(known) - len(labelled)
    if waiting:
        notes.append(f"{waiting:,} criteria drawn in a round before still want a label, and are not drawn again")
    return notes


def _check_budget(budget: int, left: int) -> None:
    if not left:
        raise InputError("every criterion", "has a label or was drawn before", "nothing is left to draw", _PLACE)
    if not 1 <= budget <= left:
        raise InputError(f"--budget {budget}", f"is not between 1 and {left}", "ask for no more than is left", _PLACE)
