"""`primum guardian`: train a guardian, label answers with it, show how right it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["guardian"]

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("guardian")
def guardian() -> None:
    """Train the small judge, label answers with it, and show how right it is on what it has not seen."""


@guardian.command("train")
@click.option("--out", type=_FOLDER, required=True, help="Where the guardian goes; a new folder.")
@click.option("--data", type=_FOLDER, envvar="PRIMUM_DATA", help="The folder of the open sets (or PRIMUM_DATA).")
@click.option("--transformer", type=_FOLDER, help="Fine-tune the encoder or decoder in this folder instead.")
@click.option("--lora-rank", type=int, help="With --transformer: train adapters of this rank, not all weights.")
@click.option("--epochs", type=int, help="With --transformer: how often each answer is read.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a setting (repeatable).")
@options.as_json
def train(
    out: Path,
    data: Path | None,
    transformer: Path | None,
    lora_rank: int | None,
    epochs: int | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Train a guardian on the open sets below --data and on what ships, and measure it on what it has not seen.

    It is linear, unless --transformer names a Hugging Face folder to fine-tune; --set transformer.max_tokens=256 and the like say how.

    XSTest must be there; MedSafetyBench, MedQuAD and Huatuo are used where they are. The six questions are learned from simulated
    answers to items drafted from the norms that ship.
    """
    from primum.cycles.guarding import settings_of, train, train_tuned

    tuning = {"lora_rank": lora_rank, "epochs": epochs}
    given = [f"transformer.{name}={value}" for name, value in tuning.items() if value is not None]
    if given and transformer is None:
        raise click.UsageError("--lora-rank and --epochs go with --transformer")
    settings = settings_of([*overrides, *given])
    with render.bar("training and measuring the guardian") as progress:
        if transformer is None:
            trained, figures = train(out, data, settings, progress)
        else:
            trained, figures = train_tuned(out, data, transformer, settings, progress)
    if as_json:
        render.to_json({"name": trained.name, "fingerprint": trained.ref.fingerprint, "figures": figures})
    else:
        render.lines([f"{trained.name} in {out}: heads {', '.join(trained.reader.heads)}"])
        _show(figures)


@guardian.command("label")
@click.argument("answers", type=_FILE)
@click.option(
    "--guardian", "folder", type=_FOLDER, help="The folder of the guardian; the one that ships where left out."
)
@click.option("--out", type=_FILE, help="Where the labels go (JSONL); standard output where left out.")
@click.option("--explain", "is_explained", is_flag=True, help="Add the sentences that decided.")
@click.option("--force", "is_forced", is_flag=True, help="Overwrite --out.")
def label(answers: Path, folder: Path | None, out: Path | None, is_explained: bool, is_forced: bool) -> None:
    """Label ANSWERS (JSONL: id, prompt, completion) as accept, caution or refuse.

    Prints a line {"id", "label", "probability"} for each, in order; ids are copied and may come twice. The label is "abstained", its
    probability null, where the guardian is not sure enough or the answer is no language (an empty one, say). Nothing is printed when a
    row of the file is wrong.
    """
    from primum.cycles.guarding import label, shipped_guardian, write_labels
    from primum.judging import Guardian

    judge = shipped_guardian() if folder is None else Guardian.load(folder)
    with render.bar("labelling") as progress:
        labelled = label(judge, answers, is_explained, progress)
        if out is None:
            for one in labelled:
                click.echo(json.dumps(one.plain(), ensure_ascii=False))
        else:
            write_labels(out, labelled, is_forced)


@guardian.command("report")
@click.argument("folder", type=_FOLDER, required=False)
@options.as_json
def report(folder: Path | None, as_json: bool) -> None:
    """Show how right the guardian in FOLDER (the one that ships where left out) was on what it had not seen when it was trained."""
    from primum.cycles.guarding import read_figures

    read = read_figures(folder)
    if as_json:
        render.to_json(read)
    else:
        _show(read["figures"])


def _show(figures: list[dict[str, Any]]) -> None:
    rows = [
        (
            one["head"],
            one["left_out"],
            group,
            _interval(estimate),
            _interval(one["complied"] if group == "all" else one["complied_by_group"].get(group)),
            sum(one["abstained"].values()) if group == "all" else one["abstained"].get(group, 0),
        )
        for one in figures
        for group, estimate in [("all", one["accuracy"]), *one["by_group"].items()]
        if group != "all" or one["accuracy"]
    ]
    render.table(
        "How right on what was left out (95 % intervals)",
        ("head", "left out", "answers of", "right", "complied or not", "abstained"),
        rows,
    )
    render.table(
        "Is its confidence honest?",
        ("head", "left out", "expected calibration error", "Brier score", "abstained, %"),
        [
            (
                one["head"],
                one["left_out"],
                _interval(one["calibration_error"], 1),
                _interval(one["brier"], 1),
                f"{100 * one['share_abstained']:.1f}",
            )
            for one in figures
        ],
    )


def _interval(estimate: dict[str, Any] | None, times: int = 100) -> str:
    if not estimate:
        return "–"
    if "undefined" in estimate:
        return f"undefined: {estimate['undefined']}"
    digits = 1 if times == 100 else 3
    return f"{times * estimate['value']:.{digits}f} [{times * estimate['low']:.{digits}f}, {times * estimate['high']:.{digits}f}]"
