"""Certificates: rates that can be counted by hand, what they refuse, what they say, and until when they hold."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from primum.errors import InputError, RecordError
from primum.judging.certificate import StanceRow, VerdictRow, certify, certify_stances, why_invalid
from primum.records import (
    ByModel,
    ByPerson,
    ByRule,
    BySimulation,
    Certificate,
    Estimate,
    JudgeRef,
    ProbeOutcome,
    decode,
    encode,
)
from primum.stats import mean
from primum.stats.crossed import crossed_mean

JUDGE = JudgeRef(name="small", kind_of="chat_model", fingerprint="f", made=ByModel(model="small"))
PEOPLE = JudgeRef(name="raters", kind_of="person", fingerprint="p", made=ByPerson(person="raters", role="annotator"))
PROBED = (
    ProbeOutcome(probe="length", n=10, changed=Estimate(value=0.0, low=0.0, high=0.3, n=10, unit="conversation")),
)
DAY = "2026-03-01"


def verdict(
    number: int, said: bool | None, truth: bool | None, axis: str = "accuracy", probability: float | None = None
) -> VerdictRow:
    return VerdictRow(said, probability, truth, f"talk {number}", {"axis": axis, "language": "en"}, f"label {number}")


def rate(certificate: Certificate, measure: str, by: str = "all", name: str = "all") -> Estimate:
    (found,) = [one.estimate for one in certificate.errors if (one.by, one.name, one.measure) == (by, name, measure)]
    return found


# 10 labels: met and found 4, met and missed 1, met and abstained 1, not met and found 2, not met and wrongly met 2.
ROWS = [
    *(verdict(n, True, True, probability=0.95) for n in range(4)),
    verdict(4, False, True, probability=0.55),
    verdict(5, None, True),
    *(verdict(n, False, False, "completeness", 0.9) for n in (6, 7)),
    *(verdict(n, True, False, "completeness", 0.65) for n in (8, 9)),
]


def test_rates_are_those_counted_by_hand() -> None:
    found = certify(JUDGE, ROWS, PEOPLE, DAY, probes=PROBED)
    assert (found.subject, found.judge, found.reference, found.reference_kind) == (
        "verdict",
        JUDGE.id,
        PEOPLE.id,
        "person",
    )
    assert found.n == 10
    agreed = rate(found, "agreement")
    assert (agreed.value, agreed.n, agreed.unit) == (pytest.approx(6 / 9), 9, "conversation")
    assert rate(found, "abstained").value == pytest.approx(1 / 10)
    assert rate(found, "sensitivity", "class", "met").value == pytest.approx(4 / 5)
    assert rate(found, "precision", "class", "met").value == pytest.approx(4 / 6)
    assert rate(found, "sensitivity", "class", "not met").value == pytest.approx(2 / 4)
    assert rate(found, "precision", "class", "not met").value == pytest.approx(2 / 3)
    assert rate(found, "agreement", "axis", "accuracy").value == pytest.approx(4 / 5)
    assert rate(found, "agreement", "axis", "completeness").value == pytest.approx(2 / 4)
    assert rate(found, "agreement", "language", "en") == agreed


def test_abstentions_widen_and_are_no_error() -> None:
    found = rate(certify(JUDGE, ROWS, PEOPLE, DAY), "sensitivity", "class", "met")
    without = rate(
        certify(JUDGE, [row for row in ROWS if row.said is not None], PEOPLE, DAY), "sensitivity", "class", "met"
    )
    assert found.value == without.value
    assert found.low < without.low


def test_a_slice_that_was_abstained_from_wholly_says_so_and_has_no_agreement() -> None:
    rows = [*ROWS, verdict(20, None, True, "communication")]
    found = certify(JUDGE, rows, PEOPLE, DAY)
    told = {one.measure for one in found.errors if one.name == "communication"}
    assert told == {"abstained"}


def test_what_the_reference_left_open_is_left_out_and_told() -> None:
    found = certify(JUDGE, [*ROWS, verdict(30, True, None)], PEOPLE, DAY)
    assert found.n == 10
    assert "the reference left 1 undecided; they are left out" in found.conditions
    assert found.calibrated_on == certify(JUDGE, ROWS, PEOPLE, DAY).calibrated_on


def test_reliability_by_bins_of_probability() -> None:
    bins = certify(JUDGE, ROWS, PEOPLE, DAY).reliability
    assert [(one.low, one.confidence, one.observed.value, one.observed.n) for one in bins] == [
        (0.5, 0.55, 0.0, 1),
        (0.6, 0.65, 0.0, 2),
        (0.9, pytest.approx((4 * 0.95 + 2 * 0.9) / 6), 1.0, 6),
    ]
    without = [row._replace(probability=None) for row in ROWS]
    assert certify(JUDGE, without, PEOPLE, DAY).reliability == ()


def test_the_hash_is_of_the_labels_and_not_of_their_order_or_of_what_was_said() -> None:
    hashed = certify(JUDGE, ROWS, PEOPLE, DAY).calibrated_on
    assert certify(JUDGE, ROWS[::-1], PEOPLE, DAY).calibrated_on == hashed
    assert certify(JUDGE, [ROWS[0]._replace(said=False), *ROWS[1:]], PEOPLE, DAY).calibrated_on == hashed
    assert certify(JUDGE, [ROWS[0]._replace(truth=False), *ROWS[1:]], PEOPLE, DAY).calibrated_on != hashed
    assert len(hashed) == 64


def test_many_verdicts_on_few_conversations_are_not_many() -> None:
    rows = [verdict(n, n % 10 < 8, True) for n in range(200)]
    together = [row._replace(cluster=f"talk {n % 10}") for n, row in enumerate(rows)]
    alone, crowded = (rate(certify(JUDGE, each, PEOPLE, DAY), "agreement") for each in (rows, together))
    assert alone.value == crowded.value == 0.8
    assert crowded.high - crowded.low > 3 * (alone.high - alone.low)


def test_five_raters_widen_the_interval_and_fewer_are_named_instead() -> None:
    generator = random.Random(3)
    bent = {f"rater {n}": generator.uniform(0.5, 1.0) for n in range(8)}
    rows = [
        VerdictRow(True, None, generator.random() < bent[name], f"talk {n}", {}, f"{n} by {name}", name)
        for n in range(60)
        for name in bent
    ]
    found = certify(JUDGE, rows, PEOPLE, DAY)
    agreed, by_talk = (
        rate(found, "agreement"),
        mean([float(row.truth is True) for row in rows], [row.cluster for row in rows], "conversation"),
    )
    assert by_talk is not None
    assert agreed.unit == "conversation and rater"
    assert agreed.value == by_talk.value
    assert agreed.high - agreed.low > 1.5 * (by_talk.high - by_talk.low)
    three = certify(JUDGE, [row for row in rows if row.rater in ("rater 0", "rater 1", "rater 2")], PEOPLE, DAY)
    assert rate(three, "agreement").unit == "conversation"
    assert "3 raters: the intervals speak of them, not of raters like them" in three.conditions


def test_crossed_intervals_cover_what_raters_differ_in() -> None:
    """95 % intervals over 20 raters of a bent of their own, 60 conversations: at least 90 % of 200 hold the truth of 0.75."""
    generator, held = random.Random(7), 0
    for _ in range(200):
        bents = [generator.choice((0.6, 0.9)) for _ in range(20)]
        values, talks, raters = [], [], []
        for talk in range(60):
            for rater in generator.sample(range(20), 3):
                values.append(float(generator.random() < bents[rater]))
                talks.append(str(talk))
                raters.append(str(rater))
        found = crossed_mean(values, talks, raters)
        assert found is not None
        held += found.low <= 0.75 <= found.high
    assert 180 <= held < 200


def test_crossed_means_with_nothing_or_abstentions() -> None:
    assert crossed_mean([None], ["a"], ["b"]) is None
    values = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
    talks, raters = ["a", "a", "b", "b", "c", "c"], ["x", "y", "x", "y", "x", "y"]
    whole = crossed_mean(values, talks, raters)
    holed = crossed_mean([*values, None], [*talks, "d"], [*raters, "x"])
    assert whole is not None and holed is not None
    assert holed.value == whole.value and holed.n == 6
    assert holed.low < whole.low and holed.high >= whole.high


def test_a_judge_is_not_measured_on_what_it_learned_from() -> None:
    learned = replace(JUDGE, kind_of="guardian", made=ByRule(rule="train"), trained_on=("label 3", "label 99"))
    with pytest.raises(InputError, match=r"1 of the labels, label 3 first .* trained on"):
        certify(learned, ROWS, PEOPLE, DAY)
    found = certify(learned, ROWS, PEOPLE, DAY, left_out="model")
    assert any(told.startswith("held out: ") and "left out the model" in told for told in found.conditions)
    other = certify(replace(learned, trained_on=("label 99",)), ROWS, PEOPLE, DAY)
    assert "the judge learned from 1 records; none of these labels is among them" in other.conditions


def test_what_cannot_be_certified_is_refused() -> None:
    with pytest.raises(InputError, match="'label 0' is there twice"):
        certify(JUDGE, [*ROWS, ROWS[0]], PEOPLE, DAY)
    with pytest.raises(InputError, match="hold none"):
        certify(JUDGE, [], PEOPLE, DAY)
    with pytest.raises(InputError, match="hold none"):
        certify(JUDGE, [verdict(0, None, True), verdict(1, True, None)], PEOPLE, DAY)
    with pytest.raises(InputError, match="its own reference"):
        certify(PEOPLE, ROWS, PEOPLE, DAY)
    with pytest.raises(InputError, match="issued = '1 March' is not a date"):
        certify(JUDGE, ROWS, PEOPLE, "1 March")
    with pytest.raises(InputError, match="0 days"):
        certify(JUDGE, ROWS, PEOPLE, DAY, validity_days=0)


def test_simulated_labels_make_a_certificate_that_says_so() -> None:
    simulated = replace(PEOPLE, kind_of="simulated", made=BySimulation(generator="voices", seed=1))
    found = certify(JUDGE, ROWS, simulated, DAY)
    assert found.reference_kind == "simulated"
    assert any("simulated" in told and "no person" in told for told in found.conditions)
    scripted = replace(JUDGE, made=ByModel(model="small", is_scripted=True))
    assert any("scripted" in told for told in certify(scripted, ROWS, PEOPLE, DAY).conditions)


def test_what_is_thin_is_said() -> None:
    told = certify(JUDGE, [row for row in ROWS if row.truth], PEOPLE, DAY).conditions
    assert "few labels: 6 on 6 conversations; the intervals are wide" in told
    assert "no label says not met: how often the judge finds it is unknown" in told
    assert "only 6 labels say met" in told
    assert "the judge was not probed: what sways it is unknown" in told
    assert any("may have seen these answers" in one for one in told)
    many = [verdict(n, n % 2 == 0, n % 2 == 0) for n in range(120)]
    partly = (*PROBED, ProbeOutcome(probe="language", n=0, note="no counterparts"))
    told = certify(JUDGE, many, PEOPLE, DAY, probes=partly).conditions
    assert not any("few labels" in one or one.startswith("only") for one in told)
    assert "not probed: language" in told


def test_a_certificate_holds_for_its_judge_until_its_day() -> None:
    found = certify(JUDGE, ROWS, PEOPLE, DAY)
    assert found.expires == "2026-08-28"
    assert certify(JUDGE, ROWS, PEOPLE, DAY, validity_days=1).expires == "2026-03-02"
    assert why_invalid(found, JUDGE, DAY) is None
    assert why_invalid(found, JUDGE, "2026-08-27") is None
    assert why_invalid(found, JUDGE, "2026-08-28") == "it expired on 2026-08-28"
    assert why_invalid(found, JUDGE, "2026-02-28") == "it holds from 2026-03-01 on"
    changed = replace(JUDGE, fingerprint="another prompt")
    assert "another judge" in (why_invalid(found, changed, DAY) or "")
    with pytest.raises(InputError, match="today"):
        why_invalid(found, JUDGE, "yesterday")
    # Another way to write the day is the same day; a record has one way only, as its days are compared.
    assert certify(JUDGE, ROWS, PEOPLE, DAY.replace("-", "")) == found
    with pytest.raises(RecordError, match="is not a date"):
        replace(found, issued="20260301")


def test_it_can_be_kept_and_read_again() -> None:
    found = certify(JUDGE, ROWS, PEOPLE, DAY, probes=PROBED)
    assert decode(encode(found), "here") == found


def test_stances_have_three_classes_and_unusable_answers_are_abstentions() -> None:
    rows = [
        StanceRow("accept", 0.9, "accept", "a", {"group": "one"}, "1"),
        StanceRow("refuse", 0.8, "refuse", "b", {"group": "one"}, "2"),
        StanceRow("refuse", 0.6, "caution", "c", {"group": "two"}, "3"),
        StanceRow("unusable", None, "accept", "d", {"group": "two"}, "4"),
        StanceRow("abstained", None, "refuse", "e", {"group": "two"}, "5"),
        StanceRow("accept", 0.9, "unusable", "f", {"group": "two"}, "6"),
    ]
    found = certify_stances(JUDGE, rows, PEOPLE, DAY, 90, None, PROBED)
    assert (found.subject, found.n, found.expires) == ("stance", 5, "2026-05-30")
    assert rate(found, "agreement").value == pytest.approx(2 / 3)
    assert rate(found, "abstained").value == pytest.approx(2 / 5)
    assert rate(found, "sensitivity", "class", "accept").value == 1.0
    assert rate(found, "sensitivity", "class", "caution").value == 0.0
    assert rate(found, "precision", "class", "refuse").value == pytest.approx(1 / 2)
    assert rate(found, "agreement", "group", "two").value == 0.0
    assert not [one for one in found.errors if (one.name, one.measure) == ("caution", "precision")]  # never said
    assert "the reference left 1 undecided; they are left out" in found.conditions
