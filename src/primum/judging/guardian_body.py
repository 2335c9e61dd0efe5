"""The body of a transformer guardian: an encoder or decoder of a Hugging Face folder, with a linear layer for each head.

Nothing is fetched, no code that comes with a model is run, and no pickle is read. torch and transformers are imported by what is called
here, never when this module is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from primum.errors import ModelError
from primum.frameworks import quiet, refuse_missing
from primum.judging.guardian_layout import LAYOUT_VERSION, Laid, lay_out, marks
from primum.judging.guardian_reader import HEADS, Head
from primum.model_folder import check_model_folder
from primum.ports import Case
from primum.records import content_hash

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = ["Body", "Pooling", "load_parent"]

Pooling = Literal["mean", "first", "last"]
_BATCH = 32
_FOLDER, _HEADS = "body", "heads.safetensors"
# What a saved config says of the library or the machine and not of the model.
_NOT_THE_MODEL = ("_name_or_path", "architectures", "transformers_version", "dtype", "torch_dtype", "use_cache")


class Body:
    """A model without a head of its own, its tokenizer, and the linear layers; `seen` holds the classes each head was shown."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        layers: Any,
        seen: Mapping[Head, tuple[int, ...]],
        pooling: Pooling,
        max_tokens: int,
    ) -> None:
        """`layers` is a `torch.nn.ModuleDict` with a `Linear` for each head of `seen`; `max_tokens` is the longest text it reads."""
        self.model, self.tokenizer, self.layers, self.seen = model, tokenizer, layers, dict(seen)
        self.pooling, self.max_tokens = pooling, max_tokens
        self.marks = marks(tokenizer, str(model.config.model_type))
        self._has_segments = getattr(model.config, "type_vocab_size", 0) > 1

    def lay_out(self, cases: Sequence[Case]) -> list[Laid]:
        """The cases in tokens, as the body reads them."""
        return lay_out(cases, self.tokenizer, self.marks, self.max_tokens)

    def logits(self, batch: Sequence[Laid]) -> dict[Head, Any]:
        """Tensors of shape (case, class) by head; a class never shown has −∞."""
        import torch

        width = max(len(one.ids) for one in batch)
        device = next(self.model.parameters()).device

        def padded(rows: Sequence[list[int]], filler: int) -> Any:
            return torch.tensor([row + [filler] * (width - len(row)) for row in rows], device=device)

        mask = padded([[1] * len(one.ids) for one in batch], 0)
        # Padding is masked, so any token will do where the tokenizer names none.
        given = {
            "input_ids": padded([one.ids for one in batch], self.tokenizer.pad_token_id or 0),
            "attention_mask": mask,
        }
        if self._has_segments:
            given["token_type_ids"] = padded([one.segments for one in batch], 0)
        if self.pooling == "last":
            given["use_cache"] = False
        hidden = self.model(**given).last_hidden_state.float()
        pooled = self._pool(hidden, mask)
        found = {}
        for head, seen in self.seen.items():
            unseen = torch.tensor([i not in seen for i in range(len(HEADS[head]))], device=device)
            found[head] = self.layers[head](pooled).masked_fill(unseen, -torch.inf)
        return found

    def scores(self, cases: Sequence[Case]) -> dict[Head, NDArray[numpy.float64]]:
        """`logits` of many cases, read in batches of like length without dropout."""
        import numpy as np
        import torch

        laid = self.lay_out(cases)
        order = sorted(range(len(laid)), key=lambda i: (len(laid[i].ids), laid[i].ids))
        found = {head: np.zeros((len(laid), len(HEADS[head]))) for head in self.seen}
        self.model.eval()
        with torch.inference_mode(), quiet():
            for start in range(0, len(order), _BATCH):
                rows = order[start : start + _BATCH]
                for head, values in self.logits([laid[i] for i in rows]).items():
                    found[head][rows] = values.double().cpu().numpy()
        return found

    def fingerprint(self) -> str:
        """The hash of whatever decides the scores: weights, shape, tokenizer, layout."""
        import torch

        digest = hashlib.sha256()
        for part in (self.model, self.layers):
            for name, tensor in sorted(part.state_dict().items()):
                digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
                digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
        config = {name: value for name, value in self.model.config.to_dict().items() if name not in _NOT_THE_MODEL}
        backend = json.loads(self.tokenizer.backend_tokenizer.to_str())
        tokens = {name: value for name, value in backend.items() if name not in ("truncation", "padding")}
        plain = json.dumps([config, tokens], sort_keys=True, default=str)
        own = [self.pooling, self.max_tokens, sorted(self.seen.items()), list(self.marks.first), self.marks.end]
        return content_hash([digest.hexdigest(), plain, LAYOUT_VERSION, own])

    def save(self, folder: Path) -> None:
        """Write the model, its tokenizer and the layers below `folder`."""
        from safetensors.torch import save_file

        with quiet():
            self.model.save_pretrained(folder / _FOLDER)
            self.tokenizer.save_pretrained(folder / _FOLDER)
        save_file(
            {name: tensor.detach().cpu().contiguous() for name, tensor in self.layers.state_dict().items()},
            folder / _HEADS,
        )

    @classmethod
    def load(cls, folder: Path, seen: Mapping[Head, tuple[int, ...]], pooling: Pooling, max_tokens: int) -> Body:
        """What `save` wrote. Raises `ModelError` when a weight is missing or there is one too many."""
        refuse_missing()
        from safetensors.torch import load_file

        model, tokenizer = _load(folder / _FOLDER, is_whole=True)
        layers = _layers(model, seen)
        layers.load_state_dict(load_file(folder / _HEADS))  # strict: it raises for other heads or shapes
        layers.to(next(model.parameters()).device)
        return cls(model, tokenizer, layers, seen, pooling, max_tokens)

    def _pool(self, hidden: Any, mask: Any) -> Any:
        """One vector for each case out of (case, token, width)."""
        import torch

        if self.pooling == "mean":
            counted = mask.unsqueeze(-1).to(hidden.dtype)
            return (hidden * counted).sum(dim=1) / counted.sum(dim=1)
        rows = torch.arange(len(hidden), device=hidden.device)
        return hidden[rows, 0 if self.pooling == "first" else mask.sum(dim=1) - 1]


def load_parent(
    folder: Path, seen: Mapping[Head, tuple[int, ...]], pooling: Pooling | None, max_tokens: int, seed: int
) -> Body:
    """The model in `folder` with untrained layers, drawn from the seed. Raises `ModelError` for a folder that cannot be used.

    `pooling` `None` takes the mean over an encoder's tokens and the last token of a decoder. `max_tokens` is cut to what it can hold.
    """
    refuse_missing()
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model, tokenizer = _load(folder, is_whole=False)
        layers = _layers(model, seen)
    layers.to(next(model.parameters()).device)
    own: Pooling = "mean" if _is_encoder(model.config.model_type) else "last"
    return Body(model, tokenizer, layers, seen, pooling or own, min(max_tokens, _room(model, tokenizer)))


def _load(folder: Path, is_whole: bool) -> tuple[Any, Any]:
    """A model and its tokenizer, on a GPU where there is one. Unless it must be whole, a pooler may be missing: nothing here reads it."""
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

    config, name = check_model_folder(folder, needs_whole=True), f"model folder {folder.name!r}"
    kind = config["model_type"]
    if kind not in MODEL_MAPPING_NAMES or config.get("is_encoder_decoder"):
        raise ModelError(
            name,
            f"has the architecture {kind!r}, which is no encoder or decoder known here",
            "use one that the installed transformers knows",
            str(folder / "config.json"),
        )
    with quiet():
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model, told = AutoModel.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
            )
        # The libraries raise whatever their parts raise on a damaged file; all of it means the same to the user.
        except Exception as error:
            reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
            raise ModelError(
                name, f"cannot be loaded ({reason})", "check or download its files again", str(folder)
            ) from error
    # transformers draws what is missing at random and goes on.
    missing = sorted(key for key in told["missing_keys"] if is_whole or "pooler" not in key)
    odd = missing + sorted(map(str, told["mismatched_keys"])) + (sorted(told["unexpected_keys"]) if is_whole else [])
    if odd:
        raise ModelError(
            name, f"has not the weights that its config.json asks for ({odd[0]})", "get its files again", str(folder)
        )
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(name, "has no tokenizer.json", "convert its tokenizer to a fast one", str(folder))
    model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    return model, tokenizer


def _layers(model: Any, seen: Mapping[Head, tuple[int, ...]]) -> Any:
    import torch

    width = model.config.get_text_config().hidden_size
    return torch.nn.ModuleDict({head: torch.nn.Linear(width, len(HEADS[head])) for head in seen})


def _is_encoder(kind: str) -> bool:
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

    return kind in MODEL_FOR_MASKED_LM_MAPPING_NAMES


def _room(model: Any, tokenizer: Any) -> int:
    """The most tokens the model can hold."""
    import torch

    positions = getattr(model.config.get_text_config(), "max_position_embeddings", None) or 1 << 30
    # RoBERTa and its kin count positions from behind that of the padding.
    taken = [
        module.padding_idx + 1
        for module in model.modules()
        if isinstance(module, torch.nn.Embedding)
        and module.num_embeddings == positions
        and module.padding_idx is not None
    ]
    return min(int(positions) - max(taken, default=0), int(tokenizer.model_max_length))
