"""The calls that were paid for: what a run that was killed, or another run, need not pay for again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from weakref import WeakSet

import msgspec

from primum.errors import StoreError
from primum.ports import Completion
from primum.records import Settings

__all__ = ["Budget", "CallCache", "Spent"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reply (key BLOB PRIMARY KEY, completion BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS spent (
    one INTEGER PRIMARY KEY CHECK (one = 1), calls INTEGER, prompt_tokens INTEGER, completion_tokens INTEGER, usd REAL
);
INSERT OR IGNORE INTO spent VALUES (1, 0, 0, 0, 0.0);
"""
_APPLICATION = 0x5072696D  # "Prim": tells our file from any other SQLite database
_SYNC_EVERY_S = 1.0
_PATIENCE_S = 30.0  # with another process that holds the file
_ONCE = 500  # keys in one query

_decoder = msgspec.json.Decoder(Completion)
_encode = msgspec.json.Encoder().encode


class Budget(Settings, frozen=True):
    """What a run may spend, counted with all that its calls file already paid for; `None` is no bound.

    Calls that are in flight when it is spent are let finish: it is passed by at most what those cost.
    """

    calls: int | None = None
    tokens: int | None = None
    usd: float | None = None

    def check(self) -> None:
        for name in ("calls", "tokens", "usd"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                self.refuse(f"{name} = {value}", "must be above 0", "give a positive number, or leave it out")


class Spent(msgspec.Struct):
    """What was paid: answered calls (bad replies too), tokens as the servers counted them, and their price."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def add(self, prompt_tokens: int, completion_tokens: int, usd: float) -> None:
        self.calls += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self.usd += usd


class CallCache:
    """Completions by the key of their call, in one SQLite file (WAL).

    What is put inside an event loop is committed when the loop next turns, with everything that arrived in the same turn: within
    milliseconds it is in the hands of the operating system, so a killed process loses nothing that was answered, and once a second it
    is forced to the disk, so a power cut loses at most that second. Memory does not grow with the file. Raises `StoreError` when the file
    cannot be read or written; what was committed before is intact.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pending: dict[bytes, bytes] = {}
        self._lock = threading.RLock()
        self._due: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
        self._synced = time.monotonic()
        self._failed: StoreError | None = None
        self._is_closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Prompts and replies may hold what patients wrote: readable by their owner only.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=_PATIENCE_S)
        except (OSError, sqlite3.Error) as error:
            raise self._failure(error) from error
        try:
            self._open_patiently()
        except (sqlite3.Error, StoreError) as error:
            self._file.close()
            raise error if isinstance(error, StoreError) else self._failure(error) from error

    def _open_patiently(self) -> None:
        """Two that make one file at the same time: SQLite does not wait by itself where the file becomes a WAL one."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return self._open()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.01)

    def _open(self) -> None:
        # In one look: between two, another process may make the tables.
        asked = "SELECT (SELECT count(*) FROM sqlite_master), (SELECT application_id FROM pragma_application_id)"
        tables, owner = self._file.execute(asked).fetchone()
        if tables and owner != _APPLICATION:
            raise StoreError(
                f"file {self.path.name!r}", "is another program's database", "name another file", str(self.path)
            )
        self._file.execute(f"PRAGMA application_id = {_APPLICATION}")
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.execute("PRAGMA wal_autocheckpoint = 4000")
        self._file.executescript(_SCHEMA)
        told = self._file.execute("SELECT calls, prompt_tokens, completion_tokens, usd FROM spent").fetchone()
        self.spent = Spent(*told)
        self._told = Spent(*told)

    def __enter__(self) -> CallCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        with self._lock:
            self.flush()
            count: int = self._file.execute("SELECT count(*) FROM reply").fetchone()[0]
            return count

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Completion]:
        """The completions that were kept of these calls."""
        found: dict[bytes, Completion] = {}
        with self._lock:
            for start in range(0, len(keys), _ONCE):
                part = keys[start : start + _ONCE]
                asked = f"SELECT key, completion FROM reply WHERE key IN ({','.join('?' * len(part))})"
                try:
                    rows = self._file.execute(asked, part).fetchall()
                    found.update((key, _decoder.decode(kept)) for key, kept in rows)
                except (sqlite3.Error, msgspec.DecodeError) as error:
                    raise self._failure(error) from error
            if self._pending:
                found.update((key, _decoder.decode(self._pending[key])) for key in keys if key in self._pending)
        return found

    def put(self, key: bytes, completion: Completion) -> None:
        """Keep the completion of a call."""
        with self._lock:
            self._pending[key] = _encode(completion)
            self._soon()

    def pay(self, prompt_tokens: int, completion_tokens: int, usd: float) -> None:
        """Count a call that was answered, whether or not its reply can be used."""
        with self._lock:
            self.spent.add(prompt_tokens, completion_tokens, usd)
            self._soon()

    def _soon(self) -> None:
        """Commit when the running loop next turns; outside one, now."""
        if self._failed is not None:
            raise self._failed
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
            return
        if loop not in self._due:  # another thread's loop may stand still: each sees to what was put in it
            self._due.add(loop)
            loop.call_soon(self._flush_quietly, loop)

    def _flush_quietly(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due.discard(loop)
        try:
            self.flush()
        except StoreError as error:
            self._failed = error  # raised to the next who keeps something, and at the close

    def flush(self) -> None:
        """Commit what was put."""
        with self._lock:
            if not self._pending and self.spent == self._told:
                return
            now = time.monotonic()
            is_sync = now - self._synced >= _SYNC_EVERY_S
            try:
                if is_sync:
                    self._file.execute("PRAGMA synchronous = FULL")
                self._commit()
                if is_sync:
                    self._file.execute("PRAGMA synchronous = NORMAL")
                    self._synced = now
            except (
                sqlite3.Error,
                OverflowError,
            ) as error:  # or a server counts more tokens than an integer of SQLite holds
                with contextlib.suppress(sqlite3.Error):  # the file may be closed
                    if self._file.in_transaction:
                        self._file.execute("ROLLBACK")
                raise self._failure(error) from error
            self._pending.clear()
            self._told = msgspec.structs.replace(self.spent)

    def _commit(self) -> None:
        self._file.execute("BEGIN IMMEDIATE")
        self._file.executemany("INSERT OR REPLACE INTO reply VALUES (?, ?)", self._pending.items())
        # The difference is added, so that two processes can share the file.
        self._file.execute(
            "UPDATE spent SET calls = calls + ?, prompt_tokens = prompt_tokens + ?, "
            "completion_tokens = completion_tokens + ?, usd = usd + ?",
            (
                self.spent.calls - self._told.calls,
                self.spent.prompt_tokens - self._told.prompt_tokens,
                self.spent.completion_tokens - self._told.completion_tokens,
                self.spent.usd - self._told.usd,
            ),
        )
        self._file.execute("COMMIT")

    def sync(self) -> None:
        """Bring what was put to the disk now. Raises `StoreError` if something could not be written."""
        with self._lock:
            self._synced = float("-inf")
            self.flush()
            if self._failed is not None:
                raise self._failed

    def close(self) -> None:
        """Bring everything to the disk and close the file; closing twice is harmless."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self.sync()
        finally:
            self._file.close()

    def _failure(self, error: Exception) -> StoreError:
        said = getattr(error, "strerror", None) or error
        return StoreError(
            f"calls file {self.path.name!r}",
            f"cannot be read or written ({said})",
            "free the disk or name another file; calls kept before are intact",
            str(self.path),
        )
