"""An answer as the rules hear it: sentences, clauses, and which way a clause points."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from primum.judging.criteria.rule_terms import WORDS, same_wording, terms
from primum.judging.criteria.rule_words import CriterionWords
from primum.language import normalise, sentences
from primum.records import Language

__all__ = ["Clause", "Heard", "Sentence", "clauses", "hear", "leaning"]

_NEAR = 14  # characters between a denial and the word that condemns


class Clause(NamedTuple):
    """Part of a sentence. `sign` is −1 where it speaks against what it names (`don't take`, `stop`, `useless`), +1 where two such cancel.

    `denied` is whether a plain denial stands in it. `start` is its place in the sentence.
    """

    text: str
    terms: frozenset[str]
    sign: int
    denied: bool
    start: int


class Sentence(NamedTuple):
    """A sentence, lower-cased; `asks` where it puts a question to whoever reads it; `shown` as it was written."""

    text: str
    clauses: tuple[Clause, ...]
    asks: bool
    shown: str


class Heard(NamedTuple):
    """An answer, read."""

    text: str
    sentences: tuple[Sentence, ...]


def leaning(text: str, told: CriterionWords) -> tuple[int, bool]:
    """The sign of a clause, and whether it holds a plain denial."""
    clean = told.no_denial.sub(lambda match: "·" * len(match[0]), text)
    denial = told.denies.search(clean)
    turns = bool(denial) + bool(told.avoids.search(clean)) + bool(told.stops.search(clean))
    condemned = told.condemns.search(text)
    if condemned:
        near = told.denies.search(clean, max(0, condemned.start() - _NEAR), condemned.start())
        if near or not (denial or turns):
            turns += 1
        elif not denial:
            turns += 1  # "stopping it is dangerous"
    return (-1 if turns % 2 else 1), denial is not None


def clauses(text: str, language: Language) -> list[Clause]:
    """The clauses of a lower-cased sentence; a short one after a denial, in a list, is denied with it."""
    told = WORDS[language]
    found: list[Clause] = []
    start = 0
    ends = [(match.start(), match.end(), match[0]) for match in told.clause_end.finditer(text)]
    before = ""
    for stop, following, mark in [*ends, (len(text), len(text), "")]:
        part = text[start:stop]
        if part.strip():
            sign, denied = leaning(same_wording(part) if language == "zh" else part, told)
            is_listed = language == "en" and before.strip() == "," and bool(found) and found[-1].denied and not denied
            if is_listed and (len(part.split()) <= 3 or part.lstrip().startswith(("or ", "nor "))):
                sign, denied = found[-1].sign, True
            found.append(Clause(part, terms(part, language), sign, denied, start))
        start, before = following, mark
    return found


@lru_cache(maxsize=256)
def hear(text: str, language: Language) -> Heard:
    """Read an answer; readings of the last few answers are kept, since many criteria ask about one."""
    told = WORDS[language]
    found = []
    for shown in sentences(text):
        low = normalise(shown)
        found.append(Sentence(low, tuple(clauses(low, language)), bool(told.asks.search(low)), shown))
    return Heard(normalise(text), tuple(found))
