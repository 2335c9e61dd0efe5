"""Trainings that survive a kill: which checkpoint is taken, what is never overwritten, in which order rows are learned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from primum.checkpoints import Running, alone, diverged, lay_out, move, read_receipt, remove, write_receipt
from primum.errors import StoreError, TrainingError


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
    torn, unmarked = _checkpoint(running, 11, None), _checkpoint(running, 12, "")
    assert running.last() == last
    assert older.exists() and not torn.exists() and not unmarked.exists()


def test_checkpoints_of_another_training_are_never_removed(tmp_path: Path) -> None:
    running = _running(tmp_path)
    torn, foreign = _checkpoint(running, 3, None), _checkpoint(running, 12, "another")
    with pytest.raises(TrainingError, match=r"checkpoints of another training \(checkpoint-12; .* would be lost"):
        running.last()
    assert torn.exists() and foreign.exists()
    assert Running("reward", running.out, "another", 1e-3).last() == foreign  # it goes on where it stopped


def test_an_out_is_held_by_one_training_and_let_go_at_its_end(tmp_path: Path) -> None:
    running = _running(tmp_path / "made")
    with alone(running):
        _checkpoint(running, 1, "mine")
        with (
            pytest.raises(StoreError, match="being trained into by another call"),
            alone(_running(tmp_path / "made", "x")),
        ):
            pytest.fail("it was let in")
        with alone(Running("reward", tmp_path / "made" / "other", "mine", 1e-3)):
            pass
    assert [file.name for file in (tmp_path / "made").iterdir()] == [".out.checkpoints"]
    remove(running.checkpoints / "checkpoint-1")
    with alone(running):  # and what is empty is not left behind
        pass
    assert not any((tmp_path / "made").iterdir())


def test_a_result_is_readable_by_whom_other_files_are(tmp_path: Path) -> None:
    running = _running(tmp_path)
    running.partial.mkdir()
    weights = running.partial / "model.safetensors"
    weights.touch(0o600)
    write_receipt(running, {})
    (running.partial / "training.json").chmod(0o640)
    move(running)
    assert (running.out / "model.safetensors").stat().st_mode & 0o777 == 0o640


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
