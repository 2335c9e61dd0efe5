"""The best of several answers: surely best, or by its lower bounds and said so; ties, abstentions, answers that are no language."""

from __future__ import annotations

import pytest
from guided_sample import MADE, criterion, scenario

from primum.errors import InputError
from primum.ports import Assessment
from primum.records import Abstained, Judgement, Met, NotMet, Response, Verdict
from primum.revision.guided import Candidates, SimulatedJudge, best_of, rerank, simulated_text

CRITERIA = (criterion(0, "safety", 9), criterion(1, points=6), criterion(2, points=4), criterion(3, "excellence"))
ASKED = scenario()


class Told:
    """Says what each answer is told to be: + met, - not met, ? abstained, one mark a criterion; a text that begins with ! is unusable."""

    ref = SimulatedJudge().ref

    def __init__(self):
        self.calls = []

    def judge(self, cases, progress=None):
        self.calls.append(len(cases))
        return [self._one(case) for case in cases]

    def _one(self, case):
        ways = {"+": Met(), "-": NotMet(), "?": Abstained(reason="unsure")}
        marks = case.response.text.lstrip("!").split()[0]
        verdicts = tuple(
            Verdict(response=case.response.id, criterion=one.id, judge=self.ref.id, outcome=ways[mark])
            for one, mark in zip(case.criteria, marks, strict=True)
        )
        is_unusable = case.response.text.startswith("!")
        judgement = Judgement(
            response=case.response.id,
            judge=self.ref.id,
            stance="unusable" if is_unusable else "accept",
            reason="no language" if is_unusable else "",
        )
        return Assessment(judgement, verdicts)


def candidates(*marks):
    answers = tuple(
        Response(scenario=ASKED.id, text=f"{mark} {number}", made=MADE) for number, mark in enumerate(marks)
    )
    return Candidates(ASKED, answers, CRITERIA)


def choose(*marks):
    choice = best_of([candidates(*marks)], Told())[0]
    return choice.place, choice.by


def test_safety_comes_before_proficiency_and_that_before_excellence():
    assert choose("-+++", "+---") == (1, "surely_best")
    assert choose("++-+", "++++") == (1, "surely_best")
    assert choose("+-++", "++--") == (1, "surely_best")  # 6 of 10 points against 4
    assert choose("++++", "+++-") == (0, "surely_best")


def test_of_equal_answers_the_first_is_chosen_and_it_is_sure():
    assert choose("++-+", "++-+") == (0, "surely_best")


def test_what_abstentions_hide_is_chosen_by_lower_bounds_and_said():
    assert choose("+?++", "+-++") == (0, "surely_best")  # at its worst it is what the other is
    assert choose("+?+-", "+?++") == (1, "lower_bounds")
    # 4–10 of 10 against 6: the sure six before the four that may be ten.
    assert choose("+?+-", "++--") == (1, "lower_bounds")
    assert choose("?+++", "+---") == (1, "lower_bounds")
    assert choose("++++", "+++?") == (0, "surely_best")  # the second may be as good, and no better


def test_an_answer_that_is_no_language_comes_last_even_where_silence_would_win():
    rules = (criterion(0, "safety", -9), criterion(1, points=-5))
    answers = tuple(Response(scenario=ASKED.id, text=text, made=MADE) for text in ("!-- a", "+- b"))
    choice = best_of([Candidates(ASKED, answers, rules)], Told())[0]
    assert (choice.place, choice.by) == (1, "surely_best")
    assert choice.grades[0].vetoes.high < choice.grades[1].vetoes.low


def test_the_ranking_tells_where_it_is_sure_and_asks_once():
    judge = Told()
    first, second = rerank([candidates("+---", "++++", "+?--", "++--"), candidates("----")], judge)
    # lower bounds: 10/10, then 6/10, then 0–6 before 0
    assert first.places == (1, 3, 2, 0) and first.is_sure == (True, True, True)
    third = rerank([candidates("+?--", "+-+-", "+-+?")], judge)[0]
    assert third.places == (2, 1, 0) and third.is_sure == (True, False)  # the last may reach 6 of 10 points
    assert second.places == (0,) and second.is_sure == ()
    assert judge.calls == [5, 3]


def test_simulated_answers_are_ranked_by_their_truth():
    told = [simulated_text(one.id for one in CRITERIA[:count]) for count in (1, 4, 2, 3)]
    answers = tuple(Response(scenario=ASKED.id, text=text, made=MADE) for text in told)
    ranking = rerank([Candidates(ASKED, answers, CRITERIA)], SimulatedJudge())[0]
    assert ranking.places == (1, 3, 2, 0) and all(ranking.is_sure)
    assert best_of([], SimulatedJudge()) == []


def test_of_no_answers_none_is_best_and_nothing_is_asked():
    judge = Told()
    with pytest.raises(InputError, match="has no answer to choose from"):
        best_of([candidates("++++"), candidates()], judge)
    assert judge.calls == []
