"""Other spellings of a request, each with the decoder that reads it back: roundabout words, spelled-out words, code words with a legend.

A spelling is used only where its decoder brings the request back, so what is asked is never lost. Decoders know the packaged tables and
nothing of the request.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache, partial

from primum.language import detect, normalise
from primum.records import Language
from primum.simulation.frames import words_of

__all__ = ["METHODS", "code", "decoded"]

_MOST = 3
"""The most words that are spelled otherwise: a small model still reads the rest."""
_SHORTEST = 5
"""Letters of the shortest English word that is worth spelling otherwise."""
_LONGEST_SPELLED = 9
"""Letters of a word that is spelled out, where a shorter one is there: each letter is a token of its own."""
_LEET = str.maketrans("aeioAEIO", "43104310")
_PLAIN = str.maketrans("4310", "aeio")
_DIGITS = frozenset("4310")
_MIXED = re.compile(r"[A-Za-z0-9]+")
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+(?![A-Za-z0-9])")
_LEGEND_PAIR = re.compile(r"([^;=]+) = ([^;=]+)")

_Decoder = Callable[[str], Iterator[str]]

METHODS: Mapping[Language, tuple[str, ...]] = {
    "en": ("euphemism", "separated", "leet", "code words"),
    "zh": ("euphemism", "homophone", "pinyin", "split", "separated", "code words"),
}
"""How the words of a language are spelled otherwise."""


def code(text: str, language: Language, chance: random.Random) -> str | None:
    """`text` with a few words spelled otherwise by one of the methods, drawn evenly among those that can be read back, if any can."""
    methods = list(METHODS[language])
    chance.shuffle(methods)
    plain = normalise(text)
    for method, words in [*((method, None) for method in methods), ("separated", _any_words(text))]:
        coded = _coded(text, language, method, chance, words)
        is_changed = coded is not None and normalise(coded) != plain
        if coded is None or not is_changed or detect(coded) != detect(text):
            continue
        if any(normalise(found) == plain for found in _decoders(language)[method](coded)):
            return coded
    return None


def decoded(text: str, language: Language) -> Iterator[str]:
    """What `text` says when it is read by each decoder of the language in turn, where that says something else than `text`."""
    plain = normalise(text)
    for method in METHODS[language]:
        for found in _decoders(language)[method](text):
            if normalise(found) != plain:
                yield found


def _coded(
    text: str, language: Language, method: str, chance: random.Random, words: list[str] | None = None
) -> str | None:
    """`text` spelled by one method; `words` are those to choose from where they are not the key words."""
    if method in ("separated", "leet", "code words"):
        known = _key_words(text, language) if words is None else words
        if method == "separated":
            known = [word for word in known if len(word) <= _LONGEST_SPELLED] or known
        words = _drawn(known, chance, 2 if method == "separated" else _MOST)
        if not words:
            return None
        if method == "code words":
            return _with_legend(text, words, language, chance)
        if method == "leet":
            return _replaced(text, {word: word.translate(_LEET) for word in words}, language)
        separator = chance.choice(words_of(language)["coding"]["separators"])
        return _replaced(text, {word: separator.join(word) for word in words}, language)
    table: dict[str, str] = words_of(language)["tables"][method]
    lowered = text.lower()
    present = sorted({found[0].lower() for found in _pattern(tuple(table), language).finditer(lowered)})
    words = _drawn(present, chance, _MOST)
    return _replaced(text, {word: table[word] for word in words}, language) if words else None


def _drawn(words: list[str], chance: random.Random, most: int) -> list[str]:
    return sorted(chance.sample(words, min(most, len(words))))


def _key_words(text: str, language: Language) -> list[str]:
    """The words worth spelling otherwise, in lower case and in order; in Chinese those of the packaged list."""
    words = words_of(language)["coding"]
    if language == "en":
        plain = frozenset(words["plain_words"].split())
        found = {word[0].lower() for word in _WORD.finditer(text)}
        return sorted(word for word in found if len(word) >= _SHORTEST and word not in plain and word.isascii())
    listed = tuple(sorted(words["key_words"].split()))
    return sorted({found[0] for found in _pattern(listed, language).finditer(text)})


def _any_words(text: str) -> list[str]:
    """Where no key word is known: any English word of some length, any two Chinese characters side by side."""
    return sorted({found.lower() for found in re.findall(rf"[A-Za-z]{{{_SHORTEST},}}|[\u4e00-\u9fff]{{2}}", text)})


def _replaced(text: str, table: Mapping[str, str], language: Language) -> str:
    """`text` with every word of the table replaced, in one pass; an English word that opens with a capital keeps it."""

    def said(found: re.Match[str]) -> str:
        other = table[found[0].lower()]
        return other[0].upper() + other[1:] if found[0][0].isupper() else other

    return _pattern(tuple(sorted(table)), language).sub(said, text)


@lru_cache(256)
def _pattern(words: tuple[str, ...], language: Language) -> re.Pattern[str]:
    """Any of the words, the longest first; English ones whole."""
    listed = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    whole = rf"(?<![A-Za-z0-9])(?:{listed})(?![A-Za-z0-9])" if language == "en" else f"(?:{listed})"
    return re.compile(whole, re.IGNORECASE | re.ASCII)


# --- Decoders ----------------------------------------------------------------------------------------------------------------


@cache
def _decoders(language: Language) -> dict[str, _Decoder]:
    found: dict[str, _Decoder] = {
        "separated": partial(_joined, language=language),
        "code words": partial(_by_legend, language=language),
        "leet": _from_leet,
    }
    for method, table in words_of(language)["tables"].items():
        found[method] = partial(
            _by_table, table={other.lower(): word for word, other in table.items()}, language=language
        )
    return found


def _by_table(text: str, table: Mapping[str, str], language: Language) -> Iterator[str]:
    yield _replaced(text, table, language)


def _joined(text: str, language: Language) -> Iterator[str]:
    """`p-a-t-i-e-n-t` read as one word: single letters (or Chinese characters) with one separator between them."""
    for separator in words_of(language)["coding"]["separators"]:
        mark = re.escape(separator)
        if language == "en":
            spelled = rf"(?<![A-Za-z0-9])[A-Za-z](?:{mark}[A-Za-z]){{{_SHORTEST - 1},}}(?![A-Za-z0-9])"
        else:
            spelled = rf"[\u4e00-\u9fff](?:{mark}[\u4e00-\u9fff])+"
        yield re.sub(spelled, partial(_without, separator), text)


def _without(separator: str, found: re.Match[str]) -> str:
    return found[0].replace(separator, "")


def _from_leet(text: str) -> Iterator[str]:
    def said(found: re.Match[str]) -> str:
        word = found[0]
        is_leet = not _DIGITS.isdisjoint(word) and any(character.isalpha() for character in word)
        return word.translate(_PLAIN) if is_leet else word

    yield _MIXED.sub(said, text)


def _with_legend(text: str, words: list[str], language: Language, chance: random.Random) -> str | None:
    """Code words in place of the key words, and the legend at the end; `None` where a code word stands in the text already."""
    coding = words_of(language)["coding"]
    table = dict(zip(words, chance.choice(coding["codewords"]), strict=False))
    if _pattern(tuple(sorted(table.values())), language).search(text):
        return None
    pairs = "; ".join(f"{other} = {word}" for word, other in table.items())
    legend: str = chance.choice(coding["legends"])
    return _named(text, table, language) + legend.replace("{pairs}", pairs)


def _named(text: str, table: Mapping[str, str], language: Language) -> str:
    """`text` with every word of the table replaced as the table writes it."""
    return _pattern(tuple(sorted(table)), language).sub(lambda found: table[found[0].lower()], text)


def _by_legend(text: str, language: Language) -> Iterator[str]:
    for legend in words_of(language)["coding"]["legends"]:
        opening, closing = legend.split("{pairs}")
        start = text.rfind(opening)
        if start < 0 or not text.endswith(closing):
            continue
        pairs = text[start + len(opening) : len(text) - len(closing)].split("; ")
        read = [_LEGEND_PAIR.fullmatch(pair) for pair in pairs]
        table = {pair[1].lower(): pair[2] for pair in read if pair is not None}
        if all(pair is not None for pair in read):
            yield _named(text[:start], table, language)
