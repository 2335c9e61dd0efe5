"""A writer and a judge of known ability, for measuring: their answers carry the truth. Everything here is simulated and says so.

A simulated answer lists the criteria it satisfies, by id; the judge reads that list and errs and abstains with known chances. What such a
revision gains by that judge can therefore be set against what it gains in truth.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from typing import Final

from primum.ports import Assessment, Case, Progress, silent
from primum.records import (
    Abstained,
    BySimulation,
    Cost,
    Criterion,
    Judgement,
    JudgeRef,
    Met,
    NotMet,
    Outcome,
    Verdict,
    content_hash,
)
from primum.revision.guided.contract import Critiqued, Written

__all__ = ["SimulatedJudge", "SimulatedWriter", "satisfied_in", "simulated_text"]

_CRITERION: Final = re.compile(r"criterion-[0-9a-f]{20}")


def simulated_text(satisfied: Iterable[str]) -> str:
    """An answer that satisfies exactly the criteria with these ids."""
    return f"simulated answer, satisfies: {' '.join(sorted(set(satisfied))) or 'nothing'}"


def satisfied_in(text: str) -> frozenset[str]:
    """The ids of the criteria that a simulated answer satisfies."""
    return frozenset(_CRITERION.findall(text))


class SimulatedWriter:
    """Mends each criterion it is told failed with probability `skill`, and breaks each it is told to keep with probability `harm`.

    Criteria that the judge left open stay as they are. The draws hang on the seed, the situation, the round and the answer alone.
    """

    def __init__(self, skill: float, harm: float, seed: int = 0, cost: Cost | None = None) -> None:
        self._skill, self._harm, self._seed, self._cost = skill, harm, seed, cost or Cost()

    @property
    def name(self) -> str:
        return f"simulated writer (skill {self._skill:g}, harm {self._harm:g})"

    @property
    def made(self) -> BySimulation:
        return BySimulation(generator="revision.scripted", seed=self._seed)

    @property
    def policy(self) -> str | None:
        return None

    def write(self, critiqued: Sequence[Critiqued]) -> list[Written | str]:
        return [self._written(one) for one in critiqued]

    def _written(self, one: Critiqued) -> Written | str:
        draws = random.Random(f"{self._seed}|{one.scenario.id}|{one.round}|{one.answer.id}")
        found = set(satisfied_in(one.answer.text))
        for failed in one.failed:
            if draws.random() < self._skill:
                found.add(failed.criterion.id)
        for kept in one.satisfied:
            if draws.random() < self._harm:
                found.discard(kept.id)
        text = simulated_text(found)
        return Written(text, self._cost, "it changed nothing" if text == one.answer.text else "")


class SimulatedJudge:
    """Reads simulated answers; it takes a verdict for its opposite with probability `error` and abstains with probability `abstains`.

    Equal cases get equal verdicts: the draws hang on the seed, the situation, the answer's text and the criterion. `tokens` is what a
    verdict costs.
    """

    def __init__(self, error: float = 0.0, abstains: float = 0.0, seed: int = 0, tokens: int = 0) -> None:
        self._error, self._abstains, self._seed, self._tokens = error, abstains, seed, tokens
        self.ref = JudgeRef(
            name=f"simulated judge (error {error:g}, abstains {abstains:g})",
            kind_of="simulated",
            fingerprint=content_hash(["revision.scripted", error, abstains, seed, tokens]),
            made=BySimulation(generator="revision.scripted", seed=seed),
        )

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        found = [self._assessed(case) for case in cases]
        progress(len(cases), len(cases))
        return found

    def _assessed(self, case: Case) -> Assessment:
        satisfied = satisfied_in(case.response.text)
        verdicts = tuple(
            Verdict(
                response=case.response.id,
                criterion=one.id,
                judge=self.ref.id,
                outcome=self._outcome(one, one.id in satisfied, f"{case.scenario.id}|{case.response.text}"),
                explanation="read in the simulated answer",
                cost=Cost(prompt_tokens=self._tokens),
            )
            for one in case.criteria
        )
        judgement = Judgement(
            response=case.response.id,
            judge=self.ref.id,
            stance="abstained",
            verdicts=tuple(one.id for one in verdicts),
            reason="a simulated answer has no stance",
        )
        return Assessment(judgement, verdicts)

    def _outcome(self, criterion: Criterion, is_satisfied: bool, told: str) -> Outcome:
        draws = random.Random(f"{self._seed}|{criterion.id}|{told}")
        abstains, errs = draws.random() < self._abstains, draws.random() < self._error
        if abstains:
            return Abstained(reason="the simulated judge abstains")
        return Met() if (is_satisfied != errs) == (criterion.points > 0) else NotMet()
