"""`primum rubric draft`: rubrics for a file of questions."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["draft"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 5


@click.command("draft")
@click.argument("queries", type=_FILE)
@click.option("--out", type=_FILE, required=True, metavar="RUBRICS.jsonl", help="Where the rubrics go.")
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the records there too, and take its norms when --norms names none.",
)
@click.option("--norms", type=click.Path(path_type=Path, file_okay=False), help="A folder of norms.")
@click.option(
    "--chat", type=_FILE, help="A TOML file with [[endpoints]]: a chat model drafts, its replies are checked."
)
@click.option("--exemplars", type=_FILE, help="Rubrics (JSONL) that show the chat model the manner.")
@click.option("--force", "is_forced", is_flag=True, help="Write --out anew when it is there.")
@options.as_json
def draft(as_json: bool, **ordered: Any) -> None:
    """Draft a rubric for each question in QUERIES (JSONL: id, query, and answer or profile where they are known).

    By rule: from the parts of the answer, the norms that bear on the question, and what its urgency, uncertainty, expertise and task
    ask for. With --chat by a chat model. The rubrics are written as HealthBench publishes its own; they are drafts until people have
    refined and verified them.
    """
    from primum.cycles.rubric_drafting import DraftOrder, draft_rubrics

    started = time.monotonic()
    with render.bar("Drafting the rubrics") as moved:
        told = draft_rubrics(DraftOrder(**ordered), moved)
    if as_json:
        render.to_json(told)
        return
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in told["by_kind"].items())
    lines = [
        f"{told['rubrics']:,} rubrics for {told['queries']:,} questions in {time.monotonic() - started:.1f} s: "
        f"{told['criteria']:,} criteria ({kinds}), {told['with_norms']:,} resting on norms",
        f"{told['with_safety']:,} rubrics guard safety",
    ]
    if told["new_records"] is not None:
        lines.append(f"{told['new_records']:,} new records in {ordered['workspace']}")
    lines += [f"no rubric: {one['id']}: {one['reason']}" for one in told["refused"][:_SHOWN]]
    if len(told["refused"]) > _SHOWN:
        lines.append(f"and {len(told['refused']) - _SHOWN:,} more without one; --json lists them")
    render.lines([*lines, f"Rubrics: {ordered['out']}"])
