"""Does "90 % sure" mean right nine times in ten? Reliability, its summaries, and two ways to repair it (Platt, isotonic).

Scores are what a judge gave as the probability of being right (or of "met"), `right` says whether it was. A calibrator is a frozen value
that goes through JSON; it is never measured on what it was fitted on: `cross_fit` gives each row the probability of a calibrator that saw
nothing of its cluster.
"""

from primum.stats.calibration_fits import (
    Calibrator,
    CrossFitted,
    Isotonic,
    Method,
    Platt,
    cross_fit,
    fit_isotonic,
    fit_platt,
)
from primum.stats.calibration_measures import brier_score, expected_calibration_error, reliability

__all__ = [
    "Calibrator",
    "CrossFitted",
    "Isotonic",
    "Method",
    "Platt",
    "brier_score",
    "cross_fit",
    "expected_calibration_error",
    "fit_isotonic",
    "fit_platt",
    "reliability",
]
