"""The plots of a report of a reward model: the bench beside the baseline, calibration, and the steering. Tables say the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from primum.report.drawing import COLOURS, drawing, plain_axes, short, to_svg, write
from primum.report.marks import canvas, legend_of, per_cent_along_x, upright, whisker
from primum.report.reward_page_reading import SLICES, Bench
from primum.report.reward_page_words import kind_words, measure_name, slice_name
from primum.report.words import Pair

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["calibration", "groups", "right", "steering"]

_CLASSES = ("all", "proficiency", "excellence", "safety")
_MODEL, _BASELINE, _CHANCE = (
    Pair("Reward model", "奖励模型"),
    Pair("Linear baseline", "线性基线"),
    Pair("│ by chance", "│ 随机水平"),
)
_HEADS = ("safety_head", "proficiency_head")


def right(bench: Bench) -> str | None:
    """How often the model and the baseline are right, on single answers and on pairs, by class and by slice; a stroke is chance."""
    places = [(kind, "all") for kind in _CLASSES] + [("all", where) for where in SLICES[1:]]
    known = {(line.measure, line.kind, line.where): line for _, lines in bench.by_slice for line in lines}
    rows = [place for place in places if any((measure, *place) in known for measure in ("pointwise", "pairwise"))]
    if not rows:
        return None
    words = {one.en: one for one in (_MODEL, _BASELINE, _CHANCE)}
    words["not measured"] = Pair("not measured", "未测量")
    with drawing("reward-bench"):
        tall = 29.0 * len(rows)
        height = tall + 88
        figure = canvas(760, height)
        for column, measure in enumerate(("pairwise", "pointwise")):
            axes = figure.add_axes((0.25 + 0.385 * column, 30 / height, 0.34, tall / height))
            plain_axes(axes)
            for place, (kind, where) in enumerate(rows):
                y = float(len(rows) - place)
                if not column:
                    label = kind_words(kind) if where == "all" else slice_name(where)
                    words[short(label.en)] = label
                    write(axes, -0.05, y, short(label.en), size=11.5)
                _measured(axes, y, known.get((measure, kind, where)))
            per_cent_along_x(axes, len(rows))
            axes.set_xticks([0, 25, 50, 75, 100])
            words[measure_name(measure).en] = measure_name(measure)
            axes.text(0, 1 + 10 / tall, measure_name(measure).en, transform=axes.transAxes, fontsize=12.5)
        legend_of(figure, (0.55, 1.0), {"after": _MODEL.en, "keep": _BASELINE.en})
        figure.text(0.86, 1 - 15 / height, _CHANCE.en, fontsize=11.5, color=COLOURS["muted"])
        return to_svg(figure, "plot-bench", words)


def _measured(axes: Axes, y: float, line: Any) -> None:
    own, other = ((side or {}).get("estimate") for side in (line.model, line.baseline)) if line else (None, None)
    if own is None and other is None:
        write(axes, 0.02, y, "not measured", "muted", 10.5, where="left")
        return
    chance = line.model.get("by_chance")
    if chance is not None:
        axes.plot([100 * chance] * 2, [y - 0.36, y + 0.36], color=COLOURS["muted"], linewidth=1.2)
    for found, name, at in ((own, "after", y + 0.16), (other, "keep", y - 0.16)):
        if found:
            whisker(axes, at, found, name, 5.5)


def calibration(table: Mapping[str, Any]) -> str | None:
    """What each head said against how often it was so; a point on the dashed line was as sure as right."""
    by_head = {one["kind"]: one["bins"] for one in (table or {}).get("reliability") or [] if one["bins"]}
    heads = [head for head in _HEADS if head in by_head]
    if not heads:
        return None
    said, so = (
        Pair("Chance of being met, as said", "模型给出的满足概率"),
        Pair("How often it was met", "实际满足的比例"),
    )
    words = {said.en: said, so.en: so} | {kind_words(head).en: kind_words(head) for head in heads}
    with drawing("reward-calibration"):
        figure = canvas(760, 340)
        for column, head in enumerate(heads):
            axes = figure.add_axes((0.085 + 0.5 * column, 0.16, 0.34, 0.73))
            _reliability(axes, by_head[head])
            axes.set_xlabel(said.en)
            if not column:
                axes.set_ylabel(so.en)
            axes.text(0, 1.04, kind_words(head).en, transform=axes.transAxes, fontsize=12.5)
        return to_svg(figure, "plot-reward-calibration", words)


def _reliability(axes: Axes, bins: Sequence[Mapping[str, Any]]) -> None:
    plain_axes(axes)
    axes.grid(axis="both", color=COLOURS["line"], linewidth=0.8)
    axes.plot([0, 100], [0, 100], color=COLOURS["muted"], linewidth=1, linestyle=(0, (4, 3)))
    most = max(one["observed"]["n"] for one in bins)
    for one in bins:
        x, found = 100 * one["confidence"], one["observed"]
        axes.plot([x, x], [100 * found["low"], 100 * found["high"]], color=COLOURS["after"], linewidth=1.4)
        size = 24 + 130 * found["n"] / most
        axes.scatter([x], [100 * found["value"]], s=size, color=COLOURS["after"], clip_on=False, zorder=3)
    axes.set_xlim(-1, 101)
    axes.set_ylim(-1, 101)
    for along in (axes.xaxis, axes.yaxis):
        along.set_major_formatter("{x:.0f} %")


def steering(grpo: Mapping[str, Any]) -> str | None:
    """Left: the reward of what was sampled, and of the answers to watched prompts. Right: what the held-back judge says of those."""
    sampled, examined = grpo["watch"]["sampled"], grpo["watch"]["examined"]
    if not sampled and not examined:
        return None
    titles = (Pair("Reward", "奖励"), Pair("Held-back judge, on watched prompts", "留出评审（监测用问题）"))
    watched = Pair("on watched prompts", "监测用问题")
    step = Pair("step", "步")
    words = {one.en: one for one in (*titles, watched, step, Pair("sampled", "采样"))}
    with drawing("reward-steering"):
        figure = canvas(760, 300)
        for column, title in enumerate(titles):
            axes = _over_steps(figure.add_axes((0.075 + 0.5 * column, 0.16, 0.41, 0.66)), title.en, step.en)
            if column:
                points = [(one["step"], one["held_interval"]) for one in examined if one.get("held_interval")]
                if points:
                    upright(axes, points, "second", 1.0)
                continue
            _line(axes, [(one["step"], one.get("reward")) for one in sampled], "after", "sampled", None)
            _line(axes, [(one["step"], one.get("reward")) for one in examined], "before", watched.en, "o")
            axes.legend(loc="lower right", frameon=False, fontsize=10.5)
        return to_svg(figure, "plot-steering", words)


def groups(grpo: Mapping[str, Any]) -> str | None:
    """What every sampling came to: groups that teach nothing, length, unusable answers, disagreement of the rewards."""
    sampled = grpo["watch"]["sampled"]
    if not sampled:
        return None
    wanted: list[tuple[str, Pair, float]] = [
        ("level", Pair("Groups of one reward (%)", "奖励全同的组（%）"), 100.0),
        ("length", Pair("Length (tokens)", "长度（词元）"), 1.0),
        ("unusable", Pair("Unusable answers (%)", "不可用的回答（%）"), 100.0),
        ("cut", Pair("Cut answers (%)", "被截断的回答（%）"), 100.0),
        ("disagreement", Pair("Rewards disagree (%)", "奖励分歧（%）"), 100.0),
        ("reward_std", Pair("Spread of rewards", "奖励离散度"), 1.0),
    ]
    shown = [one for one in wanted if any(row.get(one[0]) is not None for row in sampled)]
    step = Pair("step", "步")
    words = {label.en: label for _, label, _ in shown} | {step.en: step}
    with drawing("reward-groups"):
        rows = -(-len(shown) // 3)
        height = 190.0 * rows
        figure = canvas(760, height)
        for place, (key, label, scale) in enumerate(shown):
            bottom = 1 - (150 + 190 * (place // 3)) / height
            axes = figure.add_axes((0.055 + 0.335 * (place % 3), bottom, 0.265, 116 / height))
            _over_steps(axes, label.en, step.en if place // 3 == rows - 1 else "")
            points = [(one["step"], None if one.get(key) is None else scale * one[key]) for one in sampled]
            _line(axes, points, "after", None, None)
            if scale == 100.0:
                axes.set_ylim(-3, 103)
            else:
                axes.set_ylim(bottom=0)
        return to_svg(figure, "plot-groups", words)


def _over_steps(axes: Axes, title: str, below: str) -> Axes:
    plain_axes(axes)
    axes.grid(visible=False)
    axes.grid(axis="y", color=COLOURS["line"], linewidth=0.8)
    axes.text(0, 1.06, title, transform=axes.transAxes, fontsize=12)
    axes.set_xlabel(below, fontsize=10.5)
    axes.locator_params(axis="x", nbins=5, integer=True)
    axes.locator_params(axis="y", nbins=5)
    return axes


def _line(
    axes: Axes, points: Sequence[tuple[int, float | None]], colour: str, label: str | None, mark: str | None
) -> None:
    known = [(x, y) for x, y in points if y is not None]
    if known:
        draw: Callable[..., Any] = axes.plot
        name = label if label is not None else "_"
        draw(
            [x for x, _ in known], [y for _, y in known], color=COLOURS[colour], linewidth=1.6, marker=mark, label=name
        )
