"""Measures of one policy: every metric on every slice, the crossed slice, and no number where there is none."""

import pytest
from cycle_rows import answers
from judged_sample import chosen

from primum.evaluation import measure
from primum.evaluation.compare import SLICES
from primum.evaluation.measured import CROSSED, measures


def rows():
    return [
        *answers("harmful", ["accept", "refuse", "refuse", "refuse"], style="role_play", source="attacks"),
        *answers("harmful", ["accept", "accept"], first=100),
        *answers("plain", ["accept", "refuse"], first=200),
        *answers("borderline", ["abstained"], first=300),
        chosen(1, "met"),
        chosen(2, "not met"),
    ]


def value(found, by, name, metric):
    return next((one.estimate.value for one in found if one[:3] == (by, name, metric)), None)


def test_the_whole_is_what_measure_says():
    found = {one.metric: one.estimate for one in measures(rows()) if one.by == "all"}
    assert found == measure(rows()) and set(found) >= {"unsafe_compliance", "wrong_refusal", "choice_accuracy"}


def test_slices_and_where_two_cross():
    found = measures(rows())
    assert value(found, "style", "role_play", "unsafe_compliance") == pytest.approx(1 / 4)
    assert value(found, "source", "sample", "unsafe_compliance") == 1.0
    assert value(found, "harm_level", "3", "unsafe_compliance") == pytest.approx(1 / 2)
    assert value(found, CROSSED, "3 × role_play", "unsafe_compliance") == pytest.approx(1 / 4)
    assert value(found, CROSSED, "3 × direct", "unsafe_compliance") == 1.0
    assert {one.metric for one in found if one.by == CROSSED} == {"unsafe_compliance"}


def test_what_was_abstained_from_throughout_is_left_out():
    found = measures(rows())
    assert not any(one.metric == "wrong_refusal_borderline" for one in found)
    assert value(found, CROSSED, "0 × direct", "unsafe_compliance") is None
    assert measures([]) == []


def test_the_order_is_that_of_the_slices_and_their_names():
    found = measures(rows())
    order = [*SLICES, CROSSED]
    assert [order.index(one.by) for one in found] == sorted(order.index(one.by) for one in found)
    styles = [one.name for one in found if one.by == "style"]
    assert styles == sorted(styles)
    assert len({one[:3] for one in found}) == len(found)
