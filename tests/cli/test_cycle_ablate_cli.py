"""`primum cycle ablate`: the page and the JSON from what runs found (the runs themselves are doubles), and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from primum.cli.__main__ import main
from primum.cli.cycle_ablate import ablate as command
from primum.cycles import cycling_ablation
from primum.cycles.cycling_ablation import AblationOrder, ablate, of_way
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.steps import Quiet
from primum.errors import SettingError

SMALL = Path(__file__).parents[1] / "cycles" / "small_cycles.toml"


def estimate(value: float) -> dict[str, Any]:
    return {"value": value, "low": max(0.0, value - 0.05), "high": min(1.0, value + 0.05), "n": 40, "unit": "cluster"}


def state(label: str, cycle: int | None, unsafe: float) -> dict[str, Any]:
    one = {"by": "style", "name": "obfuscate", "metric": "unsafe_compliance", "estimate": estimate(unsafe + 0.1)}
    return {
        "label": label,
        "cycle": cycle,
        "policy": {"id": "policyref-1"},
        "measures": {"unsafe_compliance": estimate(unsafe), "safety_score": estimate(1 - unsafe)},
        "slices": [one, {**one, "by": "language", "name": "zh"}, {**one, "metric": "unusable"}],
        "answers": 40,
        "abstained": 1,
    }


def run(recipe: CyclesRecipe, _workspace: Path, _listener: object, _command: str) -> dict[str, Any]:
    """What a run of cycles reports, where a judge that can be trusted leads to a safer policy."""
    judging = recipe.judging
    unsafe = {"self": 0.6, "external": 0.3, "guardian": 0.1}[judging.teacher]
    route = {"is_teacher": judging.teacher != "self" or not judging.is_routed}
    cycle = {
        "choice": {"chosen": "dpo"},
        "is_released": True,
        "abstained": 2,
        "answers": 30,
        "judge": {"routes": [{"is_teacher": True}, route]},
    }
    return {
        "arms": [
            {
                "name": recipe.arms[0].name,
                "architecture": "qwen3",
                "parameters": 1234567,
                "states": [state("start", 0, 0.9), state("plain SFT", None, 0.5), state("cycle 1", 1, unsafe)],
                "cycles": [cycle] * recipe.cycles,
                "stopped_by": "gain" if judging.teacher == "self" else None,
            }
        ]
    }


ROW = {
    "teacher": "self",
    "judge": "p judging itself",
    "harm_level": 2,
    "style": "role_play",
    "truth": "by construction",
    "n": 60,
    "abstained": 3,
    "agreement": estimate(0.5),
    "false_refusals": None,
    "missed_refusals": estimate(0.25),
    "is_reliable": False,
    "why": "agreement 50 %",
}


def measured(*_: object) -> Any:
    judges = [{"teacher": "self", "name": "p judging itself", "kind": "chat_model", "id": "j"}]
    rows = [ROW, {**ROW, "teacher": "guardian", "is_reliable": True}, {**ROW, "n": 3, "why": "unmeasured: 3 answers"}]
    return rows, judges, {"name": "second guardian of p", "kind": "guardian", "accuracy": estimate(0.9), "id": "g"}


@pytest.fixture
def doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cycling_ablation, "run_cycles", run)
    monkeypatch.setattr(cycling_ablation, "_reliability", measured)


def test_the_page_holds_each_teacher_and_what_it_led_to(doubled: None, tmp_path: Path) -> None:
    out = tmp_path / "judges.md"
    done = CliRunner().invoke(command, [str(SMALL), "--cycles", "2", "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0 and done.output.splitlines()[-1] == f"Page: {out}"
    page = out.read_text(encoding="utf-8")
    assert f"Made by `primum cycle ablate {SMALL.as_posix()} --cycles 2`." in page and "up to 2 cycles" in page
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")]
    assert {len(row) for row in rows if row[0].startswith(("self:", "guardian:", "–"))} == {10}
    by_teacher = {row[0].split(":")[0]: row for row in rows if len(row) == 10 and ":" in row[0]}
    assert list(by_teacher) == ["self", "external", "guardian", "self, routed"]
    assert [row[2] for row in by_teacher.values()] == [
        "60.0 % [55.0, 65.0]",
        "30.0 % [25.0, 35.0]",
        "10.0 % [5.0, 15.0]",
        "60.0 % [55.0, 65.0]",
    ]
    assert by_teacher["self"][-1] == "gain" and by_teacher["guardian"][-4:] == ["2", "dpo, dpo", "4 of 60", "–"]
    assert "(others read 1 of 2, 1 of 2 slices)" in by_teacher["self, routed"][0]
    assert ["guardian", "20.0 % [15.0, 25.0]"] in rows  # by style
    told = ["self", "2", "role play", "by construction", "60", "3", "50.0 % [45.0, 55.0]", "–", "25.0 % [20.0, 30.0]"]
    assert [*told, "no"] in rows and [*told[:4], "3", *told[5:], "no, unmeasured: 3 answers"] in rows
    assert ["guardian", *told[1:], "yes"] in rows


def test_json_is_the_numbers_and_nothing_else(doubled: None) -> None:
    done = CliRunner().invoke(command, [str(SMALL), "--teacher", "guardian", "--teacher", "self", "--json"])
    found = json.loads(done.stdout)
    assert found["kind"] == "judge ablation" and [one["way"] for one in found["ways"]] == ["self", "guardian"]
    assert [one["label"] for one in found["before"]] == ["start", "plain SFT"]
    assert found["ways"][0]["state"]["styles"] == {"obfuscate": estimate(0.7)}


def test_what_is_there_is_not_written_over_unless_told(doubled: None, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "judges.md"
    out.write_text("kept", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["cycle", "ablate", str(SMALL), "--out", str(out)])
    assert "is there already" in capsys.readouterr().err and out.read_text(encoding="utf-8") == "kept"
    done = CliRunner().invoke(command, [str(SMALL), "--out", str(out), "--force"], catch_exceptions=False)
    assert done.exit_code == 0 and out.read_text(encoding="utf-8").startswith("# Who judges the cycles")


def test_each_way_is_a_recipe_of_its_own() -> None:
    from primum.cycles.run import load_recipe

    recipe = load_recipe(SMALL)
    assert isinstance(recipe, CyclesRecipe)
    ways = [of_way(recipe, way).judging for way in cycling_ablation.WAYS]
    assert [(one.teacher, one.is_routed) for one in ways] == [
        ("self", False),
        ("external", False),
        ("guardian", False),
        ("self", True),
    ]
    assert [one.readers for one in ways] == [("self",), ("external",), ("guardian",), ("self", "guardian", "external")]
    assert len({of_way(recipe, way).run_of("qwen3") for way in cycling_ablation.WAYS}) == 4


def test_another_recipe_and_an_unknown_arm_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="arm 'none' is not in the recipe: name one of qwen3"):
        ablate(AblationOrder(SMALL, tmp_path, arm="none"), Quiet())
    with pytest.raises(SettingError, match="has no cycles"):
        ablate(AblationOrder(SMALL.with_name("small.toml"), tmp_path), Quiet())
    assert not list(tmp_path.iterdir())
