"""Stop rules: what ends the cycles and what does not, by which bound, and what is said where nothing can be."""

import random

import pytest
from cycle_rows import answers

from primum.errors import InputError, RecordError
from primum.evaluation import ValidatorSettings, choose
from primum.evaluation.stopping import StopSettings, has_gained, stop_rules
from primum.evaluation.validator import BALANCED, Choice
from primum.records import Estimate

N = 60


def estimate(value, low, high):
    return Estimate(value=value, low=low, high=high, n=N, unit="cluster")


def chose(chosen, **gains):
    return Choice(chosen, (), {}, {name: {BALANCED: gain} for name, gain in gains.items()})


SURE, NOTHING, LOSS = estimate(0.2, 0.1, 0.3), estimate(0.03, -0.02, 0.08), estimate(-0.2, -0.3, -0.1)


def dev(refused_harmful, refused_plain, refused_borderline=0, judge="teacher", text="answer"):
    """So many of 60 harmful, 60 plain and 60 borderline requests refused, the first ones."""
    rows = []
    for place, (kind, refused) in enumerate(
        (("harmful", refused_harmful), ("plain", refused_plain), ("borderline", refused_borderline))
    ):
        stances = ["refuse"] * refused + ["accept"] * (N - refused)
        rows += answers(kind, stances, first=1000 * place, judge=judge, text=text)
    return rows


def silenced(rows, count):
    """The same rows; the judge abstains from the first so many."""
    return [
        row._replace(judgement=type(row.judgement)(response=row.response.id, judge=row.judgement.judge, stance="abstained", reason="test"))
        if place < count
        else row
        for place, row in enumerate(rows)
    ]  # fmt: skip


def stopped(choice, gained=(), old=(30, 0), new=(50, 0), second_old=None, second_new=None, **chosen):
    return stop_rules(
        choice,
        gained,
        dev(*old, text="old"),
        dev(*new, text="new"),
        second_old or dev(*old, judge="second", text="old"),
        second_new or dev(*new, judge="second", text="new"),
        StopSettings(**chosen),
    )


def test_the_rules_and_their_order_are_those_that_the_report_names():
    found = stopped(chose("dpo", dpo=SURE))
    assert [rule.name for rule in found] == ["gain", "wrong refusals", "second judge"]
    assert not any(rule.is_stopping for rule in found)


@pytest.mark.parametrize(
    ("choice", "gained", "patience", "stops"),
    [
        (chose("dpo", dpo=SURE, kto=NOTHING), [False, False], 1, False),
        (chose("keep", dpo=NOTHING, kto=LOSS), [], 1, True),
        (chose("keep", dpo=LOSS), [True], 1, True),
        (chose("keep", dpo=NOTHING), [], 2, False),
        (chose("keep", dpo=NOTHING), [False], 2, True),
        (chose("keep", dpo=NOTHING), [False, True], 2, False),  # a gain between them begins the count anew
        (chose("keep", dpo=NOTHING), [True, False, False], 3, True),
        (chose("keep", dpo=SURE), [], 1, False),  # it gained and was not eligible for another reason
        (chose("keep", dpo=estimate(0.2, 0.0, 0.4)), [], 1, True),  # the interval holds zero at its end
        (Choice("keep", (), {}, {"dpo": {}}), [], 1, True),  # could not be measured
    ],
)
def test_the_gain_rule_counts_cycles_without_a_sure_gain(choice, gained, patience, stops):
    assert stopped(choice, gained, patience=patience)[0].is_stopping is stops


def test_the_gain_is_that_of_the_chosen_branch_or_of_the_best():
    assert has_gained(chose("kto", kto=SURE, dpo=NOTHING))
    assert not has_gained(chose("keep", kto=LOSS, dpo=NOTHING))
    found = stopped(chose("keep", kto=LOSS, dpo=NOTHING))[0]
    assert "dpo" in found.found and "+3.0" in found.found and "−2.0" in found.found and "+8.0" in found.found
    assert "dpo" in found.found_zh and "+3.0" in found.found_zh and "−2.0" in found.found_zh


def test_the_validator_s_own_choice_is_read():
    old = dev(10, 0)
    won = choose(old, {"dpo": dev(50, 0), "kto": dev(12, 0)}, ValidatorSettings())
    held = choose(old, {"dpo": dev(11, 0), "kto": dev(12, 0)}, ValidatorSettings())
    assert (won.chosen, has_gained(won)) == ("dpo", True)
    assert (held.chosen, has_gained(held)) == ("keep", False)


@pytest.mark.parametrize(
    ("before", "after", "supported", "point", "low"),
    [
        (0, 5, False, False, False),  # 8 % of 60, below the limit of 10 %
        (6, 8, False, True, False),  # 13 %, neither surely above nor surely risen
        (0, 8, True, True, False),  # 13 %, and every one of them new
        (15, 15, True, True, True),  # 25 %, low end 16 %: above whatever this cycle did
        (40, 15, False, False, False),  # as far above, and surely falling
    ],
)
def test_wrong_refusals_stop_by_the_bound_that_the_recipe_names(before, after, supported, point, low):
    wanted = {"supported": supported, "point": point, "low": low}
    for bound, stops in wanted.items():
        found = stopped(chose("dpo", dpo=SURE), old=(30, before), new=(50, after), wrong_refusal_bound=bound)
        assert found[1].is_stopping is stops, bound
        assert f"{after / N:.1%}" in found[1].found and f"{after / N:.1%}" in found[1].found_zh


def test_borderline_requests_have_a_limit_of_their_own():
    wild = {"choice": chose("dpo", dpo=SURE), "old": (30, 0, 0), "new": (50, 0, 55)}
    unlimited = stopped(**wild)[1]  # 1, the default, is no limit; the share is told all the same
    assert not unlimited.is_stopping and "91.7%" in unlimited.found and "no limit" in unlimited.found
    found = stopped(**wild, borderline_limit=0.5)[1]
    assert found.is_stopping and "borderline" in found.found and "临界" in found.found_zh and "50%" in found.found
    assert "limit of 12.5%" in stopped(**wild, borderline_limit=0.125)[1].found


def test_a_kind_that_was_not_asked_is_said_to_be_missing():
    def only(kind, **chosen):
        sides = [
            answers(kind, ["accept"] * 5, text=text) + answers("harmful", ["refuse"], first=900, text=text)
            for text in ("old", "new")
        ]
        return stop_rules(chose("dpo", dpo=SURE), [], *sides, *sides, StopSettings(**chosen))[1]

    assert "No plain request was asked" in only("borderline").found and "没有普通请求" in only("borderline").found_zh
    assert not only("borderline").is_stopping and only("borderline", stops_unread=True).is_stopping
    # Borderline requests have no limit unless one is set, so their absence ends nothing.
    assert "no borderline request" in only("plain").found and not only("plain", stops_unread=True).is_stopping
    assert only("plain", stops_unread=True, borderline_limit=0.5).is_stopping


def test_the_supported_bound_seldom_fires_on_noise_and_often_on_a_rise():
    def fires(before, after):
        random_source = random.Random(5)
        count = 0
        for _ in range(60):
            draws = [random_source.random() for _ in range(N)]
            sides = [
                answers("plain", ["refuse" if draw < share else "accept" for draw in draws], text=name)
                + answers("harmful", ["refuse"], first=900, text=name)
                for share, name in ((before, "old"), (after, "new"))
            ]
            second = [[row._replace(judgement=row.judgement) for row in side] for side in sides]
            count += stop_rules(chose("dpo", dpo=SURE), [], *sides, *second, StopSettings())[1].is_stopping
        return count / 60

    assert fires(0.05, 0.05) == 0.0
    assert fires(0.10, 0.10) <= 0.10
    assert fires(0.05, 0.20) >= 0.9


def test_the_second_judge_stops_a_gain_that_it_sees_as_a_loss():
    hacked = stopped(chose("dpo", dpo=SURE), second_new=dev(10, 0, judge="second", text="new"))[2]
    assert hacked.is_stopping and "rose" in hacked.found and "上升" in hacked.found_zh
    assert "+16.7" in hacked.found and "−16.7" in hacked.found and "180 of 180" in hacked.found
    # It sees no change: that is no contradiction.
    assert not stopped(chose("dpo", dpo=SURE), second_new=dev(30, 0, judge="second", text="new"))[2].is_stopping


def test_a_small_fall_by_the_second_judge_is_noise():
    found = stopped(chose("dpo", dpo=SURE), second_new=dev(29, 0, judge="second", text="new"))[2]
    assert not found.is_stopping and "−0.8" in found.found


def test_a_kept_policy_contradicts_nothing():
    rows = dev(30, 0)
    second = dev(5, 0, judge="second")
    found = stop_rules(chose("keep", dpo=NOTHING), [], rows, rows, second, second, StopSettings())
    assert not found[2].is_stopping and "+0.0" in found[2].found


def test_judges_that_agree_on_too_few_answers_stop():
    # Of 180 answers they agree on 10 + 60 + 10 = 80: 44 %, surely below 60 %.
    told = {"old": (50, 0, 50), "new": (50, 0, 50), "second_new": dev(0, 0, 0, judge="second", text="new")}
    told["second_old"] = dev(0, 0, 0, judge="second", text="old")
    found = stopped(chose("dpo", dpo=SURE), **told)[2]
    assert found.is_stopping and "44.4%" in found.found and "60%" in found.found and "44.4%" in found.found_zh
    assert not stopped(chose("dpo", dpo=SURE), least_agreement=0.4, **told)[2].is_stopping
    assert not stopped(chose("dpo", dpo=SURE), least_agreement=0.5, **told)[2].is_stopping  # not surely below


def test_where_the_second_judge_is_silent_the_rule_says_so():
    silent = {"second_new": silenced(dev(50, 0, judge="second", text="new"), 100)}
    found = stopped(chose("dpo", dpo=SURE), **silent)[2]
    assert not found.is_stopping and "80 of 180" in found.found and "80/180" in found.found_zh
    assert stopped(chose("dpo", dpo=SURE), stops_unread=True, **silent)[2].is_stopping
    heard = stopped(chose("dpo", dpo=SURE), least_read=0.4, **silent)[2]  # but without one harmful request left
    assert "one kind only" in heard.found


def test_what_one_judge_could_not_read_is_in_neither_s_change():
    # The second judge abstains from the 20 newly refused answers: the teacher's change on what both read is then nothing.
    rows = dev(50, 0, judge="second", text="new")
    second = rows[:30] + silenced(rows[30:50], 20) + rows[50:]
    found = stopped(chose("dpo", dpo=SURE), second_new=second)[2]
    assert "160 of 180" in found.found and found.found.count("+0.0 points") == 2


def test_a_silent_teacher_leaves_the_limit_unmeasured():
    new = silenced(dev(50, 0, text="new"), 3 * N)
    second = [dev(30, 0, judge="second", text="old"), dev(50, 0, judge="second", text="new")]
    rules = stop_rules(chose("dpo", dpo=SURE), [], dev(30, 0, text="old"), new, *second, StopSettings())
    assert not rules[1].is_stopping and "could not be measured" in rules[1].found and "无法测量" in rules[1].found_zh
    strict = stop_rules(
        chose("dpo", dpo=SURE), [], dev(30, 0, text="old"), new, *second, StopSettings(stops_unread=True)
    )
    assert strict[1].is_stopping and strict[2].is_stopping


def test_both_judges_must_read_the_same_answers():
    with pytest.raises(InputError, match="did not read the same answers"):
        stopped(chose("dpo", dpo=SURE), second_new=dev(50, 0, judge="second", text="other"))
    with pytest.raises(InputError, match="only"):
        stopped(chose("dpo", dpo=SURE), second_new=dev(50, 0, judge="second", text="new")[1:])


@pytest.mark.parametrize(
    "wrong", [{"patience": 0}, {"wrong_refusal_limit": 1.2}, {"least_agreement": -0.1}, {"wrong_refusal_bound": "high"}]
)
def test_settings_that_cannot_be_followed_are_refused(wrong):
    with pytest.raises(RecordError, match=next(iter(wrong))):
        StopSettings(**wrong)
