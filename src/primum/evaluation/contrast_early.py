"""How soon a comparison could have stopped, had its scenarios been judged one after another and looked at after each.

The order is that of the hashes of the scenarios' names (or of what they were drawn with: those come in together, as their mean), which is
as good as drawn. `stats.sequential` keeps the error of all looks together at 5 %. A pair that a judge did not decide is passed over.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from primum.evaluation.contrast import LEVEL, WHOLE, Frame, Run, Slice
from primum.stats.sequential import SequentialComparison, SequentialSettings

__all__ = ["Early", "stop_early"]

_MARGIN = 0.02  # ours: a change smaller than two points in a hundred does not matter


class Early(NamedTuple):
    """When the comparison was decided: `reading` after `looked` of `there`; the change lies in `low … high` at every look together."""

    slice: Slice
    reading: str
    looked: int
    there: int
    low: float
    high: float


def stop_early(before: Run, after: Run, frame: Frame) -> tuple[Early, ...]:
    """For each metric on the whole; a metric without a decided pair is left out."""
    return tuple(
        _one(one, drawn, frame)
        for one in before.values
        if one.by == WHOLE and (drawn := _drawn(one, before, after, frame))
    )


def _drawn(one: Slice, before: Run, after: Run, frame: Frame) -> list[float]:
    """The mean difference of each cluster, in the order of the hashes of their names."""
    old, new = before.values[one], after.values.get(one, {})
    together: dict[str, list[float]] = {}
    for id in sorted(set(old) & set(new)):
        if old[id].is_decided and new[id].is_decided:
            together.setdefault(frame.names([id])[0], []).append(new[id].low - old[id].low)
    names = sorted(together, key=lambda name: hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest())
    return [sum(together[name]) / len(together[name]) for name in names]


def _one(one: Slice, drawn: list[float], frame: Frame) -> Early:
    width = frame.width(one)
    comparison = SequentialComparison(SequentialSettings(alpha=LEVEL, margin=min(0.99, _MARGIN / width)))
    for difference in drawn:
        if comparison.add(min(1.0, max(-1.0, difference / width))).word != "go on":
            break
    found = comparison.decision
    reading: str = found.word
    if found.word in ("better", "worse"):
        is_up = (found.word == "better") == frame.measures[one.metric].is_better_high
        reading = "better" if is_up else "worse"
    return Early(one, reading, found.n, len(drawn), found.low * width, found.high * width)
