"""Wilson's score interval (1927) on an effective sample size, and what every interval here takes from one place: z, t, clusters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Indices = NDArray[numpy.int64]

__all__ = ["Z95", "cluster_index", "score_ends", "student", "wilson_ends"]

Z95 = NormalDist().inv_cdf(0.975)


@cache
def student(degrees: int) -> float:
    """The 97.5 % point of Student's t; a single cluster is treated like two."""
    from scipy.special import stdtrit

    return float(stdtrit(max(1, degrees), 0.975))


def wilson_ends(share: float, n: float) -> tuple[float, float]:
    """`(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)` for a share `p` of `n` (which need not be whole), within 0 … 1."""
    square = Z95 * Z95
    centre = share + square / (2 * n)
    half = Z95 * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, (centre - half) / (1 + square / n)), min(1.0, (centre + half) / (1 + square / n))


def score_ends(share: float, variance: float, clusters: int, degrees: int | None = None) -> tuple[float, float]:
    """Wilson's ends for a share between 0 and 1 whose estimate has `variance`, known from so many clusters.

    The effective size `share (1 − share) / variance`, taken down by `(z/t)²` with `degrees` of freedom (one less than the clusters);
    without variance, at an end, or with a single cluster all that is known is how many clusters there were.
    """
    possible = share * (1 - share)
    size = possible / variance if variance > 1e-15 and possible > 1e-15 and clusters > 1 else float(clusters)
    t = student(clusters - 1 if degrees is None else degrees)
    low, high = wilson_ends(share, max(1.0, size * (Z95 / t) ** 2))
    return min(low, share), max(high, share)


def cluster_index(names: Sequence[Any]) -> tuple[Indices, int]:
    """The position of each name among the distinct ones, in order of first appearance, and how many there are."""
    import numpy as np

    order = {name: position for position, name in enumerate(dict.fromkeys(names))}
    return np.asarray([order[name] for name in names], dtype=np.int64), len(order)
