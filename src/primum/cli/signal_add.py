"""`primum signal add`: logs into a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["add"]


@click.command("add")
@click.argument("logs", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="LOGS...")
@click.option("--licence", required=True, help="Under which terms the logs may be used; a row's own goes before it.")
@click.option(
    "--consent",
    type=click.Choice(["given", "not required", "unknown"]),
    default="unknown",
    show_default=True,
    help="What holds for rows that do not say.",
)
@click.option("--basis", default="", help="With --consent 'not required': the rule under which it is not.")
@click.option("--simulated", "is_simulated", is_flag=True, help="All of it is made up, and is called so.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a setting: columns.prompt=question (repeatable).",
)
@options.workspace
@options.as_json
def add(
    logs: tuple[Path, ...],
    licence: str,
    consent: str,
    basis: str,
    is_simulated: bool,
    overrides: tuple[str, ...],
    workspace: Path,
    as_json: bool,
) -> None:
    """Take the logs in LOGS (folders or files: OpenAI-style JSONL, CSV, our gateway's records, files of flags) into the workspace.

    Direct identifiers are removed first; whoever refused consent is left out; what says the same is kept once. Rows that cannot be read are
    named with their line and left out. What the workspace holds already is not added again. The formats: docs/signals.md.
    """
    from primum.cycles.signalling import add_logs, settings_of

    settings = settings_of(licence, consent, basis, is_simulated, overrides)
    with render.bar("Reading logs") as progress:
        found = add_logs(list(logs), settings, workspace, progress)
    if as_json:
        render.to_json(found)
    else:
        render.lines(_told(found))


def _told(found: dict[str, Any]) -> list[str]:
    told = [
        f"{found['conversations']:,} conversations in {found['files']:,} files: {found['added']:,} added, {found['repeats']:,} repeats, "
        f"{found['stored_before']:,} there before, {found['consent_refused']:,} left out as their person refused",
        f"{found['flags_added']:,} flags added",
        f"identifiers removed: {_listed(found['identifiers_removed'])}",
        f"harm told by: {_listed(found['harm_by'])}",
        f"{found['teaching']:,} may teach; not: {_listed(found['not_taught'])}",
    ]
    if not found["harm_reader"]["learned"]:
        told.append("the harm reader had too few situations to learn from: only flags told harm")
    if found["simulated"]:
        told.append(f"{found['simulated']:,} of them are simulated")
    told += [f"passed over: {name}" for name in found["other_files"]]
    if found["refused_rows"]:
        told.append(f"{found['refused_rows']:,} rows refused:")
        told += [f"  {line}" for line in found["refused"]]
        more = found["refused_rows"] - len(found["refused"])
        told += [f"  … and {more:,} more"] if more else []
    return told


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {name}" for name, n in counts.items()) or "none"
