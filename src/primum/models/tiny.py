"""A small model built on the spot: a real architecture from its config, and a byte-level BPE tokenizer trained on the texts.

It lets the whole chain run, train and be tested without a download. What it measures is the chain, not medicine:
its numbers are always shown as those of a model built from scratch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd
from pathlib import Path
from typing import Any, Literal

from primum.errors import MissingExtraError, ModelError
from primum.frameworks import quiet
from primum.model_folder import stay_offline
from primum.records import Settings

__all__ = ["CHAT_TEMPLATE", "TinySettings", "build_tiny"]

PAD, END, USER, ASSISTANT, SYSTEM = "<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"

# What a user writes cannot open or close a turn: '<|' in it is broken up.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% set said = message['content'] | replace('<|', '< |') %}"
    "{% if message['role'] == 'assistant' %}"
    "<|assistant|>{% generation %}{{ said }}<|end|>{% endgeneration %}"
    "{% else %}<|{{ message['role'] }}|>{{ said }}<|end|>{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


class TinySettings(Settings, frozen=True):
    """The shape of the small model. `vocabulary` is an upper bound: few texts give fewer tokens. `width` is a multiple of `heads`.

    Equal numbers are not equal sizes: each architecture keeps what makes it that one (see `_config`), so `gpt_neox`, whose output matrix
    is its own, has about `vocabulary` × `width` parameters more, and those that share keys among heads have fewer.
    """

    architecture: Literal["qwen3", "llama", "mistral", "gemma", "gpt_neox"] = "qwen3"
    layers: int = 4
    width: int = 128
    heads: int = 4
    feed_forward: int = 384
    vocabulary: int = 4096
    context_tokens: int = 512

    def check(self) -> None:
        counts = {name: getattr(self, name) for name in self.__struct_fields__ if name != "architecture"}
        for name, count in counts.items():
            if count < 1:
                self.refuse(f"{name} = {count}", "is less than 1", "give a positive number")
        if self.width % self.heads or (self.width // self.heads) % 2:
            self.refuse(
                f"width {self.width} over {self.heads} heads", "gives no even width a head", "make width a multiple"
            )
        if self.vocabulary < 300:
            self.refuse(f"vocabulary = {self.vocabulary}", "has no room beside the 256 bytes", "give at least 300")


def build_tiny(texts: Sequence[str], settings: TinySettings, folder: Path, seed: int = 0) -> None:
    """Write an untrained model and its tokenizer to `folder` (made anew, empty before) as a Hugging Face folder.

    Raises `ModelError` when there is no text to learn tokens from or when `folder` already holds something.
    """
    if not any(text.strip() for text in texts):
        raise ModelError("a small model", "has no text to learn its tokens from", "give it texts", str(folder))
    if folder.exists() and any(folder.iterdir()):
        raise ModelError(
            f"folder {folder.name!r}", "already holds something", "remove it or name another one", str(folder)
        )
    stay_offline()
    try:
        import torch
        from transformers import AutoModelForCausalLM
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    tokenizer = _tokenizer(texts, settings)
    config = _config(settings, tokenizer)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    folder.mkdir(parents=True, exist_ok=True)
    with quiet():
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def _tokenizer(texts: Sequence[str], settings: TinySettings) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    special = [PAD, END, USER, ASSISTANT, SYSTEM]
    tokens = Tokenizer(models.BPE())
    tokens.normalizer = normalizers.NFC()
    tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokens.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=settings.vocabulary,
        min_frequency=2,
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokens.train_from_iterator(texts, trainer=trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokens,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[USER, ASSISTANT, SYSTEM],
        chat_template=CHAT_TEMPLATE,
        padding_side="left",
        model_max_length=settings.context_tokens,
        clean_up_tokenization_spaces=False,
    )


def _config(settings: TinySettings, tokenizer: Any) -> Any:
    """The config of the architecture at this size, with what sets it apart kept:

    Llama (arXiv 2302.13971) and Qwen3 (arXiv 2505.09388; norms on queries and keys): one key head for each query head, tied embeddings.
    Mistral (arXiv 2310.06825): one key head for four query heads, and attention to the nearer half of the context only.
    Gemma 3 (arXiv 2503.19786): one key head for two, norms before and after each block and on queries and keys, embeddings scaled by
    √width, and attention to the nearer half of the context in all layers but every sixth and the last.
    GPT-NeoX (arXiv 2204.06745): attention and feed-forward side by side, biases and LayerNorm, positions in a quarter of each head, an
    ungated feed-forward, and an output matrix of its own.
    """
    return _CONFIGS[settings.architecture](settings, _shape(settings, tokenizer))


def _shape(settings: TinySettings, tokenizer: Any) -> dict[str, Any]:
    """What all of them call by the same names."""
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": settings.width,
        "intermediate_size": settings.feed_forward,
        "num_hidden_layers": settings.layers,
        "num_attention_heads": settings.heads,
        "max_position_embeddings": settings.context_tokens,
        "tie_word_embeddings": True,
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _heads(settings: TinySettings, sharing: int = 1) -> dict[str, int]:
    """Heads for keys and values, each shared by `sharing` query heads where their number allows it, and the width of a head."""
    shared = gcd(settings.heads, sharing)
    return {"num_key_value_heads": settings.heads // shared, "head_dim": settings.width // settings.heads}


def _near(settings: TinySettings) -> int:
    return max(settings.context_tokens // 2, 1)


def _qwen3(settings: TinySettings, shape: dict[str, Any]) -> Any:
    from transformers import Qwen3Config

    return Qwen3Config(**shape, **_heads(settings))


def _llama(settings: TinySettings, shape: dict[str, Any]) -> Any:
    from transformers import LlamaConfig

    return LlamaConfig(**shape, **_heads(settings))


def _mistral(settings: TinySettings, shape: dict[str, Any]) -> Any:
    from transformers import MistralConfig

    return MistralConfig(**shape, **_heads(settings, sharing=4), sliding_window=_near(settings))


def _gemma(settings: TinySettings, shape: dict[str, Any]) -> Any:
    from transformers import Gemma3TextConfig

    heads = _heads(settings, sharing=2)
    far = [layer % 6 == 0 or layer == settings.layers for layer in range(1, settings.layers + 1)]
    return Gemma3TextConfig(
        **shape,
        **heads,
        query_pre_attn_scalar=heads["head_dim"],  # scores are divided by the root of the width of a head, as elsewhere
        sliding_window=_near(settings),
        layer_types=["full_attention" if is_far else "sliding_attention" for is_far in far],
    )


def _gpt_neox(settings: TinySettings, shape: dict[str, Any]) -> Any:
    from transformers import GPTNeoXConfig

    width = settings.width // settings.heads
    turned = max(width // 4 // 2 * 2, 2)  # positions turn pairs of numbers
    return GPTNeoXConfig(**{**shape, "tie_word_embeddings": False}, rotary_pct=turned / width)


_CONFIGS: dict[str, Callable[[TinySettings, dict[str, Any]], Any]] = {
    "qwen3": _qwen3,
    "llama": _llama,
    "mistral": _mistral,
    "gemma": _gemma,
    "gpt_neox": _gpt_neox,
}
