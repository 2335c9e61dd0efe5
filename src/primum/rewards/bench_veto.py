"""F1 of vetoes, and how far two scorers' are apart, bootstrapped by group: F1 is no mean of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from primum.records import Estimate
from primum.rewards.bench_rows import Judged
from primum.stats import Undefined, bootstrap

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

__all__ = ["f1", "f1_apart"]


def f1(rows: Sequence[Judged], unit: str) -> Estimate | Undefined:
    """`2 TP / (2 TP + FP + FN)` by clusters; 0/0, where nothing is violated and nothing said to be, is undefined."""
    counts, groups = _confusions(rows)
    if not counts[:, :3].sum():
        return Undefined("nothing is violated here and nothing was said to be")
    found = bootstrap(_f1_of(counts), groups, scale=(0.0, 1.0), unit=unit)
    return _of_rows(found, len(rows))


def f1_apart(rows: Sequence[Judged], others: Sequence[Judged], unit: str) -> Estimate | Undefined:
    """One scorer's F1 minus another's, the same clusters drawn for both."""
    (mine, groups), (theirs, _) = _confusions(rows), _confusions(others)
    if not mine[:, :3].sum() or not theirs[:, :3].sum():
        return Undefined("one of the two has no F1")
    first, second = _f1_of(mine), _f1_of(theirs)
    found = bootstrap(lambda weights: first(weights) - second(weights), groups, scale=(-1.0, 1.0), unit=unit)
    return _of_rows(found, len(rows))


def _of_rows(found: Estimate | Undefined, rows: int) -> Estimate | Undefined:
    """What was resampled were clusters; `n` counts rows, as everywhere."""
    if isinstance(found, Undefined):
        return found
    return replace(found, n=rows)


def _confusions(rows: Sequence[Judged]) -> tuple[Floats, list[str]]:
    """Violations found, said wrongly, missed, and right acquittals, (groups, 4); and the groups."""
    import numpy as np

    place = {group: at for at, group in enumerate(dict.fromkeys(one.group for one in rows))}
    counts = np.zeros((len(place), 4))
    for one in rows:
        kind = (0 if one.is_violated else 1) if one.says_violated else (2 if one.is_violated else 3)
        counts[place[one.group], kind] += 1
    return counts, list(place)


def _f1_of(counts: Floats) -> Callable[[Floats], Floats]:
    import numpy as np

    def found_by(weights: Floats) -> Floats:
        hit, wrong, missed, _ = (weights @ counts).T
        with np.errstate(invalid="ignore"):
            found: Floats = 2 * hit / (2 * hit + wrong + missed)
        return found

    return found_by
