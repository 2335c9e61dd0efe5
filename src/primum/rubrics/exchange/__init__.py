"""Rubrics and preferences in the formats of others: HealthBench, preference JSONL, Label Studio, Argilla.

`healthbench` and `preferences` hold the rows and their records; `label_studio` and `argilla` the tasks, and what people said of them
(`review`). Reading JSON is in `reading`. Nothing here opens the store: what is there already is handed in by id.
"""

from primum.rubrics.exchange import argilla, healthbench, label_studio, preferences
from primum.rubrics.exchange.reading import Placed, read_objects
from primum.rubrics.exchange.review import (
    Picked,
    Reviewed,
    Shown,
    completed,
    criterion_tasks,
    pair_task,
)

__all__ = [
    "Picked",
    "Placed",
    "Reviewed",
    "Shown",
    "argilla",
    "completed",
    "criterion_tasks",
    "healthbench",
    "label_studio",
    "pair_task",
    "preferences",
    "read_objects",
]
