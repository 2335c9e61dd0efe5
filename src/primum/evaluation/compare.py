"""Two policies on the same scenarios, under the same judge: before, after and the paired difference, slice by slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from primum.errors import InputError
from primum.evaluation.metrics import METRICS, Judged, Metric, cluster_of
from primum.records import Comparison, Scenario
from primum.stats import mean, paired_difference

__all__ = ["SLICES", "Pair", "compare", "pair"]

Pair = tuple[Judged, Judged]

SLICES: dict[str, Callable[[Scenario], str]] = {
    "all": lambda scenario: "all",
    "language": lambda scenario: scenario.language,
    "style": lambda scenario: scenario.style,
    "dimension": lambda scenario: scenario.dimension,
    # A rewrite of ours is no part of the set as it was published.
    "source": lambda scenario: scenario.dataset if scenario.rewrites is None else f"{scenario.dataset}, rewritten",
    "harm_level": lambda scenario: str(scenario.harm_level),
}


def compare(before: Sequence[Judged], after: Sequence[Judged]) -> tuple[Comparison, ...]:
    """Every metric on every slice that has data for it on both sides, in the order of `SLICES`, the slices' names and `METRICS`.

    Resampled by cluster. Raises `InputError` as `pair` does.
    """
    pairs = pair(before, after)
    comparisons: list[Comparison] = []
    for by, name_of in SLICES.items():
        names = sorted({name_of(one.scenario) for one, _ in pairs})
        for name in names:
            inside = [rows for rows in pairs if name_of(rows[0].scenario) == name]
            comparisons.extend(filter(None, (_compare_one(by, name, metric, inside) for metric in METRICS)))
    return tuple(comparisons)


def pair(before: Sequence[Judged], after: Sequence[Judged]) -> list[Pair]:
    """The answers of both sides to each scenario, in the order of `before`.

    Raises `InputError` for a scenario answered twice on one side or by one side only, and for two judges.
    """
    sides = [_by_scenario(rows, side) for rows, side in ((before, "before"), (after, "after"))]
    lonely = sorted(set(sides[0]) ^ set(sides[1]))
    if lonely:
        raise InputError(
            f"scenario {lonely[0]}" + (f" and {len(lonely) - 1} more" if len(lonely) > 1 else ""),
            "is answered by one policy only, so it cannot be paired",
            "let both policies answer the same scenarios",
            "evaluation.compare",
        )
    judges = sorted({row.judgement.judge for row in (*before, *after) if row.scenario.task == "open"})
    if len(judges) > 1:
        raise InputError(
            f"judges {', '.join(judges)}",
            "do not give numbers that can be compared",
            "judge both sides by one judge",
            "evaluation.compare",
        )
    return [(row, sides[1][row.scenario.id]) for row in before]


def _by_scenario(rows: Sequence[Judged], side: str) -> dict[str, Judged]:
    found: dict[str, Judged] = {}
    for row in rows:
        if row.scenario.id in found:
            raise InputError(
                f"scenario {row.scenario.id}",
                f"is answered twice on the side {side}",
                "give one answer each",
                "evaluation.compare",
            )
        found[row.scenario.id] = row
    return found


def _compare_one(by: str, name: str, metric: Metric, pairs: Sequence[Pair]) -> Comparison | None:
    rows = [(one, other) for one, other in pairs if metric.applies(one.scenario)]
    clusters = [cluster_of(one.scenario) for one, _ in rows]
    values_before = [metric.value(one) for one, _ in rows]
    values_after = [metric.value(other) for _, other in rows]
    before, after = mean(values_before, clusters, "cluster"), mean(values_after, clusters, "cluster")
    difference = paired_difference(values_before, values_after, clusters, "cluster")
    if before is None or after is None or difference is None:
        return None
    return Comparison(by=by, name=name, metric=metric.name, before=before, after=after, difference=difference)
