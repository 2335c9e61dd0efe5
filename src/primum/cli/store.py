"""`primum store`: all records out, in, and checked."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["store"]


@click.group("store")
def store() -> None:
    """Export, import and check the records."""


@store.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@options.workspace
@options.as_json
def export(file: Path, workspace: Path, as_json: bool) -> None:
    """Write every record and the ledger to FILE as JSONL. An existing FILE is not overwritten."""
    from primum.cycles.records import export_store

    written = export_store(workspace, file)
    if as_json:
        render.to_json({"lines": written, "file": str(file)})
    else:
        render.lines([f"{written:,} lines written to {file}"])


@store.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@options.workspace
@options.as_json
def import_(file: Path, workspace: Path, as_json: bool) -> None:
    """Read the records of FILE into the workspace: all of them, or none when a line is wrong."""
    from primum.cycles.records import import_store

    new = import_store(workspace, file)
    if as_json:
        render.to_json({"new_records": new})
    else:
        render.lines([f"{new:,} records are new"])


@store.command("verify")
@options.workspace
@options.as_json
def verify(workspace: Path, as_json: bool) -> None:
    """Check that every id is the hash of its content and that every lineage edge leads somewhere."""
    from primum.cycles.records import verify_store

    found = verify_store(workspace)
    if as_json:
        render.to_json(found)
    else:
        render.lines([f"{kind:<12} {n:>9,}" for kind, n in sorted(found["records"].items())])
        if found["lessons_elsewhere"]:
            render.lines([f"{found['lessons_elsewhere']:,} records that judges learned from are kept elsewhere."])
        render.lines(found["problems"] or ["Every id and every edge holds."])
    if found["problems"]:
        raise SystemExit(1)
