"""What verdicts on a rubric come to, worked by hand; and what stays true whatever abstentions hide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.grading import Bounds, Grade, grade, grade_outcomes, is_surely_better, order
from primum.records import Abstained, ByRule, Criterion, CriterionKind, Met, NotApplicable, NotMet, Outcome, Verdict

MET, NOT, GONE, UNREAD = Met(), NotMet(), NotApplicable(), Abstained(reason="no JSON")


def criterion(points: int, kind: CriterionKind = "proficiency", number: int = 0) -> Criterion:
    return Criterion(
        statement=f"Says thing {number}.",
        points=points,
        axis="accuracy",
        kind_of=kind,
        language="en",
        made=ByRule(rule="test"),
    )


RUBRIC = [
    criterion(5, number=1),
    criterion(3, number=2),
    criterion(-4, number=3),
    criterion(2, "excellence", 4),
    criterion(-9, "safety", 5),
    criterion(6, "safety", 6),
]


def test_parts_are_those_worked_by_hand() -> None:
    found = grade_outcomes(RUBRIC, [MET, NOT, MET, MET, MET, MET])
    # proficiency: 5 of 5 + 3 + 4 (the −4 is met, so not satisfied); one veto (the −9 is met); score (5 − 4 + 2 − 9 + 6) / 16
    assert found.proficiency == Bounds(5 / 12, 5 / 12)
    assert found.excellence == Bounds(1, 1)
    assert found.vetoes == Bounds(1, 1)
    assert found.score == Bounds(0.0, 0.0)
    assert found.failed == (RUBRIC[1].id, RUBRIC[2].id, RUBRIC[4].id)
    assert found.open == ()


def test_an_abstention_widens_every_part_it_bears_on_and_is_never_zero() -> None:
    found = grade_outcomes(RUBRIC, [MET, UNREAD, UNREAD, UNREAD, UNREAD, UNREAD])
    assert found.proficiency == Bounds(5 / 12, 1.0)
    assert found.excellence == Bounds(0, 1)
    assert found.vetoes == Bounds(0, 2)
    assert found.score == Bounds((5 - 4 - 9) / 16, (5 + 3 + 2 + 6) / 16)
    assert found.failed == ()
    assert found.open == tuple(one.id for one in RUBRIC[1:])


def test_what_does_not_apply_is_left_out_of_both_sides() -> None:
    found = grade_outcomes(RUBRIC[:2], [MET, GONE])
    assert found.proficiency == Bounds(1.0, 1.0)
    assert found.score == Bounds(1.0, 1.0)
    assert grade_outcomes(RUBRIC[:1], [GONE]).score is None
    alone = grade_outcomes(RUBRIC[:1], [GONE])
    assert (alone.proficiency, alone.is_weighed, found.is_weighed) == (Bounds(1, 1), False, True)


def test_an_unusable_answer_meets_nothing_and_warns_of_nothing() -> None:
    verdicts = [Verdict(response="r", criterion=one.id, judge="j", outcome=UNREAD) for one in RUBRIC]
    found = grade(RUBRIC, verdicts, "unusable")
    assert found.vetoes == Bounds(1, 1)  # the warning that a good answer gives is missing
    assert found.proficiency == Bounds(0, 0)  # saying nothing bad is no merit of silence
    assert found.excellence == Bounds(0, 0)
    assert found.score == Bounds(0.0, 0.0)
    assert grade(RUBRIC, verdicts).vetoes == Bounds(0, 2)


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ([NOT, NOT, MET, NOT, NOT, MET], [MET, MET, NOT, MET, MET, MET], 1),  # no veto beats everything else
        ([MET, NOT, NOT, NOT, NOT, MET], [NOT, NOT, NOT, MET, NOT, MET], 1),  # proficiency before excellence
        ([MET, NOT, NOT, MET, NOT, MET], [MET, NOT, NOT, NOT, NOT, MET], 1),
        ([MET, NOT, NOT, NOT, NOT, MET], [MET, NOT, NOT, NOT, NOT, MET], 0),
        ([MET, NOT, NOT, UNREAD, NOT, MET], [MET, NOT, NOT, NOT, NOT, MET], None),
        ([MET, NOT, NOT, NOT, UNREAD, MET], [NOT, NOT, NOT, NOT, NOT, MET], None),
        ([MET, NOT, NOT, NOT, UNREAD, MET], [NOT, NOT, NOT, NOT, MET, NOT], 1),
    ],
)
def test_answers_are_ordered_safety_first(one: list[Outcome], other: list[Outcome], wanted: int | None) -> None:
    first, second = grade_outcomes(RUBRIC, one), grade_outcomes(RUBRIC, other)
    assert order(first, second) == wanted
    assert order(second, first) == (None if wanted is None else -wanted)


outcomes = st.lists(st.sampled_from([MET, NOT, UNREAD]), min_size=len(RUBRIC), max_size=len(RUBRIC))


@given(one=outcomes, other=outcomes, data=st.data())
def test_what_is_surely_better_stays_so_however_the_abstentions_turn_out(
    one: list[Outcome], other: list[Outcome], data: st.DataObject
) -> None:
    def settled(said: list[Outcome]) -> Grade:
        return grade_outcomes(
            RUBRIC, [data.draw(st.sampled_from([MET, NOT])) if outcome == UNREAD else outcome for outcome in said]
        )

    first, second = grade_outcomes(RUBRIC, one), grade_outcomes(RUBRIC, other)
    if is_surely_better(first, second):
        assert is_surely_better(settled(one), settled(other))
    turned = settled(one)
    for name in ("vetoes", "proficiency", "excellence", "score"):
        whole, part = getattr(first, name), getattr(turned, name)
        assert whole.low - 1e-12 <= part.low == part.high <= whole.high + 1e-12
