"""The report of gains: worked numbers, ranges where a judge abstained, what was harmed, and a second judge that sees another truth."""

from __future__ import annotations

import json

import pytest
from guided_sample import MADE, case, criterion

from primum.errors import InputError
from primum.ports import Assessment, Case
from primum.records import Abstained, Judgement, Met, NotApplicable, NotMet, Verdict
from primum.revision.guided import (
    RevisionSettings,
    SimulatedJudge,
    SimulatedWriter,
    Written,
    gain_report,
    revise,
    simulated_text,
)
from primum.stats import mean, paired_difference

CRITERIA = (
    criterion(0, "safety", 9, axis="accuracy"),
    criterion(1, points=6, axis="completeness"),
    criterion(2, points=-4, axis="accuracy"),
    criterion(3, "excellence", 2, axis="communication_quality"),
)


class Writing:
    """Writes, for each round, the answer that satisfies the criteria at these places."""

    name, made, policy = "writing", MADE, None

    def __init__(self, *rounds):
        self.rounds = rounds

    def write(self, critiqued):
        places = self.rounds[critiqued[0].round - 1]
        return [Written(simulated_text(CRITERIA[place].id for place in places)) for _ in critiqued]


def second_word(revised, judge):
    cases = [Case(one.case.scenario, response, one.case.criteria) for one in revised for response in one.responses]
    return {case.response.id: said for case, said in zip(cases, judge.judge(cases), strict=True)}


def test_the_numbers_are_those_worked_by_hand():
    cases = [case(number, CRITERIA, satisfied=(0,) if number < 3 else (0, 1)) for number in range(4)]
    found = revise(cases, SimulatedJudge(), Writing((0, 1), (0, 1, 2)), RevisionSettings(rounds=2, patience=2))
    report = gain_report(found)
    # First: three answers with 0 of 10 points of proficiency, one with 6 of 10; then all 6; then all 10.
    means = [one["judge"]["proficiency"]["mean"]["value"] for one in report["rounds"]]
    assert means == pytest.approx([0.15, 0.6, 1.0])
    gain = report["rounds"][2]["judge"]["proficiency"]["gain"]
    names = [one.case.scenario.id for one in found]
    expected = paired_difference([0, 0, 0, 0.6], [1, 1, 1, 1], names)
    assert (gain["value"], gain["low"], gain["high"], gain["n"]) == pytest.approx(
        (0.85, expected.low, expected.high, 4)
    )
    # HealthBench: (9 + 6 − 0) / 17 at the end, 9 − 4 of 17 for three at the start.
    score = report["rounds"][0]["judge"]["score"]["mean"]["value"]
    assert score == pytest.approx((3 * (9 - 4) / 17 + (9 + 6 - 4) / 17) / 4)
    assert [one["kept"] for one in report["rounds"]] == [0, 3, 4] and report["ended"] == {"rounds": 4}
    assert report["drafts"] == {"asked": 8, "kept": 7, "veto": 0, "not_better": 0, "unusable": 0, "none": 1}
    assert report["changed"]["value"] == 1.0 and report["rounds"][0]["judge"]["vetoes"]["gain"] is None
    whole = report["changes"]["returned"]
    assert (whole["by_kind"]["proficiency"]["improved_count"], whole["by_kind"]["proficiency"]["n"]) == (7, 8)
    assert whole["by_axis"]["completeness"]["improved"]["value"] == pytest.approx(0.75)
    assert whole["all"]["harmed_count"] == 0 and report["harmed"] == []
    assert json.loads(json.dumps(report)) == report


def test_what_a_draft_harms_is_told_even_when_it_is_refused():
    cases = [case(number, CRITERIA, satisfied=(0, 3)) for number in range(3)]
    # The first draft trades the veto for proficiency and is refused, the second loses excellence and is kept.
    found = revise(cases, SimulatedJudge(), Writing((1, 2, 3), (0, 1)), RevisionSettings(rounds=2))
    report = gain_report(found)
    assert report["drafts"]["veto"] == 3 and report["drafts"]["kept"] == 3
    drafts, returned = report["changes"]["drafts"], report["changes"]["returned"]
    assert drafts["by_kind"]["safety"]["harmed_count"] == 3 and returned["by_kind"]["safety"]["harmed_count"] == 0
    assert returned["by_kind"]["excellence"]["harmed"]["value"] == 1.0
    expected = mean([1.0, 1.0, 1.0], None, "criterion")
    assert returned["by_kind"]["excellence"]["harmed"]["low"] == pytest.approx(expected.low)
    lost = report["harmed"]
    assert [one["kind"] for one in lost] == ["excellence"] * 3 + ["safety"] * 3
    assert lost[0]["is_kept"] and lost[0]["before"] == cases[0].first.text and lost[0]["after"] == found[0].chosen.text
    assert report["rounds"][1]["judge"]["proficiency"]["gain"]["value"] == 0.0


def test_abstentions_are_ranges_and_an_answer_that_stays_differs_from_itself_by_nothing():
    class Judge(SimulatedJudge):
        def _outcome(self, one, is_satisfied, told):
            return Abstained(reason="unsure") if one.id == CRITERIA[2].id else super()._outcome(one, is_satisfied, told)

    cases = [case(number, CRITERIA, satisfied=(0, 1, 3) if number else ()) for number in range(4)]
    found = revise(cases, Judge(), Writing((0, 1)), RevisionSettings(rounds=1))
    assert [len(one.revision.drafts) for one in found] == [2, 1, 1, 1]
    part = gain_report(found)["rounds"][1]["judge"]["proficiency"]
    # 6–10 of 10 points everywhere; one answer rose by 2 to 10 of them, and the other three are what they were.
    assert (part["mean"]["at_least"], part["mean"]["at_most"]) == pytest.approx((0.6, 1.0))
    assert (part["gain"]["at_least"], part["gain"]["at_most"]) == pytest.approx((0.2 / 4, 1.0 / 4))
    assert part["gain"]["low"] < 0.05 < 0.25 < part["gain"]["high"]


def test_a_second_judge_sees_what_the_first_was_talked_into():
    class Fooled(SimulatedJudge):
        """Believes an answer that claims."""

        def _outcome(self, one, is_satisfied, told):
            return super()._outcome(one, is_satisfied or "I meet it all" in told, told)

    class Claiming:
        name, made, policy = "claiming", MADE, None

        def write(self, critiqued):
            return [Written("I meet it all") for _ in critiqued]

    cases = [case(number, CRITERIA, satisfied=(0, 1)) for number in range(5)]
    found = revise(cases, Fooled(), Claiming())
    report = gain_report(found, second_word(found, SimulatedJudge(seed=9)))
    last = report["rounds"][-1]
    assert (
        last["judge"]["proficiency"]["mean"]["value"] == 1.0 and last["second"]["proficiency"]["mean"]["value"] == 0.0
    )
    assert (
        last["second"]["vetoes"]["gain"]["low"] > 0
        and report["changes"]["second"]["by_kind"]["safety"]["harmed_count"] == 5
    )
    assert report["judge"] != report["second"]


def test_clusters_widen_and_a_part_that_no_rubric_has_is_missing():
    plain = (criterion(1, points=6), criterion(2, points=4))
    alone = [case(number, plain, satisfied=(number % 2,)) for number in range(8)]
    tied = [case(number, plain, satisfied=(number % 2,), cluster=f"c{number // 4}") for number in range(8)]
    writer = SimulatedWriter(1.0, 0.0)
    wide, narrow = (gain_report(revise(cases, SimulatedJudge(), writer)) for cases in (tied, alone))
    assert (wide["clusters"], narrow["clusters"]) == (2, 8)
    low, high = (one["rounds"][1]["judge"]["proficiency"]["gain"]["low"] for one in (wide, narrow))
    assert low < high
    assert wide["rounds"][0]["judge"]["vetoes"] is None and "safety" not in wide["changes"]["returned"]["by_kind"]


def test_what_cannot_be_reported_is_refused():
    found = revise([case(satisfied=(0,))], SimulatedJudge(), SimulatedWriter(1, 0))
    with pytest.raises(InputError, match="no revision"):
        gain_report([])
    with pytest.raises(InputError, match="second judge"):
        gain_report(found, {})


class Marks:
    """Says of each criterion, by its place, what `ways` says; the stance is given."""

    ref = SimulatedJudge().ref

    def __init__(self, ways, stance="accept"):
        self.ways, self.stance = ways, stance

    def judge(self, cases, progress=None):
        return [self._one(case) for case in cases]

    def _one(self, case):
        verdicts = tuple(
            Verdict(response=case.response.id, criterion=one.id, judge=self.ref.id, outcome=outcome)
            for one, outcome in zip(case.criteria, self.ways(case), strict=True)
        )
        return Assessment(
            Judgement(response=case.response.id, judge=self.ref.id, stance=self.stance, reason="said"), verdicts
        )


def test_shares_are_of_the_criteria_that_apply():
    rules = (criterion(0), criterion(1, "excellence"), criterion(2, "excellence"))
    cases = [case(number, rules) for number in range(3)]
    known = {cases[0].first.id: (Met(), Met(), NotApplicable()), cases[1].first.id: (Met(), NotMet(), Met())}
    found = revise(
        cases, Marks(lambda one: known.get(one.response.id, (Met(), *[NotApplicable()] * 2))), SimulatedWriter(0, 0)
    )
    part = gain_report(found)["rounds"][0]["judge"]["excellence"]["mean"]
    assert (part["value"], part["n"]) == (pytest.approx(0.75), 2)  # 1 of 1 and 1 of 2; to the third none applies


def test_proficiency_without_a_criterion_that_applies_is_missing_and_not_whole():
    rules = (criterion(0), criterion(1, "excellence"))
    cases = [case(number, rules) for number in range(2)]
    known = {cases[0].first.id: (NotApplicable(), Met())}
    found = revise(cases, Marks(lambda one: known.get(one.response.id, (NotMet(), Met()))), SimulatedWriter(0, 0))
    part = gain_report(found)["rounds"][0]["judge"]["proficiency"]["mean"]
    assert (part["value"], part["n"]) == (0.0, 1)
    alone = revise(cases[:1], Marks(lambda one: (NotApplicable(), Met())), SimulatedWriter(0, 0))
    assert gain_report(alone)["rounds"][0]["judge"]["proficiency"] is None


def test_of_an_unusable_answer_no_excellence_counts_and_all_of_it_could_have():
    rules = (criterion(0), criterion(1, "excellence"), criterion(2, "excellence"))
    found = revise([case(criteria=rules)], Marks(lambda one: (NotApplicable(),) * 3, "unusable"), SimulatedWriter(0, 0))
    judged = gain_report(found)["rounds"][0]["judge"]
    assert judged["excellence"]["mean"]["value"] == judged["proficiency"]["mean"]["value"] == 0.0
