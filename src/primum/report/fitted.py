"""A table in a terminal that no width breaks inside a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table

__all__ = ["Fitted", "Told"]

_GAP = 2  # between two columns, in characters
_LEAST = (18, 14)  # of the column of names: beside numbers on one line, and on two
_WIDEST_HEAD = 14  # a head that is one longer word, a name say, is broken


class Told(NamedTuple):
    """A table in words; `notes` stand below it."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: tuple[str, ...] = ()


class Fitted:
    """A table that no width breaks inside a number: on one line; else intervals below their values; else in several tables."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width
        for stacked, least in zip((self._told, _stacked(self._told)), _LEAST, strict=True):
            if _width(stacked, least) <= room:
                yield _drawn(stacked, room)
                return
        for place, part in enumerate(_parted(_stacked(self._told), room)):
            if place:
                yield ""
            yield _drawn(part, room)


def _stacked(told: Told) -> Told:
    return told._replace(rows=[(row[0], *(cell.replace(" [", "\n[") for cell in row[1:])) for row in told.rows])


def _widths(told: Told) -> list[int]:
    """Of the columns in characters: of the names the widest one, of the others what no line of a cell and no word of the head breaks."""
    found = [max((len(row[0]) for row in told.rows), default=0)]
    for place, column in enumerate(told.columns[1:], 1):
        cells = max((len(line) for row in told.rows for line in row[place].split("\n")), default=0)
        found.append(max(cells, min(_WIDEST_HEAD, max(map(len, column.split()), default=0))))
    return found


def _width(told: Told, least: int) -> int:
    """How narrow the table can be, with names on several lines where they are longer than `least`."""
    names, *others = _widths(told)
    return min(names, least) + sum(others) + _GAP * len(others)


def _parted(told: Told, room: int) -> list[Told]:
    """The table as several, each with the names and as many of the other columns as there is room for, at least one."""
    names, *others = _widths(told)
    parts: list[list[int]] = [[]]
    for place, _ in enumerate(others, 1):
        tried = [*parts[-1], place]
        if parts[-1] and min(names, _LEAST[1]) + sum(others[one - 1] + _GAP for one in tried) > room:
            parts.append([place])
        else:
            parts[-1] = tried
    return [
        told._replace(
            columns=tuple(told.columns[one] for one in (0, *part)),
            rows=[tuple(row[one] for one in (0, *part)) for row in told.rows],
        )
        for part in parts
    ]


def _drawn(told: Told, room: int) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    names, *others = _widths(told)
    whole = [max(width, len(head)) for width, head in zip(others, told.columns[1:], strict=True)]
    if names + sum(whole) + _GAP * len(whole) <= room:
        others = whole  # no head need be folded
    widths = [max(1, min(names, room - sum(others) - _GAP * len(others))), *others]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    for column, width in zip(told.columns, widths, strict=True):
        is_count = column in ("n", "n of both", "groups", "abstained", "by chance")
        table.add_column(Text(column), justify="right" if is_count else "left", overflow="fold", width=width)
    for row in told.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
