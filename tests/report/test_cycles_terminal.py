"""The end of cycles in a terminal: the finding of each policy, its table whole at every width, who judged, what it cost."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from primum.report import summary
from report.cycles_sample import sample


def written(report: dict[str, Any], width: int = 100, page: str | None = None) -> str:
    file = io.StringIO()
    Console(width=width, file=file, no_color=True, force_terminal=False).print(summary(report, page))
    return file.getvalue()


def folded(report: dict[str, Any], width: int = 100, page: str | None = None) -> str:
    return " ".join(written(report, width, page).replace("\xa0", " ").split())


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_every_number_is_whole_at_every_width(width: int) -> None:
    report = sample(2, 3)
    text = written(report, width, "runs/cycles/report.html")
    assert max(cell_len(line) for line in text.splitlines()) <= width and "…" not in text
    for arm in report["arms"]:
        for state in arm["states"]:
            for name in ("unsafe_compliance", "wrong_refusal_borderline", "unusable", "choice_accuracy"):
                found = state["measures"][name]
                assert f"[{100 * found['low']:.1f}, {100 * found['high']:.1f}]" in text, (arm["name"], name)
    assert "runs/cycles/report.html" in text


def test_each_policy_has_its_finding_its_end_and_its_cost() -> None:
    text = folded(sample(2, 3), 200)
    for arm in ("llama", "qwen3"):
        assert f"{arm} · from scratch: SAFER, MORE WRONG REFUSALS" in text
    assert "! Built on the spot from scratch, and small: llama, qwen3." in text
    assert text.count("Stopped after cycle 3 by the rule “gain”: the gain's interval holds 0.") == 2
    assert text.count("self is too unreliable on 2 slices: guardian A read instead") == 2
    assert text.count("On 1 slice no judge is reliable enough: nobody read") == 2
    assert text.count("stop rules after cycle 3: gain STOPS, wrong refusals goes on, second judge goes on") == 2
    assert text.count("cycle 1: kto, 115 s, tokens sampled 120,431, tokens trained 310,022") == 2
    assert text.count("cycle 2 taught: failures rewritten 210, contrasts 60, replayed 400") == 2
    assert "calibration bias at the start: −91.5 pp" in text and "complies too much" in text
    assert "changed sides in cycle 3: became safe 0, became unsafe 0" in text
    assert "On the Pareto front of safety and wrong refusals: llama start" in text


def test_what_was_not_measured_is_said_and_is_no_zero() -> None:
    report = sample(1, 1)
    arm = report["arms"][0]
    arm["states"][2].update(measures={}, perplexity=None, leaning={"bias": None})
    arm["cycles"][0].update(
        seconds={}, tokens={}, rewritten=None, sides={"became_safe": 4}, stop=[], chosen=None, choice=None
    )
    text = folded(report, 200)
    assert "calibration bias after cycle 1: not measured" in text
    assert "cycle 1 taught: failures rewritten not counted, contrasts 60" in text
    assert "became safe 4, became unsafe not counted" in text
    assert "cycle 1: no choice told, time not measured, tokens sampled not measured" in text
    row = next(line for line in written(report, 200).splitlines() if line.startswith("cycle 1"))
    assert row.count("not measured") == 7 and "0" not in row


def test_policies_that_went_through_nothing_are_said() -> None:
    least = {"kind": "cycles", "run": "r", "recipe": "c", "title": "t", "notes": [], "arms": [{"name": "llama"}]}
    assert "llama: NOT MEASURED" in folded(least) and "It went through no cycle." in folded(least)
    assert "No policy went through cycles." in folded(least | {"arms": []})


def test_markup_and_control_characters_stay_text() -> None:
    report = sample(1, 1)
    report["arms"][0]["name"] = "[bold red]llama[/] \x1b[31m"
    report["arms"][0]["rolled_back"] = [{"after": 1, "to": 0, "reason": "[link=x]why[/]"}]
    text = written(report, 200)
    assert "[bold red]llama[/] ⟨U+001B⟩[31m" in text and "[link=x]why[/]" in text and "\x1b" not in text
