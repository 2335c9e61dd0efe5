"""Corrections carried through the signed, weighted rubric score, to the headline and to each sub-score.

An example scores `s = Σ points of met criteria / Σ positive points`; the headline is `clip(mean s, 0, 1)`. A tag of criteria
scores the same with its criteria alone, a tag of examples (a theme) with its examples; examples without positive points there are
left out. Every score is linear in the verdicts, `s = Σ u v` with `u = points / Σ positive points` (negative for what must not be
there), so a correction of the verdicts goes through it unchanged, and clipping comes last, of value and interval alike.

- `ppi_rubric`: the human score of an example against the judge's (whole examples labelled), or each verdict with its weight
  (examples labelled in part), clusters together.
- `rogan_gladen_rubric`: `v` becomes `(v − (1 − specificity)) / (sensitivity + specificity − 1)`, with both by class of criterion.
  They are weighted by `|u|`: then `mean Σ u v = sensitivity · T + (1 − specificity) · (U − T)` holds exactly in every class of one
  sign, `T` the class's part of the human score, even where important criteria are judged better than unimportant ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.corrected import Corrected, ends_of, summed_squares
from primum.stats.graded import Flat, GradedExample, flatten, is_by_verdict, labelled_in_part, slices
from primum.stats.ppi import PowerTuned, Sample, powered
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]
    Indices = NDArray[numpy.int64]
    Mask = NDArray[numpy.bool_]

__all__ = ["ppi_rubric", "rogan_gladen_rubric"]

_PLACE = "stats.corrected_rubric"


def ppi_rubric(
    examples: Sequence[GradedExample],
    level: Literal["auto", "example", "verdict"] = "auto",
    unit: str = "example",
) -> dict[str, Corrected]:
    """PPI++ for `overall` and every tag, by name: naive, corrected and classical scores, each clipped to 0 … 1.

    `level` `example` compares whole examples' scores and needs each labelled in full or not at all (with one chance for all its
    criteria); `verdict` compares verdicts, for examples labelled in part; `auto` takes `example` where it can. Labelled is a random
    sample, or each with its `chances`.

    An abstained verdict stands at the share met among the decided of its sign (the labels on abstained verdicts correct that,
    whatever it is); the naive interval reaches to both bounds, and the corrected one holds those computed with either.

    Raises `InputError` for columns that do not match, points that are 0, and `example` where examples are labelled in part.
    """
    flat = flatten(examples)
    by_verdict = level == "verdict" or is_by_verdict(flat)
    if level == "example" and by_verdict:
        value = f"{labelled_in_part(flat)} examples labelled in part, or criteria with chances of their own"
        raise InputError(value, "cannot be compared by example", "use level 'verdict' or 'auto'", _PLACE)
    return {name: _ppi_of(part, by_verdict, unit) for name, part in slices(flat)}


def rogan_gladen_rubric(examples: Sequence[GradedExample], unit: str = "example") -> dict[str, Corrected]:
    """Rogan-Gladen for `overall` and every tag, by name, with the judge's accuracy by class taken from the labels of that very slice.

    `corrected` is `Undefined` where a class has no criterion that people found met, or none they found unmet, or where
    sensitivity + specificity ≤ 1. The variance is linearised and cluster-robust; each accuracy has at least that of its effective
    count with one success and one failure more. An abstained verdict ranges over both truths.

    Raises `InputError` as `ppi_rubric` does.
    """
    return {name: _rogan_gladen_of(part, unit) for name, part in slices(flatten(examples))}


class _Filled(NamedTuple):
    """The judge's verdicts with abstentions put at the share met among the decided of their sign, at the worst, and at the best."""

    middle: Floats
    worst: Floats
    best: Floats


def _fill(part: Flat) -> _Filled:
    import numpy as np

    unread, adds = np.isnan(part.judge), part.weight > 0
    middle = part.judge.copy()
    for sign in (adds, ~adds):
        decided = sign & ~unread
        middle[sign & unread] = part.judge[decided].mean() if decided.any() else 0.5
    return _Filled(middle, np.where(unread, ~adds, part.judge), np.where(unread, adds, part.judge))


def _scale(part: Flat) -> tuple[float, float]:
    """Where the mean score can lie: every negative criterion met and no other … the other way round."""
    import numpy as np

    n = int(part.example.max()) + 1
    return float(np.minimum(part.weight, 0.0).sum()) / n, 1.0


def _clusters_of_examples(part: Flat) -> Indices:
    import numpy as np

    first = np.unique(part.example, return_index=True)[1]
    return part.cluster[first]


def _naive(part: Flat, filled: _Filled, unit: str) -> Estimate | Undefined:
    """The judge's own score; the interval reaches to those of both bounds."""
    import numpy as np

    if np.isnan(part.judge).all():
        return Undefined("the judge abstained on every criterion")
    reached = []
    for verdicts in filled:
        scores = _scores(part, verdicts)
        found = powered(_sample(part._replace(human=verdicts), verdicts, by_verdict=False), tuning=0.0)
        reached.append(
            (float(scores.mean()), found.low, found.high)
            if isinstance(found, PowerTuned)
            else (float(scores.mean()), *_scale(part))
        )
    low, high = min(end[1] for end in reached), max(end[2] for end in reached)
    return _clipped(reached[0][0], low, high, len(scores), unit)


def _scores(part: Flat, verdicts: Floats) -> Floats:
    import numpy as np

    return np.asarray(np.bincount(part.example, part.weight * verdicts), dtype=float)


def _clipped(point: float, low: float, high: float, n: int, unit: str) -> Estimate:
    """Clip last, and clip all three: the headline's definition holds for its interval too."""
    value, bottom, top = (min(1.0, max(0.0, number)) for number in (point, low, high))
    return Estimate(value=value, low=min(bottom, value), high=max(top, value), n=n, unit=unit)


def _ppi_of(part: Flat, by_verdict: bool, unit: str) -> Corrected:
    import numpy as np

    filled = _fill(part)
    samples = [
        _sample(part, verdicts, by_verdict) for verdicts in (filled if np.isnan(part.judge).any() else filled[:1])
    ]
    n = int(part.example.max()) + 1
    labelled = len(np.unique(part.example[np.isfinite(part.human)]))
    naive = _naive(part, filled, unit)
    found, alone = powered(samples[0]), powered(samples[0], tuning=0.0)
    if isinstance(found, Undefined) or isinstance(alone, Undefined):
        why = found if isinstance(found, Undefined) else Undefined("there are no labels")
        return Corrected(naive, why, why, None, labelled, n)
    ends = [found, *(one for one in map(powered, samples[1:]) if isinstance(one, PowerTuned))]
    low, high = min(one.low for one in ends), max(one.high for one in ends)
    return Corrected(
        naive,
        _clipped(found.point, low, high, n, unit),
        _clipped(alone.point, alone.low, alone.high, labelled, unit),
        found.tuning,
        labelled,
        n,
    )


def _sample(part: Flat, verdicts: Floats, by_verdict: bool) -> Sample:
    """Items whose mean is the score: examples with `Σ u v`, or verdicts with `u v · verdicts / examples`."""
    import numpy as np

    chance = part.chance if np.isfinite(part.chance).all() else None
    if by_verdict:
        sizes = np.bincount(part.example)
        stretch = part.weight * len(part.weight) / len(sizes)
        share = 1.0 / (len(sizes) * sizes[part.example])
        return Sample(stretch * verdicts, stretch * part.human, part.cluster, chance, _scale(part), part.example, share)
    first = np.unique(part.example, return_index=True)[1]
    return Sample(
        _scores(part, verdicts),
        _scores(part, part.human),
        part.cluster[first],
        None if chance is None else chance[first],
        _scale(part),
        np.arange(len(first)),
    )


def _rogan_gladen_of(part: Flat, unit: str) -> Corrected:
    import numpy as np

    n = int(part.example.max()) + 1
    labelled = np.isfinite(part.human)
    by_labels = _ppi_of(part, is_by_verdict(part), unit)
    count = len(np.unique(part.example[labelled]))
    drawn = len(np.unique(part.cluster[labelled]))
    found = _linearised(part, drawn) if drawn > 1 else Undefined("fewer than two labelled clusters")
    if isinstance(found, Undefined):
        return by_labels._replace(corrected=found, tuning=None)
    points = (found.point, found.worst, found.best)
    ends = [ends_of(point, found.variance, _scale(part), float(count), drawn) for point in points]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return by_labels._replace(corrected=_clipped(found.point, low, high, n, unit), tuning=None)


class _Linear(NamedTuple):
    point: float
    worst: float
    best: float
    variance: float


def _linearised(part: Flat, drawn: int) -> _Linear | Undefined:
    """The corrected mean score, its bounds over the abstained, and its variance.

    Class by class: `T = (A − f B) / (e − f)` with `A = mean Σ u v`, `B = mean Σ u`, sensitivity `e` and false alarms `f`.
    """
    import numpy as np

    n = int(part.example.max()) + 1
    decided = np.isfinite(part.judge)
    influence = np.zeros(len(part.weight))
    point, extra = 0.0, 0.0
    for kind in np.unique(part.kind).tolist():
        inside = (part.kind == kind) & decided
        accuracy = _accuracy(part, inside, part.kinds[kind])
        if isinstance(accuracy, Undefined):
            return accuracy
        skill = accuracy.sensitivity - accuracy.false_alarm
        met = (part.judge - accuracy.false_alarm) / skill  # the corrected verdict
        total = float((part.weight * met)[inside].sum()) / n
        offered = float(part.weight[inside].sum()) / n
        by_sensitivity, by_false_alarm = -total / skill, (total - offered) / skill
        point += total
        influence[inside] += (part.weight * met)[inside] / n
        for rate, slope in ((accuracy.hits, by_sensitivity), (accuracy.alarms, by_false_alarm)):
            influence[rate.rows] += slope * rate.influence
            extra += slope**2 * rate.extra
    unread = part.weight[~decided]
    worst, best = float(np.minimum(unread, 0).sum()) / n, float(np.maximum(unread, 0).sum()) / n
    middle = float((part.weight * _fill(part).middle)[~decided].sum()) / n
    varying = np.asarray(np.bincount(part.example, influence), dtype=float) - point / n
    variance = summed_squares(varying, _clusters_of_examples(part), np.arange(n)) * drawn / (drawn - 1) + extra
    return _Linear(point + middle, point + worst, point + best, variance)


class _Rate(NamedTuple):
    """A weighted share, what each of its verdicts adds to it, and the variance that its effective count cannot have shown."""

    value: float
    rows: Indices
    influence: Floats
    extra: float


class _Accuracy(NamedTuple):
    sensitivity: float
    false_alarm: float
    hits: _Rate
    alarms: _Rate


def _accuracy(part: Flat, inside: Mask, name: str) -> _Accuracy | Undefined:
    import numpy as np

    rates: list[_Rate] = []
    for truth, word in ((1.0, "met"), (0.0, "not met")):
        rows = np.flatnonzero(inside & (part.human == truth))
        if not len(rows):
            return Undefined(
                f"no labelled criterion of class '{name}' is {word} for people: label more, or join classes"
            )
        chance = part.chance[rows]
        weight = np.abs(part.weight[rows]) / np.where(np.isfinite(chance), chance, 1.0)
        value = float(weight @ part.judge[rows]) / float(weight.sum())
        count = float(weight.sum()) ** 2 / float(weight @ weight)
        # One verdict more, half right; where none was wrong (or right), one of each.
        extra = 0.25 / (count + 1) ** 2 if 0 < value < 1 else (count + 1) / (count + 2) ** 3
        added = weight * (part.judge[rows] - value) / float(weight.sum())
        rates.append(_Rate(value, rows, added, extra))
    hits, alarms = rates
    if hits.value <= alarms.value:
        return Undefined(
            f"in class '{name}' sensitivity {hits.value:.3f} and specificity {1 - alarms.value:.3f} sum to at most 1: "
            "the judge tells nothing there"
        )
    return _Accuracy(hits.value, alarms.value, hits, alarms)
