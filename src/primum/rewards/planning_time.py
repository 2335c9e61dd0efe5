"""How long a training takes: operations over what the GPUs do a second, bytes over what passes a second.

    forward     2·N·n + 4·L·H·d·S        N weights of matrices, n tokens, S pairs of tokens that see each other
    backward    twice the matrices; once where they are frozen (adapters); 2.5 times the attention, whose scores are made again
                (FlashAttention-2, arXiv 2307.08691, section 4)
    again       one more forward with gradient checkpointing
    seconds     operations / (GPUs · peak · utilisation)

A packed sequence of a trunk of t tokens and K criteria of c has n = t + K·c tokens and S = t(t+1)/2 + K·(c·t + c(c+1)/2): each criterion
sees the trunk and itself. One at a time it would be K·(t + c) tokens.

Sampling is bound by memory: for each new token all weights, and the keys and values of every answer that is being written, are read once
(arXiv 2211.05102, section 2). Between ranks the gradients pass twice, (N−1)/N of them each time; with fsdp the weights twice more.
"""

from __future__ import annotations

from typing import NamedTuple

from primum.rewards.planning_memory import Manner, trained_of
from primum.rewards.planning_shape import Shape

__all__ = ["Packing", "between_ranks", "decoding_seconds", "learning", "reading"]

_ATTENTION_BACK = 2.5


class Packing(NamedTuple):
    """A trunk (prompt and answer) and criteria behind it, in tokens."""

    trunk: int
    criteria: int
    criterion: int

    @property
    def tokens(self) -> int:
        return self.trunk + self.criteria * self.criterion

    @property
    def seen(self) -> int:
        """Pairs of tokens of which one sees the other. A trunk of 3 with 2 criteria of 2: 6 + 2·(6 + 3) = 24."""
        trunk, criterion = self.trunk, self.criterion
        own = criterion * trunk + criterion * (criterion + 1) // 2
        return trunk * (trunk + 1) // 2 + self.criteria * own

    @property
    def apart(self) -> int:
        """The tokens of one sequence for each criterion."""
        return max(self.criteria, 1) * (self.trunk + self.criterion)


def reading(shape: Shape, packing: Packing) -> float:
    """Operations of reading one packed sequence."""
    return float(sum(shape.forward(packing.tokens, packing.seen)))


def learning(shape: Shape, packing: Packing, manner: Manner) -> float:
    """Operations of learning from one packed sequence; those of the adapters themselves are counted, those of norms are not."""
    matrices, attention = shape.forward(packing.tokens, packing.seen)
    again = 1 if manner.is_checkpointed else 0
    if manner.lora_rank is None:
        return matrices * (3 + again) + attention * (1 + again + _ATTENTION_BACK)
    adapters = 2 * shape.lora(manner.lora_rank) * packing.tokens
    return matrices * (2 + again) + adapters * (3 + again) + attention * (1 + again + _ATTENTION_BACK)


def between_ranks(shape: Shape, parameters: int, manner: Manner) -> float:
    """Bytes that each rank sends in one step. A ring: 2·(N−1)/N of the gradients; fsdp gathers the weights twice besides."""
    if manner.ranks == 1:
        return 0.0
    trained = trained_of(shape, parameters, manner)
    part = (manner.ranks - 1) / manner.ranks
    if manner.sharding == "fsdp":
        return part * (2 * parameters * manner.computed + trained * manner.trained)
    return part * 2 * trained * manner.trained


def decoding_seconds(shape: Shape, answers: int, prompt: int, new: int, size: int, bytes_a_second: float) -> float:
    """Seconds to write `new` tokens of each of `answers` answers side by side on one GPU, at `size` bytes a number.

    Each of the `new` steps reads the weights, and a cache that is on average prompt + new/2 long.
    """
    weights = (shape.policy - (0 if shape.is_tied else shape.embedding)) * size
    cache = answers * (prompt + new / 2) * shape.cache(size)
    return new * (weights + cache) / bytes_a_second
