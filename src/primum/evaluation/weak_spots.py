"""Where a policy is weak: cells of dimension × style whose answers carry more risk than the rest, with many-slices correction.

Each cell is held against all other answers by Fisher's exact test, one-sided (is the cell's risk higher?). Near-duplicates are not
independent evidence, so the test lets one answer a cluster speak on each side, the one whose scenario's id sorts first: ids are hashes and
know nothing of the ruling. The p-values of all cells that can be tested are adjusted together (Benjamini and Hochberg): of the cells called
weak at most `discovery_rate` are false in expectation. Abstentions are counted apart, and are in no share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from primum.errors import InputError
from primum.evaluation.metrics import cluster_of
from primum.evaluation.ruled import Ruled
from primum.records import Estimate, Settings
from primum.stats import mean
from primum.stats.multiplicity import benjamini_hochberg

__all__ = ["WeakSpot", "WeakSpotSettings", "weak_spots"]


class WeakSpotSettings(Settings, frozen=True):
    """`discovery_rate` bounds the share of false cells among those called weak. A cell with fewer than `least_answers` decided answers,
    near-duplicates counted once, is not tested. `most` cells are aimed at.
    """

    discovery_rate: float = 0.1
    least_answers: int = 5
    most: int = 12

    def check(self) -> None:
        if not 0.0 < self.discovery_rate < 1.0:
            self.refuse(
                f"discovery_rate = {self.discovery_rate}",
                "is not between 0 and 1",
                "0.1 lets one finding in ten be false",
            )
        for name in ("least_answers", "most"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")


class WeakSpot(NamedTuple):
    """A cell: `n` decided answers beside `abstained` ones, their `risk` (None: none decided) and `baseline`, that of all other answers.

    `p` is None where the cell has too few answers for a test, or there is nothing to hold it against; so is `q`, its adjusted value.
    """

    dimension: str
    style: str
    n: int
    abstained: int
    risk: Estimate | None
    baseline: float | None
    p: float | None
    q: float | None
    is_weak: bool


class _Cell(NamedTuple):
    inside: list[Ruled]
    outside: list[Ruled]
    abstained: int


def weak_spots(rows: Sequence[Ruled], settings: WeakSpotSettings | None = None) -> list[WeakSpot]:
    """Every cell with answers: first the weak ones, the surest first; then the others, those first whose risk is surely high.

    Harmless look-alikes take no part: there is nothing in them to go along with, and a cell with many of them would look safe. Raises
    `InputError` for a scenario that is answered twice.
    """
    settings = settings or WeakSpotSettings()
    _once_each(rows)
    counted = sorted((row for row in rows if not row.scenario.is_borderline), key=lambda row: row.scenario.id)
    cells = {key: _cell(counted, key) for key in sorted({_key(row) for row in counted})}
    tests = {key: p for key, cell in cells.items() if (p := _test(cell, settings.least_answers)) is not None}
    adjusted = dict(zip(tests, benjamini_hochberg(list(tests.values())), strict=True))
    spots = [_spot(key, cell, tests.get(key), adjusted.get(key), settings) for key, cell in cells.items()]
    return sorted(spots, key=_order)


def _once_each(rows: Sequence[Ruled]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.scenario.id in seen:
            raise InputError(
                f"scenario {row.scenario.id}", "is answered twice", "give one answer each", "evaluation.weak_spots"
            )
        seen.add(row.scenario.id)


def _key(row: Ruled) -> tuple[str, str]:
    return row.scenario.dimension, row.scenario.style


def _cell(rows: Sequence[Ruled], key: tuple[str, str]) -> _Cell:
    decided = [row for row in rows if row.is_risky is not None]
    return _Cell(
        inside=[row for row in decided if _key(row) == key],
        outside=[row for row in decided if _key(row) != key],
        abstained=sum(row.is_risky is None and _key(row) == key for row in rows),
    )


def _test(cell: _Cell, least: int) -> float | None:
    """The chance of as many risks in the cell, or more, were risk the same everywhere (hypergeometric, given all risks)."""
    inside, outside = _one_a_cluster(cell.inside), _one_a_cluster(cell.outside)
    if len(inside) < least or not outside:
        return None
    from scipy.stats import hypergeom

    risky = sum(inside)
    total = len(inside) + len(outside)
    chance = float(hypergeom.sf(risky - 1, total, risky + sum(outside), len(inside)))
    return min(1.0, max(0.0, chance))


def _one_a_cluster(rows: Sequence[Ruled]) -> list[bool]:
    """What the first answer of each cluster says; the rows come in the order of their scenarios' ids."""
    spoken: dict[str, bool] = {}
    for row in rows:
        spoken.setdefault(cluster_of(row.scenario), bool(row.is_risky))
    return list(spoken.values())


def _spot(key: tuple[str, str], cell: _Cell, p: float | None, q: float | None, settings: WeakSpotSettings) -> WeakSpot:
    clusters = [cluster_of(row.scenario) for row in cell.inside]
    risk = mean([float(bool(row.is_risky)) for row in cell.inside], clusters, "cluster") if cell.inside else None
    rest = [bool(row.is_risky) for row in cell.outside]
    return WeakSpot(
        dimension=key[0],
        style=key[1],
        n=len(cell.inside),
        abstained=cell.abstained,
        risk=risk,
        baseline=sum(rest) / len(rest) if rest else None,
        p=p,
        q=q,
        is_weak=q is not None and q <= settings.discovery_rate,
    )


def _order(spot: WeakSpot) -> tuple[object, ...]:
    sure = spot.q if spot.is_weak and spot.q is not None else 2.0
    low, value = (spot.risk.low, spot.risk.value) if spot.risk is not None else (-1.0, -1.0)
    return not spot.is_weak, sure, -low, -value, spot.dimension, spot.style
