"""The plots of principles: before and after by part, the map and the tree. Map and tree are laid out here and drawn by the template,
so that every mark carries its statement and leads to its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple
from unicodedata import east_asian_width

from primum.report.drawing import drawing, plain_axes, short, to_svg, write
from primum.report.marks import AFTER, BEFORE, canvas, legend, pair, per_cent_along_x
from primum.report.principles_words import by_words, slice_words
from primum.report.words import Pair, metric

__all__ = ["Map", "Spot", "Tree", "forest", "maps", "trees"]

_CURVED = ("satisfied", "proficiency")
_WIDE, _HIGH, _EDGE = 460.0, 360.0, 26.0
_NAMED = 7  # spots of a map that are named beside them
_CROWD = 110  # principles above which the spots of a map shrink
_ROW, _DEEP, _TOP = 21.0, 300.0, 30.0


class Spot(NamedTuple):
    """A principle on the map; `label` is set beside it at `at`, where there is room."""

    row: Mapping[str, Any]
    x: float
    y: float
    radius: float
    label: str
    at: tuple[float, float, str]


class Map(NamedTuple):
    """The principles of one language as spots, the large ones first, so that no small one lies hidden."""

    language: str
    width: float
    height: float
    spots: list[Spot]


class Leaf(NamedTuple):
    """A principle at the edge of the tree."""

    row: Mapping[str, Any]
    y: float
    label: str


class Tree(NamedTuple):
    """The principles of one language by likeness. `lines` are the paths of the merges; likeness falls from right to left."""

    language: str
    deep: float
    height: float
    leaves: list[Leaf]
    lines: list[str]
    ticks: list[tuple[float, str]]


def forest(cut: Sequence[tuple[str, Sequence[tuple[str, Mapping[str, Mapping[str, Any]]]]]]) -> str | None:
    """What is satisfied and how proficient the answers are, before and after, by language and by each dimension."""
    lines = sum(len(rows) + 1 for _, rows in cut)
    if not any(row.get(name) for _, rows in cut for _, row in rows for name in _CURVED):
        return None
    words = {BEFORE.en: BEFORE, AFTER.en: AFTER, "not measured": Pair("not measured", "未测量")}
    with drawing("forest"):
        tall = 25.0 * lines
        height = tall + 84
        figure = canvas(760, height)
        for column, name in enumerate(_CURVED):
            axes = figure.add_axes((0.2 + 0.41 * column, 28 / height, 0.37, tall / height))
            plain_axes(axes)
            y = float(lines)
            for by, rows in cut:
                if not column:
                    words[by_words(by).en] = by_words(by)
                    write(axes, -0.05, y, by_words(by).en, "muted", 11)
                y -= 1
                for value, row in rows:
                    label = slice_words(by, value)
                    label = Pair(short(label.en, 20), short(label.zh, 20))
                    words[label.en] = label
                    if not column:
                        write(axes, -0.05, y, label.en, size=11.5)
                    measured = row.get(name)
                    if measured:
                        pair(axes, y, (measured.get("before"), measured.get("after")), gap=0.17, size=5)
                    else:
                        write(axes, 0.02, y, "not measured", "muted", 10.5, where="left")
                    y -= 1
            per_cent_along_x(axes, lines)
            axes.set_xticks([0, 25, 50, 75, 100])
            words[metric(name).label.en] = metric(name).label
            axes.text(0, 1 + 10 / tall, metric(name).label.en, transform=axes.transAxes, fontsize=12.5)
        legend(figure, (0.6, 1.0))
        return to_svg(figure, "plot-forest", words)


def maps(found: Mapping[str, Any], numbered: Sequence[Mapping[str, Any] | None]) -> list[Map]:
    """The map of each language that has a place for at least two principles."""
    drawn = []
    for language, leaves in (found.get("leaves") or {}).items():
        places = (found.get("places") or {}).get(language) or []
        rows = [(row, place) for row, place in zip(_rows(leaves, numbered), places, strict=False) if row]
        if len(rows) > 1:
            drawn.append(_map(language, rows))
    return drawn


def _map(language: str, rows: Sequence[tuple[Mapping[str, Any], Sequence[float]]]) -> Map:
    spans = [(min(place[axis] for _, place in rows), max(place[axis] for _, place in rows)) for axis in (0, 1)]
    most = max(max(row["criteria"] for row, _ in rows), 1)
    swell = 13.0 * min(1.0, sqrt(_CROWD / len(rows)))

    def along(value: float, axis: int, length: float) -> float:
        low, high = spans[axis]
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_EDGE + share * (length - 2 * _EDGE), 1)

    ordered = sorted(rows, key=lambda one: (-one[0]["criteria"], one[0]["id"]))
    taken: list[tuple[float, float, float, float]] = []
    spots = []
    for row, (across, up) in ordered:
        x, y = along(across, 0, _WIDE), round(_HIGH - along(up, 1, _HIGH), 1)
        radius = round(2.6 + swell * sqrt(row["criteria"] / most), 1)
        label, at = "", (x, y, "start")
        if len(taken) < _NAMED:
            label, at = _label(row["statement"], x, y, radius, taken)
        spots.append(Spot(row, x, y, radius, label, at))
    return Map(language, _WIDE, _HIGH, spots)


def _label(
    statement: str, x: float, y: float, radius: float, taken: list[tuple[float, float, float, float]]
) -> tuple[str, tuple[float, float, str]]:
    """A short statement to the right of its spot, or to the left, where it meets no other; else none."""
    text = short(statement, 16 if _length(statement[:16]) > 110 else 26)
    length = _length(text)
    for start, where in ((x + radius + 3, "start"), (x - radius - 3 - length, "end")):
        box = (start, y - 8, start + length, y + 8)
        if box[0] < 2 or box[2] > _WIDE - 2 or any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        return text, (round(start if where == "start" else start + length, 1), round(y + 4, 1), where)
    return "", (x, y, "start")


def _length(text: str) -> float:
    """About how wide a text of 11 px is."""
    return sum(11.2 if east_asian_width(letter) in "WF" else 5.9 for letter in text)


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def trees(found: Mapping[str, Any], numbered: Sequence[Mapping[str, Any] | None]) -> list[Tree]:
    """The tree of each language whose leaves the report tells and whose merges fit them."""
    drawn = []
    for language, leaves in (found.get("leaves") or {}).items():
        merges = (found.get("merges") or {}).get(language) or []
        rows = _rows(leaves, numbered)
        named = [row for row in rows if row is not None]
        # Each merge may join only what stands before it; anything else is no tree, and no half of one is drawn.
        is_tree = all(0 <= branch < len(rows) + place for place, merge in enumerate(merges) for branch in merge[:2])
        if merges and is_tree and len(named) == len(rows):
            drawn.append(_tree(language, named, merges))
    return drawn


def _tree(language: str, rows: Sequence[Mapping[str, Any]], merges: Sequence[Sequence[float]]) -> Tree:
    count = len(rows)
    order = _order(count, merges)
    most = max(max(float(merge[2]) for merge in merges), 1e-9)
    xs, ys = [_DEEP] * count, [0.0] * count
    for place, number in enumerate(order):
        ys[number] = _TOP + _ROW * (place + 0.5)
    lines = []
    for left, right, height, *_ in merges:
        one, other = int(left), int(right)
        x = round(_DEEP * (1 - float(height) / most), 1)
        lines.append(f"M{xs[one]:.1f} {ys[one]:.1f}H{x}V{ys[other]:.1f}H{xs[other]:.1f}")
        xs.append(x)
        ys.append((ys[one] + ys[other]) / 2)
    leaves = [
        Leaf(rows[number], round(ys[number], 1), short(rows[number]["statement"], 32 if language == "zh" else 60))
        for number in order
    ]
    ticks = [(round(_DEEP * (1 - part), 1), f"{most * part:.2f}") for part in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return Tree(language, _DEEP, _TOP + _ROW * count + 6, leaves, lines, ticks)


def _order(count: int, merges: Sequence[Sequence[float]]) -> list[int]:
    """The leaves from top to bottom, so that no two branches cross."""
    joined = {int(branch) for merge in merges for branch in merge[:2]}
    waiting = [branch for branch in range(count + len(merges) - 1, -1, -1) if branch not in joined][::-1]
    found = []
    while waiting:
        branch = waiting.pop()
        if branch < count:
            found.append(branch)
        else:
            left, right, *_ = merges[branch - count]
            waiting += [int(right), int(left)]
    return found


def _rows(leaves: Sequence[int], numbered: Sequence[Mapping[str, Any] | None]) -> list[Mapping[str, Any] | None]:
    return [numbered[number] if 0 <= number < len(numbered) else None for number in leaves]
