"""The plots of a revision: each part of the grade over the rounds, and what drafts mend and harm. Tables beside them say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from primum.report.drawing import COLOURS, drawing, plain_axes, short, to_svg, write
from primum.report.marks import canvas, legend_of, upright
from primum.report.revision_words import PARTS, SIDES, kind_words, side_words
from primum.report.words import Pair

__all__ = ["curves", "harm"]

_OFFSETS = {"judge": -0.07, "second": 0.07}
_DRAWN = {"judge": "guardian", "second": "second"}
_CURVED = ("vetoes", "proficiency", "excellence")


def curves(rounds: Sequence[Mapping[str, Any]]) -> str | None:
    """The mean of each part after each round, by both judges, with 95 % intervals; round 0 is the first answer."""
    names = [part for part in _CURVED if any(_mean(one, side, part) for one in rounds for side in SIDES)]
    if not names or len(rounds) < 2:
        return None
    sides = [side for side in SIDES if any(one.get(side) for one in rounds)]
    words = {side_words(side).en: side_words(side) for side in sides}
    words["first"] = Pair("first", "首答")
    with drawing("revision-curves"):
        figure = canvas(760, 300)
        for column, part in enumerate(names):
            width = 0.9 / len(names)
            axes = figure.add_axes((0.065 + column * width, 0.1, width - 0.075, 0.68))
            label = PARTS[part].label
            words[label.en] = label
            axes.text(0, 1.06, label.en, transform=axes.transAxes, fontsize=12.5)
            plain_axes(axes)
            axes.grid(visible=False)
            axes.grid(axis="y", color=COLOURS["line"], linewidth=0.8)
            for side in sides:
                points = [(one["round"] + _OFFSETS[side], found) for one in rounds if (found := _mean(one, side, part))]
                upright(axes, points, _DRAWN[side], 100.0)
            at = [int(one["round"]) for one in rounds]
            axes.set_xticks(at, ["first" if not one else str(one) for one in at])
            axes.set_xlim(min(at) - 0.4, max(at) + 0.4)
            axes.set_ylim(-3, 103)
            axes.yaxis.set_major_formatter("{x:.0f} %")
        legend_of(figure, (0.5, 1.0), {_DRAWN[side]: side_words(side).en for side in sides})
        return to_svg(figure, "plot-revision-curves", words)


def harm(changes: Mapping[str, Any]) -> str | None:
    """The shares of criteria mended (to the right) and harmed (to the left), by kind and by axis, in the answers that were returned."""
    rows = [(name, one) for group in ("by_kind", "by_axis") for name, one in changes[group].items() if one["improved"]]
    if not rows:
        return None
    mended, harmed = Pair("mended →", "修复 →"), Pair("← harmed", "← 损害")
    words = {mended.en: mended, harmed.en: harmed}
    with drawing("revision-harm"):
        tall = 27.0 * len(rows)
        height = tall + 62
        figure = canvas(760, height)
        axes = figure.add_axes((0.25, 28 / height, 0.68, tall / height))
        plain_axes(axes)
        most = max(5.0, *(100 * max(one["improved"]["high"], one["harmed"]["high"]) for _, one in rows))
        for place, (name, one) in enumerate(rows):
            y = float(len(rows) - place)
            label = kind_words(name)
            words[short(label.en)] = label
            write(axes, -0.02, y, short(label.en), size=11.5)
            for way, sign, colour in (("improved", 1, "after"), ("harmed", -1, "before")):
                found = one[way]
                axes.barh(y, sign * 100 * found["value"], height=0.5, color=COLOURS[colour])
                ends = [sign * 100 * found["low"], sign * 100 * found["high"]]
                axes.plot(ends, [y, y], color=COLOURS["ink"], linewidth=1.4, solid_capstyle="butt")
        axes.axvline(0, color=COLOURS["muted"], linewidth=1)
        axes.set_xlim(-most * 1.05, most * 1.05)
        axes.set_ylim(0.4, len(rows) + 0.6)
        axes.set_yticks([])
        axes.xaxis.set_major_formatter(lambda x, _: f"{abs(x):.0f} %")
        axes.text(0.98, 1 + 10 / tall, mended.en, transform=axes.transAxes, fontsize=11.5, ha="right")
        axes.text(0.02, 1 + 10 / tall, harmed.en, transform=axes.transAxes, fontsize=11.5)
        return to_svg(figure, "plot-revision-harm", words)


def _mean(one: Mapping[str, Any], side: str, part: str) -> Mapping[str, Any] | None:
    found = ((one.get(side) or {}).get(part) or {}).get("mean")
    return None if not found or "undefined" in found else found
