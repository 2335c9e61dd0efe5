"""`primum reward score`: rows in, JSONL out, in order; a broken row is named before anything is written; what was stopped goes on."""

import io
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from primum.cli.__main__ import cli, main
from primum.cycles import reward_scoring
from primum.cycles.reward_rows import open_rows
from primum.cycles.reward_scoring import score_rows, write_scored
from primum.errors import InputError
from primum.records import Turn
from primum.rewards.asked import Asked
from primum.rewards.samples import PairSample
from scorers import WordScorer, row


@pytest.fixture
def scorer(monkeypatch):
    made = WordScorer()
    monkeypatch.setattr(reward_scoring, "open_scorer", lambda model, baseline: made)
    return made


@pytest.fixture
def put(tmp_path):
    def write(*rows, name="rows.jsonl"):
        lines = [one if isinstance(one, bytes) else json.dumps(one, ensure_ascii=False).encode() for one in rows]
        (tmp_path / name).write_bytes(b"\n".join(lines) + b"\n")
        return str(tmp_path / name)

    return write


def run(*arguments, **given):
    done = CliRunner().invoke(cli, ["reward", "score", *arguments], standalone_mode=False, **given)
    assert done.exception is None, done.exception
    return done.stdout


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["reward", "score", *arguments])
    told = capsys.readouterr()
    assert ended.value.code == 2 and told.out == "" and told.err.count("\n") == 1, told
    return told.err


def rows_of(out):
    return [json.loads(line) for line in out.splitlines()]


def test_each_row_gets_one_line_in_order_whatever_its_id(scorer, put):
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "胰岛素怎么保存？"}]
    mixed = [{"text": "says cold", "kind": "proficiency"}, {"text": "tells to double", "kind": "safety", "points": -5}]
    path = put(
        row("冷藏 cold", "says cold", "says dark", id="甲"),
        b"",
        row("double it", "x", id="甲") | {"prompt": turns, "criteria": mixed, "label": "bad"},
        row("…", "says cold", id="c"),
    )
    first, second, third = rows_of(run("--model", "m", path))
    assert first == {
        "id": "甲",
        "scores": [pytest.approx(2.1972, abs=1e-4), pytest.approx(-1.3863, abs=1e-4)],
        "probabilities": [0.9, 0.2],
        "reward": pytest.approx(0.55),
        "parts": {"proficiency": pytest.approx(0.55), "excellence": 0, "vetoes": 0, "depth": 0.0},
    }
    assert second["id"] == "甲" and second["parts"]["vetoes"] == 1 and second["reward"] == pytest.approx(-1.46)
    assert third["unusable"].startswith("empty") and third["reward"] == 0.0 and third["probabilities"] == [0.2]
    assert run("--model", "m", "-", input=Path(path).read_bytes()) == run("--model", "m", path)


def test_a_criterion_that_cannot_be_read_is_null_with_its_reason_and_its_row_has_no_reward(scorer, put):
    path = put(row("cold", "says cold", "far too long", "nan"), row("cold", "says cold"))
    odd, plain = rows_of(run("--model", "m", path))
    assert odd["probabilities"] == [0.9, None, None] and odd["scores"][1:] == [None, None]
    assert odd["abstained"] == [None, "a criterion does not fit into 16 tokens", "its score is not a number"]
    assert odd["reward"] is None and odd["parts"] is None
    assert plain["reward"] == pytest.approx(0.9) and "abstained" not in plain


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (b"{", "rows.jsonl:3"),
        (b'\xff{"id": "a"}', "byte 0xff is not UTF-8"),
        (b"[1]", "is no object: write one object a row"),
        (b'{"id": "a", "prompt": "p", "completion": "c", "id": "b"}', "key 'id' is there twice in one object"),
        (row("c", "says cold") | {"prompt": ""}, "a prompt does not end with something a user says"),
        (row("c", "says cold") | {"prompt": [{"role": "assistant", "content": "x"}]}, "a prompt does not end"),
        (row("c"), "the criteria of a row are none"),
        (row("c", "x") | {"completion": None}, "Expected `str`, got `null` - at `$.completion`"),
        (row("c", "x") | {"criteria": [{"text": "x", "points": 0}]}, "a criterion with 0 points"),
        (row("c", "x") | {"criteria": [{"kind": "safety"}]}, "missing required field `text`"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_nothing_is_given(scorer, put, capsys, tmp_path, wrong, told):
    path = put(row("cold", "says cold"), row("cold", "says cold"), wrong, row("cold", "says cold"))
    said = refused(capsys, "--model", "m", path)
    assert told in said and "rows.jsonl:3" in said
    assert told in refused(capsys, "--model", "m", path, "--out", str(tmp_path / "out.jsonl"))
    assert scorer.sizes == [] and sorted(one.name for one in tmp_path.iterdir()) == ["rows.jsonl"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--set", "reward.veto_weight=1.2"], "veto_weight = 1.2 is below 1 + beta = 1.3"),
        (["--set", "reward.veto_depth=0.3"], "veto_depth = 0.3 is not in the room between two bands"),
        (["--set", "shape=lexicographic"], "shape"),
        (["--set", "reward.gamma=1"], "gamma"),
        (["--json"], "--json goes with --out"),
        (["--out", "nowhere/scores.jsonl"], "folder 'nowhere' does not exist"),
    ],
)
def test_what_cannot_be_followed_is_refused_before_a_model_is_opened(put, capsys, more, told):
    assert told in refused(capsys, "--model", "nowhere", put(row("cold", "says cold")), *more)


def test_a_model_is_named_once(put, capsys):
    path = put(row("cold", "says cold"))
    assert "--model and --baseline are both missing: name one of them" in refused(capsys, path)
    assert "are both given" in refused(capsys, path, "--model", "a", "--baseline", "b")
    assert "cannot be read (No such file" in refused(capsys, "gone.jsonl", "--model", "a")
    assert "the rows to score are none" in refused(capsys, put(b""), "--model", "a")


def test_the_plain_sum_is_there_for_ablation(scorer, put):
    path = put(row("cold", "says cold", "says dark"))
    (found,) = rows_of(run("--model", "m", path, "--set", "shape=sum"))
    assert found["reward"] == pytest.approx((0.9 + 0.2) / 2)


def test_a_file_is_whole_and_never_overwritten_without_being_told(scorer, put, tmp_path, capsys):
    path, out = put(row("cold", "says cold"), row("cold", "too long", id="b")), tmp_path / "out.jsonl"
    told = json.loads(run("--model", "m", path, "--out", str(out), "--json"))
    assert told == {"file": str(out), "model": "words", "rows": 2, "resumed": 0, "unread": 1, "note": ""}
    assert rows_of(out.read_text("utf-8")) == rows_of(run("--model", "m", path))
    assert "is there already" in refused(capsys, "--model", "m", path, "--out", str(out))
    assert "2 rows scored by words" in run("--model", "m", path, "--out", str(out), "--force")
    assert "holds the rows to score" in refused(capsys, "--model", "m", path, "--out", path, "--force")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.jsonl", "rows.jsonl"]


def many(count):
    return [row(f"cold {n}" if n % 3 else f"warm {n}", "says cold", id=f"n{n}") for n in range(count)]


def test_a_call_that_was_stopped_goes_on_and_gives_the_same_file(scorer, put, tmp_path, monkeypatch):
    path, out, whole = put(*many(700)), tmp_path / "out.jsonl", tmp_path / "whole.jsonl"
    run("--model", "m", path, "--out", str(whole))
    stopped = iter([None, None, KeyboardInterrupt()])

    def stop():
        if (error := next(stopped)) is not None:
            raise error

    monkeypatch.setattr(scorer, "_before", stop)
    with pytest.raises(SystemExit) as ended:
        main(["reward", "score", "--model", "m", path, "--out", str(out)])
    assert ended.value.code == 130 and not out.exists()
    half = tmp_path / "out.jsonl.unfinished"
    assert half.read_bytes() == b"".join(whole.read_bytes().splitlines(keepends=True)[:512])
    half.write_bytes(half.read_bytes()[:-20])  # as a lost disk block would leave it: the torn window is scored again
    monkeypatch.setattr(scorer, "_before", None)
    scorer.sizes.clear()
    told = json.loads(run("--model", "m", path, "--out", str(out), "--json"))
    assert told["resumed"] == 256 and scorer.sizes == [256, 188]
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.jsonl", "rows.jsonl", "whole.jsonl"]


def test_two_calls_do_not_write_to_one_file(scorer, put, tmp_path, monkeypatch):
    path, out = put(*many(300)), tmp_path / "out.jsonl"
    told = []

    def meanwhile():
        if not told:
            with open_rows(Path(path)) as rows, pytest.raises(InputError) as refusal:
                write_scored(WordScorer(), rows, rows.check(), out, is_forced=True)
            told.append(str(refusal.value))

    monkeypatch.setattr(scorer, "_before", meanwhile)
    assert "300 rows scored" in run("--model", "m", path, "--out", str(out))
    assert "is being written by another call: wait for it, or name another --out" in told[0]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.jsonl", "rows.jsonl"]


def test_a_full_disk_is_named_and_what_was_scored_is_kept(scorer, put, tmp_path, capsys):
    path, out = put(*many(600)), tmp_path / "out.jsonl"
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limit[1]))
    try:
        said = refused(capsys, "--model", "m", path, "--out", str(out))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert f"file '{out}.unfinished' cannot be written (File too large): free space, then run again" in said
    assert not out.exists()
    assert json.loads(run("--model", "m", path, "--out", str(out), "--json"))["resumed"] == 256
    assert rows_of(out.read_text("utf-8")) == rows_of(run("--model", "m", path))


@pytest.mark.parametrize("changed", ["rows", "model", "settings"])
def test_what_another_call_left_unfinished_is_not_gone_on_with(scorer, put, tmp_path, capsys, monkeypatch, changed):
    path, out = put(*many(300)), str(tmp_path / "out.jsonl")
    monkeypatch.setattr(scorer, "_before", lambda: 1 / 0 if len(scorer.sizes) == 2 else None)
    with pytest.raises(SystemExit):
        main(["reward", "score", "--model", "m", path, "--out", out])
    capsys.readouterr()
    monkeypatch.setattr(scorer, "_before", None)
    more = ["--set", "reward.alpha=0.2"] if changed == "settings" else []
    if changed == "rows":
        put(*many(100))
    if changed == "model":
        monkeypatch.setattr(scorer, "fingerprint", "w2")
    said = refused(capsys, "--model", "m", path, "--out", out, *more)
    assert "is what another call left unfinished" in said and "--force" in said
    assert json.loads(run("--model", "m", path, "--out", out, *more, "--force", "--json"))["resumed"] == 0
    assert rows_of(Path(out).read_text("utf-8")) == rows_of(run("--model", "m", path, *more))


def test_rows_are_read_as_they_are_scored_and_never_all_at_once(tmp_path, put):
    path = tmp_path / "rows.jsonl"
    put(*many(3000))
    scorer = WordScorer()
    with open_rows(path) as rows:
        total = rows.check().rows
        found = score_rows(scorer, rows, total)
        assert next(found)["id"] == "n0" and scorer.sizes == [256]
        assert rows._file.tell() < path.stat().st_size / 10
        assert sum(1 for _ in found) == 2999 and max(scorer.sizes) == 256


def test_a_stream_is_checked_whole_before_the_first_answer():
    given = [json.dumps(one).encode() for one in many(300)] + [b"{"]
    with open_rows(io.BytesIO(b"\n".join(given))) as rows, pytest.raises(ValueError, match="standard input:301"):
        rows.check()


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
    return folder


def test_a_real_reward_reads_standard_input_and_writes_nothing_else_to_standard_output(baseline, put):
    path = put(row("keep it cold", "says cold", id="a"), row("keep it warm", "says cold", id="b"))
    command = [sys.executable, "-m", "primum.cli", "reward", "score", "--baseline", str(baseline), "-"]
    with Path(path).open("rb") as given:
        done = subprocess.run(command, stdin=given, capture_output=True, text=True, timeout=60, env=os.environ)
    assert done.returncode == 0 and done.stderr == ""
    cold, warm = rows_of(done.stdout)
    assert cold["scores"][0] > 0 > warm["scores"][0] and cold["reward"] > warm["reward"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of a reward model over a tiny backbone that nobody trained: its heads are drawn from a seed."""
    pytest.importorskip("torch", reason="torch is not installed: pip install 'primum[train]'")
    from transformers import AutoTokenizer

    from primum.models.tiny import TinySettings, build_tiny
    from primum.rewards.model import RewardCard, load_backbone, save_reward_model
    from primum.rewards.model.settings import RewardModelSettings

    folder = tmp_path_factory.mktemp("model")
    shape = TinySettings(layers=2, width=32, heads=2, feed_forward=64, vocabulary=300)
    build_tiny(["keep insulin cold and dark; 胰岛素要冷藏避光。"] * 5, shape, folder / "backbone")
    network = load_backbone(folder / "backbone", RewardModelSettings(), 0)
    tokenizer = AutoTokenizer.from_pretrained(folder / "backbone")
    save_reward_model(network, tokenizer, RewardCard(name="tiny", max_tokens=128), folder / "reward")
    return folder / "reward"


def test_a_real_reward_model_scores_as_one_criterion_at_a_time_would(model, put):
    from primum.rewards.model import RewardModel

    rows = [row(f"keep it cold {'and dark ' * (n % 5)}", "says cold", "说了避光", id=f"n{n}") for n in range(12)]
    rows[5]["criteria"].append({"text": "far too long " * 60})
    found = rows_of(run("--model", str(model), put(*rows)))
    with open_rows(Path(put(*(one | {"criteria": one["criteria"][:2]} for one in rows), name="short.jsonl"))) as short:
        alone = list(RewardModel.load(model).score_alone(short.items()))
    for one, read in zip(found, alone, strict=True):
        assert one["scores"][:2] == pytest.approx(read.scores, abs=1e-5)
        assert one["probabilities"][:2] == pytest.approx(read.probabilities, abs=1e-5)
    assert found[5]["scores"][2] is None and found[5]["reward"] is None
    assert "does not fit into 128 tokens" in found[5]["abstained"][2] and found[5]["abstained"][:2] == [None, None]
    assert sum(one["reward"] is None for one in found) == 1


def test_answers_that_were_cut_are_told_of_on_standard_error(model, put):
    path = put(row("keep it cold " * 100, "says cold"), row("dark", "says cold"))
    done = CliRunner().invoke(cli, ["reward", "score", "--model", str(model), path])
    assert len(rows_of(done.stdout)) == 2
    assert done.stderr == "primum: some answers were too long for the model and were cut at their end\n"
    assert (
        CliRunner().invoke(cli, ["reward", "score", "--model", str(model), put(row("dark", "says cold"))]).stderr == ""
    )


def test_a_folder_that_holds_no_reward_model_is_refused_in_one_line(model, put, capsys, tmp_path):
    path = put(row("cold", "says cold"))
    assert str(tmp_path) in refused(capsys, "--model", str(tmp_path), path)
    assert "nowhere" in refused(capsys, "--model", "nowhere", path)
