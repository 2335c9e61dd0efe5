"""Perplexity: the arithmetic of the docstring, what pairing takes out, and what cannot be compared."""

import math
import random

import pytest

from primum.errors import InputError
from primum.evaluation.perplexity_table import Loss, perplexity, perplexity_change
from primum.stats import Undefined


def losses(*pairs, clusters=None):
    return [
        Loss(f"s{place}", clusters[place] if clusters else f"c{place}", nll, tokens)
        for place, (nll, tokens) in enumerate(pairs)
    ]


def test_the_numbers_of_the_docstring():
    start, now = losses((6.0, 3), (2.0, 5)), losses((7.0, 3), (3.0, 5))
    found = perplexity(start)
    assert found.value == pytest.approx(math.e) and found.n == 2 and found.unit == "cluster"
    change = perplexity_change(start, now)
    assert change.value == pytest.approx(0.25) and math.exp(change.value) == pytest.approx(1.284, abs=5e-4)
    assert perplexity(now).value / found.value == pytest.approx(math.exp(change.value))


def test_the_order_of_the_answers_changes_nothing():
    start = losses((6.0, 3), (2.0, 5), (9.0, 4))
    now = losses((7.0, 3), (3.0, 5), (9.5, 4))
    assert perplexity_change(start, now[::-1]) == perplexity_change(start, now)


def test_a_paired_change_is_surer_than_two_perplexities():
    source = random.Random(1)
    hard = [(source.uniform(5, 60), source.randint(8, 20)) for _ in range(60)]
    start = losses(*hard)
    now = losses(*[(nll + 0.05 * tokens + source.uniform(-0.1, 0.1), tokens) for nll, tokens in hard])
    change, before, after = perplexity_change(start, now), perplexity(start), perplexity(now)
    assert 0 < change.low < 0.05 < change.high < 0.06
    assert before.high > after.low  # side by side nothing would be seen


def test_clusters_are_resampled_whole():
    rows = [(10.0, 10)] * 20 + [(30.0, 10)] * 20
    alone = perplexity(losses(*rows))
    together = perplexity(losses(*rows, clusters=[str(place // 10) for place in range(40)]))
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_the_same_policy_has_changed_by_exactly_nothing():
    found = perplexity_change(losses((6.0, 3), (2.0, 5)), losses((6.0, 3), (2.0, 5)))
    assert (found.value, found.low, found.high, found.n) == (0.0, 0.0, 0.0, 2)


def test_one_cluster_has_no_interval_and_says_so():
    assert isinstance(perplexity(losses((6.0, 3), (2.0, 5), clusters=["c", "c"])), Undefined)
    found = perplexity_change(losses((6.0, 3), clusters=["c"]), losses((7.0, 3), clusters=["c"]))
    assert isinstance(found, Undefined) and found.reason


@pytest.mark.parametrize(
    ("start", "now", "rule"),
    [
        ([], [], "not one an answer"),
        (losses((1.0, 0)), losses((1.0, 0)), "not a sum of nats"),
        (losses((math.nan, 2)), losses((1.0, 2)), "not a sum of nats"),
        (losses((-1.0, 2)), losses((1.0, 2)), "not a sum of nats"),
        (losses((1.0, 2)), losses((1.0, 3)), "same tokens"),
        (losses((1.0, 2)), losses((1.0, 2), (1.0, 2)), "same answers"),
        (losses((1.0, 2)) * 2, losses((1.0, 2)), "not one an answer"),
    ],
)
def test_what_cannot_be_compared_is_refused(start, now, rule):
    with pytest.raises(InputError, match=rule):
        perplexity_change(start, now)
