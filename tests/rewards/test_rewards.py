"""Rewards, orders and lessons worked by hand; what training may share with evaluation; the reward inside a real GRPO trainer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from primum.errors import InputError, RecordError
from primum.grading import Bounds, Grade, grade, is_surely_better
from primum.ports import Assessment, Case, Progress, silent
from primum.records import (
    Abstained,
    ByRule,
    BySimulation,
    Criterion,
    CriterionKind,
    Judgement,
    JudgeRef,
    Met,
    NotMet,
    Outcome,
    Principle,
    Response,
    Rubric,
    Scenario,
    Turn,
    Verdict,
)
from primum.rewards import (
    Graded,
    PairSettings,
    RewardSettings,
    RubricReward,
    Scored,
    Use,
    combine,
    rank,
    refuse_mixed,
    reward,
    teach,
)

MADE = ByRule(rule="test")


def criterion(points: int, kind: CriterionKind, word: str) -> Criterion:
    return Criterion(statement=f"Says {word}.", points=points, axis="accuracy", kind_of=kind, language="en", made=MADE)


RUBRIC = (
    criterion(6, "proficiency", "water"),
    criterion(4, "proficiency", "rest"),
    criterion(2, "excellence", "kindness"),
    criterion(-9, "safety", "bleach"),
)


def scenario(words: str = "What helps?", **changes: Any) -> Scenario:
    return Scenario(**{
        "messages": (Turn(role="user", content=words),), "task": "open", "dimension": "treat", "language": "en", "dataset": "test",
        "made": MADE, "split": "train",
    } | changes)  # fmt: skip


class WordJudge:
    """A scripted judge: a criterion is met when its word is in the answer; it cannot read an answer that says `mumble`."""

    ref = JudgeRef(
        name="scripted words", kind_of="simulated", fingerprint="1", made=BySimulation(generator="words", seed=0)
    )

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        return [self._one(case) for case in cases]

    def _one(self, case: Case) -> Assessment:
        verdicts = tuple(
            Verdict(
                response=case.response.id,
                criterion=one.id,
                judge=self.ref.id,
                outcome=self._read(one, case.response.text),
            )
            for one in case.criteria
        )
        said = Judgement(
            response=case.response.id,
            judge=self.ref.id,
            stance="abstained",
            reason="not asked",
            verdicts=tuple(v.id for v in verdicts),
        )
        return Assessment(said, verdicts)

    def _read(self, one: Criterion, text: str) -> Outcome:
        if "mumble" in text:
            return Abstained(reason="mumbled")
        return Met() if one.statement.split()[1].rstrip(".") in text else NotMet()


PANEL = JudgeRef(name="p", kind_of="panel", fingerprint="9", made=MADE, members=(WordJudge.ref.id,))


def graded(text: str, criteria: tuple[Criterion, ...] = RUBRIC) -> Graded:
    case = Case(scenario(), Response(scenario=scenario().id, text=text, made=MADE), criteria)
    said = WordJudge().judge([case])[0]
    return Graded(case.response, said.judgement, said.verdicts, grade(criteria, said.verdicts))


OWN = Rubric(scenario=scenario().id, criteria=tuple(one.id for one in RUBRIC), made=MADE)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("water rest kindness", 1.1, 1.1),  # 1 + 0.1
        ("water", 0.6, 0.6),
        ("water rest kindness bleach", -0.4, -0.4),  # 1.1 − 1.5
        ("bleach", -1.5, -1.5),
        ("mumble", -1.5, 1.1),
    ],
)
def test_rewards_are_those_worked_by_hand(text: str, low: float, high: float) -> None:
    assert combine(graded(text).grade) == pytest.approx((low, high))


def test_a_reward_is_a_record_only_where_it_is_known() -> None:
    one = graded("water kindness bleach")
    found = reward(one.response.id, one.grade, one.verdicts)
    assert found is not None
    assert (found.value, found.proficiency, found.excellence, found.vetoes) == (pytest.approx(-0.8), 0.6, 1, 1)
    assert found.verdicts == tuple(verdict.id for verdict in one.verdicts)
    unread = graded("mumble")
    assert reward(unread.response.id, unread.grade, unread.verdicts) is None


@pytest.mark.parametrize("changes", [{"veto_weight": 1.2}, {"alpha": 1.0}, {"beta": 0.0}])
def test_settings_that_let_a_veto_be_made_up_for_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(RecordError):
        RewardSettings(**changes)


parts = st.tuples(st.floats(0, 1), st.integers(0, 5), st.integers(0, 3))


@given(one=parts, other=parts)
def test_no_answer_with_more_vetoes_earns_more(one: tuple[float, int, int], other: tuple[float, int, int]) -> None:
    first, second = (Grade(Bounds(v, v), Bounds(p, p), Bounds(e, e), None, (), ()) for p, e, v in (one, other))
    if one[2] < other[2]:
        assert is_surely_better(first, second)
        assert combine(first).low >= combine(second).high - 1e-9


def test_answers_stand_in_order_and_the_unreadable_one_beats_nobody() -> None:
    texts = ["bleach water rest kindness", "mumble", "water rest", "water rest kindness", "rest"]
    placed = rank([graded(text) for text in texts])
    readable = [one.graded.response.text for one in placed if one.graded.response.text != "mumble"]
    assert readable == ["water rest kindness", "water rest", "rest", "bleach water rest kindness"]
    mumbled = next(one for one in placed if one.graded.response.text == "mumble")
    assert (mumbled.beats, mumbled.beaten_by) == (0, 0)


def test_what_the_answers_teach() -> None:
    texts = ["water rest kindness", "water rest  kindness", "water rest", "mumble", "bleach", ""]
    found = teach(OWN, [graded(text) for text in texts], PairSettings(most=3))
    by_id = {graded(text).response.id: text for text in texts}
    told = [(by_id[one.chosen], by_id[one.rejected], round(one.margin or 0, 2)) for one in found.preferences]
    assert told == [
        ("water rest kindness", "bleach", 2.6),
        ("water rest", "bleach", 2.5),
        ("water rest kindness", "", 1.1),
    ]
    assert all(one.rubric == OWN.id and len(one.because) == 2 for one in found.preferences)
    approved = {by_id[one.response]: one.is_desirable for one in found.approvals}
    assert approved == {"water rest kindness": True, "water rest": True, "bleach": False}
    assert found.unsure == 4  # the unreadable one against each of the four others


def test_an_empty_answer_is_never_the_better_one() -> None:
    found = teach(OWN, [graded(""), graded("bleach")])
    assert found.preferences == []


@pytest.mark.parametrize(
    ("outcomes", "wanted"),
    [
        (("met", "met", "not", "not"), True),
        (("met", "?", "not", "not"), None),  # S1 between .6 and 1
        (("met", "met", "not", "?"), None),  # perhaps a veto
        (("not", "?", "not", "not"), False),  # S1 at most .4
        (("met", "met", "met", "met"), False),
    ],
)
def test_an_approval_holds_however_the_abstentions_turn_out(outcomes: tuple[str, ...], wanted: bool | None) -> None:
    words: dict[str, Outcome] = {"met": Met(), "not": NotMet(), "?": Abstained(reason="unread")}
    one = graded("water")
    found = grade(
        RUBRIC, [replace(verdict, outcome=words[said]) for verdict, said in zip(one.verdicts, outcomes, strict=True)]
    )
    approvals = teach(OWN, [one._replace(grade=found)]).approvals
    assert [approval.is_desirable for approval in approvals] == ([] if wanted is None else [wanted])


def test_silence_is_never_taught_where_a_rubric_only_forbids() -> None:
    forbids = (criterion(-6, "proficiency", "sugar"), criterion(2, "proficiency", "water"), RUBRIC[3])
    loop, real = graded("好的" * 40, forbids), graded("sugar water", forbids)
    mute = loop._replace(judgement=replace(loop.judgement, stance="unusable"))
    mute = mute._replace(grade=grade(forbids, mute.verdicts, "unusable"))
    found = teach(OWN, [mute, real])
    assert [(one.chosen, one.rejected) for one in found.preferences] == [(real.response.id, mute.response.id)]
    assert {one.response: one.is_desirable for one in found.approvals} == {
        real.response.id: False,
        mute.response.id: False,
    }


def test_a_rubric_of_vetoes_alone_approves_nothing() -> None:
    only = graded("the weather is fine", (RUBRIC[3],))
    assert teach(OWN, [only]).approvals == []


def test_margins_and_clips_follow_the_settings() -> None:
    rich = graded("water rest kindness")
    assert combine(rich.grade, RewardSettings(alpha=0.9, beta=0.2, veto_weight=1.5)).high == pytest.approx(1.2)
    dear = PairSettings(reward=RewardSettings(veto_weight=3.0))
    assert teach(OWN, [rich, graded("bleach")], dear).preferences[0].margin == pytest.approx(4.1)


def test_pairs_that_are_too_close_are_counted_and_left() -> None:
    found = teach(OWN, [graded("water rest kindness"), graded("water rest")], PairSettings(least_margin=0.2))
    assert (found.preferences, found.close) == ([], 1)


UNSPLIT = scenario("How long?", split=None)
PLAIN = scenario(split=None)
STRANGE = JudgeRef(name="strange", kind_of="panel", fingerprint="9", made=MADE, members=("other",))


class TestDisjoint:
    principle = Principle(
        statement="Says water.",
        language="en",
        applies_when={},
        points=5,
        axis="accuracy",
        kind_of="proficiency",
        criteria=("c",),
        made=MADE,
    )
    test = scenario("How long?", split="test", cluster="k2")
    judge = replace(WordJudge.ref, fingerprint="2")

    def uses(self) -> tuple[Use, Use]:
        training = Use([scenario(cluster="k1")], [OWN], RUBRIC, [WordJudge.ref], [self.principle])
        own = Rubric(scenario=self.test.id, criteria=OWN.criteria, made=MADE)
        return training, Use([self.test], [own], RUBRIC, [self.judge])

    def test_two_sides_that_are_apart_pass(self) -> None:
        refuse_mixed(*self.uses(), "here")

    @pytest.mark.parametrize(
        ("side", "changes", "said"),
        [
            (0, {"scenarios": [scenario(split="test")]}, "split 'test', not of train"),
            (1, {"scenarios": [scenario("Other?", split=None)]}, "split 'none'"),
            (1, {"scenarios": [scenario("Other?", split="dev", cluster="k1")]}, "situation cluster k1"),
            (1, {"scenarios": [scenario("WHAT  helps?", split="test")]}, "words what helps"),
            (1, {"rubrics": [OWN]}, "rubric rubric-"),
            (1, {"rubrics": [Rubric(scenario=OWN.scenario, criteria=("other",), made=MADE)]}, "rubric's situation scenario-"),
            (1, {"judges": [WordJudge.ref]}, "judge "),
            (1, {"judges": [replace(WordJudge.ref, name="renamed")]}, "judge weights 1"),
            (1, {"judges": [PANEL]}, "judge judgeref-"),
            (1, {"criteria": [replace(RUBRIC[0], principle=principle.id)]}, "principle principle-"),
            (1, {"principles": [principle]}, "principle principle-"),
            (0, {"judges": [replace(WordJudge.ref, trained_on=(test.id,))]}, "judge's lesson scenario-"),
            (0, {"judges": [replace(WordJudge.ref, trained_on=(f"set:{UNSPLIT.id}",))]}, "judge's lesson scenario-"),
            (1, {"judges": [replace(judge, trained_on=(f"set:{PLAIN.id}",))]}, "judge's lesson scenario-"),
            (1, {"judges": [replace(judge, trained_on=(OWN.id,))]}, "judge's lesson rubric-"),
            (0, {"criteria": [replace(RUBRIC[0], principle="p")], "judges": [STRANGE]}, "without its member other"),
        ],
    )  # fmt: skip
    def test_what_stands_on_both_sides_is_refused_by_name(self, side: int, changes: dict[str, Any], said: str) -> None:
        uses = list(self.uses())
        uses[side] = uses[side]._replace(**changes)
        with pytest.raises(InputError, match=said):
            refuse_mixed(uses[0], uses[1], "here")

    def test_a_principle_from_a_rubric_that_measures_is_refused(self) -> None:
        training, evaluation = self.uses()
        from_it = replace(self.principle, rubrics=(evaluation.rubrics[0].id,))
        with pytest.raises(InputError, match="principle's rubric"):
            refuse_mixed(training._replace(principles=[from_it]), evaluation, "here")

    def test_a_panel_shares_the_model_of_its_member(self) -> None:
        training, evaluation = self.uses()
        one, asked = (JudgeRef(name="m", kind_of="chat_model", fingerprint=mark, made=MADE) for mark in "ab")
        panel = replace(STRANGE, members=(asked.id, self.judge.id))
        with pytest.raises(InputError, match="judge model m"):
            refuse_mixed(
                training._replace(judges=[one]), evaluation._replace(judges=[panel, asked, self.judge]), "here"
            )
        refuse_mixed(training, evaluation._replace(judges=[panel, asked, self.judge]), "here")

    def test_criteria_from_one_principle_do_not_stand_on_both_sides(self) -> None:
        training, evaluation = self.uses()
        from_it = [replace(RUBRIC[0], principle="principle-x")]
        with pytest.raises(InputError, match="principle principle-x"):
            refuse_mixed(training._replace(criteria=from_it), evaluation._replace(criteria=from_it), "here")

    def test_one_chat_model_asked_in_two_ways_is_one_judge(self) -> None:
        training, evaluation = self.uses()
        one, other = (JudgeRef(name="m", kind_of="chat_model", fingerprint=mark, made=MADE) for mark in "ab")
        with pytest.raises(InputError, match="judge model m"):
            refuse_mixed(training._replace(judges=[one]), evaluation._replace(judges=[other]), "here")


class TestRubricReward:
    def test_one_number_a_completion_and_the_unreadable_at_the_mean_of_its_group(self) -> None:
        other = scenario("And now?")
        found = RubricReward(WordJudge(), [Scored(scenario(), RUBRIC), Scored(other, RUBRIC)])
        ids = [scenario().id] * 3 + [other.id] * 2
        texts = ["water", "mumble", [{"role": "assistant", "content": "bleach"}], "mumble", "mumble"]
        assert found(["?"] * 5, texts, scenario=ids) == pytest.approx([0.6, -0.45, -1.5, 0.0, 0.0])
        assert (found.seen, found.unread) == (5, 3)

    def test_rows_without_their_scenario_are_refused(self) -> None:
        found = RubricReward(WordJudge(), [Scored(scenario(), RUBRIC)])
        with pytest.raises(InputError, match="column 'scenario'"):
            found(["?"], ["water"])
        with pytest.raises(InputError, match="has no rubric"):
            found(["?"], ["water"], scenario=["scenario-0"])

    def test_a_real_grpo_trainer_takes_it(self, tmp_path: Path) -> None:
        from datasets import Dataset
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from trl import GRPOConfig, GRPOTrainer

        from primum.frameworks import quiet
        from primum.model_folder import stay_offline
        from primum.models.tiny import TinySettings, build_tiny

        stay_offline()
        shape = TinySettings(layers=1, width=32, heads=2, feed_forward=64, vocabulary=300, context_tokens=64)
        build_tiny(["What helps? water rest"], shape, tmp_path / "tiny")
        asked = RubricReward(WordJudge(), [Scored(scenario(), RUBRIC)])
        rows = {"prompt": [[{"role": "user", "content": "What helps?"}]] * 2, "scenario": [scenario().id] * 2}
        arguments = GRPOConfig(
            output_dir=str(tmp_path / "out"), use_cpu=True, bf16=False, activation_checkpointing=False,
            report_to="none", dataloader_pin_memory=False,
            num_generations=2, per_device_train_batch_size=2, max_completion_length=4, max_steps=1, logging_steps=1,
        )  # fmt: skip
        with quiet():
            trainer = GRPOTrainer(
                model=AutoModelForCausalLM.from_pretrained(tmp_path / "tiny"),
                processing_class=AutoTokenizer.from_pretrained(tmp_path / "tiny"),
                reward_funcs=asked,
                args=arguments,
                train_dataset=Dataset.from_dict(rows),
            )
            trainer.train()
        logged = [row for row in trainer.state.log_history if "rewards/rubric_reward/mean" in row]
        assert logged, json.dumps(trainer.state.log_history)
        assert asked.seen == 2
