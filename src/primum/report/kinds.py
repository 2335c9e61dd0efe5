"""Which page and which summary a report has: that of an alignment, or that of a guardian in the loop, by its `kind`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from primum.report import loop_page, loop_terminal, page, terminal

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["render", "summary"]


def render(report: Mapping[str, Any]) -> str:
    """The report as one HTML page, zh and en both in it. Raises `InputError` for a report that cannot be shown."""
    return loop_page.render(report) if report.get("kind") == "loop" else page.render(report)


def summary(report: Mapping[str, Any], page: str | None = None) -> Group:
    """What `primum run` ends with, for a rich console; `page` is where the HTML page lies."""
    return loop_terminal.summary(report, page) if report.get("kind") == "loop" else terminal.summary(report, page)
