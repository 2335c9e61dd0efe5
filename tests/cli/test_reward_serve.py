"""`primum reward serve` and `export` as they are run: a process that answers on the loopback until SIGTERM, and the files beside it."""

import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from primum.cli.__main__ import cli, main
from primum.records import Turn
from primum.rewards.asked import Asked
from primum.rewards.samples import PairSample
from scorers import posted, row


@pytest.fixture(scope="module")
def baseline(tmp_path_factory):
    """A linear reward fitted to pairs that say cold or warm."""
    from primum.rewards.linear import LinearReward, LinearSettings

    asked = (Asked(text="says cold"),)
    pairs = [
        PairSample(id=f"p{n}", prompt=(Turn(role="user", content="How?"),), first=f"keep it cold {n}",
                   second=f"keep it warm {n}", criteria=asked, met_first=(True,), met_second=(False,), language="en",
                   group=f"g{n}")
        for n in range(40)
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("linear")
    LinearReward.fit(pairs, LinearSettings(answer_bits=8, criterion_bits=5)).save(folder)
    return str(folder)


def serving(*arguments, **environment):
    """The process and the address that it says it is at."""
    started = subprocess.Popen(
        [sys.executable, "-m", "primum.cli", "reward", "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
    )  # fmt: skip
    said = started.stderr.readline()
    return started, said


def ended(started):
    """Its exit code and what it said at the end, after SIGTERM."""
    started.send_signal(signal.SIGTERM)
    out, told = started.communicate(timeout=30)
    return started.returncode, out, told


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        main(["reward", *arguments])
    told = capsys.readouterr()
    assert stopped.value.code == 2 and told.out == "" and told.err.count("\n") == 1, told
    return told.err


def test_it_answers_as_the_command_does_and_a_stop_loses_no_call(baseline, tmp_path):
    rows = [row(f"keep it cold {n}" if n % 2 else f"keep it warm {n}", "says cold", id=f"n{n}") for n in range(40)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    started, said = serving("--baseline", baseline)
    assert said.startswith("primum: serving linear n-grams at http://127.0.0.1:") and "without a token" in said
    url = said.split(" at ")[1].split()[0]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda one: posted(f"{url}/score", one), rows))
    batches = posted(f"{url}/health").body
    assert batches["rows"] == 40 and batches["batches"] < 40
    big = [row(f"keep it cold {n} " + "and dry " * 300, "says cold", id=f"b{n}") for n in range(1000)]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(posted, f"{url}/score", big)
        while posted(f"{url}/health").body["waiting"] == 0 and not under_way.done():
            pass
        code, out, told = ended(started)
        assert under_way.result().status == 200 and len(under_way.result().body) == 1000
    assert (code, out, told) == (0, "", "")
    done = CliRunner().invoke(cli, ["reward", "score", "--baseline", baseline, str(tmp_path / "rows.jsonl")])
    assert [one.body for one in found] == [json.loads(line) for line in done.stdout.splitlines()]


def test_a_token_in_the_environment_is_asked_for(baseline):
    started, said = serving("--baseline", baseline, "--set", "score.shape=sum", PRIMUM_REWARD_TOKEN="s3cret")
    url = said.split(" at ")[1].split()[0]
    try:
        assert "with the token in PRIMUM_REWARD_TOKEN" in said and "s3cret" not in said
        assert posted(f"{url}/card").status == 401
        assert posted(f"{url}/card", Authorization="Bearer s3cret").body["shape"] == "sum"
    finally:
        code, _, told = ended(started)
    assert (code, told) == (0, "")


def test_an_address_that_is_taken_is_refused_in_one_line(baseline):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        started, said = serving("--baseline", baseline, "--port", str(taken.getsockname()[1]))
    _, told = started.communicate(timeout=30)
    assert started.returncode == 2 and told == "" and "cannot be listened at" in said and "--port" in said


def test_what_cannot_be_served_is_refused_before_a_model_is_opened(capsys, monkeypatch, tmp_path):
    assert "--model and --baseline are both missing" in refused(capsys, "serve")
    assert "veto_weight = 1.0 is below" in refused(capsys, "serve", "--set", "score.reward.veto_weight=1")
    (tmp_path / "r.jsonl").write_text('{"id": "a"}\n', "utf-8")
    assert "r.jsonl:1" in refused(capsys, "serve", "--model", "m", "--rubrics", str(tmp_path / "r.jsonl"))
    monkeypatch.setenv("PRIMUM_REWARD_TOKEN", "")
    assert "the token in PRIMUM_REWARD_TOKEN is empty" in refused(capsys, "serve", "--model", "m")


def test_export_writes_the_function_the_data_and_how_to_start(tmp_path, capsys):
    query = {"id": "q1", "prompt": "How?", "criteria": [{"text": "says cold"}]}
    (tmp_path / "q.jsonl").write_text(json.dumps(query) + "\n", "utf-8")
    command = ["export", "openrlhf", "--queries", str(tmp_path / "q.jsonl"), "--out", str(tmp_path / "o")]
    done = CliRunner().invoke(cli, ["reward", *command, "--url", "http://10.0.0.7:9000", "--json"])
    told = json.loads(done.stdout)
    assert told["queries"] == 1 and [file.rsplit("/", 1)[1] for file in told["files"]] == [
        "primum_openrlhf.py", "train.jsonl", "README.md",
    ]  # fmt: skip
    assert '"http://10.0.0.7:9000"' in (tmp_path / "o/primum_openrlhf.py").read_text("utf-8")
    assert "is there already" in refused(capsys, *command)
    assert "url 'host' is no address" in refused(capsys, *command, "--force", "--url", "host")
