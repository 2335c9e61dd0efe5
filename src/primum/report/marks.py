"""How policies are drawn: each its own colour, shape and fill, so that none is told from another by colour alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from primum.report.drawing import COLOURS
from primum.report.words import Pair

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "AFTER",
    "BEFORE",
    "MARKS",
    "Mark",
    "canvas",
    "cross",
    "legend",
    "legend_of",
    "pair",
    "per_cent_along_x",
    "upright",
    "whisker",
]

INCH = 72.0  # figures are laid out in points, which the page shows as pixels
BEFORE, AFTER = Pair("Before", "之前"), Pair("After", "之后")


class Mark(NamedTuple):
    """How a policy is drawn: its colour, its shape, and whether the shape is filled. Never told apart by colour alone."""

    colour: str
    shape: str
    is_filled: bool


MARKS = {
    "before": Mark("before", "o", False),
    "after": Mark("after", "o", True),
    "keep": Mark("keep", "D", False),
    "kto": Mark("kto", "^", False),
    "dpo": Mark("dpo", "s", False),
    "guardian": Mark("kto", "^", True),
    "second": Mark("dpo", "s", False),
}


def canvas(width: float, height: float) -> Figure:
    """An empty figure of that many pixels, as the page shows it at most."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / INCH, height / INCH), dpi=INCH)
    figure.patch.set_visible(False)
    return figure


def whisker(axes: Axes, y: float, estimate: Mapping[str, Any], name: str, size: float = 7.5) -> None:
    """An estimate along x, in per cent: its mark, and its interval as a bar."""
    axes.plot(_ends(estimate), [y, y], color=COLOURS[MARKS[name].colour], linewidth=2, solid_capstyle="butt")
    _mark(axes, 100 * estimate["value"], y, name, size)


def pair(axes: Axes, y: float, sides: tuple[Mapping[str, Any] | None, ...], gap: float, size: float = 7.5) -> None:
    """Before a little above `y` and after a little below it, joined by a dotted line; a side not measured is left out."""
    before, after = sides
    if before and after:
        ends = [100 * before["value"], 100 * after["value"]]
        axes.plot(ends, [y + gap, y - gap], color=COLOURS["muted"], linewidth=1, linestyle=(0, (2, 2)))
    if before:
        whisker(axes, y + gap, before, "before", size)
    if after:
        whisker(axes, y - gap, after, "after", size)


def cross(axes: Axes, name: str, x: Mapping[str, Any], y: Mapping[str, Any], label: str) -> None:
    """Two estimates of one policy as a point of the plane, with both intervals."""
    colour = COLOURS[MARKS[name].colour]
    across, up = 100 * x["value"], 100 * y["value"]
    axes.plot(_ends(x), [up, up], color=colour, linewidth=1.6)
    axes.plot([across, across], _ends(y), color=colour, linewidth=1.6)
    _mark(axes, across, up, name, 9, label)


def upright(axes: Axes, points: Sequence[tuple[float, Mapping[str, Any]]], name: str, scale: float) -> None:
    """Estimates at places along x, `scale` times as high, with their intervals, joined by a line."""
    colour = COLOURS[MARKS[name].colour]
    heights = [scale * estimate["value"] for _, estimate in points]
    axes.plot([x for x, _ in points], heights, color=colour, linewidth=1.2)
    for (x, estimate), height in zip(points, heights, strict=True):
        ends = [scale * estimate["low"], scale * estimate["high"]]
        axes.plot([x, x], ends, color=colour, linewidth=2, solid_capstyle="butt")
        _mark(axes, x, height, name, 7.5)


def per_cent_along_x(axes: Axes, rows: int, lowest: float = 0.0) -> None:
    """The whole scale of per cent, from `lowest` where a score is negative, over `rows` rows counted from 1 at the foot."""
    axes.set_xlim(min(-1.5, lowest), 101.5)
    axes.set_ylim(0.45, rows + 0.55)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter("{x:.0f} %")


def legend(figure: Figure, place: tuple[float, float]) -> None:
    """What the marks of before and after mean; `place` is its upper middle in shares of the figure."""
    legend_of(figure, place, {"before": BEFORE.en, "after": AFTER.en})


def legend_of(figure: Figure, place: tuple[float, float], labels: Mapping[str, str]) -> None:
    """What marks mean, by name; `place` is the legend's upper middle in shares of the figure."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=COLOURS[MARKS[name].colour], linewidth=2, label=label, **_shape(name))
        for name, label in labels.items()
    ]
    figure.legend(handles=handles, loc="upper center", bbox_to_anchor=place, ncols=2, frameon=False, borderaxespad=0.2)


def _ends(estimate: Mapping[str, Any]) -> list[float]:
    return [100 * estimate["low"], 100 * estimate["high"]]


def _shape(name: str) -> dict[str, Any]:
    mark = MARKS[name]
    face = COLOURS[mark.colour] if mark.is_filled else COLOURS["card"]
    return {"marker": mark.shape, "markeredgewidth": 2, "markerfacecolor": face}


def _mark(axes: Axes, x: float, y: float, name: str, size: float, label: str = "_") -> None:
    colour = COLOURS[MARKS[name].colour]
    style: dict[str, Any] = {"linestyle": "none", "markersize": size, "clip_on": False, "zorder": 4}
    axes.plot([x], [y], color=colour, label=label, **style, **_shape(name))
