"""`primum corpus add|editions|list|show|search|stats`: the norms of a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["add", "editions", "list_sources", "search", "show", "stats"]

_edition = click.option(
    "--edition", help="An older edition instead of the newest: its number in `corpus editions`, or its id."
)


@click.command("add")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--jurisdiction", help="Where the norms hold, when their files do not say.")
@click.option("--corpus", "name", help="The corpus it is an edition of.  [default: the folder's name]")
@options.workspace
@options.as_json
def add(folder: Path, jurisdiction: str | None, name: str | None, workspace: Path, as_json: bool) -> None:
    """Read the documents in FOLDER (Markdown, text, HTML, DOCX, PDF) into the workspace, as an edition of their corpus."""
    from primum.cycles.norms import add_folder

    with render.bar("Reading the norms") as moved:
        added = add_folder(workspace, folder, jurisdiction, moved, name)
    if as_json:
        render.to_json(added)
    else:
        render.lines(
            [
                f"{added['sources']:,} sources, {added['articles']:,} articles, {added['norms']:,} norms, "
                f"{added['unassigned_characters']:,} characters unassigned; {added['new_records']:,} records are new",
                *(_of_edition(added) if added["previous"] and added["is_new_edition"] else ()),
            ]
        )


def _of_edition(added: dict[str, Any]) -> list[str]:
    return [
        f"It is the next edition of the corpus '{added['corpus']}' ({added['edition']}): list, show, search and stats take it from now on. "
        "The one before stays: primum corpus editions"
    ]


@click.command("editions")
@options.workspace
@options.as_json
def editions(workspace: Path, as_json: bool) -> None:
    """List the editions of the corpora: how many sources each has, and which it follows."""
    from primum.cycles.editions import edition_rows

    rows = edition_rows(workspace)
    if as_json:
        render.to_json(rows)
        return
    told = [
        (
            str(row["number"]),
            row["corpus"],
            row["sources"],
            "yes" if row["is_newest"] else "",
            row["id"],
            row["previous"],
        )
        for row in rows
    ]
    render.table("Editions", ("edition", "corpus", "sources", "newest", "id", "follows"), told)


@click.command("list")
@_edition
@options.workspace
@options.as_json
def list_sources(edition: str | None, workspace: Path, as_json: bool) -> None:
    """List the sources: what they are, since when they hold, how many norms they have."""
    from primum.cycles.norms import list_sources as listed

    rows = listed(workspace, edition)
    if as_json:
        render.to_json(rows)
        return
    columns = ("key", "title", "authority", "jurisdiction", "enacted", "in force from", "norms")
    render.table("Sources", columns, [[row[column.replace(" ", "_")] for column in columns] for row in rows])


@click.command("show")
@click.argument("name")
@_edition
@options.workspace
@options.as_json
def show(name: str, edition: str | None, workspace: Path, as_json: bool) -> None:
    """Show a norm by its KEY (医师法(2021-08-20)#第二十三条) or id, with its citation path and provisions."""
    from primum.cycles.norms import show_norm

    found = show_norm(workspace, name, edition)
    if as_json:
        render.to_json(found)
        return
    force = f"in force from {found['effective_from'] or '(not said)'}"
    if found["validity"] != "in force":
        force += f" ({found['validity']})"
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


@click.command("search")
@click.argument("query")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many to show at most.")
@_edition
@options.workspace
@options.as_json
def search(query: str, limit: int, edition: str | None, workspace: Path, as_json: bool) -> None:
    """Search the norms by BM25, in English or Chinese."""
    from primum.cycles.norms import search_norms

    rows = search_norms(workspace, query, limit, edition)
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


@click.command("stats")
@_edition
@options.workspace
@options.as_json
def stats(edition: str | None, workspace: Path, as_json: bool) -> None:
    """Count sources, articles and norms, and check that every character of every article belongs to exactly one."""
    from primum.cycles.norms import corpus_stats

    counted = corpus_stats(workspace, edition)
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
