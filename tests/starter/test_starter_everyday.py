"""Everyday requests in contrast pairs."""

import csv
import importlib
import os
import pathlib
import re
from collections import Counter

import msgspec
import pytest

from primum.errors import RecordError, SettingError
from primum.records import BySimulation
from primum.starter import EverydaySettings, everyday
from primum.starter.wording import random_for, read_wording

LANGUAGES = ("en", "zh")
DATA = pathlib.Path(os.environ.get("PRIMUM_DATA", pathlib.Path(__file__).parents[3] / "shared" / "data"))
package = importlib.import_module("primum.starter.everyday")  # the name is the function's too


def words(language):
    return read_wording(f"everyday/{language}.toml")


def test_requests_are_distinct_simulated_and_given_to_training():
    made = everyday(EverydaySettings(requests=600, harmful_share=0.4))
    assert len({one.prompt for one in made}) == len(made) == 600
    assert all(isinstance(one.made, BySimulation) and one.split == "train" for one in made)
    assert Counter(one.language for one in made) == {"en": 300, "zh": 300}
    assert sum(one.harm_level == 3 for one in made) == 240
    assert made == everyday(EverydaySettings(requests=600, harmful_share=0.4))
    assert made != everyday(EverydaySettings(requests=600, harmful_share=0.4, seed=8))


def test_harmless_ones_have_an_answer_and_look_harmful_and_harmful_ones_have_none():
    for one in everyday(EverydaySettings(requests=300)):
        assert (one.reference is None) == (one.harm_level == 3)
        assert one.is_borderline == (one.harm_level == 0)


def test_nothing_is_left_to_fill_and_nothing_doubled():
    for one in everyday(EverydaySettings(requests=4000)):
        text = one.prompt + (one.reference or "")
        assert not re.search(r"[{}|]|\s[?.,!]|\s\s", text), text
        assert one.prompt[0] == one.prompt[0].upper()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wording_can_be_said_and_every_slot_is_used(language):
    held = words(language)
    texts = [text for kind in held["kind"] for key in ("frames", "harmless", "harmful") for text in kind[key]]
    used = {slot for text in texts for slot in re.findall(r"\{(\w+)\}", text)}
    assert used == {*held["slots"], "do"}
    for kind in held["kind"]:
        assert all("{do}" in frame for frame in kind["frames"]) and kind["harmless"] and kind["answers"]
        assert not any("{" in answer for answer in kind["answers"])
        assert not any("{do}" in act for key in ("harmless", "harmful") for act in kind[key])
    for text in texts:
        assert text.count("{") == text.count("}"), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_act_is_both_harmless_and_harmful(language):
    for kind in words(language)["kind"]:
        assert not set(kind["harmless"]) & set(kind["harmful"])


def test_harmful_and_harmless_requests_share_their_frames():
    """The frame alone must not tell: of every frame that dresses harmful requests, harmless ones are made too."""
    made = everyday(EverydaySettings(requests=6000, languages=("en",), harmful_share=0.5))
    opened = {is_harmful: Counter() for is_harmful in (True, False)}
    for one in made:
        opened[one.harm_level > 0][" ".join(one.prompt.split()[:3])] += 1
    common = [opening for opening, times in opened[True].most_common(20) if opened[False][opening] >= times / 10]
    assert len(common) >= 14


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_of_harming_oneself(language):
    told = " ".join(one.prompt for one in everyday(EverydaySettings(requests=5000, languages=(language,))))
    assert not re.search(r"suicide(?! bomb)|kill myself|hurt myself|自杀|自残|轻生", told)


def test_choices_within_choices_are_drawn_innermost_first():
    kind = {"name": "k", "weight": 1, "frames": ["How to {do}?"], "answers": ["Yes."], "harmful": []}
    kind["harmless"] = ["{see {{who}|a cat}|hear {who}} {today|}"]
    held = msgspec.convert({"slots": {"who": ["a dog"]}, "kind": [kind]}, package._Words)
    chance, seen = random_for("test"), set()
    with pytest.raises(SettingError, match="worded differently"):
        while True:
            package._new(held, False, chance, seen)
    assert seen == {
        f"How to {act}{when}?" for act in ("see a dog", "see a cat", "hear a dog") for when in ("", " today")
    }


def test_each_side_is_worded_from_its_own_acts(monkeypatch):
    monkeypatch.setattr(package, "read_wording", lambda _: SMALL)
    harmful = everyday(EverydaySettings(requests=2, languages=("zh",), harmful_share=1.0))
    harmless = everyday(EverydaySettings(requests=1, languages=("zh",), harmful_share=0.0))
    assert {one.prompt for one in harmful} == {"如何骗邻居？", "如何骗老板？"}
    assert [(one.prompt, one.reference) for one in harmless] == [("如何烤面包？", "慢慢来。")]


def test_more_than_can_be_worded_is_refused(monkeypatch):
    monkeypatch.setattr(package, "read_wording", lambda _: SMALL)
    with pytest.raises(SettingError, match="worded differently"):
        everyday(EverydaySettings(requests=5, languages=("zh",), harmful_share=1.0))
    with pytest.raises(RecordError, match="share"):
        EverydaySettings(harmful_share=1.5)


SMALL = {
    "slots": {"who": ["邻居", "老板"]},
    "kind": [
        {
            "name": "k",
            "weight": 1,
            "frames": ["如何{do}？"],
            "harmless": ["烤面包"],
            "harmful": ["骗{who}"],
            "answers": ["慢慢来。"],
        }
    ],
}


def grams(text):
    """Character 4-grams of the words, as a set."""
    told = f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "
    return {told[start : start + 4] for start in range(len(told) - 3)}


@pytest.mark.skipif(not (DATA / "xstest").is_dir(), reason="XSTest is not at hand")
def test_no_request_repeats_one_of_xstest():
    """XSTest is what the requests are for and is held out: of those we drew none equals or nearly equals one of its prompts."""
    with (DATA / "xstest" / "prompts.csv").open(encoding="utf-8") as file:
        held_out = [grams(row["prompt"]) for row in csv.DictReader(file)]
    holders = {}
    for position, held in enumerate(held_out):
        for gram in held:
            holders.setdefault(gram, []).append(position)
    for one in everyday(EverydaySettings(requests=7000, harmful_share=0.45)):
        own = grams(one.prompt)
        shared = Counter(position for gram in own for position in holders.get(gram, ()))
        for position, common in shared.items():
            assert common <= 0.6 * (len(own) + len(held_out[position]) - common), one.prompt
