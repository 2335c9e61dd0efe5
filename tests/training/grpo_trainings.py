"""The GRPO trainings of the tests: tiny, and the same wherever they run. As a script it runs one and kills it, as a power cut would.

`python grpo_trainings.py FOLDER STEP` trains from `FOLDER/base` to `FOLDER/killed` in a process that kills itself after that step.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from primum.model_folder import stay_offline
from primum.ports import Progress, silent
from primum.training import (
    GroupWatch,
    GroupWatchSettings,
    GrpoRow,
    GrpoSettings,
    GrpoTrained,
    RewardSource,
    train_grpo,
)

__all__ = ["HELD", "ROWS", "SETTINGS", "WATCH", "short", "source", "train"]

ROWS = [GrpoRow([{"role": "user", "content": f"day {i}?"}], f"row {i}") for i in range(16)]
HELD = [GrpoRow([{"role": "user", "content": f"night {i}?"}], f"held {i}") for i in range(4)]
SETTINGS = GrpoSettings(
    batch_rows=8,
    group=4,
    max_tokens=64,
    max_new_tokens=10,
    save_steps=2,
    threads=1,
    learning_rate=1e-2,
    judging_groups=1,
)


def short(completions: Sequence[Any], **_: Any) -> list[float]:
    """The fewer characters, the better."""
    return [-len(one[-1]["content"]) / 20 for one in completions]


def long(completions: Sequence[Any], **_: Any) -> list[float]:
    """The more characters, the better."""
    return [len(one[-1]["content"]) / 20 for one in completions]


def source(reward: Any = short, name: str = "short", **named: Any) -> RewardSource:
    return RewardSource(name, reward, f"mark of {name}", **named)


WATCH = GroupWatch(
    settings=GroupWatchSettings(held_every=3, on_length="off", on_unusable="off", on_hacked="off"),
    held=source(short, "held"),
    held_rows=HELD,
    second=source(long, "second"),
    is_unusable=lambda id, text: not text.strip(),
)


def train(parent: Path, out: Path, progress: Progress = silent, **changed: Any) -> GrpoTrained:
    settings = changed.pop("settings", SETTINGS)
    rows, rewards, watch = (
        changed.get(name, usual) for name, usual in (("rows", ROWS), ("rewards", [source()]), ("watch", WATCH))
    )
    return train_grpo(parent, rows, rewards, settings, out, watch, progress)


def _kill_at(step: int) -> Progress:
    def progress(done: int, total: int, /) -> None:
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return progress


if __name__ == "__main__":
    stay_offline()
    root = Path(sys.argv[1])
    train(root / "base", root / "killed", _kill_at(int(sys.argv[2])))
