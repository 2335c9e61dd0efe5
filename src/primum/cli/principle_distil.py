"""`primum principle distil|page`: criteria into principles, and the principles as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["distil", "page"]

_SHOWN = 15


@click.command("distil")
@click.option("--verified", "is_verified_only", is_flag=True, help="Only rubrics that a person verified.")
@click.option("--least-criteria", type=click.IntRange(1), help="How many criteria a principle needs.")
@click.option("--least-rubrics", type=click.IntRange(1), help="From how many different rubrics.")
@click.option(
    "--resamplings", default=10, show_default=True, type=click.IntRange(2), help="How often to see what recurs."
)
@click.option(
    "--chat",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML file with [[endpoints]]: a chat model words each principle, checked to cover its criteria.",
)
@click.option(
    "--embedder",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder with a sentence encoder, in place of the n-grams.",
)
@options.workspace
@options.as_json
def distil(
    is_verified_only: bool,
    least_criteria: int | None,
    least_rubrics: int | None,
    resamplings: int,
    chat: Path | None,
    embedder: Path | None,
    workspace: Path,
    as_json: bool,
) -> None:
    """Distil the rubrics of the workspace into principles: details removed, alike criteria grouped, one statement each.

    Each principle leads to its criteria, their rubrics, the norms and people behind them: primum principle show, primum trace.
    """
    from primum.cycles.principles_life import DistilOrder, distil_workspace
    from primum.rubrics.distil import DistilSettings

    given = {"least_criteria": least_criteria, "least_rubrics": least_rubrics}
    settings = DistilSettings(**{name: value for name, value in given.items() if value is not None})
    order = DistilOrder(workspace, settings, is_verified_only, resamplings, chat, embedder)
    with render.bar("Distilling principles") as moved:
        found = distil_workspace(order, moved)
    if as_json:
        render.to_json(found)
        return
    _show(found)


@click.command("page")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default=Path("principles.html"), show_default=True
)
@click.option("--force", "is_forced", is_flag=True, help="Write over a file that is there.")
@options.workspace
def page(out: Path, is_forced: bool, workspace: Path) -> None:
    """Write the principles of the workspace as one HTML page, zh and en, with their map and tree."""
    from primum.cycles.benchmark_share import write_new
    from primum.cycles.principles_life import page_content
    from primum.report import principle_page

    write_new(out, principle_page.render(page_content(workspace)), is_forced=is_forced)
    render.lines([f"Page: {out}"])


def _show(found: dict[str, Any]) -> None:
    from primum.cli.principle_life import cell_words

    rows = [
        (
            one["id"],
            one["points"],
            cell_words(one["applies_when"]),
            one["criteria"],
            one["rubrics"],
            "–" if one["recurs"] is None else f"{one['recurs']:.0%}",
            one["statement"],
        )
        for one in found["principles"][:_SHOWN]
    ]
    render.table("Principles", ("id", "points", "applies when", "criteria", "rubrics", "recurs", "statement"), rows)
    share, alike = found["stability"], found["redundancy"]
    told = [
        f"{len(found['principles']):,} principles cover {found['covered']:.1%} of {found['criteria']:,} criteria "
        f"in {found['rubrics']:,} rubrics",
        f"{share['value']:.1%} [{share['low']:.1%}, {share['high']:.1%}] recur over {found['resamplings']} resamplings of the rubrics"
        + ("" if alike is None else f"; {alike:.1%} of pairs that may stand in one rubric say nearly the same"),
    ]
    if len(found["principles"]) > _SHOWN:
        told.append(f"{_SHOWN} are shown; primum principle list shows more")
    if found["superseded"]:
        told.append(
            f"{found['superseded']:,} of an earlier distillation were not found again and are retired; what people edited stays"
        )
    if found["settled_by_people"]:
        told.append(
            f"{found['settled_by_people']:,} say what a person edited, merged or retired already, and are left out"
        )
    if refused := found.get("not_reworded"):
        told.append(f"{sum(refused.values())} kept their own wording: {'; '.join(list(refused)[:3])}")
    render.lines(told)
