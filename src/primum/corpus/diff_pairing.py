"""Which articles of two versions are the same article: documents first, then articles in their order, then those out of order.

All of it is blind to which version is older: pairs are weighed by what both sides say, and ties fall by their names.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from primum.corpus.diff_words import pairs_of, text_key
from primum.records import Norm

__all__ = ["Side", "pair_articles", "pair_sources", "side_of"]

T = TypeVar("T")

_DATE = re.compile(r"[\s_\-]*[(（\[]?\d{4}(?:[-.年]\d{1,2}){0,2}[-.月]?(?:\d{1,2}日?)?[)）\]]?\s*$")
_OF_ITSELF = re.compile(
    r"本(?:法|条例|办法|规定|解释|细则|规则|决定|准则|规范|指南|标准|章程|编|章|节|条)|"
    r"(?:this|the present)(?:act|code|law|regulations?|rules?|guidelines?|order|chapter|part|section|article|policy|standard)",
    re.IGNORECASE,
)  # in another document such words mean another thing (keys have no spaces)
_SHARED: Final = 0.3  # of the smaller document's articles: enough for two documents of different names to be one
_SAME_NUMBER: Final = 0.3  # resemblance at which two articles in their order, with one number, are one that was amended
_IN_ORDER: Final = 0.4  # … with different numbers
_OUT_OF_ORDER: Final = 0.7  # … that stand elsewhere in their document
_ELSEWHERE: Final = 0.8  # … that stand in another document
_LIKELIEST: Final = 60  # partners of an article that are looked at
_OFTEN: Final = 40  # times one sentence may stand in a document before its pairs are thinned out


class Side(NamedTuple):
    """One version: its norms, what they say (`keys`, `grams`), and the places of each source's norms, sources in their order."""

    norms: Sequence[Norm]
    keys: list[str]
    grams: list[frozenset[str]]
    sources: dict[str, list[int]]


def side_of(norms: Sequence[Norm]) -> Side:
    """A version made ready to be compared."""
    keys = [text_key(norm) for norm in norms]
    sources: dict[str, list[int]] = {}
    for at, norm in enumerate(norms):
        sources.setdefault(norm.source, []).append(at)
    return Side(norms, keys, [pairs_of(key) for key in keys], sources)


def pair_sources(one: Side, other: Side) -> dict[str, str]:
    """Ids of documents that are editions of one: by name without its date, and by the share of articles that say the same."""
    counts = [
        {id: Counter(side.keys[at] for at in places) for id, places in side.sources.items()} for side in (one, other)
    ]
    holders: dict[str, list[str]] = defaultdict(list)
    for id, keys in counts[1].items():
        for key in keys:
            holders[key].append(id)
    named = {id: _names(other.norms[places[0]]) for id, places in other.sources.items()}
    ranked: list[tuple[float, list[str], str, str]] = []
    for id, places in one.sources.items():
        shared: Counter[str] = Counter()
        for key, times in counts[0][id].items():
            for holder in holders[key]:
                shared[holder] += min(times, counts[1][holder][key])
        names = _names(one.norms[places[0]])
        for candidate, there in other.sources.items():
            share = shared[candidate] / min(len(places), len(there))
            is_named = bool(names & named[candidate])
            if is_named or share >= _SHARED:
                score = share + 0.5 * is_named + 10 * (id == candidate)
                keys_of_both = sorted((one.norms[places[0]].source_key, other.norms[there[0]].source_key))
                ranked.append((-score, keys_of_both, id, candidate))
    return _taken((id, candidate) for _, _, id, candidate in sorted(ranked))


def _names(norm: Norm) -> set[str]:
    """What a document is called, without dates: its key and its title."""
    told = (unicodedata.normalize("NFKC", name).strip().lower() for name in (norm.source_key, norm.source_title))
    return {_DATE.sub("", name) or name for name in told}


def pair_articles(one: Side, other: Side, sources: Mapping[str, str]) -> dict[int, int]:
    """Places of articles in `one` to places in `other`: the heaviest order-keeping alignment of each pair of documents, then
    equal texts anywhere, then the articles that resemble each other most."""
    found: dict[int, int] = {}
    for id, counterpart in sources.items():
        found |= _in_order(one, other, one.sources[id], other.sources[counterpart])
    found |= _equal_anywhere(one, other, sources, found)
    return found | _alike_anywhere(one, other, sources, found)


def _in_order(one: Side, other: Side, here: list[int], there: list[int]) -> dict[int, int]:
    weights: dict[tuple[int, int], float] = {}
    for at, place in _equal(one, other, here, there):
        weights[at, place] = 1 + 0.01 * _is_numbered_alike(one, other, at, place)
    with_equal, equals = {at for at, _ in weights}, {place for _, place in weights}
    loose = [at for at in here if at not in with_equal]
    free = [place for place in there if place not in equals]
    for at, place, alike in _alike(one, other, loose, free):
        is_numbered_alike = _is_numbered_alike(one, other, at, place)
        if alike >= (_SAME_NUMBER if is_numbered_alike else _IN_ORDER):
            weights[at, place] = 0.9 * alike + 0.05 * is_numbered_alike
    return dict(_heaviest_chain(weights))


def _equal(one: Side, other: Side, here: list[int], there: list[int]) -> Iterator[tuple[int, int]]:
    """Places whose articles say the same. Of a sentence that stands very often, those pairs that count alike from either end."""
    by_key: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for at in here:
        by_key[one.keys[at]][0].append(at)
    for place in there:
        by_key[other.keys[place]][1].append(place)
    for mine, theirs in by_key.values():
        shift = len(theirs) - len(mine)
        for rank, at in enumerate(mine):
            if len(mine) * len(theirs) <= _OFTEN**2:
                fitting: Iterable[int] = theirs
            else:
                near = {rank + step for step in range(-_OFTEN, _OFTEN + 1)}
                near |= {place + shift for place in near}
                fitting = (theirs[place] for place in sorted(near) if 0 <= place < len(theirs))
            for place in fitting:
                yield at, place


def _is_numbered_alike(one: Side, other: Side, at: int, place: int) -> bool:
    return one.norms[at].citation[-1].label == other.norms[place].citation[-1].label


def _heaviest_chain(weights: Mapping[tuple[int, int], float]) -> list[tuple[int, int]]:
    """The pairs, rising on both sides, whose weights add up to most (dynamic programming over a Fenwick tree)."""
    rank = {place: number for number, place in enumerate(sorted({place for _, place in weights}), start=1)}
    best: list[tuple[float, tuple[int, int] | None]] = [(0.0, None)] * (len(rank) + 1)
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    for pair in sorted(
        weights, key=lambda pair: (pair[0], -pair[1])
    ):  # the later place first: one article, one partner
        total, before[pair] = 0.0, None
        number = rank[pair[1]] - 1
        while number > 0:
            if best[number][0] > total:
                total, before[pair] = best[number]
            number &= number - 1
        total += weights[pair]
        number = rank[pair[1]]
        while number < len(best):
            if total > best[number][0]:
                best[number] = (total, pair)
            number += number & -number
    last = max((entry for entry in best), key=lambda entry: entry[0])[1] if weights else None
    chain = []
    while last is not None:
        chain.append(last)
        last = before[last]
    return chain[::-1]


def _equal_anywhere(one: Side, other: Side, sources: Mapping[str, str], found: Mapping[int, int]) -> dict[int, int]:
    """Articles that say the same and stand elsewhere, those of the paired document first, each time in order."""
    taken = set(found.values())
    waiting: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(other.keys):
        if place not in taken:
            waiting[key].append(place)
    moved: dict[int, int] = {}
    for is_at_home in (True, False):
        for at, key in enumerate(one.keys):
            if at in found or at in moved:
                continue
            home = sources.get(one.norms[at].source)
            if not is_at_home and _OF_ITSELF.search(key):
                continue
            fits = (place for place in waiting[key] if not is_at_home or other.norms[place].source == home)
            first = next(fits, None)
            if first is not None:
                moved[at] = first
                waiting[key].remove(first)
    return moved


def _alike_anywhere(one: Side, other: Side, sources: Mapping[str, str], found: Mapping[int, int]) -> dict[int, int]:
    taken = set(found.values())
    loose = [at for at in range(len(one.keys)) if at not in found]
    free = [place for place in range(len(other.keys)) if place not in taken]
    ranked: list[tuple[float, list[str], int, int]] = []
    for at, place, alike in _alike(one, other, loose, free):
        is_at_home = sources.get(one.norms[at].source) == other.norms[place].source
        if not is_at_home and _OF_ITSELF.search(one.keys[at] + other.keys[place]):
            continue
        if alike >= (_OUT_OF_ORDER if is_at_home else _ELSEWHERE):
            ranked.append((-alike - is_at_home, sorted((one.norms[at].key, other.norms[place].key)), at, place))
    return _taken((at, place) for _, _, at, place in sorted(ranked))


def _alike(one: Side, other: Side, here: Sequence[int], there: Sequence[int]) -> Iterator[tuple[int, int, float]]:
    """Pairs of places whose articles resemble each other, the likeliest of each, with Dice's coefficient of their character pairs:
    2·|both| / (|one| + |other|), found by an index over those pairs."""
    index: dict[str, list[int]] = defaultdict(list)
    for place in there:
        for gram in other.grams[place]:
            index[gram].append(place)
    for at in here:
        grams = one.grams[at]
        shared: Counter[int] = Counter()
        for gram in grams:
            if gram in index:
                shared.update(index[gram])
        found = ((2 * shared[place] / (len(grams) + len(other.grams[place])), place) for place in sorted(shared))
        likely = [(-alike, place) for alike, place in found if alike >= _SAME_NUMBER]
        for alike, place in sorted(heapq.nsmallest(_LIKELIEST, likely), key=lambda pair: pair[1]):
            yield at, place, -alike


def _taken(pairs: Iterable[tuple[T, T]]) -> dict[T, T]:
    """The pairs in the order given, without those that would use something twice."""
    found: dict[T, T] = {}
    used: set[T] = set()
    for one, other in pairs:
        if one not in found and other not in used:
            found[one] = other
            used.add(other)
    return found
