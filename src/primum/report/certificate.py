"""What the judge's certificate lets a report say: that it holds, against whom and until when, or that the judge is uncertified.

`report.json` says whether a certificate holds; nothing here decides it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from primum.errors import InputError
from primum.report.certificate_words import MEASURES, against_words, probe_words, sentence_words
from primum.report.numbers import shown
from primum.report.words import Pair

__all__ = [
    "ErrorTable",
    "Probes",
    "Standing",
    "agreement",
    "check_judge",
    "error_tables",
    "probes",
    "standing",
    "terminal_line",
]


class Standing(NamedTuple):
    """How the judge stands. `notice` is the line that a reader must meet before the numbers, where there is one."""

    state: Literal["certified", "limited", "uncertified", "not_stated"]
    title: Pair
    meaning: Pair
    notice: Pair | None = None


class ErrorTable(NamedTuple):
    """The rates of one cut: `measures` are the columns, a row is a name and its estimate for each measure it has."""

    by: str
    measures: list[str]
    rows: list[tuple[str, dict[str, Any]]]


class Probes(NamedTuple):
    """The outcomes of probes as they come, and apart from them those of single planted texts, of which there may be many."""

    whole: list[Mapping[str, Any]]
    single: list[Mapping[str, Any]]


def check_judge(judge: Mapping[str, Any]) -> None:
    """Raises `InputError` for a judge that is said to be certified and has no certificate."""
    if judge and judge["certified"] and not judge.get("certificate"):
        raise InputError(
            f"judge {judge.get('name', '')!r}, certified without a certificate",
            "cannot be shown",
            "give its certificate, or say why it has none",
            "report.json, judge",
        )


def standing(judge: Mapping[str, Any]) -> Standing:
    """How the judge stands: certified against people, certified against something else (`limited`), uncertified, not stated."""
    if not judge:
        return Standing(
            "not_stated",
            Pair("Not stated", "未说明"),
            Pair(
                "The report does not state which judge it used, nor whether that judge holds a certificate.",
                "报告未说明使用了哪个评审，也未说明该评审是否持有证书。",
            ),
        )
    if not judge["certified"]:
        return _uncertified(judge)
    certificate = judge["certificate"]
    expires, against = certificate["expires"], against_words(certificate["reference_kind"])
    title = Pair(f"Certified until {expires}", f"证书有效期至 {expires}")
    if certificate["reference_kind"] == "person":
        return Standing(
            "certified",
            title,
            Pair(
                "It was measured against people's labels. How often it errs, and what sways it, is said below.",
                "评审已对照人工标注测量。它多常出错、会受什么影响，见下文。",
            ),
        )
    title = Pair(f"{title.en}, against {against.en} only", f"{title.zh}，仅对照{against.zh}")
    meaning = Pair(
        f"It was measured against {against.en}, not against people: how often it agrees with people is not known.",
        f"评审对照的是{against.zh}，而不是人：它与人的判断有多一致，尚不清楚。",
    )
    notice = Pair(
        f"The judge of this report is certified against {against.en} only: how often it agrees with people is not known.",
        f"本报告的评审仅对照{against.zh}取得证书：它与人的判断有多一致，尚不清楚。",
    )
    return Standing("limited", title, meaning, notice)


def agreement(judge: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """How often the judge agrees with the reference over all labels, an estimate; `None` where the certificate does not say."""
    errors: Sequence[Mapping[str, Any]] = (judge.get("certificate") or {}).get("errors") or []
    found = [one["estimate"] for one in errors if one["by"] == "all" and one["measure"] == "agreement"]
    return found[0] if found else None


def terminal_line(judge: Mapping[str, Any]) -> str | None:
    """The quiet line of the terminal: that the judge is certified and how often it agrees; `None` for an uncertified one."""
    state = standing(judge).state
    if state == "not_stated":
        return "judge: not stated, nor whether it is certified"
    if state == "uncertified":
        return None
    certificate, agrees = judge["certificate"], shown(agreement(judge))
    against = "people" if state == "certified" else against_words(certificate["reference_kind"]).en
    line = f"judge certified against {against} until {certificate['expires']}"
    return f"{line}: agrees on {agrees.value} {agrees.interval}" if agrees else line


def error_tables(errors: Sequence[Mapping[str, Any]]) -> list[ErrorTable]:
    """The rates by what they are cut by: all first, then the classes, then the other cuts as they come."""
    cuts = sorted(dict.fromkeys(one["by"] for one in errors), key=lambda by: {"all": 0, "class": 1}.get(by, 2))
    tables = []
    for by in cuts:
        inside = [one for one in errors if one["by"] == by]
        present = list(dict.fromkeys(one["measure"] for one in inside))
        measures = [name for name in MEASURES if name in present] + [name for name in present if name not in MEASURES]
        rows: dict[str, dict[str, Any]] = {}
        for one in inside:
            rows.setdefault(one["name"], {})[one["measure"]] = one["estimate"]
        tables.append(ErrorTable(by, measures, list(rows.items())))
    return tables


def probes(certificate: Mapping[str, Any]) -> Probes:
    """The probes of a certificate, those of single planted texts apart."""
    found = Probes([], [])
    for one in certificate.get("probes") or []:
        (found.single if probe_words(one["probe"]).is_single else found.whole).append(one)
    return found


def _uncertified(judge: Mapping[str, Any]) -> Standing:
    english = (judge.get("why_not") or "no reason is given").rstrip(".。 ")
    known = sentence_words(english)
    if judge.get("certificate"):
        english = re.sub("^it ", "its certificate ", english)  # what does not hold is the certificate, not the judge
    chinese = known.zh if known.en != known.zh else (judge.get("why_not_zh") or "未说明原因").rstrip(".。 ")
    if judge.get("certificate"):
        meaning = Pair(
            "The error rates in its certificate do not vouch for its verdicts in this report.",
            "其证书中的误差数据不能为本报告中的评判作保。",
        )
    else:
        meaning = Pair(
            "No measured error rate vouches for its verdicts in this report.",
            "没有任何测得的误差数据为本报告中的评判作保。",
        )
    return Standing(
        "uncertified",
        Pair(f"UNCERTIFIED: {english}", f"未经认证：{chinese}"),
        meaning,
        Pair(
            f"The judge of this report is UNCERTIFIED: {english}. {meaning.en}",
            f"本报告的评审未经认证：{chinese}。{meaning.zh}",
        ),
    )
