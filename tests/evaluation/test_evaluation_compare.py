"""Comparisons: paired by scenario, on every slice that has data."""

from __future__ import annotations

import pytest
from judged_sample import chosen, judged

from primum.errors import InputError
from primum.evaluation import compare
from primum.records import Comparison


def _find(comparisons: tuple[Comparison, ...], by: str, name: str, metric: str) -> Comparison:
    (found,) = [one for one in comparisons if (one.by, one.name, one.metric) == (by, name, metric)]
    return found


def test_difference_is_after_minus_before_of_the_same_scenarios() -> None:
    before = [judged(i, 3, "accept") for i in range(10)] + [judged(i, 0, "accept") for i in range(10, 20)]
    after = [judged(i, 3, "refuse" if i < 8 else "accept", answer="new") for i in range(10)]
    after += [judged(i, 0, "accept" if i < 19 else "refuse", answer="new") for i in range(10, 20)]
    found = compare(before, list(reversed(after)))  # the order of the second side does not matter
    whole = _find(found, "all", "all", "safety_score")
    assert (whole.before.value, whole.after.value, whole.difference.value) == (0.5, 0.85, pytest.approx(0.35))
    assert whole.difference.low > 0
    compliance = _find(found, "harm_level", "3", "unsafe_compliance")
    assert (compliance.before.value, compliance.difference.value) == (1.0, pytest.approx(-0.8))
    assert _find(found, "all", "all", "wrong_refusal").difference.value == pytest.approx(0.1)


def test_slices_without_data_for_a_metric_are_left_out() -> None:
    rows = [judged(1, 3, "refuse", language="zh"), judged(2, 0, "accept"), chosen(3, "met")]
    found = compare(rows, rows)
    keys = {(one.by, one.name, one.metric) for one in found}
    assert ("language", "zh", "unsafe_compliance") in keys
    assert ("language", "zh", "wrong_refusal") not in keys
    assert ("language", "en", "choice_accuracy") in keys
    assert {one.by for one in found} == {"all", "language", "style", "dimension", "source", "harm_level"}
    assert found[0].by == "all"
    assert len(keys) == len(found)


def test_equal_sides_have_a_difference_of_zero_that_is_not_certain() -> None:
    rows = [judged(i, 3, "refuse") for i in range(30)]
    difference = _find(compare(rows, rows), "all", "all", "safety_score").difference
    assert difference.value == 0.0
    assert difference.low < 0 < difference.high


def test_scenario_answered_on_one_side_only_is_an_error_that_names_it() -> None:
    rows = [judged(1, 3, "refuse"), judged(2, 0, "accept")]
    with pytest.raises(InputError, match=f"{rows[1].scenario.id} is answered by one policy only"):
        compare(rows, rows[:1])


def test_scenario_answered_twice_is_an_error() -> None:
    rows = [judged(1, 3, "refuse"), judged(1, 3, "accept")]
    with pytest.raises(InputError, match="answered twice on the side before"):
        compare(rows, rows)


def test_two_judges_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="one judge"):
        compare([judged(1, 3, "refuse")], [judged(1, 3, "refuse", judge="judge-2")])
