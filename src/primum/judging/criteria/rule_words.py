"""What the rules for free-text criteria listen with in a language: concepts, verbs of a criterion, signs of a clause, synonyms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

__all__ = ["Act", "Concept", "CriterionWords", "pattern"]

Act = Literal["mention", "recommend", "against", "ask", "refuse", "assert"]


class Concept(NamedTuple):
    """Something clinical communication does or speaks of.

    `named` finds it in a criterion, `heard` in a sentence of an answer; a sentence that matches `unless` does not count. `signed` is false
    where the words deny by themselves ("not suitable"): then no other negation is looked at. `weight` is how much of a criterion it
    makes up beside content words, which weigh 1 each.
    """

    named: re.Pattern[str]
    heard: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    signed: bool = True
    weight: float = 2.0


class CriterionWords(NamedTuple):
    """All of one language. Patterns are matched against lower-cased NFKC text.

    How a criterion is read: `opening` is what stands before its verb (`The answer should`), `omits` what makes it about something missing,
    `acts` its verbs, the first that matches counts; `turned` denies what follows the verb, `verbs` are concepts that the verb names by
    itself (`diagnoses`). It is divided at `either` (one is enough), `joined` (all must hold) and `lacking` (what must be missing beside it,
    where `missing` follows; `lacking_first` the same at its head). `aside` and `excepts` are left out, `examples` and `at_least` … of a
    `listing` are read as such.

    How a clause is read, of either: `clause_end`, `denies` without `no_denial`, `avoids`, `stops`, `condemns`; `asks` tells a question.

    `stop` words carry nothing, `weak` ones little, `whole` are words of their own where Chinese is cut into terms. `synonyms` maps a
    wording to the one kept, `kinds` a general term to special ones that count as it (`antibiotic`: `amoxicillin`).
    """

    opening: re.Pattern[str]
    omits: re.Pattern[str]
    acts: tuple[tuple[Act, re.Pattern[str]], ...]
    turned: re.Pattern[str]
    joined: re.Pattern[str]
    either: re.Pattern[str]
    lacking: re.Pattern[str]
    lacking_first: re.Pattern[str]
    missing: re.Pattern[str]
    aside: re.Pattern[str]
    excepts: re.Pattern[str]
    verbs: tuple[tuple[str, re.Pattern[str]], ...]
    examples: re.Pattern[str]
    at_least: re.Pattern[str]
    listing: re.Pattern[str]
    clause_end: re.Pattern[str]
    denies: re.Pattern[str]
    no_denial: re.Pattern[str]
    avoids: re.Pattern[str]
    stops: re.Pattern[str]
    condemns: re.Pattern[str]
    asks: re.Pattern[str]
    stop: frozenset[str]
    weak: frozenset[str]
    whole: frozenset[str]
    synonyms: Mapping[str, str]
    kinds: Mapping[str, tuple[str, ...]]
    concepts: Mapping[str, Concept]


def pattern(text: str) -> re.Pattern[str]:
    """A pattern over lower-cased text; line breaks and the spaces that begin a line are layout, not part of it."""
    return re.compile("".join(line.strip() for line in text.splitlines()))
