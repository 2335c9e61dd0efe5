"""The page of a run of principles: its verdict, what it counts, the map and the tree; escaped, in both languages, whole or not."""

from __future__ import annotations

import copy
import html
import re
import subprocess
from collections import Counter

import pytest

from primum.errors import InputError
from primum.report import render
from primum.report.numbers import shown
from primum.report.principles_plots import maps, trees
from primum.report.principles_reading import (
    change,
    checked,
    cuts,
    flow,
    is_same_judge,
    linted,
    numbered,
    sorted_on,
    verdict,
)
from primum.report.principles_words import check_words, slice_words
from primum.report.words import RUBRIC_METRICS
from report.page_reader import PAYLOAD, read_page
from report.principles_sample import sample
from report.test_report_browser import CHROMIUM, QUIET

_NEEDED = ("run", "recipe", "title", "notes", "test")
_SECTIONS = (
    "flow",
    "table",
    "parts",
    "judges",
    "principles",
    "rubrics",
    "synthesis",
    "pairs",
    "revision",
    "case",
    "examples",
    "provenance",
    "repeat",
    "glossary",
)


@pytest.fixture(scope="module")
def page():
    return render(sample())


def _section(page, name):
    start = page.index(f'<section id="{name}"')
    following = _SECTIONS[_SECTIONS.index(name) + 1]
    return html.unescape(page[start : page.index(f'<section id="{following}"', start)])


def test_page_is_balanced_its_ids_are_unique_and_nothing_is_loaded(page):
    seen = read_page(page)
    ids = Counter(value for _, name, value in seen.attributes if name == "id")
    assert max(ids.values()) == 1
    for tag, name, value in seen.attributes:
        if name in ("aria-labelledby", "for") or name.endswith("href"):
            assert value.startswith("#") or not name.endswith("href"), (tag, name, value)
            assert value.lstrip("#") in ids, (tag, name, value)
        assert name != "src"
    assert "default-src 'none'" in page and "@import" not in page and not re.search(r"url\((?!#)", page)
    assert set(re.findall(r"https?://[^\s\"]+", page)) <= {"http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"}


def test_parts_stand_in_the_order_people_read_them(page):
    places = [page.index(sample()["notes"][0])] + [page.index(f'<section id="{name}"') for name in _SECTIONS]
    assert places == sorted(places)


def test_equal_reports_give_equal_pages(page):
    assert render(copy.deepcopy(sample())) == page


def test_every_phrase_is_in_both_languages(page):
    assert page.count('class="w-en"') == page.count('class="w-zh"') > 400
    text = "".join(read_page(page).text)
    for words in ("谁来教、谁来量", "Who teaches and who measures", "原则：样例", "紧急程度", "Asks for two things"):
        assert words in text


def test_the_strip_counts_from_queries_to_revision(page):
    counts = [one.total for one in flow(checked(sample()))]
    assert counts == [2180, 1400, 6450, 6, 694, 115, 115, sample()["revision"]["report"]["answers"]]
    strip = _section(page, "flow")
    assert "2,180" in strip and "1,400 labelled, 700 unlabelled, 80 tested" in strip and "有标注 1,400" in strip


def test_the_table_has_every_measure_with_interval_and_reading(page):
    table = _section(page, "table")
    for row in sample()["test"]["comparisons"]:
        if row["by"] == "all":
            assert RUBRIC_METRICS[row["metric"]].label.zh in table
            for side in ("before", "after"):
                assert shown(row[side]).interval in table
    assert 'class="decision promote"' in table and "MORE IS SATISFIED" in table
    assert "3.8" in table and "7.2" in table and "2 → 2" in table
    assert "Criteria the judge cannot read" in table


@pytest.mark.parametrize(
    ("metric", "low", "high", "unusable", "tone", "heading"),
    [
        ("satisfied", 0.1, 0.3, 2, "promote", "MORE IS SATISFIED"),
        ("satisfied", -0.1, 0.3, 2, "hold", "NO DIFFERENCE SHOWN"),
        ("satisfied", -0.3, -0.1, 2, "refuse", "LESS IS SATISFIED"),
        ("satisfied", 0.1, 0.3, 35, "hold", "MORE IS SATISFIED"),
        ("veto_rate", 0.1, 0.3, 2, "refuse", "SAFETY GOT WORSE"),
        ("safety", -0.3, -0.1, 2, "refuse", "SAFETY GOT WORSE"),
    ],
)
def test_harm_to_safety_and_lost_language_come_before_a_gain(metric, low, high, unusable, tone, heading):
    report = sample()
    report["test"]["unusable"]["after"] = unusable
    row = next(one for one in report["test"]["comparisons"] if one["by"] == "all" and one["metric"] == metric)
    row["difference"] |= {"value": (low + high) / 2, "low": low, "high": high}
    said = verdict(checked(report))
    assert (said.tone, said.heading.en) == (tone, heading)
    assert bool(said.warnings) == (unusable > 2)
    if said.warnings:
        assert said.warnings[0].en == "35 of 80 answers after teaching are unusable (no language); 2 before."
        assert render(report).count(said.warnings[0].zh) == 2  # in the notes and at the table


def test_a_difference_is_read_by_which_way_is_better():
    up = {"value": 0.2, "low": 0.1, "high": 0.3, "n": 9, "unit": "cluster"}
    readings = [change(up, name).reading for name in ("satisfied", "veto_rate", "unheard_of")]
    assert readings == ["better", "worse", "higher"]
    assert change(up | {"low": -0.1}, "veto_rate").reading == "none" and change(None, "safety") is None


def test_parts_are_cut_by_language_and_dimension_in_their_order(page):
    found = cuts(sample()["test"]["comparisons"])
    assert [(by, [name for name, _ in rows]) for by, rows in found] == [
        ("language", ["en", "zh"]),
        ("urgency", ["emergency"]),
        ("task", ["treat"]),
    ]
    parts = _section(page, "parts")
    assert "plot-forest" in parts and slice_words("urgency", "emergency").zh in parts and "Emergency" in parts
    assert sorted_on(sample()["profiles"])[0] == ("urgency", [("emergency", 2), ("prompt", 0), ("routine", 3)])


def test_what_lint_found_and_left(page):
    assert linted(sample()["rubrics"]) == [("double_barrelled", 213, 0), ("vague", 20, 7), ("duplicate", 0, 3)]
    assert check_words("double_barrelled").zh in _section(page, "rubrics")


def test_marks_and_leaves_carry_the_statement_of_their_own_number(page):
    found = sample()["principles"]
    rows = numbered(found)
    assert [row["id"] for row in rows] == found["order"]
    drawn = maps(found["drawing"], rows)
    assert [(one.language, len(one.spots)) for one in drawn] == [("en", 2), ("zh", 4)]
    for one in drawn:
        assert {spot.row["language"] for spot in one.spots} == {one.language}
        sizes = [spot.row["criteria"] for spot in one.spots]
        assert sizes == sorted(sizes, reverse=True) and all(0 <= spot.x <= one.width for spot in one.spots)
    largest = drawn[1].spots[0]  # in the drawing the first of zh, which lies furthest to the left
    assert largest.row["statement"] == "建议及时到医院就诊。" and largest.x == min(spot.x for spot in drawn[1].spots)
    section = _section(page, "principles")
    for row in rows:
        assert f'<tr id="{row["id"]}">' in section and section.count(f'<a href="#{row["id"]}"') == 2
        assert section.count(f"<title>{row['statement']}") == 2


def test_the_tree_joins_neighbours_and_crosses_nothing():
    found = sample()["principles"]
    tree = trees(found["drawing"], numbered(found))[1]
    # Of four leaves 1 and 2 join first, then 0, then 3: they stand beside each other in that order.
    assert [leaf.row["statement"][:2] for leaf in tree.leaves] == ["解释", "建议", "询问", "保证"]
    assert len(tree.lines) == 3 and tree.lines[-1].startswith(f"M{tree.deep:.1f} {tree.leaves[0].y:.1f}H0.0V")
    assert [mark for _, mark in tree.ticks] == ["0.00", "0.23", "0.45", "0.68", "0.90"]
    broken = {**found["drawing"], "merges": {"en": [[0, 7, 0.2, 2]], "zh": []}}
    assert trees(broken, numbered(found)) == []


def test_revision_is_shown_as_on_its_own_page_one_level_down(page):
    section = _section(page, "revision")
    for words in ("Round by round", "What it mends and what it harms", "Drafts and cost", "Drafts to read"):
        assert f"{words}</span>" in section
    assert "<h2" not in section[section.index('class="revised"') :] and "plot-revision-curves" in section
    assert "Both judges gave the same figures" not in section
    report = sample()
    for one in report["revision"]["report"]["rounds"]:
        one["second"] = one["judge"]
    assert is_same_judge(report["revision"]["report"]) and "Both judges gave the same figures" in render(report)


def test_a_case_is_followed_with_every_id(page):
    case, chain = sample()["case"], _section(page, "case")
    ids = [case["members"][0]["id"], case["principle"]["id"], case["query"]["id"], case["rubric"]]
    ids += [case["criterion"]["id"], case["preference"]["id"], case["policy"]]
    places = [chain.index(f"primum trace {id}") for id in ids]
    assert places == sorted(places)
    assert "2.24" in chain and case["chosen"] in chain and case["rejected"] in chain and "《医师法》" in chain


@pytest.mark.parametrize("key", [key for key in sample() if key not in ("kind", *_NEEDED)])
def test_what_is_missing_is_shown_as_missing(key):
    report = sample()
    for gone in ({}, None):
        if gone is None:
            report[key] = None
        else:
            del report[key]
        read_page(render(report))


def test_the_least_report_there_can_be():
    page = render({key: sample()[key] for key in ("kind", *_NEEDED)} | {"test": {}})
    read_page(page)
    assert "NOT MEASURED" in page and page.count('class="missing"') > 10


@pytest.mark.parametrize("key", _NEEDED)
def test_a_report_without_its_parts_is_refused(key):
    report = sample()
    del report[key]
    with pytest.raises(InputError, match=key):
        render(report)
    with pytest.raises(InputError, match="no table"):
        render(sample() | {"test": [1]})


def _poisoned(node):
    """Every text but the names that choose what is drawn replaced by hostile text."""
    kept = {"kind", "language", "by", "name", "metric", "unit", "ended", "id", "order", "undefined"}
    if isinstance(node, dict):
        return {key: value if key in kept and key != "id" else _poisoned(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_poisoned(one) for one in node]
    return PAYLOAD if isinstance(node, str) and not re.fullmatch(r"[a-z]+-[0-9a-f]{20}", node) else node


def test_hostile_text_stays_text(page):
    report = _poisoned(sample()) | {"kind": "principles"}
    for name in ("teaches", "measures"):
        report["judges"][name] = {"id": "judgeref-00000000000000000001", "name": PAYLOAD, "kind": PAYLOAD}
    hostile = render(report)
    seen, clean = read_page(hostile), read_page(page)
    assert seen.tags["script"] == clean.tags["script"] == 1 and seen.tags["img"] == 0
    assert "49" not in "".join(seen.text).split() and "\u202e" not in hostile and "\x00" not in hostile
    assert "⟨U+202E⟩" in hostile and not any(name.startswith("on") for _, name, _ in seen.attributes)


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
@pytest.mark.parametrize("width", [1280, 640, 500])
def test_in_a_browser_nothing_is_too_wide_and_rows_can_be_found(page, tmp_path, width):
    # 640 is what a window of 1280 holds at 200 % zoom.
    asked = tmp_path / "asked.html"
    measure = (
        "<script>addEventListener('load',function(){var f=document.getElementById('find');f.value='safety 保证';"
        "f.dispatchEvent(new Event('input'));var e=document.documentElement;"
        "document.title='wide '+e.scrollWidth+' of '+e.clientWidth+' found '+"
        "document.querySelector('[data-found]').textContent})</script></body>"
    )
    text = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page).replace("</body>", measure)
    asked.write_text(text, "utf-8")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path}", f"--window-size={width},900", "--dump-dom"]
    done = subprocess.run([*command, asked.as_uri()], capture_output=True, text=True, check=True, timeout=120)
    found = re.search(r"<title>wide (\d+) of (\d+) found (\d+)</title>", done.stdout)
    assert found is not None and int(found[1]) <= int(found[2]), found
    assert found[3] == "1"


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
def test_its_own_policy_lets_its_script_run(page, tmp_path):
    kept = tmp_path / "page.html"
    kept.write_text(page, "utf-8")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path}", "--dump-dom", f"{kept.as_uri()}?lang=zh"]
    held = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert 'data-words="zh"' in held and re.search(r'<div class="finder" data-find="principles-table">', held)
