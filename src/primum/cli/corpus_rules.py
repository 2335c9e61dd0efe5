"""`primum corpus rules`: who may, must or must not do what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["rules"]

_MODALS = {
    ("prohibition", "zh"): "不得",
    ("obligation", "zh"): "应当",
    ("permission", "zh"): "可以",
    ("prohibition", "en"): "must not",
    ("obligation", "en"): "must",
    ("permission", "en"): "may",
}
_SHOWN = 60


@click.command("rules")
@click.option(
    "--corpus", type=click.Path(path_type=Path, file_okay=False), help="A folder of norms; else the workspace's."
)
@click.option("--norm", help="Only this norm: its KEY (医师法(2021-08-20)#第二十三条), reference or id.")
@click.option(
    "--chat",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML file with [[endpoints]]: a chat model reads, its readings are checked against the text.",
)
@click.option(
    "--limit", default=_SHOWN, show_default=True, type=click.IntRange(1), help="How many to show in the table."
)
@options.workspace
@options.as_json
def rules(corpus: Path | None, norm: str | None, chat: Path | None, limit: int, workspace: Path, as_json: bool) -> None:
    """Show the rules in the norms: who may, must or must not do what, when, and what follows otherwise.

    Read by grammar, or with --chat by a chat model. What a rule quotes stands word for word in its norm.
    """
    from primum.cycles.ruling import RulesAsked, show_rules

    with render.bar("Reading the rules") as moved:
        found = show_rules(RulesAsked(workspace, corpus, norm, chat), moved)
    if as_json:
        render.to_json(found)
        return
    _show(found, limit)


def _show(found: dict[str, Any], limit: int) -> None:
    rows = [
        (
            _short(row["subject"], 40) or "–",
            _MODALS[row["modality"], row["language"]],
            _short(row["act"], 90),
            _short(row["condition"], 60) or "–",
            _short(row["consequence"], 40) or "–",
            row["citation"],
        )
        for row in found["rules"][:limit]
    ]
    if rows:
        render.table("Rules", ("who", "may / must / must not", "what", "when", "or else", "citation"), rows)
    counts = ", ".join(f"{number:,} {name}s" for name, number in found["modality"].items())
    told = [f"{len(found['rules']):,} rules in {found['norms_with_rules']:,} of {found['norms']:,} norms: {counts}"]
    if len(found["rules"]) > limit:
        told.append(f"{limit} are shown; --limit shows more, --json all")
    told += [f"refused: {entry['norm']}: {entry['reason']}" for entry in found["refused"][:limit]]
    if len(found["refused"]) > limit:
        told.append(f"{len(found['refused']) - limit:,} more readings were refused; --json lists them")
    render.lines(told)


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
