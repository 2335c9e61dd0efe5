"""Probes of a benchmark against a training set: what is there is found and measured, what is not is not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bench.lint_sample import Sample, words
from primum.bench.contamination import ProbeSettings, overlaps
from primum.bench.export import canary, item_row
from primum.errors import RecordError
from primum.records import Benchmark, ByRule, Choice, Scenario, Turn

MADE = ByRule(rule="tests")
BENCHMARK = Benchmark(name="b", version=1, edition="edition-1", taxonomy="taxonomy-1", items=("scenario-1",), made=MADE)
ITEMS = Sample(12, 12).items
NEUTRAL = [f"{words(f'row {number}', 60)}。" for number in range(50)]


def probed(rows, items=ITEMS, **settings):
    return overlaps(items, rows, canary(BENCHMARK), ProbeSettings(**settings))


def asked(item: Scenario) -> str:
    return "\n".join([item.prompt, *(option.text for option in item.options)])


def test_a_set_without_the_items_is_clean():
    assert probed(NEUTRAL) == ([], [], 50)


def test_an_item_whole_in_a_longer_row_is_exact_whatever_the_order_and_the_letters():
    item = ITEMS[0]
    shuffled = "\n".join([*(f"({one.letter}) {one.text}" for one in reversed(item.options)), item.prompt])
    found = probed([*NEUTRAL, f"题库：{shuffled} 答案 {item.key[0]}"]).overlaps
    assert [(one.item, one.how, one.share, one.row) for one in found] == [(item.item, "exact", 1.0, 51)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_copy_without_punctuation_or_with_other_signs_and_letters_is_exact(language):
    said = {
        "zh": ("护士要求查看病历，可以吗？", ["可以，但要记录。", "不可以——须经同意。"]),
        "en": (
            "May a nurse, alone on the ward, read the record?",
            ["Yes; she must note it.", "No: consent is needed."],
        ),
    }[language]
    item = Scenario(
        messages=(Turn(role="user", content=said[0]),), task="single_choice", dimension="care", language=language, dataset="d",
        made=MADE, item=f"{language}-1", split="test", key=("A",),
        options=tuple(Choice(letter=letter, text=text) for letter, text in zip("AB", said[1], strict=True)),
    )  # fmt: skip
    text = asked(item)
    bare = "".join(character if character.isalnum() else " " for character in text)
    swapped = "\n".join([*reversed(said[1]), said[0]])
    for row in (bare, text.upper().replace(",", "，"), f"<p>{text}</p>".replace("\n", "<br/>"), swapped):
        assert [one.how for one in probed([row], [item]).overlaps] == ["exact"], row
    assert probed([text.replace("护士", "厨师").replace("nurse", "baker")[:20]], [item]).overlaps == []


def test_half_of_an_item_is_near_and_a_tenth_is_none():
    item = ITEMS[-1]
    text = item.prompt
    # 20-character n-grams: of the letters and digits, the first k hold k − 19 of the len − 19
    for part, is_found in ((0.9, True), (0.5, False)):
        kept = text[: round(len(text) * part)]
        found = probed([*NEUTRAL, kept + NEUTRAL[0]]).overlaps
        if is_found:
            length, whole = (sum(character.isalnum() for character in one) for one in (kept, text))
            share = (length - 19) / (whole - 19)
            assert [(one.how, one.share) for one in found] == [("near", pytest.approx(share))]
        else:
            assert found == []


def test_the_strongest_overlap_of_an_item_is_told():
    item = ITEMS[-1]
    rows = [item.prompt[:-3] + NEUTRAL[0], asked(item), item.prompt[:-3] + NEUTRAL[1]]
    assert [(one.how, one.row) for one in probed(rows).overlaps] == [("exact", 2)]


def test_a_row_that_says_nearly_the_same_all_over_resembles():
    sentence = (
        "Please tell me how the nurse on the night ward should keep the records of all patients who came in this week"
    )
    item = Scenario(
        messages=(Turn(role="user", content=sentence),),
        task="open",
        dimension="care",
        language="en",
        dataset="norms/situation",
        made=MADE,
        item="en-1",
        split="test",
    )
    row = sentence.replace("nurse", "nurses")  # 4 of 10 word n-grams are left, and nearly all shingles
    assert [(one.item, one.how) for one in probed([row], [item]).overlaps] == [("en-1", "resembles")]
    assert [one.how for one in probed([f"Well then. {sentence}!"], [item]).overlaps] == ["exact"]
    assert probed(["Please tell me how the baker should keep the bread that came in this week"], [item]).overlaps == []


def test_the_article_alone_is_no_contamination():
    norms = Sample(12, 12).norms
    assert probed([norm.text for norm in norms]).overlaps == []


def test_the_canary_is_found_and_is_the_same_for_every_version():
    assert canary(BENCHMARK) == canary(replace(BENCHMARK, version=2)) != canary(replace(BENCHMARK, name="c"))
    row = item_row(ITEMS[0], BENCHMARK, "drafted", {})
    assert probed([*NEUTRAL, f"x {row['canary'].upper()} y"]).canaries == [51]


def test_an_option_that_is_missing_is_not_exact():
    item = ITEMS[0]
    fewer = replace(item, options=(*item.options[:3], Choice(letter="D", text=words("other", 14))))
    found = probed([asked(fewer)]).overlaps
    assert [one.how for one in found] == ["near"] and found[0].share < 1


@pytest.mark.parametrize("wrong", [{"words": 1}, {"containment": 0.0}, {"jaccard": 1.5}], ids=str)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(RecordError):
        ProbeSettings(**wrong)
