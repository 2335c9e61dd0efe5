"""A judge of ours as a scorer of Inspect.

    Task(dataset=…, solver=generate(), scorer=primum_scorer(judge))

The value of a sample is its HealthBench score, `Σ points of met criteria / Σ positive points` (arXiv 2505.08775), before clipping. Where
the judge abstains from a criterion the sample is unscored, and its explanation says between which bounds the value lies: Inspect's
metrics leave it out, and `unscored_samples` counts it.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from primum.errors import InputError, MissingExtraError, PrimumError
from primum.language import detect
from primum.ports import Assessment, Case, Judge
from primum.records import (
    Abstained,
    ByImport,
    Criterion,
    Met,
    NotApplicable,
    Response,
    Scenario,
    Turn,
)

if TYPE_CHECKING:
    from inspect_ai.scorer import Score, Scorer, Target
    from inspect_ai.solver import TaskState

__all__ = ["primum_scorer"]


class _Rule(msgspec.Struct):
    criterion: str
    points: int
    tags: list[str] = []


def primum_scorer(judge: Judge, criteria: Sequence[Criterion] | None = None) -> Scorer:
    """A scorer that has `judge` judge each sample by `criteria`, or by the `rubrics` in the sample's metadata.

    `rubrics` are as in HealthBench: `[{"criterion", "points", "tags"}]`. Samples that come while the judge is at work are judged
    together after it, so a judge with many calls in flight keeps them. Raises `MissingExtraError` without Inspect.
    """
    try:
        from inspect_ai.scorer import mean, scorer, stderr
    except ImportError as error:
        raise MissingExtraError("inspect-ai", "inspect") from error
    waiting = _Waiting(judge)

    def made(judge_name: str, judge_id: str) -> Scorer:  # what Inspect notes of the scorer in its log
        async def score(state: TaskState, target: Target) -> Score:
            return await _score(waiting.ask, state, criteria)

        return score

    registered: Any = scorer(metrics=[mean(), stderr()], name="primum_scorer")(made)
    built: Scorer = registered(judge.ref.name, judge.ref.id)
    return built


class _Ticket(NamedTuple):
    case: Case
    answer: list[Assessment | PrimumError]


class _Waiting:
    """Cases that wait for a judge: whoever finds it free has it judge all that wait, in a thread, one batch at a time."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._tickets: list[_Ticket] = []

    @functools.cached_property
    def _turn(self) -> Any:
        import anyio

        return anyio.Lock()

    async def ask(self, case: Case) -> Assessment:
        """What the judge says of the case. Raises the judge's `PrimumError` for every case of a batch that it could not judge."""
        ticket = _Ticket(case, [])
        self._tickets.append(ticket)
        async with self._turn:
            if not ticket.answer:
                await self._judge_all()
        told = ticket.answer[0]
        if isinstance(told, PrimumError):
            raise told
        return told

    async def _judge_all(self) -> None:
        import anyio.to_thread

        batch, self._tickets = self._tickets, []
        try:
            told: Sequence[Assessment | PrimumError] = await anyio.to_thread.run_sync(
                self._judge.judge, [ticket.case for ticket in batch]
            )
        except PrimumError as error:
            told = [error] * len(batch)
        except BaseException:
            self._tickets = batch + self._tickets  # whoever is next tries again
            raise
        for ticket, answer in zip(batch, told, strict=True):
            ticket.answer.append(answer)


async def _score(
    ask: Callable[[Case], Awaitable[Assessment]], state: TaskState, criteria: Sequence[Criterion] | None
) -> Score:
    from inspect_ai.scorer import Score

    answer = state.output.completion
    try:
        case = _case(state, criteria)
    except PrimumError as error:
        return Score.unscored(reason="scoring_failed", answer=answer, explanation=str(error))
    try:
        assessment = await ask(case)
    except PrimumError as error:
        return Score.unscored(reason="grader_failed", answer=answer, explanation=str(error))
    return _told(case, assessment, answer)


def _case(state: TaskState, criteria: Sequence[Criterion] | None) -> Case:
    place = f"sample {state.sample_id}"
    made = ByImport(dataset="inspect", row=f"{state.sample_id}, epoch {state.epoch}")
    messages = list(state.messages)
    while messages and messages[-1].role == "assistant":
        messages.pop()
    for message in messages:
        if message.role == "tool" or (message.role == "assistant" and message.tool_calls):
            raise InputError(place, "holds calls of tools", "score it with a scorer that reads them", "primum_scorer")
    # What a sample holds may be wider than a turn of ours; the record refuses what it cannot be.
    turns = tuple(Turn(role=message.role, content=message.text) for message in messages)
    language = detect(turns[-1].content if turns else "")
    if criteria is None:
        criteria = _criteria(state.metadata.get("rubrics"), language, made, place)
    if not any(criterion.points > 0 for criterion in criteria):
        raise InputError(
            place, "has no criterion with positive points, so its score is undefined", "add one", "primum_scorer"
        )
    scenario = Scenario(
        messages=turns, task="open", dimension="imported", language=language, dataset="inspect", made=made
    )
    response = Response(scenario=scenario.id, text=state.output.completion, made=made)
    return Case(scenario, response, tuple(criteria))


def _criteria(rubrics: object, language: Any, made: ByImport, place: str) -> list[Criterion]:
    if not rubrics:
        raise InputError(
            place, "has no 'rubrics' in its metadata", "put them there or give primum_scorer criteria", "primum_scorer"
        )
    try:
        rules = msgspec.convert(rubrics, list[_Rule])
    except msgspec.ValidationError as error:
        raise InputError(
            f"the rubrics of {place}",
            f"are not criteria ({error})",
            'write them as [{"criterion": "…", "points": 5}], points in whole numbers',
            "primum_scorer",
        ) from error
    return [
        Criterion(
            statement=rule.criterion,
            points=rule.points,
            axis=next((tag.removeprefix("axis:") for tag in rule.tags if tag.startswith("axis:")), "unspecified"),
            kind_of="proficiency",
            language=language,
            made=made,
        )
        for rule in rules
    ]


def _told(case: Case, assessment: Assessment, answer: str) -> Score:
    """The score of an answer, or between what it lies where the judge abstained.

    A criterion that does not apply is left out of both sums.
    """
    from inspect_ai.scorer import Score

    low = high = positive = 0
    lines, noted = [], []
    for criterion, verdict in zip(case.criteria, assessment.verdicts, strict=True):
        outcome, points = verdict.outcome, criterion.points
        positive += 0 if isinstance(outcome, NotApplicable) else max(points, 0)
        low += points if isinstance(outcome, Met) else min(points, 0) * isinstance(outcome, Abstained)
        high += points if isinstance(outcome, Met) else max(points, 0) * isinstance(outcome, Abstained)
        reason = outcome.reason if isinstance(outcome, Abstained | NotApplicable) else verdict.explanation
        said = str(outcome.__struct_config__.tag).replace("_", " ")
        lines.append(f"[{points:+d}] {criterion.statement}: {said}" + (f" ({reason})" if reason else ""))
        noted.append({"criterion": criterion.id, "points": points, "outcome": said, "reason": reason})
    abstained = sum(isinstance(verdict.outcome, Abstained) for verdict in assessment.verdicts)
    metadata: dict[str, Any] = {
        "judge": assessment.judgement.judge,
        "stance": assessment.judgement.stance,
        "verdicts": noted,
    }
    if not positive:
        told = "no criterion with positive points applies, so the score is undefined"
    else:
        metadata["bounds"] = [low / positive, high / positive]
        told = (
            f"{abstained} of {len(lines)} criteria could not be judged: the value lies between {low / positive:.3f} and "
            f"{high / positive:.3f}"
        )
    if abstained or not positive:
        return Score.unscored(
            reason="grader_failed", answer=answer, explanation="\n".join([told, *lines]), metadata=metadata
        )
    return Score(value=low / positive, answer=answer, explanation="\n".join(lines), metadata=metadata)
