"""Judged answers of a finished run as a run to be compared: every metric of `primum.evaluation.METRICS` on every slice."""

from __future__ import annotations

from collections.abc import Sequence

from primum.evaluation.compare import SLICES
from primum.evaluation.contrast import Frame, Measure, Run, Slice
from primum.evaluation.contrast_difference import Span
from primum.evaluation.contrast_suites import Loaded
from primum.evaluation.metrics import METRICS, Judged, cluster_of
from primum.evaluation.suites.files import answer_digest

__all__ = ["load_judged"]


def load_judged(judged: Sequence[Judged], judge: str, fingerprint: str) -> Loaded:
    """One policy's answers under the judge with this id. Choice questions have a judge of their own, whose id is its fingerprint here."""
    values: dict[Slice, dict[str, Span]] = {}
    for row in judged:
        for metric in METRICS:
            if not metric.applies(row.scenario):
                continue
            value = metric.value(row)
            span = Span(0.0, 1.0) if value is None else Span(value, value)
            for by, name_of in SLICES.items():
                values.setdefault(Slice(metric.name, by, name_of(row.scenario)), {})[row.scenario.id] = span
    frame = Frame(
        {metric.name: Measure(metric.is_better_high) for metric in METRICS},
        dict.fromkeys(values, (0.0, 1.0)),
        {row.scenario.id: cluster_of(row.scenario) for row in judged},
    )
    others = {row.scenario.id: row.judgement.judge for row in judged if row.judgement.judge != judge}
    answers = {row.scenario.id: answer_digest(row.response.text) for row in judged}
    return Loaded(Run(values, fingerprint, answers, others), frame, {}, {})
