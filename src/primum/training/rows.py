"""What the trainings learn from: plain rows of messages and answers, in the order they are given."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["ChatRow", "DpoRow", "KtoRow", "Messages", "lay_out"]

Messages = Sequence[dict[str, str]]
"""A conversation that ends with a user's message; each message has `role` and `content`."""

# A window of this many batches is sorted by length: little padding, and still a shuffled order.
_WINDOW_BATCHES = 16


class ChatRow(NamedTuple):
    """A conversation and the answer to learn."""

    prompt: Messages
    answer: str


class KtoRow(NamedTuple):
    """A conversation, an answer, and whether it is desirable."""

    prompt: Messages
    answer: str
    is_desirable: bool


class DpoRow(NamedTuple):
    """A conversation, and two answers of which the first is the better one."""

    prompt: Messages
    chosen: str
    rejected: str


def lay_out(lengths: Sequence[int], batch_rows: int, epochs: int, seed: int) -> list[int]:
    """The positions of the rows in the order they are learned, all epochs in one list.

    Each epoch is shuffled; rows of like length (in tokens) share a batch. The order is fixed beforehand so that a training that
    goes on from a checkpoint meets exactly the batches it would have met.
    """
    chance = random.Random(seed)
    shuffled: list[int] = []
    for _ in range(epochs):
        epoch = list(range(len(lengths)))
        chance.shuffle(epoch)
        shuffled += epoch
    batches: list[list[int]] = []
    window = batch_rows * _WINDOW_BATCHES
    for start in range(0, len(shuffled), window):
        part = sorted(shuffled[start : start + window], key=lambda row: lengths[row])
        batches += [part[first : first + batch_rows] for first in range(0, len(part), batch_rows)]
    # An incomplete batch in the middle would shift all that follow; it stays last.
    last = [batches.pop()] if batches and len(batches[-1]) < batch_rows else []
    chance.shuffle(batches)
    return [row for batch in batches + last for row in batch]


def encode(tokenizer: Any, prompt: Messages, answers: Sequence[str]) -> tuple[list[int], list[list[int]]]:
    """The tokens of the prompt up to where the answer starts, and those of each whole conversation."""
    told = list(prompt)
    opening = tokenizer.apply_chat_template(told, tokenize=False, add_generation_prompt=True)
    wholes = [
        tokenizer.apply_chat_template([*told, {"role": "assistant", "content": answer}], tokenize=False)
        for answer in answers
    ]
    ids = tokenizer([opening, *wholes], add_special_tokens=False)["input_ids"]
    return ids[0], ids[1:]
