"""The bootstrap: numbers worked by hand, what it must refuse to say, and how often it holds the truth."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import InputError
from primum.records import Estimate
from primum.stats import mean
from primum.stats.resampling import (
    bootstrap,
    cluster_weights,
    one_by_one,
    reference_interval,
    weighted_mean,
)
from primum.stats.score_interval import score_ends
from primum.stats.undefined import Undefined


def known(found: Estimate | Undefined) -> Estimate:
    assert isinstance(found, Estimate)
    assert found.low <= found.value <= found.high
    return found


def alone(n: int) -> list[str]:
    return [str(position) for position in range(n)]


def test_every_draw_takes_as_many_clusters_as_there_are() -> None:
    weights = cluster_weights(200, 7, np.random.default_rng(1))
    assert weights.shape == (200, 7)
    assert (weights.sum(axis=1) == 7).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(7), abs=0.25)


def test_interval_of_a_mean_is_nearly_students() -> None:
    values = np.random.default_rng(2).normal(10, 3, 40)
    found = known(bootstrap(weighted_mean(values.tolist()), alone(40), draws=20_000))
    half = 2.0226909 * values.std(ddof=1) / 40**0.5  # t(39)
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == (
        pytest.approx(values.mean() - half, abs=0.05 * half),
        pytest.approx(values.mean() + half, abs=0.05 * half),
    )
    assert (found.n, found.unit) == (40, "cluster")


def test_on_a_scale_it_is_the_interval_of_the_mean() -> None:
    rng = np.random.default_rng(3)
    values = (rng.random(120) < 0.8).astype(float).tolist()
    names = [str(position // 4) for position in range(120)]
    found = known(bootstrap(weighted_mean(values), names, scale=(0.0, 1.0), draws=20_000))
    closed = mean(values, names)
    assert closed is not None
    assert (found.low, found.high) == (pytest.approx(closed.low, abs=0.01), pytest.approx(closed.high, abs=0.01))


def test_forty_zeros_are_not_certainty() -> None:
    zeros = weighted_mean([0.0] * 40)
    found, fewer = (
        known(bootstrap(zeros, alone(40), scale=(0, 1))),
        known(bootstrap(zeros, ["a", "b"] * 20, scale=(0, 1))),
    )
    assert (found.low, found.value) == (0.0, 0.0)
    assert found.high == pytest.approx(score_ends(0.0, 0.0, 40)[1])
    assert 0.08 < found.high < 0.1 and fewer.high > 0.7
    # rater 1 of 1 says that nothing is known beyond one rater, however many conversations
    one = known(bootstrap(zeros, alone(40), ["rater"] * 40, scale=(0, 1)))
    assert one.high > 0.7
    without_ends = bootstrap(zeros, alone(40))
    assert isinstance(without_ends, Undefined) and "ends of its scale" in without_ends.reason


def test_two_clusterings_add_their_variances() -> None:
    # x = a_i + b_j without noise, 30 × 20: V = s²(a)/30 + s²(b)/20, and the interval is t wide
    rng = np.random.default_rng(5)
    first, second = rng.normal(0, 1, 30), rng.normal(0, 1, 20)
    values = (first[:, None] + second[None, :]).ravel().tolist()
    rows, columns = np.divmod(np.arange(600), 20)
    names = [[f"{kind}{position}" for position in side.tolist()] for kind, side in (("c", rows), ("r", columns))]
    crossed = known(bootstrap(weighted_mean(values), names[0], names[1], draws=8000))
    variance = first.var(ddof=1) / 30 + second.var(ddof=1) / 20
    assert (crossed.high - crossed.low) / 2 == pytest.approx(2.02 * variance**0.5, rel=0.06)
    by_first = known(bootstrap(weighted_mean(values), names[0], draws=8000))
    assert (by_first.high - by_first.low) / 2 == pytest.approx(2.045 * first.std(ddof=1) / 30**0.5, rel=0.06)


def test_four_clusters_have_the_variance_and_the_t_of_four() -> None:
    # on a scale so long that its ends do not matter: mean 4, s² = 38/3, half = t(3) s / 2
    found = known(bootstrap(weighted_mean([1.0, 2.0, 4.0, 9.0]), alone(4), scale=(-5000, 5000), draws=40_000))
    half = 3.1824463 * (38 / 3) ** 0.5 / 2
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.02)


def test_what_belongs_to_the_row_alone_counts_once() -> None:
    # noise only, 30 × 20: the product weights see about three times its variance
    rng = np.random.default_rng(12)
    noise = rng.normal(0, 1, 600)
    rows, columns = np.divmod(np.arange(600), 20)
    names = [[f"{kind}{position}" for position in side.tolist()] for kind, side in (("c", rows), ("r", columns))]
    crossed = known(bootstrap(weighted_mean(noise.tolist()), names[0], names[1], draws=4000))
    assert (crossed.high - crossed.low) / 2 < 1.35 * 2.05 * noise.std(ddof=1) / 600**0.5


def test_statistic_without_a_value_says_so() -> None:
    def precision(weights: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
        total = float((weights * called).sum())
        return float((weights * called * hit).sum()) / total if total else float("nan")

    called, hit = np.asarray([0.0] * 9 + [1.0]), np.asarray([1.0] * 10)
    rarely = bootstrap(one_by_one(precision), alone(10), scale=(0, 1))
    assert isinstance(rarely, Undefined) and "too few rows of some kind" in rarely.reason
    called = np.zeros(10)
    never = bootstrap(one_by_one(precision), alone(10))
    assert isinstance(never, Undefined) and "no value" in never.reason


def test_one_by_one_is_the_same_as_by_matrices() -> None:
    values = [0.2, 0.9, 0.4, 0.7, 0.1]
    slow = one_by_one(lambda weights: float(weights @ np.asarray(values) / weights.sum()))
    assert bootstrap(slow, alone(5)) == bootstrap(weighted_mean(values), alone(5))


def test_what_cannot_be_resampled_is_refused() -> None:
    for clusters, second, draws in ([], None, 10), (["a", "b"], ["c"], 10), (["a", "b"], None, 1):
        with pytest.raises(InputError, match="cannot be resampled"):
            bootstrap(weighted_mean([1.0] * len(clusters)), clusters, second, draws=draws)
    with pytest.raises(InputError, match="not one number a draw"):
        bootstrap(lambda weights: weights, ["a", "b"])
    with pytest.raises(InputError, match="not on the scale"):
        bootstrap(weighted_mean([2.0, 3.0]), ["a", "b"], scale=(0, 1))
    with pytest.raises(InputError, match="give no interval"):
        reference_interval([])


def test_reference_interval_is_that_of_healthbench() -> None:
    scores = np.random.default_rng(8).normal(0.4, 0.3, 400)
    found = reference_interval(scores.tolist())
    assert found.mean == pytest.approx(scores.mean())
    assert found.standard_deviation == pytest.approx(scores.std() / 20, rel=0.08)
    # two examples, 0 and 1: the bootstrap mean is 0, ½ or 1 with ¼, ½, ¼, whose standard deviation is √⅛
    assert reference_interval([0.0, 1.0], draws=20_000).standard_deviation == pytest.approx(0.125**0.5, abs=0.005)


def test_reference_interval_clips_means_not_examples() -> None:
    # −3 and 1: means −3, −1, 1 are clipped to 0, 0, 1, which is 1 once in four: √(3/16); the mean −1 becomes 0
    found = reference_interval([-3.0, 1.0], draws=20_000)
    assert found.mean == 0.0
    assert found.standard_deviation == pytest.approx((3 / 16) ** 0.5, abs=0.005)
    assert reference_interval([0.3] * 9) == (pytest.approx(0.3), pytest.approx(0.0, abs=1e-12))


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from("abcd"), st.sampled_from("xyz")), min_size=2, max_size=25),
    st.integers(0, 5),
)
def test_whatever_the_rows_the_interval_holds_the_value_and_stays_on_the_scale(
    rows: list[tuple[float, str, str]], seed: int
) -> None:
    values, first, second = (list(column) for column in zip(*rows, strict=True))
    for other in (None, second):
        found = bootstrap(weighted_mean(values), first, other, (0.0, 1.0), 60, seed)
        if isinstance(found, Undefined):  # conversations and raters that hardly cross leave draws without a row
            assert other is not None and "had no value" in found.reason
            continue
        assert 0 <= found.low <= found.value <= found.high <= 1 and found.low < found.high
        assert found == bootstrap(weighted_mean(values), first, other, (0.0, 1.0), 60, seed)


@pytest.mark.parametrize(
    ("conversations", "raters", "spread"),
    [(40, 20, (1.0, 1.0, 1.0)), (60, 8, (1.0, 0.3, 1.0)), (60, 8, (0.3, 1.0, 1.0))],
)
def test_two_clusterings_cover_in_simulation(
    conversations: int, raters: int, spread: tuple[float, float, float]
) -> None:
    rng, rounds, hits = np.random.default_rng(31), 500, 0
    for seed in range(rounds):
        by_conversation, by_rater = rng.normal(0, spread[0], conversations), rng.normal(0, spread[1], raters)
        noise = rng.normal(0, spread[2], (conversations, raters))
        rows, columns = np.nonzero(rng.random((conversations, raters)) < 0.4)
        values = (by_conversation[:, None] + by_rater[None, :] + noise)[rows, columns]
        found = known(
            bootstrap(
                weighted_mean(values.tolist()),
                [f"c{row}" for row in rows.tolist()],
                [f"r{column}" for column in columns.tolist()],
                draws=250,
                seed=seed,
            )
        )
        hits += found.low <= 0 <= found.high
    assert 0.92 <= hits / rounds <= 0.985, hits / rounds


@pytest.mark.parametrize(("conversations", "raters", "effect"), [(30, 4, 0.15), (200, 3, 0.045)])
def test_few_raters_cover_in_simulation(conversations: int, raters: int, effect: float) -> None:
    """The variance of three or four raters is easily found too small: taken as found, the interval holds the truth in 90 % of draws."""
    rng, rounds, hits = np.random.default_rng(7), 400, 0
    for seed in range(rounds):
        by_rater = rng.uniform(-effect, effect, raters)
        chosen = rng.permuted(np.tile(np.arange(raters), (conversations, 1)), axis=1)[:, :3]
        by_conversation = rng.uniform(-0.2, 0.2, (conversations, 1))
        values = 0.5 + by_conversation + by_rater[chosen] + rng.uniform(-0.15, 0.15, chosen.shape)
        names = [f"c{row}" for row in range(conversations) for _ in range(3)]
        found = known(
            bootstrap(
                weighted_mean(values.ravel().tolist()),
                names,
                [f"r{one}" for one in chosen.ravel().tolist()],
                scale=(0.0, 1.0),
                draws=150,
                seed=seed,
            )
        )
        hits += found.low <= 0.5 <= found.high
    assert 0.93 <= hits / rounds <= 0.98, hits / rounds


def test_rare_events_in_clusters_cover_in_simulation() -> None:
    rng, rounds, hits, rate = np.random.default_rng(32), 500, 0, 0.05
    cut, names = NormalDist().inv_cdf(rate), [str(position // 5) for position in range(400)]
    for seed in range(rounds):
        latent = 0.5**0.5 * (np.repeat(rng.normal(0, 1, 80), 5) + rng.normal(0, 1, 400))
        found = known(bootstrap(weighted_mean((latent < cut).astype(float).tolist()), names, None, (0, 1), 200, seed))
        hits += found.low <= rate <= found.high
    assert 0.92 <= hits / rounds <= 0.985, hits / rounds
