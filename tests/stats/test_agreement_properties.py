"""What must hold for any ratings, and how often the intervals hold the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from primum.records import Estimate
from primum.stats.agreement import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    intraclass_correlation,
    krippendorff_alpha,
    raw_agreement,
)
from primum.stats.undefined import Undefined

Coefficient = Callable[..., Estimate | Undefined]
Table = list[list[int | None]]

NOMINAL: dict[str, Coefficient] = {
    "raw": raw_agreement,
    "fleiss": fleiss_kappa,
    "gwet": lambda rows, **more: gwet_ac(rows, categories=[0, 1, 2], **more),
    "alpha": krippendorff_alpha,
}
ORDERED: dict[str, Coefficient] = {
    "fleiss, quadratic": lambda rows, **more: fleiss_kappa(rows, "quadratic", categories=[0, 1, 2], **more),
    "gwet, linear": lambda rows, **more: gwet_ac(rows, "linear", categories=[0, 1, 2], **more),
    "alpha, ordinal": lambda rows, **more: krippendorff_alpha(rows, "ordinal", **more),
    "alpha, interval": lambda rows, **more: krippendorff_alpha(rows, "interval", **more),
    "icc": lambda rows, **more: intraclass_correlation(rows, "1,1", **more),
}
tables = st.integers(2, 4).flatmap(
    lambda raters: st.lists(
        st.lists(st.sampled_from([0, 1, 2, None]), min_size=raters, max_size=raters), min_size=2, max_size=12
    )
)


def same(one: Estimate | Undefined, other: Estimate | Undefined) -> bool:
    if isinstance(one, Undefined) or isinstance(other, Undefined):
        return isinstance(one, Undefined) and isinstance(other, Undefined)
    assert one.low <= one.value <= one.high
    close = [abs(getattr(one, end) - getattr(other, end)) <= 1e-6 for end in ("value", "low", "high")]
    return all(close) and one.n == other.n


@pytest.mark.parametrize("name", [*NOMINAL, *ORDERED])
@settings(max_examples=40)
@given(table=tables, data=st.data())
def test_order_of_units_and_of_raters_does_not_matter(name: str, table: Table, data: st.DataObject) -> None:
    coefficient = {**NOMINAL, **ORDERED}[name]
    units = data.draw(st.permutations(range(len(table))))
    raters = data.draw(st.permutations(range(len(table[0]))))
    assert same(coefficient(table), coefficient([[table[unit][rater] for rater in raters] for unit in units]))


@pytest.mark.parametrize("name", [*NOMINAL, *ORDERED])
@settings(max_examples=40)
@given(table=tables)
def test_numbers_may_be_turned_around(name: str, table: Table) -> None:
    coefficient = {**NOMINAL, **ORDERED}[name]
    assert same(coefficient(table), coefficient([[None if one is None else 2 - one for one in row] for row in table]))


@pytest.mark.parametrize("name", list(NOMINAL))
@settings(max_examples=40)
@given(table=tables, names=st.permutations([0, 1, 2]))
def test_names_are_only_names(name: str, table: Table, names: list[int]) -> None:
    renamed = [[None if one is None else names[one] for one in row] for row in table]
    assert same(NOMINAL[name](table), NOMINAL[name](renamed))


@pytest.mark.parametrize("name", [*NOMINAL, *ORDERED])
@settings(max_examples=40)
@given(table=tables)
def test_one_is_agreement_and_nothing_else(name: str, table: Table) -> None:
    found = {**NOMINAL, **ORDERED}[name](table)
    assume(isinstance(found, Estimate))
    assert isinstance(found, Estimate)
    if name == "icc":  # it leaves out the units with a hole
        table = [row for row in table if None not in row]
    agreed = all(len({one for one in row if one is not None}) <= 1 for row in table)
    assert (found.value == pytest.approx(1.0, abs=1e-9)) is agreed
    assert found.value <= 1 + 1e-9 and found.low < found.high


@settings(max_examples=60)
@given(table=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=30))
def test_two_categories_have_one_kappa_whatever_the_weights(table: list[tuple[bool, bool]]) -> None:
    plain = cohen_kappa(table)
    for weights in ("linear", "quadratic"):
        assert same(plain, cohen_kappa(table, weights))
    swapped = cohen_kappa([(second, first) for first, second in table])
    assert same(plain, swapped)


@settings(max_examples=40)
@given(table=tables, times=st.integers(2, 3))
def test_clusters_that_stand_alone_are_no_clusters(table: Table, times: int) -> None:
    names = [f"conversation {position}" for position in range(len(table))]
    assert same(fleiss_kappa(table), fleiss_kappa(table, clusters=names))
    # the same units again, in the same clusters, are no news: the coefficient stays, the interval hardly narrows
    once, again = fleiss_kappa(table), fleiss_kappa(table * times, clusters=names * times)
    if isinstance(once, Estimate) and isinstance(again, Estimate):
        assert again.value == pytest.approx(once.value)
        assert again.high - again.low >= 0.99 * (once.high - once.low)


def rated(
    rng: np.random.Generator, units: int, prevalence: list[float], error: float, raters: int = 2
) -> list[list[int]]:
    """Simulated raters who see the truth, or guess by prevalence: the true κ is `(1 − error)²` for any coefficient of its kind."""
    truth = rng.choice(len(prevalence), units, p=prevalence)
    guesses = rng.choice(len(prevalence), (units, raters), p=prevalence)
    rows: list[list[int]] = np.where(rng.random((units, raters)) < error, guesses, truth[:, None]).tolist()
    return rows


@pytest.mark.parametrize(
    ("units", "prevalence", "error"), [(60, [0.5, 0.5], 0.3), (100, [0.5, 0.5], 0.05), (300, [0.9, 0.1], 0.2)]
)
def test_intervals_cover_in_simulation(units: int, prevalence: list[float], error: float) -> None:
    rng, rounds = np.random.default_rng(20), 500
    kappa = (1 - error) ** 2
    apart = 2 * prevalence[0] * prevalence[1]
    truths: dict[str, tuple[Coefficient, float]] = {
        "cohen": (cohen_kappa, kappa),
        "fleiss": (fleiss_kappa, kappa),
        "alpha": (krippendorff_alpha, kappa),
        "gwet": (gwet_ac, 1 - (1 - kappa) * apart / (1 - apart)),
    }
    hits = dict.fromkeys(truths, 0)
    for _ in range(rounds):
        rows: Any = rated(rng, units, prevalence, error)
        for name, (coefficient, truth) in truths.items():
            found = coefficient(rows)
            assert isinstance(found, Estimate)
            hits[name] += found.low <= truth <= found.high
    for name, hit in hits.items():
        assert 0.925 <= hit / rounds <= 0.99, (name, hit / rounds)
