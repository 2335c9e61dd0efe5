"""`primum rubric show, edit, refine, verify, diff, merge, settle`: the life of a rubric, as people lead it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["diff", "edit", "merge", "refine", "settle", "show", "verify"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_MOST_LISTED = 50
_STYLES = {
    "added": "green",
    "removed": "red",
    "reworded": "yellow",
    "split": "yellow",
    "merged": "yellow",
    "repointed": "cyan",
    "rekinded": "cyan",
    "moved": "dim",
    "same": "dim",
}
F = TypeVar("F", bound=Callable[..., Any])


def _who(command: F) -> F:
    """The options that say who stands for a change."""
    simulated = click.option("--simulated", "is_simulated", is_flag=True, help="NAME is a simulated clinician.")
    role = click.option("--role", required=True, help="In which role: clinician, pharmacist …")
    person = click.option("--person", required=True, metavar="NAME", help="Who: a pseudonym.")
    return person(role(simulated(command)))


@click.command("show")
@click.argument("name", required=False, metavar="[RUBRIC|SCENARIO]")
@click.option("--history", "has_history", is_flag=True, help="Show every version it came from.")
@options.workspace
@options.as_json
def show(name: str | None, has_history: bool, workspace: Path, as_json: bool) -> None:
    """Show a rubric; for a scenario, or the row it was imported from, its current version; without a name, list what is there."""
    from primum.cycles.rubric_life import list_rubrics, show_rubric

    if name is None:
        _list(list_rubrics(workspace), as_json)
        return
    found = show_rubric(workspace, name, has_history)
    if as_json:
        render.to_json(found)
        return
    _show(found)
    for version in found.get("history", []):
        _show_version(version)


@click.command("edit")
@click.argument("name", metavar="RUBRIC")
@click.option("--out", type=_FILE, required=True, help="The sheet to write: .csv or .jsonl.")
@click.option("--force", "is_forced", is_flag=True, help="Replace the file if it is there.")
@options.workspace
@options.as_json
def edit(name: str, out: Path, is_forced: bool, workspace: Path, as_json: bool) -> None:
    """Write a rubric as a sheet, to be edited in a spreadsheet or an editor and read back with `primum rubric refine`.

    Change what is wrong and give a reason in each row you change. To remove a criterion write `remove` as its action; to add one, add a
    row without id; to split one, give several rows its id; to merge two, write both ids in one row (2+5) and leave out the other.
    """
    from primum.cycles.rubric_life import write_sheet
    from primum.rubrics.life import ACTIONS, REASONS

    found = write_sheet(workspace, name, out, is_forced)
    if as_json:
        render.to_json(found)
        return
    render.lines([f"{found['criteria']} criteria of {found['rubric']} in {out}"])
    render.lines(["", "action (may be left empty where the change shows it):"])
    render.lines(f"  {one:<18} {named[1]} · {named[0]}：{named[2]}" for one, named in ACTIONS.items())
    render.lines(["", "reason (of every change):"])
    render.lines(f"  {one:<18} {named[1]} · {named[0]}：{named[2]}" for one, named in REASONS.items())
    render.lines(["", f"then: primum rubric refine {out} --workspace {workspace} --person NAME --role ROLE"])


@click.command("refine")
@click.argument("sheet", type=_FILE)
@_who
@options.workspace
@options.as_json
def refine(sheet: Path, person: str, role: str, is_simulated: bool, workspace: Path, as_json: bool) -> None:
    """Read an edited SHEET as the next version of its rubric, by a person in a role.

    A change without a reason is refused with its row, and nothing is stored then. A sheet without changes is the person's consent.
    """
    from primum.cycles.rubric_life import person as person_of
    from primum.cycles.rubric_life import refine_from_sheet

    found = refine_from_sheet(workspace, sheet, person_of(person, role, is_simulated))
    if as_json:
        render.to_json(found)
        return
    _show_diff(found, is_whole=False)
    known = "" if found["is_new"] else " (was there already)"
    render.lines([f"{found['rubric']}, refined by {found['made']}{known}"])


@click.command("verify")
@click.argument("name", metavar="RUBRIC")
@_who
@options.workspace
@options.as_json
def verify(name: str, person: str, role: str, is_simulated: bool, workspace: Path, as_json: bool) -> None:
    """Vouch for a rubric, as a person in a role. One with disputes cannot be verified."""
    from primum.cycles.rubric_life import person as person_of
    from primum.cycles.rubric_life import verify_version

    found = verify_version(workspace, name, person_of(person, role, is_simulated))
    if as_json:
        render.to_json(found)
    else:
        render.lines([f"{found['rubric']}, verified by {found['made']}"])


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--all", "is_whole", is_flag=True, help="Show what stayed as it was, too.")
@options.workspace
@options.as_json
def diff(old: str, new: str, is_whole: bool, workspace: Path, as_json: bool) -> None:
    """Compare two versions of a rubric: by criterion, within a statement by Chinese character and English word.

    Words left out stand as [-so-], words put in as {+so+}.
    """
    from primum.cycles.rubric_life import diff_versions

    found = diff_versions(workspace, old, new)
    if as_json:
        render.to_json(found)
        return
    _show_diff(found, is_whole)


@click.command("merge")
@click.argument("names", nargs=-1, required=True, metavar="RUBRIC RUBRIC [RUBRIC...]")
@options.workspace
@options.as_json
def merge(names: tuple[str, ...], workspace: Path, as_json: bool) -> None:
    """Merge the refinements of two or more people into one version, and show where they disagree.

    What one changed, or all changed alike, is taken. Where they differ the criterion stays as it was, and a dispute holds every reading:
    settle it with `primum rubric settle`. Points are never averaged.
    """
    from primum.cycles.rubric_life import merge_versions

    found = merge_versions(workspace, names)
    if as_json:
        render.to_json(found)
        return
    _show(found)
    rows = [[place, *one["votes"], _short(one["statement"], 70)] for place, one in enumerate(found["votes"], 1)]
    render.table("What each did", ("base", *found["people"], "criterion"), rows)
    agreement = found["agreement"]
    render.lines(
        [
            f"{found['taken']} changes taken, {found['additions']} of them additions; {len(found['disputes'])} disputes",
            f"agree on {_estimate(agreement['agreed'], '.0%')} of {agreement['agreed']['n']} criteria; "
            f"Krippendorff α {_estimate(agreement['krippendorff_alpha'], '.2f')}, "
            f"Fleiss κ {_estimate(agreement['fleiss_kappa'], '.2f')} (keep, change, remove)",
            f"{found['rubric']}, merged from {len(found['people'])} refinements of {found['base']}",
        ]
    )


@click.command("settle")
@click.argument("name", metavar="RUBRIC")
@click.option(
    "--take",
    "takes",
    multiple=True,
    required=True,
    metavar="DISPUTE=READING",
    help="1=2: of dispute 1 the second reading; 1=base: as it was (repeatable).",
)
@_who
@options.workspace
@options.as_json
def settle(
    name: str, takes: tuple[str, ...], person: str, role: str, is_simulated: bool, workspace: Path, as_json: bool
) -> None:
    """Settle disputes of a merged rubric: say which reading stands from now on. Others stay open."""
    from primum.cycles.rubric_life import person as person_of
    from primum.cycles.rubric_life import settle_disputes

    chosen: dict[int, str] = {}
    for take in takes:
        number, _, reading = take.partition("=")
        if not number.isdecimal() or not reading or int(number) in chosen:
            raise click.UsageError(f"--take {take}: write DISPUTE=READING, each dispute once (1=2, 2=base)")
        chosen[int(number)] = reading
    found = settle_disputes(workspace, name, chosen, person_of(person, role, is_simulated))
    if as_json:
        render.to_json(found)
        return
    _show(found)
    render.lines([f"{found['rubric']}, settled by {found['made']}; {len(found['disputes'])} disputes left"])


def _list(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        render.to_json(rows)
        return
    shown = [
        [
            one["rubric"],
            one["row"],
            one["state"],
            one["criteria"],
            one["disputes"],
            one["versions"],
            _short(one["prompt"], 60),
        ]
        for one in rows[:_MOST_LISTED]
    ]
    columns = ("rubric", "row", "state", "criteria", "disputes", "versions", "prompt")
    render.table(f"{len(rows):,} rubrics", columns, shown)
    if len(rows) > _MOST_LISTED:
        render.lines([f"and {len(rows) - _MOST_LISTED:,} more: --json shows all"])


def _show(found: dict[str, Any]) -> None:
    render.lines([f"{found['rubric']} · {found['state']} · {found['made']}", f"on: {_short(found['prompt'], 150)}"])
    rows = [
        [place, f"{one['points']:+d}", one["kind"], one["axis"], one["statement"], len(one["norms"]) or ""]
        for place, one in enumerate(found["criteria"], 1)
    ]
    render.table(f"{len(rows)} criteria", ("no.", "points", "kind", "axis", "criterion", "norms"), rows)
    for place, dispute in enumerate(found["disputes"], 1):
        base = dispute["criterion"]
        about = f"[{base['points']:+d}] {base['statement']}" if base else "additions that seem to say the same"
        rows = [
            [number, reading["by"], *_reading(reading["criteria"], base)]
            for number, reading in enumerate(dispute["readings"], 1)
        ]
        render.table(f"Dispute {place}: {about}", ("reading", "by", "points", "kind", "says"), rows)


def _reading(criteria: Sequence[dict[str, Any]], base: dict[str, Any] | None) -> list[str]:
    if not criteria:
        return ["", "", "removed" if base else "not added"]
    return [
        "\n".join(f"{one['points']:+d}" for one in criteria),
        "\n".join(one["kind"] for one in criteria),
        "\n".join(one["statement"] for one in criteria),
    ]


def _show_version(version: dict[str, Any]) -> None:
    disputes = f", {version['disputes']} disputes" if version["disputes"] else ""
    came = f" ← {version['previous']}" if version["previous"] else ""
    merged = f" (merged from {len(version['merged_from'])})" if version["merged_from"] else ""
    render.lines(
        [
            f"{version['id']} · {version['state']} · {version['made']} · {version['criteria']} criteria{disputes}{came}{merged}"
        ]
    )
    for change in version["changes"]:
        shape = f"{len(change['before'])} → {len(change['after'])}"
        note = f": {change['note']}" if change["note"] else ""
        render.lines([f"    {shape} {change['reason']}{note}"])


def _show_diff(found: dict[str, Any], is_whole: bool) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        title=f"{found['old']} → {found['new']}",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in ("no.", "change", "points", "kind", "criterion", "why"):
        drawn.add_column(column, overflow="fold", justify="right" if column == "no." else "left")
    is_any = False
    for one in found["criteria"]:
        if one["kind"] == "same" and not is_whole:
            continue
        is_any = True
        why = "; ".join([*one["reasons"], *one["notes"]])
        at = "" if one["at"] is None else str(one["at"])
        style = _STYLES[one["kind"]]
        fields = [Text(render.visible(_field(one, name))) for name in ("points", "kind")]
        drawn.add_row(at, Text(one["kind"], style), *fields, _statement(one), Text(render.visible(why)))
    if is_any:
        render.show(drawn)
    counts = ", ".join(f"{count} {kind}" for kind, count in found["counts"].items())
    render.lines([counts if is_any else f"nothing is different ({counts})"])


def _field(one: dict[str, Any], name: str) -> str:
    changed = next((change for change in one["changes"] if change["field"] == name), None)
    if changed is not None:
        return f"{changed['old']} → {changed['new']}"
    of = one["after"] or one["before"]
    return "\n".join(f"{criterion['points']:+d}" if name == "points" else str(criterion[name]) for criterion in of)


def _statement(one: dict[str, Any]) -> Text:
    from rich.text import Text

    told = Text()
    if not one["pieces"]:
        for kind, criteria in (("deleted", one["before"]), ("inserted", one["after"])):
            for criterion in criteria:
                told.append("\n" if told else "")
                _append(told, kind, criterion["statement"])
    for piece in one["pieces"]:
        _append(told, piece["kind"], piece["text"])
    others = [f"{change['field']}: {change['old']} → {change['new']}" for change in _others(one)]
    return told.append(render.visible(f" ({'; '.join(others)})"), "cyan") if others else told


def _others(one: dict[str, Any]) -> Iterator[dict[str, str]]:
    return (change for change in one["changes"] if change["field"] not in ("points", "kind"))


def _append(told: Text, kind: str, text: str) -> None:
    text = render.visible(text)
    if kind == "deleted":
        told.append(f"[-{text}-]", "red")
    elif kind == "inserted":
        told.append(f"{{+{text}+}}", "green")
    else:
        told.append(text)


def _estimate(found: dict[str, Any], form: str) -> str:
    if "undefined" in found:
        return f"undefined ({found['undefined']})"
    return f"{found['value']:{form}} [{found['low']:{form}}, {found['high']:{form}}]"


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
