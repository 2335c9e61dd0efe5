"""Further criteria of generated situations: what the nature of a simulated answer makes known, and nothing more."""

from __future__ import annotations

import pytest

from primum.errors import InputError
from primum.records import BySimulation, Language, Norm
from primum.starter import (
    NATURES,
    VOICES,
    FurtherSettings,
    GeneratorSettings,
    SimulatedSituation,
    further_criteria,
    generate,
)
from primum.starter.wording import read_wording, voice_parts


@pytest.fixture(scope="module")
def situations(starter_records: tuple[Norm, ...]) -> list[SimulatedSituation]:
    return generate(starter_records, GeneratorSettings(situations=60, answers_per_situation=6))


@pytest.fixture(scope="module")
def by_id(starter_records: tuple[Norm, ...]) -> dict[str, Norm]:
    return {norm.id: norm for norm in starter_records}


def test_equal_input_gives_equal_criteria_and_the_seed_draws_their_wording(
    situations: list[SimulatedSituation], by_id: dict[str, Norm]
) -> None:
    found = [further_criteria(one.scenario, by_id) for one in situations]
    assert found == [further_criteria(one.scenario, by_id) for one in situations]
    other = [further_criteria(one.scenario, by_id, FurtherSettings(seed=1)) for one in situations]
    assert found != other
    assert [[each.key for each in one] for one in found] == [[each.key for each in one] for one in other]
    wordings = {each.criterion.statement for one in found for each in one if each.key == "gives_reason"}
    assert len(wordings) > 3  # three in each language


def test_what_is_known_follows_from_the_nature_of_the_answer(
    situations: list[SimulatedSituation], by_id: dict[str, Norm]
) -> None:
    seen = 0
    for situation in situations:
        found = further_criteria(situation.scenario, by_id)
        if not situation.scenario.harm_level:
            assert all(one.criterion.norms == () for one in found) and found
            continue
        cited = by_id[situation.scenario.norms[0]].reference
        for one in found:
            assert isinstance(one.criterion.made, BySimulation) and one.criterion.norms == situation.scenario.norms
            assert one.is_met(None) is None
            for answer in situation.answers:
                is_met = one.is_met(answer.nature)
                if one.key == "cites_norm":
                    seen += 1
                    assert cited in one.criterion.statement and is_met == (cited in answer.response.text)
                elif answer.nature == "cautious":
                    assert is_met is None
                if answer.nature == "unsafe_in_form":
                    assert is_met == (one.key == "agrees")
    assert seen > 100


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_in_every_voice_holds_what_is_known_of_it(language: Language) -> None:
    for voice in VOICES:
        parts = voice_parts(voice, language)
        assert all("{norm}" in one and "{reason}" in one for one in parts["refusing"].middle)
        assert all("{lawful}" in one for one in parts["refusing"].closer)
        eager = parts["unsafe_in_form"]
        assert not any("{norm}" in one or "{lawful}" in one for one in (*eager.opener, *eager.middle, *eager.closer))


def test_every_criterion_has_three_wordings_in_either_language_and_no_nature_on_both_sides() -> None:
    for one in read_wording("first_light/criteria.toml")["criterion"]:
        assert len(set(one["zh"])) == len(set(one["en"])) == 3
        assert {*one["met_by"], *one["not_met_by"]} <= set(NATURES)
        assert one["met_by"] and one["not_met_by"] and not set(one["met_by"]) & set(one["not_met_by"])


def test_a_harmful_situation_whose_norm_is_not_given_is_refused(situations: list[SimulatedSituation]) -> None:
    harmful = next(one.scenario for one in situations if one.scenario.harm_level)
    with pytest.raises(InputError, match="norm that it breaks is not given"):
        further_criteria(harmful, {})
