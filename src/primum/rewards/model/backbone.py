"""Putting the heads on a backbone, and refusing one that would not read a packed sequence as it reads its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from transformers import AutoConfig, AutoModel
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_MAPPING,
)

from primum.errors import ModelError
from primum.frameworks import quiet
from primum.model_folder import check_model_folder
from primum.rewards.model.collation import collate
from primum.rewards.model.layout import Packed, one_at_a_time
from primum.rewards.model.masks import Seen
from primum.rewards.model.network import CriteriaRewardConfig, CriteriaRewardModel

__all__ = ["HeadSettings", "attention_for", "load_backbone", "refuse_unfit"]

_TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-4}  # relative to the logits' size; coarser types are given more
_COARSE = 0.1
_DROPOUTS = ("attention_dropout", "attention_probs_dropout_prob", "attn_pdrop")
_LONGEST_WINDOW = 64  # beyond it the probe would be long, and the window is taken from the config anyhow


class HeadSettings(Protocol):
    """What of a training's settings decides the network."""

    @property
    def head(self) -> Literal["two", "one"]: ...


def attention_for(device: str, config: Any) -> str | None:
    """FlexAttention on a GPU for a backbone that has it; otherwise, and on a CPU, where it has no backward, whatever transformers chooses:
    SDPA where the model has it."""
    if not device.startswith("cuda"):
        return None
    network = MODEL_MAPPING.get(type(config), None)
    if any(getattr(config, name, 0.0) for name in _DROPOUTS):  # which FlexAttention does not have
        return None
    return "flex_attention" if getattr(network, "_supports_flex_attn", False) else None


def load_backbone(
    folder: Path, settings: HeadSettings, seed: int, dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> CriteriaRewardModel:
    """A reward model on the weights in `folder`, its heads drawn from `seed`; the language head is left behind.

    Raises `ModelError` for a folder that cannot be loaded, and for a backbone that does not honour mask and positions.
    """
    description = check_model_folder(folder, needs_whole=True)
    name = f"model folder {folder.name!r}"
    _refuse_unknown(str(description["model_type"]), name, folder)
    with quiet():
        try:
            config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            _refuse_kind(config, name, folder)
            backbone = AutoModel.from_pretrained(
                folder,
                config=config,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=dtype,
                attn_implementation=attention_for(device, config),
            )
        except ModelError:
            raise
        # The libraries raise whatever their parts raise on a damaged file; all of it means the same to the user.
        except Exception as error:
            reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
            raise ModelError(
                name, f"cannot be loaded ({reason})", "check or download its files again", str(folder)
            ) from error
        manner = backbone.config._attn_implementation  # which a config around it would forget
        own = CriteriaRewardConfig(
            backbone=backbone.config, one_head=settings.head == "one", is_causal=_is_causal(config)
        )
        own._attn_implementation = manner
        own.backbone._name_or_path = ""  # a path of this machine is nobody else's business
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = CriteriaRewardModel(own, backbone)
            for head in (model.safety, model.proficiency):
                model._init_weights(head)
        model.to(device)
    _refuse_short(model, getattr(settings, "max_tokens", 0), folder)
    refuse_unfit(model, folder)
    return model


def refuse_unfit(model: CriteriaRewardModel, folder: Path) -> None:
    """Raise `ModelError` when a packed sequence does not give the scores of its parts, or these not what the backbone says by itself."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode(), quiet():
            found = _probe(model)
    # A backbone that takes no such mask or no positions says so in its own way.
    except Exception as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise _unfit(model, f"takes no mask of its own or no positions ({reason})", folder) from error
    finally:
        model.train(was_training)
    if found > _TOLERANCE.get(model.backbone.dtype, _COARSE):
        raise _unfit(model, f"does not honour mask and positions (scores differ by {found:.2g})", folder)


def _refuse_short(model: CriteriaRewardModel, max_tokens: int, folder: Path) -> None:
    """A table of positions ends; rotary positions go on, if worse."""
    for name, part in model.backbone.named_modules():
        places = part.num_embeddings if isinstance(part, torch.nn.Embedding) else max_tokens
        if ("pos" in name or name.endswith("wpe")) and places < max_tokens:
            raise ModelError(
                f"max_tokens = {max_tokens}",
                f"is more than the {places} positions that the backbone {model.config.backbone.model_type!r} knows",
                f"set {places} or less",
                str(folder),
            )


def _probe(model: CriteriaRewardModel) -> float:
    """The largest difference of hidden states between packed, alone and the backbone by itself, relative to their size."""
    text = model.config.backbone
    window = getattr(text, "sliding_window", None)
    trunk = window + 6 if window is not None and window <= _LONGEST_WINDOW else 12
    step = max(1, (text.vocab_size - 1) // 64)
    packed = Packed([], [], [], [], [])
    for segment, count in enumerate((trunk, 4, 6, 3)):
        first = len(packed.ids)
        packed.ids.extend((7 + step * (first + i) * (segment + 1)) % text.vocab_size for i in range(count))
        start = 0 if segment == 0 else trunk
        packed.positions.extend(range(start, start + count))
        packed.segments.extend([segment] * count)
        if segment:
            packed.ends.append(len(packed.ids) - 1)
            packed.heads.append(segment % 2)
    together = _states(model, packed)
    scale, furthest = max(float(together.abs().max()), 1e-6), 0.0
    for alone, end in zip(one_at_a_time(packed), packed.ends, strict=True):
        apart = _states(model, alone)
        furthest = max(furthest, float((apart[-1] - together[end]).abs().max()))
        plain = alone.ids if model.config.is_causal else alone.ids[:trunk]
        ids = torch.tensor([plain], device=model.device)
        by_itself = model.backbone(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0].float()
        furthest = max(furthest, float((apart[: len(plain)] - by_itself).abs().max()))
    return furthest / scale if torch.isfinite(together).all() else float("inf")


def _states(model: CriteriaRewardModel, packed: Packed) -> torch.Tensor:
    laid = {name: tensor.to(model.device) for name, tensor in collate([packed], 0).items()}
    seen = Seen(laid["segments"], laid["position_ids"], None, model.config.is_causal)
    states: torch.Tensor = model.backbone(
        input_ids=laid["input_ids"],
        attention_mask=model.masks(seen),
        position_ids=laid["position_ids"],
        use_cache=False,
    ).last_hidden_state[0]
    return states.float()


def _unfit(model: CriteriaRewardModel, rule: str, folder: Path) -> ModelError:
    return ModelError(
        f"the backbone {model.config.backbone.model_type!r}",
        rule,
        "use one with rotary or absolute positions and plain attention (Qwen3, Llama, Mistral, Gemma, GPT-NeoX, BERT)",
        str(folder),
    )


def _is_causal(config: Any) -> bool:
    if config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        return bool(getattr(config, "is_decoder", False))
    return True


def _refuse_unknown(architecture: str, name: str, folder: Path) -> None:
    if architecture in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES or architecture in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        return
    raise ModelError(
        name,
        f"has the architecture {architecture!r}, which is no language model known here",
        "use a model that the installed transformers knows",
        str(folder / "config.json"),
    )


def _refuse_kind(config: Any, name: str, folder: Path) -> None:
    """What a short probe cannot see: layers of another kind, positions that depend on what else is read, sight and hearing."""
    rule = None
    layers = set(getattr(config, "layer_types", None) or ["full_attention"])
    rope = getattr(config, "rope_parameters", None) or {}
    kinds = {part.get("rope_type") for part in (rope, *rope.values()) if isinstance(part, dict)}
    if config.is_encoder_decoder:
        rule = "is an encoder with a decoder"
    elif config.get_text_config() is not config:
        rule = "reads more than text"
    elif layers - {"full_attention", "sliding_attention"}:
        rule = f"has layers of the kind {', '.join(sorted(layers - {'full_attention', 'sliding_attention'}))}"
    elif kinds & {"dynamic", "longrope"}:
        rule = "has rotary positions that depend on the longest text in the batch"
    elif not _is_causal(config) and getattr(config, "sliding_window", None) is not None:
        rule = "is an encoder with a sliding window"
    if rule is not None:
        raise ModelError(
            name, f"{rule}, so criteria cannot share one sequence", "use a plain decoder or encoder", str(folder)
        )
