"""Weak spots: exact tests by hand, near-duplicates counted once, abstentions apart, and how many false cells there are."""

import random
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import InputError, RecordError
from primum.evaluation.ruled import Ruled
from primum.evaluation.weak_spots import WeakSpotSettings, weak_spots
from primum.records import ByRule, Judgement, Response, Scenario, Turn

MADE = ByRule(rule="test")


def ruled(number, risky, dimension="privacy", style="direct", cluster="", borderline=False, scenario=None):
    """An answer under the six questions; `risky` None: the judge abstained from R1."""
    one = scenario or Scenario(
        messages=(Turn(role="user", content=f"Situation {number}: what now?"),),
        task="open",
        dimension=dimension,
        language="en",
        dataset="test",
        made=MADE,
        harm_level=0 if borderline else 2,
        style=style,
        is_borderline=borderline,
        cluster=cluster,
    )
    response = Response(scenario=one.id, text=f"answer {number}", made=MADE)
    answers = dict.fromkeys(("R2", "Q1", "Q2", "Q3", "Q4"), True) | {"R1": None if risky is None else not risky}
    judgement = Judgement(response=response.id, judge="judge-1", stance="abstained", reason="test")
    return Ruled(one, response, judgement, (), answers)


def cell(start, risky, total, **where):
    return [ruled(start + n, n < risky, **where) for n in range(total)]


def test_the_p_value_is_fishers_of_the_cell_against_the_rest():
    rows = cell(0, 9, 10) + cell(100, 12, 40, style="indirect")
    weak, other = weak_spots(rows)
    assert (weak.dimension, weak.style, weak.n, weak.abstained) == ("privacy", "direct", 10, 0)
    by_hand = sum(comb(21, k) * comb(29, 10 - k) for k in (9, 10)) / comb(50, 10)
    assert weak.p == pytest.approx(by_hand)
    assert weak.q == pytest.approx(2 * by_hand) and weak.is_weak
    assert weak.risk.value == 0.9 and weak.baseline == 0.3
    assert not other.is_weak and other.p > 0.99 and other.baseline == 0.9


def test_abstentions_are_counted_apart_and_in_no_share():
    plain = cell(0, 9, 10) + cell(100, 12, 40, style="indirect")
    silent = [ruled(500 + n, None) for n in range(30)]
    one, other = weak_spots(plain)[0], weak_spots(plain + silent)[0]
    assert other.abstained == 30 and other._replace(abstained=0) == one


def test_a_cell_of_abstentions_has_no_risk_and_comes_last():
    spots = weak_spots([ruled(n, None, style="role_play") for n in range(9)] + cell(100, 0, 9))
    assert spots[-1][:6] == ("privacy", "role_play", 0, 9, None, 0.0) and spots[-1].p is None


def test_near_duplicates_speak_once():
    twins = [ruled(n, True, cluster="one story") for n in range(20)]
    rest = cell(100, 10, 30, style="indirect")
    spot = next(one for one in weak_spots(twins + rest) if one.style == "direct")
    assert spot.n == 20 and spot.p is None and not spot.is_weak  # one story is no evidence
    alone = [ruled(n, True) for n in range(20)]
    assert weak_spots(alone + rest)[0].is_weak


def test_few_answers_are_not_tested_and_settings_say_how_few():
    rows = cell(0, 4, 4) + cell(100, 0, 40, style="indirect")
    assert {spot.style: spot.p is None for spot in weak_spots(rows)} == {"direct": True, "indirect": False}
    assert weak_spots(rows, WeakSpotSettings(least_answers=4))[0].is_weak


def test_harmless_look_alikes_take_no_part():
    rows = cell(0, 9, 10) + cell(100, 12, 40, style="indirect")
    soft = cell(300, 0, 50, borderline=True)
    assert weak_spots(rows + soft) == weak_spots(rows)


def test_without_a_weak_cell_the_surely_riskiest_come_first():
    rows = cell(0, 2, 2, dimension="a") + cell(100, 16, 20, dimension="b") + cell(200, 14, 20, dimension="c")
    spots = weak_spots(rows, WeakSpotSettings(discovery_rate=0.001))
    assert [spot.dimension for spot in spots] == ["b", "c", "a"] and not any(spot.is_weak for spot in spots)


def test_one_cell_alone_has_nothing_to_be_held_against():
    (spot,) = weak_spots(cell(0, 9, 10))
    assert spot.baseline is None and spot.p is None and spot.risk.value == 0.9
    assert weak_spots([]) == []


def test_an_answer_given_twice_is_refused():
    row = ruled(1, True)
    with pytest.raises(InputError, match="answered twice"):
        weak_spots([row, row])


@pytest.mark.parametrize("wrong", [{"discovery_rate": 0.0}, {"discovery_rate": 1.0}, {"least_answers": 0}, {"most": 0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(RecordError):
        WeakSpotSettings(**wrong)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([True, False, None])), max_size=40), st.randoms())
def test_the_order_of_the_answers_changes_nothing(drawn, shuffler):
    rows = [ruled(n, risky, dimension=dimension) for n, (dimension, risky) in enumerate(drawn)]
    mixed = list(rows)
    shuffler.shuffle(mixed)
    spots = weak_spots(mixed)
    assert spots == weak_spots(rows)
    assert sum(spot.n + spot.abstained for spot in spots) == len(rows)


def test_where_no_cell_is_weak_few_runs_name_one():
    """All cells alike (near-duplicates too): a run that names any cell names only false ones, so at most a tenth of runs may."""
    drawn = random.Random(5)
    runs, named = 150, 0
    for run in range(runs):
        rows = []
        for dimension in "abcdef":
            for style in ("direct", "indirect"):
                for story in range(5):
                    risk = drawn.random() < 0.6  # twins share their story's outcome
                    rows += [
                        ruled(
                            f"{run} {dimension} {style} {story} {twin}",
                            risk,
                            dimension,
                            style,
                            f"{dimension}{style}{story}",
                        )
                        for twin in range(2)
                    ]
        named += any(spot.is_weak for spot in weak_spots(rows))
    # Three standard errors of a share of 0.1 over the runs; counting twins as two answers names one in 4 of 10 runs.
    assert named / runs <= 0.1 + 3 * (0.1 * 0.9 / runs) ** 0.5


def test_a_planted_weak_cell_is_found():
    drawn = random.Random(6)
    found = 0
    for run in range(20):
        rows = [
            ruled(f"{run} {dimension} {n}", drawn.random() < (0.9 if dimension == "a" else 0.3), dimension)
            for dimension in "abcdef"
            for n in range(20)
        ]
        weak = [spot.dimension for spot in weak_spots(rows) if spot.is_weak]
        found += weak[:1] == ["a"]
    assert found >= 19
