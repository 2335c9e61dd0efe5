"""`primum eval compare`: two runs, paired by scenario; what changed, for certain, and whether the model or the judge did it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["compare"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
# The names of primum.evaluation.contrast_suites.SUITES, here so that --help imports nothing; a test compares them.
_SUITES = ("healthbench", "cares", "medes", "medsafety", "xstest", "choice")


@click.command("compare")
@click.argument("files", nargs=-1, type=_FILE, metavar="[DATA BEFORE AFTER]")
@click.option(
    "--suite", type=click.Choice(_SUITES), default="healthbench", show_default=True, help="How verdicts are scored."
)
@click.option("--new-by-old", type=_FILE, help="Verdicts of the judge before on the answers after.")
@click.option("--old-by-new", type=_FILE, help="Verdicts of the judge after on the answers before.")
@click.option("--by", help="Only these kinds of slices, with commas between (axis,theme). Without it: all there are.")
@click.option("--workspace", type=_FOLDER, help="Instead of files: the workspace of the run before.")
@click.option("--against", type=_FOLDER, help="The workspace of the run after; it may be the same one.")
@click.option("--report", help="The report of the run before, where its workspace holds several (its last otherwise).")
@click.option("--against-report", help="The report of the run after, likewise.")
@click.option(
    "--stop-early",
    is_flag=True,
    help="Also tell after how many scenarios, taken by chance, the comparison was decided.",
)
@options.as_json
def compare(files: tuple[Path, ...], **wanted: Any) -> None:
    """Compare two runs on the same scenarios: the verdicts BEFORE and AFTER on the set DATA, all JSONL, or two workspaces.

    Every slice is paired by scenario, and its p-value adjusted for how many slices there are. When the judge changed too, the change is
    split into the model's part and the judge's; that takes a crossing, --new-by-old or --old-by-new, or both.
    """
    found = _compared(files, wanted)
    if wanted["as_json"]:
        render.to_json(found)
    else:
        _show(found, wanted["stop_early"])


def _compared(files: tuple[Path, ...], wanted: dict[str, Any]) -> dict[str, Any]:
    by = tuple(name.strip() for name in (wanted["by"] or "").split(",") if name.strip())
    is_of_workspaces = wanted["workspace"] is not None or wanted["against"] is not None
    crossings = wanted["new_by_old"], wanted["old_by_new"]
    reports = wanted["report"], wanted["against_report"]
    if is_of_workspaces:
        if files or any(crossings) or wanted["workspace"] is None or wanted["against"] is None:
            raise click.UsageError("two workspaces are compared by --workspace and --against, without files")
        from primum.cycles.contrasting import compare_workspaces

        return compare_workspaces(wanted["workspace"], wanted["against"], by, reports)
    if len(files) != 3 or any(reports):
        raise click.UsageError("name three files, DATA BEFORE AFTER, or two workspaces with --workspace and --against")
    from primum.cycles.contrasting import compare_files

    data, before, after = files
    return compare_files(wanted["suite"], data, before, after, crossings, by)


def _show(found: dict[str, Any], stop_early: bool) -> None:
    several = len({row["metric"] for row in found["slices"]}) > 1
    columns = ("slice", "before", "after", "change", "95 % interval", "n", "p", "adjusted p", "reading")
    title = f"{found['suite']}: after against before, {found['paired']:,} scenarios in pairs"
    render.table(title, columns, [_row(row, several) for row in found["slices"]])
    told = [
        "Slices are sorted by adjusted p: of those called better or worse, at most "
        f"{100 * found['level']:.0f} % are expected to be so by chance ({found['tests']:,} tests).",
        "Each interval is that of its slice alone.",
        "",
        *found["told"],
        *found["split"]["told"],
    ]
    render.lines(told)
    if stop_early:
        render.lines(_early(one) for one in found["stopping_early"])
    if found["flips"]:
        render.lines([""])
        _show_flips(found["flips"])
    render.lines(f"Note: {note}" for note in found["notes"])


def _row(row: dict[str, Any], several: bool) -> list[str]:
    name = row["by"] if row["by"] == row["name"] else f"{row['by']}:{row['name']}"
    if several:
        name = f"{row['metric'].replace('_', ' ')}, {name}"
    estimate = row["difference"]
    if estimate is None:
        low, high = row["bounds"]
        return [name, "undecided", "", "", f"bounds {_signed(low)} … {_signed(high)}", "0", "", "", row["reading"]]
    return [
        name,
        f"{row['before']:.4f}",
        f"{row['after']:.4f}",
        _signed(estimate["value"]),
        f"{_signed(estimate['low'])} … {_signed(estimate['high'])}",
        f"{estimate['n']:,}" if estimate["n"] == row["pairs"] else f"{estimate['n']:,} of {row['pairs']:,}",
        _p(row["p"]),
        _p(row["adjusted_p"]),
        row["reading"],
    ]


def _early(one: dict[str, Any]) -> str:
    reach = f"the change lies in {_signed(one['low'])} … {_signed(one['high'])}, at 95 % for all looks together"
    name = one["metric"][:1].upper() + one["metric"][1:].replace("_", " ")
    if one["reading"] == "go on":
        return f"{name}, looked at after each scenario: not decided by all {one['there']:,}; {reach}."
    return (
        f"{name}, looked at after each scenario: {one['reading']} after {one['looked']:,} of {one['there']:,}; {reach}."
    )


def _show_flips(flips: list[dict[str, Any]]) -> None:
    columns = (
        "verdicts that turned",
        "criteria",
        "points won",
        "points lost",
        "faults gone",
        "faults new",
        "abstained",
    )
    keys = ("step", "criteria", "points_won", "points_lost", "faults_gone", "faults_new", "unread")
    render.table("Criteria by what became of their verdict", columns, [[row[key] for key in keys] for row in flips])


def _signed(value: float) -> str:
    return f"{value:+.4f}".replace("-", "−") if abs(value) >= 0.00005 else "0.0000"


def _p(value: float) -> str:
    return f"{value:.4f}" if value >= 0.0001 else "< 0.0001"
