"""What the readers of the two languages share: a stretch of a norm, a part of it, and what was found there."""

from __future__ import annotations

import re
from typing import NamedTuple

from primum.records import Deontic

__all__ = ["Found", "Part", "Stretch", "blank", "trimmed"]


class Stretch(NamedTuple):
    """Characters `start` to `end` (exclusive) of a norm's text."""

    start: int
    end: int


class Part(NamedTuple):
    """A provision of a norm, in offsets of the norm's text and without its own number; `depth` is 0 for a paragraph, 1 for an item …"""

    label: str
    start: int
    end: int
    depth: int


class Found(NamedTuple):
    """A rule as a reader found it."""

    modality: Deontic
    act: Stretch
    subject: Stretch | None
    condition: Stretch | None
    consequence: Stretch | None
    label: str


def blank(text: str, pattern: re.Pattern[str]) -> str:
    """`text` with what `pattern` matches replaced by as many `□`: nothing is found there, and every offset stays."""
    return pattern.sub(lambda match: "□" * len(match.group()), text)


def trimmed(text: str, start: int, end: int, around: str) -> Stretch | None:
    """The stretch without characters of `around` at its ends; `None` when nothing is left."""
    while start < end and text[start] in around:
        start += 1
    while end > start and text[end - 1] in around:
        end -= 1
    return Stretch(start, end) if start < end else None
