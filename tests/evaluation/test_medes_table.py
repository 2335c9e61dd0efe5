"""The table of a policy by scene, and two policies on the same questions."""

import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import InputError
from primum.evaluation.medes_table import NUMBERS, KeyedItem, MedesAnswers, RuledItem, medes_compare, medes_table
from primum.evaluation.suites.medes import ruling_of

QUESTIONS = ("R1", "R2", "Q1", "Q2", "Q3", "Q4")


def opened(name, met, scene="", cluster=None):
    """`met` as a word: `++` and four more signs; `?` where the judge abstained."""
    said = {question: {"+": True, "-": False, "?": None}[sign] for question, sign in zip(QUESTIONS, met, strict=True)}
    return RuledItem(name, scene, cluster or name, ruling_of(name, said))


def keyed(name, is_right, scene=""):
    return KeyedItem(name, scene, name, is_right)


def point(line, metric):
    return line.numbers[metric].estimate.value


def test_worked_table():
    ruled = [
        opened("1", "++++-+", "a"),
        opened("2", "+-++++", "a"),
        opened("3", "+++---", "b"),
        opened("4", "-+++++", "b"),
    ]
    table = medes_table(MedesAnswers(ruled, [keyed("5", True, "a"), keyed("6", False, "c"), keyed("7", None, "c")]))
    assert [(line.by, line.name, line.ruled, line.keyed) for line in table] == [
        ("all", "all", 4, 3),
        ("scene", "a", 2, 1),
        ("scene", "b", 2, 0),
        ("scene", "c", 0, 2),
    ]
    whole, first, second, third = table
    assert list(whole.numbers) == list(NUMBERS)
    # the first has 3/4 and .4 + .3 + .1, the third 1/4 and .4; the others are risky
    assert point(whole, "risk_rate") == 0.5 and point(whole, "quality") == 0.5
    assert point(whole, "comprehensive") == -0.25  # (0.75 − 1 + 0.25 − 1) / 4
    assert point(whole, "quality_weighted") == pytest.approx(0.6)
    assert point(whole, "comprehensive_weighted") == pytest.approx(-0.2)
    assert point(whole, "choice_accuracy") == 0.5  # two decided; one of three is open
    assert whole.numbers["choice_accuracy"].bounds == (1 / 3, 2 / 3)
    assert point(first, "choice_accuracy") == 1.0 and "choice_accuracy" not in second.numbers
    assert list(third.numbers) == ["choice_accuracy"]
    for number in whole.numbers.values():
        assert number.estimate.low < number.estimate.value < number.estimate.high


def test_an_abstention_is_in_the_bounds_and_not_a_zero():
    line = medes_table(MedesAnswers([opened("1", "++++++"), opened("2", "??????")]))[0]
    assert point(line, "risk_rate") == 0.0 and line.numbers["risk_rate"].bounds == (0.0, 0.5)
    assert point(line, "comprehensive") == 1.0 and line.numbers["comprehensive"].bounds == (0.0, 1.0)
    # the other may have any quality, or be risky and count for none
    assert point(line, "quality") == 1.0 and line.numbers["quality"].bounds == (0.5, 1.0)


def test_where_all_are_risky_there_is_no_quality():
    line = medes_table(MedesAnswers([opened("1", "-+++++"), opened("2", "+-++++")]))[0]
    assert list(line.numbers) == ["risk_rate", "comprehensive", "comprehensive_weighted"]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (MedesAnswers([], []), "gives no number"),
        (MedesAnswers([opened("1", "++++++")] * 2), "'open 1' stands there twice"),
        (MedesAnswers([], [keyed("1", True), keyed("1", False)]), "'choice 1' stands there twice"),
    ],
)
def test_no_answer_and_two_answers_are_refused(answers, told):
    with pytest.raises(InputError, match=told):
        medes_table(answers)


def test_two_policies_are_paired_by_question_whatever_their_order():
    chance = random.Random(3)
    before, after = [], []
    for number in range(60):
        scene, name = "ab"[number % 2], str(number)
        before.append(opened(name, "".join(chance.choice("+-") for _ in range(6)), scene))
        after.append(opened(name, "++" + "".join(chance.choice("+++-") for _ in range(4)), scene))
    shuffled = chance.sample(after, len(after))
    found = medes_compare(MedesAnswers(before), MedesAnswers(shuffled))
    assert found == medes_compare(MedesAnswers(before), MedesAnswers(after))
    assert {(one.by, one.name) for one in found} == {("all", "all"), ("scene", "a"), ("scene", "b")}
    lines = [{(line.name): line for line in medes_table(MedesAnswers(side))} for side in (before, after)]
    for one in found:
        assert one.before == lines[0][one.name].numbers[one.metric].estimate
        assert one.after == lines[1][one.name].numbers[one.metric].estimate
        if not one.metric.startswith("quality"):
            assert one.difference.value == pytest.approx(one.after.value - one.before.value, abs=1e-12)
        assert one.difference.low < one.difference.value <= one.difference.high
    risk = next(one for one in found if one.by == "all" and one.metric == "risk_rate")
    assert risk.difference.high < 0  # 60 answers of which three quarters were risky, and none is now


def test_quality_is_paired_where_both_answers_are_free_of_risk():
    before = [opened("1", "++++--"), opened("2", "-+++++"), opened("3", "++----")]
    after = [opened("1", "++++++"), opened("2", "++++++"), opened("3", "-+++++")]
    found = {one.metric: one for one in medes_compare(MedesAnswers(before), MedesAnswers(after))}
    assert found["quality"].difference.value == 0.5 and found["quality"].difference.n == 1


def test_choice_questions_are_paired_too_and_an_open_one_widens_the_difference():
    before = MedesAnswers([], [keyed(str(n), n % 2 == 0) for n in range(20)])
    after = MedesAnswers([], [keyed(str(n), True) for n in range(20)])
    decided = medes_compare(before, after)[0]
    assert (decided.metric, decided.difference.value) == ("choice_accuracy", 0.5)
    gaps = MedesAnswers([], [keyed(str(n), None if n < 4 else True) for n in range(20)])
    wide = medes_compare(before, gaps)[0]
    assert wide.difference.n == 16 and wide.difference.low < decided.difference.low


@pytest.mark.parametrize("kind", [0, 1])
def test_two_policies_on_different_questions_are_refused(kind):
    one, other = ([opened("1", "++++++")], [opened("2", "++++++")]), ([keyed("1", True)], [keyed("2", True)])
    sides = [MedesAnswers(*(side if number == kind else () for number in range(2))) for side in (one, other)[kind]]
    with pytest.raises(InputError, match="is answered by one policy only"):
        medes_compare(*sides)


sign = st.sampled_from("++-?")
pairs = st.lists(st.tuples(*[st.lists(sign, min_size=6, max_size=6).map("".join)] * 2), min_size=1, max_size=2)


@given(pairs)
@settings(max_examples=25)
def test_the_difference_and_its_interval_hold_every_way_the_abstentions_could_go(answers):
    gaps = [
        (i, j, k) for i, pair in enumerate(answers) for j, met in enumerate(pair) for k, s in enumerate(met) if s == "?"
    ]
    if len(gaps) > 6:
        return
    sides = [MedesAnswers([opened(str(i), pair[j]) for i, pair in enumerate(answers)]) for j in range(2)]
    found = {one.metric: one.difference for one in medes_compare(*sides)}
    for filled in itertools.product("+-", repeat=len(gaps)):
        whole = [[list(met) for met in pair] for pair in answers]
        for (i, j, k), s in zip(gaps, filled, strict=True):
            whole[i][j][k] = s
        for metric, value in (("risk_rate", risk), ("comprehensive", comprehensive)):
            apart = sum((value(pair[1]) - value(pair[0]) for pair in whole), Fraction(0)) / len(whole)
            if metric in found:
                assert found[metric].low - 1e-9 <= apart <= found[metric].high + 1e-9


def risk(met):
    return Fraction("-" in met[:2])


def comprehensive(met):
    return Fraction(-1) if "-" in met[:2] else Fraction(met[2:].count("+"), 4)


def test_abstentions_widen_the_difference_to_what_they_could_have_been():
    before = MedesAnswers([opened(str(n), "++++++") for n in range(200)])
    after = MedesAnswers([opened(str(n), "??????" if n < 20 else "++++++") for n in range(200)])
    found = {one.metric: one.difference for one in medes_compare(before, after)}
    # a tenth may be risky: R up by 0.1, C down by 0.2
    assert found["risk_rate"].value == 0.0 and found["risk_rate"].high > 0.1 > 0 > found["risk_rate"].low > -0.1
    assert found["comprehensive"].low < -0.2 < found["comprehensive"].value == 0.0
