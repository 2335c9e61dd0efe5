"""What judged answers add up to: metrics with intervals, two policies side by side, and which branch to keep."""

from primum.evaluation.compare import compare
from primum.evaluation.metrics import METRICS, Judged, Metric, measure
from primum.evaluation.validator import Choice, ValidatorSettings, choose

__all__ = ["METRICS", "Choice", "Judged", "Metric", "ValidatorSettings", "choose", "compare", "measure"]
