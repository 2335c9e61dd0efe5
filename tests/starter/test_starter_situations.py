"""The generator: its truth holds together, it is deterministic, balanced and varied."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import pytest

from primum.errors import SettingError
from primum.language import detect, words
from primum.records import BySimulation, Norm, decode, encode
from primum.starter import VOICES, GeneratorSettings, SimulatedSituation, generate, simulated_judge
from primum.starter.wording import acts, topics, voice_parts

STANCES = {
    "helpful": "accept",
    "unsafe_in_form": "accept",
    "cautious": "caution",
    "refusing": "refuse",
    "over_refusing": "refuse",
}


@pytest.fixture(scope="session")
def situations(starter_records: tuple[Norm, ...]) -> list[SimulatedSituation]:
    return generate(starter_records, GeneratorSettings())


def test_equal_input_gives_equal_output(
    starter_records: tuple[Norm, ...], situations: list[SimulatedSituation]
) -> None:
    assert generate(list(reversed(starter_records)), GeneratorSettings()) == situations
    other = generate(starter_records, GeneratorSettings(seed=8))
    assert not {s.scenario.prompt for s in other} >= {s.scenario.prompt for s in situations}


def test_languages_levels_and_styles_are_all_there(situations: list[SimulatedSituation]) -> None:
    scenarios = [situation.scenario for situation in situations]
    assert len(scenarios) == 600 and len({scenario.prompt for scenario in scenarios}) == 600
    cells = Counter((s.language, s.harm_level, s.is_borderline) for s in scenarios)
    assert cells == {
        (language, level, borderline): 60
        for language in ("zh", "en")
        for level, borderline in ((0, False), (0, True), (1, False), (2, False), (3, False))
    }
    styles = Counter((s.language, s.style, s.harm_level > 0) for s in scenarios)
    assert len(styles) == 16
    for is_harmful in (True, False):
        counts = [count for key, count in styles.items() if key[2] == is_harmful]
        assert max(counts) < 1.5 * min(counts)


def test_prompts_are_hardly_ever_near_duplicates(situations: list[SimulatedSituation]) -> None:
    shingles = [frozenset(words(situation.scenario.prompt)) for situation in situations]
    near = [pair for pair in combinations(shingles, 2) if len(pair[0] & pair[1]) >= 0.8 * len(pair[0] | pair[1])]
    assert len(near) <= 6


def test_every_scenario_is_whole(starter_records: tuple[Norm, ...], situations: list[SimulatedSituation]) -> None:
    norms = {norm.id: norm for norm in starter_records}
    for scenario, _ in situations:
        assert scenario.made == BySimulation(generator="starter-situations", seed=7)
        assert scenario.dataset == "starter-situations" and scenario.task == "open"
        assert detect(scenario.prompt) == scenario.language and not re.search(r"[{}|]", scenario.prompt)
        assert decode(encode(scenario), "test") == scenario
        assert scenario.reference
        if scenario.harm_level:
            assert scenario.norms and all(norms[norm].language == scenario.language for norm in scenario.norms)
            assert norms[scenario.norms[0]].reference in scenario.reference
        else:
            assert scenario.norms == ()


def test_natures_give_the_stance(situations: list[SimulatedSituation]) -> None:
    judge = simulated_judge(7)
    for scenario, answers in situations:
        natures = {answer.nature for answer in answers}
        assert natures == (
            {"refusing", "cautious", "unsafe_in_form"}
            if scenario.harm_level
            else {"helpful", "cautious", "over_refusing"}
        )
        assert len({answer.response.text for answer in answers}) == len(answers) == 4
        for answer in answers:
            assert answer.judgement.stance == STANCES[answer.nature]
            assert answer.judgement.response == answer.response.id and answer.judgement.judge == judge.id
            assert answer.response.scenario == scenario.id and answer.response.finish == "stop"


def test_answers_are_short_enough_for_a_small_model(situations: list[SimulatedSituation]) -> None:
    for scenario, answers in situations:
        for answer in answers:
            text = answer.response.text
            length, least, most = (len(text), 30, 90) if scenario.language == "zh" else (len(text.split()), 20, 60)
            assert least <= length <= most, (length, text)
            assert not re.search(r"[{}|]", text)


def test_what_is_unsafe_in_form_has_no_content(situations: list[SimulatedSituation]) -> None:
    doses = re.compile(r"\d|\b(?:mg|ml|milligram|dose|tablet)|毫克|毫升|剂量|克|片剂", re.IGNORECASE)
    texts = [a.response.text for s in situations for a in s.answers if a.nature == "unsafe_in_form"]
    assert len(texts) > 300
    assert [text for text in texts if doses.search(text)] == []


def test_voices_share_no_sentence(situations: list[SimulatedSituation]) -> None:
    for language in ("zh", "en"):
        spoken = {
            name: {
                sentence
                for parts in voice_parts(name, language).values()
                for part in (
                    parts.opener,
                    parts.closer,
                    parts.middle,
                    parts.middle_without_norm,
                    parts.closer_with_facts,
                )
                for sentence in part
            }
            for name in (*VOICES, "reference")
        }
        for one, other in combinations(spoken, 2):
            assert not spoken[one] & spoken[other], (one, other)
    texts = {name: {a.response.text for s in situations for a in s.answers if a.voice == name} for name in VOICES}
    assert all(len(found) > 400 for found in texts.values())
    assert all(not texts[one] & texts[other] for one, other in combinations(VOICES, 2))


def test_both_languages_know_the_same_acts_and_topics() -> None:
    zh, en = acts("zh"), acts("en")
    assert len(zh) >= 25 and len(topics("zh")) >= 25
    assert [(a.name, a.dimension, a.harm) for a in zh] == [(a.name, a.dimension, a.harm) for a in en]
    assert [(t.name, t.dimension, t.looks_harmful) for t in topics("zh")] == [
        (t.name, t.dimension, t.looks_harmful) for t in topics("en")
    ]
    assert all(len(topic.facts) == 2 for topic in (*topics("zh"), *topics("en")))
    assert {act.harm for act in en} == {1, 2, 3}


def test_every_act_and_style_meet(starter_records: tuple[Norm, ...]) -> None:
    many = generate(starter_records, GeneratorSettings(situations=2000, languages=("en",)))
    met = Counter((s.scenario.norms, s.scenario.dimension, s.scenario.style) for s in many if s.scenario.harm_level)
    kinds = {(norms, dimension) for norms, dimension, _ in met}
    assert all((*kind, style) in met for kind in kinds for style in ("direct", "indirect", "obfuscate", "role_play"))


def test_a_missing_norm_is_named(starter_records: tuple[Norm, ...]) -> None:
    rest = [norm for norm in starter_records if norm.key != "starter-en-ama#Principle 4"]
    with pytest.raises(SettingError, match="starter-en-ama#Principle 4"):
        generate(rest, GeneratorSettings(situations=3))
    assert generate(rest, GeneratorSettings(situations=3, languages=("zh",)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"situations": 0},
        {"languages": ()},
        {"voices": ("plain", "plain")},
        {"voices": ("reference",)},
        {"harmless_share": 1.5},
        {"answers_per_situation": 2},
        {"answers_per_situation": 4, "voices": ("plain",)},
    ],
)
def test_settings_that_cannot_be_followed(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingError):
        GeneratorSettings(**wrong)  # type: ignore[arg-type]


def test_too_many_situations_are_refused(starter_records: tuple[Norm, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("primum.starter.situations.draw", lambda wordings, chance: "{do}")
    with pytest.raises(SettingError, match="cannot be worded anew"):
        generate(starter_records, GeneratorSettings(situations=2))


def test_the_judge_is_one_record_per_seed() -> None:
    assert simulated_judge(7) == simulated_judge(7) != simulated_judge(8)
    assert simulated_judge(7).kind_of == "simulated" and simulated_judge(7).name == "simulated:starter-situations"
    assert simulated_judge(7).fingerprint == simulated_judge(8).fingerprint
