"""A drafted rubric mended: what is touched says so, what is not keeps its id."""

from __future__ import annotations

from typing import Any

from primum.records import ByRule, Criterion, CriterionChange, KeyCheck, Rubric, Scenario, Turn
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
    (change,) = mended.drafted.rubric.changes
    assert (change.reason, change.before, change.after) == (
        "double_barrelled",
        (both.id,),
        tuple(one.id for one in new),
    )
    assert change.note.startswith("asks for two things at once")


def test_a_bad_act_that_earns_points_costs_them_afterwards() -> None:
    wrong = criterion("Fails to ask about pain on walking.", 5, check_by=KeyCheck(letters=("B",)))
    scenario, found = drafted(criterion("Recommends resting the ankle.", 6), wrong)
    mended = mend_drafted(scenario, found)
    assert mended.findings == {"wrong_sign": 1}
    assert [one.points for one in mended.drafted.criteria] == [6, -5]
    turned = mended.drafted.criteria[1]
    assert turned.check_by == wrong.check_by  # it says the same, so the same machine can check it
    why = "is something a bad answer does, and meeting it earns points"
    assert mended.drafted.rubric.changes == (
        CriterionChange(reason="weight", before=(wrong.id,), after=(turned.id,), note=why),
    )


def test_a_machine_check_does_not_outlive_the_words_it_checked() -> None:
    both = criterion(
        "Recommends resting the ankle and explains when to see a doctor.", 6, check_by=KeyCheck(letters=("B",))
    )
    halves = mend_drafted(*drafted(both)).drafted.criteria
    assert len(halves) == 2
    assert all(one.check_by is None for one in halves)


def test_what_is_merged_or_removed_is_told_once_with_its_reason() -> None:
    light = criterion("Recommends resting the ankle.", 3)
    heavy = criterion("Recommends resting the ankle!", 6)
    vague = criterion("Is good and appropriate.", 4)
    kept = criterion("Recommends cooling the ankle with ice.", 5)
    mended = mend_drafted(*drafted(light, vague, kept, heavy))
    assert mended.drafted.criteria == (heavy, kept)
    assert [(one.reason, one.before, one.after) for one in mended.drafted.rubric.changes] == [
        ("duplicate", (light.id, heavy.id), (heavy.id,)),
        ("vague", (vague.id,), ()),
    ]
    assert all(one.note for one in mended.drafted.rubric.changes)


def test_what_two_passes_do_to_a_criterion_is_one_change_from_the_drafted_to_the_last() -> None:
    both = criterion("Recommends resting the ankle and explains when to see a doctor.", 6)
    rest = criterion("Recommends resting the ankle.", 6)
    mended = mend_drafted(*drafted(both, rest))
    assert mended.findings == {"double_barrelled": 1}
    (change,) = mended.drafted.rubric.changes
    assert change.reason == "double_barrelled"
    assert change.before == (both.id, rest.id)
    assert change.after == mended.drafted.rubric.criteria
    assert rest.id in change.after
    assert "asks for two things" in change.note
    assert "says the same as the other" in change.note


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


def test_a_list_that_says_how_many_are_enough_is_one_thing() -> None:
    listed = criterion("Names where the tumor has formed; explains whether it has spread (at least one of these).", 6)
    scenario, found = drafted(listed, criterion("Recommends resting the ankle.", 5))
    assert mend_drafted(scenario, found).drafted == found
