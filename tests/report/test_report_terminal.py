"""The end of a run in a terminal: readable at 80 and 100 columns, without colour, with Chinese in it."""

from __future__ import annotations

import io

import pytest
from report_sample import sample
from rich.cells import cell_len
from rich.console import Console

from primum.report import summary
from primum.report.numbers import shown


def _written(width: int, report: dict[str, object], page: str | None = None) -> str:
    console = Console(width=width, file=io.StringIO(), no_color=True, force_terminal=False)
    console.print(summary(report, page))
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 100])
def test_table_decision_reasons_and_place_are_whole(width: int) -> None:
    report = sample()
    written = _written(width, report, "runs/open-data-0007/report.html")
    assert max(cell_len(line) for line in written.splitlines()) <= width and "…" not in written
    for name in report["before"]:
        for side in ("before", "after", "difference"):
            part = shown(report[side][name])
            assert part is not None and part.interval in written, (name, side)
    folded = " ".join(written.split())
    assert "HOLD: the new model is not released" in folded
    for sentence in [*report["gate"]["reasons"], *report["notes"]]:
        assert sentence in folded
    assert "runs/open-data-0007/report.html" in written and "\x1b" not in written


def test_meaning_does_not_hang_on_colour() -> None:
    written = _written(100, sample())
    lines = [line for line in written.splitlines() if line.startswith(("lower is", "higher is"))]
    readings = ["better", "better", "no difference shown", "worse", "no difference shown", "no difference shown"]
    assert [
        next(word for word in ("better", "worse", "no difference shown") if line.rstrip().endswith(word))
        for line in lines
    ] == readings


def test_chinese_counts_two_columns() -> None:
    report = sample()
    report["title"] = "中文方案" * 30
    report["gate"]["reasons"] = ["临界误拒率可能高达百分之四十四，超过所允许的百分之三十五，因此暂缓。" * 3]
    written = _written(80, report)
    assert max(cell_len(line) for line in written.splitlines()) <= 80
    assert "".join(written.split()).count("超过所允许的百分之三十五") == 3


def test_markup_and_control_characters_in_a_report_stay_text() -> None:
    report = sample()
    report["gate"]["reasons"] = ["[bold red]not markup[/] \x1b[31mred"]
    written = _written(100, report)
    assert "[bold red]not markup[/] ⟨U+001B⟩[31mred" in written and "\x1b" not in written


def test_different_counts_are_both_shown() -> None:
    report = sample()
    report["after"]["safety_score"]["n"] = 631
    written = _written(100, report)
    assert "640" in written and "631" in written
    del report["after"]["safety_score"]
    assert "not measured" in _written(100, report)
