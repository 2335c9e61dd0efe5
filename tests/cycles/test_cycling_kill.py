"""Cycles killed in two steps (SIGKILL) come to the same numbers, and a policy taken back goes on from where it was taken back to."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cycles.cycling_records import cycles_of, lineage_of
from primum.cycles.cycling_state import Going, released, roll_back
from primum.cycles.cycling_status import status
from primum.cycles.records import ledger_rows, trace_id, verify_ledger, verify_store
from primum.cycles.run import load_recipe, run_recipe
from primum.cycles.steps import Quiet
from primum.records import Cycle, PolicyRef
from primum.store import Store, render_lines

SMALL = Path(__file__).with_name("small_cycles.toml")
# Runs the recipe in the workspace and kills itself in the step that is named: at its first sign of progress, or when it is kept.
DRIVER = """
import os, signal, sys
from pathlib import Path
from primum.cycles.run import load_recipe, run_recipe

class Killing:
    def began(self, step, about):
        self.is_there = step == sys.argv[3]
    def moved(self, done, total):
        if self.is_there:
            os.kill(os.getpid(), signal.SIGKILL)
    def ended(self, step, note, seconds, was_done):
        self.moved(1, 1)

run_recipe(load_recipe(Path(sys.argv[1])), Path(sys.argv[2]), Killing(), "")
"""


class Stopped(Exception):
    """The run came to where it was to be stopped."""


class Watching(Quiet):
    """Notes which steps were done and not taken from the store; stops after one where that is wanted."""

    def __init__(self, stop_after=""):
        self.fresh, self.stop_after = [], stop_after

    def ended(self, step, note, seconds, was_done):
        self.fresh += [] if was_done else [step]
        if step == self.stop_after:
            raise Stopped


def run(workspace, *overrides, stop_after=""):
    """The report of a run, and the steps that it did itself."""
    watching = Watching(stop_after)
    return run_recipe(load_recipe(SMALL, overrides), workspace, watching, ""), watching.fresh


def run_and_kill(workspace, step):
    command = [sys.executable, "-c", DRIVER, str(SMALL), str(workspace), step]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == -signal.SIGKILL, done.stderr[-3000:]


def timeless(node):
    if isinstance(node, dict):
        return {key: timeless(part) for key, part in node.items() if key not in ("seconds", "head")}
    return [timeless(part) for part in node] if isinstance(node, list) else node


def records(workspace, *kinds):
    with Store.open(workspace, create=False) as store:
        return sorted(one.id for kind in kinds for one in store.all(kind))


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """What all cycles stand on, up to both guardians."""
    workspace = tmp_path_factory.mktemp("ground")
    with pytest.raises(Stopped):
        run(workspace, stop_after="second guardian")
    return workspace


@pytest.fixture(scope="module")
def calm(ground, tmp_path_factory):
    workspace = Path(shutil.copytree(ground, tmp_path_factory.mktemp("calm") / "w"))
    return workspace, *run(workspace)


@pytest.fixture(scope="module")
def killed(ground, calm, tmp_path_factory):
    """A workspace whose run was killed in a training of the first cycle and in a step of the second, both drawn, and the third run."""
    steps, chance = calm[2], random.Random(11)
    first = chance.choice([one for one in steps if "cycle 1: " in one and one.endswith(("kto", "dpo"))])
    second = chance.choice([one for one in steps if "cycle 2: " in one])
    workspace = Path(shutil.copytree(ground, tmp_path_factory.mktemp("killed") / "w"))
    run_and_kill(workspace, first)
    run_and_kill(workspace, second)
    return workspace, *run(workspace), (first, second)


def test_two_kills_change_no_number(calm, killed):
    workspace, report, fresh, (first, _second) = killed
    assert timeless(report) == timeless(calm[1])
    assert first not in fresh and set(fresh) < set(calm[2])
    assert records(workspace, Cycle, PolicyRef) == records(calm[0], Cycle, PolicyRef)
    # What was done is told once, whatever was killed in between.
    assert [row["event"] for row in ledger_rows(workspace)] == [row["event"] for row in ledger_rows(calm[0])]
    assert verify_store(workspace)["problems"] == [] and verify_ledger(workspace, None)["verified"]


def test_a_policy_taken_back_goes_on_from_there_under_a_new_number(killed):
    workspace, report, _, _ = killed
    (before,) = status(workspace).arms
    assert before.stands == 2 and before.is_stopped
    assert run(workspace, "cycles=3")[1] == []  # a stop rule spoke, and nobody has taken the policy back
    roll_back(workspace, 0, Going("To see that it goes on from there."))
    further, fresh = run(workspace, "cycles=3")
    assert fresh and all("cycle 3" in one for one in fresh)
    with Store.open(workspace, create=False) as store:
        cycles = cycles_of(store, before.run, before.arm)
        assert [one.number for one in cycles] == [1, 2, 3] and cycles[2].before == cycles[0].before
        assert [one.number for one in lineage_of(store, before.run, before.arm)] == [3]
        assert released(store, before.run, before.arm).cycle in (0, 3)
    told, old = further["arms"][0], report["arms"][0]
    assert timeless(told["cycles"][:2]) == timeless(old["cycles"])
    assert [(one["after"], one["to"]) for one in told["rolled_back"]] == [(2, 0)]
    again, fresh = run(workspace, "cycles=3")
    assert fresh == [] and timeless(again) == timeless(further)


def test_a_cycle_leads_down_to_policy_branch_decision_and_norm(calm):
    (arm,) = status(calm[0]).arms
    cycle = arm.cycles[0]
    told = "\n".join(render_lines(trace_id(calm[0], cycle.id, "up", None)))
    for role in (
        "before: policyref-",
        "after: policyref-",
        "kto: policyref-",
        "dpo: policyref-",
        "second judge: judgeref-",
    ):
        assert role in told, role
    for kind in (" norm-", " source-", " scenario-"):
        assert kind in told, kind
    assert cycle.decision is None or "decision: decision-" in told
