"""`primum bench` as a person meets it: build, check, look, review, share; and what it refuses."""

import csv
import json
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from primum.starter import starter_norms


def primum(*arguments, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "primum.cli", "bench", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == code, done.stderr + done.stdout[-2000:]
    assert "Traceback" not in done.stderr
    return done


def told(*arguments, code=0):
    return json.loads(primum(*arguments, "--json", code=code).stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A corpus with two documents, in Chinese and English."""
    folder = tmp_path_factory.mktemp("bench") / "norms"
    for name in ("zh/practice.md", "zh/consent.md", "en/ama.md", "en/research.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = (starter_norms() / name).read_text(encoding="utf-8")
        (folder / name).write_text(
            text.replace("language:", "effective_from: 2020-01-01\nlanguage:", 1), encoding="utf-8"
        )
    return folder


@pytest.fixture(scope="module")
def workspace(folder, tmp_path_factory):
    workspace = tmp_path_factory.mktemp("bench") / "workspace"
    built = told("build", "--corpus", folder, "--items", 60, "--name", "small", "--workspace", workspace)
    assert built["is_new"] and 30 <= built["items"] <= 60 and set(built["by_language"]) == {"zh", "en"}
    assert sum(row["items"] for row in built["by_dimension"]) == built["items"] == sum(built["by_split"].values())
    return workspace


@pytest.fixture(scope="module")
def rows(workspace, tmp_path_factory):
    out = tmp_path_factory.mktemp("rows") / "all.jsonl"
    primum("export", "--format", "jsonl", "--out", out, "--workspace", workspace)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_building_again_changes_nothing_and_says_so(folder, workspace):
    before = (workspace / "primum.db").stat().st_mtime_ns
    again = told("build", "--corpus", folder, "--items", 60, "--name", "small", "--workspace", workspace)
    assert not again["is_new"] and (workspace / "primum.db").stat().st_mtime_ns == before
    shown = primum("build", "--corpus", folder, "--items", 60, "--name", "small", "--workspace", workspace).stdout
    assert "nothing was changed" in shown and "Items by dimension" in shown


def test_other_settings_or_another_corpus_under_the_same_name_are_refused_and_nothing_is_kept(
    folder, workspace, tmp_path
):
    listed = told("list", "--workspace", workspace)
    asked = ("build", "--corpus", folder, "--name", "small", "--workspace", workspace)
    assert "--name of its own" in primum(*asked, "--items", 40, code=2).stderr
    assert (
        "--name of its own"
        in primum(*asked, "--items", 60, "--set", "split.test=0.3", "--set", "split.train=0.55", code=2).stderr
    )
    other = tmp_path / "norms"
    other.mkdir()
    (other / "a.md").write_bytes((folder / "en" / "ama.md").read_bytes() + b"\n\nA doctor must wash both hands.\n")
    asked = ("build", "--corpus", other, "--items", 60, "--name", "small", "--workspace", workspace)
    assert "primum bench refresh" in primum(*asked, code=2).stderr
    assert told("list", "--workspace", workspace) == listed
    done = subprocess.run(
        [sys.executable, "-m", "primum.cli", "corpus", "editions", "--json", "--workspace", str(workspace)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(json.loads(done.stdout)) == 1


def test_a_corpus_that_a_refresh_brought_is_not_built_again_under_the_same_name(folder, workspace, tmp_path):
    place, newer = tmp_path / "workspace", tmp_path / "norms-newer"
    shutil.copytree(workspace, place)
    shutil.copytree(folder, newer)
    text = (newer / "en" / "ama.md").read_text(encoding="utf-8")
    (newer / "en" / "ama.md").write_text(f"{text}\n\nA doctor must wash both hands.\n", encoding="utf-8")
    primum("refresh", "--corpus", newer, "--name", "small", "--workspace", place)
    listed = told("list", "--workspace", place)
    assert [row["version"] for row in listed if row["name"] == "small"] == [1, 2]
    asked = ("build", "--corpus", newer, "--items", 60, "--name", "small", "--workspace", place)
    refused = primum(*asked, code=2).stderr
    assert "(version 2) rests on this corpus already, brought to it by a refresh" in refused
    assert told("list", "--workspace", place) == listed
    again = told("build", "--corpus", folder, "--items", 60, "--name", "small", "--workspace", place)
    assert not again["is_new"] and again["version"] == 1


def test_norms_that_give_no_item_are_refused_with_the_reason(tmp_path):
    (tmp_path / "norms").mkdir()
    (tmp_path / "norms" / "a.md").write_text(
        "---\nauthority: code\nlanguage: en\ntitle: Sky code\n---\nArticle 1 A pilot must not fly a kite at night.\n",
        "utf-8",
    )
    refused = primum("build", "--corpus", tmp_path / "norms", "--workspace", tmp_path / "w", code=2).stderr
    assert "give no item: it falls under no dimension (1)" in refused


@pytest.mark.parametrize(
    "wrong",
    [
        ("--set", "items.nonsense=1"),
        ("--items", 0),
        ("--name", "a\nb"),
        ("--set", "items.dilemma=2"),
        ("--set", "lint.at=soon"),
        ("--taxonomy", "nowhere.toml"),
    ],
    ids=str,
)
def test_a_wrong_setting_leaves_no_benchmark(folder, tmp_path, wrong):
    refused = primum("build", "--corpus", folder, *wrong, "--workspace", tmp_path / "w", code=2)
    assert refused.stderr.count("\n") == 1 and "/tmp" not in refused.stderr.replace(str(tmp_path), "")
    assert not (tmp_path / "w").exists() or told("list", "--workspace", tmp_path / "w") == []


def test_a_recipe_gives_the_settings_and_an_option_goes_before_it(folder, tmp_path):
    recipe = tmp_path / "benchmark.toml"
    recipe.write_text('name = "told"\n[items]\nitems = 500\nlanguages = ["zh"]\n', encoding="utf-8")
    built = told("build", "--corpus", folder, "--recipe", recipe, "--items", 12, "--workspace", tmp_path / "w")
    assert built["name"] == "told" and built["items"] <= 12 and set(built["by_language"]) == {"zh"}


def test_lint_tells_every_check_and_its_exit_code_says_whether_it_is_clean(workspace):
    from primum.bench.lint import CHECKS

    done = subprocess.run(
        [sys.executable, "-m", "primum.cli", "bench", "lint", "--json", "--workspace", str(workspace)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)
    assert set(found["checks"]) == set(CHECKS)
    assert done.returncode == (0 if found["is_clean"] else 1) and found["is_clean"] == (not found["findings"])
    item_checks = {"grounds", "quote", "article", "key", "reasons", "parts", "classes", "numbers", "ids", "splits"}
    assert not item_checks & {finding["check"] for finding in found["findings"]}


def test_lint_on_a_day_before_the_norms_held_finds_it(workspace):
    early = told("lint", "--at", "1901-01-01", "--workspace", workspace, code=1)
    assert "validity" in {finding["check"] for finding in early["findings"]}
    assert "is not a date" in primum("lint", "--at", "yesterday", "--workspace", workspace, code=2).stderr


def test_show_tells_why_an_item_is_right(workspace, rows):
    choice = next(row for row in rows if row["task"] == "single_choice")
    shown = told("show", choice["item"], "--workspace", workspace)
    (start, end), *_ = shown["norms_shown"][0]["quoted"]
    assert shown["norms_shown"][0]["text"][start:end] in {ground["quote"] for ground in shown["grounds"]}
    text = primum("show", choice["item"][:9], "--workspace", workspace).stdout
    assert f"⟦{choice['grounds'][0]['quote'][:20]}" in text and f"✓ {choice['key'][0]}. " in text
    assert all(option["reason"] in text for option in choice["options"])
    assert "small version 1" in text and "drafted" in text
    assert primum("show", choice["record"], "--workspace", workspace).stdout.startswith(choice["item"])
    assert "no item" in primum("show", "zh-ffffffffffff", "--workspace", workspace, code=2).stderr
    assert "no item" in primum("show", "zh-", "--workspace", workspace, code=2).stderr


def test_only_a_named_person_reviews_and_it_goes_into_the_ledger(workspace, rows):
    item = rows[0]["item"]
    asked = ("review", item, "--workspace", workspace)
    for wrong in (("--verified",), ("--verified", "--person", "p1"), ("--person", "p1", "--role", "clinician")):
        primum(*asked, *wrong, code=2)
    primum(*asked, "--verified", "--person", " ", "--role", "clinician", code=2)
    assert told("show", item, "--workspace", workspace)["state"] == "drafted"
    by = ("--person", "p1", "--role", "clinician")
    assert told(*asked, "--verified", *by, "--note", "clear")["state"] == "verified"
    shown = told("show", item, "--workspace", workspace)
    assert shown["state"] == "verified" and shown["history"][-1]["note"] == "clear"
    told(*asked, "--rejected", *by)
    assert told("show", item, "--workspace", workspace)["state"] == "rejected"
    told("review", rows[1]["item"], "--verified", *by, "--workspace", workspace)
    done = subprocess.run(
        [sys.executable, "-m", "primum.cli", "ledger", "show", "--workspace", str(workspace)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("bench review") >= 3 or done.stdout.count("review") >= 3
    traced = subprocess.run(
        [sys.executable, "-m", "primum.cli", "trace", rows[0]["record"], "--workspace", str(workspace)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert all(word in traced for word in ("norm-", "source-", "rule-", "review-", "benchmark-"))


def test_exports_hold_every_item_and_are_not_overwritten(workspace, rows, tmp_path):
    names = [row["item"] for row in rows]
    primum("export", "--format", "csv", "--out", tmp_path / "a.csv", "--workspace", workspace)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["item"] for row in table] == names
    assert {row["canary"] for row in table} == {row["canary"] for row in rows} and "canary" in table[0]["canary"]
    before = (tmp_path / "a.csv").read_bytes()
    refused = primum("export", "--format", "csv", "--out", tmp_path / "a.csv", "--workspace", workspace, code=2)
    assert "--force" in refused.stderr and (tmp_path / "a.csv").read_bytes() == before
    sizes = Counter(row["split"] for row in rows)
    least = min(sizes, key=lambda name: (sizes[name], name))  # so small a set may leave a split empty
    part = ("export", "--format", "jsonl", "--out", tmp_path / "t.jsonl", "--split", least, "--workspace", workspace)
    assert told(*part)["items"] == sizes[least]


def test_what_the_suites_score_is_what_was_exported(workspace, rows, tmp_path):
    """The MedES rows are read by the suite itself, with rulings that are all in order; the choice rows with their own key."""
    by_task = {"open": "medes", "choice": "choice"}
    for task, suite in by_task.items():
        out = tmp_path / f"{task}.jsonl"
        primum("export", "--format", "medes", "--task", task, "--out", out, "--workspace", workspace)
        items = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        assert len(items) == sum((row["task"] == "open") == (task == "open") for row in rows)
        verdicts = tmp_path / f"{task}-verdicts.jsonl"
        perfect = {"R1": 0, "R2": 0, "Q1": 1, "Q2": 1, "Q3": 1, "Q4": 1}
        said = [{"id": one["id"]} | ({"answer": one["key"]} if task == "choice" else perfect) for one in items]
        verdicts.write_text("".join(f"{json.dumps(one)}\n" for one in said), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "primum.cli", "eval", "score", suite, str(out), str(verdicts), "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["score"]["value"] == 1.0


def test_verified_only_is_what_people_verified(workspace, tmp_path):
    out = tmp_path / "v.jsonl"
    asked = ("export", "--format", "jsonl", "--verified-only", "--out", out, "--workspace", workspace)
    count = told(*asked)["items"]
    states = [json.loads(line)["state"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert count == len(states) and set(states) == {"verified"}


def test_the_card_says_what_from_which_norms_and_what_it_cannot_say(workspace, tmp_path):
    primum("card", "--out", tmp_path / "CARD.md", "--workspace", workspace)
    card = (tmp_path / "CARD.md").read_text(encoding="utf-8")
    for heading in (
        "What it is · 这是什么",
        "Norms and their dates",
        "Checks · 检查",
        "Limits · 局限",
        "Licence",
        "Canary",
    ):
        assert f"## {heading}" in card
    assert told("card", "--workspace", workspace) == {"file": None, "card": card}
    assert "drafted" in card and "canary" in card and "invented" in card and '"items":60' in card
    assert "--force" in primum("card", "--out", tmp_path / "CARD.md", "--workspace", workspace, code=2).stderr


def test_plain_text_that_breaks_an_item_over_lines_is_found(workspace, rows, tmp_path):
    said = [
        [row["messages"][-1]["content"], *(one["text"] for one in row["options"])] for row in rows if row["options"]
    ]
    text = "".join(f"{line}\n" for item in said for line in ["A question.", *item])
    (tmp_path / "pages.txt").write_text(text, encoding="utf-8")
    found = told("contamination", tmp_path / "pages.txt", "--workspace", workspace, code=1)
    assert {one["item"] for one in found["overlaps"] if one["how"] == "exact"} >= {
        row["item"] for row in rows if row["options"]
    }
    assert "is a folder" in primum("contamination", tmp_path, "--workspace", workspace, code=2).stderr


def test_contamination_finds_a_leak_and_says_where_else_there_is_none(workspace, rows, tmp_path):
    clean, leaked = tmp_path / "clean.csv", tmp_path / "leaked.jsonl"
    clean.write_text("text\nA walk in the woods does no harm.\n", encoding="utf-8")
    assert told("contamination", clean, "--workspace", workspace)["is_clean"]
    item = next(row for row in rows if row["task"] == "open")
    leaked.write_text(json.dumps({"a": "x", "b": item["messages"][-1]["content"]}) + "\n", encoding="utf-8")
    found = told("contamination", leaked, "--workspace", workspace, code=1)
    assert [(one["item"], one["how"], one["row"]) for one in found["overlaps"]] == [(item["item"], "exact", 1)]
    share = found["shares"][-1]
    assert (
        share["split"] == "all"
        and share["exact"] == 1
        and share["share"]["low"] < 1 / len(rows) < share["share"]["high"]
    )
    assert told("contamination", leaked, "--field", "a", "--workspace", workspace)["is_clean"]
    assert (
        "name one of: a, b" in primum("contamination", leaked, "--field", "c", "--workspace", workspace, code=2).stderr
    )
    (tmp_path / "bad.jsonl").write_text('{"a": 1}\n{"a"\n', encoding="utf-8")
    assert "bad.jsonl:2" in primum("contamination", tmp_path / "bad.jsonl", "--workspace", workspace, code=2).stderr


def test_without_a_benchmark_every_command_says_how_to_make_one(tmp_path):
    for arguments in (("lint",), ("card",), ("export", "--format", "csv", "--out", tmp_path / "x.csv")):
        assert "not a workspace" in primum(*arguments, "--workspace", tmp_path / "none", code=2).stderr
    assert not (tmp_path / "none").exists() and not (tmp_path / "x.csv").exists()


def test_a_file_below_a_file_is_refused_in_one_line(workspace, tmp_path):
    (tmp_path / "a").write_text("x", encoding="utf-8")
    asked = ("export", "--format", "csv", "--out", tmp_path / "a" / "b.csv", "--workspace", workspace)
    refused = primum(*asked, code=2).stderr
    assert "cannot be written" in refused and ".half" not in refused and refused.count("\n") == 1
