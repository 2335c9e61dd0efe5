"""Examining in a loop: a policy's answers to items, read by two judges under the six questions of MedES, and its choices by their key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from primum import rubrics
from primum.cycles.answering import Answerer, assess
from primum.cycles.steps import Steps
from primum.evaluation import Judged
from primum.evaluation.medes_table import KeyedItem, MedesAnswers, RuledItem
from primum.evaluation.metrics import METRICS, cluster_of
from primum.evaluation.ruled import Ruled
from primum.evaluation.suites.medes import ruling_of
from primum.judging import ChoiceJudge
from primum.judging.engine import Engine
from primum.judging.medes.questions import criteria, ruling
from primum.ports import Case, Judge, Progress
from primum.records import Norm, PolicyRef, Response, Scenario

__all__ = ["Examined", "JudgeName", "LoopExaminer"]

JudgeName = Literal["guardian", "second"]

Answered = tuple[Scenario, Response]


class Examined(NamedTuple):
    """The open answers as each judge ruled them, in one order, and the choice questions by their key."""

    guardian: list[Ruled]
    second: list[Ruled]
    choices: list[Judged]

    def of(self, judge: JudgeName) -> list[Ruled]:
        return self.guardian if judge == "guardian" else self.second

    def answers(self, judge: JudgeName) -> MedesAnswers:
        """What the table of the paper is made from, by one judge; the choice questions are the same under both."""
        ruled = [
            RuledItem(
                one.scenario.id, one.scenario.scene, cluster_of(one.scenario), ruling_of(one.scenario.id, one.answers)
            )
            for one in self.of(judge)
        ]
        return MedesAnswers(ruled, [_keyed_item(one) for one in self.choices])


class LoopExaminer:
    """Puts items to policies; the guardian and the second judge read what comes back."""

    def __init__(
        self, steps: Steps, guardian: Judge, second: Judge, answerer: Answerer, norms: Mapping[str, Norm]
    ) -> None:
        self._steps, self._answerer, self._norms = steps, answerer, norms
        self._guardian, self._second = Engine(guardian), Engine(second)
        self._choices = Engine(ChoiceJudge())
        self.judges = (guardian.ref, second.ref)

    def examine(self, ref: PolicyRef, scenarios: Sequence[Scenario], progress: Progress) -> Examined:
        """Every item answered once and read by both judges."""
        answered = self.answers(ref, scenarios, progress)
        opened = [(one, answer) for one, answer in answered if one.task == "open"]
        keyed = [(one, answer) for one, answer in answered if one.task != "open"]
        return Examined(self.by_guardian(opened), self.by_second(opened), self._keyed(keyed))

    def answers(self, ref: PolicyRef, scenarios: Sequence[Scenario], progress: Progress) -> list[Answered]:
        """The policy's answers, in the order of `Answerer.parts`."""
        answered: list[Answered] = []
        for part, responses in self._answerer.parts(ref, scenarios):
            answered += zip(part, responses, strict=True)
            progress(len(answered), len(scenarios))
        return answered

    def by_guardian(self, answered: Sequence[Answered]) -> list[Ruled]:
        return self._ruled(self._guardian, answered)

    def by_second(self, answered: Sequence[Answered]) -> list[Ruled]:
        return self._ruled(self._second, answered)

    def _ruled(self, engine: Engine, answered: Sequence[Answered]) -> list[Ruled]:
        cases = [Case(one, answer, criteria(one.language)) for one, answer in answered]
        return [
            Ruled(case.scenario, case.response, said.judgement, said.verdicts, ruling(said))
            for case, said in zip(cases, assess(self._steps, engine, cases), strict=True)
        ]

    def _keyed(self, answered: Sequence[Answered]) -> list[Judged]:
        drafted = [rubrics.draft(one, self._norms) for one, _ in answered]
        with self._steps.workspace.store.writing() as writer:
            writer.put([record for one in drafted for record in (*one.criteria, one.rubric)])
        cases = [Case(one, answer, own.criteria) for (one, answer), own in zip(answered, drafted, strict=True)]
        return [
            Judged(case.scenario, case.response, said.judgement, said.verdicts)
            for case, said in zip(cases, assess(self._steps, self._choices, cases), strict=True)
        ]


_ACCURACY = next(metric for metric in METRICS if metric.name == "choice_accuracy")


def _keyed_item(row: Judged) -> KeyedItem:
    value = _ACCURACY.value(row)
    is_right = None if value is None else value == 1.0
    return KeyedItem(row.scenario.id, row.scenario.scene, cluster_of(row.scenario), is_right)
