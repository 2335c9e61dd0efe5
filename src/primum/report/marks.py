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
    "ARMS",
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
    """How a policy is drawn: colour, shape, whether the shape is filled, and its line. Never told apart by colour alone."""

    colour: str
    shape: str
    is_filled: bool
    line: Any = "-"


MARKS = {
    "before": Mark("before", "o", False),
    "after": Mark("after", "o", True),
    "keep": Mark("keep", "D", False),
    "kto": Mark("kto", "^", False),
    "dpo": Mark("dpo", "s", False),
    "guardian": Mark("kto", "^", True),
    "second": Mark("dpo", "s", False),
    "arm 1": Mark("after", "o", True, "-"),
    "arm 2": Mark("before", "s", False, (0, (5, 2))),
    "arm 3": Mark("kto", "^", True, (0, (1.5, 1.5))),
    "arm 4": Mark("dpo", "D", False, (0, (6, 2, 1.5, 2))),
    "arm 5": Mark("ink", "v", True, (0, (3, 1))),
    "arm 6": Mark("keep", "P", False, (0, (2, 2))),
}
ARMS = 6
"""How many policies side by side have marks of their own: `arm 1` and so on."""


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


def cross(axes: Axes, name: str, x: Mapping[str, Any], y: Mapping[str, Any], label: str, size: float = 9) -> None:
    """Two estimates of one policy as a point of the plane, with both intervals."""
    colour, width = COLOURS[MARKS[name].colour], 1.6 * size / 9
    across, up = 100 * x["value"], 100 * y["value"]
    axes.plot(_ends(x), [up, up], color=colour, linewidth=width)
    axes.plot([across, across], _ends(y), color=colour, linewidth=width)
    _mark(axes, across, up, name, size, label)


def upright(
    axes: Axes, points: Sequence[tuple[float, Mapping[str, Any]]], name: str, scale: float, size: float = 7.5
) -> None:
    """Estimates at places along x, `scale` times as high, with their intervals, joined by a line."""
    colour = COLOURS[MARKS[name].colour]
    heights = [scale * estimate["value"] for _, estimate in points]
    axes.plot([x for x, _ in points], heights, color=colour, linewidth=1.2, linestyle=MARKS[name].line)
    for (x, estimate), height in zip(points, heights, strict=True):
        ends = [scale * estimate["low"], scale * estimate["high"]]
        axes.plot([x, x], ends, color=colour, linewidth=2 * size / 7.5, solid_capstyle="butt")
        _mark(axes, x, height, name, size)


def per_cent_along_x(axes: Axes, rows: int, lowest: float = 0.0) -> None:
    """The whole scale of per cent, from `lowest` where a score is negative, over `rows` rows counted from 1 at the foot."""
    axes.set_xlim(min(-1.5, lowest), 101.5)
    axes.set_ylim(0.45, rows + 0.55)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter("{x:.0f} %")


def legend(figure: Figure, place: tuple[float, float]) -> None:
    """What the marks of before and after mean; `place` is its upper middle in shares of the figure."""
    legend_of(figure, place, {"before": BEFORE.en, "after": AFTER.en})


def legend_of(figure: Figure, place: tuple[float, float], labels: Mapping[str, str], columns: int = 2) -> None:
    """What marks mean, by name; `place` is the legend's upper middle in shares of the figure."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=COLOURS[MARKS[name].colour],
            linewidth=2,
            linestyle=MARKS[name].line,
            label=label,
            **_shape(name),
        )
        for name, label in labels.items()
    ]
    figure.legend(
        handles=handles, loc="upper center", bbox_to_anchor=place, ncols=columns, frameon=False, borderaxespad=0.2
    )


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
