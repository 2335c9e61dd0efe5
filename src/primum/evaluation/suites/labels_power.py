"""How many labels a wanted half-width of the headline takes, planned from the labels there are.

The unit is a whole answer where whole answers were labelled, else a criterion; labels are taken to be drawn by lot.

- classical: the standard deviation `s` of people's scores, half-width `t s / √n`.
- PPI++: variance `s²/n (1 − ρ² (1 − n/N))`, `ρ` the correlation of the judge's scores with people's, `N` judged.
- Rogan-Gladen: variance `s²/N + B (1/n − 1/N)`, as with every answer labelled it gives the score of the people. `B` is what the
  interval of these labels has beyond `s²/N`, so clusters and weights are in it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.evaluation.suites.labelled import Labelled, corrected_scores
from primum.stats.graded import OVERALL, GradedExample
from primum.stats.labelling import labels_for_mean, labels_for_ppi
from primum.stats.score_interval import student
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

__all__ = ["Plan", "plan_labels"]

_FEWEST = 4  # below it a correlation says nothing


class Plan(NamedTuple):
    """Labels for the half-width by way; what it was planned from, and what an item is (`conversation` or `criterion`)."""

    classical: int | Undefined
    ppi: int | Undefined
    rogan_gladen: int | Undefined
    deviation: float | Undefined
    correlation: float | Undefined
    unit: str
    judged: int | None
    n_labelled: int


class _Items(NamedTuple):
    """The judge's and people's values by item (NaN: unlabelled), whose mean is the score, and what each label weighs."""

    judge: Floats
    human: Floats
    weight: Floats
    unit: str


def plan_labels(labelled: Labelled, half_width: float) -> Plan:
    """The plan for the headline. Each number that cannot be told is `Undefined` with its reason.

    Raises `InputError` for a half-width that is not above 0.
    """
    import numpy as np

    items = _items(labelled)
    known = np.isfinite(items.human)
    count, judged = int(known.sum()), len(items.human)
    if count < _FEWEST:
        labels_for_mean(half_width, 0.0)  # a half-width that is none is told first
        few = Undefined(f"{count} labelled {_plural(items.unit)} are too few to plan from: label {_FEWEST} at least")
        return Plan(few, few, few, few, few, items.unit, judged, count)
    deviation, correlation = _moments(items, known)
    classical = labels_for_mean(half_width, deviation)
    by_ppi: int | Undefined
    if isinstance(correlation, Undefined):
        by_ppi = correlation
    else:
        by_ppi = labels_for_ppi(half_width, deviation, correlation, judged)
    if not isinstance(classical, Undefined) and classical > judged:
        classical = Undefined(f"it would take {classical:,} labels, and {judged:,} {_plural(items.unit)} were judged")
    by_accuracy = _for_rogan_gladen(labelled, deviation, half_width, (count, judged))
    return Plan(classical, by_ppi, by_accuracy, deviation, correlation, items.unit, judged, count)


def _moments(items: _Items, known: NDArray[numpy.bool_]) -> tuple[float, float | Undefined]:
    import numpy as np

    human, judge, weight = items.human[known], items.judge[known], items.weight[known]
    weight = weight / weight.sum()
    free = len(human) / (len(human) - 1)
    by_human, by_judge = human - weight @ human, judge - weight @ judge
    deviation = math.sqrt(free * float(weight @ by_human**2))
    of_judge = math.sqrt(free * float(weight @ by_judge**2))
    for name, spread in (("people", deviation), ("the judge", of_judge)):
        if spread < 1e-12:
            return deviation, Undefined(f"{name} gave all labelled {_plural(items.unit)} the same: label others too")
    correlation = free * float(weight @ (by_human * by_judge)) / (deviation * of_judge)
    return deviation, float(np.clip(correlation, -1.0, 1.0))


def _for_rogan_gladen(
    labelled: Labelled, deviation: float, half_width: float, sizes: tuple[int, int]
) -> int | Undefined:
    """`sizes`: the labelled items, and the judged."""
    count, judged = sizes
    found = corrected_scores(labelled)[OVERALL].rogan_gladen
    if isinstance(found, Undefined):
        return found
    if count == judged:
        return Undefined("everything that was judged is labelled, which leaves nothing to plan")
    clusters = sum(any(said is not None for said in one.human) for one in labelled.lots)
    now = ((found.high - found.low) / 2 / student(clusters - 1)) ** 2
    least = deviation**2 / judged
    by_label = max(0.0, now - least) / (1 / count - 1 / judged)

    def half_at(n: int) -> float:
        return student(n - 1) * math.sqrt(least + by_label * (1 / n - 1 / judged))

    if half_at(judged) > half_width:
        return Undefined(f"labelling all {judged} items leaves a half-width above {half_width:g}")
    return bisect_left(range(judged), -half_width, lo=2, key=lambda n: -half_at(n))


def _items(labelled: Labelled) -> _Items:
    """Whole answers where all that have labels have them on every criterion and none was drawn alone; else criteria."""
    import numpy as np

    examples = [one for one in labelled.shares if any(points > 0 for points in one.points)]
    rates = _rates(examples)
    filled = [_filled(one, rates) for one in examples]
    values = [np.asarray(one.points) / sum(p for p in one.points if p > 0) for one in examples]
    human = [np.asarray([np.nan if said is None else said for said in one.human], dtype=float) for one in examples]
    if not labelled.has_chances and not any(np.isnan(said).any() and not np.isnan(said).all() for said in human):
        return _Items(
            np.asarray([float(value @ said) for value, said in zip(values, filled, strict=True)]),
            np.asarray([float(value @ said) for value, said in zip(values, human, strict=True)]),
            np.ones(len(examples)),
            "conversation",
        )
    stretch = np.concatenate(values) * sum(map(len, values)) / len(values)
    chances = [chance for one in examples for chance in (one.chances or [1.0] * len(one.points))]
    return _Items(
        stretch * np.concatenate(filled), stretch * np.concatenate(human), 1 / np.asarray(chances), "criterion"
    )


def _rates(examples: Sequence[GradedExample]) -> tuple[float, float]:
    """The share met among the decided, of negative and of positive criteria."""
    shares = []
    for adds in (False, True):
        said = [v for one in examples for p, v in zip(one.points, one.judge, strict=True) if (p > 0) is adds]
        decided = [v for v in said if v is not None]
        shares.append(sum(decided) / len(decided) if decided else 0.5)
    return shares[0], shares[1]


def _filled(one: GradedExample, rates: tuple[float, float]) -> Floats:
    """The judge's verdicts, an abstention at the share met among the decided of its sign, as the corrections put it."""
    import numpy as np

    said = [rates[p > 0] if v is None else float(v) for p, v in zip(one.points, one.judge, strict=True)]
    return np.asarray(said, dtype=float)


def _plural(unit: str) -> str:
    return "criteria" if unit == "criterion" else "answers"
