"""Whether a training set holds what a benchmark asks: exact and near overlap, and the benchmark's canary.

Texts are compared by their letters and digits alone: case, width, white space and punctuation are what a copy loses first. An item's
*exact* overlap is each of its messages and options standing word for word in one row, in whatever order. Its *near*
overlap is containment: the share of its n-grams that one row holds (13 words in English, as Brown et al. 2020, arXiv 2005.14165; 20
characters in Chinese, which is ours). Candidates come from an index of the items' n-grams or, where a row merely resembles an item, from
MinHash over 5-character shingles; each is then measured exactly. What is asked is the messages and the options: a row that quotes the
article without the question is no contamination, since the norms are public.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple

from primum.bench.near import grams
from primum.language import normalise
from primum.records import Language, Scenario, Settings

__all__ = ["Overlap", "Probe", "ProbeSettings", "overlaps"]

_PERMUTATIONS: Final = 64
_LETTERS: Final = re.compile(r"[^\W_]+")


class ProbeSettings(Settings, frozen=True):
    """`words` and `characters`: the length of an n-gram in English and Chinese. `containment`: from which share on an item counts as held.

    `jaccard`: from which Jaccard index of 5-character shingles a row that merely resembles an item counts.
    """

    words: int = 13
    characters: int = 20
    containment: float = 0.5
    jaccard: float = 0.8

    def check(self) -> None:
        if self.words < 3 or self.characters < 5:
            self.refuse(
                f"n-grams of {self.words} words, {self.characters} characters", "are too short", "13 and 20 are good"
            )
        for name in ("containment", "jaccard"):
            if not 0 < getattr(self, name) <= 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is no share", "give a number above 0, at most 1")


class Overlap(NamedTuple):
    """An item that a row holds: how (`exact`, `near`, `resembles`), how much of it, and which row (counted from 1)."""

    item: str
    split: str
    how: Literal["exact", "near", "resembles"]
    share: float
    row: int


class Probe(NamedTuple):
    """The strongest overlap of each item that has one, in the order of the items; the rows with a canary; how many rows were read."""

    overlaps: list[Overlap]
    canaries: list[int]
    rows: int


def overlaps(
    items: Sequence[Scenario], rows: Iterable[str], canary: str, settings: ProbeSettings | None = None
) -> Probe:
    """Look for every item in every row; rows are read once and not kept."""
    search = _Search(items, settings or ProbeSettings())
    mark = normalise(canary.split(" canary ")[-1])
    canaries, count = [], 0
    for count, row in enumerate(rows, start=1):
        text = normalise(row)
        if mark and mark in text:
            canaries.append(count)
        search.look(text, count)
    return Probe(search.found(), canaries, count)


class _Search:
    """What is asked of each item, indexed once; rows go by."""

    def __init__(self, items: Sequence[Scenario], settings: ProbeSettings) -> None:
        self._items, self._settings = items, settings
        self._parts = [_parts(item) for item in items]
        self._texts = [(" " if item.language == "en" else "").join(_parts(item)) for item in items]
        self._grams = [self._n_grams(text, item.language) for text, item in zip(self._texts, items, strict=True)]
        self._index: dict[str, list[int]] = defaultdict(list)
        for place, found in enumerate(self._grams):
            for gram in found:
                if gram:  # an item of signs alone has nothing to find
                    self._index[gram].append(place)
        self._openings: dict[str, list[int]] = defaultdict(list)
        for place, item in enumerate(items):
            longest = max(self._parts[place], key=len)
            self._openings[self._runs(longest, item.language, 2)[0]].append(place)
        self._languages = sorted({item.language for item in items})
        self._best: dict[int, Overlap] = {}
        self._resembling = _Resembling(self._texts)

    def look(self, text: str, row: int) -> None:
        for language in self._languages:
            self._look(_bare(text, language), language, row)

    def _look(self, text: str, language: Language, row: int) -> None:
        """Look for the items in `language`; `text` is bare."""
        shared: dict[int, int] = defaultdict(int)
        for gram in self._n_grams(text, language):
            for place in self._index.get(gram, ()):
                if self._items[place].language == language:
                    shared[place] += 1
        edge = " " if language == "en" else ""
        within = f"{edge}{text}{edge}"
        # An item of short options that stand in another order shares no whole n-gram: its longest part tells of it.
        opened = {
            place
            for run in frozenset(self._runs(text, language, 2))
            for place in self._openings.get(run, ())
            if self._items[place].language == language
        }
        for place in sorted(opened | shared.keys()):
            share = shared[place] / len(self._grams[place])
            if all(f"{edge}{part}{edge}" in within for part in self._parts[place] if part):
                self._keep(place, "exact", 1.0, row)
            elif share >= self._settings.containment:
                self._keep(place, "near", share, row)
        for place in self._resembling.candidates(text):
            is_near = place in shared and shared[place] / len(self._grams[place]) >= self._settings.containment
            if self._items[place].language == language and not is_near:
                index = _jaccard(grams(text), grams(self._texts[place]))
                if index >= self._settings.jaccard:
                    self._keep(place, "resembles", index, row)

    def _keep(self, place: int, how: Literal["exact", "near", "resembles"], share: float, row: int) -> None:
        item = self._items[place]
        known = self._best.get(place)
        rank = ("resembles", "near", "exact")
        if known is None or (rank.index(how), share) > (rank.index(known.how), known.share):
            self._best[place] = Overlap(item.item or item.id, item.split or "none", how, share, row)

    def found(self) -> list[Overlap]:
        return [self._best[place] for place in sorted(self._best)]

    def _n_grams(self, text: str, language: Language) -> frozenset[str]:
        """The n-grams of a bare text."""
        return frozenset(self._runs(text, language, 1))

    def _runs(self, text: str, language: Language, part: int) -> list[str]:
        """The runs of a bare text that are one `part`-th of an n-gram long; a shorter text is its own only run."""
        if language == "zh":
            size = self._settings.characters // part
            return [text[i : i + size] for i in range(max(1, len(text) - size + 1))]
        parts, size = text.split(), self._settings.words // part
        return [" ".join(parts[i : i + size]) for i in range(max(1, len(parts) - size + 1))]


class _Resembling:
    """Items that resemble a row as a whole, by MinHash; built when the first row asks."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._lsh: Any = None
        self._shortest = min((len(text) for text in texts), default=0) * 0.6
        self._longest = max((len(text) for text in texts), default=0) * 1.6

    def candidates(self, text: str) -> list[int]:
        if not self._shortest <= len(text) <= self._longest:
            return []  # far shorter or longer than every item: its index cannot be high
        if self._lsh is None:
            from datasketch import MinHash, MinHashLSH  # imports scipy: only who probes waits for it

            self._hash = MinHash
            self._lsh = MinHashLSH(num_perm=_PERMUTATIONS, params=(16, 4))
            encoded = ([gram.encode() for gram in sorted(grams(one))] for one in self._texts)
            for place, signature in enumerate(MinHash.generator(encoded, num_perm=_PERMUTATIONS, seed=1)):
                self._lsh.insert(place, signature)
        signature = self._hash(num_perm=_PERMUTATIONS, seed=1)
        signature.update_batch([gram.encode() for gram in sorted(grams(text))])
        return sorted(self._lsh.query(signature))


def _parts(item: Scenario) -> list[str]:
    said = [*(turn.content for turn in item.messages), *(one.text for one in item.options)]
    return [_bare(normalise(text), item.language) for text in said]


def _bare(text: str, language: Language) -> str:
    """The letters and digits of a normalised text, in English as words with a blank between."""
    return ("" if language == "zh" else " ").join(_LETTERS.findall(text))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
