"""The trainings of the tests: tiny, and the same wherever they run. As a script it starts each of them and kills it.

`python trainings.py FOLDER STAGE:STEP …` runs every stage from `FOLDER/base` in a process that kills itself with SIGKILL after
that step, as a power cut would.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from primum.model_folder import stay_offline
from primum.models.tiny import TinySettings, build_tiny
from primum.ports import Progress, silent
from primum.training import (
    BaseSettings,
    ChatRow,
    DpoRow,
    DpoSettings,
    KtoRow,
    KtoSettings,
    SftSettings,
    Trained,
    train_base,
    train_dpo,
    train_kto,
    train_sft,
)

__all__ = ["CHATS", "DPO", "KTO", "STAGES", "TEXTS", "make_untrained"]

TEXTS = [f"Take {i} tablets with water. 每天服用{i}片，饭后温水送服。" for i in range(24)]
CHATS = [ChatRow([{"role": "user", "content": f"day {i}?"}], f"Take {i % 5} tablets.") for i in range(24)]
KTO = [KtoRow(row.prompt, row.answer if i % 3 else "No.", bool(i % 3)) for i, row in enumerate(CHATS)]
DPO = [DpoRow(row.prompt, row.answer, "No.") for row in CHATS]

_SHARED = {"batch_rows": 4, "save_steps": 2, "threads": 1, "learning_rate": 3e-3}


def make_untrained(folder: Path) -> None:
    small = TinySettings(layers=1, width=16, heads=2, feed_forward=32, vocabulary=400, context_tokens=64)
    build_tiny(TEXTS, small, folder)


def _base(parent: Path, out: Path, progress: Progress = silent) -> Trained:
    return train_base(parent, TEXTS, CHATS, BaseSettings(epochs=1, **_SHARED), out, progress)


def _sft(parent: Path, out: Path, progress: Progress = silent) -> Trained:
    return train_sft(parent, CHATS, SftSettings(epochs=1, **_SHARED), out, progress)


def _kto(parent: Path, out: Path, progress: Progress = silent) -> Trained:
    return train_kto(parent, KTO, KtoSettings(**_SHARED), out, progress)


def _dpo(parent: Path, out: Path, progress: Progress = silent) -> Trained:
    return train_dpo(parent, DPO, DpoSettings(**_SHARED), out, progress)


STAGES: dict[str, Callable[..., Trained]] = {"base": _base, "sft": _sft, "kto": _kto, "dpo": _dpo}


def _kill_at(step: int) -> Progress:
    def progress(done: int, total: int, /) -> None:
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return progress


if __name__ == "__main__":
    stay_offline()
    for trainer in ("SFTTrainer", "KTOTrainer", "DPOTrainer"):  # imported once, for all the processes below
        getattr(importlib.import_module("trl"), trainer)
    root = Path(sys.argv[1])
    for stage, step in (argument.split(":") for argument in sys.argv[2:]):
        child = os.fork()
        if child == 0:
            STAGES[stage](root / "base", root / f"killed-{stage}", _kill_at(int(step)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"{stage} was not killed: it ended with {status}")
