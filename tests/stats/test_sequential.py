"""Sequential comparison: errors under continuous looking, saving at real effects, and the arithmetic of one bet."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import InputError, SettingError
from primum.stats.sequential import SequentialComparison, SequentialSettings, compare_in_sequence


def outcomes(up: float, down: float, runs: int, pairs: int, margin: float, seed: int) -> tuple[Counter[str], list[int]]:
    rng = np.random.default_rng(seed)
    words: Counter[str] = Counter()
    stops = []
    for _ in range(runs):
        drawn = rng.choice([1.0, -1.0, 0.0], p=[up, down, 1 - up - down], size=pairs)
        found = compare_in_sequence(drawn.tolist(), SequentialSettings(margin=margin))
        words[found.word] += 1
        stops.append(found.n)
    return words, stops


def test_looking_after_every_pair_is_wrong_at_most_alpha_of_the_time() -> None:
    words, _ = outcomes(0.15, 0.15, runs=200, pairs=400, margin=0.0, seed=1)
    assert (words["better"] + words["worse"]) / 200 <= 0.05
    # and a 95 % interval looked at as often would have been
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(200):
        drawn = rng.choice([1.0, -1.0, 0.0], p=[0.15, 0.15, 0.7], size=400)
        n = np.arange(1, 401)
        means = np.cumsum(drawn) / n
        errors = np.sqrt(np.maximum(np.cumsum(drawn**2) / n - means**2, 1e-9) / n)
        wrong += bool((np.abs(means) > 1.96 * errors)[20:].any())
    assert wrong / 200 > 0.2


def test_real_effect_is_found_early_and_with_its_sign() -> None:
    words, stops = outcomes(0.25, 0.05, runs=40, pairs=2000, margin=0.02, seed=2)
    assert words == {"better": 40}
    assert np.mean(stops) < 150
    words, _ = outcomes(0.05, 0.25, runs=10, pairs=2000, margin=0.02, seed=3)
    assert words == {"worse": 10}


def test_models_that_hardly_differ_are_called_so() -> None:
    words, stops = outcomes(0.01, 0.01, runs=15, pairs=2000, margin=0.04, seed=4)
    assert words["no difference within margin"] >= 14
    assert np.mean(stops) < 1000
    words, _ = outcomes(0.02, 0.02, runs=5, pairs=500, margin=0.0, seed=5)
    assert words["no difference within margin"] == 0  # without a margin nothing is ever equal


def test_first_bet_by_hand() -> None:
    # t = 1, variance 1/4 of one half seen once: λ = √(2 ln 40 / (.25 · ln 2)) = 6.53, capped at .5/m and .5/(1 − m)
    comparison = SequentialComparison(SequentialSettings(alpha=0.05))
    comparison.add(1.0)  # x = 1
    up = {0.5: math.log(1 + 1.0 * 0.5), 0.25: math.log(1 + 2.0 * 0.75), 0.05: math.log(1 + 6.5249 * 0.95)}
    for m, expected in up.items():
        assert comparison._up[round(1000 * m)] == pytest.approx(expected, abs=1e-4)
    assert comparison._down[500] == pytest.approx(math.log(1 - 1.0 * 0.5))


def test_what_is_ruled_out_stays_ruled_out_and_clusters_of_means_are_taken() -> None:
    rng = np.random.default_rng(6)
    comparison = SequentialComparison()
    before = (-1.0, 1.0)
    for value in rng.uniform(-0.2, 0.5, 300):
        found = comparison.add(float(value))
        assert before[0] <= found.low <= found.high <= before[1]
        before = found.low, found.high
    assert found.low > 0 and found.word == "better" and found.n == 300
    assert found.mean == pytest.approx(0.15, abs=0.04)


def test_before_anything_and_what_is_refused() -> None:
    start = SequentialComparison().decision
    assert (start.word, start.low, start.high, start.n) == ("go on", -1.0, 1.0, 0)
    assert compare_in_sequence([]).word == "go on"
    with pytest.raises(InputError, match="not between"):
        SequentialComparison().add(1.5)
    with pytest.raises(SettingError, match="cannot be followed"):
        SequentialSettings(alpha=0.0)


@settings(max_examples=30)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40))
def test_turning_the_sign_turns_the_interval(values: list[float]) -> None:
    one, other = SequentialComparison(), SequentialComparison()
    for value in values:
        here, there = one.add(value), other.add(-value)
    # the two gamblers are mirror images; rounding may move an end by one step of the grid
    assert here.low == pytest.approx(-there.high, abs=0.0021)
    assert here.n == len(values)
