"""What language a text is in, its words and its sentences; English and Chinese alike."""

from __future__ import annotations

import re
import unicodedata

from primum.records.norm import Language

__all__ = ["detect", "normalise", "sentences", "words"]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_TOKEN = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?|[\u3400-\u4dbf\u4e00-\u9fff]+")
_SENTENCE_END = re.compile(r"(?<=[。！？；])|(?<=[.!?])\s+(?=[A-Z0-9\"'(\[\u4e00-\u9fff])|\n+")


def detect(text: str) -> Language:
    """`zh` when Han characters are at least a fifth of the letters, else `en`."""
    han = len(_HAN.findall(text))
    letters = sum(character.isalpha() for character in text)
    return "zh" if han and han * 5 >= letters else "en"


def normalise(text: str) -> str:
    """NFKC, lower case, white space folded: what two spellings of one text have in common."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def words(text: str) -> list[str]:
    """Latin words and numbers whole, Chinese as overlapping character pairs (a lone character stays one)."""
    found: list[str] = []
    for token in _TOKEN.findall(normalise(text)):
        if not _HAN.match(token) or len(token) == 1:
            found.append(token)
        else:
            found.extend(token[i : i + 2] for i in range(len(token) - 1))
    return found


def sentences(text: str) -> list[str]:
    """The sentences of `text`, stripped, empty ones left out; a Chinese semicolon ends one."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]
