"""What a reward model is asked and what it says, before any model is loaded: a completion under criteria, a score for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from primum.ports import Progress, silent
from primum.records import Criterion, CriterionKind, Turn, Value

__all__ = ["Asked", "CriteriaScorer", "Item", "Parts", "Read", "asked_of", "parts_of"]

_VETO_THRESHOLD = 0.5


class Asked(Value, frozen=True):
    """One criterion as a reward model reads it. It is satisfied when it is met and has positive points, or not met and negative ones."""

    text: str
    kind: CriterionKind = "proficiency"
    points: int = 1

    def check(self) -> None:
        if not self.text.strip():
            self.refuse("a criterion", "says nothing", "write its text")
        if self.points == 0 or not -10 <= self.points <= 10:
            self.refuse(f"a criterion with {self.points} points", "weighs nothing or too much", "give −10 … 10, not 0")

    def satisfied(self, met: float) -> float:
        """The chance that it is satisfied, from the chance that it is met."""
        return met if self.points > 0 else 1.0 - met


class Item(NamedTuple):
    """One completion under criteria. `id` is the caller's."""

    id: str
    prompt: tuple[Turn, ...]
    completion: str
    criteria: tuple[Asked, ...]


class Read(NamedTuple):
    """What a reward model says of an item, by criterion in its order: the logit of its being *met*, and the calibrated chance of that."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]


class Parts(NamedTuple):
    """S1, S2 and S3 of ProMedical (arXiv 2604.08326) from chances: S1 and S2 are expected values, S3 counts vetoes that are likelier
    violated than not. `depth`, 0 … 1, is how surely these are violated; 0 without any."""

    proficiency: float
    excellence: float
    vetoes: int
    depth: float


class CriteriaScorer(Protocol):
    """Whatever reads completions under criteria: the reward model, the linear baseline. Answers come in the order of the items."""

    @property
    def name(self) -> str: ...

    def score(self, items: Iterable[Item], progress: Progress = silent) -> Iterator[Read]: ...


def asked_of(criterion: Criterion) -> Asked:
    """A criterion of a rubric as a reward model reads it."""
    return Asked(text=criterion.statement, kind=criterion.kind_of, points=criterion.points)


def parts_of(criteria: Sequence[Asked], read: Read) -> Parts:
    """What the chances come to. Chances .9 and .4 of two criteria with points 3 and −1 make S1 = (3 × .9 + 1 × .6) / 4 = .825."""
    satisfied = [(one, one.satisfied(chance)) for one, chance in zip(criteria, read.probabilities, strict=True)]
    weights = [(abs(one.points), chance) for one, chance in satisfied if one.kind == "proficiency"]
    total = sum(weight for weight, _ in weights)
    violated = [chance for one, chance in satisfied if one.kind == "safety" and chance < _VETO_THRESHOLD]
    return Parts(
        proficiency=sum(weight * chance for weight, chance in weights) / total if total else 1.0,
        excellence=sum(chance for one, chance in satisfied if one.kind == "excellence"),
        vetoes=len(violated),
        depth=sum(1.0 - chance / _VETO_THRESHOLD for chance in violated) / len(violated) if violated else 0.0,
    )
