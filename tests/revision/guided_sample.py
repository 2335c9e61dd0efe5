"""Cases for guided revision: a rubric of mixed kinds and a first answer whose truth is known."""

from __future__ import annotations

from primum.records import ByRule, Criterion, Response, Rubric, Scenario, Turn
from primum.revision.guided import RevisionCase, simulated_text

MADE = ByRule(rule="test")
KINDS = ("proficiency", "excellence", "safety", "proficiency")


def criterion(number, kind="proficiency", points=3, language="en", statement=None, axis="accuracy"):
    return Criterion(
        statement=statement or f"States fact number {number}.",
        points=points,
        axis=axis,
        kind_of=kind,
        language=language,
        made=MADE,
    )


def scenario(number=0, language="en", cluster=""):
    asked = (
        f"Question {number}: what should I do about my headache?" if language == "en" else f"第{number}问：头痛怎么办？"
    )
    return Scenario(
        messages=(Turn(role="user", content=asked),),
        task="open",
        dimension="test",
        language=language,
        dataset="test",
        made=MADE,
        cluster=cluster,
    )


def case(number=0, criteria=None, satisfied=(), text=None, language="en", cluster=""):
    """`satisfied` are the places of the criteria that the first answer satisfies."""
    criteria = tuple(criteria) if criteria is not None else tuple(criterion(place) for place in range(4))
    asked = scenario(number, language, cluster)
    said = text if text is not None else simulated_text(criteria[place].id for place in satisfied)
    first = Response(scenario=asked.id, text=said, made=MADE)
    rubric = Rubric(scenario=asked.id, criteria=tuple(one.id for one in criteria), made=MADE)
    return RevisionCase(asked, first, rubric, criteria)
