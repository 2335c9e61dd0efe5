"""Texts as the reader of criteria sees them: sentences, terms with their weights, and hashed n-grams. Nothing here was learned.

A *term* is a pair of Han characters, or the first five letters of a word. A *piece* is a single Han character or three letters of a word:
it finds again what was inflected or put in another order. *Grams* are what the doings are learned from.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

from primum.language import normalise, sentences
from primum.records import Language

__all__ = ["GRAMS", "TERMS", "Sentence", "Text", "grams_of", "read_text", "terms_of"]

TERMS = 2**15
GRAMS = 2**13
_STEM = 5
_LEAST_CLAUSE = 5  # tokens
_PAUSE = re.compile(r"(?<=[，,；;：:])|(?=\s(?:and|but|while|because|so)\s)")
_MOST_SENTENCES = 60  # an answer longer than that is read to there
_TOKEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[^\W_\u3400-\u4dbf\u4e00-\u9fff]+|[^\w\s]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_CONTRACTED = re.compile(r"\bcan't\b|\bcannot\b|\bwon't\b|n't\b")
_NEGATION = frozenset(
    (
        "不",
        "没",
        "无",
        "勿",
        "别",
        "非",
        "未",
        "莫",
        "not",
        "no",
        "never",
        "nothing",
        "nobody",
        "neither",
        "nor",
        "none",
        "without",
    )
)
_QUOTE = frozenset('“”"「」『』')


class Sentence(NamedTuple):
    """A clause of a sentence, or all of a short one. `whole` is the sentence.

    `tokens` are the clause's, in order; `terms` the hash of each term with the place of its first token, `told` what it is in words;
    `pieces` the hashes of the pieces, `negations` the places of negations.
    """

    text: str
    whole: str
    tokens: tuple[str, ...]
    terms: dict[int, int]
    told: dict[int, str]
    pieces: frozenset[int]
    negations: tuple[int, ...]
    is_quoted: bool
    is_question: bool


class Text(NamedTuple):
    """An answer's clauses, the terms of each whole sentence, and all terms and pieces together."""

    clauses: tuple[Sentence, ...]
    sentences: tuple[frozenset[int], ...]
    terms: frozenset[int]
    pieces: frozenset[int]


def read_text(text: str) -> Text:
    """The sentences of a text and their clauses; one empty one for an empty text."""
    wholes = sentences(text)[:_MOST_SENTENCES] or [""]
    cut = [[_sentence(part, whole) for part in _clauses(whole)] for whole in wholes]
    clauses = tuple(one for parts in cut for one in parts)
    return Text(
        clauses,
        tuple(frozenset(term for one in parts for term in one.terms) for parts in cut),
        frozenset(term for one in clauses for term in one.terms),
        frozenset(piece for one in clauses for piece in one.pieces),
    )


def terms_of(text: str) -> dict[int, int]:
    """The hashes of a text's terms, with the place of the first token of each."""
    return _terms(_tokens(text))


def grams_of(text: str, language: Language) -> dict[int, float]:
    """Hashed n-grams of a text, of length 1: of one to three Han characters, or of words, word pairs and four letters."""
    tokens = _tokens(text)
    found = [*tokens, *(f"{one} {two}" for one, two in pairwise(tokens))]
    if language == "zh":
        found += [" ".join(tokens[i : i + 3]) for i in range(len(tokens) - 2)]
    else:
        found = [_stem(token) for token in tokens]
        found += [f"{one} {two}" for one, two in pairwise(list(found))]
        found += [f"#{word[i : i + 4]}" for word in (f"<{token}>" for token in tokens) for i in range(len(word) - 3)]
    counts: dict[int, float] = {}
    for gram in found:
        column = _hashed(gram) % GRAMS
        counts[column] = counts.get(column, 0.0) + 1.0
    length = sum(value * value for value in counts.values()) ** 0.5 or 1.0
    return {column: value / length for column, value in counts.items()}


def _clauses(sentence: str) -> list[str]:
    """The sentence cut where it pauses; what is too short to be a clause goes with what follows, the last with what came before."""
    found: list[str] = []
    carried = ""
    for part in _PAUSE.split(sentence):
        carried += part
        if len(_TOKEN.findall(carried)) >= _LEAST_CLAUSE:
            found.append(carried)
            carried = ""
    if carried and found:
        found[-1] += carried
    return found or [sentence]


def _sentence(text: str, whole: str) -> Sentence:
    tokens = _tokens(text)
    terms = _terms(tokens)
    return Sentence(
        text,
        whole,
        tokens,
        terms,
        {term: "".join(tokens[at : at + 1 + bool(_HAN.match(tokens[at]))]) for term, at in terms.items()},
        frozenset(_pieces(tokens)),
        tuple(i for i, token in enumerate(tokens) if token in _NEGATION),
        any(token in _QUOTE for token in tokens),
        bool(tokens) and tokens[-1] in ("?", "？", "吗", "呢"),
    )


@lru_cache(maxsize=2**12)
def _tokens(text: str) -> tuple[str, ...]:
    plain = _CONTRACTED.sub(
        lambda found: " will not" if found.group(0) == "won't" else " not", normalise(text).replace("’", "'")
    )
    return tuple(_TOKEN.findall(plain))


def _terms(tokens: tuple[str, ...]) -> dict[int, int]:
    found: dict[int, int] = {}
    for i, token in enumerate(tokens):
        if _HAN.match(token):
            if i + 1 < len(tokens) and _HAN.match(tokens[i + 1]):
                found.setdefault(_hashed(token + tokens[i + 1]) % TERMS, i)
        elif token.isalnum():
            found.setdefault(_hashed(_stem(token)) % TERMS, i)
    return found


def _pieces(tokens: tuple[str, ...]) -> list[int]:
    found: list[int] = []
    for token in tokens:
        if _HAN.match(token) or (token.isalnum() and len(token) < 4):
            found.append(_hashed(f"+{token}") % TERMS)
        elif token.isalnum():
            found += [_hashed(f"+{token[i : i + 3]}") % TERMS for i in range(len(token) - 2)]
    return found


def _stem(token: str) -> str:
    return token[:_STEM] if token.isalpha() else token


@lru_cache(maxsize=2**17)
def _hashed(text: str) -> int:
    return crc32(text.encode())
