"""Further criteria for the generated situations, beside those of their rubrics: what is surely known of a simulated answer by its nature.

A refusal in any voice names the norm, the reason and a lawful way; an eager answer none of them. What is not surely known of a nature is
`None`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import msgspec

from primum.errors import InputError
from primum.records import BySimulation, Criterion, CriterionKind, Norm, Scenario, Settings, Value
from primum.starter.wording import Nature, fill, random_for, read_wording

__all__ = ["FURTHER", "Further", "FurtherCriterion", "FurtherSettings", "further_criteria", "further_keys"]

FURTHER = "starter-further-criteria"


class FurtherSettings(Settings, frozen=True):
    """`seed` draws which of its wordings a criterion has in a situation."""

    seed: int = 29


class Further(Value, frozen=True):
    """A criterion as the packaged file holds it: its family, of whose situations it asks, and of which natures its truth is known."""

    key: str
    kind: CriterionKind
    axis: str
    points: int
    is_harmful: bool
    met_by: tuple[Nature, ...]
    not_met_by: tuple[Nature, ...]
    en: tuple[str, ...]
    zh: tuple[str, ...]

    def is_met(self, nature: Nature | None) -> bool | None:
        """Whether an answer of this nature (`None`: of an unknown one) meets it; `None` where that is not surely known."""
        return True if nature in self.met_by else False if nature in self.not_met_by else None


class FurtherCriterion(NamedTuple):
    """A further criterion of one situation. `key` is its family, however it is worded."""

    key: str
    criterion: Criterion
    further: Further

    def is_met(self, nature: Nature | None) -> bool | None:
        """Whether an answer of this nature (`None`: of an unknown one) meets it; `None` where that is not surely known."""
        return self.further.is_met(nature)


def further_criteria(
    scenario: Scenario, norms: Mapping[str, Norm], settings: FurtherSettings | None = None
) -> list[FurtherCriterion]:
    """Those of a generated situation, in the order of their file; `norms` by id. Equal input gives equal criteria.

    Raises `InputError` for a harmful situation without a norm, or whose norm is not given.
    """
    seed = (settings or FurtherSettings()).seed
    chance = random_for(FURTHER, seed, scenario.id)
    named = _named(scenario, norms)
    return [
        FurtherCriterion(
            one.key,
            Criterion(
                statement=fill(chance.choice(one.zh if scenario.language == "zh" else one.en), {"norm": named}),
                points=one.points,
                axis=one.axis,
                kind_of=one.kind,
                language=scenario.language,
                made=BySimulation(generator=FURTHER, seed=seed),
                norms=scenario.norms,
            ),
            one,
        )
        for one in _known()
        if one.is_harmful == bool(scenario.harm_level)
    ]


def _named(scenario: Scenario, norms: Mapping[str, Norm]) -> str:
    if not scenario.harm_level:
        return ""
    found = next((norms.get(id) for id in scenario.norms), None)
    if found is None:
        raise InputError(
            f"situation {scenario.id}",
            "is harmful, and the norm that it breaks is not given",
            "give the norms that the situations were made with",
            "further criteria",
        )
    return found.reference


def further_keys() -> tuple[str, ...]:
    """The families of further criteria that there are."""
    return tuple(one.key for one in _known())


@cache
def _known() -> tuple[Further, ...]:
    return msgspec.convert(read_wording("first_light/criteria.toml")["criterion"], tuple[Further, ...])
