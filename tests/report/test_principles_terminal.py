"""The end of a run of principles in a terminal: what is simulated, the table, the counts, revision, and which ids to trace."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from primum.report import summary
from primum.report.numbers import shown
from report.page_reader import PAYLOAD
from report.principles_sample import sample


def _written(width, report, page=None):
    file = io.StringIO()
    Console(width=width, file=file, no_color=True, force_terminal=False).print(summary(report, page))
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 180])
def test_everything_is_said_within_the_width(width):
    report = sample()
    written = _written(width, report, "runs/principles/report.html")
    assert max(cell_len(line) for line in written.splitlines()) <= width and "…" not in written
    folded = " ".join(written.replace("\xa0", " ").split())
    for note in report["notes"]:
        assert note in folded
    for row in report["test"]["comparisons"]:
        if row["by"] == "all":
            assert shown(row["before"]).interval in written
    assert "queries 2,180 (1,400 labelled, 700 unlabelled, 80 tested) → rubrics 1,400" in folded
    assert "6 principles cover 64.1 % of 6,450 criteria; redundancy 3.8 %; stability 82.1 %" in folded
    assert "measured by criterion rules, taught by criterion reader" in folded
    assert "Verdicts abstained from: before 3.8 %, after 7.2 %" in folded
    assert "Unusable answers: before 2, after 2" in folded and "left out beforehand: 5" in folded
    assert "lint found 233 faults, 10 left" in folded and "writer: composed (simulated)" in folded
    assert "MORE IS SATISFIED" in folded and "runs/principles/report.html" in written


def test_gain_is_told_by_both_judges_and_under_the_rubrics_that_measure():
    report = sample()
    folded = " ".join(_written(300, report).split())
    assert "steering judge, gain: veto violated −40.0 pp [−45.0, −35.0], proficiency +40.0 pp [35.0, 45.0]" in folded
    assert "second judge, gain: veto violated −20.0 pp" in folded and "healthbench" not in folded
    assert "under the rubrics that measure: criteria satisfied +30.0 pp" in folded
    assert "the second adds no evidence" not in folded
    for one in report["revision"]["report"]["rounds"]:
        one["second"] = one["judge"]
    assert "the second adds no evidence" in _written(300, report)


def test_ids_that_lead_furthest_can_be_traced():
    report = sample()
    written = _written(100, report)
    for id in (report["case"]["principle"]["id"], report["case"]["preference"]["id"], report["test"]["report"]):
        assert id in written
    assert report["case"]["policy"] in written
    report["case"] = None
    assert report["policies"][-1]["id"] in _written(100, report)


def test_unusable_answers_are_warned_of():
    report = sample()
    report["test"]["unusable"]["after"] = 35
    assert "! 35 of 80 answers after teaching are unusable (no language); 2 before." in _written(120, report)


def test_the_least_report_there_can_be():
    report = {key: sample()[key] for key in ("kind", "run", "recipe", "title", "notes")} | {"test": {}}
    folded = " ".join(_written(80, report).split())
    assert "NOT MEASURED" in folded and "no principle was distilled" in folded and "No answer was revised." in folded


def test_markup_and_control_characters_stay_text():
    report = sample() | {"title": "[bold]x[/bold]", "notes": [f"[red]{PAYLOAD}"]}
    written = _written(120, report)
    assert "[bold]x[/bold]" in written and "[red]" in written and "\u202e" not in written and "\x00" not in written
