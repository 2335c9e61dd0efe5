"""Rows of scores and truths, checked before anything is fitted to or measured on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from primum.errors import InputError
from primum.stats.score_interval import cluster_index

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]
    Indices = NDArray[numpy.int64]

__all__ = ["checked_clusters", "checked_probabilities", "checked_truth"]


def checked_probabilities(scores: Sequence[float]) -> Floats:
    """Numbers between 0 and 1. Raises `InputError` for any other."""
    import numpy as np

    row = np.asarray(scores, dtype=float)
    off = row[~((row >= 0) & (row <= 1))]
    if len(off):
        raise InputError(f"score {off[0]}", "is not a probability", "give 0 … 1", "stats.calibration")
    return row


def checked_truth(scores: Sequence[float], right: Sequence[bool]) -> Floats:
    """1 for right and 0 for wrong, one for each score. Raises `InputError` for none, or for a number that does not match."""
    import numpy as np

    if not scores or len(scores) != len(right):
        raise InputError(
            f"{len(scores)} scores and {len(right)} truths",
            "do not match",
            "give one truth a score",
            "stats.calibration",
        )
    truth = np.asarray(right, dtype=float)
    if not np.isin(truth, (0.0, 1.0)).all():
        raise InputError("a truth", "is neither right nor wrong", "leave out what nobody decided", "stats.calibration")
    return truth


def checked_clusters(rows: int, clusters: Sequence[str] | None) -> tuple[Indices, int]:
    """The cluster of each row as a position, and how many there are; none named means each row is its own."""
    names = [str(position) for position in range(rows)] if clusters is None else list(clusters)
    if len(names) != rows:
        raise InputError(f"{len(names)} clusters for {rows} rows", "do not match", "name one each", "stats.calibration")
    return cluster_index(names)
