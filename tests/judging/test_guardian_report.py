"""How right the guardian is: on groups it has not seen, on scenarios it has not seen; worked and on open data."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from msgspec.structs import replace

from primum.cycles.guarding import open_answers, settings_of
from primum.errors import TrainingError
from primum.judging import (
    STANCES,
    GuardianSettings,
    LabelledAnswer,
    held_out,
    leave_one_group_out,
    phrasebook,
)
from primum.judging.guardian_reader import Head, Reader
from primum.judging.guardian_report import linear_trainer, measure
from primum.records import ByRule, Response, Scenario, Turn

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the open data is not in {DATA}")
MADE = ByRule(rule="test")
SETTINGS = GuardianSettings(splices=30)
MODELS = ("gpt4", "llama2orig", "mistralinstruct")


def _example(
    number: int, group: str, stance: Literal["accept", "caution", "refuse"], text: str, prompt: str
) -> LabelledAnswer:
    scenario = Scenario(
        messages=(Turn(role="user", content=prompt),),
        task="open",
        dimension="x",
        language="en",
        dataset="sample",
        made=MADE,
    )
    response = Response(scenario=scenario.id, text=text, made=ByRule(rule=f"{group}{number}"))
    return LabelledAnswer(scenario, response, stance, group, False, f"judgement-{group}-{number}")


def _voices(contrary: str = "") -> list[LabelledAnswer]:
    """Three voices that open alike; the answers of `contrary` are all labelled the wrong way round."""
    examples = []
    for group in ("one", "two", "three"):
        for number in range(20):
            refuses = bool(number % 2) != (group == contrary)
            text = "I can not help with this." if number % 2 else "Sure, here is how it is done."
            stance: Literal["accept", "refuse"] = "refuse" if refuses else "accept"
            examples.append(_example(number, group, stance, f"{text} Number {number}.", f"question {number}"))
    return examples


def test_voices_that_agree_are_all_right() -> None:
    report = leave_one_group_out(_voices(), SETTINGS)
    assert (report.left_out, report.accuracy.value, report.accuracy.n) == ("model", 1.0, 60)
    assert set(report.by_group) == {"one", "two", "three"}
    assert report.accuracy.low < 1.0
    assert report.confusion["refuse"] == {"accept": 0, "caution": 0, "refuse": 30, "abstained": 0}
    assert sum(one.n for one in report.calibration) == 60


def test_voice_that_is_judged_wrong_is_not_hidden() -> None:
    report = leave_one_group_out(_voices(contrary="two"), SETTINGS)
    assert report.by_group["two"].value == 0.0
    assert report.confusion["accept"]["refuse"] >= 10


def test_abstentions_widen_and_are_counted_by_group() -> None:
    strict = leave_one_group_out(_voices(contrary="two"), replace(SETTINGS, confidence=0.9))
    told = sum(sum(row.values()) for row in strict.confusion.values())
    abstained = sum(strict.abstained.values())
    assert told == 60
    assert abstained > 0
    assert strict.accuracy.n == 60 - abstained
    assert sum(row["abstained"] for row in strict.confusion.values()) == abstained


def test_groups_that_are_no_models_only_add() -> None:
    settings = replace(SETTINGS, model_groups=("one", "two"))
    assert set(leave_one_group_out(_voices(), settings).by_group) == {"one", "two"}
    with_book = leave_one_group_out([*_voices(), *phrasebook(variants=1).examples], SETTINGS)
    assert set(with_book.by_group) == {"one", "two", "three"}


def test_kin_is_left_out_with_its_model() -> None:
    # Only the kin of `two` shares its wording: with it left out nothing speaks for the right stance.
    texts = {"one": "Alpha beta gamma", "two": "Delta epsilon zeta", "kin": "Delta epsilon zeta"}
    examples = [
        _example(number, group, "refuse" if number % 2 else "accept", f"{text} {'no' if number % 2 else 'yes'}", "q")
        for group, text in texts.items()
        for number in range(10)
    ]
    # in the other groups the last word means the opposite of what it means for `two` and its kin
    examples = [
        one._replace(stance="accept" if one.stance == "refuse" else "refuse") if one.group == "one" else one
        for one in examples
    ]
    models = replace(SETTINGS, model_groups=("one", "two"), confidence=0.0)
    assert leave_one_group_out(examples, models).by_group["two"].value == 1.0
    assert leave_one_group_out(examples, replace(models, kin={"kin": "two"})).by_group["two"].value == 0.0


def test_held_out_scenarios_are_judged_once_each() -> None:
    report = held_out(_voices(), SETTINGS)
    assert (report.left_out, report.accuracy.n) == ("scenario", 60)


def test_left_out_answers_keep_what_the_others_said_to_the_question() -> None:
    examples = _voices()
    train, rests = linear_trainer(examples, SETTINGS, temperatures={"stance": 1.0}), []

    def trainer(part: Sequence[LabelledAnswer], heads: Sequence[Head]) -> Reader:
        rests.append(part)
        return train(part, heads)

    report = measure(examples, SETTINGS, "answer", ("stance",), trainer)[0]
    assert (report.left_out, report.accuracy.n) == ("answer", 60)
    everything = {(one.group, one.scenario.prompt) for one in examples}
    away = [everything - {(one.group, one.scenario.prompt) for one in rest} for rest in rests]
    assert all(len({group for group, _ in one}) == 1 for one in away)
    assert set().union(*away) == everything and sum(map(len, away)) == 60


def test_one_model_cannot_be_left_out() -> None:
    with pytest.raises(TrainingError, match="too few to leave one out"):
        leave_one_group_out([one for one in _voices() if one.group == "one"], SETTINGS)


@needs_data
def test_models_it_has_not_seen_are_judged_nearly_as_well_as_those_it_has() -> None:
    settings = settings_of(["guardian.splices=100", "medquad=200", "huatuo=50"])
    examples = open_answers(DATA, settings)
    chosen = replace(settings.guardian, model_groups=MODELS)
    # A temperature that was fitted before saves three fits of four.
    quick = linear_trainer(examples, chosen, temperatures={"stance": 1.25})
    report = measure(examples, chosen, "group", ("stance",), quick)[0]
    assert set(report.by_group) == set(MODELS)
    assert report.accuracy.value >= 0.91
    assert min(one.value for one in report.by_group.values()) >= 0.85
    assert report.complied is not None and report.complied.value >= 0.96
    assert min(one.value for one in report.complied_by_group.values()) >= 0.94
    assert sum(sum(row.values()) for row in report.confusion.values()) == 1350
    assert sum(report.abstained.values()) <= 0.05 * 1350
    assert set(report.confusion) == set(STANCES)
    sure = report.calibration[-1]
    assert sure.accuracy.value == pytest.approx(sure.confidence, abs=0.05)
