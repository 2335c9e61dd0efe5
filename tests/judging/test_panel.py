"""The panel: every rule on votes worked by hand, what it says of its disagreement, and members that work at their own pace."""

import threading
import time

import pytest
from voices import Voice, case, criterion

from primum.errors import ModelError, SettingError
from primum.judging.disagreement import Disagreement
from primum.judging.panel import PanelJudge, PanelSettings
from primum.judging.side_by_side import side_by_side
from primum.records import Abstained, Met, NotApplicable, NotMet


def panel(*said, rule="majority", quorum=0, stances=None):
    voices = [
        Voice(f"voice {number}", signs, stance)
        for number, (signs, stance) in enumerate(zip(said, stances or ["accept"] * len(said), strict=True), 1)
    ]
    return PanelJudge(voices, PanelSettings(rule=rule, quorum=quorum))


def one_vote(*signs, points=5, kind_of="proficiency", **settings):
    (said,) = panel(*signs, **settings).judge([case(0, (criterion(1, points, kind_of),))])
    return said.verdicts[0]


@pytest.mark.parametrize(
    ("signs", "outcome", "share"),
    [
        ("++-", Met(), 2 / 3),
        ("--+", NotMet(), 2 / 3),
        ("++?", Met(), 1.0),
        ("+++", Met(), 1.0),
        ("nn+", NotApplicable(reason="voice 1: not applicable, voice 2: not applicable, voice 3: met (2 of 3 that decided)"), 2 / 3),
        ("+-?", Abstained(reason="no majority: 1 met, 1 not met, 1 abstained"), None),
        ("++--?", Abstained(reason="no majority: 2 met, 2 not met, 1 abstained"), None),
        ("+-n", Abstained(reason="no majority: 1 met, 1 not met, 1 not applicable"), None),
        ("+??", Abstained(reason="1 of 3 decided where 2 must: 1 met, 2 abstained"), None),
        ("??", Abstained(reason="0 of 2 decided where 2 must: 2 abstained"), None),
    ],
)  # fmt: skip
def test_the_majority_of_those_that_decided(signs, outcome, share):
    verdict = one_vote(*signs)
    assert (verdict.outcome, verdict.probability) == (outcome, share)


def test_unanimous_means_all_that_decided():
    assert one_vote(*"++?", rule="unanimous").outcome == Met()
    assert one_vote(*"++-", rule="unanimous").outcome == Abstained(reason="not unanimous: 2 met, 1 not met")


@pytest.mark.parametrize(
    ("signs", "points", "kind_of", "outcome", "share"),
    [
        ("++-", 8, "safety", NotMet(), 1 / 3),
        ("--+", -8, "safety", Met(), 1 / 3),
        ("+++", 8, "safety", Met(), 1.0),
        ("---", -8, "safety", NotMet(), 1.0),
        ("-??", 8, "safety", NotMet(), 1.0),
        ("+??", 8, "safety", Abstained(reason="1 of 3 decided where 2 must: 1 met, 2 abstained"), None),
        ("++-", 8, "proficiency", Met(), 2 / 3),
    ],
)
def test_one_voice_is_enough_for_a_veto(signs, points, kind_of, outcome, share):
    verdict = one_vote(*signs, points=points, kind_of=kind_of, rule="any_veto")
    assert (verdict.outcome, verdict.probability) == (outcome, share)


def test_the_quorum_can_be_set():
    assert one_vote(*"+??", quorum=1).outcome == Met()
    assert isinstance(one_vote(*"++?", quorum=3).outcome, Abstained)


def test_votes_and_costs_are_told():
    verdict = one_vote(*"+-+")
    assert verdict.explanation == "voice 1: met, voice 2: not met, voice 3: met (2 of 3 that decided)"
    assert (verdict.cost.prompt_tokens, verdict.cost.completion_tokens) == (30, 3)
    tied = one_vote(*"+-?")
    assert tied.explanation == "voice 1: met, voice 2: not met, voice 3: abstained"


@pytest.mark.parametrize(
    ("stances", "stance", "share"),
    [
        (("refuse", "refuse", "accept"), "refuse", 2 / 3),
        (("accept", "caution", "refuse"), "abstained", None),
        (("unusable", "unusable", "abstained"), "unusable", 1.0),
    ],
)
def test_the_stance_is_voted_on_too(stances, stance, share):
    (said,) = panel("+", "+", "+", stances=stances).judge([case(0, (criterion(1),))])
    assert (said.judgement.stance, said.judgement.probability) == (stance, share)
    assert "voice 3" in said.judgement.reason


def test_a_panel_is_its_members_and_its_rule_in_whatever_order():
    one, two, three = Voice("a", "+"), Voice("b", "-"), Voice("c", "+")
    ref = PanelJudge([one, two, three]).ref
    assert ref.kind_of == "panel" and set(ref.members) == {one.ref.id, two.ref.id, three.ref.id}
    assert PanelJudge([three, one, two]).ref == ref
    assert PanelJudge([one, two, three], PanelSettings(rule="unanimous")).ref.id != ref.id
    assert PanelJudge([one, two]).ref.id != ref.id


@pytest.mark.parametrize(
    ("members", "settings", "told"),
    [
        ([Voice("a", "+")], PanelSettings(), "is no panel"),
        ([Voice("a", "+"), Voice("a", "+")], PanelSettings(), "vote twice"),
        ([Voice("a", "+"), Voice("b", "+")], PanelSettings(quorum=3), "more than the 2 members"),
    ],
)
def test_what_is_no_panel_is_refused(members, settings, told):
    with pytest.raises(SettingError, match=told):
        PanelJudge(members, settings)


def test_members_assessments_are_kept():
    voices = [Voice("a", "+-"), Voice("b", "+?")]
    cases = [case(number, (criterion(1), criterion(2))) for number in range(300)]
    assessed = PanelJudge(voices).assess(cases)
    for number, voice in enumerate(voices):
        assert [one.members[number] for one in assessed] == voice.judge(cases)
    assert [one.assessment.judgement.response for one in assessed] == [one.response.id for one in cases]


def test_disagreement_is_counted_by_hand():
    jury = panel("++--", "+-+?", "+---")
    tally = Disagreement(jury)
    assert tally.split is None and tally.members == ()
    for one in jury.assess([case(number, [criterion(n) for n in range(4)]) for number in range(5)]):
        tally.add(one)
    # By place: +++ at one; +-- and -+- divided; -?- at one and decided: half of 20 are divided, none undecided.
    assert tally.n == 20 and (tally.split.value, tally.split.n) == (0.5, 20) and tally.undecided.value == 0
    outvoted = [member.outvoted.value for member in tally.members]
    assert outvoted == [0.25, pytest.approx(1 / 3), 0.0]
    assert [member.abstained.value for member in tally.members] == [0, 0.25, 0]
    assert tally.members[1].outvoted.n == 15


def test_what_has_nothing_to_compare_is_in_no_share():
    jury = panel("+?", "??")
    tally = Disagreement(jury)
    for one in jury.assess([case(0, [criterion(1), criterion(2)])]):
        tally.add(one)
    assert tally.split is None and tally.undecided.value == 1.0 and tally.members[0].outvoted is None


def test_members_work_at_once():
    met = threading.Barrier(2, timeout=10)
    voices = [Voice("a", "+", delay=met.wait), Voice("b", "+", delay=met.wait)]
    assert len(PanelJudge(voices).judge([case(0, (criterion(1),))])) == 1  # one after the other would break the barrier


def test_cases_are_taken_as_they_are_needed():
    taken = []

    def endless():
        number = 0
        while True:
            taken.append(number)
            yield case(number, (criterion(1),))
            number += 1

    slow = Voice("slow", "+", delay=lambda: time.sleep(0.01))
    before = threading.active_count()
    stream = PanelJudge([Voice("quick", "+"), slow]).assess_stream(endless())
    for _ in range(700):
        next(stream)
    stream.close()
    assert 700 <= len(taken) < 700 + 2000
    assert threading.active_count() == before


def test_members_take_the_same_cases_one_at_a_time():
    def slowly():
        for number in range(40):
            time.sleep(0.001)  # time enough for another member to ask in between
            yield case(number, (criterion(1),))

    panel_of_three = PanelJudge([Voice(name, "+") for name in "abc"])
    assert len(list(panel_of_three.assess_stream(slowly()))) == 40


def test_what_ends_a_member_ends_the_panel_with_its_own_error():
    def fail():
        raise ModelError("endpoint", "is out", "come back", "here")

    voices = [Voice("a", "+"), Voice("b", "+", delay=fail)]
    with pytest.raises(ModelError, match="is out"):
        PanelJudge(voices).judge([case(number, (criterion(1),)) for number in range(3000)])
    before = threading.active_count()
    assert list(side_by_side(voices[:1], [])) == []
    assert threading.active_count() <= before
