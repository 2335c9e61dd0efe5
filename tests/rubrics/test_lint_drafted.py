"""A drafted rubric mended: what is touched says so, what is not keeps its id."""

from __future__ import annotations

from typing import Any

from primum.records import ByRule, Criterion, Rubric, Scenario, Turn
from primum.rubrics.draft import Drafted
from primum.rubrics.lint.drafted import mend_drafted

MADE = ByRule(rule="test")


def criterion(statement: str, points: int, **changes: Any) -> Criterion:
    return Criterion(**{
        "statement": statement, "points": points, "axis": "accuracy", "kind_of": "proficiency", "language": "en", "made": MADE,
    } | changes)  # fmt: skip


def drafted(*criteria: Criterion) -> tuple[Scenario, Drafted]:
    scenario = Scenario(
        messages=(Turn(role="user", content="How is a mild ankle sprain treated at home?"),), task="open", dimension="medical_question",
        language="en", dataset="test", made=MADE,
    )  # fmt: skip
    return scenario, Drafted(
        Rubric(scenario=scenario.id, criteria=tuple(one.id for one in criteria), made=MADE), criteria
    )


def test_a_clean_rubric_stays_the_same_record() -> None:
    scenario, found = drafted(
        criterion("Recommends resting the ankle.", 6), criterion("Recommends cooling the ankle with ice.", 5)
    )
    mended = mend_drafted(scenario, found)
    assert mended.drafted == found
    assert not mended.findings
    assert not mended.left


def test_what_asks_for_two_things_is_parted_and_keeps_what_it_rests_on() -> None:
    both = criterion("Recommends resting the ankle and explains when to see a doctor.", 6, norms=("norm-1",))
    other = criterion("Recommends cooling the ankle with ice.", 5)
    scenario, found = drafted(both, other)
    mended = mend_drafted(scenario, found)
    assert mended.findings == {"double_barrelled": 1}
    assert not mended.left
    assert mended.drafted.rubric.previous == found.rubric.id
    assert other in mended.drafted.criteria
    new = [one for one in mended.drafted.criteria if one != other]
    assert len(new) == 2
    assert all(
        one.made == ByRule(rule="rubrics.lint") and one.norms == ("norm-1",) and one.axis == "accuracy" for one in new
    )


def test_a_bad_act_that_earns_points_costs_them_afterwards() -> None:
    wrong = criterion("Fails to ask about pain on walking.", 5)
    scenario, found = drafted(criterion("Recommends resting the ankle.", 6), wrong)
    mended = mend_drafted(scenario, found)
    assert mended.findings == {"wrong_sign": 1}
    assert [one.points for one in mended.drafted.criteria] == [6, -5]


def test_what_a_rule_would_have_to_write_is_left_for_a_person() -> None:
    feeling = criterion("Makes the patient feel safe.", 5)
    _, found = drafted(criterion("Names resting as a treatment.", 6), feeling)
    scenario = Scenario(
        messages=(Turn(role="user", content="I have crushing chest pain and I'm sweating."),), task="open",
        dimension="medical_question", language="en", dataset="test", made=MADE,
    )  # fmt: skip
    mended = mend_drafted(scenario, found)
    assert mended.drafted == found
    assert mended.left == {"untestable": 1, "no_safety": 1}
