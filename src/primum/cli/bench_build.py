"""`primum bench build` and `primum bench lint`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render
from primum.errors import SettingError

__all__ = ["build", "lint"]

_SHOWN = 20


@click.command("build")
@click.option("--corpus", type=click.Path(path_type=Path), required=True, help="The folder of norms.")
@click.option(
    "--taxonomy", type=click.Path(path_type=Path), help="A taxonomy file.  [default: the corpus's own, or ours]"
)
@click.option("--items", type=click.IntRange(1), help="How many items.  [default: 12000]")
@click.option("--seed", type=int, help="Of drafting and of the splits.  [default: 0]")
@click.option("--name", help="What the benchmark is called.  [default: the corpus folder's name]")
@click.option("--recipe", type=click.Path(path_type=Path), help="A TOML file with the settings of the benchmark.")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Put a setting on top: --set items.dilemma=0.2"
)
@options.workspace
@options.as_json
def build(
    corpus: Path,
    taxonomy: Path | None,
    recipe: Path | None,
    overrides: tuple[str, ...],
    workspace: Path,
    as_json: bool,
    **given: Any,
) -> None:
    """Build a benchmark from a folder of norms: rules, items, splits nothing crosses, and every check."""
    from primum.cycles.benchmark import build_benchmark

    seed = given["seed"]
    top = {"items.items": given["items"], "items.seed": seed, "split.seed": seed, "name": given["name"]}
    settings = _settings(recipe, overrides, top)
    with render.StepProgress() as progress:
        told = build_benchmark(workspace, corpus, settings, taxonomy, progress)
    if as_json:
        render.to_json(told)
        return
    _counts(told)
    _checks(told["checks"], told["findings"])
    short = {reason: n for reason, n in told["refused"].items() if reason.startswith("shortfall")}
    render.lines(f"{reason}: {n:,}" for reason, n in sorted(short.items()))
    render.lines(
        f"No item is in {split}: the articles make too few groups; ask for more --items, or take another --seed"
        for split in ("dev", "test")
        if not told["by_split"].get(split)
    )
    said = "" if told["is_new"] else " It was there already: nothing was changed."
    render.lines(
        [
            f"{told['name']} version {told['version']}: {told['items']:,} items from {told['rules']:,} rules of {told['articles']:,} "
            f"articles in {told['seconds']:.1f} s.{said}",
            f"Look at it with: primum bench export --format html --name {shlex.quote(told['name'])} --out benchmark.html "
            f"--workspace {shlex.quote(str(workspace))}",
        ]
    )


def _settings(recipe: Path | None, overrides: tuple[str, ...], given: dict[str, Any]) -> Any:
    """The settings of the recipe, with `--set` and then the options of the command put on top."""
    import json
    import tempfile

    from primum.config import read_settings
    from primum.cycles.benchmark import BenchmarkSettings

    top = [*overrides, *(f"{key}={json.dumps(value)}" for key, value in given.items() if value is not None)]
    if recipe is not None:
        return read_settings(recipe, BenchmarkSettings, top)
    with tempfile.NamedTemporaryFile(suffix=".toml") as empty:
        try:
            return read_settings(Path(empty.name), BenchmarkSettings, top)
        except SettingError as error:
            place = "primum bench build" if error.place == empty.name else error.place
            raise SettingError(error.value, error.rule, error.way_out, place) from error


def _counts(told: dict[str, Any]) -> None:
    kinds = list(told["by_kind"])
    rows = [
        (row["dimension"], row["zh"], row["en"], *(row[kind] for kind in kinds), row["items"])
        for row in told["by_dimension"]
    ]
    rows.append(("all", "合计", "All", *(told["by_kind"][kind] for kind in kinds), told["items"]))
    render.table(
        "Items by dimension", ("dimension", "zh", "en", *(kind.replace("_", " ") for kind in kinds), "all"), rows
    )


def _checks(checks: dict[str, str], findings: list[dict[str, str]]) -> None:
    by: dict[str, int] = {}
    for finding in findings:
        by[finding["check"]] = by.get(finding["check"], 0) + 1
    render.lines(f"{'✗' if name in by else '✓'} {name:<11} {line}" for name, line in checks.items())
    for finding in findings[:_SHOWN]:
        render.lines([f"  {finding['check']}: {finding['item'] or '(the set)'} {finding['detail']}"])
    if len(findings) > _SHOWN:
        render.lines([f"  … and {len(findings) - _SHOWN:,} more: primum bench lint --json shows all"])


@click.command("lint")
@click.option("--name", default="", help="Which benchmark, when the workspace holds several.")
@click.option("--at", help="The day (YYYY-MM-DD) on which its norms must be in force.")
@options.workspace
@options.as_json
def lint(name: str, at: str | None, workspace: Path, as_json: bool) -> None:
    """Check a benchmark: its grounds, keys, wording, balance and splits. Exit 1 when a check finds something."""
    from primum.cycles.benchmark_held import lint_benchmark

    found, report = lint_benchmark(workspace, name, at)
    findings = [finding._asdict() for finding in report.findings]
    if as_json:
        render.to_json(
            {
                "benchmark": {"name": found.name, "version": found.version, "id": found.id},
                "is_clean": not findings,
                "findings": findings,
                "checks": report.checks,
            }
        )
    else:
        _checks(report.checks, findings)
        render.lines([f"{found.name} version {found.version}: {len(report.checks)} checks, {len(findings):,} findings"])
    if findings:
        raise SystemExit(1)
