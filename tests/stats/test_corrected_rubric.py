"""Corrections through the rubric score: worked by hand, clipped last, unbiased, and abstentions as bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.corrected_rubric import ppi_rubric, rogan_gladen_rubric
from primum.stats.graded import GradedExample
from primum.stats.undefined import Undefined


def estimate(found: object) -> Estimate:
    assert isinstance(found, Estimate), found
    return found


def simulated(
    rng: np.random.Generator, n: int, labelled: int, in_part: bool = False
) -> tuple[list[GradedExample], float]:
    """Simulated examples with one negative criterion each, a judge that is too mild, and the true mean score of the people."""
    examples, scores = [], []
    for i in range(n):
        points = [5.0, 3.0, 2.0, 4.0, -6.0]
        quality = rng.random()
        human = [bool(rng.random() < quality) for _ in range(4)] + [bool(rng.random() < 0.5)]
        judge = [h or bool(rng.random() < 0.3) for h in human[:4]] + [human[4] and bool(rng.random() < 0.7)]
        scores.append(sum(p for p, h in zip(points, human, strict=True) if h) / 14)
        labels: list[bool | None] = []
        if in_part:
            labels = [h if rng.random() < labelled / n else None for h in human]
        elif i < labelled:
            labels = list(human)
        tags = [["axis:accuracy"], ["axis:accuracy"], ["axis:completeness"], ["axis:completeness"], ["axis:accuracy"]]
        examples.append(GradedExample(points, judge, labels, tags, ["theme:hedging"] if i % 2 else []))
    return examples, float(np.mean(scores))


def test_naive_scores_are_those_of_the_definition() -> None:
    examples = [
        GradedExample([4, 6, -5], [True, False, True], tags=[["a"], ["b"], ["a"]], example_tags=["t"]),
        GradedExample([10, -5], [True, False], tags=[["b"], ["a"]]),
    ]
    found = ppi_rubric(examples)
    assert sorted(found) == ["a", "b", "overall", "t"]
    # (−1/10 + 1) / 2; a: only the first has positive points for it, −1/4, clipped; b: (0 + 1) / 2; t: −.1, clipped
    assert estimate(found["overall"].naive).value == pytest.approx(0.45)
    assert (estimate(found["a"].naive).value, found["a"].n) == (0.0, 1)
    assert estimate(found["b"].naive).value == pytest.approx(0.5)
    assert estimate(found["t"].naive).value == 0.0
    assert isinstance(found["overall"].corrected, Undefined)


def test_mean_is_clipped_and_never_the_example() -> None:
    examples = [GradedExample([1, -3], [False, True]), GradedExample([1], [True]), GradedExample([1], [True])]
    assert (
        estimate(ppi_rubric(examples)["overall"].naive).value == 0.0
    )  # (−3 + 1 + 1)/3 < 0; clipping each would give 2/3


def test_ppi_by_hand_on_examples() -> None:
    # people .2 .6 .8 on the labelled, judge .4 .8 .8 there and .6 .4 .9 elsewhere (tenths of ten points each, one at a time)
    def graded(judge: float, human: float | None) -> GradedExample:
        points = [1.0] * 10
        said = [j < round(10 * judge) for j in range(10)]
        return GradedExample(points, said, [j < round(10 * human) for j in range(10)] if human is not None else ())

    pairs = [(0.4, 0.2), (0.8, 0.6), (0.8, 0.8), (0.6, None), (0.4, None), (0.9, None)]
    found = ppi_rubric([graded(*pair) for pair in pairs])["overall"]
    human, judge, everywhere = np.array([0.2, 0.6, 0.8]), np.array([0.4, 0.8, 0.8]), np.array([p for p, _ in pairs])
    tuning = min(1.0, np.cov(human, judge, ddof=0)[0, 1] / (2 * everywhere.var(ddof=1)))
    assert found.tuning == pytest.approx(tuning)
    expected = human.mean() - tuning * (judge.mean() - everywhere[3:].mean())
    assert estimate(found.corrected).value == pytest.approx(expected)


@pytest.mark.parametrize("in_part", [False, True])
def test_both_corrections_are_right_where_the_judge_alone_is_not(in_part: bool) -> None:
    rng = np.random.default_rng(11)
    shifts: dict[str, list[float]] = {"naive": [], "ppi": [], "rogan_gladen": []}
    held = 0
    for _ in range(60):
        examples, _ = simulated(rng, 150, 50, in_part)
        truth = 0.5 * (1 - 6 / 14)
        by_ppi, by_accuracy = ppi_rubric(examples)["overall"], rogan_gladen_rubric(examples)["overall"]
        shifts["naive"].append(estimate(by_ppi.naive).value - truth)
        shifts["ppi"].append(estimate(by_ppi.corrected).value - truth)
        shifts["rogan_gladen"].append(estimate(by_accuracy.corrected).value - truth)
        held += estimate(by_ppi.corrected).low <= truth <= estimate(by_ppi.corrected).high
    for name in ("ppi", "rogan_gladen"):
        assert abs(np.mean(shifts[name])) < 3.5 * np.std(shifts[name]) / np.sqrt(60)
    assert np.mean(shifts["naive"]) > 0.15
    assert held >= 53


def test_rogan_gladen_with_every_example_labelled_gives_the_score_of_the_people_even_if_weights_and_errors_go_together() -> (
    None
):
    rng = np.random.default_rng(12)
    examples, scores = [], []
    for _ in range(80):
        points = [9.0, 1.0, 1.0, -4.0]
        human = [bool(rng.random() < 0.6) for _ in points]
        # wrong mostly on the important criterion: unweighted rates would carry the wrong correction
        judge = [human[0] ^ bool(rng.random() < 0.35), *human[1:3], human[3] ^ bool(rng.random() < 0.1)]
        examples.append(GradedExample(points, judge, human))
        scores.append(sum(p for p, h in zip(points, human, strict=True) if h) / 11)
    found = rogan_gladen_rubric(examples)["overall"]
    assert estimate(found.corrected).value == pytest.approx(float(np.mean(scores)), abs=1e-12)
    assert estimate(found.naive).value != pytest.approx(float(np.mean(scores)), abs=1e-3)


def test_rogan_gladen_by_hand_with_two_classes() -> None:
    # positive class: sensitivity 1, false alarms 1/2; negative class: sensitivity 1/2, false alarms 0
    labelled = [
        GradedExample([1, -1], [True, True], [True, True]),
        GradedExample([1, -1], [True, False], [False, True]),
        GradedExample([1, -1], [False, False], [False, False]),
    ]
    rest = [GradedExample([1, -1], [True, False])] * 3
    # reported positive 5/6 → (5/6 − 1/2)/(1/2) = 2/3; reported negative 1/6 → (1/6)/(1/2) = 1/3; score 2/3 − 1/3
    found = rogan_gladen_rubric([*labelled, *rest])["overall"]
    assert estimate(found.corrected).value == pytest.approx(1 / 3)


def test_verdict_by_verdict_and_example_by_example_are_one_where_all_is_labelled() -> None:
    rng = np.random.default_rng(14)
    examples = []
    for _ in range(60):
        size = int(rng.integers(1, 9))  # examples count alike, however many criteria they have
        human = [bool(rng.random() < 0.7) for _ in range(size)]
        examples.append(GradedExample(rng.integers(1, 11, size).tolist(), human, human))
    whole = estimate(ppi_rubric(examples, level="example")["overall"].classical)
    parts = estimate(ppi_rubric(examples, level="verdict")["overall"].classical)
    assert (parts.value, parts.low, parts.high) == pytest.approx((whole.value, whole.low, whole.high))


def test_a_class_without_labels_is_named() -> None:
    examples = [
        GradedExample([1, -1], [True, False], [True, False]),
        GradedExample([1, -1], [False, False], [False, False]),
    ]
    found = rogan_gladen_rubric(examples)["overall"].corrected
    assert isinstance(found, Undefined) and "'negative'" in found.reason and "met" in found.reason


def test_classes_part_the_accuracy() -> None:
    human, judge = [True, False, True, False], [True, False, True, True]
    examples = [GradedExample([1, 1, 1, 1], judge, human, classes=["a", "a", "b", "b"])] * 6
    found = rogan_gladen_rubric(examples)["overall"].corrected
    # in class b the judge says yes to all: it tells nothing there, which the pooled class would hide
    assert isinstance(found, Undefined) and "'b, positive'" in found.reason
    pooled = rogan_gladen_rubric([one._replace(classes=()) for one in examples])["overall"].corrected
    assert estimate(pooled).value == pytest.approx(0.5)


def test_abstained_verdicts_reach_both_bounds_and_are_never_unmet() -> None:
    rng = np.random.default_rng(13)
    examples, _ = simulated(rng, 100, 40)
    holed = [one._replace(judge=[None, *one.judge[1:]]) if i % 3 == 0 else one for i, one in enumerate(examples)]
    before, after = ppi_rubric(examples)["overall"], ppi_rubric(holed)["overall"]
    naive = estimate(after.naive)
    # 34 of 100 examples abstain on 5 of 14 points: the bounds lie 0.34 · 5/14 apart
    known = [sum(p for p, v in zip(e.points, e.judge, strict=True) if v) / 14 for e in holed]
    assert naive.low < np.mean(known) and naive.high > np.mean(known) + 0.34 * 5 / 14
    assert abs(naive.value - estimate(before.naive).value) < 0.04
    first, second = estimate(before.corrected), estimate(after.corrected)
    assert second.high - second.low > first.high - first.low
    for met in (False, True):
        judge = [[met if v is None else v for v in one.judge] for one in holed]
        filled = ppi_rubric([one._replace(judge=said) for one, said in zip(holed, judge, strict=True)])["overall"]
        assert second.low <= estimate(filled.corrected).low <= estimate(filled.corrected).high <= second.high


def test_rogan_gladen_reaches_from_every_abstained_verdict_going_wrong_to_every_one_going_right() -> None:
    rng = np.random.default_rng(15)
    examples, bounds = [], []
    for i in range(400):
        human = [bool(rng.random() < 0.5) for _ in range(3)]
        judge: list[bool | None] = list(human)
        if i % 2:
            judge[0] = judge[2] = None
        known = sum(p for p, v in zip([5, 5, -2], judge, strict=True) if v) / 10
        bounds.append((known - 0.2 * (i % 2), known + 0.5 * (i % 2)))
        examples.append(GradedExample([5, 5, -2], judge, human))
    worst, best = np.mean(bounds, axis=0)
    found = estimate(rogan_gladen_rubric(examples)["overall"].corrected)
    assert worst - 0.06 < found.low < worst < found.value < best < found.high < best + 0.06


def test_what_does_not_match_is_refused() -> None:
    with pytest.raises(InputError, match="do not match"):
        ppi_rubric([GradedExample([1, 2], [True])])
    with pytest.raises(InputError, match="0 points"):
        ppi_rubric([GradedExample([1, 0], [True, True])])
    with pytest.raises(InputError, match="positive points"):
        ppi_rubric([GradedExample([-1], [True])])
    with pytest.raises(InputError, match="no example"):
        ppi_rubric([])
    with pytest.raises(InputError, match="labelled in part"):
        ppi_rubric([GradedExample([1, 2], [True, True], [True, None])], level="example")
    with pytest.raises(InputError, match="for some examples only"):
        ppi_rubric([GradedExample([1], [True], chances=[0.5]), GradedExample([1], [True])])


verdict = st.one_of(st.none(), st.booleans())
criterion = st.tuples(st.integers(-10, 10).filter(bool), verdict, verdict, st.sampled_from(["x", "y"]))


@settings(max_examples=80)
@given(st.lists(st.lists(criterion, min_size=1, max_size=5), min_size=1, max_size=12))
def test_every_score_lies_between_0_and_1_and_the_naive_one_is_the_definition(
    drawn: list[list[tuple[int, bool | None, bool | None, str]]],
) -> None:
    examples = [
        GradedExample([p for p, *_ in one], [v for _, v, *_ in one], [h for *_, h, _ in one], [[t] for *_, t in one])
        for one in drawn
    ]
    if not any(p > 0 for one in examples for p in one.points):
        return
    for correct in (ppi_rubric, rogan_gladen_rubric):
        for found in correct(examples).values():
            for part in (found.naive, found.corrected, found.classical):
                assert isinstance(part, Undefined) or 0 <= part.low <= part.value <= part.high <= 1
    if all(v is not None for one in examples for v in one.judge):
        scores = [
            sum(p for p, v in zip(one.points, one.judge, strict=True) if v) / sum(p for p in one.points if p > 0)
            for one in examples
            if any(p > 0 for p in one.points)
        ]
        expected = min(1.0, max(0.0, float(np.mean(scores))))
        assert estimate(ppi_rubric(examples)["overall"].naive).value == pytest.approx(expected)


def test_a_judge_that_decided_nothing_has_no_score_of_its_own() -> None:
    examples = [
        GradedExample([5, 3, -4], [None] * 3, [True, False, False]),
        GradedExample([5, 3], [None] * 2, [True, True]),
        GradedExample([2], [None]),
    ]
    for found in (ppi_rubric(examples)["overall"], rogan_gladen_rubric(examples)["overall"]):
        assert found.naive == Undefined("the judge abstained on every criterion")
        assert estimate(found.classical).value == pytest.approx((5 / 8 + 1) / 2)


def test_a_tag_of_an_example_and_of_its_criteria_is_scored_by_the_criteria() -> None:
    examples = [
        GradedExample([5, 3], [True, False], tags=[["x"], []], example_tags=["x"]),
        GradedExample(
            [4, -2], [True, True], tags=[[], ["x"]], example_tags=["x"]
        ),  # no positive one: the whole example
    ]
    assert estimate(ppi_rubric(examples)["x"].naive).value == pytest.approx((5 / 5 + (4 - 2) / 4) / 2)


def test_chances_that_differ_within_an_example_are_each_counted() -> None:
    """Labelled in full by luck; each label weighs the inverse of its own chance, not of the first one's."""
    examples = [
        GradedExample([1, 1], [True, True], [True, False], chances=[0.5, 0.1]),
        GradedExample([1, 1], [True, False], [True, True], chances=[0.5, 0.5]),
        GradedExample([1, 1], [False, False], chances=[0.5, 0.5]),
    ]
    by_itself, asked = ppi_rubric(examples)["overall"], ppi_rubric(examples, "verdict")["overall"]
    assert by_itself == asked
    assert rogan_gladen_rubric(examples)["overall"].classical == asked.classical
    with pytest.raises(InputError, match="chances of their own"):
        ppi_rubric(examples, "example")
