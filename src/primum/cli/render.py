"""The only place that prints. Progress goes to standard error, results to standard output."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["StepProgress", "bar", "lines", "show", "table", "to_json", "visible"]

# Control characters but the line break and the tab, and what turns the direction of the text: a terminal would obey them.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def to_json(content: object) -> None:
    """Print `content` as one JSON document."""
    print(json.dumps(content, ensure_ascii=False, indent=2))


def visible(text: str) -> str:
    """`text` with what a terminal would obey written out (`\\x1b`): names, tags and replies come from others."""
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], text)


def lines(told: Iterable[str]) -> None:
    """Print each string on its own line."""
    for line in told:
        print(visible(line))


def show(content: RenderableType) -> None:
    """Print something rich knows how to draw."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, 180))
    console.print(content)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; numbers are set to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    kept = [tuple(row) for row in rows]
    drawn = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        is_number = bool(kept) and all(isinstance(row[place], int | float) for row in kept)
        drawn.add_column(column, justify="right" if is_number else "left", overflow="fold", no_wrap=place == 0)
    for row in kept:
        drawn.add_row(*(Text(f"{cell:,}" if isinstance(cell, int) else visible(str(cell))) for cell in row))
    show(drawn)


class StepProgress:
    """Shows the steps of a run: a bar for each on a terminal, a line for each elsewhere."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self._console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._task: Any = None
        self._told = 0.0
        self._about = ""

    def __enter__(self) -> StepProgress:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._progress.stop()

    def began(self, step: str, about: str) -> None:
        self._about, self._told = about, time.monotonic()
        if self._console.is_terminal:
            self._task = self._progress.add_task(about, total=1)

    def moved(self, done: int, total: int) -> None:
        if self._console.is_terminal:
            self._progress.update(self._task, completed=done, total=max(total, 1))
        elif time.monotonic() - self._told > 15:
            self._told = time.monotonic()
            self._say(f"  … {self._about}: {done:,} of {total:,}")

    def ended(self, step: str, note: str, seconds: float, was_done: bool) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        time_told = "done before" if was_done else f"{seconds:.1f} s"
        self._say(f"✓ {step:<12} {time_told:>11}  {note}")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class bar:
    """A progress bar on standard error for one long task; nothing is shown where it is not a terminal."""

    def __init__(self, about: str) -> None:
        self._about = about

    def __enter__(self) -> Any:
        self._steps = StepProgress()
        self._steps.__enter__()
        self._steps.began(self._about, self._about)
        return self._steps.moved

    def __exit__(self, *_: object) -> None:
        self._steps.__exit__()
        sys.stderr.flush()
