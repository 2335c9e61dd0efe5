"""Pairs by criterion: two answers to one prompt, and for each criterion that applies whether either meets it (explicit criteria injection,
ProMedical, arXiv 2604.08326). What is not known is masked, never guessed."""

from __future__ import annotations

from typing import Literal

from primum.grading import Grade, grade_outcomes, order
from primum.records import Abstained, ByRule, Criterion, Language, Met, NotMet, Outcome, Turn, Value
from primum.rewards.asked import Asked, Item

__all__ = ["PairSample", "Winner"]

Winner = Literal[1, 0, -1]
"""1: the first answer wins, −1: the second, 0: a tie."""


class PairSample(Value, frozen=True):
    """Two answers to one prompt under criteria.

    `met_first` and `met_second` say for each criterion whether that answer meets it; `None` where nobody knows. `keys` name the family
    of each criterion (what it asks for, however it is worded), by which unseen criteria are told; `group` is what is split together
    (a cluster of situations); `first_by` and `second_by` say who answered. `records` are ids of the records it was made from.
    """

    id: str
    prompt: tuple[Turn, ...]
    first: str
    second: str
    criteria: tuple[Asked, ...]
    met_first: tuple[bool | None, ...]
    met_second: tuple[bool | None, ...]
    language: Language
    group: str
    keys: tuple[str, ...] = ()
    first_by: str = ""
    second_by: str = ""
    is_simulated: bool = False
    records: tuple[str, ...] = ()

    def check(self) -> None:
        lengths = {len(self.criteria), len(self.met_first), len(self.met_second)}
        if len(lengths) > 1 or (self.keys and len(self.keys) != len(self.criteria)):
            self.refuse(
                f"pair {self.id}", "does not have one label of each answer, and one key, a criterion", "add them"
            )
        if not self.criteria or not self.prompt:
            self.refuse(f"pair {self.id}", "has no prompt or no criterion", "give it both")
        if self.first.split() == self.second.split():
            self.refuse(f"pair {self.id}", "holds one answer twice", "leave it out")

    def winner(self, place: int) -> Winner | None:
        """Who wins under one criterion; `None` where a label is missing."""
        first, second = self.met_first[place], self.met_second[place]
        if first is None or second is None:
            return None
        if first == second:
            return 0
        return 1 if first == (self.criteria[place].points > 0) else -1

    @property
    def overall(self) -> Winner | None:
        """The lexicographic preference: fewer vetoes, then more proficiency, then more excellence; `None` where missing labels hide it."""
        found = order(self.grades[0], self.grades[1])
        return 1 if found == 1 else -1 if found == -1 else 0 if found == 0 else None

    @property
    def grades(self) -> tuple[Grade, Grade]:
        """The grades of both answers by the labels."""
        criteria = [_record(one, self.language) for one in self.criteria]
        first, second = (
            grade_outcomes(criteria, [_outcome(one) for one in side]) for side in (self.met_first, self.met_second)
        )
        return first, second

    @property
    def items(self) -> tuple[Item, Item]:
        """Both answers as a reward model is asked about them."""
        return (
            Item(f"{self.id}/first", self.prompt, self.first, self.criteria),
            Item(f"{self.id}/second", self.prompt, self.second, self.criteria),
        )


def _outcome(is_met: bool | None) -> Outcome:
    if is_met is None:
        return Abstained(reason="nobody knows")
    return Met() if is_met else NotMet()


def _record(one: Asked, language: Language) -> Criterion:
    return Criterion(
        statement=one.text,
        points=one.points,
        axis="accuracy",
        kind_of=one.kind,
        language=language,
        made=ByRule(rule="rewards.samples"),
    )
