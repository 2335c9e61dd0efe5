"""The meta-evaluation: judges against physicians and physicians against each other, by hand and against a second writing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suite_files import scored

from primum.errors import InputError
from primum.evaluation.suites.meta import Counts, macro_f1


def row(number, labels, category="a", completion=None, physicians="xyz"):
    return {
        "completion_id": completion or f"c{number}",
        "binary_labels": labels,
        "anonymized_physician_ids": list(physicians[: len(labels)]),
        "category": category,
        "prompt": [],
        "completion": "…",
        "rubric": "…",
    }


def judged(*met):
    return [{"id": number, "met": one} for number, one in enumerate(met, 1)]


def test_macro_f1_by_hand():
    # met: P = recall = 2/3, F1 = 2/3; not met: P = recall = 4/5, F1 = 4/5
    assert macro_f1(Counts(2, 1, 1, 4)) == pytest.approx(11 / 15)
    assert macro_f1(Counts(3, 0, 0, 3)) == 1.0
    assert macro_f1(Counts(5, 0, 0, 0)) is None  # "not met" occurs on neither side
    assert macro_f1(Counts(0, 0, 4, 4)) == pytest.approx((0 + 2 * 4 / (2 * 4 + 4)) / 2)  # a judge who always says no


def test_no_majority_vote_and_leave_one_out(tmp_path):
    # The published test's data: judge met, not met, met; others [1, 1, 0], [1, 0], [0].
    data = [row(1, [True, True, False]), row(2, [True, False]), row(3, [False], category="b")]
    found = scored(tmp_path, "healthbench-meta", data, judged(True, False, True))
    # six pairs: both met 2, judge only 1 + 1, physician only 1, neither 1
    # met: P 2/4, recall 2/3, F1 4/7; not met: P 1/2, recall 1/3, F1 2/5; mean 17/35
    assert found.score.estimate.value == pytest.approx(17 / 35) and found.score.estimate.n == 6
    # row 1: x–y agree met; x–z, y–z differ; both ways. row 2: x–y differ. Pairs: both 2, first only 3, second only 3, neither 0
    assert found.metrics["physicians"].estimate.value == pytest.approx((2 * 2 / (2 * 2 + 3 + 3) + 0) / 2)
    assert found.metrics["physicians"].estimate.n == 8
    # x against the others: met/met, met/not, met/not: F1 of met 2/4 = 0.5, not met 0
    assert found.metrics["physician:x"].estimate.value == pytest.approx(0.25)
    # category b: judge met, one physician not: both F1 are 0
    assert found.tags["category:b"].estimate.value == 0.0 and found.tags["category:a"].estimate.n == 5


def test_what_is_undefined_explains_itself(tmp_path):
    found = scored(tmp_path, "healthbench-meta", [row(1, [True]), row(2, [True])], judged(True, True))
    assert found.score.estimate is None and found.metrics == {}
    assert any("the score is undefined" in note and "2 pairs" in note for note in found.notes)
    assert any("no ceiling" in note for note in found.notes)


def test_an_abstention_leaves_its_pairs_open(tmp_path):
    data = [row(n, labels) for n, labels in enumerate([[True, True], [False, False], [True, False]], 1)]
    found = scored(tmp_path, "healthbench-meta", data, judged(True, False, None))
    assert found.score.estimate.value == 1.0 and found.abstained == 1 and found.decided == 2
    # both pairs of row 3 wrong: both 2, judge only 1, physician only 1, neither 2: F1 2·2/(4 + 2) twice; both right: 1
    assert found.score.bounds == (pytest.approx(2 / 3), 1.0) and found.score.estimate.low <= 2 / 3


def test_two_physicians_have_an_interval_that_says_whom_it_is_about(tmp_path):
    data = [row(n, [n % 2 == 0, n % 2 == 0 if n % 5 else n % 2 == 1]) for n in range(1, 41)]
    found = scored(tmp_path, "healthbench-meta", data, judged(*[n % 3 == 0 for n in range(40)]))
    ceiling = found.metrics["physicians"].estimate
    # they differ on every fifth row, 4 even and 4 odd ones: both F1 are 32/40
    assert ceiling.value == pytest.approx(0.8) and 0.6 < ceiling.low < 0.8 < ceiling.high < 0.95
    assert any("these two" in note for note in found.notes)


def test_labels_and_physicians_go_together(tmp_path):
    for wrong, told in (
        (row(1, [True, False]) | {"anonymized_physician_ids": ["x"]}, "2 labels by 1 physicians"),
        (row(1, [True, False], physicians="xx"), "not all different"),
        (row(1, []), "do not match"),
        (row(1, [1]), "Expected `bool`"),
    ):
        with pytest.raises(InputError, match=told) as found:
            scored(tmp_path, "healthbench-meta", [wrong], judged(True))
        assert "set.jsonl:1" in str(found.value)


def simulated(rng, completions, physicians, right=0.8):
    """Labels of physicians who each see what is there with probability `right`, three a completion."""
    data = []
    for number in range(completions):
        truth = rng.random() < 0.5
        who = rng.choice(physicians, 3, replace=False)
        labels = [bool(truth == (rng.random() < right)) for _ in who]
        data.append(
            row(number, labels) | {"anonymized_physician_ids": [f"d{one}" for one in who], "truth": bool(truth)}
        )
    return data


def test_few_physicians_widen_the_interval_and_the_seed_is_fixed(tmp_path):
    rng = np.random.default_rng(3)
    data = simulated(rng, 60, 12)
    met = [bool(one["truth"] == (rng.random() < 0.8)) for one in data]
    many = scored(tmp_path, "healthbench-meta", data, judged(*met))
    assert many == scored(tmp_path, "healthbench-meta", data, judged(*met))
    score, ceiling = many.score.estimate, many.metrics["physicians"].estimate
    # judge and physician are each right 8 times in 10: they agree with 0.8² + 0.2² = 0.68
    assert score.low < 0.68 < score.high and ceiling.low < 0.68 < ceiling.high
    whole = [one | {"anonymized_physician_ids": ["d0", "d1", "d2"]} for one in data]
    few = scored(tmp_path, "healthbench-meta", whole, judged(*met))
    assert few.metrics["physicians"].estimate.high - few.metrics["physicians"].estimate.low > 0.8 * (
        ceiling.high - ceiling.low
    )


def test_a_pair_of_physicians_moves_with_both_of_them(tmp_path):
    """Three of fifteen are often wrong; the interval is compared with the jackknife that leaves out one physician after another."""
    rng = np.random.default_rng(5)
    right = [0.95] * 12 + [0.45] * 3
    data = []
    for number in range(300):
        truth, who = rng.random() < 0.5, rng.choice(15, 3, replace=False)
        labels = [bool(truth == (rng.random() < right[one])) for one in who]
        data.append(row(number, labels) | {"anonymized_physician_ids": [f"d{one}" for one in who]})

    def ceiling(without=None):
        held = [0, 0, 0, 0]
        for one in data:
            seen = [
                label
                for name, label in zip(one["anonymized_physician_ids"], one["binary_labels"], strict=True)
                if name != without
            ]
            for place, said in enumerate(seen):
                for other in seen[:place] + seen[place + 1 :]:
                    held[2 * (not said) + (not other)] += 1
        return macro_f1(Counts(*held))

    left = np.asarray([ceiling(f"d{number}") for number in range(15)])
    deviation = float(np.sqrt(14 / 15 * ((left - left.mean()) ** 2).sum()))
    found = scored(tmp_path, "healthbench-meta", data, judged(*[True] * 300)).metrics["physicians"].estimate
    assert found.value == ceiling()
    assert 0.7 < (found.high - found.low) / (2 * 2.14 * deviation) < 1.1


labels = st.lists(st.booleans(), min_size=1, max_size=3)


@given(st.lists(st.tuples(labels, st.booleans()), min_size=2, max_size=8))
@settings(max_examples=15)
def test_equal_to_a_second_writing(tmp_path_factory, drawn):
    data = [row(n, listed) for n, (listed, _) in enumerate(drawn)]
    found = scored(tmp_path_factory.mktemp("meta"), "healthbench-meta", data, judged(*(met for _, met in drawn)))
    pairs = [(met, label) for listed, met in drawn for label in listed]

    def f1(one_class):
        predicted = [m == o for m, o in pairs if m is one_class]
        true = [m == o for m, o in pairs if o is one_class]
        if not predicted or not true:
            return None if not predicted and not true else 0.0
        precision, recall = sum(predicted) / len(predicted), sum(true) / len(true)
        return 2 * (precision * recall) / (precision + recall) if precision + recall else 0.0

    both = f1(True), f1(False)
    expected = None if None in both else (both[0] + both[1]) / 2
    assert (found.score.estimate.value if found.score.estimate else None) == expected
