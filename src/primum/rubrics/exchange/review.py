"""What tools for annotation are shown of a rubric and of a pair of answers, and what comes back from them, whatever the tool.

A task is one criterion, or the place for criteria that are missing; or a pair of answers of which the better one is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from primum.errors import InputError
from primum.records import ByPerson, Preference, Response, Scenario
from primum.rubrics.draft import Drafted
from primum.rubrics.life.sheet import SheetRow, sheet_rows

__all__ = [
    "CriterionTask",
    "PairTask",
    "Picked",
    "Reviewed",
    "Shown",
    "by_rubric",
    "completed",
    "conversation",
    "criterion_tasks",
    "pair_task",
    "text_of",
]


class CriterionTask(NamedTuple):
    """A criterion to look at, its number from 1; with number 0 the place for what is missing."""

    rubric: str
    number: int
    prompt: str
    reference: str
    statement: str
    points: int
    kind: str
    axis: str


class PairTask(NamedTuple):
    """Two answers side by side. Which one stands left is drawn from their ids, so that the better one has no side of its own."""

    scenario: str
    prompt: str
    left: str
    right: str
    left_id: str
    right_id: str
    better: Literal["left", "right"]
    rubric: str | None


class Shown(NamedTuple):
    """A preference with what it is about."""

    preference: Preference
    scenario: Scenario
    chosen: Response
    rejected: Response


class Reviewed(NamedTuple):
    """What one person said of a rubric: rows of a sheet, criteria that they left alone among them."""

    rubric: str
    person: ByPerson
    rows: list[SheetRow]


class Picked(NamedTuple):
    """Which answer of a pair one person holds better, and where it says so."""

    scenario: str
    chosen: str
    rejected: str
    rubric: str | None
    person: ByPerson
    place: str


def conversation(scenario: Scenario) -> str:
    """The messages as one text; who speaks is said where there is more than one."""
    if len(scenario.messages) == 1:
        return scenario.prompt
    return "\n\n".join(f"{turn.role}: {turn.content}" for turn in scenario.messages)


def criterion_tasks(scenario: Scenario, drafted: Drafted) -> list[CriterionTask]:
    """A task for each criterion in order, and one for what is missing."""
    prompt, reference, rubric = conversation(scenario), scenario.reference or "", drafted.rubric.id
    found = [
        CriterionTask(rubric, number, prompt, reference, one.statement, one.points, one.kind_of, one.axis)
        for number, one in enumerate(drafted.criteria, 1)
    ]
    return [*found, CriterionTask(rubric, 0, prompt, reference, "", 5, "proficiency", "")]


def pair_task(shown: Shown) -> PairTask:
    """The task of a preference."""
    one, other = shown.chosen, shown.rejected
    drawn = hashlib.sha256("\x1f".join(sorted((one.id, other.id))).encode()).digest()[0] % 2
    is_left = (drawn == 0) == (one.id < other.id)
    left, right = (one, other) if is_left else (other, one)
    return PairTask(
        shown.scenario.id,
        conversation(shown.scenario),
        left.text,
        right.text,
        left.id,
        right.id,
        "left" if is_left else "right",
        shown.preference.rubric,
    )


def text_of(data: Mapping[str, Any], name: str, place: str) -> str:
    """The id that a task holds under a name. Raises `InputError` where it is no text."""
    value = data[name]
    if not isinstance(value, str):
        raise InputError(f"{name} {str(value)[:40]!r}", "is no text", "give the task as primum wrote it", place)
    return value


def by_rubric(said: Sequence[tuple[str, ByPerson, SheetRow]]) -> list[Reviewed]:
    """Rows of people, each with its rubric, as one review for each person and rubric, in the order they first come."""
    found: dict[tuple[str, ByPerson], list[SheetRow]] = {}
    for rubric, person, row in said:
        found.setdefault((rubric, person), []).append(row)
    return [Reviewed(rubric, person, rows) for (rubric, person), rows in found.items()]


def completed(drafted: Drafted, rows: Sequence[SheetRow]) -> list[SheetRow]:
    """The rows with those of criteria that nobody said anything of, in the rubric's order, additions last.

    Raises `InputError` for a number that the rubric does not have.
    """
    whole: dict[str, list[SheetRow]] = {row.id: [row] for row in sheet_rows(drafted)}
    said: dict[str, list[SheetRow]] = {}
    for row in rows:
        if row.id and row.id not in whole:
            raise InputError(f"criterion {row.id}", "is none of the rubric's", "import into its workspace", row.place)
        said.setdefault(row.id, []).append(row)
    added = said.pop("", [])
    return [row for id in whole for row in said.get(id, whole[id])] + added
