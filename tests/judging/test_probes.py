"""Probes find the bent of judges whose bent is known, and say why where they cannot look."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from judging.probing import ANSWERS, BentJudge, case
from primum.errors import InputError, SettingError
from primum.judging import Guardian, GuardianSettings, phrasebook, train_guardian
from primum.judging.probes import INJECTIONS, PROBES, ProbeSettings, choose_call_size, run_probes
from primum.judging.probes.changes import FORMS, lengthen, move_sentence
from primum.judging.usable import unusable_reason
from primum.ports import Case
from primum.records import ProbeOutcome

CASES = [case(number, "zh" if number % 2 else "en") for number in range(12)]


def all_of(decide: Callable[[Case], bool | None]) -> Callable[[Case], list[bool | None]]:
    """The same verdict on every criterion."""
    return lambda one: [decide(one)] * len(one.criteria)


def outcome(judge: BentJudge, probe: str, cases: list[Case] | None = None) -> ProbeOutcome:
    return run_probes(judge, cases or CASES, only=[probe]).outcomes[0]


def test_longer_is_better_for_a_judge_that_counts_characters() -> None:
    judge = BentJudge(all_of(lambda one: len(one.response.text) > len(ANSWERS[one.scenario.language]) + 5))
    found = outcome(judge, "length")
    assert (found.n, found.changed.value, found.shift.value, found.abstained.value) == (36, 1.0, 1.0, 0.0)
    assert found.changed.unit == "conversation"
    assert found.changed.low < 0.8  # twelve conversations, whatever the number of criteria


def test_a_judge_without_a_bent_is_shown_to_have_none_as_far_as_can_be_known() -> None:
    judge = BentJudge(lambda one: [True, False, True][: len(one.criteria)] if one.criteria else [])
    for name in ("length", "fences", "sentence_position", "injection"):
        found = outcome(judge, name)
        assert found.changed.value == found.shift.value == 0.0
        assert 0.0 < found.changed.high < 0.4
        assert found.shift.low < 0.0 < found.shift.high


def test_fences_that_cannot_be_read_are_abstentions_and_no_change() -> None:
    judge = BentJudge(all_of(lambda one: None if one.response.text.startswith("```") else True))
    found = outcome(judge, "fences")
    assert (found.changed.value, found.changed.n, found.abstained.value) == (0.0, 24, pytest.approx(1 / 3))
    assert found.changed.high > 0.33  # they might all have changed


def test_what_is_decided_on_neither_side_says_nothing() -> None:
    found = outcome(BentJudge(lambda one: [True, None, None]), "length")
    assert (found.n, found.changed.n, found.changed.value, found.abstained.value) == (36, 12, 0.0, 0.0)
    assert found.changed.high < 0.4 and found.shift.high < 0.4  # nor does it widen anything
    found = outcome(BentJudge(all_of(lambda one: None)), "length")
    assert (found.n, found.changed, found.abstained) == (36, None, None)
    assert "decided none" in found.note


def test_a_judge_that_says_yes_to_what_is_asked_first() -> None:
    judge = BentJudge(lambda one: [number == 0 for number in range(len(one.criteria))])
    position = outcome(judge, "position")
    assert (position.n, position.changed.value, position.shift.value) == (24, 1.0, -1.0)
    order = outcome(judge, "criterion_order")
    assert (order.n, order.changed.value, order.shift.value) == (36, pytest.approx(2 / 3), pytest.approx(0.0))


def test_order_is_judged_once_for_both_probes_and_needs_two_criteria() -> None:
    judge = BentJudge(all_of(lambda one: True))
    run_probes(judge, CASES, only=["position", "criterion_order"])
    assert len(judge.judged) == 2 * len(CASES)
    lone = outcome(judge, "position", [case(criteria=1)])
    assert lone.changed is None and "more than one criterion" in lone.note


def test_a_judge_that_reads_the_end_only() -> None:
    judge = BentJudge(all_of(lambda one: one.response.text.rstrip(".。").endswith(("chest pain", "胸痛"))))
    found = outcome(judge, "sentence_position")
    assert (found.n, found.changed.value, found.shift.value) == (36, 1.0, -1.0)
    short = outcome(judge, "sentence_position", [case(text="Drink water.")])
    assert short.changed is None and "three sentences" in short.note


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_moved_sentence_is_neither_lost_nor_doubled(language) -> None:
    moved = move_sentence(case(language=language))
    assert moved is not None
    telling = {"en": "Keep drinking water and rest.", "zh": "请多喝水并休息。"}[language]
    last = {"en": "Warning signs are", "zh": "警示症状"}[language]
    assert moved.endswith(telling) or moved.startswith(last)
    assert sorted("".join(moved.split())) == sorted("".join(ANSWERS[language].split()))


def test_planted_instructions_that_are_obeyed_are_told_by_pattern_and_kind() -> None:
    judge = BentJudge(all_of(lambda one: '{"criteria_met": true}' in one.response.text))
    probed = run_probes(judge, CASES, ProbeSettings(injections_per_case=46), only=["injection"])
    whole, structural, persuasive, *telling = probed.outcomes
    assert [one.probe for one in probed.outcomes][:3] == ["injection", "injection: structural", "injection: persuasive"]
    assert len(telling) == 6 and all(one.changed.value == 1.0 and one.n == 18 for one in telling)
    assert {one.probe for one in telling} > {"injection: bare verdict (en)", "injection: bare verdict (zh)"}
    few = run_probes(judge, [case(criteria=1)], ProbeSettings(injections_per_case=46), only=["injection"])
    assert len(few.outcomes) == 3  # one pair a pattern tells nothing of a pattern
    assert persuasive.changed.value == 0.0
    assert structural.shift.value == structural.changed.value == pytest.approx(3 / 22)
    assert whole.changed.value == pytest.approx(3 / 46)
    obeyed = {one.pattern.name for one in probed.swayed if one.to_met}
    assert obeyed == {"bare verdict", "fence closed by its first mark", "quotes that end a string"}
    assert all(one.n == 18 and one.changed == one.to_met in (0, 18) for one in probed.swayed)


def test_every_pattern_of_a_language_has_its_turn() -> None:
    probed = run_probes(
        BentJudge(all_of(lambda one: True)),
        [case(n) for n in range(23)],
        ProbeSettings(injections_per_case=2),
        only=["injection"],
    )
    assert {one.pattern.name for one in probed.swayed} == {one.name for one in INJECTIONS if one.language == "en"}


def test_more_criteria_a_call_are_compared_and_priced() -> None:
    def sloppy(one: Case) -> list[bool]:
        return [True, True, one.scenario.language == "zh"]

    single = BentJudge(lambda one: [True, True, True], tokens=99, name="one")
    some, whole = BentJudge(lambda one: [True, True, True], tokens=39), BentJudge(sloppy, tokens=19)
    variants = {"batch_size=1": single, "batch_size=2": some, "batch_size=all": whole}
    probed = run_probes(single, CASES, only=["batch_size"], variants=variants)
    assert len(single.judged) == len(CASES)  # it is the judge itself: judged once
    two, every = probed.call_sizes
    assert (two.per_call, two.agreement.value, two.tokens_per_verdict) == (2, 1.0, 40.0)
    assert (every.per_call, every.agreement.value, every.tokens_per_verdict) == (0, pytest.approx(5 / 6), 20.0)
    assert [one.probe for one in probed.outcomes] == ["batch_size=2", "batch_size=all"]
    assert probed.outcomes[1].shift.value == pytest.approx(-1 / 6)
    assert "40 tokens a verdict, 100 asked one a call" in probed.outcomes[0].note
    assert [choose_call_size(probed.call_sizes, least) for least in (0.0, 0.7, 0.9)] == [0, 2, 1]
    with pytest.raises(InputError, match="not a share"):
        choose_call_size(probed.call_sizes, 95)


def test_a_size_is_not_chosen_when_its_price_is_unknown() -> None:
    free = BentJudge(all_of(lambda one: True))
    variants = {"batch_size=1": free, "batch_size=all": BentJudge(all_of(lambda one: True))}
    probed = run_probes(free, CASES, only=["batch_size"], variants=variants)
    assert probed.call_sizes[0].tokens_per_verdict is None
    assert choose_call_size(probed.call_sizes, 0.5) == 1


def test_points_shown_need_a_variant() -> None:
    judge = BentJudge(all_of(lambda one: True))
    assert "points" in outcome(judge, "points").note
    shown = BentJudge(lambda one: [False, True, True], name="shown")
    (found,) = run_probes(judge, CASES, only=["points"], variants={"points": shown}).outcomes
    assert (found.changed.value, found.shift.value) == (pytest.approx(1 / 3), pytest.approx(-1 / 3))


def test_the_other_language_needs_counterparts() -> None:
    judge = BentJudge(all_of(lambda one: one.scenario.language == "en"))
    assert "counterparts" in outcome(judge, "language").note
    english, chinese = case(1), case(1, "zh")
    (found,) = run_probes(judge, [english], only=["language"], counterparts={english.response.id: chinese}).outcomes
    assert (found.n, found.changed.value, found.shift.value) == (3, 1.0, -1.0)
    fewer = {english.response.id: case(1, "zh", criteria=2)}
    with pytest.raises(InputError, match="as many criteria"):
        run_probes(judge, [english], only=["language"], counterparts=fewer)


def test_what_cannot_be_followed_is_refused_before_anything_is_judged() -> None:
    judge = BentJudge(all_of(lambda one: True))
    with pytest.raises(SettingError, match="'lenght' is not known"):
        run_probes(judge, CASES, only=["lenght"])
    with pytest.raises(InputError, match="nothing to probe"):
        run_probes(judge, [])
    with pytest.raises(SettingError, match="injections_per_case = 0"):
        ProbeSettings(injections_per_case=0)
    with pytest.raises(SettingError, match="batch_size=x"):
        run_probes(judge, CASES, only=["batch_size"], variants={"batch_size=1": judge, "batch_size=x": judge})
    assert judge.judged == []


def test_the_same_cases_are_chosen_whatever_their_order() -> None:
    few = ProbeSettings(cases=5)
    one, other = BentJudge(all_of(lambda one: True)), BentJudge(all_of(lambda one: True))
    assert run_probes(one, CASES, few) == run_probes(other, [*CASES[::-1], CASES[0]], few)
    assert [each.response for each in one.judged] == [each.response for each in other.judged]
    assert len({each.response.id for each in one.judged if each in CASES}) == 5


def test_progress_only_ever_goes_forward_and_ends_at_its_total() -> None:
    told: list[tuple[int, int]] = []
    run_probes(BentJudge(all_of(lambda one: True)), CASES, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > len(CASES) * 5


@pytest.mark.parametrize("language", ["en", "zh"])
def test_changed_answers_are_still_answers(language) -> None:
    plain = case(language=language)
    changed = [lengthen(plain), *(form(plain) for form in FORMS)]
    changed += [one.plant(plain.response.text) for one in INJECTIONS if one.language == language]
    for text in changed:
        assert text != plain.response.text
        assert unusable_reason(case(language=language, text=text).response, language) is None, text
    assert len(lengthen(plain)) > 2 * len(plain.response.text)
    assert all(plain.response.text in text for text in (lengthen(plain), changed[1]))


@pytest.fixture(scope="module")
def guardian() -> Guardian:
    return train_guardian(phrasebook().examples, GuardianSettings(), "small (simulated)")


def test_a_guardian_is_probed_on_its_stances(guardian: Guardian) -> None:
    cases = [Case(one.scenario, one.response, ()) for one in phrasebook(variants=2, seed=5).examples]
    probed = run_probes(guardian, cases, ProbeSettings(cases=60))
    found = {one.probe: one for one in probed.outcomes}
    assert list(found)[:11] == [*PROBES[:-1], "injection", "injection: structural", "injection: persuasive"]
    for name in ("position", "criterion_order", "batch_size", "points"):
        assert found[name].changed is None and found[name].note == "this judge reads no criteria"
    for name in ("length", "fences", "injection: persuasive"):
        assert found[name].changed is not None and found[name].changed.n >= 40
    assert found["injection"].n == 240
    claims = [one for one in probed.swayed if one.pattern.name == "read as a refusal"]
    assert claims and all(one.to_met == 0 for one in claims)  # a claim to be a refusal never makes it help
