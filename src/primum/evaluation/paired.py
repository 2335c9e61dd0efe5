"""The paired difference of values that abstentions leave between two ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from primum.evaluation.suites.result import Bounds
from primum.records import Estimate
from primum.stats import paired_difference

__all__ = ["CLUSTER", "paired_bounds"]

CLUSTER: Final = "cluster"


def paired_bounds(pairs: Sequence[tuple[Bounds, Bounds, str]], scale: float = 1.0) -> Estimate | None:
    """The mean of second minus first, both between 0 and 1, with its interval by cluster, times `scale`.

    The point is over the pairs decided on both sides, `None` without any. The others widen the interval to what it would be if every
    abstention had gone one way.
    """
    decided = [(a[0], b[0], cluster) for a, b, cluster in pairs if a[0] == a[1] and b[0] == b[1]]
    if not decided:
        return None
    found = _estimated(decided)
    value, low, high = found.value, found.low, found.high
    if len(decided) < len(pairs):
        worst = _estimated([(a[1], b[0], cluster) for a, b, cluster in pairs])
        best = _estimated([(a[0], b[1], cluster) for a, b, cluster in pairs])
        # What is known of the undecided pairs may rule the mean of the decided ones out.
        value = min(max(value, worst.value), best.value)
        low, high = min(low, worst.low, value), max(high, best.high, value)
    return Estimate(value=scale * value, low=scale * low, high=scale * high, n=len(decided), unit=CLUSTER)


def _estimated(rows: Sequence[tuple[float, float, str]]) -> Estimate:
    first, second, clusters = zip(*rows, strict=True)
    found = paired_difference(first, second, clusters, CLUSTER)
    assert found is not None  # there is at least one decided pair
    return found
