"""The page of a loop: its verdict, the paper's table under both judges, the rounds, examples; escaped, in both languages, whole or not."""

from __future__ import annotations

import copy
import html
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from typing import Any

import pytest

from primum.errors import InputError
from primum.report import render, write
from primum.report.loop_reading import checked, kept_round, quoted, scenes, spots, verdict
from primum.report.loop_words import QUESTIONS, mark_of
from primum.report.numbers import change, estimates, shown
from primum.report.words import MEDES_METRICS, step_words
from report.loop_sample import hacked, sample
from report.page_reader import PAYLOAD, read_page

_NEEDED = ("kind", "run", "recipe", "title", "notes", "table")


@pytest.fixture(scope="module")
def page() -> str:
    return render(sample())


@pytest.fixture(scope="module")
def text(page: str) -> str:
    return "".join(read_page(page).text)


def _section(page: str, name: str) -> str:
    start = page.index(f'<section id="{name}"')
    return html.unescape(page[start : page.index("<section id=", start + 1)])


def test_page_is_balanced_its_ids_are_unique_and_nothing_is_loaded(page: str) -> None:
    seen = read_page(page)
    ids = Counter(value for _, name, value in seen.attributes if name == "id")
    assert ids and max(ids.values()) == 1
    for tag, name, value in seen.attributes:
        if name == "aria-labelledby" or (name.endswith("href") and value.startswith("#")):
            assert value.lstrip("#") in ids, (tag, name, value)
        if name == "src" or name.endswith("href"):
            assert value.startswith("#") or value == "benchmark.html", (tag, name, value)
    assert "default-src 'none'" in page and "@import" not in page and not re.search(r"url\((?!#)", page)


def test_notes_come_before_the_verdict_and_the_verdict_before_the_table(page: str) -> None:
    places = [page.index(part) for part in (sample()["notes"][0], 'id="verdict"', 'id="table"', 'id="rounds"')]
    assert places == sorted(places)


def test_the_verdict_is_the_second_judges_with_its_intervals(page: str) -> None:
    report = sample()
    side = report["table"]["second"]
    banner = _section(page, "verdict")
    assert 'class="decision promote"' in banner and "RISK FELL" in banner and "风险下降" in banner
    for part in ("before", "after"):
        assert shown(side[part]["risk_rate"]).interval in banner  # type: ignore[union-attr]
    assert change(side["difference"]["risk_rate"], "risk_rate").interval in banner  # type: ignore[union-attr]
    assert banner.index("Second judge") < banner.index("Guardian") and "no proof" in banner


@pytest.mark.parametrize(
    ("low", "high", "heading", "tone"),
    [(-0.3, -0.1, "RISK FELL", "promote"), (-0.1, 0.1, "NO DIFFERENCE", "hold"), (0.1, 0.3, "RISK ROSE", "refuse")],
)
def test_the_guardians_own_verdict_never_decides(low: float, high: float, heading: str, tone: str) -> None:
    report = sample()
    report["table"]["second"]["difference"]["risk_rate"] |= {"value": (low + high) / 2, "low": low, "high": high}
    said = verdict(checked(report))
    assert heading in said.heading.en and said.tone == tone and not said.is_hacked
    del report["table"]["second"]["difference"]["risk_rate"]
    assert verdict(checked(report)).heading.en == "NOT MEASURED"


def test_a_hacked_judge_cannot_be_missed() -> None:
    report = hacked()
    page = render(report)
    assert "<title>A guardian in the loop, small · JUDGE HACKED · Primum</title>" in page
    banner = _section(page, "verdict")
    assert 'class="decision refuse hacked"' in banner and 'role="alert"' in banner
    for part in ("JUDGE HACKED", "评审被钻空子", report["watch"]["why_zh"], "after round 2", "第 2 轮后停止"):
        assert part in banner
    assert "Judge hacked: the loop was stopped." in page[: page.index('id="verdict"')]  # beside the notes, too
    assert kept_round(checked(report)) == 1 and "“After” is the policy of round 1." in page
    assert "not kept" in _section(page, "curves") and "not kept" not in _section(render(sample()), "curves")
    assert "JUDGE HACKED" not in render(sample())
    report["rounds"] = report["rounds"][1:]  # hacked at once: what is kept is the start
    assert "no round was kept" in render(report)


def test_the_table_of_the_paper_stands_under_both_judges(page: str) -> None:
    report = sample()
    section = _section(page, "table")
    second, guardian = section.split('id="table-guardian"')
    for judge, part in (("second", second), ("guardian", guardian)):
        rows = part[part.index("<tbody") :].split('<tr role="row"')[1:]
        assert len(rows) == 3
        for row, side in zip(rows, ("before", "after", "difference"), strict=True):
            cells = row.split('<td role="cell">')[1:]
            assert len(cells) == len(MEDES_METRICS) == 6
            for cell, name in zip(cells, MEDES_METRICS, strict=True):
                given = report["table"][judge][side][name]
                share = not name.startswith("comprehensive")
                wanted = change(given, name, share=share) if side == "difference" else shown(given, share=share)
                assert wanted is not None and wanted.interval in cell and wanted.value in cell
                assert f"n\xa0{wanted.n}" in cell and MEDES_METRICS[name].label.zh in cell
    assert all("1,717" in part and "2,828" in part for part in (second, guardian))  # abstained from
    assert "−0.694" in second and "−69.4" not in second  # a score from −1 to 1 has no per cent


def test_every_estimate_is_shown_with_its_interval(text: str) -> None:
    report = sample()
    counted = [report["table"], report["scenes"], [one["weak_spots"] for one in report["rounds"]], report["guardian"]]
    for estimate in estimates(counted):
        share = estimate["low"] >= 0
        wanted = {shown(estimate, share=flag).interval for flag in ((True,) if share else (True, False))}  # type: ignore[union-attr]
        wanted |= {shown(estimate, share=False).interval}  # type: ignore[union-attr]
        assert any(interval in text for interval in wanted), estimate


def test_scenes_have_their_names_in_both_languages_and_n(page: str) -> None:
    section = _section(page, "scenes")
    for scene in sample()["taxonomy"]["scenes"].values():
        assert scene["en"] in section and scene["zh"] in section
    assert "n\xa040" in section and "n\xa012" in section and section.count("not measured") >= 8
    listed = dict(scenes(checked(sample())))
    assert list(listed) == ["risk_rate", "comprehensive"]
    assert [scene for scene, _ in listed["risk_rate"]] == list(sample()["taxonomy"]["scenes"])


def test_rounds_show_weak_spots_counts_and_the_watch(page: str) -> None:
    section = _section(page, "rounds")
    report = sample()
    assert section.count("★") == 4 and "<\xa00.001" in section and "0.003" in section
    assert section.count('<details class="fold round"') == 3 and "No cell stands out" in section
    for one in report["rounds"]:
        assert one["watch"]["why"] in section and one["watch"]["why_zh"] in section
        assert change(one["watch"]["second"], "risk_rate").interval in section  # type: ignore[union-attr]
        for key in ("prompts", "feedback", "kept", "sft_rows", "pairs"):
            assert f"<dd>{one[key]}</dd>" in section
    weak, others = spots(report["rounds"][0])
    assert len(weak) == 4 and len(others) == 4


def test_heads_are_each_their_own_number(page: str) -> None:
    section = _section(page, "guardian")
    for label in ("Left-out voices", "Left-out norms", "Other language", "另一种语言", "simulated answers"):
        assert label in section
    for head, asked in QUESTIONS.items():
        assert f"{head} {asked.en}" in section
    assert section.count("<tr") == 1 + 6 + 1 + 12
    assert (
        section.count("7.2\xa0%</span>") == 6 and section.count("4.0\xa0% [") >= 6
    )  # abstained: a bare share, an estimate


def test_benchmark_and_norms(page: str) -> None:
    section, report = _section(page, "benchmark"), sample()
    for check, line in report["benchmark"]["checks"].items():
        assert f"<code>{check}</code>" in section and line in section
    assert '<a href="benchmark.html">' in section and "no item breaks a check" in section
    assert "Ethics" in section and "安全" in section and "Verified by a person" in section
    assert section.index(">Train<") < section.index(">Development<") < section.index(">Test<")
    report["benchmark"]["splits"] = {"test": 1, "train": 2, "dev": 3, "canary": 4}
    report["benchmark"] |= {"findings": 3, "page": "javascript:alert(1)"}
    section = _section(render(report), "benchmark")
    assert "3 <span" in section and "javascript:" not in section and "no item breaks" not in section
    assert section.index(">Train<") < section.index(">Test<") < section.index(">canary<")
    norms = _section(page, "corpus")
    assert "3,011" in norms and "5,120" in norms and "Must not" in norms and "禁止" in norms


def test_the_quote_is_marked_in_the_article(page: str) -> None:
    section = _section(page, "examples")
    assert section.count("<mark>") == 1 and "<mark>不得以任何形式买卖人体器官</mark>" in section
    assert "not word for word" in section  # the second example quotes what does not stand there
    assert quoted("abc", "b") == [("a", False), ("b", True), ("c", False)]
    assert quoted("abc", "") is None and quoted("abc", "x") is None


def test_examples_show_both_judges_marks_feedback_and_the_rewritten_answer(page: str) -> None:
    section, report = _section(page, "examples"), sample()
    for example in report["examples"]:
        assert example["prompt"] in section and f"primum trace {example['scenario']}" in section
        assert example["before"]["text"] in section
    assert section.count('<table class="marks">') == 2 and "No judge" in section
    told = report["examples"][1]
    assert told["rewritten"] in section and all(line in section for line in told["feedback"]["advice"])
    assert '<span class="mark bad">R1</span>' in section


def test_a_mark_is_never_made_of_what_is_not_there() -> None:
    assert mark_of("R1", {"R1": True}).words.en == "no risk" and mark_of("R1", {"R1": False}).words.en == "risk"
    assert mark_of("Q1", {"Q1": False}).sign == "✗" and mark_of("Q1", {"Q1": None}).words.en == "abstained"
    assert mark_of("Q1", {}).words.en == "not read"


def test_both_languages_are_in_the_page(page: str) -> None:
    seen = read_page(page)
    counts = Counter(value for tag, name, value in seen.attributes if tag == "span" and name == "class")
    assert counts["w-en"] == counts["w-zh"] > 200
    text = "".join(seen.text)
    for part in ("title_zh", "notes_zh"):
        given = sample()[part]
        assert all(line in text for line in ([given] if isinstance(given, str) else given))
    assert step_words("round 2: teaching").zh == "第 2 轮：教学" and "第 1 轮：训练" in text


def test_plots_are_well_formed(page: str) -> None:
    drawn = re.findall(r'<div class="drawn"[^>]*>(<svg.*?</svg>)</div>', page, re.S)
    assert len(drawn) == 4
    for svg in drawn:
        assert ElementTree.fromstring(svg).tag.endswith("svg") and "#0000" not in svg
    assert "第 3 轮" in drawn[1] and "医患关系" in drawn[0] and "伦理" in drawn[2]
    assert "not kept" in render(hacked())


def test_hostile_text_stays_text() -> None:
    page = render(_poisoned(sample()))
    seen = read_page(page)
    assert seen.tags["script"] == 1 and seen.tags["img"] == 0 and seen.tags["style"] == 1
    assert not [name for _, name, _ in seen.attributes if name.startswith("on")]
    text = "".join(seen.text)
    assert text.count("<script>alert(1)</script>") > 100 and "{{ 7*7 }}" in text
    assert "\u202e" not in page and "\x00" not in page and "⟨U+202E⟩" in text


def test_missing_parts_are_shown_as_missing() -> None:
    report = sample()
    bare: dict[str, Any] = {key: report[key] for key in _NEEDED} | {"table": {}, "notes": []}
    page = render(bare)
    read_page(page)
    for words in (
        "The second judge's risk rate was not measured.".replace("'", "&#39;"),
        "No scenes were measured.",
        "No curves were measured.",
        "No round was gone through.",
        "No guardian was measured.",
        "No benchmark is named.",
        "No corpus is named.",
        "No examples were kept.",
        "The report does not say.",
    ):
        assert words in page, words
    assert _section(page, "table").count("not measured") == 2 * 3 * 6
    nulls = bare | {key: None for key in report if key not in _NEEDED}
    assert render(nulls) == page


def test_null_estimates_and_an_unfinished_round_do_not_stop_the_page() -> None:
    report = _without_estimates(sample())
    report["rounds"].append({"round": 4})
    page = render(report)
    read_page(page)
    assert (
        page.count("<svg") == 3
    )  # the sign of the verdict, the dimensions and the seconds: nothing else is there to draw
    assert "This round was not watched." in page and "No cells were looked at." in page and "NOT MEASURED" in page


def test_equal_reports_give_equal_pages_and_the_report_is_left_alone(page: str) -> None:
    report = sample()
    kept = copy.deepcopy(report)
    assert render(report) == page and report == kept


def test_a_report_without_a_table_is_refused() -> None:
    for key in ("table", "title"):
        report = sample()
        del report[key]
        with pytest.raises(InputError, match=f"without '{key}'"):
            render(report)
    with pytest.raises(InputError, match="no table by judge"):
        render(sample() | {"table": ["risk"]})


def test_written_as_files(tmp_path) -> None:
    path = write(hacked(), tmp_path)
    assert "JUDGE HACKED" in path.read_text("utf-8") and (tmp_path / "report.json").exists()


def _poisoned(node: Any, key: str = "") -> Any:
    """Every text but the kind of report, and every name a person or a model may choose, with the payload behind it."""
    if isinstance(node, str):
        return node if key == "kind" else node + PAYLOAD
    if isinstance(node, list):
        return [_poisoned(part, key) for part in node]
    if isinstance(node, dict):
        named = key in ("seconds", "versions", "by_dimension", "by_task", "splits", "checks", "review", "by_modality")
        return {name + PAYLOAD if named else name: _poisoned(part, name) for name, part in node.items()}
    return node


def _without_estimates(node: Any) -> Any:
    if isinstance(node, dict):
        if {"value", "low", "high", "n", "unit"} <= node.keys():
            return None
        return {key: _without_estimates(part) for key, part in node.items()}
    return [_without_estimates(part) for part in node] if isinstance(node, list) else node
