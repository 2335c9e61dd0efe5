"""`primum rubric lint`: faults in rubrics, with where, why and a proposed mend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from primum.cycles.rubric_lint import Linted
    from primum.rubrics.lint import Finding

__all__ = ["lint"]

_SHOWN = 40  # findings on the screen; --json has all


@click.command("lint")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--workspace", type=click.Path(path_type=Path, file_okay=False), help="Lint the rubrics of a workspace instead."
)
@click.option("--check", "names", multiple=True, metavar="NAME", help="Run this check alone; can be given again.")
@click.option(
    "--mend", type=click.Path(path_type=Path, dir_okay=False), help="Write the file with the mends to this one."
)
@click.option("--force", "is_forced", is_flag=True, help="Overwrite --mend.")
@click.option("--fail", is_flag=True, help="End with 1 when something is found.")
@options.as_json
@click.pass_context
def lint(
    ctx: click.Context,
    /,
    file: Path | None,
    workspace: Path | None,
    names: tuple[str, ...],
    as_json: bool,
    **asked: Any,
) -> None:
    """Find faults in the rubrics of FILE (HealthBench-shaped JSONL; 0 points are allowed), or of a workspace.

    Twelve checks: no points, wrong sign, double-barrelled, vague, untestable, duplicate, counted twice, contradiction, no positive
    points, no safety criterion in a risky situation, the answer given away, another language. Each finding says where, why and how it
    could be mended; a person decides. They go by words: what takes medical knowledge to see, they do not see.
    """
    from primum.cycles.rubric_lint import checks, lint_file, lint_workspace
    from primum.rubrics.lint import LintSettings

    if (file is None) == (workspace is None):
        raise click.UsageError("name FILE or --workspace, one of them")
    if workspace is not None and asked["mend"] is not None:
        raise click.UsageError("--mend writes a file: records of a workspace are changed by primum rubric refine")
    settings = LintSettings(checks=checks(names))
    with render.bar("linting") as moved:
        if file is not None:
            found = lint_file(file, settings, asked["mend"], asked["is_forced"], moved)
        else:
            assert workspace is not None
            found = lint_workspace(workspace, settings, moved)
    if as_json:
        render.to_json(_plain(found))
    else:
        _show(found)
    if asked["fail"] and found.findings:
        ctx.exit(1)


def _plain(found: Linted) -> dict[str, Any]:
    return {
        "rubrics": found.rubrics,
        "criteria": found.criteria,
        "counts": found.counts,
        "findings": [_finding(one) for one in found.findings],
        "mended_to": str(found.mended_to) if found.mended_to is not None else None,
        "changed": found.changed,
    }


def _finding(one: Finding) -> dict[str, Any]:
    mend = None
    if one.mend is not None:
        put = one.mend.replacements
        mend = {
            "how": one.mend.how,
            "replacements": None if put is None else [each._asdict() for each in put],
            "additions": [each._asdict() for each in one.mend.additions],
        }
    # Criteria count from 1 for people.
    numbers = {
        name: None if place is None else place + 1
        for name, place in (("criterion", one.criterion), ("other", one.other))
    }
    return one._asdict() | numbers | {"mend": mend}


def _show(found: Linted) -> None:
    for one in found.findings[:_SHOWN]:
        numbers = [str(place + 1) for place in (one.criterion, one.other) if place is not None]
        where = f"{one.rubric}, criterion {' and '.join(numbers)}" if numbers else f"{one.rubric}, the whole rubric"
        render.lines([f"{one.check}: {where}", f"    {one.quote}", f"    {one.why}"])
        if one.mend is not None:
            render.lines([f"    mend: {one.mend.how}"])
            put = (*(one.mend.replacements or ()), *one.mend.additions)
            render.lines(f"        {each.points:+d} {each.statement}" for each in put)
        render.lines([""])
    if len(found.findings) > _SHOWN:
        render.lines([f"… and {len(found.findings) - _SHOWN:,} more: --json has all", ""])
    counted = ", ".join(f"{number:,} {name}" for name, number in found.counts.items() if number)
    total = f"{found.rubrics:,} rubrics, {found.criteria:,} criteria: "
    render.lines([total + (f"{len(found.findings):,} findings ({counted})" if found.findings else "nothing found")])
    if found.mended_to is not None:
        render.lines([f"{found.changed:,} rubrics mended in {found.mended_to}: read it before you use it"])
