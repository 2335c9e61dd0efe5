"""`primum corpus taxonomy`: the axes that norms, situations and answers are sorted by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from primum.cli import options, render
from primum.errors import SettingError

if TYPE_CHECKING:
    from primum.records import Taxonomy

__all__ = ["taxonomy"]

_AXES = ("scenes", "dimensions", "principles", "styles", "harms")


@click.command("taxonomy")
@click.option("--corpus", type=click.Path(path_type=Path), help="A folder of norms, which may hold a taxonomy.toml.")
@click.option("--taxonomy", "file", type=click.Path(path_type=Path), help="A taxonomy file. Default: the medical one.")
@options.as_json
def taxonomy(corpus: Path | None, file: Path | None, as_json: bool) -> None:
    """Show the axes that norms and situations are sorted by: scenes, dimensions, principles, attack styles, harm levels.

    With --corpus those that a corpus brings along in its taxonomy.toml, or the medical ones if it brings none.
    """
    from primum.starter import medical_taxonomy, taxonomy_of
    from primum.taxonomy import read_taxonomy

    if corpus is not None and file is not None:
        raise SettingError(
            "--corpus with --taxonomy", "name a taxonomy twice", "give one of the two", "primum corpus taxonomy"
        )
    found = read_taxonomy(file) if file else taxonomy_of(corpus) if corpus else medical_taxonomy()
    if as_json:
        render.to_json(_content(found))
        return
    render.lines([f"{found.en} / {found.zh} ({found.key}, {found.id})", f"Source: {found.source}", ""])
    for axis in _AXES:
        categories = getattr(found, axis)
        columns = [
            (title, [getattr(one, name) for one in categories])
            for title, name in (("key", "key"), ("group", "group"), ("English", "en"), ("Chinese", "zh"))
        ]
        columns += [
            (f"cues {name[-2:]}", [len(getattr(one, name)) for one in categories]) for name in ("cues_en", "cues_zh")
        ]
        shown = [(title, cells) for title, cells in columns if any(cells)]
        if categories:
            rows = list(zip(*(cells for _, cells in shown), strict=True))
            render.table(f"{axis.capitalize()} ({len(rows)})", [title for title, _ in shown], rows)


def _content(found: Taxonomy) -> dict[str, object]:
    from primum.records import plain

    return {"id": found.id, **plain(found)}
