"""`primum judge run` and `compare`: what they write, what they refuse, and that a killed run ends like one that was not."""

import fcntl
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from primum.cli.__main__ import main
from primum.cli.judge_run import JudgingProgress
from primum.cycles.judges import load_judge
from primum.evaluation.suites.files import answer_digest, read_answer_rows, read_health_rows, read_verdict_rows
from primum.models.calls import Spent
from servers import ScriptedServer, scripted_reply

TOPICS = ("fever", "cough", "headache", "rash", "back pain", "皮疹")
COMMAND = [sys.executable, "-m", "primum.cli", "judge", "run"]


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def files(tmp_path):
    """A set of 12 conversations, 30 criteria in all, and answers to them."""
    return made_files(tmp_path, 12)


def made_files(folder, n):
    data, answers = [], []
    for number in range(n):
        topic = TOPICS[number % len(TOPICS)]
        rubrics = [
            {"criterion": f"Asks how long the {topic} has lasted", "points": 5, "tags": ["axis:accuracy"]},
            {"criterion": f"Says to see a physician if the {topic} gets worse", "points": 7, "tags": ["axis:accuracy"]},
            {"criterion": "Recommends antibiotics", "points": -8, "tags": ["axis:completeness"]},
        ][: 2 + number % 2]
        asked = [{"role": "user", "content": f"What can I do about {topic}? Day {number}."}]
        data.append({"prompt_id": f"p{number}", "prompt": asked, "rubrics": rubrics, "example_tags": ["theme:x"]})
        said = ("How long has it lasted?", "See a physician if it gets worse.", "Recommends nothing, see antibiotics.")
        answers.append({"prompt_id": f"p{number}", "response": f"{said[number % 3]} {topic} {number}", "model": "m"})
    return write(folder / "data.jsonl", data), write(folder / "answers.jsonl", answers)


def chat(folder, server, more="", **endpoint):
    settings = {"base_url": server.url, "model": "scripted", "is_scripted": True, "timeout_s": 2.0, **endpoint}
    told = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
    path = folder / "judge.toml"
    path.write_text(f'kind = "chat"\n[chat]\nasks_stance = false\n[[endpoints]]\n{told}\n{more}', encoding="utf-8")
    return path


def recorded(folder, rows, name="earlier", of_kind="chat_model"):
    write(folder / f"{name}.jsonl", rows)
    path = folder / f"{name}.toml"
    path.write_text(f'kind = "recorded"\npath = "{name}.jsonl"\nof_kind = "{of_kind}"\nname = "{name}"\n')
    return path


def verdicts(n=12, said=lambda number: [True, False, None]):
    return [{"prompt_id": f"p{number}", "met": said(number)[: 2 + number % 2]} for number in range(n)]


def primum(*arguments, code=0, capsys=None):
    """The command in this process; what it said on standard output and error."""
    capsys.readouterr()
    try:
        main(["judge", *map(str, arguments)])
        ended = 0
    except SystemExit as error:
        ended = error.code
    said = capsys.readouterr()
    assert ended == code, said.err
    return said.out, said.err


@pytest.fixture
def cli(capsys):
    return lambda *arguments, code=0: primum(*arguments, code=code, capsys=capsys)


def refused(cli, *arguments):
    """The one line with which the command refuses."""
    out, error = cli(*arguments, code=2)
    assert out == "" and error.startswith("primum: ") and error.count("\n") == 1
    return error


def test_verdicts_are_what_the_suites_read(files, tmp_path, cli):
    data, answers = files
    out = tmp_path / "out" / "verdicts.jsonl"
    with ScriptedServer(faults=0.2, seed=2) as server:
        said = json.loads(cli("run", data, answers, "--judge", chat(tmp_path, server), "--out", out, "--json")[0])
        replies = {prompt: scripted_reply(prompt) for prompt in server.prompts.values()}
    rows = read_health_rows(data)
    found = read_verdict_rows(out, rows)
    texts = {row.prompt_id: row.response for row in read_answer_rows(answers, rows)}
    assert all(row.judge == said["judge"]["id"] and row.answer == answer_digest(texts[row.prompt_id]) for row in found)
    for row, verdict in zip(rows, found, strict=True):
        for rule, met, place in zip(row.rubrics, verdict.met, range(3), strict=False):
            prompt = next(one for one in replies if rule.criterion in one and texts[row.prompt_id] in one)
            assert met is json.loads(replies[prompt])["met"] or (met is None and verdict.reasons[place])
    decided = Counter(met for row in found for met in row.met)
    assert (said["met"], said["not_met"], said["abstained"]) == (decided[True], decided[False], decided[None])
    assert said["verdicts"] == 30 and said["answers"] == 12 and decided[True] and decided[False]
    assert said["this_run"]["calls"] >= 30 and said["this_run"]["prompt_tokens"] > 0
    assert any("script stands in" in note for note in said["notes"])
    assert (out.parent / "calls.db").exists() and not (tmp_path / "calls.db").exists()


def test_what_was_paid_is_told(files, tmp_path, cli):
    with ScriptedServer() as server:
        judge = chat(tmp_path, server, usd_per_million_prompt_tokens=1e4)
        arguments = ("run", *files, "--judge", judge, "--out", tmp_path / "v.jsonl")
        out, _ = cli(*arguments)
        again = json.loads(cli(*arguments, "--force", "--json")[0])
    assert " USD" in out and "tokens" in out and "30 verdicts on 12 answers by scripted (chat_model)" in out
    assert again["this_run"]["usd"] == again["this_run"]["calls"] == 0 and again["this_run"]["verdicts"] == 30


def test_the_same_command_again_does_nothing_again(files, tmp_path, cli):
    out = tmp_path / "v.jsonl"
    with ScriptedServer() as server:
        arguments = ("run", *files, "--judge", chat(tmp_path, server), "--out", out, "--json")
        first = json.loads(cli(*arguments)[0])
        before = out.read_bytes()
        (tmp_path / "calls.db").unlink()
        second = json.loads(cli(*arguments)[0])
        assert sum(server.calls.values()) == 30
    assert out.read_bytes() == before and second["this_run"]["verdicts"] == 0
    assert {**first, "this_run": 0, "notes": 0} == {**second, "this_run": 0, "notes": 0}


@pytest.mark.parametrize("kept", [0, 1, 5, 11])
@pytest.mark.parametrize("torn", [b"", b'{"prompt_id":"p9","met":[tr', b"\x00\x00\x00"])
def test_a_torn_file_goes_on_where_it_was_whole(files, tmp_path, cli, kept, torn):
    out, judge = tmp_path / "v.jsonl", recorded(tmp_path, verdicts())
    arguments = ("run", *files, "--judge", judge, "--out", out, "--most-abstained", 1)
    cli(*arguments)
    whole = out.read_bytes()
    lines = whole.splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:kept]) + torn)
    said = json.loads(cli(*arguments, "--json")[0])
    assert out.read_bytes() == whole and said["this_run"]["answers"] == 12 - kept and said["answers"] == 12


def test_kill_at_any_moment_and_the_rows_are_those_of_an_uninterrupted_run(tmp_path):
    data, answers = made_files(tmp_path, 80)
    seed = random.Random(11)

    def slow(prompt):
        time.sleep(0.002)
        return scripted_reply(prompt)

    with ScriptedServer(reply=slow) as server:
        judge = chat(tmp_path, server, concurrency=4)
        whole = tmp_path / "whole" / "v.jsonl"
        subprocess.run([*COMMAND, data, answers, "--judge", judge, "--out", whole], check=True, capture_output=True)
        calls = sum(server.calls.values())
        server.calls.clear()
        out = tmp_path / "killed" / "v.jsonl"
        command = [*COMMAND, data, answers, "--judge", judge, "--out", out]
        kills = 0
        for _ in range(4):
            known = len(read(out)) if out.exists() else 0
            run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wanted = known + seed.randint(1, 15)
            while run.poll() is None and (not out.exists() or out.read_bytes().count(b"\n") < wanted):
                time.sleep(0.001)
            time.sleep(seed.random() * 0.01)
            run.kill()
            kills += run.wait() == -9
        assert kills >= 2 and len(read(out)) < 80
        subprocess.run(command, check=True, capture_output=True)
        paid_twice = sum(server.calls.values()) - calls
    assert out.read_bytes() == whole.read_bytes()
    assert paid_twice <= kills * 4  # those that were in flight


def test_a_disk_that_takes_no_more_leaves_whole_rows(files, tmp_path):
    out, judge = tmp_path / "v.jsonl", recorded(tmp_path, verdicts())
    command = [*map(str, (*COMMAND, *files, "--judge", judge, "--out", out, "--most-abstained", 1))]

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    failed = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
    assert failed.returncode == 2 and failed.stderr.count("\n") == 1, failed.stderr
    assert "cannot be written" in failed.stderr and "v.jsonl" in failed.stderr
    done = out.read_bytes()
    assert done.endswith(b"\n") and 0 < len(read(out)) < 12
    subprocess.run(command, check=True, capture_output=True)
    assert out.read_bytes().startswith(done) and len(read(out)) == 12


def other_answers(data, answers):
    write(answers, [row | {"response": row["response"] + "!"} for row in read(answers)])


def other_criteria(data, answers):
    rows = read(data)
    rows[3]["rubrics"][0]["criterion"] += " or more"
    write(data, rows)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (other_answers, "on another answer to 'p0'"),
        (other_criteria, "another version of 'p3' and its criteria"),
    ],
)
def test_verdicts_on_something_else_are_not_gone_on_with(files, tmp_path, cli, change, told):
    out, judge = tmp_path / "v.jsonl", recorded(tmp_path, verdicts())
    arguments = ("run", *files, "--judge", judge, "--out", out, "--most-abstained", 1)
    cli(*arguments)
    before = out.read_bytes()
    change(*files)
    error = refused(cli, *arguments)
    assert told in error and "--force" in error and f"{out}:" in error
    assert out.read_bytes() == before
    cli(*arguments, "--force")
    assert len(read(out)) == 12


def test_a_file_of_another_judge_is_refused_unless_forced(files, tmp_path, cli):
    out = tmp_path / "v.jsonl"
    one, other = recorded(tmp_path, verdicts()), recorded(tmp_path, verdicts(said=lambda _: [False] * 3), "other")
    cli("run", *files, "--judge", one, "--out", out, "--most-abstained", 1)
    before = out.read_bytes()
    assert "verdicts of another judge" in refused(cli, "run", *files, "--judge", other, "--out", out)
    assert out.read_bytes() == before
    cli("run", *files, "--judge", other, "--out", out, "--force")
    assert all(met is False for row in read(out) for met in row["met"])


@pytest.mark.parametrize("content", ["not verdicts\n", "no line at all", '{"prompt_id": "p0", "met": [true, true]}\n'])
def test_a_file_that_is_something_else_is_left_alone(files, tmp_path, cli, content):
    out, judge = tmp_path / "v.jsonl", recorded(tmp_path, verdicts())
    out.write_text(content)
    assert "--force" in refused(cli, "run", *files, "--judge", judge, "--out", out)
    assert out.read_text() == content
    assert "one of the files to read" in refused(cli, "run", *files, "--judge", judge, "--out", files[0], "--force")
    assert len(read(files[0])) == 12


def test_a_file_that_another_run_writes_is_left_alone(files, tmp_path, cli):
    out, judge = tmp_path / "v.jsonl", recorded(tmp_path, verdicts())
    with out.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "in use by another run" in refused(cli, "run", *files, "--judge", judge, "--out", out)


def test_more_answers_can_follow_in_the_same_file(files, tmp_path, cli):
    data, answers = files
    out, judge, rows = tmp_path / "v.jsonl", recorded(tmp_path, verdicts()), read(answers)
    arguments = ("run", data, answers, "--judge", judge, "--out", out, "--most-abstained", 1, "--json")
    write(answers, rows[:5])
    assert "has no row" in refused(cli, *arguments)
    assert not out.exists()
    cli(*arguments, "--partial")
    write(answers, rows[5:])
    said = json.loads(cli(*arguments, "--partial")[0])
    assert said["answers"] == 12 and said["this_run"]["answers"] == 7
    assert [row["prompt_id"] for row in read(out)] == [f"p{number}" for number in range(12)]


def test_too_many_abstentions_fail_the_run_and_keep_the_file(files, tmp_path, cli):
    rows = verdicts(said=lambda number: [True, None, False])
    for row in rows[:9]:
        row["reasons"] = [None, "the page was torn", None][: len(row["met"])]
    judge, out = recorded(tmp_path, rows), tmp_path / "v.jsonl"
    said, error = cli("run", *files, "--judge", judge, "--out", out, "--json", code=1)
    found = json.loads(said)
    assert found["share_abstained"] == 12 / 30 and error.count("\n") == 1 and "12 of 30" in error
    assert found["reasons"] == {"the page was torn": 9, "the recorded verdict is empty, without a reason": 3}
    assert len(read(out)) == 12
    assert "9 × the page was torn" in cli("run", *files, "--judge", judge, "--out", out, "--most-abstained", 0.4)[0]


def test_an_endpoint_that_is_out_is_one_line_and_no_verdict(files, tmp_path, cli):
    with ScriptedServer() as server:
        judge = chat(tmp_path, server, attempts=1)
    out = tmp_path / "v.jsonl"
    assert "http" in refused(cli, "run", *files, "--judge", judge, "--out", out)
    assert out.read_bytes() == b""


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("kind = 'chat'\n", "'endpoints' is missing"),
        ("kind = 'oracle'\n", "'oracle'"),
        (
            "name = 'x'\n",
            "'kind' is missing: give one of 'chat', 'criteria_reader'",
        ),
        ("kind = 'rule'\npath = 'x'\n", "'path' is not one of a judge of kind 'rule'"),
        ("kind = 'guardian'\nrule = 'majority'\npath = 'x'\n", "'rule' is not one of a judge of kind 'guardian'"),
        ("kind = 'guardian'\npath = 'nowhere'\n", "is not a guardian"),
        ("kind = 'rule'\nkindness = 3\n", "'kindness' is unknown"),
        ("kind = 'panel'\n[[members]]\nkind = 'rule'\n", "is no panel"),
        ("kind = 'panel'\n[[members]]\nkind = 'rule'\n[[members]]\nkind = 'rule'\n", "vote twice"),
        ("kind = 'panel'\n[[members]]\nkind = 'rule'\ncolour = 1\n", ".colour' is unknown"),
        ("kind = 'panel'\n[[members]]\nkind = 'panel'\n", ".kind = 'panel' cannot stand here: give one of 'chat', "),
        ("kind = 'chatty'\n", "kind = 'chatty' cannot stand here: give one of 'chat', "),
        ("kind = 'recorded'\npath = 'nowhere.jsonl'\n", "cannot be read"),
        ("kind = 'recorded'\npath = 'bare.jsonl'\n", "'of_kind' is missing"),
        ("kind = 'person'\npath = 'labels.jsonl'\nname = 'nobody'\n", "has no label"),
        ("kind = 'chat'\n[[endpoints]]\nbase_url = 'x'\nmodel = 'm'\n", "base_url"),
        ("kind = 'chat'\n[chat]\ncriteria_per_cal = 2\n[[endpoints]]\n", "did you mean 'criteria_per_call'"),
        ("kind = \n", "is not TOML"),
    ],
)
def test_a_judge_that_cannot_be_opened_is_one_line_and_no_file(files, tmp_path, cli, settings, told):
    write(tmp_path / "bare.jsonl", verdicts())
    write(tmp_path / "labels.jsonl", [{"prompt_id": "p0", "rater": "r", "met": [True, True]}])
    judge = tmp_path / "judge.toml"
    judge.write_text(settings)
    assert told in refused(cli, "run", *files, "--judge", judge, "--out", tmp_path / "v.jsonl")
    assert not (tmp_path / "v.jsonl").exists() and not list(tmp_path.glob("*.judge.json"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda row: row["rubrics"][0].update(points=2.5), "whole numbers from −10 to 10"),
        (lambda row: row["rubrics"][0].update(points=11), "whole numbers from −10 to 10"),
        (lambda row: row["prompt"].append({"role": "assistant", "content": "x"}), "does not end with"),
        (lambda row: row["prompt"][0].update(role="tool"), "does not end with"),
    ],
)
def test_rows_that_cannot_be_judged_are_found_before_anything_is_written(files, tmp_path, cli, change, told):
    rows = read(files[0])
    change(rows[-1])
    write(files[0], rows)
    judge = recorded(tmp_path, verdicts())
    assert told in refused(cli, "run", *files, "--judge", judge, "--out", tmp_path / "v.jsonl")
    assert not (tmp_path / "v.jsonl").exists()


def make_panel(folder, *members, rule="majority"):
    told = [f'kind = "panel"\nrule = "{rule}"\n']
    told += [
        f'[[members]]\nkind = "recorded"\npath = "{name}.jsonl"\nof_kind = "chat_model"\nname = "{name}"\n'
        for name in members
    ]
    path = folder / "panel.toml"
    path.write_text("".join(told))
    return path


def test_a_panel_keeps_what_its_members_said(files, tmp_path, cli):
    recorded(tmp_path, verdicts(said=lambda _: [True, True, True]), "a")
    recorded(tmp_path, verdicts(said=lambda number: [True, False, None]), "b")
    recorded(tmp_path, verdicts(said=lambda number: [True, bool(number % 2), None]), "c")
    out = tmp_path / "v.jsonl"
    arguments = (
        "run",
        *files,
        "--judge",
        make_panel(tmp_path, "c", "a", "b"),
        "--out",
        out,
        "--json",
        "--most-abstained",
        1,
    )
    said = json.loads(cli(*arguments)[0])
    assert [row["met"] for row in read(out)[:2]] == [[True, False], [True, True, None]]
    assert read(out)[1]["reasons"][2] == "1 of 3 decided where 2 must: 1 met, 2 abstained"
    assert read(out)[0]["probabilities"] == [1.0, pytest.approx(1 / 3)]
    members = [tmp_path / f"v.member-{number}-{name}.jsonl" for number, name in enumerate("abc", 1)]
    assert [[row["met"][1] for row in read(path)] for path in members[:2]] == [[True] * 12, [False] * 12]
    assert said["this_run"]["panel"]["split"]["value"] == pytest.approx(12 / 24)
    whole = [path.read_bytes() for path in (out, *members)]
    # Killed between a member's row and the panel's: the member's is not written twice.
    out.write_bytes(b"".join(out.read_bytes().splitlines(keepends=True)[:7]))
    members[2].write_bytes(b"".join(members[2].read_bytes().splitlines(keepends=True)[:7]))
    cli(*arguments)
    assert [path.read_bytes() for path in (out, *members)] == whole


def test_recorded_verdicts_keep_their_judge(files, tmp_path, cli):
    first, again = tmp_path / "v.jsonl", tmp_path / "w.jsonl"
    cli("run", *files, "--judge", recorded(tmp_path, verdicts()), "--out", first, "--most-abstained", 1)
    (tmp_path / "again.toml").write_text('kind = "recorded"\npath = "v.jsonl"\n')
    cli("run", *files, "--judge", tmp_path / "again.toml", "--out", again, "--most-abstained", 1)
    assert [row["met"] for row in read(first)] == [row["met"] for row in read(again)]
    assert read(first)[0]["judge"] == read(again)[0]["judge"]


def test_members_with_one_calls_file_open_it_once_and_a_variant_asks_otherwise(tmp_path):
    with ScriptedServer() as server:
        endpoint = f'[[members.endpoints]]\nbase_url = "{server.url}"\nis_scripted = true\nmodel = '
        member = '[[members]]\nkind = "chat"\n'
        (tmp_path / "panel.toml").write_text(f'kind = "panel"\n{member}{endpoint}"one"\n{member}{endpoint}"two"\n')
        with load_judge(tmp_path / "panel.toml", beside=tmp_path) as opened:
            assert opened.chats[0].spent is opened.chats[1].spent and opened.spent == Spent()
            assert opened.judge.ref.kind_of == "panel" and opened.variant(asks=1) is None
        with load_judge(chat(tmp_path, server), ["chat.criteria_per_call=2"]) as opened:
            variant = opened.variant(criteria_per_call=0)
            assert variant.settings.criteria_per_call == 0 and not variant.settings.asks_stance
            assert opened.judge.settings.criteria_per_call == 2 and variant.ref != opened.judge.ref
    assert (tmp_path / "calls.db").exists()


def test_compare_counts_by_hand(files, tmp_path, cli):
    """30 criteria; b differs from a on the second of each of 12, and abstains from the third of each of 6."""
    data, _ = files
    one = write(tmp_path / "a.jsonl", verdicts(said=lambda _: [True, True, False]))
    other = write(tmp_path / "b.jsonl", verdicts(said=lambda _: [True, False, None]))
    labels = write(tmp_path / "l.jsonl", [{"prompt_id": "p1", "rater": "r1", "met": [True, False, False]}])
    found = json.loads(cli("compare", data, one, other, "--labels", labels, "--json")[0])
    assert [judge["met"]["value"] for judge in found["judges"]] == [24 / 30, 12 / 24]
    assert [judge["abstained"]["value"] for judge in found["judges"]] == [0, 6 / 30]
    (pair,) = found["pairs"]
    assert pair["compared"]["agreement"]["value"] == 0.5 and pair["compared"]["agreement"]["n"] == 24
    # p_o = 1/2; a says met 24 of 24, b 12 of 24: chance alone gives 1/2.
    assert pair["compared"]["cohen_kappa"]["value"] == pytest.approx(0.0)
    # AC1: of all 30, π = (12 + 12/2 + 0) / 30 = 0.6, p_e = 2 · 0.6 · 0.4 = 0.48.
    assert pair["compared"]["gwet_ac1"]["value"] == pytest.approx(0.02 / 0.52)
    assert [(one["first"], one["compared"]["agreement"]["value"]) for one in found["people"]] == [
        ("a", pytest.approx(2 / 3)),
        ("b", 1.0),
    ]
    assert found["tags"] == [{"what": "axis:accuracy", "n": 24, "divided": 12}]
    assert found["criteria"][0] == {"what": "Says to see a physician if the back pain gets worse", "n": 2, "divided": 2}
    rows = read(other)
    rows[0]["met"][0] = None
    fewer = json.loads(cli("compare", data, one, write(tmp_path / "c.jsonl", rows), "--json")[0])
    assert fewer["tags"] == [{"what": "axis:accuracy", "n": 23, "divided": 12}]
    told, _ = cli("compare", data, one, other, "--labels", labels)
    assert "0.500" in told and "a – r1" in told and "Divided most, by criterion" in told


def test_compare_says_why_a_coefficient_does_not_exist(files, tmp_path, cli):
    same = [write(tmp_path / f"{name}.jsonl", verdicts(said=lambda _: [True] * 3)) for name in "ab"]
    told, _ = cli("compare", files[0], *same)
    assert "undefined: " in told and "No criterion divided them." in told
    found = json.loads(cli("compare", files[0], *same, "--json")[0])
    assert found["pairs"][0]["compared"]["cohen_kappa"]["undefined"]
    assert found["pairs"][0]["compared"]["gwet_ac1"]["value"] == 1.0


def test_compare_refuses_what_is_not_two_judges_of_the_same_answers(files, tmp_path, cli):
    one = write(tmp_path / "a.jsonl", [row | {"answer": "x"} for row in verdicts()])
    other = write(tmp_path / "b.jsonl", [row | {"answer": "y"} for row in verdicts()])
    assert "primum eval compare" in refused(cli, "compare", files[0], one, other)
    assert "two or more" in refused(cli, "compare", files[0], one)
    assert "two or more" in refused(cli, "compare", files[0], one, tmp_path / "." / "a.jsonl")
    short = write(tmp_path / "short.jsonl", verdicts(5))
    assert "has no row" in refused(cli, "compare", files[0], one, short)
    assert (
        json.loads(cli("compare", files[0], one, short, "--partial", "--json")[0])["judges"][1]["abstained"]["n"] == 12
    )


def tally(**changes):
    known = {"answers": 100, "done": 30, "before": 10, "verdicts": 330, "verdicts_before": 110, "seconds": 4.0}
    return SimpleNamespace(**{**known, "spent": Spent(20, 1_000_000, 234, 1.5), **changes})


def test_the_progress_tells_rate_cost_and_time_left():
    line = JudgingProgress.line(tally())
    assert line == "30 of 100 answers · 330 verdicts · 55 a second · 1,000,234 tokens · 1.50 USD · 0:14 left"
    assert JudgingProgress.line(tally(done=10, verdicts=110, spent=Spent())) == "10 of 100 answers · 110 verdicts"
    assert JudgingProgress.line(tally(answers=50_030)).endswith("2:46:40 left")


def test_the_progress_is_drawn_on_a_terminal_and_told_now_and_then_elsewhere(capsys):
    now = iter([0.0, 1.0, 14.0, 16.0, 20.0, 0.0, 0.1, 0.3])
    clock = lambda: next(now)  # noqa: E731
    with JudgingProgress(clock, is_terminal=False) as progress:
        for _ in range(4):
            progress(tally())
    assert capsys.readouterr().err.count("30 of 100 answers") == 1
    with JudgingProgress(clock, is_terminal=True) as progress:
        for _ in range(2):
            progress(tally())
    drawn = capsys.readouterr().err
    assert drawn.count("30 of 100 answers") == 1 and drawn.endswith("\r\x1b[2K") and "\n" not in drawn


def test_files_of_verdicts_are_their_owners(files, tmp_path, cli):
    out = tmp_path / "v.jsonl"
    cli("run", *files, "--judge", recorded(tmp_path, verdicts()), "--out", out, "--most-abstained", 1)
    assert os.stat(out).st_mode & 0o077 == 0  # noqa: PTH116
    assert Path(f"{out}.judge.json").exists()


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_force_does_not_write_over_what_the_judge_reads(files, tmp_path, cli, link):
    judge, kept = recorded(tmp_path, verdicts()), tmp_path / "earlier.jsonl"
    before, out = kept.read_bytes(), kept
    if link is not None:
        link(kept, out := tmp_path / "link.jsonl")
    told = refused(cli, "run", *files, "--judge", judge, "--out", out, "--force")
    assert "is a file that the judge needs" in told and kept.read_bytes() == before


def test_force_does_not_write_over_paid_calls(files, tmp_path, cli):
    with ScriptedServer() as server:
        judge = chat(tmp_path, server)
        cli("run", *files, "--judge", judge, "--out", tmp_path / "v.jsonl")
        told = refused(cli, "run", *files, "--judge", judge, "--out", tmp_path / "calls.db", "--force")
        again, _ = cli("run", *files, "--judge", judge, "--out", tmp_path / "again.jsonl", "--json")
    assert "is a file that the judge needs" in told and json.loads(again)["this_run"]["calls"] == 0


@pytest.mark.parametrize("path", ["a\\u0000b", "~nobody-of-that-name/x"])
@pytest.mark.parametrize("told", ['kind = "guardian"\npath', 'kind = "recorded"\npath', 'kind = "chat"\ncalls'])
def test_a_path_that_is_none_is_one_line(files, tmp_path, cli, told, path):
    judge = tmp_path / "judge.toml"
    endpoint = '[[endpoints]]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n' if "chat" in told else ""
    judge.write_text(f'{told} = "{path}"\n{endpoint}', encoding="utf-8")
    error = refused(cli, "run", *files, "--judge", judge, "--out", tmp_path / "v.jsonl")
    assert "is no path" in error and str(judge) in error


def test_verdicts_do_not_go_to_a_pipe(files, tmp_path, cli):
    os.mkfifo(pipe := tmp_path / "pipe")
    told = refused(cli, "run", *files, "--judge", recorded(tmp_path, verdicts()), "--out", pipe, "--force")
    assert "is no file" in told and pipe.is_fifo()
