"""The settings of sorting queries: of the classifier that is trained, and of asking a chat model."""

from __future__ import annotations

from primum.records import Settings

__all__ = ["ProfileReadingSettings", "ProfileSettings"]


class ProfileSettings(Settings, frozen=True):
    """How the classifier is trained. Ours, chosen by cross-validation on our own queries.

    `least_count` is in how many queries an n-gram must stand; `strength` the inverse of the penalty (`C` of a logistic regression);
    `cue_weight` what a cue counts beside the n-grams; `likeness` the cosine of character n-grams from which two queries count as
    near-duplicates, which never stand on both sides of a fold.
    """

    least_count: int = 2
    strength: float = 8.0
    cue_weight: float = 1.0
    folds: int = 5
    likeness: float = 0.5
    seed: int = 0

    def check(self) -> None:
        if (
            self.least_count < 1
            or self.strength <= 0
            or self.cue_weight < 0
            or self.folds < 2
            or not 0 < self.likeness <= 1
        ):
            self.refuse(
                "the settings of the profile classifier",
                "are out of range",
                "take counts ≥ 1, folds ≥ 2, a likeness in 0 … 1",
            )


class ProfileReadingSettings(Settings, frozen=True):
    """How a chat model sorts. `asks` bounds the replies to one query until one can be read."""

    temperature: float = 0.0
    max_tokens: int = 300
    asks: int = 2
    concurrency: int = 32

    def check(self) -> None:
        for name in ("max_tokens", "asks", "concurrency"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")
