"""What a check is given and what it answers."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from primum.language import normalise, words
from primum.records import Norm, Rule, Scenario, Settings, Taxonomy

__all__ = ["Context", "Finding", "LintReport", "LintSettings", "Outcome", "asked", "context", "share"]


class LintSettings(Settings, frozen=True):
    """Where a check draws its line; all of these are ours.

    `at`: the day (YYYY-MM-DD) at which the norms must be in force; none leaves validity unlooked at.
    `key_support`, `reason_support`: the share of the words of a right option, or of a reason, that must stand in the article, unless it
    quotes the article. `answerable`: the share of a ground's words that what is asked must hold where it does not name the statute.
    `margin`: by how much choosing the longest option, or one position, may beat chance; `tell_margin`: the same for the options-only
    classifier, over chance or over a half. `level`: how unlikely a bias must be by chance alone to be one (one-sided).
    `least_choices`: with fewer choice items of a task the classifier cannot learn and is left out.
    `threshold`: the Jaccard index of character 5-grams from which two items are one.
    `least_share`: the share of an even share that every dimension must hold, as far as its rules go (`items_per_rule` each).
    """

    at: str | None = None
    key_support: float = 0.5
    reason_support: float = 0.5
    answerable: float = 0.2
    margin: float = 0.02
    tell_margin: float = 0.05
    level: float = 0.001
    least_choices: int = 60
    threshold: float = 0.8
    least_share: float = 0.5
    items_per_rule: int = 4
    seed: int = 0

    def check(self) -> None:
        if self.at is not None:
            try:
                datetime.date.fromisoformat(self.at)
            except ValueError:
                self.refuse(f"at = {self.at!r}", "is not a date", "write it as YYYY-MM-DD")
        for name in ("key_support", "reason_support", "answerable", "margin", "tell_margin", "level", "least_share"):
            if not 0 <= getattr(self, name) <= 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is no share", "give a number from 0 to 1")
        if not 0.5 <= self.threshold <= 1:
            self.refuse(f"threshold = {self.threshold}", "is not between 0.5 and 1", "0.8 is a good start")


class Finding(NamedTuple):
    """What is wrong: by which check, with which item (its name; empty for the set as a whole), and in what way."""

    check: str
    item: str
    detail: str


class LintReport(NamedTuple):
    """All that was found, and for each check one line: what it holds and what was measured."""

    findings: list[Finding]
    checks: dict[str, str]


Outcome = tuple[list[tuple[str, str]], str]
"""What a check answers: pairs (item, detail), and its line."""


class Context(NamedTuple):
    """What every check sees. `said_by` holds the words of each norm's text, `text_of` its text normalised, both by norm id."""

    items: Sequence[Scenario]
    norms: dict[str, Norm]
    rules: dict[str, Rule]
    taxonomy: Taxonomy
    settings: LintSettings
    said_by: dict[str, frozenset[str]]
    text_of: dict[str, str]

    @property
    def choices(self) -> list[Scenario]:
        return [item for item in self.items if item.task != "open"]

    def articles(self, item: Scenario) -> list[str]:
        """The ids of the item's norms that are at hand."""
        return list(dict.fromkeys(ground.norm for ground in item.grounds if ground.norm in self.norms))


def context(
    items: Sequence[Scenario],
    norms: Sequence[Norm],
    rules: Sequence[Rule],
    taxonomy: Taxonomy,
    settings: LintSettings,
) -> Context:
    """The norms that the items rest on, with their words, and what the items are held against."""
    wanted = {ground.norm for item in items for ground in item.grounds} | {
        norm for item in items for norm in item.norms
    }
    held = {norm.id: norm for norm in norms if norm.id in wanted}
    return Context(
        items,
        held,
        {rule.id: rule for rule in rules},
        taxonomy,
        settings,
        {id: frozenset(words(norm.text)) for id, norm in held.items()},
        {id: normalise(norm.text) for id, norm in held.items()},
    )


def asked(item: Scenario) -> str:
    """All that a model is shown of an item: its messages and options."""
    return "\n".join([*(turn.content for turn in item.messages), *(option.text for option in item.options)])


def share(text: str, known: frozenset[str]) -> float:
    """The share of the distinct words of `text` that are `known`; 0 for a text without words."""
    said = set(words(text))
    return len(said & known) / len(said) if said else 0.0
