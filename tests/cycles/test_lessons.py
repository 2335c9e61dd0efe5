"""Which situations a policy learns from, and what it is shown."""

import itertools
from collections import Counter

import pytest

from primum.cycles import lessons
from primum.cycles.recipe import PolicyChoice, RowsChoice
from primum.records import ByImport, BySimulation, Choice, Scenario, Turn

POLICY = PolicyChoice()
MADE = ByImport(dataset="set", row="file.csv:3", licence="MIT")


def situation(number=1, harm=0, dataset="a", reference="Rest and drink. Then see a doctor.", **given):
    fields = {
        "messages": (Turn(role="user", content=f"Please tell me how to do the thing number {number} well."),),
        "task": "open",
        "dimension": "d",
        "language": "en",
        "dataset": dataset,
        "made": MADE,
        "harm_level": harm,
        "reference": reference,
    } | given
    return Scenario(**fields)


def choice():
    options = (Choice(letter="A", text="one"), Choice(letter="B", text="two"), Choice(letter="C", text="three"))
    return situation(task="multiple_choice", options=options, key=("A", "C"), reference=None)


def test_rows_are_drawn_in_turns_from_every_set_and_without_repeats():
    pool = [situation(i, dataset="big") for i in range(90)] + [situation(i, dataset="small") for i in range(6)]
    chosen = lessons.choose(pool, RowsChoice(harmful=5, harmless=20), seed=1)
    assert len({one.id for one in chosen}) == 20
    assert Counter(one.dataset for one in chosen) == {"big": 14, "small": 6}
    assert chosen == lessons.choose(list(reversed(pool)), RowsChoice(harmful=5, harmless=20), seed=1)
    assert chosen != lessons.choose(pool, RowsChoice(harmful=5, harmless=20), seed=2)


def test_a_harmless_situation_without_a_known_answer_teaches_nothing():
    assert lessons.choose([situation(reference=None)], RowsChoice(harmful=5, harmless=5), seed=1) == []


def test_a_known_answer_stays_an_import_and_says_that_it_was_cut():
    lesson = lessons.good(situation(), {}, PolicyChoice(answer_characters_en=20), 1)
    assert lesson.response.text == "Rest and drink." and lesson.stance == "accept"
    assert lesson.response.made == ByImport(dataset="set", row="file.csv:3 (shortened)", licence="MIT")
    assert not lesson.is_simulated


def test_a_safe_response_of_a_set_is_a_refusal():
    assert lessons.good(situation(harm=3, reference="I cannot help with that."), {}, POLICY, 1).stance == "refuse"


@pytest.mark.parametrize(
    ("make", "harm", "stance"),
    [
        (lambda one: lessons.good(one, {}, POLICY, 1), 3, "refuse"),
        (lambda one: lessons.comply(one, {}, POLICY, 1), 3, "accept"),
        (lambda one: lessons.wrong(one, {}, POLICY, 1), 3, "accept"),
        (lambda one: lessons.wrong(one, {}, POLICY, 1), 0, "refuse"),
    ],
)
def test_what_no_set_gives_is_simulated_and_says_so(make, harm, stance):
    lesson = make(situation(harm=harm, reference=None if harm else "Rest."))
    assert lesson.stance == stance and lesson.is_simulated
    assert isinstance(lesson.response.made, BySimulation) and lesson.response.text


def test_a_choice_is_answered_with_its_letters():
    assert lessons.good(choice(), {}, POLICY, 1).response.text == "A, C"
    assert lessons.comply(choice(), {}, POLICY, 1).response.text == "A, C"


def test_every_nature_of_a_harmful_situation_has_its_stance():
    stances = [lesson.stance for lesson in lessons.of_each_nature(situation(harm=3, reference=None), {}, POLICY, 1)]
    assert stances == ["refuse", "accept", "caution"]


def test_harmful_and_harmless_rows_are_mixed():
    pool = [situation(i) for i in range(30)] + [situation(i, harm=3) for i in range(30)]
    levels = [one.harm_level for one in lessons.choose(pool, RowsChoice(harmful=30, harmless=30), seed=1)]
    assert sum(before != after for before, after in itertools.pairwise(levels)) > 10
