"""Sets whose rows carry an `id`, and the verdicts on them: read, checked and paired."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec

from primum.errors import InputError
from primum.evaluation.suites.lines import Placed, check_unique, first_and_count, read_structs

__all__ = ["DataRow", "Options", "Paired", "Pairs", "Ruling", "checked_ids", "read_pairs"]


class DataRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a set. Without an `id` its line number in the file, counted from 1, is its id; other columns are let through.

    `cluster` names what the row is resampled with (its near-duplicates); none means the row alone.
    """

    id: str | int | None = None
    cluster: str | None = None


class Ruling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A verdict on the answer to one row; `reason` says why the judge abstained."""

    id: str | int
    judge: str = ""
    reason: str = ""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may ask of a score: only these ids, rows without a verdict left out, an adjustment for length."""

    ids: tuple[str, ...] | None = None
    partial: bool = False
    answers: Path | None = None
    length_adjust: str | None = None
    consensus: bool = False


_Data = TypeVar("_Data", bound=DataRow)
_Ruling = TypeVar("_Ruling", bound=Ruling)


class Paired(NamedTuple, Generic[_Data, _Ruling]):
    """A row, the verdict on its answer, what it is resampled with, and where both stand (`file:line`)."""

    row: _Data
    ruling: _Ruling
    cluster: str
    place: str
    ruled_at: str


class Pairs(NamedTuple, Generic[_Data, _Ruling]):
    """Rows with their verdicts, in the order of the set; how many rows have none; who judged."""

    rows: list[Paired[_Data, _Ruling]]
    missing: int
    judge: str


def read_pairs(
    data: Path, verdicts: Path, kinds: tuple[type[_Data], type[_Ruling]], options: Options
) -> Pairs[_Data, _Ruling]:
    """Every row of the set with its verdict. Raises `InputError` as the readers of lines do, and for an id that does not match."""
    placed = read_structs(data, kinds[0], "a row of the set")
    names = _names(placed)
    check_unique(placed, names, "id")
    ruled = read_structs(verdicts, kinds[1], "a verdict")
    by_id = _by_id(ruled, set(names))
    wanted = checked_ids(options.ids, names, data)
    asked = [(name, one) for name, one in zip(names, placed, strict=True) if name in wanted]
    missing = [name for name, _ in asked if name not in by_id]
    if (missing and not options.partial) or len(missing) == len(asked):
        raise InputError(
            f"id {first_and_count(missing)}",
            "has no verdict",
            "add it (null where the judge abstained), or score what is there with --partial",
            str(verdicts),
        )
    paired = [
        Paired(one.row, ruling.row, one.row.cluster or f"row {name}", one.place, ruling.place)
        for name, one in asked
        if (ruling := by_id.get(name)) is not None
    ]
    return Pairs(paired, len(missing), ruled[0].row.judge)


def checked_ids(ids: Sequence[str] | None, known: Sequence[str], data: Path) -> Collection[str]:
    """The ids to score. Raises `InputError` for one that the set does not hold."""
    if ids is None:
        return frozenset(known)
    strange = [name for name in ids if name not in set(known)]
    if strange:
        raise InputError(f"id {first_and_count(strange)}", "is not in the set", "name ids of this set", str(data))
    return frozenset(ids)


def _names(placed: Sequence[Placed[_Data]]) -> list[str]:
    if all(one.row.id is None for one in placed):
        return [one.place.rpartition(":")[2] for one in placed]
    for one in placed:
        if one.row.id is None:
            raise InputError("a row", "has no id while others have", "give all rows an id, or none", one.place)
    return [str(one.row.id) for one in placed]


def _by_id(ruled: Sequence[Placed[_Ruling]], known: Collection[str]) -> dict[str, Placed[_Ruling]]:
    names = [str(one.row.id) for one in ruled]
    check_unique(ruled, names, "id")
    for one, name in zip(ruled, names, strict=True):
        if name not in known:
            raise InputError(f"id {name!r}", "is not in the set", "give the verdicts that go with the set", one.place)
        if one.row.judge != ruled[0].row.judge:
            raise InputError(
                f"judge {one.row.judge!r}",
                f"is not {ruled[0].row.judge!r}, who judged the rows before, and two judges do not give one score",
                "keep one judge a file",
                one.place,
            )
    return dict(zip(names, ruled, strict=True))
