"""`primum bench export` and `primum bench card`: a benchmark as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, cast

import click

from primum.cli import options, render

__all__ = ["card", "export"]

_name = click.option("--name", default="", help="Which benchmark, when the workspace holds several.")
_force = click.option("--force", is_flag=True, help="Replace the file if it is there.")


@click.command("export")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "medes", "html"]), required=True, help="As what.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
@click.option("--split", type=click.Choice(["train", "dev", "test"]), help="Only this split.")
@click.option(
    "--task", type=click.Choice(["all", "open", "choice"]), default="all", help="Only open or only choice questions."
)
@click.option("--verified-only", is_flag=True, help="Only what a person has verified.")
@_name
@_force
@options.workspace
@options.as_json
def export(form: str, out: Path, force: bool, workspace: Path, as_json: bool, **which: Any) -> None:
    """Write a benchmark to one file: `jsonl` (all of it), `csv`, `medes` (rows that `eval score` reads), `html` (a page to browse).

    Every row carries the canary, a line that no training set should hold.
    """
    from primum.cycles.benchmark_share import export_lines, page_content, write_new

    name, split, is_verified = which["name"], which["split"], which["verified_only"]
    tasks = cast(Literal["all", "open", "choice"], which["task"])
    if form == "html":
        from primum.report.bench_page import render as page

        content = page_content(workspace, name, split, is_verified, tasks)
        count = len(content["items"])
        write_new(out, page(content), force)
    else:
        kind = cast(Literal["jsonl", "csv", "medes"], form)
        count, rows = export_lines(workspace, name, kind, split, is_verified, tasks)
        write_new(out, rows, force)
    told = {"file": str(out), "format": form, "items": count, "bytes": out.stat().st_size}
    if as_json:
        render.to_json(told)
    else:
        render.lines([f"{count:,} items in {out} ({out.stat().st_size:,} bytes)"])


@click.command("card")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.  [default: print it]")
@_name
@_force
@options.workspace
@options.as_json
def card(out: Path | None, name: str, force: bool, workspace: Path, as_json: bool) -> None:
    """Write the benchmark's data sheet (Markdown): what is in it, from which norms, what was checked, what it cannot say."""
    from primum.cycles.benchmark_share import write_card, write_new

    text = write_card(workspace, name)
    if out is not None:
        write_new(out, text, force)
    if as_json:
        render.to_json({"file": None if out is None else str(out), "card": text})
    elif out is None:
        render.lines(text.splitlines())
    else:
        render.lines([f"The card is in {out}"])
