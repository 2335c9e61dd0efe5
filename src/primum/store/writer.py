"""What may be written inside one transaction of the store."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from primum.errors import RecordError, StoreError
from primum.ledger import link
from primum.records import LedgerEntry, Record, decode, encode
from primum.store.schema import edge, guarded, ledger, record, step

__all__ = ["Writer"]

_CHUNK = 500


class Writer:
    """Writes into one open transaction; made by `Store.writing`, useless after its block."""

    def __init__(self, connection: sa.Connection, place: str) -> None:
        self._connection = connection
        self._place = place

    def put(self, records: Iterable[Record]) -> int:
        """Keep `records` and what they rest on; how many were new. One that is already there stays as it is.

        Raises `RecordError` for an entry of the ledger (see `append`) and for a text that is not Unicode.
        """
        rest, new = iter(records), 0
        while chunk := list(itertools.islice(rest, _CHUNK)):
            new += self._put_chunk(chunk)
        return new

    def append(self, event: str, detail: str, subjects: Sequence[str], at: str) -> LedgerEntry:
        """Write the next entry of the ledger, linked to the last. `at` is UTC, ISO 8601."""
        with guarded(self._place):
            query = sa.select(ledger.c.body).order_by(ledger.c.sequence.desc()).limit(1)
            body = self._connection.scalar(query)
        last = None if body is None else decode(body, self._place)
        if last is not None and not isinstance(last, LedgerEntry):
            raise StoreError(
                "the last ledger entry", "is a record of another kind", "import the last export", self._place
            )
        entry = link(last, at, event, detail, subjects)
        self.restore([entry])
        return entry

    def restore(self, entries: Iterable[LedgerEntry]) -> None:
        """Write entries that are already linked, as an import does; whoever calls has checked their chain."""
        rows = [{"sequence": entry.sequence, "body": encode(entry).decode()} for entry in entries]
        if rows:
            with guarded(self._place):
                self._connection.execute(ledger.insert(), rows)

    def finish_step(self, run: str, step_name: str, outputs: dict[str, Any]) -> None:
        """Note that a step of a run is done, and what it gave (plain JSON); a step that is finished again is replaced.

        Raises `RecordError` for outputs that are not JSON: NaN and infinite numbers included.
        """
        try:
            body = json.dumps(outputs, ensure_ascii=False, allow_nan=False, sort_keys=True)
        except (TypeError, ValueError) as error:
            raise RecordError(
                f"the outputs of step {step_name!r}",
                f"are not JSON ({error})",
                "give numbers, texts, lists and tables",
                run,
            ) from error
        with guarded(self._place):
            self._connection.execute(step.delete().where(step.c.run == run, step.c.name == step_name))
            self._connection.execute(step.insert().values(run=run, name=step_name, outputs=body))

    def _put_chunk(self, chunk: list[Record]) -> int:
        bodies = {one.id: (one, body) for one, body in map(self._encoded, chunk)}
        with guarded(self._place):
            known = self._connection.execute(sa.select(record.c.id, record.c.body).where(record.c.id.in_(bodies)))
            for id, body in known:
                if bodies.pop(id)[1] != body:
                    raise StoreError(
                        f"record {id!r}",
                        "is in the store with another content",
                        "run `primum store verify`",
                        self._place,
                    )
            if not bodies:
                return 0
            rows = [{"id": id, "kind": one.kind(), "body": body} for id, (one, body) in bodies.items()]
            self._connection.execute(record.insert(), rows)
            # A record may name one parent twice in one role; the edge is one.
            edges = dict.fromkeys((id, *parent) for id, (one, _) in bodies.items() for parent in one.parents())
            if edges:
                columns = [{"child": child, "role": role, "parent": parent} for child, role, parent in edges]
                self._connection.execute(edge.insert(), columns)
        return len(bodies)

    def _encoded(self, one: Record) -> tuple[Record, str]:
        if isinstance(one, LedgerEntry):
            raise RecordError("a ledger entry", "is not put among the records", "write it with `append`", self._place)
        try:
            one.id  # noqa: B018 - the hash is taken of the same JSON, and fails first
            return one, encode(one).decode()
        except UnicodeEncodeError as error:
            raise RecordError(
                f"a {one.kind()}", f"holds half a character ({error.reason})", "repair its text", self._place
            ) from error
