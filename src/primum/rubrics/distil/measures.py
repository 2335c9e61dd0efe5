"""How good a distillation is: redundancy, stability under resampling, and the tree and the map of its principles as plain data."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from primum.ports import Progress, silent
from primum.records import Estimate, Language, Principle
from primum.rubrics.distil.distilling import Distilled, Source, distil
from primum.rubrics.distil.features import vectors
from primum.rubrics.distil.grouping import likenesses
from primum.rubrics.distil.settings import DistilSettings
from primum.stats import mean

if TYPE_CHECKING:
    from primum.rubrics.distil.distilling import Embed

__all__ = ["Drawing", "Merge", "Redundancy", "Stability", "drawing", "redundancy", "stability"]

_RECURS = 0.5


class Redundancy(NamedTuple):
    """Of the pairs of principles that may stand in one rubric (one language, kind and sign, and a value in common on every dimension) the
    share whose statements are too alike; the pairs are numbers of principles, the most alike first. `None` without any such pair."""

    share: float | None
    pairs: int
    alike: list[tuple[int, int, float]]


class Stability(NamedTuple):
    """`share`: the mean over principles of the share of resamples in which each recurs, with its interval (`None` without principles).

    `recurs[p]` is that share for principle `p`; `None` where no resample drew any of its criteria.
    """

    share: Estimate | None
    recurs: list[float | None]
    resamplings: int


class Merge(NamedTuple):
    """Two branches joined at a height (1 − cosine). Branches below the number of leaves are leaves; the merge in place m makes branch
    leaves + m. `size` counts the leaves below."""

    left: int
    right: int
    height: float
    size: int


class Drawing(NamedTuple):
    """By language: the numbers of its principles (the leaves of the tree), the merges that join them, and a place on a map for each
    (the first two singular directions of their mean vectors; near means alike, the axes mean nothing by themselves)."""

    leaves: dict[Language, list[int]]
    merges: dict[Language, list[Merge]]
    places: dict[Language, list[tuple[float, float]]]


def redundancy(principles: Sequence[Principle], settings: DistilSettings | None = None) -> Redundancy:
    """How many pairs of principles say nearly the same where both apply."""
    least = (settings or DistilSettings()).redundant
    by_language: dict[Language, list[int]] = defaultdict(list)
    for number, principle in enumerate(principles):
        by_language[principle.language].append(number)
    pairs = 0
    alike: list[tuple[int, int, float]] = []
    for language, own in sorted(by_language.items()):
        near = likenesses(vectors([principles[number].statement for number in own], language))
        for i, one in enumerate(own):
            for j in range(i + 1, len(own)):
                if _may_meet(principles[one], principles[own[j]]):
                    pairs += 1
                    if near[i, j] >= least:
                        alike.append((one, own[j], round(float(near[i, j]), 4)))
    return Redundancy(len(alike) / pairs if pairs else None, pairs, sorted(alike, key=lambda pair: (-pair[2], pair)))


def _may_meet(one: Principle, other: Principle) -> bool:
    return (
        one.kind_of == other.kind_of
        and (one.points > 0) == (other.points > 0)
        and all(set(values) & set(other.applies_when.get(name, values)) for name, values in one.applies_when.items())
    )


def stability(
    sources: Sequence[Source],
    settings: DistilSettings | None = None,
    resamplings: int = 10,
    seed: int = 0,
    progress: Progress = silent,
    embed: Embed | None = None,
) -> Stability:
    """Which principles come again when the rubrics are drawn anew, as many as there are, with replacement.

    A principle recurs in a resample when one principle there has nearly the same members: the Jaccard index of its drawn criteria with
    those of the other is at least one half. A rubric drawn twice brings its criteria twice and is still one rubric. A principle whose drawn
    criteria are too few for a principle does not recur.

    The interval of `Stability.share` resamples the principles and not the draws of rubrics, which all of them share: it says how far the
    mean hangs on which principles there are, and is too narrow for how far it hangs on the draws.
    """
    whole = distil(sources, settings, embed)
    rubrics: dict[str, list[int]] = defaultdict(list)
    for number, source in enumerate(sources):
        rubrics[source.rubric].append(number)
    names = sorted(rubrics)
    chance = random.Random(seed)
    came: list[list[bool]] = [[] for _ in whole.principles]
    for turn in range(resamplings):
        drawn = Counter(chance.choices(names, k=len(names)))
        numbers: list[int] = []
        again: list[Source] = []
        for name in sorted(drawn):
            for number in rubrics[name] * drawn[name]:
                numbers.append(number)
                again.append(sources[number])
        found = distil(again, settings, embed)
        _note(whole, [frozenset(numbers[one] for one in own) for own in found.members], frozenset(numbers), came)
        progress(turn + 1, resamplings)
    recurs = [sum(own) / len(own) if own else None for own in came]
    counted = [share for share in recurs if share is not None]
    return Stability(mean(counted, unit="principle") if counted else None, recurs, resamplings)


def _note(whole: Distilled, found: Sequence[frozenset[int]], drawn: frozenset[int], came: list[list[bool]]) -> None:
    """Add to each principle of `whole` whether it is among the members `found` in one resample; nothing where it was not drawn."""
    holders: dict[int, list[int]] = defaultdict(list)
    for place, members in enumerate(found):
        for source in members:
            holders[source].append(place)
    for number, members_of in enumerate(whole.members):
        own = drawn.intersection(members_of)
        if not own:
            continue
        shared = Counter(place for source in own for place in holders[source])
        best = max((count / (len(own) + len(found[place]) - count) for place, count in shared.items()), default=0.0)
        came[number].append(best >= _RECURS)


def drawing(distilled: Distilled) -> Drawing:
    """The tree and the map of the principles, language by language."""
    leaves: dict[Language, list[int]] = {}
    merges: dict[Language, list[Merge]] = {}
    places: dict[Language, list[tuple[float, float]]] = {}
    for language, rows in distilled.centres.items():
        leaves[language] = distilled.of_language(language)
        merges[language] = _merges(rows)
        places[language] = _places(rows)
    return Drawing(leaves, merges, places)


def _merges(rows: Any) -> list[Merge]:
    import numpy as np
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform
    from sklearn.preprocessing import normalize

    if rows.shape[0] < 2:
        return []
    apart = 1.0 - likenesses(normalize(rows)).astype(np.float64)
    apart = np.clip((apart + apart.T) / 2, 0.0, None)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), method="average")
    return [Merge(int(left), int(right), round(float(height), 6), int(size)) for left, right, height, size in tree]


def _places(rows: Any) -> list[tuple[float, float]]:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    if rows.shape[0] < 3 or rows.shape[1] < 3:
        return [(float(number), 0.0) for number in range(rows.shape[0])]
    reduced = TruncatedSVD(2, random_state=0).fit_transform(normalize(rows))
    return [(round(float(x), 6), round(float(y), 6)) for x, y in reduced]
