"""`primum rubric export` and `primum rubric import`: rubrics and preferences in the formats of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from primum.cli import options, render

__all__ = ["export_rubrics", "import_rubrics"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_FORMATS = click.Choice(["healthbench", "preferences", "label-studio", "argilla"])
_MOST_LISTED = 20


@click.command("export")
@click.option("--format", "form", type=_FORMATS, required=True, help="As what.")
@click.option("--out", type=_FILE, required=True, help="The file to write.")
@click.option("--rubric", "rubrics", multiple=True, metavar="ID", help="Only this rubric (repeatable).")
@click.option(
    "--tasks",
    type=click.Choice(["criteria", "pairs"]),
    default="criteria",
    show_default=True,
    help="For Label Studio and Argilla: what people are shown.",
)
@click.option("--plain", "is_plain", is_flag=True, help="With preferences: texts, not messages.")
@click.option("--force", "is_forced", is_flag=True, help="Replace the file if it is there.")
@options.workspace
@options.as_json
def export_rubrics(form: str, out: Path, workspace: Path, as_json: bool, **which: Any) -> None:
    """Write rubrics, or preferences, to a file for other tools.

    `healthbench`: JSONL, a conversation with its criteria in a row; tags carry what an import needs to give the same criteria.
    `preferences`: JSONL with prompt, chosen, rejected, as TRL takes it. `label-studio`, `argilla`: JSON for annotation, a task for each
    criterion or pair, and the configuration of the project beside it. Without --rubric the current rubric of each scenario is written.
    """
    from primum.cycles.rubric_exchange import Format, export_file

    found = export_file(workspace, cast(Format, form), out, **which)
    if as_json:
        render.to_json(found)
        return
    count = next(f"{found[what]:,} {what}" for what in ("rubrics", "preferences") if what in found)
    tasks = f", {found['tasks']:,} tasks" if "tasks" in found else ""
    render.lines([f"{count}{tasks} in {out} ({form})"])
    if found["left_out"]:
        render.lines([f"left out: {found['left_out']:,} rubrics of choice questions, which have options"])
    if "configuration" in found:
        render.lines([f"configuration of the project: {found['configuration']}"])


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--format", "form", type=_FORMATS, required=True, help="What it is.")
@click.option("--person", metavar="NAME", help="Who wrote it: a pseudonym.")
@click.option("--role", help="In which role; for annotations that of all annotators.  [default: annotator]")
@options.workspace
@options.as_json
def import_rubrics(file: Path, form: str, person: str | None, role: str | None, workspace: Path, as_json: bool) -> None:
    """Read rubrics, preferences or annotations from FILE into the workspace, all of it or nothing.

    HealthBench rows become drafted rubrics; preferences come with their prompts and answers. Annotations of tasks that `primum rubric
    export` wrote come back as a refinement of each rubric by each annotator (under a pseudonym), or as their preferences.
    """
    from primum.cycles.rubric_exchange import Format, ImportOrder, import_file

    order = ImportOrder(file, cast(Format, form), person, role)
    with render.bar("importing") as progress:
        found = import_file(workspace, order, progress)
    if as_json:
        render.to_json(found)
        return
    counted = ", ".join(
        f"{found[what]:,} {what}"
        for what in ("rubrics", "criteria", "refinements", "preferences", "scenarios", "responses")
        if what in found
    )
    rows = found.get("rows", [])
    if rows:
        columns = tuple(rows[0])
        render.table("", columns, [[row[name] for name in columns] for row in rows[:_MOST_LISTED]])
        if len(rows) > _MOST_LISTED:
            render.lines([f"and {len(rows) - _MOST_LISTED:,} more: primum rubric show"])
    render.lines([f"{counted} from {file}; {found['new_records']:,} records are new"])
    render.lines(f"left out: {count:,} {what}" for what, count in found["dropped"].items())
