"""Criterion by criterion: what a new answer mends and what it harms, by kind and by axis, with examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from primum.grading import Grade
from primum.ports import Assessment
from primum.records import Criterion
from primum.revision.guided.contract import Revised
from primum.revision.guided.critique import newly_broken, satisfied_by
from primum.stats import mean

__all__ = ["change_tables", "harmed_examples"]

Way = Literal["improved", "unchanged", "harmed"]
Graded = tuple[Assessment, Grade]
Change = tuple[Sequence[Criterion], Graded, Graded, str]

_EXAMPLES = 12


class _Row(NamedTuple):
    criterion: Criterion
    way: Way | None
    cluster: str


def change_tables(changes: Sequence[Change]) -> dict[str, Any]:
    """Of the criteria that apply to both answers, the shares improved (failed, then satisfied), unchanged and harmed (satisfied, then
    surely failed). A criterion abstained from on either side may be any of them: it is not in the value, and widens the interval.
    """
    rows = [row for change in changes for row in _rows(change)]
    kinds = [
        kind for kind in ("safety", "proficiency", "excellence") if any(row.criterion.kind_of == kind for row in rows)
    ]
    axes = sorted({row.criterion.axis for row in rows if row.criterion.axis})
    return {
        "all": _shares(rows),
        "by_kind": {kind: _shares(row for row in rows if row.criterion.kind_of == kind) for kind in kinds},
        "by_axis": {axis: _shares(row for row in rows if row.criterion.axis == axis) for axis in axes},
    }


def harmed_examples(revised: Sequence[Revised], most: int = _EXAMPLES) -> list[dict[str, Any]]:
    """Criteria that a draft lost: those of drafts that were kept first, safety first."""
    found: list[tuple[tuple[bool, bool, int], dict[str, Any]]] = []
    for one in revised:
        places = {response.id: place for place, response in enumerate(one.responses)}
        for place, draft in enumerate(one.revision.drafts[1:], 1):
            before = places[one.responses[place].revises or one.case.first.id]
            sides = [(one.assessments[at], one.grades[at]) for at in (place, before)]
            for lost in newly_broken(one.case.criteria, sides[0], sides[1]):
                criterion = lost.criterion
                told = {
                    "scenario": one.case.scenario.id,
                    "language": one.case.scenario.language,
                    "prompt": one.case.scenario.prompt,
                    "criterion": criterion.statement,
                    "kind": criterion.kind_of,
                    "axis": criterion.axis,
                    "points": criterion.points,
                    "round": draft.round,
                    "is_kept": draft.is_kept,
                    "said": lost.explanation,
                    "before": one.responses[before].text,
                    "after": one.responses[place].text,
                }
                found.append(((not draft.is_kept, criterion.kind_of != "safety", -abs(criterion.points)), told))
    return [told for _, told in sorted(found, key=lambda pair: pair[0])[:most]]


def _rows(change: Change) -> list[_Row]:
    criteria, before, after, cluster = change
    start, end = _states(criteria, before), _states(criteria, after)
    rows: list[_Row] = []
    for one in criteria:
        if one.id not in start or one.id not in end:
            continue  # it does not bear on one of the answers
        was, is_now = start[one.id], end[one.id]
        way: Way | None = "unchanged" if was == is_now else "improved" if is_now else "harmed"
        if before[0].judgement.response != after[0].judgement.response and None in (was, is_now):
            way = None
        rows.append(_Row(one, way, cluster))
    return rows


def _states(criteria: Sequence[Criterion], graded: Graded) -> dict[str, bool | None]:
    """Satisfied or not by criterion; `None` where the judge abstained; one that does not apply is left out."""
    states: dict[str, bool | None] = dict.fromkeys(satisfied_by(criteria, *graded), True)
    states |= dict.fromkeys(graded[1].failed, False)
    states |= dict.fromkeys(graded[1].open, None)
    return states


def _shares(rows: Iterable[_Row]) -> dict[str, Any]:
    kept = list(rows)
    ways: tuple[Way, ...] = ("improved", "unchanged", "harmed")
    found: dict[str, Any] = {"n": len(kept), "open": sum(row.way is None for row in kept)}
    for way in ways:
        told = (
            mean(
                [None if row.way is None else float(row.way == way) for row in kept],
                [row.cluster for row in kept],
                "criterion",
            )
            if kept
            else None
        )
        found[way] = None if told is None else msgspec.structs.asdict(told)
        found[f"{way}_count"] = sum(row.way == way for row in kept)
    return found
