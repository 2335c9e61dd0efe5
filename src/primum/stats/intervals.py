"""95 % intervals that stay honest for clustered data, for rates near 0 and 1, and when every difference is zero.

A bootstrap of forty zeros says [0, 0]; that is not what forty answers can know. So nothing here is bootstrapped:

- `wilson`: the score interval of a proportion (Wilson 1927).
- `mean`: the score interval on an *effective* sample size. The variance of the mean is the cluster-robust (linearised) one, never less
  than what independent draws would have; the effective size is what a proportion would need for that variance, taken down by
  `(z/t)²` for the few clusters there are (Korn and Graubard 1998). Without any variance the clusters count as the sample.
- `paired_difference`: Agresti and Min's interval for paired proportions (2005), which adds two pseudo-pairs with half an up and half a
  down each, extended to clusters (two pseudo-clusters of mean size) and to differences between −1 and 1; Student's t on the
  clusters. Strata, if given, weigh the same whatever their size.

Abstentions are `None` (or bounds): they are not in the value, and the interval reaches from the low end it would have if every one had gone
the worst way to the high end if every one had gone the best way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.score_interval import cluster_index, score_ends, student, wilson_ends

__all__ = ["mean", "paired_difference", "wilson"]

Bounds = tuple[float, float]


def wilson(successes: float, n: float, unit: str = "scenario") -> Estimate:
    """The share `successes / n` with Wilson's 95 % score interval.

    `(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)`: 0 of 40 gives 0 … 0.0876.

    Raises `InputError` when there is nothing to count or more successes than tries.
    """
    if n < 1 or not 0 <= successes <= n:
        raise InputError(f"{successes} of {n}", "is not a proportion", "count at least one try", "stats.wilson")
    share = successes / n
    low, high = wilson_ends(share, n)
    return Estimate(value=share, low=min(low, share), high=max(high, share), n=int(n), unit=unit)


def mean(
    values: Sequence[float | None],
    clusters: Sequence[str] | None = None,
    unit: str = "scenario",
    scale: Bounds = (0.0, 1.0),
) -> Estimate | None:
    """The mean of values on a scale, with its 95 % interval; `None` marks an abstention. `None` when all abstained.

    `clusters` names what each value was drawn together with; none means each stands alone. `n` counts the decided.

    Raises `InputError` for a value off the scale, or clusters that do not match the values.
    """
    worst, best = scale
    names = _cluster_names(values, clusters)
    _check_scale([value for value in values if value is not None], scale)
    decided = [(value - worst) / (best - worst) for value in values if value is not None]
    if not decided:
        return None
    point, low, high = _mean_ends(decided, [name for name, v in zip(names, values, strict=True) if v is not None])
    if len(decided) < len(values):
        for filled in (0.0, 1.0):
            completed = [filled if value is None else (value - worst) / (best - worst) for value in values]
            _, reached_low, reached_high = _mean_ends(completed, names)
            low, high = min(low, reached_low), max(high, reached_high)
    spread = best - worst
    return Estimate(
        value=worst + spread * point, low=worst + spread * low, high=worst + spread * high, n=len(decided), unit=unit
    )


def paired_difference(
    before: Sequence[float | None],
    after: Sequence[float | None],
    clusters: Sequence[str] | None = None,
    unit: str = "scenario",
    strata: Sequence[str] | None = None,
) -> Estimate | None:
    """The mean of `after − before`, both between 0 and 1, with its 95 % interval; `None` when no pair was decided on both sides.

    With `strata` (`harmful`, `helpful`), the mean of the strata's means: a large stratum does not outvote a small one. An abstention on
    either side leaves the pair out of the value and lets it range over what the other side permits.

    Raises `InputError` for sides of different length, or a value that is not between 0 and 1.
    """
    if len(before) != len(after):
        raise InputError(
            f"{len(before)} before and {len(after)} after", "are not pairs", "pair them", "stats.paired_difference"
        )
    for side in (before, after):
        _check_scale([value for value in side if value is not None], (0.0, 1.0))
    names = _cluster_names(before, clusters)
    groups = list(strata) if strata is not None else ["all"] * len(before)
    ranges = [_difference_range(one, other) for one, other in zip(before, after, strict=True)]
    decided = [i for i in range(len(ranges)) if before[i] is not None and after[i] is not None]
    if not decided or {groups[i] for i in decided} != set(groups):
        return None
    point, low, high = _difference_ends(
        [ranges[i][0] for i in decided], [names[i] for i in decided], [groups[i] for i in decided]
    )
    if len(decided) < len(before):
        for way in (0, 1):
            _, reached_low, reached_high = _difference_ends([bounds[way] for bounds in ranges], names, groups)
            low, high = min(low, reached_low), max(high, reached_high)
    return Estimate(value=point, low=low, high=high, n=len(decided), unit=unit)


def _mean_ends(values: Sequence[float], names: Sequence[str]) -> tuple[float, float, float]:
    """Mean and interval of values between 0 and 1, by cluster."""
    import numpy as np

    array = np.asarray(values, dtype=float)
    n, point = len(array), float(array.mean())
    index, clusters = cluster_index(names)
    variance = float(array.var(ddof=1)) / n if n > 1 else 0.0
    if clusters > 1:
        sums = np.bincount(index, weights=array - point, minlength=clusters)
        variance = max(variance, clusters / (clusters - 1) * float((sums**2).sum()) / n**2)
    return point, *score_ends(point, variance, clusters)


def _difference_ends(
    values: Sequence[float], names: Sequence[str], groups: Sequence[str]
) -> tuple[float, float, float]:
    """Mean (of the strata's means) and interval of differences between −1 and 1, by cluster."""
    import numpy as np

    array = np.asarray(values, dtype=float)
    index, clusters = cluster_index(names)
    stratum_of, strata = cluster_index(groups)
    influence = np.zeros(len(array))
    points: list[float] = []
    centres: list[float] = []
    pseudo = 0.0
    for stratum in range(strata):
        rows = stratum_of == stratum
        inside = array[rows]
        size = len(inside) / len(set(index[rows].tolist()))  # mean cluster size: what one pseudo-cluster weighs
        total = len(inside) + 2 * size
        centre = float(inside.sum()) / total
        influence[rows] = (inside - centre) / (total * strata)
        pseudo += size**2 * (1 + 2 * centre**2) / (total * strata) ** 2
        points.append(float(inside.mean()))
        centres.append(centre)
    independent = float((influence**2).sum())
    clustered = float((np.bincount(index, weights=influence, minlength=clusters) ** 2).sum())
    half = student(clusters + 1) * math.sqrt(max(independent, clustered) + pseudo)
    point, centre = float(np.mean(points)), float(np.mean(centres))
    return point, min(point, max(-1.0, centre - half)), max(point, min(1.0, centre + half))


def _difference_range(before: float | None, after: float | None) -> Bounds:
    low_before, high_before = (0.0, 1.0) if before is None else (before, before)
    low_after, high_after = (0.0, 1.0) if after is None else (after, after)
    return low_after - high_before, high_after - low_before


def _cluster_names(values: Sequence[float | None], clusters: Sequence[str] | None) -> list[str]:
    if clusters is None:
        return [str(position) for position in range(len(values))]
    if len(clusters) != len(values):
        raise InputError(
            f"{len(clusters)} clusters for {len(values)} values", "do not match", "name one each", "stats.intervals"
        )
    return list(clusters)


def _check_scale(values: Sequence[float], scale: Bounds) -> None:
    for value in values:
        if not scale[0] <= value <= scale[1]:
            raise InputError(
                f"value {value}", f"is not on the scale {scale[0]} … {scale[1]}", "give its scale", "stats.intervals"
            )
