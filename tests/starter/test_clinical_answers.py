"""Simulated clinical answers: what they say is known, and known alike every time."""

from __future__ import annotations

import pytest

from primum.errors import RecordError
from primum.records import BySimulation, Language
from primum.starter.clinical_answers import ClinicalAnswerSettings, doings, sayings, simulate_clinical
from primum.starter.wording import read_wording


def test_both_languages_know_the_same_doings_in_as_many_wordings() -> None:
    zh, en = doings("zh"), doings("en")
    assert [one.key for one in zh] == [one.key for one in en] and len(zh) >= 60
    for one in (*zh, *en):
        assert len(one.criteria) >= 4 and len(one.answers) >= 6 and len(one.near) >= 2, one.key
        assert len(set(one.criteria)) == len(one.criteria) and len(set(one.answers)) == len(one.answers), one.key


def test_what_is_known_of_the_wordings_names_wordings_that_exist() -> None:
    truth, keys = read_wording("clinical/realisations/truth.toml"), {one.key for one in doings("en")}
    also = read_wording("clinical/realisations/also.toml")
    assert set(truth["style"]) <= keys and set(truth["only"]) <= keys and set(truth["may_meet"]) <= keys
    assert all(set(others) <= keys for others in truth["may_meet"].values())
    assert set(also["zh"]) == set(also["en"]) == keys
    for met in truth["only"].values():
        assert set(met) <= {"0", "1", "2", "3"} and all(0 <= voice < 6 for voices in met.values() for voice in voices)


def test_equal_settings_give_equal_answers_and_others_do_not() -> None:
    settings = ClinicalAnswerSettings(answers=20)
    one, other = simulate_clinical(settings), simulate_clinical(settings)
    assert one == other
    assert simulate_clinical(ClinicalAnswerSettings(answers=20, seed=5)) != one


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_met_criterion_is_said_in_its_voice_and_an_unmet_one_is_not(language: Language) -> None:
    by_key = {one.key: one for one in doings(language)}
    for known in simulate_clinical(ClinicalAnswerSettings(answers=150, languages=(language,))):
        answer, said = known.response.text.lower(), by_key[known.key].answers[known.voice].lower()
        plain = "{" not in said + by_key[known.key].criteria[known.form] and len(said) > 6
        is_in = said.rstrip("。.") in answer
        if known.is_met and plain:
            assert is_in
        elif plain and is_in:  # only quoted
            assert any(quote in answer for quote in ("“", '"'))
        assert isinstance(known.response.made, BySimulation)


def test_criteria_met_and_not_met_are_both_there_in_a_fair_share() -> None:
    known = simulate_clinical(ClinicalAnswerSettings(answers=200))
    assert 0.25 < sum(one.is_met for one in known) / len(known) < 0.5


def test_sayings_name_a_voice_or_a_form_and_fill_every_slot() -> None:
    found = sayings("en")
    assert all("{" not in one.text for one in found)
    assert {one.voice for one in found} == {None, 0, 1, 2, 3, 4, 5} and {one.form for one in found} == {
        None,
        0,
        1,
        2,
        3,
    }
    assert not any(one.voice is not None and one.form is not None for one in found)


def test_settings_that_make_nothing_are_refused() -> None:
    with pytest.raises(RecordError):
        ClinicalAnswerSettings(answers=0)
