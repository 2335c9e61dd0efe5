"""Our assessments as a log of Inspect (`.eval`), which its own reader, its viewer and its scorers open.

| ours | theirs |
|---|---|
| a scenario and its answer | a sample: input, output; the reference or the key is the target |
| the stance | the score `stance` |
| a verdict | the scores `criterion 1`, `criterion 2` …, in the order of the rubric: `C` met, `I` not met |
| an abstention, a criterion that does not apply | an *unscored* score with its reason: no metric counts it |
| an estimate | a metric with its interval, n and unit in `metadata` |

Each score, sample and log names the ids of our records, so that `primum trace` goes on from there. Unscored is written as Inspect
defines it (`Score.unscored`); the reasons stand a second time in the sample's metadata, under `abstained`.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from primum.errors import InputError, MissingExtraError
from primum.ports import Assessment, Case
from primum.records import (
    Abstained,
    Criterion,
    Estimate,
    JudgeRef,
    Met,
    NotApplicable,
    NotMet,
    Scenario,
    Turn,
    Verdict,
    content_hash,
    plain,
)

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalResults, EvalSample, EvalScore, EvalSpec
    from inspect_ai.model import ChatMessage
    from inspect_ai.scorer import Score

__all__ = ["NO_PROVIDER", "Graded", "LogSpec", "write_log"]

NO_PROVIDER = "none/"
"""Before the model's name: Inspect wants `provider/model` before it scores a log again, and `none` is its name for no provider."""


class Graded(NamedTuple):
    """A case and what the judge said of it."""

    case: Case
    assessment: Assessment


class LogSpec(NamedTuple):
    """What the log is about. `created` is ISO 8601 with its zone; `metrics` are shown as results; `metadata` is kept beside them."""

    task: str
    model: str
    created: str
    judge: JudgeRef
    metrics: Mapping[str, Estimate]
    metadata: Mapping[str, Any]


def write_log(path: Path, graded: Sequence[Graded], about: LogSpec) -> int:
    """Write a log to `path` (`*.eval`), whole or not at all; how many samples it holds.

    Raises `MissingExtraError` without Inspect, and `InputError` when the file exists, has another ending, when there is nothing to
    write, when a scenario is there twice or when verdicts and criteria do not match.
    """
    try:
        from inspect_ai.log import write_eval_log
    except ImportError as error:
        raise MissingExtraError("inspect-ai", "inspect") from error
    _check(path, graded, about)
    log = _log(graded, about)
    half = path.with_name(f".{path.stem}.{os.getpid()}.half.eval")
    try:
        write_eval_log(log, half, format="eval")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return len(graded)


def _check(path: Path, graded: Sequence[Graded], about: LogSpec) -> None:
    if path.suffix != ".eval":
        raise InputError(f"file '{path.name}'", "is not named as a log of Inspect", "let it end in .eval", str(path))
    if path.exists():
        raise InputError(f"file '{path}'", "exists already", "name another one or remove it", str(path))
    if not path.parent.is_dir():
        raise InputError(f"folder '{path.parent}'", "does not exist", "make it, or name another file", str(path))
    if not graded:
        raise InputError("a log", "has no answer in it", "give at least one judged answer", str(path))
    try:
        has_zone = datetime.datetime.fromisoformat(about.created).tzinfo is not None
    except ValueError:
        has_zone = False
    if not has_zone:
        raise InputError(
            f"created = {about.created!r}",
            "is not a time with its zone",
            "write it as 2026-01-31T12:00:00+00:00",
            str(path),
        )
    seen: set[str] = set()
    for (scenario, _, criteria), assessment in graded:
        if scenario.id in seen:
            raise InputError(f"scenario {scenario.id}", "is there twice", "write one answer to each", str(path))
        seen.add(scenario.id)
        if [verdict.criterion for verdict in assessment.verdicts] != [criterion.id for criterion in criteria]:
            raise InputError(
                f"the verdicts on {scenario.id}",
                "are not those on its criteria",
                "give one for each, in order",
                str(path),
            )


def _log(graded: Sequence[Graded], about: LogSpec) -> EvalLog:
    from inspect_ai.log import EvalLog, EvalPlan, EvalPlanStep, EvalStats

    # The same answers, verdicts and numbers give the same ids, whenever the log is written.
    name = content_hash(
        [about.task, about.model, about.judge.id, about.metrics, [one.assessment.judgement.id for one in graded]]
    )
    spec = _spec(name, graded, about)
    return EvalLog(
        status="success",
        eval=spec,
        plan=EvalPlan(name="primum", steps=[EvalPlanStep(solver="generate")]),
        results=_results(graded, about),
        stats=EvalStats(started_at=spec.created, completed_at=spec.created),
        samples=[_sample(name, one) for one in graded],
    )


def _spec(name: str, graded: Sequence[Graded], about: LogSpec) -> EvalSpec:
    from inspect_ai.log import EvalConfig, EvalDataset, EvalSpec

    return EvalSpec(
        eval_id=name[:22],
        run_id=name[22:44],
        task_id=content_hash([about.task, about.model])[:22],
        created=about.created,
        task=about.task,
        model=NO_PROVIDER + about.model,
        dataset=EvalDataset(
            name=about.task, samples=len(graded), sample_ids=[one.case.scenario.id for one in graded], shuffled=False
        ),
        config=EvalConfig(epochs=1),
        metadata={**plain(about.metadata), "judge": plain(about.judge) | {"id": about.judge.id}},
    )


def _results(graded: Sequence[Graded], about: LogSpec) -> EvalResults:
    """The stance and, by position, the criteria with how many were scored; our own metrics under `primum`."""
    from inspect_ai.log import EvalMetric, EvalResults, EvalScore

    metrics = {
        name: EvalMetric(
            name=name, value=one.value, metadata={"low": one.low, "high": one.high, "n": one.n, "unit": one.unit}
        )
        for name, one in about.metrics.items()
    }
    abstained = sum(one.assessment.judgement.stance == "abstained" for one in graded)
    scores = [
        EvalScore(name="primum", scorer="primum", metrics=metrics),
        _count("stance", len(graded) - abstained, abstained),
    ]
    for number in range(max(len(one.case.criteria) for one in graded)):
        outcomes = [one.assessment.verdicts[number].outcome for one in graded if number < len(one.case.criteria)]
        scored = sum(isinstance(outcome, Met | NotMet) for outcome in outcomes)
        scores.append(_count(_criterion_name(number), scored, len(outcomes) - scored))
    return EvalResults(total_samples=len(graded), completed_samples=len(graded), scores=scores)


def _count(name: str, scored: int, unscored: int) -> EvalScore:
    from inspect_ai.log import EvalScore

    return EvalScore(name=name, scorer="primum", scored_samples=scored, unscored_samples=unscored)


def _criterion_name(number: int) -> str:
    return f"criterion {number + 1}"


def _sample(log: str, one: Graded) -> EvalSample:
    from inspect_ai.log import EvalSample
    from inspect_ai.model import ChatCompletionChoice, ChatMessageAssistant, ModelOutput, ModelUsage

    (scenario, response, criteria), (_, verdicts) = one
    answer = ChatMessageAssistant(content=response.text, source="generate", id=response.id)
    stop: Any = {"stop": "stop", "length": "max_tokens", "unknown": "unknown"}[response.finish]
    usage = None
    if response.prompt_tokens or response.completion_tokens:
        total = response.prompt_tokens + response.completion_tokens
        usage = ModelUsage(
            input_tokens=response.prompt_tokens, output_tokens=response.completion_tokens, total_tokens=total
        )
    scores = {"stance": _stance_score(one)}
    scores |= {_criterion_name(i): _score(*pair) for i, pair in enumerate(zip(criteria, verdicts, strict=True))}
    asked = [_message(scenario, number, turn) for number, turn in enumerate(scenario.messages)]
    return EvalSample(
        id=scenario.id,
        epoch=1,
        uuid=content_hash([log, response.id])[:22],
        input=asked,
        choices=[option.text for option in scenario.options] or None,
        target=list(scenario.key) or scenario.reference or "",
        messages=[*asked, answer],
        output=ModelOutput(
            model=response.policy or "", choices=[ChatCompletionChoice(message=answer, stop_reason=stop)], usage=usage
        ),
        scores=scores,
        metadata=_metadata(one),
    )


def _metadata(one: Graded) -> dict[str, Any]:
    """What leads back to our records, and what a grader needs to judge again (`rubrics` as HealthBench writes them)."""
    (scenario, response, criteria), (judgement, verdicts) = one
    abstained = {
        _criterion_name(number): verdict.outcome.reason
        for number, verdict in enumerate(verdicts)
        if isinstance(verdict.outcome, Abstained)
    }
    if judgement.stance == "abstained":
        abstained = {"stance": judgement.reason, **abstained}
    return {
        "scenario": scenario.id,
        "response": response.id,
        "policy": response.policy,
        "judgement": judgement.id,
        "judge": judgement.judge,
        "norms": list(scenario.norms),
        "task": scenario.task,
        "dataset": scenario.dataset,
        "dimension": scenario.dimension,
        "language": scenario.language,
        "harm_level": scenario.harm_level,
        "style": scenario.style,
        "is_borderline": scenario.is_borderline,
        "rubrics": [
            {"criterion": criterion.statement, "points": criterion.points, "tags": [f"axis:{criterion.axis}"]}
            for criterion in criteria
        ],
        "criteria": [criterion.id for criterion in criteria],
        "abstained": abstained,
    }


def _message(scenario: Scenario, number: int, turn: Turn) -> ChatMessage:
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

    kinds: dict[str, Any] = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}
    message: ChatMessage = kinds[turn.role](content=turn.content, source="input", id=f"{scenario.id}-{number}")
    return message


def _stance_score(one: Graded) -> Score:
    from inspect_ai.scorer import Score

    judgement = one.assessment.judgement
    metadata = {"judgement": judgement.id, "judge": judgement.judge, "probability": judgement.probability}
    if judgement.stance == "abstained":
        return Score.unscored(reason="grader_failed", explanation=judgement.reason, metadata=metadata)
    return Score(value=judgement.stance, explanation=judgement.reason or None, metadata=metadata)


def _score(criterion: Criterion, verdict: Verdict) -> Score:
    from inspect_ai.scorer import CORRECT, INCORRECT, Score

    metadata = {
        "criterion": criterion.id,
        "statement": criterion.statement,
        "points": criterion.points,
        "verdict": verdict.id,
        "outcome": plain(verdict.outcome)["is"],
        "probability": verdict.probability,
    }
    match verdict.outcome:
        case Met():
            return Score(value=CORRECT, explanation=verdict.explanation or None, metadata=metadata)
        case NotMet():
            return Score(value=INCORRECT, explanation=verdict.explanation or None, metadata=metadata)
        case Abstained(reason=reason):
            return Score.unscored(reason="grader_failed", explanation=reason, metadata=metadata)
        case NotApplicable(reason=reason):
            told = reason or "the criterion does not bear on this answer"
            return Score.unscored(reason="not_applicable", explanation=told, metadata=metadata)
