"""Sentence embeddings from an encoder in a folder: the mean of its last hidden states over the tokens of a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from primum.errors import MissingExtraError, ModelError
from primum.frameworks import quiet
from primum.model_folder import check_model_folder, hash_weights, stay_offline

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = ["FolderEmbedder"]

_BATCH = 64
_LONGEST = 512  # tokens; a criterion is far shorter


@final
class FolderEmbedder:
    """Unit vectors [text, dimension], float32, from the encoder in `folder`; a text longer than its context is cut.

    Texts are sorted by length into batches; equal texts get equal vectors. No code that comes with the model is run, no pickle is read and
    nothing is fetched. Raises `ModelError` in one line when the folder cannot be loaded, `MissingExtraError` without torch.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model, self._tokenizer, self._longest = _load(folder)
        self.name = f"{folder.name}@{hash_weights(folder)[:12]}"

    def __call__(self, texts: Sequence[str]) -> NDArray[numpy.float32]:
        import numpy as np

        order = sorted(set(texts), key=lambda text: (len(text), text))
        place = {text: number for number, text in enumerate(order)}
        width = int(self._model.config.hidden_size)
        rows = np.zeros((len(order), width), dtype=np.float32)
        with quiet():
            for start in range(0, len(order), _BATCH):
                rows[start : start + _BATCH] = self._embed(order[start : start + _BATCH])
        return rows[[place[text] for text in texts]] if texts else rows

    def _embed(self, texts: list[str]) -> NDArray[numpy.float32]:
        import numpy as np
        import torch

        model = self._model
        batch = self._tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=self._longest,
            return_tensors="pt",
            return_token_type_ids=False,
        ).to(model.device)
        with torch.inference_mode():
            hidden = model(**batch).last_hidden_state.float()
        mask = batch["attention_mask"].unsqueeze(-1).float()
        mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1.0)
        vectors = np.asarray(torch.nn.functional.normalize(mean, dim=1).cpu().numpy(), dtype=np.float32)
        if not np.isfinite(vectors).all():
            raise ModelError(
                f"model folder {self._folder.name!r}",
                "gives vectors that are no numbers",
                "check or download its weights again",
                str(self._folder),
            )
        return vectors


def _load(folder: Path) -> tuple[Any, Any, int]:
    """The encoder, its tokenizer, and the most tokens of a text; on a GPU where there is one."""
    check_model_folder(folder, needs_whole=True)
    stay_offline()
    name = f"model folder {folder.name!r}"
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    with quiet():
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model = AutoModel.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
            )
        # The libraries raise whatever their parts raise on a damaged file; all of it means the same to the user.
        except Exception as error:
            reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
            raise ModelError(
                name, f"cannot be loaded ({reason})", "check or download its files again", str(folder)
            ) from error
    if tokenizer.pad_token_id is None:
        raise ModelError(name, "has no padding token", "set pad_token in tokenizer_config.json", str(folder))
    tokenizer.padding_side = "right"
    model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    context = getattr(model.config, "max_position_embeddings", None)
    return model, tokenizer, min(int(context), _LONGEST) if context else _LONGEST
