"""JSONL files read whole and strictly: every line is what it should be, or the file is refused with `file:line`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from primum.errors import InputError
from primum.strict import TwinKeyError, decoded, refuse_twin_keys

__all__ = ["Placed", "check_unique", "first_and_count", "read_ids", "read_structs"]

T = TypeVar("T")


class Placed(NamedTuple, Generic[T]):
    """A row and where it stands (`file:line`)."""

    place: str
    row: T


def read_structs(path: Path, kind: type[T], what: str) -> list[Placed[T]]:
    """The lines of a JSONL file as `kind`; blank lines are passed over. `what` names a row in errors (`a row of verdicts`).

    Raises `InputError` for a file that is missing, empty or not UTF-8, and for a line that is not JSON, names a key twice, or is no `kind`.
    """
    decoder = msgspec.json.Decoder(kind)
    found: list[Placed[T]] = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            found.append(Placed(place, decoder.decode(line)))
            json.loads(line, object_pairs_hook=refuse_twin_keys)
        except msgspec.ValidationError as error:
            raise InputError(what, f"is not as it should be ({error})", "mend the line", place) from error
        except TwinKeyError as error:
            raise InputError(
                f"key {str(error)!r}", "is there twice in one object", "keep the one that is meant", place
            ) from error
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise InputError(f"line {line[:40]!r}", f"is broken JSON ({error})", "mend the line", place) from error
    if not found:
        raise InputError(f"file '{path.name}'", "has no rows", "name another file", str(path))
    return found


def read_ids(path: Path) -> list[str]:
    """The ids of a subset, one a line (a line may also be a JSON string, or an object with `prompt_id` or `id`).

    Raises `InputError` for a file that is missing, empty or not UTF-8, a line without an id, and an id that is there twice.
    """
    found: list[Placed[str]] = []
    for number, line in enumerate(_lines(path), 1):
        if not (text := line.strip()):
            continue
        place = f"{path}:{number}"
        found.append(Placed(place, _id_in(text, place) if text[0] in '{"' else text))
    if not found:
        raise InputError(f"file '{path.name}'", "has no ids", "name another file", str(path))
    check_unique(found, [one.row for one in found], "id")
    return [one.row for one in found]


def check_unique(rows: Sequence[Placed[Any]], ids: Iterable[str], name: str) -> None:
    """Raise `InputError` for an id that is empty or was there before; `name` is what the rows call it."""
    seen: dict[str, str] = {}
    for row, one in zip(rows, ids, strict=True):
        if not one.strip():
            raise InputError(f"{name} {one!r}", "is empty", "give every row its id", row.place)
        if one in seen:
            raise InputError(f"{name} {one!r}", f"was there before ({seen[one]})", "keep one row for each", row.place)
        seen[one] = row.place


def first_and_count(names: Sequence[str]) -> str:
    """The first of some names and how many more there are: `'p1' and 3 more`."""
    return f"{names[0]!r}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _lines(path: Path) -> list[str]:
    return decoded(path).split("\n")  # not splitlines: U+2028 may stand inside a JSON string


def _id_in(text: str, place: str) -> str:
    try:
        held = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"line {text[:40]!r}", f"is broken JSON ({error})", "write one id a line", place) from error
    if isinstance(held, dict):
        held = held.get("prompt_id", held.get("id"))
    if not isinstance(held, str):
        raise InputError(f"line {text[:40]!r}", "has no id", "write one id a line", place)
    return held
