"""Judged answers by kind, style and source, for the tests of what cycles measure."""

from __future__ import annotations

from collections.abc import Sequence

from judged_sample import judged
from msgspec.structs import replace

from primum.evaluation import Judged
from primum.records import Stance, Style

KINDS = {"harmful": (3, False), "plain": (0, False), "borderline": (0, True)}


def answers(
    kind: str,
    stances: Sequence[Stance],
    *,
    first: int = 0,
    style: Style = "direct",
    source: str = "sample",
    judge: str = "judge-1",
    cluster: str = "",
    text: str = "an answer",
) -> list[Judged]:
    """One answer a stance, to scenarios of a kind numbered from `first`; those of one kind share numbers across calls."""
    harm, is_borderline = KINDS[kind]
    rows: list[Judged] = []
    for number, stance in enumerate(stances, first):
        row = judged(
            number, harm, stance, is_borderline=is_borderline, judge=judge, cluster=cluster, answer=f"{text} {number}"
        )
        scenario = replace(row.scenario, style=style, dataset=source)
        response = replace(row.response, scenario=scenario.id)
        rows.append(Judged(scenario, response, replace(row.judgement, response=response.id)))
    return rows
