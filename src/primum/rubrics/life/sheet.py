"""A rubric as a sheet: what a clinician edits in a spreadsheet or an editor, and how it is read back.

Columns: id, criterion, points, kind, axis, action, reason, note, rubric. `id` is the criterion's number in the rubric; the order of the
rows is the order of the next version. What may stand in action and reason: `primum.rubrics.life.reasons`, in English or Chinese.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import msgspec

from primum.errors import InputError
from primum.rubrics.draft import Drafted
from primum.strict import decoded

__all__ = ["COLUMNS", "SheetRow", "read_sheet", "sheet_rows", "write_csv", "write_jsonl"]

COLUMNS: Final = ("id", "criterion", "points", "kind", "axis", "action", "reason", "note", "rubric")
_NEEDED: Final = ("id", "criterion", "points", "rubric")
# A spreadsheet takes a cell that begins so for a formula; an apostrophe before it says that it is text.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")


class SheetRow(NamedTuple):
    """A row, cell by cell as it stands there, and its place (`file:line`)."""

    id: str
    criterion: str
    points: str
    kind: str
    axis: str
    action: str
    reason: str
    note: str
    rubric: str
    place: str = ""


def sheet_rows(drafted: Drafted) -> list[SheetRow]:
    """The rubric as rows, nothing done to any of them yet."""
    return [
        SheetRow(str(number), one.statement, str(one.points), one.kind_of, one.axis, "", "", "", drafted.rubric.id)
        for number, one in enumerate(drafted.criteria, 1)
    ]


def write_csv(rows: Iterable[SheetRow]) -> str:
    """The rows as CSV that spreadsheets open as it is: a byte-order mark before it says that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = [getattr(row, column) for column in COLUMNS]
        writer.writerow(
            [
                cell if column == "points" or not _FORMULA.match(cell) else f"'{cell}"
                for column, cell in zip(COLUMNS, cells, strict=True)
            ]
        )
    return "\ufeff" + text.getvalue()


def write_jsonl(rows: Iterable[SheetRow]) -> str:
    """The rows as JSONL, an object a line."""
    return "".join(
        msgspec.json.encode({column: getattr(row, column) for column in COLUMNS}).decode() + "\n" for row in rows
    )


def read_sheet(path: Path) -> list[SheetRow]:
    """The rows of a sheet, `.csv` (commas, semicolons or tabs) or `.jsonl`; rows without any text are passed over.

    Raises `InputError` with `file:line` for a file that is missing, not UTF-8, broken, or lacks a column or any row.
    """
    text = decoded(path, way_out="save the sheet as CSV UTF-8")
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        rows = _jsonl(path, text)
    elif path.suffix.lower() in (".csv", ".tsv"):
        rows = _csv(path, text)
    else:
        raise InputError(f"file '{path.name}'", "is neither .csv nor .jsonl", "save it as one of these", str(path))
    rows = [row for row in rows if any(cell.strip() for cell in (row.id, row.criterion, row.points, row.action))]
    if not rows:
        raise InputError(f"file '{path.name}'", "has no rows", "write it anew: primum rubric edit", str(path))
    return rows


def _csv(path: Path, text: str) -> list[SheetRow]:
    opening = text.split("\n", 1)[0]
    separator = max(",;\t", key=opening.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[SheetRow] = []
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        _check_columns(header, f"{path}:1")
        line = reader.line_num
        for cells in reader:
            place, line = f"{path}:{line + 1}", reader.line_num
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                _refuse(f"a row of {len(cells)} cells", f"stands under {len(header)} columns", "mend its quotes", place)
            found = dict(zip(header, (_unquoted(cell) for cell in cells), strict=False))
            rows.append(_row(found, place))
    except csv.Error as error:
        place = f"{path}:{reader.line_num}"
        raise InputError(f"file '{path.name}'", f"is broken CSV ({error})", "mend its quotes", place) from error
    return rows


def _jsonl(path: Path, text: str) -> list[SheetRow]:
    rows: list[SheetRow] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            found = msgspec.json.decode(line, type=dict[str, str | int | float | None])
        except (msgspec.DecodeError, RecursionError) as error:
            raise InputError(
                f"line {line[:40]!r}", f"is no row of a sheet ({error})", "mend the line", place
            ) from error
        _check_columns(found, place)
        rows.append(_row({name: "" if cell is None else str(cell) for name, cell in found.items()}, place))
    return rows


def _row(found: dict[str, str], place: str) -> SheetRow:
    return SheetRow(**{column: found.get(column, "") for column in COLUMNS}, place=place)


def _unquoted(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _check_columns(found: Iterable[str], place: str) -> None:
    names = list(found)
    missing = [column for column in _NEEDED if column not in names]
    if missing:
        _refuse(f"column '{missing[0]}'", "is missing", f"keep the columns {', '.join(COLUMNS)}", place)
    if twice := [name for name in names if name and names.count(name) > 1]:
        _refuse(f"column {twice[0]!r}", "is there twice", "keep the one that is meant", place)
    unknown = [name for name in names if name and name not in COLUMNS]
    if unknown:
        _refuse(f"column {unknown[0]!r}", "is none of a sheet's", f"keep to {', '.join(COLUMNS)}", place)


def _refuse(value: str, rule: str, way_out: str, place: str) -> NoReturn:
    raise InputError(value, rule, way_out, place)
