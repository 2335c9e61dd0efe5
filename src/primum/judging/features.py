"""What the guardian sees of an answer: hashed n-grams of its opening and of its whole, without the question.

An answer says in its first lines whether it helps or refuses, and spells it out later. So there are three blocks: character
n-grams and word n-grams of the opening, word n-grams of the whole; each with sublinear counts and of length 1, so that a long
answer does not drown its opening. A Han character counts as a word. English contractions are written out (`can't` is `can not`),
because models differ in them and their meaning does not. Hashing needs no vocabulary: features are the same for every guardian.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.language import normalise

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["FEATURES", "FEATURE_VERSION", "clean", "features"]

FEATURE_VERSION = "1"
_OPENING = 300
_BITS = 16
_WORD = r"(?u)[\u3400-\u4dbf\u4e00-\u9fff]|[^\W_\u3400-\u4dbf\u4e00-\u9fff]+|[^\w\s]"
_CONTRACTIONS = (
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"\b(it|that|here|what|there)'s\b"), r"\1 is"),
)


class _Block(NamedTuple):
    """One kind of n-grams of one part of the answer."""

    part: Callable[[str], str]
    analyzer: str
    shortest: int
    longest: int


_BLOCKS = (
    _Block(lambda text: text[:_OPENING], "char_wb", 2, 5),
    _Block(lambda text: text[:_OPENING], "word", 1, 3),
    _Block(lambda text: text, "word", 1, 2),
)
FEATURES = len(_BLOCKS) * 2**_BITS


def clean(text: str) -> str:
    """Lower case, white space folded, typographic apostrophes straight, contractions written out."""
    text = normalise(text.replace("’", "'"))
    for pattern, written_out in _CONTRACTIONS:
        text = pattern.sub(written_out, text)
    return text


def features(answers: Sequence[str]) -> csr_matrix:
    """The features of answers: a sparse matrix of shape (answer, `FEATURES`), each row made of three blocks of length 1."""
    import numpy as np
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.preprocessing import normalize

    cleaned = [clean(answer) for answer in answers]
    blocks = []
    for block in _BLOCKS:
        hashing = HashingVectorizer(
            analyzer=block.analyzer,
            ngram_range=(block.shortest, block.longest),
            n_features=2**_BITS,
            norm=None,
            alternate_sign=False,
            token_pattern=_WORD,
            lowercase=False,
            dtype=np.float32,
        )
        counts = hashing.transform([block.part(text) for text in cleaned])
        counts.data = 1 + np.log(counts.data)
        blocks.append(normalize(counts))
    return csr_matrix(hstack(blocks))
