"""Raw agreement and the coefficients that correct it for chance: Cohen's, weighted and Fleiss' κ, Gwet's AC1 and AC2.

All are `(p_a − p_e) / (1 − p_e)`; what chance would give (`p_e`) is what tells them apart. κ takes it from how often each category was
used, so it falls to nothing where one category is nearly always right (a safety criterion met 95 % of the time); AC1 does not.
The interval of each is that of `primum.stats.agreement_ratings`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.agreement_ratings import (
    Coefficient,
    Rating,
    Ratings,
    Weights,
    agreement_weights,
    category_counts,
    estimate,
    read_ratings,
)
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    from primum.stats.agreement_ratings import Floats, Parts

__all__ = ["cohen_kappa", "fleiss_kappa", "gwet_ac", "raw_agreement"]

_ONE_CATEGORY = "only one category was used, so chance alone agrees every time and the coefficient is 0/0"


def raw_agreement(
    ratings: Sequence[Sequence[Rating | None]],
    weights: Weights = "identity",
    clusters: Sequence[str] | None = None,
    categories: Sequence[Rating] | None = None,
    unit: str = "unit",
) -> Estimate | Undefined:
    """The share of pairs of raters that agree, averaged over units; with weights, how far they agree.

    A unit's share is over its own pairs: a unit with five raters counts like one with two.
    """
    read = read_ratings(ratings, clusters, categories, ordered=weights != "identity")
    if isinstance(read, Undefined):
        return read
    import numpy as np

    def parts(sums: Floats) -> tuple[Floats, Floats]:
        return sums[:, 1] / sums[:, 0], np.ones(len(sums))

    return _pairwise(read, agreement_weights(read, weights), parts, unit)


def cohen_kappa(
    ratings: Sequence[Sequence[Rating | None]],
    weights: Weights = "identity",
    clusters: Sequence[str] | None = None,
    categories: Sequence[Rating] | None = None,
    unit: str = "unit",
) -> Estimate | Undefined:
    """Cohen's κ of two raters (1960), weighted (1968) by `linear` or `quadratic` closeness; `p_e = Σ w_kl p_k· p_·l`.

    Units that both rated. Numbers are apart by their difference, words by their places in `categories`.

    Raises `InputError` for more than two raters.
    """
    read = read_ratings(ratings, clusters, categories, ordered=weights != "identity")
    if isinstance(read, Undefined):
        return read
    import numpy as np

    if read.codes.shape[1] != 2:
        raise InputError(
            f"{read.codes.shape[1]} raters", "are not two", "take fleiss_kappa, or two columns", "stats.cohen_kappa"
        )
    closeness, size = agreement_weights(read, weights), len(read.categories)
    pairs = (read.codes >= 0).sum(axis=1) == 2
    first, second = (np.eye(size)[read.codes[:, rater]] * pairs[:, None] for rater in (0, 1))
    apart = np.where(pairs, 1 - closeness[read.codes[:, 0], read.codes[:, 1]], 0.0)

    def parts(sums: Floats) -> tuple[Floats, Floats]:
        n = sums[:, 0]
        by_first, by_second = sums[:, 2 : 2 + size] / n[:, None], sums[:, 2 + size :] / n[:, None]
        return sums[:, 1] / n, 1 - ((by_first @ closeness) * by_second).sum(axis=1)

    totals = np.column_stack([pairs.astype(float), apart, first, second])
    return estimate(Coefficient(totals, pairs, parts, _ONE_CATEGORY), read.clusters, unit)


def fleiss_kappa(
    ratings: Sequence[Sequence[Rating | None]],
    weights: Weights = "identity",
    clusters: Sequence[str] | None = None,
    categories: Sequence[Rating] | None = None,
    unit: str = "unit",
) -> Estimate | Undefined:
    """Fleiss' κ of two or more raters (1971): `p_e = Σ w_kl π_k π_l`, `π` how often each category was used, averaged over units.

    Missing ratings, and weights, after Gwet (2014): units with one rating count for `π`, not for the agreement.
    """
    read = read_ratings(ratings, clusters, categories, ordered=weights != "identity")
    if isinstance(read, Undefined):
        return read
    closeness = agreement_weights(read, weights)

    def parts(sums: Floats) -> tuple[Floats, Floats]:
        used = sums[:, 3:] / sums[:, 2:3]
        return sums[:, 1] / sums[:, 0], 1 - ((used @ closeness) * used).sum(axis=1)

    return _pairwise(read, closeness, parts, unit)


def gwet_ac(
    ratings: Sequence[Sequence[Rating | None]],
    weights: Weights = "identity",
    clusters: Sequence[str] | None = None,
    categories: Sequence[Rating] | None = None,
    unit: str = "unit",
) -> Estimate | Undefined:
    """Gwet's AC1 (2008), with weights AC2 (2014).

    `p_e = T / (q (q − 1)) · Σ π_k (1 − π_k)`, `T` the sum of the weights, `q` how many categories.

    Give `categories` where one may not have been used: `q` counts them, and `met` alone is not a scale of one.
    """
    read = read_ratings(ratings, clusters, categories, ordered=weights != "identity")
    if isinstance(read, Undefined):
        return read
    closeness, size = agreement_weights(read, weights), len(read.categories)
    if size < 2:
        return Undefined(
            "only one category was used, and which others there could have been is not said: give categories"
        )
    share = float(closeness.sum()) / (size * (size - 1))

    def parts(sums: Floats) -> tuple[Floats, Floats]:
        used = sums[:, 3:] / sums[:, 2:3]
        return sums[:, 1] / sums[:, 0], 1 - share * (used * (1 - used)).sum(axis=1)

    return _pairwise(read, closeness, parts, unit)


def _pairwise(read: Ratings, closeness: Floats, parts: Parts, unit: str) -> Estimate | Undefined:
    """Totals a unit: has a pair, its disagreement, has a rating, the share of its ratings in each category."""
    import numpy as np

    counts = category_counts(read)
    raters = counts.sum(axis=1)
    pairs, rated = raters >= 2, raters >= 1
    agreeing = ((counts @ closeness) * counts).sum(axis=1) - raters
    apart = np.where(pairs, 1 - agreeing / np.where(pairs, raters * (raters - 1), 1.0), 0.0)
    shares = counts / np.where(rated, raters, 1.0)[:, None]
    totals = np.column_stack([pairs.astype(float), apart, rated.astype(float), shares])
    return estimate(Coefficient(totals, pairs, parts, _ONE_CATEGORY), read.clusters, unit)
