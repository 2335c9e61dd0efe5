"""The versions of a rubric: which came from which, and what became of a criterion between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from primum.errors import UnknownIdError
from primum.records import CriterionChange, Rubric

__all__ = ["Fate", "ancestor", "current", "fates", "heads", "history"]

_RANK = {"drafted": 0, "refined": 1, "verified": 2}


class Fate(NamedTuple):
    """What became of criteria of an older version (`before`) in a newer one (`after`), by id, through these changes.

    Both hold the same one when it was left alone; nothing before is an addition, nothing after a removal.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    changes: tuple[CriterionChange, ...] = ()


def history(rubric: Rubric, rubrics: Iterable[Rubric]) -> list[Rubric]:
    """Every version that `rubric` came from, merged ones too, oldest first, and itself as the last.

    `rubrics` are those to look among. Raises `UnknownIdError` for a version that is not there.
    """
    known = {one.id: one for one in rubrics} | {rubric.id: rubric}
    found: dict[str, Rubric] = {}
    waiting = [rubric.id]
    while waiting:
        one = _known(waiting[-1], known)
        missing = [id for id in _parents(one) if id not in found]
        if missing:
            waiting.append(missing[0])
        else:
            found[waiting.pop()] = one
    return list(found.values())


def heads(rubrics: Sequence[Rubric]) -> list[Rubric]:
    """The versions that no other was made from, in their order."""
    used = {id for one in rubrics for id in _parents(one)}
    return [one for one in rubrics if one.id not in used]


def current(rubrics: Sequence[Rubric]) -> Rubric:
    """Of one scenario's versions, in the order they were made, the one that holds: of those nobody went on from, the furthest in its
    life (a disputed merge holds before the refinements it could not join), and of these the last."""
    found = heads(rubrics)
    return max(enumerate(found), key=lambda placed: (_RANK[placed[1].state], placed[0]))[1]


def ancestor(one: Rubric, other: Rubric, rubrics: Iterable[Rubric]) -> Rubric | None:
    """The nearest version that both came from, or that one is and the other came from; `None` where they have none in common."""
    known = {each.id: each for each in rubrics} | {one.id: one, other.id: other}
    lines = [_line(each, known) for each in (one, other)]
    return next((each for each in lines[0] if each in lines[1]), None)


def _line(rubric: Rubric, known: Mapping[str, Rubric]) -> list[Rubric]:
    line = [rubric]
    while (previous := line[-1].previous) is not None and previous in known:
        line.append(known[previous])
    return line


def fates(old: Rubric, new: Rubric, rubrics: Iterable[Rubric]) -> list[Fate] | None:
    """What became of each criterion of `old` in `new`, by the changes recorded in the versions between; `None` when `new` is no
    later version of `old` by the versions given. In the order of `old`, additions last."""
    known = {one.id: one for one in rubrics} | {old.id: old, new.id: new}
    line = _line(new, known)
    if old not in line:
        return None
    chain = line[: line.index(old) + 1][::-1]
    joined = _Joined()
    for id in old.criteria:
        joined.find((0, id))
    for step, rubric in enumerate(chain[1:]):
        changed = {id for change in rubric.changes for id in change.before}
        made = {id for change in rubric.changes for id in change.after}
        for change in rubric.changes:
            nodes = [(step, id) for id in change.before] + [(step + 1, id) for id in change.after]
            joined.join(nodes)
            joined.changes.setdefault(nodes[0], []).append(change)
        before = set(chain[step].criteria)
        for id in rubric.criteria:
            if id in before and id not in changed and id not in made:
                joined.join([(step, id), (step + 1, id)])
    last = len(chain) - 1
    for id in new.criteria:
        joined.find((last, id))
    return joined.fates(old, new, last)


class _Joined:
    """Criteria of versions (number of the version, id), joined where one came from another."""

    def __init__(self) -> None:
        self._above: dict[tuple[int, str], tuple[int, str]] = {}
        self.changes: dict[tuple[int, str], list[CriterionChange]] = {}

    def find(self, node: tuple[int, str]) -> tuple[int, str]:
        above = self._above.setdefault(node, node)
        while above != self._above[above]:
            above = self._above[above]
        self._above[node] = above
        return above

    def join(self, nodes: Sequence[tuple[int, str]]) -> None:
        for node in nodes[1:]:
            self._above[self.find(node)] = self.find(nodes[0])

    def fates(self, old: Rubric, new: Rubric, last: int) -> list[Fate]:
        before: dict[tuple[int, str], list[str]] = {}
        after: dict[tuple[int, str], list[str]] = {}
        changes: dict[tuple[int, str], list[CriterionChange]] = {}
        for id in old.criteria:
            before.setdefault(self.find((0, id)), []).append(id)
        for id in new.criteria:
            after.setdefault(self.find((last, id)), []).append(id)
        for node, found in sorted(self.changes.items()):
            changes.setdefault(self.find(node), []).extend(found)
        return [
            Fate(tuple(before.get(root, ())), tuple(after.get(root, ())), tuple(changes.get(root, ())))
            for root in dict.fromkeys([*before, *after])
        ]


def _parents(rubric: Rubric) -> list[str]:
    return ([rubric.previous] if rubric.previous is not None else []) + list(rubric.merged_from)


def _known(id: str, known: Mapping[str, Rubric]) -> Rubric:
    if id not in known:
        raise UnknownIdError(
            f"version {id}", "is not among the rubrics", "give all versions of the scenario", "history"
        )
    return known[id]
