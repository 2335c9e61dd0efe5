"""Student's interval of a mean, and of the difference of two means, for scores without ends (points, lengths, differences); by cluster.

For scores between 0 and 1 `stats.mean` and `stats.paired_difference` know more: they use the ends. Here a variance is all there is,
and where there is none (all alike, or a single cluster) there is no interval and the answer says so.

The variance of a mean is the cluster-robust one, `G/(G − 1) Σ_g (Σ_{i∈g} (x_i − x̄))² / n²`, never less than what independent draws would
have, with `G − 1` degrees of freedom. Missing scores do not come here: who has abstentions bounds them first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.score_interval import cluster_index
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

__all__ = ["Contrast", "difference", "paired", "student_mean"]


class Contrast(NamedTuple):
    """A difference, second minus first, with the two-sided p-value of there being none; `n` counts pairs, or the scores of both sides."""

    estimate: Estimate
    p_value: float
    n: int


class _Moments(NamedTuple):
    value: float
    variance: float
    degrees: float


def student_mean(
    scores: Sequence[float], clusters: Sequence[str] | None = None, unit: str = "scenario"
) -> Estimate | Undefined:
    """The mean with Student's 95 % interval, by cluster.

    Raises `InputError` for a score that is not finite, or clusters that do not match.
    """
    found = _moments(scores, _names(scores, clusters))
    return found if isinstance(found, Undefined) else _estimate(found, len(scores), unit)


def paired(
    first: Sequence[float], second: Sequence[float], clusters: Sequence[str] | None = None, unit: str = "scenario"
) -> Contrast | Undefined:
    """The mean of `second − first` over pairs, by cluster: the paired t-test where every pair stands alone.

    Raises `InputError` for sides of different length.
    """
    if len(first) != len(second):
        raise InputError(
            f"{len(first)} and {len(second)} scores", "are not pairs", "pair them, or take difference", "stats.paired"
        )
    apart = [after - before for before, after in zip(first, second, strict=True)]
    found = _moments(apart, _names(apart, clusters))
    return found if isinstance(found, Undefined) else _contrast(found, len(apart), unit)


def difference(
    first: Sequence[float],
    second: Sequence[float],
    first_clusters: Sequence[str] | None = None,
    second_clusters: Sequence[str] | None = None,
    unit: str = "scenario",
) -> Contrast | Undefined:
    """The mean of `second` minus the mean of `first`, of two samples: Welch's, by cluster, with Satterthwaite's degrees of freedom.

    Clusters that occur on both sides are the same clusters (a conversation that both models answered): what they share is taken out.
    """
    if first_clusters is None or second_clusters is None or not set(first_clusters) & set(second_clusters):
        one = _moments(first, _names(first, first_clusters))
        other = _moments(second, _names(second, second_clusters))
        found = _welch(one, other)
    else:
        found = _joint(first, second, _names(first, first_clusters), _names(second, second_clusters))
    return found if isinstance(found, Undefined) else _contrast(found, len(first) + len(second), unit)


def _welch(one: _Moments | Undefined, other: _Moments | Undefined) -> _Moments | Undefined:
    if isinstance(one, Undefined) or isinstance(other, Undefined):
        return one if isinstance(one, Undefined) else other
    variance = one.variance + other.variance
    degrees = variance**2 / (one.variance**2 / one.degrees + other.variance**2 / other.degrees)
    return _Moments(other.value - one.value, variance, degrees)


def _joint(
    first: Sequence[float], second: Sequence[float], first_names: list[str], second_names: list[str]
) -> _Moments | Undefined:
    import numpy as np

    one, other = _floats(first), _floats(second)
    influence = np.concatenate([-(one - one.mean()) / len(one), (other - other.mean()) / len(other)])
    return _by_cluster(float(other.mean() - one.mean()), influence, first_names + second_names, 0.0)


def _moments(scores: Sequence[float], names: list[str]) -> _Moments | Undefined:
    row = _floats(scores)
    n = len(row)
    if n < 2:
        return Undefined(f"{n} scores have no variance, so the interval of their mean is unknown")
    value = float(row.mean())
    return _by_cluster(value, (row - value) / n, names, float(row.var(ddof=1)) / n)


def _by_cluster(value: float, influence: Floats, names: list[str], at_least: float) -> _Moments | Undefined:
    import numpy as np

    index, clusters = cluster_index(names)
    if clusters < 2:
        return Undefined("all scores are of one cluster, so how clusters differ is unknown")
    sums = np.bincount(index, weights=influence, minlength=clusters)
    variance = max(at_least, clusters / (clusters - 1) * float((sums**2).sum()))
    if variance <= 1e-24 * max(1.0, value * value):
        return Undefined(
            f"all scores are alike in their {clusters} clusters, and without the ends of their scale that bounds nothing"
        )
    return _Moments(value, variance, clusters - 1)


def _estimate(found: _Moments, n: int, unit: str) -> Estimate:
    from scipy.stats import t

    half = float(t.ppf(0.975, found.degrees)) * math.sqrt(found.variance)
    return Estimate(value=found.value, low=found.value - half, high=found.value + half, n=n, unit=unit)


def _contrast(found: _Moments, n: int, unit: str) -> Contrast:
    from scipy.stats import t

    p_value = float(2 * t.sf(abs(found.value) / math.sqrt(found.variance), found.degrees))
    return Contrast(_estimate(found, n, unit), p_value, n)


def _floats(scores: Sequence[float]) -> Floats:
    import numpy as np

    row = np.asarray(scores, dtype=float)
    if not np.isfinite(row).all():
        raise InputError("a score", "is not a finite number", "leave out what was not scored", "stats.contrasts")
    return row


def _names(scores: Sequence[float], clusters: Sequence[str] | None) -> list[str]:
    if clusters is None:
        return [str(position) for position in range(len(scores))]
    if len(clusters) != len(scores):
        raise InputError(
            f"{len(clusters)} clusters for {len(scores)} scores", "do not match", "name one each", "stats.contrasts"
        )
    return list(clusters)
