"""Whether a draft nearly repeats an item that stands: asked of a few drafts against many items, exactly.

If Jaccard(x, y) ≥ t then y holds at least t·|x| of x's grams, so it holds one of any |x| − ⌈t·|x|⌉ + 1 of them: those that fewest
items hold are looked up, and nothing is missed (prefix filter, as in `primum.bench.leaks`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from primum.bench.near import grams, said
from primum.records import Scenario

__all__ = ["Standing"]


class Standing:
    """The items that stand, found by the character 5-grams of what they say."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._items: list[tuple[Scenario, str]] = []  # with what each says; its grams are made again when asked for
        self._holders: dict[str, list[int]] = {}
        self._names: set[str] = set()

    def add(self, items: Iterable[Scenario]) -> None:
        """Take items in."""
        for item in items:
            text = said(item)
            for gram in grams(text):
                self._holders.setdefault(gram, []).append(len(self._items))
            self._items.append((item, text))
            self._names.add(item.item)

    def has(self, name: str) -> bool:
        """Whether an item of that name stands."""
        return name in self._names

    def near(self, draft: Scenario) -> Scenario | None:
        """An item that says nearly the same, in whatever split."""
        said_there = grams(said(draft))
        rare = sorted(said_there, key=lambda gram: (len(self._holders.get(gram, ())), gram))
        looked_up = rare[: len(rare) - math.ceil(self._threshold * len(rare) - 1e-9) + 1]
        candidates = {place for gram in looked_up for place in self._holders.get(gram, ())}
        for place in sorted(candidates):
            item, text = self._items[place]
            found = grams(text)
            shared = len(found & said_there)
            if shared >= self._threshold * (len(found) + len(said_there) - shared):
                return item
        return None
