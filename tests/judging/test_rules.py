"""The rule that reads letters from answers to choice questions."""

from __future__ import annotations

import pytest

from primum.judging import ChoiceJudge, named_letters
from primum.ports import Case
from primum.records import (
    Abstained,
    ByRule,
    Choice,
    Criterion,
    KeyCheck,
    Met,
    NotMet,
    Response,
    Scenario,
    StanceCheck,
    Turn,
)

MADE = ByRule(rule="test")
OPTIONS = tuple(
    Choice(letter=letter, text=text)
    for letter, text in zip("ABCDE", ["Wash hands", "Wear a mask", "Vitamin D", "消毒隔离", "None"], strict=True)
)
READ = {
    "B": "B",
    "b": "B",
    "Ｂ": "B",
    "**B**": "B",
    "(C)": "C",
    "ACD": "ACD",
    "A B D": "ABD",
    "A, B and D": "ABD",
    "A、B、D": "ABD",
    "A.\nB.\nD.": "ABD",
    "B. Wear a mask": "B",
    "B) Wear a mask": "B",
    "答案：B、D": "BD",
    "答案为（A）": "A",
    "正确答案是ACD。": "ACD",
    "根据《医师法》，正确的是A、C、D": "ACD",
    "选AC": "AC",
    "选 A 和 C": "AC",
    "我认为应该选择B和D": "BD",
    "选项C": "C",
    "D选项正确": "D",
    "A、C、D均正确": "ACD",
    "不选A，选B": "B",
    "应选B。因为A不正确": "B",
    "答案不是A，答案是C": "C",
    "The answer is (C).": "C",
    "The correct answers are: A, C, and E.": "ACE",
    "The answer is both A and B": "AB",
    "The answer is not A. The answer is B.": "B",
    "Answer is B because a patient asked": "B",
    "I choose D": "D",
    "I would go with option C because it is safe": "C",
    "Options A and C": "AC",
    "A and D are right, because C is wrong.": "AD",
    "A and B are wrong, C is right": "C",
    "A is wrong, so B": "B",
    "Because it is safest, B.": "B",
    "\\boxed{C}": "C",
    "消毒隔离": "D",
    "Vitamin D": "C",
    "Answer: A wash hands": "A",
}
NAMES_NONE = (
    "",
    "A patient should wash hands.",
    "I think that a doctor should help.",
    "I'm sorry, but I cannot help",
    "A nurse must be careful",
    "Hepatitis B is a virus",
    "vitamin D is needed",
    "The answer is a mask.",
    "Answer: A patient should wear gloves.",
    "The answer is DNA",
    "The answer is Be",
    "F",
    "B or C",
    "答案是A或B",
    "乙型肝炎",
)


@pytest.mark.parametrize(("text", "letters"), READ.items())
def test_letters_are_read_as_people_write_them(text: str, letters: str) -> None:
    assert "".join(named_letters(text, OPTIONS)) == letters


@pytest.mark.parametrize("text", NAMES_NONE)
def test_articles_and_other_words_are_no_letters(text: str) -> None:
    assert named_letters(text, OPTIONS) == ()


def test_pronoun_is_no_letter_even_where_there_is_an_option_i() -> None:
    options = [Choice(letter=letter, text=f"option {letter}") for letter in "ABCDEFGHI"]
    assert named_letters("I think that a doctor should help.", options) == ()
    assert named_letters("The answer is I", options) == ("I",)


def _case(text: str, finish: str = "stop", key: tuple[str, ...] = ("B", "D")) -> Case:
    scenario = Scenario(
        messages=(Turn(role="user", content="Which are right?"),),
        task="multiple_choice",
        dimension="infection",
        language="en",
        dataset="sample",
        made=MADE,
        options=OPTIONS,
        key=key,
    )
    response = Response(scenario=scenario.id, text=text, made=MADE, finish=finish)  # type: ignore[arg-type]
    return Case(scenario, response, (_criterion(KeyCheck(letters=key)),))


def _criterion(check: KeyCheck | StanceCheck | None) -> Criterion:
    return Criterion(
        statement="names the right options",
        points=5,
        axis="accuracy",
        kind_of="proficiency",
        language="en",
        made=MADE,
        check_by=check,
    )


def test_exactly_the_key_is_met() -> None:
    judge = ChoiceJudge()
    cases = [_case("B and D"), _case("D, B"), _case("B"), _case("B, C and D"), _case("Neither of them helps")]
    assessments = judge.judge(cases)
    assert [type(one.verdicts[0].outcome) for one in assessments] == [Met, Met, NotMet, NotMet, NotMet]
    assert [one.verdicts[0].explanation for one in assessments[2:]] == ["names B", "names B, C, D", "names no option"]
    assert {one.judgement.stance for one in assessments} == {"accept"}
    assert assessments[0].judgement.verdicts == (assessments[0].verdicts[0].id,)
    assert assessments[0].judgement.judge == judge.ref.id


def test_unusable_answer_is_not_right_and_said_to_be_unusable() -> None:
    (assessment,) = ChoiceJudge().judge([_case("B B B B B B B B B B B B B B")])
    assert assessment.judgement.stance == "unusable"
    assert isinstance(assessment.verdicts[0].outcome, NotMet)
    assert assessment.verdicts[0].explanation == assessment.judgement.reason == "repeats itself"


def test_answer_cut_off_after_its_letters_has_answered() -> None:
    named, unnamed = ChoiceJudge().judge(
        [_case("B and D, since hands and masks", "length"), _case("Let us look at each", "length")]
    )
    assert isinstance(named.verdicts[0].outcome, Met)
    assert unnamed.judgement.stance == "unusable"


def test_what_is_no_choice_is_abstained_from() -> None:
    choice = _case("B and D")
    others = Case(choice.scenario, choice.response, (_criterion(StanceCheck(stances=("accept",))), _criterion(None)))
    asked = Scenario(
        messages=choice.scenario.messages, task="open", dimension="x", language="en", dataset="sample", made=MADE
    )
    opened = Case(asked, choice.response, choice.criteria)
    for assessment in ChoiceJudge().judge([others, opened]):
        assert all(isinstance(verdict.outcome, Abstained) for verdict in assessment.verdicts)
    assert ChoiceJudge().judge([opened])[0].judgement.stance == "abstained"


def test_progress_counts_cases() -> None:
    seen: list[tuple[int, int]] = []
    ChoiceJudge().judge([_case("B"), _case("D")], lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
