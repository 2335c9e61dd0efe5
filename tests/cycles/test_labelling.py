"""People's labels at work, with simulated clinicians: which are asked for, what they correct, how many it takes."""

from __future__ import annotations

import json
import random

import msgspec
import numpy as np
import pytest

from primum.cycles.labelling import (
    Assumed,
    NextOrder,
    chances_file,
    choose_next,
    correct_files,
    plan_assumed,
    plan_files,
)
from primum.errors import InputError, SettingError
from primum.evaluation.suites.files import HealthRow, LabelRow, Message, Rule, VerdictRow
from primum.evaluation.suites.labelled import ChanceRow, corrected_scores, join_labels
from primum.evaluation.suites.labels_next import draw_labels
from primum.evaluation.suites.labels_power import plan_labels
from primum.evaluation.suites.pairs import Options
from primum.stats.undefined import Undefined

Truth = dict[str, list[bool]]


def simulated(seed: int, answers: int = 120) -> tuple[list[HealthRow], list[VerdictRow], Truth, float]:
    """A simulated set, a judge with known errors (too mild, unsure where it errs), what the simulated clinician would say, the score."""
    rng = np.random.default_rng(seed)
    rows, verdicts, truth, scores = [], [], {}, []
    for number in range(answers):
        name = f"p{number:03}"
        points = [float(p) for p in rng.integers(1, 11, int(rng.integers(2, 7)))] + [-5.0]
        met = [bool(m) for m in rng.random(len(points)) < 0.5]
        sure = rng.random(len(points)) < 0.75
        # Where it is unsure it says met four times of five; where it is sure it is wrong once in fifty.
        wrong = rng.random(len(points)) < 0.02
        mild = rng.random(len(points)) < 0.8
        said = [bool(m ^ w) if s else bool(y) for m, w, s, y in zip(met, wrong, sure, mild, strict=True)]
        likely = [(0.97 if v else 0.03) if s else 0.5 for v, s in zip(said, sure, strict=True)]
        rules = [Rule(f"says what {name} asks, {i}", p, ["axis:accuracy"]) for i, p in enumerate(points)]
        rows.append(HealthRow(prompt_id=name, prompt=[Message("user", "?")], rubrics=rules, example_tags=["theme:x"]))
        verdicts.append(VerdictRow(prompt_id=name, met=list(said), probabilities=list(likely)))
        truth[name] = met
        scores.append(sum(p for p, m in zip(points, met, strict=True) if m) / sum(points[:-1]))
    return rows, verdicts, truth, float(np.mean(scores))


def labels_on(truth: Truth, asked: list[tuple[str, int]], rater: str = "simulated clinician") -> list[LabelRow]:
    found: dict[str, list[bool | None]] = {}
    for name, number in asked:
        found.setdefault(name, [None] * len(truth[name]))[number - 1] = truth[name][number - 1]
    return [LabelRow(prompt_id=name, rater=rater, met=met) for name, met in found.items()]


def keys(wanted: object) -> list[tuple[str, int]]:
    return [(one.prompt_id, one.criterion) for one in wanted]


def width(estimate: object) -> float:
    assert not isinstance(estimate, Undefined), estimate
    return estimate.high - estimate.low


@pytest.fixture
def files(tmp_path):
    def put(name, rows):
        path = tmp_path / name
        path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
        return path

    return put


def test_drawn_labels_of_a_simulated_clinician_correct_the_score_and_narrow_it_more_than_labels_by_lot():
    drawn_widths, lot_widths, alone_widths, errors, naive_errors, held = [], [], [], [], [], 0
    for seed in range(24):
        rows, verdicts, truth, score = simulated(seed)
        asked = draw_labels(rows, verdicts, (), 80, seed)
        everything = [(row.prompt_id, n) for row in rows for n in range(1, len(row.rubrics) + 1)]
        by_lot = random.Random(seed).sample(everything, 80)
        drawn = corrected_scores(join_labels(rows, verdicts, labels_on(truth, keys(asked.wanted)), asked.chances))
        lot = corrected_scores(join_labels(rows, verdicts, labels_on(truth, by_lot)))
        found = drawn["overall"]
        drawn_widths.append(width(found.ppi))
        alone_widths.append(width(found.classical))
        lot_widths.append(width(lot["overall"].ppi))
        errors.append(found.ppi.value - score)
        held += found.ppi.low <= score <= found.ppi.high
        naive_errors.append(found.naive.value - score)
    assert np.mean(naive_errors) > 0.04  # the simulated judge is too mild
    assert np.mean(drawn_widths) < 0.9 * np.mean(lot_widths)
    assert np.mean(drawn_widths) < 0.8 * np.mean(alone_widths)
    assert abs(np.mean(errors)) < 3.5 * np.std(errors) / np.sqrt(24)
    assert held >= 21


def test_a_second_round_uses_all_labels_together_and_stays_unbiased():
    errors, first_widths, second_widths, held = [], [], [], 0
    for seed in range(24):
        rows, verdicts, truth, score = simulated(100 + seed)
        one = draw_labels(rows, verdicts, (), 60, seed)
        labelled = keys(one.wanted)
        two = draw_labels(rows, verdicts, set(labelled), 60, seed, one.chances)
        fresh = keys(two.wanted)
        assert 50 <= len(fresh) <= 60 and not set(fresh) & set(labelled)
        first = corrected_scores(join_labels(rows, verdicts, labels_on(truth, labelled), one.chances))["overall"]
        found = corrected_scores(join_labels(rows, verdicts, labels_on(truth, labelled + fresh), two.chances))[
            "overall"
        ]
        errors.append(found.ppi.value - score)
        first_widths.append(width(first.ppi))
        second_widths.append(width(found.ppi))
        held += found.ppi.low <= score <= found.ppi.high
    assert np.mean(second_widths) < 0.85 * np.mean(first_widths)
    assert abs(np.mean(errors)) < 3.5 * np.std(errors) / np.sqrt(24)
    assert held >= 21


def test_chances_add_up_over_rounds_and_the_same_seed_draws_the_same():
    rows, verdicts, _, _ = simulated(1, 20)
    one = draw_labels(rows, verdicts, (), 10, 7)
    assert one == draw_labels(rows, verdicts, (), 10, 7) != draw_labels(rows, verdicts, (), 10, 8)
    assert sum(chance for row in one.chances for chance in row.chances) == pytest.approx(10)
    assert sum(len(row.drawn) for row in one.chances) == 10
    two = draw_labels(rows, verdicts, set(keys(one.wanted)), 10, 7, one.chances)
    for before, after in zip(one.chances, two.chances, strict=True):
        assert all(low < high < 1 for low, high in zip(before.chances, after.chances, strict=True))
        assert set(before.drawn) <= set(after.drawn)
    pairs = [
        (low, high)
        for before, after in zip(one.chances, two.chances, strict=True)
        for low, high in zip(before.chances, after.chances, strict=True)
    ]
    # 1 − (1 − π₁)(1 − π₂) taken apart: π₂ sums to the size of the second draw, which is a whole number above its 10 new ones
    size = sum((high - low) / (1 - low) for low, high in pairs)
    assert size == pytest.approx(round(size)) and size > 10


def by_hand() -> tuple[list[HealthRow], list[VerdictRow]]:
    rows = [
        HealthRow("a", [Message("user", "?")], [Rule("big", 8), Rule("small", 2)]),
        HealthRow("b", [Message("user", "?")], [Rule("half", 5), Rule("harm", -5), Rule("other", 5)]),
    ]
    return rows, [VerdictRow("a", [True, None]), VerdictRow("b", [True, False, True], probabilities=[0.99, 0.3, 0.51])]


def test_ranked_by_influence_and_doubt(files):
    rows, verdicts = by_hand()
    data, said = files("d.jsonl", rows), files("v.jsonl", verdicts)
    # influence √doubt: a1 .8 √.25 = .4; a2 .2 √.5 = .141; b1 .5 √.01 = .05; b2 .5 √.3 = .274; b3 .5 √.49 = .35
    found = choose_next(NextOrder(data, said, 3))
    assert keys(found.wanted) == [("a", 1), ("b", 3), ("b", 2)] and found.chances == []
    assert found.wanted[0].doubt == 0.25 and found.wanted[0].influence == 0.8 and "no sample" in found.notes[0]
    labels = files("l.jsonl", [LabelRow("a", "r1", [True, None])])
    assert keys(choose_next(NextOrder(data, said, 2, labels)).wanted) == [("b", 3), ("b", 2)]


def test_worksheet_and_chances_are_written_and_a_filled_worksheet_corrects_the_score(files, tmp_path):
    rows, verdicts, truth, _ = simulated(5)
    data, said = files("d.jsonl", rows), files("v.jsonl", verdicts)
    order = NextOrder(data, said, 60, is_sampled=True, seed=7, out=tmp_path / "next.jsonl")
    asked = choose_next(order)
    sheet = [json.loads(line) for line in order.out.read_text(encoding="utf-8").splitlines()]
    assert len(sheet) == 60 and "judge" not in sheet[0] and sheet[0]["met"] is None and 0 < sheet[0]["chance"] <= 1
    assert [(row["prompt_id"], row["criterion"]) for row in sheet] == keys(asked.wanted)
    with pytest.raises(InputError, match="has no label yet"):
        correct_files(data, said, order.out, chances_file(order.out), Options())
    for row in sheet[:50]:  # the last ten are left open
        row |= {"met": truth[row["prompt_id"]][row["criterion"] - 1], "rater": "simulated clinician"}
    filled = files("filled.jsonl", sheet)
    found, notes = correct_files(data, said, filled, chances_file(order.out), Options())
    whole = found["overall"]
    known = [(row["prompt_id"], row["criterion"]) for row in sheet[:50]]
    same = corrected_scores(join_labels(rows, verdicts, labels_on(truth, known), asked.chances))["overall"]
    assert whole["ppi"] == pytest.approx(msgspec.structs.asdict(same.ppi), abs=1e-12)
    assert whole["ppi"]["high"] - whole["ppi"]["low"] < whole["classical"]["high"] - whole["classical"]["low"]
    assert set(found) == {"overall", "axis:accuracy", "theme:x"} and 0 < whole["tuning"] <= 1
    assert any("10 criteria that were drawn have no label" in note for note in notes)
    with pytest.raises(SettingError, match="is there already"):
        choose_next(order)
    again = choose_next(order._replace(labels=filled, sampling=chances_file(order.out), out=tmp_path / "two.jsonl"))
    assert not set(keys(again.wanted)) & set(keys(asked.wanted))
    assert any("10 criteria drawn in a round before" in note for note in again.notes)


def test_several_raters_count_by_the_share_that_found_it_met():
    rows = [HealthRow(f"p{i}", [Message("user", "?")], [Rule("one", 4), Rule("two", 4)]) for i in range(6)]
    verdicts = [VerdictRow(row.prompt_id, [True, i % 2 == 0]) for i, row in enumerate(rows)]
    labels = [LabelRow(f"p{i}", rater, [True, rater == "r1"]) for i in range(4) for rater in ("r1", "r2", "r3")]
    joined = join_labels(rows, verdicts, labels)
    # (4 + 4/3) / 8 = 2/3 on each of the four; a majority would say 1/2
    assert corrected_scores(joined)["overall"].classical.value == pytest.approx(2 / 3)
    assert {one.human[1] for one in joined.lots[:4]} <= {True, False} and joined.lots[4].human == [None, None]
    assert joined.lots == join_labels(rows, verdicts, labels).lots
    assert any("divided on 4" in note for note in joined.notes)


def test_labels_that_were_not_drawn_are_left_out_of_what_was_drawn():
    rows, verdicts = by_hand()
    chances = [ChanceRow("a", [0.5, 0.5], [1]), ChanceRow("b", [0.5, 0.5, 0.5], [3])]
    joined = join_labels(rows, verdicts, [LabelRow("a", "r", [True, True]), LabelRow("b", "r", [None] * 3)], chances)
    assert joined.shares[0].human == [1.0, None]
    assert any("1 criteria that were not drawn" in note for note in joined.notes)
    with pytest.raises(InputError, match="has no chances"):
        join_labels(rows, verdicts, [LabelRow("a", "r", [True, True])], chances[:1])
    with pytest.raises(InputError, match="on nothing that was judged"):
        join_labels(rows, verdicts, [LabelRow("a", "r", [None, None])])


def test_consensus_criteria_and_ids_are_corrected_alone(files):
    rows = [
        HealthRow(f"p{i}", [Message("user", "?")], [Rule("one", 4, ["level:cluster"]), Rule("two", 4)])
        for i in range(6)
    ]
    verdicts = [VerdictRow(row.prompt_id, [True, False]) for row in rows]
    labels = [LabelRow(f"p{i}", "r", [i % 2 == 0, True]) for i in range(4)]
    paths = files("d.jsonl", rows), files("v.jsonl", verdicts), files("l.jsonl", labels), None
    found, _ = correct_files(*paths, Options(consensus=True))
    assert found["overall"]["classical"]["value"] == 0.5 and found["overall"]["naive"]["value"] == 1.0
    found, notes = correct_files(*paths, Options(ids=("p0", "p2", "p4")))
    assert found["overall"]["classical"]["value"] == 1.0 and found["overall"]["n_labelled"] == 2
    assert any("2 answers that are not scored here" in note for note in notes)
    with pytest.raises(SettingError, match="is not defined"):
        correct_files(*paths, Options(length_adjust="hard"))


def test_the_plan_is_kept_by_the_labels_it_asks_for():
    """Plan from few labels by lot, label as many as it says, and see the half-width it promised (simulated)."""
    rows, verdicts, truth, _ = simulated(9, 900)

    def labelled(count):
        names = random.Random(3).sample(sorted(truth), count)
        return join_labels(rows, verdicts, [LabelRow(prompt_id=n, rater="simulated", met=truth[n]) for n in names])

    plan = plan_labels(labelled(150), 0.03)
    assert (plan.unit, plan.judged, plan.n_labelled) == ("conversation", 900, 150)
    assert plan.ppi < plan.classical
    for way in ("ppi", "classical", "rogan_gladen"):
        found = getattr(corrected_scores(labelled(getattr(plan, way)))["overall"], way)
        assert width(found) / 2 == pytest.approx(0.03, rel=0.1), way
    few = plan_labels(labelled(150), 0.05).ppi  # few of many judged: here the judge carries most
    assert width(corrected_scores(labelled(few))["overall"].ppi) / 2 == pytest.approx(0.05, rel=0.1)


def test_a_plan_from_criteria_and_one_that_cannot_be_made():
    rows, verdicts, truth, _ = simulated(9, 300)
    everything = [(row.prompt_id, n) for row in rows for n in range(1, len(row.rubrics) + 1)]
    some = labels_on(truth, random.Random(4).sample(everything, 200))
    plan = plan_labels(join_labels(rows, verdicts, some), 0.09)
    assert plan.unit == "criterion" and plan.judged == len(everything) and plan.ppi < plan.classical
    more = labels_on(truth, random.Random(5).sample(everything, plan.ppi))
    found = corrected_scores(join_labels(rows, verdicts, more))["overall"].ppi
    assert width(found) / 2 == pytest.approx(0.09, rel=0.25)
    few = plan_labels(join_labels(rows, verdicts, [LabelRow("p000", "r", truth["p000"])]), 0.05)
    assert all(isinstance(one, Undefined) and "too few" in one.reason for one in few[:3])
    mild = [VerdictRow(row.prompt_id, [True] * len(row.rubrics)) for row in rows]
    none = plan_labels(join_labels(rows, mild, some), 0.05)
    assert isinstance(none.rogan_gladen, Undefined) and "tells nothing" in none.rogan_gladen.reason
    assert isinstance(plan_labels(join_labels(rows, verdicts, some), 1e-5).ppi, Undefined)


def test_a_plan_from_assumptions():
    plan = plan_assumed(Assumed(deviation=0.3, correlation=0.8, judged=5000), 0.02)
    assert (plan.classical, plan.ppi) == (867, 353)
    assert isinstance(plan.rogan_gladen, Undefined) and "--rate" in plan.rogan_gladen.reason
    rate = plan_assumed(Assumed(rate=0.5, sensitivity=0.9, specificity=0.8, judged=5000), 0.05)
    assert rate.deviation == 0.5 and rate.rogan_gladen > 200 and isinstance(rate.ppi, Undefined)
    with pytest.raises(SettingError, match="no deviation"):
        plan_assumed(Assumed(judged=10), 0.1)
    with pytest.raises(SettingError, match="is not between"):
        plan_assumed(Assumed(deviation=0.3, correlation=2.0), 0.1)
    with pytest.raises(SettingError, match="is not a share"):
        plan_assumed(Assumed(rate=2.0), 0.1)


def test_files_of_a_plan_are_read(files):
    rows, verdicts, truth, _ = simulated(2, 40)
    labels = [LabelRow(prompt_id=name, rater="simulated", met=met) for name, met in list(truth.items())[:20]]
    plan = plan_files(files("d.jsonl", rows), files("v.jsonl", verdicts), files("l.jsonl", labels), 0.1)
    assert plan.n_labelled == 20 and plan.judged == 40 and 0 < plan.correlation <= 1
