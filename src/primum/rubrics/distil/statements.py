"""The statement of a group: of its own wordings the one that is most like all the others and reads as a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from primum.records import Language
from primum.rubrics.distil.details import GENERIC

__all__ = ["fault", "medoid", "polished"]

_BOUNDS: dict[Language, tuple[int, int]] = {"zh": (4, 60), "en": (3, 30)}  # characters in Chinese, words in English
_DANGLING: dict[Language, re.Pattern[str]] = {
    "zh": re.compile(r"(?:以及|例如|或者|并且|(?<![温缓平柔])和|(?<!参)与|或|把|被)[。.]?$|^[，、；：）)]"),
    "en": re.compile(r"\b(?:and|or|but|of|to|the|a|an|with|for|in|that|such as|than|by|as)\.?$|^[,;:)]", re.IGNORECASE),
}
_GENERIC: dict[Language, re.Pattern[str]] = {
    language: re.compile("|".join(map(re.escape, GENERIC[language].values()))) for language in GENERIC
}
_MOST_NOUNS = 3
_STUMBLES = re.compile(
    r"\b(?:a|an|some|most|many|any|no|other|modest|muscle|type|\w+(?:al|ic|ive|ous|ary))"
    r" the (?:condition|drug|test|procedure|body part|symptom)\b"
)
_BRACKETS = (("(", ")"), ("（", "）"), ("“", "”"), ("《", "》"), ("[", "]"))


def fault(statement: str, language: Language) -> str | None:
    """Why a text cannot stand as a principle; `None` when it can."""
    fewest, most = _BOUNDS[language]
    size = len(statement) if language == "zh" else len(statement.split())
    if size < fewest:
        return "is a fragment"
    if size > most:
        return "is longer than one statement"
    if _DANGLING[language].search(statement.strip()):
        return "begins or ends in the middle of a sentence"
    nouns = _GENERIC[language].findall(statement)
    drug = GENERIC[language]["drug"]
    # Two drugs interact; a condition that "leads to the condition" has lost what it was about.
    if len(nouns) > _MOST_NOUNS or any(nouns.count(noun) > 1 for noun in set(nouns) - {drug}):
        return "is about too many things"
    if language == "en" and _STUMBLES.search(statement):
        return "stumbles over a generic noun"
    if any(statement.count(left) != statement.count(right) for left, right in _BRACKETS):
        return "leaves a bracket open"
    return None


def medoid(texts: Sequence[str], counts: Sequence[int], rows: Any, allowed: Sequence[int]) -> int:
    """Which of the `allowed` texts is most like all `texts`, with how often each is said and their vectors [text, feature]."""
    import numpy as np

    weights = np.asarray(counts, dtype=np.float64)
    likeness = np.asarray(rows @ (rows.T @ weights)).ravel() / weights.sum()
    return min(allowed, key=lambda one: (-round(float(likeness[one]), 6), -counts[one], texts[one]))


def polished(statement: str, language: Language) -> str:
    """With a capital letter at its start in English and a full stop at its end."""
    said = statement.strip().rstrip("，、；：,;: ")
    if language == "en":
        said = said[:1].upper() + said[1:]
        return said if said.endswith((".", "!", "?")) else f"{said}."
    return said if said.endswith(("。", "！", "？")) else f"{said.rstrip('.')}。"
