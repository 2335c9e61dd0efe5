"""`primum bench contamination`."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["contamination"]

_SHOWN = 20


@click.command("contamination")
@click.argument("training", type=click.Path(path_type=Path))
@click.option("--field", "fields", multiple=True, help="A column to look at; may be said again.  [default: all text]")
@click.option("--name", default="", help="Which benchmark, when the workspace holds several.")
@click.option("--containment", type=float, help="The share of an item's n-grams from which it counts.  [default: 0.5]")
@options.workspace
@options.as_json
def contamination(
    training: Path,
    fields: tuple[str, ...],
    name: str,
    containment: float | None,
    workspace: Path,
    as_json: bool,
) -> None:
    """Look for a benchmark's items, and its canary, in the TRAINING set (JSONL, JSON, CSV, TSV or text). Exit 1 when any is there."""
    from primum.bench.contamination import ProbeSettings
    from primum.cycles.contaminating import probe_training_set

    settings = ProbeSettings() if containment is None else ProbeSettings(containment=containment)
    with render.bar("Reading the training set") as moved:
        told = probe_training_set(workspace, training, name, fields, settings, moved)
    if as_json:
        render.to_json(told)
    else:
        rows = []
        for row in told["shares"]:
            share = row["share"]
            interval = f"{share['value']:.2%} [{share['low']:.2%}, {share['high']:.2%}]"
            rows.append((row["split"], row["exact"], row["near"], row["resembles"], share["n"], interval))
        render.table(
            "Items that the training set holds", ("split", "exact", "near", "resembles", "items", "share"), rows
        )
        strongest = sorted(told["overlaps"], key=lambda one: -one["share"])[:_SHOWN]
        render.lines(
            f"{one['item']} ({one['split']}): {one['how']} {one['share']:.0%}, row {one['row']:,}" for one in strongest
        )
        canaries = told["canary_rows"]
        found = f"in {len(canaries):,} rows, first in row {canaries[0]:,}" if canaries else "in no row"
        render.lines([f"{told['rows']:,} rows were read; the canary stands {found}"])
    if not told["is_clean"]:
        raise SystemExit(1)
