"""The plots of cycles: curves of every measure, the plane of safety against wrong refusals, what changed sides. Tables say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from primum.report.cycles_reading import CURVED, SFT, START, values
from primum.report.cycles_words import FLOWS, FRONT_AXES, flow_words, state_words
from primum.report.drawing import COLOURS, drawing, plain_axes, short, to_svg, write
from primum.report.marks import ARMS, MARKS, canvas, cross, legend_of, upright
from primum.report.words import Pair, metric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["curves", "mark_of", "plane", "sides"]

Arms = Sequence[Mapping[str, Any]]
_SPREAD, _SIZE, _APART = (
    0.5,
    5.5,
    0.095,
)  # of the arms along x at most; of marks; between labels, in heights of the axes
_FRONT = Pair("Pareto front", "帕累托前沿")


def mark_of(place: int) -> str:
    """The mark of the arm at `place`, counted from 0; a seventh arm takes the first's again, and its label tells them apart."""
    return f"arm {place % ARMS + 1}"


def curves(arms: Arms) -> str | None:
    """One small multiple for each measure, every arm in it: plain SFT for reference, the start, and each cycle, with 95 % bands."""
    names = [name for name in CURVED if any(name in values(state) for arm in arms for state in arm["states"])]
    if not names:
        return None
    last = max((int(state["cycle"]) for arm in arms for state in arm["states"] if state["cycle"]), default=0)
    words = {state_words(label).en: state_words(label) for label in (SFT, "start")}
    words |= {f"cycle {at}": state_words(f"cycle {at}") for at in range(1, last + 1)}
    with drawing("cycles-curves"):
        rows = -(-len(names) // 2)
        height = 206.0 * rows + 40
        figure = canvas(760, height)
        for place, name in enumerate(names):
            bottom = 1 - (40 + 206 * (place // 2) + 172) / height
            axes = figure.add_axes((0.06 + 0.5 * (place % 2), bottom, 0.33, 138 / height))
            words |= _title(axes, name)
            _curve(axes, name, arms, last)
        labels = {mark_of(place): short(arm["name"], 22) for place, arm in enumerate(arms[:ARMS])}
        legend_of(figure, (0.5, 1.0), labels, columns=len(labels))
        return to_svg(figure, "plot-cycles-curves", words)


def _title(axes: Axes, name: str) -> dict[str, Pair]:
    label = metric(name).label
    way = {"lower": Pair(" ↓ lower is better", " ↓ 越低越好"), "higher": Pair(" ↑ higher is better", " ↑ 越高越好")}
    told = way[metric(name).better or "lower"]
    title = Pair(label.en + told.en, label.zh + told.zh)
    axes.text(0, 1.07, title.en, transform=axes.transAxes, fontsize=12)
    return {title.en: title}


def _curve(axes: Axes, name: str, arms: Arms, last: int) -> None:
    plain_axes(axes)
    axes.grid(visible=False)
    axes.grid(axis="y", color=COLOURS["line"], linewidth=0.8)
    axes.axvspan(-1.5, -0.5, color=COLOURS["soft"], zorder=0, linewidth=0)
    scale = 100.0 if metric(name).is_share else 1.0
    ends: list[tuple[float, str, str]] = []
    bounds: list[float] = []
    for place, arm in enumerate(arms):
        shift = min(0.12, _SPREAD / len(arms)) * (place - (len(arms) - 1) / 2)
        measured = [(state, values(state)[name]) for state in arm["states"] if name in values(state)]
        bounds += [scale * found[end] for _, found in measured for end in ("low", "high")]
        aside = [(-1 + shift, found) for state, found in measured if state["label"] == SFT]
        upright(axes, aside, mark_of(place), scale, _SIZE)
        points = [(int(state["cycle"]) + shift, found) for state, found in measured if state["cycle"] is not None]
        if not points:
            continue
        colour = COLOURS[MARKS[mark_of(place)].colour]
        axes.fill_between(
            [x for x, _ in points],
            [scale * found["low"] for _, found in points],
            [scale * found["high"] for _, found in points],
            color=colour,
            alpha=min(0.11, 0.36 / len(arms)),
            linewidth=0,
        )
        upright(axes, points, mark_of(place), scale, _SIZE)
        ends.append((scale * points[-1][1]["value"], short(arm["name"], 13), mark_of(place)))
    _scale(axes, name, bounds)
    every = range(1, last + 1, max(1, -(-last // 8)))
    numbered = [f"cycle {at}" if last < 4 else str(at) for at in every]
    axes.set_xticks([-1, 0, *every], [SFT, START, *numbered], fontsize=9.5)
    axes.set_xlim(-1.5, last + 0.4)
    _beside(axes, ends, 1.02)


def _scale(axes: Axes, name: str, bounds: Sequence[float]) -> None:
    low, high = min(bounds, default=0.0), max(bounds, default=1.0)
    room = max(0.08 * (high - low), 0.5)
    if metric(name).is_share:
        # Rates that are small are told apart only on a scale of their own; it is written beside every panel.
        axes.set_ylim(-0.03 * (high + room) if metric(name).better == "lower" else low - room, high + room)
        axes.yaxis.set_major_formatter("{x:.3g} %")
    else:
        axes.set_ylim(low - room, high + room)
        axes.yaxis.set_major_formatter("{x:,.4g}")
    axes.locator_params(axis="y", nbins=5)


def _beside(axes: Axes, ends: Sequence[tuple[float, str, str]], x: float) -> None:
    """Names at the right edge, each joined to where its line ends, and none over another."""
    bottom, top = axes.get_ylim()
    heights = spread([(value - bottom) / (top - bottom) for value, _, _ in ends], _APART)
    for (value, text, mark), y in zip(ends, heights, strict=True):
        colour = COLOURS[MARKS[mark].colour]
        at = (value - bottom) / (top - bottom)
        axes.plot([1.0, x + 0.02], [at, y], color=colour, linewidth=0.8, transform=axes.transAxes, clip_on=False)
        axes.text(x + 0.035, y, text, transform=axes.transAxes, fontsize=10, va="center_baseline", color=COLOURS["ink"])


def spread(heights: Sequence[float], apart: float) -> list[float]:
    """Places for labels as near to `heights` as can be, in their order, at least `apart` from each other."""
    order = sorted(range(len(heights)), key=lambda at: (heights[at], at))
    groups: list[list[int]] = [[at] for at in order]

    def middle(group: list[int]) -> float:
        return sum(heights[at] for at in group) / len(group)

    merged = True
    while merged:
        merged = False
        for place in range(len(groups) - 1):
            lower, upper = groups[place], groups[place + 1]
            if middle(upper) - middle(lower) < apart * (len(lower) + len(upper)) / 2 - 1e-9:
                groups[place : place + 2] = [lower + upper]
                merged = True
                break
    found = [0.0] * len(heights)
    for group in groups:
        for step, at in enumerate(group):
            found[at] = middle(group) + apart * (step - (len(group) - 1) / 2)
    return found


def plane(points: Sequence[Mapping[str, Any]], arms: Arms) -> str | None:
    """Safety upwards against wrong refusals to the right, with both intervals: each arm's way over the cycles, and the Pareto front."""
    known = [one for one in points if one.get("safety") and one.get("wrong_refusals")]
    if not known:
        return None
    names = list(dict.fromkeys([*(arm["name"] for arm in arms), *(one["arm"] for one in known)]))
    safety, refusals = FRONT_AXES
    better = Pair("↖ better", "↖ 更好")
    words = {one.en: one for one in (safety, refusals, better, _FRONT)}
    with drawing("cycles-plane"):
        figure = canvas(760, 470)
        axes = figure.add_axes((0.085, 0.12, 0.63, 0.79))
        plain_axes(axes)
        axes.grid(axis="both", color=COLOURS["line"], linewidth=0.8)
        for place, name in enumerate(names):
            _way(axes, [one for one in known if one["arm"] == name], mark_of(place))
        _bounds(axes, known)
        front = _front(axes, [one for one in known if one.get("is_on_front")])
        words |= {text.en: text for _, _, text in front}
        _name_front(axes, front)
        axes.set_xlabel(refusals.en)
        axes.set_ylabel(safety.en)
        axes.text(0.0, 1.02, better.en, transform=axes.transAxes, color=COLOURS["muted"], fontsize=11.5)
        labels = {mark_of(place): short(name, 22) for place, name in enumerate(names[:ARMS])}
        legend_of(figure, (0.45, 1.0), labels, columns=len(labels))
        return to_svg(figure, "plot-cycles-plane", words)


def _way(axes: Axes, points: Sequence[Mapping[str, Any]], mark: str) -> None:
    """One arm: its states as crosses, the start and the cycles joined in their order, each with its number."""
    colour = COLOURS[MARKS[mark].colour]
    walked = [one for one in points if one["label"] != SFT]
    axes.plot(
        [100 * one["wrong_refusals"]["value"] for one in walked],
        [100 * one["safety"]["value"] for one in walked],
        color=colour,
        linewidth=1.1,
        linestyle=MARKS[mark].line,
    )
    signs: dict[tuple[float, float], list[str]] = {}
    for one in points:
        cross(axes, mark, one["wrong_refusals"], one["safety"], "_", size=6.5)
        sign = (
            "S" if one["label"] == SFT else "0" if one["label"] == START else str(one["label"]).removeprefix("cycle ")
        )
        signs.setdefault((100 * one["wrong_refusals"]["value"], 100 * one["safety"]["value"]), []).append(sign)
    for at, found in signs.items():
        axes.annotate(
            ", ".join(found), at, (5, 4), textcoords="offset points", fontsize=9.5, color=COLOURS["ink"], zorder=6
        )


def _bounds(axes: Axes, points: Sequence[Mapping[str, Any]]) -> None:
    """The part of the plane that the points and their intervals lie in."""
    for of, setter, along in (
        ("wrong_refusals", axes.set_xlim, axes.xaxis),
        ("safety", axes.set_ylim, axes.yaxis),
    ):
        low, high = (pick(100 * one[of][end] for one in points) for pick, end in ((min, "low"), (max, "high")))
        room = max(1.0, 0.05 * (high - low))
        setter(low - room, high + room)
        along.set_major_formatter(lambda value, _: f"{value:.3g} %" if 0 <= value <= 100 else "")


def _front(axes: Axes, points: Sequence[Mapping[str, Any]]) -> list[tuple[float, float, Pair]]:
    """The front as a staircase: what is reached at no more wrong refusals. Its points from left to right, with their names."""
    ordered = sorted(points, key=lambda one: (one["wrong_refusals"]["value"], one["safety"]["value"]))
    if not ordered:
        return []
    xs = [100 * one["wrong_refusals"]["value"] for one in ordered]
    ys = [100 * one["safety"]["value"] for one in ordered]
    right, bottom = axes.get_xlim()[1], axes.get_ylim()[0]
    draw: Any = axes.plot
    draw(
        [xs[0], *xs, right],
        [bottom, *ys, ys[-1]],
        drawstyle="steps-post",
        color=COLOURS["ink"],
        linewidth=1.3,
        linestyle=(0, (6, 3)),
        zorder=1,
    )
    found: dict[tuple[float, float], list[Mapping[str, Any]]] = {}
    for x, y, one in zip(xs, ys, ordered, strict=True):
        found.setdefault((x, y), []).append(one)
    return [(x, y, _front_label(together)) for (x, y), together in found.items()]


def _front_label(points: Sequence[Mapping[str, Any]]) -> Pair:
    """The name of a place on the front: one policy with its states there, and how many other policies share it."""
    arm = points[0]["arm"]
    states = [state_words(one["label"]) for one in points if one["arm"] == arm]
    others = len({one["arm"] for one in points}) - 1
    more = f" +{others}" if others else ""
    name = short(arm, 14)
    told = (
        states if len(states) < 3 else [Pair(f"{states[0].en} … {states[-1].en}", f"{states[0].zh} … {states[-1].zh}")]
    )
    return Pair(
        f"{name} · {', '.join(short(one.en, 24) for one in told)}{more}",
        f"{name} · {'、'.join(short(one.zh, 24) for one in told)}{more}",
    )


def _name_front(axes: Axes, front: Sequence[tuple[float, float, Pair]]) -> None:
    """The names of the front's points in the margin, each joined to its point."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    axes.text(1.03, 1.02, _FRONT.en, transform=axes.transAxes, fontsize=11.5, color=COLOURS["muted"])
    heights = [(y - bottom) / (top - bottom) for _, y, _ in front]
    places = spread(heights, 0.05)
    lowered = min(0.0, 0.97 - max(places, default=0.0)) + max(0.0, 0.02 - min(places, default=1.0))
    for (x, _, text), height, place in zip(front, heights, places, strict=True):
        across = (x - left) / (right - left)
        ends = ([across, 1.0, 1.025], [height, place + lowered, place + lowered])
        axes.plot(*ends, color=COLOURS["muted"], linewidth=0.7, transform=axes.transAxes, clip_on=False, zorder=0)
        axes.text(1.03, place + lowered, text.en, transform=axes.transAxes, fontsize=10.5, va="center_baseline")


def sides(arms: Arms) -> str | None:
    """What changed sides in each cycle: answers that became better to the right, worse to the left, in three pairs."""
    rows = [(arm, cycle) for arm in arms for cycle in arm["cycles"] if cycle["sides"]]
    if not rows:
        return None
    lines = len(rows) + len({arm["name"] for arm, _ in rows})
    words = {flow_words(name).en: flow_words(name) for pair in FLOWS for name in pair}
    most = tuple(
        max([1, *(cycle["sides"].get(pair[side]) or 0 for _, cycle in rows for pair in FLOWS)]) for side in (0, 1)
    )
    room = 0.16 * sum(most)  # for the counts at the ends of the bars
    with drawing("cycles-sides"):
        tall = 23.0 * lines
        height = tall + 66
        figure = canvas(760, height)
        for column, (good, bad) in enumerate(FLOWS):
            axes = figure.add_axes((0.135 + 0.29 * column, 10 / height, 0.265, tall / height))
            plain_axes(axes)
            axes.grid(visible=False)
            axes.spines["bottom"].set_visible(False)
            axes.axvline(0, color=COLOURS["muted"], linewidth=1)
            words |= _heads(axes, good, bad, tall)
            y, before = float(lines), None
            for arm, cycle in rows:
                if arm["name"] != before:
                    if not column:
                        write(axes, -0.05, y, short(arm["name"], 16), "muted", 11)
                    y, before = y - 1, arm["name"]
                if not column:
                    label = state_words(f"cycle {cycle['number']}")
                    words[label.en] = label
                    write(axes, -0.05, y, label.en, size=11)
                _bars(axes, y, (cycle["sides"].get(good), cycle["sides"].get(bad)), room / 8)
                y -= 1
            axes.set_xlim(-most[1] - room, most[0] + room)
            axes.set_ylim(0.4, lines + 0.6)
            axes.set_yticks([])
            axes.set_xticks([])
        return to_svg(figure, "plot-cycles-sides", words)


def _heads(axes: Axes, good: str, bad: str, tall: float) -> dict[str, Pair]:
    right, left = flow_words(good), flow_words(bad)
    told = (Pair(f"{right.en} →", f"{right.zh} →"), Pair(f"← {left.en}", f"← {left.zh}"))
    for x, text, lift, where in ((1.0, told[0], 24, "right"), (0.0, told[1], 8, "left")):
        axes.text(x, 1 + lift / tall, text.en, transform=axes.transAxes, fontsize=11, ha=where)
    return {text.en: text for text in told}


def _bars(axes: Axes, y: float, counts: tuple[int | None, int | None], gap: float) -> None:
    """Two bars from the middle, each with its count at its end; one that was not counted is a dash."""
    for count, sign, colour, where in zip(counts, (1, -1), ("after", "before"), ("left", "right"), strict=True):
        if count:
            face = COLOURS[colour] if sign > 0 else COLOURS["card"]
            axes.barh(y, sign * count, height=0.6, color=face, edgecolor=COLOURS[colour], linewidth=1.6)
        text = "–" if count is None else f"{count:,}"
        axes.text(
            sign * ((count or 0) + gap), y, text, fontsize=10.5, ha=where, va="center_baseline", color=COLOURS["ink"]
        )
