"""What a report of a reward model says, before it is drawn: its verdict, its warnings, and the rows of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from primum.errors import InputError
from primum.report.certificate import check_judge
from primum.report.numbers import change, shown
from primum.report.page import visible
from primum.report.reward_page_words import ABLATIONS, called
from primum.report.words import METRICS, RUBRIC_METRICS, Pair

__all__ = [
    "REQUIRED",
    "SLICES",
    "Bench",
    "BenchLine",
    "Verdict",
    "ablations",
    "bench",
    "checked",
    "cuts",
    "measures",
    "readers",
    "stages",
    "table_of",
    "verdict",
    "warnings",
]

REQUIRED = ("run", "recipe", "title", "notes", "test")
SLICES = ("all", "seen_criteria", "unseen_criteria", "unseen_policies", "en", "zh", "other_language")
_PARTS = ("pairs", "model", "bench", "baseline", "grpo", "readers", "judges", "ledger", "seconds", "repeat")
_LISTS = ("examples", "trace", "policies", "ablations")
_SIDES = ("before", "after", "difference")
_HARMS, _REFUSALS = ("veto_rate", "proficiency", "unusable"), ("wrong_refusal", "wrong_refusal_borderline")
_LOWER_IS_BETTER = ("brier", "calibration_error")
_NO_SHARE = ("brier", "calibration_error")
_ABLATED = (("pairwise", "all"), ("pairwise", "safety"), ("veto_f1", "safety"), ("pointwise", "all"))
_ABLATED_WHOLE = ("overall_lexicographic", "all")

Rows = Mapping[tuple[str, str, str], Mapping[str, Any]]


class Verdict(NamedTuple):
    """The run in one sentence. `tone` is `promote`, `hold` or `refuse`, as a page colours a decision."""

    tone: Literal["promote", "hold", "refuse"]
    heading: Pair
    sentences: tuple[Pair, ...]


class BenchLine(NamedTuple):
    """One measure of one class on one slice, of the model and of the baseline; `like` is a measure that is better the same way."""

    measure: str
    kind: str
    where: str
    model: Mapping[str, Any]
    baseline: Mapping[str, Any] | None
    difference: Mapping[str, Any] | None
    share: bool
    like: str


class Bench(NamedTuple):
    """The bench by slice, in order; a line without a number on either side is left out, and counted with its reason in `empty`."""

    by_slice: tuple[tuple[str, tuple[BenchLine, ...]], ...]
    empty: tuple[tuple[str, str], ...]

    def lines(self, where: str = "all") -> tuple[BenchLine, ...]:
        """Those of one slice."""
        return next((lines for name, lines in self.by_slice if name == where), ())


class Stage(NamedTuple):
    """How many there are at one point of the way; `anchor` is the section that tells of it."""

    label: Pair
    total: int | None
    anchor: str


def checked(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report with missing parts filled in as empty and unseen characters made visible; `InputError` if it is none of this kind."""
    for key in REQUIRED:
        if key not in report:
            raise InputError(f"a report without '{key}'", "cannot be shown", "write the whole report", "report.json")
    if not isinstance(report["test"], Mapping):
        raise InputError(
            f"test {report['test']!r}", "is no table of comparisons", "give its comparisons", "report.json, test"
        )
    whole: dict[str, Any] = visible({**report})
    for key in _PARTS:
        whole[key] = whole.get(key) or {}
    for key in (*_LISTS, "notes", "notes_zh"):
        whole[key] = whole.get(key) or []
    whole["test"] = {"comparisons": [], "abstained": {}, **{k: v for k, v in whole["test"].items() if v is not None}}
    whole["judge"] = whole.get("certificate") or {}
    check_judge(whole["judge"])
    model, grpo = whole["model"], whole["grpo"]
    model["card"] = model.get("card") or {}
    grpo["watch"] = {"sampled": [], "examined": [], "findings": [], **(grpo.get("watch") or {})}
    if not whole["baseline"] and whole["bench"].get("against_table"):
        told = whole["bench"]
        whole["baseline"] = {
            "model": told.get("against") or {},
            "table": told["against_table"],
            "difference": told.get("difference"),
        }
    return whole


def measures(names: Iterable[str]) -> list[str]:
    """Measures of answers: those under rubrics, then the main job's, then others by name."""
    given = set(names)
    known = [*RUBRIC_METRICS, *(name for name in METRICS if name not in RUBRIC_METRICS)]
    return [name for name in known if name in given] + sorted(given - set(known))


def table_of(comparisons: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Before, after and difference over all situations, by measure."""
    whole = {row["metric"]: row for row in comparisons if row["by"] == "all"}
    return {side: {name: row[side] for name, row in whole.items() if row.get(side)} for side in _SIDES}


def cuts(comparisons: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The comparisons that are of a part, by measure."""
    rows = [row for row in comparisons if row["by"] != "all"]
    return [(name, [row for row in rows if row["metric"] == name]) for name in measures(row["metric"] for row in rows)]


def readers(whole: Mapping[str, Any]) -> list[tuple[str, dict[str, Mapping[str, Any]]]]:
    """What each judge of the run reads in the same answers, by measure."""
    return [
        (name, {row["metric"]: row for row in rows if row["by"] == "all"}) for name, rows in whole["readers"].items()
    ]


def stages(whole: Mapping[str, Any]) -> list[Stage]:
    """The counts from pairs to a tested policy."""
    pairs, model, grpo = whole["pairs"], whole["model"], whole["grpo"]
    benched = (whole["bench"].get("pairs") or {}).get("pairs")
    last = whole["policies"][-1] if whole["policies"] else {}
    steps = grpo.get("steps") or max((one["step"] for one in grpo.get("logged") or []), default=None)
    return [
        Stage(Pair("Pairs", "成对回答"), pairs.get("pairs"), "pairs"),
        Stage(Pair("Criteria with a winner", "有胜者的条目"), pairs.get("samples"), "pairs"),
        Stage(Pair("Parameters of the reward model", "奖励模型参数量"), model.get("parameters"), "model"),
        Stage(Pair("Pairs on the bench", "测评用成对回答"), benched, "bench"),
        Stage(Pair("GRPO steps", "GRPO 步数"), steps, "steering"),
        Stage(Pair("Parameters of the policy", "策略模型参数量"), last.get("parameters"), "provenance"),
        Stage(Pair("Answers tested", "测试的回答"), whole["test"].get("answers"), "table"),
    ]


def warnings(whole: Mapping[str, Any]) -> list[Pair]:
    """What a reader must know whatever the notes say: what is simulated, from scratch, stopped."""
    card, pairs = whole["model"]["card"], whole["pairs"]
    told = []
    if card.get("is_simulated") or pairs.get("simulated"):
        count = pairs.get("simulated")
        of = f": {count:,} of {pairs['pairs']:,}" if count and pairs.get("pairs") else ""
        told.append(
            Pair(
                f"Pairs are simulated{of}. Figures on them say nothing about real answers.",
                f"成对回答含模拟数据{of}。其上的数字不代表真实回答。",
            )
        )
    made = [
        Pair("the reward model", "奖励模型") if card.get("is_from_scratch") else None,
        Pair("the policy", "策略模型") if any(one.get("is_from_scratch") for one in whole["policies"]) else None,
    ]
    named = [one for one in made if one]
    if named:
        told.append(
            Pair(
                f"Built on the spot, from scratch, and small: {' and '.join(one.en for one in named)}. The figures test the chain.",
                f"现场从零构建的小模型：{'、'.join(one.zh for one in named)}。其数字仅检验流程。",
            )
        )
    stopped = whole["grpo"].get("stopped")
    if stopped:
        told.append(Pair(f"The watch stopped GRPO: {stopped['reason']}.", f"监测停止了 GRPO：{stopped['reason']}。"))
    return told


_HEADINGS: dict[str, tuple[Literal["promote", "hold", "refuse"], Pair]] = {
    "better": ("promote", Pair("FEWER VETOES, NO LOSS SHOWN", "否决减少，未显示损失")),
    "wrong_refusal": ("hold", Pair("FEWER VETOES, MORE WRONG REFUSALS", "否决减少，误拒增多")),
    "veto_rate": ("refuse", Pair("MORE VETOES", "否决增多")),
    "proficiency": ("refuse", Pair("LESS PROFICIENT", "胜任下降")),
    "unusable": ("refuse", Pair("MORE ANSWERS ARE NO LANGUAGE", "不成语言的回答增多")),
    "none": ("hold", Pair("NO DIFFERENCE IN VETOES SHOWN", "否决未显示差异")),
    "missing": ("hold", Pair("NOT MEASURED", "未测量")),
}


def verdict(whole: Mapping[str, Any]) -> Verdict:
    """What the paired differences of the held-back judge let one say; harm comes before a gain."""
    table = table_of(whole["test"]["comparisons"])
    read = {name: change(table["difference"].get(name), name) for name in (*_HARMS, *_REFUSALS)}
    worse = [name for name, seen in read.items() if seen and seen.reading == "worse"]
    vetoes = read["veto_rate"]
    harm = next((name for name in _HARMS if name in worse), None)
    if vetoes is None:
        found = "missing"
    elif harm is not None:
        found = harm
    elif vetoes.reading != "better":
        found = "none"
    else:
        # A policy that refuses everything has no vetoes either.
        found = "wrong_refusal" if worse else "better"
    tone, heading = _HEADINGS[found]
    sentences = [one for name in (*_HARMS, *_REFUSALS) if (one := _sentence(table, name)) is not None]
    return Verdict(tone, heading, tuple(sentences) or (Pair("Vetoes were not measured.", "否决未测量。"),))


def _sentence(table: Mapping[str, Mapping[str, Any]], name: str) -> Pair | None:
    first, last = shown(table["before"].get(name)), shown(table["after"].get(name))
    apart = change(table["difference"].get(name), name)
    if apart is None or first is None or last is None:
        return None
    known = RUBRIC_METRICS.get(name) or METRICS[name]
    return Pair(
        f"{known.label.en}: {first.value} {first.interval} before, {last.value} {last.interval} after; paired difference "
        f"{apart.value} pp {apart.interval}.",
        f"{known.label.zh}：之前 {first.value} {first.interval}，之后 {last.value} {last.interval}；配对差值 {apart.value} 个百分点 "
        f"{apart.interval}。",
    )


def bench(whole: Mapping[str, Any]) -> Bench:
    """The bench of the model beside the baseline's, by slice."""
    own, other = _rows(whole["bench"].get("table")), _rows(whole["baseline"].get("table"))
    apart = _rows(whole["baseline"].get("difference"))
    found: dict[str, list[BenchLine]] = {}
    empty: dict[tuple[str, str], None] = {}
    for name, row in own.items():
        measure, kind, where = name
        known = bool(row.get("estimate") or (other.get(name) or {}).get("estimate"))
        if not known:
            empty[(where, str(row.get("why") or ""))] = None
            continue
        line = BenchLine(
            measure=measure,
            kind=kind,
            where=where,
            model=row,
            baseline=other.get(name),
            difference=(apart.get(name) or {}).get("estimate"),
            share=measure not in _NO_SHARE,
            like="veto_rate" if measure in _LOWER_IS_BETTER else "proficiency",
        )
        found.setdefault(where, []).append(line)
    order = [where for where in SLICES if where in found] + sorted(set(found) - set(SLICES))
    wholly = [(where, why) for where, why in empty if where not in found]
    return Bench(tuple((where, tuple(found[where])) for where in order), tuple(wholly))


def _rows(table: Mapping[str, Any] | None) -> Rows:
    return {(row["measure"], row["kind"], row["where"]): row for row in (table or {}).get("rows") or []}


def ablations(whole: Mapping[str, Any]) -> list[tuple[Pair, list[tuple[Any, Any]]]]:
    """The model without each of its parts: of each measure its number and the whole model's minus it."""
    told: Sequence[Mapping[str, Any]] = whole["ablations"]
    if not told:
        return []
    names = (*_ABLATED, _ABLATED_WHOLE)
    own = _rows(whole["bench"].get("table"))
    first = [((own.get((*name, "all")) or {}).get("estimate"), None) for name in names]
    found = [(ABLATIONS["whole"], first)]
    for one in told:
        rows, apart = _rows(one.get("table")), _rows(one.get("difference"))
        cells = [tuple((of.get((*name, "all")) or {}).get("estimate") for of in (rows, apart)) for name in names]
        found.append((ABLATIONS.get(one["name"]) or called(one["name"]), [(cell[0], cell[1]) for cell in cells]))
    return found
