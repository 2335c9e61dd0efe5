"""The settings of synthesis: how long a rubric gets, and how a chat model writes one."""

from __future__ import annotations

from typing import Literal

from primum.records import Settings

__all__ = ["SynthesisReadingSettings", "SynthesisSettings"]

Relaxed = Literal["expertise", "uncertainty", "urgency"]


class SynthesisReadingSettings(Settings, frozen=True):
    """How a chat model writes a rubric. `shown` bounds the principles it is shown, `asks` the replies to one query until one is read."""

    shown: int = 24
    least_criteria: int = 3
    most_criteria: int = 12
    most_characters: int = 300
    temperature: float = 0.0
    max_tokens: int = 3000
    asks: int = 2
    concurrency: int = 32

    def check(self) -> None:
        for name in (
            "shown",
            "least_criteria",
            "most_criteria",
            "most_characters",
            "max_tokens",
            "asks",
            "concurrency",
        ):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")
        if self.least_criteria > self.most_criteria:
            self.refuse("least_criteria", "is above most_criteria", "lower it")


class SynthesisSettings(Settings, frozen=True):
    """How a rubric is put together. Ours, none of them clinical.

    `most` criteria, of them at most `most_safety`, `most_negative` and `most_excellence`. `likeness` is the cosine of character n-grams
    from which two statements say one thing. Where fewer than `enough` principles match, the dimensions of `relax` are let go one after
    another; criteria gained so say it in their origin. `reading` is for a chat model that writes the rubric.
    """

    most: int = 12
    most_safety: int = 3
    most_negative: int = 4
    most_excellence: int = 2
    enough: int = 5
    likeness: float = 0.6
    relax: tuple[Relaxed, ...] = ("expertise", "uncertainty", "urgency")
    reading: SynthesisReadingSettings = SynthesisReadingSettings()

    def check(self) -> None:
        if min(self.most, self.most_safety, self.enough) < 1 or min(self.most_negative, self.most_excellence) < 0:
            self.refuse(
                "the counts of synthesis", "are too small", "take at least 1, and 0 for negative and excellence"
            )
        if not 0 < self.likeness <= 1:
            self.refuse(f"likeness = {self.likeness}", "is no cosine above 0", "take a number above 0, at most 1")
