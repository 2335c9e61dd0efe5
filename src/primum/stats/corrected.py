"""A judge's number beside what a few human labels make of it, and the interval all corrections share.

A judge that errs in one direction shifts every score it gives, and no number of verdicts mends that; a few labels by people do.
Three numbers belong together: what the judge says alone (`naive`, narrow and perhaps wrong), what the labels say alone (`classical`, right
and wide), and the judge corrected by the labels (`corrected`). Two ways of correcting stand beside each other:

- `ppi.ppi_mean` and `corrected_rubric.ppi_rubric`: prediction-powered inference. Right for any judge, however bad; the better the
  judge, the narrower. The one to use by default.
- `rogan_gladen.rogan_gladen` and `corrected_rubric.rogan_gladen_rubric`: through the judge's sensitivity and specificity, which
  may come from another labelled set of the same kind of item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.score_interval import Z95, student, wilson_ends
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = ["Corrected", "check_lengths", "ends_of", "summed_squares"]


class Corrected(NamedTuple):
    """The judge alone, the judge corrected by the labels, the labels alone.

    `tuning` is λ of PPI++: 0 leaves the judge out, 1 trusts it in full; `None` where there is no such thing (Rogan-Gladen).
    `n_labelled` of the `n` judged items have a human label.
    """

    naive: Estimate | Undefined
    corrected: Estimate | Undefined
    classical: Estimate | Undefined
    tuning: float | None
    n_labelled: int
    n: int


def ends_of(
    point: float, variance: float, scale: tuple[float, float], count: float, clusters: int
) -> tuple[float, float]:
    """The 95 % ends for a mean on a scale whose estimate has `variance`: Wilson's interval on an effective sample size.

    With `p` the place of `point` on the scale (0 … 1) and `V` its variance there, the effective size is `p′(1 − p′)/V`, where `p′`
    is `p` kept half a label in `count` away from the ends, so that it exists there too; it is taken down by `(z/t)²` for the few
    labelled clusters (Korn and Graubard 1998). Far from the ends this is `point ± t √V`; near them it leans inwards, where a
    symmetric interval misses (benchmarks/coverage.py). Without any variance all that is known is how many clusters there were.
    """
    low, high = scale
    spread = high - low
    share = min(1.0, max(0.0, (point - low) / spread))
    inner = min(1 - 0.5 / (count + 1), max(0.5 / (count + 1), share))
    scaled = variance / spread**2
    size = inner * (1 - inner) / scaled if scaled > 1e-15 else float(clusters)
    least, most = wilson_ends(share, max(1.0, size * (Z95 / student(clusters - 1)) ** 2))
    return low + spread * min(least, share), low + spread * max(most, share)


def summed_squares(
    influence: NDArray[numpy.float64], clusters: NDArray[numpy.int64], finest: NDArray[numpy.int64]
) -> float:
    """The sum over clusters of the squared sum of `influence`; never less than by the `finest` groups that can be independent."""
    import numpy as np

    if not len(influence):
        return 0.0
    return max(float((np.bincount(groups, weights=influence) ** 2).sum()) for groups in (clusters, finest))


def check_lengths(place: str, expected: int, **columns: int) -> None:
    """Raise `InputError` for a column that does not name one value an item."""
    for name, length in columns.items():
        if length != expected:
            raise InputError(f"{length} {name} for {expected} items", "do not match", "give one each", place)
