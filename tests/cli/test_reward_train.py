"""`primum reward train`: a file of pairs in, a reward model and its figures out; one line for whatever is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from primum.cli.__main__ import main
from primum.rewards.pair_file import write_pairs
from rewards.reward_trainings import PAIRS, make_base

_SETTINGS = """
epochs = 1
batch_pairs = 12
max_tokens = 128
held_share = 0.25
threads = 1
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reward-train")
    make_base(made / "base")
    write_pairs(made / "pairs.jsonl", PAIRS)
    (made / "train.toml").write_text(_SETTINGS, encoding="utf-8")
    return made


def _train(root: Path, *more: str, out: str = "out", pairs: str = "pairs.jsonl") -> None:
    given = ["--base", str(root / "base"), "--out", str(root / out), "--settings", str(root / "train.toml")]
    main(["reward", "train", str(root / pairs), *given, *more])


def test_it_trains_and_tells_what_came_of_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _train(root, "--json", "--name", "tiny")
    told = json.loads(capsys.readouterr().out)
    assert (told["pairs"], told["held"], told["steps"], told["base"]) == (36, 12, 3, "base")
    assert (told["given"], told["simulated"]) == (48, 48) and told[
        "is_from_scratch"
    ]  # the template of models.tiny gives it away
    assert {one["metric"] for one in told["figures"]} >= {"pairwise accuracy", "veto F1", "calibration error"}
    assert json.loads((root / "out" / "reward.json").read_text(encoding="utf-8"))["name"] == "tiny"
    _train(root, "--name", "tiny")  # it is finished: told again, as people read it
    shown = capsys.readouterr().out
    assert "36 pairs" in shown and "3 steps, loss" in shown and "pairwise accuracy, all" in shown
    assert "Simulated" in shown and f"Written: {root / 'out'}" in " ".join(shown.split())


def test_a_setting_of_the_command_goes_over_the_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = msgspec.structs.replace(PAIRS[0], is_simulated=False)
    write_pairs(root / "mixed.jsonl", [real, *PAIRS[1:]])
    given = ("--set", "batch_pairs=36", "--set", "held_share=0")
    _train(root, "--json", *given, out="other", pairs="mixed.jsonl")
    told = json.loads(capsys.readouterr().out)
    assert (told["steps"], told["held"], told["figures"]) == (2, 0, [])
    _train(root, *given, out="other", pairs="mixed.jsonl")
    shown = capsys.readouterr().out
    assert "47 of 48 pairs are simulated" in shown and "not measured, not calibrated" in shown


def test_only_the_first_of_several_processes_reports(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    _train(root, "--json", "--set", "batch_pairs=36", out="silent")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--set", "batch_pairs=0"), "batch_pairs = 0"),
        (("--set", "batches=3"), "batches"),
        (("--set", "processes=2"), "torchrun --nproc_per_node 2"),
        (("--base", "nowhere"), "nowhere"),
        (("--settings", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    root: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], says: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        _train(root, *more, out="never")
    told = capsys.readouterr()
    assert ended.value.code == 2 and told.out == "" and says in told.err
    assert len(told.err.strip().splitlines()) == 1 and not (root / "never").exists()


def test_a_line_that_is_no_pair_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, _, _ = (root / "pairs.jsonl").read_text(encoding="utf-8").partition("\n")
    (root / "broken.jsonl").write_text(f"{first}\n{{}}\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        _train(root, out="never", pairs="broken.jsonl")
    assert "broken.jsonl:2" in capsys.readouterr().err and not (root / "never").exists()
