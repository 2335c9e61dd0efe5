"""Calibration: fits worked by hand, what must hold for any rows, and that the summaries hold the truth."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import InputError, RecordError
from primum.records import Estimate
from primum.stats import mean
from primum.stats.calibration import (
    Calibrator,
    CrossFitted,
    Isotonic,
    Platt,
    brier_score,
    cross_fit,
    expected_calibration_error,
    fit_isotonic,
    fit_platt,
    reliability,
)
from primum.stats.undefined import Undefined


def odds(share: float) -> float:
    return math.log(share / (1 - share))


def simulated(n: int, seed: int, sure: float = 1.0) -> tuple[list[float], list[bool]]:
    """Simulated verdicts whose log-odds are `sure` times what they should be."""
    rng = np.random.default_rng(seed)
    true = rng.normal(1, 1.5, n)
    said = 1 / (1 + np.exp(-sure * true))
    return said.tolist(), (rng.random(n) < 1 / (1 + np.exp(-true))).tolist()


def known(found: Estimate | Undefined) -> Estimate:
    assert isinstance(found, Estimate)
    return found


def test_platt_by_hand() -> None:
    # Two scores: the curve goes through the mean target of each. 6 right, 4 wrong: targets 7/8 and 1/6.
    # at 0: 1 right of 4, (7/8 + 3/6) / 4 = 11/32; at 1: 5 right of 6, (35/8 + 1/6) / 6 = 109/144
    scores, right = [0.0] * 4 + [1.0] * 6, [True] + [False] * 3 + [True] * 5 + [False]
    fitted = fit_platt(scores, right, log_odds=False)
    assert fitted.intercept == pytest.approx(odds(11 / 32), abs=1e-9)
    assert fitted.slope == pytest.approx(odds(109 / 144) - odds(11 / 32), abs=1e-9)
    assert fitted.apply([0.0, 1.0]) == (pytest.approx(11 / 32), pytest.approx(109 / 144))


def test_platt_takes_back_what_a_judge_says_too_surely() -> None:
    said, right = simulated(20_000, 1, sure=2.5)
    fitted = fit_platt(said, right)
    assert fitted.slope == pytest.approx(1 / 2.5, abs=0.02)
    assert fitted.intercept == pytest.approx(0.0, abs=0.05)
    honest = fit_platt(*simulated(20_000, 2))
    assert (honest.slope, honest.intercept) == (pytest.approx(1.0, abs=0.05), pytest.approx(0.0, abs=0.05))


def test_a_handful_of_rows_all_right_is_no_certainty() -> None:
    alike = fit_platt([0.9, 0.9, 0.9], [True, True, True])
    assert alike.slope == 0.0
    assert alike.apply([0.9, 0.1]) == (pytest.approx(0.8), pytest.approx(0.8))  # Platt's target (3 + 1)/(3 + 2)
    parted = fit_platt(
        [0.1, 0.2, 0.8, 0.9], [False, False, True, True]
    )  # without the targets, the slope would be infinite
    low, *_, high = parted.apply([0.1, 0.2, 0.8, 0.9])
    assert 0.2 < low < 0.3 and 0.7 < high < 0.8
    level = fit_isotonic([0.2, 0.6, 0.9], [True, True, True])
    assert level.apply([0.0, 1.0]) == (pytest.approx(0.8), pytest.approx(0.8))


def test_isotonic_by_hand() -> None:
    # 0, 1, 0, 1, 1: the second and third change places and become ½ each; the ends are held to 1/7 and 6/7
    fitted = fit_isotonic([0.1, 0.3, 0.5, 0.7, 0.9], [False, True, False, True, True])
    assert fitted.apply([0.1, 0.3, 0.5, 0.7, 0.9]) == pytest.approx([1 / 7, 0.5, 0.5, 6 / 7, 6 / 7])
    assert fitted.apply([0.0, 0.2, 0.4, 1.0]) == pytest.approx([1 / 7, (1 / 7 + 0.5) / 2, 0.5, 6 / 7])


@pytest.mark.parametrize("fitted", [fit_platt(*simulated(50, 3)), fit_isotonic(*simulated(50, 3))])
def test_calibrators_go_through_json(fitted: Calibrator) -> None:
    text = msgspec.json.encode(fitted)
    back = msgspec.json.decode(text, type=Platt | Isotonic)
    assert back == fitted and back.apply([0.3]) == fitted.apply([0.3])
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text.replace(b"{", b'{"more":1,', 1), type=Platt | Isotonic)


def test_line_that_falls_is_no_calibrator() -> None:
    for scores, probabilities in (((0.2, 0.1), (0.1, 0.2)), ((0.1, 0.2), (0.2, 0.1)), ((), ()), ((0.1,), (0.1, 0.2))):
        with pytest.raises(RecordError, match="not one rising line"):
            Isotonic(scores=scores, probabilities=probabilities)


def test_each_row_is_measured_by_a_fit_that_has_not_seen_its_cluster() -> None:
    said, right = simulated(60, 4, sure=2.0)
    names = [str(position // 6) for position in range(60)]
    whole = cross_fit(said, right, names)
    assert isinstance(whole, CrossFitted)
    assert whole.calibrator == fit_platt(said, right)
    # what a cluster's own truths are changes what the others are told, never what it is told itself
    turned = [not one if name == "3" else one for one, name in zip(right, names, strict=True)]
    other = cross_fit(said, turned, names)
    assert isinstance(other, CrossFitted)
    for row, name in enumerate(names):
        if name == "3":
            assert other.probabilities[row] == whole.probabilities[row]
    assert other.probabilities != whole.probabilities


def test_cross_fitting_does_not_flatter() -> None:
    # scores that say nothing: measured on its own rows the isotonic fit looks informed, cross-fitted it does not
    rng = np.random.default_rng(5)
    said, right = rng.random(300).tolist(), (rng.random(300) < 0.5).tolist()
    crossed = cross_fit(said, right, method="isotonic")
    assert isinstance(crossed, CrossFitted)
    own = known(brier_score(crossed.calibrator.apply(said), right)).value
    honest = known(brier_score(crossed.probabilities, right)).value
    assert own < 0.248 < 0.25 < honest


def test_brier_and_calibration_error_by_hand() -> None:
    # squares .01, .04, .36, .01; bins of width ¼: {.1} gap −.1, {.4, .9 …}: .8 and .9 share the last: (1 − .8) + (1 − .9) = .3, {.6}: −.6
    said, right = [0.1, 0.8, 0.6, 0.9], [False, True, False, True]
    assert known(brier_score(said, right)).value == pytest.approx((0.01 + 0.04 + 0.36 + 0.01) / 4)
    assert known(expected_calibration_error(said, right, bins=4)).value == pytest.approx((0.1 + 0.3 + 0.6) / 4)
    # in one bin the gaps take each other back: |−.1 + .3 − .6| / 4
    assert known(expected_calibration_error(said, right, bins=1)).value == pytest.approx(0.1)


def test_reliability_says_what_was_said_and_what_was_so() -> None:
    said, right = [0.05, 0.15, 0.95, 1.0, 0.95], [False, True, True, True, False]
    low, middle, high = reliability(said, right, bins=10, unit="row")
    assert [(one.low, one.high) for one in (low, middle)] == [
        (pytest.approx(0.0), pytest.approx(0.1)),
        (pytest.approx(0.1), pytest.approx(0.2)),
    ]
    assert (high.low, high.high, high.observed.n) == (pytest.approx(0.9), 1.0, 3)
    assert high.confidence == pytest.approx(2.9 / 3)
    assert high.observed == mean([1.0, 1.0, 0.0], unit="row")
    assert reliability([], []) == ()


def test_bins_of_equal_mass_hold_as_many_and_part_no_ties() -> None:
    said, right = simulated(1000, 6)
    held = [one.observed.n for one in reliability(said, right, bins=5, by="mass")]
    assert len(held) == 5 and all(abs(n - 200) <= 1 for n in held)
    tied = reliability([0.9] * 50 + [0.1] * 3, [True] * 53, bins=10, by="mass")
    assert [one.observed.n for one in tied] == [3, 50]
    (single,) = reliability([0.5] * 4, [True, False] * 2, by="mass")
    assert (single.low, single.high, single.observed.n) == (0.5, 0.5, 4)


def test_no_error_seen_is_not_certainty() -> None:
    found = known(expected_calibration_error([1.0] * 40, [True] * 40))
    assert (found.value, found.low) == (0.0, 0.0) and 0.08 < found.high < 0.1


def test_what_is_misused_is_refused_or_says_why() -> None:
    assert isinstance(brier_score([], []), Undefined) and isinstance(expected_calibration_error([], []), Undefined)
    alone = cross_fit([0.1, 0.2], [True, False], ["a", "a"])
    assert isinstance(alone, Undefined) and "one cluster" in alone.reason
    with pytest.raises(InputError, match="is not a probability"):
        fit_platt([1.2], [True])
    with pytest.raises(InputError, match="is not a probability"):
        brier_score([float("nan")], [True])
    with pytest.raises(InputError, match="not a finite number"):
        fit_platt([float("inf")], [True], log_odds=False)
    with pytest.raises(InputError, match="do not match"):
        fit_isotonic([0.5], [True, False])
    with pytest.raises(InputError, match="neither right nor wrong"):
        fit_platt([0.5], [0.5])  # type: ignore[list-item]
    with pytest.raises(InputError, match="2 or more"):
        cross_fit([0.1, 0.2], [True, False], folds=1)
    with pytest.raises(InputError, match="hold nothing"):
        reliability([0.5], [True], bins=0)
    with pytest.raises(InputError, match="2 clusters for 1 rows"):
        reliability([0.5], [True], ["a", "b"])


rows = st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.sampled_from("abcdef")), min_size=2, max_size=40)


@settings(max_examples=60)
@given(rows=rows, data=st.data())
def test_fits_do_not_care_for_order_and_never_say_impossible(
    rows: list[tuple[float, bool, str]], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(rows))
    grid = np.linspace(0, 1, 21).tolist()
    for fit in (fit_platt, fit_isotonic):
        one, two = (fit([row[0] for row in side], [row[1] for row in side]) for side in (rows, other))
        found = one.apply(grid)
        assert found == pytest.approx(two.apply(grid), abs=1e-5)
        assert all(0 <= share <= 1 for share in found)
    told = fit_isotonic([row[0] for row in rows], [row[1] for row in rows]).apply(grid)
    assert list(told) == sorted(told) and told[0] > 0 and told[-1] < 1


@settings(max_examples=60)
@given(rows=rows, bins=st.integers(1, 12), by=st.sampled_from(["width", "mass"]))
def test_bins_hold_every_row_once_and_their_gaps_make_the_error(
    rows: list[tuple[float, bool, str]], bins: int, by: str
) -> None:
    said, right, names = (list(column) for column in zip(*rows, strict=True))
    found = reliability(said, right, names, bins, by)  # type: ignore[arg-type]
    assert sum(one.observed.n for one in found) == len(rows) and len(found) <= bins
    assert all(one.low - 1e-9 <= one.confidence <= one.high + 1e-9 for one in found)
    gaps = sum(one.observed.n * abs(one.observed.value - one.confidence) for one in found) / len(rows)
    error = known(expected_calibration_error(said, right, names, bins, by))  # type: ignore[arg-type]
    assert error.value == pytest.approx(gaps, abs=1e-9)
    assert 0 <= error.low <= error.value <= error.high <= 1 and error.low < error.high
    # one bin cannot be worse than many: taking rows together only lets gaps take each other back
    assert known(expected_calibration_error(said, right, names, 1)).value <= error.value + 1e-9


@pytest.mark.parametrize("shift", [0.0, 0.1])
def test_calibration_error_covers_in_simulation(shift: float) -> None:
    rng, rounds, hits, brier = np.random.default_rng(17), 300, 0, 0
    many = rng.uniform(0.2, 0.9, 400_000)
    square = float((many**2 - 2 * many * (many - shift) + (many - shift)).mean())
    for seed in range(rounds):
        said = rng.uniform(0.2, 0.9, 300)
        right = rng.random(300) < said - shift
        found = known(expected_calibration_error(said.tolist(), right.tolist(), seed=seed))
        hits += found.low <= shift <= found.high
        score = known(brier_score(said.tolist(), right.tolist()))
        brier += score.low <= square <= score.high
    assert hits / rounds >= 0.94, hits / rounds  # by its making, at least
    assert 0.91 <= brier / rounds <= 0.985, brier / rounds
