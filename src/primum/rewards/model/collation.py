"""Packed sequences as tensors: in rows with padding, or several in one row without any."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from primum.rewards.model.layout import Packed

__all__ = ["collate", "collate_in_one_row"]

_NONE = -1


def collate(packed: Sequence[Packed], pad: int) -> dict[str, Tensor]:
    """The arguments of the model, a row for each: `input_ids`, `position_ids`, `segments` are Long (row, token), `ends`, `heads` Long
    (row, criterion). Rows are padded on the right: with the token `pad`, segment −1, head −1."""
    tokens = max(len(one.ids) for one in packed)
    criteria = max(1, *(len(one.ends) for one in packed)) if packed else 1

    def padded(rows: Sequence[list[int]], width: int, filler: int) -> Tensor:
        return torch.tensor([row + [filler] * (width - len(row)) for row in rows], dtype=torch.long)

    return {
        "input_ids": padded([one.ids for one in packed], tokens, pad),
        "position_ids": padded([one.positions for one in packed], tokens, 0),
        "segments": padded([one.segments for one in packed], tokens, _NONE),
        "ends": padded([one.ends for one in packed], criteria, 0),
        "heads": padded([one.heads for one in packed], criteria, _NONE),
    }


def collate_in_one_row(packed: Sequence[Packed], pad: int = 0, multiple: int = 1) -> dict[str, Tensor]:
    """All of them in one row: as above, with `documents` (Long, (1, token)) that tell them apart; padded only to a `multiple` of tokens.

    The logits are those of all criteria in order: (1, criteria of all). FlexAttention skips the blocks that nobody sees.
    """
    starts = [0]
    for one in packed:
        starts.append(starts[-1] + len(one.ids))
    spare = -starts[-1] % multiple
    flat = {
        "input_ids": [id for one in packed for id in one.ids] + [pad] * spare,
        "position_ids": [place for one in packed for place in one.positions] + [0] * spare,
        "segments": [segment for one in packed for segment in one.segments] + [_NONE] * spare,
        "ends": [start + end for start, one in zip(starts, packed, strict=False) for end in one.ends],
        "heads": [head for one in packed for head in one.heads],
        "documents": [number for number, one in enumerate(packed) for _ in one.ids] + [_NONE] * spare,
    }
    return {name: torch.tensor([values], dtype=torch.long) for name, values in flat.items()}
