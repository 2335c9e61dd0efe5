"""The bootstrap by what was drawn together: one way of clustering (conversations) or two that cross (conversations and raters).

A draw does not copy rows, it weighs them. With one clustering, a row weighs as often as its cluster was drawn; with two, the product of
how often its conversation and its rater were drawn (the pigeonhole bootstrap, Owen 2007; McCullagh 2000). A statistic therefore takes
a matrix of weights, draws × rows, and returns one number a draw, so that a thousand draws are a few products of matrices.

The bootstrap is trusted with the spread of a statistic and no further:

- two crossed clusterings: the product weights count what belongs to the row alone up to three times. The width is set by inclusion and
  exclusion, `V(first) + V(second) − V(rows)` (Cameron, Gelbach and Miller 2011), and never below what either alone gives;
- few clusters: each variance is taken up by `G/(G − 1)` and the interval by Student's t over the normal point (Hesterberg 2015), with two
  clusterings on Satterthwaite's degrees of freedom, each variance raised by its standard error;
- a statistic with ends it cannot pass (`scale`): the score interval on the effective sample size that has that variance, as in
  `stats.mean`; without any variance the number of clusters is the sample. Forty zeros are not certainty;
- no `scale` and no variance: there is no honest interval, and the answer says so;
- no `scale`, ten rows and a long tail (exponential) still hold the truth in 91 % of draws only: nothing here is studentised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.score_interval import Z95, cluster_index, score_ends, student
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]
    Indices = NDArray[numpy.int64]
    Statistic = Callable[[Floats], Floats]

__all__ = [
    "ReferenceInterval",
    "bootstrap",
    "cluster_weights",
    "one_by_one",
    "reference_interval",
    "weighted_mean",
]

_CELLS = 4_000_000  # weights held at once: 32 MB
_MOST_UNDEFINED = 0.2  # draws without a value, beyond which the rest no longer speak for the statistic
_NOTHING = 1e-12


class ReferenceInterval(NamedTuple):
    """HealthBench's own report of a score: the clipped mean and the standard deviation of the bootstrapped clipped means."""

    mean: float
    standard_deviation: float


def bootstrap(
    statistic: Statistic,
    clusters: Sequence[str],
    second: Sequence[str] | None = None,
    scale: tuple[float, float] | None = None,
    draws: int = 1000,
    seed: int = 0,
    unit: str = "cluster",
) -> Estimate | Undefined:
    """A statistic of weighted rows with its 95 % interval; `clusters` (and `second`) name what each row was drawn with.

    `statistic(weights)`: weights of shape (draws, rows), one value a draw, NaN where a draw has none. `scale` names the ends the statistic
    cannot pass. `n` counts the rows. The order of the rows changes the draws, not what is estimated.

    Raises `InputError` for no rows, clusterings of different lengths, fewer than 2 draws, or a statistic of the wrong shape.
    """
    import numpy as np

    rows = len(clusters)
    if rows < 1 or draws < 2 or (second is not None and len(second) != rows):
        raise InputError(
            f"{rows} rows, {len(second) if second is not None else 'no'} second clusters and {draws} draws",
            "cannot be resampled",
            "name one cluster a row and make at least 2 draws",
            "stats.bootstrap",
        )
    value = float(_values(statistic, np.ones((1, rows)))[0])
    if not math.isfinite(value):
        return Undefined("the statistic has no value on the data as they are")
    if scale is not None and not scale[0] - _NOTHING <= value <= scale[1] + _NOTHING:
        raise InputError(
            f"value {value}", f"is not on the scale {scale[0]} … {scale[1]}", "give its scale", "stats.bootstrap"
        )
    spread = _spread(statistic, clusters, second, draws, np.random.default_rng(seed))
    if isinstance(spread, Undefined):
        return spread
    if scale is not None:
        worst, best = scale
        share = min(1.0, max(0.0, (value - worst) / (best - worst)))
        low, high = score_ends(share, spread.variance / (best - worst) ** 2, spread.clusters, spread.degrees)
        low, high = worst + (best - worst) * low, worst + (best - worst) * high
    elif spread.variance <= _NOTHING * max(1.0, value * value):
        return Undefined(
            f"the statistic was {value:.6g} in every draw of {spread.clusters} clusters; without the ends of its scale there is no interval"
        )
    else:
        low, high = _percentiles(value, spread)
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=rows, unit=unit)


def weighted_mean(values: Sequence[float]) -> Statistic:
    """The mean of the rows, as a statistic for `bootstrap`."""
    import numpy as np

    row = np.asarray(values, dtype=float)

    def mean_of(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        with np.errstate(invalid="ignore"):
            found: Floats = weights @ row / total
        return found

    return mean_of


def one_by_one(statistic: Callable[[Floats], float]) -> Statistic:
    """A statistic of one weight vector, as `bootstrap` wants it; for what cannot be written as products of matrices."""
    import numpy as np

    def each(weights: Floats) -> Floats:
        return np.asarray([statistic(row) for row in weights], dtype=float)

    return each


def reference_interval(
    scores: Sequence[float], draws: int = 1000, seed: int = 0, ends: tuple[float, float] = (0.0, 1.0)
) -> ReferenceInterval:
    """What HealthBench's reference reports: the mean of the examples' scores, clipped to `ends`, and the standard deviation (divisor
    `draws`) of as many bootstrap means over examples, each clipped.

    Not a 95 % interval, and zero for scores that are all alike: it is here to be compared with published figures.

    Raises `InputError` for no scores or no draws.
    """
    import numpy as np

    if not scores or draws < 1:
        raise InputError(
            f"{len(scores)} scores and {draws} draws",
            "give no interval",
            "score an example",
            "stats.reference_interval",
        )
    row = np.asarray(scores, dtype=float)
    rng = np.random.default_rng(seed)
    step = max(1, _CELLS // len(row))
    means = [
        row[rng.integers(0, len(row), (min(step, draws - start), len(row)))].mean(axis=1)
        for start in range(0, draws, step)
    ]
    return ReferenceInterval(
        mean=float(np.clip(row.mean(), *ends)), standard_deviation=float(np.clip(np.concatenate(means), *ends).std())
    )


class _Spread(NamedTuple):
    """The draws that had a value, the variance the interval is to have with its degrees of freedom, and the clusters there were."""

    drawn: Floats
    variance: float
    degrees: int
    clusters: int


def _spread(
    statistic: Statistic,
    clusters: Sequence[str],
    second: Sequence[str] | None,
    draws: int,
    rng: numpy.random.Generator,
) -> _Spread | Undefined:
    index, count = cluster_index(clusters)
    if second is None:
        drawn = _draw(statistic, [(index, count)], draws, rng)
        if isinstance(drawn, Undefined):
            return drawn
        return _Spread(drawn, _unbiased(drawn, count), count - 1, count)
    other, other_count = cluster_index(second)
    cells, cell_count = cluster_index(list(zip(index.tolist(), other.tolist(), strict=True)))
    ways = [[(index, count), (other, other_count)], [(index, count)], [(other, other_count)], [(cells, cell_count)]]
    found = [_draw(statistic, way, draws, rng) for way in ways]
    for one in found:
        if isinstance(one, Undefined):
            return one
    both, first, crossing, alone = (one for one in found if not isinstance(one, Undefined))
    by_first, by_second = _unbiased(first, count), _unbiased(crossing, other_count)
    variance = max(by_first + by_second - _unbiased(alone, cell_count), by_first, by_second)
    fewest, most = sorted((count, other_count))
    noise = sum(
        _raised(part, size - 1, variance) ** 2 / max(1, size - 1)
        for part, size in ((by_first, count), (by_second, other_count))
    )
    degrees = int(variance**2 / noise) if noise > 0 else 1
    return _Spread(both, variance, max(fewest - 1, min(degrees, most - 1)), fewest)


def _raised(part: float, degrees: int, most: float) -> float:
    """A part of the variance one standard error (`√(2/degrees)` of it) higher, for Satterthwaite's degrees of freedom.

    Three raters who hardly differ do not leave two degrees of freedom for what two hundred conversations say; but the variance of three
    raters is easily found too small, and taken as found it gives degrees of freedom that are not there (held: 90 % instead of 95 %).
    """
    return min(most, part * (1 + math.sqrt(2 / max(1, degrees))))


def _draw(
    statistic: Statistic, ways: Sequence[tuple[Indices, int]], draws: int, rng: numpy.random.Generator
) -> Floats | Undefined:
    import numpy as np

    rows = len(ways[0][0])
    step = max(1, _CELLS // rows)
    parts: list[Floats] = []
    for start in range(0, draws, step):
        size = min(step, draws - start)
        weights = np.ones((size, rows))
        for index, count in ways:
            weights *= cluster_weights(size, count, rng)[:, index]
        parts.append(_values(statistic, weights))
    drawn = np.concatenate(parts)
    valid: Floats = drawn[np.isfinite(drawn)]
    if len(valid) < max(2.0, (1 - _MOST_UNDEFINED) * draws):
        return Undefined(
            f"the statistic had no value in {draws - len(valid)} of {draws} draws of its clusters: too few rows of some kind"
        )
    return valid


def cluster_weights(draws: int, clusters: int, rng: numpy.random.Generator) -> Floats:
    """How often each cluster was drawn when as many as there are were drawn with replacement."""
    import numpy as np

    picked = rng.integers(0, clusters, (draws, clusters)) + clusters * np.arange(draws)[:, None]
    return np.bincount(picked.ravel(), minlength=draws * clusters).reshape(draws, clusters).astype(float)


def _values(statistic: Statistic, weights: Floats) -> Floats:
    import numpy as np

    found = np.asarray(statistic(weights), dtype=float)
    if found.shape != (len(weights),):
        raise InputError(
            f"a statistic of shape {found.shape} for {len(weights)} draws",
            "is not one number a draw",
            "take (draws, rows) and return (draws,)",
            "stats.bootstrap",
        )
    return found


def _unbiased(drawn: Floats, clusters: int) -> float:
    """The variance of the draws, taken up for the one degree of freedom that resampling `clusters` things loses."""
    return float(drawn.var(ddof=1)) * clusters / max(1, clusters - 1)


def _percentiles(value: float, spread: _Spread) -> tuple[float, float]:
    """The percentile interval, its distances from the value stretched to the variance and the degrees of freedom there are."""
    import numpy as np

    low, high = np.quantile(spread.drawn, (0.025, 0.975)).tolist()
    stretch = math.sqrt(spread.variance / float(spread.drawn.var(ddof=1))) * student(spread.degrees) / Z95
    return value - stretch * (value - low), value + stretch * (high - value)
