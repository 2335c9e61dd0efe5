"""Refinement: a person changes a rubric, each change with its reason, and a new version stands beside the old one.

    drafted → refined (any number of times, by anyone) → verified (by a person in a role)

Nothing is changed in place: a refined rubric names the version before it and what became of its criteria.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from msgspec.structs import replace

from primum.errors import InputError
from primum.records import (
    ByPerson,
    BySimulation,
    Criterion,
    CriterionChange,
    CriterionKind,
    Language,
    RefinementReason,
    Rubric,
)
from primum.rubrics.draft import Drafted

__all__ = [
    "Change",
    "Person",
    "Wording",
    "add",
    "check_person",
    "merge_into",
    "operation",
    "refine",
    "remove",
    "reword",
    "split",
    "verify",
]

Person = ByPerson | BySimulation
"""Who may refine and verify: a person, or a simulated one, who is called so."""


class Wording(NamedTuple):
    """What a criterion is to say and to weigh; `axis` and `kind_of` as in the criterion before it where they are left out."""

    statement: str
    points: int
    kind_of: CriterionKind | None = None
    axis: str | None = None


class Change(NamedTuple):
    """One change: these criteria become those, for this reason. Nothing before is an addition, nothing after a removal."""

    reason: RefinementReason
    before: tuple[Criterion, ...] = ()
    after: tuple[Criterion, ...] = ()
    note: str = ""


def add(
    wording: Wording, language: Language, by: Person, reason: RefinementReason = "missing", note: str = ""
) -> Change:
    """A criterion that was not there; accuracy and proficiency where the wording names no axis or kind."""
    made = Criterion(
        statement=wording.statement,
        points=wording.points,
        axis=wording.axis or "accuracy",
        kind_of=wording.kind_of or "proficiency",
        language=language,
        made=by,
    )
    return Change(reason, (), (made,), note)


def remove(criterion: Criterion, reason: RefinementReason, note: str = "") -> Change:
    """The criterion is taken out."""
    return Change(reason, (criterion,), (), note)


def reword(criterion: Criterion, wording: Wording, reason: RefinementReason, by: Person, note: str = "") -> Change:
    """Other words, other points, another kind or axis: whatever `wording` says differently. Raises `InputError` where that is nothing."""
    made = _made((criterion,), wording, reason, by)
    if all(getattr(made, field) == getattr(criterion, field) for field in ("statement", "points", "kind_of", "axis")):
        raise InputError(
            f"wording {wording.statement[:40]!r}",
            "changes nothing of the criterion",
            "change its words, points, kind or axis, or leave it",
            f"criterion {criterion.id}",
        )
    return Change(reason, (criterion,), (made,), note)


def split(
    criterion: Criterion,
    wordings: Sequence[Wording],
    by: Person,
    reason: RefinementReason = "double_barrelled",
    note: str = "",
) -> Change:
    """One criterion becomes several."""
    return Change(reason, (criterion,), tuple(_made((criterion,), one, reason, by) for one in wordings), note)


def merge_into(
    criteria: Sequence[Criterion], wording: Wording, by: Person, reason: RefinementReason = "duplicate", note: str = ""
) -> Change:
    """Several criteria become one, which rests on the norms of all."""
    return Change(reason, tuple(criteria), (_made(tuple(criteria), wording, reason, by),), note)


def operation(change: Change) -> str:
    """What a change is called: add, remove, split, merge, reword, repoint or rekind (the first of these that differs)."""
    if not change.before or not change.after:
        return "remove" if change.before else "add"
    if len(change.before) > 1 or len(change.after) > 1:
        return "merge" if len(change.before) > 1 else "split"
    before, after = change.before[0], change.after[0]
    if before.statement != after.statement:
        return "reword"
    return "repoint" if before.points != after.points else "rekind"


def refine(
    rubric: Rubric,
    criteria: Sequence[Criterion],
    changes: Sequence[Change],
    by: Person,
    order: Sequence[str] | None = None,
) -> Drafted:
    """The next version of `rubric`, whose criteria are `criteria`. No change at all is a person's consent to it, and a version too.

    What a change makes stands where the first it replaces stood, additions at the end; `order` (ids of the new version) says otherwise.
    Raises `InputError` for a person without a name or role, a criterion that is not in the rubric or changed twice, a version that
    would be empty or hold one criterion twice, and a rubric with disputes, which are settled first.
    """
    check_person(by)
    if rubric.disputes:
        _refuse(rubric, f"has {len(rubric.disputes)} disputes", "settle them first: primum rubric settle")
    standing = {one.id: one for one in criteria}
    if tuple(standing) != rubric.criteria:
        _refuse(rubric, "is not made of the criteria given", "give its own, in their order")
    became: dict[str, tuple[Criterion, ...]] = {}
    for change in changes:
        for place, one in enumerate(change.before):
            if one.id not in standing or one.id in became:
                what = "is changed twice" if one.id in became else "is not in the rubric"
                _refuse(rubric, f"holds {one.statement[:40]!r}, which {what}", "change each of its criteria once")
            became[one.id] = change.after if place == 0 else ()
    found: list[Criterion] = []
    for id, one in standing.items():
        found += became.get(id, (one,))
    found += [one for change in changes if not change.before for one in change.after]
    found = _ordered(rubric, found, order)
    recorded = tuple(
        CriterionChange(
            reason=one.reason,
            before=tuple(old.id for old in one.before),
            after=tuple(new.id for new in one.after),
            note=one.note,
        )
        for one in changes
    )
    made = Rubric(
        scenario=rubric.scenario,
        criteria=tuple(one.id for one in found),
        made=by,
        state="refined",
        previous=rubric.id,
        changes=recorded,
    )
    return Drafted(made, tuple(found))


def verify(rubric: Rubric, by: Person) -> Rubric:
    """The version that a person vouches for; the criteria are the same.

    Raises `InputError` for a person without a name or role, a rubric with disputes, and one that this person verified already.
    """
    check_person(by)
    if rubric.disputes:
        _refuse(
            rubric, f"has {len(rubric.disputes)} disputes, so it is not agreed on", "settle them: primum rubric settle"
        )
    if rubric.state == "verified" and rubric.made == by:
        _refuse(rubric, "is verified by this person already", "let another one verify it, or leave it")
    return replace(rubric, made=by, state="verified", previous=rubric.id, changes=(), merged_from=(), disputes=())


def check_person(by: Person) -> None:
    """Raise `InputError` for a person without a name or without a role."""
    if isinstance(by, ByPerson) and not (by.person.strip() and by.role.strip()):
        raise InputError(
            f"person {by.person!r} in the role {by.role!r}",
            "is nobody who could stand for a rubric",
            "say who (a pseudonym) and in which role",
            "a rubric",
        )


def _made(parents: tuple[Criterion, ...], wording: Wording, reason: RefinementReason, by: Person) -> Criterion:
    first = parents[0]
    # A machine check asks what the statement said: it stays where only the words are better, or only the weight is another.
    is_same_thing = len(parents) == 1 and (wording.statement == first.statement or reason in ("wording", "language"))
    principles = {one.principle for one in parents}
    return Criterion(
        statement=wording.statement,
        points=wording.points,
        axis=wording.axis or first.axis,
        kind_of=wording.kind_of or first.kind_of,
        language=first.language,
        made=by,
        norms=tuple(dict.fromkeys(norm for one in parents for norm in one.norms)),
        check_by=first.check_by if is_same_thing else None,
        principle=first.principle if len(principles) == 1 else None,
    )


def _ordered(rubric: Rubric, found: list[Criterion], order: Sequence[str] | None) -> list[Criterion]:
    by_id = {one.id: one for one in found}
    if not found or len(by_id) < len(found):
        what = "would have one criterion twice" if found else "would have no criterion left"
        _refuse(rubric, what, "keep at least one, and each once")
    if order is None:
        return found
    if sorted(order) != sorted(by_id):
        _refuse(rubric, "is ordered by ids that are not those of its next version", "name each once")
    return [by_id[id] for id in order]


def _refuse(rubric: Rubric, rule: str, way_out: str) -> NoReturn:
    raise InputError(f"rubric {rubric.id}", rule, way_out, "a refinement")
