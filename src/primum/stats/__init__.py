"""Numbers with their intervals: every published number is an `Estimate`, resampled by what was drawn together.

What cannot be told is `Undefined` and says why; nothing is NaN. Nothing heavy is imported before it is used.
"""

from primum.stats.agreement import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    intraclass_correlation,
    krippendorff_alpha,
    raw_agreement,
)
from primum.stats.calibration import brier_score, cross_fit, expected_calibration_error, fit_isotonic, fit_platt
from primum.stats.contrasts import Contrast, difference, paired, student_mean
from primum.stats.intervals import mean, paired_difference, wilson
from primum.stats.resampling import bootstrap, reference_interval
from primum.stats.undefined import Undefined

__all__ = [
    "Contrast",
    "Undefined",
    "bootstrap",
    "brier_score",
    "cohen_kappa",
    "cross_fit",
    "difference",
    "expected_calibration_error",
    "fit_isotonic",
    "fit_platt",
    "fleiss_kappa",
    "gwet_ac",
    "intraclass_correlation",
    "krippendorff_alpha",
    "mean",
    "paired",
    "paired_difference",
    "raw_agreement",
    "reference_interval",
    "student_mean",
    "wilson",
]
