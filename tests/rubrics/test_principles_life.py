"""Principles edited, merged and retired by people: every version kept, and only what holds is used."""

from __future__ import annotations

from typing import Any

import pytest

from primum.errors import InputError, RecordError, UnknownIdError
from primum.records import ByPerson, ByRule, BySimulation, Principle
from primum.rubrics.principles import edit, history, merge, retire, standing

PERSON = ByPerson(person="reviewer-1", role="clinician")


def principle(**changes: Any) -> Principle:
    return Principle(**{
        "statement": "Warns of side effects.", "language": "en", "applies_when": {"task": ("medicate",), "urgency": ("routine",)},
        "points": 5, "axis": "completeness", "kind_of": "proficiency", "criteria": ("c1", "c2"), "rubrics": ("r1",), "norms": ("n1",),
        "made": ByRule(rule="test"),
    } | changes)  # fmt: skip


FIRST = principle()
SECOND = principle(
    statement="Names side effects.",
    applies_when={"task": ("treat",)},
    criteria=("c2", "c3", "c4"),
    rubrics=("r2",),
    norms=(),
)


def test_an_edited_principle_names_what_it_was_and_who_changed_it() -> None:
    found = edit(FIRST, PERSON, "plainer", statement=" Warns of\n harm. ", points=7)
    assert (found.statement, found.points, found.state, found.previous) == ("Warns of harm.", 7, "edited", (FIRST.id,))
    assert (found.made, found.reason, found.criteria) == (PERSON, "plainer", FIRST.criteria)
    assert edit(FIRST, PERSON, "wider", applies_when={}).applies_when == {}


def test_merging_covers_what_all_covered_and_holds_wherever_one_held() -> None:
    found = merge([FIRST, SECOND], PERSON, "one meaning")
    assert found.statement == "Names side effects."  # the one with most criteria
    assert found.applies_when == {"task": ("medicate", "treat")}  # the second holds whatever the urgency
    assert (found.criteria, found.rubrics, found.norms) == (("c1", "c2", "c3", "c4"), ("r1", "r2"), ("n1",))
    assert (found.state, found.previous) == ("merged", (FIRST.id, SECOND.id))
    assert merge([FIRST, SECOND], PERSON, "one", statement="Warns.").statement == "Warns."


def test_what_holds_is_the_last_version_and_nothing_retired() -> None:
    edited = edit(FIRST, PERSON, "plainer", points=6)
    merged = merge([edited, SECOND], PERSON, "one meaning")
    gone = retire(merged, PERSON, "never used")
    assert standing([FIRST, SECOND, edited]) == [SECOND, edited]
    assert standing([FIRST, SECOND, edited, merged]) == [merged]
    assert standing([FIRST, SECOND, edited, merged, gone]) == []
    with pytest.raises(UnknownIdError):
        history(gone, [gone])
    assert history(gone, [FIRST, SECOND, edited, merged, gone]) == [gone, merged, edited, SECOND, FIRST]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: edit(FIRST, PERSON, "plainer"), "would stay as it is"),
        (lambda: edit(FIRST, PERSON, " ", points=6), "gives no reason"),
        (lambda: edit(FIRST, PERSON, "why", applies_when={"urgency": ("soon",)}), "none of the dimensions' values"),
        (lambda: edit(FIRST, PERSON, "why", applies_when={"tsk": ("treat",)}), "there are urgency"),
        (lambda: edit(FIRST, PERSON, "why", applies_when={"task": ()}), "task = nothing"),
        (lambda: edit(FIRST, ByPerson(person="x", role=""), "why", points=6), "no person or no role"),
        (lambda: edit(retire(FIRST, PERSON, "old"), PERSON, "why", points=6), "is retired"),
        (lambda: retire(retire(FIRST, PERSON, "old"), PERSON, "again"), "is retired"),
        (lambda: merge([FIRST, FIRST], PERSON, "why"), "fewer than two"),
        (lambda: merge([FIRST, principle(kind_of="safety")], PERSON, "why"), "of two kinds"),
        (lambda: merge([FIRST, principle(language="zh")], PERSON, "why"), "of two languages"),
        (lambda: merge([FIRST, principle(points=-5)], PERSON, "why"), "of two signs"),
    ],
)
def test_what_cannot_be_changed_is_refused(change: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        change()


def test_points_that_weigh_nothing_are_refused_and_a_simulated_person_is_called_so() -> None:
    with pytest.raises(RecordError, match="weighs nothing"):
        edit(FIRST, PERSON, "why", points=0)
    assert isinstance(retire(FIRST, BySimulation(generator="g", seed=1), "old").made, BySimulation)
