"""`primum principle list|show|edit|merge|retire`: principles in people's hands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["edit", "list_all", "merge", "retire", "show"]

_person = click.option("--person", required=True, help="Under which pseudonym you do this.")
_role = click.option("--role", required=True, help="In which role: clinician, annotator, governance officer …")
_reason = click.option("--reason", required=True, help="Why; it is kept.")


def _by_person(command: Callable[..., Any]) -> Callable[..., Any]:
    return _person(_role(_reason(command)))


@click.command("list")
@click.option("--language", type=click.Choice(["zh", "en"]), help="Only those in this language.")
@click.option(
    "--cell", multiple=True, metavar="NAME=VALUE", help="Only those that apply there: task=medicate (repeatable)."
)
@click.option("--all", "is_all", is_flag=True, help="The retired and the replaced too.")
@click.option("--limit", default=40, show_default=True, type=click.IntRange(1), help="How many to show in the table.")
@options.workspace
@options.as_json
def list_all(
    language: str | None, cell: tuple[str, ...], is_all: bool, limit: int, workspace: Path, as_json: bool
) -> None:
    """List the principles that hold, those that cover the most criteria first."""
    from primum.cycles.principles_life import list_principles

    found = list_principles(workspace, language, cell, is_all)
    if as_json:
        render.to_json(found)
        return
    rows = [
        (
            one["id"],
            one["points"],
            one["kind"],
            cell_words(one["applies_when"]),
            one["criteria"],
            one["norms"],
            one["statement"],
        )
        for one in found[:limit]
    ]
    if rows:
        render.table("Principles", ("id", "points", "kind", "applies when", "criteria", "norms", "statement"), rows)
    told = f"{len(found):,} principles"
    render.lines([told if len(found) <= limit else f"{told}; {limit} are shown, --limit shows more, --json all"])


@click.command("show")
@click.argument("principle")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1), help="How many criteria to show.")
@options.workspace
@options.as_json
def show(principle: str, limit: int, workspace: Path, as_json: bool) -> None:
    """Show what PRINCIPLE (its id, or the start of it) covers, the norms and people behind it, and what it was before."""
    from primum.cycles.principles_life import show_principle

    found = show_principle(workspace, principle)
    if as_json:
        render.to_json(found)
        return
    told = [
        found["statement"],
        f"{found['id']}: {found['points']:+d} points, {found['kind']}, {found['axis']}, {found['state']}, by {found['by']}",
        f"Applies when: {cell_words(found['applies_when']) or 'always'}",
        "",
        f"Covers {found['criteria']:,} criteria in {found['rubrics']:,} rubrics:",
        *(f"  {one['points']:+d}  {one['statement']}  ({one['by']}; {one['id']})" for one in found["covers"][:limit]),
    ]
    if found["criteria"] > limit:
        told.append(f"  … {found['criteria'] - limit:,} more; --limit shows more, --json all")
    told += ["", "Rests on: " + ("; ".join(one["reference"] for one in found["rests_on"]) or "no norm")]
    told.append("People behind it: " + (", ".join(f"{name} ({n})" for name, n in found["people"].items()) or "none"))
    if len(found["history"]) > 1:
        told += ["", "Versions, the newest first:"]
        told += [
            f"  {one['id']} {one['state']}, by {one['by']}" + (f": {one['reason']}" if one["reason"] else "")
            for one in found["history"]
        ]
    render.lines(told)


@click.command("edit")
@click.argument("principle")
@click.option("--statement", help="What it says from now on.")
@click.option("--points", type=click.IntRange(-10, 10), help="What it weighs from now on; not 0.")
@_by_person
@options.workspace
@options.as_json
def edit(
    principle: str,
    statement: str | None,
    points: int | None,
    person: str,
    role: str,
    reason: str,
    workspace: Path,
    as_json: bool,
) -> None:
    """Say PRINCIPLE in other words, or weigh it otherwise: a new version, the old one is kept."""
    from primum.cycles.principles_life import change_principle
    from primum.records import ByPerson

    by = ByPerson(person=person, role=role)
    _told(change_principle(workspace, principle, by, reason, statement=statement, points=points), as_json)


@click.command("retire")
@click.argument("principle")
@_by_person
@options.workspace
@options.as_json
def retire(principle: str, person: str, role: str, reason: str, workspace: Path, as_json: bool) -> None:
    """Use PRINCIPLE no more. It is kept, with the reason."""
    from primum.cycles.principles_life import change_principle
    from primum.records import ByPerson

    by = ByPerson(person=person, role=role)
    _told(change_principle(workspace, principle, by, reason, is_retired=True), as_json)


@click.command("merge")
@click.argument("principles", nargs=-1, required=True)
@click.option("--statement", help="What the merged one says; else what the one with the most criteria says.")
@_by_person
@options.workspace
@options.as_json
def merge(
    principles: tuple[str, ...],
    statement: str | None,
    person: str,
    role: str,
    reason: str,
    workspace: Path,
    as_json: bool,
) -> None:
    """Make one principle of two or more: it covers what they cover and applies where one of them did."""
    from primum.cycles.principles_life import merge_principles
    from primum.records import ByPerson

    by = ByPerson(person=person, role=role)
    _told(merge_principles(workspace, principles, by, reason, statement), as_json)


def cell_words(applies_when: dict[str, list[str]]) -> str:
    """`task medicate/treat, urgency routine`."""
    return ", ".join(f"{name} {'/'.join(values)}" for name, values in applies_when.items())


def _told(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        render.to_json(found)
        return
    render.lines([f"{found['state']}: {found['id']}", f"{found['points']:+d}  {found['statement']}"])
