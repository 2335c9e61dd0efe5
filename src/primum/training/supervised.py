"""Training on answers: the base from nothing, and supervised fine-tuning. The second through TRL's `SFTTrainer`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from primum.ports import Progress, silent
from primum.training.rows import ChatRow, encode, lay_out
from primum.training.run import Job, Parts, Prepared, Trained, nothing_to_learn, refuse_empty, run
from primum.training.settings import BaseSettings, SftSettings, TrainingSettings

__all__ = ["train_base", "train_sft"]

_UNLEARNED = -100

Encoded = tuple[list[int], list[int]]
"""The tokens of a row and what to learn of them: the token itself or `_UNLEARNED`."""


def train_base(
    untrained: Path,
    texts: Sequence[str],
    rows: Sequence[ChatRow],
    settings: BaseSettings,
    out: Path,
    progress: Progress = silent,
) -> Trained:
    """Teach an untrained model language: plain texts in pieces of `max_tokens`, and chat rows, with loss on every token."""
    refuse_empty("base", [*texts, *rows], out)

    def build(parts: Parts) -> Prepared:
        chats = [_chat(parts.tokenizer, row, learns_prompt=True) for row in rows]
        pieces = _pieces(parts.tokenizer, texts, settings.max_tokens)
        return _prepare("base", parts, [(chats, settings.epochs), (pieces, settings.text_epochs)], settings, out)

    job = Job("base", untrained, out, settings, [list(texts), _plain(rows)], False, build)
    return run(job, progress)


def train_sft(
    parent: Path, rows: Sequence[ChatRow], settings: SftSettings, out: Path, progress: Progress = silent
) -> Trained:
    """Supervised fine-tuning of the model in `parent`, with loss on the answers only."""
    refuse_empty("sft", rows, out)

    def build(parts: Parts) -> Prepared:
        encoded = [_chat(parts.tokenizer, row, learns_prompt=False) for row in rows]
        return _prepare("sft", parts, [(encoded, settings.epochs)], settings, out)

    return run(Job("sft", parent, out, settings, _plain(rows), False, build), progress)


def _plain(rows: Sequence[ChatRow]) -> list[object]:
    return [[list(row.prompt), row.answer] for row in rows]


def _chat(tokenizer: Any, row: ChatRow, learns_prompt: bool) -> Encoded:
    opening, wholes = encode(tokenizer, row.prompt, [row.answer])
    whole = wholes[0]
    start = 0 if learns_prompt else len(opening)
    return whole, [_UNLEARNED] * start + whole[start:]


def _pieces(tokenizer: Any, texts: Sequence[str], max_tokens: int) -> list[Encoded]:
    told = [text for text in texts if text.strip()]
    if not told:
        return []
    pieces = []
    for ids in tokenizer(told, add_special_tokens=False)["input_ids"]:
        whole = [*ids, tokenizer.eos_token_id]
        for start in range(0, len(whole), max_tokens):
            piece = whole[start : start + max_tokens]
            if len(piece) > 1:  # one token predicts nothing
                pieces.append((piece, piece))
    return pieces


def _prepare(
    stage: str,
    parts: Parts,
    groups: Sequence[tuple[list[Encoded], int]],
    settings: TrainingSettings,
    out: Path,
) -> Prepared:
    """A trainer over groups of rows, each with the number of times it is read."""
    from datasets import Dataset

    kept = [([row for row in rows if len(row[0]) <= settings.max_tokens], times) for rows, times in groups]
    read = [row for rows, times in kept for row in rows * times]
    if not read:
        raise nothing_to_learn(stage, f"has no row of at most {settings.max_tokens} tokens", out)
    # A group is repeated before it is shuffled; with one group each epoch is shuffled by itself.
    once, epochs = (kept[0][0], kept[0][1]) if len(kept) == 1 else (read, 1)
    order = lay_out([len(ids) for ids, _ in once], settings.batch_rows, epochs, settings.seed)
    data = Dataset.from_dict({"input_ids": [once[row][0] for row in order], "labels": [once[row][1] for row in order]})
    make = _base_trainer if stage == "base" else _sft_trainer
    count = sum(len(rows) for rows, _ in kept)
    left_out = sum(len(rows) for rows, _ in groups) - count
    return Prepared(make(parts, data), count, left_out, tokens=sum(len(once[row][0]) for row in order))


def _base_trainer(parts: Parts, data: Any) -> Any:
    """A plain trainer: TRL's takes twice the time here, for a loss in chunks and measures that a small model needs not."""
    import torch
    from transformers import Trainer, TrainingArguments

    def pad(rows: list[dict[str, list[int]]]) -> dict[str, Any]:
        width = max(len(row["input_ids"]) for row in rows)
        gaps = [width - len(row["input_ids"]) for row in rows]
        filler = parts.tokenizer.pad_token_id
        ids = [row["input_ids"] + [filler] * gap for row, gap in zip(rows, gaps, strict=True)]
        labels = [row["labels"] + [_UNLEARNED] * gap for row, gap in zip(rows, gaps, strict=True)]
        mask = [[1] * (width - gap) + [0] * gap for gap in gaps]
        return {"input_ids": torch.tensor(ids), "labels": torch.tensor(labels), "attention_mask": torch.tensor(mask)}

    return Trainer(
        model=parts.model,
        processing_class=parts.tokenizer,
        train_dataset=data,
        data_collator=pad,
        args=TrainingArguments(**parts.arguments, lr_scheduler_type="cosine"),
    )


def _sft_trainer(parts: Parts, data: Any) -> Any:
    from trl import SFTConfig, SFTTrainer

    return SFTTrainer(
        model=parts.model,
        processing_class=parts.tokenizer,
        train_dataset=data,
        peft_config=parts.adapter,
        args=SFTConfig(**parts.arguments, lr_scheduler_type="cosine", max_length=None, packing=False),
    )
