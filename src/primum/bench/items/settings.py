"""How many items are drafted, of which kinds and styles, and how they are shared out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args

from primum.records import ONE_MESSAGE_STYLES, Language, Scenario, Settings, Style

__all__ = ["KINDS", "Built", "ItemSettings", "Kind"]

Kind = Literal["situation", "dilemma", "single_choice", "multiple_choice"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_SHARES: Final[Mapping[str, float]] = MappingProxyType(
    {"situation": 0.40, "dilemma": 0.10, "single_choice": 0.30, "multiple_choice": 0.20}
)


class ItemSettings(Settings, frozen=True):
    """`items` in all, spread evenly over the dimensions that have rules; the four shares of kinds add up to 1.

    `harmless` is the share of situations that only look harmful; `threshold` the Jaccard index of character 5-grams from which two
    items are one (that of the split). `variants` bounds how often one rule is tried for one kind.
    """

    items: int = 12_000
    seed: int = 0
    situation: float = _SHARES["situation"]
    dilemma: float = _SHARES["dilemma"]
    single_choice: float = _SHARES["single_choice"]
    multiple_choice: float = _SHARES["multiple_choice"]
    harmless: float = 0.2
    styles: tuple[Style, ...] = ONE_MESSAGE_STYLES
    languages: tuple[Language, ...] = ("zh", "en")
    threshold: float = 0.8
    variants: int = 48

    def check(self) -> None:
        if self.items < 1 or self.variants < 1:
            self.refuse(f"items = {self.items}, variants = {self.variants}", "must be above 0", "give positive numbers")
        shares = [self.situation, self.dilemma, self.single_choice, self.multiple_choice]
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
            self.refuse(f"shares {shares} of kinds", "are no shares of one whole", "make them add up to 1")
        if not 0 <= self.harmless < 1:
            self.refuse(f"harmless = {self.harmless}", "is no share below 1", "0.2 is a good start")
        for name in ("styles", "languages"):
            values = getattr(self, name)
            if not values or len(set(values)) != len(values):
                self.refuse(f"{name} = {list(values)}", "is empty or repeats itself", "name each once")
        if not 0.5 <= self.threshold <= 1:
            self.refuse(f"threshold = {self.threshold}", "is not between 0.5 and 1", "0.8 is a good start")

    def share(self, kind: Kind) -> float:
        value: float = getattr(self, kind)
        return value


class Built(NamedTuple):
    """The items, and how many drafts did not enter, by reason. `shortfall …` counts items that a dimension or the whole lacks."""

    items: list[Scenario]
    refused: dict[str, int]
