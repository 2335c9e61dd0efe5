"""Disputes of a merge, settled by a person: one reading is chosen for each, and a new version says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from primum.errors import InputError, UnknownIdError
from primum.records import Criterion, CriterionChange, Dispute, RefinementReason, Rubric
from primum.rubrics.draft import Drafted
from primum.rubrics.life.history import fates, history
from primum.rubrics.life.merge import Part, parts
from primum.rubrics.life.refine import Person, check_person

__all__ = ["settle"]


def settle(
    merged: Rubric,
    known: Mapping[str, Criterion],
    choices: Mapping[int, str | None],
    by: Person,
    rubrics: Iterable[Rubric],
) -> Drafted:
    """The version in which the disputes named in `choices` (by their place, from 0) are settled; others stay open.

    A choice is the id of the refinement whose reading stands from now on; `None` leaves the base criterion as it is, and adds nothing
    where the dispute is about an addition. `known` holds the criteria of the readings by id, `rubrics` the versions of the scenario.
    Raises `InputError` for a dispute or a reading that is not there, and when no criterion would be left, `UnknownIdError` for a
    criterion that `known` lacks.
    """
    check_person(by)
    everything = list(rubrics)
    if not choices:
        _refuse(merged, "is settled by no choice", "choose a reading of a dispute")
    standing: dict[str, Criterion] = {id: _criterion(merged, known, id) for id in merged.criteria}
    changes: list[CriterionChange] = []
    bound = _bound(merged, everything)
    for number, chosen in sorted(choices.items()):
        dispute = _dispute(merged, number)
        if chosen is None:
            continue
        reading = next((one for one in dispute.readings if one.rubric == chosen), None)
        if reading is None:
            _refuse(merged, f"has no reading of {chosen} in dispute {number + 1}", "choose one of its readings")
        before = bound.get(dispute.criterion, (dispute.criterion,)) if dispute.criterion is not None else ()
        if set(before) == set(reading.criteria):
            continue
        standing = _replaced(standing, before, [_criterion(merged, known, id) for id in reading.criteria])
        reason = _reason(merged, reading.rubric, before, reading.criteria, everything)
        changes.append(CriterionChange(reason=reason, before=before, after=reading.criteria, note="settled"))
    if not standing:
        _refuse(merged, "would have no criterion left", "keep at least one")
    rest = tuple(one for number, one in enumerate(merged.disputes) if number not in choices)
    rubric = Rubric(
        scenario=merged.scenario,
        criteria=tuple(standing),
        made=by,
        state="refined",
        previous=merged.id,
        changes=tuple(changes),
        disputes=rest,
    )
    return Drafted(rubric, tuple(standing.values()))


def _criterion(merged: Rubric, known: Mapping[str, Criterion], id: str) -> Criterion:
    if id not in known:
        raise UnknownIdError(
            f"criterion {id}", "is not among those given", "give the criteria of every reading", f"rubric {merged.id}"
        )
    return known[id]


def _dispute(merged: Rubric, number: int) -> Dispute:
    if not 0 <= number < len(merged.disputes):
        _refuse(merged, f"has {len(merged.disputes)} disputes and no number {number + 1}", "count them from 1")
    return merged.disputes[number]


def _replaced(
    standing: Mapping[str, Criterion], before: Sequence[str], after: Sequence[Criterion]
) -> dict[str, Criterion]:
    """`after` in the place of the first of `before`, or at the end where nothing stood."""
    found: dict[str, Criterion] = {}
    is_placed = False
    for id, one in standing.items():
        if id not in before:
            found[id] = one
        elif not is_placed:
            is_placed = True
            found |= {new.id: new for new in after}
    return found if is_placed else found | {new.id: new for new in after}


def _bound(merged: Rubric, rubrics: Sequence[Rubric]) -> dict[str, tuple[str, ...]]:
    """The base criteria that stand or fall with each one, as the merge found them."""
    return {id: part.base for part in _parts(merged, rubrics) for id in part.base}


def _parts(merged: Rubric, rubrics: Sequence[Rubric]) -> list[Part]:
    by_id = {one.id: one for one in rubrics} | {merged.id: merged}
    origin = next((one for one in reversed(history(merged, rubrics)) if one.merged_from), None)
    if origin is None or origin.previous is None:
        _refuse(merged, "was merged from nothing", "settle what primum rubric merge made")
    return parts(by_id[origin.previous], [by_id[id] for id in origin.merged_from], rubrics)


def _reason(
    merged: Rubric, refinement: str, before: Sequence[str], after: Sequence[str], rubrics: Sequence[Rubric]
) -> RefinementReason:
    """The reason that the refinement gave for this reading."""
    by_id = {one.id: one for one in rubrics} | {merged.id: merged}
    origin = next(one for one in reversed(history(merged, rubrics)) if one.merged_from)
    assert origin.previous is not None
    found = fates(by_id[origin.previous], by_id[refinement], rubrics) or []
    told = [
        change.reason
        for fate in found
        if set(fate.before) & set(before) or set(fate.after) & set(after)
        for change in fate.changes
    ]
    return told[0] if told else "wording"


def _refuse(rubric: Rubric, rule: str, way_out: str) -> NoReturn:
    raise InputError(f"rubric {rubric.id}", rule, way_out, "a settlement")
