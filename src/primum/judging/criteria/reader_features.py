"""What the reader sees of a criterion beside an answer: which clause fits it best, in words and in what it does, and with which sign.

- *Words*: the share of the criterion's terms, by weight, that a clause, two on end or a sentence, or the whole answer says. A term weighs
  as much as it is rare, among criteria ("mentions") and among answers; one that the question says already weighs less.
- *Doings*: how far a clause does what the criterion asks for, among the doings that were taught (`reader_doings`).
- *Sign*: negations and quotation marks in the criterion and in the deciding clause, and hashed n-grams of it in which the
  criterion's words are masked ("no #m", "#m is not").
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from primum.judging.criteria.reader_doings import said_in
from primum.judging.criteria.reader_text import Sentence, Text, read_text
from primum.records import Language

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float32]

__all__ = [
    "DENSE",
    "FALLING",
    "FEATURE_VERSION",
    "MASKED",
    "RISING",
    "Asked",
    "Heard",
    "Lexicon",
    "Pair",
    "ask",
    "dense_rows",
    "hear",
    "pair_up",
]

FEATURE_VERSION = "1"
MASKED = 2**11
_IN_PROMPT = 0.3
_NEAR = 4  # tokens
_KNOWN = (0.3, 0.7)  # below, no doing is known; above, it surely is
_EXPLAINS = 2.5  # a word that does this part of a doing by itself says nothing special
_EDGES = (0.15, 0.3, 0.45, 0.6, 0.8)
_BASE = (
    *("terms", "terms next", "terms window", "terms all", "own terms", "own terms all", "pieces", "pieces all"),
    *(
        "heaviest",
        "matched",
        "precision",
        "doing",
        "doing next",
        "doing at terms",
        "terms at doing",
        "own at doing",
        "known",
    ),
    *(
        "fit",
        "negated",
        "negated criterion",
        "sign differs",
        "negated near",
        "quoted",
        "question",
        "length",
        "asked length",
    ),
    *(
        "sentences",
        "prompt share",
        "missing doing",
        "special",
        "special all",
        "special at doing",
        "specials",
        "heaviest at doing",
    ),
)
_BENT = ("terms", "own terms", "terms all", "pieces", "doing", "fit", "special", "special at doing")
_CROSSED = (
    *(
        ("known", "terms"),
        ("known", "own terms"),
        ("known", "doing"),
        ("doing", "own at doing"),
        ("doing", "terms at doing"),
    ),
    *(("terms", "negated"), ("doing", "negated"), ("terms", "sign differs"), ("terms", "quoted"), ("doing", "quoted")),
    *(
        ("terms", "precision"),
        ("asked length", "terms"),
        ("length", "terms all"),
        ("heaviest", "known"),
        ("known", "fit"),
    ),
    *(
        ("doing", "special"),
        ("doing", "special at doing"),
        ("known", "special"),
        ("specials", "special at doing"),
        ("known", "specials"),
    ),
    *(("missing doing", "terms"), ("missing doing", "own terms"), ("missing doing", "special"), ("special", "negated")),
)
_RISING: tuple[str, ...] = (
    *_BENT,
    *("terms window", "own terms all", "pieces all", "heaviest", "matched", "doing at terms", "terms at doing"),
    *("own at doing", "special all", "heaviest at doing"),
)
_SEEN: tuple[str, ...] = (
    *_BASE,
    *(f"{name} > {edge}" for name in _BENT for edge in _EDGES),
    *(f"{one} x {two}" for one, two in _CROSSED),
)
# Each twice: for criteria that ask for a doing that is known, and for others. Words alone tell much of the latter and little of the former.
DENSE: tuple[str, ...] = (*(f"known: {name}" for name in _SEEN), *(f"unknown: {name}" for name in _SEEN))
# More of what is asked for never makes it less likely that the criterion is met, whatever a mix of examples may suggest.
RISING = frozenset(name for name in DENSE if name.split(": ")[1].split(" > ")[0] in _RISING)
FALLING = frozenset(name for name in DENSE if name.split(": ")[1].startswith("missing doing"))


class Lexicon(NamedTuple):
    """What weighs how much in one language: `rare` by term and `rare_pieces` by piece, and the weights of the doings."""

    rare: Floats
    rare_pieces: Floats
    doings: Floats


class Asked(NamedTuple):
    """A criterion, read: its terms with their weights, those of them that no doing explains, and what it asks an answer to do."""

    sentence: Sentence
    weights: dict[int, float]
    special: dict[int, float]
    pieces: dict[int, float]
    doing: Floats


class Heard(NamedTuple):
    """An answer, read: `doing` has a row for each clause, `prompt` are the terms of the question."""

    text: Text
    doing: Floats
    prompt: frozenset[int]


class Pair(NamedTuple):
    """The features of a criterion beside an answer: `dense` in the order of `DENSE`, `masked` as columns, `best` the deciding sentence."""

    dense: list[float]
    masked: list[int]
    best: str


def ask(statement: str, lexicon: Lexicon, language: Language) -> Asked:
    """A criterion, read."""
    import numpy as np

    whole = read_text(statement.replace("\n", " "))
    terms = {term: float(lexicon.rare[term]) for one in whole.clauses for term in one.terms}
    pieces = {piece: float(lexicon.rare_pieces[piece]) for piece in sorted(whole.pieces)}
    doing = said_in([statement], lexicon.doings, language)[0]
    # What the words of a term do by themselves: "side effects" ask for a doing, the name of a drug for none.
    told = {term: text for one in whole.clauses for term, text in one.told.items()}
    does = said_in(list(told.values()), lexicon.doings, language).max(axis=1, initial=0.0).tolist()
    special = {term: terms[term] * max(0.0, 1.0 - _EXPLAINS * does[i]) for i, term in enumerate(told)}
    length = float(np.sqrt((doing * doing).sum()))
    return Asked(whole.clauses[0], terms, special, pieces, doing / max(length, 0.5))


def hear(answer: str, prompt: str, lexicon: Lexicon, language: Language) -> Heard:
    """An answer, read."""
    text = read_text(answer)
    return Heard(text, said_in([one.text for one in text.clauses], lexicon.doings, language), read_text(prompt).terms)


def pair_up(asked: Asked, heard: Heard) -> Pair:
    """The features of one criterion beside one answer."""
    import numpy as np

    text, weights = heard.text, asked.weights
    total = sum(weights.values()) or 1.0
    own = {term: weight * (_IN_PROMPT if term in heard.prompt else 1.0) for term, weight in weights.items()}
    own_total = sum(own.values()) or 1.0
    terms = [_share(weights, one.terms, total) for one in text.clauses]
    owned = [_share(own, one.terms, own_total) for one in text.clauses]
    doing = np.minimum(heard.doing @ asked.doing, 1.5).tolist()
    fits = [max(a, b) + 0.5 * min(c, 1.0) + 0.5 * a for a, b, c in zip(owned, terms, doing, strict=True)]
    order = sorted(range(len(fits)), key=lambda j: (-fits[j], j))
    best = order[0]
    top_doing = max(range(len(doing)), key=lambda j: (doing[j], -j))
    top_terms = max(range(len(terms)), key=lambda j: (terms[j], -j))
    sentence = text.clauses[best]
    matched = [place for term, place in sentence.terms.items() if weights.get(term, 0.0) > 0.0]
    negated = min(3, len(sentence.negations))
    near = any(abs(place - at) <= _NEAR for place in matched for at in sentence.negations)
    asked_negated = bool(asked.sentence.negations)
    pieces_total = sum(asked.pieces.values()) or 1.0
    heaviest = max(weights.items(), key=lambda one: (one[1], one[0]), default=(0, 0.0))[0]
    special_total = sum(asked.special.values())
    special = [_share(asked.special, one.terms, special_total or 1.0) for one in text.clauses]
    base = dict.fromkeys(_BASE, 0.0) | {
        "terms": terms[top_terms],
        "terms next": sorted(terms)[-2] if len(terms) > 1 else 0.0,
        "terms window": max(
            0.0,
            *(_share_of_two(weights, one, two, total) for one, two in pairwise(text.clauses)),
            *(_share(weights, one, total) for one in text.sentences),
        ),
        "terms all": _share(weights, text.terms, total),
        "own terms": max(owned),
        "own terms all": _share(own, text.terms, own_total),
        "pieces": _share(asked.pieces, sentence.pieces, pieces_total),
        "pieces all": _share(asked.pieces, text.pieces, pieces_total),
        "heaviest": float(heaviest in text.terms),
        "matched": min(len(matched), 12) / 6,
        "precision": len(matched) / max(1, len(sentence.terms)),
        "doing": doing[top_doing],
        "doing next": sorted(doing)[-2] if len(doing) > 1 else 0.0,
        "doing at terms": doing[top_terms],
        "terms at doing": terms[top_doing],
        "own at doing": owned[top_doing],
        "known": float(asked.doing.max()),
        "fit": fits[best] / 2,
        "negated": float(negated),
        "negated criterion": float(asked_negated),
        "sign differs": float(asked_negated != bool(negated)),
        "negated near": float(near),
        "quoted": float(sentence.is_quoted),
        "question": float(sentence.is_question),
        "length": float(np.log1p(sum(len(one.tokens) for one in text.clauses))) / 4,
        "asked length": float(np.log1p(len(weights))) / 3,
        "sentences": float(np.log(len(text.clauses))) / 3,
        "prompt share": 1.0 - own_total / total,
        "special": max(special),
        "special all": _share(asked.special, text.terms, special_total or 1.0),
        "special at doing": special[top_doing],
        "specials": min(special_total / 3, 1.5),
        "heaviest at doing": float(heaviest in text.clauses[top_doing].terms),
        "missing doing": float(asked.doing.max()) * (1.0 - min(1.0, doing[top_doing])),
    }
    return Pair(_bent(base), _masked(asked, sentence), sentence.whole)


def _bent(base: dict[str, float]) -> list[float]:
    """The base features in order, what they have above each edge, and products of two; as far as the doing is known, and as it is not."""
    seen = [
        *base.values(),
        *(max(0.0, base[name] - edge) for name in _BENT for edge in _EDGES),
        *(base[one] * base[two] for one, two in _CROSSED),
    ]
    known = min(1.0, max(0.0, (base["known"] - _KNOWN[0]) / (_KNOWN[1] - _KNOWN[0])))
    return [*(value * known for value in seen), *(value * (1.0 - known) for value in seen)]


def _share(weights: dict[int, float], said: frozenset[int] | dict[int, int], total: float) -> float:
    return sum(weight for term, weight in weights.items() if term in said) / total


def _share_of_two(weights: dict[int, float], one: Sentence, two: Sentence, total: float) -> float:
    return sum(weight for term, weight in weights.items() if term in one.terms or term in two.terms) / total


def _masked(asked: Asked, sentence: Sentence) -> list[int]:
    """Columns of the n-grams of a sentence in which the criterion's words are `#m`; alone, and beside the criterion's first word."""
    places = {place for term, place in sentence.terms.items() if asked.weights.get(term, 0.0) > 0.0}
    tokens: list[str] = ["^"]
    for i, token in enumerate(sentence.tokens):
        token = "#m" if i in places or (i - 1 in places and len(token) == 1) else token
        if token != "#m" or tokens[-1] != "#m":
            tokens.append(token)
    frame = asked.sentence.tokens[0] if asked.sentence.tokens else ""
    found = [f"{one} {two}" for one, two in pairwise(tokens)]
    found += [f"{frame}|{token}" for token in tokens if token != "^"]
    return sorted({crc32(gram.encode()) % MASKED for gram in found})


def dense_rows(pairs: Sequence[Pair]) -> Floats:
    """The dense features of several pairs, shape (pairs, features)."""
    import numpy as np

    return np.asarray([one.dense for one in pairs], dtype=np.float32).reshape(len(pairs), len(DENSE))
