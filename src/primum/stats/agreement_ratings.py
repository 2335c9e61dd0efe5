"""Ratings as every coefficient of agreement takes them, and the interval they share.

A coefficient of agreement is `1 − D_o / D_e`: the disagreement observed over the disagreement expected by chance, both between 0 and 1. It
depends on the data only through totals over units (pairs, disagreements, categories used), and that gives the interval:

- the variance of the coefficient by the infinitesimal jackknife over units, or over `clusters` of units, whichever is larger;
- carried to the scale of `D_o`, where Wilson's score interval on the effective sample size is taken and `D_e` held: it keeps to the ends of
  the scale, is lopsided where the coefficient is, and still has a width when every pair agreed (`n` agreements are not certainty).

A missing rating (`None`) is missing: it makes no pair. It is not a disagreement, and it does not widen the interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.score_interval import cluster_index, score_ends
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]
    Parts = Callable[[Floats], tuple[Floats, Floats]]

__all__ = [
    "Coefficient",
    "Rating",
    "Ratings",
    "Weights",
    "agreement_weights",
    "category_counts",
    "estimate",
    "jackknife_variance",
    "read_ratings",
    "refuse_words",
]

Rating = bool | int | float | str
Weights = Literal["identity", "linear", "quadratic"]
_STEP = 1e-4  # of a cluster's weight: small enough to be a derivative, large enough to be one in floats
_NOTHING = 1e-12
_CELLS = 4_000_000


class Ratings(NamedTuple):
    """Ratings of shape (units, raters) as positions among `categories`, −1 where there is none.

    `values` are the categories as numbers: themselves if they are numbers, their positions if not.
    """

    codes: NDArray[numpy.int64]
    categories: tuple[Rating, ...]
    values: Floats
    clusters: list[str]


class Coefficient(NamedTuple):
    """A coefficient as totals over units, shape (units, features), and what sums of them say: `(sums) → (D_o, D_e)`.

    `pairs` says which units have two ratings or more. `empty` says in words what it means that no disagreement was to be expected.
    """

    totals: Floats
    pairs: NDArray[numpy.bool_]
    parts: Parts
    empty: str


def read_ratings(
    ratings: Sequence[Sequence[Rating | None]],
    clusters: Sequence[str] | None = None,
    categories: Sequence[Rating] | None = None,
    ordered: bool = False,
) -> Ratings | Undefined:
    """Ratings checked: units × raters, every row as long as the first. Without `categories`, those that occur, in their own order.

    `ordered` demands that words come with their `categories`: the alphabet is not an order of merit.

    Raises `InputError` for rows of different lengths, numbers mixed with words, a rating that is no category or not finite.
    """
    import numpy as np

    raters = len(ratings[0]) if ratings else 0
    for position, row in enumerate(ratings):
        if len(row) != raters:
            raise _refuse(
                f"unit {position} with {len(row)} ratings", f"has not {raters}", "write None where there is no rating"
            )
    if clusters is not None and len(clusters) != len(ratings):
        raise _refuse(f"{len(clusters)} clusters for {len(ratings)} units", "do not match", "name one each")
    seen = list(dict.fromkeys(rating for row in ratings for rating in row if rating is not None))
    named = _order(seen) if categories is None else list(categories)
    if ordered and categories is None and len(seen) > 1 and any(isinstance(one, str) for one in seen):
        raise _refuse("words", "have no order of their own", "give the categories from lowest to highest")
    place = {category: position for position, category in enumerate(named)}
    unknown = [one for one in seen if one not in place]
    if unknown or len(place) != len(named):
        raise _refuse(
            f"rating {unknown[0]!r}" if unknown else f"categories {named!r}",
            "is not one of the categories" if unknown else "repeat one",
            "list every category once",
        )
    if raters < 2:
        return Undefined("there is one rater, and agreement is between two" if raters else "there are no ratings")
    codes = np.asarray([[-1 if one is None else place[one] for one in row] for row in ratings], dtype=np.int64)
    if not ((codes >= 0).sum(axis=1) >= 2).any():
        return Undefined("no unit was rated by two raters, so there is no pair to agree")
    numeric = all(isinstance(one, bool | int | float) for one in named)
    values = np.asarray(named if numeric else range(len(named)), dtype=float)
    names = list(clusters) if clusters is not None else [str(position) for position in range(len(ratings))]
    return Ratings(codes, tuple(named), values, names)


def agreement_weights(ratings: Ratings, weights: Weights) -> Floats:
    """How far two categories agree, 0 … 1: only with itself, `1 − |a − b| / range`, or `1 − (a − b)² / range²`."""
    import numpy as np

    if weights == "identity":
        return np.eye(len(ratings.values))
    apart = np.abs(ratings.values[:, None] - ratings.values[None, :])
    widest = float(apart.max())
    if widest <= 0:
        return np.ones_like(apart)
    return 1 - apart / widest if weights == "linear" else 1 - (apart / widest) ** 2


def category_counts(ratings: Ratings) -> Floats:
    """How many raters put each unit into each category: (units, categories)."""
    import numpy as np

    counts = np.zeros((len(ratings.codes), len(ratings.categories)))
    units, raters = np.nonzero(ratings.codes >= 0)
    np.add.at(counts, (units, ratings.codes[units, raters]), 1.0)
    return counts


def estimate(coefficient: Coefficient, clusters: Sequence[str], unit: str) -> Estimate | Undefined:
    """`1 − D_o / D_e` with its 95 % interval, by cluster; `n` counts the units with a pair of ratings."""
    import numpy as np

    pairs = int(coefficient.pairs.sum())
    if not pairs:
        return Undefined("no unit was rated by both raters, so there is no pair to agree")
    observed, expected = (float(part[0]) for part in coefficient.parts(coefficient.totals.sum(axis=0)[None, :]))
    if not expected > _NOTHING:
        return Undefined(coefficient.empty)
    value = 1 - observed / expected
    alone = [str(position) for position in range(len(clusters))]

    def coefficients(sums: Floats) -> Floats:
        one, other = coefficient.parts(sums)
        return 1 - one / other

    variance = max(jackknife_variance(coefficient.totals, coefficients, names) for names in (alone, clusters))
    known = len({clusters[position] for position in np.flatnonzero(coefficient.pairs).tolist()})
    least, most = score_ends(min(1.0, max(0.0, observed)), variance * expected**2, known)
    low, high = 1 - most / expected, 1 - least / expected
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=pairs, unit=unit)


def jackknife_variance(totals: Floats, statistic: Callable[[Floats], Floats], clusters: Sequence[str]) -> float:
    """The infinitesimal jackknife (Jaeckel 1972): `G / (G − 1) · Σ U²`, `U` what a cluster's weight does to the statistic.

    `statistic` takes sums of shape (cases, features) and returns one number a case.
    """
    import numpy as np

    index, count = cluster_index(clusters)
    features = totals.shape[1]
    sums = np.zeros((count, features))
    np.add.at(sums, index, totals)
    whole = sums.sum(axis=0)
    used = sums[np.abs(sums).sum(axis=1) > 0]
    squares, step = 0.0, max(1, _CELLS // features)
    for start in range(0, len(used), step):
        part = _STEP * used[start : start + step]
        influence = (statistic(whole + part) - statistic(whole - part)) / (2 * _STEP)
        squares += float((influence**2).sum())
    return squares * len(used) / max(1, len(used) - 1)


def refuse_words(ratings: Ratings, way_out: str) -> None:
    """Raise `InputError` for categories that are words where numbers are needed."""
    for one in ratings.categories:
        if isinstance(one, str):
            raise _refuse(f"rating {one!r}", "is a word where a number is needed", way_out)


def _order(seen: list[Rating]) -> list[Rating]:
    words = [one for one in seen if isinstance(one, str)]
    if words and len(words) < len(seen):
        raise _refuse(f"ratings {seen[:4]!r}", "mix numbers with words", "rate with one of them")
    if words:
        return sorted(words)
    numbers = [one for one in seen if not isinstance(one, str)]
    for one in numbers:
        if not math.isfinite(one):
            raise _refuse(f"rating {one}", "is not a finite number", "write None where there is no rating")
    return sorted(numbers)


def _refuse(value: str, rule: str, way_out: str) -> InputError:
    return InputError(value, rule, way_out, "stats.agreement")
