"""`primum rubric synthesise`: rubrics for questions that nobody labelled, from principles."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["synthesise"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 5


@click.command("synthesise")
@click.argument("queries", type=_FILE)
@click.option("--out", type=_FILE, required=True, metavar="RUBRICS.jsonl", help="Where the rubrics go.")
@options.workspace
@click.option("--principles", type=_FILE, help="Principles (JSONL of records) to take in the place of the workspace's.")
@click.option(
    "--chat", type=_FILE, help="A TOML file with [[endpoints]]: a chat model sorts and writes, its replies are checked."
)
@click.option("--page", type=_FILE, help="Write a sample to read as one HTML page.")
@click.option("--sample", type=click.IntRange(1), default=60, show_default=True, help="How many questions on the page.")
@click.option("--force", "is_forced", is_flag=True, help="Write --out and --page anew when they are there.")
@options.as_json
def synthesise(page: Path | None, sample: int, as_json: bool, **ordered: Any) -> None:
    """Write a rubric for each question in QUERIES (JSONL: id, query, and profile where it is known).

    Each question is sorted by urgency, uncertainty, expertise and task; the principles that match are told in its own terms and weighed.
    The rubrics are written as HealthBench publishes its own, with the principle behind each criterion in its tags.
    """
    from primum.cycles.benchmark_share import write_new
    from primum.cycles.synthesising import SynthesisOrder, sample_content, synthesise_rubrics
    from primum.errors import SettingError

    order = SynthesisOrder(**ordered)
    if page is not None and (page.resolve() == order.out.resolve() or (page.exists() and not order.is_forced)):
        raise SettingError(
            f"file '{page}'", "is there already", "name another --page, or add --force", "rubric synthesise"
        )
    started = time.monotonic()
    with render.bar("Writing the rubrics") as moved:
        found = synthesise_rubrics(order, moved)
    if page is not None:
        from primum.report.rubric_page import render as drawn

        write_new(page, drawn(sample_content(found, sample, order.queries.stem)), order.is_forced)
    if as_json:
        render.to_json(found.told)
        return
    render.lines(_lines(found.told, order, page, time.monotonic() - started))


def _lines(told: dict[str, Any], order: Any, page: Path | None, seconds: float) -> list[str]:
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in told["by_kind"].items())
    lines = [
        f"{told['rubrics']:,} rubrics for {told['queries']:,} questions in {seconds:.1f} s: {told['criteria']:,} criteria ({kinds}) "
        f"from {told['principles_used']:,} of {told['principles']:,} principles",
        f"{told['with_safety']:,} rubrics guard safety; {told['relaxed']:,} criteria were joined after a dimension was let go",
        f"{told['new_records']:,} new records in {order.workspace}",
    ]
    if told["unread_profiles"]:
        lines.append(
            f"{told['unread_profiles']:,} questions were sorted by the classifier: the model's replies could not be read"
        )
    lines += [f"no rubric: {one['id']}: {one['reason']}" for one in told["refused"][:_SHOWN]]
    if len(told["refused"]) > _SHOWN:
        lines.append(f"and {len(told['refused']) - _SHOWN:,} more without one; --json lists them")
    lines.append(f"Rubrics: {order.out}")
    return lines if page is None else [*lines, f"Page: {page}"]
