"""Pairs by criterion from answers that were judged, or from simulated ones."""

from __future__ import annotations

from collections.abc import Iterable

from primum.rewards.asked import Asked
from primum.rewards.samples import PairSample
from primum.starter.clinical_pairs import GeneratedPair

__all__ = ["of_generated"]


def of_generated(pairs: Iterable[GeneratedPair]) -> list[PairSample]:
    """Simulated pairs as what a reward model learns from; they say that they are simulated."""
    return [
        PairSample(
            id=pair.id,
            prompt=pair.prompt,
            first=pair.first,
            second=pair.second,
            criteria=tuple(Asked(text=one.text, kind=one.kind, points=one.points) for one in pair.criteria),
            met_first=tuple(one.met_first for one in pair.criteria),
            met_second=tuple(one.met_second for one in pair.criteria),
            language=pair.language,
            group=pair.group,
            keys=tuple(one.key for one in pair.criteria),
            first_by=pair.first_by,
            second_by=pair.second_by,
            is_simulated=True,
        )
        for pair in pairs
    ]
