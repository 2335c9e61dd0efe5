"""How far the length of an answer alone gets: what a reward model must beat, for people like long answers and refusals are short."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from typing import final

from primum import stats
from primum.ports import Progress, silent
from primum.rewards.asked import Item, Read
from primum.rewards.samples import PairSample
from primum.stats.calibration import Platt

__all__ = ["LengthReward"]


@final
class LengthReward:
    """For each criterion, known by its text, a logistic curve over the logarithm of an answer's length in characters; a criterion that it
    was not fitted to has score 0 and chance .5. Implements `CriteriaScorer`."""

    name = "answer length"

    def __init__(self, curves: Mapping[str, Platt]) -> None:
        self._curves = dict(curves)

    @classmethod
    def fit(cls, pairs: Sequence[PairSample]) -> LengthReward:
        """Fitted to every label that is known."""
        lengths: dict[str, list[float]] = defaultdict(list)
        labels: dict[str, list[bool]] = defaultdict(list)
        for pair in pairs:
            for text, met in ((pair.first, pair.met_first), (pair.second, pair.met_second)):
                for asked, is_met in zip(pair.criteria, met, strict=True):
                    if is_met is not None:
                        lengths[asked.text].append(_length(text))
                        labels[asked.text].append(is_met)
        return cls({text: stats.fit_platt(lengths[text], labels[text], log_odds=False) for text in lengths})

    def score(self, items: Iterable[Item], progress: Progress = silent) -> Iterator[Read]:
        """The logits and chances of every item, in their order."""
        total = len(items) if isinstance(items, Sized) else 0
        for done, item in enumerate(items, 1):
            length = _length(item.completion)
            curves = [self._curves.get(asked.text) for asked in item.criteria]
            scores = tuple(0.0 if one is None else one.slope * length + one.intercept for one in curves)
            yield Read(scores, tuple(0.5 * (1 + math.tanh(score / 2)) for score in scores))
            progress(done, max(done, total))


def _length(text: str) -> float:
    return math.log1p(len(text.strip()))
