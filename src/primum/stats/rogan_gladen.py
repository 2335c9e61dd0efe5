"""Rogan and Gladen (1978): the true rate behind what an imperfect judge reports, `(reported + specificity − 1) / (sensitivity +
specificity − 1)`.

Sensitivity and specificity come from labelled items and are uncertain themselves. The interval is Fieller's: the rates θ for which
`reported − (1 − specificity) − θ (sensitivity + specificity − 1)` is no further from zero than Student's t times its standard
error at that θ. Unlike the delta method it stays honest where a handful of labels carries a class, and it says `0 … 1` when the
labels cannot rule out a judge that tells nothing. Each rate's variance is that of the count with one success and one failure more
(Agresti and Coull; Lang and Reiczigel 2014), never less than the clusters give. Value and interval are truncated to 0 … 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.corrected import Corrected, check_lengths
from primum.stats.intervals import mean
from primum.stats.score_interval import cluster_index, student
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]
    Indices = NDArray[numpy.int64]

__all__ = ["JudgeAccuracy", "judge_accuracy", "rogan_gladen", "rogan_gladen_counts"]

_PLACE = "stats.rogan_gladen"


class JudgeAccuracy(NamedTuple):
    """How often the judge says yes where people do (sensitivity), and no where they do (specificity)."""

    sensitivity: Estimate
    specificity: Estimate


def judge_accuracy(
    judge: Sequence[bool | None],
    human: Sequence[bool | None],
    clusters: Sequence[str] | None = None,
    unit: str = "scenario",
) -> JudgeAccuracy | Undefined:
    """Sensitivity and specificity on the items that both decided, by cluster; `Undefined` when a class has no item."""
    names = _names(judge, human, clusters)
    rates: list[Estimate] = []
    for truth, word in ((True, "yes"), (False, "no")):
        rows = [i for i in range(len(judge)) if human[i] is truth and judge[i] is not None]
        right = mean([float(judge[i] is truth) for i in rows], [names[i] for i in rows], unit)
        if right is None:
            return Undefined(f"no labelled item that the judge decided is a human {word!r}: label more")
        rates.append(right)
    return JudgeAccuracy(*rates)


def rogan_gladen_counts(
    reported: tuple[int, int], sensitivity: tuple[int, int], specificity: tuple[int, int], unit: str = "scenario"
) -> Estimate | Undefined:
    """The true rate from three counts `(k, n)` of separate samples: reported yes, yes among the truly yes, no among the truly no.

    Raises `InputError` for a count that is no proportion.
    """
    for count, n in (reported, sensitivity, specificity):
        if n < 0 or not 0 <= count <= n:
            raise InputError(f"{count} of {n}", "is not a proportion", "give successes and tries", _PLACE)
    if reported[1] == 0:
        return Undefined("the judge decided no item")
    for (_, n), word in ((sensitivity, "yes"), (specificity, "no")):
        if n == 0:
            return Undefined(f"no labelled item that the judge decided is a human {word!r}: label more")
    rates = _Rates(reported[0] / reported[1], sensitivity[0] / sensitivity[1], 1 - specificity[0] / specificity[1])
    variances = (
        _binomial(rates.reported, reported[1]),
        _binomial(rates.sensitivity, sensitivity[1]),
        _binomial(rates.false_alarm, specificity[1]),
    )
    labelled = sensitivity[1] + specificity[1]
    return _estimate(rates, _Spread(*variances, 0.0, 0.0, 0.0), labelled, reported[1], unit)


def rogan_gladen(
    judge: Sequence[bool | None],
    human: Sequence[bool | None],
    clusters: Sequence[str] | None = None,
    unit: str = "scenario",
) -> Corrected:
    """The human rate of yes over all judged items, through the judge's accuracy on the labelled ones (`None`: unlabelled), by cluster.

    An abstention of the judge is in neither rate; the interval reaches from every abstained item being a no to every one being a yes.

    Raises `InputError` for columns that do not match.
    """
    import numpy as np

    names = _names(judge, human, clusters)
    numbers = [None if said is None else float(said) for said in judge]
    labels = [None if said is None else float(said) for said in human]
    naive = mean(numbers, names, unit)
    known = [i for i in range(len(labels)) if labels[i] is not None]
    classical = mean([labels[i] for i in known], [names[i] for i in known], unit)
    n, decided = len(judge), sum(said is not None for said in judge)
    alone: Estimate | Undefined = classical if classical is not None else Undefined("there are no labels")
    if naive is None:
        why = Undefined("the judge abstained on every item")
        return Corrected(why, why, alone, None, len(known), n)
    found = _from_items(
        np.asarray([math.nan if v is None else v for v in numbers]),
        np.asarray([math.nan if v is None else v for v in labels]),
        cluster_index(names)[0],
        unit,
    )
    if isinstance(found, Estimate) and decided < n:
        share = decided / n  # the abstained rest is all no, or all yes
        low, high = share * found.low, share * found.high + 1 - share
        found = Estimate(value=found.value, low=min(low, found.low), high=max(high, found.high), n=decided, unit=unit)
    return Corrected(naive, found, alone, None, len(known), n)


class _Rates(NamedTuple):
    reported: float
    sensitivity: float
    false_alarm: float


class _Spread(NamedTuple):
    """Variances of the three rates, and covariances: reported with sensitivity, reported with false alarms, the two with each other."""

    reported: float
    sensitivity: float
    false_alarm: float
    reported_sensitivity: float
    reported_false_alarm: float
    both: float


def _from_items(judge: Floats, human: Floats, cluster: Indices, unit: str) -> Estimate | Undefined:
    import numpy as np

    decided = np.isfinite(judge)
    yes, no = decided & (human == 1), decided & (human == 0)
    for rows, word in ((yes, "yes"), (no, "no")):
        if not rows.any():
            return Undefined(f"no labelled item that the judge decided is a human {word!r}: label more")
    drawn = len(np.unique(cluster[yes | no]))
    if drawn < 2:
        return Undefined("the labels lie in one cluster: label items of two clusters at least")
    rates = _Rates(float(judge[decided].mean()), float(judge[yes].mean()), float(judge[no].mean()))
    sums = []
    for rows, rate in zip((decided, yes, no), rates, strict=True):
        sums.append(np.bincount(cluster[rows], (judge[rows] - rate) / rows.sum(), minlength=int(cluster.max()) + 1))
    spread = np.stack(sums) @ np.stack(sums).T
    reported, sensitivity, false_alarm = (
        max(float(spread[k, k]), _binomial(rate, int(rows.sum())))
        for k, (rows, rate) in enumerate(zip((decided, yes, no), rates, strict=True))
    )
    covariances = float(spread[0, 1]), float(spread[0, 2]), float(spread[1, 2])
    return _estimate(rates, _Spread(reported, sensitivity, false_alarm, *covariances), drawn, int(decided.sum()), unit)


def _estimate(rates: _Rates, spread: _Spread, labelled: int, n: int, unit: str) -> Estimate | Undefined:
    """Fieller's interval for (reported − false alarms) / (sensitivity − false alarms)."""
    skill = rates.sensitivity - rates.false_alarm
    if skill <= 0:
        return Undefined(
            f"sensitivity {rates.sensitivity:.3f} and specificity {1 - rates.false_alarm:.3f} sum to at most 1: "
            "on these labels the judge says yes to a no as readily as to a yes, and nothing can be recovered from it"
        )
    top = rates.reported - rates.false_alarm
    square = student(labelled - 1) ** 2
    a = skill**2 - square * (spread.sensitivity + spread.false_alarm - 2 * spread.both)
    b = top * skill - square * (
        spread.reported_sensitivity - spread.reported_false_alarm - spread.both + spread.false_alarm
    )
    c = top**2 - square * (spread.reported + spread.false_alarm - 2 * spread.reported_false_alarm)
    low, high = 0.0, 1.0
    if a > 0:
        root = math.sqrt(max(0.0, b * b - a * c))
        low, high = (b - root) / a, (b + root) / a
    value = min(1.0, max(0.0, top / skill))
    return Estimate(value=value, low=min(value, max(0.0, low)), high=max(value, min(1.0, high)), n=n, unit=unit)


def _binomial(rate: float, n: int) -> float:
    """The variance of a share with one success and one failure more."""
    share = (rate * n + 1) / (n + 2)
    return share * (1 - share) / (n + 2)


def _names(judge: Sequence[bool | None], human: Sequence[bool | None], clusters: Sequence[str] | None) -> list[str]:
    n = len(judge)
    check_lengths(_PLACE, n, labels=len(human), clusters=n if clusters is None else len(clusters))
    return [str(position) for position in range(n)] if clusters is None else list(clusters)
