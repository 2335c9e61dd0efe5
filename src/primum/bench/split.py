"""Splits that nothing crosses: near-duplicates, and situations drafted from one norm, stay together.

Candidates for near-duplicates come from MinHash LSH over character 5-grams; each candidate pair is then compared exactly, so chance
can only miss a pair, less than once in 100,000 pairs that stand just at the threshold, and never make one.
`primum.bench.leaks` finds pairs by other means and is the check of this file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from primum.bench.near import drafted_norms, grams, said
from primum.records import Scenario, Settings, Split

__all__ = ["SplitResult", "SplitSettings", "lsh_shape", "split"]

_HASHES: Final = 252
_MISSED: Final = 1e-5


class SplitSettings(Settings, frozen=True):
    """The shares of groups that go to each split (they add up to 1), and the Jaccard index at which two situations are one.

    A group goes where a hash of its content and `seed` says, so shares hold on average and a new situation moves no other group.
    """

    train: float = 0.7
    dev: float = 0.15
    test: float = 0.15
    seed: int = 0
    threshold: float = 0.8

    def check(self) -> None:
        if min(self.train, self.dev, self.test) < 0 or abs(self.train + self.dev + self.test - 1) > 1e-9:
            self.refuse(
                f"train {self.train}, dev {self.dev}, test {self.test}",
                "are no shares of one whole",
                "make them add up to 1",
            )
        if not 0.5 <= self.threshold <= 1:
            self.refuse(f"threshold = {self.threshold}", "is not between 0.5 and 1", "0.8 is a good start")


class SplitResult(NamedTuple):
    """The situations with their clusters and splits, in the order given, without `left_out`; and how many clusters there are."""

    scenarios: list[Scenario]
    left_out: list[Scenario]
    clusters: int


def split(scenarios: Sequence[Scenario], settings: SplitSettings | None = None) -> SplitResult:
    """Give every situation a cluster and a split.

    A cluster with a given split goes there whole: test wins over dev, dev over train. Its members that were given another split are
    left out (moving them would change a published set, keeping them would leak); members without one follow.
    """
    settings = settings or SplitSettings()
    texts = [said(scenario) for scenario in scenarios]
    groups = _groups(scenarios, texts, settings.threshold)
    placed: dict[int, Scenario] = {}
    left_out: list[int] = []
    for members in groups:
        digests = sorted(hashlib.sha256(texts[i].encode()).hexdigest() for i in members)
        target = _given(scenarios, members) or _drawn(digests[0], settings)
        for i in members:
            given = scenarios[i].split
            if given is not None and given != target:
                left_out.append(i)
            else:
                cluster = f"cluster-{digests[0][:16]}"
                placed[i] = msgspec.structs.replace(scenarios[i], cluster=cluster, split=target)
    kept = [placed[i] for i in sorted(placed)]
    return SplitResult(kept, [scenarios[i] for i in sorted(left_out)], len(groups))


def _given(scenarios: Sequence[Scenario], members: Sequence[int]) -> Split | None:
    given = {scenarios[i].split for i in members}
    wins: tuple[Split, ...] = ("test", "dev", "train")
    return next((name for name in wins if name in given), None)


def _drawn(digest: str, settings: SplitSettings) -> Split:
    """Where a group without a given split goes: by the hash of its first text and the seed alone."""
    number = hashlib.sha256(f"{settings.seed}\x1f{digest}".encode()).digest()
    share = int.from_bytes(number[:8], "big") / 2**64
    if share < settings.test:
        return "test"
    return "dev" if share < settings.test + settings.dev else "train"


def _groups(scenarios: Sequence[Scenario], texts: Sequence[str], threshold: float) -> list[list[int]]:
    """Indices joined by near-duplication, by equal text or by a norm they were drafted from, by union-find."""
    leader = list(range(len(scenarios)))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    def join(i: int, j: int) -> None:
        a, b = find(i), find(j)
        leader[max(a, b)] = min(a, b)

    first: dict[tuple[str, str], int] = {}
    for i, scenario in enumerate(scenarios):
        join(i, first.setdefault(("text", texts[i]), i))
        for norm in drafted_norms(scenario):
            join(i, first.setdefault(("norm", norm), i))
    distinct = sorted(i for (kind, _), i in first.items() if kind == "text")
    for i, j in _candidates([texts[i] for i in distinct], threshold):
        one, other = distinct[i], distinct[j]
        if find(one) != find(other) and _jaccard(grams(texts[one]), grams(texts[other])) >= threshold:
            join(one, other)
    groups: dict[int, list[int]] = {}
    for i in range(len(scenarios)):
        groups.setdefault(find(i), []).append(i)
    return list(groups.values())


def _candidates(texts: Sequence[str], threshold: float) -> Iterator[tuple[int, int]]:
    """Pairs of texts that share an LSH bucket, each pair once."""
    from datasketch import MinHash, MinHashLSH  # imports scipy: only who splits waits for it

    bands, rows = lsh_shape(threshold)
    lsh = MinHashLSH(num_perm=bands * rows, params=(bands, rows))
    encoded = ([gram.encode() for gram in sorted(grams(text))] for text in texts)
    for i, signature in enumerate(MinHash.generator(encoded, num_perm=bands * rows, seed=1)):
        for j in sorted(lsh.query(signature)):
            yield j, i
        lsh.insert(i, signature)


def lsh_shape(threshold: float) -> tuple[int, int]:
    """(bands, rows) of the sharpest LSH that misses a pair at the threshold with probability (1 − tʳ)ᵇ < 10⁻⁵; 42 × 6 at 0.8."""
    for rows in range(12, 1, -1):
        bands = _HASHES // rows
        if (1 - threshold**rows) ** bands < _MISSED:
            return bands, rows
    return _HASHES, 1


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
