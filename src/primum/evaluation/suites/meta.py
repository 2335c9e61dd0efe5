"""HealthBench's meta-evaluation (arXiv 2505.08775): does a judge agree with physicians as well as they agree with each other?

Each (judge, physician) pair on a (completion, criterion) is one observation; there is no majority vote. For "met" and for "not met"

    precision P = TP / (TP + FP)    recall = TP / (TP + FN)    F1 = 2·(P·recall) / (P + recall)

and the score is the mean of the two F1. Physicians are scored the same way against the others who labelled the same completion and
criterion: each alone, and all pairs together (`physicians`), which is the ceiling. F1 is undefined where a class occurs on neither
side; where it occurs on one side only it is 0 (the reference leaves it out, and a judge who always says no has no score there).

Intervals are of a bootstrap by completion and by physician at once (`stats.resampling.bootstrap`); for the physicians together a pair
moves with both of them. Where resampling gives none (a class so rare that it is missing from many draws) the interval is 0 … 1 and a note
says why. An abstention of the judge leaves its pairs out of the score; the bounds are those of every pair for itself, all wrong and
all right, which no set of verdicts can leave.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from primum.errors import InputError
from primum.evaluation.suites.pairs import DataRow, Options, Ruling, read_pairs
from primum.evaluation.suites.result import Bounds, Number, Result
from primum.records import Estimate
from primum.stats.resampling import bootstrap, cluster_weights
from primum.stats.score_interval import cluster_index, score_ends
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    from primum.stats.resampling import Floats, Statistic

__all__ = ["Counts", "MetaRow", "MetaRuling", "macro_f1", "score_meta"]

_UNIT: Final = "completion and physician"
_DRAWS: Final = 1000
_SEED: Final = 0
_UNDEFINED_SHARE: Final = 0.2  # as in stats.resampling
_CELLS: Final = 4_000_000  # weights held at once: 32 MB


class MetaRow(DataRow, frozen=True, kw_only=True):
    """A completion, one criterion, and what each physician said of it, by the published columns."""

    completion_id: str
    binary_labels: list[bool]
    anonymized_physician_ids: list[str]
    category: str | None = None


class MetaRuling(Ruling, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the judge said; `None` where it abstained."""

    met: bool | None


class Counts(NamedTuple):
    """Observations by what the one scored said and what the other said: both met, only the first, only the second, neither."""

    both: float
    first: float
    second: float
    neither: float


class _Pair(NamedTuple):
    """One observation: what the one scored (`rater`, empty for the judge) and the other physician said of a completion."""

    said: bool
    other: bool
    completion: str
    physician: str
    rater: str = ""
    row: int = 0


def macro_f1(counts: Counts) -> float | None:
    """The mean of the F1 of "met" and of "not met"; `None` where a class occurs on neither side.

    2 both, 1 first, 1 second, 4 neither: met P = recall = 2/3, F1 = 2/3; not met P = recall = 4/5; mean 11/15.
    """
    met = _f1(counts.both, counts.first, counts.second)
    not_met = _f1(counts.neither, counts.second, counts.first)
    return None if met is None or not_met is None else (met + not_met) / 2


def score_meta(data: Path, verdicts: Path, options: Options) -> Result:
    """The judge against the physicians, in all and by category, and the physicians against each other."""
    pairs = read_pairs(data, verdicts, (MetaRow, MetaRuling), options)
    for paired in pairs.rows:
        _check(paired.row, paired.place)
    rows = [(one.row, one.ruling.met) for one in pairs.rows]
    notes: list[str] = []
    tags: dict[str, Number] = {}
    for category in sorted({row.category for row, _ in rows if row.category}):
        inside = [(row, met) for row, met in rows if row.category == category]
        tags[f"category:{category}"] = _against_physicians(f"category:{category}", inside, notes)
    abstained = sum(met is None for _, met in rows)
    return Result(
        suite="healthbench-meta",
        metric="macro F1 against physicians",
        is_better_high=True,
        score=_against_physicians("the score", rows, notes),
        tags=tags,
        asked=len(rows),
        abstained=abstained,
        n=len(rows),
        decided=len(rows) - abstained,
        metrics=_among_physicians([row for row, _ in rows], notes),
        missing=pairs.missing,
        judge=pairs.judge,
        notes=notes,
    )


def _check(row: MetaRow, place: str) -> None:
    ids = row.anonymized_physician_ids
    if not ids or len(ids) != len(row.binary_labels):
        raise InputError(
            f"{len(row.binary_labels)} labels by {len(ids)} physicians", "do not match", "give one label each", place
        )
    if len(set(ids)) < len(ids):
        raise InputError(f"physicians {', '.join(ids)[:60]}", "are not all different", "give one label each", place)


def _against_physicians(name: str, rows: Sequence[tuple[MetaRow, bool | None]], notes: list[str]) -> Number:
    """The judge's score; a reason why it has no number, or no interval, is added to `notes`."""
    pairs = [
        _Pair(met, label, row.completion_id, physician)
        for row, met in rows
        if met is not None
        for physician, label in zip(row.anonymized_physician_ids, row.binary_labels, strict=True)
    ]
    return _number(name, pairs, [label for row, met in rows if met is None for label in row.binary_labels], notes)


def _among_physicians(rows: Sequence[MetaRow], notes: list[str]) -> dict[str, Number]:
    """Each physician against the others on the same rows, and all such pairs together: the ceiling."""
    pairs = [
        _Pair(said, label, row.completion_id, other, one, number)
        for number, row in enumerate(rows)
        for one, said in zip(row.anonymized_physician_ids, row.binary_labels, strict=True)
        for other, label in zip(row.anonymized_physician_ids, row.binary_labels, strict=True)
        if other != one
    ]
    if not pairs:
        notes.append("No two physicians labelled the same completion and criterion, so there is no ceiling.")
        return {}
    if len({pair.physician for pair in pairs}) == 2:
        notes.append("There are two physicians only: the interval of their agreement is about these two.")
    found = {"physicians": _number("physicians", pairs, [], notes)}
    by_rater: dict[str, list[_Pair]] = {}
    for pair in pairs:
        by_rater.setdefault(pair.rater, []).append(pair)
    for rater in sorted(by_rater):
        # Alone against the others, who is scored is fixed: only the others are resampled.
        own = [pair._replace(rater="") for pair in by_rater[rater]]
        found[f"physician:{rater}"] = _number(f"physician:{rater}", own, [], notes)
    return found


def _number(name: str, pairs: Sequence[_Pair], undecided: Sequence[bool], notes: list[str]) -> Number:
    """The macro F1 of `pairs` with its interval; `undecided` is what physicians said where the judge abstained."""
    held = _counts(pairs)
    bounds = _bounds(held, undecided)
    point = macro_f1(held)
    if point is None:
        notes.append(f"{name} is undefined: a class occurs on neither side of its {len(pairs)} pairs.")
        return Number(None, bounds)
    interval = _interval(pairs, point)
    if isinstance(interval, Undefined):
        notes.append(f"{name} may lie anywhere from 0 to 1, for it cannot be resampled: {interval.reason}.")
        interval = (0.0, 1.0)
    low, high = min(interval[0], point, bounds[0]), max(interval[1], point, bounds[1])
    return Number(Estimate(value=point, low=low, high=high, n=len(pairs), unit=_UNIT), bounds)


def _interval(pairs: Sequence[_Pair], point: float) -> Bounds | Undefined:
    completions, physicians = [pair.completion for pair in pairs], [pair.physician for pair in pairs]
    second: list[str] | None = physicians
    if any(pair.rater for pair in pairs):
        if len(set(physicians)) > 2:
            return _interval_of_dyads(pairs, point)
        second = None  # both physicians are in every pair, so that nothing could be drawn
    found = bootstrap(_statistic(pairs), completions, second, scale=(0.0, 1.0), draws=_DRAWS, seed=_SEED)
    return found if isinstance(found, Undefined) else (found.low, found.high)


def _interval_of_dyads(pairs: Sequence[_Pair], point: float) -> Bounds | Undefined:
    """The interval of pairs of physicians: a pair is drawn with its completion, and with the one and the other physician.

    Two pairs vary together when they share a completion or a physician. By inclusion and exclusion (Cameron, Gelbach and Miller 2011; for
    dyads Aronow, Samii and Assenova 2015): V(completion) + V(physician) − 2 V(the same two physicians) − V(row), for drawing a pair
    with both of its physicians counts what is its own three times, and pairs of one row, a completion and criterion, share both.
    """
    import numpy as np

    completion, completions = cluster_index([pair.completion for pair in pairs])
    everyone, physicians = cluster_index([name for pair in pairs for name in (pair.rater, pair.physician)])
    duo, duos = cluster_index([tuple(sorted((pair.rater, pair.physician))) for pair in pairs])
    row, rows = cluster_index([pair.row for pair in pairs])
    one, other, statistic = everyone[0::2], everyone[1::2], _statistic(pairs)
    rng = np.random.default_rng(_SEED)

    def variance(clusters: int, weigh: Callable[[Floats], Floats]) -> float | Undefined:
        step = max(1, _CELLS // len(pairs))
        drawn = np.concatenate(
            [
                statistic(weigh(cluster_weights(min(step, _DRAWS - start), clusters, rng)))
                for start in range(0, _DRAWS, step)
            ]
        )
        drawn = drawn[np.isfinite(drawn)]
        if len(drawn) < (1 - _UNDEFINED_SHARE) * _DRAWS:
            return Undefined(f"it has no value in {_DRAWS - len(drawn)} of {_DRAWS} draws")
        return float(drawn.var(ddof=1)) * clusters / max(1, clusters - 1)

    by_completion = variance(completions, lambda weights: weights[:, completion])
    by_physician = variance(physicians, lambda weights: weights[:, one] * weights[:, other])
    by_duo = variance(duos, lambda weights: weights[:, duo])
    by_row = variance(rows, lambda weights: weights[:, row])
    for found in (by_completion, by_physician, by_duo, by_row):
        if isinstance(found, Undefined):
            return found
    assert isinstance(by_completion, float) and isinstance(by_physician, float)
    assert isinstance(by_duo, float) and isinstance(by_row, float)
    shared = by_physician - 2 * by_duo
    total = max(by_completion + shared - by_row, by_completion, shared)
    return score_ends(point, total, min(completions, physicians))


def _statistic(pairs: Sequence[_Pair]) -> Statistic:
    """`macro_f1` of weighted pairs, one value a draw; NaN where it is undefined."""
    import numpy as np

    cells = np.zeros((len(pairs), 4))
    for place, pair in enumerate(pairs):
        cells[place, _cell(pair)] = 1.0

    def scores(weights: Floats) -> Floats:
        found = [macro_f1(Counts(*row)) for row in (weights @ cells).tolist()]
        return np.asarray([np.nan if one is None else one for one in found])

    return scores


def _counts(pairs: Sequence[_Pair]) -> Counts:
    counted = [0, 0, 0, 0]
    for pair in pairs:
        counted[_cell(pair)] += 1
    return Counts(*counted)


def _cell(pair: _Pair) -> int:
    return 2 * (not pair.said) + (not pair.other)


def _f1(hits: float, only_said: float, only_other: float) -> float | None:
    if hits + only_said + only_other == 0:
        return None
    if hits == 0:
        return 0.0
    precision, recall = hits / (hits + only_said), hits / (hits + only_other)
    return 2 * (precision * recall) / (precision + recall)


def _bounds(held: Counts, labels: Sequence[bool]) -> Bounds:
    """The scores with every open pair decided wrongly, and rightly."""
    met, not_met = sum(labels), len(labels) - sum(labels)
    worst = macro_f1(held._replace(first=held.first + not_met, second=held.second + met))
    best = macro_f1(held._replace(both=held.both + met, neither=held.neither + not_met))
    return 0.0 if worst is None else worst, 1.0 if best is None else best
