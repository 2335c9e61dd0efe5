"""The page of cycles after deployment: what they came to for each policy, the curves, what was traded, what each cycle did, on what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from primum.report import cycles_plots, cycles_reading, cycles_words, plots
from primum.report.cycles_headline import headline, warnings
from primum.report.numbers import estimates
from primum.report.page import dress, environment
from primum.report.words import CYCLE_METRICS, METRICS

__all__ = ["render"]


def render(report: Mapping[str, Any]) -> str:
    """The report of cycles as one HTML page, zh and en both in it; equal reports give equal pages.

    Raises `InputError` when `report` lacks one of `cycles_reading.REQUIRED`. What else is missing is shown as missing.
    """
    whole = cycles_reading.checked(report)
    arms = whole["arms"]
    return (
        environment()
        .get_template("cycles.html")
        .render(
            r=whole,
            columns=cycles_reading.known_measures(arms),
            front_axes=cycles_words.FRONT_AXES,
            glossary=[*METRICS.values(), *CYCLE_METRICS.values()],
            headlines=[headline(arm) for arm in arms],
            plots={
                "curves": cycles_plots.curves(arms),
                "plane": cycles_plots.plane(whole["front"], arms),
                "sides": cycles_plots.sides(arms),
                "seconds": plots.seconds(whole["seconds"]),
            },
            read=cycles_reading,
            units=sorted({str(part["unit"]) for part in estimates(whole)}),
            warnings=warnings(whole),
            words=cycles_words,
            **dress("cycles.css"),
        )
    )
