"""People's labels on some of the judged answers: read, joined, and turned into corrected scores of HealthBench-shaped sets.

Several people on one criterion are joined to the share of them who found it met. That is unbiased for what one of them, drawn by
lot, would have said, which is what a score by people means here, and it varies least; prediction-powered inference and the mean of the
labels take shares as they are. A majority would put another question, and would have to drop ties, which are not a random part.
Rogan-Gladen counts people's yes and no, so there one person is drawn by lot for each criterion: the same target, a little wider.

| file | a row |
|---|---|
| labels | `LabelRow`, or a filled worksheet: `WorkRow` |
| chances | `ChanceRow`, one for each judged answer: with which chance each criterion was drawn, and which were |
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import msgspec

from primum.errors import InputError
from primum.evaluation.suites.files import HealthRow, LabelRow, VerdictRow, read_label_rows
from primum.evaluation.suites.healthbench import CONSENSUS_TAG
from primum.evaluation.suites.lines import check_unique, first_and_count, read_structs
from primum.records import Estimate
from primum.stats.corrected_rubric import ppi_rubric, rogan_gladen_rubric
from primum.stats.graded import GradedExample
from primum.stats.undefined import Undefined

__all__ = [
    "ChanceRow",
    "CorrectedScore",
    "Labelled",
    "WorkRow",
    "by_criterion",
    "check_estimable",
    "corrected_scores",
    "join_labels",
    "read_chance_rows",
    "read_labels",
]

_UNIT = "conversation"
_Said = dict[tuple[str, int], list[bool]]


class ChanceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The chance with which each criterion of one answer was drawn for labelling, and the numbers (from 1) of those that were."""

    prompt_id: str
    chances: list[float]
    drawn: list[int] = []


class WorkRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One criterion for a person to decide, by its number from 1; they fill in `met` and their pseudonym. `None`: not decided.

    It does not tell what the judge said: that would sway the person.
    """

    prompt_id: str
    criterion: int
    text: str = ""
    chance: float | None = None
    met: bool | None = None
    rater: str = ""


class Labelled(NamedTuple):
    """Judged answers with their labels: raters joined to shares (`shares`), and one rater by lot a criterion (`lots`)."""

    shares: list[GradedExample]
    lots: list[GradedExample]
    has_chances: bool
    notes: list[str]


class CorrectedScore(NamedTuple):
    """The judge's score alone, corrected by the labels in two ways, and the labels alone. `tuning` is λ of PPI++."""

    naive: Estimate | Undefined
    ppi: Estimate | Undefined
    classical: Estimate | Undefined
    rogan_gladen: Estimate | Undefined
    tuning: float | None
    n_labelled: int


def corrected_scores(labelled: Labelled) -> dict[str, CorrectedScore]:
    """For `overall` and every tag with positive points: the four scores side by side."""
    # Drawn criterion by criterion, verdicts are what was sampled, even if some answers came to be labelled whole.
    by_ppi = ppi_rubric(labelled.shares, "verdict" if labelled.has_chances else "auto", _UNIT)
    by_accuracy = rogan_gladen_rubric(labelled.lots, _UNIT)
    return {
        name: CorrectedScore(
            one.naive, one.corrected, one.classical, by_accuracy[name].corrected, one.tuning, one.n_labelled
        )
        for name, one in by_ppi.items()
    }


def by_criterion(labels: Sequence[LabelRow]) -> _Said:
    """What people said of each criterion (prompt, number from 1), in the order of the labels."""
    said: _Said = {}
    for label in labels:
        for number, met in enumerate(label.met, 1):
            if met is not None:
                said.setdefault((label.prompt_id, number), []).append(met)
    return said


def join_labels(
    rows: Sequence[HealthRow],
    verdicts: Sequence[VerdictRow],
    labels: Sequence[LabelRow],
    chances: Sequence[ChanceRow] | None = None,
    is_consensus: bool = False,
) -> Labelled:
    """The judged answers as examples. `rows` are those of the verdicts, in their order; `is_consensus` keeps the consensus criteria.

    With `chances`, labels on criteria that were not drawn are left out: they were chosen by someone, not by lot.

    Raises `InputError` when a judged answer has no chances, or no label is on a judged answer.
    """
    said = by_criterion(labels)
    by_id = {row.prompt_id: row for row in chances} if chances is not None else None
    judged = {row.prompt_id for row in rows}
    elsewhere = sorted({name for name, _ in said if name not in judged})
    kept = {key: found for key, found in said.items() if key[0] in judged and _was_drawn(key, by_id)}
    undrawn = len(said) - len(kept) - sum(name not in judged for name, _ in said)
    if not kept:
        raise InputError("the labels", "are on nothing that was judged and drawn", "label judged answers", "labels")
    _check_chances(rows, by_id)
    shares: list[GradedExample] = []
    lots: list[GradedExample] = []
    for row, verdict in zip(rows, verdicts, strict=True):
        places = [n for n, rule in enumerate(row.rubrics) if not is_consensus or CONSENSUS_TAG in rule.tags]
        if not places:
            continue
        found = [kept.get((row.prompt_id, place + 1)) for place in places]
        one = GradedExample(
            points=[row.rubrics[place].points for place in places],
            judge=[verdict.met[place] for place in places],
            tags=[row.rubrics[place].tags for place in places],
            example_tags=row.example_tags,
            chances=[by_id[row.prompt_id].chances[place] for place in places] if by_id is not None else (),
            cluster=row.prompt_id,
        )
        # A share of raters is a number from 0 to 1, which the corrections by PPI take as they take 0 and 1.
        means = [None if labels is None else sum(labels) / len(labels) for labels in found]
        shares.append(one._replace(human=cast("list[bool | None]", means)))
        lots.append(
            one._replace(human=[_one_of(s, row.prompt_id, place) for s, place in zip(found, places, strict=True)])
        )
    notes = _notes(kept, elsewhere, undrawn, by_id, labels)
    return Labelled(shares, lots, by_id is not None, notes)


def check_estimable(path: Path, has_chances: bool) -> None:
    """Refuse a worksheet that no estimate can rest on: one of the most doubtful items, or one drawn with chances that are not given.

    Raises `InputError`, naming what would do.
    """
    placed = read_structs(path, dict[str, object], "a row of labels")
    rows = [(one.place, one.row) for one in placed if "criterion" in one.row and one.row.get("met") is not None]
    for place, row in rows:
        if row.get("chance") is None:
            raise InputError(
                f"worksheet '{path.name}'",
                "holds the items that were most in doubt, which stand for no others",
                "draw the items to label with judge next --sampled; labels by answer, chosen by lot, will do too",
                place,
            )
        if not has_chances:
            raise InputError(
                f"worksheet '{path.name}'",
                "was drawn with unequal chances, and they are not given",
                f"add --sampling {path.stem}.chances.jsonl",
                place,
            )


def read_labels(path: Path, rows: Sequence[HealthRow]) -> list[LabelRow]:
    """Labels by answer (`LabelRow`), or from a worksheet that people filled in (`WorkRow`, told by its `criterion`)."""
    first = read_structs(path, dict[str, object], "a row of labels")[0].row
    if "criterion" not in first:
        return read_label_rows(path, rows)
    criteria = {row.prompt_id: len(row.rubrics) for row in rows}
    placed = read_structs(path, WorkRow, "a row of the worksheet")
    filled = [one for one in placed if one.row.met is not None]
    check_unique(
        filled, [f"{one.row.prompt_id} #{one.row.criterion} by {one.row.rater or '?'}" for one in filled], "the label"
    )
    met: dict[tuple[str, str], list[bool | None]] = {}
    for place, row in placed:
        _check_known(row.prompt_id, criteria, place)
        if not 1 <= row.criterion <= criteria[row.prompt_id]:
            raise InputError(
                f"criterion {row.criterion} of {row.prompt_id!r}",
                f"is not between 1 and {criteria[row.prompt_id]}",
                "keep the worksheet's numbers",
                place,
            )
        if row.met is not None:
            said = met.setdefault((row.prompt_id, row.rater.strip() or "worksheet"), [None] * criteria[row.prompt_id])
            said[row.criterion - 1] = row.met
    if not met:
        raise InputError(f"worksheet '{path.name}'", "has no label yet", 'fill in "met" with true or false', str(path))
    return [LabelRow(prompt_id=name, rater=rater, met=said) for (name, rater), said in met.items()]


def read_chance_rows(path: Path, rows: Sequence[HealthRow]) -> list[ChanceRow]:
    """The chances that `judge next --sampled` wrote. Raises `InputError` for rows that do not go with the set."""
    criteria = {row.prompt_id: len(row.rubrics) for row in rows}
    placed = read_structs(path, ChanceRow, "a row of chances")
    check_unique(placed, [one.row.prompt_id for one in placed], "prompt_id")
    for place, row in placed:
        _check_known(row.prompt_id, criteria, place)
        size = criteria[row.prompt_id]
        if len(row.chances) != size or not all(0 < one <= 1 for one in row.chances):
            raise InputError(
                f"the chances of {row.prompt_id!r}",
                f"are not one for each of its {size} criteria, above 0 and at most 1",
                "give the file that judge next --sampled wrote for this set",
                place,
            )
        if not set(row.drawn) <= set(range(1, size + 1)) or len(set(row.drawn)) < len(row.drawn):
            raise InputError(
                f"drawn {row.drawn} of {row.prompt_id!r}", "are not its criteria", "give the file as written", place
            )
    return [one.row for one in placed]


def _check_known(name: str, known: Mapping[str, int], place: str) -> None:
    if name not in known:
        raise InputError(f"prompt_id {name!r}", "is not in the set", "give the file that goes with the set", place)


def _check_chances(rows: Sequence[HealthRow], by_id: Mapping[str, ChanceRow] | None) -> None:
    missing = [row.prompt_id for row in rows if by_id is not None and row.prompt_id not in by_id]
    if missing:
        raise InputError(
            f"prompt {first_and_count(missing)}",
            "has no chances of being labelled",
            "score what was drawn from: the verdicts that judge next --sampled was given",
            "chances",
        )


def _was_drawn(key: tuple[str, int], by_id: Mapping[str, ChanceRow] | None) -> bool:
    return by_id is None or key[0] not in by_id or key[1] in by_id[key[0]].drawn


def _one_of(said: Sequence[bool] | None, name: str, place: int) -> bool | None:
    """One rater's word, by a lot that is always the same for this criterion."""
    return None if said is None else said[random.Random(f"{name}#{place}").randrange(len(said))]


def _notes(
    kept: _Said,
    elsewhere: Sequence[str],
    undrawn: int,
    by_id: Mapping[str, ChanceRow] | None,
    labels: Sequence[LabelRow],
) -> list[str]:
    raters = len({label.rater for label in labels})
    notes = [
        f"{len(kept):,} criteria have labels, by {raters:,} rater{'s' if raters > 1 else ''}; "
        "the labels do not name the answers they are on: they are taken to be on those judged"
    ]
    several = sum(len(said) > 1 for said in kept.values())
    if several:
        apart = sum(len(set(said)) > 1 for said in kept.values())
        notes.append(
            f"{several:,} criteria have several raters, divided on {apart:,}: the share of them who found it met counts "
            "(for Rogan-Gladen one of them, by lot)"
        )
    if by_id is None:
        notes.append("what was labelled is taken to be drawn by lot; where it was not, give --sampling")
    else:
        open_ = sum(len(row.drawn) for row in by_id.values()) - len(kept)
        if open_ > 0:
            notes.append(f"{open_:,} criteria that were drawn have no label here: taken to be missing by accident")
    if undrawn:
        notes.append(f"labels on {undrawn:,} criteria that were not drawn were left out of the corrections")
    if elsewhere:
        notes.append(f"labels on {len(elsewhere):,} answers that are not scored here were left out")
    return notes
