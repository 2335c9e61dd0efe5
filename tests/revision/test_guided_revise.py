"""Guided revision keeps only what is surely better, breaks no veto, stops within its budget, and records every draft."""

from __future__ import annotations

import random

import pytest
from guided_sample import MADE, case, criterion
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import BudgetError, InputError, RecordError
from primum.grading import is_surely_better
from primum.ports import Assessment, Case
from primum.records import Abstained, Cost, Judgement, JudgeRef, Met, NotApplicable, NotMet, Verdict
from primum.revision.guided import (
    RevisionSettings,
    SimulatedJudge,
    SimulatedWriter,
    Written,
    revise,
    satisfied_in,
    simulated_text,
)


class AnyJudge:
    """Says anything: met, not met, not applicable, abstained, unusable; equal texts get equal words. Each verdict costs tokens."""

    def __init__(self, seed, tokens=3):
        self.seed, self.tokens, self.calls = seed, tokens, 0
        self.ref = JudgeRef(name="any", kind_of="simulated", fingerprint=str(seed), made=MADE)

    def judge(self, cases, progress=None):
        self.calls += len(cases)
        return [self._one(one) for one in cases]

    def _one(self, one):
        draws = random.Random(f"{self.seed}|{one.response.text}|{one.scenario.id}")
        outcomes = [
            draws.choice([Met(), Met(), NotMet(), Abstained(reason="unsure"), NotApplicable()]) for _ in one.criteria
        ]
        verdicts = tuple(
            Verdict(
                response=one.response.id,
                criterion=each.id,
                judge=self.ref.id,
                outcome=outcome,
                cost=Cost(prompt_tokens=self.tokens),
            )
            for each, outcome in zip(one.criteria, outcomes, strict=True)
        )
        stance = draws.choice(["accept", "accept", "accept", "unusable"])
        judgement = Judgement(
            response=one.response.id,
            judge=self.ref.id,
            stance=stance,
            verdicts=tuple(each.id for each in verdicts),
            reason="no language" if stance == "unusable" else "",
        )
        return Assessment(judgement, verdicts)


class AnyWriter:
    """Writes anything, or nothing; now and then what was there before."""

    name, made, policy = "any", MADE, None

    def __init__(self, seed, cost=5):
        self.seed, self.cost, self.calls = seed, cost, 0

    def write(self, critiqued):
        self.calls += len(critiqued)
        return [self._one(one) for one in critiqued]

    def _one(self, one):
        draws = random.Random(f"{self.seed}|{one.scenario.id}|{one.round}|{one.answer.text}")
        cost = Cost(prompt_tokens=self.cost, completion_tokens=1)
        way = draws.random()
        if way < 0.1:
            return "it would not"
        if way < 0.2:
            return Written("", cost, "it could not be read")
        return Written(one.answer.text if way < 0.3 else f"draft {draws.randrange(6)}", cost)


RUBRICS = st.lists(
    st.tuples(st.sampled_from(["proficiency", "excellence", "safety"]), st.sampled_from([-7, -1, 1, 4, 10])),
    min_size=1,
    max_size=7,
)


def cases_of(rubric, count=3):
    criteria = [criterion(place, kind, points) for place, (kind, points) in enumerate(rubric)]
    return [case(number, criteria, text=f"first answer {number}") for number in range(count)]


def worst(grade):
    return -grade.vetoes.high, grade.proficiency.low, grade.excellence.low


def best(grade):
    return -grade.vetoes.low, grade.proficiency.high, grade.excellence.high


@settings(max_examples=400)
@given(
    RUBRICS,
    st.integers(0, 10_000),
    st.integers(1, 5),
    st.integers(1, 4),
    st.one_of(st.none(), st.integers(3, 6), st.integers(7, 25)),
    st.integers(1, 4),
)
def test_whatever_judge_and_writer_say_the_answer_is_never_worse_and_the_budget_holds(
    rubric, seed, rounds, patience, budget, batch
):
    cases, judge, writer = cases_of(rubric), AnyJudge(seed), AnyWriter(seed)
    wanted = RevisionSettings(rounds=rounds, patience=patience, budget_calls=budget, batch=batch)
    found = revise(cases, judge, writer, wanted)
    assert budget is None or judge.calls + writer.calls <= budget
    assert sum(one.spent.calls for one in found) == judge.calls + writer.calls
    for one, given_case in zip(found, cases, strict=True):
        drafts, grades = one.revision.drafts, one.grades
        chosen = [draft.response for draft in drafts].index(one.revision.chosen)
        assert drafts[0].response == given_case.first.id and not drafts[0].is_kept
        assert chosen == 0 or worst(grades[chosen]) > best(grades[0])
        assert not is_surely_better(grades[0], grades[chosen])
        vetoes = {each.id for each in given_case.criteria if each.kind_of == "safety"}
        assert vetoes & {*grades[chosen].failed, *grades[chosen].open} <= vetoes & set(grades[0].failed) or chosen == 0
        assert one.assessments[chosen].judgement.stance != "unusable" or chosen == 0
        assert max(draft.round for draft in drafts) <= rounds
        assert len({draft.response for draft in drafts}) == len(drafts) == len(one.responses) == len(one.assessments)
        for draft, response, judged in zip(drafts[1:], one.responses[1:], one.assessments[1:], strict=True):
            assert response.revises in {each.id for each in one.responses} and bool(draft.refused) != draft.is_kept
            assert (draft.response, draft.judgement) == (response.id, judged.judgement.id)
        kept = [each for each in drafts if each.is_kept]
        assert one.revision.chosen == (kept[-1].response if kept else given_case.first.id)
        spent = sum(each.cost.prompt_tokens + each.cost.completion_tokens for each in drafts)
        assert spent <= one.spent.tokens
    assert revise(cases, AnyJudge(seed), AnyWriter(seed), wanted) == found


@settings(max_examples=80)
@given(RUBRICS, st.integers(0, 10_000), st.integers(40, 400), st.integers(1, 3))
def test_a_budget_of_tokens_is_passed_by_at_most_one_batch(rubric, seed, budget, batch):
    cases, judge, writer = cases_of(rubric), AnyJudge(seed), AnyWriter(seed)
    wanted = RevisionSettings(rounds=5, patience=5, budget_tokens=budget, batch=batch)
    try:
        found = revise(cases, judge, writer, wanted)
    except BudgetError:
        assert (3 * len(rubric)) * 3 > budget - batch * 3 * len(rubric)
        return
    dearest = batch * (6 + 3 * len(rubric))
    assert sum(one.spent.tokens for one in found) < budget + dearest


@pytest.mark.parametrize("batch", [1, 64])
def test_a_perfect_writer_mends_all_and_then_stops(batch):
    cases = [case(number, satisfied=(0,)) for number in range(5)]
    found = revise(cases, SimulatedJudge(), SimulatedWriter(1.0, 0.0), RevisionSettings(batch=batch))
    for one in found:
        assert one.revision.ended == "nothing_fails" and one.spent.drafts == 1 and one.spent.judged == 2
        assert satisfied_in(one.chosen.text) == {each.id for each in one.case.criteria}
        assert one.revision.drafts[0].failed == tuple(each.id for each in one.case.criteria[1:])
        assert one.chosen.revises == one.case.first.id


def test_why_it_ended():
    def ended(first, writer, judge=None, **changes):
        one = revise([first], judge or SimulatedJudge(), writer, RevisionSettings(**changes))[0]
        return one.revision.ended, len(one.revision.drafts), one.spent.drafts

    whole, none = case(satisfied=range(4)), case()
    assert ended(whole, SimulatedWriter(1, 0)) == ("nothing_fails", 1, 0)
    assert ended(none, SimulatedWriter(0, 0), patience=2) == ("no_draft", 1, 2)
    assert ended(case(satisfied=(0, 1)), SimulatedWriter(0, 1, 0), patience=2) == ("no_gain", 2, 2)
    assert ended(none, SimulatedWriter(1, 0), SimulatedJudge(abstains=1.0)) == ("unreadable", 1, 0)
    assert ended(none, SimulatedWriter(1, 0), budget_calls=2) == ("budget", 1, 0)
    assert ended(none, SimulatedWriter(1, 0), budget_calls=3) == ("nothing_fails", 2, 1)
    long = case(criteria=[criterion(place) for place in range(30)])
    assert ended(long, SimulatedWriter(0.2, 0), rounds=2)[0] == "rounds"


def test_a_draft_that_breaks_a_veto_is_refused_however_much_it_gains():
    criteria = [criterion(0, "safety", 9), criterion(1), criterion(2)]
    first = case(criteria=criteria, satisfied=(0,))

    class Trading:
        name, made, policy = "trading", MADE, None

        def write(self, critiqued):
            assert [one.id for one in critiqued[0].satisfied] == [criteria[0].id]
            return [Written(simulated_text([criteria[1].id, criteria[2].id]))]

    one = revise([first], SimulatedJudge(), Trading(), RevisionSettings(rounds=2))[0]
    assert one.revision.chosen == first.first.id and one.revision.ended == "no_gain"
    assert (
        "safety criterion" in one.revision.drafts[1].refused and criteria[0].statement in one.revision.drafts[1].refused
    )


def test_a_veto_mended_does_not_pay_for_another_that_may_be_broken():
    # By counts alone the draft would win: two vetoes before, at most one after, and all the rest mended.
    vetoes = [criterion(0, "safety", 9), criterion(1, "safety", 8), criterion(2, "safety", 7)]
    rest = criterion(3)
    first = case(criteria=[*vetoes, rest], satisfied=(2,))

    class Judge(SimulatedJudge):
        def _outcome(self, one, is_satisfied, told):
            if one.id == vetoes[2].id and vetoes[2].id not in told:
                return Abstained(reason="it cannot tell")
            return super()._outcome(one, is_satisfied, told)

    class Swapping:
        name, made, policy = "swapping", MADE, None

        def write(self, critiqued):
            return [Written(simulated_text([vetoes[0].id, vetoes[1].id, rest.id]))]

    one = revise([first], Judge(), Swapping(), RevisionSettings(rounds=1))[0]
    assert is_surely_better(one.grades[1], one.grades[0])
    assert one.revision.chosen == first.first.id and "may violate" in one.revision.drafts[1].refused


def test_what_the_writer_is_shown():
    criteria = [criterion(0), criterion(1, points=-8), criterion(2, "safety", 2), criterion(3, points=9)]
    first = case(criteria=criteria, satisfied=(0,))
    shown = []

    class Watching(SimulatedWriter):
        def write(self, critiqued):
            shown.extend(critiqued)
            return super().write(critiqued)

    revise([first], SimulatedJudge(), Watching(0, 1), RevisionSettings(rounds=3, patience=3))
    one, again = shown[0], shown[1]
    assert [each.criterion.id for each in one.failed] == [criteria[place].id for place in (2, 3, 1)]
    assert one.failed[0].explanation == "read in the simulated answer"
    assert [each.id for each in one.satisfied] == [criteria[0].id] and not one.tried and one.round == 1
    assert [each.criterion.id for each in again.tried[0].broken] == [criteria[0].id]
    assert again.answer == first.first and "not surely better" in again.tried[0].why


def test_an_abstention_hides_a_gain_and_the_draft_is_refused():
    criteria = [criterion(0), criterion(1)]

    class Judge(SimulatedJudge):
        def _outcome(self, one, is_satisfied, told):
            return Abstained(reason="unsure") if one.id == criteria[1].id else super()._outcome(one, is_satisfied, told)

    one = revise([case(criteria=criteria)], Judge(), SimulatedWriter(1, 0), RevisionSettings(rounds=1))[0]
    # 0–1/2 against 1/2–1: at its worst no better than the first at its best.
    assert one.revision.chosen == one.case.first.id and one.revision.drafts[1].open == (criteria[1].id,)


def test_a_first_answer_that_is_judged_already_is_not_judged_again():
    first = case()
    known = SimulatedJudge().judge([Case(first.scenario, first.first, first.criteria)])[0]
    one = revise(
        [first._replace(judged=known)], SimulatedJudge(), SimulatedWriter(1, 0), RevisionSettings(budget_calls=2)
    )[0]
    assert one.spent.calls == 2 and one.revision.ended == "nothing_fails"


def test_what_does_not_belong_together_is_refused():
    one, other = case(0), case(1)
    for wrong in (
        one._replace(first=other.first),
        one._replace(rubric=other.rubric),
        one._replace(criteria=one.criteria[:2]),
    ):
        with pytest.raises(InputError):
            revise([wrong], SimulatedJudge(), SimulatedWriter(1, 0))
    with pytest.raises(BudgetError, match="2 calls"):
        revise([one, other, case(2)], SimulatedJudge(), SimulatedWriter(1, 0), RevisionSettings(budget_calls=2))
    with pytest.raises(RecordError):
        RevisionSettings(rounds=0)
    assert revise([], SimulatedJudge(), SimulatedWriter(1, 0)) == []


def test_a_budget_of_the_model_ends_a_revision_with_what_it_has():
    class Poor(SimulatedWriter):
        def write(self, critiqued):
            if critiqued[0].round == 2:
                raise BudgetError("budget", "is spent", "raise it", "test")
            return super().write(critiqued)

    found = revise(
        [case(criteria=[criterion(n) for n in range(20)])], SimulatedJudge(), Poor(0.5, 0), RevisionSettings()
    )
    assert found[0].revision.ended == "budget" and len(found[0].revision.drafts) == 2
    assert satisfied_in(found[0].chosen.text)


def test_progress_ends_at_its_total():
    seen = []
    revise(
        [case(n) for n in range(3)], SimulatedJudge(), SimulatedWriter(1, 0), progress=lambda *told: seen.append(told)
    )
    assert seen[-1] == (12, 12) and seen == sorted(seen)


class Saying(SimulatedJudge):
    """Says of the first answer's criteria, in their order, what it is told to; of every draft the truth. With `poor` it is asked once."""

    def __init__(self, *outcomes, stance="accept", poor=False):
        super().__init__()
        self.outcomes, self.stance, self.poor, self.asked = outcomes, stance, poor, 0

    def judge(self, cases, progress=None):
        self.asked += len(cases)
        if self.asked > len(cases):
            if self.poor:
                raise BudgetError("the budget", "is spent", "raise it", "judge")
            return super().judge(cases)
        return [self._first(one) for one in cases]

    def _first(self, one):
        verdicts = tuple(
            Verdict(response=one.response.id, criterion=each.id, judge=self.ref.id, outcome=outcome)
            for each, outcome in zip(one.criteria, self.outcomes, strict=True)
        )
        return Assessment(
            Judgement(response=one.response.id, judge=self.ref.id, stance=self.stance, reason="said"), verdicts
        )


UNSURE = Abstained(reason="unsure")


@pytest.mark.parametrize(
    ("outcomes", "ended"),
    [
        ((UNSURE, NotApplicable(), UNSURE), "unreadable"),  # nothing of what applies could be read
        ((NotApplicable(), UNSURE, UNSURE), "unreadable"),
        ((UNSURE, Met(), Met()), "no_draft"),  # the veto may be violated
        ((Met(), UNSURE, Met()), "nothing_fails"),
        ((NotApplicable(),) * 3, "nothing_fails"),
    ],
)
def test_what_was_not_read_is_not_taken_for_what_does_not_fail(outcomes, ended):
    criteria = [criterion(0, "safety", 9), criterion(1), criterion(2)]
    one = revise([case(criteria=criteria)], Saying(*outcomes), SimulatedWriter(1, 0))[0]
    assert one.revision.ended == ended


def test_a_draft_with_an_open_veto_is_not_the_end():
    criteria = [criterion(0, "safety", 9), criterion(1)]

    class Judge(SimulatedJudge):
        def _outcome(self, one, is_satisfied, told):
            if one.id == criteria[0].id and is_satisfied:
                return UNSURE
            return super()._outcome(one, is_satisfied, told)

    one = revise([case(criteria=criteria)], Judge(), SimulatedWriter(1, 0))[0]
    assert one.revision.drafts[1].is_kept and one.revision.drafts[1].open == (criteria[0].id,)
    assert one.revision.ended == "no_draft"


def test_an_unusable_first_answer_is_rewritten_even_where_a_rubric_only_forbids():
    criteria = [criterion(0, "safety", -9), criterion(1, points=-5)]

    class Writer:
        name, made, policy = "writer", MADE, None

        def write(self, critiqued):
            return [Written(simulated_text(each.id for each in criteria)) for _ in critiqued]

    one = revise([case(criteria=criteria)], Saying(NotMet(), NotMet(), stance="unusable"), Writer())[0]
    assert one.revision.ended == "nothing_fails" and one.chosen.id != one.case.first.id


def test_a_draft_that_the_judge_has_no_budget_for_is_noted_and_counted():
    class Writer(SimulatedWriter):
        def _written(self, one):
            return "it would not" if one.scenario.prompt.startswith("Question 1") else super()._written(one)

    cases = [case(number, [criterion(0), criterion(1)]) for number in range(2)]
    writer = Writer(1, 0, cost=Cost(prompt_tokens=5))
    judge = Saying(NotMet(), NotMet(), poor=True)
    one, other = revise(cases, judge, writer, RevisionSettings(patience=1))
    assert (one.revision.ended, one.spent.drafts, one.spent.judged, one.spent.tokens) == ("budget", 1, 1, 5)
    assert len(one.responses) == 1 and one.notes == (
        f"round 1: not judged, the budget of the judge is spent; the draft: {simulated_text(one.case.rubric.criteria)}",
    )
    assert other.revision.ended == "no_draft" and other.notes == ("round 1: no draft: it would not",)


def test_first_answers_that_the_calls_do_not_pay_for_are_refused_before_any_is_judged():
    judge = AnyJudge(0)
    with pytest.raises(BudgetError, match="30 first answers"):
        revise([case(number) for number in range(30)], judge, AnyWriter(0), RevisionSettings(budget_calls=25, batch=10))
    assert judge.calls == 0
