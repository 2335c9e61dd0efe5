"""Distillation on criteria of known meaning: groups, support, where a principle applies, blocks, embeddings."""

import numpy as np
import pytest
from distil_sample import CALLS, CAUSES, ROUTINE, URGENT, source, two_meanings

from primum.errors import InputError, RecordError
from primum.rubrics.distil import DistilSettings, distil
from primum.rubrics.distil.features import features, vectors
from primum.rubrics.distil.grouping import group, means
from primum.rubrics.distil.parting import meet, parted

FEW = DistilSettings(least_criteria=3, least_rubrics=2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_meaning_becomes_one_principle_that_leads_back_to_its_criteria(language):
    sources = two_meanings(language)
    found = distil(sources, FEW)
    assert len(found.principles) == 2 and found.covered == 1.0
    cause, call = found.principles
    assert [len(members) for members in found.members] == [12, 6]
    for number, members in enumerate(found.members):
        principle = found.principles[number]
        assert principle.criteria == tuple(sorted({sources[one].criterion.id for one in members}))
        assert principle.rubrics == tuple(sorted({sources[one].rubric for one in members}))
        assert all(found.labels[one] == number for one in members)
        assert sum(wording.times for wording in found.wordings[number]) == len(members)
    assert call.norms == tuple(sorted(f"norm-{number}" for number in range(1, 12, 2)))
    assert (cause.points, cause.axis, call.points, call.axis) == (5, "accuracy", 9, "completeness")
    assert call.statement in CALLS[language]
    assert ("the condition" if language == "en" else "该疾病") in cause.statement
    assert cause.made.rule == "rubrics.distil"


def test_a_principle_applies_where_it_was_seen_and_a_dimension_with_all_its_values_is_left_out():
    cause, call = distil(two_meanings(), FEW).principles
    assert "urgency" not in cause.applies_when and "task" not in cause.applies_when
    assert call.applies_when["urgency"] == ("emergency",) and call.applies_when["task"] == ("treat",)
    # expertise has one value in all of the data: nothing says that it does not matter
    assert cause.applies_when["expertise"] == ("lay",)


def test_the_order_of_the_criteria_changes_nothing():
    sources = two_meanings() + two_meanings("zh")
    assert distil(sources, FEW).principles == distil(sources[::-1], FEW).principles


def test_signs_and_kinds_are_never_mixed():
    sources = [
        source(
            CAUSES["en"][number % 3].format("gout"), rubric=f"rubric-{number}-{points}-{kind}", points=points, kind=kind
        )
        for number in range(6)
        for points, kind in ((5, "proficiency"), (-5, "proficiency"), (-9, "safety"))
    ]
    found = distil(sources, FEW)
    assert sorted((one.points, one.kind_of) for one in found.principles) == [
        (-9, "safety"),
        (-5, "proficiency"),
        (5, "proficiency"),
    ]


def test_too_little_support_gives_no_principle_and_is_not_covered():
    sources = two_meanings()
    found = distil(sources, DistilSettings(least_criteria=7, least_rubrics=2, least_grounded=7))
    assert len(found.principles) == 1 and found.covered == pytest.approx(12 / 18)
    assert found.labels.count(-1) == 6
    law = distil(sources, DistilSettings(least_criteria=7, least_rubrics=2))
    assert [bool(one.norms) for one in law.principles] == [False, True], "what rests on norms needs less"
    one_rubric = [one._replace(rubric="rubric-same") for one in sources]
    assert distil(one_rubric, FEW).principles == []


def test_a_statement_with_a_word_of_one_case_is_not_chosen_nor_a_group_of_nothing_else_kept():
    odd = [source("Explains the cause of zorblax fully.", rubric=f"rubric-{number}") for number in range(4)]
    usual = [source(CAUSES["en"][number % 3].format("gout"), rubric=f"rubric-x{number}") for number in range(200)]
    found = distil(usual + odd, DistilSettings(least_criteria=3, least_rubrics=2, least_word_share=0.03))
    assert all("zorblax" not in principle.statement for principle in found.principles)
    alone = distil(odd + usual[:2], DistilSettings(least_criteria=3, least_rubrics=2, least_word_share=0.9))
    assert alone.principles == []


def test_points_are_the_median_with_a_half_away_from_zero():
    points = [4, 5, 8, 9]  # median 6.5
    sources = [source("Explains the cause well.", rubric=f"rubric-{n}", points=p) for n, p in enumerate(points)]
    bad = [source("Explains the cause well.", rubric=f"rubric-{n}", points=-p) for n, p in enumerate(points)]
    assert [one.points for one in distil(sources + bad, FEW).principles] in ([7, -7], [-7, 7])


def test_a_criterion_of_two_sentences_counts_for_both_principles():
    sources = two_meanings(rubrics=24)
    both = source("Explains what causes gout. Recommends emergency care at once.", rubric="rubric-both", values=URGENT)
    found = distil([*sources, both], FEW)
    assert sum(len(sources) in members for members in found.members) == 2
    assert found.labels[-1] == 0


def test_nothing_gives_nothing():
    found = distil([])
    assert (found.principles, found.labels, found.covered) == ([], [], 0.0)


def test_a_source_without_a_dimension_is_refused():
    with pytest.raises(InputError, match="no value for task"):
        distil(
            [
                source("Explains the cause.", values={**ROUTINE, "task": "explain"} | {}),
                source("Explains it all.", values={k: v for k, v in ROUTINE.items() if k != "task"}),
            ]
        )


def test_an_embedding_takes_the_place_of_the_words():
    """Vectors by what the test knows to be the meaning: the wordings have nothing else in common."""

    def embed(texts):
        return np.array(
            [
                [1.0, 0.0] if "care" in text or "ambulance" in text or "department" in text else [0.0, 1.0]
                for text in texts
            ]
        )

    found = distil(two_meanings(), FEW, embed)
    assert [len(members) for members in found.members] == [12, 6]
    blended = distil(two_meanings(), FEW, lambda texts: np.ones((len(texts), 3)))
    assert len(blended.groups) == 18 and len(set(blended.groups)) < 4


@pytest.mark.parametrize("bad", [np.zeros(3), np.full((6, 2), np.nan), np.zeros((2, 2))])
def test_embeddings_of_another_shape_or_without_numbers_are_refused(bad):
    with pytest.raises(InputError, match="row of finite numbers"):
        distil(two_meanings(), FEW, lambda texts: bad)


def test_words_that_say_the_same_are_one_feature():
    assert features("Recommends going to the emergency room right away.", "en") == ["go", "=emergency", "=now"] or set(
        features("Recommends emergency room right away.", "en")
    ) == {"=emergency", "=now"}
    assert features("建议立即前往急诊。", "zh") == ["=now", "=see", "=emergency"]
    assert features("告知马上去急救。", "zh")[0] == "=now"


def test_texts_that_share_nothing_have_no_likeness():
    rows = vectors(["alpha beta", "gamma delta"] * 15, "en")
    assert (rows @ rows.T)[0, 1] == 0
    assert vectors([f"w{chr(97 + n)}x" for n in range(25)], "en").nnz == 0


def test_average_linkage_by_hand_and_in_blocks():
    # Two directions at 0 and 90 degrees with two near each: cosines 0.995 inside, about 0.1 between.
    rows = np.array([[1, 0], [0, 1], [0.995, 0.0999], [0.0999, 0.995]], dtype=np.float32)
    assert group(rows, 0.5, 100).tolist() == [0, 1, 0, 1]
    assert group(rows, 0.01, 100).tolist() == [0, 0, 0, 0]
    assert group(rows, 0.999, 100).tolist() == [0, 1, 2, 3]
    many = np.repeat(np.eye(30, dtype=np.float32), 10, axis=0)
    whole, blocks = group(many, 0.5, 1000), group(many, 0.5, 60)
    assert whole.tolist() == blocks.tolist() == [number // 10 for number in range(300)]
    assert means(rows, np.array([0, 1, 0, 1]), 2)[0] == pytest.approx([0.9975, 0.04995])


def test_what_stands_side_by_side_in_rubrics_is_parted_and_the_rest_stays_together():
    rows = np.array([[1, 0], [0.98, 0.199], [0.96, 0.28], [0.94, 0.341]], dtype=np.float32)
    apart = [frozenset({f"r{text}{n}" for n in range(4)}) for text in range(4)]
    assert parted(rows, apart, 0.5, 0.1) == [[0, 1, 2, 3]]
    together = frozenset({"a", "b", "c", "d"})
    meeting = [frozenset({"x", "y", "z"}), together, frozenset({"p", "q"}), together]
    parts = parted(rows, meeting, 0.5, 0.1)
    assert all(not {1, 3} <= set(part) for part in parts) and sorted(text for part in parts for text in part) == [
        0,
        1,
        2,
        3,
    ]
    assert len(parts) == 2
    assert not meet(frozenset("a"), frozenset("a"), 0.1)  # one careless rubric parts nothing
    assert meet(frozenset("ab"), frozenset("abc"), 0.5)


@pytest.mark.parametrize("wrong", [{"likeness": 1.2}, {"least_fit": -0.1}, {"least_criteria": 0}, {"most_at_once": 3}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(RecordError):
        DistilSettings(**wrong)
