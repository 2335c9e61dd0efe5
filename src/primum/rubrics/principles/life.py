"""What people do with principles. A new version names the ones it was made from; none is changed or lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from primum.errors import InputError, UnknownIdError
from primum.records import ByPerson, ByRule, BySimulation, Principle
from primum.starter.clinical import dimensions

__all__ = ["edit", "history", "merge", "retire", "settled_by_people", "standing", "superseded"]

_PLACE = "rubrics.principles"
Maker = ByPerson | BySimulation | ByRule


def edit(
    principle: Principle,
    made: Maker,
    reason: str,
    *,
    statement: str | None = None,
    points: int | None = None,
    applies_when: Mapping[str, tuple[str, ...]] | None = None,
) -> Principle:
    """The principle said in other words, weighed otherwise or holding elsewhere; what is not given stays.

    Raises `InputError` for a retired one, no reason, a cell that does not exist, or nothing that changes.
    """
    _check(made, reason, principle)
    _check_cell(applies_when or {})
    changed = replace(
        principle,
        statement=principle.statement if statement is None else " ".join(statement.split()),
        points=principle.points if points is None else points,
        applies_when=principle.applies_when if applies_when is None else dict(applies_when),
    )
    if changed == principle:
        raise InputError(
            f"principle {principle.id}", "would stay as it is", "give another statement, points or cell", _PLACE
        )
    return replace(changed, made=made, state="edited", previous=(principle.id,), reason=reason)


def merge(principles: Sequence[Principle], made: Maker, reason: str, statement: str | None = None) -> Principle:
    """Several principles as one: it covers what they cover, holds wherever one of them held, and weighs as the one with most criteria.

    `statement` is what it says, else what that one said. Raises `InputError` for fewer than two, for two kinds, languages or signs.
    """
    if len({one.id for one in principles}) < 2:
        raise InputError("fewer than two principles", "cannot be merged", "name two or more", _PLACE)
    _check(made, reason, *principles)
    for what, found in (
        ("kinds", {one.kind_of for one in principles}),
        ("languages", {one.language for one in principles}),
        ("signs", {one.points > 0 for one in principles}),
    ):
        if len(found) > 1:
            raise InputError(
                f"principles {', '.join(one.id for one in principles)}",
                f"are of two {what}",
                "merge like with like",
                _PLACE,
            )
    first = max(principles, key=lambda one: (len(one.criteria), one.id))
    shared = [name for name in first.applies_when if all(name in one.applies_when for one in principles)]
    return replace(
        first,
        statement=first.statement if statement is None else " ".join(statement.split()),
        applies_when={
            name: tuple(sorted({value for one in principles for value in one.applies_when[name]})) for name in shared
        },
        criteria=_union(principles, "criteria"),
        norms=_union(principles, "norms"),
        rubrics=_union(principles, "rubrics"),
        made=made,
        state="merged",
        previous=tuple(dict.fromkeys(one.id for one in principles)),
        reason=reason,
    )


def retire(principle: Principle, made: Maker, reason: str) -> Principle:
    """The principle, used no more, and why. Raises `InputError` for one that is retired already."""
    _check(made, reason, principle)
    return replace(principle, made=made, state="retired", previous=(principle.id,), reason=reason)


def superseded(before: Sequence[Principle], now: Sequence[Principle]) -> list[Principle]:
    """Of the principles that held before a new distillation, those it did not find again, retired by rule.

    What people edited or merged is theirs and stays.
    """
    found = {one.id for one in now}
    made = ByRule(rule="rubrics.principles.superseded")
    return [
        retire(one, made, "a later distillation of the workspace's rubrics did not find it again")
        for one in standing(before)
        if one.state == "distilled" and one.id not in found
    ]


def settled_by_people(before: Sequence[Principle], now: Sequence[Principle]) -> list[str]:
    """Of freshly distilled principles the ids of those that say what a person edited, merged or retired already: their word stands."""
    replaced = {id for one in before if isinstance(one.made, ByPerson | BySimulation) for id in one.previous}
    said = {_said(one) for one in before if one.id in replaced}
    return [one.id for one in now if _said(one) in said]


def _said(one: Principle) -> tuple[str, str, str, bool]:
    return one.statement, one.language, one.kind_of, one.points > 0


def standing(principles: Sequence[Principle]) -> list[Principle]:
    """Those that hold: not retired, and no later version was made of them; in their order."""
    replaced = {previous for one in principles for previous in one.previous}
    return [one for one in principles if one.id not in replaced and one.state != "retired"]


def history(principle: Principle, principles: Sequence[Principle]) -> list[Principle]:
    """The principle and every version it was made from, the newest first. Raises `UnknownIdError` when one of them is missing."""
    known = {one.id: one for one in principles}
    found: dict[str, Principle] = {}
    waiting = [principle]
    while waiting:
        one = waiting.pop(0)
        if one.id not in found:
            found[one.id] = one
            for id in one.previous:
                if id not in known:
                    raise UnknownIdError(f"principle {id}", "is not there", "give every version", _PLACE)
                waiting.append(known[id])
    return list(found.values())


def _union(principles: Sequence[Principle], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for one in principles for id in getattr(one, name)))


def _check_cell(applies_when: Mapping[str, tuple[str, ...]]) -> None:
    known = {one.key: one.keys for one in dimensions()}
    for name, values in applies_when.items():
        if name not in known or not values or not set(values) <= set(known[name]):
            allowed = f"{name} takes {', '.join(known[name])}" if name in known else f"there are {', '.join(known)}"
            raise InputError(
                f"cell {name} = {', '.join(values) or 'nothing'}", "is none of the dimensions' values", allowed, _PLACE
            )


def _check(made: Maker, reason: str, *principles: Principle) -> None:
    if isinstance(made, ByPerson) and not (made.person.strip() and made.role.strip()):
        raise InputError(
            "a change of a principle", "names no person or no role", "say who makes it, in which role", _PLACE
        )
    if not reason.strip():
        raise InputError("a change of a principle", "gives no reason", "say why", _PLACE)
    for one in principles:
        if one.state == "retired":
            raise InputError(f"principle {one.id}", "is retired", "take one that holds", _PLACE)
