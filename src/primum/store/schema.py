"""The tables, how they came to be (numbered migrations), and the connection to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from primum.errors import StoreError

__all__ = ["LATEST", "MIGRATIONS", "connect", "edge", "guarded", "ledger", "lock", "migrate", "record", "step"]

metadata = sa.MetaData()

# `sequence` is the order of insertion. `body` is the canonical JSON, whose hash is in `id`.
record = sa.Table(
    "record",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
# What `Record.parents` says, turned into rows so that it can be walked both ways.
edge = sa.Table(
    "edge",
    metadata,
    sa.Column("child", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("parent", sa.Text, primary_key=True),
    sa.Index("edge_parent", "parent"),
    sqlite_with_rowid=False,
)
ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False),
)
# The steps of runs that are done, with what they gave: what a run that is started again need not do again.
step = sa.Table(
    "step",
    metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("outputs", sa.Text, nullable=False),
)
schema_version = sa.Table("schema_version", metadata, sa.Column("version", sa.Integer, primary_key=True))


def _create_tables(connection: sa.Connection) -> None:
    # Reads `metadata` as it is today: whoever changes a table above first freezes the old one here.
    metadata.create_all(connection, checkfirst=False)


def _index_kinds(connection: sa.Connection) -> None:
    """All records of one kind, in their order, without a walk over every other record."""
    connection.execute(sa.text("CREATE INDEX record_kind ON record (kind, sequence)"))


MIGRATIONS: tuple[Callable[[sa.Connection], None], ...] = (_create_tables, _index_kinds)
"""The n-th turns a store of version n-1 into one of version n. Append; never change one that was released."""
LATEST = len(MIGRATIONS)


def connect(url: str | sa.URL) -> sa.Engine:
    """An engine for `url`. SQLite connections wait 30 s for a writer and reach the disk on every commit.

    `synchronous=FULL` and not `NORMAL`: a killed process loses nothing under either, a power cut loses the last commits under
    `NORMAL`; we commit once a chunk, so the extra sync costs a millisecond or so where a chunk costs seconds.
    """
    try:
        engine = sa.create_engine(url)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        raise StoreError(
            "the URL of the store", f"is not one SQLAlchemy knows ({error})", "write it as postgresql://…", "Store.open"
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError(
            "the URL of the store", f"needs the driver '{error.name}'", f"pip install {error.name}", "Store.open"
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin where it likes; `_begin_sqlite` does it
    for pragma in ("busy_timeout = 30000", "synchronous = FULL", "foreign_keys = OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    statement = connection.get_execution_options().get("begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)


def lock(engine: sa.Engine) -> sa.Connection:
    """A connection inside a transaction that no other writer is beside; the caller commits or rolls back, and closes it."""
    connection = engine.connect().execution_options(begin="BEGIN IMMEDIATE")
    try:
        connection.begin()
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7072696)"))
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(engine: sa.Engine, place: str, create: bool) -> None:
    """Bring the database to the version of this code, in one transaction; one that is up to date is only read.

    Raises `StoreError` for a database without our tables when `create` is false, for one that belongs to something else, and
    for one that newer code has written.
    """
    with engine.connect() as connection:
        found = _version(connection, place, create)
    if found == LATEST:
        return
    if found == 0 and engine.dialect.name == "sqlite":
        with engine.connect().execution_options(begin=None) as connection:  # not allowed inside a transaction
            connection.exec_driver_sql(
                "PRAGMA journal_mode = WAL"
            )  # kept in the file; readers never wait for the writer
    with lock(engine) as connection:
        for number in range(
            _version(connection, place, create), LATEST
        ):  # read again: another process may have been first
            MIGRATIONS[number](connection)
            connection.execute(schema_version.insert().values(version=number + 1))
        connection.commit()


def _version(connection: sa.Connection, place: str, create: bool) -> int:
    tables = sa.inspect(connection).get_table_names()
    if "schema_version" not in tables:
        if tables:
            raise StoreError("the database", "belongs to another program", "give an empty one", place)
        if not create:
            raise StoreError(
                "the folder", "is not a workspace", "name another, or make it one with `primum corpus add`", place
            )
        return 0
    version = connection.scalar(sa.select(sa.func.max(schema_version.c.version))) or 0
    if version > LATEST:
        raise StoreError(
            f"schema version {version} of the store", f"is newer than this code, which knows {LATEST}",
            "upgrade primum", place,
        )  # fmt: skip
    return int(version)


_CURES = (
    ("disk is full", "has no room left on its disk", "free some space and run it again"),
    ("readonly", "may only be read", "make the folder writable"),
    ("locked", "is being written by another process", "wait for it to end and run it again"),
    ("not a database", "is not a database", "move the file away or name another workspace"),
    ("malformed", "is damaged", "import its last export into a new workspace"),
    ("unable to open", "cannot be opened", "look whether the folder is there and may be written"),
)


@contextmanager
def guarded(place: str | Path) -> Iterator[None]:
    """Turn what the database or the disk raises into a `StoreError` that says what to do; the transaction was rolled back."""
    try:
        yield
    except StoreError:
        raise
    except (sa.exc.SQLAlchemyError, OSError) as error:
        said = str(getattr(error, "orig", None) or error)
        for sign, rule, way_out in _CURES:
            if sign in said.lower():
                raise StoreError("the store", rule, f"{way_out}; nothing was changed", str(place)) from error
        raise StoreError("the store", f"failed ({said[:200]})", "mend that; nothing was changed", str(place)) from error
