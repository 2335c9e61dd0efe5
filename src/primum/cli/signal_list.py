"""`primum signal list`: what there is."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["show"]


@click.command("list")
@click.option("--each", "is_each", is_flag=True, help="A row for each signal, with its id.")
@options.workspace
@options.as_json
def show(is_each: bool, workspace: Path, as_json: bool) -> None:
    """Count the workspace's signals by harm level, style, language and consent, and its flags by reason and role."""
    from primum.cycles.signalling import list_signals

    found = list_signals(workspace)
    if as_json:
        render.to_json(found if is_each else {key: value for key, value in found.items() if key != "rows"})
        return
    simulated = f", {found['simulated']:,} of them simulated" if found["simulated"] else ""
    render.lines([f"{found['signals']:,} signals{simulated}"])
    if is_each:
        render.table(
            "Signals",
            ("id", "harm", "style", "language", "consent", "flags", "asked"),
            [
                (
                    one["id"],
                    str(one["harm"]),
                    one["style"],
                    one["language"],
                    one["consent"],
                    "; ".join(one["flags"]),
                    _short(one["prompt"]),
                )
                for one in found["rows"]
            ],
        )
        return
    render.table(
        "By harm level, style, language and consent",
        ("harm", "style", "language", "consent", "signals", "flagged"),
        [tuple(one.values()) for one in found["by"]],
    )
    render.table("Flags", ("reason", "role", "severity", "flags"), [tuple(one.values()) for one in found["flags"]])
    removed = ", ".join(f"{n:,} {kind}" for kind, n in found["identifiers_removed"].items())
    render.lines([f"identifiers removed: {removed or 'none'}"])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
