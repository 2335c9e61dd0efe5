"""Many slices, many tests: p-values adjusted so that a set share of what is called a finding may be false, and no more.

Twenty slices without any difference show one at 5 % by luck. An adjusted p-value at most 0.05 belongs to a list of which at most 5
% are false in expectation (the false discovery rate).

- `benjamini_hochberg` (1995): `min over j ≥ i of m p(j) / j`, for independent tests or tests that hang together positively, as slices
  of one set of answers do;
- `benjamini_yekutieli` (2001): the same times `1 + 1/2 + … + 1/m`, for any dependence, at a price.
"""

from __future__ import annotations

from collections.abc import Sequence

from primum.errors import InputError

__all__ = ["benjamini_hochberg", "benjamini_yekutieli"]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """The adjusted p-values, in the order given; none for none.

    Raises `InputError` for a p-value that is not between 0 and 1.
    """
    return _stepped_up(p_values, 1.0)


def benjamini_yekutieli(p_values: Sequence[float]) -> list[float]:
    """The adjusted p-values under any dependence, in the order given.

    Raises `InputError` for a p-value that is not between 0 and 1.
    """
    return _stepped_up(p_values, sum(1 / rank for rank in range(1, len(p_values) + 1)))


def _stepped_up(p_values: Sequence[float], factor: float) -> list[float]:
    for value in p_values:
        if not 0 <= value <= 1:
            raise InputError(f"p-value {value}", "is not between 0 and 1", "give p-values only", "stats.multiplicity")
    count = len(p_values)
    adjusted = [1.0] * count
    least = 1.0
    by_size = sorted(range(count), key=lambda position: p_values[position])
    for rank, position in reversed(list(enumerate(by_size, start=1))):
        least = min(least, factor * count * p_values[position] / rank)
        adjusted[position] = least
    return adjusted
