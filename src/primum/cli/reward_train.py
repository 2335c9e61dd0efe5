"""`primum reward train`: pairs by criterion into a reward model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["train"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_SHOWN = ("pairwise accuracy", "pointwise accuracy", "veto F1", "calibration error")


@click.command("train")
@click.argument("pairs", type=_FILE)
@click.option("--base", type=_FOLDER, required=True, help="The backbone: a Hugging Face folder of a language model.")
@click.option("--out", type=_FOLDER, required=True, help="Where the reward model goes.")
@click.option("--settings", "file", type=_FILE, metavar="TRAIN.toml", help="The settings of the training.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="One setting, over those of the file.")
@click.option("--name", help="What the card calls the model; the folder's name without it.")
@options.as_json
def train(file: Path | None, overrides: tuple[str, ...], as_json: bool, **ordered: Any) -> None:
    """Train a reward model on PAIRS (JSONL, as primum reward pairs writes them): its heads and, whole or by adapters, its backbone.

    Some groups of pairs are held back (--set held_share=0.15): on them its chances are calibrated and the figures of its card measured. A
    training that was cut off goes on when this is run again; a finished one is told again. Nothing is written over, neither a model nor
    checkpoints of a training with other settings that was cut off, and only one training at a time has --out.

    On several processes:  torchrun --nproc_per_node 2 -m primum.cli reward train PAIRS --base DIR --out DIR
    """
    from primum.cycles.reward_training import TrainOrder, is_first_process, train_model, training_settings

    settings = training_settings(file, overrides)
    with render.bar("Training the reward model") as progress:
        found = train_model(TrainOrder(**ordered), settings, progress)
    if not is_first_process():
        return
    if as_json:
        render.to_json(found)
        return
    left = f"; {found['left_out']:,} pairs left out" if found["left_out"] else ""
    cut = f"; {found['cut']:,} answers cut" if found["cut"] else ""
    told = [
        f"{found['pairs']:,} pairs, {found['samples']:,} with a winner by criterion, {found['masked']:,} without{left}{cut}",
        f"{found['steps']:,} steps, loss {_loss(found['loss_first'])} → {_loss(found['loss_last'])}",
        f"{found['held']:,} pairs held back; on these:",
        *_figures(found),
        *([_simulated(found["simulated"], found["given"])] if found["simulated"] else []),
        *(["From scratch: its backbone was built on the spot."] if found["is_from_scratch"] else []),
        f"Written: {found['folder']}",
    ]
    render.lines(told)


def _loss(value: float | None) -> str:
    return "not logged" if value is None else f"{value:.3f}"


def _simulated(some: int, all_of_them: int) -> str:
    if some == all_of_them:
        return "Simulated: its figures say nothing about real answers."
    return f"{some:,} of {all_of_them:,} pairs are simulated: its figures are of both kinds together."


def _figures(found: dict[str, Any]) -> list[str]:
    shown = [one for one in found["figures"] if one["metric"] in _SHOWN]
    if not shown:
        return ["  nothing was held back: not measured, not calibrated"]
    return [
        f"  {one['metric']}, {one['of']}: {one['estimate']['value']:.3f} "
        f"({one['estimate']['low']:.3f} … {one['estimate']['high']:.3f})"
        for one in shown
    ]
