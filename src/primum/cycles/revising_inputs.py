"""What a revision starts from: queries with or without an answer, the rubrics people or rules wrote for them, and principles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import msgspec

from primum.errors import InputError, RecordError
from primum.evaluation.suites.files import HealthRow, read_health_rows
from primum.evaluation.suites.lines import check_unique, read_structs
from primum.language import detect, normalise
from primum.records import (
    ByImport,
    Criterion,
    CriterionKind,
    Principle,
    Record,
    Rubric,
    Scenario,
    Turn,
    decode,
)
from primum.rubrics.draft import Drafted

__all__ = ["Query", "queries_of", "read_principles", "read_queries", "read_rubrics"]

_KINDS = ("proficiency", "excellence", "safety")


class Query(NamedTuple):
    """A query by its id, the situation it is, and the answer to revise; `None` where a model has to answer first."""

    id: str
    scenario: Scenario
    answer: str | None


class _QueryRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of QUERIES.jsonl; `cluster` names queries that ask nearly the same."""

    id: str
    query: str
    answer: str | None = None
    cluster: str = ""
    # What REVISED.jsonl says besides; passed over, so that it can be revised again.
    changed: bool = False
    ended: str = ""
    why: str = ""
    made_by: str = ""
    revision: str = ""
    spent: dict[str, Any] = {}
    best_of: dict[str, Any] = {}
    drafts: list[Any] = []
    notes: list[Any] = []


def read_queries(path: Path) -> list[Query]:
    """The rows of QUERIES.jsonl. Raises `InputError` with `file:line`."""
    placed = read_structs(path, _QueryRow, "a row of queries")
    check_unique(placed, [one.row.id for one in placed], "id")
    return [_query(one.row, path.name, one.place) for one in placed]


def queries_of(given: Iterable[str | Mapping[str, Any]]) -> list[Query]:
    """The same from texts, or mappings with the keys of a row; a text is named by its place."""
    rows: list[Query] = []
    for number, one in enumerate(given):
        place = f"query {number}"
        told = {"id": str(number), "query": one} if isinstance(one, str) else dict(one)
        try:
            row = msgspec.convert(told, _QueryRow)
        except msgspec.ValidationError as error:
            raise InputError(
                "a query", f"is not as it should be ({error})", "give id, query and answer", place
            ) from error
        rows.append(_query(row, "queries", place))
    ids = [row.id for row in rows]
    if len(set(ids)) < len(ids):
        twice = next(id for id in ids if ids.count(id) > 1)
        raise InputError(f"id {twice!r}", "is there twice", "give every query its own", "queries")
    return rows


def read_rubrics(path: Path, queries: Sequence[Query]) -> dict[str, tuple[Query, Drafted]]:
    """The rubrics in a HealthBench-shaped file, by the id of the query (`prompt_id`), each with its query.

    A tag `kind:safety` (or `excellence`, `proficiency`) names a criterion's kind, `axis:…` its axis. The conversation of the row takes
    the place of the query where the query is its last message. Raises `InputError` for a row that is about another query.
    """
    by_id = {one.id: one for one in queries}
    found: dict[str, tuple[Query, Drafted]] = {}
    for row in read_health_rows(path):
        query = by_id.get(row.prompt_id)
        if query is None:
            continue
        place = f"{path}, prompt {row.prompt_id}"
        last = row.prompt[-1].content if row.prompt else ""
        if normalise(last) != normalise(query.scenario.prompt):
            raise InputError(
                f"rubric of {row.prompt_id!r}",
                f"is about another query ({last[:60]!r})",
                "give the rubric of this query, or give the query another id",
                place,
            )
        found[row.prompt_id] = _drafted(row, query, path.name, place)
    return found


def read_principles(path: Path) -> tuple[list[Principle], list[Record]]:
    """The principles in a JSONL file of records (a line is a record, or `{"id", "record"}` as an export has it), and all its records.

    Raises `InputError` for a line that is no record, and for a file without principles.
    """
    records: list[Record] = []
    for place, row in read_structs(path, dict[str, Any], "a record"):
        try:
            records.append(decode(msgspec.json.encode(row.get("record", row)), place))
        except RecordError as error:
            raise InputError(error.value, error.rule, error.way_out, place) from error
    principles = [one for one in records if isinstance(one, Principle)]
    if not principles:
        raise InputError(f"file '{path.name}'", "has no principle", "name a file of principles", str(path))
    return principles, records


def _query(row: _QueryRow, dataset: str, place: str) -> Query:
    if not row.query.strip():
        raise InputError(f"query {row.id!r}", "asks nothing", "write the query", place)
    if row.answer is not None and not row.answer.strip():
        raise InputError(
            f"answer to {row.id!r}", "is empty", "write the answer, or leave the key out: the model answers then", place
        )
    made = ByImport(dataset=dataset, row=row.id)
    return Query(row.id, _scenario((Turn(role="user", content=row.query),), dataset, made, row.cluster), row.answer)


def _scenario(messages: tuple[Turn, ...], dataset: str, made: ByImport, cluster: str) -> Scenario:
    return Scenario(
        messages=messages,
        task="open",
        dimension="query",
        language=detect(messages[-1].content),
        dataset=dataset,
        made=made,
        cluster=cluster,
    )


def _drafted(row: HealthRow, query: Query, dataset: str, place: str) -> tuple[Query, Drafted]:
    try:
        messages = tuple(
            Turn(role=cast(Literal["system", "user", "assistant"], one.role), content=one.content) for one in row.prompt
        )
        made = cast(ByImport, query.scenario.made)
        scenario = _scenario(messages, made.dataset, made, query.scenario.cluster)
        criteria = tuple(
            Criterion(
                statement=rule.criterion,
                points=_whole(rule.points),
                axis=_tag(rule.tags, "axis:"),
                kind_of=_kind(_tag(rule.tags, "kind:"), place),
                language=detect(rule.criterion),
                made=ByImport(dataset=dataset, row=f"{row.prompt_id}#{number}"),
            )
            for number, rule in enumerate(row.rubrics, 1)
        )
        rubric = Rubric(
            scenario=scenario.id,
            criteria=tuple(one.id for one in criteria),
            made=ByImport(dataset=dataset, row=row.prompt_id),
        )
    except RecordError as error:
        raise InputError(error.value, error.rule, error.way_out, place) from error
    return query._replace(scenario=scenario), Drafted(rubric, criteria)


def _whole(points: float) -> int:
    if points != int(points):
        raise RecordError(f"{points:g} points", "are not a whole number", "scale the points of the set", "a Criterion")
    return int(points)


def _tag(tags: Sequence[str], prefix: str) -> str:
    return next((tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)), "")


def _kind(tag: str, place: str) -> CriterionKind:
    if tag and tag not in _KINDS:
        raise InputError(f"tag 'kind:{tag}'", "names no kind of criterion", f"write one of {', '.join(_KINDS)}", place)
    return cast(CriterionKind, tag or "proficiency")
