"""Trainings that survive a kill: while one runs, its checkpoints stand beside `out` in `.NAME.checkpoints`; `out` appears when it is whole.

Two stages train with this, policies and reward models. The libraries are imported by what is called, never when this module is.
Checkpoints hold optimiser and random states as torch saves them, a pickle: they are our own files, transformers reads them back with
`weights_only=True`, and a user's file never takes that way.

One training at a time has an `out`: `alone` holds it. Checkpoints of another training (other settings, data or parent) are hours of work:
they are never removed, the training that would is refused.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from primum.errors import DivergedError, StoreError, TrainingError
from primum.ports import Progress

__all__ = ["Running", "alone", "diverged", "lay_out", "move", "read_receipt", "remove", "watcher", "write_receipt"]

_RECEIPT = "training.json"
_COMPLETE = "complete"
# A window of this many batches is sorted by length: little padding, and still a shuffled order.
_WINDOW_BATCHES = 16


class Running(NamedTuple):
    """One training: what it is called, where its result goes, and the fingerprint of all that decides its weights."""

    name: str
    out: Path
    mark: str
    learning_rate: float

    @property
    def checkpoints(self) -> Path:
        """Where its checkpoints stand until it is finished."""
        return self.out.parent / f".{self.out.name}.checkpoints"

    @property
    def partial(self) -> Path:
        """Where its result is written before it is moved to `out`."""
        return self.out.parent / f".{self.out.name}.partial"

    def last(self) -> Path | None:
        """The last whole checkpoint of this very training; what is torn is removed.

        Raises `TrainingError`, with everything left as it was, where whole ones are of another training.
        """
        marks = {folder: _mark(folder) for folder in sorted(self.checkpoints.glob("checkpoint-*"))}
        foreign = [folder for folder, mark in marks.items() if mark not in (None, self.mark)]
        if foreign:
            raise TrainingError(
                f"folder {self.checkpoints.name!r}",
                f"holds checkpoints of another training ({foreign[-1].name}; other settings, data or parent), which would be lost",
                "run that one again to go on with it, name another folder for this one, or remove those checkpoints",
                str(self.checkpoints),
            )
        for folder, mark in marks.items():
            if mark is None:
                shutil.rmtree(folder)
        whole = [(int(folder.name.rpartition("-")[2]), folder) for folder, mark in marks.items() if mark is not None]
        return max(whole)[1] if whole else None


@contextmanager
def alone(running: Running) -> Iterator[None]:
    """Keep `out` to one training at a time, by a lock beside it that goes with the process, however it ends.

    Under `torchrun` the first process takes it for all. Raises `StoreError` in one line where another call trains into `out`.
    """
    place = running.out.parent / f".{running.out.name}.lock"
    running.out.parent.mkdir(parents=True, exist_ok=True)
    file = _locked(place, running.out)
    try:
        yield
    finally:
        with suppress(OSError):
            running.checkpoints.rmdir()  # where nothing was kept
        place.unlink(missing_ok=True)  # while it is held: whoever opened it meanwhile looks again
        file.close()


def _locked(place: Path, out: Path) -> IO[str]:
    while True:
        file = place.open("w", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if place.exists() and os.path.samestat(os.fstat(file.fileno()), place.stat()):
                return file
        except BlockingIOError as error:
            file.close()
            raise StoreError(
                f"folder {out.name!r}",
                "is being trained into by another call",
                "wait for it, or name another folder",
                str(out),
            ) from error
        except FileNotFoundError:  # removed between the two looks
            pass
        except BaseException:
            file.close()
            raise
        file.close()


def _mark(checkpoint: Path) -> str | None:
    """The mark of the training that a checkpoint is of; `None` for one that is torn."""
    try:
        return (checkpoint / _COMPLETE).read_text(encoding="utf-8") or None
    except OSError:
        return None


def read_receipt(running: Running) -> dict[str, Any] | None:
    """What this training wrote when it was finished; `None` while `out` is not there.

    Raises `TrainingError` when `out` holds anything else: it would be overwritten.
    """
    if not running.out.exists():
        return None
    try:
        receipt = json.loads((running.out / _RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        receipt = {}
    if not isinstance(receipt, dict) or receipt.get("fingerprint") != running.mark:
        raise TrainingError(
            f"folder {running.out.name!r}",
            "is not the result of this training and would be overwritten",
            "remove it or name another folder",
            str(running.out),
        )
    return receipt


def write_receipt(running: Running, receipt: dict[str, Any]) -> None:
    """Write `receipt` and the fingerprint to the partial result."""
    told = {**receipt, "fingerprint": running.mark}
    (running.partial / _RECEIPT).write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def move(running: Running) -> None:
    """Make the partial result the result, in one move, once all of it is on the disk and readable by whom the receipt is.

    safetensors writes weights for their owner only; the receipt has the permissions that this user gives to files.
    """
    usual = (running.partial / _RECEIPT).stat().st_mode & 0o777
    for file in running.partial.iterdir():
        if file.is_file():
            file.chmod(usual)
    _sync(running.partial)
    running.partial.rename(running.out)
    _sync_entry(running.out.parent)


def remove(*folders: Path) -> None:
    """Remove what is there of `folders`."""
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)


def diverged(running: Running, place: str) -> DivergedError:
    """The error of a training whose loss or weights are no numbers."""
    return DivergedError(
        f"the loss of {running.name}",
        "is not a finite number",
        f"lower its learning_rate (now {running.learning_rate:g})",
        place,
    )


def watcher(running: Running, progress: Progress, meet: Callable[[], None] | None = None) -> Any:
    """A callback of a transformers trainer that tells how far the training is, stops it when the loss is not a number, and marks
    checkpoints that are whole. With several processes, `meet` returns when all have come to it, so that no part is still being written.
    """
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress(state.global_step, state.max_steps)

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress(state.global_step, state.max_steps)

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **_: Any) -> None:
            for name in ("loss", "grad_norm"):
                if name in logs and not math.isfinite(float(logs[name])):
                    raise diverged(running, f"step {state.global_step}")

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if meet is not None:
                meet()
            if not state.is_world_process_zero:
                return
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            _sync(folder)
            (folder / _COMPLETE).write_text(running.mark, encoding="utf-8")
            _sync(folder)

    return Watcher()


def lay_out(lengths: Sequence[int], batch_rows: int, epochs: int, seed: int) -> list[int]:
    """The positions of the rows in the order they are learned, all epochs in one list.

    Each epoch is shuffled; rows of like length (in tokens) share a batch. The order is fixed beforehand so that a training that
    goes on from a checkpoint meets exactly the batches it would have met.
    """
    chance = random.Random(seed)
    shuffled: list[int] = []
    for _ in range(epochs):
        epoch = list(range(len(lengths)))
        chance.shuffle(epoch)
        shuffled += epoch
    batches: list[list[int]] = []
    window = batch_rows * _WINDOW_BATCHES
    for start in range(0, len(shuffled), window):
        part = sorted(shuffled[start : start + window], key=lambda row: lengths[row])
        batches += [part[first : first + batch_rows] for first in range(0, len(part), batch_rows)]
    # An incomplete batch in the middle would shift all that follow; it stays last.
    last = [batches.pop()] if batches and len(batches[-1]) < batch_rows else []
    chance.shuffle(batches)
    return [row for batch in batches + last for row in batch]


def _sync(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
    _sync_entry(folder)


def _sync_entry(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
