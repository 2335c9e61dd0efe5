"""Distillation on criteria of known meaning: groups, support, where a principle applies, blocks, embeddings."""

import numpy as np
import pytest
from distil_sample import CALLS, CAUSES, ROUTINE, URGENT, source, two_meanings

from primum.errors import InputError, RecordError
from primum.records import ByRule
from primum.rubrics.distil import DistilSettings, distil
from primum.rubrics.distil.distilling import rewritten
from primum.rubrics.distil.features import features, vectors
from primum.rubrics.distil.grouping import group, likenesses, means
from primum.rubrics.distil.parting import Bounds, meet, parted

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
    assert call.applies_when["urgency"] == ("emergency",) and call.applies_when["task"] == ("treat",)
    # expertise has one value in all of the data: nothing says that it does not matter
    assert cause.applies_when["expertise"] == ("lay",)
    # all values of the sources are not all there are: never seen in prompt scenarios, it does not join them
    assert cause.applies_when["urgency"] == ("emergency", "routine") and cause.applies_when["task"] == (
        "explain",
        "treat",
    )
    everywhere = [
        source(
            CAUSES["en"][number % 3].format("gout"),
            rubric=f"rubric-{number}",
            values={**ROUTINE, "urgency": ("emergency", "prompt", "routine")[number % 3]},
        )
        for number in range(9)
    ]
    assert sorted(distil(everywhere, FEW).principles[0].applies_when) == ["expertise", "task", "uncertainty"]


def test_a_share_that_no_value_reaches_leaves_the_commonest():
    sources = [
        source(
            CAUSES["en"][number % 3].format("gout"),
            rubric=f"rubric-{number}",
            values={**ROUTINE, "urgency": "prompt" if number < 5 else "routine"},
        )
        for number in range(9)
    ]
    strict = distil(sources, DistilSettings(least_criteria=3, least_rubrics=2, least_value_share=1.0)).principles[0]
    assert strict.applies_when["urgency"] == ("prompt",) and all(strict.applies_when.values())


def test_a_criterion_that_leaves_one_of_its_two_principles_gets_the_label_of_the_other():
    said = ("Recommends emergency care at once for the person.", "Explains the cause of the illness.")
    both = "Recommends going to the emergency room; Explains the cause of the illness."
    sources = [source(text, rubric=f"rubric-{number}") for text in said for number in range(10)]
    sources += [source(both, rubric=f"rubric-b{number}") for number in range(10)]
    found = distil(sources)
    call = next(n for n, one in enumerate(found.principles) if "mergency" in one.statement)
    cause = 1 - call
    assert found.labels[20:] == [call] * 10
    out = frozenset(wording.text for wording in found.wordings[call] if "room" in wording.text)
    made = ByRule(rule="test")
    anew, changed, gone, thin = rewritten(
        sources, found, {call: ("Sends the person to emergency care.", out)}, made, DistilSettings()
    )
    assert (changed, gone, thin) == (1, 10, [])
    assert anew.labels == [call] * 10 + [cause] * 20 and anew.covered == 1.0
    none, _, gone, _ = rewritten(
        sources,
        anew,
        {cause: ("Says why the illness came about at all.", frozenset({"Never said by anyone."}))},
        made,
        DistilSettings(),
    )
    assert gone == 0 and none.labels == anew.labels


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
    assert features("Recommends going to the emergency room right away.", "en") == ["going", "=emergency", "=now"]
    assert features("Recommends emergency room right away.", "en") == ["=emergency", "=now"]
    assert features("建议立即前往急诊。", "zh") == ["=now", "=see", "=emergency"]
    assert features("告知马上去急救。", "zh")[0] == "=now"


def test_texts_that_share_nothing_have_no_likeness():
    rows = vectors(["alpha beta", "gamma delta"] * 15, "en")
    assert (rows @ rows.T)[0, 1] == 0
    assert vectors([f"w{chr(97 + n)}x" for n in range(25)], "en").nnz == 0
    assert vectors([], "en").shape[0] == 0


def test_an_error_in_the_features_is_not_taken_for_texts_that_share_nothing(monkeypatch):
    def broken(text, language):
        raise ValueError("broken table")

    monkeypatch.setattr("primum.rubrics.distil.features.features", broken)
    with pytest.raises(ValueError, match="broken table"):
        vectors(["alpha beta", "gamma delta"], "en")


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
    assert parted(rows, apart, 0.5, Bounds(0.1, 100)) == [[0, 1, 2, 3]]
    together = frozenset({"a", "b", "c", "d"})
    meeting = [frozenset({"x", "y", "z"}), together, frozenset({"p", "q"}), together]
    parts = parted(rows, meeting, 0.5, Bounds(0.1, 100))
    assert all(not {1, 3} <= set(part) for part in parts) and sorted(text for part in parts for text in part) == [
        0,
        1,
        2,
        3,
    ]
    assert len(parts) == 2
    assert not meet(frozenset("a"), frozenset("a"), 0.1)  # one careless rubric parts nothing
    assert meet(frozenset("ab"), frozenset("abc"), 0.5)


def test_a_group_above_the_bound_is_parted_without_comparing_all_of_its_texts(monkeypatch):
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(600, 6)).astype(np.float32) * 0.02
    rows[:, 0] = 1.0
    rows[300:, 1] += 0.4
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    compared = []

    def spy(some):
        compared.append(some.shape[0])
        return likenesses(some)

    monkeypatch.setattr("primum.rubrics.distil.parting.likenesses", spy)
    alone = [frozenset({f"r{number}"}) for number in range(600)]
    assert parted(rows, alone, 0.5, Bounds(0.1, 60)) == [list(range(600))]
    # each rubric holds one text of either half
    halves = [frozenset({f"r{number % 300}"}) for number in range(600)]
    assert parted(rows, halves, 0.5, Bounds(0.1, 60)) == [list(range(300)), list(range(300, 600))]
    assert parted(rows, halves, 0.5, Bounds(0.1, 600)) == [list(range(300)), list(range(300, 600))]
    # all of them stand in the same rubrics: as many parts as texts, more than the bound
    crowd = [frozenset({"a", "b", "c"})] * 600
    assert parted(rows, crowd, 0.5, Bounds(0.1, 60)) == [[number] for number in range(600)]
    assert max(size for size in compared if size != 600) <= 60 and compared.count(600) == 1


@pytest.mark.parametrize("wrong", [{"likeness": 1.2}, {"least_fit": -0.1}, {"least_criteria": 0}, {"most_at_once": 3}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(RecordError):
        DistilSettings(**wrong)
