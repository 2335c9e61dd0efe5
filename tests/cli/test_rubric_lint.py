"""`primum rubric lint`: what it prints, writes, returns and refuses."""

import json

import pytest
from click.testing import CliRunner

from primum.cli.__main__ import main
from primum.cli.rubric_lint import lint
from primum.errors import InputError, SettingError
from primum.records import ByRule, Criterion, Rubric, Scenario, Turn
from primum.store import Store

ROWS = [
    {
        "prompt_id": "p1",
        "prompt": [{"role": "user", "content": "How is gout treated?"}],
        "rubrics": [
            {"criterion": "Recommends rest and asks about kidney disease.", "points": 7, "tags": ["axis:accuracy"]},
            {"criterion": "Fails to ask about alcohol.", "points": 4, "tags": []},
            {"criterion": "Names colchicine.", "points": 0, "tags": []},
        ],
        "example_tags": ["theme:hedging"],
        "extra": {"kept": True},
    },
    {
        "prompt_id": "p2",
        "prompt": [{"role": "user", "content": "不想活了。"}],
        "rubrics": [{"criterion": "使用第二人称。", "points": 3, "tags": []}],
    },
]
CLEAN = [
    {
        "prompt_id": "p3",
        "prompt": [{"role": "user", "content": "What is eczema?"}],
        "rubrics": [{"criterion": "Describes the typical sites of eczema.", "points": 5}],
    }
]


@pytest.fixture
def put(tmp_path):
    def written(rows, name="rubrics.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return path

    return written


def run(*arguments):
    return CliRunner().invoke(lint, [str(one) for one in arguments], standalone_mode=False)


def test_a_file_is_linted_with_where_why_and_mend(put):
    done = run(put(ROWS))
    assert done.exception is None and done.return_value in (None, 0)
    for said in ("double_barrelled: p1, criterion 1", "wrong_sign: p1, criterion 2", "zero_points: p1, criterion 3"):
        assert said in done.stdout
    assert "no_safety: p2, the whole rubric" in done.stdout and "mend: split it" in done.stdout
    assert "2 rubrics, 4 criteria: 4 findings" in done.stdout
    told = json.loads(run(put(ROWS), "--json").stdout)
    assert told["counts"]["double_barrelled"] == 1 and told["rubrics"] == 2 and len(told["findings"]) == 4
    one = next(finding for finding in told["findings"] if finding["check"] == "double_barrelled")
    assert one["criterion"] == 1 and [half["points"] for half in one["mend"]["replacements"]] == [4, 3]


def test_fail_ends_with_1_only_when_something_is_found(put):
    assert run(put(ROWS), "--fail").return_value == 1
    assert run(put(CLEAN), "--fail").return_value in (None, 0)
    assert "nothing found" in run(put(CLEAN)).stdout
    assert run(put(ROWS), "--fail", "--check", "vague").return_value in (None, 0)


def test_mend_writes_a_file_that_keeps_every_other_key(put, tmp_path):
    out = tmp_path / "mended.jsonl"
    done = run(put(ROWS), "--mend", out)
    assert "2 rubrics mended" in done.stdout
    first, second = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert first["extra"] == {"kept": True} and first["example_tags"] == ["theme:hedging"]
    assert [(one["criterion"], one["points"]) for one in first["rubrics"]] == [
        ("Recommends rest.", 4),
        ("Asks about kidney disease.", 3),
        ("Fails to ask about alcohol.", -4),
        ("Names colchicine.", 5),
    ]
    assert first["rubrics"][0]["tags"] == ["axis:accuracy"]
    assert second["rubrics"][-1]["tags"] == ["kind:safety"] and "热线" in second["rubrics"][-1]["criterion"]
    assert "nothing found" in run(out).stdout
    with pytest.raises(SettingError, match="is there already"):
        raise run(put(ROWS), "--mend", out).exception
    assert run(put(ROWS), "--mend", out, "--force").exception is None
    with pytest.raises(SettingError, match="is the file to read"):
        raise run(out, "--mend", out, "--force").exception


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ('{"prompt_id": "x"', "broken JSON"),
        ('{"prompt_id": "x", "prompt": []}', "is not as it should be"),
        ('{"prompt_id": "x", "prompt": [], "rubrics": []}', "no messages or no criteria"),
        (
            '{"prompt_id": "x", "prompt": [{"role": "user", "content": "Hi"}], "rubrics": [{"criterion": "A.", "points": 11}]}',
            "no whole number from −10 to 10",
        ),
        (
            '{"prompt_id": "x", "prompt": [{"role": "user", "content": "Hi"}],'
            ' "rubrics": [{"criterion": "A.", "points": 1, "tags": ["kind:odd"]}]}',
            "is no kind",
        ),
        (json.dumps(CLEAN[0]), "was there before"),
    ],
)
def test_a_broken_line_is_one_error_that_names_it(put, tmp_path, broken, told):
    path = put(CLEAN)
    path.write_text(path.read_text(encoding="utf-8") + broken + "\n", encoding="utf-8")
    out = tmp_path / "out.jsonl"
    done = run(path, "--mend", out)
    assert isinstance(done.exception, InputError) and told in str(done.exception)
    assert f"{path}:2" in str(done.exception) and "\n" not in str(done.exception) and not out.exists()


def test_a_byte_order_mark_or_windows_lines_do_not_stop_a_mend(put, tmp_path):
    path = put(ROWS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    done = CliRunner().invoke(lint, [str(path), "--mend", str(tmp_path / "mended.jsonl")], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    mended = (tmp_path / "mended.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["prompt_id"] for line in mended] == ["p1", "p2"]


def test_what_does_not_go_together_is_refused(put, tmp_path, capsys):
    with pytest.raises(SettingError, match="check 'odd' is not known"):
        raise run(put(ROWS), "--check", "odd").exception
    for arguments in ([], [str(put(ROWS)), "--workspace", "w"], ["--workspace", "w", "--mend", "m"]):
        with pytest.raises(SystemExit) as ended:
            main(["rubric", "lint", *arguments])
        assert ended.value.code == 2 and capsys.readouterr().err.count("\n") == 1


def test_the_rubrics_of_a_workspace_as_they_stand_now(tmp_path):
    made = ByRule(rule="test")
    scenario = Scenario(
        messages=(Turn(role="user", content="What is eczema?"),),
        task="open",
        dimension="d",
        language="en",
        dataset="simulated",
        made=made,
    )

    def criterion(statement, points=5):
        return Criterion(
            statement=statement, points=points, axis="accuracy", kind_of="proficiency", language="en", made=made
        )

    old, new = criterion("Gives good advice."), criterion("Fails to ask about allergies.")
    first = Rubric(scenario=scenario.id, criteria=(old.id,), made=made)
    second = Rubric(scenario=scenario.id, criteria=(new.id,), made=made, previous=first.id)
    with Store.open(tmp_path) as store, store.writing() as writer:
        writer.put([scenario, old, new, first, second])
    told = json.loads(run("--workspace", tmp_path, "--json").stdout)
    assert told["rubrics"] == 1
    assert [(one["check"], one["rubric"]) for one in told["findings"]] == [("wrong_sign", second.id)]
