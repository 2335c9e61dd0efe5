"""Answering: a policy answers situations and a judge judges them, part by part, each part kept as soon as it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from primum.cycles.recipe import AnsweringChoice
from primum.cycles.steps import Made, Steps
from primum.cycles.workspace import Workspace
from primum.evaluation import Judged
from primum.judging.engine import Engine
from primum.models.local import LocalPolicy
from primum.ports import Assessment, Case, Progress
from primum.records import (
    Criterion,
    Judgement,
    PolicyRef,
    Record,
    Response,
    Rubric,
    Sampling,
    Scenario,
    Verdict,
    content_hash,
)

__all__ = ["Answerer", "Examiner", "Situations", "assess", "draw_for_test", "policy_folder"]


def policy_folder(workspace: Workspace, ref: PolicyRef) -> Path:
    """Where the weights of a policy stand."""
    return workspace.folder / ref.path  # an absolute path stays as it is


def draw_for_test(scenarios: Sequence[Scenario], limit: int | None) -> list[Scenario]:
    """At most `limit` situations of each set, task, language and borderline or not: those whose ids, which are hashes, come first."""
    kept: dict[tuple[str, str, str, bool], list[Scenario]] = {}
    for scenario in sorted(scenarios, key=lambda one: one.id):
        group = kept.setdefault((scenario.dataset, scenario.task, scenario.language, scenario.is_borderline), [])
        if limit is None or len(group) < limit:
            group.append(scenario)
    return [scenario for key in sorted(kept) for scenario in kept[key]]


class Situations:
    """The situations of a run by split, with the criteria of their rubrics, as the bench step stored them."""

    def __init__(self, steps: Steps, outputs: Mapping[str, Any]) -> None:
        self._store = steps.workspace.store
        self._outputs = outputs

    def of(self, split: str) -> list[Scenario]:
        return [one for one in self._store.get_many(self._outputs[split]) if isinstance(one, Scenario)]

    def criteria(self, scenarios: Sequence[Scenario]) -> dict[str, tuple[Criterion, ...]]:
        """The criteria of each situation, by its id."""
        named = [self._outputs["rubrics"][scenario.id] for scenario in scenarios]
        rubrics = [one for one in self._store.get_many(named) if isinstance(one, Rubric)]
        wanted = sorted({criterion for rubric in rubrics for criterion in rubric.criteria})
        known = {one.id: one for one in self._store.get_many(wanted) if isinstance(one, Criterion)}
        return {rubric.scenario: tuple(known[criterion] for criterion in rubric.criteria) for rubric in rubrics}


class _Loaded:
    """A policy that is loaded when it is first asked: a run that goes on may have nothing left to answer."""

    def __init__(self, folder: Path, ref: PolicyRef, threads: int) -> None:
        self._folder, self._ref, self._threads = folder, ref, threads

    @cached_property
    def policy(self) -> LocalPolicy:
        return LocalPolicy(self._folder, self._ref, self._threads)


class Answerer:
    """Has policies answer situations, part by part; a run that goes on finds the parts it had."""

    def __init__(self, steps: Steps, choice: AnsweringChoice, threads: int, seed: int = 0) -> None:
        self._steps, self._choice, self._threads = steps, choice, threads
        self._sampling = Sampling(
            max_new_tokens=choice.max_new_tokens,
            temperature=choice.temperature,
            repetition_penalty=choice.repetition_penalty,
            seed=seed,
        )

    def parts(self, ref: PolicyRef, scenarios: Sequence[Scenario]) -> Iterator[tuple[list[Scenario], list[Response]]]:
        """Every situation with the policy's answer, in a fixed order of their own (by task, language and length), a part at a time.

        Parts are cut from that order, so that a run that goes on cuts the same parts.
        """
        ordered = sorted(scenarios, key=lambda one: (one.task != "open", one.language, len(one.prompt), one.id))
        loaded = _Loaded(policy_folder(self._steps.workspace, ref), ref, self._threads)
        for start in range(0, len(ordered), self._choice.part):
            part = ordered[start : start + self._choice.part]
            yield part, self._answer(ref, loaded, part)

    def _answer(self, ref: PolicyRef, loaded: _Loaded, part: Sequence[Scenario]) -> list[Response]:
        key = content_hash(["answers", ref.id, self._sampling, [scenario.id for scenario in part]])

        def make() -> Made:
            responses = loaded.policy.answer(part, self._sampling)
            return Made({"responses": [response.id for response in responses]}, responses, "")

        outputs = self._steps.part("answers", key, make)
        return [one for one in self._steps.workspace.store.get_many(outputs["responses"]) if isinstance(one, Response)]


def assess(steps: Steps, engine: Engine, cases: Sequence[Case]) -> list[Assessment]:
    """What the engine says of the cases, kept as soon as it is said: a run that goes on asks nothing twice."""
    refs = engine.refs
    told = [[case.response.id, [criterion.id for criterion in case.criteria]] for case in cases]
    key = content_hash(["judgements", [ref.id for ref in refs], told])

    def make() -> Made:
        assessed = engine.judge(cases)
        ids = [[one.judgement.id, [verdict.id for verdict in one.verdicts]] for one in assessed]
        records: list[Record] = [*refs]
        for one in assessed:
            records += [*one.verdicts, one.judgement]
        return Made({"judgements": ids}, records, "")

    outputs = steps.part("judgements", key, make)["judgements"]
    wanted = [judgement for judgement, _ in outputs] + [verdict for _, verdicts in outputs for verdict in verdicts]
    found = dict(zip(wanted, steps.workspace.store.get_many(wanted), strict=True))
    assessments: list[Assessment] = []
    for judgement, verdicts in outputs:
        record = found[judgement]
        assert isinstance(record, Judgement)
        own = tuple(one for one in (found[verdict] for verdict in verdicts) if isinstance(one, Verdict))
        assessments.append(Assessment(record, own))
    return assessments


class Examiner:
    """Puts situations to policies and has the answers judged by the engine."""

    def __init__(
        self,
        steps: Steps,
        situations: Situations,
        engine: Engine,
        choice: AnsweringChoice,
        threads: int,
        seed: int = 0,
    ) -> None:
        self._steps, self._situations, self._engine = steps, situations, engine
        self._answerer = Answerer(steps, choice, threads, seed)

    def examine(self, ref: PolicyRef, scenarios: Sequence[Scenario], progress: Progress) -> list[Judged]:
        """Every situation answered by the policy and judged, in the order of `Answerer.parts`."""
        judged: list[Judged] = []
        for part, answers in self._answerer.parts(ref, scenarios):
            criteria = self._situations.criteria(part)
            cases = [Case(one, answer, criteria[one.id]) for one, answer in zip(part, answers, strict=True)]
            judged += [
                Judged(case.scenario, case.response, *assessed)
                for case, assessed in zip(cases, assess(self._steps, self._engine, cases), strict=True)
            ]
            progress(len(judged), len(scenarios))
        return judged
