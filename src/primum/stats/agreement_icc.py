"""Intraclass correlations of ratings that are numbers: the six of Shrout and Fleiss (1979)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from primum.records import Estimate
from primum.stats.agreement_alpha import krippendorff_alpha
from primum.stats.agreement_ratings import Ratings, jackknife_variance, read_ratings, refuse_words
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    from primum.stats.agreement_ratings import Floats

__all__ = ["Form", "intraclass_correlation"]

Form = Literal["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"]
_NOTHING = 1e-12
_NO_RELIABILITY = -9.0  # where the interval of a mean's reliability, which has no lower end, stops


class _Squares(NamedTuple):
    """Mean squares between units, within units, between raters, and of what is left; each of shape (cases,)."""

    units: Floats
    within: Floats
    raters: Floats
    rest: Floats
    n: Floats


def intraclass_correlation(
    ratings: Sequence[Sequence[float | None]],
    form: Form = "2,1",
    clusters: Sequence[str] | None = None,
    unit: str = "unit",
) -> Estimate | Undefined:
    """ICC(1,·): each unit by its own raters; (2,·): the same raters, drawn from many; (3,·): these raters and no others, offsets aside.

    (·,1) is the reliability of one rating, (·,k) of the mean of all `k`. Units with a missing rating are left out; `n` counts the rest.
    Interval: Shrout and Fleiss' from F, exact for normal ratings ((2,·) approximately). With clusters of units, never less than
    Student's on `½ ln((1 + (k − 1) ρ) / (1 − ρ))` with the jackknife variance by cluster. When all agree, as far down as
    Krippendorff's α on numbers goes.

    Raises `InputError` for words, or rows of different lengths.
    """
    read = read_ratings(ratings, clusters)
    if isinstance(read, Undefined):
        return read
    refuse_words(read, "rank them and take krippendorff_alpha")
    import numpy as np

    complete = (read.codes >= 0).all(axis=1)
    table = read.values[read.codes[complete]]
    names = [read.clusters[position] for position in np.flatnonzero(complete).tolist()]
    if len(table) < 2:
        return Undefined(
            f"{len(table)} units were rated by all {read.codes.shape[1]} raters, and a correlation needs two"
        )
    table = table - table.mean()
    largest = float((table**2).mean())
    if largest <= _NOTHING * max(1.0, float(np.abs(read.values).max()) ** 2):
        return Undefined("all ratings are the same, so there is no variance to share out")
    table = table / largest**0.5
    single = _Single(table, form[0])
    value = float(single.of(single.totals.sum(axis=0)[None, :])[0])
    raters = table.shape[1]
    if 1 + (raters - 1) * value <= 1e-9:
        return Undefined("the units' means are all the same, so nothing tells units apart and the interval is 0/0")
    ends = _ends(single, value, names, read)
    if isinstance(ends, Undefined):
        return ends
    low, high = min(ends[0], value), max(ends[1], value)
    if form.endswith("k"):
        low, value, high = (_of_mean(one, raters) for one in (low, value, high))
        low = min(value, max(low, _NO_RELIABILITY))
    return Estimate(value=value, low=low, high=high, n=len(table), unit=unit)


class _Single:
    """The reliability of one rating, as a function of sums over units of: 1, mean, mean², squares within, each rating."""

    def __init__(self, table: Floats, design: str) -> None:
        import numpy as np

        means = table.mean(axis=1)
        within = ((table - means[:, None]) ** 2).sum(axis=1)
        self.table, self.design, self.raters = table, design, table.shape[1]
        self.totals = np.column_stack([np.ones(len(table)), means, means**2, within, table])

    def squares(self, sums: Floats) -> _Squares:
        import numpy as np

        k, n = self.raters, sums[:, 0]
        units = k * (sums[:, 2] - sums[:, 1] ** 2 / n)
        raters = np.maximum(0.0, (sums[:, 4:] ** 2).sum(axis=1) / n - k * sums[:, 1] ** 2 / n)
        rest = np.maximum(0.0, sums[:, 3] - raters)
        return _Squares(units / (n - 1), sums[:, 3] / (n * (k - 1)), raters / (k - 1), rest / ((n - 1) * (k - 1)), n)

    def of(self, sums: Floats) -> Floats:
        found, k = self.squares(sums), self.raters
        if self.design == "1":
            alone: Floats = (found.units - found.within) / (found.units + (k - 1) * found.within)
            return alone
        offsets = k * (found.raters - found.rest) / found.n if self.design == "2" else 0.0
        value: Floats = (found.units - found.rest) / (found.units + (k - 1) * found.rest + offsets)
        return value


def _ends(single: _Single, value: float, names: list[str], read: Ratings) -> tuple[float, float] | Undefined:
    if value >= 1 - _NOTHING:
        return _ends_when_all_agree(single, names)
    if len(set(names)) == len(names):
        return _ends_by_f(single, value)
    return _ends_by_cluster(single, value, names)


def _ends_by_f(single: _Single, value: float) -> tuple[float, float]:
    """Shrout and Fleiss (1979), pages 423 and 424."""
    from scipy.stats import f

    squares = single.squares(single.totals.sum(axis=0)[None, :])
    between, within, offsets, rest = (float(part[0]) for part in squares[:4])
    n, k = len(single.table), single.raters
    if single.design != "2":
        noise, degrees = (within, n * (k - 1)) if single.design == "1" else (rest, (n - 1) * (k - 1))
        ratio = between / noise
        low, high = ratio / f.ppf(0.975, n - 1, degrees), ratio * f.ppf(0.975, degrees, n - 1)
        return float((low - 1) / (low + k - 1)), float((high - 1) / (high + k - 1))
    # Satterthwaite's degrees of freedom of k MSJ + (kn − k − n) MSE; multiplied out, so that MSE may be 0.
    mixed = (n * (1 + (k - 1) * value) - k * value) * rest
    above = (k - 1) * (n - 1) * (k * value * offsets + mixed) ** 2
    below = (n - 1) * (k * value * offsets) ** 2 + mixed**2
    degrees_mixed = above / below if below > 0 else 1.0
    spread = k * offsets + (k * n - k - n) * rest
    least, most = f.ppf(0.975, n - 1, degrees_mixed), f.ppf(0.975, degrees_mixed, n - 1)
    low = n * (between - least * rest) / (least * spread + n * between)
    high = n * (most * between - rest) / (spread + n * most * between)
    return float(low), float(high)


def _ends_by_cluster(single: _Single, value: float, names: list[str]) -> tuple[float, float]:
    import numpy as np
    from scipy.stats import t

    k = single.raters

    def stretched(sums: Floats) -> Floats:
        rho = single.of(sums)
        found: Floats = 0.5 * np.log((1 + (k - 1) * rho) / (1 - rho))
        return found

    alone = [str(position) for position in range(len(names))]
    variance = max(jackknife_variance(single.totals, stretched, which) for which in (alone, names))
    middle = 0.5 * np.log((1 + (k - 1) * value) / (1 - value))
    half = t.ppf(0.975, max(1, len(set(names)) - 1)) * variance**0.5
    low, high = ((np.expm1(2 * end)) / (np.exp(2 * end) + k - 1) for end in (middle - half, middle + half))
    alone_low, alone_high = _ends_by_f(
        single, value
    )  # for (2,·) it holds what these raters leave open, which no cluster of units does
    return min(float(low), alone_low), max(float(high), alone_high)


def _ends_when_all_agree(single: _Single, names: list[str]) -> tuple[float, float] | Undefined:
    """Normal ratings that agree would agree for ever; ratings on a scale may yet differ.

    Rounded, so that what is equal but for the offsets is equal without them.
    """
    import numpy as np

    table = single.table - single.table.mean(axis=0) if single.design == "3" else single.table
    found = krippendorff_alpha(np.round(table, 9).tolist(), "interval", names)
    return found if isinstance(found, Undefined) else (max(found.low, -1 / (single.raters - 1)), 1.0)


def _of_mean(single: float, raters: int) -> float:
    """Spearman and Brown: the reliability of the mean of `raters` ratings from that of one.

    It falls without end as that of one nears `−1/(k − 1)`.
    """
    below = 1 + (raters - 1) * single
    return raters * single / below if below > 0 else -math.inf
