"""`primum principle …` as a person meets it: distil, list, show, edit, merge, retire, page; and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from primum.cli.__main__ import main
from primum.cycles.records import verify_ledger, verify_store
from primum.cycles.workspace import Workspace
from primum.records import ByPerson, ByRule, Criterion, Principle, Profile, Record, Rubric, Scenario, Turn
from primum.store import Store
from servers import ScriptedServer

MADE = ByRule(rule="test")
PERSON = ByPerson(person="reviewer-1", role="clinician")
SAID = {
    "en": [
        "Recommends seeing a doctor about the {ill}.",
        "Warns of side effects of {drug}.",
        "Explains how to rest with {ill}.",
    ],
    "zh": ["建议就{ill}到医院就诊。", "提醒{drug}的不良反应。", "说明{ill}患者如何休息。"],
}
ILL = {"en": ["asthma", "diabetes", "migraine", "gout", "eczema"], "zh": ["哮喘", "糖尿病", "偏头痛", "痛风", "湿疹"]}
DRUG = {
    "en": ["ibuprofen", "metformin", "aspirin", "warfarin", "digoxin"],
    "zh": ["布洛芬", "二甲双胍", "阿司匹林", "华法林", "地高辛"],
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    records: list[Record] = []
    for language in ("en", "zh"):
        for number in range(15):
            ill, drug = ILL[language][number % 5], DRUG[language][number % 5]
            asked = f"{ill} {number}?" if language == "en" else f"{ill}第{number}次怎么办？"
            scenario = Scenario(
                messages=(Turn(role="user", content=asked),),
                task="open",
                dimension="q",
                language=language,
                dataset="own",
                made=MADE,
                split="test" if number == 14 else None,
            )
            criteria = [
                Criterion(
                    statement=said.format(ill=ill, drug=drug), points=points, axis="accuracy", kind_of="proficiency",
                    language=language, made=PERSON,
                )
                for said, points in zip(SAID[language], (7, 5, 3), strict=True)
            ]  # fmt: skip
            rubric = Rubric(
                scenario=scenario.id,
                criteria=tuple(one.id for one in criteria),
                made=PERSON,
                state="verified" if number < 8 else "refined",
            )
            values = {"urgency": "routine", "uncertainty": "settled", "expertise": "lay", "task": "treat"}
            records += [scenario, *criteria, rubric, Profile(scenario=scenario.id, values=values, made=MADE)]
    with Workspace(tmp_path / "w", is_writer=True) as opened, opened.store.writing() as writer:
        writer.put(records)
    return tmp_path / "w"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    main([*arguments, "--json"])
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def distilled(workspace: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, list[dict[str, Any]]]:
    found = said(capsys, "principle", "distil", "--workspace", str(workspace), "--resamplings", "3")
    return workspace, found["principles"]


def by_person(*more: str) -> list[str]:
    return [*more, "--person", "reviewer-2", "--role", "clinician"]


def test_criteria_of_people_become_principles_that_lead_back_to_them(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = said(capsys, "principle", "distil", "--workspace", str(workspace), "--resamplings", "3")
    assert (found["criteria"], found["rubrics"]) == (84, 28), "what measures does not teach"
    assert len(found["principles"]) >= 4
    assert found["stability"]["low"] <= found["stability"]["value"] <= found["stability"]["high"]
    first = found["principles"][0]
    shown = said(capsys, "principle", "show", first["id"], "--workspace", str(workspace))
    assert shown["people"]["clinician reviewer-1"] >= first["criteria"]
    assert len(shown["covers"]) == first["criteria"]
    assert verify_store(workspace)["problems"] == []
    assert verify_ledger(workspace, None)["verified"]
    main(["principle", "distil", "--workspace", str(workspace), "--resamplings", "2"])
    assert "recur over 2 resamplings" in capsys.readouterr().out


def test_only_what_people_verified_is_distilled_when_that_is_asked(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = said(capsys, "principle", "distil", "--workspace", str(workspace), "--resamplings", "2", "--verified")
    assert found["rubrics"] == 16


def test_editing_merging_and_retiring_keep_every_version(
    distilled: tuple[Path, list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, principles = distilled
    place = ["--workspace", str(workspace)]
    one, other = [row for row in principles if row["language"] == "en"][:2]
    edited = said(
        capsys,
        "principle",
        "edit",
        one["id"],
        *by_person("--statement", "Sends to a doctor.", "--reason", "plainer"),
        *place,
    )
    assert (edited["statement"], edited["state"], edited["by"]) == (
        "Sends to a doctor.",
        "edited",
        "clinician reviewer-2",
    )
    merged = said(
        capsys, "principle", "merge", edited["id"], other["id"], *by_person("--reason", "one meaning"), *place
    )
    gone = said(capsys, "principle", "retire", merged["id"], *by_person("--reason", "never used"), *place)
    listed = said(capsys, "principle", "list", *place)
    assert not {one["id"], other["id"], edited["id"], merged["id"], gone["id"]} & {row["id"] for row in listed}
    everything = said(capsys, "principle", "list", "--all", *place)
    assert len(everything) == len(principles) + 3
    shown = said(capsys, "principle", "show", gone["id"], *place)
    assert [row["state"] for row in shown["history"]] == ["retired", "merged", "edited", "distilled", "distilled"]
    with Store.open(workspace, create=False) as store:
        assert [entry.event for entry in store.ledger()][-3:] == [
            "principle edited",
            "principle merged",
            "principle retired",
        ]
    main(["principle", "show", gone["id"], *place])
    told = capsys.readouterr().out
    assert "never used" in told
    assert "clinician reviewer-1" in told


def test_a_new_distillation_retires_what_it_does_not_find_and_leaves_what_people_made(
    distilled: tuple[Path, list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, principles = distilled
    place = ["--workspace", str(workspace)]
    again = said(capsys, "principle", "distil", "--resamplings", "2", *place)
    assert again["superseded"] == 0, "the same rubrics give the same principles"
    edited = said(
        capsys, "principle", "edit", principles[0]["id"], *by_person("--points", "9", "--reason", "weighs more"), *place
    )
    fewer = said(capsys, "principle", "distil", "--resamplings", "2", "--verified", *place)
    listed = {row["id"] for row in said(capsys, "principle", "list", *place)}
    assert fewer["superseded"] == len(principles) - 1
    assert fewer["settled_by_people"] == 1
    assert listed == {edited["id"], *(row["id"] for row in fewer["principles"])}
    said(capsys, "principle", "retire", edited["id"], *by_person("--reason", "never used"), *place)
    last = said(capsys, "principle", "distil", "--resamplings", "2", *place)
    assert principles[0]["statement"] not in {row["statement"] for row in last["principles"]}, (
        "what people retired stays retired"
    )


def test_a_list_is_narrowed_by_language_and_cell(
    distilled: tuple[Path, list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, _ = distilled
    place = ["--workspace", str(workspace)]
    assert {row["language"] for row in said(capsys, "principle", "list", "--language", "zh", *place)} == {"zh"}
    every = said(capsys, "principle", "list", *place)
    assert said(capsys, "principle", "list", "--cell", "task=treat", *place) == every
    main(["principle", "list", *place])
    assert f"{len(every)} principles" in capsys.readouterr().out
    for cell, told in (("task=treatment", "task is one of explain"), ("tasks=treat", "name one of urgency")):
        with pytest.raises(SystemExit):
            main(["principle", "list", "--cell", cell, *place])
        assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["edit", "{first}", "--points", "0", "--reason", "r"], "weighs nothing"),
        (["edit", "{first}", "--reason", "r"], "would stay as it is"),
        (["merge", "{first}", "--reason", "r"], "fewer than two"),
        (["retire", "criterion-0123456789", "--reason", "r"], "is not in the store"),
        (["edit", "{first}", "--points", "3", "--reason", " "], "gives no reason"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    distilled: tuple[Path, list[dict[str, Any]]], capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    workspace, principles = distilled
    filled = [one.format(first=principles[0]["id"]) for one in arguments]
    with pytest.raises(SystemExit) as ended:
        main(["principle", *by_person(*filled), "--workspace", str(workspace)])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    with Store.open(workspace, create=False) as store:
        assert len(list(store.all(Principle))) == len(principles)


def test_a_version_that_was_replaced_is_not_changed_again(
    distilled: tuple[Path, list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, principles = distilled
    place = ["--workspace", str(workspace)]
    main(["principle", "retire", principles[0]["id"], *by_person("--reason", "old"), *place])
    with pytest.raises(SystemExit):
        main(["principle", "edit", principles[0]["id"], *by_person("--points", "3", "--reason", "r"), *place])
    assert "holds no more" in capsys.readouterr().err


def test_a_workspace_without_rubrics_has_nothing_to_distil(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Workspace(tmp_path / "empty", is_writer=True):
        pass
    for asked, told in (
        ([], "import some: primum rubric draft"),
        (["--verified"], "verify some: primum rubric verify"),
    ):
        with pytest.raises(SystemExit):
            main(["principle", "distil", *asked, "--workspace", str(tmp_path / "empty")])
        assert told in capsys.readouterr().err


@pytest.mark.parametrize("asked", [["distil"], ["retire", "principle-0123456789", "--reason", "r"]])
def test_a_workspace_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[str]
) -> None:
    given = asked if asked == ["distil"] else by_person(*asked)
    with pytest.raises(SystemExit):
        main(["principle", *given, "--workspace", str(tmp_path / "nowhere")])
    assert "is not a workspace" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_the_page_is_written_once(
    distilled: tuple[Path, list[dict[str, Any]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, principles = distilled
    out = tmp_path / "page.html"
    main(["principle", "page", "--workspace", str(workspace), "--out", str(out)])
    assert principles[0]["statement"][:15] in out.read_text("utf-8")
    with pytest.raises(SystemExit):
        main(["principle", "page", "--workspace", str(workspace), "--out", str(out)])


def test_a_chat_model_words_principles_over_http(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from cycles.principles_world import play

    with ScriptedServer(reply=play, faults=0.1, seed=2) as server:
        chat = tmp_path / "chat.toml"
        chat.write_text(
            f'calls = "calls.db"\n[[endpoints]]\nbase_url = "{server.url}"\nmodel = "one"\nis_scripted = true\ntimeout_s = 2\n'
        )
        found = said(
            capsys, "principle", "distil", "--workspace", str(workspace), "--resamplings", "2", "--chat", str(chat)
        )
        assert server.calls
    assert any(row["by"] == "scripted model one" for row in found["principles"])
