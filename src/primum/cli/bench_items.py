"""`primum bench list`, `show`, `review` and `stats`: benchmarks and their items, one by one and counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render
from primum.errors import SettingError

__all__ = ["list_", "review", "show", "stats"]


@click.command("list")
@options.workspace
@options.as_json
def list_(workspace: Path, as_json: bool) -> None:
    """List the benchmarks of the workspace, a row for each version."""
    from primum.cycles.benchmark_held import list_benchmarks

    rows = list_benchmarks(workspace)
    if as_json:
        render.to_json(rows)
    elif not rows:
        render.lines(["No benchmark is here: make one with primum bench build --corpus FOLDER"])
    else:
        columns = ("name", "version", "items", "retired", "newest", "id")
        cells = [{**row, "newest": "yes" if row["is_newest"] else ""} for row in rows]
        render.table("Benchmarks", columns, [[row[column] for column in columns] for row in cells])


@click.command("stats")
@options.workspace
@options.as_json
def stats(workspace: Path, as_json: bool) -> None:
    """Count the situations by set, language, task and split."""
    from primum.cycles.situations import count_situations

    rows = count_situations(workspace)
    if as_json:
        render.to_json(rows)
        return
    columns = ("dataset", "language", "task", "split", "n")
    render.table("Situations", columns, [[row[column] for column in columns] for row in rows])


@click.command("show")
@click.argument("item")
@options.workspace
@options.as_json
def show(item: str, workspace: Path, as_json: bool) -> None:
    """Show an ITEM by its name (zh-…, or enough of it), or a situation by its id: what is asked, and why its key is right."""
    from primum.cycles.benchmark_held import show_item
    from primum.cycles.situations import show_situation

    if item.startswith("scenario-"):
        found = show_situation(workspace, item)
        found = {**found, **show_item(workspace, found["id"])} if found["item"] else found
    else:
        found = show_item(workspace, item)
    if as_json:
        render.to_json(found)
    elif found["item"]:
        render.lines(_item(found))
    else:
        render.lines(_situation(found))


def _situation(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['id']}  ({found['dataset']}, {found['task']}, {found['split']}, {found['made_by']})"
    yield ""
    yield from (f"[{turn['role']}] {turn['content']}" for turn in found["messages"])
    yield from (f"  {option['letter']}. {option['text']}" for option in found["options"])
    yield ""
    yield f"dimension {found['dimension']}, harm level {found['harm_level']}, style {found['style']}"
    if found["key"]:
        yield f"key: {', '.join(found['key'])}"
    if found["reference"]:
        yield f"good answer: {found['reference']}"
    yield from (f"rests on {norm['reference']}: {norm['text']}" for norm in found["norms_shown"])
    for criterion in found["criteria"]:
        yield f"criterion ({criterion['points']:+d}): {criterion['statement']}"


def _item(found: dict[str, Any]) -> Iterator[str]:
    where = f"{found['task']}, {found['split'] or 'no split'}"
    yield f"{found['item']}  {found['dimension_named']} ({found['dimension']}), {where}: {found['state']}"
    scene = f", {found['scene_named']}" if found["scene"] else ""
    borderline = ", looks harmful and is not" if found["is_borderline"] else ""
    yield f"{found['difficulty'] or 'no difficulty'}, style {found['style']}, harm level {found['harm_level']}{borderline}{scene}"
    yield ""
    yield from (f"[{turn['role']}] {turn['content']}" for turn in found["messages"])
    for option in found["options"]:
        mark = "✓" if option["letter"] in found["key"] else " "
        yield f"  {mark} {option['letter']}. {option['text']}"
        yield f"       {option['reason'] or '(no reason)'}"
    if found["key"]:
        yield f"key: {', '.join(found['key'])}"
    yield ""
    yield "why:"
    yield from (f"  · {point}" for point in found["points"])
    if found["reference"]:
        yield f"good answer: {found['reference']}"
    for norm in found["norms_shown"]:
        yield ""
        until = f" until {norm['effective_to']}" if norm["effective_to"] else ""
        yield f"{' › '.join(norm['path'])}  (in force from {norm['effective_from'] or '(not said)'}{until})"
        yield _marked(norm["text"], norm["quoted"])
    yield ""
    if found["counterpart"]:
        yield f"a rewrite of {found['counterpart']}"
    for one in found["history"]:
        at = f"{one['at']}  " if one.get("at") else ""
        note = f": {one['note']}" if one.get("note") else ""
        yield f"{at}{one['event']} by {one['by']}{note}  {one['record']}"


def _marked(text: str, places: list[list[int]]) -> str:
    """The text with what is quoted between ⟦ and ⟧."""
    for start, end in reversed(places):
        text = f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}"
    return text


@click.command("review")
@click.argument("item")
@click.option("--verified", "state", flag_value="verified", help="The item is right.")
@click.option("--rejected", "state", flag_value="rejected", help="The item is wrong, or not fit to ask.")
@click.option("--person", required=True, help="The pseudonym of the person who looked at it.")
@click.option("--role", required=True, help="In which role: clinician, lawyer, ethicist …")
@click.option("--note", default="", help="What they say of it.")
@options.workspace
@options.as_json
def review(item: str, state: str | None, person: str, role: str, note: str, workspace: Path, as_json: bool) -> None:
    """Keep what a person says of an ITEM. Nothing but this raises an item to verified; it goes into the ledger."""
    from primum.cycles.benchmark_held import review_item
    from primum.records import ByPerson

    if state not in ("verified", "rejected"):
        raise SettingError(
            f"review of '{item}'", "says neither yes nor no", "add --verified or --rejected", "primum bench review"
        )
    kept = review_item(
        workspace, item, "verified" if state == "verified" else "rejected", ByPerson(person=person, role=role), note
    )
    if as_json:
        render.to_json(kept)
    else:
        render.lines(
            [f"{kept['item']} is {kept['state']} by {role} {person}; kept as {kept['review']} and in the ledger"]
        )
