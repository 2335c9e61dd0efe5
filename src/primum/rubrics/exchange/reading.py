"""JSON that holds many rows, read whole: an array, or an object a line. Every row knows where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from primum.errors import InputError
from primum.strict import decoded

__all__ = ["Placed", "Row", "read_objects"]

Row = dict[str, Any]


class Placed(NamedTuple):
    """An object and its place (`file:line` of its first character)."""

    place: str
    row: Row


def read_objects(path: Path) -> list[Placed]:
    """The objects of a JSON array, of a lone object, or of JSONL.

    Raises `InputError` for a file that is missing, not UTF-8 or empty, and with `file:line` for JSON that is broken, no object,
    or holds half a character.
    """
    text = decoded(path)
    decoder = json.JSONDecoder()
    found: list[Placed] = []
    at = _past_space(text, 0)
    is_array = text[at : at + 1] == "["
    at = _past_space(text, at + 1) if is_array else at
    line, counted = 1, 0
    while at < len(text) and not (is_array and text[at] == "]"):
        line, counted = line + text.count("\n", counted, at), at
        place = f"{path}:{line}"
        try:
            row, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
            # A row that never ends is named by its beginning, for its end is the end of the file.
            is_inside = isinstance(error, json.JSONDecodeError) and error.pos < len(text.rstrip())
            broken = error.lineno if isinstance(error, json.JSONDecodeError) and is_inside else line
            raise InputError(
                f"text {text[at : at + 40]!r}", f"is broken JSON ({error})", "mend the file", f"{path}:{broken}"
            ) from error
        if not isinstance(row, dict):
            raise InputError(f"row {str(row)[:40]!r}", "is not a JSON object", "write an object for each", place)
        _check_characters(text[at:end], row, place)
        found.append(Placed(place, row))
        at = _past_space(text, end)
        if is_array:
            if text[at : at + 1] not in (",", "]"):
                raise InputError(
                    f"text {text[at : at + 40]!r}",
                    "stands between two rows",
                    "mend the file",
                    f"{path}:{_line(text, at)}",
                )
            at = _past_space(text, at + 1) if text[at] == "," else at
    if is_array and (at >= len(text) or _past_space(text, at + 1) < len(text)):
        raise InputError(
            f"file '{path.name}'", "does not end where its array ends", "mend it", f"{path}:{_line(text, at)}"
        )
    if not found:
        raise InputError(f"file '{path.name}'", "has no rows", "name another file", str(path))
    return found


def _check_characters(written: str, row: Row, place: str) -> None:
    """Refuse `\\ud800` without its other half: it is valid JSON and no character, and no record could be written with it."""
    if "\\u" not in written:
        return
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise InputError(f"character {half}", "is half of a pair", "write the whole character", place) from error


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
