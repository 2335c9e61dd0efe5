"""The page of a workspace's principles: their map, their tree, and each with its criteria and norms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from primum.errors import InputError
from primum.report.page import environment, visible
from primum.report.principles_page import named, worn
from primum.report.principles_plots import maps, trees

__all__ = ["REQUIRED", "render"]

REQUIRED: Final = ("principles",)


def render(content: Mapping[str, Any]) -> str:
    """The principles (as `cycles.principles_life.page_content` gives them) as one HTML page, zh and en both in it.

    Equal content gives equal pages. The numbers of the drawing count the principles in the order given.
    Raises `InputError` when one of `REQUIRED` is missing.
    """
    for key in REQUIRED:
        if key not in content:
            raise InputError(
                f"principles without '{key}'", "cannot be shown", "give all of it", "report.principle_page"
            )
    told = visible(dict(content))
    rows, drawing = told["principles"], told.get("drawing") or {}
    return (
        environment()
        .get_template("principle_page.html")
        .render(
            rows=rows,
            languages=_counted(rows, "language"),
            kinds=_counted(rows, "kind"),
            states=_counted(rows, "state"),
            recurs=any(row.get("recurs") is not None for row in rows),
            maps=maps(drawing, rows),
            trees=trees(drawing, rows),
            **named(),
            **worn("principles.css"),
        )
    )


def _counted(rows: list[Mapping[str, Any]], key: str) -> list[tuple[str, int]]:
    return sorted(Counter(row[key] for row in rows if row.get(key)).items(), key=lambda one: (-one[1], one[0]))
