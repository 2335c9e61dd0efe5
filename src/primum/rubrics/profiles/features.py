"""What the profile classifier sees of a query: hashed n-grams, and how many cues of each value stand in it.

Chinese gives runs of one to four characters, English words, pairs of words and parts of words; the two languages share no column. Cues
are counted by value, whatever the language, so that what one language teaches of them serves the other. A length and the question mark
come last.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from primum.language import normalise
from primum.records import Language, Scenario
from primum.starter.clinical import dimensions

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["COLUMNS", "FEATURE_VERSION", "Encoded", "cue_names", "encode", "said"]

FEATURE_VERSION = "1"
_BLOCK = 2**18  # columns of one kind of n-gram: zh characters, en words, en parts of words
COLUMNS = 3 * _BLOCK


class Encoded(NamedTuple):
    """`grams` (query, COLUMNS): how often each n-gram stands in it. `cues` (query, cue): log(1 + count), then log(1 + length) and `?`."""

    grams: csr_matrix
    cues: NDArray[numpy.float64]


def said(scenario: Scenario) -> str:
    """What the user said, all turns."""
    return "\n".join(turn.content for turn in scenario.messages if turn.role == "user")


@cache
def cue_names() -> tuple[str, ...]:
    """The dense features in their order."""
    return (
        *(f"{dimension.key}:{value.key}" for dimension in dimensions() for value in dimension.values),
        "length",
        "question",
    )


def encode(texts: Sequence[str], languages: Sequence[Language]) -> Encoded:
    """The features of queries, each in its language."""
    from scipy.sparse import csr_matrix, hstack

    plain = [normalise(text) for text in texts]
    grams = [
        _counted([text if language == wanted else "" for text, language in zip(plain, languages, strict=True)], number)
        for number, wanted in enumerate(("zh", "en", "en"))
    ]
    return Encoded(csr_matrix(hstack(grams)), _cues(plain, languages))


def _counted(texts: Sequence[str], number: int) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    kind: dict[str, Any] = (
        {"analyzer": "char", "ngram_range": (1, 4)},
        {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"[a-z0-9']+"},
        {"analyzer": "char_wb", "ngram_range": (3, 5)},
    )[number]
    return HashingVectorizer(n_features=_BLOCK, norm=None, alternate_sign=False, lowercase=False, **kind).transform(
        texts
    )


@cache
def _cue_lists(language: Language) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(normalise(cue) if language == "zh" else f" {normalise(cue)}" for cue in value.cues.of(language))
        for dimension in dimensions()
        for value in dimension.values
    )


def _cues(plain: Sequence[str], languages: Sequence[Language]) -> NDArray[numpy.float64]:
    import numpy as np

    lists = {language: _cue_lists(language) for language in sorted(set(languages))}
    found = np.zeros((len(plain), len(cue_names())))
    for row, (text, language) in enumerate(zip(plain, languages, strict=True)):
        # An English cue begins where a word begins; the sign before it is not part of it.
        looked = text if language == "zh" else f" {text}".replace("(", " ").replace('"', " ").replace("'", " '")
        for column, cues in enumerate(lists[language]):
            found[row, column] = sum(cue in looked for cue in cues)
        found[row, -2] = len(text) if language == "zh" else len(text) / 3
        found[row, -1] = "?" in text or "？" in text
    found = np.log1p(found)
    found[:, -2] /= 4
    return found
