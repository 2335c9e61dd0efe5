"""What the trainings learn from: plain rows of messages and answers, in the order they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from primum.checkpoints import lay_out

__all__ = ["ChatRow", "DpoRow", "KtoRow", "Messages", "lay_out"]

Messages = Sequence[dict[str, str]]
"""A conversation that ends with a user's message; each message has `role` and `content`."""


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
