"""Pairs by criterion from answers that were judged, or from simulated ones.

Two answers to one query make one pair, with what is known of either under each criterion that applies: one sample for each, with a winner
of its own (explicit criteria injection, ProMedical, arXiv 2604.08326). An abstention, or a verdict that is missing, leaves its label open.
Which answer is better on the whole follows from the grades, whatever the abstentions hide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from primum.errors import InputError
from primum.grading import is_surely_better
from primum.language import normalise
from primum.records import (
    ByRule,
    BySimulation,
    Criterion,
    Met,
    NotApplicable,
    NotMet,
    Outcome,
    Preference,
    Scenario,
    Settings,
    content_hash,
)
from primum.rewards.asked import Asked, asked_of
from primum.rewards.combine import combine
from primum.rewards.ranking import Graded, rank
from primum.rewards.samples import PairSample
from primum.starter.clinical_pairs import GeneratedPair

__all__ = ["JudgedAnswer", "JudgedQuery", "PairCounts", "Paired", "PairingSettings", "of_generated", "pair_up"]

_PLACE = "reward pairs"


class PairingSettings(Settings, frozen=True):
    """Which answers to a query are paired: at most `per_query` pairs of it.

    `which`: `all` draws among all pairs; `spread` takes those whose places lie furthest apart first, by the lexicographic order;
    `best_worst` pairs the best answer with the worst, the second with the last but one, and so on, each answer once at most. `seed` draws,
    and says which answer of a pair stands first.
    """

    per_query: int = 6
    which: Literal["all", "spread", "best_worst"] = "all"
    seed: int = 0

    def check(self) -> None:
        if self.per_query < 1:
            self.refuse(f"per_query = {self.per_query}", "makes no pair", "give at least 1")


class JudgedAnswer(NamedTuple):
    """An answer with what a judge said of it under the criteria of its query. `by` is the policy, or the simulated voice."""

    graded: Graded
    by: str = ""


class JudgedQuery(NamedTuple):
    """A query with its criteria and several judged answers.

    `keys` names what a criterion asks for, however it is worded, by the criterion's id; its normalised statement where there is none.
    `rubric` is the id of the rubric, `is_simulated` says that the judge is.
    """

    scenario: Scenario
    criteria: tuple[Criterion, ...]
    answers: Sequence[JudgedAnswer]
    keys: Mapping[str, str] = {}
    rubric: str | None = None
    is_simulated: bool = False


class PairCounts(NamedTuple):
    """What became of the answers.

    `same_text` answers say what another one says, `unusable` ones are no language: neither is paired. `alike` pairs are left out because no
    criterion has a winner in them, `beyond` because the query had pairs enough. Of the labels of the pairs that were made, one a criterion,
    `samples` have a winner, `ties` have none because both answers meet the criterion or neither does, `masked` because a label is missing;
    `not_applicable` criteria were left out. `unsure` pairs have no better answer on the whole because a missing label hides it, `equal`
    ones because there is none.
    """

    queries: int = 0
    answers: int = 0
    same_text: int = 0
    unusable: int = 0
    pairs: int = 0
    alike: int = 0
    beyond: int = 0
    samples: int = 0
    ties: int = 0
    masked: int = 0
    not_applicable: int = 0
    unsure: int = 0
    equal: int = 0


class Paired(NamedTuple):
    """The pairs, the preferences that follow from their grades (one for each pair whose better answer is surely known), and the counts."""

    samples: list[PairSample]
    preferences: list[Preference]
    counts: PairCounts


def pair_up(queries: Sequence[JudgedQuery], settings: PairingSettings | None = None) -> Paired:
    """The pairs of each query, in its order.

    Answers whose texts are equal but for white space are one answer. An unusable answer (the judge's stance) is not paired: it is told by
    rule, and what it does not say is no merit to be learned. Raises `InputError` for verdicts on criteria that are not the query's.
    """
    chosen = settings or PairingSettings()
    counts: Counter[str] = Counter(queries=len(queries))
    samples: dict[str, PairSample] = {}
    preferences: list[Preference] = []
    for query in queries:
        for one, other, pair in _of(query, chosen, counts):
            if pair.id in samples:  # a query that is there twice, word for word
                counts["beyond"] += 1
                continue
            samples[pair.id] = pair
            counts["not_applicable"] += len(query.criteria) - len(pair.criteria)
            _count(pair, counts)
            found = _preference(query, one.graded, other.graded)
            if found is not None:
                preferences.append(found)
    counts["pairs"] = len(samples)
    return Paired(list(samples.values()), preferences, PairCounts(**counts))


def of_generated(pairs: Iterable[GeneratedPair]) -> list[PairSample]:
    """Simulated pairs as what a reward model learns from; they say that they are simulated."""
    return [
        PairSample(
            id=pair.id,
            prompt=pair.prompt,
            first=pair.first,
            second=pair.second,
            criteria=tuple(Asked(text=one.text, kind=one.kind, points=one.points) for one in pair.criteria),
            met_first=tuple(one.met_first for one in pair.criteria),
            met_second=tuple(one.met_second for one in pair.criteria),
            language=pair.language,
            group=pair.group,
            keys=tuple(one.key for one in pair.criteria),
            first_by=pair.first_by,
            second_by=pair.second_by,
            is_simulated=True,
        )
        for pair in pairs
    ]


class _Read(NamedTuple):
    """An answer with its outcome by criterion; `None` where there is no verdict."""

    answer: JudgedAnswer
    outcomes: tuple[Outcome | None, ...]

    @property
    def graded(self) -> Graded:
        return self.answer.graded


def _of(
    query: JudgedQuery, settings: PairingSettings, counts: Counter[str]
) -> Iterator[tuple[JudgedAnswer, JudgedAnswer, PairSample]]:
    """The pairs of one query that teach anything, with the answers in the order they stand in the pair."""
    usable = _usable(query, counts)
    found: list[tuple[JudgedAnswer, JudgedAnswer, PairSample]] = []
    for one, other in _ordered(usable, settings):
        first, second = (one, other) if _stands_first(one, other, settings.seed) else (other, one)
        pair = _pair(query, first, second)
        if pair is None:
            counts["alike"] += 1
        elif len(found) == settings.per_query:
            counts["beyond"] += 1
        else:
            found.append((first.answer, second.answer, pair))
    yield from found


def _usable(query: JudgedQuery, counts: Counter[str]) -> list[_Read]:
    ids = {one.id for one in query.criteria}
    found: dict[str, _Read] = {}
    counts["answers"] += len(query.answers)
    for answer in query.answers:
        graded = answer.graded
        said = {one.criterion: one.outcome for one in graded.verdicts}
        strange = [one for one in said if one not in ids]
        if strange:
            raise InputError(
                f"verdict on criterion {strange[0]}",
                f"of answer {graded.response.id} is on none of its query's criteria",
                "give the verdicts that go with the query",
                _PLACE,
            )
        text = " ".join(graded.response.text.split())
        if not text or graded.judgement.stance == "unusable":
            counts["unusable"] += 1
        elif text in found:
            counts["same_text"] += 1
        else:
            found[text] = _Read(answer, tuple(said.get(one.id) for one in query.criteria))
    return list(found.values())


def _ordered(answers: Sequence[_Read], settings: PairingSettings) -> list[tuple[_Read, _Read]]:
    """The pairs in the order they are taken in, each once."""
    by_id = {one.graded.response.id: one for one in answers}
    placed = [by_id[one.graded.response.id] for one in rank([one.graded for one in answers])]
    last = len(placed) - 1
    if settings.which == "best_worst":
        return [(placed[at], placed[last - at]) for at in range(len(placed) // 2)]
    found = sorted(combinations(range(len(placed)), 2), key=lambda at: _drawn(placed[at[0]], placed[at[1]], settings))
    if settings.which == "spread":
        found.sort(key=lambda at: at[0] - at[1])  # stable: those furthest apart first, and as drawn among equals
    return [(placed[one], placed[other]) for one, other in found]


def _drawn(one: _Read, other: _Read, settings: PairingSettings) -> str:
    """Where a pair stands among the others of its query: by its answers and the seed alone, whoever judged them."""
    return content_hash([settings.seed, *sorted((one.graded.response.id, other.graded.response.id))])


def _stands_first(one: _Read, other: _Read, seed: int) -> bool:
    ids = sorted((one.graded.response.id, other.graded.response.id))
    is_lower = one.graded.response.id == ids[0]
    return is_lower == (int(content_hash(["first", seed, *ids])[:8], 16) % 2 == 0)


def _pair(query: JudgedQuery, first: _Read, second: _Read) -> PairSample | None:
    """The pair with the criteria that apply to either answer; `None` where no criterion tells the answers apart."""
    places = [
        place
        for place in range(len(query.criteria))
        if not (isinstance(first.outcomes[place], NotApplicable) and isinstance(second.outcomes[place], NotApplicable))
    ]
    labels = [(_label(first.outcomes[place]), _label(second.outcomes[place])) for place in places]
    if not any(None not in both and both[0] != both[1] for both in labels):
        return None
    one, other, criteria = first.graded, second.graded, [query.criteria[place] for place in places]
    spoken = query.scenario
    origins = (spoken.made, one.response.made, other.response.made)
    return PairSample(
        id=f"pair-{content_hash([spoken.id, one.response.id, other.response.id, [one.id for one in query.criteria]])[:20]}",
        prompt=spoken.messages,
        first=one.response.text,
        second=other.response.text,
        criteria=tuple(map(asked_of, criteria)),
        met_first=tuple(label for label, _ in labels),
        met_second=tuple(label for _, label in labels),
        language=spoken.language,
        group=spoken.cluster or spoken.id,
        keys=tuple(query.keys.get(each.id) or normalise(each.statement) for each in criteria),
        first_by=first.answer.by,
        second_by=second.answer.by,
        is_simulated=query.is_simulated or any(isinstance(each, BySimulation) for each in origins),
        records=_records(query, one, other, criteria),
    )


def _records(query: JudgedQuery, one: Graded, other: Graded, criteria: Sequence[Criterion]) -> tuple[str, ...]:
    kept = {each.id for each in criteria}
    found = [query.scenario.id, *([query.rubric] if query.rubric else [])]
    for side in (one, other):
        found += [side.response.id, side.judgement.id]
        found += [each.id for each in side.verdicts if each.criterion in kept]
    return tuple(dict.fromkeys([*found, *(each.id for each in criteria)]))


def _label(outcome: Outcome | None) -> bool | None:
    """Whether the criterion is met; `None` where the judge abstained, did not say, or says that it does not apply."""
    return True if isinstance(outcome, Met) else False if isinstance(outcome, NotMet) else None


def _count(pair: PairSample, counts: Counter[str]) -> None:
    winners = [pair.winner(place) for place in range(len(pair.criteria))]
    counts["masked"] += winners.count(None)
    counts["ties"] += winners.count(0)
    counts["samples"] += sum(bool(one) for one in winners)
    overall = pair.overall
    counts["unsure"] += overall is None
    counts["equal"] += overall == 0


def _preference(query: JudgedQuery, one: Graded, other: Graded) -> Preference | None:
    for better, worse in ((one, other), (other, one)):
        if is_surely_better(better.grade, worse.grade):
            return Preference(
                scenario=query.scenario.id,
                chosen=better.response.id,
                rejected=worse.response.id,
                made=ByRule(rule="rewards.pair_up"),
                because=(better.judgement.id, worse.judgement.id),
                rubric=query.rubric,
                margin=combine(better.grade).low - combine(worse.grade).high,
            )
    return None
