"""`primum signal add`, `list` and `flag` as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result

from primum.cli import signal_flag
from primum.cli.__main__ import cli
from primum.errors import SettingError
from primum.records import FlagReason

EXAMPLE = Path(__file__).parents[2] / "examples" / "clinic-logs"


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRIMUM_PSEUDONYM_KEY", raising=False)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("signals") / "workspace"
    added = run("add", EXAMPLE, "--licence", "CC0-1.0", "--workspace", place)
    assert "40 conversations in 4 files: 37 added, 2 repeats, 0 there before, 1 left out" in added.output
    assert "19 flags added" in added.output and "37 of them are simulated" in added.output
    assert "passed over: README.md" in added.output
    return place


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["signal", *map(str, arguments)], catch_exceptions=False, standalone_mode=False)


def test_the_counts_are_shown(workspace: Path) -> None:
    shown = run("list", "--workspace", workspace).output
    for told in ("37 signals, 37 of them simulated", "multi_turn", "wrong_refusal", "identifiers removed: 1 account"):
        assert told in shown
    found = json.loads(run("list", "--workspace", workspace, "--json").output)
    assert found["signals"] == sum(row["n"] for row in found["by"]) == 37 and "rows" not in found
    assert sum(row["n"] for row in found["flags"]) == 19
    each = json.loads(run("list", "--workspace", workspace, "--each", "--json").output)
    assert {row["harm"] for row in each["rows"]} >= {0, 2, 3, "unread"}
    assert each["rows"][0]["id"][:14] in run("list", "--each", "--workspace", workspace).output


def test_adding_again_adds_nothing(workspace: Path) -> None:
    again = json.loads(run("add", EXAMPLE, "--licence", "CC0-1.0", "--workspace", workspace, "--json").output)
    assert (again["added"], again["flags_added"], again["stored_before"]) == (0, 0, 39)


def test_a_signal_is_flagged_once(workspace: Path) -> None:
    rows = json.loads(run("list", "--workspace", workspace, "--each", "--json").output)["rows"]
    plain = next(row for row in rows if not row["flags"])
    given = ("flag", plain["id"], "--reason", "incomplete", "--severity", "1", "--by", "Ann Lee", "--role", "nurse")
    more = ("--note", "Call 415-555-0132", "--workspace", workspace)
    assert "flagged: flag-" in run(*given, *more).output and "was flagged so before" in run(*given, *more).output
    rows = json.loads(run("list", "--workspace", workspace, "--each", "--json").output)["rows"]
    assert next(row for row in rows if row["id"] == plain["id"])["flags"] == ["incomplete 1 (nurse)"]
    assert json.loads(run(*given, *more, "--json").output)["removed"] == {"phone": 1}


def test_the_reasons_are_those_of_the_record() -> None:
    assert tuple(signal_flag._REASONS) == get_args(FlagReason)


def test_what_cannot_be_followed_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="has no basis"):
        run("add", EXAMPLE, "--licence", "x", "--consent", "not required", "--workspace", tmp_path / "w")
    with pytest.raises(SettingError, match="colour"):
        run("add", EXAMPLE, "--licence", "x", "--set", "colour=1", "--workspace", tmp_path / "w")
    assert not (tmp_path / "w").exists()


def test_rows_that_are_refused_are_named(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_text('{"messages": [{"role": "user", "content": "a"}]}\n{"messages": []}\n', encoding="utf-8")
    told = run("add", log, "--licence", "x", "--workspace", tmp_path / "w").output
    assert "1 rows refused:" in told and "a.jsonl:2: messages is not a list of turns" in told
    assert "may teach; not: 1 consent unknown" in told
