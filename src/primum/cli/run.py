"""`primum run`: a recipe from its first step to the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
    """Run RECIPE: from norms to a decided, evidenced policy, through the rounds of a guardian in the loop, from queries to principles, or
    from judged answers to a reward model that steers a policy.

    A run that was stopped goes on where it was: run the same command again. The report is written to report.html and report.json
    in the workspace, the benchmark of a loop to benchmark.html.
    """
    from primum.cycles.run import load_recipe, repeat_command
    from primum.cycles.run import run_recipe as run
    from primum.report import summary, write

    loaded = load_recipe(recipe, overrides)
    with render.StepProgress() as progress:
        report = run(loaded, workspace, progress, repeat_command(recipe, overrides))
    if report.get("kind") == "loop":
        _write_benchmark(report, workspace)
    page = write(report, workspace)
    if as_json:
        render.to_json(report)
        return
    render.show(summary(report))
    render.lines(["", f"Report: {page}", f"Numbers: {page.with_suffix('.json')}"])


def _write_benchmark(report: dict[str, Any], workspace: Path) -> None:
    """Beside the report of a loop, the page of its benchmark."""
    from primum.cycles.benchmark_share import Checked, page_content, write_new
    from primum.report import bench_page

    made = report["benchmark"]
    with render.bar("Writing the page of the benchmark"):
        content = page_content(workspace, made["name"], checked=Checked(made["checks"], made["findings"]))
        write_new(workspace / made["page"], bench_page.render(content), is_forced=True)
