"""What two statements have in common, as numbers: tf-idf over concepts, word stems and character pairs.

Words of clinical communication that say the same are one concept (`synonyms_en`, `synonyms_zh`); words without meaning in a criterion
("recommends", 患者) are left out. What remains counts as word stems in English, as character pairs in Chinese. A feature that occurs in a
single statement cannot join it to another and is left out, so that a name that nobody recognised does not set its criterion apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from primum.language import normalise
from primum.records import Language
from primum.rubrics.distil.synonyms_en import SYNONYMS as ENGLISH
from primum.rubrics.distil.synonyms_zh import SYNONYMS as CHINESE

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["features", "vectors"]

_WORD = re.compile(r"[a-z0-9&]+(?:['’][a-z]+)?(?:-[a-z0-9]+)*")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9]+")
_NOTHING = "_"
_NOUNS = frozenset({"=drug", "=test", "=procedure", "=symptom", "=condition", "=dose"})
_NOUN_WEIGHT = (
    0.35  # what a criterion is about tells less than what it asks for: both drugs of "warns of" and "gives the dose of"
)
_ENDINGS = ("ations", "ation", "ingly", "edly", "ings", "ing", "ied", "ies", "ed", "es", "ly", "s")


def vectors(texts: Sequence[str], language: Language) -> csr_matrix:
    """Unit vectors [text, feature] of `texts`, sparse; a text without any shared feature has a zero row."""
    import numpy as np
    from scipy.sparse import csr_matrix as matrix
    from scipy.sparse import diags
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    least = 2 if len(texts) > 20 else 1
    found = [features(text, language) for text in texts]
    having = Counter(name for own in found for name in set(own))
    if max(having.values(), default=0) < least:  # not one feature is shared: nothing is like anything
        return matrix(np.zeros((len(texts), 1), dtype=np.float32))
    vectoriser = TfidfVectorizer(analyzer=_as_found, min_df=least, sublinear_tf=True, dtype=np.float32)
    rows = vectoriser.fit_transform(found)
    weights = [_NOUN_WEIGHT if name in _NOUNS else 1.0 for name in vectoriser.get_feature_names_out()]
    weighted: csr_matrix = normalize(rows @ diags(weights, dtype=np.float32)).tocsr()
    return weighted


def _as_found(own: list[str]) -> list[str]:
    return own


def features(text: str, language: Language) -> list[str]:
    """The concepts, stems and pairs of a statement, in their order, with repetitions."""
    return _chinese(normalise(text)) if language == "zh" else _english(normalise(text))


def _english(text: str) -> list[str]:
    known, longest = _english_table()
    stems = [_stem(word) for word in _WORD.findall(text)]
    found: list[str] = []
    start = 0
    while start < len(stems):
        for length in range(min(longest, len(stems) - start), 0, -1):
            concept = known.get(tuple(stems[start : start + length]))
            if concept is not None:
                if concept != _NOTHING:
                    found.append(f"={concept}")
                start += length
                break
        else:
            found.append(stems[start])
            start += 1
    return found


@cache
def _english_table() -> tuple[dict[tuple[str, ...], str], int]:
    known: dict[tuple[str, ...], str] = {}
    for concept, words in _lines(ENGLISH):
        for entry in words.split(","):
            key = tuple(_stem(word) for word in _WORD.findall(normalise(entry)))
            if key:
                known.setdefault(key, concept)
    return known, max(len(key) for key in known)


@cache
def _stem(word: str) -> str:
    """A word without its inflection; crude on purpose: equal stems are what counts, not their look."""
    plain = word.replace("’", "'").removesuffix("'s")
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) - len(ending) >= 3 and not (ending == "s" and plain.endswith("ss")):
            plain = plain[: -len(ending)]
            if len(plain) > 3 and plain[-1] == plain[-2] and plain[-1] not in "ls":
                plain = plain[:-1]
            break
    plain = plain.removesuffix("e") if len(plain) > 3 else plain
    return plain[:-1] + "i" if len(plain) > 2 and plain.endswith("y") else plain


def _chinese(text: str) -> list[str]:
    pattern, concept_of = _chinese_table()
    found: list[str] = []
    rest: list[str] = []
    end = 0
    for match in pattern.finditer(text):
        rest.append(text[end : match.start()])
        concept = concept_of[match[0]]
        if concept != _NOTHING:
            found.append(f"={concept}")
        end = match.end()
    rest.append(text[end:])
    for run in (run for part in rest for run in _HAN.findall(part)):
        found.extend([run] if len(run) == 1 or run.isascii() else [run[i : i + 2] for i in range(len(run) - 1)])
    return found


@cache
def _chinese_table() -> tuple[re.Pattern[str], dict[str, str]]:
    concept_of: dict[str, str] = {}
    for concept, words in _lines(CHINESE):
        for word in words.split("|"):
            concept_of.setdefault(normalise(word), concept)
    longest_first = sorted(concept_of, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first))), concept_of


def _lines(table: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for line in table.splitlines():
        if line.startswith(" "):  # the line before goes on
            concept, words = pairs[-1]
            pairs[-1] = (concept, words + line.strip())
        else:
            concept, _, words = line.partition(":")
            pairs.append((concept, words.strip()))
    return pairs
