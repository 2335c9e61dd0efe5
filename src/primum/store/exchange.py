"""The whole store as lines of JSON, and back: for archives, for moving between databases, for checking offline.

A line is `{"id":…,"record":{…}}`, in the order the records were put in, or after them `{"ledger":{…}}`. The finished steps of runs
are not part of it: they say what this workspace need not do again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import sqlalchemy as sa

from primum.errors import InputError, LedgerError, RecordError, StoreError
from primum.ledger import verify_chain
from primum.records import LedgerEntry, Record, decode
from primum.store.schema import guarded, ledger, record
from primum.store.writer import Writer

__all__ = ["export_lines", "import_lines"]


_NOTHING = msgspec.Raw()


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    id: str = ""
    record: msgspec.Raw = _NOTHING
    ledger: msgspec.Raw = _NOTHING


def export_lines(connection: sa.Connection, path: Path) -> int:
    """Write what `connection` sees to a file beside `path`, then move it there; how many lines."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    lines = 0
    with guarded(path):
        try:
            with beside.open("w", encoding="utf-8", newline="\n") as file:
                for line in _lines(connection):
                    file.write(line)
                    lines += 1
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    return lines


def import_lines(writer: Writer, known: list[LedgerEntry], path: Path) -> int:
    """Put the records of `path` and its ledger where `known` is the ledger that is there already; how many records were new."""
    entries: list[LedgerEntry] = []
    new = writer.put(_records(path, entries))
    verification = verify_chain(entries)
    if not verification.is_intact:
        raise LedgerError("the ledger", f"does not hold ({verification.problem})", "get an intact export", str(path))
    if entries and known and entries != known:
        raise StoreError(
            "the store", "has a ledger of its own", "import into a new workspace; nothing was changed", str(path)
        )
    if not known:
        writer.restore(entries)
    return new


def _lines(connection: sa.Connection) -> Iterator[str]:
    columns = sa.select(record.c.id, record.c.body).order_by(record.c.sequence)
    for id, body in connection.execute(columns.execution_options(yield_per=500)):
        yield f'{{"id":"{id}","record":{body}}}\n'
    for body in connection.execute(sa.select(ledger.c.body).order_by(ledger.c.sequence)).scalars():
        yield f'{{"ledger":{body}}}\n'


def _records(path: Path, entries: list[LedgerEntry]) -> Iterator[Record]:
    """The records of a file; its ledger entries go to `entries`."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(
            f"file {path.name!r}", f"cannot be read ({error.strerror})", "name an export", str(path)
        ) from error
    with file:
        for number, line in enumerate(file, start=1):
            found = _read(line, f"{path}:{number}")
            if isinstance(found, LedgerEntry):
                entries.append(found)
            else:
                yield found


def _read(line: bytes, place: str) -> Record:
    """The record or the ledger entry that a line holds, once all about the line is right."""
    shown = f"line {line[:60].decode('utf-8', 'replace')!r}"
    try:
        parts = msgspec.json.decode(line, type=_Line)
        is_entry = not bytes(parts.record)
        if is_entry != (not parts.id) or is_entry != bool(bytes(parts.ledger)):
            raise InputError(
                shown,
                "is neither a record with its id nor a ledger entry",
                "use a file of `primum store export`",
                place,
            )
        found = decode(bytes(parts.ledger if is_entry else parts.record), place)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(shown, f"is not a line of an export ({error})", "mend or remove it", place) from error
    except RecordError as error:
        raise InputError(error.value, error.rule, error.way_out, place) from error
    if isinstance(found, LedgerEntry) != is_entry:
        raise InputError(f"a {found.kind()}", "stands where the other sort of line should", "mend the line", place)
    if not is_entry and parts.id != found.id:
        raise InputError(f"id {parts.id!r}", f"is not that of its content, {found.id}", "get an intact export", place)
    return found
