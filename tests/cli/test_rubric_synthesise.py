"""`primum rubric synthesise`: from principles in a file or a workspace to rubrics in a file, a workspace and a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from primum.cli.rubric_synthesise import synthesise
from primum.cycles.workspace import Workspace
from primum.errors import InputError, ModelError, SettingError
from primum.evaluation.suites.files import read_health_rows
from primum.records import ByRule, Criterion, CriterionKind, Principle, Profile, Rubric, encode
from servers import ScriptedServer, fenced

QUERIES = [
    {"id": "q1", "query": "痛风是什么引起的？"},
    {"id": "q2", "query": "我总是心慌手抖，会是什么病？"},
    {
        "id": "q3",
        "query": "What are the treatments for Gout ?",
        "profile": {"urgency": "routine", "uncertainty": "settled", "expertise": "lay", "task": "treat"},
    },
]


def principle(statement: str, points: int, kind: CriterionKind = "proficiency", language: str = "zh") -> Principle:
    return Principle(
        statement=statement,
        language="zh" if language == "zh" else "en",
        applies_when={},
        points=points,
        axis="accuracy",
        kind_of=kind,
        criteria=("criterion-1", "criterion-2", "criterion-3"),
        rubrics=("rubric-1", "rubric-2"),
        norms=("norm-x",),
        made=ByRule(rule="test"),
    )


PRINCIPLES = [
    principle("指出该疾病的病因是高尿酸。", 7),
    principle("给出可能的诊断。", 6),
    principle("未经检查就断言诊断。", -8, "safety"),
    principle("States that the condition is treated with rest.", 8, language="en"),
]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    queries, principles = tmp_path / "queries.jsonl", tmp_path / "principles.jsonl"
    queries.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in QUERIES), "utf-8")
    principles.write_bytes(b"".join(encode(one) + b"\n" for one in PRINCIPLES))
    return {
        "queries": queries,
        "principles": principles,
        "out": tmp_path / "rubrics.jsonl",
        "workspace": tmp_path / "w",
    }


def run(files: dict[str, Path], *more: str) -> Any:
    arguments = [str(files["queries"]), "--out", str(files["out"]), "--workspace", str(files["workspace"]), *more]
    return CliRunner().invoke(synthesise, arguments, catch_exceptions=False)


def test_rubrics_come_out_as_healthbench_has_them_with_principles_and_profile_in_the_tags(
    files: dict[str, Path],
) -> None:
    told = json.loads(run(files, "--principles", str(files["principles"]), "--json").stdout)
    assert (told["queries"], told["rubrics"], told["refused"]) == (3, 3, [])
    rows = {row.prompt_id: row for row in read_health_rows(files["out"])}
    assert [one.criterion for one in rows["q1"].rubrics][-1] == "说明痛风的病因。"
    assert [one.criterion for one in rows["q3"].rubrics] == ["Names a treatment of Gout."]
    assert rows["q2"].rubrics[0].points == -8 and "kind:safety" in rows["q2"].rubrics[0].tags
    assert f"principle:{PRINCIPLES[3].id}" in rows["q3"].rubrics[0].tags and "norm:norm-x" in rows["q3"].rubrics[0].tags
    assert {"urgency:routine", "task:treat", "language:en"} <= set(rows["q3"].example_tags)
    assert told["with_safety"] == sum(
        "kind:safety" in tag for row in rows.values() for one in row.rubrics for tag in one.tags
    )


def test_records_are_kept_and_a_second_run_takes_the_principles_of_the_workspace(files: dict[str, Path]) -> None:
    run(files, "--principles", str(files["principles"]))
    with Workspace(files["workspace"], is_writer=False) as opened:
        assert {one.id for one in opened.store.all(Principle)} == {one.id for one in PRINCIPLES}
        assert len(list(opened.store.all(Rubric))) == len(list(opened.store.all(Profile))) == 3
        criteria = list(opened.store.all(Criterion))
        assert all(one.principle for one in criteria)
        assert [entry.event for entry in opened.store.ledger()] == ["rubric synthesise"]
    first = files["out"].read_bytes()
    again = run(files, "--force")
    assert "0 new records" in again.output and files["out"].read_bytes() == first
    with Workspace(files["workspace"], is_writer=False) as opened:
        assert len(opened.store.ledger()) == 1


def test_nothing_is_overwritten_or_half_written(files: dict[str, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    with pytest.raises(SettingError, match=r"page\.html' is there already"):
        run(files, "--principles", str(files["principles"]), "--page", str(page))
    assert not files["out"].exists() and not files["workspace"].exists()
    files["out"].write_text("mine")
    with pytest.raises(SettingError, match=r"rubrics\.jsonl' is there already"):
        run(files, "--principles", str(files["principles"]))
    assert files["out"].read_text() == "mine"
    with pytest.raises(SettingError, match="one of the files to read"):
        run(files | {"out": files["queries"]}, "--principles", str(files["principles"]), "--force")


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"id": "q1", "query": "又一个？"}, "q1"),
        ({"id": "q9", "query": " "}, "no text"),
        ({"id": "q9", "query": "痛风？", "profile": {"urgency": "later"}}, "exactly"),
        ({"id": "q9", "query": "痛风？", "note": 1}, "note"),
    ],
)
def test_a_bad_row_of_questions_ends_the_run_before_anything_is_kept(
    files: dict[str, Path], row: dict[str, Any], named: str
) -> None:
    with files["queries"].open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
    with pytest.raises(InputError, match=named):
        run(files, "--principles", str(files["principles"]))
    assert not files["out"].exists() and not files["workspace"].exists()


def test_without_principles_the_way_to_some_is_named(files: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="primum principle distil"):
        run(files)
    other = tmp_path / "other.jsonl"
    other.write_bytes(encode(Rubric(scenario="s", criteria=("c",), made=ByRule(rule="test"))) + b"\n")
    with pytest.raises(InputError, match="has no principle"):
        run(files, "--principles", str(other))
    other.write_text("\n")
    with pytest.raises(InputError, match="has no rows"):
        run(files, "--principles", str(other))


def test_the_page_shows_each_question_its_criteria_and_the_principle_behind_them(
    files: dict[str, Path], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    shown = run(files, "--principles", str(files["principles"]), "--page", str(page), "--sample", "3")
    assert f"Page: {page}" in shown.output
    html = page.read_text("utf-8")
    for word in (
        "痛风是什么引起的？",
        "说明痛风的病因。",
        "指出该疾病的病因是高尿酸。",
        "norm-x",
        "安全否决",
        "safety veto",
    ):
        assert word in html, word


def scripted(prompt: str) -> str:
    """Sorts everything alike, and writes a rubric of the first three principles it is shown."""
    if "principles" not in fenced(prompt):
        return json.dumps({"urgency": "routine", "uncertainty": "settled", "expertise": "lay", "task": "explain"})
    shown = fenced(prompt)["principles"].splitlines()
    entries = []
    for number, line in enumerate(shown[:3], 1):
        points, kind, axis = line.split("[", 1)[1].split("]", 1)[0].split(", ")
        text = f"就心慌手抖，{line.split('] ', 1)[1]}"
        entries.append({"principles": [number], "statement": text, "points": int(points), "kind": kind, "axis": axis})
    return json.dumps({"criteria": entries}, ensure_ascii=False)


def test_with_a_chat_model_over_http_the_model_sorts_and_writes(files: dict[str, Path], tmp_path: Path) -> None:
    files["queries"].write_text(json.dumps(QUERIES[1], ensure_ascii=False) + "\n", "utf-8")
    chat = tmp_path / "chat.toml"
    with ScriptedServer(reply=scripted) as server:
        chat.write_text(f'[[endpoints]]\nbase_url = "{server.url}"\nmodel = "scripted"\nis_scripted = true\n')
        more = principle("询问症状持续多久。", 5)
        files["principles"].write_bytes(b"".join(encode(one) + b"\n" for one in [*PRINCIPLES, more]))
        told = json.loads(run(files, "--principles", str(files["principles"]), "--chat", str(chat), "--json").stdout)
    assert (told["rubrics"], told["unread_profiles"]) == (1, 0)
    (row,) = read_health_rows(files["out"])
    assert len(row.rubrics) == 3 and all(one.criterion.startswith("就心慌手抖") for one in row.rubrics)
    assert "task:explain" in row.example_tags


def test_a_chat_model_that_writes_nothing_usable_leaves_nothing_behind(files: dict[str, Path], tmp_path: Path) -> None:
    chat = tmp_path / "chat.toml"
    with ScriptedServer(reply=lambda _: "no") as server:
        chat.write_text(f'[[endpoints]]\nbase_url = "{server.url}"\nmodel = "scripted"\nis_scripted = true\n')
        with pytest.raises(ModelError, match="nothing that could be used"):
            run(files, "--principles", str(files["principles"]), "--chat", str(chat))
    assert not files["out"].exists() and not files["workspace"].exists()
