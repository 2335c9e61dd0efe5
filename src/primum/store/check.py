"""Whether the store is what it says it is."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from primum.errors import StoreError
from primum.store.schema import edge, record

if TYPE_CHECKING:
    from primum.store.database import Store

__all__ = ["lessons_elsewhere", "problems"]

_CHUNK = 500
_JUDGE, _LEARNED = "judgeref", "trained on"


def problems(store: Store) -> Iterator[str]:
    """A line for each thing that is wrong with the file, with a record, or with an edge."""
    yield from store.reading(_of_file)
    pages = store.pages()
    while chunk := list(itertools.islice(pages, _CHUNK)):
        known = store.reading(lambda connection, ids=[id for id, _ in chunk]: _edges(connection, ids))  # type: ignore[misc]
        for id, body in chunk:
            yield from _of_record(store, id, body, known.get(id, set()))
    yield from store.reading(_of_edges)


def _of_file(connection: sa.Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    lines = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
    return [f"file: {line}" for line in lines if line != "ok"]


def _of_record(store: Store, id: str, body: str, edges: set[tuple[str, str]]) -> Iterator[str]:
    kind, _, digits = id.partition("-")
    if not isinstance(body, str):  # SQLite lets another tool put anything into a column
        yield f"{id}: its content is not text"
        return
    if hashlib.sha256(body.encode()).hexdigest()[:20] != digits:
        yield f"{id}: its content does not have this hash: it was edited"
    try:
        found = store.read(id, body)
    except StoreError as error:
        yield f"{id}: {error.rule}"
        return
    if found.kind() != kind:
        yield f"{id}: is a {found.kind()}"
    for role, parent in sorted(set(found.parents()) ^ edges):
        yield f"{id}: its edge '{role}' to {parent} is {'not of its content' if (role, parent) in edges else 'missing'}"


def _edges(connection: sa.Connection, ids: list[str]) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for child, role, parent in connection.execute(sa.select(edge).where(edge.c.child.in_(ids))):
        found.setdefault(child, set()).add((role, parent))
    return found


def lessons_elsewhere(connection: sa.Connection) -> int:
    """How many records that a judge learned from are not in the store: it was trained in another one, or came with Primum."""
    child, parent = record.alias("child"), record.alias("parent")
    ends = edge.join(child, child.c.id == edge.c.child).outerjoin(parent, parent.c.id == edge.c.parent)
    wanted = [parent.c.id.is_(None), edge.c.role == _LEARNED, child.c.kind == _JUDGE]
    query = sa.select(sa.func.count(sa.distinct(edge.c.parent))).select_from(ends).where(*wanted)
    return int(connection.execute(query).scalar_one())


def _of_edges(connection: sa.Connection) -> list[str]:
    child, parent = record.alias("child"), record.alias("parent")
    ends = sa.select(edge, child.c.id.label("has_child"), parent.c.id.label("has_parent")).select_from(
        edge.outerjoin(child, child.c.id == edge.c.child).outerjoin(parent, parent.c.id == edge.c.parent)
    )
    query = ends.where(child.c.id.is_(None) | parent.c.id.is_(None)).order_by(edge.c.child, edge.c.role, edge.c.parent)
    lines = []
    for row in connection.execute(query):
        if row.has_child is None:
            lines.append(f"{row.child}: has an edge '{row.role}' but is not in the store")
        # A judge that was trained elsewhere names its lessons, which are kept there: `lessons_elsewhere` counts them.
        is_lesson = row.role == _LEARNED and row.child.startswith(f"{_JUDGE}-")
        if row.has_parent is None and not is_lesson:
            lines.append(f"{row.child}: rests on {row.parent} ('{row.role}'), which is not in the store")
    return lines
