"""`primum corpus`: the norms."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["corpus"]


@click.group("corpus")
def corpus() -> None:
    """Read, list and search the norms."""


@corpus.command("add")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--jurisdiction", help="Where the norms hold, when their files do not say.")
@options.workspace
@options.as_json
def add(folder: Path, jurisdiction: str | None, workspace: Path, as_json: bool) -> None:
    """Read the documents in FOLDER (Markdown, text, HTML, DOCX, PDF) into the workspace."""
    from primum.cycles.norms import add_folder

    with render.bar("Reading the norms") as moved:
        added = add_folder(workspace, folder, jurisdiction, moved)
    if as_json:
        render.to_json(added)
    else:
        render.lines(
            [
                f"{added['sources']:,} sources, {added['articles']:,} articles, {added['norms']:,} norms, "
                f"{added['unassigned_characters']:,} characters unassigned; {added['new_records']:,} records are new"
            ]
        )


@corpus.command("list")
@options.workspace
@options.as_json
def list_sources(workspace: Path, as_json: bool) -> None:
    """List the sources: what they are, since when they hold, how many norms they have."""
    from primum.cycles.norms import list_sources as listed

    rows = listed(workspace)
    if as_json:
        render.to_json(rows)
        return
    columns = ("key", "title", "authority", "jurisdiction", "enacted", "in force from", "norms")
    render.table("Sources", columns, [[row[column.replace(" ", "_")] for column in columns] for row in rows])


@corpus.command("show")
@click.argument("name")
@options.workspace
@options.as_json
def show(name: str, workspace: Path, as_json: bool) -> None:
    """Show a norm by its KEY (医师法(2021-08-20)#第二十三条) or id, with its citation path and provisions."""
    from primum.cycles.norms import show_norm

    found = show_norm(workspace, name)
    if as_json:
        render.to_json(found)
        return
    force = f"in force from {found['effective_from'] or '(not said)'}"
    render.lines(
        [
            " › ".join(found["citation"]),
            f"{found['authority']}, {found['jurisdiction']}, {force} · {found['modality']} · {found['id']}",
            "",
            found["text"],
            "",
            *(f"  {part['label'] or '(whole)':<24} {part['modality']}" for part in found["provisions"]),
        ]
    )


@corpus.command("search")
@click.argument("query")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many to show at most.")
@options.workspace
@options.as_json
def search(query: str, limit: int, workspace: Path, as_json: bool) -> None:
    """Search the norms by BM25, in English or Chinese."""
    from primum.cycles.norms import search_norms

    rows = search_norms(workspace, query, limit)
    if as_json:
        render.to_json(rows)
    elif not rows:
        render.lines([f"No norm has a word of '{query}'."])
    else:
        render.table(
            f"Norms for '{query}'",
            ("score", "reference", "modality", "text"),
            [(f"{row['score']:.2f}", row["reference"], row["modality"], _short(row["text"])) for row in rows],
        )


@corpus.command("stats")
@options.workspace
@options.as_json
def stats(workspace: Path, as_json: bool) -> None:
    """Count sources, articles and norms, and check that every character of every article belongs to exactly one."""
    from primum.cycles.norms import corpus_stats

    counted = corpus_stats(workspace)
    if as_json:
        render.to_json(counted)
        return
    render.lines(
        [f"{name.replace('_', ' '):<24} {value:>8,}" for name, value in counted.items() if isinstance(value, int)]
    )
    for name in ("modality", "language", "authority"):
        render.table(f"By {name}", (name, "norms"), sorted(counted[name].items()))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
