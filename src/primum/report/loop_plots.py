"""The plots of a guardian in the loop: both judges' curves, risk by scene, items by dimension. Tables beside them say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from primum.report.drawing import COLOURS, drawing, plain_axes, short, to_svg, write
from primum.report.loop_words import JUDGES, judge_name, named
from primum.report.marks import AFTER, BEFORE, canvas, legend, legend_of, pair, per_cent_along_x, upright
from primum.report.words import Pair, metric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["curves", "dimensions", "scenes"]

Point = tuple[int, Mapping[str, Mapping[str, Any]], bool]
_CURVED = ("risk_rate", "comprehensive")
_OFFSETS = {"guardian": -0.07, "second": 0.07}


def curves(points: Sequence[Point]) -> str | None:
    """Risk rate and comprehensive score over the rounds, by both judges, with 95 % intervals; round 0 is the start."""
    names = [name for name in _CURVED if any(sides[judge].get(name) for _, sides, _ in points for judge in JUDGES)]
    if not names:
        return None
    left, start = Pair("not kept", "未保留"), Pair("start", "起点")
    words = {label.en: label for label in (left, start, *(judge_name(judge) for judge in JUDGES))}
    with drawing("curves"):
        figure = canvas(760, 340)
        for column, name in enumerate(names):
            axes = figure.add_axes((0.075 + 0.5 * column, 0.09, 0.41, 0.72))
            label = metric(name).label
            words[label.en] = label
            axes.text(0, 1.06, label.en, transform=axes.transAxes, fontsize=12.5)
            words |= _curve(axes, name, points)
            for at in (at for at, _, is_kept in points if not is_kept):
                axes.axvspan(at - 0.4, at + 0.4, color=COLOURS["soft"], zorder=0)
                axes.text(at, 0.955, left.en, transform=axes.get_xaxis_transform(), fontsize=10, ha="center", va="top")
        legend_of(figure, (0.5, 1.0), {judge: judge_name(judge).en for judge in JUDGES})
        return to_svg(figure, "plot-curves", words)


def _curve(axes: Axes, name: str, points: Sequence[Point]) -> dict[str, Pair]:
    plain_axes(axes)
    axes.grid(visible=False)
    axes.grid(axis="y", color=COLOURS["line"], linewidth=0.8)
    scale = 100.0 if metric(name).is_share else 1.0
    for judge in JUDGES:
        measured = [(at + _OFFSETS[judge], found) for at, sides, _ in points if (found := sides[judge].get(name))]
        upright(axes, measured, judge, scale)
    rounds = [at for at, _, _ in points]
    words = {f"round {at}": Pair(f"round {at}", f"第 {at} 轮") for at in rounds}
    axes.set_xticks(rounds, ["start" if at == 0 else f"round {at}" for at in rounds])
    axes.set_xlim(min(rounds) - 0.5, max(rounds) + 0.5)
    if scale == 1.0:
        axes.set_ylim(-1.05, 1.05)
    else:
        axes.set_ylim(-3, 103)
        axes.yaxis.set_major_formatter("{x:.0f} %")
    return words


def scenes(rows: Sequence[tuple[str, Mapping[str, Mapping[str, Any]]]], taxonomy: Mapping[str, Any]) -> str | None:
    """The risk rate by scene, before and after, one column for each judge."""
    if not any(row.get(side) for _, sides in rows for row in sides.values() for side in ("before", "after")):
        return None
    words = {BEFORE.en: BEFORE, AFTER.en: AFTER} | {judge_name(judge).en: judge_name(judge) for judge in JUDGES}
    words["not measured"] = Pair("not measured", "未测量")
    with drawing("scenes"):
        tall = 30.0 * len(rows)
        height = tall + 90
        figure = canvas(760, height)
        for column, judge in enumerate(("second", "guardian")):
            axes = figure.add_axes((0.27 + 0.375 * column, 30 / height, 0.335, tall / height))
            plain_axes(axes)
            for place, (scene, sides) in enumerate(rows):
                y = float(len(rows) - place)
                name = named(taxonomy, "scenes", scene)
                label = Pair(short(name.en, 26), short(name.zh, 20))
                words[label.en] = label
                if not column:
                    write(axes, -0.05, y, label.en, size=11.5)
                row = sides.get(judge) or {}
                if row.get("before") or row.get("after"):
                    pair(axes, y, (row.get("before"), row.get("after")), gap=0.17, size=5.5)
                else:
                    write(axes, 0.02, y, "not measured", "muted", 10.5, where="left")
            per_cent_along_x(axes, len(rows))
            axes.set_xticks([0, 50, 100])
            axes.text(0, 1 + 10 / tall, judge_name(judge).en, transform=axes.transAxes, fontsize=12.5)
        legend(figure, (0.62, 1.0))
        return to_svg(figure, "plot-scenes", words)


def dimensions(counts: Mapping[str, int], taxonomy: Mapping[str, Any]) -> str | None:
    """The items of each dimension as bars, ethics and safety apart."""
    if not counts:
        return None
    groups: dict[str, list[str]] = {}
    known = taxonomy.get("dimensions") or {}
    for key in [*(key for key in known if key in counts), *sorted(set(counts) - set(known))]:
        groups.setdefault(str((known.get(key) or {}).get("group") or ""), []).append(key)
    titles = {"ethics": Pair("Ethics", "伦理"), "safety": Pair("Safety", "安全")}
    words = {title.en: title for title in titles.values()}
    lines = sum(len(keys) + bool(group) for group, keys in groups.items())
    most = max(*counts.values(), 1)
    with drawing("dimensions"):
        height = 24.0 * lines + 40
        figure = canvas(760, height)
        axes = figure.add_axes((0.36, 28 / height, 0.54, 1 - 34 / height))
        plain_axes(axes)
        y = float(lines)
        for group, keys in groups.items():
            if group:
                write(axes, -0.02, y, titles.get(group, Pair(group, group)).en, "muted", 11)
                y -= 1
            for key in keys:
                name = named(taxonomy, "dimensions", key)
                label = Pair(short(name.en, 36), short(name.zh, 24))
                words[label.en] = label
                write(axes, -0.02, y, label.en, size=11.5)
                axes.barh(y, counts[key], height=0.6, color=COLOURS["after"])
                write(axes, counts[key] / (most * 1.02) + 0.012, y, f"{counts[key]:,}", "muted", 11, where="left")
                y -= 1
        axes.set_xlim(0, most * 1.02)
        axes.set_ylim(0.4, lines + 0.6)
        axes.set_yticks([])
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.locator_params(axis="x", nbins=5, integer=True)
        return to_svg(figure, "plot-dimensions", words)
