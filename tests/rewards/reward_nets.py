"""Small networks of real architectures, built from their configs, and reward models on them whose heads are drawn at random."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from primum.frameworks import at_work, quiet
from primum.model_folder import stay_offline
from primum.models.tiny import TinySettings, build_tiny
from primum.records import Turn
from primum.rewards.asked import Asked, Item
from primum.rewards.model import RewardCard, load_backbone, save_reward_model
from primum.stats.calibration import Platt

__all__ = [
    "ARCHITECTURES",
    "CALIBRATED",
    "UNFIT",
    "Heads",
    "answered",
    "make_backbone",
    "make_reward_model",
    "make_tiny",
]

TEXTS = (
    "Chest pain that lasts is an emergency: call an ambulance at once.",
    "The answer says to see a doctor. Drink water and rest. Do not take more than the label says.",
    "胸痛持续时应立即拨打急救电话。回答建议患者尽快就医，多喝水，多休息。",
)
WINDOW = 8
# The logits of random heads lie close together: sharp curves through the midst of them make some chances high and some low.
CALIBRATED = {
    "safety": Platt(slope=40.0, intercept=0.5, log_odds=False),
    "proficiency": Platt(slope=30.0, intercept=3.6, log_odds=False),
}
_SHAPE = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 2048,
    "pad_token_id": 0,
    "bos_token_id": None,
    "eos_token_id": 1,
}
_GROUPED = {**_SHAPE, "num_key_value_heads": 1, "head_dim": 16}
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "Qwen3": _GROUPED,
    "Llama": _GROUPED,
    "Mistral": {**_GROUPED, "sliding_window": WINDOW},
    "Gemma": _GROUPED,
    "Gemma2": {**_GROUPED, "sliding_window": WINDOW},
    "GPTNeoX": _SHAPE,
    "Bert": {**_SHAPE, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
}
_XLNET = {"d_model": 32, "n_layer": 2, "n_head": 2, "d_inner": 48}
UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "Bloom": ({"hidden_size": 32, "n_layer": 2, "n_head": 2}, "takes no mask of its own or no positions"),
    "Mpt": ({"d_model": 32, "n_layers": 2, "n_heads": 2}, "does not honour mask and positions"),
    "Roberta": ({**_SHAPE, "pad_token_id": 1}, "does not honour mask and positions"),
    "ModernBert": (_SHAPE, "is an encoder with a sliding window"),
    "Mamba": ({"hidden_size": 32, "num_hidden_layers": 2, "state_size": 4}, "has layers of the kind linear_attention"),
    "T5": ({"d_model": 32, "d_ff": 48, "num_layers": 2, "num_heads": 2}, "is no language model known here"),
    "XLNet": (_XLNET, "takes no mask of its own or no positions"),
    "Llama": (
        {**_GROUPED, "rope_parameters": {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}},
        "has rotary positions that depend on the longest text",
    ),
}


class Heads(NamedTuple):
    """What `load_backbone` asks of settings."""

    head: Any = "two"


def make_tiny(folder: Path) -> Path:
    """A small Qwen3 with its tokenizer."""
    shape = TinySettings(layers=2, width=32, heads=2, feed_forward=48, vocabulary=400, context_tokens=2048)
    build_tiny(TEXTS * 3, shape, folder)
    return folder


def make_backbone(name: str, tiny: Path, folder: Path, changes: dict[str, Any] | None = None) -> Path:
    """A language model of the architecture `name` with the tokenizer in `tiny`."""
    stay_offline()
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny)
    config = getattr(transformers, f"{name}Config")(vocab_size=len(tokenizer), **(changes or ARCHITECTURES[name]))
    kinds = ("ForCausalLM",) if name != "T5" else ("ForConditionalGeneration",)
    if name in ("Bert", "Roberta", "ModernBert"):
        kinds = ("ForMaskedLM",)
    if name in ("XLNet", "GPT2"):
        kinds = ("LMHeadModel",)
    with at_work(1):
        torch.manual_seed(0)
        model = getattr(transformers, name + kinds[0])(config)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


def make_reward_model(parent: Path, folder: Path, **card: Any) -> RewardCard:
    """A reward model on `parent`, with heads from a seed."""
    from transformers import AutoTokenizer

    given = {"name": "small", "max_tokens": 512, "calibration": CALIBRATED, **card}
    with quiet():
        tokenizer = AutoTokenizer.from_pretrained(parent)
        return save_reward_model(load_backbone(parent, Heads(), 3), tokenizer, RewardCard(**given), folder)


def answered(text: str, *criteria: str | Asked, id: str = "one", prompt: str = "I have chest pain.") -> Item:
    """An item; plain criteria are about proficiency."""
    asked = tuple(one if isinstance(one, Asked) else Asked(text=one) for one in criteria)
    return Item(id, (Turn(role="user", content=prompt),), text, asked)
