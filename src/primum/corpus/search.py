"""Finding norms by their words: BM25 over Latin words and Chinese character pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from primum.language import words
from primum.records import Norm

__all__ = ["NormIndex"]


class NormIndex:
    """An index of norms, built from the norms themselves (from a corpus or a store); it is not kept on disk."""

    def __init__(self, norms: Sequence[Norm]) -> None:
        import bm25s

        self._norms = tuple(norms)
        self._words: set[str] = set()
        self._index: Any = None
        tokens = [words(_indexed(norm)) for norm in self._norms]
        for found in tokens:
            self._words.update(found)
        if self._words:  # bm25s cannot index nothing
            self._index = bm25s.BM25()
            self._index.index(tokens, show_progress=False)

    def search(self, query: str, limit: int = 10) -> list[tuple[Norm, float]]:
        """At most `limit` norms that share words with `query`, best first, with their BM25 scores; equal scores in corpus order."""
        asked = [word for word in words(query) if word in self._words]
        if not asked or limit < 1:
            return []
        scores = self._index.get_scores(asked)
        ranked = sorted((at for at, score in enumerate(scores) if score > 0), key=lambda at: (-scores[at], at))
        return [(self._norms[at], float(scores[at])) for at in ranked[:limit]]


def _indexed(norm: Norm) -> str:
    """Title and headings count too: `医师法 转让证书` should find the article of that law."""
    headings = " ".join(f"{step.label} {step.title}" for step in norm.citation)
    return f"{norm.source_title} {headings} {norm.text}"
