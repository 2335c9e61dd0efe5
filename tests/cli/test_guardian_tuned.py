"""`primum guardian train --transformer`: fine-tunes, measures, labels; and its options go together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from judging.tuned import SAID, examples, make_decoder
from primum.cli.guardian import guardian as commands
from primum.cycles import guarding
from primum.errors import InputError
from primum.judging import LabelledAnswer

MODELS = ("gpt4", "llama2orig", "mistralinstruct")
QUICK = ("learning_rate=5e-3", "head_learning_rate=1e-2", "threads=1", "calibration_parts=0", "max_tokens=64")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(one) for one in arguments])


def _open_answers(*_: object) -> list[LabelledAnswer]:
    found = [one for one in examples(160) if one.stance is not None]
    return [one._replace(group=MODELS[i % 3], answers={}) for i, one in enumerate(found)]


def test_a_transformer_is_trained_measured_and_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "open_answers", _open_answers)
    make_decoder(tmp_path / "parent")
    out = tmp_path / "guardian"
    settings = [part for one in QUICK for part in ("--set", f"transformer.{one}")]
    command = ["train", "--out", out, "--transformer", tmp_path / "parent", "--set", "items=0", *settings]
    done = _run(*command, "--epochs", 8, "--lora-rank", 4, "--json")
    assert done.exit_code == 0, done.output
    assert [one["head"] for one in json.loads(done.stdout)["figures"]] == ["stance"]
    shown = _run("report", out, "--json")
    assert json.loads(shown.stdout)["figures"][0]["accuracy"]["value"] > 0.8
    assert set(json.loads(shown.stdout)["figures"][0]["by_group"]) == set(MODELS)
    rows = tmp_path / "answers.jsonl"
    row = {"id": "a", "prompt": "May I?", "completion": f"{SAID['refuse']} A nurse will call you back."}
    rows.write_text(json.dumps(row) + "\n", encoding="utf-8")
    labelled = json.loads(_run("label", rows, "--guardian", out, "--explain").stdout)
    assert labelled["label"] == "refuse" and labelled["passages"][0] == SAID["refuse"]
    again = _run(*command)
    assert isinstance(again.exception, InputError) and "holds a guardian" in str(again.exception)


def test_the_measuring_of_a_finished_training_can_be_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "open_answers", _open_answers)
    make_decoder(tmp_path / "parent")
    command = ["train", "--out", tmp_path / "g", "--transformer", tmp_path / "parent", "--set", "items=0"]
    command += ["--epochs", 1, "--set", "transformer.calibration_parts=0", "--set", "guardian.confidence=0"]
    with monkeypatch.context() as broken:
        broken.setattr(guarding, "measure", lambda *_, **__: 1 / 0)
        assert isinstance(_run(*command).exception, ZeroDivisionError)
    written = (tmp_path / "g" / "guardian.json").read_bytes()
    assert not (tmp_path / "g" / "figures.json").exists()
    assert _run(*command).exit_code == 0
    assert (tmp_path / "g" / "guardian.json").read_bytes() == written and (tmp_path / "g" / "figures.json").exists()


def test_options_of_a_transformer_without_one_are_refused(tmp_path: Path) -> None:
    done = _run("train", "--out", tmp_path / "g", "--epochs", 1)
    assert done.exit_code == 2 and "go with --transformer" in done.output
