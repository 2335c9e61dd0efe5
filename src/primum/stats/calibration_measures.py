"""How far what was said is from what was so: reliability by bins, expected calibration error, Brier score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from primum.errors import InputError
from primum.records import Estimate, ReliabilityBin
from primum.stats import intervals
from primum.stats.calibration_rows import checked_clusters, checked_probabilities, checked_truth
from primum.stats.resampling import cluster_weights
from primum.stats.score_interval import Z95, score_ends, student
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]
    Indices = NDArray[numpy.int64]

__all__ = ["brier_score", "expected_calibration_error", "reliability"]

_DRAWS = 1000
_CELLS = 4_000_000  # weights held at once: 32 MB


def reliability(
    probabilities: Sequence[float],
    right: Sequence[bool],
    clusters: Sequence[str] | None = None,
    bins: int = 10,
    by: Literal["width", "mass"] = "width",
    unit: str = "verdict",
) -> tuple[ReliabilityBin, ...]:
    """What was said against what was so, in bins of equal width or of (nearly) equal mass; empty bins are not there.

    Equal probabilities share a bin. The observed share has the interval of `stats.mean`, by cluster.
    """
    if not probabilities:
        return ()
    truth, said = checked_truth(probabilities, right), checked_probabilities(probabilities)
    edges, place = _bins(said, bins, by)
    names = list(clusters) if clusters is not None else [str(position) for position in range(len(said))]
    checked_clusters(len(said), names)
    found: list[ReliabilityBin] = []
    for position in sorted(set(place.tolist())):
        rows = [row for row, one in enumerate(place.tolist()) if one == position]
        observed = intervals.mean([float(truth[row]) for row in rows], [names[row] for row in rows], unit)
        if observed is not None:
            found.append(
                ReliabilityBin(
                    low=float(edges[position]),
                    high=float(edges[position + 1]),
                    confidence=float(said[rows].mean()),
                    observed=observed,
                )
            )
    return tuple(found)


def brier_score(
    probabilities: Sequence[float],
    right: Sequence[bool],
    clusters: Sequence[str] | None = None,
    unit: str = "verdict",
) -> Estimate | Undefined:
    """The mean of `(p − y)²` (Brier 1950), 0 best, with the interval of `stats.mean`, by cluster."""
    if not probabilities:
        return Undefined("no row carries a probability")
    truth, said = checked_truth(probabilities, right), checked_probabilities(probabilities)
    found = intervals.mean(((said - truth) ** 2).tolist(), clusters, unit)
    return found if found is not None else Undefined("no row carries a probability")


def expected_calibration_error(
    probabilities: Sequence[float],
    right: Sequence[bool],
    clusters: Sequence[str] | None = None,
    bins: int = 10,
    by: Literal["width", "mass"] = "width",
    seed: int = 0,
) -> Estimate | Undefined:
    """`Σ_b |Σ_{i∈b} (y_i − p_i)| / n`: how far, on average, the bins are from what they say; the bins are held fixed.

    The value is too high by the noise in the bins, most where there is no error at all, and a plain bootstrap doubles that. So the low
    end is `value − q`, `q` the 97.5 % point of `Σ_b |δ*_b − δ_b|` over draws of clusters: by the triangle inequality the error cannot be
    less while the noise is below `q`. The high end is Student's. The interval covers at least as often as it says.
    """
    import numpy as np

    if not probabilities:
        return Undefined("no row carries a probability")
    truth, said = checked_truth(probabilities, right), checked_probabilities(probabilities)
    index, count = checked_clusters(len(said), clusters)
    place = _bins(said, bins, by)[1]
    size = int(place.max()) + 1
    gaps = np.zeros((count, size))
    np.add.at(gaps, (index, place), truth - said)
    rows = np.bincount(index, minlength=count).astype(float)
    whole = gaps.sum(axis=0) / rows.sum()
    value = float(np.abs(whole).sum())
    rng, step = np.random.default_rng(seed), max(1, _CELLS // count)
    parts = []
    for start in range(0, _DRAWS, step):
        weights = cluster_weights(min(step, _DRAWS - start), count, rng)
        parts.append((weights @ gaps) / (weights @ rows)[:, None])
    drawn = np.concatenate(parts)
    stretch = math.sqrt(count / max(1, count - 1)) * student(count - 1)
    noise = stretch / Z95 * float(np.quantile(np.abs(drawn - whole).sum(axis=1), 0.975))
    if noise <= 1e-12:
        low, high = score_ends(min(1.0, value), 0.0, count)
    else:
        low, high = value - noise, value + stretch * float(np.abs(drawn).sum(axis=1).std(ddof=1))
    return Estimate(
        value=value, low=max(0.0, min(low, value)), high=max(value, min(1.0, high)), n=len(said), unit="verdict"
    )


def _bins(said: Floats, bins: int, by: Literal["width", "mass"]) -> tuple[Floats, Indices]:
    """The edges, and the bin of each row."""
    import numpy as np

    if bins < 1:
        raise InputError(f"{bins} bins", "hold nothing", "take 1 or more", "stats.calibration")
    edges = np.linspace(0.0, 1.0, bins + 1)
    if by == "mass":
        inner = np.unique(np.quantile(said, edges[1:-1], method="inverted_cdf")) if bins > 1 else np.empty(0)
        edges = np.concatenate([[said.min()], inner[(inner > said.min()) & (inner <= said.max())], [said.max()]])
    return edges, np.searchsorted(edges[1:-1], said, side="right").astype(np.int64)
