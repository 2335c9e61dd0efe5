"""What ways of rewriting share: material as lists, and the checks that a new answer passes before it is used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from primum.asking import Unreadable
from primum.language import detect, normalise
from primum.records import Language

__all__ = ["checked_reply", "checked_text", "listed"]

_FENCE_LINE = re.compile(r"^\s*(?:<<<\w+ [0-9a-f]{12}|\w+ [0-9a-f]{12}>>>)\s*$", re.MULTILINE)


def listed(lines: Sequence[str]) -> str:
    """One numbered line each: a line that breaks could pass for two."""
    return "\n".join(f"{number}. {' '.join(line.split())}" for number, line in enumerate(lines, 1))


def checked_text(text: object, language: Language, most: int, before: str) -> str | Unreadable:
    """A rewritten answer in `language`, of at most `most` characters, that is not the one `before`; or what is wrong with it."""
    if not isinstance(text, str) or not any(character.isalnum() for character in text):
        return Unreadable("rewritten answer has no text")
    text = text.strip()
    if len(text) > most:
        return Unreadable(f"rewritten answer has {len(text)} characters, more than {most}")
    told = detect(text)
    if told != language:
        return Unreadable(f"rewritten answer is in '{told}', the situation in '{language}'")
    if normalise(text) == normalise(before):
        return Unreadable("rewritten answer is the one before")
    if _FENCE_LINE.search(text):
        return Unreadable("rewritten answer repeats the fences of its material")
    return text


def checked_reply(found: Mapping[str, Any], check: Callable[[object], str | Unreadable]) -> str | Unreadable:
    """The rewritten answer in a reply that has the key `rewritten` and no other, as `check` lets it through."""
    if set(found) != {"rewritten"}:
        return Unreadable(f"reply has the keys {sorted(found)}, not rewritten")
    return check(found["rewritten"])
