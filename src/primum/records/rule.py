"""Rules: what a norm asks of whom, when, and what follows otherwise; and the taxonomy that norms and situations are sorted by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value
from primum.records.norm import Language
from primum.records.origin import Origin

__all__ = ["Category", "Deontic", "Rule", "Span", "Taxonomy"]

Deontic = Literal["prohibition", "obligation", "permission"]


class Span(Value, frozen=True):
    """Characters `start` to `end` (exclusive) of a norm's text, and the words that stand there."""

    start: int
    end: int
    text: str

    def check(self) -> None:
        if not 0 <= self.start < self.end or self.end - self.start != len(self.text):
            self.refuse(f"span {self.start}–{self.end} of {self.text[:40]!r}", "does not hold its words", "align them")


class Rule(Record, frozen=True):
    """One rule of a norm: `subject` may, must or must not do `act`, under `condition`, or else `consequence`.

    All spans are verbatim and count characters of the norm's text, so that `norm.text[act.start:act.end] == act.text`. A list of
    forbidden acts gives a rule for each item, its subject taken from the sentence that opens the list. `label` cites the provision
    (`第二款第（三）项`); empty for the only paragraph of an article. `dimensions` and `scenes` are keys of a taxonomy, the likeliest first.
    """

    norm: str
    modality: Deontic
    act: Span
    language: Language
    made: Origin
    subject: Span | None = None
    condition: Span | None = None
    consequence: Span | None = None
    label: str = ""
    dimensions: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "norm", self.norm


class Category(Value, frozen=True):
    """A class of a taxonomy: its key, its names, and the words by which a text is sorted into it.

    `cues_zh` are plain strings, `cues_en` whole words or phrases, lower case. `group` sets classes of one axis apart
    (`ethics`, `safety`).
    """

    key: str
    zh: str
    en: str
    about_zh: str = ""
    about_en: str = ""
    group: str = ""
    cues_zh: tuple[str, ...] = ()
    cues_en: tuple[str, ...] = ()

    def check(self) -> None:
        if not self.key or not self.zh.strip() or not self.en.strip():
            self.refuse(f"category {self.key!r}", "has no key or lacks a name", "give it a key and a name in zh and en")

    def name(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Taxonomy(Record, frozen=True):
    """The axes that norms and situations are sorted by; every axis has its own unique keys.

    `scenes` are settings of care, `dimensions` what a benchmark is balanced over, `principles` those of CARES (arXiv 2505.11413);
    `styles` and `harms` name the attack styles and the harm levels 0–3. `source` says whose it is.
    """

    key: str
    zh: str
    en: str
    source: str
    made: Origin
    scenes: tuple[Category, ...]
    dimensions: tuple[Category, ...]
    principles: tuple[Category, ...] = ()
    styles: tuple[Category, ...] = ()
    harms: tuple[Category, ...] = ()

    def check(self) -> None:
        for axis in ("scenes", "dimensions", "principles", "styles", "harms"):
            keys = [category.key for category in getattr(self, axis)]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            if twice:
                self.refuse(f"{axis} {twice}", "stand twice in the taxonomy", "give every class a key of its own")
        if not self.dimensions:
            self.refuse(f"taxonomy {self.key!r}", "has no dimensions", "name at least one")

    def named(self, key: str, language: Language) -> str:
        """What the class `key` of any axis is called; the key itself where no axis has it."""
        for axis in (self.dimensions, self.scenes, self.principles, self.styles, self.harms):
            for category in axis:
                if category.key == key:
                    return category.name(language)
        return key
