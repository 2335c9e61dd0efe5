"""Intervals: numbers worked by hand, coverage in simulation, and what must hold for any data."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from primum.errors import InputError
from primum.records import Estimate
from primum.stats import mean, paired_difference, wilson

Z = 1.959963984540054
ROUNDS = 1500


def test_wilson_with_no_success_reaches_z_squared_over_n_plus_z_squared() -> None:
    nothing = wilson(0, 40)
    assert (nothing.value, nothing.low, nothing.n) == (0.0, 0.0, 40)
    assert nothing.high == pytest.approx(Z**2 / (40 + Z**2), abs=1e-12)
    assert nothing.high == pytest.approx(0.08762, abs=1e-5)


def test_wilson_at_a_half_is_the_textbook_interval() -> None:
    half = wilson(5, 10, unit="answer")
    assert (half.low, half.high) == (pytest.approx(0.2366, abs=1e-4), pytest.approx(0.7634, abs=1e-4))
    assert half.unit == "answer"


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (3, 2), (-1, 5)])
def test_wilson_refuses_what_is_no_proportion(successes: int, n: int) -> None:
    with pytest.raises(InputError, match="is not a proportion"):
        wilson(successes, n)


def test_mean_of_independent_zeros_and_ones_is_wilson_on_a_slightly_smaller_sample() -> None:
    values = [1.0] * 30 + [0.0] * 70
    found = mean(values)
    assert found is not None
    # var = .21/99, so the size is p(1-p)/var = 99, times (z/t)² with t(99) = 1.984217
    size = 99 * (Z / 1.9842169515) ** 2
    centre, half = 0.3 + Z**2 / (2 * size), Z * math.sqrt(0.21 / size + Z**2 / (4 * size**2))
    assert found.value == pytest.approx(0.3)
    assert found.low == pytest.approx((centre - half) / (1 + Z**2 / size), abs=1e-9)
    assert found.high == pytest.approx((centre + half) / (1 + Z**2 / size), abs=1e-9)


def test_rate_without_events_counts_clusters_not_answers() -> None:
    alone, together = mean([0.0] * 40), mean([0.0] * 40, [str(i // 10) for i in range(40)])
    assert alone is not None and together is not None
    assert 0.08 < alone.high < 0.1
    assert together.high > 0.4  # four clusters say little


def test_mean_on_another_scale_is_moved_and_stretched() -> None:
    unit, scaled = mean([0.0, 0.5, 1.0, 1.0]), mean([1.0, 3.0, 5.0, 5.0], scale=(1.0, 5.0))
    assert unit is not None and scaled is not None
    assert scaled.value == pytest.approx(1 + 4 * unit.value)
    assert scaled.low == pytest.approx(1 + 4 * unit.low)


def test_mean_refuses_values_off_its_scale_and_clusters_that_do_not_match() -> None:
    with pytest.raises(InputError, match="not on the scale"):
        mean([0.5, 2.0])
    with pytest.raises(InputError, match="do not match"):
        mean([0.5, 1.0], ["a"])


def test_abstentions_are_not_in_the_value_and_reach_both_ways() -> None:
    decided, unsure = mean([1.0] * 8 + [0.0] * 2), mean([1.0] * 8 + [0.0] * 2 + [None] * 5)
    worst, best = mean([1.0] * 8 + [0.0] * 7), mean([1.0] * 13 + [0.0] * 2)
    assert decided is not None and unsure is not None and worst is not None and best is not None
    assert (unsure.value, unsure.n) == (decided.value, 10)
    assert (unsure.low, unsure.high) == (pytest.approx(worst.low), pytest.approx(best.high))


def test_nothing_decided_is_no_number() -> None:
    assert mean([None, None]) is None
    assert paired_difference([None, 1.0], [1.0, None]) is None


def test_paired_difference_is_agresti_and_min_with_student_t() -> None:
    # 8 pairs got better, 2 worse, 90 stayed: centre 6/102, variance (10 + 1 − 36/102) / 102², t(101) = 1.983731
    before, after = [0.0] * 8 + [1.0] * 2 + [0.0] * 90, [1.0] * 8 + [0.0] * 2 + [0.0] * 90
    found = paired_difference(before, after)
    assert found is not None
    half = 1.9837310 * math.sqrt(11 - 36 / 102) / 102
    assert found.value == pytest.approx(0.06)
    assert (found.low, found.high) == (pytest.approx(6 / 102 - half, abs=1e-7), pytest.approx(6 / 102 + half, abs=1e-7))


def test_no_difference_anywhere_is_not_certainty() -> None:
    found = paired_difference([1.0] * 50, [1.0] * 50)
    assert found is not None
    assert found.value == 0.0
    # t(51) √1 / 52
    assert (found.low, found.high) == (pytest.approx(-0.038607, abs=1e-5), pytest.approx(0.038607, abs=1e-5))


def test_strata_weigh_the_same() -> None:
    before, after = [0.0] * 10 + [1.0] * 90, [1.0] * 10 + [0.0] * 9 + [1.0] * 81
    found = paired_difference(before, after, strata=["harmful"] * 10 + ["harmless"] * 90)
    assert found is not None
    assert found.value == pytest.approx((1.0 - 0.1) / 2)


def test_abstained_pair_ranges_over_what_the_other_side_permits() -> None:
    # the last pair had 1 before: afterwards it can only have stayed or lost
    found = paired_difference([0.0] * 20 + [1.0], [0.0] * 20 + [None])
    stayed, lost = paired_difference([0.0] * 21, [0.0] * 21), paired_difference([0.0] * 20 + [1.0], [0.0] * 21)
    assert found is not None and stayed is not None and lost is not None
    assert found.n == 20
    assert found.low == pytest.approx(lost.low)
    assert found.high == pytest.approx(paired_difference([0.0] * 20, [0.0] * 20).high)  # type: ignore[union-attr]


def test_pairs_must_be_pairs() -> None:
    with pytest.raises(InputError, match="are not pairs"):
        paired_difference([1.0], [1.0, 0.0])


def _clustered_rate(
    random: np.random.Generator, rate: float, clusters: int, size: int, correlation: float
) -> NDArray[np.float64]:
    """Zeros and ones, beta-binomial by cluster with the given intra-cluster correlation."""
    if correlation == 0:
        chances = np.full((clusters, 1), rate)
    else:
        strength = (1 - correlation) / correlation
        chances = random.beta(rate * strength, (1 - rate) * strength, clusters)[:, None]
    return (random.random((clusters, size)) < chances).astype(float).ravel()


@pytest.mark.parametrize(
    ("rate", "clusters", "size", "correlation"),
    [(0.5, 40, 1, 0.0), (0.02, 150, 1, 0.0), (0.3, 50, 5, 0.3), (0.05, 100, 4, 0.3), (0.9, 30, 10, 0.1)],
)
def test_intervals_of_means_cover(rate: float, clusters: int, size: int, correlation: float) -> None:
    random = np.random.default_rng(7)
    names = [str(position // size) for position in range(clusters * size)]

    def draw() -> Estimate | None:
        return mean(_clustered_rate(random, rate, clusters, size, correlation).tolist(), names)

    _check_coverage(draw, rate)


@pytest.mark.parametrize(
    ("up", "down", "clusters", "size", "together"),
    [(0.3, 0.1, 60, 1, 0.0), (0.02, 0.0, 150, 1, 0.0), (0.3, 0.1, 50, 5, 0.3), (0.5, 0.02, 30, 4, 0.3)],
)
def test_intervals_of_differences_cover(up: float, down: float, clusters: int, size: int, together: float) -> None:
    random = np.random.default_rng(8)
    names = [str(position // size) for position in range(clusters * size)]
    chances = [up, down, 1 - up - down]

    def draw() -> Estimate | None:
        own, shared = (
            random.choice((1, -1, 0), (clusters, size), p=chances),
            random.choice((1, -1, 0), (clusters, 1), p=chances),
        )
        change = np.where(random.random((clusters, size)) < math.sqrt(together), shared, own).ravel()
        return paired_difference((change == -1).astype(float).tolist(), (change == 1).astype(float).tolist(), names)

    _check_coverage(draw, up - down)


def _check_coverage(draw: Callable[[], Estimate | None], truth: float) -> None:
    drawn = [draw() for _ in range(ROUNDS)]
    covered = sum(found is not None and found.low <= truth <= found.high for found in drawn) / ROUNDS
    # 93 … 97 %, and two standard errors of the simulation (0.6 points) on either side
    assert 0.918 <= covered <= 0.982


values_with_clusters = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0, None]), st.sampled_from("abcdef")), min_size=1, max_size=40
)


@settings(max_examples=150, deadline=None)
@given(values_with_clusters)
def test_interval_holds_the_value_and_stays_on_the_scale(rows: list[tuple[float | None, str]]) -> None:
    values, names = [value for value, _ in rows], [name for _, name in rows]
    found = mean(values, names)
    if found is None:
        assert all(value is None for value in values)
        return
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0
    certain = mean([value for value in values if value is not None], [n for v, n in rows if v is not None])
    assert certain is not None
    assert found.low <= certain.low + 1e-12 and certain.high <= found.high + 1e-12


@settings(max_examples=100, deadline=None)
@given(values_with_clusters, st.data())
def test_difference_turns_its_sign_with_the_sides(rows: list[tuple[float | None, str]], data: st.DataObject) -> None:
    before, names = [value for value, _ in rows], [name for _, name in rows]
    after = data.draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, None]), min_size=len(rows), max_size=len(rows)))
    there, back = paired_difference(before, after, names), paired_difference(after, before, names)
    if there is None or back is None:
        assert there is back
        return
    assert -1.0 <= there.low <= there.value <= there.high <= 1.0
    assert (there.low, there.value, there.high) == (
        pytest.approx(-back.high),
        pytest.approx(-back.value),
        pytest.approx(-back.low),
    )
