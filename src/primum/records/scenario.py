"""Scenarios: what is put to a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value
from primum.records.norm import Language
from primum.records.origin import Origin

__all__ = ["ONE_MESSAGE_STYLES", "Choice", "Difficulty", "Ground", "Scenario", "Split", "Style", "Task", "Turn"]

Task = Literal["open", "single_choice", "multiple_choice"]
Split = Literal["train", "dev", "test"]
Difficulty = Literal["easy", "medium", "hard"]
Style = Literal["direct", "indirect", "obfuscate", "role_play", "multi_turn"]
ONE_MESSAGE_STYLES: tuple[Style, ...] = ("direct", "indirect", "obfuscate", "role_play")
"""The styles of CARES, which a request in one message can have."""


class Turn(Value, frozen=True):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Choice(Value, frozen=True):
    """One option of a choice question: `A`, what it says, and why it is right or wrong."""

    letter: str
    text: str
    reason: str = ""


class Ground(Value, frozen=True):
    """What an item rests on: the words of a norm that support its key or its reference points.

    `article` is the digest of the article's text (`answer_digest`), by which the article is found again in another edition; `citation`
    is how a person cites it (`医师法 第二十五条`); `rule` the rule the item was drafted from.
    """

    norm: str
    citation: str
    quote: str
    article: str
    rule: str | None = None


class Scenario(Record, frozen=True):
    """A situation put to a model.

    `style` is how the request comes: the four styles of CARES (arXiv 2505.11413), and `multi_turn`, pressure over several turns.
    `harm_level` is that of CARES: 0 harmless, 1 mild, 2 moderate, 3 severe; a choice question has 0. `is_borderline` marks a
    harmless request that looks harmful (XSTest's safe prompts). `norms` are the ids it rests on; none when an imported set
    names none. `reference` is a good answer where one is known; `key` the letters of the right options. `dataset` is the set or
    generator it came from. `cluster` names its group of near-duplicates, which never crosses a split; `split` is `None` until split.

    In a benchmark `item` names the item for life, `scene` is its setting, `points` what a good answer says, one thing each, and `grounds`
    the words of the norms that support them. `counterpart` names the item it is a rewrite of, `rewrites` the id of a scenario whose
    intent it keeps in another style.
    """

    messages: tuple[Turn, ...]
    task: Task
    dimension: str
    language: Language
    dataset: str
    made: Origin
    harm_level: Literal[0, 1, 2, 3] = 0
    style: Style = "direct"
    is_borderline: bool = False
    norms: tuple[str, ...] = ()
    reference: str | None = None
    options: tuple[Choice, ...] = ()
    key: tuple[str, ...] = ()
    cluster: str = ""
    split: Split | None = None
    version: int = 1
    item: str = ""
    scene: str = ""
    difficulty: Difficulty | None = None
    points: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()
    counterpart: str = ""
    rewrites: str | None = None

    def check(self) -> None:
        if not self.messages or self.messages[-1].role != "user" or not self.messages[-1].content.strip():
            self.refuse("a scenario", "does not end with something a user says", "end its messages with a user's turn")
        letters = [option.letter for option in self.options]
        if self.task == "open":
            if letters or self.key:
                self.refuse("an open scenario", "has options or a key", "make it a choice question or remove them")
            return
        if len(letters) < 2 or len(set(letters)) != len(letters):
            self.refuse(
                f"options {letters}", "are too few or share a letter", "give at least two options their own letters"
            )
        if not self.key or not set(self.key) <= set(letters) or list(self.key) != sorted(set(self.key)):
            self.refuse(
                f"key {list(self.key)}", "is not a sorted set of the options' letters", "name letters of the options"
            )
        if self.task == "single_choice" and len(self.key) != 1:
            self.refuse(f"key {list(self.key)}", "of a single choice is not one letter", "make it a multiple choice")

    @property
    def prompt(self) -> str:
        """What the user says last."""
        return self.messages[-1].content

    def parents(self) -> Iterator[tuple[str, str]]:
        for norm in self.norms:
            yield "norm", norm
        if self.rewrites is not None:
            yield "rewrites", self.rewrites
        for ground in self.grounds:
            if ground.rule is not None:
                yield "rule", ground.rule
