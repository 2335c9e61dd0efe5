"""`primum run`: a recipe from its first step to the report."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["run_recipe"]


@click.command("run")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Put a setting on top of the recipe's (repeatable)."
)
@options.workspace
@options.as_json
def run_recipe(recipe: Path, overrides: tuple[str, ...], workspace: Path, as_json: bool) -> None:
    """Run RECIPE from norms to a decided, evidenced policy.

    A run that was stopped goes on where it was: run the same command again. The report is written to report.html and report.json
    in the workspace.
    """
    from primum.cycles.run import load_recipe, repeat_command
    from primum.cycles.run import run_recipe as run
    from primum.report import summary, write

    loaded = load_recipe(recipe, overrides)
    with render.StepProgress() as progress:
        report = run(loaded, workspace, progress, repeat_command(recipe, overrides))
    page = write(report, workspace)
    if as_json:
        render.to_json(report)
        return
    render.show(summary(report))
    render.lines(["", f"Report: {page}", f"Numbers: {page.with_suffix('.json')}"])
