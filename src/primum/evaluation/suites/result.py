"""What a suite returns, and how the values of single answers become a number with its interval and its bounds.

An answer's value may not be known: the judge abstained from a part of it. It then has a lowest and a highest value, over every way the
abstentions could have gone, and is *decided* when they are the same. Of a set of answers:

- `bounds`: the mean of the lowest and the mean of the highest values, over all answers. The score that a judge without abstentions
  would have found lies between them.
- the point: the mean over the decided answers, moved to the nearer bound if it lies outside of them (what is known of the undecided
  answers may rule it out). Nothing is counted as not met, nothing is rescaled. No answer decided: no point.
- the interval: from `stats.mean` on the decided answers, widened to the low end of the interval of the lowest values and to the high end
  of that of the highest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from primum.records import Estimate
from primum.stats import mean

__all__ = ["Item", "Number", "Result", "average", "by_slice", "exact"]

Bounds = tuple[float, float]


class Item(NamedTuple):
    """The value of one answer, at least and at most; the same when it is decided. `cluster` is what it is resampled with."""

    low: float
    high: float
    cluster: str

    @property
    def is_decided(self) -> bool:
        return self.low == self.high


class Number(NamedTuple):
    """A number with its interval (none where nothing was decided) and the bounds that abstentions leave it."""

    estimate: Estimate | None
    bounds: Bounds


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a suite says of a run.

    `score` is the headline, `tags` its slices, `metrics` the suite's other numbers. `asked` counts the verdicts that were asked for,
    `abstained` those among them without an answer, `n` the answers, `decided` those whose value is known. `reference` holds what
    the published code prints beside a number (the standard deviation of bootstrap means). What a reader must know stands in `notes`.
    """

    suite: str
    metric: str
    is_better_high: bool
    score: Number
    tags: dict[str, Number]
    asked: int
    abstained: int
    n: int
    decided: int
    metrics: dict[str, Number] = {}
    reference: dict[str, float] = {}
    missing: int = 0
    judge: str = ""
    notes: list[str] = []


def exact(value: float, cluster: str) -> Item:
    """A decided value."""
    return Item(value, value, cluster)


def average(items: Sequence[Item], scale: Bounds, unit: str, clip: Bounds | None = None) -> Number:
    """The mean of the items' values, which lie on `scale`; `clip` cuts the mean, its interval and its bounds, never an item.

    The mean is `numpy.mean`, as in the reference code of HealthBench, so that it is equal to the last bit there.
    """
    import numpy as np

    lows, highs, names = [i.low for i in items], [i.high for i in items], [i.cluster for i in items]
    bounds = _clipped(float(np.mean(lows)), clip), _clipped(float(np.mean(highs)), clip)
    decided = [item for item in items if item.is_decided]
    found = mean([i.low for i in decided], [i.cluster for i in decided], unit, scale) if decided else None
    if found is None:
        return Number(None, bounds)
    low, high = found.low, found.high
    if len(decided) < len(items):
        worst, best = mean(lows, names, unit, scale), mean(highs, names, unit, scale)
        assert worst is not None and best is not None
        low, high = min(low, worst.low), max(high, best.high)
    point = _clipped(float(np.mean([item.low for item in decided])), clip)
    point = min(max(point, bounds[0]), bounds[1])
    low, high = _clipped(low, clip), _clipped(high, clip)
    # Rounding on the scale may move an end by a last bit past the point or a bound.
    low, high = min(low, point, bounds[0]), max(high, point, bounds[1])
    return Number(Estimate(value=point, low=low, high=high, n=len(decided), unit=unit), bounds)


def by_slice(
    items: Iterable[tuple[Mapping[str, str], Item]], scale: Bounds, unit: str, clip: Bounds | None = None
) -> dict[str, Number]:
    """The average of each slice, as `name:value`, in order; an item counts in each slice it is given for."""
    inside: dict[str, list[Item]] = {}
    for slices, item in items:
        for name, value in slices.items():
            inside.setdefault(f"{name}:{value}", []).append(item)
    return {key: average(inside[key], scale, unit, clip) for key in sorted(inside)}


def _clipped(value: float, clip: Bounds | None) -> float:
    assert math.isfinite(value)
    return value if clip is None else min(max(value, clip[0]), clip[1])
