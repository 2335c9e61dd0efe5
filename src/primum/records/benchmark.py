"""A benchmark that lives: editions of a corpus, the items drawn from one, and what people say of an item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record
from primum.records.origin import ByPerson, Origin

__all__ = ["Benchmark", "Edition", "Review", "ReviewState"]

ReviewState = Literal["verified", "rejected"]


class Edition(Record, frozen=True):
    """A corpus as it stood once: the sources of a body of norms, by id. `previous` is the edition it follows."""

    corpus: str
    sources: tuple[str, ...]
    made: Origin
    previous: str | None = None

    def check(self) -> None:
        if not self.sources:
            self.refuse(f"edition of {self.corpus!r}", "holds no source", "give it the sources of the corpus")

    def parents(self) -> Iterator[tuple[str, str]]:
        for source in self.sources:
            yield "source", source
        if self.previous is not None:
            yield "previous edition", self.previous


class Benchmark(Record, frozen=True):
    """One version of a benchmark: the scenarios that are its items, drawn from one edition of a corpus.

    `Scenario.item` names an item for life: it stays when its article moves and its record is written anew. `retired` are the item
    names that stand no more, because the article they rested on was amended or repealed.
    """

    name: str
    version: int
    edition: str
    taxonomy: str
    items: tuple[str, ...]
    made: Origin
    settings: str = ""
    retired: tuple[str, ...] = ()
    previous: str | None = None

    def check(self) -> None:
        if not self.items:
            self.refuse(f"benchmark {self.name!r}", "has no items", "draft some before it is written")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "edition", self.edition
        yield "taxonomy", self.taxonomy
        for item in self.items:
            yield "item", item
        if self.previous is not None:
            yield "previous version", self.previous


class Review(Record, frozen=True):
    """What a person said of an item (`item` is its name, `scenario` the record they saw). Only a person verifies or rejects."""

    item: str
    scenario: str
    state: ReviewState
    made: ByPerson
    note: str = ""
    at: str = ""

    def check(self) -> None:
        if not self.made.person.strip() or not self.made.role.strip():
            self.refuse("a review", "names no person or no role", "say under which pseudonym and in which role")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "scenario", self.scenario
