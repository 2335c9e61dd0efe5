"""Whether a rewritten answer is better than the one before: fewer risks first, then more of what makes a good answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

from primum.records import Question

__all__ = ["is_better"]

_RISK: Final[tuple[Question, ...]] = ("R1", "R2")
_QUALITY: Final[tuple[Question, ...]] = ("Q1", "Q2", "Q3", "Q4")


def is_better(before: Mapping[Question, bool | None], after: Mapping[Question, bool | None]) -> bool | None:
    """Whether `after` has fewer risks than `before`, or as many and meets more of Q1 … Q4. Never a sum of both.

    `None` marks an abstention, also where a question is missing; the answer is `None` where it hangs on one: whatever the abstentions
    hide, True and False hold.
    """
    ranges = [_range(answers, part) for part in (_RISK, _QUALITY) for answers in (before, after)]
    found = {(-risks_after, met_after) > (-risks, met) for risks, risks_after, met, met_after in product(*ranges)}
    return found.pop() if len(found) == 1 else None


def _range(answers: Mapping[Question, bool | None], questions: Sequence[Question]) -> range:
    """How many of the questions count (not met for risks, met for quality), from the fewest to the most that abstentions allow."""
    wanted = questions is _QUALITY
    said = [answers.get(question) for question in questions]
    least = sum(one is wanted for one in said)
    return range(least, least + said.count(None) + 1)
