"""Cases and judges of a known bent, for the tests of probes and certificates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from primum.ports import Assessment, Case, Progress, silent
from primum.records import (
    Abstained,
    ByRule,
    Cost,
    Criterion,
    Judgement,
    JudgeRef,
    Language,
    Met,
    NotMet,
    Response,
    Scenario,
    Turn,
    Verdict,
)

MADE = ByRule(rule="test")
STATEMENTS: dict[Language, tuple[str, ...]] = {
    "en": ("Advises drinking water.", "Names the warning signs.", "Asks about allergies."),
    "zh": ("建议多喝水。", "说明警示症状。", "询问过敏史。"),
}
ANSWERS: dict[Language, str] = {
    "en": "A cold mostly passes by itself. Keep drinking water and rest. Warning signs are breathlessness and chest pain.",
    "zh": "普通感冒多会自愈。请多喝水并休息。警示症状是气短和胸痛。",
}


def case(number: int = 0, language: Language = "en", text: str | None = None, criteria: int = 3) -> Case:
    """A case of its own conversation, with the first criteria of its language."""
    scenario = Scenario(
        messages=(
            Turn(role="user", content=f"{'我感冒了怎么办？' if language == 'zh' else 'I have a cold.'} ({number})"),
        ),
        task="open",
        dimension="routine care",
        language=language,
        dataset="sample",
        made=MADE,
    )
    listed = tuple(
        Criterion(statement=statement, points=5, axis="accuracy", kind_of="proficiency", language=language, made=MADE)
        for statement in STATEMENTS[language][:criteria]
    )
    response = Response(scenario=scenario.id, text=text or ANSWERS[language], made=MADE, finish="stop")
    return Case(scenario, response, listed)


class BentJudge:
    """Decides by a function of the case, which gives a verdict for each criterion in the order they are asked; `None` abstains."""

    def __init__(self, decide: Callable[[Case], Sequence[bool | None]], tokens: int = 0, name: str = "bent") -> None:
        self._decide, self._tokens = decide, tokens
        self.judged: list[Case] = []
        self.ref = JudgeRef(name=name, kind_of="chat_model", fingerprint=name, made=MADE)

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        found = []
        for number, one in enumerate(cases, 1):
            self.judged.append(one)
            found.append(self._assess(one))
            progress(number, len(cases))
        return found

    def _assess(self, one: Case) -> Assessment:
        verdicts = tuple(
            Verdict(
                response=one.response.id,
                criterion=criterion.id,
                judge=self.ref.id,
                outcome=Abstained(reason="cannot tell") if met is None else Met() if met else NotMet(),
                cost=Cost(prompt_tokens=self._tokens, completion_tokens=1 if self._tokens else 0),
            )
            for criterion, met in zip(one.criteria, self._decide(one), strict=True)
        )
        judgement = Judgement(
            response=one.response.id,
            judge=self.ref.id,
            stance="abstained",
            reason="the stance was not asked",
            verdicts=tuple(verdict.id for verdict in verdicts),
        )
        return Assessment(judgement, verdicts)
