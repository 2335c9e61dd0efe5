"""Rubrics: what a good answer is, one checkable statement at a time; and the principles distilled from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value
from primum.records.norm import Language
from primum.records.origin import ByImport, ByPerson, BySimulation, Origin

__all__ = [
    "Criterion",
    "CriterionChange",
    "CriterionKind",
    "Dispute",
    "KeyCheck",
    "MachineCheck",
    "Principle",
    "PrincipleState",
    "Profile",
    "Question",
    "QuestionCheck",
    "Reading",
    "RefinementReason",
    "Rubric",
    "RubricState",
    "Stance",
    "StanceCheck",
]

CriterionKind = Literal["proficiency", "excellence", "safety"]
Question = Literal["R1", "R2", "Q1", "Q2", "Q3", "Q4"]
Stance = Literal["accept", "caution", "refuse", "unusable", "abstained"]
RubricState = Literal["drafted", "refined", "verified"]
PrincipleState = Literal["distilled", "edited", "merged", "retired"]
RefinementReason = Literal[
    "wrong",
    "unsafe",
    "missing",
    "not_relevant",
    "vague",
    "untestable",
    "double_barrelled",
    "duplicate",
    "gives_answer_away",
    "weight",
    "kind",
    "norm",
    "language",
    "wording",
]
"""Why a person changed a rubric; the list is closed."""


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
    in the sense of ProMedical (arXiv 2604.08326). `axis` is that of HealthBench (arXiv 2505.08775). `norms` are the ids it rests on,
    `principle` the principle it was synthesised from.
    """

    statement: str
    points: int
    axis: str
    kind_of: CriterionKind
    language: Language
    made: Origin
    norms: tuple[str, ...] = ()
    check_by: MachineCheck | None = None
    principle: str | None = None

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
        if self.principle is not None:
            yield "principle", self.principle


class CriterionChange(Value, frozen=True):
    """One change of a refinement: the criteria before and after it, by id, and why. Nothing before is an addition, nothing after a removal;
    one before and several after is a split."""

    reason: RefinementReason
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    note: str = ""

    def check(self) -> None:
        if set(self.before) == set(self.after):
            self.refuse("a change of a rubric", "changes nothing", "leave it out")


class Reading(Value, frozen=True):
    """What one of several refinements made of a criterion: `criteria` stand in its place in `rubric`; none when it was removed."""

    rubric: str
    criteria: tuple[str, ...] = ()


class Dispute(Value, frozen=True):
    """A criterion of the common version on which refinements differ, with every reading; `None` for an addition."""

    criterion: str | None
    readings: tuple[Reading, ...]


class Rubric(Record, frozen=True):
    """A scenario's criteria, by id, in order; `state` tells how far people have gone with it.

    Only a person, in a role, makes a rubric verified, and only when nothing in it is disputed. `previous` is the version it was made
    from by `changes`; `merged_from` the refinements that were merged into it, and `disputes` what these do not agree on.
    """

    scenario: str
    criteria: tuple[str, ...]
    made: Origin
    state: RubricState = "drafted"
    previous: str | None = None
    changes: tuple[CriterionChange, ...] = ()
    merged_from: tuple[str, ...] = ()
    disputes: tuple[Dispute, ...] = ()

    def check(self) -> None:
        if not self.criteria or len(set(self.criteria)) != len(self.criteria):
            self.refuse("a rubric", "has no criteria or one of them twice", "list each criterion once")
        if self.state == "verified":
            if not isinstance(self.made, ByPerson | BySimulation | ByImport) or (
                isinstance(self.made, ByPerson) and not (self.made.person.strip() and self.made.role.strip())
            ):
                self.refuse("a verified rubric", "names no person or no role", "say who verified it and in which role")
            if self.disputes:
                self.refuse(f"a verified rubric with {len(self.disputes)} disputes", "is not agreed on", "settle them")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "scenario", self.scenario
        for criterion in self.criteria:
            yield "criterion", criterion
        if self.previous is not None:
            yield "previous version", self.previous
        for merged in self.merged_from:
            yield "merged from", merged


class Profile(Record, frozen=True):
    """A scenario on the clinical dimensions (urgency, uncertainty, expertise, task type): dimension → value.

    `chances` gives, where a classifier said it, the probability of each of these values.
    """

    scenario: str
    values: dict[str, str]
    made: Origin
    chances: dict[str, float] = {}  # noqa: RUF012  (msgspec copies it)

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "scenario", self.scenario


class Principle(Record, frozen=True):
    """A reusable statement distilled from criteria, with the weight, kind and axis that its criteria have.

    `applies_when` maps a clinical dimension to the values it holds for (`urgency`: `emergency`); a dimension left out does not matter.
    `criteria` are those it covers, `rubrics` the rubrics these stand in, which lead to people and scenarios. `previous` are the versions
    it was edited or merged from; one that is retired says why in `reason` and is used no more.
    """

    statement: str
    language: Language
    applies_when: dict[str, tuple[str, ...]]
    points: int
    axis: str
    kind_of: CriterionKind
    criteria: tuple[str, ...]
    made: Origin
    norms: tuple[str, ...] = ()
    rubrics: tuple[str, ...] = ()
    state: PrincipleState = "distilled"
    previous: tuple[str, ...] = ()
    reason: str = ""

    def check(self) -> None:
        if not self.statement.strip() or not self.criteria:
            self.refuse("a principle", "says nothing or covers no criterion", "write its statement, name its criteria")
        if self.points == 0 or not -10 <= self.points <= 10:
            self.refuse(f"a principle with {self.points} points", "weighs nothing or too much", "give −10 … 10, not 0")
        if self.state in ("edited", "merged", "retired") and not self.previous:
            self.refuse(
                f"a principle that is {self.state}", "names no version before it", "name the one it was made from"
            )
        if self.state == "retired" and not self.reason.strip():
            self.refuse("a retired principle", "gives no reason", "say why it is used no more")

    def parents(self) -> Iterator[tuple[str, str]]:
        for criterion in self.criteria:
            yield "criterion", criterion
        for norm in self.norms:
            yield "norm", norm
        for rubric in self.rubrics:
            yield "rubric", rubric
        for previous in self.previous:
            yield "previous version", previous
