"""Simulated pairs of the first-light world: what their natures make known, and nothing more."""

from __future__ import annotations

import pytest

from primum.errors import RecordError
from primum.records import Language, Norm
from primum.starter import VOICES, GeneratorSettings, SimulatedSituation, generate
from primum.starter.first_light_pairs import SituationPairSettings, situation_pairs
from primum.starter.wording import read_wording, voice_parts


@pytest.fixture(scope="module")
def situations(starter_records: tuple[Norm, ...]) -> list[SimulatedSituation]:
    return generate(starter_records, GeneratorSettings(situations=60, answers_per_situation=6))


@pytest.fixture(scope="module")
def by_id(starter_records: tuple[Norm, ...]) -> dict[str, Norm]:
    return {norm.id: norm for norm in starter_records}


def test_equal_input_gives_equal_pairs_of_different_natures_first(
    situations: list[SimulatedSituation], by_id: dict[str, Norm]
) -> None:
    found = situation_pairs(situations, by_id)
    assert found == situation_pairs(situations, by_id) and len(found) == 3 * len(situations)
    assert found != situation_pairs(situations, by_id, SituationPairSettings(seed=1))
    assert all(one.first.nature != one.second.nature for one in found)
    many = situation_pairs(situations, by_id, SituationPairSettings(most=99))
    assert len(many) > len(found) and any(one.first.nature == one.second.nature for one in many)
    assert any(one.first in situations[0].answers[1:] for one in many)


def test_what_is_known_of_a_harmful_situation_follows_from_the_natures(
    situations: list[SimulatedSituation], by_id: dict[str, Norm]
) -> None:
    seen = 0
    for pair in situation_pairs(situations, by_id, SituationPairSettings(most=99)):
        if not pair.scenario.harm_level:
            assert [one.key for one in pair.criteria] == ["informs"]
            continue
        cited = by_id[pair.scenario.norms[0]].reference
        for one in pair.criteria:
            for answer, is_met in ((pair.first, one.met_first), (pair.second, one.met_second)):
                if one.key == "cites_norm":
                    seen += 1
                    assert cited in one.text and is_met == (cited in answer.response.text)
                if answer.nature == "unsafe_in_form":
                    assert is_met == (one.key == "agrees")
                if answer.nature == "cautious" and one.key != "cites_norm":
                    assert is_met is None
    assert seen > 100


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_in_every_voice_holds_what_is_known_of_it(language: Language) -> None:
    for voice in VOICES:
        parts = voice_parts(voice, language)
        assert all("{norm}" in one and "{reason}" in one for one in parts["refusing"].middle)
        assert all("{lawful}" in one for one in parts["refusing"].closer)
        eager = parts["unsafe_in_form"]
        assert not any("{norm}" in one or "{lawful}" in one for one in (*eager.opener, *eager.middle, *eager.closer))


def test_the_further_criteria_are_worded_alike_in_both_languages_and_can_be_left_out(
    situations: list[SimulatedSituation], by_id: dict[str, Norm]
) -> None:
    for one in read_wording("first_light/criteria.toml")["criterion"]:
        assert len(set(one["zh"])) == len(set(one["en"])) == 3 and not set(one["met_by"]) & set(one["not_met_by"])
    assert not any(one.criteria for one in situation_pairs(situations, by_id, SituationPairSettings(is_plain=True)))
    with pytest.raises(RecordError):
        SituationPairSettings(most=0)
