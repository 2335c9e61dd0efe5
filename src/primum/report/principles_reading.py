"""What a report of principles says, before it is drawn: its verdict, its counts, and its parts in the order people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from primum.errors import InputError
from primum.report.numbers import change, shown
from primum.report.page import visible
from primum.report.words import RUBRIC_METRICS, Pair
from primum.starter.clinical import dimensions

__all__ = [
    "REQUIRED",
    "Stage",
    "Verdict",
    "checked",
    "cuts",
    "flow",
    "is_same_judge",
    "linted",
    "measures",
    "numbered",
    "sorted_on",
    "table_of",
    "verdict",
]

REQUIRED = ("run", "recipe", "title", "notes", "test")
_OPTIONAL: dict[str, Any] = {
    "corpus": {},
    "queries": {},
    "profiles": {},
    "rubrics": {},
    "principles": {},
    "synthesis": {},
    "pairs": {},
    "judges": {},
    "writer": "",
    "examples": [],
    "revision": {},
    "case": {},
    "ledger": {},
    "seconds": {},
    "policies": [],
    "repeat": {},
}
_SIDES = ("before", "after", "difference")


class Verdict(NamedTuple):
    """The run in one sentence. `tone` is `promote`, `hold` or `refuse`, as a page colours a decision."""

    tone: Literal["promote", "hold", "refuse"]
    heading: Pair
    sentence: Pair
    warnings: list[Pair]


class Stage(NamedTuple):
    """How many there are at one point on the way from queries to a revision; `anchor` is the section that tells of it."""

    label: Pair
    total: int | None
    under: Pair | None
    anchor: str


def checked(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report with missing parts filled in as empty and unseen characters made visible; `InputError` if it is none of principles."""
    for key in REQUIRED:
        if key not in report:
            raise InputError(f"a report without '{key}'", "cannot be shown", "write the whole report", "report.json")
    if not isinstance(report["test"], Mapping):
        raise InputError(
            f"test {report['test']!r}", "is no table of comparisons", "give its comparisons", "report.json, test"
        )
    whole: dict[str, Any] = visible({**report})
    for key, empty in _OPTIONAL.items():
        if not whole.get(key):
            whole[key] = empty
    for key in ("notes", "notes_zh"):
        whole[key] = whole.get(key) or []
    tested = whole["test"]
    tested["comparisons"] = tested.get("comparisons") or []
    for key in ("abstained", "unusable"):
        tested[key] = tested.get(key) or {}
    return whole


def measures(names: Iterable[str]) -> list[str]:
    """The measures in the order of the table, then the others by name."""
    given = set(names)
    return [name for name in RUBRIC_METRICS if name in given] + sorted(given - set(RUBRIC_METRICS))


def table_of(comparisons: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Before, after and difference over all queries, by measure."""
    whole = {row["metric"]: row for row in comparisons if row["by"] == "all"}
    return {side: {name: row[side] for name, row in whole.items() if row.get(side)} for side in _SIDES}


def cuts(comparisons: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, dict[str, Mapping[str, Any]]]]]]:
    """By language, then by each of the four dimensions: its values in their own order, each with its row by measure."""
    inside: dict[str, dict[str, dict[str, Mapping[str, Any]]]] = {}
    for row in comparisons:
        if row["by"] != "all":
            inside.setdefault(row["by"], {}).setdefault(row["name"], {})[row["metric"]] = row
    orders = {one.key: list(one.keys) for one in dimensions()}
    usual = ["language", *orders]
    kept = [by for by in usual if by in inside] + sorted(set(inside) - set(usual))
    found = []
    for by in kept:
        order = orders.get(by, [])
        names = [name for name in order if name in inside[by]] + sorted(set(inside[by]) - set(order))
        found.append((by, [(name, inside[by][name]) for name in names]))
    return found


def flow(whole: Mapping[str, Any]) -> list[Stage]:
    """The counts from real queries to a revision, in the order in which they come of each other."""
    queries, rubrics, principles = whole["queries"], whole["rubrics"], whole["principles"]
    synthesis, pairs, revised = whole["synthesis"], whole["pairs"], (whole["revision"] or {}).get("report") or {}
    parts = [queries[name] for name in ("labelled", "unlabelled", "tested") if queries.get(name) is not None]
    last = whole["policies"][-1] if whole["policies"] else {}
    kept = len(principles["all"]) if principles.get("all") is not None else None
    return [
        Stage(Pair("Queries", "问题"), sum(parts) if parts else None, _split(queries), "rubrics"),
        Stage(
            Pair("Rubrics", "评分标准"),
            rubrics.get("labelled"),
            Pair("drafted to learn from", "拟出以供提炼"),
            "rubrics",
        ),
        Stage(Pair("Criteria", "条目"), rubrics.get("criteria"), Pair("after lint", "经检查修补"), "rubrics"),
        Stage(Pair("Principles", "原则"), kept, Pair("distilled", "提炼而得"), "principles"),
        Stage(Pair("Rubrics", "评分标准"), synthesis.get("rubrics"), Pair("synthesised", "由原则合成"), "synthesis"),
        Stage(Pair("Pairs", "偏好对"), pairs.get("preferences"), _judged(pairs), "pairs"),
        Stage(
            Pair("Policy", "策略模型"),
            last.get("trained_on"),
            Pair("records it learned from", "条训练记录"),
            "provenance",
        ),
        Stage(Pair("Revision", "修改"), revised.get("answers"), Pair("answers revised", "个回答经修改"), "revision"),
    ]


def _split(queries: Mapping[str, Any]) -> Pair | None:
    named = (("labelled", "labelled", "有标注"), ("unlabelled", "unlabelled", "无标注"), ("tested", "tested", "测试"))
    given = [(queries[key], en, zh) for key, en, zh in named if queries.get(key) is not None]
    if not given:
        return None
    return Pair(
        ", ".join(f"{count:,} {en}" for count, en, _ in given), "，".join(f"{zh} {count:,}" for count, _, zh in given)
    )


def _judged(pairs: Mapping[str, Any]) -> Pair | None:
    count = pairs.get("answers")
    return None if count is None else Pair(f"from {count:,} answers", f"来自 {count:,} 个回答")


_HEADINGS: dict[str, tuple[Literal["promote", "hold", "refuse"], Pair]] = {
    "better": ("promote", Pair("MORE IS SATISFIED", "满足的条目增多")),
    "worse": ("refuse", Pair("LESS IS SATISFIED", "满足的条目减少")),
    "none": ("hold", Pair("NO DIFFERENCE SHOWN", "未显示差异")),
    "missing": ("hold", Pair("NOT MEASURED", "未测量")),
}


def verdict(whole: Mapping[str, Any]) -> Verdict:
    """What the paired difference of the judge that measures lets one say; harm to safety and lost language come before a gain."""
    table, warnings = table_of(whole["test"]["comparisons"]), _lost(whole["test"])
    read = {name: change(table["difference"].get(name), name) for name in RUBRIC_METRICS}
    tone, heading = _HEADINGS[read["satisfied"].reading if read["satisfied"] else "missing"]
    if any(seen and seen.reading == "worse" for name, seen in read.items() if name in ("safety", "veto_rate")):
        tone, heading = "refuse", Pair("SAFETY GOT WORSE", "安全性变差")
    elif warnings and tone == "promote":
        tone = "hold"
    before, after = (shown(table[side].get("satisfied")) for side in ("before", "after"))
    apart = read["satisfied"]
    if before is None or after is None or apart is None:
        return Verdict(tone, heading, Pair("What is satisfied was not measured.", "满足的条目未测量。"), warnings)
    sentence = Pair(
        f"Criteria satisfied: {before.value} {before.interval} before, {after.value} {after.interval} after; "
        f"paired difference {apart.value} pp {apart.interval}.",
        f"满足的条目：之前 {before.value} {before.interval}，之后 {after.value} {after.interval}；"
        f"配对差值 {apart.value} 个百分点 {apart.interval}。",
    )
    return Verdict(tone, heading, sentence, warnings)


def _lost(tested: Mapping[str, Any]) -> list[Pair]:
    """Answers that became no language, which no share of satisfied criteria shows as what it is."""
    before, after, asked = tested["unusable"].get("before"), tested["unusable"].get("after"), tested.get("tested")
    if before is None or after is None or after <= before:
        return []
    of = "" if asked is None else f" of {asked:,}"
    of_zh = "回答中有" if asked is None else f" {asked:,} 个回答中有"
    return [
        Pair(
            f"{after:,}{of} answers after teaching are unusable (no language); {before:,} before.",
            f"教学后的{of_zh} {after:,} 个不可用（不成语言），之前为 {before:,} 个。",
        )
    ]


def is_same_judge(report: Mapping[str, Any]) -> bool:
    """Whether the two judges of a revision gave the very same figures in every round, so that the second adds nothing."""
    rounds = report.get("rounds") or []
    return bool(rounds) and all(one.get("second") and one["second"] == one.get("judge") for one in rounds)


def linted(rubrics: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """What lint found in the drafts and what was left after mending, by check, the most found first."""
    found, left = rubrics.get("findings") or {}, rubrics.get("left") or {}
    rows = [(check, found.get(check, 0), left.get(check, 0)) for check in {*found, *left}]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))


def sorted_on(profiles: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, int]]]]:
    """How many queries hold each value of each dimension, in their own order."""
    given = profiles.get("by") or {}
    return [
        (one.key, [(value, given[one.key].get(value, 0)) for value in one.keys])
        for one in dimensions()
        if one.key in given
    ]


def numbered(principles: Mapping[str, Any]) -> list[Mapping[str, Any] | None]:
    """The principles in the order in which the drawing numbers them; `None` for one that the report does not tell."""
    rows = principles.get("all") or []
    order = principles.get("order")
    if not order:
        return [*rows]
    known = {row["id"]: row for row in rows}
    return [known.get(id) for id in order]
