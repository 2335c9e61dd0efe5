"""The judge's certificate in the report: every number shown, an uncertified judge said to be so, in both languages, data escaped."""

from __future__ import annotations

import html
import io
import json
import re
from typing import Any

import pytest
from report_sample import judge, sample
from rich.cells import cell_len
from rich.console import Console

from primum.errors import InputError
from primum.judging.certificate import StanceRow, VerdictRow, certify, certify_stances, why_invalid
from primum.judging.probes import PROBES
from primum.judging.probes.injections import INJECTIONS
from primum.records import ByImport, BySimulation, Certificate, JudgeRef, encode
from primum.report import render, summary
from primum.report.certificate import error_tables, probes, standing, terminal_line
from primum.report.certificate_words import GLOSSARY, measure_words, probe_words, sentence_words, shift_words
from primum.report.numbers import change, estimates, percent, shown
from primum.report.page import checked
from primum.report.words import Pair, humanise


def section(report: dict[str, Any]) -> str:
    page = render(report)
    start = page.index('<section id="certificate"')
    return page[start : page.index('<section id="examples"')]


def text_of(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def written(report: dict[str, Any], width: int = 100) -> str:
    file = io.StringIO()
    Console(width=width, file=file, no_color=True, force_terminal=False).print(summary(report))
    lines = file.getvalue().splitlines()
    assert max(cell_len(line) for line in lines) <= width
    return " ".join(file.getvalue().split())


def uncertified(why: str, why_zh: str = "", *, has_certificate: bool = True) -> dict[str, Any]:
    report = sample()
    report["judge"] |= {"certified": False, "why_not": why, "why_not_zh": why_zh}
    if not has_certificate:
        report["judge"]["certificate"] = None
    return report


def test_every_number_of_the_certificate_is_in_its_section() -> None:
    shows, certificate = section(sample()), judge()["certificate"]
    text = text_of(shows)
    wanted = [shown(one) for one in estimates(certificate)]
    assert len(wanted) > 60
    for part in wanted:
        assert part is not None and part.interval in text
    for part in certificate["reliability"]:
        assert f"{percent(part['confidence'])} %" in text.replace("\xa0", " ")
    for fact in ("1,350", "2026-11-21", "2027-05-20", "healthbench:physicians", "5e1c5e1c5e1c…"):
        assert fact in text
    assert "5e1c" * 16 in shows and text.count("5e1c" * 4) == 0


def test_each_probe_stands_in_a_row_with_what_was_changed_and_what_came_of_it() -> None:
    shows = section(sample())
    for probe in judge()["certificate"]["probes"]:
        known = probe_words(probe["probe"])
        rows = [row for row in shows.split("<tr") if known.label.en in html.unescape(row) and "</th>" in row]
        row = html.unescape(rows[-1])
        assert known.label.zh in row and known.changed.en in row and known.changed.zh in row
        if probe["changed"] is None:
            assert "not measured" in row and probe["note"] in row and "%" not in row
            continue
        moved, shift = shown(probe["changed"]), change(probe["shift"], "shift")
        assert moved is not None and shift is not None
        assert row.index(moved.interval) < row.index(shift.interval) and shift.value in row
        assert shift_words(shift.reading, "verdict").en in row


def test_the_sign_of_a_shift_is_said_in_words_for_verdicts_and_stances() -> None:
    assert shift_words("higher", "verdict") == Pair("more often “met”", "更常判为“符合”")
    assert shift_words("lower", "stance") == Pair("less often “accept”", "更少判为“接受”")
    assert shift_words("none", "stance").en == "no shift shown"


def test_a_certified_judge_is_said_to_be_so_and_is_no_warning() -> None:
    report = sample()
    shows = section(report)
    assert (
        'class="standing certified"' in shows and "Certified until 2027-05-20" in shows and "UNCERTIFIED" not in shows
    )
    assert "证书有效期至 2027-05-20" in shows and "people&#39;s labels" in shows and "人工标注" in shows
    line = "judge certified against people until 2027-05-20: agrees on 93.1\xa0% [90.5, 95.8]"
    assert terminal_line(report["judge"]) == line and line.replace("\xa0", " ") in written(report)
    assert standing(report["judge"]).notice is None
    assert '<a href="#certificate">' in render(report)


@pytest.mark.parametrize("has_certificate", [True, False])
def test_an_uncertified_judge_is_said_to_be_so_before_any_number(has_certificate: bool) -> None:
    why = "it expired on 2026-11-01" if has_certificate else "it has no certificate"
    report = uncertified(why, has_certificate=has_certificate)
    page, shows = render(report), section(report)
    told = "its certificate expired on 2026-11-01" if has_certificate else why
    chinese = "证书已于 2026-11-01 到期" if has_certificate else "没有证书"
    first = page[page.index('<section class="notes"') : page.index('<section id="headline"')]
    for part in (first, shows):
        assert f"UNCERTIFIED: {told}" in part and f"未经认证：{chinese}" in part
    assert 'class="standing uncertified"' in shows and "Certified until" not in shows
    assert f"! The judge of this report is UNCERTIFIED: {told}." in written(report, 80)
    assert terminal_line(report["judge"]) is None and "judge certified" not in written(report)
    assert ("Agreement" in shows) == has_certificate


def test_an_uncertified_judge_is_said_even_where_the_report_has_no_notes() -> None:
    report = uncertified("it has no certificate", has_certificate=False)
    report["notes"] = []
    assert "is UNCERTIFIED" in render(report) and "is UNCERTIFIED" in written(report)
    quiet = sample()
    quiet["notes"] = []
    assert 'class="notes"' not in render(quiet)


def test_a_reason_nobody_knows_is_shown_as_it_is_and_in_the_chinese_that_is_given() -> None:
    shows = section(uncertified("the wind blew it away.", "被风吹走了"))
    assert "UNCERTIFIED: the wind blew it away<" in shows and "未经认证：被风吹走了<" in shows
    assert "no reason is given" in section(uncertified("")) and "未说明原因" in section(uncertified(""))


def test_labels_that_are_not_people_s_are_never_taken_for_them() -> None:
    report = sample()
    report["judge"]["certificate"]["reference_kind"] = "simulated"
    shows, ends = section(report), written(report)
    assert (
        'class="standing limited"' in shows and "against simulated labels only" in shows and "仅对照模拟标注" in shows
    )
    assert "certified against simulated labels only" in render(report).split('<section id="headline"')[0]
    assert "judge certified against simulated labels until 2027-05-20" in ends and "against people until" not in ends
    assert "! The judge of this report is certified against simulated labels only" in ends


def test_a_report_without_a_judge_says_so() -> None:
    report = sample()
    for without in (None, {}):
        report["judge"] = without
        assert "Not stated" in section(report) and "未说明" in section(report)
        assert "judge: not stated" in written(report)
    del report["judge"]
    assert "Not stated" in section(report) and "plot-certificate" not in render(report)


def test_certified_without_a_certificate_is_refused() -> None:
    report = sample()
    report["judge"]["certificate"] = None
    for shows in (render, summary):
        with pytest.raises(InputError, match="certified without a certificate"):
            shows(report)


def test_an_empty_certificate_says_what_it_lacks() -> None:
    report = sample()
    report["judge"]["certificate"] |= {"probes": [], "reliability": [], "conditions": [], "errors": []}
    text = text_of(section(report))
    assert "The judge was not probed" in text and "states no conditions" in text and "states no error rates" in text
    assert "plot-certificate" not in render(report) and "agrees on" not in written(report)
    report["judge"]["certificate"]["reliability"] = judge()["certificate"]["reliability"]
    only_reliability = render(report)
    report["judge"]["certificate"] |= {"reliability": [], "probes": judge()["certificate"]["probes"]}
    only_probes = render(report)
    assert "How sure the judge was" in only_reliability and "Verdicts each probe changed" not in only_reliability
    assert "Verdicts each probe changed" in only_probes and "How sure the judge was" not in only_probes


def test_a_probe_that_decided_no_pair_still_shows_how_often_it_was_abstained_from() -> None:
    report = sample()
    nothing = (
        "the judge decided none of the pairs both before and after the change. 3 tokens a verdict, 4 asked one a call"
    )
    abstained = {"value": 1.0, "low": 0.777, "high": 1.0, "n": 9, "unit": "conversation"}
    report["judge"]["certificate"]["probes"] = [
        {"probe": "length", "n": 9, "changed": None, "shift": None, "abstained": abstained, "note": nothing}
    ]
    shows = html.unescape(section(report))
    assert nothing in shows and "[77.7, 100.0]" in shows
    assert "改动前后评审都作出判断的，一对也没有。每条评判 3 个词元，逐条提问时 4 个" in shows


def test_single_planted_texts_are_folded_and_stay_out_of_the_plot() -> None:
    found = probes(judge()["certificate"])
    assert [one["probe"] for one in found.single] == ["injection: grader note first (zh)"]
    assert len(found.whole) == len(judge()["certificate"]["probes"]) - 1
    page = render(sample())
    drawn = next(svg for svg in re.findall("<svg.*?</svg>", page, re.DOTALL) if "plot-certificate" in svg)
    assert "grader note first" not in drawn and "植入：劝说" in drawn and "Planted: persuasion" in drawn


def test_errors_are_cut_into_tables_with_what_was_not_measured_left_open() -> None:
    tables = error_tables(judge()["certificate"]["errors"])
    assert [table.by for table in tables] == ["all", "class", "axis", "language", "model", "points", "ward_round"]
    assert tables[1].measures == ["sensitivity", "precision"] and [name for name, _ in tables[1].rows] == [
        "met",
        "not met",
    ]
    language = next(table for table in tables if table.by == "language")
    assert language.measures == ["agreement", "abstained"] and "abstained" not in dict(language.rows)["zh"]
    shows = section(sample())
    assert shows.count("not measured</span>") == 1 and shows.count("<details") == 7
    assert "不符合" in shows and "沟通质量" in shows and "gpt_4" in shows and "Ward round" in shows


def test_hostile_text_in_the_certificate_stays_text() -> None:
    bad = "\"'><script>alert(1)</script><b onclick=x>{{ 7*7 }}\u202e[bold]"

    def poisoned(node: Any) -> Any:
        if isinstance(node, str):
            return node + bad
        if isinstance(node, dict):
            return {key: poisoned(part) for key, part in node.items()}
        return [poisoned(part) for part in node] if isinstance(node, list) else node

    for is_certified in (True, False):
        report = sample()
        report["judge"] = poisoned(report["judge"]) | {"certified": is_certified}
        page = render(report)
        shows = section(report)
        assert page.count("<script>") == 1 and "<b " not in shows and "49" not in text_of(shows).split("7*7")[0]
        assert shows.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 60 and "\u202e" not in page
        assert "against people until" not in written(report) and "[bold]" in written(report).replace(" ", "")


def test_the_report_is_left_alone_and_checked_twice_is_the_same() -> None:
    report = sample()
    assert checked(checked(report)) == checked(report) and report == sample()


def test_measures_probes_and_planted_texts_have_words_in_both_languages() -> None:
    names = [*PROBES, "batch_size=4", "batch_size=all", "injection: structural", "injection: persuasive"]
    names += [f"injection: {one.name} ({one.language})" for one in INJECTIONS]
    for name in names:
        known = probe_words(name)
        assert re.search("[\u4e00-\u9fff]", known.label.zh) and not re.search("[\u4e00-\u9fff]", known.label.en), name
        assert known.changed.zh != "此项探测未附说明。", name
        assert known.is_single == ("(" in name) and not re.search("[a-z]{3}", known.label.zh.replace("JSON", "")), name
    for measure in ("agreement", "abstained", "sensitivity", "precision"):
        assert measure_words(measure)[0].en != measure and measure_words(measure) in GLOSSARY
    assert probe_words("tomorrow_s").label == Pair(humanise("tomorrow_s"), humanise("tomorrow_s"))
    page = render(sample())
    glossary = html.unescape(page[page.index('id="glossary"') :])
    for term, meaning in GLOSSARY:
        assert term.en in glossary and term.zh in glossary and meaning.en in glossary and meaning.zh in glossary


def test_what_certificates_say_is_known_in_chinese() -> None:
    for one in (*_certificates(),):
        for condition in one.conditions:
            told = sentence_words(condition)
            assert told.en == condition and re.search("[\u4e00-\u9fff]", told.zh), condition
    one, ref = next(iter(_certificates())), _ref("another")
    for why in (why_invalid(one, ref, "2026-12-01"), *(_of(one, day) for day in ("2020-01-01", "2099-01-01"))):
        assert why is not None and sentence_words(why).zh != why, why
    assert sentence_words("not probed: points, language").zh == "未探测：分值、语言"
    assert sentence_words("only 3 labels say not met").zh == "标注为“不符合”的仅有 3 条"
    assert sentence_words("no label says caution: how often the judge finds it is unknown").zh.startswith(
        "没有标注为“谨慎”"
    )
    assert sentence_words("of our own {0}") == Pair("of our own {0}", "of our own {0}")


def test_certificates_as_they_are_written_are_shown() -> None:
    for one in _certificates():
        report = sample()
        report["judge"]["certificate"] = {**json.loads(encode(one)), "id": one.id}
        text = text_of(section(report))
        assert one.calibrated_on[:12] in text and one.expires in text
        for part in estimates(report["judge"]["certificate"]):
            seen = shown(part)
            assert seen is not None and seen.interval in text
        for condition in one.conditions:
            assert condition in text and sentence_words(condition).zh in text


def _of(certificate: Certificate, day: str) -> str | None:
    own = _ref("judge")
    assert own.id == certificate.judge
    return why_invalid(certificate, own, day)


def _ref(name: str, kind: Any = "chat_model", trained_on: tuple[str, ...] = ()) -> JudgeRef:
    made = BySimulation(generator="g", seed=1) if kind == "simulated" else ByImport(dataset="d", row="all")
    return JudgeRef(name=name, kind_of=kind, fingerprint="0" * 64, made=made, trained_on=trained_on)


def _certificates() -> list[Certificate]:
    """Certificates that between them say nearly every sentence there is."""
    truths = (True, False, True, True, None, True)
    verdicts = [
        VerdictRow(truth is not False, 0.9, truth, f"c{place}", {"axis": "a"}, f"l{place}", f"r{place % 2}")
        for place, truth in enumerate(truths)
    ]
    stances = [StanceRow("refuse", 0.8, "refuse", f"c{place}", {}, f"l{place}") for place in range(4)]
    person, simulated = _ref("people", "person"), _ref("voices", "simulated")
    return [
        certify(_ref("judge"), verdicts, person, "2026-11-21"),
        certify_stances(_ref("guardian", "guardian", ("m1", "m2")), stances, simulated, "2026-11-21"),
        certify_stances(_ref("guardian", "guardian", ("l1",)), stances, person, "2026-11-21", left_out="model"),
    ]
