"""The checks of a benchmark: a clean set passes all of them, and whatever is planted into it is found by the check it belongs to."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from bench.lint_sample import Sample, renamed, words
from primum.bench.lint import CHECKS, LintSettings, lint
from primum.bench.lint.lengths import excess
from primum.errors import RecordError
from primum.records import Scenario, Turn


@pytest.fixture(scope="module")
def clean() -> Sample:
    return Sample()


def checked(sample: Sample, items: list[Scenario], **settings):
    return lint(items, sample.norms, sample.rules, sample.taxonomy, LintSettings(**settings))


def test_a_clean_set_passes_every_check_and_each_says_its_figure(clean):
    report = checked(clean, clean.items, at="2026-01-01")
    assert report.findings == []
    assert list(report.checks) == list(CHECKS)
    assert all(any(letter.isdigit() for letter in line) for line in report.checks.values())
    assert (
        "640 options" not in report.checks["key"] and "680 options, 680 read by their reasons" in report.checks["key"]
    )


def test_equal_input_gives_an_equal_report(clean):
    assert checked(clean, clean.items) == checked(clean, clean.items)


def said(item: Scenario, text: str) -> Scenario:
    return renamed(replace(item, messages=(Turn(role="user", content=text),)))


def ground(item: Scenario, **changes) -> Scenario:
    return renamed(replace(item, grounds=(replace(item.grounds[0], **changes),)))


def option(item: Scenario, place: int, **changes) -> Scenario:
    options = list(item.options)
    options[place] = replace(options[place], **changes)
    return renamed(replace(item, options=tuple(options)))


def swapped(item: Scenario) -> Scenario:
    other = next(one.letter for one in item.options if one.letter not in item.key)
    return renamed(replace(item, key=(other,)))


def swapped_with_reasons(item: Scenario) -> Scenario:
    """The key of a single choice moved to another option, and the two options' reasons with it: only the rule's words can tell."""
    wrong = swapped(item)
    places = [next(i for i, one in enumerate(item.options) if one.letter == key[0]) for key in (item.key, wrong.key)]
    reasons = [item.options[place].reason for place in places]
    return option(option(wrong, places[0], reason=reasons[1]), places[1], reason=reasons[0])


# check → what is done to one item (the first is a single choice, the last is open)
PLANTS = {
    "a norm that is not there": ("grounds", 0, lambda one: ground(one, norm="norm-00000000000000000000")),
    "a rule that is not there": ("grounds", 0, lambda one: ground(one, rule="rule-00000000000000000000")),
    "no ground": ("grounds", 0, lambda one: renamed(replace(one, grounds=()))),
    "a quote the norm does not say": ("quote", 0, lambda one: ground(one, quote="患者应当服从")),
    "a quote with one character changed": (
        "quote",
        0,
        lambda one: ground(one, quote=one.grounds[0].quote[:-2] + "一。"),
    ),
    "another article's digest": ("article", 0, lambda one: ground(one, article="0" * 20)),
    "another citation": ("article", 0, lambda one: ground(one, citation="测试法 第九百条")),
    "a swapped key": ("key", 0, swapped),
    "a swapped key, its reasons with it": ("key", 0, swapped_with_reasons),
    "a key the article does not hold": (
        "key",
        0,
        lambda one: option(
            one, "ABCD".index(one.key[0]), text="这里完全是另外一回事情", reason="与规定一致：另外的事。"
        ),
    ),
    "a missing reason": ("reasons", 0, lambda one: option(one, 1, reason=" ")),
    "a reason that repeats the option": ("reasons", 0, lambda one: option(one, 1, reason=one.options[1].text)),
    "a reason out of the air": ("reasons", 0, lambda one: option(one, 1, reason="因为大家都这样说")),
    "a question about nothing": ("answerable", -1, lambda one: said(one, "我该怎么办才好呢？请告诉我吧。")),
    "no points": ("parts", -1, lambda one: renamed(replace(one, points=()))),
    "no good answer": ("parts", -1, lambda one: renamed(replace(one, reference=None))),
    "no difficulty": ("parts", 0, lambda one: renamed(replace(one, difficulty=None))),
    "two equal options": ("parts", 0, lambda one: option(one, 1, text=one.options[0].text)),
    "an unknown dimension": ("classes", 0, lambda one: renamed(replace(one, dimension="nowhere"))),
    "an unknown scene": ("classes", 0, lambda one: renamed(replace(one, scene="nowhere"))),
    "an article's number": ("numbers", -1, lambda one: said(one, one.prompt + "（见第十二条）")),
    "a date": ("numbers", -1, lambda one: said(one, one.prompt + "2021年的事。")),
    "another language": ("language", -1, lambda one: said(one, "What should I do about all of this, please?")),
    "a forged name": ("ids", 0, lambda one: replace(one, item="zh-0123456789ab")),
    "a rewrite of nothing": ("ids", 0, lambda one: replace(one, counterpart="zh-0123456789ab")),
}


@pytest.mark.parametrize("plant", PLANTS, ids=str)
def test_what_is_planted_in_one_item_is_found_there(clean, plant):
    check, place, change = PLANTS[plant]
    items = list(clean.items)
    items[place] = change(items[place])
    found = {(one.check, one.item) for one in checked(clean, items).findings}
    assert (check, items[place].item) in found
    assert {item for _, item in found} <= {items[place].item, ""}


def test_near_duplicates_are_found_and_across_splits_they_are_leaks(clean):
    near = said(clean.items[-1], clean.items[-1].prompt + "！")
    for split, wanted in ((clean.items[-1].split, {"duplicates"}), ("train", {"duplicates", "splits"})):
        assert clean.items[-1].split != "train"
        found = checked(clean, [*clean.items, replace(near, split=split)]).findings
        assert {one.check for one in found} == wanted


def test_an_article_in_two_splits_is_a_leak(clean):
    other = said(replace(clean.items[-1], split="train"), f"{words('other', 30)}。我不想{clean.rules[-1].act.text}。")
    assert {one.check for one in checked(clean, [*clean.items, other]).findings} == {"splits"}


def test_an_item_without_a_split_among_others_is_found(clean):
    items = [replace(clean.items[0], split=None), *clean.items[1:]]
    assert [one.check for one in checked(clean, items).findings] == ["splits"]


def test_a_name_that_stands_twice_is_found(clean):
    assert "ids" in {one.check for one in checked(clean, [*clean.items, clean.items[0]]).findings}


def right_longer(item: Scenario) -> Scenario:
    options = [replace(one, text=one.text + ("好" * 3 if one.letter in item.key else "")) for one in item.options]
    return renamed(replace(item, options=tuple(options)))


def right_shorter(item: Scenario) -> Scenario:
    options = [
        replace(one, text=one.text + ("" if one.letter in item.key else words(one.text, 4))) for one in item.options
    ]
    return renamed(replace(item, options=tuple(options)))


def key_first(item: Scenario) -> Scenario:
    if item.task != "single_choice":
        return item
    texts = sorted(item.options, key=lambda one: one.letter not in item.key)
    options = tuple(replace(one, letter=letter) for one, letter in zip(texts, "ABCD", strict=True))
    return renamed(replace(item, options=options, key=("A",)))


def tell_tale(item: Scenario) -> Scenario:
    """Right options say 务必, wrong ones words that come once: of equal length, in 60 % of the items."""
    if item.task == "open" or random.Random(item.item).random() > 0.6:
        return item
    options = [
        replace(one, text=one.text + ("务必" if one.letter in item.key else words(one.text, 2))) for one in item.options
    ]
    return renamed(replace(item, options=tuple(options)))


BIASES = {
    "the longest is right": (right_longer, "length"),
    "the shortest is right": (right_shorter, "length"),
    "A is right": (key_first, "letters"),
    "the first place is right": (key_first, "position"),
    "a word tells": (tell_tale, "tells"),
}


@pytest.mark.parametrize("bias", BIASES, ids=str)
def test_a_bias_of_the_set_is_found(clean, bias):
    change, check = BIASES[bias]
    found = [one for one in checked(clean, [change(item) for item in clean.items]).findings if one.check == check]
    assert found and all(one.item == "" for one in found)


def test_an_item_that_is_past_its_validity_says_so_on_that_day_only(clean):
    ended = replace(clean.norms[0], effective_to="2024-12-31")
    item = ground(replace(clean.items[0], norms=(ended.id,)), norm=ended.id, rule=None)
    sample = Sample(4, 1)
    sample.norms, sample.items = [ended, *clean.norms[1:]], [item, *clean.items[1:]]
    sample.rules = clean.rules
    for at, wanted in (("2024-12-31", set()), ("2025-01-01", {"validity"}), ("2019-12-31", {"validity"})):
        found = [one for one in checked(sample, sample.items, at=at).findings if one.check == "validity"]
        assert {one.check for one in found} == wanted
    assert checked(sample, sample.items).checks["validity"].startswith("not looked at")


def test_a_forgotten_dimension_is_found(clean):
    items = [item for item in clean.items if item.dimension == "care"]
    found = [one for one in checked(clean, items).findings if one.check == "balance"]
    assert [one.item for one in found] == [""] and "'safety' has 0 items" in found[0].detail


def test_an_excess_is_what_is_left_over_chance():
    # 60 of 100 where 25 are due: z = 35 / sqrt(100 · 0.1875) = 8.08
    outcome = excess([1.0] * 60 + [0.0] * 40, [0.25] * 100)
    assert outcome.hit == 0.6 and outcome.chance == 0.25 and outcome.p < 1e-14
    assert outcome.is_bias(0.02, 0.001) and not outcome.is_bias(0.36, 0.001)
    assert not excess([1.0] * 4 + [0.0] * 6, [0.25] * 10).is_bias(0.02, 0.001)  # ten items prove nothing


@pytest.mark.parametrize("wrong", [{"at": "soon"}, {"margin": 2.0}, {"threshold": 0.2}], ids=str)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(RecordError):
        LintSettings(**wrong)


def test_what_a_case_tells_does_not_turn_its_question(clean):
    item = clean.items[0]
    told = said(item, f"某医师发现前一班的记录不符合要求。{item.prompt}")
    assert checked(clean, [told, *clean.items[1:]]).findings == []
    turned = said(item, item.prompt.replace("正确", "错误"))
    assert {one.check for one in checked(clean, [turned, *clean.items[1:]]).findings} == {"key"}
