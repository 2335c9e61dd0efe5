"""A number that does not exist says why: the other half of every statistic that can be undefined."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Undefined"]


class Undefined(NamedTuple):
    """No number, and the reason in one sentence: `no item was labelled met, so the sensitivity is unknown`.

    Not zero, not NaN: whoever shows the result shows the reason in its place.
    """

    reason: str
