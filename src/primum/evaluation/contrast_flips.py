"""Which verdicts turned over, criterion by criterion: between the runs, by the model under one judge, by the judge on the same answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from primum.evaluation.contrast_split import Crossed, Place

__all__ = ["Flips", "Verdicts", "count_flips"]

Verdicts = Mapping[str, Sequence[bool | None]]
Step = Literal[
    "before to after",
    "the model, by the old judge",
    "the judge, on the new answers",
    "the judge, on the old answers",
    "the model, by the new judge",
]

_STEPS: tuple[tuple[Step, Place, Place], ...] = (
    ("before to after", "before", "after"),
    ("the model, by the old judge", "before", "new_by_old"),
    ("the judge, on the new answers", "new_by_old", "after"),
    ("the judge, on the old answers", "before", "old_by_new"),
    ("the model, by the new judge", "old_by_new", "after"),
)


class Flips(NamedTuple):
    """Criteria by what became of their verdict. A criterion with negative points is a fault: when it is met, points are lost.

    `unread` counts those that a judge abstained from before the step, after it, or both.
    """

    step: Step
    criteria: int
    points_won: int
    points_lost: int
    faults_gone: int
    faults_new: int
    unread: int

    @property
    def flipped(self) -> int:
        return self.points_won + self.points_lost + self.faults_gone + self.faults_new


def count_flips(
    cells: Crossed, verdicts: Mapping[Place, Verdicts], points: Mapping[str, Sequence[float]]
) -> tuple[Flips, ...]:
    """The flips of every step whose cells are there for all paired scenarios; `points` are those of each scenario's criteria.

    Where the answers or the judge are the same there is one step only.
    """
    found: list[Flips] = []
    for step, start, end in _STEPS if cells.is_crossed else _STEPS[:1]:
        if all(len(cells.stands[place]) == len(cells.scenarios) for place in (start, end) if place in cells.stands):
            found.append(_count(step, _turns(cells, verdicts, points, start, end)))
    return tuple(found)


_Turn = tuple[bool, bool | None, bool | None]


def _turns(
    cells: Crossed,
    verdicts: Mapping[Place, Verdicts],
    points: Mapping[str, Sequence[float]],
    start: Place,
    end: Place,
) -> Iterator[_Turn]:
    for id in cells.scenarios:
        old, new = (verdicts[cells.stands[place][id] if place in cells.stands else place][id] for place in (start, end))
        yield from zip((worth > 0 for worth in points[id]), old, new, strict=True)


def _count(step: Step, turns: Iterator[_Turn]) -> Flips:
    counted = dict.fromkeys(("criteria", "points_won", "points_lost", "faults_gone", "faults_new", "unread"), 0)
    for is_good, old, new in turns:
        counted["criteria"] += 1
        if old is None or new is None:
            counted["unread"] += 1
        elif old != new:
            won, lost = ("points_won", "points_lost") if is_good else ("faults_new", "faults_gone")
            counted[won if new else lost] += 1
    return Flips(step, **counted)
