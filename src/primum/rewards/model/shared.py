"""Criteria against keys and values that are kept: the trunk is read once, the criteria in chunks, where one sequence would be too long.

A chunk of criteria stands in one row that asks the trunk's cache and itself; the cache is then cut back to the trunk. Nothing of the trunk
is copied for each criterion. The scores are those of the packed sequence.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from transformers import DynamicCache

from primum.rewards.model.collation import collate
from primum.rewards.model.layout import Packed
from primum.rewards.model.masks import Seen
from primum.rewards.model.network import CriteriaRewardModel

__all__ = ["chunks_of", "shared_logits", "split_up"]


def shared_logits(model: CriteriaRewardModel, packed: Packed, tokens: int) -> Tensor:
    """Float32 logits (criterion), with at most `tokens` tokens of criteria read at once (or one criterion, where that is longer).

    For decoders; an encoder keeps no keys and values, see `split_up`.
    """
    laid = {name: tensor.to(model.device) for name, tensor in collate([packed], 0).items()}
    ids, positions, segments = laid["input_ids"], laid["position_ids"], laid["segments"]
    trunk, causal, cache = packed.trunk, model.config.is_causal, DynamicCache()
    whole = slice(0, trunk)
    model.backbone(
        input_ids=ids[:, whole],
        attention_mask=model.masks(Seen(segments[:, whole], positions[:, whole], None, causal)),
        position_ids=positions[:, whole],
        past_key_values=cache,
        use_cache=True,
    )
    found = []
    for first, last in chunks_of(packed, tokens):
        start, stop = (packed.ends[first - 1] + 1 if first else trunk), packed.ends[last] + 1
        part = slice(start, stop)
        seen = Seen(
            torch.cat([segments[:, whole], segments[:, part]], 1),
            torch.cat([positions[:, whole], positions[:, part]], 1),
            None,
            causal,
            past=trunk,
        )
        hidden = model.backbone(
            input_ids=ids[:, part],
            attention_mask=model.masks(seen),
            position_ids=positions[:, part],
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state
        criteria = slice(first, last + 1)
        found.append(model.read(hidden, laid["ends"][:, criteria] - start, laid["heads"][:, criteria])[0])
        cache.crop(start - stop)
    return torch.cat(found)


def chunks_of(packed: Packed, tokens: int) -> Iterator[tuple[int, int]]:
    """The first and last criterion of each chunk."""
    first, start = 0, packed.trunk
    for place, end in enumerate(packed.ends):
        if place > first and end + 1 - start > tokens:
            yield first, place - 1
            first, start = place, packed.ends[place - 1] + 1
    if packed.ends:
        yield first, len(packed.ends) - 1


def split_up(packed: Packed, tokens: int) -> list[Packed]:
    """The same item as several packed sequences, each with the trunk and some of the criteria: for backbones that keep no cache."""
    trunk, parts = packed.trunk, []
    for first, last in chunks_of(packed, max(1, tokens - packed.trunk)):
        start, stop = (packed.ends[first - 1] + 1 if first else trunk), packed.ends[last] + 1
        parts.append(
            Packed(
                packed.ids[:trunk] + packed.ids[start:stop],
                packed.positions[:trunk] + packed.positions[start:stop],
                packed.segments[:trunk] + [segment - first for segment in packed.segments[start:stop]],
                [end - start + trunk for end in packed.ends[first : last + 1]],
                packed.heads[first : last + 1],
            )
        )
    return parts
