"""The page of a guardian in the loop: the paper's table under both judges, the curves, the rounds, and what all of it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from primum.report import loop_plots, loop_words, plots
from primum.report.loop_reading import (
    checked,
    curves,
    heads,
    kept_round,
    measures,
    quoted,
    said_of_risk,
    scenes,
    spots,
    verdict,
    written_share,
)
from primum.report.numbers import estimates
from primum.report.page import dress, environment
from primum.report.words import MEDES_METRICS, Pair

__all__ = ["render"]


def render(report: Mapping[str, Any]) -> str:
    """The report of a loop as one HTML page, zh and en both in it; equal reports give equal pages.

    Raises `InputError` when `report` lacks one of `loop_reading.REQUIRED`. What else is missing is shown as missing.
    """
    whole = checked(report)
    points, by_scene, taxonomy = curves(whole), scenes(whole), whole["taxonomy"]
    risks = next((rows for metric, rows in by_scene if metric == "risk_rate"), [])
    columns = {
        name for table in whole["table"].values() for side in ("before", "after", "difference") for name in table[side]
    }

    def called(part: str, key: str) -> Pair:
        return loop_words.named(taxonomy, part, key)

    return (
        environment()
        .get_template("loop.html")
        .render(
            r=whole,
            plots={
                "curves": loop_plots.curves(points),
                "scenes": loop_plots.scenes(risks, taxonomy),
                "dimensions": loop_plots.dimensions(whole["benchmark"].get("by_dimension") or {}, taxonomy),
                "seconds": plots.seconds(whole["seconds"]),
            },
            called=called,
            columns=measures({*MEDES_METRICS, *columns}),
            glossary=[*MEDES_METRICS.values()],
            heads=heads(whole),
            kept=kept_round(whole),
            points=points,
            quoted=quoted,
            said=verdict(whole),
            said_of_risk=said_of_risk,
            scenes=by_scene,
            spots=spots,
            units=sorted({str(part["unit"]) for part in estimates(whole)}),
            words=loop_words,
            written_share=written_share,
            **dress("loop.css"),
        )
    )
