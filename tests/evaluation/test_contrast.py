"""Two runs side by side: differences, their correction for many slices, and what the model and the judge did, by hand-worked numbers."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from primum.errors import InputError
from primum.evaluation.contrast import WHOLE, Frame, Measure, Run, Slice, contrast
from primum.evaluation.contrast_difference import Span, mean_difference
from primum.evaluation.contrast_early import stop_early
from primum.evaluation.contrast_flips import count_flips
from primum.evaluation.contrast_split import crossed, split
from primum.evaluation.contrast_words import change_words, note_words, split_words
from primum.stats import paired_difference, wilson

ALL = Slice("score", WHOLE, WHOLE)
POINTS = Slice("score", "axis", "accuracy")
WAY_OUT = "Give a crossing."


def run_of(values, judge="", answers=None, one=ALL):
    """A run of decided scores (or spans) of one slice, scenario a, b, c …"""
    spans = {
        name: value if isinstance(value, Span) else Span(value, value)
        for name, value in zip("abcdefghij", values, strict=False)
    }
    named = {name: f"{answers}-{name}" for name in spans} if isinstance(answers, str) else answers or {}
    return Run({one: spans}, judge, named)


def frame_of(*slices, scale=(-1.0, 1.0), is_bounded=False, is_better_high=True, clusters=None):
    return Frame({"score": Measure(is_better_high, is_bounded)}, dict.fromkeys(slices or (ALL,), scale), clusters or {})


FRAME = frame_of()


def exact(values):
    return [Span(value, value) for value in values]


# The difference


def test_scores_without_ends_have_the_paired_t_test():
    # differences 0.1, 0.3, −0.1, 0.5: mean 0.2, deviation √(0.20/3), so t = 0.2 / (√(0.20/3)/2) = 1.5492 on 3 degrees
    found = contrast(run_of([0.1, 0.2, 0.3, 0.0]), run_of([0.2, 0.5, 0.2, 0.5]), FRAME).rows[0]
    half = 3.18245 * math.sqrt(0.2 / 3) / 2
    assert found.difference.estimate.value == pytest.approx(0.2)
    assert found.difference.estimate.low == pytest.approx(0.2 - half, abs=1e-5)
    assert found.difference.estimate.high == pytest.approx(0.2 + half, abs=1e-5)
    assert found.difference.p == pytest.approx(0.2191, abs=1e-4)
    assert (found.before, found.after) == (pytest.approx(0.15), pytest.approx(0.35))


def test_scenarios_drawn_together_count_as_one_draw():
    names = ["x", "x", "x", "y", "y", "y"]
    values = [0.2, 0.2, 0.2, 0.4, 0.4, 0.4]
    alone = mean_difference(exact(values), list("abcdef"), 2.0, is_bounded=False, unit="scenario")
    together = mean_difference(exact(values), names, 2.0, is_bounded=False, unit="scenario")
    # two clusters of means 0.2 and 0.4: t = 0.3 / 0.1 on 1 degree, so p = 2 atan(1/3)/π
    assert together.p == pytest.approx(2 * math.atan(1 / 3) / math.pi, abs=1e-6)
    assert alone.p < 0.01 and together.clusters == 2


def test_shares_have_agresti_and_mins_interval():
    before, after = [1.0, 0.0, 0.0, 1.0, 0.0, 0.5], [1.0, 1.0, 1.0, 1.0, 0.0, 1.0]
    names = ["p", "p", "q", "r", "s", "t"]
    spans = exact(new - old for old, new in zip(before, after, strict=True))
    found = mean_difference(spans, names, 1.0, is_bounded=True, unit="scenario").estimate
    known = paired_difference(before, after, names)
    assert (found.value, found.low, found.high) == pytest.approx((known.value, known.low, known.high))


def test_the_p_of_shares_is_that_of_the_centre_of_their_interval():
    # ten scenarios, four of them up by 1: centre 4/12; the half width is t(11) = 2.200985 deviations, and p is Student's of 4/12 over one
    found = mean_difference(exact([1.0] * 4 + [0.0] * 6), list("abcdefghij"), 1.0, is_bounded=True, unit="scenario")
    centre, half = (found.estimate.low + found.estimate.high) / 2, (found.estimate.high - found.estimate.low) / 2
    assert centre == pytest.approx(4 / 12)
    assert found.p == pytest.approx(2 * float(student.sf(4 / 12 / (half / 2.200985), 11)), rel=1e-5)


@given(
    st.lists(st.floats(-1, 1), min_size=2, max_size=12), st.booleans(), st.integers(1, 4), st.sampled_from([1.0, 4.0])
)
@settings(max_examples=150, deadline=None)
def test_p_and_interval_never_disagree(values, is_bounded, size, width):
    names = [str(place // size) for place in range(len(values))]
    found = mean_difference(
        exact(value * width for value in values), names, width, is_bounded=is_bounded, unit="scenario"
    )
    leaves_out = found.estimate.low > 0 or found.estimate.high < 0
    unvaried = (
        max(values) - min(values) < 1e-9
    )  # there the sign test and Wilson's reach are two methods; see the next test
    if abs(found.p - 0.05) > 1e-6 and not unvaried:
        assert leaves_out == (found.p < 0.05)


def test_differences_that_are_all_alike_are_not_certainty():
    found = mean_difference(exact([0.0] * 40), [str(i) for i in range(40)], 2.0, is_bounded=False, unit="scenario")
    reach = 2.0 * wilson(0, 40).high
    assert (found.estimate.low, found.estimate.high, found.p) == (pytest.approx(-reach), pytest.approx(reach), 1.0)
    same = mean_difference(exact([0.3] * 10), [str(i) for i in range(10)], 2.0, is_bounded=False, unit="scenario")
    # z² = 10 · 0.3 / 2 = 1.5, so p = 2 (1 − Φ(1.2247)) = 0.2207
    assert same.p == pytest.approx(0.2207, abs=1e-4) and same.estimate.low < 0 < 0.3 < same.estimate.high
    single = mean_difference(exact([0.3, 0.4]), ["x", "x"], 2.0, is_bounded=False, unit="scenario")
    assert single.p > 0.5 and single.estimate.low < 0


# Pairs, abstentions, slices


def test_scenarios_in_one_run_only_are_named_and_in_no_number():
    before, after = run_of([0.1, 0.2, 0.3]), Run({ALL: {**run_of([0.2, 0.4]).values[ALL], "z": Span(9.0, 9.0)}})
    found = contrast(before, after, FRAME)
    assert (found.paired, found.only_before, found.only_after) == (("a", "b"), ("c",), ("z",))
    assert found.rows[0].difference.estimate.value == pytest.approx(0.15)
    told = note_words(found, crossed(before, after), ())
    assert told == [
        "1 scenario only in the run before, and in no number here: c",
        "1 scenario only in the run after, and in no number here: z",
    ]
    with pytest.raises(InputError, match="share none"):
        contrast(run_of([0.1]), Run({ALL: {"z": Span(0.0, 0.0)}}), FRAME)


def test_an_abstention_is_not_in_the_value_and_widens_the_interval():
    after = run_of([Span(0.0, 1.0), 0.3, 0.5, 0.45])
    found = contrast(run_of([0.2, 0.2, 0.3, 0.25]), after, FRAME).rows[0]
    decided = contrast(run_of([0.2, 0.3, 0.25]), run_of([0.3, 0.5, 0.45]), FRAME).rows[0]
    assert found.difference.estimate.value == pytest.approx(0.5 / 3) and found.difference.estimate.n == 3
    assert found.difference.bounds == (pytest.approx((0.5 - 0.2) / 4), pytest.approx((0.5 + 0.8) / 4))
    assert found.difference.estimate.low < decided.difference.estimate.low
    assert found.difference.estimate.high > decided.difference.estimate.high
    assert found.difference.p > decided.difference.p


def test_a_slice_that_no_judge_decided_has_bounds_only():
    found = contrast(run_of([Span(0.0, 1.0)]), run_of([0.5]), FRAME)
    row = found.rows[0]
    assert (row.difference.estimate, row.adjusted_p, row.reading, found.tests) == (None, None, "cannot tell", 0)
    assert row.difference.bounds == (-0.5, 0.5)
    assert "no scenario was decided on both sides" in change_words(found)[0]


def test_slices_are_adjusted_together_and_sorted():
    """Three slices with p = 0.0205, 0.0330 and 0.0533; adjusted p(2)·3/2 = 0.0495 takes the first along, and p(3) is left as it is."""
    slices = [ALL, Slice("score", "theme", "x"), Slice("score", "theme", "y")]
    wanted = [3.6, 3.0, 2.5]  # t on 4 degrees of freedom
    values = {}
    for one, t in zip(slices, wanted, strict=True):
        spread = [-2.0, -1.0, 0.0, 1.0, 2.0]
        values[one] = dict(zip("abcde", exact(0.01 * (x + t * math.sqrt(0.5)) for x in spread), strict=True))
    before = Run({one: dict.fromkeys("abcde", Span(0.0, 0.0)) for one in slices})
    found = contrast(before, Run(values), frame_of(*slices))
    p = [row.difference.p for row in found.rows]
    assert p == sorted(p) and found.tests == 3
    assert [row.slice for row in found.rows] == slices
    smallest = min(3 * p[0], 1.5 * p[1], p[2])
    assert [row.adjusted_p for row in found.rows] == pytest.approx([smallest, min(1.5 * p[1], p[2]), p[2]])
    expected = ["better" if row.adjusted_p < 0.05 else "cannot tell" for row in found.rows]
    assert [row.reading for row in found.rows] == expected and expected[2] == "cannot tell"
    alone = contrast(before.only(()), Run(values).only(()), frame_of(*slices)).rows
    assert len(alone) == 1 and alone[0].adjusted_p == pytest.approx(p[0]) and alone[0].reading == "better"


def test_where_lower_is_better_a_fall_is_better():
    rise = [0.30, 0.32, 0.28, 0.31, 0.29]
    up, down = run_of([0.0] * 5), run_of(rise)
    assert contrast(up, down, frame_of(is_better_high=True)).rows[0].reading == "better"
    assert contrast(up, down, frame_of(is_better_high=False)).rows[0].reading == "worse"
    assert contrast(down, up, frame_of(is_better_high=False)).rows[0].reading == "better"


def test_a_slice_that_is_the_whole_again_is_not_tested_twice():
    same = Slice("score", "language", "zh")
    before, after = run_of([0.1, 0.2, 0.3]), run_of([0.2, 0.2, 0.5])
    twice = [Run({ALL: one.values[ALL], same: one.values[ALL]}) for one in (before, after)]
    found = contrast(*twice, frame_of(ALL, same))
    assert [row.slice for row in found.rows] == [ALL] and found.tests == 1
    # also when it is the whole of the pairs only
    wider = Run({ALL: {**before.values[ALL], "z": Span(0.5, 0.5)}, same: before.values[ALL]})
    assert [row.slice for row in contrast(wider, twice[1], frame_of(ALL, same)).rows] == [ALL]


# What the model did and what the judge did

S00, S10, S01, S11 = [0.2, 0.4], [0.5, 0.4], [0.3, 0.4], [0.8, 0.5]  # means 0.30, 0.45, 0.35, 0.65


def values_of(found):
    return tuple(part.estimate.value for part in (found.total, found.model, found.judge))


def cells_of(new_by_old=None, old_by_new=None):
    return crossed(
        run_of(S00, "j0", "m0"),
        run_of(S11, "j1", "m1"),
        run_of(new_by_old, "j0", "m1") if new_by_old else None,
        run_of(old_by_new, "j1", "m0") if old_by_new else None,
    )


def test_both_crossings_give_the_mean_of_both_orders():
    found = split(cells_of(S10, S01), FRAME)[0]
    # model ½[(0.45 − 0.30) + (0.65 − 0.35)], judge ½[(0.35 − 0.30) + (0.65 − 0.45)], interaction 0.65 − 0.45 − 0.35 + 0.30
    assert found.order == "both orders"
    assert values_of(found) == pytest.approx((0.35, 0.225, 0.125))
    assert found.interaction.estimate.value == pytest.approx(0.15)


def test_one_crossing_gives_one_order_by_name():
    by_old = split(cells_of(new_by_old=S10), FRAME)[0]
    assert by_old.order == "old judge first" and values_of(by_old) == pytest.approx((0.35, 0.15, 0.20))
    by_new = split(cells_of(old_by_new=S01), FRAME)[0]
    assert by_new.order == "new judge first" and values_of(by_new) == pytest.approx((0.35, 0.30, 0.05))
    assert by_old.interaction is None and by_new.interaction is None


def test_without_a_crossing_two_judges_are_not_split_and_one_line_says_what_is_needed():
    cells = cells_of()
    assert split(cells, FRAME) == () and cells.needed == ("a", "b")
    found = contrast(cells.runs["before"], cells.runs["after"], FRAME)
    assert split_words(found, (), cells, WAY_OUT) == [
        "The change cannot be split between model and judge: the judges differ (j0 and j1), and 2 of 2 answers changed. Give a crossing."
    ]
    assert change_words(found)[0].startswith("Score rose by 0.3500, from 0.3000 to 0.6500")


def test_a_judge_that_is_not_known_is_not_taken_for_the_same_judge():
    cells = crossed(run_of(S00, "", "m0"), run_of(S11, "", "m1"))
    assert split(cells, FRAME) == ()
    found = contrast(cells.runs["before"], cells.runs["after"], FRAME)
    assert "do not both say who judged" in split_words(found, (), cells, WAY_OUT)[0]
    assert split(crossed(run_of(S00), run_of(S11)), FRAME) == ()


def test_under_one_judge_all_is_the_models():
    cells = crossed(run_of(S00, "j0", "m0"), run_of(S11, "j0", "m1"))
    found = split(cells, FRAME)
    assert values_of(found[0]) == pytest.approx((0.35, 0.35, 0.0))
    assert (found[0].judge.estimate.low, found[0].judge.estimate.high) == (0.0, 0.0) and found[0].interaction is None
    assert found[0].model.estimate == found[0].total.estimate
    told = split_words(contrast(cells.runs["before"], cells.runs["after"], FRAME), found, cells, WAY_OUT)
    assert told == ["Score, the change of +0.3500: all of it is the model's, for the same judge judged both runs."]


def test_on_the_same_answers_all_is_the_judges():
    cells = crossed(run_of(S00, "j0", "m0"), run_of(S11, "j1", "m0"))
    found = split(cells, FRAME)
    assert values_of(found[0]) == pytest.approx((0.35, 0.0, 0.35))
    assert (found[0].model.estimate.low, found[0].model.estimate.high) == (0.0, 0.0)
    told = split_words(contrast(cells.runs["before"], cells.runs["after"], FRAME), found, cells, WAY_OUT)
    assert "all of it is the judge's, for the answers are the same in both runs" in told[0]


def test_an_answer_that_did_not_change_needs_no_crossing():
    """Scenario b has the same answer: the crossing brings a alone. Model: (0.5 − 0.2) and 0; judge: (0.8 − 0.5) and (0.5 − 0.4)."""
    before = run_of(S00, "j0", {"a": "old", "b": "same"})
    after = run_of(S11, "j1", {"a": "new", "b": "same"})
    crossing = run_of([0.5], "j0", {"a": "new"})
    found = split(crossed(before, after, crossing), FRAME)[0]
    assert values_of(found) == pytest.approx((0.35, 0.15, 0.20))


def test_a_judge_that_contradicts_itself_is_counted_and_it_is_its_own_doing():
    cells = crossed(run_of(S00, "j0", "m0"), run_of(S11, "j0", "m0"))
    assert values_of(split(cells, FRAME)[0]) == pytest.approx((0.35, 0.0, 0.35))
    assert cells.contradicted == ("a", "b")
    found = contrast(cells.runs["before"], cells.runs["after"], FRAME)
    assert "scored the same answer in two ways in 2 scenarios" in note_words(found, cells, ())[0]
    steady = crossed(run_of([*S00, Span(0.0, 1.0)], "j0", "m0"), run_of([*S00, Span(0.0, 1.0)], "j0", "m0"))
    still = split(steady, FRAME)[0]
    assert steady.contradicted == () and still.judge.bounds == still.model.bounds == (0.0, 0.0)
    assert still.total.estimate.n == 2


def test_abstentions_leave_the_parts_to_the_scenarios_that_all_decided():
    found = split(cells_of([0.5, Span(0.1, 0.6)], S01), FRAME)[0]
    # scenario a alone: total 0.6; model ½[0.3 + 0.5], judge ½[0.1 + 0.3]; b moves the model's mean by ½(0.6 − 0.1)/2 between its ends
    assert values_of(found) == pytest.approx((0.6, 0.4, 0.2)) and found.total.estimate.n == 1
    low, high = found.model.bounds
    assert high - low == pytest.approx(0.125)
    assert low == pytest.approx((0.4 + 0.5 * (0.1 - 0.4) + 0.5 * (0.5 - 0.4)) / 2)


@pytest.mark.parametrize(
    ("crossing", "rule"),
    [
        (run_of(S10, "j9", "m1"), "is by judge 'j9' and not by 'j0'"),
        (run_of(S10, "j0", "m7"), "is in it with another answer"),
        (run_of(S10[:1], "j0", "m1"), "scenario 'b' is not in it"),
    ],
)
def test_a_crossing_of_something_else_is_refused(crossing, rule):
    with pytest.raises(InputError, match=rule):
        crossed(run_of(S00, "j0", "m0"), run_of(S11, "j1", "m1"), crossing)


_scores = st.lists(st.floats(-2, 1), min_size=3, max_size=8)


@given(_scores, st.randoms(use_true_random=False), st.booleans(), st.booleans(), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_parts_sum_to_the_change_and_swapping_the_runs_turns_every_sign(first, rng, is_bounded, has_both, open_ones):
    scores = {"m0 j0": first} | {name: [rng.uniform(-2, 1) for _ in first] for name in ("m1 j1", "m1 j0", "m0 j1")}
    for values in scores.values():
        for place in rng.sample(range(len(first)), min(open_ones, len(first) - 1) if rng.random() < 0.5 else 0):
            values[place] = Span(-2.0, 1.0)
    cells = {name: run_of(values, name[3:], name[:2]) for name, values in scores.items()}
    frame = frame_of(scale=(-2.0, 1.0), is_bounded=is_bounded)
    old_by_new = cells["m0 j1"] if has_both else None
    there = split(crossed(cells["m0 j0"], cells["m1 j1"], cells["m1 j0"], old_by_new), frame)[0]
    back = split(crossed(cells["m1 j1"], cells["m0 j0"], old_by_new, cells["m1 j0"]), frame)[0]
    if there.total.estimate is None:
        return
    total, model, judge = values_of(there)
    assert model + judge == pytest.approx(total, abs=1e-12)
    assert [-value for value in values_of(back)] == pytest.approx([total, model, judge], abs=1e-12)
    for one, other in ((there.total, back.total), (there.model, back.model), (there.judge, back.judge)):
        assert one.estimate.low == pytest.approx(-other.estimate.high, abs=1e-9)
        assert one.p == pytest.approx(other.p, abs=1e-9)
        assert one.estimate.low <= one.bounds[0] + 1e-9 and one.bounds[1] <= one.estimate.high + 1e-9
    if has_both:
        assert there.interaction.estimate.value == pytest.approx(back.interaction.estimate.value, abs=1e-12)


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=8), st.randoms())
@settings(max_examples=50, deadline=None)
def test_neither_order_nor_names_of_the_scenarios_matter(pairs, rng):
    names = list("abcdefgh")[: len(pairs)]
    frame = frame_of()

    def rows(order):
        before, after = ({name: Span(pair[side], pair[side]) for name, pair in order} for side in (0, 1))
        found = contrast(Run({ALL: before}), Run({ALL: after}), frame).rows[0].difference
        return found.estimate.value, found.estimate.low, found.estimate.high, found.p

    shuffled = list(pairs)
    rng.shuffle(shuffled)
    assert rows(list(zip(names, pairs, strict=True))) == pytest.approx(
        rows(list(zip(names, shuffled, strict=True))), abs=1e-9
    )


# Verdicts, stopping early, many slices


def test_flips_tell_points_won_from_faults_gone():
    points = {"a": (5, -3, 4), "b": (7,)}
    verdicts = {
        "before": {"a": (False, True, True), "b": (None,)},
        "after": {"a": (True, False, False), "b": (True,)},
        "new_by_old": {"a": (True, True, True), "b": (False,)},
    }
    found = {one.step: one for one in count_flips(cells_of(new_by_old=S10), verdicts, points)}
    assert list(found) == ["before to after", "the model, by the old judge", "the judge, on the new answers"]
    assert found["before to after"][1:] == (4, 1, 1, 1, 0, 1)
    assert found["the model, by the old judge"][1:] == (4, 1, 0, 0, 0, 1)
    assert found["the judge, on the new answers"][1:] == (4, 1, 1, 1, 0, 0)
    assert found["before to after"].flipped == 3
    one_judge = crossed(run_of(S00, "j0", "m0"), run_of(S11, "j0", "m1"))
    assert [one.step for one in count_flips(one_judge, verdicts, points)] == ["before to after"]


def test_a_clear_change_could_have_stopped_early_and_none_could_not():
    names = [f"s{number}" for number in range(300)]
    old = Run({ALL: dict.fromkeys(names, Span(0.0, 0.0))})
    new = Run({ALL: dict.fromkeys(names, Span(0.5, 0.5))})
    frame = frame_of(scale=(0.0, 1.0))
    found = stop_early(old, new, frame)[0]
    assert (
        found.reading == "better" and found.looked < 100 and found.there == 300 and 0 < found.low <= 0.5 <= found.high
    )
    assert stop_early(new, old, frame)[0].reading == "worse"
    assert stop_early(old, new, frame_of(scale=(0.0, 1.0), is_better_high=False))[0].reading == "worse"
    few = Run({ALL: {name: new.values[ALL][name] for name in names[:3]}})
    assert stop_early(old, few, frame)[0].reading == "go on"


def test_scenarios_come_in_by_hash_and_not_by_name_and_those_drawn_together_as_one():
    names = [f"s{number:03}" for number in range(200)]
    old = Run({ALL: dict.fromkeys(names, Span(0.5, 0.5))})
    first_up = {name: Span(1.0, 1.0) if place < 100 else Span(0.0, 0.0) for place, name in enumerate(names)}
    found = stop_early(old, Run({ALL: first_up}), frame_of(scale=(0.0, 1.0)))[0]
    assert found.reading == "go on" and found.looked == 200  # by name, the first hundred would have said "better"
    pairs = {name: f"c{place // 2}" for place, name in enumerate(names)}
    assert stop_early(old, Run({ALL: first_up}), frame_of(scale=(0.0, 1.0), clusters=pairs))[0].there == 100


def test_without_any_change_slices_are_seldom_called_better_or_worse():
    """300 comparisons of ten slices without a difference (simulated): some finding in about 5 % of them, not in 1 − 0.95¹⁰ = 40 %."""
    rng = random.Random(5)
    slices = [ALL, *(Slice("score", "theme", str(number)) for number in range(9))]
    names = [f"s{number}" for number in range(90)]
    frame = frame_of(*slices)
    flagged = unadjusted = 0
    for _ in range(300):
        runs = []
        for _side in range(2):
            scores = {name: Span(value, value) for name in names for value in [round(rng.gauss(0.4, 0.3), 3)]}
            parts = {one: {n: scores[n] for n in names[place::9]} for place, one in enumerate(slices[1:])}
            runs.append(Run({ALL: scores, **parts}))
        found = contrast(runs[0], runs[1], frame).rows
        flagged += any(row.reading != "cannot tell" for row in found)
        unadjusted += any(row.difference.p < 0.05 for row in found)
    assert flagged / 300 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)
    assert unadjusted / 300 > 0.25
