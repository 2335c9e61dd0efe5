"""Judging beside sampling: every answer judged once, in order, by whoever may be asked meanwhile; nothing unreadable becomes a number."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from primum.errors import InputError, TrainingError
from primum.training.judging_beside import Answered, JudgingBeside, RewardFunction, RewardSource, ask, whole_groups


def answered(*texts: str) -> Answered:
    completions = [[{"role": "assistant", "content": text}] for text in texts]
    return Answered([f"prompt {text}" for text in texts], completions, [f"id {text}" for text in texts])


def length(prompts: Sequence[Any], completions: Sequence[Any], scenario: Sequence[str]) -> list[float]:
    assert [f"id {one[-1]['content']}" for one in completions] == list(scenario)
    return [float(len(one[-1]["content"])) for one in completions]


def source(reward: RewardFunction, name: str = "length", **named: Any) -> RewardSource:
    return RewardSource(name, reward, "mark", **named)


@contextmanager
def judging(sources: Sequence[RewardSource], threads: int = 1) -> Iterator[JudgingBeside]:
    made = JudgingBeside(sources, threads)
    try:
        yield made
    finally:
        made.close()


def test_chunks_are_judged_in_order_and_joined() -> None:
    seen: list[str] = []

    def reward(prompts: Sequence[Any], completions: Sequence[Any], scenario: Sequence[str]) -> list[float]:
        seen.append("+".join(one[-1]["content"] for one in completions))
        return length(prompts, completions, scenario)

    with judging([source(reward)], threads=3) as beside:
        beside.begin()
        beside.hand_over(answered("a", "bb"))
        beside.hand_over(answered("ccc"))
        assert beside.collect(answered("a", "bb", "ccc")) == {"length": [1.0, 2.0, 3.0]}
    assert sorted(seen) == ["a+bb", "ccc"]  # each once, and not again when collected


def test_a_chunk_is_judged_while_the_next_is_sampled() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def reward(completions: Sequence[Any], **_: Any) -> list[float]:
        begun.set()
        assert go_on.wait(10)
        return [1.0] * len(completions)

    with judging([source(reward)]) as beside:
        beside.hand_over(answered("a"))  # returns although the judge is not done
        assert begun.wait(10)
        go_on.set()
        assert beside.collect(answered("a")) == {"length": [1.0]}


def test_what_must_not_run_beside_is_asked_when_the_sampling_is_done() -> None:
    where: dict[str, str] = {}

    def reward_named(name: str) -> RewardFunction:
        def reward(completions: Sequence[Any], **_: Any) -> list[float]:
            where[name] = threading.current_thread().name
            return [float(len(completions))] * len(completions)

        return reward

    sources = [source(reward_named("far"), "far"), source(reward_named("near"), "near", is_beside=False)]
    with judging(sources) as beside:
        assert beside.is_beside
        beside.hand_over(answered("a"))
        beside.hand_over(answered("b"))
        # The one beside got two chunks of one, the other all at once.
        assert beside.collect(answered("a", "b")) == {"far": [1.0, 1.0], "near": [2.0, 2.0]}
    assert where["far"].startswith("judging") and where["near"] == threading.current_thread().name
    with judging(sources, threads=0) as beside:
        assert not beside.is_beside
        assert beside.collect(answered("a", "b")) == {"far": [2.0, 2.0], "near": [2.0, 2.0]}
    with judging(sources[1:]) as beside:
        assert not beside.is_beside


def test_other_answers_than_those_judged_are_refused() -> None:
    with judging([source(length)]) as beside:
        beside.hand_over(answered("a"))
        with pytest.raises(TrainingError, match="judging_threads = 0"):
            beside.collect(answered("b"))
        # What was refused is forgotten: the next sampling begins anew.
        beside.hand_over(answered("c"))
        assert beside.collect(answered("c")) == {"length": [1.0]}


def test_a_sampling_that_was_not_collected_is_forgotten() -> None:
    with judging([source(length)]) as beside:
        beside.hand_over(answered("a"))
        beside.begin()
        beside.hand_over(answered("bb"))
        assert beside.collect(answered("bb")) == {"length": [2.0]}


def test_what_a_reward_cannot_say_stays_unsaid() -> None:
    two = answered("a", "b", "c")
    assert ask(source(lambda **_: [None, float("nan"), 0.0]), two) == [None, None, 0.0]


def test_a_reward_that_fails_is_an_error_in_one_line() -> None:
    def broken(**_: Any) -> list[float]:
        raise KeyError("dose")

    def refused(**_: Any) -> list[float]:
        raise InputError("query q", "has no criteria", "give it some", "reward")

    with pytest.raises(TrainingError, match=r"reward 'length' failed \(KeyError: 'dose'\)"):
        ask(source(broken), answered("a"))
    with pytest.raises(TrainingError, match="gave 1 numbers for 2 answers"):
        ask(source(lambda **_: [1.0]), answered("a", "b"))
    with pytest.raises(TrainingError, match="ValueError"):
        ask(source(lambda **_: ["good"]), answered("a"))
    with pytest.raises(InputError, match="query q"):
        ask(source(refused), answered("a"))
    with judging([source(broken)]) as beside:  # what is raised on another thread arrives here
        beside.hand_over(answered("a"))
        with pytest.raises(TrainingError, match="KeyError"):
            beside.collect(answered("a"))


@pytest.mark.parametrize(
    ("answers", "groups", "expected"), [(8, 1, [2, 2, 2, 2]), (8, 3, [6, 2]), (6, 9, [6]), (0, 2, [])]
)
def test_chunks_hold_whole_groups(answers: int, groups: int, expected: list[int]) -> None:
    parts = whole_groups(answers, 2, groups)
    assert [part.stop - part.start for part in parts] == expected
    assert [place for part in parts for place in range(answers)[part]] == list(range(answers))
