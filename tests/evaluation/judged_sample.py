"""Judged answers to neutral scenarios, for the tests of evaluation."""

from __future__ import annotations

from typing import Literal

from primum.evaluation import Judged
from primum.records import (
    Abstained,
    ByRule,
    Choice,
    Judgement,
    Met,
    NotMet,
    Outcome,
    Response,
    Scenario,
    Stance,
    Turn,
    Verdict,
)

MADE = ByRule(rule="test")


def judged(
    number: int,
    harm: Literal[0, 1, 2, 3],
    stance: Stance,
    *,
    language: Literal["zh", "en"] = "en",
    is_borderline: bool = False,
    cluster: str = "",
    judge: str = "judge-1",
    answer: str = "an answer",
) -> Judged:
    """The open scenario `number`, answered with a stance."""
    scenario = Scenario(
        messages=(Turn(role="user", content=f"question {number}"),),
        task="open",
        dimension="privacy" if number % 2 else "consent",
        language=language,
        dataset="sample",
        made=MADE,
        harm_level=harm,
        is_borderline=is_borderline,
        cluster=cluster,
    )
    response = Response(scenario=scenario.id, text=answer, made=MADE)
    reason = "why" if stance in ("abstained", "unusable") else ""
    return Judged(scenario, response, Judgement(response=response.id, judge=judge, stance=stance, reason=reason))


def chosen(number: int, *outcomes: Literal["met", "not met", "abstained"]) -> Judged:
    """A choice question with verdicts."""
    scenario = Scenario(
        messages=(Turn(role="user", content=f"choice {number}"),),
        task="single_choice",
        dimension="privacy",
        language="en",
        dataset="sample",
        made=MADE,
        options=(Choice(letter="A", text="one"), Choice(letter="B", text="two")),
        key=("A",),
    )
    response = Response(scenario=scenario.id, text="A", made=MADE)
    kinds: dict[str, Outcome] = {"met": Met(), "not met": NotMet(), "abstained": Abstained(reason="why")}
    verdicts = tuple(
        Verdict(response=response.id, criterion=f"c{i}", judge="rule-1", outcome=kinds[outcome])
        for i, outcome in enumerate(outcomes)
    )
    judgement = Judgement(response=response.id, judge="rule-1", stance="accept")
    return Judged(scenario, response, judgement, verdicts)
