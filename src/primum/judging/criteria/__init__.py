"""Judges of free-text criteria: rules written by hand, never trained, and a small trained reader that shares nothing with them."""

from primum.judging.criteria.reader import CriterionReader, LabelledCriterion, ReaderSettings, shipped_reader
from primum.judging.criteria.reader_training import train_reader
from primum.judging.criteria.rule import CriterionRules

__all__ = [
    "CriterionReader",
    "CriterionRules",
    "LabelledCriterion",
    "ReaderSettings",
    "shipped_reader",
    "train_reader",
]
