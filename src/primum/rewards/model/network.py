"""The network: a Hugging Face backbone without its language head, and two linear heads on it.

    logit_k = head(kind_k) · hidden(last token of criterion k)

Safety has a head of its own; proficiency and excellence share the other. Loaded by transformers' `AutoModel` once this module is imported.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.configuration_utils import SubConfigSpec

from primum.rewards.model.layout import PROFICIENCY, SAFETY
from primum.rewards.model.masks import Seen, dense_mask, mask_function

__all__ = ["CriteriaRewardConfig", "CriteriaRewardModel", "Masks"]

Masks = Any
"""What a backbone takes as `attention_mask`: one mask, or one by the kind of its layers."""

_FULL, _SLIDING = "full_attention", "sliding_attention"


class CriteriaRewardConfig(PretrainedConfig):  # type: ignore[misc]
    """The config of the backbone inside one of our own. `one_head` reads safety with the other head; `is_causal` hides later tokens."""

    model_type = "primum_reward"
    sub_configs_defaults: ClassVar[dict[str, SubConfigSpec]] = {
        "backbone": SubConfigSpec(config_class=AutoConfig, model_type="llama")
    }

    backbone: Any = None
    one_head: bool = False
    is_causal: bool = True

    def get_text_config(self, decoder: bool | None = None, encoder: bool | None = None) -> Any:
        """The backbone's: width and vocabulary are its own."""
        return self.backbone


class CriteriaRewardModel(PreTrainedModel):  # type: ignore[misc]
    """Reads packed sequences. Its parameters: `backbone`, `safety` and `proficiency` (`Linear(width, 1)`)."""

    config_class = CriteriaRewardConfig
    base_model_prefix = ""
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flex_attn = True
    _keep_in_fp32_modules_strict: ClassVar[list[str]] = ["safety", "proficiency"]

    def __init__(self, config: CriteriaRewardConfig, backbone: Any = None) -> None:
        """`backbone` is a loaded one; without it one is made from the config."""
        super().__init__(config)
        self.backbone = AutoModel.from_config(config.backbone) if backbone is None else backbone
        if getattr(self.backbone, "pooler", None) is not None:
            self.backbone.pooler = None  # its output is not read, and unread weights get no gradient
        width = config.backbone.hidden_size
        self.safety = nn.Linear(width, 1)
        self.proficiency = nn.Linear(width, 1)
        self.post_init()
        self.safety.requires_grad_(not config.one_head)

    def _init_weights(self, module: nn.Module) -> None:
        if module in (self.safety, self.proficiency):
            nn.init.normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)

    def get_input_embeddings(self) -> Any:
        return self.backbone.get_input_embeddings()

    def set_input_embeddings(self, value: Any) -> None:
        self.backbone.set_input_embeddings(value)

    def forward(
        self,
        input_ids: Tensor,
        position_ids: Tensor,
        segments: Tensor,
        ends: Tensor,
        heads: Tensor,
        documents: Tensor | None = None,
    ) -> Tensor:
        """Float32 logits (row, criterion), 0 where a row has no such criterion; arguments as `collate` lays them out."""
        seen = Seen(segments, position_ids, documents, self.config.is_causal)
        hidden = self.backbone(
            input_ids=input_ids, attention_mask=self.masks(seen), position_ids=position_ids, use_cache=False
        ).last_hidden_state
        return self.read(hidden, ends, heads)

    def read(self, hidden: Tensor, ends: Tensor, heads: Tensor) -> Tensor:
        """The logits (row, criterion) from hidden states (row, token, width)."""
        at = hidden.gather(1, ends[..., None].expand(-1, -1, hidden.shape[-1])).float()
        proficiency = self.proficiency(at).squeeze(-1)
        found = proficiency
        if not self.config.one_head:
            found = torch.where(heads == SAFETY, self.safety(at).squeeze(-1), proficiency)
        return found.masked_fill((heads != SAFETY) & (heads != PROFICIENCY), 0.0)

    def masks(self, seen: Seen) -> Masks:
        """The masks of the backbone's layers: one, or one by kind where some have a sliding window."""
        text = self.config.backbone
        window = getattr(text, "sliding_window", None)
        kinds = set(getattr(text, "layer_types", None) or [_FULL if window is None else _SLIDING])
        by_kind = {kind: self._mask(seen, window if kind == _SLIDING else None) for kind in sorted(kinds)}
        return by_kind if len(by_kind) > 1 else next(iter(by_kind.values()))

    def _mask(self, seen: Seen, window: int | None) -> Any:
        manner = self.backbone.config._attn_implementation
        if manner == "flex_attention":
            from torch.nn.attention.flex_attention import create_block_mask

            rows, count = seen.segments.shape
            return create_block_mask(
                mask_function(seen, window), rows, None, count - seen.past, count, device=seen.segments.device
            )
        allowed = dense_mask(seen, window)
        if manner == "sdpa":
            return allowed
        dtype = self.backbone.dtype
        return torch.zeros(allowed.shape, dtype=dtype, device=allowed.device).masked_fill(
            ~allowed, torch.finfo(dtype).min
        )


AutoConfig.register(CriteriaRewardConfig.model_type, CriteriaRewardConfig, exist_ok=True)
AutoModel.register(CriteriaRewardConfig, CriteriaRewardModel, exist_ok=True)
