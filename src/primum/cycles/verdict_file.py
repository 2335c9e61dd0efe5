"""A file of verdicts that grows while a judge works, and that a run which was killed goes on with.

Beside `verdicts.jsonl` stands `verdicts.jsonl.judge.json`: whose verdicts these are, and on which conversations and criteria. Verdicts of
two judges, or on two versions of a criterion, never come to stand in one file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from primum.errors import InputError, StoreError
from primum.evaluation.suites.files import VerdictRow
from primum.evaluation.suites.lines import check_unique, read_structs
from primum.records import JudgeRef

__all__ = ["VerdictFile", "about_file", "judge_of", "read_recorded"]

_SYNC_EVERY_S = 1.0
_FORCE = "name another --out, or start it anew with --force"


class _About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose verdicts a file holds, who sat on it if it is a panel's, and the hash of each conversation with its criteria."""

    judge: JudgeRef
    members: tuple[JudgeRef, ...]
    prompts: dict[str, str]


def about_file(path: Path) -> Path:
    """The file that says whose verdicts `path` holds."""
    return path.with_name(path.name + ".judge.json")


def judge_of(path: Path) -> JudgeRef | None:
    """The judge whose verdicts `path` holds, where the file beside it tells. Raises `InputError` for one that cannot be read."""
    about = _read_about(path)
    return None if about is None else about.judge


def read_recorded(path: Path) -> tuple[list[VerdictRow], JudgeRef | None]:
    """The rows of a file of verdicts, and their judge if the file beside it tells.

    Raises `InputError` for a file that does not hold together: a prompt twice, two judges, lists of different lengths.
    """
    placed = read_structs(path, VerdictRow, "a row of verdicts")
    check_unique(placed, [one.row.prompt_id for one in placed], "prompt_id")
    for place, row in placed:
        _check_lengths(row, place)
        if row.judge != placed[0].row.judge:
            raise InputError(f"judge {row.judge!r}", "is not that of the rows before", "keep one judge a file", place)
    about = _read_about(path)
    rows = [one.row for one in placed]
    return rows, about.judge if about is not None and about.judge.id == rows[0].judge else None


class VerdictFile:
    """An open file of one judge's verdicts, held by one process at a time. Use it as a context manager.

    `prompts` maps each conversation that is to be judged to its hash, `answers` to the digest of its answer. Rows that are there already
    are told to `known` and are `done`; a last line that a crash tore is dropped. With `is_forced` the file begins anew.

    Raises `InputError` and changes nothing when the file holds something else: another judge, other criteria, another answer, no verdicts.
    Raises `StoreError` when it is in use, or the disk takes no more: whole rows stay.
    """

    def __init__(
        self,
        path: Path,
        judge: JudgeRef,
        prompts: Mapping[str, str],
        answers: Mapping[str, str],
        members: tuple[JudgeRef, ...] = (),
        is_forced: bool = False,
    ) -> None:
        self.path, self.judge = path, judge
        self.done: set[str] = set()
        self._answers = answers
        self._about = _About(judge, members, dict(prompts))
        self._is_forced = is_forced
        self._size, self._synced = 0, time.monotonic()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Reasons may quote what patients wrote: readable by their owner only.
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
        except OSError as error:
            raise self._failure(error) from error
        if not stat.S_ISREG(os.fstat(self._file).st_mode):  # a device may have no end
            os.close(self._file)
            raise InputError(f"--out '{path}'", "is no file", "name a file", str(path))

    def begin(self, known: Callable[[VerdictRow], None]) -> None:
        """Take the file over: check it, tell the rows that stay to `known`, drop a torn line."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"file '{self.path.name}'", "is in use by another run", "wait for it, or name another", str(self.path)
            ) from error
        try:
            self._begin(known)
        except OSError as error:
            if isinstance(error, StoreError):
                raise
            raise self._failure(error) from error

    def append(self, row: VerdictRow) -> None:
        """Write a row; when this returns, no crash of the process loses it, and within a second none of the machine."""
        line = msgspec.json.encode(row) + b"\n"
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
            self._size += len(line)
            if time.monotonic() - self._synced >= _SYNC_EVERY_S:
                os.fsync(self._file)
                self._synced = time.monotonic()
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise self._failure(error) from error
        self.done.add(row.prompt_id)

    def close(self) -> None:
        """Bring what was written to the disk and let the file go; closing twice is harmless."""
        if self._file < 0:
            return
        try:
            os.fsync(self._file)
        except OSError as error:
            raise self._failure(error) from error
        finally:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, known: Callable[[VerdictRow], None]) -> None:
        prompts: dict[str, str] = {}
        if not self._is_forced:
            before = _read_about(self.path)
            size = os.fstat(self._file).st_size
            if size and before is None:
                raise self._wrong("has no file beside it that says what it judged", str(about_file(self.path)))
            for row in self._rows(before.prompts if before is not None else {}):
                known(row)
            # What it says of prompts that were never judged is forgotten: they may have been mended since.
            prompts = {name: hashed for name, hashed in (before.prompts if before else {}).items() if name in self.done}
        if self._size < os.fstat(self._file).st_size:
            os.ftruncate(self._file, self._size)
        # The rows come after the file that says what they are: there are never rows of which nobody knows it.
        _write_about(self.path, msgspec.structs.replace(self._about, prompts=prompts | self._about.prompts))

    def _rows(self, prompts: Mapping[str, str]) -> Iterator[VerdictRow]:
        """The whole rows there are, each checked; `_size` is where they end."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return  # torn by a crash: the row it was to be is judged again
                row = self._row(line, prompts, f"{self.path}:{number}")
                self._size += len(line)
                self.done.add(row.prompt_id)
                yield row

    def _row(self, line: bytes, prompts: Mapping[str, str], place: str) -> VerdictRow:
        try:
            row = msgspec.json.decode(line, type=VerdictRow)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._wrong(f"holds a line that is no row of verdicts ({error})", place) from error
        _check_lengths(row, place)
        name = row.prompt_id
        if row.judge != self.judge.id:
            raise self._wrong(f"holds verdicts of another judge ({row.judge or 'without a name'})", place)
        if name in self.done or name not in prompts:
            raise self._wrong(f"holds {name!r} twice, or without a word on what it was", place)
        if self._about.prompts.get(name, prompts[name]) != prompts[name]:
            raise self._wrong(f"holds verdicts on another version of {name!r} and its criteria", place)
        if self._answers.get(name, row.answer) != row.answer:
            raise self._wrong(f"holds verdicts on another answer to {name!r}", place)
        return row

    def _wrong(self, rule: str, place: str) -> InputError:
        return InputError(f"file '{self.path.name}'", rule, _FORCE, place)

    def _failure(self, error: OSError) -> StoreError:
        return StoreError(
            f"file '{self.path.name}'",
            f"cannot be written ({error.strerror or error})",
            "free the disk or check the path, then run the same command again to go on",
            str(self.path),
        )


def _check_lengths(row: VerdictRow, place: str) -> None:
    for name, listed in (("reasons", row.reasons), ("probabilities", row.probabilities)):
        if listed and len(listed) != len(row.met):
            raise InputError(
                f"{len(listed)} {name} for {len(row.met)} verdicts on {row.prompt_id!r}",
                "do not match",
                "give one each, or none",
                place,
            )


def _read_about(path: Path) -> _About | None:
    beside = about_file(path)
    try:
        return msgspec.json.decode(beside.read_bytes(), type=_About)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"file '{beside.name}'", f"cannot be read ({error})", "remove it, or start anew with --force", str(beside)
        ) from error


def _write_about(path: Path, about: _About) -> None:
    beside = about_file(path)
    unfinished = beside.with_name(beside.name + ".unfinished")
    with unfinished.open("wb") as file:
        file.write(msgspec.json.encode(about))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(beside)
