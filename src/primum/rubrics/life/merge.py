"""Several people refined one version; this makes one version of theirs, and says where they do not agree.

Criterion by criterion, as a version control merges lines:

- nobody touched it: it stays
- one person changed it, or all who changed it did so alike: that is taken
- two changed different fields of it (the words here, the points there): both are taken
- they changed it differently, or one removed what another edited: the base criterion stays and a `Dispute` holds every reading

Numbers are never averaged: two different points are a dispute. Additions in the same words are one; additions that seem to say the same
in other words are a dispute, for nobody but a person can tell. To change letter case, width or white space alone is a change too; two
changes that differ in these alone are alike, and the first is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from msgspec.structs import replace

from primum.errors import InputError
from primum.language import normalise, words
from primum.records import (
    ByRule,
    Criterion,
    CriterionChange,
    Dispute,
    Reading,
    RefinementReason,
    Rubric,
    Settings,
)
from primum.rubrics.draft import Drafted
from primum.rubrics.life.history import Fate, fates

__all__ = ["MergeSettings", "Merged", "Part", "Vote", "VoteKind", "merge", "parts"]

VoteKind = Literal["keep", "change", "remove"]
_BY: Final = ByRule(rule="rubrics.life.merge")
_FIELDS: Final = ("statement", "points", "kind_of", "axis")
# Words that nearly every criterion has: they say nothing of what it asks for.
_IDLE: Final = frozenset(
    words(
        "a an the of to for and or in on with by it is are that this be as at from about patient user answer should "
        "advise recommend suggest tell state mention explain say note remind inform"
    )
) | {"建议", "提醒", "告知", "说明", "提到", "指出", "解释", "患者", "用户"}


class MergeSettings(Settings, frozen=True):
    """`alike` is the share of words (Dice, of characters in pairs in Chinese) from which two people's additions are held to say the
    same in other words; the figure is ours. Too low makes disputes that are none, too high keeps near-duplicates, which lint finds."""

    alike: float = 0.45


class Vote(NamedTuple):
    """What each refinement did with a criterion of the base; `is_agreed` when all made the same of it."""

    criterion: str
    votes: tuple[VoteKind, ...]
    is_agreed: bool


class Merged(NamedTuple):
    """The merged rubric; the votes on each criterion of the base; how many changes were taken, and of the additions how many."""

    drafted: Drafted
    votes: tuple[Vote, ...]
    taken: int
    additions: int


class Part(NamedTuple):
    """Criteria of the base that stand or fall together (a merge binds two), and what each refinement made of them."""

    base: tuple[str, ...]
    fates: tuple[tuple[Fate, ...], ...]

    def reading(self, place: int) -> tuple[str, ...]:
        """The ids that stand in this part's place in the refinement at `place`."""
        return tuple(id for fate in self.fates[place] for id in fate.after)


def parts(base: Rubric, refinements: Sequence[Rubric], rubrics: Iterable[Rubric] = ()) -> list[Part]:
    """The parts of the base in its order, then a part without base for each refinement's additions.

    Raises `InputError` for a refinement that did not come from the base; `rubrics` are the versions between.
    """
    known = list(rubrics)
    found: list[list[Fate]] = []
    for one in refinements:
        listed = fates(base, one, known)
        if listed is None:
            raise InputError(
                f"rubric {one.id}", f"is no refinement of {base.id}", "name versions of one base", "a merge of rubrics"
            )
        found.append(listed)
    group = {id: id for id in base.criteria}
    for fate in (fate for of_one in found for fate in of_one):
        joined = {group[id] for id in fate.before}
        first = next((group[id] for id in base.criteria if group[id] in joined), None)
        group = {id: first if first is not None and head in joined else head for id, head in group.items()}
    told = []
    for head in dict.fromkeys(group.values()):
        members = tuple(id for id in base.criteria if group[id] == head)
        of = tuple(tuple(fate for fate in of_one if set(fate.before) & set(members)) for of_one in found)
        told.append(Part(members, of))
    for place, of_one in enumerate(found):
        added = tuple(fate for fate in of_one if not fate.before)
        told += [Part((), tuple((one,) if at == place else () for at in range(len(found)))) for one in added]
    return told


def merge(
    base: Drafted,
    refinements: Sequence[Drafted],
    rubrics: Iterable[Rubric] = (),
    settings: MergeSettings = MergeSettings(),  # noqa: B008  (frozen)
) -> Merged:
    """One version of two or more people's refinements of `base`; `rubrics` are the versions between, where someone refined twice.

    Raises `InputError` for fewer than two, refinements of something else or disputed ones, and two of one person: a person has one say.
    """
    _check(base, refinements)
    found = parts(base.rubric, [one.rubric for one in refinements], rubrics)
    merger = _Merger(base, refinements)
    for part in (part for part in found if part.base):
        merger.settle_part(part)
    merger.join_additions([part for part in found if not part.base], settings.alike)
    if not merger.criteria:
        raise InputError(
            f"rubric {base.rubric.id}", "would have no criterion left", "refine it anew", "a merge of rubrics"
        )
    rubric = Rubric(
        scenario=base.rubric.scenario,
        criteria=tuple(merger.criteria),
        made=_BY,
        state="refined",
        previous=base.rubric.id,
        changes=tuple(merger.changes),
        merged_from=tuple(one.rubric.id for one in refinements),
        disputes=tuple(merger.disputes),
    )
    return Merged(
        Drafted(rubric, tuple(merger.criteria.values())), tuple(merger.votes), len(merger.changes), merger.additions
    )


class _Merger:
    """The merge as it grows, part by part."""

    def __init__(self, base: Drafted, refinements: Sequence[Drafted]) -> None:
        self._base = {one.id: one for one in base.criteria}
        self._rubrics = [one.rubric.id for one in refinements]
        self._known = self._base | {one.id: one for drafted in refinements for one in drafted.criteria}
        self.criteria: dict[str, Criterion] = {}
        self.changes: list[CriterionChange] = []
        self.disputes: list[Dispute] = []
        self.votes: list[Vote] = []
        self.additions = 0

    def settle_part(self, part: Part) -> None:
        readings = [tuple(self._known[id] for id in part.reading(place)) for place in range(len(self._rubrics))]
        untouched = _literal(self._base[id] for id in part.base)
        told = [_content(one) for one in readings]
        changed = [place for place, one in enumerate(readings) if _literal(one) != untouched]
        is_agreed = len(set(told)) == 1 and len(changed) in (0, len(told))
        for id in part.base:
            votes = [_vote(id, part, place, self._base[id], self._known) for place in range(len(readings))]
            self.votes.append(Vote(id, tuple(votes), is_agreed))
        if not changed:
            self._keep(part)
        elif len({told[place] for place in changed}) == 1:
            self._take(part, readings[changed[0]], part.fates[changed[0]])
        else:
            joined = self._by_field(part, [readings[place] for place in changed])
            if joined is None:
                self._keep(part)
                listed = zip(self._rubrics, (part.reading(place) for place in range(len(readings))), strict=True)
                self.disputes.append(_dispute(part.base[0], listed))
            else:
                fate = tuple(fate for place in changed for fate in part.fates[place])
                self._take(part, (joined,), fate)

    def _keep(self, part: Part) -> None:
        self.criteria |= {id: self._base[id] for id in part.base}

    def _take(self, part: Part, criteria: Sequence[Criterion], fates: Sequence[Fate]) -> None:
        self.criteria |= {one.id: one for one in criteria}
        reason, note = _why(fates)
        after = tuple(one.id for one in criteria)
        if set(after) != set(part.base):
            self.changes.append(CriterionChange(reason=reason, before=part.base, after=after, note=note))

    def _by_field(self, part: Part, readings: Sequence[tuple[Criterion, ...]]) -> Criterion | None:
        """The base criterion with each field that somebody changed; `None` where two changed one field differently, or the words and
        the sign: what counts against an answer depends on both."""
        if len(part.base) != 1 or any(len(one) != 1 for one in readings):
            return None
        base = self._base[part.base[0]]
        values: dict[str, object] = {}
        for (one,) in readings:
            for field in _FIELDS:
                value, was = getattr(one, field), getattr(base, field)
                if value == was:
                    continue
                if field in values and _plain(values[field]) != _plain(value):
                    return None
                values.setdefault(field, value)
        points = values.get("points", base.points)
        assert isinstance(points, int)
        if "statement" in values and (points > 0) != (base.points > 0):
            return None
        worded = next((one for (one,) in readings if one.statement == values.get("statement")), None)
        check = base.check_by if worded is None else worded.check_by
        return replace(base, **values, check_by=check, made=_BY)

    def join_additions(self, added: Sequence[Part], alike: float) -> None:
        """One criterion for additions in the same words and with the same weight; a dispute for those that seem to say the same."""
        listed = [(place, fate) for part in added for place, found in enumerate(part.fates) for fate in found]
        entries = [(place, self._known[id], fate) for place, fate in listed for id in fate.after]
        for group in _alike_groups([(place, one) for place, one, _ in entries], alike):
            if len({_content([entries[at][1]]) for at in group}) == 1:
                _, one, fate = entries[group[0]]
                reason, note = _why([fate])
                if one.id not in self.criteria:
                    self.criteria[one.id] = one
                    self.changes.append(CriterionChange(reason=reason, after=(one.id,), note=note))
                    self.additions += 1
                continue
            readings: dict[str, tuple[str, ...]] = dict.fromkeys(self._rubrics, ())
            for at in group:
                rubric = self._rubrics[entries[at][0]]
                readings[rubric] = (*readings[rubric], entries[at][1].id)
            self.disputes.append(_dispute(None, readings.items()))


def _check(base: Drafted, refinements: Sequence[Drafted]) -> None:
    place = "a merge of rubrics"
    if len(refinements) < 2:
        raise InputError(
            f"{len(refinements)} refinements", "are not two or more", "name the versions of all who refined it", place
        )
    seen: dict[object, str] = {}
    for one in (base, *refinements):
        if one.rubric.disputes:
            raise InputError(f"rubric {one.rubric.id}", "has disputes itself", "settle them first", place)
    for one in refinements:
        if one.rubric.id == base.rubric.id:
            raise InputError(
                f"rubric {one.rubric.id}", "is the base itself, no refinement of it", "leave it out", place
            )
        if one.rubric.made in seen:
            other = seen[one.rubric.made]
            raise InputError(
                f"rubric {one.rubric.id}",
                f"is by the same person as {other}, and a person has one say",
                "name the later one alone",
                place,
            )
        seen[one.rubric.made] = one.rubric.id


def _plain(value: object) -> object:
    return normalise(value) if isinstance(value, str) else value


def _literal(criteria: Iterable[Criterion]) -> tuple[tuple[object, ...], ...]:
    """The fields as they stand: what tells whether somebody changed them."""
    return tuple(sorted((tuple(getattr(one, field) for field in _FIELDS) for one in criteria), key=str))


def _content(criteria: Iterable[Criterion]) -> tuple[tuple[object, ...], ...]:
    """The fields without their spelling: what tells whether two people's readings are alike."""
    return tuple(sorted((tuple(_plain(getattr(one, field)) for field in _FIELDS) for one in criteria), key=str))


def _vote(id: str, part: Part, place: int, base: Criterion, known: Mapping[str, Criterion]) -> VoteKind:
    after = next(fate.after for fate in part.fates[place] if id in fate.before)
    if not after:
        return "remove"
    return "keep" if _literal(known[one] for one in after) == _literal([base]) else "change"


def _why(fates: Sequence[Fate]) -> tuple[RefinementReason, str]:
    """The first reason that was given; the others, and every note, as the note."""
    changes = [change for fate in fates for change in fate.changes]
    if not changes:
        return "wording", ""
    first = changes[0].reason
    others = dict.fromkeys(change.reason for change in changes if change.reason != first)
    notes = dict.fromkeys(change.note for change in changes if change.note)
    return first, " / ".join([*(f"also {reason}" for reason in others), *notes])


def _dispute(criterion: str | None, readings: Iterable[tuple[str, tuple[str, ...]]]) -> Dispute:
    return Dispute(
        criterion=criterion, readings=tuple(Reading(rubric=rubric, criteria=criteria) for rubric, criteria in readings)
    )


def _meant(statement: str) -> frozenset[str]:
    """The words that tell what is asked for; an English ending `s` is cut, so that `rests` is `rest`."""
    found = (word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words(statement))
    return frozenset(found) - _IDLE


def _alike_groups(added: Sequence[tuple[int, Criterion]], alike: float) -> list[list[int]]:
    """Additions of different people that say the same thing, or seem to; each once, in order."""
    bags = [_meant(one.statement) for _, one in added]
    head = list(range(len(added)))
    for at, (place, one) in enumerate(added):
        for other in range(at):
            its_place, it = added[other]
            if place == its_place:
                continue
            shared = 2 * len(bags[at] & bags[other])
            is_close = shared >= alike * (len(bags[at]) + len(bags[other])) and shared > 0
            if is_close or normalise(one.statement) == normalise(it.statement):
                low, high = sorted((head[at], head[other]))
                head = [low if one == high else one for one in head]
    return [[at for at in range(len(added)) if head[at] == first] for first in dict.fromkeys(head)]
