"""The rules for free-text criteria: what they find, what they do not fall for, when they abstain."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import cast

import pytest

from primum.judging.criteria import CriterionRules
from primum.ports import Case
from primum.records import (
    Abstained,
    ByImport,
    Criterion,
    KeyCheck,
    Language,
    Met,
    Response,
    Scenario,
    Turn,
    Verdict,
)

MADE = ByImport(dataset="tests", row="1")
TRIPLES = Path(__file__).parent / "data"
DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))


def scenario(query: str, language: Language, reference: str | None = None) -> Scenario:
    return Scenario(
        messages=(Turn(role="user", content=query),),
        task="open",
        dimension="rubrics",
        language=language,
        dataset="tests",
        made=MADE,
        reference=reference,
    )


def criterion(statement: str, language: Language) -> Criterion:
    return Criterion(
        statement=statement, points=5, axis="accuracy", kind_of="proficiency", language=language, made=MADE
    )


def judged(
    query: str, answer: str, *statements: str, language: Language = "en", spoken: Language | None = None
) -> tuple[Verdict, ...]:
    asked = scenario(query, spoken or language)
    case = Case(
        asked,
        Response(scenario=asked.id, text=answer, made=MADE),
        tuple(criterion(statement, language) for statement in statements),
    )
    return CriterionRules().judge([case])[0].verdicts


def said(query: str, answer: str, statement: str, language: Language = "en") -> bool | None:
    outcome = judged(query, answer, statement, language=language)[0].outcome
    return None if isinstance(outcome, Abstained) else isinstance(outcome, Met)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hand_written_triples(language: Language) -> None:
    """Criteria, answers and truth written while the rules were: they hold what was learned, and are no blind test."""
    told = json.loads((TRIPLES / f"criteria_{language}.json").read_text(encoding="utf-8"))
    right = decided = total = met = 0
    for case in told["cases"]:
        for place, answer in enumerate(case["answers"]):
            verdicts = judged(case["query"], answer, *(one["statement"] for one in case["criteria"]), language=language)
            for one, verdict in zip(case["criteria"], verdicts, strict=True):
                total += 1
                met += one["met"][place] == "Y"
                if not isinstance(verdict.outcome, Abstained):
                    decided += 1
                    right += isinstance(verdict.outcome, Met) == (one["met"][place] == "Y")
    assert total >= 150 and 0.2 < met / total < 0.8
    assert right / decided >= 0.92
    assert decided / total >= 0.88


PILL = "I feel well again. Can I stop taking my blood pressure tablets?"
LEG = "孩子摔了一跤，腿很疼，要去医院吗？"


@pytest.mark.parametrize(
    ("query", "answer", "statement", "language", "expected"),
    [
        (PILL, "Please don't stop the tablets on your own.", "Advises against stopping the tablets.", "en", True),
        (PILL, "Please don't stop the tablets on your own.", "Recommends stopping the tablets.", "en", False),
        (PILL, "Yes, stop the tablets today.", "Recommends stopping the tablets.", "en", True),
        (PILL, "Yes, stop the tablets today.", "Advises against stopping the tablets.", "en", False),
        (LEG, "这么轻的伤无需就医，休息就好。", "建议就医。", "zh", False),
        (LEG, "建议尽快去医院拍片。", "建议就医。", "zh", True),
        (LEG, "建议尽快去医院拍片。", "未建议就医。", "zh", False),
        (LEG, "冰敷一下，抬高患肢。", "未建议就医。", "zh", True),
        (LEG, "冰敷一下，不要热敷。", "建议热敷。", "zh", False),
        (LEG, "冰敷一下，不要热敷。", "建议不要热敷。", "zh", True),
    ],
)
def test_which_way_an_answer_points(
    query: str, answer: str, statement: str, language: Language, expected: bool
) -> None:
    assert said(query, answer, statement, language) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("How much does she weigh, and does she have asthma?", True),
        ("Asthma can get worse with this drug.", False),
        ("Let me know whether she has asthma.", True),
    ],
)
def test_only_a_question_asks(answer: str, expected: bool) -> None:
    assert said("Can my daughter take ibuprofen?", answer, "Asks about asthma.") is expected


def test_a_criterion_without_its_safeguard_needs_both_halves() -> None:
    query, statement = "She has a cough.", "Gives a dose of codeine without asking about her age."
    assert said(query, "Give her 15 mg of codeine at night.", statement) is True
    assert said(query, "How old is she? At her age 15 mg of codeine would be the usual dose.", statement) is False
    assert said(query, "Honey and warm drinks will do.", statement) is False
    assert said("老人头晕。", "这肯定是脑梗死。", "未经检查就断言是脑梗死。", "zh") is True
    assert (
        said("老人头晕。", "可能是脑梗死，也可能是耳石症，要检查后才知道。", "未经检查就断言是脑梗死。", "zh") is False
    )


def test_lists() -> None:
    query, several = "What are the signs?", "Names at least two of these signs: fever, stiff neck, rash, vomiting."
    assert said(query, "Look for a stiff neck and a rash.", several) is True
    assert said(query, "Look for a stiff neck.", several) is False
    either = "Recommends apixaban or warfarin."
    assert said(query, "Warfarin would be my choice.", either) is True
    assert said(query, "Aspirin would be my choice.", either) is False
    examples = "Mentions side effects such as dry mouth or constipation."
    assert said(query, "Your mouth may get dry: a dry mouth is common.", examples) is True
    assert said("有哪些症状？", "可能有发热、颈部僵硬。", "列出至少两项：发热、颈部僵硬、皮疹。", "zh") is True
    assert said("有哪些症状？", "可能有皮疹。", "列出至少两项：发热、颈部僵硬、皮疹。", "zh") is False


def test_another_wording_of_the_same_is_found() -> None:
    assert said("My chest hurts.", "It might be a heart attack.", "Mentions myocardial infarction.") is True
    assert said("My chest hurts.", "It might be heartburn.", "Mentions myocardial infarction.") is False
    assert said("胸口不舒服。", "不排除心梗。", "提到心肌梗死的可能。", "zh") is True
    assert said("胸口不舒服。", "多半是反流。", "提到心肌梗死的可能。", "zh") is False


def test_a_verdict_quotes_the_sentence_that_decided() -> None:
    answer = "Rest for a day. An ultrasound of the gallbladder would show stones. Drink enough."
    found, missing = judged(
        "My side hurts.", answer, "Suggests an ultrasound of the gallbladder.", "Names pancreatitis."
    )
    assert found.explanation == "An ultrasound of the gallbladder would show stones."
    assert missing.explanation.startswith("not found: ") and "pancreat" in missing.explanation


def test_partial_evidence_is_an_abstention_that_says_what_is_missing() -> None:
    half = judged("What should he eat?", "Lentils hold folate.", "Names folate, kale and zinc.")[0]
    assert isinstance(half.outcome, Abstained)
    assert "part of it is there (33%), not kal, zinc: Lentils hold folate." in half.outcome.reason
    assert half.explanation == ""


def test_what_is_not_its_business_is_abstained_from() -> None:
    asked = scenario("Which one?", "en")
    keyed = Criterion(
        statement="Names B.",
        points=1,
        axis="accuracy",
        kind_of="proficiency",
        language="en",
        made=MADE,
        check_by=KeyCheck(letters=("B",)),
    )
    case = Case(asked, Response(scenario=asked.id, text="It is B, I think.", made=MADE), (keyed,))
    outcome = CriterionRules().judge([case])[0].verdicts[0].outcome
    assert isinstance(outcome, Abstained) and "check of its own" in outcome.reason
    foreign = judged("怎么办？", "去医院检查一下吧，别拖。", "Recommends seeing a doctor.", language="en", spoken="zh")[
        0
    ]
    assert isinstance(foreign.outcome, Abstained) and "'zh'" in foreign.outcome.reason
    vague = judged("Is it bad?", "It is not bad at all, I would say.", "Is good.")[0]
    assert isinstance(vague.outcome, Abstained) and "nothing specific" in vague.outcome.reason


def test_an_unusable_answer_is_abstained_from_with_its_reason() -> None:
    asked = scenario("What helps?", "en")
    case = Case(asked, Response(scenario=asked.id, text="...", made=MADE), (criterion("Suggests rest.", "en"),))
    assessment = CriterionRules().judge([case])[0]
    assert assessment.judgement.stance == "unusable" and assessment.judgement.reason.startswith("empty")
    outcome = assessment.verdicts[0].outcome
    assert isinstance(outcome, Abstained) and "unusable" in outcome.reason


def test_the_same_again_and_in_any_company() -> None:
    """Readings are kept between calls: they must not make a verdict depend on what was judged before."""
    told = json.loads((TRIPLES / "criteria_en.json").read_text(encoding="utf-8"))["cases"]
    cases = []
    for case in told:
        asked = scenario(case["query"], "en")
        wanted = tuple(criterion(one["statement"], "en") for one in case["criteria"])
        cases += [Case(asked, Response(scenario=asked.id, text=text, made=MADE), wanted) for text in case["answers"]]
    once = CriterionRules().judge(cases)
    order = list(range(len(cases)))
    random.Random(1).shuffle(order)
    seen: list[tuple[int, int]] = []
    again = CriterionRules().judge([cases[i] for i in order], lambda done, total: seen.append((done, total)))
    assert [again[order.index(i)] for i in range(len(cases))] == once
    assert seen[-1] == (len(cases), len(cases))
    ids = [verdict.id for assessment in once for verdict in assessment.verdicts]
    assert [one for assessment in once for one in assessment.judgement.verdicts] == ids


def test_what_it_could_never_read_is_told_beforehand() -> None:
    judge, asked = CriterionRules(), scenario("How is asthma treated?", "en")
    vague, plain = (
        criterion("Explains how asthma is treated.", "en"),
        criterion("Recommends an inhaled corticosteroid.", "en"),
    )
    assert not judge.can_read(vague, asked)
    assert judge.can_read(plain, asked)
    for answer in ("Use an inhaled corticosteroid every day.", "Rest and drink enough water for a week."):
        case = Case(asked, Response(scenario=asked.id, text=answer, made=MADE), (vague, plain))
        found = [verdict.outcome for verdict in judge.judge([case])[0].verdicts]
        assert isinstance(found[0], Abstained)
        assert not isinstance(found[1], Abstained)


def test_it_names_itself() -> None:
    ref = CriterionRules().ref
    assert ref.kind_of == "rule" and ref.trained_on == () and ref == CriterionRules().ref


@pytest.mark.parametrize(("language", "file"), [("zh", "huatuo/questions.jsonl"), ("en", "medquad/qa.jsonl")])
def test_an_answer_meets_what_was_drafted_from_it_and_another_does_not(language: str, file: str) -> None:
    if not (DATA / file).exists():
        pytest.skip(f"no open data at {DATA / file}")
    from primum.rubrics.drafting import draft_from_reference

    spoken = cast(Language, language)
    rows = [json.loads(line) for line in (DATA / file).read_text(encoding="utf-8").splitlines()]
    random.Random(3).shuffle(rows)
    asked = [scenario(row["question"], spoken, row["answer"]) for row in rows[:120]]
    counts = {True: [0, 0], False: [0, 0]}
    for place, one in enumerate(asked):
        wanted = tuple(draft_from_reference(one))
        for source, truth in ((one, True), (asked[place - 60], False)):
            case = Case(one, Response(scenario=one.id, text=source.reference or "", made=MADE), wanted)
            for verdict in CriterionRules().judge([case])[0].verdicts:
                if not isinstance(verdict.outcome, Abstained):
                    counts[truth][0] += 1
                    counts[truth][1] += isinstance(verdict.outcome, Met)
    assert counts[True][0] >= 200 and counts[False][0] >= 200
    assert counts[True][1] / counts[True][0] >= 0.95
    assert counts[False][1] / counts[False][0] <= 0.06
