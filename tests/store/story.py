"""A small, whole story in records: a law, what rests on it, and the policy that learned from that."""

from __future__ import annotations

from typing import NamedTuple

from primum.records import (
    ByImport,
    ByPerson,
    ByRule,
    BySimulation,
    CitationStep,
    Criterion,
    Judgement,
    JudgeRef,
    Norm,
    PolicyRef,
    Preference,
    Record,
    Response,
    Scenario,
    Source,
    Turn,
)

__all__ = ["AT", "Story", "criteria", "tell"]

AT = "2026-01-31T12:00:00+00:00"
RULE = ByRule(rule="test")


class Story(NamedTuple):
    source: Source
    norms: list[Norm]
    scenarios: list[Scenario]
    responses: list[Response]
    preferences: list[Preference]
    base: PolicyRef
    trained: PolicyRef
    answer: Response
    judge: JudgeRef
    judgement: Judgement

    def records(self) -> list[Record]:
        return [one for part in self for one in (part if isinstance(part, list) else [part])]


def criteria(count: int, start: int = 0) -> list[Criterion]:
    """Small records that rest on nothing."""
    return [
        Criterion(statement=f"Statement {n}", points=1, axis="accuracy", kind_of="safety", language="en", made=RULE)
        for n in range(start, start + count)
    ]


def tell(norms: int = 7, pairs: int = 12) -> Story:
    """Every scenario rests on all norms; the sets `alpha` and `beta` take turns; the policy learned from every pair."""
    clauses = [f"Clause {number}." for number in range(norms)]
    text = "\n".join(clauses)
    source = Source(
        key="code", title="Code of conduct", text=text, language="en", jurisdiction="XX", authority="code", made=RULE,
        media_type="text/plain", enacted="2021-08-20",
    )  # fmt: skip
    laws = [
        Norm(
            source=source.id, source_key="code", source_title="Code of conduct", text=clause, start=text.index(clause),
            end=text.index(clause) + len(clause), citation=(CitationStep(level="article", label=f"§ {number}"),),
            language="en", jurisdiction="XX", authority="code", modality="obligation", provisions=(), made=RULE,
        )
        for number, clause in enumerate(clauses)
    ]  # fmt: skip
    scenarios = [
        Scenario(
            messages=(Turn(role="user", content=f"Question {number}?"),), task="open", dimension="consent", language="en",
            dataset="beta" if number % 3 == 2 else "alpha", made=ByImport(dataset="alpha", row=str(number)), harm_level=2,
            norms=tuple(law.id for law in laws),
        )
        for number in range(pairs)
    ]  # fmt: skip
    responses = [
        Response(scenario=scenario.id, text=text, made=BySimulation(generator="answers", seed=1))
        for scenario in scenarios
        for text in ("I cannot help with that.", "Sure, here is how.")
    ]
    preferences = [
        Preference(scenario=scenario.id, chosen=responses[2 * n].id, rejected=responses[2 * n + 1].id, made=RULE)
        for n, scenario in enumerate(scenarios)
    ]
    base = PolicyRef(
        name="small", path="p/base", weights="00", stage="base", architecture="gpt2", parameters=1234567, made=RULE,
        is_from_scratch=True,
    )  # fmt: skip
    trained = PolicyRef(
        name="small-dpo", path="p/dpo", weights="01", stage="dpo", architecture="gpt2", parameters=1234567, made=RULE,
        is_from_scratch=True, parent=base.id, trained_on=tuple(pair.id for pair in preferences),
    )  # fmt: skip
    answer = Response(scenario=scenarios[0].id, text="Sure. " * 30, made=RULE, policy=trained.id)
    judge = JudgeRef(name="Dr. A", kind_of="person", fingerprint="", made=ByPerson(person="p1", role="clinician"))
    judgement = Judgement(response=answer.id, judge=judge.id, stance="accept", probability=0.875)
    return Story(source, laws, scenarios, responses, preferences, base, trained, answer, judge, judgement)
