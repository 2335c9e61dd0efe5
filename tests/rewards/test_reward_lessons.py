"""What a reward model is taught: the losses with their arithmetic, labels that are masked, steps that are laid out beforehand."""

from __future__ import annotations

import math

import msgspec
import pytest
import torch
from reward_trainings import PAIRS, SETTINGS

from primum.errors import RecordError
from primum.records import CriterionKind
from primum.rewards.model.lessons import count, hold_out, lesson_of, steps_of, weights_of
from primum.rewards.model.losses import UNKNOWN, bradley_terry, directions, kind_weights, pointwise
from primum.rewards.model.quoting import made_up_criteria
from primum.rewards.model.settings import RewardModelSettings

replace = msgspec.structs.replace


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def test_bradley_terry_by_hand() -> None:
    first, second = torch.tensor([[1.5, 1.5, 1.5]]), torch.tensor([[0.5, 0.5, 0.5]])
    one = torch.ones(1, 3)
    for direction, cost in ((1, -math.log(_sigmoid(1.0))), (-1, -math.log(_sigmoid(-1.0))), (0, 0.0)):
        toward = torch.tensor([[direction, 0, 0]])
        assert float(bradley_terry(first, second, toward, one)) == pytest.approx(cost, abs=1e-6)
    assert -math.log(_sigmoid(1.0)) == pytest.approx(0.313262, abs=1e-6)
    assert float(bradley_terry(first, second, torch.tensor([[1, -1, 0]]), 2 * one)) == pytest.approx(
        2 * (0.313262 + 1.313262), abs=1e-5
    )


def test_pointwise_by_hand() -> None:
    logits, weight = torch.tensor([[2.0, 2.0, 2.0]]), torch.tensor([[1.0, 1.0, 1.0]])
    assert float(pointwise(logits, torch.tensor([[1, -1, -1]]), weight)) == pytest.approx(0.126928, abs=1e-6)
    assert float(pointwise(logits, torch.tensor([[0, -1, -1]]), weight)) == pytest.approx(2.126928, abs=1e-6)
    assert float(pointwise(logits, torch.full((1, 3), UNKNOWN), weight)) == 0.0


def test_an_unknown_label_gives_no_direction_and_a_tie_none() -> None:
    first, second = torch.tensor([1, 0, 1, 0, -1, 1, -1]), torch.tensor([0, 1, 1, 0, 1, -1, -1])
    assert directions(first, second).tolist() == [1, -1, 0, 0, 0, 0, 0]


def test_rare_kinds_weigh_more_and_a_label_one_in_the_mean() -> None:
    counts: dict[CriterionKind, int] = {"proficiency": 90, "safety": 10}
    assert kind_weights(counts, 1.0) == pytest.approx({"proficiency": 5 / 9, "safety": 5.0})
    half = kind_weights(counts, 0.5)
    assert half == pytest.approx({"proficiency": 0.8333, "safety": 2.5}, abs=1e-3)
    assert sum(counts[kind] * half[kind] for kind in counts) == pytest.approx(100)
    assert kind_weights(counts, 0.0) == pytest.approx({"proficiency": 1.0, "safety": 1.0})


def test_labels_of_a_lesson_are_those_of_the_pair() -> None:
    plain = replace(SETTINGS, cloze_criteria=0)
    for pair in PAIRS:
        lesson = lesson_of(pair, plain)
        assert lesson is not None and lesson.criteria == pair.criteria
        for place, (first, second) in enumerate(zip(pair.met_first, pair.met_second, strict=True)):
            assert lesson.first_labels[place] == (UNKNOWN if first is None else int(first))
            assert lesson.is_decided(place) == (pair.winner(place) in (1, -1))
            assert lesson.known(place) == (first is not None) + (second is not None)


def test_a_criterion_of_which_nothing_is_known_is_not_asked() -> None:
    pair = PAIRS[1]
    bare = replace(pair, met_first=(None, *pair.met_first[1:]), met_second=(None, *pair.met_second[1:]))
    lesson = lesson_of(bare, replace(SETTINGS, cloze_criteria=0))
    assert lesson is not None and lesson.criteria == pair.criteria[1:]
    kinds = {one.kind for one in lesson_of(pair, replace(SETTINGS, cloze_criteria=0, safety=False)).criteria}  # type: ignore[union-attr]
    assert kinds == {"proficiency", "excellence"}
    unknown = (None,) * 5
    assert lesson_of(replace(pair, met_first=unknown, met_second=unknown), SETTINGS) is None


CHINESE = replace(
    PAIRS[0],
    language="zh",
    first="先量血压，再看药物是否需要调整。多喝水。",
    second="今天就去急诊，不要等到明天早上再说。",
)


def test_made_up_criteria_quote_one_answer_and_not_the_other() -> None:
    made = [(pair, one) for pair in [*PAIRS[:12], CHINESE] for one in made_up_criteria(pair, 3)]
    assert len(made) > 20
    for pair, one in made:
        said, other = (pair.first, pair.second) if one.is_first else (pair.second, pair.first)
        assert all(word in said.lower() and word in one.criterion.text.lower() for word in one.quoted)
        assert sum(word in other.lower() for word in one.quoted) <= 0.35 * len(one.quoted)
    assert {one.is_first for _, one in made} == {True, False}
    assert {len(one.quoted) for _, one in made} >= {1, 2, 3}  # bags of words of several sizes


def test_made_up_criteria_leave_out_what_both_answers_say() -> None:
    alike = replace(PAIRS[0], first="Rest and drink water.", second="Drink water and rest!")
    assert made_up_criteria(alike, 3) == []
    assert made_up_criteria(replace(alike, first="…", second="?"), 3) == []


def test_made_up_criteria_are_asked_of_either_head_that_is_trained() -> None:
    kinds = [one.criterion.kind for pair in PAIRS for one in made_up_criteria(pair, 3)]
    assert set(kinds) == {"safety", "proficiency"}
    one_head = [one for pair in PAIRS for one in made_up_criteria(pair, 3, frozenset({"proficiency"}))]
    assert {one.criterion.kind for one in one_head} == {"proficiency"}
    assert (
        made_up_criteria(PAIRS[0], 3, seed=1) == made_up_criteria(PAIRS[0], 3, seed=1) != made_up_criteria(PAIRS[0], 3)
    )


def test_a_lesson_ends_with_its_made_up_criteria() -> None:
    numbers = []
    for pair in [*PAIRS[:8], CHINESE]:
        made = made_up_criteria(pair, 3, SETTINGS.kinds, SETTINGS.seed)
        lesson = lesson_of(pair, replace(SETTINGS, cloze_criteria=3))
        assert lesson is not None
        numbers.append(len(made))
        asked = len(pair.criteria)
        assert lesson.criteria == (*pair.criteria, *(one.criterion for one in made))
        assert lesson.first_labels[asked:] == tuple(int(one.is_first) for one in made)
        assert lesson.second_labels[asked:] == tuple(int(not one.is_first) for one in made)
    assert max(numbers) == 3
    plain = lesson_of(CHINESE, replace(SETTINGS, cloze_criteria=0))
    assert plain is not None and plain.criteria == CHINESE.criteria


def test_whole_groups_are_held_out() -> None:
    learned, held = hold_out(PAIRS, 0.25, 0)
    assert {pair.group for pair in learned}.isdisjoint(pair.group for pair in held)
    assert len({pair.group for pair in held}) == 3 and len(learned) + len(held) == len(PAIRS)
    assert hold_out(PAIRS, 0.25, 0) == (learned, held) != hold_out(PAIRS, 0.25, 1)
    assert hold_out(PAIRS, 0.0, 0) == (PAIRS, [])
    one = [replace(pair, group="one") for pair in PAIRS]
    assert hold_out(one, 0.5, 0) == (one, [])


def test_processes_and_parts_share_a_step_and_lose_nothing() -> None:
    lessons = [one for pair in PAIRS if (one := lesson_of(pair, SETTINGS)) is not None]
    weights = weights_of(lessons, 0.5)
    lengths = [len(one.first.completion) for one in lessons]
    whole = steps_of(lessons, lengths, weights, SETTINGS, 1)
    assert sorted(place for part in whole for place in part.lessons) == [*range(len(lessons))]
    shared = steps_of(lessons, lengths, weights, replace(SETTINGS, accumulation_steps=2), 3)
    assert len(shared) == 6 * len(whole)
    for step, part in enumerate(whole):
        shares = shared[6 * step : 6 * step + 6]
        assert sorted(place for share in shares for place in share.lessons) == sorted(part.lessons)
        assert {(share.decided, share.known) for share in shares} == {(part.decided, part.known)}
        decided = sum(
            weights[one.kind] * lessons[row].is_decided(place)
            for row in part.lessons
            for place, one in enumerate(lessons[row].criteria)
        )
        assert part.decided == pytest.approx(decided)


def test_the_first_epoch_goes_from_short_to_long_in_stages() -> None:
    lessons = [one for pair in PAIRS if (one := lesson_of(pair, SETTINGS)) is not None]
    lengths = [100 - place for place in range(len(lessons))]
    told = [
        place
        for part in steps_of(
            lessons, lengths, weights_of(lessons, 0.5), replace(SETTINGS, epochs=2, stages=2, batch_pairs=4), 1
        )
        for place in part.lessons
    ]
    first, second = told[: len(lessons)], told[len(lessons) :]
    assert sorted(first) == sorted(second) == [*range(len(lessons))]
    half = len(lessons) // 2
    assert min(first[:half]) >= half > max(first[half:])  # the last ones are the shortest here
    assert first[:half] != sorted(first[:half], reverse=True)  # and shuffled within a stage
    assert not min(second[:half]) >= half


def test_a_process_without_a_lesson_reads_one_for_company() -> None:
    lessons = [one for pair in PAIRS[:7] if (one := lesson_of(pair, SETTINGS)) is not None]
    parts = steps_of(lessons, [1] * 7, weights_of(lessons, 0.5), SETTINGS, 2)  # the last step has one lesson
    assert [part.is_empty for part in parts] == [False, False, False, True]
    assert count(lessons).pairs == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("batch_pairs", 0),
        ("learning_rate", 0.0),
        ("warmup_share", 1.0),
        ("lora_rank", 0),
        ("held_share", 0.6),
        ("pointwise_weight", -1.0),
        ("processes", 0),
        ("seed", -1),
    ],
)
def test_settings_that_make_no_sense_are_refused(name: str, value: float) -> None:
    with pytest.raises(RecordError, match=name):
        RewardModelSettings(**{name: value})  # type: ignore[arg-type]
