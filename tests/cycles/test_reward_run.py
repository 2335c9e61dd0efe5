"""A run of a reward model end to end at its smallest: what it leaves behind, that nothing is done twice, what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from primum.cycles.judges import load_judge
from primum.cycles.records import trace_id, verify_ledger, verify_store
from primum.cycles.run import load_recipe, run_recipe
from primum.cycles.steps import Quiet
from primum.errors import InputError, SettingError
from primum.ports import Case
from primum.records import (
    Abstained,
    Certificate,
    Criterion,
    JudgeRef,
    Norm,
    PolicyRef,
    Preference,
    Response,
    Scenario,
    Verdict,
)
from primum.report import render
from primum.rewards.model.folder import open_reward_model, save_reward_model
from primum.rewards.pair_file import read_pairs
from primum.store import Store, render_lines

SMALL = Path(__file__).with_name("small_reward.toml")


class Watching(Quiet):
    def __init__(self) -> None:
        self.done_before: dict[str, bool] = {}

    def ended(self, step: str, note: str, seconds: float, was_done: bool) -> None:
        self.done_before[step] = was_done


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    workspace = tmp_path_factory.mktemp("rewarding")
    return workspace, run_recipe(load_recipe(SMALL), workspace, Quiet())


def test_the_report_says_what_was_made_and_what_is_simulated(finished: tuple[Path, dict[str, Any]]) -> None:
    _, report = finished
    assert report["kind"] == "reward model"
    assert report["pairs"]["pairs"] > 0 and report["pairs"]["samples"] > 0
    assert report["pairs"]["simulated"] > 0 and report["model"]["card"]["is_simulated"]
    assert report["model"]["is_from_scratch"]
    told = " ".join(report["notes"])
    assert "trained from scratch" in told and "simulated" in told and "gave no reward" in told
    assert len(report["notes"]) == len(report["notes_zh"])
    metrics = {one["metric"] for one in report["test"]["comparisons"] if one["by"] == "all"}
    assert {"veto_rate", "proficiency", "wrong_refusal"} <= metrics
    assert {one["measure"] for one in report["bench"]["table"]["rows"]} >= {"pairwise", "pointwise", "veto_f1"}
    assert report["baseline"]["difference"]["rows"]
    assert set(report["readers"]) == {"reward model", "held-back judge", "guardian"}
    assert set(report["judges"]) == {"rewards", "held", "labels"}
    assert report["ledger"]["verified"]
    assert json.loads(json.dumps(report)) == report


def test_every_id_and_every_edge_holds(finished: tuple[Path, dict[str, Any]]) -> None:
    workspace, _ = finished
    assert verify_store(workspace)["problems"] == []
    assert verify_ledger(workspace, None)["verified"]


def test_what_the_recipe_holds_back_is_in_no_training_pair_and_is_measured_on(
    finished: tuple[Path, dict[str, Any]],
) -> None:
    workspace, report = finished
    folder = workspace / report["pairs"]["folder"]
    taught, tested = read_pairs(folder / "train.jsonl"), read_pairs(folder / "test.jsonl")
    voices, keys = ({(one.first_by, one.second_by) for one in taught}, {key for one in taught for key in one.keys})
    assert not any("brisk" in pair for pair in voices) and "lawful_way" not in keys
    assert any("brisk" in (one.first_by, one.second_by) for one in tested)
    assert any("lawful_way" in one.keys for one in tested)
    assert not {one.group for one in taught} & {one.group for one in tested}
    unseen = [
        one
        for one in report["bench"]["table"]["rows"]
        if one["measure"] == "pairwise" and one["where"] == "unseen_criteria"
    ]
    assert unseen and unseen[0]["n"] > 0


def test_abstentions_and_what_is_not_known_of_an_answer_are_masked(finished: tuple[Path, dict[str, Any]]) -> None:
    workspace, report = finished
    with Store.open(workspace, create=False) as store:
        open_ones = {one.criterion for one in store.all(Verdict) if isinstance(one.outcome, Abstained)}
        statements = {one.statement for one in store.all(Criterion) if one.id in open_ones}
    assert report["pairs"]["masked"]["not known"] > 0
    taught = read_pairs(workspace / report["pairs"]["folder"] / "train.jsonl")
    voiced = [one for one in taught if not {"base", "sft"} & {one.first_by, one.second_by}]
    masked = [
        (sample.criteria[place].text, sample.winner(place))
        for sample in voiced
        for place in range(len(sample.criteria))
        if None in (sample.met_first[place], sample.met_second[place])
    ]
    assert masked and {text for text, _ in masked} <= statements and {winner for _, winner in masked} == {None}


def test_a_checkpoint_leads_to_the_judge_the_verdicts_and_the_article(finished: tuple[Path, dict[str, Any]]) -> None:
    workspace, report = finished
    with Store.open(workspace, create=False) as store:
        after = next(one for one in store.all(PolicyRef) if one.stage == "grpo")
        judge = store.get(report["ids"]["judge"])
        assert isinstance(judge, JudgeRef) and judge.kind_of == "reward_model" and judge.id in after.trained_on
        kinds = {type(one) for one in store.get_many(judge.trained_on)}
        assert {Scenario, Response, Criterion, Verdict} <= kinds
        assert any(isinstance(one, Preference) for one in store.all(Preference))
    lines = "\n".join(render_lines(trace_id(workspace, after.id, "up", 12)))
    assert "JudgeRef" in lines or "judge" in lines
    told = [one["what"] for one in report["trace"]]
    assert told[0] == "source" and told[1] == "norm" and told[-1] == "report"
    with Store.open(workspace, create=False) as store:
        norm = store.get(report["trace"][1]["id"])
        assert isinstance(norm, Norm) and norm.source == report["trace"][0]["id"]


def test_the_reward_model_has_a_certificate_against_the_simulated_truth(finished: tuple[Path, dict[str, Any]]) -> None:
    workspace, report = finished
    certificate = report["certificate"]["certificate"]
    assert report["certificate"]["certified"] and certificate["subject"] == "verdict"
    assert certificate["reference_kind"] == "simulated" and certificate["probes"]
    with Store.open(workspace, create=False) as store:
        kept = store.get(certificate["id"])
        assert isinstance(kept, Certificate) and kept.judge == report["ids"]["judge"]


def test_the_reward_model_of_a_run_is_named_as_a_judge_without_code(
    finished: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    workspace, report = finished
    described = tmp_path / "judge.toml"
    described.write_text(f'kind = "reward_model"\npath = "{workspace / report["model"]["folder"]}"\n', encoding="utf-8")
    with Store.open(workspace, create=False) as store:
        answer = next(one for one in store.all(Response) if len(one.text) > 20)
        scenario = store.get(answer.scenario)
        criterion = next(one for one in store.all(Criterion) if one.language == scenario.language)
        assert isinstance(scenario, Scenario)
    with load_judge(described) as opened:
        said = opened.judge.judge([Case(scenario, answer, (criterion,))])[0]
    assert opened.judge.ref.kind_of == "reward_model"
    assert said.judgement.stance in ("accept", "caution", "refuse", "abstained", "unusable")
    assert len(said.verdicts) == 1


def test_a_reward_model_without_stances_may_not_judge_a_recipe_that_rests_on_them(
    finished: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    workspace, report = finished
    opened = open_reward_model(workspace / report["model"]["folder"], "cpu")
    assert set(opened.card.stances) == {"accept", "caution", "refuse"}
    save_reward_model(opened.model, opened.tokenizer, replace(opened.card, stances={}), tmp_path / "model")
    (tmp_path / "judge.toml").write_text('kind = "reward_model"\npath = "model"\n', encoding="utf-8")
    recipe = load_recipe(Path(__file__).with_name("small.toml"), [f'judge="{tmp_path / "judge.toml"}"'])
    with pytest.raises(SettingError, match="was not trained to read stances"):
        run_recipe(recipe, tmp_path / "run", Quiet())


def test_a_run_that_goes_on_does_nothing_twice_and_finds_the_same(
    finished: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    workspace, report = finished
    copy = Path(shutil.copytree(workspace, tmp_path / "copy"))
    watching = Watching()
    again = run_recipe(load_recipe(SMALL), copy, watching)
    assert all(watching.done_before.values())
    assert {name: value for name, value in again.items() if name != "repeat"} == {
        name: value for name, value in report.items() if name != "repeat"
    }


def test_the_page_shows_the_run(finished: tuple[Path, dict[str, Any]]) -> None:
    _, report = finished
    page = render(report)
    assert report["title"] in page and report["judges"]["held"]["name"] in page


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("reward.veto_weight=0.1", "veto_weight"),
        ("steering.model=-1", "weigh nothing"),
        ('rows.unseen_voices=["loud"]', "is unknown"),
        ('rows.unseen_criteria=["polite"]', "is unknown"),
        ('steering.shape="lexicographic"', "on_hacked"),
        ("rows.temperature=0", "temperature"),
        ("kind=rewards", "kind"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused_when_it_is_read(override: str, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        load_recipe(SMALL, [override])


def test_a_judge_that_taught_may_not_be_the_one_that_is_held_back(
    finished: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    workspace, report = finished
    described = tmp_path / "judge.toml"
    described.write_text(f'kind = "reward_model"\npath = "{workspace / report["model"]["folder"]}"\n', encoding="utf-8")
    copy = Path(shutil.copytree(workspace, tmp_path / "copy"))
    with pytest.raises(InputError, match="would both train and measure"):
        run_recipe(load_recipe(SMALL, [f'held_judge="{described}"']), copy, Quiet())
    assert verify_store(copy)["problems"] == []
