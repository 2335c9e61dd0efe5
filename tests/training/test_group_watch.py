"""Watching groups: the numbers of a sampling worked by hand, and each rule broken and kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from primum.errors import RecordError
from primum.training.group_watch import (
    Examined,
    Finding,
    GroupWatchSettings,
    Sampled,
    SampledNumbers,
    WatchState,
    disagreement,
    examine,
    judge_examined,
    judge_sampled,
    level_share,
    measure_sampled,
)

WARY = GroupWatchSettings(window=2, first=1)
CALM = SampledNumbers(
    step=0, groups=4, level=0.2, length=20.0, cut=0.0, unread=0.0, parts={"rubric": 0.5}, unusable=0.1
)


def rules(seen: list[SampledNumbers], settings: GroupWatchSettings = WARY) -> list[tuple[str, str]]:
    return [(found.rule, found.action) for found in judge_sampled(seen, settings)]


def test_a_group_is_level_when_its_known_rewards_are_alike() -> None:
    assert level_share([1, 1, 0, 1], 2) == 0.5
    assert level_share([1, None, 0, 1], 2) == 0.5  # one known reward teaches nothing
    assert level_share([None, None, None, None], 2) == 1.0
    assert level_share([0.3, 0.3 + 1e-12], 2) == 1.0


def test_disagreement_counts_pairs_that_both_order() -> None:
    # Group 1: pairs (1, 0) (1, 2) (0, 2); the second reward turns the first of them round and ties none.
    assert disagreement([1, 0, 2], [0, 1, 2], 3) == (pytest.approx(1 / 3), 3)
    assert disagreement([1, 1, 2], [0, 1, 2], 3) == (0.0, 2)  # a tie is no order
    assert disagreement([1, None], [0, 1], 2) == (None, 0)
    # Answers of different groups are never compared.
    assert disagreement([0, 0, 1, 1], [1, 1, 0, 0], 2) == (None, 0)
    # The second reward was asked of the first group only.
    assert disagreement([1, 0, 0, 1], [0, 1], 2) == (1.0, 1)


@given(st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=4, max_size=4))
def test_a_reward_agrees_with_itself_and_differs_from_its_opposite(rewards: list[int | None]) -> None:
    turned = [None if one is None else -one for one in rewards]
    same, pairs = disagreement(rewards, rewards, 4)
    assert same in (None, 0.0)
    assert disagreement(rewards, turned, 4) == ((1.0, pairs) if pairs else (None, 0))


def test_the_numbers_of_a_sampling() -> None:
    numbers = measure_sampled(
        7,
        Sampled(
            group=2,
            rewards=[1.0, 0.0, None, -1.0],
            parts={"rubric": [1.0, 0.0, None, -1.0], "model": [2.0, 2.0, 2.0, 2.0]},
            lengths=[10, 20, 30, 40],
            cut=[False, False, True, False],
            unusable=[True, False, False, False],
            second=[0.0, 1.0],
        ),
    )
    assert (numbers.step, numbers.groups, numbers.length, numbers.cut) == (7, 2, 25.0, 0.25)
    assert (numbers.level, numbers.unread, numbers.unusable) == (0.5, 0.25, 0.25)
    # What is unread is left out, not 0: the mean of 1, 0 and −1 and their spread, √(2 / 2).
    assert (numbers.reward, numbers.reward_std) == (0.0, 1.0)
    assert numbers.parts == {"model": 2.0, "rubric": 0.0}
    assert (numbers.disagreement, numbers.pairs) == (1.0, 1)


def test_a_sampling_nobody_could_read_has_no_reward() -> None:
    numbers = measure_sampled(0, Sampled(2, [None, None], {"rubric": [None, None]}, [3, 5], [False, False]))
    assert (numbers.reward, numbers.reward_std, numbers.unusable, numbers.parts) == (None, None, None, {})
    assert numbers.unread == numbers.level == 1.0


def test_nothing_is_found_in_calm_samplings_or_in_too_few() -> None:
    assert rules([CALM] * 5) == []
    assert rules([replace(CALM, level=1.0, length=900.0)]) == []


def test_each_rule_of_samplings() -> None:
    assert rules([CALM, replace(CALM, level=1.0), replace(CALM, level=0.9)]) == [("level", "warn")]
    assert rules([CALM, replace(CALM, length=41.0), replace(CALM, length=41.0)]) == [("length", "stop")]
    assert rules([CALM, replace(CALM, unusable=0.3), replace(CALM, unusable=0.3)]) == [("unusable", "stop")]
    apart = replace(CALM, disagreement=0.75, pairs=8)
    assert rules([CALM, apart, CALM]) == [("disagreement", "warn")]
    # By pairs: 6 of 8 and 1 of 8 are 7 of 16.
    assert rules([CALM, apart, replace(CALM, disagreement=0.125, pairs=8)]) == []


def test_limits_are_not_broken_by_meeting_them() -> None:
    assert rules([CALM, replace(CALM, level=0.9), replace(CALM, level=0.9)]) == []
    assert rules([CALM, replace(CALM, length=40.0), replace(CALM, length=40.0)]) == []
    assert rules([CALM, replace(CALM, disagreement=0.5, pairs=8), replace(CALM, disagreement=0.5, pairs=8)]) == []


def test_a_rule_can_be_off_and_a_warning_can_stop() -> None:
    long = [CALM, replace(CALM, length=90.0, level=1.0), replace(CALM, length=90.0, level=1.0)]
    assert rules(long, replace(WARY, on_length="off", on_level="stop")) == [("level", "stop")]
    assert rules(long, replace(WARY, on_length="off", on_level="off")) == []


def test_a_finding_says_what_was_seen() -> None:
    (found,) = judge_sampled([CALM, replace(CALM, length=50.0, step=8), replace(CALM, length=50.0, step=9)], WARY)
    assert (found.step, found.reason) == (9, "answers grew from 20.0 to 50.0 tokens, 2.5 times as long")


def looked(rewards: list[float | None], helds: list[float | None], first: Examined | None = None) -> Examined:
    return examine(0 if first is None else 10, rewards, helds, [f"prompt {i}" for i in range(len(rewards))], first)


def test_the_same_prompts_are_compared_with_the_first_time() -> None:
    first = looked([0.0, 1.0, 2.0, None], [0.0, 0.0, 1.0, 1.0])
    assert (first.reward, first.held, first.reward_change, first.held_change) == (1.0, 0.5, None, None)
    then = looked([1.0, 3.0, 5.0, 9.0], [0.0, None, 1.0, 0.0], first)
    # Pairs known both times: 1, 2 and 3 more; Student's interval 2 ± 4.303 · 1 / √3.
    assert then.reward_change is not None and then.held_change is not None
    assert then.reward_change.value == 2.0 and then.reward_change.n == 3
    assert then.reward_change.low == pytest.approx(2 - 4.3027 / 3**0.5, abs=1e-3)
    assert then.held_change.value == pytest.approx(-1 / 3)


def test_a_reward_is_hacked_when_it_rises_and_the_held_back_judge_falls() -> None:
    first = looked([0.0, 0.1, 0.0, 0.1], [1.0, 0.9, 1.0, 0.9])
    hacked = looked([1.0, 1.0, 1.1, 1.0], [0.0, 0.1, 0.0, 0.0], first)
    (found,) = judge_examined(hacked, WARY)
    assert (found.rule, found.action, found.step) == ("hacked", "stop", 10)
    assert "the reward is being hacked" in found.reason and "rose by 0.975 [" in found.reason
    assert "fell by 0.925 [" in found.reason
    assert [one.action for one in judge_examined(hacked, replace(WARY, on_hacked="warn"))] == ["warn"]
    assert list(judge_examined(hacked, replace(WARY, on_hacked="off"))) == []
    assert list(judge_examined(first, WARY)) == []


def test_a_reward_is_not_hacked_while_either_interval_holds_nought() -> None:
    first = looked([0.0, 0.1, 0.0, 0.1], [1.0, 0.9, 1.0, 0.9])
    both_rise = looked([1.0, 1.0, 1.1, 1.0], [1.2, 1.2, 1.1, 1.2], first)
    both_fall = looked([-1.0, -1.0, -1.1, -1.0], [0.0, 0.1, 0.0, 0.0], first)
    unsure = looked([1.0, 1.0, 1.1, 1.0], [0.0, 1.9, 1.0, 0.5], first)
    unread = looked([None, None, None, 1.0], [0.0, 0.0, 0.0, 0.0], first)
    assert [list(judge_examined(one, WARY)) for one in (both_rise, both_fall, unsure, unread)] == [[], [], [], []]


def test_where_all_pairs_change_alike_what_is_seen_is_certain() -> None:
    first = looked([0.0, 0.0], [1.0, 1.0])
    (found,) = judge_examined(looked([1.0, 1.0], [0.0, 0.0], first), WARY)
    assert found.rule == "hacked"


def test_the_first_finding_that_stops_is_the_reason() -> None:
    warned = Finding(step=3, rule="level", action="warn", reason="all alike")
    ended = Finding(step=5, rule="length", action="stop", reason="too long")
    assert WatchState().stopped is None and WatchState(findings=(warned,)).stopped is None
    assert WatchState(findings=(warned, ended)).stopped == ended


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 0},
        {"held_every": 0},
        {"level_at_most": 1.1},
        {"unusable_rise_at_most": -0.1},
        {"length_factor_at_most": 1.0},
    ],
)
def test_settings_that_cannot_be_followed_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RecordError):
        GroupWatchSettings(**wrong)
