"""Rows of CSV and JSONL files, read whole and strictly: a file is either understood to its last row or refused with file and line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn, TypeVar

import msgspec

from primum.errors import InputError, RecordError
from primum.strict import decoded

__all__ = ["Row", "one_of", "read_lines", "read_rows", "refused", "text_of"]

_Label = TypeVar("_Label")

_WHERE = "name a file that is there, or fetch the set with primum data"


class Row(NamedTuple):
    """One row: where its first line stands (`file:line`) and its values by column."""

    place: str
    values: Mapping[str, object]


def read_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of a `.csv` or `.jsonl` file; each has all of `columns`, and may have others.

    Raises `InputError` for a file that is missing, empty, not UTF-8 or broken, and for a missing column.
    """
    text = decoded(path, _WHERE)
    if path.suffix == ".csv":
        rows = _csv(path, text, columns)
    elif path.suffix in (".jsonl", ".ndjson"):
        rows = _jsonl(path, text, columns)
    else:
        raise InputError(f"file '{path.name}'", "is neither .csv nor .jsonl", "convert it or name another", str(path))
    if not rows:
        raise InputError(f"file '{path.name}'", "has no rows", "fetch the set again or name another file", str(path))
    return rows


def read_lines(path: Path) -> list[Row]:
    """The lines of a text file that are not blank, each as the column `line`."""
    rows = [
        Row(f"{path}:{number}", {"line": line.strip()})
        for number, line in enumerate(decoded(path, _WHERE).splitlines(), 1)
        if line.strip()
    ]
    if not rows:
        raise InputError(f"file '{path.name}'", "has no lines", "fetch the set again or name another file", str(path))
    return rows


def text_of(row: Row, column: str, *, may_be_empty: bool = False) -> str:
    """The text in a column. Raises `InputError` when it is no text, or empty where that is not allowed."""
    value = row.values[column]
    if not isinstance(value, str):
        raise InputError(f"{column} = {str(value)[:60]!r}", "is not text", "mend the row", row.place)
    if not value.strip() and not may_be_empty:
        raise InputError(f"column '{column}'", "is empty", "mend or remove the row", row.place)
    return value.strip()


def one_of(row: Row, column: str, labels: Mapping[str, _Label]) -> _Label:
    """What `labels` gives for the value of a column, compared as text. Raises `InputError` for a label outside the set."""
    value = row.values[column]
    label = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else repr(value)
    if label not in labels:
        allowed = ", ".join(labels)
        raise InputError(
            f"{column} = {label[:60]!r}", f"is not one of {allowed}", "mend the row or its mapping", row.place
        )
    return labels[label]


def refused(error: RecordError, place: str) -> NoReturn:
    """Say of a record that could not be made which row it came from."""
    raise InputError(error.value, error.rule, error.way_out, place) from error


def _csv(path: Path, text: str, columns: Sequence[str]) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = next(reader, [])
        _require(columns, header, f"{path}:1")
        line = reader.line_num
        for values in reader:
            place, line = f"{path}:{line + 1}", reader.line_num
            if not values:
                continue
            if len(values) != len(header):
                raise InputError(
                    f"a row of {len(values)} values", f"stands under {len(header)} columns", "mend its quotes", place
                )
            rows.append(Row(place, dict(zip(header, values, strict=True))))
    except csv.Error as error:
        raise InputError(
            f"file '{path.name}'", f"is broken CSV ({error})", "mend its quotes", f"{path}:{reader.line_num}"
        ) from error
    return rows


def _jsonl(path: Path, text: str, columns: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            values = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise InputError(f"line {line[:40]!r}", f"is broken JSON ({error})", "mend the line", place) from error
        if not isinstance(values, dict):
            raise InputError(f"line {line[:40]!r}", "is not a JSON object", "write one object a line", place)
        _require(columns, values, place)
        rows.append(Row(place, values))
    return rows


def _require(columns: Sequence[str], found: Iterable[str], place: str) -> None:
    names = list(found)
    for column in columns:
        if column not in names:
            has = ", ".join(repr(name) for name in names[:12]) or "none"
            raise InputError(f"column '{column}'", f"is missing (found: {has})", "add it or map another", place)
