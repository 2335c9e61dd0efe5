"""What crosses the splits, found by other means than the split itself: an inverted index over rare grams, exact for the threshold.

If Jaccard(x, y) ≥ t, then with all grams in one order (rare ones first) the first |x| − ⌈t·|x|⌉ + 1 grams of x and of y share at
least one (prefix filter: Chaudhuri, Ganti, Kaushik, ICDE 2006; Bayardo, Ma, Srikant, WWW 2007). No pair is missed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from primum.bench.near import drafted_norms, numbered, said
from primum.records import Scenario

__all__ = ["leaks", "near_pairs"]


def leaks(scenarios: Sequence[Scenario], threshold: float = 0.8) -> list[tuple[str, str, str]]:
    """Pairs (id, id, why) of situations in different splits that say nearly the same or were drafted from one norm.

    Situations without a split are not looked at. Of a norm that crosses, each split's first situation is named.
    """
    placed = [scenario for scenario in scenarios if scenario.split is not None]
    return [*_by_norm(placed), *_by_text(placed, threshold)]


def _by_norm(scenarios: Sequence[Scenario]) -> Iterator[tuple[str, str, str]]:
    first: dict[str, dict[str, str]] = {}
    for scenario in scenarios:
        for norm in drafted_norms(scenario):
            by_split = first.setdefault(norm, {})
            if str(scenario.split) not in by_split:
                for other in by_split.values():
                    yield other, scenario.id, f"drafted from {norm}"
                by_split[str(scenario.split)] = scenario.id


def near_pairs(
    texts: Sequence[str], threshold: float = 0.8, groups: Sequence[object] | None = None
) -> Iterator[tuple[int, int, float]]:
    """Triples (i, j, Jaccard index) of normalised texts at or above the threshold; with `groups`, of different groups only."""
    sets = list(numbered(texts))
    seen_in = Counter(gram for each in sets for gram in each)
    index: dict[int, list[int]] = {}
    # Shorter sets first: then a partner that is already in the index is never longer than threshold allows.
    for i in sorted(range(len(sets)), key=lambda i: (len(sets[i]), i)):
        ranked = sorted(sets[i], key=lambda gram: (seen_in[gram], gram))
        prefix = ranked[: len(ranked) - math.ceil(threshold * len(ranked) - 1e-9) + 1]
        candidates = {j for gram in prefix for j in index.get(gram, ())}
        for j in sorted(candidates):
            if (groups is None or groups[j] != groups[i]) and len(sets[j]) >= threshold * len(sets[i]) - 1e-9:
                shared = len(sets[i] & sets[j])
                jaccard = shared / (len(sets[i]) + len(sets[j]) - shared)
                if jaccard >= threshold:
                    yield j, i, jaccard
        for gram in prefix:
            index.setdefault(gram, []).append(i)


def _by_text(scenarios: Sequence[Scenario], threshold: float) -> Iterator[tuple[str, str, str]]:
    splits = [scenario.split for scenario in scenarios]
    for i, j, jaccard in near_pairs([said(scenario) for scenario in scenarios], threshold, splits):
        yield scenarios[i].id, scenarios[j].id, f"near-duplicate, Jaccard {jaccard:.2f}"
