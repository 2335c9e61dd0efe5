"""Simulated pairs of the first-light world: two answers to one generated situation, and criteria whose truth follows from their natures.

The criteria of a situation's own rubric are read from the stances that are known of the answers; those here are further ones. A refusal in
any voice names the norm, the reason and a lawful way; an eager one none of them. What is not surely known of a nature is `None`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import NamedTuple

import msgspec

from primum.records import CriterionKind, Norm, Scenario, Settings, Value
from primum.starter.clinical_pairs import GeneratedCriterion
from primum.starter.situations import SimulatedAnswer, SimulatedSituation
from primum.starter.wording import Nature, fill, random_for, read_wording

__all__ = ["FIRST_LIGHT_PAIRS", "SituationPair", "SituationPairSettings", "situation_pairs"]

FIRST_LIGHT_PAIRS = "starter-first-light-pairs"


class SituationPairSettings(Settings, frozen=True):
    """At most `most` pairs a situation, those of different natures first; `is_plain` leaves the further criteria out."""

    most: int = 3
    is_plain: bool = False
    seed: int = 29

    def check(self) -> None:
        if self.most < 1:
            self.refuse(f"most = {self.most}", "makes nothing", "ask for at least 1")


class SituationPair(NamedTuple):
    """Two simulated answers to one situation, with what is known beside their stances."""

    scenario: Scenario
    first: SimulatedAnswer
    second: SimulatedAnswer
    criteria: tuple[GeneratedCriterion, ...]


class _Known(Value, frozen=True):
    key: str
    kind: CriterionKind
    points: int
    is_harmful: bool
    met_by: tuple[Nature, ...]
    not_met_by: tuple[Nature, ...]
    en: tuple[str, ...]
    zh: tuple[str, ...]

    def is_met(self, nature: Nature) -> bool | None:
        return True if nature in self.met_by else False if nature in self.not_met_by else None


def situation_pairs(
    situations: Sequence[SimulatedSituation],
    norms: Mapping[str, Norm],
    settings: SituationPairSettings | None = None,
) -> list[SituationPair]:
    """The pairs, in the order of the situations; `norms` by id. Answers that say the same are no pair; equal input gives equal pairs."""
    chosen = settings or SituationPairSettings()
    return [pair for one in situations for pair in _of(one, norms, chosen)]


def _of(one: SimulatedSituation, norms: Mapping[str, Norm], settings: SituationPairSettings) -> list[SituationPair]:
    chance = random_for(FIRST_LIGHT_PAIRS, settings.seed, one.scenario.id)
    both = [
        (first, second) if chance.random() < 0.5 else (second, first)
        for first, second in combinations(one.answers, 2)
        if first.response.text.split() != second.response.text.split()
    ]
    chance.shuffle(both)
    both.sort(key=lambda pair: pair[0].nature == pair[1].nature)  # stable: those of different natures first
    asked = (
        [] if settings.is_plain else [known for known in _known() if known.is_harmful == bool(one.scenario.harm_level)]
    )
    named = norms[one.scenario.norms[0]].reference if one.scenario.norms else ""
    return [
        SituationPair(
            one.scenario,
            first,
            second,
            tuple(
                GeneratedCriterion(
                    known.key,
                    fill(chance.choice(known.zh if one.scenario.language == "zh" else known.en), {"norm": named}),
                    known.kind,
                    known.points,
                    known.is_met(first.nature),
                    known.is_met(second.nature),
                )
                for known in asked
            ),
        )
        for first, second in both[: settings.most]
    ]


@cache
def _known() -> tuple[_Known, ...]:
    return msgspec.convert(read_wording("first_light/criteria.toml")["criterion"], tuple[_Known, ...])
