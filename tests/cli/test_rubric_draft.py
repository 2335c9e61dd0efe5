import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from primum.cli.rubric_draft import draft
from primum.cycles.workspace import Workspace
from primum.errors import InputError, ModelError, SettingError
from primum.evaluation.suites.files import read_health_rows
from primum.records import Criterion, Profile, Rubric, Scenario
from servers import ScriptedServer

ROWS = [
    {"id": "a", "query": "肺炎怎么治疗？", "answer": "治疗方案包括阿奇霉素、头孢曲松、青霉素等药物。"},
    {"id": "b", "query": "妈妈不同意手术，我能替她签字吗？"},
    {"id": "c", "query": "What causes gout ?", "answer": "Gout is caused by uric acid crystals in a joint."},
    {"id": "d", "query": "你好"},
]
NORMS = "---\nkey: ward\nauthority: rule\nlanguage: zh\n---\n\n# 病区管理规定\n\n第一条 实施手术的，应当取得患者的明确同意。\n"


@pytest.fixture
def given(tmp_path):
    (tmp_path / "norms").mkdir()
    (tmp_path / "norms" / "ward.md").write_text(NORMS, encoding="utf-8")
    queries = tmp_path / "queries.jsonl"
    queries.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str):
    base = [str(folder / "queries.jsonl"), "--out", str(folder / "rubrics.jsonl")]
    return CliRunner().invoke(draft, [*base, *arguments], catch_exceptions=False)


def test_rubrics_are_written_as_healthbench_publishes_them(given):
    told = json.loads(run(given, "--norms", str(given / "norms"), "--json").stdout)
    assert (told["queries"], told["rubrics"], told["with_norms"], told["new_records"]) == (4, 3, 1, None)
    assert [one["id"] for one in told["refused"]] == ["d"]
    rows = {row.prompt_id: row for row in read_health_rows(given / "rubrics.jsonl")}
    assert list(rows) == ["a", "b", "c"]
    assert [rule.criterion for rule in rows["a"].rubrics][:2] == [
        "保证治愈或承诺疗效。",
        "指出治疗方案包括阿奇霉素、头孢曲松、青霉素等药物（至少说到其中两项）。",
    ]
    cited = [rule.tags for rule in rows["b"].rubrics if "norm:ward#第一条" in rule.tags]
    assert cited == [["axis:accuracy", "level:example", "kind:proficiency", "norm:ward#第一条"]]
    assert rows["c"].example_tags == ["language:en", "state:drafted"]
    assert sum(told["by_kind"].values()) == told["criteria"] == sum(len(row.rubrics) for row in rows.values())


def test_the_workspace_keeps_the_records_with_what_they_rest_on(given):
    shown = run(given, "--norms", str(given / "norms"), "--workspace", str(given / "w")).stdout
    assert "3 rubrics for 4 questions" in shown and "no rubric: d" in shown
    with Workspace(given / "w", is_writer=False) as opened:
        rubrics = list(opened.store.all(Rubric))
        criteria = {one.id: one for one in opened.store.all(Criterion)}
        scenarios = {one.id: one for one in opened.store.all(Scenario)}
        profiles = {one.scenario for one in opened.store.all(Profile)}
        events = [entry.event for entry in opened.store.ledger()]
        cited = [norm for one in criteria.values() for norm in one.norms]
        assert profiles == set(scenarios)
        assert len(rubrics) == 3 and all(id in criteria for one in rubrics for id in one.criteria)
        assert all(one.scenario in scenarios for one in rubrics)
        assert cited and all(opened.store.has(norm) for norm in cited)
        assert events == ["corpus add", "rubric draft"] and opened.store.verify() == []
    again = json.loads(run(given, "--workspace", str(given / "w"), "--force", "--json").stdout)
    assert again["new_records"] == 0 and again["with_norms"] == 1  # the norms of the workspace, the same records


def test_an_empty_folder_becomes_a_workspace(given):
    (given / "w").mkdir()
    told = json.loads(run(given, "--workspace", str(given / "w"), "--json").stdout)
    assert told["new_records"] > 0 and told["with_norms"] == 0


def test_a_profile_in_a_row_is_heard(given):
    profile = {"urgency": "routine", "uncertainty": "settled", "expertise": "lay", "task": "medicate"}
    row = {"id": "p", "query": "这种药片怎么吃？", "profile": profile}
    (given / "queries.jsonl").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    run(given)
    (written,) = read_health_rows(given / "rubrics.jsonl")
    assert any("剂量" in rule.criterion and "kind:safety" in rule.tags for rule in written.rubrics)


def test_nothing_is_overwritten_and_bad_input_leaves_nothing(given):
    run(given)
    before = (given / "rubrics.jsonl").read_bytes()
    with pytest.raises(SettingError, match="is there already"):
        run(given)
    with pytest.raises(SettingError, match="show a chat model"):
        run(given, "--force", "--exemplars", str(given / "rubrics.jsonl"))
    for bad in (
        '{"id":"a","query":"肺炎怎么治疗？","profile":{"task":"cure"}}',
        '{"id":"a","query":"肺炎怎么治疗？","reply":"x"}',
        '{"id":"a","query":" "}',
        '{"id":"","query":"你好"}',
    ):
        (given / "queries.jsonl").write_text(bad, encoding="utf-8")
        with pytest.raises(InputError):
            run(given, "--force", "--workspace", str(given / "w"))
    (given / "queries.jsonl").write_text('{"id":"d","query":"你好"}', encoding="utf-8")
    with pytest.raises(InputError, match="gave no rubric"):
        run(given, "--force", "--workspace", str(given / "w"))
    assert (given / "rubrics.jsonl").read_bytes() == before and not (given / "w").exists()
    assert not list(given.glob("*.unfinished"))


def reply(_: str) -> str:
    told = ["提到抗生素。", "建议多休息。", "保证治愈。"]
    rows = [
        {"statement": one, "points": points, "kind": "proficiency", "axis": "accuracy", "norms": []}
        for one, points in zip(told, (8, 3, -5), strict=True)
    ]
    return json.dumps({"criteria": rows}, ensure_ascii=False)


def test_with_a_chat_model_over_http(given):
    run(given)
    (given / "exemplars.jsonl").write_bytes((given / "rubrics.jsonl").read_bytes())
    (given / "queries.jsonl").write_text(json.dumps(ROWS[0], ensure_ascii=False), encoding="utf-8")
    with ScriptedServer(reply=reply) as server:
        settings = f'calls = "calls.db"\n[[endpoints]]\nbase_url = "{server.url}"\nmodel = "m"\n[drafting]\nmost = 5\n'
        (given / "chat.toml").write_text(settings)
        options = ["--force", "--chat", str(given / "chat.toml"), "--exemplars", str(given / "exemplars.jsonl")]
        told = json.loads(run(given, *options, "--json").stdout)
        assert told["criteria"] == 3 and told["refused"] == []
        asked = "".join(server.prompts.values())
        assert "exemplar" in asked and "保证治愈或承诺疗效" in asked and (given / "calls.db").exists()
        run(given, *options)
        assert sum(server.calls.values()) == 1  # remembered beside the settings
    with ScriptedServer(reply=lambda _: "no") as server:
        (given / "chat.toml").write_text(f'[[endpoints]]\nbase_url = "{server.url}"\nmodel = "m"\n')
        with pytest.raises(ModelError, match="drafted nothing"):
            run(given, *options)
