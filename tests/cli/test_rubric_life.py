"""The life of a rubric on the command line: imported, edited by three people, merged, settled, verified, compared, exported."""

import csv
import json

import click
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from primum.cli.rubric_life import diff, edit, merge, refine, settle, show, verify
from primum.cli.rubric_share import export_rubrics, import_rubrics
from primum.cycles.workspace import Workspace
from primum.errors import InputError, PrimumError, SettingError, StoreError, UnknownIdError
from primum.ledger import verify_chain
from primum.records import BySimulation, Choice, Preference, Response, Rubric, Scenario

GROUP = click.Group(
    "rubric",
    {one.name: one for one in (diff, edit, merge, refine, settle, show, verify, export_rubrics, import_rubrics)},
)
ROWS = [
    {
        "prompt_id": "chest-1",
        "prompt": [{"role": "user", "content": "父亲突然胸痛出汗，要不要等到明天？"}],
        "rubrics": [
            {"criterion": "建议立即拨打120或前往急诊。", "points": 10, "tags": ["axis:accuracy", "kind:safety"]},
            {"criterion": "说明可能是心肌梗死，并解释为何不能等待。", "points": 6, "tags": ["axis:completeness"]},
            {"criterion": "询问高血压和糖尿病。", "points": 3, "tags": ["axis:context_awareness"]},
            {"criterion": "建议在家观察到第二天。", "points": -8, "tags": ["axis:accuracy"]},
        ],
        "example_tags": ["theme:emergency_referrals"],
    },
    {
        "prompt_id": "ct-1",
        "prompt": [{"role": "user", "content": "Can I take metformin before a CT scan?"}],
        "rubrics": [{"criterion": "Asks about kidney function.", "points": 7, "tags": ["axis:accuracy"]}],
        "example_tags": [],
    },
]


def primum(*arguments):
    done = CliRunner().invoke(GROUP, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def told(*arguments):
    return json.loads(primum(*arguments, "--json"))


def refused(kind, said, *arguments):
    done = CliRunner().invoke(GROUP, [str(one) for one in arguments])
    assert isinstance(done.exception, kind) and isinstance(done.exception, PrimumError), done.output
    assert said in str(done.exception)
    return str(done.exception)


def as_person(name, role="clinician"):
    return "--person", name, "--role", role


@pytest.fixture
def workspace(tmp_path):
    file = tmp_path / "icu.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8")
    workspace = tmp_path / "workspace"
    found = told("import", file, "--format", "healthbench", "--workspace", workspace)
    assert (found["rubrics"], found["criteria"], found["new_records"]) == (2, 5, 9)
    return workspace


def edited(workspace, name, change):
    """The sheet of the first rubric, changed by `change` as a spreadsheet would write it; the refined rubric's id."""
    sheet = workspace.parent / f"{name}.csv"
    told("edit", base_of(workspace), "--out", sheet, "--workspace", workspace)
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    change(rows)
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return sheet


def base_of(workspace):
    with Workspace(workspace, is_writer=False) as opened:
        return next(one.id for one in opened.store.all(Rubric) if one.previous is None)


def first(rows):
    rows[0] |= {"criterion": "建议立即拨打120，不要自行前往。", "reason": "unsafe"}
    rows[2] |= {"points": "4", "reason": "weight"}
    rows.append(dict.fromkeys(rows[0], "") | {"criterion": "提醒保持静息。", "points": "4", "reason": "missing"})


def second(rows):
    rows[0] |= {"criterion": "建议立即拨打120。", "reason": "wording"}
    rows[3] |= {"action": "remove", "reason": "duplicate"}


def third(rows):
    rows[2] |= {"criterion": "询问高血压、糖尿病和用药。", "reason": "vague", "note": "要问用药"}


def refined(workspace):
    found = []
    for name, change in (("K1", first), ("K2", second), ("K3", third)):
        sheet = edited(workspace, name, change)
        found.append(told("refine", sheet, *as_person(name), "--workspace", workspace)["rubric"])
    return found


def state(workspace):
    with Workspace(workspace, is_writer=False) as opened:
        return opened.store.count(), [entry.event for entry in opened.store.ledger()]


def test_the_whole_life(workspace):
    base, versions = base_of(workspace), refined(workspace)
    merged = told("merge", *versions, "--workspace", workspace)
    assert [one["votes"] for one in merged["votes"]] == [
        ["change", "change", "keep"],
        ["keep", "keep", "keep"],
        ["change", "keep", "change"],
        ["keep", "remove", "keep"],
    ]
    assert merged["agreement"]["agreed"]["value"] == 0.25 and merged["agreement"]["agreed"]["n"] == 4
    # Krippendorff by hand: 7 keep, 4 change, 1 remove; in three units of three votes one differs from the two others.
    observed, expected = 3 * 2 / 12, 2 * (7 * 4 + 7 * 1 + 4 * 1) / (12 * 11)
    assert merged["agreement"]["krippendorff_alpha"]["value"] == pytest.approx(1 - observed / expected)
    assert (merged["taken"], merged["additions"], len(merged["disputes"])) == (3, 1, 1)
    assert merged["people"] == ["clinician K1", "clinician K2", "clinician K3"]
    refused(InputError, "not agreed on", "verify", merged["rubric"], *as_person("K9"), "--workspace", workspace)
    who = as_person("K9", "chief physician")
    settled = told("settle", "chest-1", "--take", "1=2", *who, "--workspace", workspace)
    assert not settled["disputes"]
    assert [(one["statement"], one["points"]) for one in settled["criteria"]] == [
        ("建议立即拨打120。", 10),
        ("说明可能是心肌梗死，并解释为何不能等待。", 6),
        ("询问高血压、糖尿病和用药。", 4),
        ("提醒保持静息。", 4),
    ]
    verified = told("verify", "chest-1", *who, "--workspace", workspace)
    shown = told("show", "chest-1", "--history", "--workspace", workspace)
    assert (shown["rubric"], shown["state"], shown["made"]) == (verified["rubric"], "verified", "chief physician K9")
    assert [one["id"] for one in shown["history"]] == [
        base,
        *versions,
        merged["rubric"],
        settled["rubric"],
        verified["rubric"],
    ]
    found = told("diff", base, verified["rubric"], "--workspace", workspace)
    assert found["counts"] == {"reworded": 2, "same": 1, "added": 1, "removed": 1}
    assert found["criteria"][0]["pieces"][1] == {"kind": "deleted", "text": "或前往急诊", "start": 9}
    assert found["criteria"][2]["changes"] == [{"field": "points", "old": "+3", "new": "+4"}]
    with Workspace(workspace, is_writer=False) as opened:
        assert not opened.store.verify() and verify_chain(opened.store.ledger()).is_intact
    assert state(workspace)[1] == [
        "rubric import",
        *["rubric refine"] * 3,
        "rubric merge",
        "rubric settle",
        "rubric verify",
    ]


def test_what_is_shown_can_be_read(workspace):
    versions = refined(workspace)
    listed = primum("show", "--workspace", workspace)
    assert "2 rubrics" in listed and "chest-1" in listed and "ct-1" in listed
    sheet = edited(workspace, "K4", lambda rows: rows[0].update(criterion="立即拨打120或前往急诊。", reason="措辞"))
    text = primum("refine", sheet, *as_person("K4"), "--workspace", workspace)
    assert "[-建议-]立即拨打120或前往急诊。" in text and "refined by clinician K4" in text
    text = primum("merge", *versions, "--workspace", workspace)
    assert "Dispute 1: [+10] 建议立即拨打120或前往急诊。" in text and "Krippendorff α" in text
    assert "1 of them additions; 1 disputes" in text
    assert "nothing is different" in primum("diff", versions[0], versions[0], "--workspace", workspace)
    assert "{+，不要自行前往+}" in primum("diff", versions[1], versions[0], "--workspace", workspace)
    text = primum("show", "chest-1", "--history", "--workspace", workspace)
    assert "merged from 3" in text and "1 → 1 vague: 要问用药" in text
    text = primum("edit", "ct-1", "--out", workspace.parent / "ct.jsonl", "--workspace", workspace)
    assert "double_barrelled" in text and "一条多义" in text


def test_what_is_wrong_is_refused_and_nothing_is_stored(workspace):
    before = state(workspace)
    sheet = edited(workspace, "K1", lambda rows: rows[3].update(points="-10"))
    said = refused(InputError, "gives no reason", "refine", sheet, *as_person("K1"), "--workspace", workspace)
    assert f"{sheet}:5" in said
    versions = base_of(workspace), "ct-1"
    refused(InputError, "different scenarios", "merge", *versions, "--workspace", workspace)
    refused(InputError, "another scenario", "diff", *versions, "--workspace", workspace)
    refused(UnknownIdError, "not in the workspace", "show", "p9", "--workspace", workspace)
    refused(SettingError, "is there already", "edit", "ct-1", "--out", sheet, "--workspace", workspace)
    refused(SettingError, "neither", "edit", "ct-1", "--out", sheet.with_suffix(".xls"), "--workspace", workspace)
    refused(SettingError, "dispute 1", "settle", "ct-1", "--take", "1=1", *as_person("K"), "--workspace", workspace)
    assert CliRunner().invoke(GROUP, ["settle", "ct-1", "--take", "one", *as_person("K")]).exit_code == 2
    both = workspace.parent / "both.jsonl"
    both.write_text(
        '{"id":"1","criterion":"x","points":3,"rubric":"rubric-1"}\n'
        '{"id":"2","criterion":"x","points":3,"rubric":"rubric-2"}\n'
    )
    refused(InputError, "are named in it", "refine", both, *as_person("K"), "--workspace", workspace)
    assert state(workspace) == before
    nowhere = workspace.parent / "nowhere"
    refused(StoreError, "is not a workspace", "verify", "ct-1", *as_person("K1"), "--workspace", nowhere)
    refused(StoreError, "is not a workspace", "refine", sheet, *as_person("K1"), "--workspace", nowhere)
    assert not nowhere.exists(), "a slip of the pen makes no workspace"


def test_a_simulated_clinician_is_called_so(workspace):
    sheet = edited(workspace, "S1", lambda rows: None)
    made = told("refine", sheet, *as_person("S1"), "--simulated", "--workspace", workspace)
    assert made["made"].startswith("simulated by clinician S1")
    again = told("refine", sheet, *as_person("S1"), "--simulated", "--workspace", workspace)
    assert not again["is_new"] and state(workspace)[1] == ["rubric import", "rubric refine"]
    with Workspace(workspace, is_writer=False) as opened:
        rubric = opened.store.get(made["rubric"])
    assert isinstance(rubric.made, BySimulation)


def test_rubrics_leave_and_come_back(workspace):
    out = workspace.parent / "out.jsonl"
    found = told("export", "--format", "healthbench", "--out", out, "--workspace", workspace)
    assert found["rubrics"] == 2
    assert told("import", out, "--format", "healthbench", "--workspace", workspace)["new_records"] == 0
    away = workspace.parent / "away"
    there = told("import", out, "--format", "healthbench", *as_person("K1"), "--workspace", away)
    assert there["new_records"] == 9
    assert told("show", "chest-1", "--workspace", away)["made"] == "clinician K1"
    refused(SettingError, "already", "export", "--format", "healthbench", "--out", out, "--workspace", workspace)
    one = told(
        "export", "--format", "healthbench", "--out", out, "--force", "--rubric", "ct-1", "--workspace", workspace
    )
    assert one["rubrics"] == 1 and json.loads(out.read_text(encoding="utf-8"))["prompt_id"] == "ct-1"


def test_choice_questions_are_left_out_and_two_rows_of_one_name_go_by_their_ids(workspace):
    with Workspace(workspace, is_writer=True) as opened, opened.store.writing() as writer:
        scenario = next(one for one in opened.store.all(Scenario) if one.made.row == "ct-1")
        options = tuple(Choice(letter=letter, text=letter) for letter in "AB")
        choice = replace(scenario, task="single_choice", options=options, key=("A",))
        twin = replace(scenario, made=replace(scenario.made, dataset="another"))
        criteria = next(one for one in opened.store.all(Rubric) if one.scenario == scenario.id).criteria
        rubrics = [Rubric(scenario=one.id, criteria=criteria, made=scenario.made) for one in (choice, twin)]
        writer.put([choice, twin, *rubrics])
    out = workspace.parent / "out.jsonl"
    found = told("export", "--format", "healthbench", "--out", out, "--workspace", workspace)
    assert (found["rubrics"], found["left_out"]) == (3, 1)
    names = [json.loads(line)["prompt_id"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert names == ["chest-1", scenario.id, twin.id]
    assert told("import", out, "--format", "healthbench", "--workspace", workspace)["new_records"] == 0


@pytest.mark.parametrize("tool", ["label-studio", "argilla"])
def test_annotations_come_back_as_refinements(workspace, tool):
    out = workspace.parent / "tasks.json"
    found = told("export", "--format", tool, "--out", out, "--rubric", "chest-1", "--workspace", workspace)
    assert found["tasks"] == 5 and (workspace.parent / found["configuration"]).is_file()
    rows = json.loads(out.read_text(encoding="utf-8"))
    before = state(workspace)
    refused(InputError, "no annotation", "import", out, "--format", tool, "--workspace", workspace)
    if tool == "label-studio":
        result = [
            {"from_name": "points", "to_name": "criterion", "type": "number", "value": {"number": 5}},
            {"from_name": "reason", "to_name": "criterion", "type": "choices", "value": {"choices": ["weight"]}},
        ]
        rows[1]["annotations"] = [{"completed_by": 4, "result": result[:1]}]
    else:
        rows[1]["responses"] = {"points": [{"value": "5", "user_id": "4"}]}
    out.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    refused(InputError, "gives no reason", "import", out, "--format", tool, "--workspace", workspace)
    assert state(workspace) == before
    if tool == "label-studio":
        rows[1]["annotations"][0]["result"] = result
    else:
        rows[1]["responses"]["reason"] = [{"value": "weight", "user_id": "4"}]
    out.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    found = told("import", out, "--format", tool, "--role", "clinician", "--workspace", workspace)
    assert found["refinements"] == 1 and found["rows"][0]["made"] == "clinician annotator-4"
    shown = told("show", "chest-1", "--workspace", workspace)
    assert [one["points"] for one in shown["criteria"]] == [10, 5, 3, -8] and shown["state"] == "refined"
    named = told("import", out, "--format", tool, *as_person("K1"), "--workspace", workspace)
    assert named["rows"][0]["made"] == "clinician K1"


@pytest.mark.parametrize("tool", ["label-studio", "argilla"])
def test_preferences_come_leave_and_are_judged_by_people(tmp_path, tool):
    workspace, file = tmp_path / "workspace", tmp_path / "pairs.jsonl"
    rows = [
        {"prompt": "胸痛怎么办？", "chosen": "立即就医。", "rejected": "再等等。", "margin": 0.5},
        {"prompt": [{"role": "user", "content": "Fever?"}], "chosen": "Rest.", "rejected": "Run.", "extra": 1},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = told("import", file, "--format", "preferences", "--workspace", workspace)
    assert (found["preferences"], found["scenarios"], found["responses"]) == (2, 2, 4)
    out = tmp_path / "out.jsonl"
    told("export", "--format", "preferences", "--plain", "--out", out, "--workspace", workspace)
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(row["prompt"], row["chosen"], row.get("margin")) for row in lines] == [
        ("胸痛怎么办？", "立即就医。", 0.5),
        ("Fever?", "Rest.", None),
    ]
    assert told("import", out, "--format", "preferences", "--workspace", workspace)["new_records"] == 0
    tasks = tmp_path / "pairs.json"
    told("export", "--format", tool, "--tasks", "pairs", "--out", tasks, "--workspace", workspace)
    rows = json.loads(tasks.read_text(encoding="utf-8"))
    result = [{"from_name": "better", "to_name": "left,right", "type": "pairwise", "value": {"selected": "left"}}]
    for row in rows:
        row |= (
            {"annotations": [{"completed_by": 4, "result": result}]}
            if tool == "label-studio"
            else {"responses": {"better": [{"value": "left", "user_id": "4"}]}}
        )
    tasks.write_text(json.dumps(rows), encoding="utf-8")
    assert told("import", tasks, "--format", tool, "--workspace", workspace)["preferences"] == 2
    with Workspace(workspace, is_writer=False) as opened:
        said = [one for one in opened.store.all(Preference) if getattr(one.made, "person", "") == "annotator-4"]
        texts = {one.id: one.text for one in opened.store.all(Response)}
        assert not opened.store.verify()
    lefts = [row["data"]["left"] if tool == "label-studio" else row["fields"]["left"] for row in rows]
    assert [texts[one.chosen] for one in said] == lefts
    changed = tmp_path / "moved.jsonl"
    changed.write_text(file.read_text(encoding="utf-8").replace("Run", "Walk"), encoding="utf-8")
    third = tmp_path / "third"
    told("import", changed, "--format", "preferences", "--workspace", third)
    refused(InputError, "not in the workspace", "import", tasks, "--format", tool, "--workspace", third)


@pytest.mark.parametrize("form", ["healthbench", "preferences", "label-studio", "argilla"])
def test_a_broken_line_names_its_place_and_stores_nothing(workspace, form):
    before = state(workspace)
    file = workspace.parent / "broken.jsonl"
    good = json.dumps(ROWS[0] | {"chosen": "a", "rejected": "b", "data": {"rubric": "r", "number": 1}, "metadata": {}})
    file.write_text(f"{good}\n{{\n", encoding="utf-8")
    said = refused(InputError, "", "import", file, "--format", form, "--workspace", workspace)
    assert f"{file}:2" in said and state(workspace) == before


def test_options_that_do_not_go_together_are_refused(workspace):
    out = workspace.parent / "x.json"
    asked = ("export", "--out", out, "--workspace", workspace, "--format")
    refused(SettingError, "means nothing", *asked, "healthbench", "--plain")
    refused(SettingError, "means nothing", *asked, "healthbench", "--tasks", "pairs")
    refused(InputError, "no such preferences", *asked, "preferences")
    file = workspace.parent / "icu.jsonl"
    refused(
        SettingError, "too little", "import", file, "--format", "healthbench", "--person", "K", "--workspace", workspace
    )
    assert not out.exists()
