"""Whether a norm is in force on a day."""

from __future__ import annotations

import datetime
from typing import Literal

from primum.records import Norm

__all__ = ["Validity", "validity"]

Validity = Literal["in force", "not yet in force", "past its validity", "unknown"]


def validity(norm: Norm, at: datetime.date) -> Validity:
    """Whether `norm` is in force on the day `at`, by the dates of its document; first and last day are both inside.

    `unknown` where the document does not say since when it holds: it may have held before and not since.
    """
    if norm.effective_to is not None and at > datetime.date.fromisoformat(norm.effective_to):
        return "past its validity"
    if norm.effective_from is None:
        return "unknown"
    return "in force" if at >= datetime.date.fromisoformat(norm.effective_from) else "not yet in force"
