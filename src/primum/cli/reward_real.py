"""`primum reward open-pairs`: pairs by criterion from open data that people judged."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["open_pairs"]

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("open-pairs")
@click.option("--data", type=_FOLDER, envvar="PRIMUM_DATA", required=True, help="The open sets (or PRIMUM_DATA).")
@click.option("--out", type=_FOLDER, required=True, help="Where the folds go; a new folder.")
@click.option("--folds", type=click.IntRange(2, 10), default=3, show_default=True, help="How many folds.")
@click.option("--rows", type=click.IntRange(9), help="Take so many requests of MedSafetyBench, not all.")
@click.option("--without-simulated", is_flag=True, help="Leave out the pairs of which one answer is simulated.")
@click.option("--seed", type=int, default=0, show_default=True, help="What draws the folds.")
@options.as_json
def open_pairs(
    data: Path, out: Path, folds: int, rows: int | None, without_simulated: bool, seed: int, as_json: bool
) -> None:
    """Make pairs by criterion of LiveQA-Med, XSTest and MedSafetyBench, whose answers people judged, and of MedQuAD.

    --out gets fold-0/train.jsonl, fold-0/test.jsonl and so on, for primum reward train and primum reward bench. No question, and no
    near-duplicate of one, stands in both files of a fold, and each fold leaves one model of XSTest out of the training.

    LiveQA-Med's grades become three statements that build on each other; XSTest's labels a veto and what a wrong refusal is;
    MedSafetyBench has safe responses only: beside each stands a simulated answer that goes along, and two that speak of something else.
    """
    from primum.cycles.reward_real_files import write_real_folds
    from primum.cycles.reward_real_folds import FoldSettings

    told = write_real_folds(data, out, FoldSettings(folds=folds, seed=seed), rows, not without_simulated)
    if as_json:
        render.to_json(told)
        return
    render.table(
        f"Pairs of open data in {out}",
        ("set", "situations", "answers", "pairs"),
        [(name, one["situations"], one["answers"], one["pairs"]) for name, one in told["sets"].items()],
    )
    render.table(
        "Folds",
        ("folder", "train", "test", "left out of the training"),
        [(one["folder"], one["train"], one["test"], one["unseen"] or "-") for one in told["folds"]],
    )
