"""How likely a model finds an answer: the negative log likelihood of given answers, by which forgetting is seen.

The perplexity of answers is `exp(Σ nll / Σ tokens)`; who adds them up is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from primum.frameworks import at_work
from primum.models.local import LoadedModel, load_model_folder
from primum.ports import Progress, silent

__all__ = ["Told", "answer_losses"]

_BATCH_ROWS = 32
_BATCH_SCORES = 1 << 25  # rows × tokens of the longest × vocabulary: 128 MiB of logits


class Told(NamedTuple):
    """`nll` = −Σ log p(token | what stands before it), in nats, over the `tokens` of an answer and the one that ends it."""

    nll: float
    tokens: int


def answer_losses(
    folder: Path,
    rows: Sequence[tuple[Sequence[Mapping[str, str]], str]],
    threads: int | None = None,
    progress: Progress = silent,
) -> list[Told | None]:
    """What the model in `folder` makes of each row, a conversation that ends with a user's message and the answer given to it.

    In the order of the rows; `None` where conversation and answer are longer than the model's context. The prompt is read and not
    counted. A row that occurs twice is read once. Sums of floats depend on the batch: 1e-4 nats at most for a small model.

    Raises `ModelError` when the model cannot be loaded.
    """
    loaded = load_model_folder(folder)
    read = [_read(loaded.tokenizer, messages, answer) for messages, answer in rows]
    fitting = sorted(
        {row for row in read if len(row.ids) <= loaded.context_tokens}, key=lambda row: (len(row.ids), row)
    )
    told: dict[_Row, Told] = {}
    progress(0, len(fitting))
    with at_work(threads):
        for batch in _batches(fitting, _BATCH_SCORES // loaded.model.config.get_text_config().vocab_size):
            told.update(zip(batch, _losses(loaded, batch), strict=True))
            progress(len(told), len(fitting))
    return [told.get(row) for row in read]


class _Row(NamedTuple):
    """The tokens of a conversation with its answer, and how many of them stand before the answer."""

    ids: tuple[int, ...]
    opening: int


def _read(tokenizer: Any, messages: Sequence[Mapping[str, str]], answer: str) -> _Row:
    told = [dict(message) for message in messages]
    opening = tokenizer.apply_chat_template(told, tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template([*told, {"role": "assistant", "content": answer}], tokenize=False)
    first, ids = tokenizer([opening, whole], add_special_tokens=False)["input_ids"]
    end = tokenizer.eos_token_id
    # Some templates write a line break after the token that ends an answer: it is not of the answer.
    last = len(ids) - next((place for place, token in enumerate(reversed(ids)) if token == end), 0)
    return _Row(tuple(ids[:last]), max(_common(first, ids), 1))  # nothing stands before the very first token


def _common(first: Sequence[int], whole: Sequence[int]) -> int:
    """How many tokens both begin with: the text of an answer may join the last token of the prompt, which is then of the answer."""
    return next((place for place, (one, two) in enumerate(zip(first, whole, strict=False)) if one != two), len(first))


def _batches(rows: Sequence[_Row], most_tokens: int) -> list[list[_Row]]:
    """Rows sorted by length, in batches of at most so many tokens with their padding, or of one row."""
    batches: list[list[_Row]] = []
    for row in rows:
        if batches and len(batches[-1]) < _BATCH_ROWS and (len(batches[-1]) + 1) * len(row.ids) <= most_tokens:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def _losses(loaded: LoadedModel, batch: Sequence[_Row]) -> list[Told]:
    import torch

    model = loaded.model
    width = max(len(row.ids) for row in batch)
    # Padded behind: no token of a row then sees the padding, and positions count from its first.
    ids = torch.tensor([list(row.ids) + [loaded.tokenizer.pad_token_id] * (width - len(row.ids)) for row in batch])
    mask = torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in batch])
    with torch.inference_mode():
        logits = model(input_ids=ids.to(model.device), attention_mask=mask.to(model.device), use_cache=False).logits
        told = []
        for row, scores in zip(batch, logits, strict=True):
            # The scores at a place are those of the token after it.
            answer = torch.tensor(row.ids[row.opening :], device=model.device)
            chances = torch.log_softmax(scores[row.opening - 1 : len(row.ids) - 1].float(), dim=-1)
            nll = -chances.gather(1, answer[:, None]).sum(dtype=torch.float64)
            told.append(Told(float(nll), len(answer)))
    return told
