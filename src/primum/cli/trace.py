"""`primum trace`: from any record to what it rests on, and to what rests on it."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["trace_record"]


@click.command("trace")
@click.argument("record")
@click.option(
    "--up", "direction", flag_value="up", help="Only what it rests on: down to the article of law and the data."
)
@click.option("--down", "direction", flag_value="down", help="Only what rests on it: up to the checkpoint it trained.")
@click.option("--depth", type=click.IntRange(1), help="How many steps to walk at most.")
@options.workspace
@options.as_json
def trace_record(record: str, direction: str | None, depth: int | None, workspace: Path, as_json: bool) -> None:
    """Walk from RECORD (an id, or enough of one) to what it rests on and what rests on it.

    An unsafe answer leads to the article it breaks, a checkpoint to the data it learned from.
    """
    from primum.cycles.records import trace_id
    from primum.store import render_lines

    found = trace_id(workspace, record, direction or "both", depth)
    if as_json:
        render.to_json(found.to_dict())
    else:
        render.lines(render_lines(found))
