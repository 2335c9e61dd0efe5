"""PPI++ and Rogan-Gladen for a rate or a mean: numbers worked by hand, unbiasedness, coverage, and what must hold for any data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.corrected import ends_of
from primum.stats.ppi import PowerTuned, Sample, powered, ppi_mean
from primum.stats.rogan_gladen import judge_accuracy, rogan_gladen, rogan_gladen_counts
from primum.stats.score_interval import student
from primum.stats.undefined import Undefined

Z = 1.959963984540054


def estimate(found: object) -> Estimate:
    assert isinstance(found, Estimate), found
    return found


def test_ppi_is_the_published_formula_by_hand() -> None:
    # labelled pairs (human, judge): (1,1) (0,0) (0,1) (0,0), so .25 and .5; the judge says .75 of the other four, .625 of all.
    # cov = (.75·.5 + .25·.5 − .25·.5 + .25·.5)/4 = .5/4; var of the judge over all 8 = 8/7 · .625 · .375
    human = [1.0, 0.0, 0.0, 0.0, None, None, None, None]
    judge = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0]
    found = ppi_mean(judge, human)
    assert found.tuning == pytest.approx((0.5 / 4) / (2 * (8 / 7 * 0.625 * 0.375)))
    assert found.tuning == pytest.approx(0.2333333)
    assert estimate(found.corrected).value == pytest.approx(0.25 - 0.2333333 * (0.5 - 0.75))
    assert estimate(found.classical).value == 0.25
    assert estimate(found.naive).value == 0.625
    assert (found.n_labelled, found.n) == (4, 8)


def test_ppi_variance_by_hand() -> None:
    # 6 continuous labels without ties, 3 without a label, λ set to 1: residuals h − v
    human = np.array([0.2, 0.4, 0.6, 0.8, 0.3, 0.7, math.nan, math.nan, math.nan])
    judge = np.array([0.1, 0.5, 0.5, 0.9, 0.1, 0.8, 0.2, 0.4, 0.9])
    found = powered(Sample(judge, human, np.arange(9), None, (0.0, 1.0), np.arange(9)), tuning=1.0)
    assert isinstance(found, PowerTuned)
    residuals = np.array([0.1, -0.1, 0.1, -0.1, 0.2, -0.1])
    rest = np.array([0.2, 0.4, 0.9])
    by_hand = ((residuals - residuals.mean()) ** 2).sum() / 6 / 4 + ((rest - 0.5) ** 2).sum() / 9
    assert found.point == pytest.approx(0.5 + 0.5 - judge[:6].mean())
    assert found.variance == pytest.approx(by_hand)


def test_judge_that_tells_nothing_is_left_out_and_one_that_is_always_right_is_trusted() -> None:
    human = [float(i % 2) for i in range(40)]
    useless = ppi_mean([float(i // 2 % 2) for i in range(400)], [*human, *[None] * 360])
    assert useless.tuning == pytest.approx(0.0, abs=0.02)
    perfect = ppi_mean([float(i % 2) for i in range(400)], [*human, *[None] * 360])
    assert perfect.tuning == pytest.approx(360 / 400, abs=0.03)  # N / (n + N)
    assert estimate(perfect.corrected).value == pytest.approx(0.5)
    corrected, alone = estimate(perfect.corrected), estimate(perfect.classical)
    assert corrected.high - corrected.low < 0.6 * (alone.high - alone.low)


def test_all_labelled_is_the_mean_of_the_labels() -> None:
    found = ppi_mean([1.0, 1.0, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0])
    assert found.tuning == 0.0
    assert estimate(found.corrected).value == 0.5 == estimate(found.classical).value


def test_forty_labels_without_one_error_are_not_certainty() -> None:
    found = ppi_mean([0.0, 1.0] * 500, [0.0, 1.0] * 20 + [None] * 960)
    corrected = estimate(found.corrected)
    assert corrected.high - corrected.low > 0.05


def test_clusters_widen_and_clusters_of_one_change_nothing() -> None:
    rng = np.random.default_rng(4)
    human = np.repeat(rng.integers(0, 2, 100), 5).astype(float)
    judge = np.where(np.repeat(rng.random(100), 5) < 0.8, human, 1 - human)
    labels = [float(value) if i < 100 else None for i, value in enumerate(human)]
    alone, single = ppi_mean(judge.tolist(), labels), ppi_mean(judge.tolist(), labels, [str(i) for i in range(500)])
    together = ppi_mean(judge.tolist(), labels, [str(i // 5) for i in range(500)])
    assert alone == single
    narrow, wide = estimate(alone.corrected), estimate(together.corrected)
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_abstentions_widen_and_are_never_a_no() -> None:
    rng = np.random.default_rng(5)
    human = (rng.random(300) < 0.8).astype(float)
    judge: list[float | None] = [float(value) for value in human]
    labels = [float(value) if i < 60 else None for i, value in enumerate(human)]
    whole = ppi_mean(judge, labels)
    holed = ppi_mean([None if i % 4 == 0 else value for i, value in enumerate(judge)], labels)
    first, second = estimate(whole.corrected), estimate(holed.corrected)
    assert second.high - second.low > first.high - first.low
    assert second.value == pytest.approx(first.value, abs=0.05)  # not pulled towards 0.6
    # the interval holds those of either reading of what was not said
    for end in (0.0, 1.0):
        filled = estimate(ppi_mean([end if i % 4 == 0 else value for i, value in enumerate(judge)], labels).corrected)
        assert second.low <= filled.low <= filled.high <= second.high
    naive = estimate(holed.naive)
    assert naive.low < 0.65 and naive.high > 0.8 and naive.n == 225


def test_nothing_to_go_on_says_why() -> None:
    silent = ppi_mean([None, None], [1.0, 0.0])
    assert silent.naive == Undefined("the judge abstained on every item") == silent.corrected
    unlabelled = ppi_mean([1.0, 0.0, 1.0], [None, None, None])
    assert isinstance(unlabelled.corrected, Undefined) and "0 labels" in unlabelled.corrected.reason
    one_cluster = ppi_mean([1.0, 0.0, 1.0], [1.0, 0.0, None], ["a", "a", "b"])
    assert isinstance(one_cluster.corrected, Undefined) and "1 clusters" in one_cluster.corrected.reason


def test_what_does_not_match_is_refused() -> None:
    with pytest.raises(InputError, match="do not match"):
        ppi_mean([1.0, 0.0], [1.0])
    with pytest.raises(InputError, match="not on the scale"):
        ppi_mean([1.0, 0.0, 1.0], [3.0, 0.0, None])
    with pytest.raises(InputError, match="is not above 0"):
        ppi_mean([1.0, 0.0, 1.0], [1.0, 0.0, None], chances=[0.0, 0.5, 0.5])
    with pytest.raises(InputError, match="do not match"):
        rogan_gladen([True], [True, False])
    with pytest.raises(InputError, match="is not a proportion"):
        rogan_gladen_counts((3, 2), (1, 1), (1, 1))


def test_ppi_is_unbiased_for_a_judge_that_is_wrong_in_one_direction() -> None:
    rng = np.random.default_rng(6)
    values, naive = [], []
    for _ in range(400):
        human = rng.random(400) < 0.3
        judge = human | (rng.random(400) < 0.3)  # says yes to three tenths of the noes
        labels = [float(value) if i < 60 else None for i, value in enumerate(human)]
        found = ppi_mean(judge.astype(float).tolist(), labels)
        values.append(estimate(found.corrected).value)
        naive.append(estimate(found.naive).value)
    assert abs(np.mean(values) - 0.3) < 3 * np.std(values) / 20
    assert np.mean(naive) > 0.48


def test_unequal_chances_stay_unbiased_where_equal_weights_would_not() -> None:
    rng = np.random.default_rng(7)
    chosen, even = [], []
    for _ in range(300):
        human = (rng.random(300) < 0.4).astype(float)
        judge = np.where(rng.random(300) < 0.8, human, 1 - human)
        chance = np.where(judge > 0.5, 0.4, 0.1)  # people were shown the judge's yeses
        labels = [float(h) if rng.random() < c else None for h, c in zip(human, chance, strict=True)]
        chosen.append(estimate(ppi_mean(judge.tolist(), labels, chances=chance.tolist()).corrected).value)
        even.append(estimate(ppi_mean(judge.tolist(), labels).classical).value)
    assert abs(np.mean(chosen) - 0.4) < 3.5 * np.std(chosen) / math.sqrt(300)
    assert np.mean(even) > 0.5


@pytest.mark.parametrize(("rate", "sensitivity", "specificity"), [(0.05, 0.9, 0.9), (0.5, 0.7, 0.8), (0.9, 0.95, 0.97)])
def test_ppi_covers_with_fifty_labels(rate: float, sensitivity: float, specificity: float) -> None:
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(800):
        human = rng.random(600) < rate
        judge = np.where(human, rng.random(600) < sensitivity, rng.random(600) >= specificity).astype(float)
        labels = np.where(np.arange(600) < 50, human.astype(float), math.nan)
        found = powered(Sample(judge, labels, np.arange(600), None, (0.0, 1.0), np.arange(600)))
        assert isinstance(found, PowerTuned)
        held += found.low <= rate <= found.high
    assert 0.93 < held / 800 < 0.99


def test_ends_far_from_the_ends_of_the_scale_are_student_s() -> None:
    _, high = ends_of(0.5, 1e-6, (0.0, 1.0), 100, 100)
    assert high - 0.5 == pytest.approx(student(99) * 1e-3, rel=1e-4)
    assert (student(4), student(0)) == (pytest.approx(2.776445), pytest.approx(student(1)))


def test_rogan_gladen_by_hand() -> None:
    # reported .3, sensitivity .9, specificity .8: (.3 + .8 − 1) / (.9 + .8 − 1) = 1/7
    found = estimate(rogan_gladen_counts((300, 1000), (90, 100), (80, 100)))
    assert found.value == pytest.approx(1 / 7)
    # Fieller at the ends: the distance from zero is t(199) standard errors of that rate
    for end in (found.low, found.high):
        reported, hit, right = 301 / 1002, 91 / 102, 81 / 102
        variance = reported * (1 - reported) / 1002
        variance += end**2 * hit * (1 - hit) / 102 + (1 - end) ** 2 * right * (1 - right) / 102
        assert abs(0.3 - 0.2 - end * 0.7) == pytest.approx(student(199) * math.sqrt(variance), rel=1e-6)


def test_rogan_gladen_is_truncated_and_says_when_it_cannot_be() -> None:
    below = estimate(rogan_gladen_counts((10, 1000), (90, 100), (80, 100)))
    assert (below.value, below.low) == (0.0, 0.0)
    worthless = rogan_gladen_counts((300, 1000), (30, 100), (60, 100))
    assert isinstance(worthless, Undefined) and "at most 1" in worthless.reason
    empty = rogan_gladen_counts((300, 1000), (0, 0), (60, 100))
    assert isinstance(empty, Undefined) and "human 'yes'" in empty.reason
    unsure = estimate(rogan_gladen_counts((300, 1000), (3, 5), (3, 5)))
    assert (unsure.low, unsure.high) == (0.0, 1.0)  # five labels a class cannot rule out a judge that tells nothing


def test_judge_accuracy_by_hand() -> None:
    judge = [True, True, False, None, False, True]
    human = [True, True, True, True, False, False]
    found = judge_accuracy(judge, human)
    assert not isinstance(found, Undefined)
    assert (found.sensitivity.value, found.sensitivity.n) == (pytest.approx(2 / 3), 3)
    assert (found.specificity.value, found.specificity.n) == (0.5, 2)
    assert isinstance(judge_accuracy([True], [True]), Undefined)


def test_rogan_gladen_with_every_item_labelled_gives_the_rate_of_the_people() -> None:
    human = [True] * 30 + [False] * 70
    judge: list[bool | None] = [*[True] * 27, *[False] * 3, *[True] * 14, *[False] * 56]
    found = rogan_gladen(judge, list(human))
    assert estimate(found.corrected).value == pytest.approx(0.3)
    assert estimate(found.naive).value == pytest.approx(0.41)
    assert found.tuning is None


def test_rogan_gladen_abstentions_reach_from_all_no_to_all_yes() -> None:
    human: list[bool | None] = [*[True] * 30, *[False] * 70, *[None] * 100]
    judge: list[bool | None] = [*[True] * 28, *[False] * 2, *[True] * 7, *[False] * 63, *[True] * 40, *[False] * 60]
    whole = estimate(rogan_gladen(judge, human).corrected)
    holed = estimate(rogan_gladen([*judge, *[None] * 50], [*human, *[None] * 50]).corrected)
    assert holed.value == pytest.approx(whole.value)
    assert holed.low == pytest.approx(0.8 * whole.low)
    assert holed.high == pytest.approx(0.8 * whole.high + 0.2)


bits = st.lists(st.tuples(st.booleans(), st.one_of(st.none(), st.booleans())), min_size=3, max_size=60)


@settings(max_examples=150)
@given(bits)
def test_corrections_stay_on_their_scale_and_hold_their_value(pairs: list[tuple[bool, bool | None]]) -> None:
    judge, human = [one for one, _ in pairs], [other for _, other in pairs]
    numbers = [float(one) for one in judge]
    labels = [None if other is None else float(other) for other in human]
    for found in (ppi_mean(numbers, labels), rogan_gladen([*judge], human)):
        for part in (found.naive, found.corrected, found.classical):
            assert isinstance(part, Undefined) or 0 <= part.low <= part.value <= part.high <= 1
        assert found.tuning is None or 0 <= found.tuning <= 1


@settings(max_examples=60)
@given(bits, st.integers(0, 1000))
def test_order_of_items_does_not_matter(pairs: list[tuple[bool, bool | None]], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(pairs)).tolist()
    one = ppi_mean([float(a) for a, _ in pairs], [None if b is None else float(b) for _, b in pairs])
    mixed = [pairs[i] for i in order]
    other = ppi_mean([float(a) for a, _ in mixed], [None if b is None else float(b) for _, b in mixed])
    if isinstance(one.corrected, Undefined):
        assert isinstance(other.corrected, Undefined)
    else:
        assert estimate(other.corrected).low == pytest.approx(one.corrected.low, abs=1e-9)
        assert estimate(other.corrected).value == pytest.approx(one.corrected.value, abs=1e-9)


def test_labels_stand_alone_where_the_judge_abstained_on_everything() -> None:
    labels = [1.0, 0.0, 1.0, None, None]
    found = ppi_mean([None] * 5, labels)
    assert found.naive == found.corrected == Undefined("the judge abstained on every item")
    assert estimate(found.classical).value == pytest.approx(2 / 3)
    assert found.classical == ppi_mean([0.0, 0.0, 1.0, 1.0, 1.0], labels).classical
