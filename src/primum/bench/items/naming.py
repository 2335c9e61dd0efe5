"""Names and chances that depend on what is said alone: a renumbered article changes neither."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

from primum.records import Ground, Scenario, content_hash

__all__ = ["chance", "drawn", "named", "pick"]

T = TypeVar("T")


def drawn(*parts: object) -> int:
    """A number from the parts alone."""
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:8], "big")


def chance(*parts: object) -> random.Random:
    return random.Random(drawn(*parts))


def pick(wordings: Sequence[T], number: int) -> T:
    return wordings[number % len(wordings)]


def named(scenario: Scenario) -> str:
    """The name of an item for life: its language and a hash of what it says and of the articles' texts, of no id and no number."""
    said = [
        scenario.task,
        scenario.style,
        scenario.dimension,
        [(turn.role, turn.content) for turn in scenario.messages],
        [(option.letter, option.text) for option in scenario.options],
        scenario.key,
        sorted({_article(ground) for ground in scenario.grounds}),
    ]
    return f"{scenario.language}-{content_hash(said)[:12]}"


def _article(ground: Ground) -> str:
    return ground.article
