"""A rate whose rows were drawn twice over: with their conversation, and with the person who labelled them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from primum.records import Estimate
from primum.stats.score_interval import cluster_index, score_ends

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

__all__ = ["UNIT", "crossed_mean"]

UNIT = "conversation and rater"


def crossed_mean(
    values: Sequence[float | None], conversations: Sequence[str], raters: Sequence[str]
) -> Estimate | None:
    """The mean of values between 0 and 1 with its 95 % interval over both clusterings; `None` marks an abstention, as in `stats.mean`.

    The variance is `V(conversations) + V(raters) − V(both)` (Cameron, Gelbach and Miller 2011), never below any of the two; the ends are
    those of a score interval on the size a proportion would need for that variance, by the fewer of the clusters.
    """
    decided = [i for i, value in enumerate(values) if value is not None]
    if not decided:
        return None
    known = [value for value in values if value is not None]
    point, low, high = _ends(known, [conversations[i] for i in decided], [raters[i] for i in decided])
    if len(decided) < len(values):
        for filled in (0.0, 1.0):
            completed = [filled if value is None else value for value in values]
            _, reached_low, reached_high = _ends(completed, conversations, raters)
            low, high = min(low, reached_low), max(high, reached_high)
    return Estimate(value=point, low=low, high=high, n=len(decided), unit=UNIT)


def _ends(values: Sequence[float], conversations: Sequence[str], raters: Sequence[str]) -> tuple[float, float, float]:
    import numpy as np

    array = np.asarray(values, dtype=float)
    point = float(array.mean())
    off = array - point
    by_conversation, by_rater = _variance(off, conversations), _variance(off, raters)
    both = _variance(off, [f"{one}\n{other}" for one, other in zip(conversations, raters, strict=True)])
    alone = float((off**2).sum()) / max(1, len(array) - 1) / len(array)
    variance = max(by_conversation + by_rater - both, by_conversation, by_rater, alone)
    low, high = score_ends(point, variance, min(len(set(conversations)), len(set(raters))))
    return point, min(low, point), max(high, point)


def _variance(off: Floats, names: Sequence[str]) -> float:
    """The cluster-robust variance of the mean of what was `off` it."""
    import numpy as np

    index, count = cluster_index(names)
    sums = np.bincount(index, weights=off, minlength=count)
    return count / max(1, count - 1) * float((sums**2).sum()) / len(off) ** 2
