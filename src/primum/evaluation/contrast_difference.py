"""A mean of paired differences with its 95 % interval and its p-value, which never disagree: p < 0.05 just when the interval leaves out 0.

- Values on a scale (a share, a stance's value): `stats.paired_difference`, Agresti and Min's interval by cluster. Its centre is
  `mean · k / (k + 2)` with k clusters, and p is Student's t of that centre with the same k + 1 degrees of freedom.
- Scores whose ends are far out and seldom met (HealthBench's go below 0): Student's t by cluster, `stats.contrasts.paired`.
- Such scores that all differ by the same d, or stand in one cluster: no variance was seen, so none is claimed. At most a share u (the upper
  end of Wilson's interval of 0 in k, `z² / (k + z²)`) of what was not seen can be otherwise, by the whole width W of the scale: the
  interval is `(1 − u) d ± u W`, which leaves out 0 when `z² < k |d| / W`, and p is that of this z.

Where a difference is only known to lie between two ends, as a judge abstained, it is not in the value; the interval reaches over what every
completion allows, and p is that of the least favourable end (1 when the two ends point different ways).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from primum.records import Estimate
from primum.stats import paired_difference, wilson
from primum.stats.contrasts import paired
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = ["Difference", "Span", "mean_difference"]


class Span(NamedTuple):
    """A value that lies between two ends; it is decided when they are the same."""

    low: float
    high: float

    @property
    def is_decided(self) -> bool:
        return self.low == self.high


class Difference(NamedTuple):
    """A mean difference. `estimate` and `p` are `None` when no pair was decided; `bounds` are the means at least and at most."""

    estimate: Estimate | None
    p: float | None
    bounds: tuple[float, float]
    clusters: int


class _Ends(NamedTuple):
    value: float
    low: float
    high: float
    p: float


def mean_difference(
    spans: Sequence[Span],
    clusters: Sequence[str],
    width: float,
    *,
    is_bounded: bool,
    unit: str,
    decided: Sequence[bool] | None = None,
) -> Difference:
    """The mean of differences that lie between −width and width, each in its span; `clusters` names what each was drawn with.

    `decided` names the pairs that make the value, where that is fewer than those whose own span is decided (parts of one total); the others
    widen the interval all the same.
    """
    import numpy as np

    low, high = np.asarray(spans, dtype=float).T
    chosen = np.asarray([span.is_decided for span in spans] if decided is None else decided, dtype=bool)
    bounds = float(low.mean()), float(high.mean())
    count = len(set(clusters))
    if not chosen.any():
        return Difference(None, None, bounds, count)
    ends = _bounded if is_bounded else _unbounded
    names = np.asarray(clusters, dtype=object)
    found = ends(low[chosen], names[chosen].tolist(), width)
    reached = [ends(side, names.tolist(), width) for side in (low, high)] if not chosen.all() else []
    all_ends = [found, *reached]
    p = max(one.p for one in all_ends)
    if min(one.value for one in all_ends) < 0 < max(one.value for one in all_ends):
        p = 1.0
    estimate = Estimate(
        value=found.value,
        low=min(one.low for one in all_ends),
        high=max(one.high for one in all_ends),
        n=int(chosen.sum()),
        unit=unit,
    )
    return Difference(estimate, p, bounds, count)


def _bounded(values: NDArray[numpy.float64], names: Sequence[str], width: float) -> _Ends:
    from scipy.stats import t as student

    shares = [min(1.0, max(0.0, 0.5 + value / (2 * width))) for value in values.tolist()]
    found = paired_difference([1.0 - share for share in shares], shares, names)
    assert found is not None
    count = len(set(names))
    centre = found.value * count / (count + 2)
    # An end cut off at ±1 is the nearer one: the other still tells the half width.
    deviation = max(centre - found.low, found.high - centre) / float(student.ppf(0.975, count + 1))
    p = 2 * float(student.sf(abs(centre) / deviation, count + 1))
    return _Ends(
        float(values.mean()),
        min(width * found.low, float(values.mean())),
        max(width * found.high, float(values.mean())),
        p,
    )


def _unbounded(values: NDArray[numpy.float64], names: Sequence[str], width: float) -> _Ends:
    found = paired([0.0] * len(values), values.tolist(), names)
    if isinstance(found, Undefined):
        return _unvaried(float(values.mean()), len(set(names)), width)
    return _Ends(found.estimate.value, found.estimate.low, found.estimate.high, found.p_value)


def _unvaried(point: float, count: int, width: float) -> _Ends:
    share = wilson(0, count).high
    half, centre = share * width, (1 - share) * point
    p = 2 * NormalDist().cdf(-math.sqrt(count * abs(point) / width))
    return _Ends(point, min(point, centre - half), max(point, centre + half), p)
