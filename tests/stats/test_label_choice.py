"""How many labels, and which: by hand, in simulation, and chances that are kept."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.errors import InputError
from primum.records import Estimate
from primum.stats.corrected_rubric import ppi_rubric
from primum.stats.graded import GradedExample
from primum.stats.labelling import (
    Candidate,
    Chosen,
    doubt_of,
    labels_for_mean,
    labels_for_ppi,
    labels_for_rogan_gladen,
    next_labels,
    rubric_candidates,
)
from primum.stats.ppi import ppi_mean
from primum.stats.rogan_gladen import rogan_gladen
from primum.stats.undefined import Undefined


def width(found: object) -> float:
    assert isinstance(found, Estimate), found
    return found.high - found.low


def test_labels_for_a_rate_by_hand() -> None:
    # t(97) · .5 / √98 = 1.984723 · .050508 = .10024, too wide; t(98) · .5 / √99 = 1.984467 · .050252 = .09972
    assert labels_for_mean(0.1, 0.5) == 99
    assert labels_for_mean(0.1, 0.0) == 2


def test_a_judge_that_agrees_saves_labels_and_one_that_does_not_saves_none() -> None:
    classical = labels_for_mean(0.05, 0.5)
    assert labels_for_ppi(0.05, 0.5, 0.0, 10_000) == classical == labels_for_ppi(0.05, 0.5, -0.9, 10_000)
    needed = labels_for_ppi(0.05, 0.5, 0.8, 10_000)
    assert isinstance(needed, int) and isinstance(classical, int)
    assert needed / classical == pytest.approx(1 - 0.64, abs=0.03)
    # n = 100 of 200: .25/100 · (1 − .64/2) = .0017, t(99) √.0017 = .08181; n = 99: t(98) √.0017091 = .08204
    assert labels_for_ppi(0.0819, 0.5, 0.8, 200) == 100
    out_of_reach = labels_for_ppi(0.01, 0.5, 0.8, 200)
    assert isinstance(out_of_reach, Undefined) and "all 200" in out_of_reach.reason


def test_the_promised_widths_are_reached() -> None:
    rng = np.random.default_rng(1)
    human = rng.random(3000) < 0.4
    judge = np.where(rng.random(3000) < 0.88, human, ~human)
    correlation = float(np.corrcoef(human, judge)[0, 1])
    by_ppi = labels_for_ppi(0.06, math.sqrt(0.24), correlation, 3000)
    by_accuracy = labels_for_rogan_gladen(0.06, 0.4, 0.88, 0.88, 3000)
    assert isinstance(by_ppi, int) and isinstance(by_accuracy, int)
    numbers = judge.astype(float).tolist()
    for needed in (by_ppi, by_accuracy):
        reached = []
        for _ in range(12):
            chosen = set(rng.choice(3000, needed, replace=False).tolist())
            labels = [bool(value) if i in chosen else None for i, value in enumerate(human)]
            if needed == by_ppi:
                found = ppi_mean(numbers, [None if value is None else float(value) for value in labels])
            else:
                found = rogan_gladen([bool(value) for value in judge], labels)
            reached.append(width(found.corrected) / 2)
        assert np.mean(reached) == pytest.approx(0.06, rel=0.1)


def test_rogan_gladen_may_be_out_of_reach() -> None:
    # 200 verdicts of a judge with skill .2 say .04/.25/200 … no better than ± .34, however many labels
    assert isinstance(labels_for_rogan_gladen(0.1, 0.5, 0.6, 0.6, 200), Undefined)
    assert isinstance(labels_for_rogan_gladen(0.1, 0.5, 0.5, 0.5, 200), Undefined)


@pytest.mark.parametrize(
    "call",
    [
        lambda: labels_for_mean(0.0, 0.5),
        lambda: labels_for_mean(0.1, -1.0),
        lambda: labels_for_ppi(0.1, 0.5, 1.5, 100),
        lambda: labels_for_rogan_gladen(0.1, 1.2, 0.9, 0.9, 100),
        lambda: next_labels([Candidate("a", 0.5, 1.0)], 2),
        lambda: next_labels([Candidate("a", 0.5, 1.0), Candidate("a", 0.5, 1.0)], 1),
        lambda: next_labels([Candidate("a", 1.5, 1.0)], 1),
        lambda: next_labels([Candidate("a", 0.5, 1.0)], 1, alike=0.0),
        lambda: rubric_candidates("x", [1.0], [True, False], [None]),
        lambda: rubric_candidates("x", [-1.0], [True], [None]),
    ],
)
def test_what_cannot_be_planned_is_refused(call: object) -> None:
    assert callable(call)
    with pytest.raises(InputError):
        call()


def test_doubt_is_how_likely_the_verdict_is_wrong() -> None:
    assert doubt_of(True, 0.9) == pytest.approx(0.1)
    assert doubt_of(False, 0.9) == pytest.approx(0.9)
    assert (doubt_of(None, None), doubt_of(True, None, unknown=0.2)) == (0.5, 0.2)


def test_ranked_takes_the_heaviest_and_keeps_no_chances() -> None:
    candidates = rubric_candidates("x", [8.0, 2.0, -4.0], [True, True, False], [0.9, 0.5, 0.5])
    # weights .8 √.1 = .253, .2 √.5 = .141, .4 √.5 = .283
    assert next_labels(candidates, 2, way="ranked") == Chosen(("x#2", "x#0"), {})


def test_chances_by_hand() -> None:
    # weights 3, 1, 0 with a budget of 1, a tenth alike: 1/30 + .9 · (3/4, 1/4, 0)
    candidates = [Candidate("a", 1.0, 3.0), Candidate("b", 1.0, 1.0), Candidate("c", 0.0, 5.0)]
    found = next_labels(candidates, 1, alike=0.1)
    assert found.chances == pytest.approx({"a": 1 / 30 + 0.675, "b": 1 / 30 + 0.225, "c": 1 / 30})
    # with a budget of 2, a would have 1.417: it is certain, and the other two share one label 7.75 to 1
    found = next_labels(candidates, 2, alike=0.1)
    assert found.chances == pytest.approx({"a": 1.0, "b": 7.75 / 8.75, "c": 1 / 8.75})


def test_chances_are_those_of_the_draws() -> None:
    rng = np.random.default_rng(2)
    candidates = [Candidate(str(i), float(rng.random()), float(rng.random())) for i in range(12)]
    times = {one.name: 0 for one in candidates}
    for seed in range(3000):
        for name in next_labels(candidates, 5, seed=seed).names:
            times[name] += 1
    for name, chance in next_labels(candidates, 5).chances.items():
        assert times[name] / 3000 == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / 3000) + 1e-9)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 100)), min_size=1, max_size=30),
    st.integers(1, 30),
    st.integers(0, 99),
)
def test_the_budget_is_kept_exactly(drawn: list[tuple[float, float]], budget: int, seed: int) -> None:
    candidates = [Candidate(str(i), doubt, influence) for i, (doubt, influence) in enumerate(drawn)]
    budget = min(budget, len(candidates))
    found = next_labels(candidates, budget, seed=seed)
    assert len(found.names) == len(set(found.names)) == budget
    assert math.fsum(found.chances.values()) == pytest.approx(budget)
    assert all(0 < chance <= 1 for chance in found.chances.values())
    assert found == next_labels(candidates, budget, seed=seed)


def test_chosen_labels_narrow_the_headline_more_than_as_many_by_lot_and_stay_unbiased() -> None:
    rng = np.random.default_rng(3)
    chosen_widths, lot_widths, errors, held = [], [], [], 0
    for seed in range(30):
        answers = []
        for _ in range(120):
            points = [float(x) for x in rng.integers(1, 11, int(rng.integers(2, 8)))] + [-5.0]
            chance = rng.beta(0.2, 0.2, len(points))  # mostly sure, sometimes not, and calibrated
            answers.append((points, [bool(x) for x in rng.random(len(points)) < chance], chance))
        truth = 0.5 - 0.5 * float(np.mean([5 / sum(p[:-1]) for p, _, _ in answers]))
        candidates = []
        for i, (points, _, chance) in enumerate(answers):
            said = [bool(x > 0.5) for x in chance]
            candidates += rubric_candidates(str(i), points, said, chance.tolist())
        found = next_labels(candidates, 80, seed=seed)
        lot = set(rng.choice([one.name for one in candidates], 80, replace=False).tolist())
        for names, widths in ((set(found.names), chosen_widths), (lot, lot_widths)):
            examples = [
                GradedExample(
                    points,
                    [bool(x > 0.5) for x in chance],
                    [h if f"{i}#{j}" in names else None for j, h in enumerate(human)],
                    chances=[found.chances[f"{i}#{j}"] for j in range(len(points))] if names != lot else (),
                )
                for i, (points, human, chance) in enumerate(answers)
            ]
            corrected = ppi_rubric(examples)["overall"].corrected
            widths.append(width(corrected))
            if names != lot and isinstance(corrected, Estimate):
                errors.append(corrected.value - truth)
                held += corrected.low <= truth <= corrected.high
    assert np.mean(chosen_widths) / np.mean(lot_widths) < 0.85
    assert abs(np.mean(errors)) < 3.5 * np.std(errors) / math.sqrt(30)
    assert held >= 26
