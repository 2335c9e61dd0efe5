"""`primum corpus diff`: what changed between two versions of a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["diff_command", "show_changes"]

_CONTEXT = 10  # characters of what was kept on either side of a change
_OPENING = 60  # characters shown of an article that is new or gone


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--only", default="", help="Show these kinds alone: amended,repealed,new,renumbered,moved,unchanged.")
@options.as_json
def diff_command(old: Path, new: Path, only: str, as_json: bool) -> None:
    """Compare two versions of a corpus, article by article.

    OLD and NEW are folders of documents, or one document each. An article is unchanged, renumbered, moved, amended, repealed or new;
    words left out stand as [-so-], words put in as {+so+}.
    """
    from primum.cycles.corpus_versions import compare_versions

    kinds = [kind.strip() for kind in only.split(",") if kind.strip()]
    with render.bar("Comparing the versions") as moved:
        found = compare_versions(old, new, kinds, moved)
    if as_json:
        render.to_json(found)
        return
    show_changes(found["changes"])
    counts = found["counts"]
    total = ", ".join(f"{counts[kind]:,} {kind}" for kind in counts)
    render.lines([f"{found['documents']['old']} documents → {found['documents']['new']}; articles: {total}"])


def show_changes(rows: Sequence[dict[str, Any]]) -> None:
    """A table for each document, its rows in the order of the new version; runs of renumbered articles are one row, and so are
    the articles of a document that is new or gone."""
    for (old, new), changes in groupby(rows, key=_documents):
        _show_document(old, new, list(changes))


def _documents(row: dict[str, Any]) -> tuple[str, str]:
    return row["document"]["old"] or "", row["document"]["new"] or ""


def _show_document(old: str, new: str, rows: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    title = new if old in (new, "") else f"{old} → {new or 'stands no more'}"
    title += " (a new document)" if not old else ""
    drawn = Table(
        title=render.visible(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for column in ("change", "old", "new"):
        drawn.add_column(column, overflow="fold")
    drawn.add_column("alike", justify="right")
    drawn.add_column("words", overflow="fold")
    for run in _runs(rows):
        first, last = run[0], run[-1]
        is_run = len(run) > 1
        kind = f"{first['kind']} ({len(run)})" if is_run else " ".join(filter(None, (first["kind"], first["how"])))
        alike = "" if first["kind"] in ("new", "repealed") else f"{first['similarity']:.0%}"
        if first["kind"] == "amended" and first["similarity"] >= 0.995:
            alike = f"{first['similarity']:.1%}"
        ends = [_span(first[side], last[side], document) for side, document in (("old", old), ("new", new))]
        drawn.add_row(kind, *(Text(render.visible(end)) for end in ends), alike, Text("") if is_run else _words(first))
    render.show(drawn)


def _runs(rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    run: list[dict[str, Any]] = []
    for row in rows:
        is_whole = None in row["document"].values()  # of a document that is new or gone every article is
        joins = run and not row["how"] and row["kind"] == run[-1]["kind"] and (row["kind"] == "renumbered" or is_whole)
        if run and not joins:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _span(first: str | None, last: str | None, document: str) -> str:
    if first is None or last is None:
        return ""
    told = [key.removeprefix(f"{document}#") for key in (first, last)]
    return told[0] if told[0] == told[1] else f"{told[0]} – {told[1]}"


def _words(row: dict[str, Any]) -> Text:
    from rich.text import Text

    told = Text()
    if row["validity"] in ("not yet in force", "past its validity"):
        told.append(f"({row['validity']}) ", "yellow")
    if row["related"]:
        by = {"split": "shares its text with", "merged": "went together with"}[row["how"]]
        told.append(f"({by} {', '.join(row['related'])}) ", "italic")
    if row["kind"] in ("new", "repealed"):
        text = "".join(piece["text"] for piece in row["words"])
        return told.append(render.visible(text if len(text) <= _OPENING else text[: _OPENING - 1] + "…"))
    last = len(row["words"]) - 1
    for place, piece in enumerate(row["words"]):
        text = render.visible(piece["text"])
        if piece["kind"] == "deleted":
            told.append(f"[-{text}-]", "red")
        elif piece["kind"] == "inserted":
            told.append(f"{{+{text}+}}", "green")
        else:
            told.append(_shortened(text, place == 0, place == last))
    return told


def _shortened(kept: str, is_first: bool, is_last: bool) -> str:
    """What was kept, as far as it stands next to a change."""
    head, tail = ("" if is_first else kept[:_CONTEXT]), ("" if is_last else kept[-_CONTEXT:])
    return kept if len(kept) <= len(head) + len(tail) else f"{head}…{tail}"
