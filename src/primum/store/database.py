"""The store: every record, what it rests on, the ledger and the finished steps, in one database."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from primum.errors import RecordError, StoreError, UnknownIdError
from primum.ledger import verify_chain
from primum.records import LedgerEntry, Record, decode
from primum.store.check import lessons_elsewhere, problems
from primum.store.exchange import export_lines, import_lines
from primum.store.schema import connect, edge, guarded, ledger, lock, migrate, record, step
from primum.store.writer import Writer

__all__ = ["FILE_NAME", "Store"]

FILE_NAME = "primum.db"
_CHUNK = 500  # ids in one query; SQLite takes 32,766 parameters, and more make it no faster
_SHORT_ID = re.compile(r"[a-z]+-[0-9a-f]{8,20}")

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class Store:
    """A workspace's records. Open it with `Store.open`; many may read while one writes.

    Every method raises `StoreError` when the database or the disk fails; what was committed before is then intact.
    """

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self._engine = engine
        self._writing = threading.Lock()
        self._writer_thread: int | None = None
        self.place = place

    @classmethod
    def open(cls, workspace: Path, url: str | None = None, create: bool = True) -> Store:
        """The store of `workspace`: its file `primum.db`, or the database at `url` (SQLite or PostgreSQL).

        An older store is migrated. Raises `StoreError` when there is none and `create` is false, when it was written by newer code
        or by another program, and when it cannot be read or written.
        """
        workspace = Path(workspace)
        if url is None:
            file = workspace / FILE_NAME
            if not create and not file.is_file():
                raise StoreError(
                    f"folder {workspace.name!r}",
                    "is not a workspace",
                    "name another, or make it one with `primum corpus add`",
                    str(workspace),
                )
            with guarded(workspace):
                if create:
                    workspace.mkdir(parents=True, exist_ok=True)
            place = str(file)
            engine = connect(sa.URL.create("sqlite", database=place))
        else:
            engine = connect(url)
            place = engine.url.render_as_string(hide_password=True)
        try:
            with guarded(place):
                migrate(engine, place, create)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, place)

    def close(self) -> None:
        """Give the connections back. The store cannot be left half written: what was not committed is gone."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """One transaction: all of what the block writes is kept when it ends, nothing when it raises.

        One block at a time: another thread or process waits. A block inside a block of the same thread is a `StoreError`.
        """
        with self._alone():
            with guarded(self.place):
                connection = lock(self._engine)
            try:
                yield Writer(connection, self.place)
                with guarded(self.place):
                    connection.commit()
            finally:
                with guarded(self.place):
                    connection.close()  # without a commit before it, this rolls back

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._writer_thread == threading.get_ident():
            raise StoreError("a transaction", "is already open in this thread", "write through that one", self.place)
        with self._writing:
            self._writer_thread = threading.get_ident()
            try:
                yield
            finally:
                self._writer_thread = None

    # Reading

    def get(self, id: str) -> Record:
        """The record called `id`, or by the start of an id that only one record has (see `resolve`)."""
        return self.get_many([self.resolve(id)])[0]

    def get_many(self, ids: Sequence[str]) -> list[Record]:
        """The records called `ids` (whole ids), in that order. Raises `UnknownIdError` when one of them is not there."""
        bodies = self.bodies(ids)
        unknown = next((id for id in ids if id not in bodies), None)
        if unknown is not None:
            raise UnknownIdError(
                f"id {unknown!r}", "is not in the store", "give the whole id of a record that is there", self.place
            )
        records = {id: self.read(id, body) for id, body in bodies.items()}
        return [records[id] for id in ids]

    def resolve(self, prefix: str) -> str:
        """The whole id that starts with `prefix`: the kind, a hyphen and at least eight hex digits.

        Raises `UnknownIdError` when no record's id does, or more than one.
        """
        if _SHORT_ID.fullmatch(prefix):
            # `g` follows every hex digit, so the range can use the index on ids.
            starts = sa.and_(record.c.id.between(prefix, prefix + "g"), record.c.id.startswith(prefix))
            found = [row.id for row in self._rows(sa.select(record.c.id).where(starts).order_by(record.c.id).limit(2))]
            if len(found) == 1:
                return str(found[0])
            if found:
                raise UnknownIdError(
                    f"id {prefix!r}", "starts more than one record's id", "give more of it", self.place
                )
        raise UnknownIdError(
            f"id {prefix!r}", "is not in the store", "give a whole id, or its kind and at least 8 digits", self.place
        )

    def has(self, id: str) -> bool:
        """Whether a record is called `id` (the whole id)."""
        return bool(self._rows(sa.select(record.c.sequence).where(record.c.id == id)))

    def all(self, kind: type[R]) -> Iterator[R]:
        """The records of `kind` that are there now, in the order they were put in."""
        for body in self.pages(kind.kind()):
            found = self.read(*body)
            assert isinstance(found, kind)
            yield found

    def count(self) -> dict[str, int]:
        """How many records there are of each kind that there is."""
        query = (
            sa.select(record.c.kind, sa.func.count().label("records")).group_by(record.c.kind).order_by(record.c.kind)
        )
        return {row.kind: row.records for row in self._rows(query)}

    def parents(self, id: str) -> list[tuple[str, str]]:
        """Pairs (role, id) of what the record rests on, by role and id."""
        columns = edge.c.role, edge.c.parent
        return [
            (role, parent)
            for role, parent in self._rows(sa.select(*columns).where(edge.c.child == id).order_by(*columns))
        ]

    def children(self, id: str) -> list[tuple[str, str]]:
        """Pairs (role, id) of what rests on the record, in the order it was put in."""
        query = (
            sa.select(edge.c.role, edge.c.child)
            .join(record, record.c.id == edge.c.child)
            .where(edge.c.parent == id)
            .order_by(record.c.sequence, edge.c.role)
        )
        return [(role, child) for role, child in self._rows(query)]

    def ledger(self) -> list[LedgerEntry]:
        """Every entry of the ledger, in order; its chain is not checked here (`primum.ledger.verify_chain`)."""
        entries = []
        for sequence, body in self._rows(sa.select(ledger.c.sequence, ledger.c.body).order_by(ledger.c.sequence)):
            entry = self.read(f"ledger entry {sequence}", body)
            if not isinstance(entry, LedgerEntry):
                raise StoreError(
                    f"ledger entry {sequence}", "is a record of another kind", "import the last export", self.place
                )
            entries.append(entry)
        return entries

    def step(self, run: str, name: str) -> dict[str, Any] | None:
        """What the step gave when it was finished in that run; `None` when it was not."""
        query = sa.select(step.c.outputs).where(step.c.run == run, step.c.name == name)
        rows = self._rows(query)
        return msgspec.json.decode(rows[0].outputs, type=dict[str, Any]) if rows else None

    def verify(self) -> list[str]:
        """What is wrong with the store, a line each; empty when nothing is.

        Checked: the database file itself, that ids are the hashes of their contents, that edges are what the records say, that
        nothing rests on a record that is not there, and the chain of the ledger. A judge may have learned elsewhere: see `elsewhere`.
        """
        with guarded(self.place):
            found = list(problems(self))
        chain = verify_chain(self.ledger())
        return found if chain.is_intact else [*found, f"ledger: {chain.problem}"]

    def elsewhere(self) -> int:
        """How many records that judges learned from are kept in another store, or nowhere that is known."""
        return self.reading(lessons_elsewhere)

    # Leaving and coming back

    def export_jsonl(self, path: Path) -> int:
        """Write every record and the ledger, as they are at one moment, to `path`, a line each; how many lines.

        A line is `{"id":…,"record":{…}}`, in the order of insertion, or after them `{"ledger":{…}}`. An older file at `path` is
        replaced, and only when all is written.
        """
        return self.reading(lambda connection: export_lines(connection, Path(path)))

    def import_jsonl(self, path: Path) -> int:
        """Put every record of an export into the store, and its ledger if the store has none; how many records were new.

        One transaction: a line that is not a record, or whose id is not the hash of its content, is an `InputError` with its
        place, and nothing is imported. `LedgerError` for a chain that does not hold, `StoreError` when the store has another
        ledger already.
        """
        with self.writing() as writer:
            return import_lines(writer, self.ledger(), Path(path))

    # For the modules beside this one

    def bodies(self, ids: Iterable[str]) -> dict[str, str]:
        """The JSON of those of `ids` that are there."""
        found: dict[str, str] = {}
        for chunk in _chunks(dict.fromkeys(ids)):
            for id, body in self._rows(sa.select(record.c.id, record.c.body).where(record.c.id.in_(chunk))):
                found[id] = body
        return found

    def pages(self, kind: str | None = None) -> Iterator[tuple[str, str]]:
        """Pairs (id, JSON) in order, of one kind or of all. No transaction stays open in between; what is put in meanwhile is left out."""
        last = 0
        end = self._rows(sa.select(sa.func.max(record.c.sequence)))[0][0] or 0
        columns = sa.select(record.c.sequence, record.c.id, record.c.body).order_by(record.c.sequence).limit(_CHUNK)
        if kind is not None:
            columns = columns.where(record.c.kind == kind)
        while rows := self._rows(columns.where(record.c.sequence > last, record.c.sequence <= end)):
            last = rows[-1].sequence
            yield from ((row.id, row.body) for row in rows)

    def read(self, id: str, body: str) -> Record:
        """The record that `body` holds. Raises `StoreError` when it holds none."""
        try:
            return decode(body, self.place)
        except RecordError as error:
            raise StoreError(
                f"record {id!r}", f"is damaged ({error.rule})", "import the last export", self.place
            ) from error

    def reading(self, use: Callable[[sa.Connection], T]) -> T:
        """What `use` reads in one transaction, so that all of it is of one moment."""
        options = {"isolation_level": "REPEATABLE READ"} if self._engine.dialect.name == "postgresql" else {}
        with guarded(self.place), self._engine.connect().execution_options(**options) as connection:
            return use(connection)

    def _rows(self, query: sa.Select[Any]) -> list[Any]:
        with guarded(self.place), self._engine.connect() as connection:
            return list(connection.execute(query))


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while chunk := list(itertools.islice(rest, _CHUNK)):
        yield chunk
