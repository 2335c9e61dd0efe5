"""Judges with a script for a mind, and cases to put to them."""

from primum.ports import Assessment, Case
from primum.records import (
    Abstained,
    ByImport,
    ByRule,
    Cost,
    Criterion,
    Judgement,
    JudgeRef,
    Met,
    NotApplicable,
    NotMet,
    Response,
    Scenario,
    Turn,
    Verdict,
)

OUTCOMES = {"+": Met(), "-": NotMet(), "n": NotApplicable(), "?": Abstained(reason="cannot tell")}


def criterion(number, points=5, kind_of="proficiency"):
    return Criterion(
        statement=f"statement {number}",
        points=points,
        axis="accuracy",
        kind_of=kind_of,
        language="en",
        made=ByImport(dataset="set", row=f"p0#{number}"),
    )


def case(number=0, criteria=(), text="Rest and drink."):
    scenario = Scenario(
        messages=(Turn(role="user", content=f"What helps? {number}"),),
        task="open",
        dimension="d",
        language="en",
        dataset="set",
        made=ByImport(dataset="set", row=f"p{number}"),
    )
    return Case(scenario, Response(scenario=scenario.id, text=text, made=ByRule(rule="test")), tuple(criteria))


class Voice:
    """Says `said` (`+-n?`, by place of the criterion) of every answer; `asked` counts the cases it was given."""

    def __init__(self, name, said, stance="accept", delay=None):
        self.said, self.stance, self.asked, self._delay = said, stance, 0, delay
        self.ref = JudgeRef(name=name, kind_of="rule", fingerprint=f"{name} {said}", made=ByRule(rule="test"))

    def judge(self, cases, progress=None):
        self.asked += len(cases)
        if self._delay is not None:
            self._delay()
        return [self._assess(one) for one in cases]

    def _assess(self, one):
        verdicts = tuple(
            Verdict(
                response=one.response.id,
                criterion=each.id,
                judge=self.ref.id,
                outcome=OUTCOMES[sign],
                cost=Cost(prompt_tokens=10, completion_tokens=1),
            )
            for each, sign in zip(one.criteria, self.said, strict=True)
        )
        judgement = Judgement(
            response=one.response.id,
            judge=self.ref.id,
            stance=self.stance,
            verdicts=tuple(verdict.id for verdict in verdicts),
            reason="as scripted",
        )
        return Assessment(judgement, verdicts)
