"""Who sees whom in a packed sequence: trunk and criterion see the trunk and themselves, no criterion sees another.

A token sees another when both are of one document, the other is of the trunk or of the same criterion, and, in a decoder, not later. Layers
with a sliding window count distance by positions, which are what they would be if the criterion stood alone.
Padding (segment −1) is seen by nobody; it sees itself, as a row that sees nothing is no number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

__all__ = ["Seen", "dense_mask", "mask_function"]


class Seen(NamedTuple):
    """What decides who sees whom: Long tensors of shape (row, token), and whether later tokens are hidden.

    `documents` tells items apart that share a row; `None` where each row holds one. `past`, tokens of the trunk that stand in a cache
    before the first token: `positions`, `segments` and `documents` then begin with them, and only the rest asks.
    """

    segments: Tensor
    positions: Tensor
    documents: Tensor | None
    is_causal: bool
    past: int = 0


def dense_mask(seen: Seen, window: int | None = None) -> Tensor:
    """Bool (row, 1, asking token, token): true where it is seen."""
    count = seen.segments.shape[1]
    places = torch.arange(count, device=seen.segments.device)
    asking = slice(seen.past, count)
    other, own = seen.segments[:, None, :], seen.segments[:, asking, None]
    allowed = ((other == 0) | (other == own)) & (other >= 0) & (own >= 0)
    if seen.documents is not None:
        allowed &= seen.documents[:, None, :] == seen.documents[:, asking, None]
    if seen.is_causal:
        allowed &= places[None, None, :] <= places[None, asking, None]
    if window is not None:
        allowed &= seen.positions[:, asking, None] - seen.positions[:, None, :] < window
    allowed |= places[None, None, :] == places[None, asking, None]
    return allowed[:, None]


def mask_function(seen: Seen, window: int | None = None) -> Callable[[Any, Any, Any, Any], Any]:
    """The same as a `mask_mod` of FlexAttention: (row, head, asking token, token) → true where it is seen."""
    segments, positions, documents, past = seen.segments, seen.positions, seen.documents, seen.past

    def sees(row: Any, head: Any, asking: Any, place: Any) -> Any:
        at = asking + past
        own, other = segments[row, at], segments[row, place]
        allowed = ((other == 0) | (other == own)) & (other >= 0) & (own >= 0)
        if documents is not None:
            allowed = allowed & (documents[row, place] == documents[row, at])
        if seen.is_causal:
            allowed = allowed & (place <= at)
        if window is not None:
            allowed = allowed & (positions[row, at] - positions[row, place] < window)
        return allowed | (place == at)

    return sees
