"""How many labels a wanted interval takes, and which items a person should label next.

**How many** (`labels_for_*`): the least number for which Student's t times the standard error is at most the wanted half-width.

**Which** (`next_labels`): a label narrows the headline by what it can change: how likely the judge is wrong there, times how much
a wrong verdict moves the headline (a criterion's points over the positive points of its rubric). Chances of being drawn
proportional to the standard deviation of that change make the variance of the corrected mean least (Zrnic and Candès 2024, arXiv
2403.03208); a part of the budget goes to all items alike, so that a judge that is sure and wrong is found out, and no label weighs
too much. Each item's chance is kept: weighed by its inverse (`ppi.ppi_mean(chances=…)`, `GradedExample.chances`) the estimate
stays unbiased, whatever the doubts were.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from primum.errors import InputError
from primum.stats.score_interval import student
from primum.stats.undefined import Undefined

__all__ = [
    "Candidate",
    "Chosen",
    "doubt_of",
    "labels_for_mean",
    "labels_for_ppi",
    "labels_for_rogan_gladen",
    "next_labels",
    "rubric_candidates",
]

_PLACE = "stats.labelling"
_MOST = 10_000_000


def labels_for_mean(half_width: float, deviation: float) -> int | Undefined:
    """Labels for the classical interval `± t s / √n`; a rate `p` has deviation `√(p (1 − p))`.

    Raises `InputError` for a half-width that is not above 0 or a deviation below 0.
    """
    _positive(half_width, deviation)
    return _least(lambda n: deviation**2 / n, half_width, _MOST)


def labels_for_ppi(half_width: float, deviation: float, correlation: float, judged: int) -> int | Undefined:
    """Labels for PPI++ among `judged` items, given the correlation of judge and people: variance `s²/n (1 − ρ² (1 − n/judged))`.

    `Undefined` when even labelling every item leaves it wider.

    Raises `InputError` for a correlation that is not between −1 and 1, or as `labels_for_mean` does.
    """
    _positive(half_width, deviation)
    if not -1 <= correlation <= 1:
        raise InputError(f"correlation {correlation}", "is not between −1 and 1", "measure it", _PLACE)
    kept = max(0.0, correlation) ** 2  # λ is not negative: a judge that is always wrong is no help here
    return _least(lambda n: deviation**2 / n * (1 - kept * (1 - n / judged)), half_width, judged)


def labels_for_rogan_gladen(
    half_width: float, rate: float, sensitivity: float, specificity: float, judged: int
) -> int | Undefined:
    """Labels, drawn by lot, for Rogan-Gladen's interval around a true `rate` over `judged` items, by the delta method.

    Variance `(q (1 − q)/judged + (rate·se (1 − se) + (1 − rate)·sp (1 − sp))/n) / (se + sp − 1)²`, `q` what the judge reports.
    `Undefined` when no number of labels is enough, or when the judge tells nothing.

    Raises `InputError` for a share that is not between 0 and 1, or as `labels_for_mean` does.
    """
    _positive(half_width, 0.0)
    for share in (rate, sensitivity, specificity):
        if not 0 <= share <= 1:
            raise InputError(f"share {share}", "is not between 0 and 1", "give rates", _PLACE)
    skill = sensitivity + specificity - 1
    if skill <= 0:
        return Undefined("sensitivity and specificity sum to at most 1, so the judge tells nothing")
    reported = rate * sensitivity + (1 - rate) * (1 - specificity)
    errors = rate * sensitivity * (1 - sensitivity) + (1 - rate) * specificity * (1 - specificity)
    return _least(lambda n: (reported * (1 - reported) / judged + errors / n) / skill**2, half_width, judged)


class Candidate(NamedTuple):
    """An item that could be labelled: how likely the judge is wrong there, and how far that moves the headline (any common unit)."""

    name: str
    doubt: float
    influence: float


class Chosen(NamedTuple):
    """The names to label, the most useful first, and each candidate's chance of having been chosen (none when chosen by rank).

    Labels chosen by rank are no sample: they mend their own verdicts, and no interval may be built on them.
    """

    names: tuple[str, ...]
    chances: Mapping[str, float]


def doubt_of(verdict: bool | None, probability: float | None, unknown: float = 0.25) -> float:
    """How likely the verdict is wrong, by the judge's own (calibrated) probability that the criterion is met.

    An abstention is wrong as often as a coin; a verdict without a probability as often as `unknown`, which a certificate can tell.
    """
    if verdict is None:
        return 0.5
    if probability is None:
        return unknown
    return 1 - probability if verdict else probability


def rubric_candidates(
    name: str, points: Sequence[float], verdicts: Sequence[bool | None], probabilities: Sequence[float | None]
) -> list[Candidate]:
    """The criteria of one answer, named `name#0`, `name#1` …: influence is points over the rubric's positive points.

    Raises `InputError` when the columns do not match or no points are positive.
    """
    if not len(points) == len(verdicts) == len(probabilities):
        raise InputError(f"the criteria of {name!r}", "do not match their verdicts", "give one each", _PLACE)
    positive = sum(value for value in points if value > 0)
    if positive <= 0:
        raise InputError(f"the rubric of {name!r}", "has no positive points", "leave it out", _PLACE)
    return [
        Candidate(f"{name}#{j}", doubt_of(verdicts[j], probabilities[j]), abs(points[j]) / positive)
        for j in range(len(points))
    ]


def next_labels(
    candidates: Sequence[Candidate],
    budget: int,
    way: Literal["sampled", "ranked"] = "sampled",
    alike: float = 0.3,
    seed: int = 0,
) -> Chosen:
    """Which of the candidates to label with a budget.

    `sampled` draws exactly `budget` of them with chances proportional to `influence √doubt`, after `alike` of the budget is spread
    over all; `ranked` takes the highest. The same seed draws the same.

    Raises `InputError` for a budget that is not between 1 and the number of candidates, a doubt that is no probability, an
    influence below 0, or a name twice.
    """
    _check(candidates, budget, alike)
    weights = [one.influence * math.sqrt(one.doubt) for one in candidates]
    order = sorted(range(len(candidates)), key=lambda i: (-weights[i], candidates[i].name))
    if way == "ranked":
        return Chosen(tuple(candidates[i].name for i in order[:budget]), {})
    chances = _chances(weights, budget, alike)
    drawn = _systematic(chances, budget, seed)
    return Chosen(
        tuple(candidates[i].name for i in order if i in drawn),
        {one.name: chance for one, chance in zip(candidates, chances, strict=True)},
    )


def _chances(weights: Sequence[float], budget: int, alike: float) -> list[float]:
    """Chances that sum to the budget, proportional to the weights beyond an equal part, none above 1."""
    n, total = len(weights), math.fsum(weights)
    wanted = [alike / n + (1 - alike) * (weight / total if total > 0 else 1 / n) for weight in weights]
    certain: set[int] = set()
    while True:
        free = math.fsum(wanted[i] for i in range(n) if i not in certain)
        factor = (budget - len(certain)) / free if free > 0 else 0.0
        full = {i for i in range(n) if i not in certain and wanted[i] * factor >= 1}
        if not full:
            return [1.0 if i in certain else wanted[i] * factor for i in range(n)]
        certain |= full


def _systematic(chances: Sequence[float], budget: int, seed: int) -> set[int]:
    """Exactly `budget` positions, each with its chance: a comb of even teeth laid over the chances in random order (Madow 1949)."""
    import numpy as np

    rng = np.random.default_rng(seed)
    order = rng.permutation(len(chances))
    ends = np.cumsum(np.asarray(chances)[order])
    ends *= budget / ends[-1]  # the sum is the budget but for rounding
    teeth = np.arange(budget) + rng.random()
    return {int(order[i]) for i in np.searchsorted(ends, teeth, side="right")}


def _check(candidates: Sequence[Candidate], budget: int, alike: float) -> None:
    if not 1 <= budget <= len(candidates):
        raise InputError(f"budget {budget}", f"is not between 1 and {len(candidates)}", "choose another", _PLACE)
    if not 0 < alike <= 1:
        raise InputError(f"alike {alike}", "leaves items without any chance", "choose it above 0, at most 1", _PLACE)
    if len({one.name for one in candidates}) < len(candidates):
        raise InputError("a candidate", "is named twice", "name each once", _PLACE)
    for one in candidates:
        if not 0 <= one.doubt <= 1 or not 0 <= one.influence < math.inf:
            raise InputError(
                f"candidate {one.name!r} with doubt {one.doubt} and influence {one.influence}",
                "cannot be weighed",
                "give a probability and a size",
                _PLACE,
            )


def _positive(half_width: float, deviation: float) -> None:
    if not half_width > 0 or deviation < 0:
        raise InputError(
            f"half-width {half_width} for deviation {deviation}", "cannot be reached", "give sizes above 0", _PLACE
        )


def _least(variance_at: Callable[[int], float], half_width: float, most: int) -> int | Undefined:
    """The least n in 2 … most with `t(n − 1) √variance(n) ≤ half_width`; the variance falls with n."""
    low, high = 2, max(2, most)
    if student(high - 1) * math.sqrt(variance_at(high)) > half_width:
        return Undefined(f"labelling all {most} items leaves a half-width above {half_width:g}")
    while low < high:
        middle = (low + high) // 2
        if student(middle - 1) * math.sqrt(variance_at(middle)) <= half_width:
            high = middle
        else:
            low = middle + 1
    return low
