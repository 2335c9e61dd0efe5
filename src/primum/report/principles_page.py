"""The page of a run of principles: from real queries to rubrics, principles, pairs, a taught policy and a revision."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from primum.report import plots, principles_plots, principles_words, revision_page, words
from primum.report.numbers import estimates
from primum.report.page import dress, environment, read
from primum.report.principles_reading import (
    checked,
    cuts,
    flow,
    is_same_judge,
    linted,
    measures,
    numbered,
    sorted_on,
    table_of,
    verdict,
)

__all__ = ["named", "render", "worn"]

_HEADING = re.compile(r"(</?h)([234])(?=[ >])")


def render(report: Mapping[str, Any]) -> str:
    """The report of a run of principles as one HTML page, zh and en both in it; equal reports give equal pages.

    Raises `InputError` when `report` lacks one of `principles_reading.REQUIRED`. What else is missing is shown as missing.
    """
    whole = checked(report)
    compared = whole["test"]["comparisons"]
    by_part, rows = cuts(compared), numbered(whole["principles"])
    drawing, gained = whole["principles"].get("drawing") or {}, whole["revision"].get("report") or {}
    table, revised = table_of(compared), table_of(whole["revision"].get("measured") or [])
    return (
        environment()
        .get_template("principles.html")
        .render(
            r=whole,
            said=verdict(whole),
            flow=flow(whole),
            table=table,
            columns=measures({*table["before"], *table["after"], *table["difference"]}),
            cuts=by_part,
            cut_columns=measures({name for _, parts in by_part for _, part in parts for name in part}),
            maps=principles_plots.maps(drawing, rows),
            trees=principles_plots.trees(drawing, rows),
            plots={"forest": principles_plots.forest(by_part), "seconds": plots.seconds(whole["seconds"])},
            linted=linted(whole["rubrics"]),
            sorted_on=sorted_on(whole["profiles"]),
            revised=_revised(gained),
            revised_table=revised,
            revised_columns=measures({*revised["before"], *revised["after"], *revised["difference"]}),
            same_judge=is_same_judge(gained),
            glossary=list(words.RUBRIC_METRICS.values()),
            units=sorted({str(part["unit"]) for part in estimates(whole)}),
            **named(),
            **worn("revision.css", "principles.css"),
        )
    )


def named() -> dict[str, Any]:
    """What the templates of principles call things: the words of this report before those of all reports."""
    return {
        "words": principles_words,
        "axis_words": principles_words.axis_words,
        "by_words": principles_words.by_words,
        "check_words": principles_words.check_words,
        "kind_words": principles_words.kind_words,
        "slice_words": principles_words.slice_words,
        "state_words": principles_words.state_words,
    }


def worn(*styles: str) -> dict[str, str]:
    """What every page wears, with the script that finds rows of a table behind it, and the hash of both."""
    dressed = dress(*styles)
    script = dressed["script"] + read("principles_script.html")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return dressed | {"script": script, "script_hash": digest}


def _revised(report: Mapping[str, Any]) -> str | None:
    """The rounds, the harm, the cost and the drafts as the page of a revision shows them, each heading one level down."""
    if any(key not in report for key in revision_page.REQUIRED):
        return None
    page = revision_page.render(report)
    inside = page[page.index('<section id="rounds"') : page.index('<section id="glossary"')]
    # Text of people and models is escaped in it, so every tag here is the template's own.
    return _HEADING.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", inside)
