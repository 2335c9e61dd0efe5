"""The commands as a person meets them: what they print, what they refuse, what they leave alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from primum.starter import starter_norms

NORMS = starter_norms()


def primum(*arguments, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "primum.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "workspace"
    primum("corpus", "add", NORMS, "--workspace", folder)
    return folder


def test_stats_count_and_account_for_every_character(workspace):
    found = json.loads(primum("corpus", "stats", "--json", "--workspace", workspace).stdout)
    assert found["articles"] == found["norms"] > 50 and found["sources"] >= 2
    assert found["unassigned_characters"] == 0
    assert "obligation" in primum("corpus", "stats", "--workspace", workspace).stdout


def test_list_names_every_source(workspace):
    rows = json.loads(primum("corpus", "list", "--json", "--workspace", workspace).stdout)
    assert {row["language"] for row in rows} == {"zh", "en"}
    told = primum("corpus", "list", "--workspace", workspace).stdout
    assert all(row["key"] in told for row in rows)


@pytest.mark.parametrize(("query", "language"), [("informed consent", "en"), ("患者隐私", "zh")])
def test_search_answers_in_both_languages(workspace, query, language):
    rows = json.loads(primum("corpus", "search", query, "--limit", "3", "--json", "--workspace", workspace).stdout)
    assert rows and rows[0]["score"] >= rows[-1]["score"]
    shown = json.loads(primum("corpus", "show", rows[0]["key"], "--json", "--workspace", workspace).stdout)
    assert shown["language"] == language and shown["text"] == rows[0]["text"]
    assert rows[0]["text"].split()[0] in primum("corpus", "show", rows[0]["id"], "--workspace", workspace).stdout


def test_search_without_a_hit_says_so(workspace):
    assert "No norm" in primum("corpus", "search", "zzqqxx", "--workspace", workspace).stdout


def test_adding_twice_adds_nothing_and_another_text_under_a_known_key_is_refused(workspace, tmp_path):
    again = json.loads(primum("corpus", "add", NORMS, "--json", "--workspace", workspace).stdout)
    assert again["new_records"] == 0
    victim = sorted((NORMS / "en").glob("*.md"))[0]
    changed = victim.read_text(encoding="utf-8").replace("must", "need not")
    (tmp_path / victim.name).write_text(changed, encoding="utf-8")
    refused = primum("corpus", "add", tmp_path, "--workspace", workspace, code=2).stderr
    assert "already in the workspace" in refused and refused.count("\n") == 1


def test_the_ledger_holds_and_an_edited_entry_is_found(workspace, tmp_path):
    found = json.loads(primum("ledger", "verify", "--json", "--workspace", workspace).stdout)
    assert found["verified"] and found["entries"] == 1
    assert "corpus add" in primum("ledger", "show", "--workspace", workspace).stdout
    assert "broken" in primum("ledger", "verify", "--head", "0" * 64, "--workspace", workspace, code=1).stdout


def test_the_store_goes_out_and_comes_in_again(workspace, tmp_path):
    primum("store", "export", tmp_path / "all.jsonl", "--workspace", workspace)
    primum("store", "export", tmp_path / "all.jsonl", "--workspace", workspace, code=2)
    primum("store", "import", tmp_path / "all.jsonl", "--workspace", tmp_path / "other")
    primum("store", "export", tmp_path / "again.jsonl", "--workspace", tmp_path / "other")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "all.jsonl").read_bytes()
    assert "Every id" in primum("store", "verify", "--workspace", tmp_path / "other").stdout


def test_trace_walks_from_a_source_down_to_its_norms(workspace):
    row = json.loads(primum("corpus", "search", "consent", "--json", "--workspace", workspace).stdout)[0]
    tree = json.loads(primum("trace", row["id"], "--json", "--workspace", workspace).stdout)
    assert "source-" in json.dumps(tree)
    assert "source-" in primum("trace", row["id"][:14], "--up", "--workspace", workspace).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("trace", "norm-00000000000000000000"), "norm-0000"),
        (("corpus", "show", "nothing#第一条"), "is not in the workspace"),
        (("corpus", "add", "/nowhere"), "/nowhere"),
        (("run", "/nowhere/recipe.toml"), "does not exist"),
        (("data", "add", "unheard-of", "/nowhere"), "unheard-of"),
    ],
)
def test_what_is_not_there_is_one_line_and_exit_code_2(workspace, arguments, told):
    where = () if arguments[0] == "data" else ("--workspace", workspace)
    stderr = primum(*arguments, *where, code=2).stderr
    assert told in stderr and stderr.startswith("primum: ") and stderr.count("\n") == 1


def test_reading_a_folder_that_is_no_workspace_is_refused_and_makes_nothing(tmp_path):
    primum("corpus", "stats", "--workspace", tmp_path / "none", code=2)
    assert not (tmp_path / "none").exists()


def test_debug_shows_the_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "primum.cli", "--debug", "run", str(tmp_path / "no.toml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" in done.stderr and "SettingError" in done.stderr


def test_two_writers_in_one_workspace_are_kept_apart(workspace):
    from primum.cycles.workspace import Workspace

    with Workspace(workspace, is_writer=True):
        assert "in use" in primum("corpus", "add", NORMS, "--workspace", workspace, code=2).stderr
    primum("corpus", "add", NORMS, "--workspace", workspace)


def test_data_list_names_licences_and_what_is_here(tmp_path):
    rows = json.loads(primum("data", "list", "--root", tmp_path, "--json").stdout)
    names = {row["name"] for row in rows}
    assert {"medsafetybench", "xstest", "medquad", "huatuo", "healthbench", "cares"} <= names
    assert all(row["licence"] and row["loader"] for row in rows)
    assert "MIT" in primum("data", "list", "--root", tmp_path).stdout


def test_every_package_file_of_a_page_is_installed():
    package = Path(__import__("primum").__file__).parent
    assert list((package / "starter" / "norms" / "zh").glob("*.md"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("corpus", "search", "x", "--limit", "0"), "--limit"),
        (("corpus", "unheard-of"), "unheard-of"),
        (("trace",), "RECORD"),
        (("store", "import", "nothing.jsonl", "--workspace", "never-made"), "does not exist"),
    ],
)
def test_a_wrong_call_is_one_line_too(arguments, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stderr = primum(*arguments, code=2).stderr
    assert told in stderr and stderr.startswith("primum: ") and stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_documents_that_break_their_parsers_are_one_line(tmp_path):
    for name, content in (
        ("a.html", b"<![foo[ <p>T Law</p> <p>Article 1. x must not lie</p>"),
        (b"b\xff.md", b"# T Law\n\nArticle 1. No.\n"),
    ):
        folder = tmp_path / str(len(content))
        folder.mkdir()
        with open(bytes(folder) + b"/" + (name if isinstance(name, bytes) else name.encode()), "wb") as file:  # noqa: PTH123
            file.write(content)
        stderr = primum("corpus", "add", folder, "--workspace", tmp_path / "workspace", code=2).stderr
        assert stderr.startswith("primum: ") and stderr.count("\n") == 1
    assert not (tmp_path / "workspace").exists()


def test_half_a_character_in_an_argument_is_one_line(capsys):
    from primum.cli.__main__ import main

    with pytest.raises(SystemExit) as ended:
        main(["corpus", "search", "consent \udc80"])
    assert ended.value.code == 2
    assert "holds half a character" in capsys.readouterr().err
