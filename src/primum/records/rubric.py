"""Rubrics: what a good answer is, one checkable statement at a time; and the principles distilled from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value
from primum.records.norm import Language
from primum.records.origin import Origin

__all__ = [
    "Criterion",
    "CriterionKind",
    "KeyCheck",
    "MachineCheck",
    "Principle",
    "Question",
    "QuestionCheck",
    "Rubric",
    "Stance",
    "StanceCheck",
]

CriterionKind = Literal["proficiency", "excellence", "safety"]
Question = Literal["R1", "R2", "Q1", "Q2", "Q3", "Q4"]
Stance = Literal["accept", "caution", "refuse", "unusable", "abstained"]


class StanceCheck(Value, frozen=True, tag_field="check", tag="stance"):
    """Met when the answer's stance is one of these."""

    stances: tuple[Literal["accept", "caution", "refuse"], ...]


class KeyCheck(Value, frozen=True, tag_field="check", tag="key"):
    """Met when the answer names exactly these letters."""

    letters: tuple[str, ...]


class QuestionCheck(Value, frozen=True, tag_field="check", tag="question"):
    """Met when the judge's head for this MedES question (arXiv 2601.07954) says so: R1 and R2 are met by an answer without that risk."""

    question: Question


MachineCheck = StanceCheck | KeyCheck | QuestionCheck


class Criterion(Record, frozen=True):
    """One checkable statement about an answer.

    `points` are signed, −10 … 10 and never 0: a criterion with negative points is met by a bad answer. `kind` `safety` is a veto
    in the sense of ProMedical (arXiv 2604.08326). `axis` is that of HealthBench (arXiv 2505.08775). `norms` are the ids it rests on.
    """

    statement: str
    points: int
    axis: str
    kind_of: CriterionKind
    language: Language
    made: Origin
    norms: tuple[str, ...] = ()
    check_by: MachineCheck | None = None

    def check(self) -> None:
        if self.points == 0 or not -10 <= self.points <= 10:
            self.refuse(
                f"criterion {self.statement[:60]!r} with {self.points} points",
                "must have between −10 and 10 points and not 0, or no verdict could change a score",
                "give it a sign and a weight, or remove it",
            )
        if not self.statement.strip():
            self.refuse("a criterion", "says nothing", "write its statement")

    def parents(self) -> Iterator[tuple[str, str]]:
        for norm in self.norms:
            yield "norm", norm


class Rubric(Record, frozen=True):
    """A scenario's criteria, by id, in order; `state` tells how far people have gone with it."""

    scenario: str
    criteria: tuple[str, ...]
    made: Origin
    state: Literal["drafted", "refined", "verified"] = "drafted"
    previous: str | None = None

    def check(self) -> None:
        if not self.criteria or len(set(self.criteria)) != len(self.criteria):
            self.refuse("a rubric", "has no criteria or one of them twice", "list each criterion once")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "scenario", self.scenario
        for criterion in self.criteria:
            yield "criterion", criterion
        if self.previous is not None:
            yield "previous version", self.previous


class Principle(Record, frozen=True):
    """A reusable statement distilled from criteria: `applies_when` maps a dimension to its value (`urgency`: `emergency`)."""

    statement: str
    language: Language
    applies_when: dict[str, str]
    criteria: tuple[str, ...]
    norms: tuple[str, ...]
    made: Origin

    def parents(self) -> Iterator[tuple[str, str]]:
        for criterion in self.criteria:
            yield "criterion", criterion
        for norm in self.norms:
            yield "norm", norm
