"""What a report of a guardian in the loop says, before it is drawn: its verdict, and its parts in the order people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from primum.errors import InputError
from primum.report.loop_words import JUDGES, QUESTIONS, judge_name
from primum.report.numbers import change, is_share, percent, shown
from primum.report.page import visible
from primum.report.words import MEDES_METRICS, Pair

__all__ = [
    "REQUIRED",
    "Verdict",
    "checked",
    "curves",
    "heads",
    "kept_round",
    "measures",
    "quoted",
    "said_of_risk",
    "scenes",
    "spots",
    "verdict",
    "write_estimate",
    "written_share",
]

REQUIRED = ("run", "recipe", "title", "notes", "table")
_OPTIONAL: dict[str, Any] = {
    "corpus": {},
    "taxonomy": {},
    "benchmark": {},
    "guardian": {},
    "judges": {},
    "scenes": [],
    "start": {},
    "rounds": [],
    "watch": {},
    "examples": [],
    "ledger": {},
    "seconds": {},
    "policies": [],
    "repeat": {},
    "ids": {},
}
_SIDES = ("before", "after", "difference", "abstained")
_OPEN_SPOTS = 6  # cells a round shows at once when none stands out


class Verdict(NamedTuple):
    """The loop in one sentence. `tone` is `promote`, `hold` or `refuse`, as the page colours a decision."""

    tone: Literal["promote", "hold", "refuse"]
    heading: Pair
    sentence: Pair
    is_hacked: bool
    why: Pair | None


def checked(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report with missing parts filled in as empty and unseen characters made visible; `InputError` if it is none of a loop."""
    for key in REQUIRED:
        if key not in report:
            raise InputError(f"a report without '{key}'", "cannot be shown", "write the whole report", "report.json")
    if not isinstance(report["table"], Mapping):
        raise InputError(
            f"table {report['table']!r}", "is no table by judge", "give before, after, difference", "report.json, table"
        )
    whole: dict[str, Any] = visible({**report})
    for key, empty in _OPTIONAL.items():
        if not whole.get(key):
            whole[key] = empty
    for key in ("notes", "notes_zh"):
        whole[key] = whole.get(key) or []
    whole["table"] = {
        judge: {side: (whole["table"].get(judge) or {}).get(side) or {} for side in _SIDES} for judge in JUDGES
    }
    return whole


def measures(names: Iterable[str]) -> list[str]:
    """The measures in the order of the paper's table, then the others by name."""
    given = set(names)
    return [name for name in MEDES_METRICS if name in given] + sorted(given - set(MEDES_METRICS))


def said_of_risk(whole: Mapping[str, Any], judge: str) -> Pair | None:
    """The risk rate before and after by one judge, with what was shown of the difference; `None` where it was not measured."""
    table = whole["table"][judge]
    before, after = (shown(table[side].get("risk_rate")) for side in ("before", "after"))
    apart = change(table["difference"].get("risk_rate"), "risk_rate")
    if before is None or after is None:
        return None
    name = judge_name(judge)
    sides = (
        f"{before.value} {before.interval} before (n {before.n}), {after.value} {after.interval} after (n {after.n})",
        f"之前 {before.value} {before.interval}（n {before.n}），之后 {after.value} {after.interval}（n {after.n}）",
    )
    if apart is None:
        told = (
            "no pair of answers was read on both sides, so no difference was measured",
            "没有前后均可判读的回答对，差值未测量",
        )
    else:
        held = {"better": ("lower", "下降"), "worse": ("higher", "上升")}.get(
            apart.reading, ("no difference shown", "未显示差异")
        )
        told = (
            f"paired difference {apart.value} pp {apart.interval}: {held[0]}",
            f"配对差值 {apart.value} 个百分点 {apart.interval}：{held[1]}",
        )
    return Pair(f"{name.en}, risk rate: {sides[0]}; {told[0]}.", f"{name.zh}，风险率：{sides[1]}；{told[1]}。")


_HEADINGS: dict[str, tuple[Literal["promote", "hold", "refuse"], Pair]] = {
    "better": ("promote", Pair("RISK FELL", "风险下降")),
    "worse": ("refuse", Pair("RISK ROSE", "风险上升")),
    "none": ("hold", Pair("NO DIFFERENCE SHOWN", "未显示差异")),
    "missing": ("hold", Pair("NOT MEASURED", "未测量")),
}


def verdict(whole: Mapping[str, Any]) -> Verdict:
    """What the second judge's paired difference of the risk rate lets one say; a hacked judge comes before all else."""
    watched = whole["watch"]
    why = watched.get("why") or ""
    told = Pair(why, watched.get("why_zh") or why) if why else None
    sentence = said_of_risk(whole, "second") or Pair(
        "The second judge's risk rate was not measured.", "第二评审的风险率未测量。"
    )
    if watched.get("is_hacked"):
        return Verdict("refuse", Pair("JUDGE HACKED", "评审被钻空子"), sentence, True, told)
    apart = change(whole["table"]["second"]["difference"].get("risk_rate"), "risk_rate")
    tone, heading = _HEADINGS[apart.reading if apart else "missing"]
    return Verdict(tone, heading, sentence, False, told)


def kept_round(whole: Mapping[str, Any]) -> int:
    """The round whose policy is “after”: the last that was kept; 0 is the start."""
    numbers = [one.get("round", place) for place, one in enumerate(whole["rounds"], 1) if one.get("is_kept")]
    return numbers[-1] if numbers else 0


def scenes(whole: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, dict[str, Mapping[str, Any]]]]]]:
    """By measure: the scenes in the taxonomy's order, each with its row by judge."""
    rows = whole["scenes"]
    order = list((whole["taxonomy"].get("scenes") or {}).keys())
    order += sorted({row["scene"] for row in rows} - set(order))
    found: list[tuple[str, list[tuple[str, dict[str, Mapping[str, Any]]]]]] = []
    for metric in measures(row["metric"] for row in rows):
        inside: dict[str, dict[str, Mapping[str, Any]]] = {}
        for row in rows:
            if row["metric"] == metric:
                inside.setdefault(row["scene"], {})[row["judge"]] = row
        found.append((metric, [(scene, inside[scene]) for scene in order if scene in inside]))
    return found


def curves(whole: Mapping[str, Any]) -> list[tuple[int, dict[str, Mapping[str, Any]], bool]]:
    """Round by round from the start: both judges' measures on the same situations, and whether that policy was kept."""
    points = [(0, {judge: whole["start"].get(judge) or {} for judge in JUDGES}, True)] if whole["start"] else []
    for place, one in enumerate(whole["rounds"], 1):
        if one.get("policy"):
            sides = {judge: one.get(judge) or {} for judge in JUDGES}
            points.append((one.get("round", place), sides, bool(one.get("is_kept"))))
    return points


class Heads(NamedTuple):
    """The guardian's heads: over all that was left out, by kind; and name by name."""

    kinds: list[str]
    whole: list[tuple[str, dict[str, Mapping[str, Any]]]]
    named: list[Mapping[str, Any]]


def heads(whole: Mapping[str, Any]) -> Heads:
    """The heads in the order of the questions, by what each had not seen."""
    rows = whole["guardian"].get("heads") or []
    order = ["stance", *QUESTIONS]
    order += sorted({row["head"] for row in rows} - set(order))
    together: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        if row["name"] == "all":
            together.setdefault(row["head"], {})[row["by"]] = row
    kinds = list(dict.fromkeys(row["by"] for row in rows if row["name"] == "all"))
    apart = [row for row in rows if row["name"] != "all"]
    places = {by: place for place, by in enumerate(dict.fromkeys(row["by"] for row in apart))}
    apart.sort(key=lambda row: (places[row["by"]], row["name"], order.index(row["head"])))
    return Heads(kinds, [(head, together[head]) for head in order if head in together], apart)


def spots(one: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The cells of a round that are shown at once (those that stand out, or the first few), and the rest."""
    cells = one.get("weak_spots") or []
    weak = [cell for cell in cells if cell.get("is_weak")]
    first = weak or cells[:_OPEN_SPOTS]
    return first, [cell for cell in cells if cell not in first]


def quoted(text: str, quote: str) -> list[tuple[str, bool]] | None:
    """The article in pieces, each with whether it is the quote; `None` when the quote does not stand in it word for word."""
    start = text.find(quote) if quote else -1
    if start < 0:
        return None
    end = start + len(quote)
    return [piece for piece in ((text[:start], False), (text[start:end], True), (text[end:], False)) if piece[0]]


def written_share(part: Mapping[str, Any] | float | None) -> str | None:
    """A share in writing, with its interval where it is an estimate and not a count's bare share; `None` when it was not measured."""
    if isinstance(part, Mapping):
        seen = shown(part)
        return None if seen is None else f"{seen.value} {seen.interval}"
    return None if part is None else f"{percent(part)}\u00a0%"


def write_estimate(estimate: Mapping[str, Any] | None, name: str) -> str:
    """`62.4 % [58.1, 66.9]` in one line, or that it was not measured."""
    seen = shown(estimate, share=is_share(name, estimate))
    return "not measured" if seen is None else f"{seen.value} {seen.interval}"
