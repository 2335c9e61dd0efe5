"""Krippendorff's α: `1 − D_o / D_e` over pairable values, for names, ranks and numbers, with ratings missing as they please."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.agreement_ratings import (
    Coefficient,
    Rating,
    Ratings,
    category_counts,
    estimate,
    read_ratings,
    refuse_words,
)
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    from primum.stats.agreement_ratings import Floats

__all__ = ["krippendorff_alpha"]

_ONE_VALUE = "all pairable values are the same, so no disagreement was to be expected and α is 0/0"
_MOST_RANKS = 50  # the ordinal coefficient keeps a square of them for each unit


def krippendorff_alpha(
    ratings: Sequence[Sequence[Rating | None]],
    metric: Literal["nominal", "ordinal", "interval"] = "nominal",
    clusters: Sequence[str] | None = None,
    categories: Sequence[Rating] | None = None,
    unit: str = "unit",
) -> Estimate | Undefined:
    """Krippendorff's α ("Computing Krippendorff's Alpha-Reliability", 2011) of two or more raters.

    `δ²` is 1 for two names that differ; for ranks the square of the values used from one to the other, the ends by half; for numbers the
    square of the difference. A unit with one rating cannot disagree and is left out; a unit with `m` weighs `m`.

    Raises `InputError` for words on the interval metric, or more than 50 ranks.
    """
    read = read_ratings(ratings, clusters, categories, ordered=metric != "nominal")
    if isinstance(read, Undefined):
        return read
    counts = category_counts(read)
    pairs = counts.sum(axis=1) >= 2
    counts = counts * pairs[:, None]
    if metric == "nominal":
        coefficient = _nominal(counts)
    elif metric == "interval":
        refuse_words(read, "take the ordinal metric")
        coefficient = _interval(counts, read)
    else:
        coefficient = _ordinal(counts)
    return estimate(coefficient, read.clusters, unit)


def _nominal(counts: Floats) -> Coefficient:
    import numpy as np

    raters = counts.sum(axis=1)
    apart = (raters**2 - (counts**2).sum(axis=1)) / np.maximum(1.0, raters - 1)

    def parts(sums: Floats) -> tuple[Floats, Floats]:
        n = sums[:, 0]
        return sums[:, 1] / n, (n**2 - (sums[:, 2:] ** 2).sum(axis=1)) / (n * (n - 1))

    return Coefficient(np.column_stack([raters, apart, counts]), raters > 0, parts, _ONE_VALUE)


def _interval(counts: Floats, read: Ratings) -> Coefficient:
    """Differences as shares of the range, so that the largest possible is 1: the ratio does not change."""
    import numpy as np

    used = read.values[counts.sum(axis=0) > 0]
    middle, span = float(used.mean()), float(np.ptp(used)) or 1.0
    place = (read.values - middle) / span
    raters, sums_of, squares = counts.sum(axis=1), counts @ place, counts @ place**2
    apart = 2 * (raters * squares - sums_of**2) / np.maximum(1.0, raters - 1)

    def parts(sums: Floats) -> tuple[Floats, Floats]:
        n = sums[:, 0]
        return sums[:, 1] / n, 2 * (n * sums[:, 3] - sums[:, 2] ** 2) / (n * (n - 1))

    return Coefficient(np.column_stack([raters, apart, sums_of, squares]), raters > 0, parts, _ONE_VALUE)


def _ordinal(counts: Floats) -> Coefficient:
    """Both disagreements in units of the farthest two ranks, so that the largest possible is 1: the ratio does not change."""
    import numpy as np

    raters, size = counts.sum(axis=1), counts.shape[1]
    if size > _MOST_RANKS:
        raise InputError(
            f"{size} different ranks",
            f"are more than {_MOST_RANKS}",
            "round them, or take interval",
            "stats.krippendorff_alpha",
        )
    products = counts[:, :, None] * counts[:, None, :]
    products[:, np.arange(size), np.arange(size)] -= counts
    coincidences = (products / np.maximum(1.0, raters - 1)[:, None, None]).reshape(len(counts), size * size)

    def parts(sums: Floats) -> tuple[Floats, Floats]:
        used, together = sums[:, :size], sums[:, size:].reshape(-1, size, size)
        n = used.sum(axis=1)
        middle = np.cumsum(used, axis=1) - used / 2
        apart = (middle[:, :, None] - middle[:, None, :]) ** 2
        farthest = apart.max(axis=(1, 2))
        scale = np.where(farthest > 0, farthest, 1.0)
        observed = (together * apart).sum(axis=(1, 2)) / (n * scale)
        expected = (used[:, :, None] * used[:, None, :] * apart).sum(axis=(1, 2)) / (n * (n - 1) * scale)
        return observed, expected

    return Coefficient(np.column_stack([counts, coincidences]), raters > 0, parts, _ONE_VALUE)
