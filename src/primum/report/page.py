"""The page: one HTML file that needs nothing beside itself and opens offline.

All text of models, prompts, norms and people is data: Jinja2 escapes it, characters that could hide or turn text round are
made visible first, and a content security policy lets no script run but the page's own, named by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from primum.errors import InputError
from primum.language import detect
from primum.report import certificate_words, plots, words
from primum.report.certificate import check_judge, error_tables, probes, standing
from primum.report.numbers import change, estimates, is_share, percent, shown

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["REQUIRED", "checked", "dress", "environment", "in_both", "read", "render", "visible"]

REQUIRED = ("run", "recipe", "title", "notes", "before", "after", "difference", "slices", "branches", "gate")
_OPTIONAL: dict[str, Any] = {
    "corpus": {},
    "scenarios": {},
    "scenarios_by": [],
    "left_out": None,
    "guardian": {},
    "judge": {},
    "ledger": {},
    "seconds": {},
    "examples": [],
    "policies": [],
    "repeat": {},
}
# C0 and C1 controls but tab and newline, lone surrogates, and the characters that reorder or hide text (Unicode TR 36).
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def render(report: Mapping[str, Any]) -> str:
    """The report as one HTML page, zh and en both in it; equal reports give equal pages.

    Raises `InputError` when `report` lacks one of `REQUIRED`, its decision is none of promote, hold, refuse, or its judge is certified
    without a certificate. What else is missing is shown as missing.
    """
    whole = checked(report)
    rows, judge = whole["slices"], whole["judge"]
    certificate = judge.get("certificate") or {}
    drawn = {
        "headline": plots.headline(whole),
        "slices": plots.slices(rows),
        "trade_off": plots.trade_off(whole),
        "guardian": plots.calibration(whole["guardian"]),
        "certificate": plots.certificate(certificate),
        "seconds": plots.seconds(whole["seconds"]),
    }
    return (
        environment()
        .get_template("page.html")
        .render(
            r=whole,
            plots=drawn,
            metrics=words.in_order({*whole["before"], *whole["after"], *whole["difference"]}),
            branch_metrics=_branch_metrics(whole["branches"]),
            cuts=_cuts(rows),
            standing=standing(judge),
            error_tables=error_tables(certificate.get("errors") or []),
            probes=probes(certificate),
            judge_glossary=certificate_words.GLOSSARY,
            glossary=list(words.METRICS.values()),
            units=sorted({str(part["unit"]) for part in estimates(whole)}),
            **dress(),
        )
    )


def dress(*styles: str) -> dict[str, str]:
    """What every page of a report wears: the style (with further files behind it), the script, and the hash that lets it run."""
    script = read("script.html")
    return {
        "style": "".join(read(name) for name in ("style.css", *styles)),
        "script": script,
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }


def checked(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report with its optional parts filled in as empty and unseen characters made visible; `InputError` if it is none."""
    for key in REQUIRED:
        if key not in report:
            raise InputError(f"a report without '{key}'", "cannot be shown", "write the whole report", "report.json")
    decision = report["gate"].get("decision")
    if decision not in ("promote", "hold", "refuse"):
        raise InputError(
            f"decision {decision!r}",
            "is none of promote, hold, refuse",
            "give the gate's decision",
            "report.json, gate",
        )
    whole: dict[str, Any] = visible({**_OPTIONAL, **report})
    whole["judge"] = whole["judge"] or {}
    check_judge(whole["judge"])
    return whole


def visible(node: Any) -> Any:
    """A tree of plain data with what hides or turns text round written out, in keys and values."""
    if isinstance(node, str):
        return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", node.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(node, Mapping):
        return {visible(key): visible(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [visible(part) for part in node]
    return node


def _branch_metrics(branches: Mapping[str, Any]) -> list[str]:
    found: set[str] = set()
    for name in ("keep", "kto", "dpo"):
        found |= set((branches.get(name) or {}).get("measures") or {})
    return words.in_order(found)


def _cuts(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The slices by what they are cut by, each name's measures together and in the order of the glossary."""
    order = ("language", "style", "source", "harm_level", "dimension")
    present = list(dict.fromkeys(row["by"] for row in rows))
    cuts = [by for by in order if by in present] + [by for by in present if by not in (*order, "all")]
    cuts += [by for by in present if by == "all"]  # the headline again, for who reads the tables alone
    ranks = {name: rank for rank, name in enumerate(words.in_order({row["metric"] for row in rows}))}
    result = []
    for by in cuts:
        inside = [row for row in rows if row["by"] == by]
        names = list(dict.fromkeys(row["name"] for row in inside))
        result.append((by, sorted(inside, key=lambda row: (names.index(row["name"]), ranks[row["metric"]]))))
    return result


def in_both(owner: Mapping[str, Any], key: str) -> list[words.Pair]:
    """The sentences under `key`, with their Chinese from `key_zh` where the report gives one for each."""
    english = owner.get(key) or []
    english = [english] if isinstance(english, str) else english
    chinese = owner.get(f"{key}_zh") or []
    chinese = [chinese] if isinstance(chinese, str) else chinese
    return [
        words.Pair(*pair) for pair in zip(english, chinese if len(chinese) == len(english) else english, strict=True)
    ]


def _sentence_in_both(owner: Mapping[str, Any], key: str) -> list[words.Pair]:
    """The same for sentences of a certificate: where the report gives no Chinese, that of those it is known to hold."""
    pairs = in_both(owner, key)
    return [certificate_words.sentence_words(pair.en) if pair.en == pair.zh else pair for pair in pairs]


def _digest(digest: str) -> str:
    return digest if len(digest) <= 16 else digest[:12] + "…"


def _short(name: str) -> str:
    kind, _, digits = name.rpartition("-")
    return f"{kind}-{digits[:8]}" if kind and len(digits) > 10 else name if len(name) <= 24 else name[:12] + "…"


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "–" if value is None else str(value)


@cache
def read(name: str) -> str:
    """A file that lies beside this module."""
    return resources.files("primum.report").joinpath(name).read_text("utf-8")


@cache
def environment() -> Environment:
    """The templates of the pages, escaping everything, with what each of them may call."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"short": _short, "count": _count, "digest": _digest, "percent": percent}
    environment.globals |= {
        "against_words": certificate_words.against_words,
        "by_words": words.by_words,
        "change": change,
        "detect": detect,
        "in_both": in_both,
        "in_order": lambda names: words.in_order(set(names)),
        "humanise": words.humanise,
        "is_share": is_share,
        "judge_words": certificate_words.judge_words,
        "measure_words": certificate_words.measure_words,
        "metric": words.metric,
        "outcome_words": words.outcome_words,
        "probe_words": certificate_words.probe_words,
        "rated_words": certificate_words.rated_words,
        "reading_words": words.reading_words,
        "sentence_in_both": _sentence_in_both,
        "shift_words": certificate_words.shift_words,
        "shown": shown,
        "slice_words": words.slice_words,
        "stance_mark": words.stance_mark,
        "stance_words": words.stance_words,
        "step_words": words.step_words,
        "subject_words": certificate_words.subject_words,
    }
    return environment
