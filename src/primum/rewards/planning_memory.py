"""What a training holds on each GPU: weights, gradients, the optimiser's states, and what is kept of every token for the way back.

Kept of a token in a layer, in bytes, with r bytes a number of the residual stream and b a number that is computed with (mixed: r 4, b 2):

    two norms         2·(4h + r·h + 4)   their input in float32, what is scaled, one scale    (adapters alone: 2·(4h + 4))
    read by matrices  b·h of each norm; in mixed precision a copy for each matrix that reads it
    query, key norms  (4 + b)·(H + G)·d + 4·(H + G)                                          (adapters alone: 4·(H + G)·(d + 1))
    attention         b·(2·H + 2·G')·d + 4·H   queries, keys, values, result, one sum        G' = G, or H where keys are repeated (G > 1)
    inner layer       4·b·i   gate, its activation, up, their product                        (GPT-NeoX: 2·b·i)

GPT-NeoX keeps b·h more each of the fused projection's queries and keys and of the result, and one input for both its norms. Adapters of
rank ρ keep b·ρ for each matrix, and a copy of its input of their own where its type is another. With gradient checkpointing only r·h is
kept of a layer, and all of the above of the one that is read again (arXiv 1604.06174). The kind of count is that of arXiv 2205.05198;
the numbers are ours, and the tests hold them against what autograd keeps.

Weights: mixed precision holds float32 weights (4), gradients (4) and two AdamW states (8), as `primum reward train` does, and copies of
the matrices in bfloat16 (2) while a part is learned from; `bf16` 2, 2 and 4, adapters in float32. Over N ranks ZeRO (arXiv 1910.02054)
keeps 1/N of the states (zero1), of the gradients too (zero2), of the weights too (fsdp: two layers and the embeddings are whole at a time).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from primum.rewards.planning_shape import Shape

__all__ = ["Held", "Manner", "Memory", "Precision", "Sharding", "kept", "kept_of_token", "states", "trained_of"]

Precision = Literal["mixed", "bf16", "fp32"]
Sharding = Literal["none", "zero1", "zero2", "fsdp"]

_ADAM = 2  # states of each parameter that is trained
_WHOLE_LAYERS = 2  # of a sharded model: the one at work, and the next, fetched beforehand


class Manner(NamedTuple):
    """How is trained. `repeats_keys` is what SDPA with a mask does; FlexAttention reads grouped keys as they are."""

    precision: Precision
    lora_rank: int | None = None
    is_checkpointed: bool = False
    sharding: Sharding = "none"
    ranks: int = 1
    repeats_keys: bool = False

    @property
    def computed(self) -> int:
        """Bytes of a number that is computed with."""
        return 4 if self.precision == "fp32" else 2

    @property
    def stored(self) -> int:
        """Bytes of a weight, and of a number of the residual stream."""
        return 2 if self.precision == "bf16" else 4

    @property
    def trained(self) -> int:
        """Bytes of a weight that is trained; adapters are float32 whatever the rest is, as PEFT makes them."""
        return 4 if self.lora_rank is not None else self.stored


class Held(NamedTuple):
    """One thing that fills memory, in bytes on each GPU."""

    name: str
    size: int


class Memory(NamedTuple):
    """All that is held on a GPU at the worst moment."""

    held: tuple[Held, ...]

    @property
    def total(self) -> int:
        return sum(one.size for one in self.held)


def kept_of_token(shape: Shape, manner: Manner) -> int:
    """Bytes that a layer keeps of a token for the way back, when it is not checkpointed."""
    rank, number, wide = manner.lora_rank, manner.computed, shape.hidden_size
    queries = shape.query + shape.keys
    keys = shape.query if manner.repeats_keys else shape.keys
    kept = _norms(shape, manner)
    for group in ("attention_norm", "inner_norm"):
        readers = sum(one.feeds == group for one in shape.linears)
        copies = 1 if manner.precision == "fp32" or (manner.precision == "bf16" and rank is None) else readers
        kept += copies * wide * _input_size(manner)
    if shape.has_query_norm:
        kept += (4 + (number if rank is None else 0)) * queries + 4 * (shape.num_attention_heads + shape.key_heads)
    kept += 4 * shape.num_attention_heads
    if shape.is_gated:
        kept += number * (2 * shape.query + 2 * keys) + 3 * number * shape.intermediate_size
    else:
        kept += number * 6 * wide + number * shape.intermediate_size
    kept += shape.intermediate_size * _input_size(manner)
    if rank is not None:
        kept += len(shape.linears) * rank * (4 if manner.precision == "bf16" else number)
    if not shape.is_gated or (rank is not None and manner.precision != "fp32"):
        kept += shape.query * _input_size(manner)
    return kept


def _norms(shape: Shape, manner: Manner) -> int:
    wide = shape.hidden_size
    if not shape.is_gated:  # layer norm in one kernel: one input for both, a mean and a scale each
        return manner.stored * wide + 4 * manner.stored
    scaled = 0 if manner.lora_rank is not None else 4 if shape.family == "gemma" else manner.stored
    return 2 * ((4 + scaled) * wide + 4)


def _input_size(manner: Manner) -> int:
    """Bytes of a number that a matrix, or its adapter, keeps of what it reads."""
    return 4 if manner.lora_rank is not None and manner.precision == "bf16" else manner.computed


def kept(shape: Shape, manner: Manner, tokens: int) -> int:
    """Bytes kept of `tokens` tokens through all layers at the worst moment."""
    layers, residual = shape.num_hidden_layers, manner.stored * shape.hidden_size
    of_token = kept_of_token(shape, manner)
    through = layers * residual + of_token if manner.is_checkpointed else layers * of_token
    return tokens * (through + 2 * residual)  # the embeddings, and what the last norm gives


def trained_of(shape: Shape, parameters: int, manner: Manner) -> int:
    """How many parameters are trained: all, or adapters with the two heads of a reward model; the language head of a policy is left."""
    if manner.lora_rank is None:
        return parameters
    return shape.lora(manner.lora_rank) + (parameters - shape.backbone if parameters == shape.reward else 0)


def states(shape: Shape, parameters: int, manner: Manner) -> list[Held]:
    """Weights, gradients and the optimiser's states of a model of `parameters` on each GPU, and copies that mixed precision makes."""
    rank, ranks = manner.lora_rank, manner.ranks
    trained = trained_of(shape, parameters, manner)
    frozen = 0 if rank is None else parameters + shape.lora(rank) - trained
    of_states, of_gradients, of_weights = (
        ranks if manner.sharding in kinds else 1 for kinds in (("zero1", "zero2", "fsdp"), ("zero2", "fsdp"), ("fsdp",))
    )
    weights = frozen * manner.stored + trained * manner.trained
    layers = _WHOLE_LAYERS if manner.is_checkpointed else shape.num_hidden_layers
    copies = 0
    if manner.precision == "mixed" and manner.sharding != "fsdp":
        whole = sum(one.weights for one in shape.linears) + (shape.lora(rank) // shape.num_hidden_layers if rank else 0)
        copies = 2 * min(layers, shape.num_hidden_layers) * whole
    found = [
        Held("weights", _share(weights, of_weights)),
        Held("gradients", _share(trained * manner.trained, of_gradients)),
        Held("optimiser states", _share(_ADAM * trained * manner.trained, of_states)),
        Held("weights in bfloat16, of layers at work", copies),
    ]
    if manner.sharding == "fsdp":
        gathered = (_WHOLE_LAYERS * shape.layer + shape.embedding) * manner.computed
        found.append(Held("layers put together", gathered))
    elif ranks > 1 and manner.sharding in ("none", "zero1"):
        found.append(Held("gradients on their way", trained * manner.trained))
    return found


def _share(size: int, ranks: int) -> int:
    return -(-size // ranks)
