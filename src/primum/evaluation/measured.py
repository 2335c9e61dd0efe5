"""What one policy measures: every metric on every slice, and unsafe compliance where two slices cross."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from primum.evaluation.compare import SLICES
from primum.evaluation.metrics import METRICS, Judged, Metric, cluster_of
from primum.records import Estimate, Scenario
from primum.stats import mean

__all__ = ["CROSSED", "Measured", "measures"]

CROSSED: Final = "harm_level × style"


class Measured(NamedTuple):
    """One metric on one slice (`by`: `style`, `name`: `role_play`; `all`, `all` for the whole)."""

    by: str
    name: str
    metric: str
    estimate: Estimate


def measures(rows: Sequence[Judged]) -> list[Measured]:
    """Every metric on every slice of `compare.SLICES` that has data for it, in the order of the slices, their names and `METRICS`.

    After them unsafe compliance by harm level and style together: by `harm_level × style`, name `3 × role_play`. Intervals by cluster. What
    was abstained from throughout is left out.
    """
    found: list[Measured] = []
    for by, name_of in SLICES.items():
        found += _sliced(by, name_of, rows, METRICS)
    crossed = [metric for metric in METRICS if metric.name == "unsafe_compliance"]
    return found + _sliced(CROSSED, lambda one: f"{one.harm_level} × {one.style}", rows, crossed)


def _sliced(
    by: str, name_of: Callable[[Scenario], str], rows: Sequence[Judged], metrics: Sequence[Metric]
) -> list[Measured]:
    found: list[Measured] = []
    for name in sorted({name_of(row.scenario) for row in rows}):
        inside = [row for row in rows if name_of(row.scenario) == name]
        for metric in metrics:
            about = [row for row in inside if metric.applies(row.scenario)]
            clusters = [cluster_of(row.scenario) for row in about]
            estimate = mean([metric.value(row) for row in about], clusters, "cluster")
            if estimate is not None:
                found.append(Measured(by, name, metric.name, estimate))
    return found
