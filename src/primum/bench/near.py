"""When two situations say nearly the same: character 5-grams of what they say, and the Jaccard index of the two sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from primum.language import normalise
from primum.records import ByModel, ByRule, Scenario

__all__ = ["GRAM", "drafted_norms", "grams", "numbered", "said"]

GRAM: Final = 5


def said(scenario: Scenario) -> str:
    """What a situation says, normalised: all its messages (one that ends in "yes please" is told by what went before) and options."""
    parts = [turn.content for turn in scenario.messages] + [option.text for option in scenario.options]
    return normalise("\n".join(parts))


def grams(text: str) -> frozenset[str]:
    """The character 5-grams of a normalised text; a shorter text is its own only gram."""
    return frozenset(text[i : i + GRAM] for i in range(max(1, len(text) - GRAM + 1)))


def numbered(texts: Sequence[str]) -> Iterator[frozenset[int]]:
    """The gram sets of `texts` with each gram as a number, in order of first sight: equal grams, equal numbers; a third of the memory."""
    numbers: dict[str, int] = {}
    for text in texts:
        yield frozenset(numbers.setdefault(gram, len(numbers)) for gram in sorted(grams(text)))


def drafted_norms(scenario: Scenario) -> tuple[str, ...]:
    """The norms a situation was drafted from; none for an imported one, whose norms came through the crosswalk.

    The crosswalk names the article a whole category falls under: tied by it, half a set would become one group.
    """
    return scenario.norms if isinstance(scenario.made, (ByRule, ByModel)) else ()
