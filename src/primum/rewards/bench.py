"""The bench of a reward model: how right it is by class of criterion, on what it was trained on and on what it never saw.

| measure | of | what |
|---|---|---|
| `pointwise` | a labelled criterion of an answer | the share whose chance of being met (from .5) says what the label says |
| `selective`, `coverage` | the same | that share among chances that are not near even, and how many those are |
| `pairwise` | a criterion with a winner | the share where the winner's score is the better one; equal scores count half |
| `veto_precision`, `veto_recall`, `veto_f1` | a safety criterion of an answer | a veto is a violated one |
| `overall_clipped`, `_sum`, `_lexicographic`, `_verdicts` | a pair with a winner | the share put in the order of the labels, by `Shape` |
| `calibration_error`, `brier` | a labelled criterion, by head | how far chances are from what was so |

Classes are proficiency, excellence and safety, as in ProMedical (arXiv 2604.08326). Every number is an `Estimate` whose 95 % interval is
by `PairSample.group`; where there is none, the row says why. `by_chance` is what knowing nothing but how often would reach. What a
scorer could not read is in no number: each row counts it beside, and a difference is of what both have read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Literal, NamedTuple, TypeVar, get_args

from msgspec.structs import replace

from primum.errors import InputError
from primum.records import Estimate, ReliabilityBin, Value
from primum.rewards.asked import Read
from primum.rewards.bench_rows import (
    SLICES,
    BenchFacts,
    BenchRows,
    BenchSettings,
    Count,
    Judged,
    Ordered,
    Preferred,
    Shape,
    Slice,
    Unread,
    rows_of,
    why_empty,
)
from primum.rewards.bench_veto import f1, f1_apart
from primum.rewards.samples import PairSample
from primum.stats import Undefined, mean, paired_difference
from primum.stats.calibration import brier_score, expected_calibration_error, reliability

__all__ = [
    "BenchFacts",
    "BenchRow",
    "BenchSettings",
    "BenchTable",
    "Kind",
    "Measure",
    "Measured",
    "Reliability",
    "Unread",
    "measure",
]

Measure = Literal[
    "pointwise",
    "selective",
    "coverage",
    "pairwise",
    "veto_precision",
    "veto_recall",
    "veto_f1",
    "overall_clipped",
    "overall_sum",
    "overall_lexicographic",
    "overall_verdicts",
    "calibration_error",
    "brier",
]
Kind = Literal["all", "proficiency", "excellence", "safety", "safety_head", "proficiency_head"]

_UNIT = "group"
_CLASSES: tuple[Kind, ...] = ("all", "proficiency", "excellence", "safety")
_HEADS: tuple[Kind, ...] = ("safety_head", "proficiency_head")
_KINDS: dict[Measure, tuple[Kind, ...]] = {
    "pointwise": _CLASSES,
    "selective": _CLASSES,
    "coverage": _CLASSES,
    "pairwise": _CLASSES,
    "veto_precision": ("safety",),
    "veto_recall": ("safety",),
    "veto_f1": ("safety",),
    "overall_clipped": ("all",),
    "overall_sum": ("all",),
    "overall_lexicographic": ("all",),
    "overall_verdicts": ("all",),
    "calibration_error": _HEADS,
    "brier": _HEADS,
}
_NOT_PAIRED = ("selective", "coverage", "veto_precision", "calibration_error")


class BenchRow(Value, frozen=True):
    """One number of one class on one slice. `estimate` is `None` where there is none, and `why` says so.

    `n` rows of `groups` groups; `ties` had no winner, `masked` no label, `unread` a label but no answer of the scorer (in a difference, of
    either). `by_chance`: the commoner label for `pointwise`, a coin for
    preferences, flagging everything for vetoes, always saying the base rate for `brier`.
    """

    measure: Measure
    kind: Kind
    where: Slice
    estimate: Estimate | None
    why: str = ""
    n: int = 0
    groups: int = 0
    ties: int = 0
    masked: int = 0
    unread: int = 0
    by_chance: float | None = None


class Reliability(Value, frozen=True):
    """What a head said against what was so, in bins of its chance of being met."""

    kind: Kind
    bins: tuple[ReliabilityBin, ...]


class BenchTable(Value, frozen=True):
    """Every number of one scorer; or of two, where `rows` hold the first minus the second."""

    rows: tuple[BenchRow, ...]
    reliability: tuple[Reliability, ...] = ()
    pairs: int = 0
    groups: int = 0

    def row(self, measure: Measure, kind: Kind = "all", where: Slice = "all") -> BenchRow:
        """The row of that name. Raises `KeyError` for a class that the measure is not of."""
        for one in self.rows:
            if (one.measure, one.kind, one.where) == (measure, kind, where):
                return one
        raise KeyError(f"{measure} of {kind} on {where}")


def measure(
    pairs: Sequence[PairSample],
    reads: Mapping[str, Read | Unread],
    facts: BenchFacts,
    settings: BenchSettings | None = None,
) -> BenchTable:
    """The whole table of one scorer, `reads` by `Item.id`. Raises `InputError` as `bench_rows.rows_of` does."""
    return Measured(pairs, reads, facts, settings).table()


class _Column(NamedTuple):
    """Values between 0 and 1, and the group of each."""

    values: list[float]
    groups: list[str]


class Measured:
    """One scorer's rows: any number of the bench, and its paired difference from another scorer's on the same pairs."""

    def __init__(
        self,
        pairs: Sequence[PairSample],
        reads: Mapping[str, Read | Unread],
        facts: BenchFacts,
        settings: BenchSettings | None = None,
    ) -> None:
        self.settings = settings or BenchSettings()
        self.facts = facts
        self._pairs = [pair.id for pair in pairs]
        self._groups = len({pair.group for pair in pairs})
        self._rows: BenchRows = rows_of(pairs, reads, facts, self.settings)

    def beside(self, other: Measured) -> tuple[Measured, Measured]:
        """This scorer and the other one on the rows that both have read, on this scorer's slices: what their difference is between.

        Raises `InputError` where the two were not measured on the same pairs.
        """
        if self._pairs != other._pairs:
            raise InputError("two scorers", "are not of the same pairs", "measure both on the same pairs", "bench")
        return self._shared(other, self), other._shared(self, self)

    def _shared(self, other: Measured, sliced: Measured) -> Measured:
        mine, theirs, at = self._rows, other._rows, sliced._rows
        shared = copy(self)
        shared.facts = sliced.facts
        shared._rows = BenchRows(
            _shared_rows(mine.judged, theirs.judged, at.judged),
            _shared_rows(mine.preferred, theirs.preferred, at.preferred),
            _shared_rows(mine.ordered, theirs.ordered, at.ordered),
            at.ties,
            at.masked,
        )
        return shared

    def table(self) -> BenchTable:
        """Every number on every slice."""
        return BenchTable(
            rows=tuple(self.number(*name) for name in _names()),
            reliability=tuple(Reliability(kind=kind, bins=self.reliability(kind)) for kind in _HEADS),
            pairs=len(self._pairs),
            groups=self._groups,
        )

    def number(self, measure: Measure, kind: Kind = "all", where: Slice = "all") -> BenchRow:
        """One number; the row says why where there is none."""
        _check(measure, kind)
        column = self._column(measure, kind, where)
        unread = self._unread(measure, kind, where)
        found: Estimate | Undefined
        if not column.values:
            found = Undefined(self._why(measure, kind, where))
        elif measure == "veto_f1":
            found = f1(self._judged(kind, where), _UNIT)
        elif measure == "calibration_error":
            said = self._judged(kind, where)
            off = expected_calibration_error([one.chance for one in said], [one.is_met for one in said], column.groups)
            found = replace(off, unit=_UNIT) if isinstance(off, Estimate) else off
        elif measure == "brier":
            said = self._judged(kind, where)
            found = brier_score([one.chance for one in said], [one.is_met for one in said], column.groups, _UNIT)
        else:
            found = mean(column.values, column.groups, _UNIT) or Undefined(self._why(measure, kind, where))
        return self._row((measure, kind, where), column, found, unread, self._by_chance(measure, kind, where))

    def minus(
        self,
        other: Measured,
        measure: Measure,
        kind: Kind = "all",
        where: Slice = "all",
        as_other: Measure | None = None,
    ) -> BenchRow:
        """This scorer's number minus the other's, row by row; `as_other` is what the other is measured by where its order is another.

        The slices are this scorer's. Raises `InputError` where the two were not measured on the same pairs, or for a measure whose rows
        each scorer chooses for itself.
        """
        return _minus(*self.beside(other), (measure, kind, where), as_other or measure)

    def against(self, other: Measured) -> BenchTable:
        """Every number that both have on the same rows: this scorer's minus the other's."""
        mine, theirs = self.beside(other)
        names = [name for name in _names() if name[0] not in _NOT_PAIRED]
        return BenchTable(
            rows=tuple(_minus(mine, theirs, name, name[0]) for name in names),
            pairs=len(self._pairs),
            groups=self._groups,
        )

    def reliability(self, kind: Kind, bins: int = 10) -> tuple[ReliabilityBin, ...]:
        """What was said against what was so; empty bins are not there."""
        said = self._judged(kind, "all")
        return reliability(
            [one.chance for one in said], [one.is_met for one in said], [one.group for one in said], bins, unit=_UNIT
        )

    def _column(self, measure: Measure, kind: Kind, where: Slice) -> _Column:
        """The values that a number is the mean of (F1 and the calibration error are not, their column only counts)."""
        if measure.startswith("overall"):
            shape: Shape = _SHAPE_OF[measure]
            ordered = _read_in(self._rows.ordered, where)
            return _Column([one.values[shape] for one in ordered], [one.group for one in ordered])
        if measure == "pairwise":
            preferred = [one for one in _read_in(self._rows.preferred, where) if kind in ("all", one.kind)]
            return _Column([one.value for one in preferred], [one.group for one in preferred])
        within = self.settings.abstain_within
        judged = [one for one in self._judged(kind, where) if _counts(measure, one, within)]
        return _Column([_value(measure, one, within) for one in judged], [one.group for one in judged])

    def _judged(self, kind: Kind, where: Slice) -> list[Judged]:
        return [one for one in _read_in(self._rows.judged, where) if _is_class(one.kind, kind)]

    def _unread(self, measure: Measure, kind: Kind, where: Slice) -> int:
        """How many labelled rows have no value: an answer could not be read."""
        return sum(
            where in one.slices and not one.is_read and (isinstance(one, Ordered) or _is_class(one.kind, kind))
            for one in self._rows_of(measure)
        )

    def _rows_of(self, measure: Measure) -> Sequence[Judged | Preferred | Ordered]:
        if measure.startswith("overall"):
            return self._rows.ordered
        return self._rows.preferred if measure == "pairwise" else self._rows.judged

    def _row(
        self,
        name: tuple[Measure, Kind, Slice],
        column: _Column,
        found: Estimate | Undefined,
        unread: int,
        by_chance: float | None,
    ) -> BenchRow:
        is_known = isinstance(found, Estimate)
        return BenchRow(
            measure=name[0],
            kind=name[1],
            where=name[2],
            estimate=found if isinstance(found, Estimate) else None,
            why="" if isinstance(found, Estimate) else found.reason,
            n=len(column.values),
            groups=len(set(column.groups)),
            ties=self._counted(self._rows.ties, *name),
            masked=self._counted(self._rows.masked, *name),
            unread=unread,
            by_chance=by_chance if is_known else None,
        )

    def _counted(self, counter: Mapping[Count, int], measure: Measure, kind: Kind, where: Slice) -> int:
        what = "ordered" if measure.startswith("overall") else "preferred" if measure == "pairwise" else "judged"
        return sum(
            count
            for one, count in counter.items()
            if one.what == what and one.where == where and (not one.kind or _is_class(one.kind, kind))
        )

    def _by_chance(self, measure: Measure, kind: Kind, where: Slice) -> float | None:
        if measure == "pairwise" or measure.startswith("overall"):
            return 0.5
        rows = self._judged(kind, where)
        if not rows or measure in ("coverage", "calibration_error", "veto_recall"):
            return None
        if measure.startswith("veto"):
            share = sum(one.is_violated for one in rows) / len(rows)
            return share if measure == "veto_precision" else 2 * share / (1 + share)
        share = sum(one.is_met for one in rows) / len(rows)
        return share * (1 - share) if measure == "brier" else max(share, 1 - share)

    def _why(self, measure: Measure, kind: Kind, where: Slice) -> str:
        if self._unread(measure, kind, where) and (measure in _DECIDED or not self._judged(kind, where)):
            return "none of it could be read"
        if not self._judged("all", where) and not self._counted(self._rows.masked, "pointwise", "all", where):
            return why_empty(where, self.facts)
        if measure in ("veto_precision", "veto_recall") and self._judged(kind, where):
            return "no veto was said" if measure == "veto_precision" else "no safety criterion is violated here"
        if measure == "selective" and self._judged(kind, where):
            return "every chance is near even"
        return "no label is known here" if measure not in _DECIDED else "no preference is decided here"


_SHAPE_OF: dict[Measure, Shape] = {
    "overall_clipped": "clipped",
    "overall_sum": "sum",
    "overall_lexicographic": "lexicographic",
    "overall_verdicts": "verdicts",
}
_DECIDED = ("pairwise", *_SHAPE_OF)


_Row = TypeVar("_Row", Judged, Preferred, Ordered)


def _minus(mine: Measured, theirs: Measured, name: tuple[Measure, Kind, Slice], as_other: Measure) -> BenchRow:
    """The difference of two that stand beside each other."""
    measure, kind, where = name
    _check(measure, kind)
    if measure in _NOT_PAIRED:
        raise InputError(
            f"'{measure}' of two scorers", "is not of the same rows", "compare them by a number of all rows", "bench"
        )
    column, unread = mine._column(measure, kind, where), mine._unread(measure, kind, where)
    found: Estimate | Undefined | None
    if not column.values:
        found = Undefined("one of the two could read none of it" if unread else mine._why(measure, kind, where))
    elif measure == "veto_f1":
        found = f1_apart(mine._judged(kind, where), theirs._judged(kind, where), _UNIT)
    else:
        found = paired_difference(theirs._column(as_other, kind, where).values, column.values, column.groups, _UNIT)
    return mine._row(name, column, found or Undefined("no row is decided on both sides"), unread, None)


def _shared_rows(mine: Sequence[_Row], theirs: Sequence[_Row], sliced: Sequence[_Row]) -> list[_Row]:
    """My rows, read where theirs are too, on the slices of `sliced`."""
    return [
        one._replace(slices=at.slices, is_read=one.is_read and other.is_read)
        for one, other, at in zip(mine, theirs, sliced, strict=True)
    ]


def _read_in(rows: Sequence[_Row], where: Slice) -> list[_Row]:
    """The rows of a slice that were read."""
    return [one for one in rows if where in one.slices and one.is_read]


def _names() -> Iterator[tuple[Measure, Kind, Slice]]:
    for one in get_args(Measure):
        for kind in _KINDS[one]:
            for where in SLICES:
                yield one, kind, where


def _check(measure: Measure, kind: Kind) -> None:
    if kind not in _KINDS.get(measure, ()):
        raise KeyError(f"{measure} of {kind}")


def _is_class(own: str, kind: Kind) -> bool:
    if kind == "proficiency_head":
        return own != "safety"
    return kind == "all" or own == kind.removesuffix("_head")


def _counts(measure: Measure, one: Judged, within: float) -> bool:
    if measure == "veto_precision":
        return one.says_violated
    if measure == "veto_recall":
        return one.is_violated
    return measure != "selective" or _is_sure(one, within)


def _value(measure: Measure, one: Judged, within: float) -> float:
    if measure == "coverage":
        return float(_is_sure(one, within))
    if measure == "brier":
        return (one.chance - one.is_met) ** 2
    if measure.startswith("veto"):
        return float(one.is_violated if measure == "veto_precision" else one.says_violated)
    return float(one.is_right)


def _is_sure(one: Judged, within: float) -> bool:
    return abs(one.chance - 0.5) >= within - 1e-9  # .6 is as far from even as .4, whatever floats say
