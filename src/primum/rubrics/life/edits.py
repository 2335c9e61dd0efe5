"""Rows of a sheet as changes of the rubric: every row is understood, or the sheet is refused with the row that is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from primum.errors import InputError
from primum.records import Criterion, RefinementReason
from primum.rubrics.draft import Drafted
from primum.rubrics.life.reasons import ACTIONS, KINDS, REASONS, action_of, kind_of, reason_of
from primum.rubrics.life.refine import (
    Change,
    Person,
    Wording,
    add,
    merge_into,
    operation,
    refine,
    remove,
    reword,
    split,
)
from primum.rubrics.life.sheet import SheetRow

__all__ = ["refine_by_rows"]

# What a spreadsheet leaves in a cell that it took for a formula and could not compute.
_NOT_COMPUTED = re.compile(r"#(?:REF!|NAME\?|VALUE!|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!)|Err:\d+")
_BETWEEN = re.compile(r"[\s+;；,，、]+")


class _Read(NamedTuple):
    """A row and what it says: the criteria its id names, its action (empty: to be seen from what changed)."""

    row: SheetRow
    criteria: tuple[Criterion, ...]
    action: str


def refine_by_rows(drafted: Drafted, rows: Sequence[SheetRow], by: Person) -> Drafted:
    """The next version as the rows tell it.

    Raises `InputError` with the row's place for: a change without a reason, an action or a reason that is not on the list, a row that
    does something else than its action says, a criterion that has no row (a removal is an action, not a gap) or that stands in two.
    """
    read = [_Read(row, _named(row, drafted), _action(row)) for row in rows]
    own: dict[str, list[_Read]] = {}
    changes: list[Change] = []
    order: list[str] = []
    absorbed = _absorbed(read)
    for one in read:
        if len(one.criteria) == 1:
            own.setdefault(one.criteria[0].id, []).append(one)
    done: set[str] = set()
    for one in read:
        if len(one.criteria) == 1:
            id = one.criteria[0].id
            if id in absorbed or id in done:
                continue
            done.add(id)
            change = _changed(own[id], by)
        else:
            change = _merged(one, by) if one.criteria else _added(one, drafted, by)
        if change is not None:
            changes.append(change)
        order += [new.id for new in (change.after if change is not None else one.criteria)]
    for number, criterion in enumerate(drafted.criteria, 1):
        if criterion.id not in done and criterion.id not in absorbed:
            _refuse(
                f"criterion {number} ({criterion.statement[:40]!r})",
                "has no row",
                "put it back, and give the action remove with a reason where it is to go",
                rows[-1].place,
            )
    if not order:
        _refuse("a sheet that removes every criterion", "leaves no rubric", "keep at least one", rows[-1].place)
    if len(set(order)) < len(order):
        twice = next(id for id in order if order.count(id) > 1)
        last = [new for change in changes for new in change.after if new.id == twice]
        said = last[0].statement[:40] if last else twice
        _refuse(f"criterion {said!r}", "would stand there twice", "keep one of the rows", rows[-1].place)
    return refine(drafted.rubric, drafted.criteria, changes, by, order or None)


def _named(row: SheetRow, drafted: Drafted) -> tuple[Criterion, ...]:
    found: list[Criterion] = []
    for name in filter(None, _BETWEEN.split(row.id.strip().removesuffix(".0"))):
        if name.isdecimal() and 1 <= int(name) <= len(drafted.criteria):
            one = drafted.criteria[int(name) - 1]
        else:
            matching = [one for one in drafted.criteria if len(name) >= 18 and one.id.startswith(name)]
            if len(matching) != 1:
                _refuse(
                    f"id {name!r}",
                    f"is no criterion of the rubric, which has {len(drafted.criteria)}",
                    "give its number, or leave it empty for a new one",
                    row.place,
                )
            one = matching[0]
        if one in found:
            _refuse(f"id {row.id!r}", "names a criterion twice", "name each once", row.place)
        found.append(one)
    return tuple(found)


def _action(row: SheetRow) -> str:
    if not row.action.strip():
        return ""
    found = action_of(row.action)
    if found is None:
        _refuse(f"action {row.action!r}", "is not known", f"take one of {', '.join(ACTIONS)}", row.place)
    return found


def _absorbed(read: Sequence[_Read]) -> set[str]:
    """The criteria that a row of several ids merges. Their own rows may stay, with the action merge."""
    found: set[str] = set()
    for one in read:
        if len(one.criteria) < 2:
            continue
        for criterion in one.criteria:
            if criterion.id in found:
                _refuse(f"id {one.row.id!r}", "is merged twice", "merge a criterion once", one.row.place)
            found.add(criterion.id)
    for one in read:
        if len(one.criteria) == 1 and (one.criteria[0].id in found) != (one.action == "merge"):
            rule = (
                "is merged in another row, and has one of its own" if one.action != "merge" else "is merged into no row"
            )
            way_out = "leave its own row out, or give it the action merge; the merged row has both ids: 2+5"
            _refuse(f"criterion {one.row.id}", rule, way_out, one.row.place)
    return found


def _changed(listed: Sequence[_Read], by: Person) -> Change | None:
    first = listed[0]
    criterion = first.criteria[0]
    row = first.row
    if len(listed) > 1:
        _check_action(first, "split", "split")
        for one in listed[1:]:
            _check_action(one, "split", "split")
        texts = [_wording(one.row, criterion) for one in listed]
        reason = _reason([one.row for one in listed], f"criterion {row.id.strip()}, split into {len(listed)} rows,")
        note = "; ".join(filter(None, (one.row.note.strip() for one in listed)))
        return split(criterion, [_valid(one, text) for one, text in zip(listed, texts, strict=True)], by, reason, note)
    if first.action == "remove":
        return remove(criterion, _reason([row], "a criterion that is removed"), row.note.strip())
    wording = _valid(first, _wording(row, criterion))
    differs = (wording.statement, wording.points, wording.kind_of, wording.axis) != (
        criterion.statement,
        criterion.points,
        criterion.kind_of,
        criterion.axis,
    )
    if not differs:
        if first.action not in ("", "keep"):
            _refuse(f"action {first.action}", "changes nothing in this row", "change the row, or the action", row.place)
        return None
    reason = _reason([row], "a criterion that is changed")
    change = reword(criterion, wording, reason, by, row.note.strip())
    _check_action(first, operation(change), operation(change))
    return change


def _merged(one: _Read, by: Person) -> Change:
    _check_action(one, "merge", "merge")
    wording = _valid(one, _wording(one.row, one.criteria[0]))
    return merge_into(one.criteria, wording, by, _reason([one.row], "criteria that are merged"), one.row.note.strip())


def _added(one: _Read, drafted: Drafted, by: Person) -> Change:
    _check_action(one, "add", "add")
    wording = _valid(one, _wording(one.row, None))
    language = drafted.criteria[0].language
    return add(wording, language, by, _reason([one.row], "a new criterion"), one.row.note.strip())


def _check_action(one: _Read, action: str, does: str) -> None:
    # To reword is to change a row in any way; to change points or the kind alone may be called so.
    is_edit = action in ("reword", "repoint", "rekind") and one.action in ("reword", "repoint", "rekind")
    if one.action and one.action != action and not is_edit:
        _refuse(
            f"action {one.action}", f"is not what this row does ({does})", "mend the row, or the action", one.row.place
        )


def _wording(row: SheetRow, criterion: Criterion | None) -> Wording:
    statement = row.criterion.replace("\r\n", "\n").strip()
    if criterion is not None and statement == criterion.statement.replace("\r\n", "\n").strip():
        statement = criterion.statement
    if _NOT_COMPUTED.fullmatch(statement):
        rule = "is what a spreadsheet leaves of a formula"
        _refuse(f"criterion {statement!r}", rule, "write it again, an apostrophe before it", row.place)
    if not statement:
        _refuse("a criterion", "says nothing", "write it, or give the action remove with a reason", row.place)
    kind = kind_of(row.kind) if row.kind.strip() else (criterion.kind_of if criterion is not None else "proficiency")
    if kind is None:
        _refuse(f"kind {row.kind!r}", "is not known", f"take one of {', '.join(KINDS)}", row.place)
    axis = row.axis.strip() or (criterion.axis if criterion is not None else "accuracy")
    return Wording(statement, _points(row), kind, axis)


def _points(row: SheetRow) -> int:
    cell = row.points.strip().replace("−", "-").replace("－", "-").removesuffix(".0").lstrip("'")
    if not re.fullmatch(r"[+-]?\d{1,3}", cell):
        _refuse(f"points {row.points!r}", "are no whole number", "give −10 … 10, not 0", row.place)
    return int(cell)


def _valid(one: _Read, wording: Wording) -> Wording:
    if wording.points == 0 or not -10 <= wording.points <= 10:
        _refuse(f"points {wording.points}", "are 0 or beyond 10", "give −10 … 10, not 0", one.row.place)
    return wording


def _reason(rows: Sequence[SheetRow], what: str) -> RefinementReason:
    """The reason that the rows give. Raises `InputError` where there is none or they give two."""
    found: list[RefinementReason] = []
    for row in rows:
        if row.reason.strip():
            reason = reason_of(row.reason)
            if reason is None:
                _refuse(f"reason {row.reason!r}", "is not on the list", f"take one of {', '.join(REASONS)}", row.place)
            found.append(reason)
    if not found:
        _refuse(what, "gives no reason", f"write one of {', '.join(REASONS)}", rows[0].place)
    if len(set(found)) > 1:
        _refuse(f"reasons {', '.join(dict.fromkeys(found))}", "are two for one change", "give one", rows[0].place)
    return found[0]


def _refuse(value: str, rule: str, way_out: str, place: str) -> NoReturn:
    raise InputError(value, rule, way_out, place)
