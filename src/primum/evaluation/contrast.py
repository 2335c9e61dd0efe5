"""Two runs on the same scenarios: the difference on every slice, corrected for how many slices were looked at.

Paired by scenario; a scenario that stands in one run only is reported and enters nothing. Every slice is tested, but for one that is the
whole again, and the p-values of all of them are adjusted together so that, of the slices called better or worse, at most 5 % are expected
to be so by chance (the false discovery rate; Benjamini and Hochberg 1995). Slices overlap, so their tests are correlated, mostly
positively, which that procedure allows.

The intervals are those of each slice by itself, at 95 %; a slice is called better or worse by its adjusted p alone, so that one whose
interval leaves out 0 may still read "cannot tell".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from primum.errors import InputError
from primum.evaluation.contrast_difference import Difference, Span, mean_difference
from primum.stats.multiplicity import benjamini_hochberg

__all__ = ["LEVEL", "WHOLE", "Contrast", "Frame", "Measure", "Reading", "Row", "Run", "Slice", "Values", "contrast"]

LEVEL = 0.05
Reading = Literal["better", "worse", "cannot tell"]


class Slice(NamedTuple):
    """What a number is about: a metric on a part of the scenarios or criteria (`axis`, `accuracy`; `all`, `all`)."""

    metric: str
    by: str
    name: str


WHOLE = "all"
Values = Mapping[Slice, Mapping[str, Span]]


class Measure(NamedTuple):
    """A metric. `is_bounded` when its values use their scale up to its ends, as shares do."""

    is_better_high: bool = True
    is_bounded: bool = True


class Frame(NamedTuple):
    """What two runs share: the metrics, the scale of each slice, and what a scenario was drawn with (itself, if not named)."""

    measures: Mapping[str, Measure]
    scales: Mapping[Slice, tuple[float, float]]
    clusters: Mapping[str, str]
    unit: str = "scenario"

    def width(self, one: Slice) -> float:
        low, high = self.scales[one]
        return high - low

    def names(self, scenarios: Sequence[str]) -> list[str]:
        return [self.clusters.get(scenario, scenario) for scenario in scenarios]

    def with_(self, other: Frame) -> Frame:
        """What holds for the slices and scenarios of both."""
        scales = {**self.scales, **other.scales}
        for one in set(self.scales) & set(other.scales):
            (low, high), (other_low, other_high) = self.scales[one], other.scales[one]
            scales[one] = min(low, other_low), max(high, other_high)
        return self._replace(scales=scales, clusters={**self.clusters, **other.clusters})


class Run(NamedTuple):
    """One model's answers under one judge: values by slice and scenario, the judge's fingerprint, the digest of each answer.

    `judges` names another judge where a scenario has its own (choice questions). An empty judge or a missing digest is not known.
    """

    values: Values
    judge: str = ""
    answers: Mapping[str, str] = {}
    judges: Mapping[str, str] = {}

    @property
    def scenarios(self) -> frozenset[str]:
        return frozenset(scenario for inside in self.values.values() for scenario in inside)

    def judge_of(self, scenario: str) -> str:
        return self.judges.get(scenario, self.judge)

    def only(self, by: Collection[str]) -> Run:
        """The run with the whole and the slices of these names."""
        return self._replace(values={one: inside for one, inside in self.values.items() if one.by in (WHOLE, *by)})


class Row(NamedTuple):
    """A slice before and after: means over the pairs decided on both sides, and what can be said at the adjusted 5 %."""

    slice: Slice
    pairs: int
    before: float | None
    after: float | None
    difference: Difference
    adjusted_p: float | None
    reading: Reading


class Contrast(NamedTuple):
    """Every slice, the clearest first; what was paired, in order, and what was not."""

    rows: tuple[Row, ...]
    paired: tuple[str, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    tests: int


def contrast(before: Run, after: Run, frame: Frame) -> Contrast:
    """`after − before` on every slice. Raises `InputError` when the runs share no scenario."""
    paired = sorted(before.scenarios & after.scenarios)
    if not paired:
        raise InputError(
            f"runs of {len(before.scenarios)} and {len(after.scenarios)} scenarios",
            "share none, so nothing can be paired",
            "compare runs on the same scenarios",
            "evaluation.contrast",
        )
    slices = [one for one in before.values if not _repeats(one, before, after)]
    found = [row for one in slices if (row := _row(one, before, after, frame)) is not None]
    tested = [row.difference.p for row in found if row.difference.p is not None]
    adjusted = iter(benjamini_hochberg(tested))
    read = [_read(row, next(adjusted) if row.difference.p is not None else None, frame) for row in found]
    return Contrast(
        rows=tuple(sorted(read, key=_clearest_first)),
        paired=tuple(paired),
        only_before=tuple(sorted(before.scenarios - after.scenarios)),
        only_after=tuple(sorted(after.scenarios - before.scenarios)),
        tests=len(tested),
    )


def _repeats(one: Slice, before: Run, after: Run) -> bool:
    """Whether a slice of the pairs is the whole again (all are in English): it would be a second test of the same thing."""
    whole = Slice(one.metric, WHOLE, WHOLE)
    return one != whole and _pairs(one, before, after) == _pairs(whole, before, after)


def _pairs(one: Slice, before: Run, after: Run) -> dict[str, tuple[Span, Span]]:
    old, new = before.values.get(one, {}), after.values.get(one, {})
    return {id: (old[id], new[id]) for id in sorted(set(old) & set(new))}


def _row(one: Slice, before: Run, after: Run, frame: Frame) -> Row | None:
    pairs = _pairs(one, before, after)
    if not pairs:
        return None
    spans = [Span(new.low - old.high, new.high - old.low) for old, new in pairs.values()]
    decided = [pair for pair in pairs.values() if pair[0].is_decided and pair[1].is_decided]
    difference = mean_difference(
        spans,
        frame.names(list(pairs)),
        frame.width(one),
        is_bounded=frame.measures[one.metric].is_bounded,
        unit=frame.unit,
    )
    return Row(
        slice=one,
        pairs=len(pairs),
        before=_mean([old.low for old, _ in decided]),
        after=_mean([new.low for _, new in decided]),
        difference=difference,
        adjusted_p=None,
        reading="cannot tell",
    )


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _read(row: Row, adjusted: float | None, frame: Frame) -> Row:
    if adjusted is None:
        return row
    estimate = row.difference.estimate
    assert estimate is not None
    reading: Reading = "cannot tell"
    if adjusted < LEVEL:
        is_up = estimate.value > 0
        reading = "better" if is_up == frame.measures[row.slice.metric].is_better_high else "worse"
    return row._replace(adjusted_p=adjusted, reading=reading)


def _clearest_first(row: Row) -> tuple[float, float, bool, Slice]:
    missing = 2.0
    adjusted = missing if row.adjusted_p is None else row.adjusted_p
    p = missing if row.difference.p is None else row.difference.p
    return adjusted, p, row.slice.by != WHOLE, row.slice
