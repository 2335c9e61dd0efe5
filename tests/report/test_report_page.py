"""The page: whole, balanced, escaped, in both languages, the same every time, and needing nothing from outside."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from typing import Any

import pytest
from page_reader import PAYLOAD, Reader, read_page
from report_sample import sample

from primum.errors import InputError
from primum.report import render
from primum.report.numbers import change, estimates, percent, shown
from primum.report.words import METRICS, outcome_words, stance_words


@pytest.fixture(scope="module")
def page() -> str:
    return render(sample())


@pytest.fixture(scope="module")
def seen(page: str) -> Reader:
    return read_page(page)


@pytest.fixture(scope="module")
def text(seen: Reader) -> str:
    return "".join(seen.text)


def test_page_is_balanced_and_its_ids_are_unique(seen: Reader) -> None:
    ids = Counter(value for _, name, value in seen.attributes if name == "id")
    assert ids and max(ids.values()) == 1
    for tag, name, value in seen.attributes:
        if name == "aria-labelledby" or (name.endswith("href") and value.startswith("#")):
            assert value.lstrip("#") in ids, (tag, name, value)


def test_every_estimate_is_shown_with_its_interval(text: str) -> None:
    wanted = Counter(shown(estimate).interval for estimate in estimates(sample()))  # type: ignore[union-attr]
    assert sum(wanted.values()) > 200
    for interval, times in wanted.items():
        assert text.count(interval) >= times, interval


def test_every_headline_number_stands_in_its_row(page: str) -> None:
    report = sample()
    table = page[page.index('<table class="big stack"') :]
    rows = table[: table.index("</table>")].split('<tr role="row">')[2:]
    names = [name for name in METRICS if name in report["before"]]
    assert len(rows) == len(names) == 6
    for row, name in zip(rows, names, strict=True):
        difference = change(report["difference"][name], name)
        before, after = shown(report["before"][name]), shown(report["after"][name])
        assert difference and before and after
        assert METRICS[name].label.en in row and METRICS[name].label.zh in row
        assert [row.index(part.value) < row.index(part.interval) for part in (before, after, difference)] == [True] * 3
        assert row.index(before.interval) < row.index(after.interval) < row.index(difference.interval)
        assert f"n&nbsp;{before.n}" in row and f'class="reading {difference.reading}"' in row


@pytest.mark.parametrize(
    ("decision", "english", "chinese"),
    [("promote", "PROMOTE", "放行"), ("hold", "HOLD", "暂缓"), ("refuse", "REFUSE", "拒绝")],
)
def test_decision_comes_first_with_its_reasons(decision: str, english: str, chinese: str) -> None:
    report = sample()
    report["gate"]["decision"] = decision
    page = render(report)
    banner = page[page.index('<section id="decision"') : page.index("</section>")]
    assert f'class="decision {decision}"' in banner and english in banner and chinese in banner
    for reason in report["gate"]["reasons"]:
        assert reason in banner
    assert page.index(report["notes"][0]) < page.index('id="headline-title"')


def test_every_example_norm_verdict_and_rule_is_shown(text: str, page: str) -> None:
    report = sample()
    assert len(report["examples"]) == 20
    for example in report["examples"]:
        assert example["prompt"] in text and f"primum trace {example['scenario']}" in text
        for norm in example["norms"]:
            assert norm["reference"] in text and norm["text"] in text and f'title="primum trace {norm["id"]}"' in page
        for answer in (example["before"], example["after"]):
            assert answer["text"] in text and answer["reason"] in text
            assert f'title="primum trace {answer["response"]}"' in page
            for language in stance_words(answer["stance"]):
                assert language in text
            for verdict in answer["verdicts"]:
                assert verdict["criterion"] in text and outcome_words(verdict["outcome"]).zh in text
    for rule in report["gate"]["rules"]:
        assert rule["rule"] in text and rule["found"] in text
    assert "case 6" in text and "names no norm" in text


def test_provenance_and_the_way_to_repeat_are_shown(text: str) -> None:
    report = sample()
    for part in (report["run"], report["recipe"], report["ledger"]["head"], report["repeat"]["command"]):
        assert part in text
    assert report["repeat"]["settings"] in text and "1,278" in text and "1,312,896" in text
    for package, version in report["repeat"]["versions"].items():
        assert f"{package}\xa0{version}" in text
    assert "Answers the judge abstained from:" in text and text.count("411") >= 3
    for part in report["guardian"]["calibration"]:
        assert f"[{percent(part['interval'][0])}, {percent(part['interval'][1])}]" in text
    for policy in report["policies"]:
        assert policy["id"][: len("policyref-") + 8] in text


def test_both_languages_are_in_the_page_and_marked(page: str, seen: Reader, text: str) -> None:
    for known in METRICS.values():
        assert known.definition.en in text and known.definition.zh in text
    counts = Counter(value for tag, name, value in seen.attributes if tag == "span" and name == "class")
    assert counts["w-en"] == counts["w-zh"] > 200
    languages = Counter(value for _, name, value in seen.attributes if name == "lang")
    assert languages["zh-Hans"] >= counts["w-zh"] and languages["zh"] >= 60
    assert '<html lang="en" data-words="en">' in page
    assert '<tspan class="w-en">Unsafe compliance</tspan><tspan class="w-zh" lang="zh">不安全顺从率</tspan>' in page


def test_chinese_reasons_are_shown_when_they_are_given() -> None:
    report = sample()
    report["gate"]["reasons_zh"] = ["临界误拒率的上界为 44.1 %。", "只测了 48 个临界请求。"]
    report["notes_zh"] = ["只有一句，与原文对不上。"]
    page = render(report)
    assert '<span class="w-zh" lang="zh-Hans">只测了 48 个临界请求。</span>' in page
    assert "与原文对不上" not in page  # not one for each: which belongs to which cannot be told


def test_same_report_gives_the_same_page_in_another_process(page: str) -> None:
    assert render(sample()) == page
    code = (
        "import sys; from report_sample import sample; from primum.report import render; "
        "sys.stdout.buffer.write(render(sample()).encode())"
    )
    again = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, cwd=__file__.rpartition("/")[0]
    )
    assert again.stdout.decode() == page


def test_render_leaves_the_report_alone() -> None:
    report = sample()
    kept = copy.deepcopy(report)
    render(report)
    assert report == kept


def test_nothing_is_loaded_from_outside(page: str, seen: Reader) -> None:
    for tag, name, value in seen.attributes:
        if name == "src" or name.endswith("href") or name == "action":
            assert value.startswith("#"), (tag, name, value)
    assert seen.tags["link"] == seen.tags["img"] == seen.tags["iframe"] == 0
    assert "@import" not in page and not re.search(r"url\((?!#)", page)
    assert "default-src 'none'" in page


def test_hostile_text_stays_text() -> None:
    page = render(_poisoned(sample()))
    seen = read_page(page)
    assert seen.tags["script"] == 1 and seen.tags["img"] == 0 and seen.tags["style"] == 1
    assert not [name for _, name, _ in seen.attributes if name.startswith("on")]
    text = "".join(seen.text)
    assert text.count("<script>alert(1)</script>") > 200 and "{{ 7*7 }}" in text
    assert "\u202e" not in page and "\x00" not in page and "⟨U+202E⟩" in text and "⟨U+0000⟩" in text


def test_the_only_script_that_may_run_is_the_one_named_by_its_hash(page: str) -> None:
    import base64
    import hashlib

    script = page[page.index("<script>") + len("<script>") : page.index("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


def test_a_lone_surrogate_does_not_stop_the_page() -> None:
    report = sample()
    report["examples"][0]["before"]["text"] = "cut \ud83d"
    assert "cut ⟨U+D83D⟩" in render(report).encode().decode()


def test_optional_parts_may_be_missing(seen: Reader) -> None:
    report = sample()
    empty: dict[str, Any] = {
        key: report[key] for key in ("run", "recipe", "title", "notes", "before", "after", "difference", "gate")
    }
    page = render({**empty, "slices": [], "branches": {}})
    read_page(page)
    assert (
        "No guardian was measured." in page
        and "No examples were kept." in page
        and "No slices" in page
        and "No branches" in page
    )
    assert seen.tags["svg"] == 8 and read_page(page).tags["svg"] == 2  # the sign of the decision, and the headline
    del report["guardian"]["held_out_rows"]
    del report["abstained"], report["guardian"]["confusion"]
    report["branches"]["kto"]["gain"] = None
    assert "not measured" in render(report) and "Held-out rows" not in render(report)


def test_nothing_measured_is_shown_as_such() -> None:
    report = sample()
    for key in ("before", "after", "difference"):
        report[key] = {}
    assert "Safety score" in render(report)
    report["before"] = {"safety_score": sample()["before"]["safety_score"]}
    table = render(report).split('<table class="big stack"')[1].split("</table>")[0]
    assert table.count("not measured") == 2


def test_an_unknown_measure_is_humanised_and_claims_no_direction() -> None:
    report = sample()
    for key, value in (("before", 1.5), ("after", 2.25), ("difference", 0.75)):
        report[key]["words_per_answer"] = {
            "value": value,
            "low": value - 0.5,
            "high": value + 0.5,
            "n": 9,
            "unit": "scenario",
        }
    page = render(report)
    row = next(part for part in page.split('<tr role="row">') if "Words per answer" in part).split("</tr>")[0]
    assert "[1.75, 2.75]" in row and "%" not in row and 'class="reading higher"' in row
    assert "better" not in row.replace("no difference", "")


@pytest.mark.parametrize("missing", ["gate", "before", "slices"])
def test_a_report_without_a_needed_part_is_refused(missing: str) -> None:
    report = sample()
    del report[missing]
    with pytest.raises(InputError, match=f"without '{missing}'"):
        render(report)


def test_an_unknown_decision_is_refused() -> None:
    report = sample()
    report["gate"]["decision"] = "perhaps"
    with pytest.raises(InputError, match="perhaps"):
        render(report)


def test_plots_are_well_formed_and_have_words_beside_them(page: str) -> None:
    drawn = re.findall(
        r'<figure class="plot">\n<div class="drawn"[^>]*aria-label="([^"]+)">(<svg.*?</svg>)</div>\n<figcaption>',
        page,
        re.S,
    )
    assert len(drawn) == 6
    for label, svg in drawn:
        assert len(label) > 30 and ElementTree.fromstring(svg).tag.endswith("svg")
        assert "var(--ink)" in svg and "#0000" not in svg and "<style" not in svg
    assert "中文开放集" in drawn[1][1] and "通用模型 $x$" in drawn[3][1]  # as text, for the reader's own fonts


def test_importing_the_report_is_light() -> None:
    code = (
        "import sys, primum.report; "
        "print(*sorted({'matplotlib', 'jinja2', 'rich', 'numpy', 'torch', 'sqlalchemy'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == ""


def _poisoned(node: Any, key: str = "") -> Any:
    """Every text, and every name a person or a model may choose, with the payload behind it."""
    if isinstance(node, str):
        return node if key in ("decision", "chosen") else node + PAYLOAD
    if isinstance(node, list):
        return [_poisoned(part, key) for part in node]
    if isinstance(node, dict):
        named = key in (
            "by_model",
            "abstained",
            "seconds",
            "versions",
            "scenarios",
            "before",
            "after",
            "difference",
            "measures",
        )
        named = named and not {"text", "value"} & node.keys()
        return {name + PAYLOAD if named else name: _poisoned(part, name) for name, part in node.items()}
    return node
