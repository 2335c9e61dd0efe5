"""Distillation: criteria that clinicians own become principles that spread them.

criteria → atoms → details of the case out → groups within a cell → parts that do not meet in a rubric
         → groups of one meaning joined over cells → one statement each → those with enough support
"""

from primum.rubrics.distil.chat import Merged, merge_with_model
from primum.rubrics.distil.details import GENERIC, generalise, has_details
from primum.rubrics.distil.distilling import Distilled, Source, Wording, distil
from primum.rubrics.distil.measures import (
    Drawing,
    Merge,
    Redundancy,
    Stability,
    drawing,
    redundancy,
    stability,
)
from primum.rubrics.distil.settings import DIMENSIONS, ChatDistilSettings, DistilSettings

__all__ = [
    "DIMENSIONS",
    "GENERIC",
    "ChatDistilSettings",
    "DistilSettings",
    "Distilled",
    "Drawing",
    "Merge",
    "Merged",
    "Redundancy",
    "Source",
    "Stability",
    "Wording",
    "distil",
    "drawing",
    "generalise",
    "has_details",
    "merge_with_model",
    "redundancy",
    "stability",
]
