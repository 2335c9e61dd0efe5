"""What is different between two versions of a rubric: by criterion, and within a statement by Chinese character and English word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from primum.language import words
from primum.records import Criterion, Rubric
from primum.rubrics.draft import Drafted
from primum.rubrics.life.history import Fate, ancestor, fates
from primum.rubrics.life.merge import parts

__all__ = ["CriterionDiff", "DiffKind", "Piece", "diff", "pieces"]

DiffKind = Literal["added", "removed", "reworded", "split", "merged", "repointed", "rekinded", "moved", "same"]
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[.'’\-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)
_ALIKE = 0.5  # of the words: below it two statements are taken for two criteria, not for one that was reworded


class Piece(NamedTuple):
    """A stretch of text: `same` and `deleted` begin at `start` in the old text, `inserted` in the new one (in characters)."""

    kind: Literal["same", "deleted", "inserted"]
    text: str
    start: int


class CriterionDiff(NamedTuple):
    """What became of criteria. `pieces` hold the statements' difference where one became one; `changes` name the other fields that
    differ, as (field, old, new); `reasons` and `notes` are those recorded on the way. `at` is the place in the new version, from 1."""

    kind: DiffKind
    before: tuple[Criterion, ...]
    after: tuple[Criterion, ...]
    pieces: tuple[Piece, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    at: int | None = None


def pieces(old: str, new: str) -> list[Piece]:
    """`old` against `new`: a Chinese character or an English word is never cut. Kept and deleted pieces spell the old text, kept and
    inserted ones the new; white space alone between two changes is part of them."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    found: list[list[str]] = []  # [kept, deleted, inserted] runs: (kept, "", "") or ("", deleted, inserted)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        gone, come = "".join(before[i:j]), "".join(after[k:m])
        is_kept = tag == "equal" and not (gone.isspace() and found and j < len(before) and m < len(after))
        if is_kept:
            found.append([gone, "", ""])
        elif found and not found[-1][0]:
            found[-1][1] += gone
            found[-1][2] += come
        else:
            found.append(["", gone, come])
    told: list[Piece] = []
    old_at = new_at = 0
    for kept, gone, come in found:
        if kept:
            told.append(Piece("same", kept, old_at))
        if gone:
            told.append(Piece("deleted", gone, old_at))
        if come:
            told.append(Piece("inserted", come, new_at))
        old_at += len(kept) + len(gone)
        new_at += len(kept) + len(come)
    return told


def diff(old: Drafted, new: Drafted, rubrics: Iterable[Rubric] = ()) -> list[CriterionDiff]:
    """Every criterion of both versions once: those of `new` in their order, then those removed.

    Where `new` came from `old`, or both from one version among `rubrics`, what was recorded on the way says what became of what.
    Otherwise equal criteria are the same, and the rest are paired by their words, best first.
    """
    known = list(rubrics)
    found = fates(old.rubric, new.rubric, known)
    if found is None:
        found = _by_ancestor(old, new, known) or _by_words(old.criteria, new.criteria)
    before = {one.id: one for one in old.criteria}
    after = {one.id: one for one in new.criteria}
    places = {id: place for place, id in enumerate(after, 1)}
    moved = _moved(found, old.rubric.criteria, new.rubric.criteria)
    told = [
        _told(
            fate,
            tuple(before[id] for id in fate.before),
            tuple(after[id] for id in fate.after),
            any(id in moved for id in fate.after),
            min((places[id] for id in fate.after), default=None),
        )
        for fate in found
    ]
    return sorted(told, key=lambda one: (one.at is None, one.at or 0))


def _told(
    fate: Fate, before: tuple[Criterion, ...], after: tuple[Criterion, ...], is_moved: bool, at: int | None
) -> CriterionDiff:
    reasons = tuple(dict.fromkeys(change.reason for change in fate.changes))
    notes = tuple(dict.fromkeys(change.note for change in fate.changes if change.note))
    if len(before) != 1 or len(after) != 1:
        kind: DiffKind = "merged" if len(before) > 1 else "split"
        if not before or not after:
            kind = "removed" if before else "added"
        return CriterionDiff(kind, before, after, (), (), reasons, notes, at)
    one, other = before[0], after[0]
    fields = [("points", f"{one.points:+d}", f"{other.points:+d}"), ("kind", one.kind_of, other.kind_of)]
    fields += [("axis", one.axis, other.axis), ("norms", " ".join(one.norms), " ".join(other.norms))]
    changes = tuple(field for field in fields if field[1] != field[2])
    if one.statement != other.statement:
        kind = "reworded"
    elif one.points != other.points:
        kind = "repointed"
    elif changes:
        kind = "rekinded"
    else:
        kind = "moved" if is_moved else "same"
    return CriterionDiff(
        kind, before, after, tuple(pieces(one.statement, other.statement)), changes, reasons, notes, at
    )


def _by_ancestor(old: Drafted, new: Drafted, rubrics: Sequence[Rubric]) -> list[Fate]:
    """What the nearest version that both came from became here and there; what both have of their own is paired by its words."""
    common = ancestor(old.rubric, new.rubric, rubrics)
    if common is None:
        return []
    found: list[Fate] = []
    single: tuple[list[str], list[str]] = ([], [])
    for part in parts(common, [old.rubric, new.rubric], rubrics):
        before, after = part.reading(0), part.reading(1)
        if part.base and before and after:
            changes = tuple(change for fate in part.fates[1] for change in fate.changes)
            found.append(Fate(before, after, changes))
        else:
            single[0].extend(before)
            single[1].extend(after)
    rest = _by_words(
        [one for one in old.criteria if one.id in single[0]], [one for one in new.criteria if one.id in single[1]]
    )
    return found + rest


def _by_words(old: Sequence[Criterion], new: Sequence[Criterion]) -> list[Fate]:
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    ids = {one.id for one in new}
    content: dict[tuple[object, ...], str] = {}
    for two in new:
        content.setdefault((two.statement, two.points, two.kind_of, two.axis), two.id)
    for one in old:
        same = one.id if one.id in ids else content.get((one.statement, one.points, one.kind_of, one.axis))
        if same is not None and same not in taken:
            pairs[one.id] = same
            taken.add(same)
    bags = {one.id: set(words(one.statement)) for one in (*old, *new)}
    scored = [
        (_alike(bags[one.id], bags[two.id]), place, other)
        for place, one in enumerate(old)
        if one.id not in pairs
        for other, two in enumerate(new)
        if two.id not in taken
    ]
    for share, place, other in sorted(scored, key=lambda found: (-found[0], found[1], found[2])):
        if share >= _ALIKE and old[place].id not in pairs and new[other].id not in taken:
            pairs[old[place].id] = new[other].id
            taken.add(new[other].id)
    found = [Fate((one.id,), (pairs[one.id],) if one.id in pairs else ()) for one in old]
    return found + [Fate((), (two.id,)) for two in new if two.id not in taken]


def _alike(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def _moved(found: Sequence[Fate], old: Sequence[str], new: Sequence[str]) -> set[str]:
    """The ids in the new version that stand in another order than in the old one; the longest run in common stands still."""
    at = {id: place for place, id in enumerate(old)}
    came = {fate.after[0]: at[fate.before[0]] for fate in found if len(fate.before) == len(fate.after) == 1}
    line = [(id, came[id]) for id in new if id in came]
    best: list[list[str]] = []
    for place, (id, was) in enumerate(line):
        before = [best[k] for k in range(place) if line[k][1] < was]
        best.append([*(max(before, key=len) if before else []), id])
    longest = max(best, key=len) if best else []
    return {id for id, _ in line if id not in longest}
