"""One case followed: from the criteria of a principle to a preference that taught, chosen by rule and never by how it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from primum.cycles.principles_build import Queries
from primum.cycles.steps import Step, Steps
from primum.records import (
    Criterion,
    Judgement,
    Met,
    Norm,
    NotMet,
    PolicyRef,
    Preference,
    Principle,
    Response,
    Rubric,
    Scenario,
    Verdict,
)
from primum.store import Store

__all__ = ["followed_case"]

_SHOWN = 5


class _Turned(NamedTuple):
    """A preference and a criterion of its rubric that the judge found satisfied in the chosen answer and not in the rejected one."""

    preference: Preference
    rubric: Rubric
    criterion: Criterion
    principle: Principle


def followed_case(steps: Steps, queries: Queries, pairs: Step, policy: PolicyRef) -> dict[str, Any] | None:
    """The chain whose principle rests on a norm, if there is one, then stands in the most rubrics; of those the one of the widest margin.

    `None` when no criterion told two answers apart.
    """
    store = steps.workspace.store
    found = sorted(_turned(store, queries, pairs), key=_rank)
    if not found:
        return None
    preference, rubric, criterion, principle = found[0]
    members = [one for one in store.get_many(principle.criteria) if isinstance(one, Criterion)]
    norms = [one for one in store.get_many(principle.norms) if isinstance(one, Norm)]
    scenario, chosen, rejected = store.get_many([preference.scenario, preference.chosen, preference.rejected])
    assert isinstance(scenario, Scenario) and isinstance(chosen, Response) and isinstance(rejected, Response)
    return {
        "members": [{"id": one.id, "statement": one.statement, "points": one.points} for one in members[:_SHOWN]],
        "members_n": len(members),
        "norms": [{"id": one.id, "reference": one.reference} for one in norms[:_SHOWN]],
        "principle": {"id": principle.id, "statement": principle.statement},
        "criterion": {"id": criterion.id, "statement": criterion.statement, "points": criterion.points},
        "query": {"id": scenario.id, "prompt": scenario.prompt, "language": scenario.language},
        "rubric": rubric.id,
        "preference": {"id": preference.id, "margin": preference.margin},
        "chosen": chosen.text,
        "rejected": rejected.text,
        "policy": policy.id,
    }


def _rank(one: _Turned) -> tuple[bool, int, float, str, str]:
    preference, _, criterion, principle = one
    return not principle.norms, -len(principle.rubrics), -(preference.margin or 0.0), preference.id, criterion.id


def _turned(store: Store, queries: Queries, pairs: Step) -> Iterator[_Turned]:
    rubrics = queries.rubrics(queries.ground.synthesis)
    principles = {one.id: one for one in queries.principles()}
    for preference in store.get_many(pairs.outputs["preferences"]):
        assert isinstance(preference, Preference)
        rubric, criteria = rubrics[preference.scenario]
        better, worse = (_outcomes(store, id) for id in preference.because)
        for one in criteria:
            good, bad = (Met, NotMet) if one.points > 0 else (NotMet, Met)
            if (
                one.principle in principles
                and isinstance(better.get(one.id), good)
                and isinstance(worse.get(one.id), bad)
            ):
                yield _Turned(preference, rubric, one, principles[one.principle])


def _outcomes(store: Store, judgement: str) -> Mapping[str, object]:
    """By criterion, what a judgement says."""
    found = store.get(judgement)
    assert isinstance(found, Judgement)
    return {one.criterion: one.outcome for one in store.get_many(found.verdicts) if isinstance(one, Verdict)}
