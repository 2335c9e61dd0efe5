"""Guided revision with a writer and a judge of known ability: what it gains, what it seems to gain, and whether it breaks its word.

    python benchmarks/revision.py [--cases 200] [--rounds 3]

Nothing here is real: answers list the criteria they satisfy, the writer mends what failed with probability `skill` and breaks what was good
with probability `harm`, the judge abstains and errs with known chances. Each cell of the grid revises the same first answers. Counted as
violations (there must be none): an answer returned that is neither the first nor, at its worst, above the first at its best by the judge's
own bounds; one that at its worst violates a veto the first did not surely violate; a call beyond the budget; a round beyond the bound; a
draft that is not recorded; a second run that differs. Gains are of proficiency (share of its points) by round, paired, with 95 % intervals:
as the judge saw them, and in truth. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from collections.abc import Sequence
from typing import Any

from primum.ports import Assessment, Case, Progress, silent
from primum.records import ByRule, Criterion, CriterionKind, Response, Rubric, Scenario, Turn
from primum.revision.guided import (
    Critiqued,
    Revised,
    RevisionCase,
    RevisionSettings,
    SimulatedJudge,
    SimulatedWriter,
    Written,
    gain_report,
    revise,
    simulated_text,
)

SKILLS, HARMS, ABSTAINS, ERRORS = (0.2, 0.5, 0.9), (0.0, 0.1, 0.3), (0.0, 0.1, 0.3), (0.0, 0.1)
KINDS: tuple[tuple[CriterionKind, int], ...] = (
    ("safety", 9),
    ("safety", -8),
    ("proficiency", 7),
    ("proficiency", 5),
    ("proficiency", 4),
    ("proficiency", -4),
    ("excellence", 3),
    ("excellence", 2),
)
MADE = ByRule(rule="benchmarks.revision")


def first_answers(count: int, seed: int) -> list[RevisionCase]:
    """Situations with a rubric of eight criteria each; a first answer satisfies each with probability 0.5, a veto with 0.8."""
    draws = random.Random(seed)
    cases: list[RevisionCase] = []
    for number in range(count):
        scenario = Scenario(
            messages=(Turn(role="user", content=f"Simulated question {number}"),),
            task="open",
            dimension="simulated",
            language="en",
            dataset="benchmarks.revision",
            made=MADE,
        )
        criteria = tuple(
            Criterion(
                statement=f"Criterion {place} of question {number}",
                points=points,
                axis="accuracy",
                kind_of=kind,
                language="en",
                made=MADE,
            )
            for place, (kind, points) in enumerate(KINDS)
        )
        satisfied = [one.id for one in criteria if draws.random() < (0.8 if one.kind_of == "safety" else 0.5)]
        first = Response(scenario=scenario.id, text=simulated_text(satisfied), made=MADE)
        rubric = Rubric(scenario=scenario.id, criteria=tuple(one.id for one in criteria), made=MADE)
        cases.append(RevisionCase(scenario, first, rubric, criteria))
    return cases


class Counting:
    """Passes on to a judge and a writer, and counts what they are asked."""

    def __init__(self, judge: SimulatedJudge, writer: SimulatedWriter) -> None:
        self._judge, self._writer, self.ref, self.calls = judge, writer, judge.ref, 0
        self.name, self.made, self.policy = writer.name, writer.made, writer.policy
        self.judged: set[str] = set()

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        self.calls += len(cases)
        self.judged |= {case.response.id for case in cases}
        return self._judge.judge(cases, progress)

    def write(self, critiqued: Sequence[Critiqued]) -> list[Written | str]:
        self.calls += len(critiqued)
        return self._writer.write(critiqued)


def violations(found: Sequence[Revised], counting: Counting, settings: RevisionSettings) -> dict[str, int]:
    """How often each promise was broken."""
    broken = dict.fromkeys(("worse", "veto", "budget", "rounds", "unrecorded"), 0)
    recorded = {draft.response for one in found for draft in one.revision.drafts}
    broken["unrecorded"] = len(counting.judged - recorded)
    broken["budget"] = int(settings.budget_calls is not None and counting.calls > settings.budget_calls)
    for one in found:
        place = [draft.response for draft in one.revision.drafts].index(one.revision.chosen)
        first, last = one.grades[0], one.grades[place]
        broken["rounds"] += max(draft.round for draft in one.revision.drafts) > settings.rounds
        if not place:
            continue
        worst = (-last.vetoes.high, last.proficiency.low, last.excellence.low)
        best = (-first.vetoes.low, first.proficiency.high, first.excellence.high)
        broken["worse"] += worst <= best
        vetoes = {each.id for each in one.case.criteria if each.kind_of == "safety"}
        broken["veto"] += bool(vetoes & {*last.failed, *last.open} - set(first.failed))
    return broken


def cell(cases: Sequence[RevisionCase], ability: tuple[float, float, float, float], rounds: int) -> dict[str, Any]:
    """One cell of the grid: unbounded, and once more with half the calls that took."""
    skill, harm, abstains, error = ability
    settings = RevisionSettings(rounds=rounds, patience=2)
    counting = Counting(SimulatedJudge(error, abstains, seed=1), SimulatedWriter(skill, harm, seed=2))
    found = revise(cases, counting, counting, settings)
    broken = violations(found, counting, settings)
    again = revise(cases, SimulatedJudge(error, abstains, seed=1), SimulatedWriter(skill, harm, seed=2), settings)
    broken["differs"] = int([one.revision.id for one in again] != [one.revision.id for one in found])
    half = RevisionSettings(rounds=rounds, patience=2, budget_calls=max(len(cases), counting.calls // 2))
    bounded = Counting(SimulatedJudge(error, abstains, seed=1), SimulatedWriter(skill, harm, seed=2))
    cut = revise(cases, bounded, bounded, half)
    for name, count in violations(cut, bounded, half).items():
        broken[name] += count
    truth = SimulatedJudge()
    answers = [(one, response) for one in found for response in one.responses]
    said = truth.judge([Case(one.case.scenario, response, one.case.criteria) for one, response in answers])
    report = gain_report(found, {response.id: one for (_, response), one in zip(answers, said, strict=True)}, shown=0)
    return {
        "skill": skill,
        "harm": harm,
        "abstains": abstains,
        "error": error,
        "changed": report["changed"]["value"],
        "judged_gain": [_gain(one["judge"]) for one in report["rounds"][1:]],
        "true_gain": [_gain(one["second"]) for one in report["rounds"][1:]],
        "true_veto_change": [_gain(one["second"], "vetoes") for one in report["rounds"][-1:]],
        "true_harm": report["changes"]["second"]["all"]["harmed"],
        "drafts_harm": report["changes"]["drafts"]["all"]["harmed"],
        "ended": report["ended"],
        "calls_per_answer": counting.calls / len(cases),
        "violations": broken,
    }


def _gain(parts: dict[str, Any], part: str = "proficiency") -> list[float] | None:
    found = parts[part]["gain"]
    return None if found is None else [round(found[name], 3) for name in ("value", "low", "high")]


def told(gain: list[float] | None) -> str:
    """`+0.21 [+0.18, +0.25]`."""
    return "–" if gain is None else f"{gain[0]:+.2f} [{gain[1]:+.2f}, {gain[2]:+.2f}]"


def main(count: int, rounds: int) -> dict[str, Any]:
    """The whole grid."""
    cases = first_answers(count, seed=20261121)
    began = time.monotonic()
    cells = [cell(cases, ability, rounds) for ability in itertools.product(SKILLS, HARMS, ABSTAINS, ERRORS)]
    print(
        f"{'skill':>5} {'harm':>5} {'abst.':>5} {'error':>5}  {'judged gain, last round':24} {'true gain, last round':24} "
        f"{'calls':>5}  changed"
    )
    for one in cells:
        print(
            f"{one['skill']:5.1f} {one['harm']:5.1f} {one['abstains']:5.1f} {one['error']:5.1f}  {told(one['judged_gain'][-1]):24} "
            f"{told(one['true_gain'][-1]):24} {one['calls_per_answer']:5.1f}  {one['changed']:.0%}"
        )
    total: dict[str, int] = {}
    for one in cells:
        for name, number in one["violations"].items():
            total[name] = total.get(name, 0) + number
    print(f"violations: {total}")
    return {
        "benchmark": "revision",
        "cases": count,
        "rounds": rounds,
        "cells": cells,
        "revisions": 3 * count * len(cells),
        "violations": sum(total.values()),
        "violations_by": total,
        "seconds": round(time.monotonic() - began, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(json.dumps(main(given.cases, given.rounds)))
