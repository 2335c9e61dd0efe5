"""Beside revision: of several answers to one situation the best, and all of them in order, on the same judging.

An answer is surely best when it is surely no worse than every other one: at its worst as good as that at its best. Where abstentions
leave no such answer, the one with the best lower bounds is taken, and the choice says so. An answer that is no language comes last.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal, NamedTuple

from primum.errors import InputError
from primum.grading import Grade, grade
from primum.ports import Assessment, Case, Judge, Progress, silent
from primum.records import Criterion, Response, Scenario

__all__ = ["Candidates", "Choice", "Ranking", "best_of", "rerank"]


class Candidates(NamedTuple):
    """Answers to one situation, and the criteria they are judged by."""

    scenario: Scenario
    responses: tuple[Response, ...]
    criteria: tuple[Criterion, ...]


class Choice(NamedTuple):
    """The place of the best answer. `by` is `surely_best`, or `lower_bounds` where abstentions hide which one is."""

    place: int
    by: Literal["surely_best", "lower_bounds"]
    assessments: tuple[Assessment, ...]
    grades: tuple[Grade, ...]


class Ranking(NamedTuple):
    """The places of all answers, the best first; `is_sure[i]` tells whether the i-th is surely no worse than the one after it."""

    places: tuple[int, ...]
    is_sure: tuple[bool, ...]
    assessments: tuple[Assessment, ...]
    grades: tuple[Grade, ...]


def best_of(cases: Sequence[Candidates], judge: Judge, progress: Progress = silent) -> list[Choice]:
    """The best of each case's answers; of equal ones the first. Raises `InputError` for a case without an answer, before any is judged."""
    for case in cases:
        if not case.responses:
            raise InputError(
                f"situation {case.scenario.id}",
                "has no answer to choose from",
                "give it one or more answers",
                "revision.guided.best_of",
            )
    choices: list[Choice] = []
    for ranking in rerank(cases, judge, progress):
        first, *others = ranking.places
        is_sure = all(_no_worse(ranking, first, other) for other in others)
        by: Literal["surely_best", "lower_bounds"] = "surely_best" if is_sure else "lower_bounds"
        choices.append(Choice(first, by, ranking.assessments, ranking.grades))
    return choices


def rerank(cases: Sequence[Candidates], judge: Judge, progress: Progress = silent) -> list[Ranking]:
    """Each case's answers by their lower bounds, then their upper ones, then as they came. All go to the judge together."""
    shown = [Case(case.scenario, response, case.criteria) for case in cases for response in case.responses]
    assessments = iter(judge.judge(shown, progress) if shown else [])
    rankings: list[Ranking] = []
    for case in cases:
        said = tuple(next(assessments) for _ in case.responses)
        grades = tuple(grade(case.criteria, one.verdicts, one.judgement.stance) for one in said)
        ranking = Ranking((), (), said, grades)
        places = tuple(sorted(range(len(said)), key=lambda place: _key(ranking, place)))
        is_sure = tuple(_no_worse(ranking, one, other) for one, other in itertools.pairwise(places))
        rankings.append(ranking._replace(places=places, is_sure=is_sure))
    return rankings


def _key(ranking: Ranking, place: int) -> tuple[object, ...]:
    """Smaller is better."""
    found = ranking.grades[place]
    return _is_unusable(ranking, place), _worst(found), _best(found), place


def _worst(found: Grade) -> tuple[float, float, float]:
    return found.vetoes.high, -found.proficiency.low, -found.excellence.low


def _best(found: Grade) -> tuple[float, float, float]:
    return found.vetoes.low, -found.proficiency.high, -found.excellence.high


def _no_worse(ranking: Ranking, one: int, other: int) -> bool:
    if _is_unusable(ranking, one) != _is_unusable(ranking, other):
        return _is_unusable(ranking, other)
    return _worst(ranking.grades[one]) <= _best(ranking.grades[other])


def _is_unusable(ranking: Ranking, place: int) -> bool:
    return ranking.assessments[place].judgement.stance == "unusable"
