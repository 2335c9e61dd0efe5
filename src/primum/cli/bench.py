"""`primum bench`: the situations."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["bench"]


@click.group("bench")
def bench() -> None:
    """Show the situations that policies are tested on."""


@bench.command("stats")
@options.workspace
@options.as_json
def stats(workspace: Path, as_json: bool) -> None:
    """Count the situations by set, language, task and split."""
    from primum.cycles.situations import count_situations

    rows = count_situations(workspace)
    if as_json:
        render.to_json(rows)
        return
    columns = ("dataset", "language", "task", "split", "n")
    render.table("Situations", columns, [[row[column] for column in columns] for row in rows])


@bench.command("show")
@click.argument("scenario")
@options.workspace
@options.as_json
def show(scenario: str, workspace: Path, as_json: bool) -> None:
    """Show a SCENARIO by its id (or enough of it): what is asked, the norms it rests on, its key or reference, its rubric."""
    from primum.cycles.situations import show_situation

    found = show_situation(workspace, scenario)
    if as_json:
        render.to_json(found)
        return
    told = [f"{found['id']}  ({found['dataset']}, {found['task']}, {found['split']}, {found['made_by']})", ""]
    told += [f"[{turn['role']}] {turn['content']}" for turn in found["messages"]]
    told += [f"  {option['letter']}. {option['text']}" for option in found["options"]]
    told += ["", f"dimension {found['dimension']}, harm level {found['harm_level']}, style {found['style']}"]
    told += [f"key: {', '.join(found['key'])}"] if found["key"] else []
    told += [f"good answer: {found['reference']}"] if found["reference"] else []
    told += [f"rests on {norm['reference']}: {norm['text']}" for norm in found["norms_shown"]]
    told += [f"criterion ({criterion['points']:+d}): {criterion['statement']}" for criterion in found["criteria"]]
    render.lines(told)
