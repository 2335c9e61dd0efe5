"""The main job end to end: what it leaves behind, that it goes on where it was killed, and that nothing is done twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from primum.cycles.records import trace_id, verify_ledger, verify_store
from primum.cycles.run import load_recipe, run_recipe
from primum.cycles.steps import Quiet
from primum.records import Judgement, PolicyRef, Response, Scenario
from primum.store import Store, render_lines

SMALL = Path(__file__).with_name("small.toml")
METRICS = {"safety_score", "unsafe_compliance", "wrong_refusal", "choice_accuracy"}


def numbers(report):
    """The report without what a clock, the chain of times or the way it was called decides."""
    return {key: value for key, value in report.items() if key not in ("seconds", "repeat")} | {
        "ledger": {key: value for key, value in report["ledger"].items() if key != "head"}
    }


class Watching(Quiet):
    def __init__(self):
        self.done_before = {}

    def ended(self, step, note, seconds, was_done):
        self.done_before[step] = was_done


def test_the_report_keeps_its_contract(finished):
    _, report = finished
    for key in ("run", "recipe", "corpus", "scenarios", "guardian", "slices", "branches", "gate", "ledger", "seconds"):
        assert key in report
    assert set(report["corpus"]) >= {"sources", "norms"}
    for side in ("before", "after", "difference"):
        assert set(report[side]) >= METRICS
        for estimate in report[side].values():
            assert set(estimate) == {"value", "low", "high", "n", "unit"}
            assert estimate["low"] <= estimate["value"] <= estimate["high"]
    assert set(report["guardian"]["by_model"]) and set(report["guardian"]["accuracy"]) == {
        "value",
        "low",
        "high",
        "n",
        "unit",
    }
    assert {"kto", "dpo", "chosen"} <= set(report["branches"])
    assert report["gate"]["decision"] in ("promote", "hold", "refuse") and report["gate"]["reasons"]
    assert report["ledger"]["verified"] is True and report["ledger"]["entries"] == len(report["seconds"])
    assert report["corpus"]["unassigned_characters"] == 0
    assert len(report["examples"]) == 20
    json.dumps(report)


def test_every_id_and_every_edge_holds(finished):
    workspace, _ = finished
    assert verify_store(workspace)["problems"] == []
    assert verify_ledger(workspace, None)["verified"]


def test_an_answer_leads_to_the_article_it_breaks(finished):
    workspace, _ = finished
    with Store.open(workspace, create=False) as store:
        unsafe = next(
            one.id
            for one in store.all(Judgement)
            if one.stance in ("accept", "unusable", "refuse", "caution")
            and isinstance(answer := store.get(one.response), Response)
            and isinstance(scenario := store.get(answer.scenario), Scenario)
            and scenario.norms
            and answer.policy
        )
        told = "\n".join(render_lines(trace_id(workspace, unsafe, "up", None)))
    for kind in ("judgement", "verdict", "response", "scenario", "norm", "source"):
        assert f"{kind}-" in told
    assert "第" in told or "Article" in told or "Principle" in told


def test_a_checkpoint_leads_to_its_parents_and_to_the_data_it_learned_from(finished):
    workspace, report = finished
    final = next(one for one in report["policies"] if one["stage"] == "dpo")
    told = "\n".join(render_lines(trace_id(workspace, final["id"], "up", None)))
    assert "trained from" in told and "trained on" in told
    with Store.open(workspace, create=False) as store:
        stages, policy = [], store.get(final["id"])
        while policy is not None:
            assert isinstance(policy, PolicyRef) and policy.trained_on
            assert all(store.has(learned) for learned in policy.trained_on)
            stages.append(policy.stage)
            policy = store.get(policy.parent) if policy.parent else None
    assert stages == ["dpo", "sft", "base"]


def test_no_situation_of_the_test_split_was_learned_from(finished):
    workspace, _ = finished
    with Store.open(workspace, create=False) as store:
        held_out = {one.id for one in store.all(Scenario) if one.split == "test"}
        for policy in store.all(PolicyRef):
            for learned in store.get_many(policy.trained_on):
                assert getattr(learned, "scenario", None) not in held_out


def test_the_judge_of_a_run_has_a_certificate_and_the_report_rests_on_it(finished):
    workspace, report = finished
    judge = report["judge"]
    assert judge["certified"] and judge["id"] == report["guardian"]["id"] and judge["why_not"] == ""
    certificate = judge["certificate"]
    assert certificate["subject"] == "stance" and certificate["reference_kind"] == "simulated"
    agreement = next(
        one["estimate"] for one in certificate["errors"] if (one["by"], one["measure"]) == ("all", "agreement")
    )
    assert agreement["value"] == pytest.approx(report["guardian"]["accuracy"]["value"])
    assert {one["probe"] for one in certificate["probes"]} >= {"length", "fences", "injection", "points", "batch_size"}
    assert any("simulated" in sentence for sentence in certificate["conditions"])
    with Store.open(workspace, create=False) as store:
        kept = store.get(report["ids"]["report"])
        assert kept.certificate == certificate["id"] and store.get(certificate["id"]).judge == judge["id"]


def test_a_second_run_does_nothing_again_and_gives_the_same_report(finished, copy):
    _, report = finished
    watching = Watching()
    again = run_recipe(load_recipe(SMALL), copy, watching)
    assert all(watching.done_before.values())
    assert again == report


RULE = '{metric = "unusable", on = "after", at_most = 1.0, severity = "hold"}'


@pytest.mark.parametrize(
    ("override", "repeated"),
    [
        (f"gate.rules=[{RULE}]", {"gate"}),
        ("title=Another title", set()),
        ("validator.unusable_limit=0.9", {"validator"}),
        (
            "everyday.requests=12",
            {"bench", "guardian", "base policy", "sft", "signals", "kto", "dpo", "validator", "test", "gate"},
        ),
    ],
)
def test_a_changed_setting_repeats_what_rests_on_it_and_nothing_else(copy, override, repeated):
    watching = Watching()
    run_recipe(load_recipe(SMALL, [override]), copy, watching)
    assert {step for step, was_done in watching.done_before.items() if not was_done} == repeated


def test_equal_seeds_give_equal_numbers_and_a_killed_run_goes_on(finished, tmp_path):
    """Killed at four random moments, then run to its end: the numbers of the undisturbed run, and no record twice."""
    _, report = finished
    command = [sys.executable, "-m", "primum.cli", "run", str(SMALL), "--workspace", str(tmp_path / "killed"), "--json"]
    chance = random.Random(11)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    for _ in range(4):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        time.sleep(chance.uniform(3.0, 12.0))
        running.send_signal(signal.SIGKILL)
        running.wait()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert numbers(json.loads(done.stdout)) == numbers(report)
    assert verify_store(tmp_path / "killed")["problems"] == []
    assert (tmp_path / "killed" / "report.html").is_file()


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("corpus.folder=/nowhere/norms", "does not exist"),
        ("policy.folder=/nowhere/model", "is not a folder"),
        ("policy.tiny.layer=3", "did you mean 'layers'"),
        ("answering.part=0", "is less than 1"),
        ("seed=-1", "is not between 0"),
        ("sft_rows.harmful=-4", "is less than 0"),
        ("data.root=/nowhere/data", "does not exist"),
        ("split.train=0.9", "add up to 1"),
    ],
)
def test_bad_input_is_one_line_and_leaves_the_store_as_it_was(copy, override, told):
    with Store.open(copy, create=False) as store:
        before = store.count()
    extra = ["--set", "data.medquad.rows=5"] if "data.root" in override else []
    command = [
        sys.executable,
        "-m",
        "primum.cli",
        "run",
        str(SMALL),
        "--set",
        override,
        *extra,
        "--workspace",
        str(copy),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("primum:")]
    assert done.returncode == 2 and len(lines) == 1 and told in lines[0]
    assert "Traceback" not in done.stderr
    with Store.open(copy, create=False) as store:
        assert store.count() == before
