"""HealthBench equal to its definition: numbers by hand, and a plain second writing of the published code's arithmetic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suite_files import conversation, scored, write

from primum.errors import InputError, SettingError
from primum.evaluation.suites.files import HealthRow, Message, Rule, VerdictRow, answer_digest
from primum.evaluation.suites.healthbench import LENGTH_WEIGHTS, example_range, score_rows
from primum.evaluation.suites.result import average, exact

# p1: 5 and −4 met of 5, 3, −4: (5 − 4) / (5 + 3) = 0.125;  p2: −6 met of 2, −6: −6 / 2 = −3;  p3: all of 4 met: 1
SET = [
    conversation("p1", (5, "axis:accuracy"), (3, "axis:completeness"), (-4, "axis:accuracy"), tags=["theme:a"]),
    conversation("p2", (2, "axis:completeness"), (-6, "axis:accuracy"), tags=["theme:b"]),
    conversation("p3", (4, "axis:accuracy", "level:cluster"), tags=["theme:a", "theme:b"]),
]
MET = {"p1": [True, False, True], "p2": [False, True], "p3": [True]}


def verdicts(**changed):
    return [{"prompt_id": name, "met": met} for name, met in (MET | changed).items()]


def value(number):
    return None if number.estimate is None else number.estimate.value


def test_worked_numbers(tmp_path):
    found = scored(tmp_path, "healthbench", SET, verdicts())
    # the mean is clipped, not the example: (0.125 − 3 + 1) / 3 = −0.625 → 0; clipping each first would give 0.375
    assert value(found.score) == 0.0 and found.score.bounds == (0.0, 0.0)
    # axis:accuracy: p1 (5 − 4) / 5 = 0.2; p2 has no positive points under it and is left out; p3 1: mean 0.6
    assert value(found.tags["axis:accuracy"]) == 0.6 and found.tags["axis:accuracy"].estimate.n == 2
    # axis:completeness: p1 0 / 3, p2 0 / 2
    assert value(found.tags["axis:completeness"]) == 0.0
    # theme:a: the whole scores of p1 and p3: (0.125 + 1) / 2 = 0.5625; theme:b: (−3 + 1) / 2 = −1 → 0
    assert value(found.tags["theme:a"]) == 0.5625 and value(found.tags["theme:b"]) == 0.0
    assert value(found.tags["level:cluster"]) == 1.0
    assert (found.asked, found.abstained, found.n, found.decided) == (6, 0, 3, 3)
    assert set(found.tags) == {"axis:accuracy", "axis:completeness", "theme:a", "theme:b", "level:cluster"}


def test_an_abstention_is_neither_met_nor_not_met(tmp_path):
    found = scored(tmp_path, "healthbench", SET[::2], verdicts(p1=[True, None, None])[::2])
    # p1: between (5 − 4) / 8 = 0.125 and (5 + 3) / 8 = 1; p3: 1. Bounds (0.125 + 1) / 2 = 0.5625 and 1; p3 alone is decided
    assert found.score.bounds == (0.5625, 1.0)
    assert value(found.score) == 1.0 and found.score.estimate.n == 1
    assert found.score.estimate.low <= 0.5625 and found.score.estimate.high == 1.0
    assert (found.abstained, found.decided) == (2, 1)
    # tags that the abstentions do not touch stay as they are; theme:a is between as the score is
    assert found.tags["axis:completeness"].bounds == (0.0, 1.0) and value(found.tags["axis:completeness"]) is None
    # axis:accuracy: p1 (5 − 4) / 5 = 0.2 … 5 / 5 = 1, p3 1
    assert found.tags["axis:accuracy"].bounds == (0.6, 1.0)
    # a criterion under negative points: with the abstention met the score falls
    assert example_range([Rule("a", 5), Rule("b", -4)], [True, None])[:3] == (0.2, 1.0, -0.8)


def test_the_point_stays_within_what_is_known(tmp_path):
    # p1: 9 of 10 points are known not to be met: between 0 and 0.1. p2: 1. Bounds 0.5 … 0.55; the decided mean 1 is ruled out.
    rows = [conversation("p1", (9,), (1,)), conversation("p2", (3,))]
    found = scored(
        tmp_path, "healthbench", rows, [{"prompt_id": "p1", "met": [False, None]}, {"prompt_id": "p2", "met": [True]}]
    )
    assert found.score.bounds == (0.5, 0.55) and value(found.score) == 0.55


def test_all_abstained_has_no_score(tmp_path):
    found = scored(tmp_path, "healthbench", SET, verdicts(p1=[None] * 3, p2=[None] * 2, p3=[None]))
    # lows (−4/8 − 6/2 + 0) / 3 < 0 → 0; highs 1
    assert found.score == (None, (0.0, 1.0)) and found.abstained == found.asked == 6 and found.reference == {}


@pytest.mark.parametrize(("subset", "weight"), [("regular", 0.0299), ("hard", 0.0392), ("consensus", 0.0020)])
def test_the_length_adjustment_is_taken_from_the_example_and_clipped_last(tmp_path, subset, weight):
    answers = [{"prompt_id": "p1", "response": "x" * 3500}, {"prompt_id": "p3", "response": "é" * 1000}]
    path = write(tmp_path / "answers.jsonl", answers)
    found = scored(tmp_path, "healthbench", SET[::2], verdicts()[::2], answers=path, length_adjust=subset)
    # p1: 0.125 − λ·1500/500; p3: 1 − λ·(−1000)/500 = 1 + 2λ, above 1 and not clipped by itself
    assert value(found.score) == np.mean([0.125 - weight * 1500 / 500, 1.0 - weight * -1000 / 500])
    assert value(found.score) == pytest.approx(0.5625 - weight / 2) and LENGTH_WEIGHTS[subset] == weight
    assert value(found.metrics["unadjusted"]) == 0.5625
    assert value(found.tags["theme:a"]) == value(found.score)
    assert value(found.tags["axis:accuracy"]) == 0.6  # a criterion tag has no adjusted form
    only = scored(
        tmp_path, "healthbench", SET[2:], verdicts()[2:], answers=write(path, answers[1:]), length_adjust=subset
    )
    assert value(only.score) == 1.0 == only.score.estimate.high


def test_options_that_do_not_fit(tmp_path):
    with pytest.raises(SettingError, match="give --answers"):
        scored(tmp_path, "healthbench", SET, verdicts(), length_adjust="hard")
    with pytest.raises(SettingError, match="choose of regular, hard, consensus"):
        scored(tmp_path, "healthbench", SET, verdicts(), length_adjust="soft")
    judged = [{"prompt_id": "p3", "met": [True], "answer": answer_digest("this one")}]
    for text, is_refused in (("this one", False), ("another", True)):
        path = write(tmp_path / "answers.jsonl", [{"prompt_id": "p3", "response": text}])
        if is_refused:
            with pytest.raises(InputError, match="'p3' is not the text that was judged"):
                scored(tmp_path, "healthbench", SET[2:], judged, answers=path)
        else:
            assert value(scored(tmp_path, "healthbench", SET[2:], judged, answers=path).score) == 1.0


def test_the_consensus_criteria_alone(tmp_path):
    found = scored(tmp_path, "healthbench", SET, verdicts(), consensus=True)
    assert value(found.score) == 1.0 and found.n == 1 and found.missing == 0
    with pytest.raises(InputError, match="has no criteria level:cluster"):
        scored(tmp_path, "healthbench", SET[:2], verdicts()[:2], consensus=True)
    wrong = [conversation("p1", (5, "level:cluster"), (-1, "level:cluster"))]
    with pytest.raises(InputError, match="negative points"):
        scored(tmp_path, "healthbench", wrong, [{"prompt_id": "p1", "met": [True, True]}], consensus=True)


def test_a_subset_by_ids_and_rows_left_out(tmp_path):
    hard = scored(tmp_path, "healthbench", SET, verdicts()[:1], ids=("p1",))
    assert value(hard.score) == 0.125 and hard.missing == 0
    with pytest.raises(InputError, match="'p9' is not in the set"):
        scored(tmp_path, "healthbench", SET, verdicts(), ids=("p1", "p9"))
    part = scored(tmp_path, "healthbench", SET, verdicts()[:1], partial=True)
    assert value(part.score) == 0.125 and part.missing == 2 and part.n == 1


# --- against a second writing --------------------------------------------------------------------------------------------------

points = st.sampled_from([-10, -7, -3, -1, 1, 2, 5, 7, 10, 0.1, 0.7, -0.3])
tags = st.lists(st.sampled_from(["axis:a", "axis:b", "level:c"]), unique=True, max_size=3)
criteria = st.lists(st.tuples(points, tags), min_size=1, max_size=8).filter(lambda c: any(p > 0 for p, _ in c))
examples = st.lists(
    criteria.flatmap(
        lambda c: st.tuples(
            st.just(c),
            st.lists(st.sampled_from([True, False, None]), min_size=len(c), max_size=len(c)),
            st.lists(st.sampled_from(["theme:x", "theme:y"]), unique=True, max_size=2),
        )
    ),
    min_size=1,
    max_size=12,
)


def made(drawn):
    rows, said = [], []
    for number, (listed, met, themes) in enumerate(drawn):
        rules = [Rule(f"c{place}", float(one), own) for place, (one, own) in enumerate(listed)]
        rows.append(HealthRow(f"p{number}", [Message("user", "?")], rules, themes))
        said.append(VerdictRow(f"p{number}", met))
    return rows, said


def plain_scores(rows, said):
    """The published arithmetic, written again: names to clipped means."""
    values = {}
    for row, one in zip(rows, said, strict=True):

        def score(picked, row=row, one=one):
            possible = sum(row.rubrics[i].points for i in picked if row.rubrics[i].points > 0)
            return sum(row.rubrics[i].points for i in picked if one.met[i]) / possible if possible else None

        everything = range(len(row.rubrics))
        values.setdefault("score", []).append(score(everything))
        for tag in row.example_tags:
            values.setdefault(tag, []).append(score(everything))
        for tag in {tag for rule in row.rubrics for tag in rule.tags}:
            own = score([i for i in everything if tag in row.rubrics[i].tags])
            if own is not None:
                values.setdefault(tag, []).append(own)
    return {name: float(np.clip(np.mean(listed), 0, 1)) for name, listed in values.items()}


@given(examples)
@settings(max_examples=60)
def test_equal_to_the_last_bit(drawn):
    rows, said = made([(c, [bool(one) for one in met], t) for c, met, t in drawn])
    found = score_rows(rows, said)
    ours = {"score": found.score} | found.tags
    assert {name: one.estimate.value for name, one in ours.items()} == plain_scores(rows, said)
    assert all(one.bounds == (one.estimate.value, one.estimate.value) for one in ours.values())


@given(examples, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_bounds_hold_every_completion(drawn, chance):
    rows, said = made(drawn)
    found = score_rows(rows, said)
    filled = [VerdictRow(one.prompt_id, [chance.random() < 0.5 if m is None else m for m in one.met]) for one in said]
    for name, full in plain_scores(rows, filled).items():
        number = found.score if name == "score" else found.tags[name]
        assert number.bounds[0] - 1e-12 <= full <= number.bounds[1] + 1e-12
        if number.estimate is not None:
            assert number.estimate.low - 1e-12 <= number.bounds[0] and number.bounds[1] <= number.estimate.high + 1e-12
            assert number.bounds[0] <= number.estimate.value <= number.bounds[1]


@given(examples)
@settings(max_examples=40)
def test_ends_are_reached_by_deciding_every_abstention_one_way(drawn):
    rows, said = made(drawn)
    found = score_rows(rows, said)
    for place, against in ((0, True), (1, False)):
        filled = [
            VerdictRow(
                v.prompt_id,
                [(rule.points < 0) == against if m is None else m for m, rule in zip(v.met, row.rubrics, strict=True)],
            )
            for row, v in zip(rows, said, strict=True)
        ]
        assert found.score.bounds[place] == plain_scores(rows, filled)["score"]
        if found.score.estimate is not None:  # the interval reaches as far as that run's own
            reached = score_rows(rows, filled).score.estimate
            low, high = found.score.estimate.low, found.score.estimate.high
            assert low <= reached.low if against else high >= reached.high


@given(examples)
@settings(max_examples=30)
def test_everything_good_met_is_one_and_order_does_not_matter(drawn):
    rows, _ = made(drawn)
    best = [VerdictRow(row.prompt_id, [rule.points > 0 for rule in row.rubrics]) for row in rows]
    found = score_rows(rows, best)
    assert value(found.score) == 1.0 and all(value(one) == 1.0 for one in found.tags.values())
    assert found.score.estimate.high == 1.0 and found.score.estimate.low < 1.0  # no run is certain
    turned = score_rows(rows[::-1], best[::-1])
    assert turned.score == found.score and turned.tags.keys() == found.tags.keys()


def test_the_interval_covers():
    """Scores between −1 and 1 with mean 0.3, 40 examples a run: the interval holds the mean in 93 to 97 % of runs."""
    rng = np.random.default_rng(7)
    rules = [Rule("a", 6.0), Rule("b", 4.0), Rule("c", -10.0)]
    held = 0
    for _ in range(1500):
        met = rng.random((40, 3)) < (0.6, 0.45, 0.24)  # 0.36 + 0.18 − 0.24 = 0.3
        items = [exact(example_range(rules, one.tolist()).low, str(place)) for place, one in enumerate(met)]
        found = average(items, (-1.0, 1.0), "conversation", (0.0, 1.0)).estimate
        held += found.low <= 0.3 <= found.high
    assert 0.93 <= held / 1500 <= 0.97
