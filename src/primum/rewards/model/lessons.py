"""What a training learns from: pairs become lessons with labels by criterion, and every step is laid out before the first one is taken."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from primum.checkpoints import lay_out
from primum.records import CriterionKind
from primum.rewards.asked import Asked, Item
from primum.rewards.model.losses import UNKNOWN, kind_weights
from primum.rewards.model.quoting import made_up_criteria
from primum.rewards.model.settings import RewardModelSettings
from primum.rewards.samples import PairSample

__all__ = ["Counts", "Lesson", "Part", "count", "hold_out", "lesson_of", "steps_of", "weights_of"]


class Lesson(NamedTuple):
    """Two answers under the same criteria, and a label for each: 1 met, 0 not met, `losses.UNKNOWN`."""

    first: Item
    second: Item
    first_labels: tuple[int, ...]
    second_labels: tuple[int, ...]

    @property
    def criteria(self) -> tuple[Asked, ...]:
        return self.first.criteria

    def known(self, place: int) -> int:
        """How many of the two labels of a criterion are known."""
        return (self.first_labels[place] != UNKNOWN) + (self.second_labels[place] != UNKNOWN)

    def is_decided(self, place: int) -> bool:
        """Whether one answer wins under a criterion."""
        return self.known(place) == 2 and self.first_labels[place] != self.second_labels[place]


class Counts(NamedTuple):
    """`samples` are pairs × criteria with a winner; `masked` those without one: ties, and where a label is missing."""

    pairs: int
    samples: int
    masked: int


class Part(NamedTuple):
    """What one process reads at once: places of lessons, and the weight of the *whole* step it belongs to, of criteria with a winner
    and of known labels. `is_empty` parts are read for company only: their labels count nothing."""

    lessons: tuple[int, ...]
    decided: float
    known: float
    is_empty: bool


def hold_out(pairs: Sequence[PairSample], share: float, seed: int) -> tuple[list[PairSample], list[PairSample]]:
    """The pairs to train on and those of held-out groups, both in their order. Whole groups are held: never all, and at
    least one where `share` is not 0 and there are two or more."""
    groups = sorted({pair.group for pair in pairs})
    random.Random(seed).shuffle(groups)
    many = min(len(groups) - 1, math.ceil(share * len(groups)))
    held = set(groups[:many])
    return [pair for pair in pairs if pair.group not in held], [pair for pair in pairs if pair.group in held]


def lesson_of(pair: PairSample, settings: RewardModelSettings) -> Lesson | None:
    """The lesson of a pair; `None` where no label of a kind that is trained on is known."""
    places = [
        place
        for place, one in enumerate(pair.criteria)
        if one.kind in settings.kinds and (pair.met_first[place] is not None or pair.met_second[place] is not None)
    ]
    if not places:
        return None
    criteria = tuple(pair.criteria[place] for place in places)
    first = [_label(pair.met_first[place]) for place in places]
    second = [_label(pair.met_second[place]) for place in places]
    many = settings.cloze_criteria if settings.with_criteria else 0  # unread, they could only be guessed
    made_up = made_up_criteria(pair, many, settings.kinds, settings.seed)
    criteria += tuple(one.criterion for one in made_up)
    first += [int(one.is_first) for one in made_up]
    second += [int(not one.is_first) for one in made_up]
    one, other = pair.items
    return Lesson(one._replace(criteria=criteria), other._replace(criteria=criteria), tuple(first), tuple(second))


def count(lessons: Sequence[Lesson]) -> Counts:
    """What the lessons come to."""
    samples = sum(lesson.is_decided(place) for lesson in lessons for place in range(len(lesson.criteria)))
    return Counts(len(lessons), samples, sum(len(lesson.criteria) for lesson in lessons) - samples)


def weights_of(lessons: Sequence[Lesson], balance: float) -> dict[CriterionKind, float]:
    """The weight of a label by the kind of its criterion, from how many labels of each kind are known."""
    counts: Counter[CriterionKind] = Counter()
    for lesson in lessons:
        for place, one in enumerate(lesson.criteria):
            counts[one.kind] += lesson.known(place)
    return kind_weights(counts, balance)


def steps_of(
    lessons: Sequence[Lesson],
    lengths: Sequence[int],
    weights: dict[CriterionKind, float],
    settings: RewardModelSettings,
    processes: int,
) -> list[Part]:
    """Every part of every step, in the order they are read: of one step first one part for each process, then the next of each.

    Each epoch is shuffled anew, the first one in `settings.stages`; lessons of like length share a step. What a step learns does not depend
    on how many processes share it.
    """
    order = _order(lengths, settings)
    shares = settings.accumulation_steps * processes
    parts: list[Part] = []
    for start in range(0, len(order), settings.batch_pairs):
        step = order[start : start + settings.batch_pairs]
        decided = known = 0.0
        for lesson in (lessons[row] for row in step):
            for place, one in enumerate(lesson.criteria):
                decided += weights[one.kind] * lesson.is_decided(place)
                known += weights[one.kind] * lesson.known(place)
        for share in range(shares):
            mine = tuple(step[share::shares])
            parts.append(Part(mine or (step[0],), decided, known, not mine))
    return parts


def _order(lengths: Sequence[int], settings: RewardModelSettings) -> list[int]:
    """The places of the lessons as they are learned, all epochs in one list; the stages of the first one are whole steps."""
    batch, seed = settings.batch_pairs, settings.seed
    by_length = sorted(range(len(lengths)), key=lambda place: (lengths[place], place))
    steps = len(lengths) // batch
    cuts = [batch * (steps * stage // settings.stages) for stage in range(settings.stages)] + [len(lengths)]
    order: list[int] = []
    for start, stop in pairwise(cuts):
        stage = sorted(by_length[start:stop])
        order += [stage[place] for place in lay_out([lengths[place] for place in stage], batch, 1, seed)]
    # What an epoch leaves over fills the first step of the next one, as if all had been laid out at once.
    return order + lay_out(lengths, batch, settings.epochs - 1, seed + 1)


def _label(is_met: bool | None) -> int:
    return UNKNOWN if is_met is None else int(is_met)
