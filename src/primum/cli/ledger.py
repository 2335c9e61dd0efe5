"""`primum ledger`: the tamper-evident log of what was done."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["ledger"]


@click.group("ledger")
def ledger() -> None:
    """Show and verify the log of what was done."""


@ledger.command("show")
@options.workspace
@options.as_json
def show(workspace: Path, as_json: bool) -> None:
    """Show the entries, the oldest first."""
    from primum.cycles.records import ledger_rows

    rows = ledger_rows(workspace)
    if as_json:
        render.to_json(rows)
        return
    render.table(
        "Ledger",
        ("entry", "at", "event", "detail", "digest"),
        [(row["sequence"], row["at"], row["event"], row["detail"], row["digest"][:12]) for row in rows],
    )


@ledger.command("verify")
@click.option("--head", help="The digest of the last entry as it was noted elsewhere: only so is a cut-off end seen.")
@options.workspace
@options.as_json
def verify(head: str | None, workspace: Path, as_json: bool) -> None:
    """Verify that no entry was changed, taken out or put in between."""
    from primum.cycles.records import verify_ledger

    found = verify_ledger(workspace, head)
    if as_json:
        render.to_json(found)
    elif found["verified"]:
        render.lines([f"The chain of {found['entries']} entries holds. Head: {found['head']}"])
    else:
        render.lines([f"The chain is broken: {found['problem']}"])
    if not found["verified"]:
        raise SystemExit(1)
