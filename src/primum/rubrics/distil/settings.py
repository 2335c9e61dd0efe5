"""The settings of distillation."""

from __future__ import annotations

from primum.records import Settings

__all__ = ["DIMENSIONS", "ChatDistilSettings", "DistilSettings"]

DIMENSIONS = ("urgency", "uncertainty", "expertise", "task")
"""The clinical dimensions whose values make a cell (after ClinAlign, arXiv 2602.09653; the values are ours)."""


class DistilSettings(Settings, frozen=True):
    """How alike criteria must be to become one principle, and how often it must be asked for. All numbers are ours.

    `likeness` is the least mean cosine between two groups of a cell that are joined, `widening` between groups of different cells;
    `embedded_likeness` and `embedded_widening` stand in their place where an embedding model gives the vectors. A principle is kept with
    `least_criteria` criteria from `least_rubrics` rubrics; one most of whose criteria rest on a norm with `least_grounded` of both, because
    what the law asks does not hang on how often it comes up. A value of a dimension is listed in `applies_when` when it has at least
    `least_value_share` of the principle's criteria; the commonest value always is. Two principles of one kind are redundant when their
    statements are `redundant` alike. A group is parted where more than `most_together` of the rubrics of one part also hold another.
    At most `most_at_once` texts are compared pair by pair; more are cut into blocks first.
    """

    likeness: float = 0.35
    widening: float = 0.25
    embedded_likeness: float = 0.8
    embedded_widening: float = 0.85
    axis_weight: float = 0.15
    least_criteria: int = 5
    least_rubrics: int = 3
    least_grounded: int = 3
    least_value_share: float = 0.02
    least_fit: float = 0.35
    least_word_share: float = 0.002
    most_together: float = 0.1
    redundant: float = 0.6
    most_at_once: int = 4000
    seed: int = 0

    def check(self) -> None:
        for name in (
            "likeness",
            "widening",
            "embedded_likeness",
            "embedded_widening",
            "redundant",
            "most_together",
            "axis_weight",
            "least_value_share",
            "least_fit",
            "least_word_share",
        ):
            if not 0 <= getattr(self, name) <= 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is not between 0 and 1", "give a share")
        for name in ("least_criteria", "least_rubrics", "least_grounded"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is below 1", "give a positive number")
        if self.most_at_once < 50:
            self.refuse(f"most_at_once = {self.most_at_once}", "is too few to find groups among", "give 50 or more")


class ChatDistilSettings(Settings, frozen=True):
    """How a chat model words principles. At most `most_members` different statements of a group are shown to it; a merged statement has at
    most `most_characters`; `asks` bounds the replies to one question until one can be read."""

    most_members: int = 24
    most_characters: int = 240
    temperature: float = 0.0
    max_tokens: int = 800
    asks: int = 2
    concurrency: int = 32

    def check(self) -> None:
        for name in ("most_members", "most_characters", "max_tokens", "asks", "concurrency"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")
