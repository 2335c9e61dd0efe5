"""Adjusted p-values: the worked example of Benjamini and Hochberg (1995), by hand, and in simulation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.errors import InputError
from primum.stats.multiplicity import benjamini_hochberg, benjamini_yekutieli

# Benjamini and Hochberg 1995, section 4.1: the fifteen ordered p-values of the myocardial infarction study.
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_the_worked_example_of_1995_rejects_four() -> None:
    adjusted = benjamini_hochberg(PUBLISHED)
    assert sum(value <= 0.05 for value in adjusted) == 4
    assert adjusted[3] == pytest.approx(15 * 0.0095 / 4)
    assert sum(15 * value <= 0.05 for value in PUBLISHED) == 3  # Bonferroni


def test_by_hand_out_of_order() -> None:
    # ordered .01 .02 .03 .5: 4·.01 = .04, 4·.02/2 = .04, 4·.03/3 = .04, .5
    assert benjamini_hochberg([0.5, 0.02, 0.01, 0.03]) == pytest.approx([0.5, 0.04, 0.04, 0.04])
    factor = 1 + 1 / 2 + 1 / 3 + 1 / 4
    assert benjamini_yekutieli([0.5, 0.02, 0.01, 0.03]) == pytest.approx([1.0, *[0.04 * factor] * 3])
    assert benjamini_hochberg([]) == []


def test_no_p_value_is_refused() -> None:
    with pytest.raises(InputError, match=r"p-value 1\.2"):
        benjamini_hochberg([0.5, 1.2])
    with pytest.raises(InputError, match="p-value nan"):
        benjamini_yekutieli([float("nan")])


def test_share_of_false_findings_is_held() -> None:
    from scipy.special import ndtr

    rng = np.random.default_rng(3)
    false_shares, found = [], 0
    for _ in range(400):
        shift = np.where(np.arange(40) < 10, 3.0, 0.0)
        p_values = 2 * ndtr(-np.abs(rng.normal(size=40) + shift))
        called = np.asarray(benjamini_hochberg(p_values.tolist())) <= 0.1
        false_shares.append(called[10:].sum() / max(1, called.sum()))
        found += int(called[:10].sum())
    assert 0.05 < np.mean(false_shares) < 0.1  # q times the share of true nulls is .075
    assert found / 4000 > 0.6


@given(st.lists(st.floats(0, 1), max_size=30))
def test_adjusting_never_lowers_and_keeps_the_order(p_values: list[float]) -> None:
    adjusted, strict = benjamini_hochberg(p_values), benjamini_yekutieli(p_values)
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for raw, mild, hard in zip(p_values, adjusted, strict, strict=True):
        assert raw - 1e-12 <= mild <= hard + 1e-12 <= 1 + 1e-9
    assert all(adjusted[a] <= adjusted[b] for a, b in itertools.pairwise(order))
