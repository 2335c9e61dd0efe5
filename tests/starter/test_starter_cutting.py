"""Shortening: whole sentences within the limit, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.errors import InputError, SettingError
from primum.starter import shorten

ENDS = (".", "!", "?", "。", "！", "？", ")", "）", "]", "】", '"', "”", "’", "'", "」", "』", ":", "：")


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("Drink water. Rest well. See a doctor if it lasts.", 25, "Drink water. Rest well."),
        ("Drink water. Rest well.", 400, "Drink water. Rest well."),
        ("多喝水。注意休息。持续不退要就医。", 10, "多喝水。注意休息。"),
        ("What is gout? Gout is a joint disease. It hurts.", 30, "Gout is a joint disease."),
        ("Summary : Gout is a joint disease.", 40, "Gout is a joint disease."),
        ("Dr. Who works at No. 5 street. He left.", 32, "Dr. Who works at No. 5 street."),
        ("Take 2.5 units e.g. at night. Stop then.", 30, "Take 2.5 units e.g. at night."),
        ("It helps. See a doctor for the following: - pain - fever", 100, "It helps."),
        ("It helps. Signs are:", 100, "It helps."),
        ("Rest, drink and sleep for as long as you want to", 20, "Rest, drink."),
        ("Gentle movement helps, but heavy lifting and long sitting do not", 40, "Gentle movement helps."),
        ("Stretching (slowly and every day of the week) helps", 25, "Stretching."),
        ("先静坐几分钟，再把手臂放到与心脏一样高的地方，连续测两次并记录下来", 22, "先静坐几分钟。"),
        ("没有标点的很长的一段中文文字一直写下去没有停顿也没有尽头", 12, "没有标点的很长的一段中。"),
        ("- Ice the ankle\n- Raise the leg", 40, "Ice the ankle. Raise the leg."),
        (":::::::::1", 10, "1."),
        ("::::::::::,: drink water slowly", 14, "drink water."),
    ],
)
def test_examples(text: str, limit: int, short: str) -> None:
    assert shorten(text, limit) == short


SENTENCE = st.lists(st.text(alphabet="abcdefghij", min_size=2, max_size=9), min_size=1, max_size=12).map(
    lambda found: " ".join(found).capitalize() + "."
)
HAN_SENTENCE = st.text(alphabet="水饭药医病休息睡眠早晚多少", min_size=1, max_size=40).map(lambda found: found + "。")


@given(st.lists(SENTENCE, min_size=1, max_size=6), st.integers(10, 200))
def test_english_keeps_the_longest_run_of_whole_sentences(found: list[str], limit: int) -> None:
    short = shorten(" ".join(found), limit)
    assert 0 < len(short) <= limit and short.endswith(".")
    if len(found[0]) <= limit:
        kept = max(n for n in range(1, len(found) + 1) if len(" ".join(found[:n])) <= limit)
        assert short == " ".join(found[:kept])
    else:
        assert found[0].startswith(short[:-1])


@given(st.lists(HAN_SENTENCE, min_size=1, max_size=6), st.integers(10, 120))
def test_chinese_keeps_the_longest_run_of_whole_sentences(found: list[str], limit: int) -> None:
    short = shorten("".join(found), limit)
    assert 0 < len(short) <= limit and short.endswith("。")
    if len(found[0]) <= limit:
        kept = max(n for n in range(1, len(found) + 1) if len("".join(found[:n])) <= limit)
        assert short == "".join(found[:kept])
    else:
        assert found[0].startswith(short[:-1])


@given(st.text(alphabet="ab水。，.,!?:：-()（）“”\"' \n1", max_size=80), st.integers(10, 60))
def test_any_text_with_a_word_gives_a_proper_end(text: str, limit: int) -> None:
    if not any(character.isalnum() for character in text):
        with pytest.raises(InputError):
            shorten(text, limit)
        return
    short = shorten(text, limit)
    assert 0 < len(short) <= limit and short.endswith(ENDS)
    assert any(character.isalnum() for character in short)


def test_what_cannot_be_shortened() -> None:
    with pytest.raises(InputError, match="holds no words"):
        shorten(" … ", 50)
    with pytest.raises(SettingError, match="limit 3"):
        shorten("Drink water.", 3)
