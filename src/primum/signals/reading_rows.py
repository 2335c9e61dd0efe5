"""Files into rows, in little memory: JSON lines and CSV, a line at a time. No line, however long, nested or broken, does harm."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from primum.strict import TwinKeyError, refuse_twin_keys

__all__ = ["Raw", "Refused", "read_rows"]

_DEEPEST = 32  # objects and lists in each other


class Raw(NamedTuple):
    """A row: where it stands (`file:line`), whether it comes from a CSV file, its values by key or column."""

    place: str
    is_csv: bool
    values: dict[str, Any]


class Refused(NamedTuple):
    """A row, or a whole file, that was not taken in, and why."""

    place: str
    reason: str


def read_rows(path: Path, most_bytes: int) -> Iterator[Raw | Refused]:
    """The rows of a `.csv`, `.jsonl` or `.ndjson` file. A file that cannot be opened or is no text is one `Refused`."""
    try:
        with path.open("rb") as file:
            opening = file.read(4096)
            file.seek(0)
            problem = _no_log(opening, path)
            if problem:
                yield Refused(str(path), problem)
                return
            lines = _lines(file, path, most_bytes)
            yield from _csv(lines, path) if path.suffix.lower() == ".csv" else _json(lines)
    except OSError as error:
        yield Refused(str(path), f"the file cannot be read ({error.strerror})")


def _no_log(opening: bytes, path: Path) -> str:
    if not opening.strip():
        return "the file is empty"
    if b"\x00\x00" in opening or opening.startswith(
        (b"PK\x03\x04", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff", b"%PDF", b"SQLite")
    ):
        return "the file is no UTF-8 text"
    if path.suffix.lower() != ".csv" and opening.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
        return "the file is one JSON list: write one object a line"
    return ""


class _Line(NamedTuple):
    place: str
    number: int
    text: str


def _lines(file: IO[bytes], path: Path, most_bytes: int) -> Iterator[_Line | Refused]:
    number = 0
    while line := file.readline(most_bytes + 1):
        number += 1
        place = f"{path}:{number}"
        if len(line) > most_bytes:
            while line and not line.endswith(b"\n"):
                line = file.readline(most_bytes)
            yield Refused(place, f"the row is longer than {most_bytes:,} bytes")
            continue
        try:
            yield _Line(place, number, line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            yield Refused(place, f"byte 0x{line[error.start]:02x} is not UTF-8")


def _json(lines: Iterator[_Line | Refused]) -> Iterator[Raw | Refused]:
    for line in lines:
        if isinstance(line, Refused):
            yield line
        elif line.text.strip():
            yield _object(line)


def _object(line: _Line) -> Raw | Refused:
    try:
        values = msgspec.json.decode(line.text.encode("utf-8"))
        json.loads(line.text, object_pairs_hook=refuse_twin_keys)
    except TwinKeyError:
        return Refused(line.place, "the row names a key twice")
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        return Refused(line.place, f"the row is broken JSON ({str(error)[:80]})")
    if not isinstance(values, dict):
        return Refused(line.place, "the row is no JSON object")
    if not _is_shallow(values):
        return Refused(line.place, f"the row is nested deeper than {_DEEPEST}")
    return Raw(line.place, False, values)


def _is_shallow(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(_DEEPEST):
        level = [
            part
            for one in level
            for part in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
        if not level:
            return True
    return False


def _csv(lines: Iterator[_Line | Refused], path: Path) -> Iterator[Raw | Refused]:
    passed: list[Refused] = []
    at = 0

    def told() -> Iterator[str]:
        nonlocal at
        for line in lines:
            if isinstance(line, Refused):
                passed.append(line)
            else:
                at = line.number
                yield line.text

    reader = csv.reader(told(), strict=True)
    header: list[str] | None = None
    while True:
        start = at + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            yield Refused(f"{path}:{start}", f"the row is broken CSV ({str(error)[:80]})")
            continue
        yield from passed
        passed.clear()
        if values is None:
            return
        if not any(values):
            continue
        if header is None:
            header = [name.strip() for name in values]
            if len(set(header)) < len(header):
                yield Refused(str(path), "the file has two columns of one name")
                return
        elif len(values) != len(header):
            yield Refused(f"{path}:{start}", f"the row has {len(values)} values under {len(header)} columns")
        else:
            yield Raw(f"{path}:{start}", True, dict(zip(header, values, strict=True)))
