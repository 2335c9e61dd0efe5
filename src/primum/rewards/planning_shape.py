"""The shape of a backbone as its config gives it: how many parameters it has, how many operations a text takes, how large its cache is.

Parameters of a layer, with width h, inner width i, heads H of d each, key-value heads G, in weights and (biases):

    gated (Qwen, Llama, Mistral, Gemma)   q h·Hd (Hd)   k, v h·Gd (Gd)   o Hd·h (h)   gate, up, down h·i   two norms h
    Qwen3 besides                         one norm of d on queries, one on keys
    GPT-NeoX                              qkv h·3h (3h)   dense h·h (h)   up h·i (i)   down i·h (h)   two norms 2h

and outside the layers V·h of embeddings, a last norm, and V·h of a language head where it is not tied. Source: the modelling files of
transformers; the tests count the models that they build.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from primum.records import Settings

__all__ = ["Family", "Linear", "Shape"]

Family = Literal["qwen2", "qwen3", "llama", "mistral", "gemma", "gpt_neox"]
_HEADS = 2  # safety and proficiency
_OWN_BIAS: dict[str, bool] = {"qwen3": False, "llama": False, "gemma": False, "gpt_neox": True}


class Linear(NamedTuple):
    """A matrix of a layer. `feeds` says what it reads: a norm's output, shared with its neighbours, or what attention or the inner layer
    gives."""

    name: str
    inward: int
    outward: int
    has_bias: bool
    feeds: Literal["attention_norm", "attention", "inner_norm", "inner"]

    @property
    def weights(self) -> int:
        return self.inward * self.outward


class Shape(Settings, frozen=True):
    """A decoder's config, by the names that its `config.json` has. `head_dim` left out is the width over the heads, `num_key_value_heads`
    as many as heads; `tie_word_embeddings` left out is as the family does (Gemma ties). `attention_bias` is for families that have a
    choice."""

    family: Family
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    vocab_size: int
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    tie_word_embeddings: bool | None = None
    attention_bias: bool | None = None
    max_position_embeddings: int = 32768

    def check(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, int) and not isinstance(value, bool) and value < 1:
                self.refuse(f"{name} = {value}", "is less than 1", "copy it from the model's config.json")
        if self.num_attention_heads % self.key_heads:
            self.refuse(
                f"num_key_value_heads = {self.key_heads}",
                f"does not divide num_attention_heads = {self.num_attention_heads}",
                "copy both from the model's config.json",
            )
        if self.head_dim is None and self.hidden_size % self.num_attention_heads:
            self.refuse(
                f"hidden_size = {self.hidden_size}",
                f"is no multiple of num_attention_heads = {self.num_attention_heads}",
                "give head_dim as the model's config.json does",
            )
        if self.family == "gpt_neox" and (self.key_heads, self.query) != (self.num_attention_heads, self.hidden_size):
            self.refuse("gpt_neox", "has one key a head, and heads that fill its width", "leave out both settings")
        if self.attention_bias is not None and self.family not in _OWN_BIAS:
            self.refuse(f"attention_bias of {self.family}", "is not its to choose", "leave it out")

    @property
    def key_heads(self) -> int:
        return self.num_key_value_heads or self.num_attention_heads

    @property
    def head(self) -> int:
        """The width of a head."""
        return self.head_dim or self.hidden_size // self.num_attention_heads

    @property
    def query(self) -> int:
        """The width of all queries of a token: H·d."""
        return self.num_attention_heads * self.head

    @property
    def keys(self) -> int:
        """The width of all keys of a token, and of all values: G·d."""
        return self.key_heads * self.head

    @property
    def is_gated(self) -> bool:
        return self.family != "gpt_neox"

    @property
    def has_query_norm(self) -> bool:
        return self.family == "qwen3"

    @property
    def linears(self) -> tuple[Linear, ...]:
        """The matrices of one layer."""
        wide, inner, query, keys = self.hidden_size, self.intermediate_size, self.query, self.keys
        bias = _OWN_BIAS.get(self.family, False) if self.attention_bias is None else self.attention_bias
        if not self.is_gated:
            return (
                Linear("query_key_value", wide, 3 * wide, bias, "attention_norm"),
                Linear("dense", wide, wide, bias, "attention"),
                Linear("dense_h_to_4h", wide, inner, True, "inner_norm"),
                Linear("dense_4h_to_h", inner, wide, True, "inner"),
            )
        reads = bias or self.family == "qwen2"
        return (
            Linear("q_proj", wide, query, reads, "attention_norm"),
            Linear("k_proj", wide, keys, reads, "attention_norm"),
            Linear("v_proj", wide, keys, reads, "attention_norm"),
            Linear("o_proj", query, wide, bias, "attention"),
            Linear("gate_proj", wide, inner, False, "inner_norm"),
            Linear("up_proj", wide, inner, False, "inner_norm"),
            Linear("down_proj", inner, wide, False, "inner"),
        )

    @property
    def layer(self) -> int:
        """The parameters of one layer."""
        norms = 2 * self._norm + (2 * self.head if self.has_query_norm else 0)
        return norms + sum(one.weights + one.outward * one.has_bias for one in self.linears)

    @property
    def matrices(self) -> int:
        """The weights of all matrices within the layers: what a token is multiplied by."""
        return self.num_hidden_layers * sum(one.weights for one in self.linears)

    @property
    def embedding(self) -> int:
        return self.vocab_size * self.hidden_size

    @property
    def backbone(self) -> int:
        """Embeddings, layers and the last norm: what a reward model keeps."""
        return self.embedding + self.num_hidden_layers * self.layer + self._norm

    @property
    def policy(self) -> int:
        """The backbone with its language head."""
        return self.backbone + (0 if self.is_tied else self.embedding)

    @property
    def reward(self) -> int:
        """The backbone with the two heads of a reward model, h + 1 each."""
        return self.backbone + _HEADS * (self.hidden_size + 1)

    @property
    def is_tied(self) -> bool:
        return self.family == "gemma" if self.tie_word_embeddings is None else self.tie_word_embeddings

    def lora(self, rank: int) -> int:
        """The parameters of adapters of that rank on every matrix: r·(in + out) each (LoRA, arXiv 2106.09685)."""
        return self.num_hidden_layers * sum(rank * (one.inward + one.outward) for one in self.linears)

    def cache(self, size: int) -> int:
        """Bytes of keys and values that a token leaves in the cache, at `size` bytes a number: 2·layers·G·d."""
        return 2 * self.num_hidden_layers * self.keys * size

    def forward(self, tokens: int, seen: int) -> tuple[int, int]:
        """Operations of reading `tokens` tokens once: of the matrices, 2 a weight and token, and of attention, 4·H·d a layer and pair of
        tokens of which one sees the other; there are `seen` of these. A multiplication and an addition are two (as in arXiv 2001.08361).
        """
        return 2 * self.matrices * tokens, 4 * self.num_hidden_layers * self.query * seen

    @property
    def _norm(self) -> int:
        return self.hidden_size * (1 if self.is_gated else 2)
