"""A run of principles end to end at its smallest: offline, and with a chat model over real HTTP in every part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cycles.principles_world import play, write_sets
from primum.cycles.principles_build import Queries, principles_ground
from primum.cycles.records import trace_id, verify_ledger, verify_store
from primum.cycles.run import load_recipe, run_recipe
from primum.cycles.steps import Quiet, Steps
from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError
from primum.judging.criteria import CriterionRules
from primum.records import (
    ByModel,
    Criterion,
    JudgeRef,
    PolicyRef,
    Preference,
    Principle,
    Profile,
    Response,
    Revision,
    Rubric,
)
from primum.report import render
from primum.rubrics.profiles import our_examples
from primum.store import Store, render_lines
from servers import ScriptedServer

SMALL = Path(__file__).with_name("small_principles.toml")


class Watching(Quiet):
    def __init__(self) -> None:
        self.done_before: dict[str, bool] = {}

    def ended(self, step: str, note: str, seconds: float, was_done: bool) -> None:
        self.done_before[step] = was_done


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sets(tmp_path_factory.mktemp("sets"))


def recipe(sets: Path, *overrides: str) -> Any:
    return load_recipe(SMALL, [f'data.root="{sets}"', *overrides])


@pytest.fixture(scope="module")
def finished(sets: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    workspace = tmp_path_factory.mktemp("principles")
    return workspace, run_recipe(recipe(sets), workspace, Quiet())


def test_the_report_says_what_was_made_and_what_is_simulated(finished: tuple[Path, dict[str, Any]]) -> None:
    _, report = finished
    assert report["kind"] == "principles"
    assert report["queries"]["labelled"] == 120
    assert report["rubrics"]["labelled"] == 120
    assert report["principles"]["all"]
    assert 0 < report["principles"]["covered"] <= 1
    assert report["pairs"]["preferences"] > 0
    told = " ".join(report["notes"])
    assert "trained from scratch" in told
    assert "simulated" in told
    assert "no clinician" in told
    assert report["ledger"]["verified"]
    metrics = {one["metric"] for one in report["test"]["comparisons"] if one["by"] == "all"}
    assert {"satisfied", "proficiency"} <= metrics
    assert report["revision"]["report"]["rounds"]
    assert json.loads(json.dumps(report)) == report


def test_a_policy_leads_to_the_criteria_of_its_principles(finished: tuple[Path, dict[str, Any]]) -> None:
    workspace, report = finished
    case = report["case"]
    lines = "\n".join(render_lines(trace_id(workspace, case["policy"], "up", 12)))
    for kind in ("preference-", "rubric-", "criterion-", "principle-", "scenario-"):
        assert kind in lines
    assert case["principle"]["id"] in "\n".join(render_lines(trace_id(workspace, case["criterion"]["id"], "up", 2)))
    with Store.open(workspace, create=False) as store:
        preference = store.get(case["preference"]["id"])
        assert isinstance(preference, Preference)
        assert preference.rubric == case["rubric"]
        assert preference.margin is not None
        policies = [one for one in store.all(PolicyRef) if preference.id in one.trained_on]
        assert [one.stage for one in policies] == ["dpo"]
        assert len(list(store.all(Profile))) == sum(
            report["queries"][part] for part in ("labelled", "unlabelled", "tested")
        )
        revisions = list(store.all(Revision))
        assert len(revisions) == 24 + 10
        for one in revisions:
            assert all(store.has(draft.response) and store.has(draft.judgement) for draft in one.drafts)
    assert verify_store(workspace)["problems"] == []
    assert verify_ledger(workspace, None)["verified"]


def test_what_measures_and_what_teaches_share_nothing(finished: tuple[Path, dict[str, Any]]) -> None:
    workspace, report = finished
    assert report["judges"]["teaches"]["id"] != report["judges"]["measures"]["id"]
    with Store.open(workspace, create=False) as store:
        policies = list(store.all(PolicyRef))
        taught = {id for one in policies for id in one.trained_on}
        scenarios = {one.scenario for one in store.all(Preference)} | {
            one.scenario for one in store.all(Response) if one.id in taught
        }
        splits = {store.get(id).split for id in scenarios}  # type: ignore[attr-defined]
        assert splits == {"train"}
        rubrics = {one.id: one for one in store.all(Rubric)}
        distilled = {id for one in store.all(Principle) for id in one.rubrics}
        assert {store.get(rubrics[id].scenario).split for id in distilled} == {"train"}  # type: ignore[attr-defined]


def test_a_run_that_goes_on_repeats_nothing(sets: Path, finished: tuple[Path, dict[str, Any]]) -> None:
    workspace, report = finished
    watching = Watching()
    again = run_recipe(recipe(sets), workspace, watching)
    assert set(watching.done_before.values()) == {True}
    assert again["test"] == report["test"]
    assert again["revision"] == report["revision"]


def test_the_page_shows_it(finished: tuple[Path, dict[str, Any]]) -> None:
    _, report = finished
    page = render(report)
    assert report["principles"]["all"][0]["statement"][:20] in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_kto_from_approvals(sets: Path, finished: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    import shutil

    workspace = tmp_path / "kto"
    shutil.copytree(finished[0], workspace)
    watching = Watching()
    changes = ("train.preferences=kto", "train.sft=false", "rows.revised=10")
    report = run_recipe(recipe(sets, *changes), workspace, watching)
    assert not watching.done_before["training"]
    assert watching.done_before["pairs"]
    assert report["policies"][-1]["stage"] == "kto"


def test_a_chat_model_does_every_part_over_http_though_it_misbehaves(sets: Path, tmp_path: Path) -> None:
    with ScriptedServer(faults=0.1, seed=4, reply=play) as server:
        changes = {
            "chat.endpoint.base_url": json.dumps(server.url),
            "chat.endpoint.model": '"scripted"',
            "chat.endpoint.timeout_s": "2",
            "chat.endpoint.is_scripted": "true",
            "rows.labelled": "40",
            "rows.unlabelled": "16",
            "rows.answered": "8",
            "rows.tested": "8",
            "rows.revised": "4",
            "policy.base.epochs": "2",
        }
        asked = recipe(sets, *(f"{key}={value}" for key, value in changes.items()))
        report = run_recipe(asked, tmp_path, Quiet())
        assert server.faults
        calls = dict(server.answered)
        run_recipe(asked, tmp_path, Quiet())
        assert dict(server.answered) == calls, "a finished run asks nothing again"
    assert all(report[part]["by_chat"] for part in ("profiles", "rubrics", "principles", "synthesis"))
    assert report["judges"]["teaches"]["kind"] == "chat_model"
    assert report["judges"]["measures"]["kind"] == "rule"
    with Store.open(tmp_path, create=False) as store:
        for kind in (Profile, Criterion, Rubric, Principle, Response):
            made = [one for one in store.all(kind) if isinstance(one.made, ByModel) and one.made.model == "scripted"]
            assert made, kind
            assert all(one.made.is_scripted for one in made)
        assert any(one.norms for one in store.all(Criterion) if isinstance(one.made, ByModel))
        judge = store.get(report["judges"]["teaches"]["id"])
        assert isinstance(judge, JudgeRef)


def test_our_own_queries_bring_the_law_into_the_principles(sets: Path, tmp_path: Path) -> None:
    asked = recipe(sets, "rows.with_own=true", "distil.least_criteria=8", "distil.least_rubrics=4")
    with Workspace(tmp_path, is_writer=True) as opened:
        steps = Steps(opened, Quiet())
        queries = Queries(steps, principles_ground(steps, asked, None))
        labelled = queries.of("labelled")
        own = [one for one in labelled if one.dataset == "starter-clinical"]
        assert len(labelled) == 120 + len(own)
        assert len(own) > 500
        told = {one.prompt: values for one, values in our_examples()}
        profiles = queries.profiles()
        assert all(profiles[one.id].values == told[one.prompt] for one in own)
        grounded = [one for one in queries.principles() if one.norms]
        assert grounded, "what rests on the law needs little support"
        assert all(opened.store.has(norm) for one in grounded for norm in one.norms)
        assert opened.store.verify() == []


def test_a_judge_that_measures_is_refused_as_a_teacher(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from primum.cycles import principles

    monkeypatch.setattr(principles, "shipped_reader", CriterionRules)
    with pytest.raises(InputError, match="would both train and measure"):
        run_recipe(recipe(sets), tmp_path, Quiet())


def test_two_workspaces_give_the_same_numbers(
    sets: Path, finished: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    again = run_recipe(recipe(sets), tmp_path, Quiet())
    for part in ("test", "revision", "pairs", "principles", "examples"):
        assert again[part] == finished[1][part], part


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        (("data.root=/nowhere/at/all",), SettingError, "does not exist"),
        (("rows.answered=500",), SettingError, "more than there are to draw from"),
        (("train.sft=false", "train.preferences=none"), SettingError, "learns nothing"),
        (("pairs.reward.veto_weight=1",), SettingError, "could make up for a veto"),
        (("corpus.folder=/nowhere",), InputError, "does not exist"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_made(
    sets: Path, tmp_path: Path, changes: tuple[str, ...], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        run_recipe(recipe(sets, *changes), tmp_path / "w", Quiet())
    assert not (tmp_path / "w").exists()
