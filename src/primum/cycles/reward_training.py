"""Training a reward model from a file of pairs: `primum reward train`, alone or as one of the processes of `torchrun`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from primum.config import read_settings
from primum.cycles.reward_bench import is_from_scratch, refuse_inputs
from primum.errors import SettingError
from primum.ports import Progress, silent
from primum.records import plain
from primum.rewards.model.settings import RewardModelSettings
from primum.rewards.pair_file import read_pairs

__all__ = ["TrainOrder", "is_first_process", "train_model", "training_settings"]


class TrainOrder(NamedTuple):
    """The file of pairs, the folder of the backbone, where the model goes, and what its card calls it (the folder's name without)."""

    pairs: Path
    base: Path
    out: Path
    name: str | None = None


def training_settings(path: Path | None, overrides: Sequence[str]) -> RewardModelSettings:
    """The settings in a TOML file, if there is one, with `key=value` on top. Raises `SettingError`."""
    try:
        return read_settings(path or Path(os.devnull), RewardModelSettings, overrides)
    except SettingError as error:
        raise error if path else SettingError(error.value, error.rule, error.way_out, "--set") from error


def is_first_process() -> bool:
    """Whether this is the process that reports, of those that `torchrun` started."""
    return os.environ.get("RANK", "0") == "0"


def train_model(order: TrainOrder, settings: RewardModelSettings, progress: Progress = silent) -> dict[str, Any]:
    """Train, or go on where a training was cut off, or tell what is finished; what it came to, as plain values.

    Raises `SettingError` where it would go into the backbone's folder, `InputError` with `file:line` for a file that holds no pairs; else
    what `train_reward_model` raises.
    """
    from primum.rewards.model.training import About, train_reward_model

    refuse_inputs(order.out, [order.pairs], [order.base], "reward train")
    pairs = read_pairs(order.pairs)
    simulated = sum(pair.is_simulated for pair in pairs)
    about = About(
        name=order.name,
        data=f"{len(pairs):,} pairs by criterion from {order.pairs.name}, {simulated:,} of them simulated.",
        is_from_scratch=is_from_scratch(order.base),
    )
    trained = train_reward_model(order.base, pairs, settings, order.out, progress, about)
    told = trained._asdict() | {"loss_first": trained.loss_first, "loss_last": trained.loss_last}
    return {
        **{name: plain(value) for name, value in told.items() if name != "folder"},
        "folder": str(order.out),
        "base": order.base.name,
        "given": len(pairs),
        "simulated": simulated,
        "is_from_scratch": about.is_from_scratch,
    }
