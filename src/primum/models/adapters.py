"""Adapters made whole: what a cycle trained, merged into the model it was trained on, as a folder that stands by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

from primum.checkpoints import Running, alone, move, read_receipt, remove, write_receipt
from primum.errors import ModelError, TrainingError
from primum.frameworks import quiet
from primum.model_folder import base_of, check_model_folder, hash_model, reading_files, stay_offline, writing_weights
from primum.models.local import load_model_folder

__all__ = ["merge_adapter"]


def merge_adapter(folder: Path, out: Path) -> None:
    """Write the model that the adapter in `folder` makes of its base to `out`, a whole Hugging Face folder.

    The weights are those that `load_model_folder` holds on this machine, in its precision (16 bits on a GPU, 32 elsewhere): what is
    released is what was measured. Written aside and moved in one go; a call that was cut off begins again, one that had ended returns.
    A file `training.json` keeps what it was made of.

    Raises `ModelError` when `folder` holds no adapter, when its base is not the one it was trained on, or when `out` is anything
    else; `StoreError` while another call writes `out`, or when the disk is full.
    """
    check_model_folder(folder)
    if base_of(folder) is None:
        raise ModelError(
            f"model folder {folder.name!r}", "holds no adapter that could be merged", "take it as it is", str(folder)
        )
    running = Running("merge", out, hash_model(folder), learning_rate=0.0)
    if _is_merged(running):
        return
    with writing_weights(out), alone(running):
        if _is_merged(running):  # another call may have ended meanwhile
            return
        remove(running.partial)
        _write(folder, running)


def _is_merged(running: Running) -> bool:
    try:
        return read_receipt(running) is not None
    except TrainingError:
        raise ModelError(
            f"folder {running.out.name!r}",
            "already holds something else than this adapter merged",
            "remove it or name another folder",
            str(running.out),
        ) from None


def _write(folder: Path, running: Running) -> None:
    stay_offline()
    model = load_model_folder(folder).model
    running.partial.mkdir()
    with quiet():
        model.save_pretrained(running.partial)
    for file in reading_files(folder):
        shutil.copyfile(file, running.partial / file.name)
    write_receipt(running, {"stage": "merge"})
    move(running)
