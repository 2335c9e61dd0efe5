"""Files of questions, for the commands that draft or write rubrics for them: `{"id", "query", "answer"?, "profile"?}` a line."""

from __future__ import annotations

from pathlib import Path

import msgspec

from primum.errors import InputError
from primum.evaluation.suites.lines import check_unique, read_structs
from primum.language import detect
from primum.records import ByImport, Scenario, Turn
from primum.starter.clinical import check_values

__all__ = ["QueryRow", "query_scenario", "read_query_rows"]


class QueryRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question, a good answer where one is known, and its place on the clinical dimensions where somebody said it; else the shipped
    classifier says it."""

    id: str
    query: str
    answer: str | None = None
    profile: dict[str, str] | None = None


def read_query_rows(path: Path) -> list[QueryRow]:
    """The questions of a file. Raises `InputError`, with `file:line`, for what is no row, an id that stands twice, or a wrong profile."""
    placed = read_structs(path, QueryRow, "a row of questions")
    check_unique(placed, [one.row.id for one in placed], "id")
    for one in placed:
        if not one.row.query.strip():
            raise InputError(f"question {one.row.id!r}", "has no text", "write its query", one.place)
        if one.row.profile is not None:
            check_values(one.row.profile, one.place)
    return [one.row for one in placed]


def query_scenario(row: QueryRow, dataset: str) -> Scenario:
    """A question as a situation."""
    return Scenario(
        messages=(Turn(role="user", content=row.query.strip()),),
        task="open",
        dimension="medical_question",
        language=detect(row.query),
        dataset=dataset,
        made=ByImport(dataset=dataset, row=row.id),
        reference=row.answer.strip() if row.answer and row.answer.strip() else None,
    )
