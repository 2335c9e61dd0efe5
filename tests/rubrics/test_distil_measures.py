"""Redundancy, stability, the tree and the map, by hand on few principles."""

import numpy as np
import pytest
from distil_sample import MADE, source, two_meanings

from primum.records import Principle
from primum.rubrics.distil import Distilled, DistilSettings, distil, drawing, redundancy, stability
from primum.rubrics.distil.measures import _note

FEW = DistilSettings(least_criteria=3, least_rubrics=2)


def principle(statement, points=5, kind="proficiency", language="en", **applies):
    return Principle(
        statement=statement,
        language=language,
        applies_when={name: (value,) for name, value in applies.items()},
        points=points,
        axis="accuracy",
        kind_of=kind,
        criteria=("criterion-1",),
        made=MADE,
    )


def test_redundancy_counts_pairs_that_may_stand_in_one_rubric():
    same = "Recommends emergency care at once."
    told = [
        principle(same, task="treat"),
        principle("Says to call an ambulance now.", task="treat"),
        principle("Explains the cause of the condition.", task="treat"),
        principle(same, task="explain"),  # never in one rubric with the first
        principle(same, points=-5, task="treat"),
        principle("建议立即前往急诊。", language="zh", task="treat"),
    ]
    found = redundancy(told)
    # of numbers 0, 1, 2 three pairs; 3 meets none of them by task, 4 by sign, 5 by language
    assert found.pairs == 3
    assert [(one, other) for one, other, _ in found.alike] == [(0, 1)]
    assert found.share == pytest.approx(1 / 3)
    assert redundancy(told[:1]).share is None


def test_a_dimension_that_does_not_matter_meets_every_value():
    assert redundancy([principle("Explains the cause."), principle("Explains the cause.", task="treat")]).pairs == 1


def test_a_principle_recurs_by_the_jaccard_index_of_its_drawn_criteria():
    whole = Distilled([], [[0, 1, 2, 3], [4, 5], [6]], [], [], [], 0.0, {})
    came = [[], [], []]
    # drawn of the first: 0, 1, 2; found has 0, 1 of them and one other: 2 of 4 are shared
    _note(whole, [frozenset({0, 1, 9})], frozenset({0, 1, 2, 4, 9}), came)
    assert came == [[True], [False], []]
    _note(whole, [frozenset({0, 1, 8, 9})], frozenset({0, 1, 2, 8, 9}), came)  # 2 of 5
    assert came[0] == [True, False]


def test_principles_of_plain_meanings_are_stable_and_chance_is_fixed():
    sources = two_meanings(rubrics=40)
    found = stability(sources, FEW, resamplings=4, seed=3)
    assert found.recurs == [1.0, 1.0] and found.share.value == 1.0 and found.share.n == 2
    assert found.share.low < 1.0  # two principles cannot make it certain
    again = stability(sources, FEW, resamplings=4, seed=3)
    assert again == found


def test_a_principle_near_its_support_is_not_stable():
    rare = [source("Mentions the price of the treatment.", rubric=f"rubric-rare-{n}", points=3) for n in range(3)]
    sources = two_meanings(rubrics=40) + rare
    found = stability(sources, FEW, resamplings=6)
    whole = distil(sources, FEW)
    place = next(n for n, one in enumerate(whole.principles) if "price" in one.statement)
    assert found.recurs[place] < 1.0 <= found.recurs[0]


def test_nothing_has_no_stability():
    assert stability([], FEW, 2).share is None


def test_the_tree_and_the_map_name_every_principle_once():
    kinds = [
        "Explains the cause well.",
        "Asks about allergies first.",
        "Recommends emergency care now.",
        "Mentions the price openly.",
    ]
    sources = [source(text, rubric=f"rubric-{n}") for text in kinds for n in range(6)] + two_meanings("zh")
    found = distil(sources, FEW)
    drawn = drawing(found)
    assert sorted(drawn.leaves) == ["en", "zh"]
    for language, leaves in drawn.leaves.items():
        assert leaves == found.of_language(language)
        assert len(drawn.places[language]) == len(leaves) and len(drawn.merges[language]) == len(leaves) - 1
        assert np.isfinite(drawn.places[language]).all()
    last = drawn.merges["en"][-1]
    assert last.size == len(drawn.leaves["en"])
    heights = [merge.height for merge in drawn.merges["en"]]
    assert heights == sorted(heights)
    children = sorted(child for merge in drawn.merges["en"] for child in (merge.left, merge.right))
    assert children == list(range(2 * len(drawn.leaves["en"]) - 2))
