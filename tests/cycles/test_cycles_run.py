"""Cycles end to end at their smallest: what each leaves behind, who judges what, that nothing is done twice, and a rollback."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.cycling_state import Going, roll_back
from primum.cycles.records import trace_id, verify_ledger, verify_store
from primum.cycles.run import load_recipe, run_recipe
from primum.cycles.steps import Quiet
from primum.errors import SettingError
from primum.model_folder import base_of
from primum.records import (
    Approval,
    ByRule,
    Cycle,
    Judgement,
    JudgeRef,
    PolicyRef,
    Preference,
    Report,
    Response,
    Scenario,
)
from primum.store import Store, render_lines

SMALL = Path(__file__).with_name("small_cycles.toml")


class Watching(Quiet):
    def __init__(self) -> None:
        self.done_before: dict[str, bool] = {}

    def ended(self, step: str, note: str, seconds: float, was_done: bool) -> None:
        self.done_before[step] = was_done


Finished = tuple[Path, dict[str, Any]]


def small(*overrides: str) -> CyclesRecipe:
    recipe = load_recipe(SMALL, overrides)
    assert isinstance(recipe, CyclesRecipe)
    return recipe


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    workspace = tmp_path_factory.mktemp("cycling")
    return workspace, run_recipe(small(), workspace, Quiet())


@pytest.fixture
def copy(finished: Finished, tmp_path: Path) -> Path:
    """A copy of the workspace to write into."""
    return Path(shutil.copytree(finished[0], tmp_path / "copy"))


def test_every_state_is_measured_on_the_same_situations(finished: Finished) -> None:
    _, report = finished
    arm = report["arms"][0]
    assert [state["label"] for state in arm["states"]] == ["start", "plain SFT", "cycle 1", "cycle 2"]
    assert len({state["answers"] for state in arm["states"]}) == 1
    assert all(state["perplexity"]["value"] > 1 for state in arm["states"])
    assert [one["label"] for one in arm["against_start"]] == ["plain SFT", "cycle 1", "cycle 2"]
    assert arm["is_from_scratch"] and "trained from scratch" in " ".join(report["notes"])


def test_the_second_judge_taught_nothing(finished: Finished) -> None:
    workspace, report = finished
    with Store.open(workspace) as store:
        second = report["judges"]["second"]["id"]
        used = [id for one in (*store.all(Approval), *store.all(Preference)) for id in one.because]
        judges = {one.judge for one in store.get_many(sorted(set(used))) if isinstance(one, Judgement)}
        assert judges and second not in judges
        assert report["judges"]["teacher"]["id"] != second
        read = [one.judge for one in store.all(Report)]
        assert read and set(read) == {second}
        told = store.get_many([report["judges"][name]["id"] for name in ("teacher", "second")])
        taught, watched = (set(one.trained_on) for one in told if isinstance(one, JudgeRef))
        people = {one for one in taught & watched if one.startswith("judgement")}
        assert not people, "the two guardians learned from one label"


def test_nothing_of_the_test_split_and_no_held_out_style_teaches(finished: Finished) -> None:
    workspace, _ = finished
    with Store.open(workspace) as store:
        learned = {one.scenario for one in (*store.all(Approval), *store.all(Preference))}
        scenarios = [one for one in store.get_many(sorted(learned)) if isinstance(one, Scenario)]
        assert {one.split for one in scenarios} == {"train"}
        assert not {one.style for one in scenarios} & {"role_play", "multi_turn"}
        tested = [one for one in store.all(Scenario) if one.split == "test"]
        assert {"role_play", "multi_turn"} <= {one.style for one in tested if one.rewrites is not None}


def test_a_cycle_learns_from_its_own_answers_a_rewrite_and_a_replay(finished: Finished) -> None:
    workspace, report = finished
    for told in report["arms"][0]["cycles"]:
        assert told["answers"] == 2 * sum(told["asked"].values()) > 0
        assert told["approvals"] > told["replayed"] > 0
        assert 0 < told["desirable"] < told["approvals"]
    with Store.open(workspace) as store:
        made = [one.made for one in (*store.all(Approval), *store.all(Preference))]
    rules = {one.rule for one in made if isinstance(one, ByRule)}
    assert "cycles.replay" in rules and "training.approve" in rules


def test_a_promoted_policy_is_whole_and_its_branch_keeps_its_adapter(finished: Finished) -> None:
    workspace, _ = finished
    with Store.open(workspace) as store:
        cycles = sorted(store.all(Cycle), key=lambda one: one.number)
        released = [one for one in cycles if one.is_released]
        assert released, "the gate of this recipe promotes whatever is chosen"
        for cycle in released:
            after, whole = store.get(cycle.after), store.get(cycle.released or "")
            assert isinstance(after, PolicyRef) and isinstance(whole, PolicyRef)
            assert base_of(workspace / after.path) is not None and base_of(workspace / whole.path) is None
            assert whole.parent == after.id


def test_a_cycle_leads_to_the_article_of_law(finished: Finished) -> None:
    workspace, _ = finished
    with Store.open(workspace) as store:
        cycle = next(iter(store.all(Cycle)))
    told = "\n".join(render_lines(trace_id(workspace, cycle.id, "up", 12)))
    for word in ("policy", "decision", "norm", "judgement"):
        assert word in told.lower()
    assert verify_ledger(workspace, None)["verified"]
    assert verify_store(workspace)["problems"] == []


def test_a_second_run_does_nothing_again_and_says_the_same(finished: Finished, copy: Path) -> None:
    watching = Watching()
    again = run_recipe(small(), copy, watching)
    assert all(watching.done_before.values())
    told = finished[1]
    assert json.loads(json.dumps(again["arms"])) == json.loads(json.dumps(told["arms"]))


def test_after_a_rollback_the_next_cycle_starts_from_there(finished: Finished, copy: Path) -> None:
    start = finished[1]["arms"][0]["states"][0]["policy"]["id"]
    roll_back(copy, 0, Going("answers were rude", "p1", "governance officer"))
    report = run_recipe(small("cycles=3"), copy, Quiet())
    arm = report["arms"][0]
    assert [one["number"] for one in arm["cycles"]] == [1, 2, 3]
    assert arm["rolled_back"] == [{"after": 2, "to": 0, "reason": "answers were rude"}]
    with Store.open(copy) as store:
        third = next(one for one in store.all(Cycle) if one.number == 3)
    assert third.before == start


def test_a_stop_rule_ends_the_cycles_and_drops_what_it_speaks_against(finished: Finished, tmp_path: Path) -> None:
    workspace = Path(shutil.copytree(finished[0], tmp_path / "stopped"))
    stricter = [
        "stop.wrong_refusal_limit=0.0",
        "stop.borderline_limit=0.0",
        "stop.patience=1",
        "validator.least_gain=0.99",
    ]
    report = run_recipe(small(*stricter), workspace, Quiet())
    arm = report["arms"][0]
    assert len(arm["cycles"]) == 1 and arm["stopped_by"] is not None
    assert arm["cycles"][0]["chosen"] == "keep" and not arm["cycles"][0]["is_released"]
    assert arm["states"][-1]["policy"]["id"] == arm["states"][0]["policy"]["id"]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("cycles=0", "is less than 1"),
        ("sample.temperature=0.0", "samples one answer only"),
        ('arms=[{name="a"},{name="a"}]', "two with one name"),
        ('arms=[{name="a", folder="x", architecture="llama"}]', "names a folder and how to build"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(override: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        small(override)


def test_the_answers_of_the_policy_stand_in_preferences(finished: Finished) -> None:
    workspace, _ = finished
    with Store.open(workspace) as store:
        rejected = [one.rejected for one in store.all(Preference) if "cycles." not in str(one.made)]
        answers = [one for one in store.get_many(sorted(set(rejected))) if isinstance(one, Response)]
    assert answers and all(one.policy is not None for one in answers)
