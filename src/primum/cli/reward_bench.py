"""`primum reward bench` and `primum reward ablate`: how right a reward model is, and what each of its parts is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["ablate", "bench"]

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("bench")
@click.argument("pairs", type=_FILE)
@click.option("--model", type=_FOLDER, required=True, help="The folder of a reward model, or of a linear one.")
@click.option(
    "--against",
    multiple=True,
    metavar="DIR|linear",
    help="Measure that one beside it; 'linear' fits the baseline (repeatable).",
)
@click.option("--train", "taught", type=_FILE, help="With --against linear: the pairs it is fitted to.")
@click.option("--out", type=_FILE, help="Write the tables there too (JSON).")
@click.option("--anyway", "is_anyway", is_flag=True, help="Measure on pairs that it learned from all the same.")
@click.option("--force", "is_forced", is_flag=True, help="Overwrite --out.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a setting (repeatable).")
@options.as_json
def bench(overrides: tuple[str, ...], as_json: bool, **ordered: Any) -> None:
    """Measure a reward model on PAIRS (JSONL as primum reward pairs writes it).

    By class of criterion: which answer is the better one under it, and whether it is met; vetoes with precision, recall and F1; whole pairs
    in order; how honest its chances are; and all that on criteria, policies and languages that it never saw. Each number has its 95 %
    interval by group of pairs. An answer that it cannot read is an abstention, counted beside.
    """
    from primum.cycles.reward_bench import BenchOrder, bench_reward, bench_settings
    from primum.report.reward_terminal import bench_summary

    settings = bench_settings(overrides)
    with render.bar("reading the pairs") as progress:
        found = bench_reward(BenchOrder(**ordered), settings, progress)
    if as_json:
        render.to_json(found)
    else:
        render.show(bench_summary(found))


@click.command("ablate")
@click.argument("pairs", type=_FILE)
@click.option("--base", type=_FOLDER, required=True, help="The backbone that each is trained from.")
@click.option("--out", type=_FOLDER, required=True, help="Where the models and the tables go.")
@click.option("--test", "tested", type=_FILE, help="The pairs to measure on; without it groups of PAIRS are held out.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a setting (repeatable).")
@options.as_json
def ablate(overrides: tuple[str, ...], as_json: bool, **ordered: Any) -> None:
    """Train a reward model on PAIRS without each of its parts, and measure what is lost.

    Without the criterion in the input, without vetoes, with one head for safety and proficiency, without excellence; each from the same
    backbone with the same settings and seed (--set training.epochs=4). A training that was cut off goes on when this is run again, and a
    finished one is kept. --out ends with a folder for each, ablations.json and ablations.md.
    """
    from primum.cycles.reward_ablating import AblationOrder, ablate, ablation_settings
    from primum.report.reward_terminal import ablation_summary, write_ablations

    order, settings = AblationOrder(**ordered), ablation_settings(overrides)
    with render.bar("training the ablations") as progress:
        found = ablate(order, settings, progress)
    page = write_ablations(found, order.out)
    if as_json:
        render.to_json(found)
    else:
        render.show(ablation_summary(found))
        render.lines([f"Written: {page}"])
