"""Criteria from reference answers: one for each part, in our words, true to the reference."""

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.language import detect, words
from primum.records import ByRule, Scenario, Turn
from primum.rubrics.drafting import DraftingSettings, draft_from_reference
from primum.rubrics.drafting.aspects import asked, aspect_of

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))


def scenario(question: str, answer: str | None) -> Scenario:
    return Scenario(
        messages=(Turn(role="user", content=question),),
        task="open",
        dimension="medical_question",
        language=detect(question),
        dataset="test",
        made=ByRule(rule="test"),
        reference=answer,
    )


def told(question: str, answer: str, **settings) -> list[str]:
    return [one.statement for one in draft_from_reference(scenario(question, answer), DraftingSettings(**settings))]


ZH = [
    (
        "一名40岁男性反复上腹痛，可能是什么病？",
        "该患者可能患有胃溃疡。建议进行胃镜、幽门螺杆菌检测等检查，以明确诊断。治疗方案包括奥美拉唑、阿莫西林、克拉霉素等药物。",
        [
            "指出可能患有胃溃疡。",
            "建议进行胃镜、幽门螺杆菌检测等检查。",
            "指出治疗方案包括奥美拉唑、阿莫西林、克拉霉素等药物（至少说到其中两项）。",
        ],
    ),
    ("小王喉咙痛，可能是什么疾病？", "急性咽炎", ["指出可能的诊断是急性咽炎。"]),
    ("治疗湿疹用什么药？", "氢化可的松、炉甘石", ["提到的治疗药物包括氢化可的松、炉甘石。"]),
    (
        "感冒是否需要吃抗生素？",
        "不需要，多喝水、多休息即可。",
        ["明确回答不需要吃抗生素。", "建议多喝水、多休息即可。"],
    ),
    (
        "胃炎和肠炎的病因有何不同？",
        "胃炎的病因包括饮酒等，而肠炎的病因主要是感染。",
        ["指出胃炎的病因包括饮酒等。", "指出肠炎的病因主要是感染。"],
    ),
    (
        "高血压应该怎么办？",
        "如果血压超过180毫米汞柱，应该立即就医。避免高盐饮食。具体治疗方案需要根据患者的情况制定。",
        ["指出如果血压超过180毫米汞柱，应该立即就医。", "提醒避免高盐饮食。", "说明治疗方案要根据患者的具体情况来定。"],
    ),
    (
        "最可能的诊断是什么？",
        "肌营养不良。活体组织检查可以进一步明确诊断。",
        [
            "指出可能的诊断是肌营养不良。",
            "指出活体组织检查可以进一步明确诊断。",
        ],
    ),
    ("什么人容易得并发症？", "并发症包括出血。", ["指出并发症包括出血。"]),
]

EN = [
    (
        "What causes Mornet disease ?",
        "What causes Mornet disease? Mornet disease is caused by mutations in the ABC gene. It is inherited in an autosomal "
        "recessive pattern, which means both copies of the gene have mutations. For more information, visit the following links.",
        [
            "Explains that Mornet disease is caused by mutations in the ABC gene.",
            "States that Mornet disease is inherited in an autosomal recessive pattern.",
            "Explains that an autosomal recessive pattern means that both copies of the gene have mutations.",
        ],
    ),
    (
        "What are the symptoms of Flu ?",
        "Symptoms can include - Fever - Dry cough - Sore throat Talk to your doctor if you have chest pain.",
        [
            "States that symptoms can include fever; dry cough; sore throat (at least two of these).",
            "Advises people to talk to their doctor if they have chest pain.",
        ],
    ),
    (
        "What are the treatments for Gout ?",
        "Surgery is rarely needed, but medicines help most people. No cure is known for this condition. "
        "Avoid alcohol. They are described elsewhere.",
        [
            "States that surgery is rarely needed.",
            "States that medicines help most people.",
            "States that no cure is known for the condition.",
            "Advises people to avoid alcohol.",
        ],
    ),
    (
        "How many people are affected by Mornet disease ?",
        "Mornet disease has been seen in Japan, but its prevalence is unknown.",
        ["States that Mornet disease has been seen in Japan.", "States that the prevalence is unknown."],
    ),
]


@pytest.mark.parametrize(("question", "answer", "expected"), ZH)
def test_each_part_of_a_chinese_answer_becomes_one_criterion(question, answer, expected):
    assert told(question, answer) == expected


@pytest.mark.parametrize(("question", "answer", "expected"), EN)
def test_each_part_of_an_english_answer_becomes_one_criterion(question, answer, expected):
    found = told(question, answer)
    assert found[: len(expected)] == expected
    assert not any("links" in one or "described elsewhere" in one for one in found)


def test_what_denies_is_never_cut_off():
    """`No signs are specific` must not become `signs are specific`, nor `并发症` lose its first character."""
    (first, *_) = told("How to diagnose X disease ?", "No clinical signs are specific for X disease. A test is needed.")
    assert first == "States that no clinical signs are specific for X disease."
    assert told("肺炎有哪些并发症？", "并发症包括脓胸、败血症。") == ["指出并发症包括脓胸、败血症。"]
    text = (
        "Some people take it, but it does not help older adults with severe disease of the heart and lungs who smoke."
    )
    whole = text[:1].lower() + text[1:]
    assert told("What are the treatments for X ?", text) == told("What is X ?", text) == [f"States that {whole}"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            "Many affected children have a cough, and it is very contagious to others.",
            ["many affected children have a cough"],
        ),
        (
            "The fever is high on the first day, and they can last for a week.",
            ["the fever is high on the first day"],
        ),
        (
            "Children have a cough at night, and they can have a fever.",
            ["children have a cough at night", "children can have a fever"],
        ),
        (
            "A child can cough at night, and they may vomit after it.",
            ["a child can cough at night", "a child may vomit after it"],
        ),
        (
            "Scoliosis can begin in early childhood, and it can worsen with growth.",
            ["scoliosis can begin in early childhood", "scoliosis can worsen with growth"],
        ),
    ],
)
def test_a_pronoun_stands_for_the_subject_only_where_their_number_agrees(answer, expected):
    assert told("What is X ?", answer) == [f"States that {one}." for one in expected]


def test_a_long_list_is_shortened_and_says_how_many_are_enough():
    names = "、".join(f"药{letter}素" for letter in "甲乙丙丁戊己庚辛壬癸")
    (only,) = told("治疗用什么药？", f"治疗药物包括{names}等药物。")
    assert only == "指出治疗药物包括药甲素、药乙素、药丙素、药丁素、药戊素、药己素等药物（至少说到其中三项）。"


def test_what_was_asked_for_weighs_most():
    found = draft_from_reference(scenario("肺炎怎么治疗？", "肺炎多见于儿童。肺炎的治疗包括阿奇霉素等。"))
    assert [(one.points, one.kind_of, one.axis) for one in found] == [
        (4, "proficiency", "completeness"),
        (9, "proficiency", "accuracy"),
    ]
    assert asked("肺炎怎么治疗？", "zh") == {"treatment", "medication"}
    assert aspect_of("辅助检查包括抗体", "zh") == "examination"


def test_the_cap_keeps_what_weighs_most_in_the_order_of_the_reference():
    answer = "肺炎多见于儿童。建议进行胸片检查。治疗方案包括阿奇霉素等。建议立即就医。"
    everything = told("肺炎怎么治疗？", answer)
    kept = told("肺炎怎么治疗？", answer, most_reference=2)
    assert len(everything) == 4 and kept == [one for one in everything if "阿奇霉素" in one or "就医" in one]


def test_without_a_reference_nothing_is_said():
    assert draft_from_reference(scenario("肺炎怎么治疗？", None)) == []
    assert draft_from_reference(scenario("肺炎怎么治疗？", "  ")) == []
    page = "These resources address the diagnosis or management of X: - Genetic Testing Registry: X"
    assert draft_from_reference(scenario("What are the treatments for X ?", page)) == []


@given(st.text(alphabet="治疗包括、，。；！（）应建议可能如果病药ABC a.-?,\n1", max_size=120), st.booleans())
def test_any_text_gives_criteria_that_can_stand_in_a_rubric(text, is_chinese):
    question = "肺炎怎么治疗？" if is_chinese else "What are the treatments for Flu ?"
    found = draft_from_reference(scenario(question, text))
    assert all(one.points > 0 and one.language == detect(question) and one.statement.strip() for one in found)
    assert len({one.statement for one in found}) == len(found) <= DraftingSettings().most_reference


@pytest.mark.parametrize("name", ["huatuo/questions.jsonl", "medquad/qa.jsonl"])
def test_open_data_gives_criteria_in_the_words_of_their_references(name):
    if not (DATA / name).exists():
        pytest.skip(f"open data is not there: {DATA / name}")
    rows = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()][:400]
    drafted = [(row, draft_from_reference(scenario(row["question"], row["answer"]))) for row in rows]
    assert sum(bool(found) for _, found in drafted) >= 0.85 * len(rows)
    frame = set(
        words(
            "指出建议提到提醒说明明确回答要根据患者的具体情况来定至少说到其中两项三项可能的诊断原因是包括药物检查治疗"
        )
    )
    frame |= set(
        words("States that Explains Advises people to Names at least one two of these signs and symptoms the condition")
    )
    for row, found in drafted:
        known = set(words(row["answer"])) | set(words(row["question"])) | frame
        for one in found:
            said = words(re.sub("（至少说到其中.项）|对所问的问题|明确回答", "", one.statement))
            own = sum(word in known for word in said)
            assert own >= 0.6 * len(said), (one.statement, row["answer"])
