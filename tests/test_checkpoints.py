"""Trainings that survive a kill: which checkpoint is taken, what is never overwritten, in which order rows are learned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from primum.checkpoints import Running, diverged, lay_out, move, read_receipt, remove, write_receipt
from primum.errors import TrainingError


def _running(folder: Path, mark: str = "mine") -> Running:
    return Running("reward", folder / "out", mark, 1e-3)


def _checkpoint(running: Running, step: int, mark: str | None) -> Path:
    folder = running.checkpoints / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    if mark is not None:
        (folder / "complete").write_text(mark, encoding="utf-8")
    return folder


def test_the_last_whole_checkpoint_of_this_training_is_taken(tmp_path: Path) -> None:
    running = _running(tmp_path)
    assert running.last() is None
    older, last = _checkpoint(running, 9, "mine"), _checkpoint(running, 10, "mine")  # by number, not by name
    torn, foreign = _checkpoint(running, 11, None), _checkpoint(running, 12, "another")
    assert running.last() == last
    assert older.exists() and not torn.exists() and not foreign.exists()


def test_a_receipt_is_read_only_by_the_training_that_wrote_it(tmp_path: Path) -> None:
    running = _running(tmp_path)
    assert read_receipt(running) is None
    running.partial.mkdir()
    write_receipt(running, {"steps": 3})
    assert read_receipt(running) is None  # it is not moved yet
    move(running)
    assert not running.partial.exists()
    assert read_receipt(running) == {"steps": 3, "fingerprint": "mine"}
    with pytest.raises(TrainingError, match="would be overwritten"):
        read_receipt(_running(tmp_path, "another"))


@pytest.mark.parametrize("written", [None, "[1]", "no JSON", json.dumps({"steps": 3})])
def test_a_folder_of_somebody_else_is_not_overwritten(tmp_path: Path, written: str | None) -> None:
    running = _running(tmp_path)
    running.out.mkdir()
    if written is not None:
        (running.out / "training.json").write_text(written, encoding="utf-8")
    with pytest.raises(TrainingError, match="remove it or name another folder"):
        read_receipt(running)


def test_remove_takes_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "one" / "two").mkdir(parents=True)
    remove(tmp_path / "one", tmp_path / "none")
    assert not any(tmp_path.iterdir())


def test_a_diverged_training_names_its_learning_rate(tmp_path: Path) -> None:
    assert "0.001" in str(diverged(_running(tmp_path), "step 7")) and "step 7" in str(
        diverged(_running(tmp_path), "step 7")
    )


def test_rows_of_like_length_are_learned_together_and_each_once_an_epoch() -> None:
    lengths = [(7 * row) % 40 for row in range(200)]
    order = lay_out(lengths, 8, 2, seed=3)
    assert sorted(order) == sorted([*range(200)] * 2)
    assert order == lay_out(lengths, 8, 2, seed=3) != lay_out(lengths, 8, 2, seed=4)
    spread = [
        max(lengths[row] for row in order[start : start + 8]) - min(lengths[row] for row in order[start : start + 8])
        for start in range(0, len(order), 8)
    ]
    shuffled = max(lengths) - min(lengths)
    assert sum(spread) / len(spread) < shuffled / 4


def test_an_incomplete_batch_stays_last() -> None:
    order = lay_out([1] * 10 + [50] * 3, 4, 1, seed=0)
    assert len(order) == 13 and sorted(order) == [*range(13)]
