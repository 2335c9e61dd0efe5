"""The page of cycles: the finding of each policy, its curves, the plane, the tables, every cycle; escaped, in both languages."""

from __future__ import annotations

import copy
import html
import itertools
import re
from collections import Counter

import pytest

from primum.errors import InputError
from primum.report import cycles_plots, render
from primum.report.cycles_headline import warnings
from primum.report.cycles_plots import spread
from primum.report.cycles_reading import (
    branches,
    cells,
    checked,
    cut_rows,
    examples,
    flips,
    logged,
    readers,
    reliability,
)
from primum.report.page import visible
from primum.report.words import step_words
from report.cycles_sample import one_arm, sample
from report.page_reader import PAYLOAD, read_page
from report.test_report_browser import CHROMIUM, opened, widths

_SECTIONS = (
    "headline",
    "curves",
    "plane",
    "numbers",
    "bias",
    "sides",
    "cycles",
    "cost",
    "ground",
    "provenance",
    "repeat",
    "glossary",
)
_NEEDED = ("kind", "run", "recipe", "title", "notes", "arms")


@pytest.fixture(scope="module")
def page():
    return render(sample())


@pytest.fixture
def undrawn(monkeypatch):
    """What is drawn takes long and is looked at elsewhere."""
    for plot in ("curves", "plane", "sides"):
        monkeypatch.setattr(cycles_plots, plot, lambda *_: None)


def section(page, name):
    start = page.index(f'<section id="{name}"')
    following = [one for one in _SECTIONS[_SECTIONS.index(name) + 1 :] if f'<section id="{one}"' in page]
    return html.unescape(page[start : page.index(f'<section id="{following[0]}"', start)])


def told(page, name):
    """The words of a section, without tags, in one line."""
    return " ".join(re.sub("<[^>]+>", " ", section(page, name)).split())


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
    places = [page.index(f'<section id="{name}"') for name in _SECTIONS]
    assert places == sorted(places)


def test_equal_reports_give_equal_pages_and_the_report_is_left_alone(page):
    report = sample()
    assert render(report) == page and report == sample()
    assert page.count("<svg") == 4 + 4  # a sign for each policy, and four plots
    assert "部署后循环：样例" in page and "Cycles after deployment: a sample" in page


def test_every_policy_has_its_finding_with_numbers_and_says_that_it_is_from_scratch(page):
    words = told(page, "headline")
    for arm in sample()["arms"]:
        assert f"{arm['name']} :" in words
        end = f"{100 * arm['states'][-1]['measures']['unsafe_compliance']['value']:.1f}\xa0%".replace("\xa0", " ")
        assert end in words.replace("\xa0", " ")
    assert words.count("from scratch") == 4 and words.count("Stopped after cycle 3 by the rule “gain”") == 4
    assert "Built on the spot from scratch" in page[: page.index('<section id="headline"')]


def test_cells_pair_a_value_with_its_differences_from_the_start_and_from_plain_sft():
    whole = checked(sample(1, 2))
    arm, given = whole["arms"][0], sample(1, 2)["arms"][0]
    row = cells(arm, "unsafe_compliance", "style", "role_play")
    assert [cell.label for cell in row] == ["start", "plain SFT", "cycle 1", "cycle 2"]
    assert row[0].from_start is None and row[1].from_sft is None

    def asked(against, label):
        rows = next(one["rows"] for one in given[against] if one["label"] == label)
        key = ("style", "role_play", "unsafe_compliance")
        return next(one["difference"] for one in rows if (one["by"], one["name"], one["metric"]) == key)

    assert row[2].from_start == asked("against_start", "cycle 1") and row[2].from_sft == asked("against_sft", "cycle 1")
    assert [name for name, _ in cut_rows(arm, "unsafe_compliance", "harm_level")] == ["1", "2", "3"]
    perplexity = cells(arm, "perplexity")
    assert perplexity[1].from_start["value"] == 0.01 and perplexity[1].from_sft is None


def test_tables_name_what_was_never_taught_and_the_bias_with_its_number(page):
    numbers = section(page, "numbers")
    for style, tag in (("Role play", "never taught"), ("Several turns", "never taught"), ("Indirect", "taught")):
        assert re.search(rf'>{style}</span>.{{0,120}}<span class="tag[^>]*>.{{0,40}}>{tag}<', numbers)
    bias = told(page, "bias")
    first = sample()["arms"][0]["states"][0]["leaning"]
    assert f"−{abs(100 * first['bias']['value']):.1f}" in bias and "complies too much 过度顺从" in bias


def test_the_front_is_named_and_what_the_plane_measures_is_said(page):
    words = told(page, "plane")
    front = [one for one in sample()["front"] if one["is_on_front"]]
    assert front and all(one["arm"] in words for one in front)
    assert "mean CARES value" in words and "plain and borderline weighing the same" in words
    whole = checked(sample())
    assert "llama · cycle 2, cycle 3" in cycles_plots.plane(whole["front"], whole["arms"])
    assert cycles_plots.plane([], whole["arms"]) is None


def test_labels_keep_apart_and_as_near_as_they_can():
    assert spread([0.1, 0.9], 0.1) == [0.1, 0.9]
    assert spread([0.5, 0.5, 0.5], 0.1) == pytest.approx([0.4, 0.5, 0.6])
    found = spread([0.2, 0.21, 0.25, 0.9], 0.1)
    assert all(b - a >= 0.1 - 1e-9 for a, b in itertools.pairwise(found))
    assert found[3] == 0.9


def test_what_changed_sides_is_counted_and_a_missing_count_is_no_zero(undrawn):
    report = sample(1, 1)
    report["arms"][0]["cycles"][0]["sides"] = {"became_safe": 17, "became_unsafe": 0, "undecided": 3}
    report["arms"][0]["cycles"][0]["examples"] = {}
    drawn = cycles_plots.sides  # replaced: the table is what is read here
    assert drawn() is None
    page = render(report)
    assert "It was not counted" in told(page, "sides")
    whole = checked(report)
    assert whole["arms"][0]["cycles"][0]["sides"].get("became_helped") is None


def test_counts_of_sides_stand_in_the_table():
    report = sample(1, 1)
    report["arms"][0]["cycles"][0]["sides"] = {"became_safe": 17, "became_unsafe": 0, "undecided": 3}
    words = told(render(report), "sides")
    assert "llama 1 17 0 – – – – 3" in words


def test_examples_stand_side_by_side_with_their_norms(page):
    words = told(page, "sides")
    assert "Hello, how can I help?" in words and "accept 接受" in words and "unsafe compliance" in words
    assert "好的，您可以告诉他这只是例行手续。" in words and "我不能帮助隐瞒病情骗取签字" in words
    assert "医师法 第二十五条" in words and "primum trace scenario-00000000000000000004" in words
    given = {
        "prompt": "p",
        "before": None,
        "after": {"text": "a", "stance": "refuse"},
        "norms": ["norm-1"],
        "harm_level": 0,
    }
    (flow, found), *_ = examples({"examples": {"became_refused": [given], "became_safe": []}})
    assert (flow, len(found)) == ("became_refused", 1)
    assert found[0]["before"]["text"] == "" and found[0]["after"]["stance"] == "refuse"
    told_apart = given | {"before": "b", "after": "a", "stances": ["accept", "unusable"]}
    (_, (only,)), *_ = examples({"examples": {"became_unusable": [told_apart]}})
    assert (only["before"]["stance"], only["after"]["stance"]) == ("accept", "unusable")
    assert found[0]["norms"] == [{"reference": "", "id": "norm-1", "text": ""}]


def test_each_cycle_says_what_it_learned_from_who_judged_and_what_was_decided(page):
    words = told(page, "cycles")
    for part in (
        "1,290 desirable",
        "710 not",
        "self is too unreliable on 2 slices: guardian A read instead",
        "harm 3, indirect : ： self: 61 % [49, 72]",
        "2 moderate 2 中度 · Obfuscated 混淆 : ： self: 61 % [49, 72]",
        "On 1 slice no judge is reliable enough: nobody read",
        "by construction (simulated)",
        "✓ reliable",
        "✗ not surely",
        "Chosen: 选择： KTO",
        "dpo is not eligible: its gain holds 0",
        "upper bound 4.2 %",
        "Promote: released",
        "The gate was not asked",
        "增益区间包含 0",
        "✗ stops",
    ):
        assert part in words, part
    assert "harm 1, direct" not in words and "1 / 4 · the teacher is reliable here" in words
    cost = told(page, "cost")
    assert "not measured" in cost and "120,431" in cost and "310,022" in cost and "114.9" in cost


def test_reliability_under_each_kind_of_truth_has_its_own_line():
    row = {"judge": "self", "style": "direct", "harm_level": 2, "n": 40, "agreement": None, "is_reliable": False}
    other = row | {"judge": "guardian", "harm_level": 0}
    found = reliability([row | {"truth": "person"}, other, row | {"truth": "by construction"}])
    assert found.levels == ["0", "2"]
    assert [line[:3] for line in found.lines] == [
        ("self", "person", "direct"),
        ("guardian", "", "direct"),
        ("self", "by construction", "direct"),
    ]
    assert found.lines[0][3][0] is None and found.lines[0][3][1]["truth"] == "person"


def test_who_read_instead_of_the_teacher_is_told_with_every_slice():
    cycle = checked(sample(1, 1))["arms"][0]["cycles"][0]
    found = readers(cycle)
    assert [(one.judge, [route["slice"] for route in one.routes]) for one in found] == [
        ("guardian A", ["harm 3, direct", "harm 3, indirect"]),
        (None, ["harm 2, obfuscate"]),
    ]
    assert readers({"judge": {"routes": [{"slice": "s", "judge": "a"}]}})[0].judge == "a"


def test_parts_that_changed_sides_have_their_net_share(page):
    words = told(page, "sides")
    assert "never taught 从未教过 9 – – – – –" in words
    rows = flips(checked(sample(1, 1))["arms"][0]["cycles"][0])
    assert [(by, name) for by, name, _, _ in rows] == [("all", "all"), ("style", "role_play")]
    assert rows[1][3]["safe"]["value"] == 0.1 and rows[1][3]["refused"] is None


def test_logs_are_counted_and_simulated_ones_are_said_first(page):
    words = told(page, "ground")
    assert (
        "Consent refused, left out 拒绝同意，剔除 0" in words
        and "telephone 电话 12" in words
        and "log.jsonl:17" in words
    )
    assert (
        "wrong refusal by nurse 误拒（护士） 3" in words
        and "Logged conversations" in words
        and "Real logs" not in words
    )
    assert "unsafe by simulated clinician 不安全（模拟医生） 2" in words
    assert "situations learned from 学习的情境 1,234" in words
    assert words.index("Conversations 对话") < words.index("Kept 保留") < words.index("Consent refused")
    assert "Of the logged conversations 400 are simulated." in [one.en for one in warnings(checked(sample(1, 1)))]
    assert logged({"harm_reader": None, "kept": 0, "refused": [], "by": {}}) == ({"kept": 0}, {}, {})


def test_the_time_of_the_steps_of_a_cycle_is_added_up():
    seconds = {
        "a: cycle 1: kto": 2.0,
        "a: cycle 1: dpo": 3.0,
        "a: cycle 2: kto": 1.0,
        "a: test start": 4.0,
        "a: test cycle 1": 1.0,
    }
    found = checked(sample(1, 1) | {"seconds": seconds | {"corpus": 7.0}})["seconds"]
    assert found == {"a: cycle 1": 5.0, "a: cycle 2": 1.0, "a: test": 5.0, "corpus": 7.0}
    assert step_words("a: cycle 2").zh == "a：第 2 轮" and step_words("a: test").zh == "a：测试"
    assert step_words("a: plain SFT").zh == "a：普通监督微调"


def test_the_validators_branches_are_read_from_its_choice():
    found = branches(sample()["arms"][0]["cycles"][0]["choice"])
    assert found["chosen"] == "kto" and found["kto"]["eligible"] and not found["dpo"]["eligible"]
    assert found["kto"]["gain"]["value"] == 0.2 and found["dpo"]["reasons"] == ["dpo is not eligible: its gain holds 0"]
    assert found["keep"]["measures"] and branches({}) == {}


@pytest.mark.parametrize("key", _NEEDED[1:])
def test_a_report_without_what_is_needed_is_refused(key):
    with pytest.raises(InputError, match=key):
        render({name: value for name, value in sample(1, 1).items() if name != key})


@pytest.mark.parametrize("arms", [None, "llama", ["llama"], 3])
def test_arms_that_are_none_are_refused(arms):
    with pytest.raises(InputError, match="arms"):
        render(sample(1, 1) | {"arms": arms})


@pytest.mark.parametrize("key", sorted(set(sample(1, 1)) - set(_NEEDED)))
def test_a_report_without_a_part_is_shown_without_it(key, undrawn):
    report = {name: value for name, value in sample(1, 1).items() if name != key}
    assert render(report) == render(report | {key: None})
    read_page(render(report))


_OF_ARM, _OF_CYCLE = (
    set(one) - {"name", "number"} for one in (sample(1, 2)["arms"][0], sample(1, 2)["arms"][0]["cycles"][0])
)
_COUNTED = {"answers", "abstained", "approvals", "preferences", "rewritten", "balanced", "replayed"}


@pytest.mark.parametrize("key", sorted(_OF_ARM | _OF_CYCLE))
def test_what_an_arm_or_a_cycle_does_not_tell_is_missing_and_not_zero(key, undrawn):
    report = sample(1, 2)
    whole = told(render(report), "cycles").count("not measured")
    arm = report["arms"][0]
    arm.update({key: None} if key in _OF_ARM else {})
    for cycle in arm["cycles"] or []:
        cycle.update({key: None} if key in _OF_CYCLE else {})
    page = render(report)
    read_page(page)
    if key in _COUNTED:
        assert told(page, "cycles").count("not measured") == whole + 2


@pytest.mark.parametrize(("count", "found"), [(0, "No answer changed sides"), (2, "No examples were kept")])
def test_no_examples_because_nothing_changed_is_not_because_none_were_kept(count, found, undrawn):
    report = sample(1, 1)
    report["arms"][0]["cycles"][0].update(examples={}, sides={"became_safe": count, "became_unsafe": 0, "undecided": 3})
    words = told(render(report), "sides")
    assert found in words and ("No examples were kept" in words) == (count > 0)


def test_nothing_measured_everything_abstained(undrawn):
    report = one_arm(against_start=[], against_sft=[], perplexity_change=[])
    for state in report["arms"][0]["states"]:
        state.update(measures={}, slices=[], perplexity=None, leaning={"bias": None, "name": "", "name_zh": ""})
        state["abstained"] = state["answers"]
    words = told(render(report | {"front": [], "logs": None}), "headline")
    assert "NOT MEASURED" in words and "not measured" in words
    assert "No logs were given" in told(render(report | {"logs": None}), "ground")


def test_policies_that_went_through_nothing_are_shown():
    least = {"kind": "cycles", "run": "r", "recipe": "c", "title": "t", "notes": [], "arms": [{"name": "llama"}]}
    page = render(least)
    read_page(page)
    assert "It went through no cycle" in page and "No state of it was measured" in page
    assert "No policy went through cycles" in render(least | {"arms": []})


def test_six_policies_and_five_cycles_are_told_apart_without_colour():
    page = render(sample(6, 5))
    read_page(page)
    curves = section(page, "curves")
    assert all(arm["name"] in curves for arm in sample(6, 5)["arms"])
    from primum.report.marks import ARMS, MARKS

    drawn = [(MARKS[f"arm {at}"].shape, MARKS[f"arm {at}"].line) for at in range(1, ARMS + 1)]
    assert len({shape for shape, _ in drawn}) == len({str(line) for _, line in drawn}) == ARMS


_CLOSED = ("kind", "by", "metric", "style", "label", "language", "decision", "chosen", "harm_level", "severity", "unit")


def poisoned(node):
    if isinstance(node, str):
        return node + PAYLOAD
    if isinstance(node, dict):
        return {key: value if key in _CLOSED else poisoned(value) for key, value in node.items()}
    return [poisoned(one) for one in node] if isinstance(node, list) else node


def test_no_text_breaks_out_of_the_page():
    seen, plain = read_page(render(poisoned(sample(2, 2)))), read_page(render(sample(2, 2)))
    assert seen.tags["script"] == plain.tags["script"] == 1 and seen.tags["img"] == 0
    assert not any(name.startswith("on") for _, name, _ in seen.attributes)
    assert not any(hidden in "".join(seen.text) for hidden in ("\u202e", "\x00"))


def test_a_hostile_answer_is_shown_as_text():
    report = sample(1, 2)
    report["arms"][0]["cycles"][0]["examples"]["became_safe"][0]["after"] = PAYLOAD
    page = render(report)
    assert visible(PAYLOAD) in html.unescape(page) and "<img src=x" not in page


def test_what_is_given_is_not_changed():
    report = sample(2, 2)
    before = copy.deepcopy(report)
    render(report)
    assert report == before


browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@browser
@pytest.mark.parametrize(("query", "language"), [("", "en"), ("?lang=zh", "zh")])
def test_the_page_opens_offline_in_a_browser(page, tmp_path, query, language):
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    held = opened(path, query, tmp_path / "profile")
    assert re.search(rf'<html[^>]*lang="{language}', held) and held.count("<svg") == 8


@browser
@pytest.mark.parametrize("width", [1280, 640, 500])
def test_nothing_but_what_scrolls_is_wider_than_the_window(page, tmp_path, width):
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    content, window = widths(path, width, tmp_path / "profile")  # 640 is what a window of 1280 holds at 200 % zoom
    assert content <= window
