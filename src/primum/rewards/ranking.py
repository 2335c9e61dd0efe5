"""Answers to one query in order: safety first, then proficiency, then excellence; a partial order where abstentions hide something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from primum.grading import Grade, is_surely_better
from primum.records import Judgement, Response, Verdict

__all__ = ["Graded", "Placed", "rank"]


class Graded(NamedTuple):
    """An answer with what one judge said of it and what that comes to."""

    response: Response
    judgement: Judgement
    verdicts: tuple[Verdict, ...]
    grade: Grade


class Placed(NamedTuple):
    """An answer in its place: how many of the others it surely beats, and how many surely beat it."""

    graded: Graded
    beats: int
    beaten_by: int


def rank(graded: Sequence[Graded]) -> list[Placed]:
    """The answers, the best first. Where neither of two is surely better, the one with the better worst case comes first, then the id."""
    placed = [
        Placed(
            one,
            sum(is_surely_better(one.grade, other.grade) for other in graded),
            sum(is_surely_better(other.grade, one.grade) for other in graded),
        )
        for one in graded
    ]
    return sorted(placed, key=_place)


def _place(one: Placed) -> tuple[int, float, float, float, str]:
    found = one.graded.grade
    return (
        one.beaten_by - one.beats,
        found.vetoes.high,
        -found.proficiency.low,
        -found.excellence.low,
        one.graded.response.id,
    )
