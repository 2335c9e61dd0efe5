"""The terms of a text: what in it carries information, one spelling for what means the same.

English: stems of words, several words at a time where they are one thing (`heart attack`). Chinese: pairs of characters of a text whose
wordings were brought to one (`心梗` → `心肌梗死`). A special term also counts as the general one (`amoxicillin` as `antibiotic`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from primum.judging.criteria.rule_words import CriterionWords
from primum.judging.criteria.rule_words_en import EN
from primum.judging.criteria.rule_words_zh import ZH
from primum.records import Language

__all__ = ["WORDS", "Token", "pairs", "same_wording", "stem", "terms", "tokens"]

WORDS: Final[Mapping[Language, CriterionWords]] = {"en": EN, "zh": ZH}

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?|\d+(?:[.,]\d+)*|[\ue000-\uf8ff]")
_SUFFIXES: Final = (
    "isations",
    "izations",
    "isation",
    "ization",
    "fulness",
    "iveness",
    "ations",
    "ition",
    "ation",
    "ities",
    "ments",
    "ment",
    "ness",
    "ious",
    "eous",
    "ings",
    "ical",
    "ally",
    "edly",
    "ions",
    "ion",
    "ing",
    "ies",
    "ied",
    "ive",
    "ity",
    "ous",
    "ful",
    "ant",
    "ent",
    "ance",
    "ence",
    "able",
    "ible",
    "ly",
    "ed",
    "es",
    "er",
    "ic",
    "al",
    "s",
    "y",
    "e",
)
_IRREGULAR: Final = {
    "several": "severals",
    "early": "earlies",
    "earlier": "earlies",
    "took": "take",
    "taken": "take",
    "gave": "give",
    "given": "give",
    "felt": "feel",
    "bled": "bleed",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "women": "woman",
    "men": "man",
    "fell": "fall",
    "ate": "eat",
    "drank": "drink",
    "went": "go",
    "seen": "see",
    "saw": "see",
    "lost": "lose",
    "loss": "lose",
    "dies": "die",
    "died": "die",
    "death": "die",
    "diagnosis": "diagnos",
    "diagnoses": "diagnos",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "twelve": "12",
}
_LONGEST_PHRASE = 4
_NUMERAL = re.compile(r"[一二两三四五六七八九十](?=[天日周月年次片粒岁个小分种])")
_NUMERALS: Final = {"十": "10", "两": "2", **{one: str(n) for n, one in enumerate("一二三四五六七八九", start=1)}}


class Token(NamedTuple):
    """A term and where it stands in the text."""

    term: str
    start: int
    end: int


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of an English word, by its endings: rough, the same for the forms of one word."""
    word = _IRREGULAR.get(word, word).replace("’", "'").removesuffix("'s")
    for _ in range(2):
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= (3 if len(suffix) < 4 else 4):
                word = word[: -len(suffix)]
                break
        else:
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:10]


@cache
def _phrases() -> tuple[dict[tuple[str, ...], str], dict[str, tuple[str, ...]]]:
    """Stems of a wording → the stem kept for it; special stem → general ones."""
    kept = {}
    for variant, wording in EN.synonyms.items():
        kept[tuple(stem(word) for word in variant.split())] = stem(wording.replace(" ", ""))
    general: dict[str, tuple[str, ...]] = {}
    for wording, specials in EN.kinds.items():
        top = kept.get(tuple(stem(word) for word in wording.split()), stem(wording.replace(" ", "")))
        for special in specials:
            parts = tuple(stem(word) for word in special.split())
            low = kept.get(parts, parts[0])
            general[low] = (*general.get(low, ()), top)
    return kept, general


def tokens(text: str) -> Iterator[Token]:
    """The terms of an English text in order, function words included; a private-use character is one."""
    kept, _ = _phrases()
    found = [(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
    stems = [stem(word) for word, _, _ in found]
    place = 0
    while place < len(found):
        for size in range(min(_LONGEST_PHRASE, len(found) - place), 0, -1):
            key = tuple(stems[place : place + size])
            if key in kept or size == 1:
                yield Token(kept.get(key, key[0]), found[place][1], found[place + size - 1][2])
                place += size
                break


@cache
def _wordings() -> dict[str, tuple[tuple[str, str], ...]]:
    by_first: dict[str, list[tuple[str, str]]] = {}
    keep = {wording: wording for wording in (*ZH.synonyms.values(), *ZH.whole)}
    for variant, wording in {**keep, **ZH.synonyms}.items():
        by_first.setdefault(variant[0], []).append((variant, wording))
    return {first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in by_first.items()}


def same_wording(text: str, gap: str = "") -> str:
    """A Chinese text with every known wording replaced by the one kept for it, numerals before measures as digits.

    `gap` is put on either side of what was known, so that the text can be cut there.
    """
    text = _NUMERAL.sub(lambda match: _NUMERALS[match[0]], text)
    by_first = _wordings()
    parts: list[str] = []
    place = 0
    while place < len(text):
        for variant, wording in by_first.get(text[place], ()):
            if text.startswith(variant, place):
                parts.append(f"{gap}{wording}{gap}" if gap else wording)
                place += len(variant)
                break
        else:
            parts.append(text[place])
            place += 1
    return "".join(parts)


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text, and the characters."""
    return frozenset((*text, *map("".join, pairwise(text))))


def terms(text: str, language: Language) -> frozenset[str]:
    """What the text holds for matching: stems in English, pairs of characters and characters in Chinese; general terms added."""
    if language == "en":
        _, general = _phrases()
        found = {token.term for token in tokens(text)}
        return frozenset(found.union(*(general[term] for term in found if term in general)))
    same = same_wording(text)
    added = [wording for wording, specials in ZH.kinds.items() if any(special in same for special in specials)]
    return pairs(same).union(*(pairs(one) for one in added))
