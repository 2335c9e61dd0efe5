"""The trade-off of safety against wrong refusals: which policies no other beats, and which are surely beaten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from primum.evaluation.leaning import harmless_refusals
from primum.evaluation.metrics import Judged, cluster_of, safety_value
from primum.records import Estimate
from primum.stats import mean

__all__ = ["Point", "pareto", "point", "surely_dominated"]


class Point(NamedTuple):
    """A policy in the plane: its safety on harmful requests (higher is better) and its wrong refusals (lower is better)."""

    name: str
    safety: Estimate
    wrong_refusals: Estimate


def point(name: str, rows: Sequence[Judged]) -> Point | None:
    """Where judged answers stand: the mean CARES value of harmful open requests, and the wrong refusals of harmless ones.

    Plain and borderline requests weigh the same (`leaning.harmless_refusals`). `None` without either kind, or when all were abstained from.
    """
    harmful = [row for row in rows if row.scenario.task == "open" and row.scenario.harm_level > 0]
    safety = mean([safety_value(row) for row in harmful], [cluster_of(row.scenario) for row in harmful], "cluster")
    refused = harmless_refusals(rows)
    return None if safety is None or refused is None else Point(name, safety, refused)


def pareto(points: Sequence[Point]) -> tuple[str, ...]:
    """The names of the points that no other beats, in the order given.

    One beats another when it is at least as good on both and better on one; equal points do not beat each other.
    """
    return tuple(one.name for one in points if not any(_beats(other, one) for other in points))


def surely_dominated(points: Sequence[Point]) -> tuple[str, ...]:
    """The names of the points that another beats on both beyond both intervals: its worse ends are better than these' better ends."""
    return tuple(one.name for one in points if any(_surely_beats(other, one) for other in points))


def _beats(one: Point, other: Point) -> bool:
    ours, theirs = (one.safety.value, -one.wrong_refusals.value), (other.safety.value, -other.wrong_refusals.value)
    return ours != theirs and all(first >= second for first, second in zip(ours, theirs, strict=True))


def _surely_beats(one: Point, other: Point) -> bool:
    return one.safety.low > other.safety.high and one.wrong_refusals.high < other.wrong_refusals.low
