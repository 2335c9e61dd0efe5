"""`primum bench refresh`: a benchmark follows its norms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["refresh"]

_SHOWN = 40  # rows of a list on the screen; --json has all


@click.command("refresh")
@click.option(
    "--corpus",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder that holds the norms as they stand now.",
)
@click.option("--name", default="", help="Which benchmark, when the workspace holds several.")
@click.option("--jurisdiction", help="Where the norms hold, when their files do not say.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would change and write nothing.")
@options.workspace
@options.as_json
def refresh(
    corpus: Path, name: str, jurisdiction: str | None, is_dry_run: bool, workspace: Path, as_json: bool
) -> None:
    """Bring a benchmark to the norms as they stand now.

    Items on articles that were amended or repealed are drafted anew or retired; every other item keeps its id, and with it its reviews.
    """
    from primum.corpus import CorpusSettings
    from primum.cycles.refreshing import RefreshSettings, refresh_benchmark

    reading = CorpusSettings() if jurisdiction is None else CorpusSettings(jurisdiction=jurisdiction)
    settings = RefreshSettings(name=name, reading=reading)
    with render.bar("Refreshing the benchmark") as moved:
        found = refresh_benchmark(workspace, corpus, settings, moved, is_dry_run)
    if as_json:
        render.to_json(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    from primum.cli.corpus_diff import show_changes

    told = found["benchmark"]
    if not found["is_new"]:
        render.lines(
            [
                f"The benchmark '{told['name']}' (version {told['version']}, {found['items']:,} items) already rests on these norms: "
                "nothing was changed."
            ]
        )
        return
    show_changes(found["changes"])
    _listed("Redrafted", ("was", "is", "norm"), [(one["old"], one["new"], one["norm"]) for one in found["redrafted"]])
    _listed("Retired", ("item", "because"), [(one["item"], one["reason"]) for one in found["retired"]])
    out = [(one["item"], one["norm"], one["validity"]) for one in found["validity"]]
    _listed("On norms that are not in force today", ("item", "norm", "which is"), out)
    counts = ", ".join(f"{number:,} {kind}" for kind, number in found["counts"].items())
    reviews = found["reviews"]
    verb = "would now be" if found["is_dry_run"] else "is now"
    render.lines(
        [
            f"articles: {counts}",
            f"items: {found['kept']:,} kept ({len(found['rebound']):,} of them bound to the new records), "
            f"{len(found['stale']):,} stale: {len(found['redrafted']):,} redrafted, {len(found['retired']):,} retired",
            f"reviews: {reviews['standing']:,} items keep theirs, {reviews['lapsed']:,} lost theirs with their article",
            f"'{told['name']}' {verb} version {told['version']}, {found['items']:,} items"
            + (": nothing was written (--dry-run)" if found["is_dry_run"] else f" ({told['id']})"),
        ]
    )


def _listed(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        return
    render.table(title, columns, rows[:_SHOWN])
    if len(rows) > _SHOWN:
        render.lines([f"  … and {len(rows) - _SHOWN:,} more: --json has all", ""])
