"""Simulated pairs: what either answer meets is known, and known alike every time."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from primum.errors import RecordError, SettingError
from primum.records import Language
from primum.starter.clinical_answers import doings
from primum.starter.clinical_pairs import (
    GeneratedPairSettings,
    generated_pairs,
    kinds_of_keys,
    unseen_keys,
)
from primum.starter.wording import fill, read_wording

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def concepts(language: Language) -> dict[str, dict[str, Any]]:
    trees = [read_wording(f"clinical/{folder}/{language}.toml") for folder in ("realisations", "pairs")]
    return {one["key"]: one for tree in trees for one in tree["concept"]}


def patterns(texts: list[str]) -> list[re.Pattern[str]]:
    """Each wording with its slots open, told from whole answers."""
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".+?", re.escape(one)), re.IGNORECASE) for one in texts]


def test_the_added_doings_have_one_shape_in_both_languages_and_no_wording_twice() -> None:
    zh, en = (read_wording(f"clinical/pairs/{language}.toml")["concept"] for language in LANGUAGES)
    assert [one["key"] for one in zh] == [one["key"] for one in en] and len(zh) >= 8
    assert not {one["key"] for one in en} & {one.key for one in doings("en")}
    for one in (*zh, *en):
        assert (len(set(one["criteria"])), len(set(one["answers"])), len(set(one["near"]))) == (4, 6, 2), one["key"]
    for language, added in zip(LANGUAGES, (zh, en), strict=True):
        said = [text for one in concepts(language).values() for text in (*one["answers"], *one["near"])]
        assert all(said.count(text) == 1 for one in added for text in (*one["answers"], *one["near"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_criterion_of_the_added_doings_names_no_slot_that_an_answer_lacks(language: Language) -> None:
    for one in read_wording(f"clinical/pairs/{language}.toml")["concept"]:
        asked = {name for text in one["criteria"] for name in re.findall(r"\{(\w+)\}", text)}
        assert all(asked <= set(re.findall(r"\{(\w+)\}", text)) for text in one["answers"]), one["key"]


def test_every_name_in_the_table_of_kinds_is_a_doing_and_every_kind_has_many() -> None:
    table, kinds = read_wording("clinical/pairs/kinds.toml"), kinds_of_keys()
    named = {*table["safety"], *table["excellence"], *table["points"], *table["filler"]["may_meet"]}
    for part in ("may_meet", "near_may_meet"):
        named |= set(table[part]) | {key for keys in table[part].values() for key in keys}
    assert named <= set(kinds)
    many = Counter(kinds.values())
    assert many["safety"] >= 15 and many["excellence"] >= 15 and many["proficiency"] >= 50


def test_equal_settings_give_equal_pairs_and_more_pairs_begin_with_them() -> None:
    few, more = (generated_pairs(GeneratedPairSettings(pairs=count)) for count in (20, 40))
    assert few == generated_pairs(GeneratedPairSettings(pairs=20)) == more[:20]
    assert not {one.id for one in generated_pairs(GeneratedPairSettings(pairs=40, seed=5))} & {one.id for one in more}
    assert len({one.id for one in more}) == 40


def test_pairs_have_criteria_of_all_kinds_one_a_doing_and_both_languages() -> None:
    found = generated_pairs(GeneratedPairSettings(pairs=120, least=5, most=9, ask="any"))
    assert Counter(one.language for one in found) == {"zh": 60, "en": 60}
    kinds = kinds_of_keys()
    for pair in found:
        assert 5 <= len(pair.criteria) <= 9 and "{" not in pair.first + pair.second + pair.prompt[0].content
        assert len({one.key for one in pair.criteria}) == len(pair.criteria)
        assert {one.kind for one in pair.criteria} == {"safety", "proficiency", "excellence"}
        assert all(one.kind == kinds[one.key] and one.points != 0 for one in pair.criteria)
    points = {(one.key, one.points) for pair in found for one in pair.criteria}
    assert len(points) == len({key for key, _ in points})  # a doing has its points, whatever the pair
    assert ("emergency", 10) in points and ("miracle_cure", -10) in points


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_met_criterion_is_said_in_the_voice_and_an_unmet_one_is_not(language: Language) -> None:
    known = concepts(language)
    checked = Counter[str]()
    for pair in generated_pairs(GeneratedPairSettings(pairs=200, languages=(language,), ask="any")):
        for text, by, side in ((pair.first, pair.first_by, 0), (pair.second, pair.second_by, 1)):
            voice = int(by.removeprefix("simulated voice "))
            for one in pair.criteria:
                is_met = (one.met_first, one.met_second)[side]
                wording = known[one.key]["answers"][voice]
                pattern = patterns([wording.rstrip("。.")])[0]
                if is_met:
                    checked["met"] += 1
                    assert pattern.search(text), (one, text)
                elif is_met is False and "{" not in wording and pattern.search(text):
                    checked["quoted"] += 1
                    assert re.search('[“"][^”"]*' + pattern.pattern, text, re.IGNORECASE), (one, text)
    assert checked["met"] > 300 and checked["quoted"] > 5


def test_about_something_else_is_not_met_where_the_criterion_names_it() -> None:
    settings = GeneratedPairSettings(pairs=150, languages=("en",), differ=0, near=0, about_other=1)
    known, seen = concepts("en"), 0
    slots = read_wording("clinical/realisations/en.toml")["slots"]
    for pair in generated_pairs(settings):
        for one in pair.criteria:
            named = {re.sub(r"\\\{drug\\\}", "(.+?)", re.escape(form)) for form in known[one.key]["criteria"]}
            drug = next(
                (found[1] for form in named if (found := re.fullmatch(form, one.text)) and found.groups()), None
            )
            voice = int(pair.first_by[-1])
            if drug is None or one.met_first is not False or "{drug}" not in known[one.key]["answers"][voice]:
                continue
            done = [
                other
                for other in slots["drug"]
                if fill(known[one.key]["answers"][voice], {"drug": other}).lower() in pair.first.lower()
            ]
            assert done and drug not in done
            seen += 1
    assert seen > 20


def test_unseen_doings_are_of_every_kind_and_never_asked_for_nor_done_among_the_seen() -> None:
    apart, kinds = unseen_keys(0.2), kinds_of_keys()
    assert apart == unseen_keys(0.2) != unseen_keys(0.2, split_seed=1) and unseen_keys(0) == frozenset()
    assert {kinds[key] for key in apart} == {"safety", "proficiency", "excellence"}
    plain = [text for key in apart for text in concepts("en")[key]["answers"] if "{" not in text]
    said = patterns(plain)
    for ask in ("seen", "unseen"):
        for pair in generated_pairs(GeneratedPairSettings(pairs=60, ask=ask, languages=("en",))):
            assert all((one.key in apart) == (ask == "unseen") for one in pair.criteria)
            assert ask == "unseen" or not any(one.search(pair.first + pair.second) for one in said)


def test_voices_and_forms_are_those_asked_for() -> None:
    settings = GeneratedPairSettings(pairs=60, voices=(1, 4), forms=(2,), languages=("en",))
    found, known = generated_pairs(settings), concepts("en")
    assert {by for one in found for by in (one.first_by, one.second_by)} == {"simulated voice 1", "simulated voice 4"}
    for pair in found:
        for one in pair.criteria:
            assert patterns([known[one.key]["criteria"][2]])[0].fullmatch(one.text)


def test_ties_are_kept_and_grow_where_answers_are_not_made_to_differ() -> None:
    def ties(differ: float) -> float:
        found = generated_pairs(GeneratedPairSettings(pairs=100, differ=differ))
        known = [one for pair in found for one in pair.criteria if None not in (one.met_first, one.met_second)]
        return sum(one.met_first == one.met_second for one in known) / len(known)

    assert 0.0 < ties(0.9) < 0.15 < 0.4 < ties(0.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pairs": 0},
        {"least": 2},
        {"least": 9, "most": 5},
        {"voices": (6,)},
        {"forms": ()},
        {"languages": ()},
        {"near": 1.5},
        {"unseen_keys": 0.0, "ask": "unseen"},
        {"keys_per_kind": 1},
    ],
)
def test_settings_that_make_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        GeneratedPairSettings(**wrong)


def test_a_world_too_small_for_what_is_asked_is_refused() -> None:
    with pytest.raises(SettingError, match="cannot be made"):
        generated_pairs(GeneratedPairSettings(pairs=5, keys_per_kind=2, least=10, most=12))


def test_a_brief_pair_has_one_or_two_sentences_a_side_and_asks_for_one_thing_more() -> None:
    found = generated_pairs(GeneratedPairSettings(pairs=120, brief=True, languages=("en",)))
    assert found[:20] == generated_pairs(GeneratedPairSettings(pairs=20, brief=True, languages=("en",)))
    known, met = concepts("en"), 0
    for pair in found:
        assert 1 <= len(pair.criteria) <= 5 and len({one.key for one in pair.criteria}) == len(pair.criteria)
        assert not any(one.met_first and one.met_second for one in pair.criteria)
        for text, by, side in ((pair.first, pair.first_by, 0), (pair.second, pair.second_by, 1)):
            assert len(text) < 400
            for one in pair.criteria:
                if (one.met_first, one.met_second)[side]:
                    met += 1
                    wording = known[one.key]["answers"][int(by[-1])].rstrip("。.")
                    assert patterns([wording])[0].search(text), (one, text)
    assert met > 120 and {len(one.criteria) for one in found} >= {3, 5}
    assert {one.kind for pair in found for one in pair.criteria} == {"safety", "proficiency", "excellence"}


def test_few_keys_limit_what_is_seen_and_leave_the_unseen_as_they_are() -> None:
    def keys(**settings: Any) -> set[str]:
        return {
            one.key for pair in generated_pairs(GeneratedPairSettings(pairs=150, **settings)) for one in pair.criteria
        }

    apart, seen = unseen_keys(0.2), set[str]()
    for wanted in ("safety", "proficiency", "excellence"):
        seen |= set([key for key, kind in kinds_of_keys().items() if kind == wanted and key not in apart][:3])
    assert keys(keys_per_kind=3, least=3, most=4) <= seen
    assert keys(keys_per_kind=3, ask="unseen") == keys(ask="unseen") <= apart
    both = keys(keys_per_kind=3, ask="any", least=3, most=6)
    assert both <= seen | apart and both & seen and len(both & apart) > 5
