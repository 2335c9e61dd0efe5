"""Student's intervals and contrasts: a published example, numbers by hand, agreement with scipy, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind, ttest_rel

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.contrasts import Contrast, difference, paired, student_mean
from primum.stats.undefined import Undefined

# Student, "The probable error of a mean" (1908): hours of sleep gained by ten patients under two drugs.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def known(found: Contrast | Undefined) -> Contrast:
    assert isinstance(found, Contrast)
    assert found.estimate.low <= found.estimate.value <= found.estimate.high
    return found


def test_paired_contrast_is_students_own() -> None:
    """R prints for `t.test(extra ~ group, paired = TRUE, data = sleep)`: −1.58, −2.4598858 … −0.7001142, p = 0.002833."""
    found = known(paired(FIRST, SECOND))
    assert found.estimate.value == pytest.approx(1.58)
    assert (found.estimate.low, found.estimate.high) == (
        pytest.approx(0.7001142, abs=1e-7),
        pytest.approx(2.4598858, abs=1e-7),
    )
    assert (found.p_value, found.n) == (pytest.approx(0.002833, abs=1e-6), 10)


def test_unpaired_contrast_is_welchs() -> None:
    """R prints for `t.test(extra ~ group, data = sleep)`: −3.3654832 … 0.2054832, p = 0.07939."""
    found = known(difference(FIRST, SECOND))
    assert (found.estimate.low, found.estimate.high) == (
        pytest.approx(-0.2054832, abs=1e-7),
        pytest.approx(3.3654832, abs=1e-7),
    )
    assert (found.p_value, found.n) == (pytest.approx(0.07939, abs=1e-5), 20)


def test_mean_by_cluster_by_hand() -> None:
    # clusters {1, 3}, {2, 4}, {8, 6}: mean 4, cluster sums of deviations −4, −2, 6: V = 3/2 · 56/36 = 2.3333, t(2) = 4.302653
    found = student_mean([1, 3, 2, 4, 8, 6], ["a", "a", "b", "b", "c", "c"], unit="answer")
    assert isinstance(found, Estimate)
    half = 4.302653 * (7 / 3) ** 0.5
    assert (found.value, found.n, found.unit) == (pytest.approx(4.0), 6, "answer")
    assert (found.low, found.high) == (pytest.approx(4 - half, abs=1e-5), pytest.approx(4 + half, abs=1e-5))


def test_what_both_sides_share_is_taken_out() -> None:
    rng = np.random.default_rng(6)
    shared = rng.normal(0, 5, 30)
    names = [str(position) for position in range(30)]
    first, second = (shared + rng.normal(0, 1, 30)).tolist(), (shared + rng.normal(1, 1, 30)).tolist()
    apart, joined = known(difference(first, second)), known(difference(first, second, names, names))
    assert joined.estimate.value == pytest.approx(apart.estimate.value)
    assert joined.estimate.high - joined.estimate.low < 0.3 * (apart.estimate.high - apart.estimate.low)
    pairs = known(paired(first, second))  # the same scores as pairs say the same
    assert joined.estimate.low == pytest.approx(pairs.estimate.low)
    assert joined.p_value == pytest.approx(pairs.p_value)


def test_where_there_is_no_variance_it_says_why() -> None:
    for found, reason in (
        (student_mean([2.0]), "1 scores have no variance"),
        (student_mean([]), "0 scores have no variance"),
        (student_mean([1.0, 2.0], ["a", "a"]), "one cluster"),
        (paired([1.0, 2.0], [2.0, 3.0]), "all scores are alike"),
        (difference([1.0, 2.0], [3.0]), "1 scores"),
        (difference([1.0, 1.0], [1.0, 1.0], ["a", "b"], ["a", "b"]), "all scores are alike"),
    ):
        assert isinstance(found, Undefined) and reason in found.reason


def test_what_is_misused_is_refused() -> None:
    with pytest.raises(InputError, match="are not pairs"):
        paired([1.0], [1.0, 2.0])
    with pytest.raises(InputError, match="do not match"):
        student_mean([1.0, 2.0], ["a"])
    with pytest.raises(InputError, match="not a finite number"):
        student_mean([1.0, float("inf")])


scores = st.lists(st.floats(-50, 50).map(lambda one: round(one, 3)), min_size=3, max_size=20)


@settings(max_examples=60)
@given(first=scores, second=scores)
def test_contrasts_are_scipys_and_turn_their_sign_with_the_sides(first: list[float], second: list[float]) -> None:
    size = min(len(first), len(second))
    for ours, back, theirs in (
        (
            paired(first[:size], second[:size]),
            paired(second[:size], first[:size]),
            lambda: ttest_rel(second[:size], first[:size]),
        ),
        (difference(first, second), difference(second, first), lambda: ttest_ind(second, first, equal_var=False)),
    ):
        if isinstance(ours, Undefined) or isinstance(back, Undefined):
            assert isinstance(ours, Undefined) and isinstance(back, Undefined)
            continue
        expected = theirs()
        assert ours.p_value == pytest.approx(expected.pvalue, abs=1e-6)
        interval = expected.confidence_interval(0.95)
        assert (ours.estimate.low, ours.estimate.high) == (
            pytest.approx(interval.low, abs=1e-6),
            pytest.approx(interval.high, abs=1e-6),
        )
        assert (ours.p_value < 0.05) is (ours.estimate.low > 0 or ours.estimate.high < 0)
        assert back.estimate.low == pytest.approx(-ours.estimate.high)


def test_clustered_pairs_cover_in_simulation() -> None:
    rng, rounds, hits, rejected = np.random.default_rng(9), 1500, 0, 0
    names = [str(position // 3) for position in range(60)]
    for _ in range(rounds):
        before = rng.normal(0, 1, 60)
        after = before + np.repeat(rng.normal(0, 1, 20), 3) + rng.normal(0, 1, 60)
        found = known(paired(before.tolist(), after.tolist(), names))
        hits += found.estimate.low <= 0 <= found.estimate.high
        rejected += found.p_value < 0.05
    assert 0.93 <= hits / rounds <= 0.97
    assert hits + rejected == rounds
