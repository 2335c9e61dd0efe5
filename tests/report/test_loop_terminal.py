"""The end of a loop in a terminal: both judges' tables, a line for each round, and whether the judge was hacked."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from primum.report import summary
from primum.report.numbers import shown
from report.loop_sample import hacked, sample


def _written(width: int, report: dict[str, Any], page: str | None = None) -> str:
    file = io.StringIO()
    Console(width=width, file=file, no_color=True, force_terminal=False).print(summary(report, page))
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 180])
def test_tables_rounds_notes_and_place_are_whole(width: int) -> None:
    report = sample()
    written = _written(width, report, "runs/loop/report.html")
    assert max(cell_len(line) for line in written.splitlines()) <= width and "…" not in written
    folded = " ".join(written.split())
    for note in report["notes"]:
        assert note in folded
    for judge in ("second", "guardian"):
        for name, given in report["table"][judge]["before"].items():
            part = shown(given, share=not name.startswith("comprehensive"))
            assert part is not None and part.interval in written, (judge, name)
    assert written.index("Second judge · rules of MedES") < written.index("Guardian · guardian of loop-sample")
    assert "- 1: 4 weak cells; 260 prompts, 160 better answers, 171 pairs" in folded
    assert folded.count("both judges see less risk") == 3
    assert folded.count("Open answers it abstained from: before 1,717, after 2,828") == 2
    assert "RISK FELL: Second judge, risk rate: 81.2 %" in folded.replace("\xa0", " ")
    assert "“After” is the policy of round 3." in folded and "runs/loop/report.html" in written


def test_a_hacked_judge_is_said_with_its_reason() -> None:
    report = hacked()
    folded = " ".join(_written(100, report).split())
    assert "JUDGE HACKED: " in folded and f"! {report['watch']['why']}" in folded
    assert "- 2: 0 weak cells" in folded and folded.count("JUDGE HACKED") == 2  # the round, and the end
    assert "“After” is the policy of round 1." in folded
    assert "JUDGE HACKED" not in _written(100, sample())


def test_nothing_measured_and_no_round() -> None:
    report = {key: sample()[key] for key in ("kind", "run", "recipe", "title", "notes")} | {"table": {}}
    folded = " ".join(_written(80, report).split())
    assert "NOT MEASURED" in folded and "No round was gone through." in folded
    assert folded.count("not measured") >= 2 * 6 * 3 and "the policy of the start" in folded


def test_markup_and_control_characters_stay_text() -> None:
    report = hacked()
    report["watch"]["why"] = "[bold red]not markup[/] \x1b[31mred"
    report["judges"]["second"]["name"] = "[red]rules[/]"
    written = _written(120, report)
    assert (
        "[bold red]not markup[/] ⟨U+001B⟩[31mred" in written and "· [red]rules[/]:" in written and "\x1b" not in written
    )
