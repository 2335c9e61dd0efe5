"""Pairs by criterion: every label is what a judge said, and what nobody said stays open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from primum.errors import InputError, RecordError
from primum.grading import grade
from primum.records import (
    Abstained,
    ByRule,
    BySimulation,
    Criterion,
    Judgement,
    Met,
    NotApplicable,
    NotMet,
    Outcome,
    Response,
    Scenario,
    Turn,
    Verdict,
)
from primum.rewards import Graded
from primum.rewards.pairing import JudgedAnswer, JudgedQuery, Paired, PairingSettings, of_generated, pair_up
from primum.starter import GeneratedPairSettings, generated_pairs

MADE = ByRule(rule="tests")
OUTCOMES: dict[str, Outcome] = {
    "+": Met(),
    "-": NotMet(),
    "?": Abstained(reason="cannot be read"),
    "n": NotApplicable(),
}


def criterion(statement: str, points: int = 5, kind: Any = "proficiency") -> Criterion:
    return Criterion(statement=statement, points=points, axis="accuracy", kind_of=kind, language="en", made=MADE)


CRITERIA = (
    criterion("Promises a cure.", -10, "safety"),
    criterion("Names the warning signs.", 6),
    criterion("Names a way to check.", 2, "excellence"),
)
SCENARIO = Scenario(
    messages=(Turn(role="user", content="My head aches. What now?"),),
    task="open",
    dimension="d",
    language="en",
    dataset="tests",
    made=MADE,
    cluster="cluster-1",
)


def answer(text: str, said: str, by: str = "", made: Any = MADE, stance: Any = "accept") -> JudgedAnswer:
    """An answer with a verdict on each criterion of which `said` has a sign; a blank is no verdict."""
    response = Response(scenario=SCENARIO.id, text=text, made=made)
    verdicts = tuple(
        Verdict(response=response.id, criterion=one.id, judge="judge-1", outcome=OUTCOMES[sign])
        for one, sign in zip(CRITERIA, said, strict=True)
        if sign != " "
    )
    judgement = Judgement(
        response=response.id, judge="judge-1", stance=stance, reason="noise" if stance == "unusable" else ""
    )
    outcomes = [OUTCOMES["?" if sign == " " else sign] for sign in said]
    full = [
        Verdict(response=response.id, criterion=one.id, judge="judge-1", outcome=outcome)
        for one, outcome in zip(CRITERIA, outcomes, strict=True)
    ]
    return JudgedAnswer(Graded(response, judgement, verdicts, grade(CRITERIA, full, stance)), by)


def paired(answers: Sequence[JudgedAnswer], settings: PairingSettings | None = None, **more: Any) -> Paired:
    return pair_up([JudgedQuery(SCENARIO, CRITERIA, answers, **more)], settings)


def labels(found: Paired) -> dict[str, tuple[bool | None, ...]]:
    (pair,) = found.samples
    return {pair.first: pair.met_first, pair.second: pair.met_second}


def test_a_pair_has_a_winner_of_its_own_under_each_criterion() -> None:
    found = paired([answer("Rest.", "--+", "one"), answer("I heal you; watch for fever.", "++-", "two")])
    assert labels(found) == {"Rest.": (False, False, True), "I heal you; watch for fever.": (True, True, False)}
    (pair,) = found.samples
    mine = 1 if pair.first == "Rest." else -1
    assert [pair.winner(place) for place in range(3)] == [mine, -mine, mine]
    assert pair.overall == mine  # no veto comes first, whatever the other earns
    assert {pair.first: pair.first_by, pair.second: pair.second_by}["Rest."] == "one"
    assert [one.kind for one in pair.criteria] == ["safety", "proficiency", "excellence"]
    assert (pair.group, pair.language, pair.is_simulated) == ("cluster-1", "en", False)
    assert found.counts._asdict() | {"pairs": 1, "samples": 3, "ties": 0, "masked": 0} == found.counts._asdict()


def test_ties_abstentions_and_missing_verdicts_are_no_winner() -> None:
    found = paired([answer("One.", "-+?"), answer("Two.", "--+")])
    assert labels(found) == {"One.": (False, True, None), "Two.": (False, False, True)}
    assert (found.counts.samples, found.counts.ties, found.counts.masked) == (1, 1, 1)
    found = paired([answer("One.", "-+ "), answer("Two.", "--+")])
    assert labels(found)["One."] == (False, True, None)
    assert found.counts.unsure == 0 and len(found.preferences) == 1  # more proficiency, whatever the excellence


def test_what_does_not_apply_to_both_is_left_out_and_to_one_is_open() -> None:
    found = paired([answer("One.", "-+n"), answer("Two.", "--n")])
    assert [one.text for one in found.samples[0].criteria] == ["Promises a cure.", "Names the warning signs."]
    assert found.counts.not_applicable == 1
    found = paired([answer("One.", "-+n"), answer("Two.", "--+")])
    assert labels(found)["One."] == (False, True, None) and found.counts.not_applicable == 0


def test_the_overall_preference_is_made_only_where_it_holds_whatever_is_hidden() -> None:
    found = paired([answer("Good.", "-+-"), answer("Bad.", "+++")])
    (one,) = found.preferences
    assert one.chosen == answer("Good.", "-+-").graded.response.id and one.margin == pytest.approx(1.0 - (1.1 - 1.5))
    assert one.because and one.rubric is None
    hidden = paired([answer("Good.", "?+-"), answer("Bad.", "--+")])
    assert (hidden.preferences, hidden.counts.unsure, hidden.samples[0].overall) == ([], 1, None)
    level = paired([answer("A.", "-++"), answer("B.", "-++")])
    assert (level.samples, level.counts.alike) == ([], 1)


def test_equal_texts_are_one_answer_and_unusable_ones_are_never_paired() -> None:
    answers = [
        answer("Rest  well.", "-++"),
        answer("Rest well.", "+--"),
        answer("la la la la", "---", stance="unusable"),
        answer("  ", "---"),
    ]
    found = paired(answers)
    assert found.samples == []
    assert (found.counts.answers, found.counts.same_text, found.counts.unusable) == (4, 1, 2)


def test_records_lead_to_all_that_a_pair_rests_on() -> None:
    one, two = answer("One.", "-+n"), answer("Two.", "--n")
    (pair,) = paired([one, two], rubric="rubric-1").samples
    wanted = {SCENARIO.id, "rubric-1", CRITERIA[0].id, CRITERIA[1].id}
    for each in (one, two):
        wanted |= {each.graded.response.id, each.graded.judgement.id, *(v.id for v in each.graded.verdicts[:2])}
    assert set(pair.records) == wanted and len(pair.records) == len(wanted)


def test_families_are_those_given_else_the_words() -> None:
    (pair,) = paired([answer("One.", "-+-"), answer("Two.", "---")], keys={CRITERIA[1].id: "warns"}).samples
    assert pair.keys == ("promises a cure.", "warns", "names a way to check.")


def test_simulated_answers_and_judges_make_simulated_pairs() -> None:
    simulated = answer("One.", "-+-", made=BySimulation(generator="tests", seed=1))
    assert paired([simulated, answer("Two.", "---")]).samples[0].is_simulated
    assert paired([answer("One.", "-+-"), answer("Two.", "---")], is_simulated=True).samples[0].is_simulated


LADDER = ["+--", "---", "--+", "-+-", "-++"]  # from worst to best


def places(settings: PairingSettings) -> list[tuple[int, int]]:
    found = paired([answer(f"Answer {place}.", said) for place, said in enumerate(LADDER)], settings)
    numbers = [tuple(sorted(int(text[7]) for text in (one.first, one.second))) for one in found.samples]
    return [(low, high) for low, high in numbers]


def test_which_pairs_are_made_is_chosen() -> None:
    assert places(PairingSettings(which="best_worst")) == [(0, 4), (1, 3)]
    assert places(PairingSettings(which="spread", per_query=3))[0] == (0, 4)
    assert set(places(PairingSettings(which="spread", per_query=3))[1:]) == {(0, 3), (1, 4)}
    everything = places(PairingSettings(per_query=99))
    assert len(set(everything)) == 10
    drawn = places(PairingSettings(per_query=4))
    assert drawn == everything[:4] == places(PairingSettings(per_query=4))
    assert places(PairingSettings(per_query=4, seed=1)) != drawn


def test_the_better_answer_stands_first_about_as_often_as_second() -> None:
    found = [paired([answer(f"Good {n}.", "-+-"), answer(f"Bad {n}.", "---")]).samples[0].overall for n in range(60)]
    assert 15 < found.count(1) < 45 and found.count(1) + found.count(-1) == 60


def test_a_verdict_on_a_strange_criterion_is_refused() -> None:
    with pytest.raises(InputError, match="on none of its query's criteria"):
        pair_up([JudgedQuery(SCENARIO, CRITERIA[:2], [answer("One.", "-+-"), answer("Two.", "---")])])
    with pytest.raises(RecordError):
        PairingSettings(per_query=0)


def test_generated_pairs_become_samples_that_say_they_are_simulated() -> None:
    made = generated_pairs(GeneratedPairSettings(pairs=10))
    found = of_generated(made)
    assert all(one.is_simulated and one.overall in (1, -1, 0, None) for one in found)
    for pair, sample in zip(made, found, strict=True):
        assert sample.keys == tuple(one.key for one in pair.criteria)
        assert sample.met_first == tuple(one.met_first for one in pair.criteria)
        assert sample.met_second == tuple(one.met_second for one in pair.criteria)
        assert [one.points for one in sample.criteria] == [one.points for one in pair.criteria]
