"""How hard a pair is: which pairs are too close, too easy, or labelled so that two readers would not agree.

A pair's chance under a criterion is what a reader that learned nothing from its group gives the winner: σ(±(logit first − logit second)) of
its calibrated chances. Without a reader, the linear baseline fitted to other groups is one. Only what is known is filtered by: a pair whose
margin an abstention hides has no margin that is too small.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from primum.ports import Progress, silent
from primum.records import Settings, content_hash
from primum.rewards.asked import Asked, CriteriaScorer, Read
from primum.rewards.combine import RewardSettings, combine
from primum.rewards.samples import PairSample

__all__ = ["DifficultyReport", "DifficultySettings", "chances_of", "filter_difficulty"]

_EDGE = 1e-6


class DifficultySettings(Settings, frozen=True):
    """Which pairs teach.

    `least_margin` is the least difference in reward on the whole. A pair is easy when the reader gives the winner `easy_from` or more under
    every criterion that has one; of the easy ones the share `easy_kept` stays. Where it gives the winner `doubtful_to` or less under a
    criterion, the labels of that criterion are masked: somebody erred. `easy_from` 1 and `doubtful_to` 0 need no reader. `reward` says how
    a margin is measured.
    """

    least_margin: float = 0.0
    easy_from: float = 0.98
    easy_kept: float = 0.5
    doubtful_to: float = 0.0
    reward: RewardSettings = RewardSettings()

    def check(self) -> None:
        if self.least_margin < 0 or not 0 <= self.easy_kept <= 1:
            self.refuse(
                f"least_margin {self.least_margin}, easy_kept {self.easy_kept}",
                "are below 0, or no share",
                "give others",
            )
        if not 0 <= self.doubtful_to < 0.5 <= self.easy_from <= 1:
            self.refuse(
                f"easy_from {self.easy_from}, doubtful_to {self.doubtful_to}",
                "are not in [0.5, 1] and [0, 0.5)",
                "give others",
            )


class DifficultyReport(NamedTuple):
    """What became of the pairs.

    `close`, `easy` and `hidden` pairs (no criterion has a winner, or none any more) are left out; `easy_kept` are those easy ones that
    stayed. `doubtful` and `disagreed` criteria were masked in their pair; `compared` criteria had labels of a second judge. `reader` names
    who was asked, empty for nobody.
    """

    given: int
    kept: int
    close: int = 0
    easy: int = 0
    easy_kept: int = 0
    hidden: int = 0
    doubtful: int = 0
    disagreed: int = 0
    compared: int = 0
    reader: str = ""


def filter_difficulty(
    samples: Sequence[PairSample],
    settings: DifficultySettings | None = None,
    scorer: CriteriaScorer | None = None,
    second: Sequence[PairSample] = (),
    progress: Progress = silent,
) -> tuple[list[PairSample], DifficultyReport]:
    """The pairs that teach, in their order, labels that are in doubt masked.

    `scorer` must not have learned from the pairs; without one the linear baseline reads, each half of the groups by a fit to the other.
    `second` are the same pairs (by id) as another judge labelled them: where the two judges contradict each other the label is masked.
    """
    chosen = settings or DifficultySettings()
    reads, reader = _reads(samples, chosen, scorer, progress)
    others = {one.id: one for one in second}
    counts = dict.fromkeys(DifficultyReport._fields[2:-1], 0)
    found: list[PairSample] = []
    for one in samples:
        agreed = _agreed(one, others.get(one.id), counts)
        chances = {} if not reads else chances_of(agreed, reads[f"{one.id}/first"], reads[f"{one.id}/second"])
        masked = _without(
            agreed, [place for place, chance in chances.items() if chance <= chosen.doubtful_to], "doubtful", counts
        )
        left = [chance for place, chance in chances.items() if chance > chosen.doubtful_to]
        if not any(masked.winner(place) for place in range(len(masked.criteria))):
            counts["hidden"] += 1
        elif _margin(masked, chosen.reward) < chosen.least_margin - _EDGE:
            counts["close"] += 1
        elif (
            chosen.easy_from < 1
            and left
            and min(left) >= chosen.easy_from
            and not _stays(one, chosen.easy_kept, counts)
        ):
            counts["easy"] += 1
        else:
            found.append(masked)
    return found, DifficultyReport(len(samples), len(found), **counts, reader=reader)


def chances_of(pair: PairSample, first: Read, second: Read) -> dict[int, float]:
    """The chance that a reader gives the winner, by place of the criteria that have one. Chances .9 and .2 of being met, where the first
    answer wins by meeting it: σ(2.197 + 1.386) = .973."""
    found: dict[int, float] = {}
    for place, one in enumerate(pair.criteria):
        winner = pair.winner(place)
        if winner:
            towards = winner if one.points > 0 else -winner
            gap = towards * (_logit(first.probabilities[place]) - _logit(second.probabilities[place]))
            found[place] = 1 / (1 + math.exp(-gap))
    return found


def _reads(
    samples: Sequence[PairSample], settings: DifficultySettings, scorer: CriteriaScorer | None, progress: Progress
) -> tuple[Mapping[str, Read], str]:
    if not samples or (settings.easy_from == 1 and settings.doubtful_to == 0):
        return {}, ""
    if scorer is not None:
        items = [item for one in samples for item in one.items]
        return dict(zip([item.id for item in items], scorer.score(items, progress), strict=True)), scorer.name
    from primum.rewards.linear import cross_read

    found = cross_read(samples, progress=progress)
    return found, "linear n-grams, fitted to other groups" if found else ""


def _agreed(pair: PairSample, other: PairSample | None, counts: dict[str, int]) -> PairSample:
    """The pair without the labels that the other judge contradicts."""
    if other is None:
        return pair
    told: dict[Asked, tuple[bool | None, bool | None]] = dict(
        zip(other.criteria, zip(other.met_first, other.met_second, strict=True), strict=True)
    )
    contradicted = []
    for place, one in enumerate(pair.criteria):
        own, theirs = (pair.met_first[place], pair.met_second[place]), told.get(one)
        if theirs is not None:
            counts["compared"] += 1
            if any(None not in (mine, yours) and mine != yours for mine, yours in zip(own, theirs, strict=True)):
                contradicted.append(place)
    return _without(pair, contradicted, "disagreed", counts)


def _without(pair: PairSample, places: Sequence[int], reason: str, counts: dict[str, int]) -> PairSample:
    """The pair with both labels of these criteria masked."""
    if not places:
        return pair
    counts[reason] += len(places)
    first, second = (
        tuple(None if place in places else label for place, label in enumerate(side))
        for side in (pair.met_first, pair.met_second)
    )
    return replace(pair, met_first=first, met_second=second)


def _margin(pair: PairSample, settings: RewardSettings) -> float:
    """By how much one answer earns more; infinite where missing labels hide it."""
    one, other = (combine(grade, settings) for grade in pair.grades)
    return abs(one.low - other.low) if one.is_known and other.is_known else math.inf


def _stays(pair: PairSample, share: float, counts: dict[str, int]) -> bool:
    stays = int(content_hash(["easy", pair.id])[:8], 16) < share * 16**8
    counts["easy_kept"] += stays
    return stays


def _logit(chance: float) -> float:
    held = min(max(chance, _EDGE), 1 - _EDGE)
    return math.log(held / (1 - held))
