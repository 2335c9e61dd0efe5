"""Answers under rubrics as numbers, worked by hand; and two policies paired."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from primum.errors import InputError
from primum.evaluation.paired import paired_bounds
from primum.evaluation.rubric_table import RubricAnswer, abstained_share, rubric_compare, rubric_numbers
from primum.records import (
    Abstained,
    ByRule,
    Criterion,
    CriterionKind,
    Met,
    NotApplicable,
    NotMet,
    Outcome,
    Stance,
    Verdict,
)

MADE = ByRule(rule="test")
KINDS: tuple[tuple[int, CriterionKind], ...] = ((6, "proficiency"), (2, "proficiency"), (-9, "safety"))
RUBRIC = tuple(
    Criterion(statement=f"Says {n}.", points=points, axis="accuracy", kind_of=kind, language="en", made=MADE)
    for n, (points, kind) in enumerate(KINDS)
)
WORDS: dict[str, Outcome] = {"m": Met(), "n": NotMet(), "?": Abstained(reason="unread"), "-": NotApplicable()}


def answer(name: str, said: str, stance: Stance = "accept", language: str = "en") -> RubricAnswer:
    verdicts = tuple(
        Verdict(response=f"r-{name}-{said}", criterion=one.id, judge="j", outcome=WORDS[word])
        for one, word in zip(RUBRIC, said, strict=True)
    )
    return RubricAnswer(name, {"language": language}, name, RUBRIC, verdicts, stance)


def test_numbers_are_those_worked_by_hand() -> None:
    found = rubric_numbers([answer("a", "mnn"), answer("b", "mmm")])
    values = {name: number.estimate.value for name, number in found.items() if number.estimate}
    # satisfied 3 of 4; safety 1 of 2; S1 of a is 6 of 8, of b 1; one of two answers has a veto
    assert values == {"satisfied": 0.75, "safety": 0.5, "proficiency": 0.875, "veto_rate": 0.5}


def test_an_abstention_leaves_two_ends_and_is_no_zero() -> None:
    found = rubric_numbers([answer("a", "m?n"), answer("b", "mmn")])
    assert found["satisfied"].estimate is not None
    assert found["satisfied"].estimate.value == 1.0
    assert found["satisfied"].bounds == (0.75, 1.0)
    assert found["proficiency"].bounds == (0.875, 1.0)
    assert abstained_share([answer("a", "m?n"), answer("b", "mmn")]) == 1 / 6


def test_what_does_not_apply_is_left_out_and_an_unusable_answer_says_nothing() -> None:
    found = rubric_numbers([answer("a", "m-n")])
    assert found["satisfied"].bounds == (1.0, 1.0)
    silent = rubric_numbers([answer("a", "???", "unusable")])
    assert (silent["satisfied"].bounds, silent["veto_rate"].bounds) == ((0.0, 0.0), (0.0, 0.0))
    assert abstained_share([answer("a", "???", "unusable")]) == 0.0


def test_differences_are_paired_and_by_slice() -> None:
    before = [answer(f"q{n}", "nnn", language="zh" if n % 2 else "en") for n in range(40)]
    after = [answer(f"q{n}", "mnn", language="zh" if n % 2 else "en") for n in range(40)]
    found = {(one.by, one.name, one.metric): one for one in rubric_compare(before, after[::-1])}
    whole = found["all", "all", "proficiency"]
    assert (whole.before.value, whole.after.value, whole.difference.value) == (0.0, 0.75, 0.75)
    assert whole.difference.low > 0.6
    assert found["language", "zh", "satisfied"].difference.n == 40  # two criteria of twenty answers
    assert found["all", "all", "veto_rate"].difference.value == 0.0


def test_an_abstention_widens_the_difference_to_both_ends() -> None:
    before = [answer(f"q{n}", "nnn") for n in range(20)]
    sure, unsure = (
        [answer(f"q{n}", "mnn") for n in range(20)],
        [answer(f"q{n}", "m?n" if n < 10 else "mnn") for n in range(20)],
    )
    one, other = (rubric_compare(before, side)[0].difference for side in (sure, unsure))
    assert other.high > one.high
    assert other.low <= one.low


def test_queries_of_one_cluster_are_resampled_together() -> None:
    def side(met: str) -> list[RubricAnswer]:
        return [answer(f"q{n}", met if n % 8 < 4 else "nnn")._replace(cluster=f"c{n // 4}") for n in range(32)]

    alone = [[one._replace(cluster=one.id) for one in side(met)] for met in ("nnn", "mnn")]
    together = rubric_compare(side("nnn"), side("mnn"))[0].difference
    apart = rubric_compare(*alone)[0].difference
    assert together.value == apart.value
    assert together.high - together.low > 1.4 * (apart.high - apart.low)


def test_an_abstained_veto_leaves_both_ends_and_silence_earns_nothing() -> None:
    found = rubric_numbers([answer("a", "mm?")])
    assert found["veto_rate"].bounds == (0.0, 1.0)
    negative = replace(RUBRIC[0], points=-6)
    silent = answer("a", "nnn", "unusable")._replace(criteria=(negative, *RUBRIC[1:]))
    assert rubric_numbers([silent])["satisfied"].bounds == (0.0, 0.0)
    spoken = answer("a", "nnn")._replace(criteria=(negative, *RUBRIC[1:]))
    assert rubric_numbers([spoken])["satisfied"].bounds == (0.5, 0.5)


def test_what_applies_on_one_side_only_is_not_paired() -> None:
    found = rubric_compare([answer("a", "m-n"), answer("b", "nnn")], [answer("a", "mmn"), answer("b", "mmn")])
    assert found[0].difference.n == 3


def test_the_ends_of_a_difference_are_those_worked_by_hand() -> None:
    # one pair decided at 0 → 1, one that may be 0 → 0 or 0 → 1: the mean is between .5 and 1, and the point is moved into that
    found = paired_bounds([((0.0, 0.0), (1.0, 1.0), "a"), ((0.0, 0.0), (0.0, 1.0), "b")])
    assert found is not None
    assert (found.value, found.n) == (1.0, 1)
    worse = paired_bounds([((0.0, 0.0), (0.0, 0.0), "a"), ((0.0, 0.0), (1.0, 1.0), "b"), ((1.0, 1.0), (0.0, 1.0), "c")])
    assert worse is not None
    assert worse.value == 1 / 3  # the decided ones say 1/2, which what is known of the third rules out
    assert paired_bounds([((0.0, 1.0), (0.0, 0.0), "a")]) is None


def test_sides_that_are_not_the_same_queries_are_refused() -> None:
    with pytest.raises(InputError, match="same queries"):
        rubric_compare([answer("a", "mmn")], [answer("b", "mmn")])
    with pytest.raises(InputError, match="same queries"):
        rubric_compare([answer("a", "mmn")], [answer("a", "mmn")._replace(criteria=RUBRIC[::-1])])
