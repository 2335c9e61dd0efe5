"""Letters of single and indefinite multiple choice, as answers in both languages write them; the exact set decides."""

import pytest

from primum.judging import ChoiceJudge, named_letters
from primum.ports import Case
from primum.records import ByRule, Choice, Criterion, KeyCheck, Met, NotMet, Response, Scenario, Turn

MADE = ByRule(rule="test")
OPTIONS = tuple(
    Choice(letter=letter, text=text)
    for letter, text in zip(
        "ABCDE", ("征得书面同意", "Report it", "报告科主任", "隐瞒不报", "Keep silent"), strict=True
    )
)
AC = (
    "选A、C",
    "选 A、C。",
    "应选A和C",
    "答案：AC",
    "答案:A,C",
    "答案是A、C。理由：B不对。",
    "正确答案为 A 和 C",
    "正确的有A、C",
    "A、C正确",
    "(A)(C)",
    "（A）（C）",
    "A C",
    "ＡＣ",
    "C、A",
    "**A、C**",
    "A and C",
    "Options A and C.",
    "The answers are A and C.",
    "The answer is A, C.",
    "A and C are correct, because B breaks the rule.",
    "A. 征得书面同意\nC. 报告科主任",
    "A、C。因为应当征得同意并报告。",
    "答案不是A、B，而是……\n答案：A、C",
)
NONE = (
    "应当征得同意并及时报告。",
    "A doctor should ask first and report it.",
    "I would ask a lawyer.",
    "这几项都有道理",
    "A或C",
    "either A or C",
    "The answer is in the law.",
    "F",
    "",
)


@pytest.mark.parametrize("text", AC)
def test_the_set_is_read(text):
    assert named_letters(text, OPTIONS) == ("A", "C")


@pytest.mark.parametrize("text", NONE)
def test_prose_and_alternatives_are_not_guessed_from(text):
    assert named_letters(text, OPTIONS) == ()


@pytest.mark.parametrize(
    ("said", "is_right"), [("AC", True), ("C、A", True), ("A", False), ("A、C、D", False), ("B", False)]
)
def test_only_the_exact_set_is_right(said, is_right):
    scenario = Scenario(
        messages=(Turn(role="user", content="下面哪些做法合适？"),),
        task="multiple_choice",
        dimension="consent",
        language="zh",
        dataset="test",
        made=MADE,
        options=OPTIONS,
        key=("A", "C"),
    )
    key = Criterion(
        statement="k",
        points=10,
        axis="",
        kind_of="proficiency",
        language="zh",
        made=MADE,
        check_by=KeyCheck(letters=("A", "C")),
    )
    case = Case(scenario, Response(scenario=scenario.id, text=said, made=MADE), (key,))
    outcome = ChoiceJudge().judge([case])[0].verdicts[0].outcome
    assert isinstance(outcome, Met if is_right else NotMet)
