"""Which page and which summary a report has, by its `kind`: a guardian in the loop, cycles after deployment, a run of principles or of a
reward model, or else an alignment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from primum.report import (
    cycles_page,
    cycles_terminal,
    loop_page,
    loop_terminal,
    page,
    principles_page,
    principles_terminal,
    reward_page,
    reward_run_terminal,
    terminal,
)

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["render", "summary"]

_PAGES = {
    "cycles": cycles_page.render,
    "loop": loop_page.render,
    "principles": principles_page.render,
    "reward model": reward_page.render,
}
_SUMMARIES = {
    "cycles": cycles_terminal.summary,
    "loop": loop_terminal.summary,
    "principles": principles_terminal.summary,
    "reward model": reward_run_terminal.summary,
}


def render(report: Mapping[str, Any]) -> str:
    """The report as one HTML page, zh and en both in it. Raises `InputError` for a report that cannot be shown."""
    return _PAGES.get(str(report.get("kind")), page.render)(report)


def summary(report: Mapping[str, Any], page: str | None = None) -> Group:
    """What `primum run` ends with, for a rich console; `page` is where the HTML page lies."""
    return _SUMMARIES.get(str(report.get("kind")), terminal.summary)(report, page)
