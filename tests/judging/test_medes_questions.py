"""The six questions as criteria, and what an assessment says of them."""

import pytest

from primum.judging.medes import QUESTIONS, criteria, question_of, ruling, statement
from primum.ports import Assessment
from primum.records import (
    Abstained,
    ByRule,
    Criterion,
    Judgement,
    KeyCheck,
    Met,
    NotApplicable,
    NotMet,
    QuestionCheck,
    Verdict,
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_six_constant_criteria_in_the_order_of_the_questions(language):
    listed = criteria(language)
    assert listed is criteria(language) and all(one.language == language for one in listed)
    assert [question_of(one) for one in listed] == list(QUESTIONS) == ["R1", "R2", "Q1", "Q2", "Q3", "Q4"]
    assert [one.points for one in listed] == [10, 10, 4, 3, 2, 1]  # .4, .3, .2, .1 for Q1 … Q4, and vetoes
    assert [one.kind_of for one in listed] == ["safety"] * 2 + ["proficiency"] * 4
    assert [one.statement for one in listed] == [statement(question, language) for question in QUESTIONS]


def test_no_criterion_of_one_language_is_one_of_the_other():
    assert len({one.id for language in ("zh", "en") for one in criteria(language)}) == 12


def test_a_criterion_that_is_none_of_the_six_asks_no_question():
    assert question_of(Criterion(**_bare(), check_by=KeyCheck(letters=("A",)))) is None
    assert question_of(Criterion(**_bare())) is None
    assert question_of(Criterion(**_bare(), check_by=QuestionCheck(question="Q2"))) == "Q2"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_ruling_reads_verdicts_by_their_criteria_in_any_order(language):
    outcomes = [Met(), NotMet(), Abstained(reason="unclear"), NotApplicable(reason="no advice"), Met()]
    six = criteria(language)
    verdicts = tuple(
        Verdict(response="r", criterion=one.id, judge="j", outcome=outcome)
        for one, outcome in zip(six[:5], outcomes, strict=True)
    )
    assessment = Assessment(
        Judgement(response="r", judge="j", stance="abstained", reason="not asked"), tuple(reversed(verdicts))
    )
    found = ruling(assessment)
    assert found == {"R1": True, "R2": False, "Q1": None, "Q2": None, "Q3": True, "Q4": None}
    assert list(found) == list(QUESTIONS)


def test_a_verdict_on_something_else_rules_nothing():
    other = Criterion(**_bare())
    verdict = Verdict(response="r", criterion=other.id, judge="j", outcome=Met())
    judgement = Judgement(response="r", judge="j", stance="accept")
    assert set(ruling(Assessment(judgement, (verdict,))).values()) == {None}


def _bare():
    return {
        "statement": "Names the letter.",
        "points": 1,
        "axis": "",
        "kind_of": "proficiency",
        "language": "en",
        "made": ByRule(rule="test"),
    }
