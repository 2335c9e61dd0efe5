"""The six plots of the report. Each draws what the table beside it says in numbers; `None` where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from primum.report.certificate import probes
from primum.report.certificate_words import probe_words
from primum.report.drawing import COLOURS, drawing, plain_axes, short, to_svg, write
from primum.report.marks import AFTER, BEFORE, canvas, cross, legend, pair, per_cent_along_x, whisker
from primum.report.numbers import change, is_share
from primum.report.words import Pair, by_words, in_order, metric, reading_words, slice_words, step_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["calibration", "certificate", "headline", "seconds", "slices", "trade_off"]

_LOWER, _HIGHER = Pair("lower is better", "越低越好"), Pair("higher is better", "越高越好")
_BETTER = Pair("↙ towards 0 is better", "↙ 越近 0 越好")


def headline(report: Mapping[str, Any]) -> str | None:
    """Before and after on one line per measure, with their 95 % intervals."""
    before, after, difference = report["before"], report["after"], report["difference"]
    names = [name for name in in_order({*before, *after}) if is_share(name, before.get(name), after.get(name))]
    if not names:
        return None
    words = {"Before": BEFORE, "After": AFTER, _LOWER.en: _LOWER, _HIGHER.en: _HIGHER}
    with drawing("headline"):
        height = 58 * len(names) + 64
        figure = canvas(760, height)
        axes = figure.add_axes((0.27, 34 / height, 0.50, 1 - 64 / height))
        plain_axes(axes)
        for row, name in enumerate(names):
            y = float(len(names) - row)
            known = metric(name)
            words[known.label.en] = known.label
            write(axes, -0.04, y + 0.12, short(known.label.en, 28))
            if known.better:
                write(axes, -0.04, y - 0.2, f"{known.better} is better", "muted", 10.5)
            pair(axes, y, (before.get(name), after.get(name)), gap=0.14)
            seen = change(difference.get(name), name)
            if seen:
                reading = reading_words(seen.reading)
                words[reading.en] = reading
                gained = f"{seen.arrow} {seen.value}"
                words[f"{gained} pp"] = Pair(f"{gained} pp", f"{gained} 个百分点")
                write(axes, 1.04, y + 0.12, f"{gained} {seen.unit}", where="left")
                write(axes, 1.04, y - 0.2, reading.en, "muted", 10.5, where="left")
        lows = [100 * part[name]["low"] for part in (before, after) for name in names if part.get(name)]
        per_cent_along_x(axes, len(names), min(lows, default=0.0))
        legend(figure, (0.52, 1.0))
        return to_svg(figure, "plot-headline", words)


def calibration(guardian: Mapping[str, Any]) -> str | None:
    """Left: how often the guardian is right at each confidence. Right: its accuracy on each held-out model."""
    bins, models = guardian.get("calibration") or [], guardian.get("by_model") or {}
    if not bins and not models:
        return None
    words = {
        label.en: label
        for label in (
            Pair("How sure the guardian was", "守护模型的把握"),
            Pair("How often it was right", "实际正确率"),
            Pair("Accuracy on held-out models", "在留出模型上的准确率"),
            Pair("Calibration", "校准"),
            Pair("as sure as right", "把握与正确率一致"),
            Pair("All held-out models", "全部留出模型"),
            Pair("Held-out rows", "留出行"),
        )
    }
    rows = {"All held-out models": guardian.get("accuracy"), **models, "Held-out rows": guardian.get("held_out_rows")}
    rows = {name: estimate for name, estimate in rows.items() if estimate}
    with drawing("calibration"):
        height = max(330.0, 38.0 * len(rows) + 76)
        figure = canvas(760, height)
        if bins:
            side = 250.0
            axes = figure.add_axes((62 / 760, 1 - (36 + side) / height, side / 760, side / height))
            _reliability(axes, bins, "Calibration", "How sure the guardian was", "How often it was right")
        if rows:
            tall = 38.0 * len(rows)
            axes = figure.add_axes((0.69 if bins else 0.3, 1 - (36 + tall) / height, 0.25, tall / height))
            _accuracies(axes, rows)
        return to_svg(figure, "plot-guardian", words)


def certificate(certificate: Mapping[str, Any]) -> str | None:
    """Left: how often the judge agrees at each confidence. Right: the share of verdicts that each probe changed, single texts left out."""
    bins = [
        {
            **part,
            "accuracy": part["observed"]["value"],
            "interval": [part["observed"]["low"], part["observed"]["high"]],
            "n": part["observed"]["n"],
        }
        for part in certificate.get("reliability") or []
    ]
    measured = [
        (probe_words(one["probe"]).label, one["changed"]) for one in probes(certificate).whole if one["changed"]
    ]
    if not bins and not measured:
        return None
    told = (
        Pair("Reliability", "可信度"),
        Pair("How sure the judge was", "评审的把握"),
        Pair("How often it agreed", "与参照一致的比例"),
        Pair("Verdicts each probe changed", "各项探测所改变的评判"),
    )
    words = {label.en: label for label in told}
    with drawing("certificate"):
        height = max(330.0 if bins else 0.0, 30.0 * len(measured) + 76)
        figure = canvas(760, height)
        if bins:
            side = 250.0
            axes = figure.add_axes((62 / 760, 1 - (36 + side) / height, side / 760, side / height))
            _reliability(axes, bins, *(label.en for label in told[:3]))
        if measured:
            tall = 30.0 * len(measured)
            axes = figure.add_axes((0.69 if bins else 0.3, 1 - (36 + tall) / height, 0.25, tall / height))
            words |= _changes(axes, measured)
        return to_svg(figure, "plot-certificate", words)


def trade_off(report: Mapping[str, Any]) -> str | None:
    """The plane on which safety is bought: unsafe compliance along x, wrong refusal along y; the corner at 0 is best."""
    branches = report["branches"]
    measured = {"before": report["before"], "after": report["after"]}
    measured |= {
        name: branches[name].get("measures") or {} for name in ("keep", "kto", "dpo") if branches.get(name) is not None
    }
    axes_of = ("unsafe_compliance", "wrong_refusal")
    points = {
        name: (values[axes_of[0]], values[axes_of[1]])
        for name, values in measured.items()
        if all(values.get(part) for part in axes_of)
    }
    if not points.keys() - {"before", "after"}:
        return None
    labels = _names_of_policies(str(branches.get("chosen", "")))
    words = {label.en: label for label in labels.values()} | {
        metric(name).label.en: metric(name).label for name in axes_of
    }
    words[_BETTER.en] = _BETTER
    with drawing("trade-off"):
        figure = canvas(760, 400)
        axes = figure.add_axes((0.10, 0.14, 0.56, 0.82))
        plain_axes(axes)
        axes.grid(axis="both", color=COLOURS["line"], linewidth=0.8)
        for name, (x, y) in points.items():
            cross(axes, name, x, y, labels[name].en)
        axes.set_xlim(-2.5, _limit(x["high"] for x, _ in points.values()))
        axes.set_ylim(-2.5, _limit(y["high"] for _, y in points.values()))
        axes.xaxis.set_major_formatter("{x:.0f} %")
        axes.yaxis.set_major_formatter("{x:.0f} %")
        axes.set_xlabel(metric(axes_of[0]).label.en)
        axes.set_ylabel(metric(axes_of[1]).label.en)
        axes.text(1.04, 0.02, _BETTER.en, transform=axes.transAxes, color=COLOURS["muted"], fontsize=12)
        figure.legend(loc="upper left", bbox_to_anchor=(0.68, 0.97), frameon=False, fontsize=12, labelspacing=0.9)
        return to_svg(figure, "plot-trade-off", words)


def slices(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Small multiples: what was unsafe and what was wrongly refused, by language, by style and by source."""
    metrics = [name for name in ("unsafe_compliance", "wrong_refusal") if any(row["metric"] == name for row in rows)]
    cuts = [
        by
        for by in ("language", "style", "source")
        if any(row["by"] == by and row["metric"] in metrics for row in rows)
    ]
    if not metrics or not cuts:
        return None
    found = {(row["by"], row["name"], row["metric"]): row for row in rows}
    names = {
        by: list(dict.fromkeys(r["name"] for r in rows if r["by"] == by and r["metric"] in metrics)) for by in cuts
    }
    words = {"Before": BEFORE, "After": AFTER} | {metric(name).label.en: metric(name).label for name in metrics}
    with drawing("slices"):
        heights = [30.0 * len(names[by]) for by in cuts]
        height = sum(heights) + 46 * len(cuts) + 44
        figure = canvas(760, height)
        top = height - 64.0
        for by, tall in zip(cuts, heights, strict=True):
            words[by_words(by).en] = by_words(by)
            for column, name in enumerate(metrics):
                box = (0.25 + 0.385 * column, (top - tall) / height, 0.345, tall / height)
                axes = figure.add_axes(box)
                words |= _panel(
                    axes, by, names[by], [found.get((by, of, name)) for of in names[by]], is_first=not column
                )
                if by == cuts[0]:
                    axes.text(0, 1 + 10 / tall, metric(name).label.en, transform=axes.transAxes, fontsize=12.5)
            top -= tall + 46
        legend(figure, (0.595, 1.0))
        return to_svg(figure, "plot-slices", words)


def seconds(steps: Mapping[str, float]) -> str | None:
    """How long each step took, as bars."""
    if not steps:
        return None
    words = {step_words(name).en: step_words(name) for name in steps}
    with drawing("seconds"):
        height = 28.0 * len(steps) + 44
        figure = canvas(760, height)
        axes = figure.add_axes((0.20, 34 / height, 0.70, 1 - 44 / height))
        plain_axes(axes)
        top = max(max(steps.values()), 1e-9)
        for row, (name, took) in enumerate(steps.items()):
            y = float(len(steps) - row)
            axes.barh(y, took, height=0.55, color=COLOURS["after"])
            write(axes, -0.02, y, short(step_words(name).en, 22))
            write(axes, took / (top * 1.02) + 0.012, y, f"{took:,.1f} s", "muted", 11, where="left")
        axes.set_xlim(0, top * 1.02)
        axes.set_ylim(0.4, len(steps) + 0.6)
        axes.set_yticks([])
        axes.xaxis.set_major_formatter("{x:,.4g} s")
        return to_svg(figure, "plot-seconds", words)


def _reliability(axes: Axes, bins: Sequence[Mapping[str, Any]], title: str, sure: str, right: str) -> None:
    plain_axes(axes)
    axes.grid(axis="both", color=COLOURS["line"], linewidth=0.8)
    filled = [part for part in bins if part["n"] and part["confidence"] is not None and part["accuracy"] is not None]
    least = min((min(part["low"], part["accuracy"], part["confidence"]) for part in filled), default=0.0)
    start = 100 * max(0.0, min(0.9, least) - 0.05)
    axes.plot([start, 100], [start, 100], color=COLOURS["muted"], linewidth=1, linestyle=(0, (4, 3)))
    most = max((part["n"] for part in filled), default=1)
    for part in filled:
        x, y = 100 * part["confidence"], 100 * part["accuracy"]
        axes.plot([100 * part["low"], 100 * part["high"]], [y, y], color=COLOURS["after"], linewidth=1.2)
        if part.get("interval"):
            axes.plot([x, x], [100 * bound for bound in part["interval"]], color=COLOURS["after"], linewidth=1.2)
        axes.scatter([x], [y], s=28 + 150 * part["n"] / most, color=COLOURS["after"], clip_on=False, zorder=3)
    axes.set_xlim(start, 101)
    axes.set_ylim(start, 101)
    axes.xaxis.set_major_formatter("{x:.0f} %")
    axes.yaxis.set_major_formatter("{x:.0f} %")
    axes.set_xlabel(sure)
    axes.set_ylabel(right)
    axes.text(0, 1.06, title, transform=axes.transAxes, fontsize=12.5)


def _accuracies(axes: Axes, rows: Mapping[str, Mapping[str, Any]]) -> None:
    plain_axes(axes)
    least = min(estimate["low"] for estimate in rows.values())
    for row, (name, estimate) in enumerate(rows.items()):
        y = float(len(rows) - row)
        write(axes, -0.06, y, short(name, 20), size=11.5)
        write(axes, 1.05, y, f"{100 * estimate['value']:.1f}", "muted", 11, where="left")
        whisker(axes, y, estimate, "after", 7)
    axes.set_xlim(100 * max(0.0, least - 0.05), 100.8)
    axes.set_ylim(0.4, len(rows) + 0.6)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter("{x:.0f} %")
    axes.locator_params(axis="x", nbins=4)
    axes.text(-0.9, 1 + 14 / (38 * len(rows)), "Accuracy on held-out models", transform=axes.transAxes, fontsize=12.5)


def _changes(axes: Axes, measured: Sequence[tuple[Pair, Mapping[str, Any]]]) -> dict[str, Pair]:
    plain_axes(axes)
    words = {}
    for row, (label, changed) in enumerate(measured):
        y = float(len(measured) - row)
        name = Pair(short(label.en, 24), short(label.zh, 24))
        words[name.en] = name
        write(axes, -0.06, y, name.en, size=11.5)
        write(axes, 1.05, y, f"{100 * changed['value']:.1f}", "muted", 11, where="left")
        whisker(axes, y, changed, "after", 6)
    axes.set_xlim(-1.0, max(10.0, _limit(changed["high"] for _, changed in measured)))
    axes.set_ylim(0.4, len(measured) + 0.6)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter("{x:.0f} %")
    axes.locator_params(axis="x", nbins=4)
    axes.text(
        -0.9, 1 + 14 / (30 * len(measured)), "Verdicts each probe changed", transform=axes.transAxes, fontsize=12.5
    )
    return words


def _limit(highs: Iterable[float]) -> float:
    return min(102.5, 100 * max(highs) * 1.08 + 4)


def _names_of_policies(chosen: str) -> dict[str, Pair]:
    names = {
        "before": Pair("Before (test)", "之前（测试集）"),
        "after": Pair("After (test)", "之后（测试集）"),
        "keep": Pair("Keep (development)", "保留（开发集）"),
        "kto": Pair("KTO (development)", "KTO（开发集）"),
        "dpo": Pair("DPO (development)", "DPO（开发集）"),
    }
    if chosen in ("keep", "kto", "dpo"):
        names[chosen] = Pair(names[chosen].en + ", chosen", names[chosen].zh + "，选中")
    return names


def _panel(
    axes: Axes, by: str, names: Sequence[str], rows: Sequence[Mapping[str, Any] | None], is_first: bool
) -> dict[str, Pair]:
    plain_axes(axes)
    words = {}
    for place, (name, row) in enumerate(zip(names, rows, strict=True)):
        y = float(len(names) - place)
        if is_first:
            label = slice_words(by, name)
            words[short(label.en, 22)] = Pair(short(label.en, 22), short(label.zh, 22))
            write(axes, -0.05, y, short(label.en, 22), size=11.5)
        if row:
            pair(axes, y, (row.get("before"), row.get("after")), gap=0.17, size=5.5)
        else:
            words["not measured"] = Pair("not measured", "未测量")
            write(axes, 0.02, y, "not measured", "muted", 10.5, where="left")
    if is_first:
        write(axes, -0.05, len(names) + 0.5 + 13 / 30, by_words(by).en, "muted", 11)
    per_cent_along_x(axes, len(names))
    axes.set_xticks([0, 50, 100])
    axes.set_xticks([25, 75], minor=True)
    axes.grid(axis="x", which="minor", color=COLOURS["line"], linewidth=0.8)
    axes.tick_params(which="minor", length=0)
    return words
