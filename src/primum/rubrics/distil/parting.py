"""Parting a group whose members stand side by side in one rubric: nobody writes the same thing twice into a rubric.

Likeness of words joins "asks how severe it is" and "asks what is missing"; rubrics that hold both say that they are two. Two sets of
wordings meet when, of the rubrics of the smaller set, more than a share has one of each. A group is followed along its own tree: a
branch whose two sides meet, or that holds such a branch, is taken apart; then parts that are alike enough and do not meet are joined
again, the most alike first. Equal wordings in one rubric say nothing: two drugs of one case generalise to one text.

Pairs are compared all with all up to `Bounds.most` texts; more are cut into the blocks of `grouping`, the low branches of each block's tree
are taken, and the tree of their means is followed in the place of the texts' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from primum.rubrics.distil.grouping import blocks_of, likenesses, means

__all__ = ["Bounds", "meet", "parted"]

_LEAST_MEETINGS = 2  # a single rubric may have been written carelessly
_MUCH_LESS = 0.98


class Bounds(NamedTuple):
    """The share of rubrics held in common above which two sides meet, and how many texts are compared pair by pair."""

    most_together: float
    most: int
    seed: int = 0


def meet(one: frozenset[str], other: frozenset[str], most_together: float) -> bool:
    """Whether two sets of rubrics have too many in common for their wordings to mean the same."""
    both = len(one & other)
    return both >= _LEAST_MEETINGS and both > most_together * min(len(one), len(other))


def parted(rows: Any, rubrics_of: Sequence[frozenset[str]], likeness: float, bounds: Bounds) -> list[list[int]]:
    """The texts of one group (row numbers) in parts of which no two sides meet; `rubrics_of[t]` are the rubrics with text `t`."""
    if len(rubrics_of) < 2:
        return [list(range(len(rubrics_of)))]
    parts = _descended(rows, rubrics_of, bounds)
    while len(parts) > bounds.most:
        runs = [parts[start : start + bounds.most] for start in range(0, len(parts), bounds.most)]
        fewer = [part for run in runs for part in _joined(rows, rubrics_of, run, likeness, bounds.most_together)]
        if len(fewer) >= _MUCH_LESS * len(parts):  # another round would join as little again
            return sorted(fewer)
        parts = fewer
    return _joined(rows, rubrics_of, parts, likeness, bounds.most_together) if len(parts) > 1 else parts


def _descended(rows: Any, rubrics_of: Sequence[frozenset[str]], bounds: Bounds) -> list[list[int]]:
    """The branches without a meeting of the whole, or of the means of the low branches of its blocks.

    Blocks are followed no further than to as many branches as can be compared: a block holds too few of two sides to show that they meet.
    """
    import numpy as np

    if len(rubrics_of) <= bounds.most:
        return _branches(rows, rubrics_of, bounds.most_together)
    inner: list[list[int]] = []
    for block in blocks_of(rows, bounds.most, bounds.seed):
        held = [rubrics_of[text] for text in block]
        fewest = max(1, len(block) * bounds.most // len(rubrics_of))
        inner += [block[part].tolist() for part in _branches(rows[block], held, bounds.most_together, fewest)]
    if len(inner) > bounds.most and len(inner) >= _MUCH_LESS * len(rubrics_of):
        return sorted(inner)
    labels = np.zeros(len(rubrics_of), dtype=np.int64)
    for place, part in enumerate(inner):
        labels[part] = place
    together = [frozenset().union(*(rubrics_of[text] for text in part)) for part in inner]
    outer = _descended(means(rows, labels, len(inner)), together, bounds._replace(seed=bounds.seed + 1))
    return sorted(sorted(text for one in part for text in inner[one]) for part in outer)


def _branches(
    rows: Any, rubrics_of: Sequence[frozenset[str]], most_together: float, fewest: int = 1
) -> list[list[int]]:
    """The largest branches of the tree of average linkage in which no two sides meet, of the tree cut where `fewest` branches are left."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    count = len(rubrics_of)
    if count <= fewest:
        return [[text] for text in range(count)]
    apart = 1.0 - likenesses(rows).astype(float)
    apart = ((apart + apart.T) / 2).clip(min=0.0)
    for one in range(len(apart)):
        apart[one, one] = 0.0
    branches: list[list[list[int]]] = [[[text]] for text in range(count)]
    held: list[frozenset[str]] = list(rubrics_of)
    tops = set(range(count))
    for left, right, _, _ in linkage(squareform(apart, checks=False), method="average")[: count - fewest]:
        one, other = int(left), int(right)
        whole = len(branches[one]) == 1 and len(branches[other]) == 1
        if whole and not meet(held[one], held[other], most_together):
            branches.append([branches[one][0] + branches[other][0]])
        else:
            branches.append(branches[one] + branches[other])
        tops -= {one, other}
        tops.add(len(held))
        held.append(held[one] | held[other])
    return sorted(sorted(part) for top in tops for part in branches[top])


def _joined(
    rows: Any, rubrics_of: Sequence[frozenset[str]], parts: list[list[int]], likeness: float, most_together: float
) -> list[list[int]]:
    """Parts joined while the two most alike ones that do not meet are alike enough."""
    import numpy as np

    texts = [text for part in parts for text in part]
    labels = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    near = likenesses(means(rows[texts], labels, len(parts))).astype(float)
    held = [frozenset().union(*(rubrics_of[text] for text in part)) for part in parts]
    for i in range(len(parts)):
        for j in range(len(parts)):
            if i >= j or meet(held[i], held[j], most_together):
                near[i, j] = -1.0
    while True:
        one, other = divmod(int(near.argmax()), len(parts))
        if near[one, other] < likeness:
            return sorted(part for part in parts if part)
        _join(near, parts, held, (one, other), most_together)


def _join(
    near: Any, parts: list[list[int]], held: list[frozenset[str]], pair: tuple[int, int], most_together: float
) -> None:
    """Part `other` goes into part `one`; the mean likeness of the whole to each third is the mean over its texts."""
    one, other = pair
    weights = (len(parts[one]), len(parts[other]))
    held[one] |= held[other]
    for third in range(len(parts)):
        first, second = (min(one, third), max(one, third)), (min(other, third), max(other, third))
        if third in pair or not parts[third]:
            continue
        if near[first] < 0 or near[second] < 0 or meet(held[one], held[third], most_together):
            near[first] = -1.0
        else:
            near[first] = (weights[0] * near[first] + weights[1] * near[second]) / sum(weights)
    parts[one] = sorted(parts[one] + parts[other])
    parts[other] = []
    near[other, :] = near[:, other] = -1.0
