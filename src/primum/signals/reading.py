"""Logs are read: files of conversations and of flags, a row at a time. What cannot be read is refused with its place and reason.

Two passes: the flags first, as they may stand in a file of their own, then the conversations. A row that is refused is told as a `Refused`
and does not end the reading; neither does a file that cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from primum.errors import InputError
from primum.signals.reading_conversations import conversation_of
from primum.signals.reading_flags import flag_of, is_flag
from primum.signals.reading_rows import Raw, Refused, read_rows
from primum.signals.reading_shapes import Logged, LoggedFlag, RowError
from primum.signals.settings import LogSettings

__all__ = ["LogFiles", "find_logs", "read_conversations", "read_flags"]

_SUFFIXES = (".jsonl", ".ndjson", ".csv")


class LogFiles(NamedTuple):
    """The files of a log in order: those with conversations, those with flags, and the others: of other suffixes, dead links, pipes."""

    conversations: tuple[Path, ...]
    flags: tuple[Path, ...]
    others: tuple[Path, ...]


def find_logs(paths: Sequence[Path]) -> LogFiles:
    """The files at or below `paths`, hidden ones left out. A file whose first row is a flag holds flags.

    Raises `InputError` for a path that is not there, and when there is no log among them.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            below = (one for one in sorted(path.rglob("*")) if not one.is_dir())
            found += [one for one in below if not any(part.startswith(".") for part in one.relative_to(path).parts)]
        else:
            raise InputError(f"'{path}'", "is not there", "name a folder or a file of logs", str(path))
    unique = list(dict.fromkeys(found))
    logs = [one for one in unique if one.suffix.lower() in _SUFFIXES and one.is_file()]
    if not logs:
        place = ", ".join(map(str, paths))
        raise InputError(f"'{place}'", "holds no .jsonl, .ndjson or .csv file", "name a folder of logs", place)
    flags = [one for one in logs if _holds_flags(one)]
    return LogFiles(
        tuple(one for one in logs if one not in flags), tuple(flags), tuple(one for one in unique if one not in logs)
    )


def read_flags(files: Iterable[Path], settings: LogSettings) -> Iterator[LoggedFlag | Refused]:
    """The flags of files of flags; each names its conversation."""
    for path in files:
        for row in read_rows(path, settings.row_bytes):
            if isinstance(row, Refused):
                yield row
                continue
            try:
                yield flag_of(row.values, row.place)
            except RowError as error:
                yield Refused(row.place, str(error))


def read_conversations(files: Iterable[Path], settings: LogSettings) -> Iterator[Logged | Refused]:
    """The conversations of files, each with the flags that stand in its row."""
    for path in files:
        for row in read_rows(path, settings.row_bytes):
            yield row if isinstance(row, Refused) else _conversation(row, settings)


def _conversation(row: Raw, settings: LogSettings) -> Logged | Refused:
    try:
        return conversation_of(row, settings)
    except RowError as error:
        return Refused(row.place, str(error))


def _holds_flags(path: Path) -> bool:
    first = next((row for row in read_rows(path, 1_000_000) if isinstance(row, Raw)), None)
    return first is not None and is_flag(first.values)
