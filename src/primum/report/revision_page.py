"""The page of a guided revision: what each round gained by both judges, what it harmed, what it cost, and drafts to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from primum.errors import InputError
from primum.report import revision_plots, revision_words
from primum.report.numbers import estimates
from primum.report.page import dress, environment, visible
from primum.report.words import Pair

__all__ = ["REQUIRED", "render"]

REQUIRED: Final = ("answers", "rounds", "changes", "harmed", "ended", "drafts", "cost", "shown")
_OPTIONAL: Final[dict[str, Any]] = {
    "notes": [],
    "queries": None,
    "not_revised": [],
    "judge_name": "",
    "second_name": None,
    "writer": "",
    "changed": None,
    "judge": "",
    "second": None,
    "is_simulated": False,
}


def render(report: Mapping[str, Any]) -> str:
    """A gain report (`revision.guided.gain_report`, with what `primum revise` adds) as one HTML page, zh and en both in it.

    Equal reports give equal pages. Raises `InputError` when one of `REQUIRED` is missing, as it is where no answer was revised.
    """
    for key in REQUIRED:
        if key not in report:
            raise InputError(
                f"a revision report without '{key}'",
                "cannot be shown",
                "revise an answer first",
                "report.revision_page",
            )
    whole: dict[str, Any] = visible({**_OPTIONAL, **report})
    return (
        environment()
        .get_template("revision.html")
        .render(
            r=whole,
            said=_said(whole),
            plots={
                "curves": revision_plots.curves(whole["rounds"]),
                "harm": revision_plots.harm(whole["changes"]["second"] or whole["changes"]["returned"]),
            },
            measured="second" if whole["changes"]["second"] else "judge",
            sides=[side for side in revision_words.SIDES if whole["rounds"][0].get(side)],
            parts=[
                part
                for name, part in revision_words.PARTS.items()
                if any(one["judge"][name] for one in whole["rounds"])
            ],
            words=revision_words,
            units=sorted({str(part["unit"]) for part in estimates(whole)}),
            **dress("revision.css"),
        )
    )


def _said(report: Mapping[str, Any]) -> tuple[str, Pair]:
    """The tone and the sentence at the top: what the judge to believe says of the last round."""
    side = "second" if report["rounds"][-1].get("second") else "judge"
    parts = report["rounds"][-1][side]
    found = {name: (parts[name] or {}).get("gain") for name in ("vetoes", "proficiency")}
    by = "the second judge, which steered nothing" if side == "second" else "the judge that steered it, and by no other"
    by_zh = "未参与引导的第二评审" if side == "second" else "引导修改的评审（没有其他评审）"
    worse = _is(found["vetoes"], 1) or _is(found["proficiency"], -1)
    better = _is(found["vetoes"], -1) or _is(found["proficiency"], 1)
    if worse:
        return "refuse", Pair(f"The answers got worse by {by}.", f"据{by_zh}，回答变差了。")
    if better:
        # By the judge that steers a kept draft is better by construction: that is no finding, so the page is not green for it.
        return ("promote" if side == "second" else "hold"), Pair(
            f"The answers got better by {by}.", f"据{by_zh}，回答变好了。"
        )
    return "hold", Pair(f"No gain is shown by {by}.", f"据{by_zh}，未显示收益。")


def _is(gain: Mapping[str, Any] | None, sign: int) -> bool:
    """Whether the whole interval lies on this side of 0."""
    if not gain or "undefined" in gain:
        return False
    return bool(gain["low"] > 0) if sign > 0 else bool(gain["high"] < 0)
