"""Examples: answers before and after, side by side, with the verdicts and the norms behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from primum.cycles.steps import Steps
from primum.evaluation import Judged
from primum.records import Abstained, Criterion, Norm, NotApplicable, Outcome

__all__ = ["HOW_MANY", "examples"]

HOW_MANY = 20


def examples(steps: Steps, before: Sequence[Judged], after: Sequence[Judged]) -> list[dict[str, Any]]:
    """Twenty situations with both answers: in turns from each (set, language, harmful or not), those with a norm first.

    Chosen by id, a hash, and never by how the answers turned out.
    """
    pairs = sorted(zip(before, after, strict=True), key=lambda pair: pair[0].scenario.id)
    groups: dict[tuple[bool, str, str, bool], list[tuple[Judged, Judged]]] = {}
    for one, other in pairs:
        scenario = one.scenario
        if scenario.task == "open":
            group = (not scenario.norms, scenario.dataset, scenario.language, scenario.harm_level > 0)
            groups.setdefault(group, []).append((one, other))
    queues = [groups[key] for key in sorted(groups)]
    chosen: list[tuple[Judged, Judged]] = []
    while len(chosen) < HOW_MANY and any(queues):
        for queue in queues:
            if queue and len(chosen) < HOW_MANY:
                chosen.append(queue.pop(0))
    return [_show(steps, one, other) for one, other in chosen]


def _show(steps: Steps, before: Judged, after: Judged) -> dict[str, Any]:
    scenario = before.scenario
    norms = [norm for norm in steps.workspace.store.get_many(scenario.norms) if isinstance(norm, Norm)]
    return {
        "scenario": scenario.id,
        "prompt": scenario.prompt,
        "language": scenario.language,
        "dataset": scenario.dataset,
        "dimension": scenario.dimension,
        "style": scenario.style,
        "harm_level": scenario.harm_level,
        "is_borderline": scenario.is_borderline,
        "norms": [{"id": norm.id, "reference": norm.reference, "text": norm.text} for norm in norms],
        "before": _answer(steps, before),
        "after": _answer(steps, after),
    }


def _answer(steps: Steps, judged: Judged) -> dict[str, Any]:
    store = steps.workspace.store
    criteria = {
        one.id: one for one in store.get_many([v.criterion for v in judged.verdicts]) if isinstance(one, Criterion)
    }
    return {
        "response": judged.response.id,
        "text": judged.response.text,
        "stance": judged.judgement.stance,
        "probability": judged.judgement.probability,
        "reason": judged.judgement.reason,
        "verdicts": [
            {
                "id": verdict.id,
                "criterion": criteria[verdict.criterion].statement,
                "points": criteria[verdict.criterion].points,
                "outcome": _name(verdict.outcome),
                "explanation": verdict.explanation or _reason(verdict.outcome),
            }
            for verdict in judged.verdicts
        ],
    }


def _name(outcome: Outcome) -> str:
    return str(outcome.__struct_config__.tag)


def _reason(outcome: Outcome) -> str:
    return outcome.reason if isinstance(outcome, Abstained | NotApplicable) else ""
