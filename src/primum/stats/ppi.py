"""Prediction-powered inference: a judge's mean over many items, put right by human labels on a few of them.

`θ̂ = mean of labels − λ (judge's mean on the labelled − judge's mean on the unlabelled)`: unbiased for every λ and every judge, because the
bracket has mean zero when the labelled items are a random sample. λ is estimated to make the variance least and held in 0 … 1
(PPI++: Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453, section 6); λ = 0 is the classical mean of the labels.

Where items had unequal chances of being labelled (`labelling.next_labels`), each label weighs the inverse of its chance and the judge's
mean is taken over all items (Zrnic and Candès 2024, arXiv 2403.03208, with weights that sum to one).

The published interval is `θ̂ ± 1.96 √V`. At 50 labels and rates near 0 or 1 it covers as little as 54 %, because no error
of the judge may be among them, so:

- one pseudo-label, spread over agreement and disagreement, is added to the variance as far as labels and judge are *tied*, as verdicts are
  and scores are not; it is as large as the disagreements that were seen;
- two degrees of freedom go for the mean and λ; Student's t on the labelled clusters; Wilson's interval on the effective size
  (`corrected.ends_of`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.corrected import Corrected, check_lengths, ends_of, summed_squares
from primum.stats.intervals import mean
from primum.stats.score_interval import cluster_index
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]
    Indices = NDArray[numpy.int64]

__all__ = ["PowerTuned", "Sample", "powered", "ppi_mean"]

_PLACE = "stats.ppi_mean"


class Sample(NamedTuple):
    """Items as arrays of one length: the judge's value, the human one (NaN: unlabelled), the cluster's position, the chance of a label.

    `chance` is `None` where all had the same. `scale` is where the mean can lie. `finest` names the smallest groups that can be
    independent: the items themselves, or the examples whose verdicts they are (those hang together, up to a sum that cannot pass
    1). `share` is each item's part of what the mean is taken over: `None` where items are counted, 1 / examples / its verdicts
    where they belong to examples.
    """

    judge: Floats
    human: Floats
    cluster: Indices
    chance: Floats | None
    scale: tuple[float, float]
    finest: Indices
    share: Floats | None = None


class PowerTuned(NamedTuple):
    """A point that may lie off the scale, its interval on the scale, its variance, and λ."""

    point: float
    low: float
    high: float
    variance: float
    tuning: float


def ppi_mean(
    judge: Sequence[float | None],
    human: Sequence[float | None],
    clusters: Sequence[str] | None = None,
    chances: Sequence[float] | None = None,
    unit: str = "scenario",
    scale: tuple[float, float] = (0.0, 1.0),
) -> Corrected:
    """The mean human value of all items, from the judge's values and the labels there are (`None`: unlabelled), with its 95 % interval.

    The labelled items are a random sample of all, or each was labelled with its `chances` (of all items; read where there is a label).
    A judge's `None` is an abstention: the value puts it at the mean of the decided (any constant leaves it unbiased, as the labels
    on abstained items correct it), and the interval holds those for both ends of the scale as well. Values off the scale are
    truncated to it.

    Raises `InputError` for columns that do not match, values off the scale, and chances not in (0, 1].
    """
    import numpy as np

    n = len(judge)
    check_lengths(_PLACE, n, labels=len(human), clusters=n if clusters is None else len(clusters))
    check_lengths(_PLACE, n, chances=n if chances is None else len(chances))
    naive = mean(judge, clusters, unit, scale)
    names = [str(position) for position in range(n)] if clusters is None else list(clusters)
    labels = np.asarray([math.nan if value is None else value for value in human], dtype=float)
    mean([value for value in human if value is not None], unit=unit, scale=scale)  # the scale holds for people too
    said = np.asarray([math.nan if value is None else value for value in judge], dtype=float)
    middle = (
        scale[0] if naive is None else naive.value
    )  # of nothing decided any constant does: it is corrected by nothing
    sample = Sample(
        judge=np.where(np.isnan(said), middle, said),
        human=labels,
        cluster=cluster_index(names)[0],
        chance=None if chances is None else np.asarray(chances, dtype=float),
        scale=scale,
        finest=np.arange(n),
    )
    if naive is None:
        why = Undefined("the judge abstained on every item")
        known = int(np.isfinite(labels).sum())
        return Corrected(why, why, _classical(sample, known, unit), None, known, n)
    return corrected_by(sample, naive, fills=_fills(said, scale), unit=unit)


def corrected_by(sample: Sample, naive: Estimate, fills: Sequence[Floats], unit: str) -> Corrected:
    """The three numbers for a sample whose abstentions are filled in; `fills` are the judge's values with them at either end."""
    import numpy as np

    found = powered(sample)
    n, labelled = len(sample.judge), int(np.isfinite(sample.human).sum())
    if isinstance(found, Undefined):
        return Corrected(naive, found, found, None, labelled, n)
    low, high = found.low, found.high
    for filled in fills:
        reached = powered(sample._replace(judge=filled))
        if isinstance(reached, PowerTuned):
            low, high = min(low, reached.low), max(high, reached.high)
    value = min(sample.scale[1], max(sample.scale[0], found.point))
    corrected = Estimate(value=value, low=min(low, value), high=max(high, value), n=n, unit=unit)
    return Corrected(naive, corrected, _classical(sample, labelled, unit), found.tuning, labelled, n)


def _classical(sample: Sample, labelled: int, unit: str) -> Estimate | Undefined:
    """The labels alone."""
    alone = powered(sample, tuning=0.0)
    if isinstance(alone, Undefined):
        return alone
    at = min(sample.scale[1], max(sample.scale[0], alone.point))
    return Estimate(value=at, low=min(at, alone.low), high=max(at, alone.high), n=labelled, unit=unit)


def powered(sample: Sample, tuning: float | None = None) -> PowerTuned | Undefined:
    """The power-tuned mean of arrays; `tuning` sets λ instead of estimating it (0: the labels alone)."""
    import numpy as np

    labelled = np.isfinite(sample.human)
    if sample.chance is not None and not ((sample.chance[labelled] > 0) & (sample.chance[labelled] <= 1)).all():
        raise InputError("a chance of being labelled", "is not above 0 and at most 1", "give the chance used", _PLACE)
    drawn = len(np.unique(sample.cluster[labelled]))
    if drawn < 2:
        return Undefined(
            f"{int(labelled.sum())} labels in {drawn} clusters are too few: label items of two clusters at least"
        )
    parts = _influences(sample, labelled)
    share = float(1 - labelled.mean())
    # Two labelled clusters leave nothing to estimate λ with.
    if share == 0 or drawn == 2:
        chosen = 0.0
    elif tuning is not None:
        chosen = tuning
    else:
        chosen = _tuned(sample, labelled, parts)
    residual = parts.human - (chosen / share if share else 0.0) * parts.judge
    point = parts.label_mean - (chosen / share if share else 0.0) * parts.gap
    variance = 0.0
    with_labels = np.isin(sample.cluster, sample.cluster[labelled])
    free = drawn - (2 if chosen > 0 else 1)
    for rows, factor in ((with_labels, drawn / max(1, free)), (~with_labels, 1.0)):
        variance += factor * summed_squares(residual[rows], sample.cluster[rows], sample.finest[rows])
    if chosen > 0:
        variance += _pseudo(sample, labelled, chosen, drawn)
    low, high = ends_of(point, variance, sample.scale, float(labelled.sum()), drawn)
    return PowerTuned(point, low, high, variance, chosen)


class _Influences(NamedTuple):
    """What each item adds to the mean of the labels and to the gap (judge on the labelled less judge on all), less its expectation."""

    human: Floats
    judge: Floats
    label_mean: float
    gap: float


def _influences(sample: Sample, labelled: NDArray[numpy.bool_]) -> _Influences:
    import numpy as np

    judge, n = sample.judge, len(sample.judge)
    weight = np.zeros(n)
    weight[labelled] = 1.0 if sample.chance is None else 1.0 / sample.chance[labelled]
    weight /= weight.sum()
    labels = np.where(labelled, sample.human, 0.0)
    label_mean, on_labelled = float(weight @ labels), float(weight @ judge)
    human = np.where(labelled, weight * (labels - label_mean), 0.0)
    if sample.share is not None:  # an example counts once: how many verdicts it has is no accident of the mean
        human = human + label_mean * (1 / n - sample.share)
    gap = on_labelled - float(judge.mean())
    if sample.chance is not None:
        return _Influences(human, weight * (judge - on_labelled) - (judge - judge.mean()) / n, label_mean, gap)
    # Labelled by lot, so the rest is a sample like the labelled: gap = share of the rest × (judge on labelled − judge on the rest).
    rest = ~labelled
    share = float(rest.mean())
    centred = weight * (judge - on_labelled) * share
    if share > 0:
        centred[rest] = -(judge[rest] - judge[rest].mean()) / n
    return _Influences(human, centred, label_mean, gap)


def _tuned(sample: Sample, labelled: NDArray[numpy.bool_], parts: _Influences) -> float:
    """λ in PPI++'s terms: the weight of the judge's mean over the unlabelled.

    One by one and by lot, the published `cov(human, judge) / ((1 + n/N) var(judge))`; otherwise the slope that makes the
    cluster-robust variance least.
    """
    import numpy as np

    share = float(1 - labelled.mean())
    if sample.chance is None and len(np.unique(sample.cluster)) == len(sample.cluster):
        human, judge = sample.human[labelled], sample.judge[labelled]
        together = float(((human - human.mean()) * (judge - judge.mean())).mean())
        alone = float(sample.judge.var(ddof=1)) / share
    else:
        clusters = int(sample.cluster.max()) + 1
        a = np.bincount(sample.cluster, weights=parts.human, minlength=clusters)
        b = np.bincount(sample.cluster, weights=parts.judge, minlength=clusters)
        together, alone = float(a @ b) * share, float(b @ b)
    return min(1.0, max(0.0, together / alone)) if alone > 1e-18 else 0.0


def _pseudo(sample: Sample, labelled: NDArray[numpy.bool_], tuning: float, drawn: int) -> float:
    """What one pseudo-label adds to the variance: as likely agreement as disagreement, of the size of the disagreements seen.

    With clusters a pseudo-cluster of mean size, its labels independent: all of them wrong together would be too much to fear.
    """
    import numpy as np

    human, judge = sample.human[labelled], sample.judge[labelled]
    apart = np.abs(human - judge)
    differ = apart > 1e-12
    if differ.any():
        size = float(np.sqrt((apart[differ] ** 2).mean()))
    else:
        size = float(np.ptp(sample.judge)) or float(sample.scale[1] - sample.scale[0])
    tied = float((~differ).mean())
    return tied * size**2 / (len(human) * drawn) * (1 + tuning**2) / 4


def _fills(said: Floats, scale: tuple[float, float]) -> list[Floats]:
    import numpy as np

    unread = np.isnan(said)
    return [np.where(unread, end, said) for end in scale] if bool(unread.any()) else []
