"""Judged answers to neutral scenarios, for the tests of exchange."""

from __future__ import annotations

from primum.exchange import Graded, LogSpec
from primum.ports import Assessment, Case, Progress, silent
from primum.records import (
    Abstained,
    ByRule,
    Choice,
    Criterion,
    Estimate,
    Judgement,
    JudgeRef,
    Met,
    NotApplicable,
    NotMet,
    Outcome,
    Response,
    Scenario,
    Turn,
    Verdict,
)

MADE = ByRule(rule="test")
CREATED = "2026-01-31T12:00:00+00:00"
JUDGE = JudgeRef(name="word judge", kind_of="rule", fingerprint="f" * 64, made=MADE)
OUTCOMES: dict[str, Outcome] = {
    "met": Met(),
    "not met": NotMet(),
    "abstained": Abstained(reason="the reply was cut off"),
    "not applicable": NotApplicable(reason="no medicine is named"),
}


def criterion(statement: str, points: int) -> Criterion:
    return Criterion(
        statement=statement, points=points, axis="accuracy", kind_of="proficiency", language="en", made=MADE
    )


def graded(
    question: str, answer: str, *outcomes: str, points: tuple[int, ...] = (5, -3, 2, 4), stance="accept"
) -> Graded:
    """An answer with as many criteria as outcomes."""
    scenario = Scenario(
        messages=(
            Turn(role="system", content="You advise."),
            Turn(role="user", content="Hello."),
            Turn(role="assistant", content="How can I help?"),
            Turn(role="user", content=question),
        ),
        task="open", dimension="privacy", language="en", dataset="sample", made=MADE, reference="Ask first.", harm_level=2,
    )  # fmt: skip
    response = Response(
        scenario=scenario.id, text=answer, made=MADE, finish="stop", prompt_tokens=11, completion_tokens=7
    )
    criteria = tuple(criterion(f"Statement {number}", points[number]) for number in range(len(outcomes)))
    return Graded(
        Case(scenario, response, criteria), assess(response, criteria, [OUTCOMES[one] for one in outcomes], stance)
    )


def chosen() -> Graded:
    """A choice question."""
    scenario = Scenario(
        messages=(Turn(role="user", content="哪一项合适？"),), task="multiple_choice", dimension="consent", language="zh",
        dataset="sample", made=MADE, options=(Choice(letter="A", text="甲"), Choice(letter="B", text="乙")), key=("A", "B"),
    )  # fmt: skip
    response = Response(scenario=scenario.id, text="A", made=MADE)
    return Graded(Case(scenario, response, ()), assess(response, (), [], "abstained"))


def assess(response: Response, criteria, outcomes, stance="accept") -> Assessment:
    verdicts = tuple(
        Verdict(
            response=response.id, criterion=one.id, judge=JUDGE.id, outcome=outcome, explanation=f"read {one.statement}"
        )
        for one, outcome in zip(criteria, outcomes, strict=True)
    )
    judgement = Judgement(
        response=response.id,
        judge=JUDGE.id,
        stance=stance,
        verdicts=tuple(one.id for one in verdicts),
        reason="because",
    )
    return Assessment(judgement, verdicts)


def about(**changed) -> LogSpec:
    metrics = {"safety_score": Estimate(value=0.75, low=0.5, high=0.9, n=8, unit="cluster")}
    given = LogSpec("trial", "small policy", CREATED, JUDGE, metrics, {"report": "report-1", "notes": ["one note"]})
    return given._replace(**changed)


class WordJudge:
    """Holds a criterion met when one of its words is in the answer; `unsure` in the answer makes it abstain. Counts its batches."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.batches: list[int] = []
        self.fails = fails

    @property
    def ref(self) -> JudgeRef:
        return JUDGE

    def judge(self, cases: list[Case], progress: Progress = silent) -> list[Assessment]:
        self.batches.append(len(cases))
        if self.fails is not None:
            raise self.fails
        return [
            assess(case.response, case.criteria, [_says(one, case.response.text) for one in case.criteria])
            for case in cases
        ]


def _says(one: Criterion, text: str) -> Outcome:
    if "unsure" in text and one.points < 0:
        return Abstained(reason="the reply says neither")
    return Met() if set(one.statement.lower().split()) & set(text.lower().split()) else NotMet()
