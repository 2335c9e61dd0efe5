"""`primum data`: the open data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["data"]

_root = click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="PRIMUM_DATA",
    default=Path("data"),
    show_default=True,
    help="The data folder (or set PRIMUM_DATA).",
)
_overwrite = click.option("--overwrite", is_flag=True, help="Replace the set when it is there already.")


@click.group("data")
def data() -> None:
    """List, fetch and add the open data sets."""


@data.command("list")
@_root
@options.as_json
def list_sets(root: Path, as_json: bool) -> None:
    """List the sets the catalogue knows, their licences and sources, and which of them are here."""
    from primum.cycles.sets import list_sets as listed

    rows = listed(root)
    if as_json:
        render.to_json(rows)
        return
    render.table(
        f"Open sets (data folder: {root})",
        ("name", "rows", "licence", "source", "here"),
        [
            (
                row["name"],
                row["rows"] or "?",
                row["licence"],
                row["paper"] or row["home"],
                "yes" if row["folder"] else _way(row),
            )
            for row in rows
        ],
    )


def _way(row: dict[str, Any]) -> str:
    if row["folder"]:
        return "yes"
    return f"primum data {'fetch' if row['can_be_fetched'] else 'add'} {row['name']}" + (
        "" if row["can_be_fetched"] else " FOLDER"
    )


@data.command("fetch")
@click.argument("name")
@click.option("--base-url", help="Fetch from a mirror: files are looked for at BASE_URL/PATH.")
@_overwrite
@_root
@options.as_json
def fetch(name: str, base_url: str | None, overwrite: bool, root: Path, as_json: bool) -> None:
    """Download the set NAME into the data folder and check its size and checksums."""
    from primum.cycles.sets import fetch_set

    with render.bar(f"Fetching {name}") as moved:
        held = fetch_set(name, root, base_url, overwrite, moved)
    _tell(held, as_json)


@data.command("add")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
@_overwrite
@_root
@options.as_json
def add(name: str, folder: Path, overwrite: bool, root: Path, as_json: bool) -> None:
    """Copy FOLDER, which holds the set NAME, into the data folder, after reading it whole."""
    from primum.cycles.sets import add_set

    _tell(add_set(name, folder, root, overwrite), as_json)


def _tell(held: dict[str, Any], as_json: bool) -> None:
    if as_json:
        render.to_json(held)
        return
    known = (
        "its checksum is in the catalogue"
        if held["is_known"]
        else "its checksum is not in the catalogue: check where it came from"
    )
    render.lines([f"{held['name']}: {held['rows']:,} rows in {held['folder']}; {known}"])
