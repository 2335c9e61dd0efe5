"""What the linear reward counts: the n-grams of answers and criteria, hashed, and how much of a criterion an answer says.

Latin words whole, in twos and by their first letters (`recommending` and `recommends` begin alike); Chinese as runs of one, two and three
characters. Equal texts have equal n-grams on every machine: what is hashed is UTF-8, by CRC-32.
"""

from __future__ import annotations

import re
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar, final

from primum.language import normalise, sentences
from primum.rewards.asked import Asked

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["LINEAR_FEATURES", "OVERLAPS", "Encoder", "grams_of"]

LINEAR_FEATURES = 1
"""Changes whenever a text would be counted otherwise: weights fitted to other features are refused."""
OVERLAPS = 4
_TOKEN = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?|[\u3400-\u4dbf\u4e00-\u9fff]+")
_HAN_FROM = "\u3400"
_STEM = 5
_SCALE = 0.1
_REMEMBERED = 20_000
_T = TypeVar("_T")


class _Answer(NamedTuple):
    columns: tuple[int, ...]
    whole: frozenset[str]
    parts: tuple[frozenset[str], ...]


class _Criterion(NamedTuple):
    columns: tuple[int, ...]
    grams: frozenset[str]


def grams_of(text: str) -> frozenset[str]:
    """The n-grams of a text."""
    found: set[str] = set()
    before = ""
    for token in _TOKEN.findall(normalise(text)):
        if token[0] >= _HAN_FROM:
            for size in (1, 2, 3):
                found.update(token[at : at + size] for at in range(len(token) - size + 1))
            before = ""
            continue
        found.add(token)
        if len(token) > _STEM:
            found.add(token[:_STEM] + "…")
        if before:
            found.add(f"{before} {token}")
        before = token
    return frozenset(found)


@final
class Encoder:
    """Texts as rows of numbers. The last column of an answer's and of a criterion's n-grams is a constant 1."""

    def __init__(self, answer_bits: int, criterion_bits: int) -> None:
        self.width, self.depth = 1 << answer_bits, 1 << criterion_bits
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._criteria: OrderedDict[str, _Criterion] = OrderedDict()

    def answers(self, texts: Sequence[str]) -> csr_matrix:
        """A row of n-grams (each counted once) for each answer, float32, shape (text, width)."""
        rows = [[(column, _SCALE) for column in self._answer(text).columns] for text in texts]
        return self._rows(rows, self.width)

    def criteria(self, asked: Sequence[Asked]) -> csr_matrix:
        """A row of unit length, a constant beside, for each criterion, float32, shape (criterion, depth)."""
        rows = []
        for one in asked:
            columns = (*self._criterion(one.text).columns, _column(f"kind {one.kind}", self.depth))
            rows.append([(column, len(columns) ** -0.5) for column in columns])
        return self._rows(rows, self.depth)

    def overlaps(self, texts: Sequence[str], criteria: Sequence[str]) -> NDArray[numpy.float32]:
        """For each answer with its criterion, shape (criterion, 4): the share of the criterion's n-grams that the whole answer holds, that
        its closest sentence holds, and the squares of both."""
        import numpy as np

        found = np.zeros((len(texts), OVERLAPS), dtype=np.float32)
        for row, (text, criterion) in enumerate(zip(texts, criteria, strict=True)):
            answer, asked = self._answer(text), self._criterion(criterion).grams
            if asked:
                whole = len(asked & answer.whole) / len(asked)
                closest = max((len(asked & part) for part in answer.parts), default=0) / len(asked)
                found[row] = whole, closest, whole**2, closest**2
        return found

    def _answer(self, text: str) -> _Answer:
        known = self._answers.get(text)
        if known is None:
            parts = tuple(grams_of(one) for one in sentences(text))
            whole = frozenset[str]().union(*parts)
            known = _Answer(_columns(whole, self.width), whole, parts)
            _remember(self._answers, text, known)
        return known

    def _criterion(self, text: str) -> _Criterion:
        known = self._criteria.get(text)
        if known is None:
            grams = grams_of(text)
            named = grams | {f"text {normalise(text)}"}
            known = _Criterion(_columns(named, self.depth), grams)
            _remember(self._criteria, text, known)
        return known

    def _rows(self, rows: Sequence[Sequence[tuple[int, float]]], width: int) -> csr_matrix:
        import numpy as np
        from scipy.sparse import csr_matrix

        starts = np.cumsum([0, *(len(row) + 1 for row in rows)])
        columns = np.fromiter((at for row in rows for at in (*(one for one, _ in row), width - 1)), dtype=np.int32)
        values = np.fromiter((value for row in rows for value in (*(one for _, one in row), 1.0)), dtype=np.float32)
        return csr_matrix((values, columns, starts), shape=(len(rows), width))


def _columns(grams: frozenset[str], width: int) -> tuple[int, ...]:
    return tuple(sorted({_column(gram, width) for gram in grams}))


def _column(gram: str, width: int) -> int:
    return zlib.crc32(gram.encode("utf-8", "surrogatepass")) % (width - 1)


def _remember(kept: OrderedDict[str, _T], text: str, found: _T) -> None:
    if len(kept) >= _REMEMBERED:
        kept.popitem(last=False)
    kept[text] = found
