"""Numbers with their intervals: every published number is an `Estimate`, resampled by what was drawn together."""

from primum.stats.intervals import mean, paired_difference, wilson

__all__ = ["mean", "paired_difference", "wilson"]
