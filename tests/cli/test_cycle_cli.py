"""`primum cycle run|status|rollback` as a person meets them, and what they refuse in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cycles.cycling_records import Recorded
from primum.cli.__main__ import main
from primum.cycles import run as runs
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.errors import ModelError

SMALL = Path(__file__).parents[1] / "cycles" / "small_cycles.toml"
WHY = ("--reason", "It refused too much on the ward.")


@pytest.fixture
def three(tmp_path):
    """Three cycles of one policy, each released; the gate would have held a fourth."""
    made = Recorded(tmp_path / "w")
    for number in (1, 2, 3):
        made.cycle(number)
    return made


def told(capsys, *arguments):
    main(["cycle", *map(str, arguments)])
    return capsys.readouterr().out


def said(capsys, *arguments):
    return json.loads(told(capsys, *arguments, "--json"))


def refused(capsys, *arguments):
    """The one line on standard error; nothing else, and exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(["cycle", *map(str, arguments)])
    shown = capsys.readouterr()
    lines = shown.err.strip().splitlines()
    assert ended.value.code == 2 and shown.out == "" and len(lines) == 1 and lines[0].startswith("primum: "), shown
    return lines[0]


def test_status_tells_the_folder_in_force_to_a_script_and_to_a_person(three, capsys):
    three.cycle(4, decision="hold", stopping="gain")
    (arm,) = said(capsys, "status", "--workspace", three.workspace)["arms"]
    assert arm["in_force"]["folder"] == str(three.folder(3).resolve()) and arm["in_force"]["cycle"] == 3
    assert arm["next_from"]["folder"] == str(three.folder(4).resolve()) and arm["is_stopped"]
    assert [one["decision"] for one in arm["cycles"]] == ["promote"] * 3 + ["hold"]
    assert arm["cycles"][3]["stop"][0] == {
        "name": "gain",
        "is_stopping": True,
        "found": "gain found in 4",
        "found_zh": "如此",
    }
    page = told(capsys, "status", "--workspace", three.workspace)
    assert "qwen3, small-cycles (run a1b2c3)" in page and "in force" in page and "stop: gain" in page
    assert "the gate's rule wrong_refusal after must be at most 5 %" in page and "gain found in 4" in page
    assert str(three.folder(3).resolve()) in page.replace("\n", "")
    assert "Next: stopped after cycle 4 by gain" in page and "which is not released" in page


def test_status_says_when_there_is_nothing_and_when_weights_are_gone(three, tmp_path, capsys):
    assert "is not a workspace" in refused(capsys, "status", "--workspace", tmp_path / "none")
    Recorded(tmp_path / "begun")
    assert told(capsys, "status", "--workspace", tmp_path / "begun").strip() == "No cycle has ended here yet."
    shutil.rmtree(three.folder(3))
    assert "holds no weights any more" in told(capsys, "status", "--workspace", three.workspace).replace("\n", " ")


def test_a_rollback_says_what_is_in_force_again(three, capsys):
    found = told(capsys, "rollback", "--to", 1, *WHY, "--by", "officer-1", "--workspace", three.workspace)
    assert "qwen3 is back from cycle 3 to cycle 1." in found and "cycle 4 would start from what cycle 1" in found
    assert str(three.folder(1).resolve()) in found.replace("\n", "")
    page = told(capsys, "status", "--workspace", three.workspace)
    assert "taken back from cycle 3 to 1" in page and "operator officer-1: It refused too much on the ward." in page
    assert page.count("yes, taken back") == 2
    made = said(capsys, "rollback", "--to", 0, *WHY, "--workspace", three.workspace)
    assert made["in_force"]["cycle"] == 0 and made["made"] == {
        "by": "person",
        "person": "not named",
        "role": "operator",
    }


def test_a_rollback_is_refused_in_one_line(three, tmp_path, capsys):
    at = ("--workspace", three.workspace)
    assert "is the last there was" in refused(capsys, "rollback", "--to", 3, *WHY, *at)
    assert "name one of qwen3" in refused(capsys, "rollback", "--to", 1, "--arm", "llama", *WHY, *at)
    assert "has no reason" in refused(capsys, "rollback", "--to", 1, "--reason", " ", *at)
    assert "Missing option '--reason'" in refused(capsys, "rollback", "--to", 1, *at)
    assert "is not a workspace" in refused(capsys, "rollback", "--to", 1, *WHY, "--workspace", tmp_path / "none")
    assert said(capsys, "status", *at)["arms"][0]["rollbacks"] == []


@pytest.fixture
def asked(monkeypatch):
    """What `cycle run` asks to be run; nothing is."""
    got = []

    def fake(recipe, workspace, listener, command):
        got.append((recipe, command))
        raise ModelError("the run", "was not wanted", "look at what was asked", "test")

    monkeypatch.setattr(runs, "run_recipe", fake)
    return got


def test_run_reads_logs_and_policy_as_settings(asked, tmp_path, capsys):
    (tmp_path / "2026").mkdir()
    given = ("--logs", "2026", "--policy", tmp_path / "ward model.v2", "--set", 'logs.reading.licence="own"')
    refused(capsys, "run", SMALL, *given, "--workspace", tmp_path / "w")
    ((recipe, command),) = asked
    assert isinstance(recipe, CyclesRecipe) and recipe.logs.folder == "2026" and recipe.cycles == 2
    assert [(one.name, one.folder) for one in recipe.arms] == [("ward-model-v2", str(tmp_path / "ward model.v2"))]
    assert command.startswith(f"primum run {SMALL.as_posix()} --set") and "logs.folder=" in command
    refused(capsys, "run", SMALL, *given, "--arm", "ward", "--workspace", tmp_path / "w")
    assert asked[1][0].arms[0].name == "ward" and not (tmp_path / "w").exists()


def test_run_counts_further_than_what_is_on_record(asked, tmp_path, capsys):
    at = ("--workspace", tmp_path / "w")
    refused(capsys, "run", SMALL, *at)
    refused(capsys, "run", SMALL, "--more", 1, *at)
    assert [one.cycles for one, _ in asked] == [2, 3] and "cycles=3" in asked[1][1]
    recipe = asked[0][0]
    made = Recorded(tmp_path / "w", run=recipe.run_of("qwen3"))
    for number in (1, 2, 3, 4):
        made.cycle(number)
    Recorded(tmp_path / "w", run="another").cycle(1)
    refused(capsys, "run", SMALL, *at)
    refused(capsys, "run", SMALL, "--more", 2, *at)
    assert [one.cycles for one, _ in asked[2:]] == [4, 6]


def test_run_takes_one_policy_of_several(asked, tmp_path, capsys):
    two = 'arms=[{name="one", architecture="qwen3"}, {name="two", architecture="llama"}]'
    at = ("--set", two, "--workspace", tmp_path / "w")
    refused(capsys, "run", SMALL, *at, "--arm", "two")
    refused(capsys, "run", SMALL, *at)
    (alone, command), (both, _) = asked
    assert [one.name for one in alone.arms] == ["two"] and command.endswith("--arm two") and "cycle run" in command
    assert alone.run_of("two") == both.run_of("two") != both.run_of("one")
    assert "name one of one, two" in refused(capsys, "run", SMALL, *at, "--arm", "three")


def test_run_refuses_what_has_no_cycles(tmp_path, capsys):
    other = Path(__file__).parents[2] / "recipes" / "first-light.toml"
    assert "has no cycles: primum run" in refused(capsys, "run", other, "--workspace", tmp_path / "w")
    assert "does not exist" in refused(capsys, "run", tmp_path / "none.toml", "--workspace", tmp_path / "w")
    assert not (tmp_path / "w").exists()
