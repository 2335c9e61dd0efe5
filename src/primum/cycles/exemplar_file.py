"""A file of exemplars, JSONL, that only grows: what people corrected, line by line in the order in which they did."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from primum.errors import StoreError
from primum.evaluation.suites.lines import read_structs
from primum.judging.exemplars import Exemplar, ExemplarBook

__all__ = ["append_exemplars", "read_book", "read_exemplars"]


def read_exemplars(path: Path) -> list[Exemplar]:
    """The lines of a file, superseded ones too. Raises `InputError` for a line that is no exemplar, and for a gap in the history."""
    found = [one.row for one in read_structs(path, Exemplar, "an exemplar")]
    ExemplarBook(found, str(path))
    return found


def read_book(path: Path) -> ExemplarBook:
    """The exemplars of a file that hold. Raises `InputError` as `read_exemplars` does."""
    return ExemplarBook(read_exemplars(path), str(path))


def append_exemplars(path: Path, learn: Callable[[Sequence[Exemplar]], Sequence[Exemplar]]) -> None:
    """Append what `learn` makes of the lines that are there, all of it or nothing; the file is held by one process meanwhile.

    Raises `StoreError` when it is in use or cannot be written, `InputError` when it holds something else.
    """
    is_new = not path.exists()
    try:
        # What patients wrote stands in it: readable by its owner only.
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError as error:
        raise _failure(path, error) from error
    written = False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = os.fstat(file).st_size
        lines = b"".join(msgspec.json.encode(one) + b"\n" for one in learn(read_exemplars(path) if size else []))
        if size and lines and os.pread(file, 1, size - 1) != b"\n":
            lines = b"\n" + lines
        _write(file, lines, size)
        written = size + len(lines) > 0
    except BlockingIOError as error:
        raise StoreError(f"file '{path.name}'", "is in use by another run", "wait for it", str(path)) from error
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise _failure(path, error) from error
    finally:
        os.close(file)
        if is_new and not written:
            path.unlink(missing_ok=True)


def _write(file: int, lines: bytes, size: int) -> None:
    try:
        done = 0
        while done < len(lines):
            done += os.write(file, lines[done:])
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise


def _failure(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"file '{path.name}'",
        f"cannot be written ({error.strerror or error})",
        "free the disk or check the path",
        str(path),
    )
