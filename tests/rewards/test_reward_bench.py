"""The bench of a reward model: every number on three pairs worked by hand, and what holds of any pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from primum.errors import InputError, RecordError
from primum.records import CriterionKind, Language, Turn
from primum.rewards import Asked, PairSample, Read
from primum.rewards.bench import (
    BenchFacts,
    BenchRow,
    BenchSettings,
    BenchTable,
    Kind,
    Measure,
    Measured,
    Unread,
    measure,
)
from primum.rewards.bench_rows import Slice

WATER = Asked(text="Says to drink water.", points=2)
KIND_WORD = Asked(text="Says something kind.", kind="excellence")
DOSE = Asked(text="Names a dose beyond the label.", kind="safety", points=-5)
EMERGENCY = Asked(text="Sends the person to the emergency department.", kind="safety", points=3)
KEYS = {WATER: "p", KIND_WORD: "e", DOSE: "s", EMERGENCY: "u"}
FACTS = BenchFacts(frozenset({"p", "s", "e"}), frozenset({"a"}), frozenset({"en"}))


def pair(
    name: str,
    group: str,
    criteria: Sequence[Asked],
    met: tuple[Sequence[bool | None], Sequence[bool | None]],
    language: Language = "en",
    by: tuple[str, str] = ("a", "a"),
) -> PairSample:
    return PairSample(
        id=name,
        prompt=(Turn(role="user", content="What should I do?"),),
        first="Drink water.",
        second="Wait and see.",
        criteria=tuple(criteria),
        met_first=tuple(met[0]),
        met_second=tuple(met[1]),
        language=language,
        group=group,
        keys=tuple(KEYS[one] for one in criteria),
        first_by=by[0],
        second_by=by[1],
    )


def read(*chances: float) -> Read:
    edge = [min(max(chance, 1e-6), 1 - 1e-6) for chance in chances]
    return Read(tuple(math.log(one / (1 - one)) for one in edge), chances)


A = pair("A", "g1", [WATER, DOSE], ([True, False], [False, True]))
B = pair("B", "g2", [WATER, KIND_WORD, DOSE], ([True, False, False], [True, True, None]), "zh", ("a", "b"))
C = pair("C", "g2", [EMERGENCY, WATER], ([False, True], [True, False]), by=("", ""))
PAIRS = [A, B, C]
READS = {
    "A/first": read(0.9, 0.2),
    "A/second": read(0.4, 0.8),
    "B/first": read(0.7, 0.6, 0.3),
    "B/second": read(0.3, 0.55, 0.9),
    "C/first": read(0.5, 0.8),
    "C/second": read(0.5, 0.6),
}


def perfect(pairs: Sequence[PairSample]) -> dict[str, Read]:
    """What reads every label as it is; what nobody knows it reads as met."""
    return {
        item.id: read(*(float(one is not False) for one in met))
        for one in pairs
        for item, met in zip(one.items, (one.met_first, one.met_second), strict=True)
    }


TABLE = measure(PAIRS, READS, FACTS)


@pytest.mark.parametrize(
    ("name", "kind", "where", "value", "n", "ties", "masked"),
    [
        # Rows of A, B, C in turn: right 4 of 4, 3 of 5 (one label is missing), 2 of 4.
        ("pointwise", "all", "all", 9 / 13, 13, 0, 1),
        ("pointwise", "safety", "all", 4 / 5, 5, 0, 1),
        ("pointwise", "proficiency", "all", 4 / 6, 6, 0, 0),
        ("pointwise", "excellence", "all", 1 / 2, 2, 0, 0),
        ("pointwise", "all", "seen_criteria", 8 / 11, 11, 0, 1),
        ("pointwise", "all", "unseen_criteria", 1 / 2, 2, 0, 0),
        ("pointwise", "all", "unseen_policies", 1 / 2, 2, 0, 1),
        ("pointwise", "all", "zh", 3 / 5, 5, 0, 1),
        ("pointwise", "all", "other_language", 3 / 5, 5, 0, 1),
        ("pointwise", "all", "en", 6 / 8, 8, 0, 0),
        # A: both; B: excellence the wrong way, water a tie, the dose unknown; C: equal scores on safety, water right.
        ("pairwise", "all", "all", 3.5 / 5, 5, 1, 1),
        ("pairwise", "safety", "all", 1.5 / 2, 2, 0, 1),
        ("pairwise", "proficiency", "all", 1.0, 2, 1, 0),
        ("pairwise", "excellence", "all", 0.0, 1, 0, 0),
        ("pairwise", "all", "unseen_criteria", 0.5, 1, 0, 0),
        ("pairwise", "all", "unseen_policies", 0.0, 1, 1, 1),
        # Violated are A's second dose, found, and C's first emergency, missed: an even chance is no veto.
        ("veto_precision", "safety", "all", 1.0, 1, 0, 1),
        ("veto_recall", "safety", "all", 1 / 2, 2, 0, 1),
        ("veto_f1", "safety", "all", 2 / 3, 5, 0, 1),
        # B's missing label hides which answer is the better one. In C the clipped reward is .8 to .6 for the answer with the veto.
        ("overall_clipped", "all", "all", 1 / 2, 2, 0, 1),
        ("overall_sum", "all", "all", 1 / 2, 2, 0, 1),
        ("overall_lexicographic", "all", "all", 1 / 2, 2, 0, 1),
        ("overall_verdicts", "all", "all", 1.5 / 2, 2, 0, 1),
        ("overall_clipped", "all", "seen_criteria", 1.0, 1, 0, 1),
        ("overall_clipped", "all", "unseen_criteria", 0.0, 1, 0, 0),
        # .55 and both .5 are too near even; of the ten that are left seven are right.
        ("coverage", "all", "all", 10 / 13, 13, 0, 1),
        ("selective", "all", "all", 7 / 10, 10, 0, 1),
        # (.04 + .04 + .09 + .25 + .25) / 5
        ("brier", "safety_head", "all", 0.134, 5, 0, 1),
        # Bins: .2 and .3, neither met, are .5 off together; .8, met, is .2 off; two at .5, one of them met, are even: .7 / 5.
        ("calibration_error", "safety_head", "all", 0.14, 5, 0, 1),
    ],
)
def test_the_numbers_worked_by_hand(
    name: Measure, kind: Kind, where: Slice, value: float, n: int, ties: int, masked: int
) -> None:
    row = TABLE.row(name, kind, where)
    assert row.estimate is not None
    assert row.estimate.value == pytest.approx(value)
    assert (row.n, row.estimate.n, row.ties, row.masked) == (n, n, ties, masked)
    assert row.estimate.low <= row.estimate.value <= row.estimate.high and row.estimate.unit == "group"


def test_what_chance_would_reach_stands_beside() -> None:
    # Of 13 labels 6 say met: A 2, B 2, C 2. Of the safety rows 2 of 5 are violated: flagging all finds both, with 2 / 5 right.
    assert TABLE.row("pointwise").by_chance == pytest.approx(7 / 13)
    assert TABLE.row("pairwise").by_chance == 0.5
    assert TABLE.row("veto_precision", "safety").by_chance == pytest.approx(0.4)
    assert TABLE.row("veto_f1", "safety").by_chance == pytest.approx(2 * 0.4 / 1.4)
    assert TABLE.row("brier", "safety_head").by_chance == pytest.approx(0.4 * 0.6)


def test_what_is_empty_says_why_and_is_no_zero() -> None:
    blind = measure([A], READS, BenchFacts())
    for where, told in (
        ("seen_criteria", "not known"),
        ("unseen_criteria", "not known"),
        ("unseen_policies", "not known"),
        ("other_language", "not known"),
        ("zh", "none of these is in that language"),
    ):
        row = blind.row("pointwise", "all", where)  # type: ignore[arg-type]
        assert row.estimate is None and told in row.why and row.n == 0 and row.by_chance is None
    seen = measure([A], READS, FACTS)
    assert "not trained on" in seen.row("pairwise", "all", "unseen_criteria").why
    assert "by a policy" in seen.row("pointwise", "all", "unseen_policies").why
    assert "no label is known" in seen.row("pointwise", "excellence").why
    assert "no preference is decided" in measure([B], READS, FACTS).row("overall_sum").why
    assert "nothing is violated" in measure([B], READS, FACTS).row("veto_f1", "safety").why
    assert "no veto was said" in measure([B], READS, FACTS).row("veto_precision", "safety").why
    assert "no safety criterion is violated" in measure([B], READS, FACTS).row("veto_recall", "safety").why
    even = {name: Read(one.scores, (0.5,) * len(one.scores)) for name, one in READS.items()}
    assert "near even" in measure([A], even, FACTS).row("selective").why


def test_the_reliability_bins_of_a_head() -> None:
    safety = next(one for one in TABLE.reliability if one.kind == "safety_head")
    assert [(one.confidence, one.observed.value, one.observed.n) for one in safety.bins] == [
        (pytest.approx(0.25), 0.0, 2),
        (pytest.approx(0.5), 0.5, 2),
        (pytest.approx(0.8), 1.0, 1),
    ]


def test_two_scorers_are_compared_row_by_row() -> None:
    one, other = Measured(PAIRS, perfect(PAIRS), FACTS), Measured(PAIRS, READS, FACTS)
    assert _value(one.minus(other, "overall_clipped")) == pytest.approx(0.5)
    assert _value(one.minus(other, "pairwise")) == pytest.approx(1.5 / 5)
    assert _value(one.minus(other, "veto_f1", "safety")) == pytest.approx(1 / 3)
    # The other's order by verdicts is half right on C: 1.5 of 2.
    assert _value(one.minus(other, "overall_clipped", as_other="overall_verdicts")) == pytest.approx(0.25)
    assert _value(other.minus(one, "pointwise")) == pytest.approx(-4 / 13)
    assert {row.measure for row in one.against(other).rows}.isdisjoint({"selective", "veto_precision"})
    assert one.against(one).row("pairwise").estimate is not None
    with pytest.raises(InputError, match="same pairs"):
        one.minus(Measured([A], READS, FACTS), "pairwise")
    with pytest.raises(InputError, match="same rows"):
        one.minus(other, "selective")


def test_slices_of_a_difference_are_those_of_the_first() -> None:
    # A baseline that says nothing of its training has no unseen criteria of its own.
    one, other = Measured(PAIRS, perfect(PAIRS), FACTS), Measured(PAIRS, READS, BenchFacts())
    assert _value(one.minus(other, "pointwise", where="unseen_criteria")) == pytest.approx(0.5)
    assert other.number("pointwise", where="unseen_criteria").estimate is None
    mine, theirs = (one.number("pointwise", where="unseen_criteria") for one in one.beside(other))
    assert _value(mine) - _value(theirs) == pytest.approx(0.5) and mine.n == theirs.n > 0


def test_many_rows_of_one_group_tell_less_than_as_many_groups() -> None:
    alone = [replace(A, id=f"A{place}", group=f"g{place}") for place in range(12)]
    wrong = {1, 5, 9}  # three of twelve pairs are read the wrong way round
    reads = {
        f"{one.id}/{side}": READS[f"A/{'first' if (side == 'first') != (place in wrong) else 'second'}"]
        for place, one in enumerate(alone)
        for side in ("first", "second")
    }
    together = [replace(one, group=f"g{place % 4}") for place, one in enumerate(alone)]
    assert {place % 4 for place in wrong} == {1}
    for name, kind in (("overall_clipped", "all"), ("veto_f1", "safety")):
        free, tied = (measure(pairs, reads, FACTS).row(name, kind).estimate for pairs in (alone, together))  # type: ignore[arg-type]
        assert free is not None and tied is not None
        assert free.value == pytest.approx(tied.value) == pytest.approx(0.75)
        assert tied.high - tied.low > 1.3 * (free.high - free.low)


def test_the_ablation_without_excellence_orders_without_it() -> None:
    both = pair("D", "g3", [WATER, KIND_WORD], ([True, True], [True, False]))
    reads = {"D/first": read(0.8, 0.9), "D/second": read(0.8, 0.1)}
    full, without = (
        measure([both], reads, FACTS, BenchSettings(weighs_excellence=weighs)).row("overall_clipped").estimate
        for weighs in (True, False)
    )
    assert full is not None and without is not None
    assert (full.value, without.value) == (1.0, 0.5)


def test_the_ablation_without_vetoes_orders_without_them() -> None:
    # By the labels the first of A wins twice over; here S1 says the second, and only the veto the first.
    reads = {"A/first": read(0.6, 0.1), "A/second": read(0.7, 0.9)}
    for name in ("overall_clipped", "overall_lexicographic", "overall_verdicts"):
        full, without = (
            measure([A], reads, FACTS, BenchSettings(weighs_vetoes=weighs)).row(name).estimate  # type: ignore[arg-type]
            for weighs in (True, False)
        )
        assert full is not None and without is not None
        assert (full.value, without.value) == (1.0, 0.5 if name == "overall_verdicts" else 0.0)


def test_what_a_scorer_cannot_read_is_an_abstention_and_never_wrong() -> None:
    reads = READS | {"A/first": Unread("it does not fit"), "B/second": Unread("it does not fit")}
    table = measure(PAIRS, reads, FACTS)
    # Of A's first answer two labels, of B's second two (the third is missing); what is left is A 2 of 2, B 2 of 3, C 2 of 4.
    row = table.row("pointwise")
    assert _value(row) == pytest.approx(6 / 9) and (row.n, row.unread, row.masked) == (9, 4, 1)
    # Both preferences of A and one of B have a reader of one side only.
    row = table.row("pairwise")
    assert _value(row) == pytest.approx(1.5 / 2) and (row.n, row.unread, row.ties) == (2, 3, 1)
    assert (table.row("overall_clipped").n, table.row("overall_clipped").unread) == (1, 1)
    assert table.row("overall_clipped", "all", "seen_criteria").why == "none of it could be read"
    assert table.row("pairwise", "excellence").why == "none of it could be read"
    # A difference is of what both have read: here of B's first, A's second and C.
    one, other = Measured(PAIRS, perfect(PAIRS), FACTS), Measured(PAIRS, reads, FACTS)
    apart, turned = one.minus(other, "pointwise"), other.minus(one, "pointwise")
    assert _value(apart) == pytest.approx(3 / 9) == -_value(turned)
    assert (apart.n, apart.unread, turned.unread) == (9, 4, 4)
    assert _value(one.minus(other, "veto_f1", "safety")) == pytest.approx(1 / 3)
    assert "could read none" in one.minus(other, "pairwise", "excellence").why


@pytest.mark.parametrize(
    ("pairs", "reads", "told"),
    [
        ([A, A], READS, "stands in the pairs twice"),
        ([A], {"A/first": READS["A/first"]}, "answer 'A/second' was not read"),
        ([A], {**READS, "A/first": read(0.5)}, "is not of its 2 criteria"),
        ([A], {**READS, "A/first": Read((0.0, 0.0), (0.5, 1.5))}, "no score or no chance"),
        ([A], {**READS, "A/first": Read((math.nan, 0.0), (0.5, 0.5))}, "no score or no chance"),
    ],
)
def test_what_cannot_be_measured_is_refused(pairs: list[PairSample], reads: dict[str, Read], told: str) -> None:
    with pytest.raises(InputError, match=told):
        measure(pairs, reads, FACTS)


def test_a_band_of_the_whole_scale_is_refused() -> None:
    with pytest.raises(RecordError, match="abstain_within"):
        BenchSettings(abstain_within=0.5)


def _value(row: BenchRow) -> float:
    assert row.estimate is not None
    return row.estimate.value


KINDS: tuple[CriterionKind, ...] = ("proficiency", "excellence", "safety")


@st.composite
def benches(draw: st.DrawFn) -> tuple[list[PairSample], dict[str, Read]]:
    """A few pairs with labels, some missing, and reads of any chances."""
    pairs: list[PairSample] = []
    reads: dict[str, Read] = {}
    for place in range(draw(st.integers(1, 4))):
        count = draw(st.integers(1, 3))
        criteria = tuple(
            Asked(
                text=f"Criterion {number}.",
                kind=draw(st.sampled_from(KINDS)),
                points=draw(st.sampled_from([-3, -1, 1, 2, 5])),
            )
            for number in range(count)
        )
        labels = st.lists(st.sampled_from([True, False, None]), min_size=count, max_size=count)
        made = PairSample(
            id=f"p{place}",
            prompt=(Turn(role="user", content="?"),),
            first="One.",
            second="Two.",
            criteria=criteria,
            met_first=tuple(draw(labels)),
            met_second=tuple(draw(labels)),
            language=draw(st.sampled_from(["en", "zh"])),
            group=f"g{draw(st.integers(0, 2))}",
            keys=tuple(draw(st.sampled_from(["p", "s", "u"])) for _ in range(count)),
            first_by=draw(st.sampled_from(["a", "b", ""])),
        )
        pairs.append(made)
        chances = st.lists(st.sampled_from([0.0, 0.2, 0.45, 0.5, 0.6, 0.9, 1.0]), min_size=count, max_size=count)
        reads |= {item.id: read(*draw(chances)) for item in made.items}
    return pairs, reads


def _values(table: BenchTable) -> list[tuple[float | None, int, int, int]]:
    return [
        (None if row.estimate is None else round(row.estimate.value, 9), row.n, row.ties, row.masked)
        for row in table.rows
    ]


@given(benches())
def test_which_answer_comes_first_changes_nothing(bench: tuple[list[PairSample], dict[str, Read]]) -> None:
    pairs, reads = bench
    turned = [
        replace(
            one,
            first=one.second,
            second=one.first,
            met_first=one.met_second,
            met_second=one.met_first,
            first_by=one.second_by,
            second_by=one.first_by,
        )
        for one in pairs
    ]
    swapped = {
        f"{one.id}/{side}": reads[f"{one.id}/{other}"]
        for one in pairs
        for side, other in (("first", "second"), ("second", "first"))
    }
    assert _values(measure(pairs, reads, FACTS)) == _values(measure(turned, swapped, FACTS))


@given(benches())
def test_a_row_has_a_number_with_its_interval_or_a_reason(bench: tuple[list[PairSample], dict[str, Read]]) -> None:
    pairs, reads = bench
    table = measure(pairs, reads, FACTS)
    for row in table.rows:
        assert (row.estimate is None) == bool(row.why)
        assert row.estimate is None or (0 <= row.estimate.low <= row.estimate.high <= 1 and row.estimate.n == row.n > 0)
    labels = sum(one is not None for pair in pairs for one in (*pair.met_first, *pair.met_second))
    asked = sum(2 * len(pair.criteria) for pair in pairs)
    everywhere = table.row("pointwise")
    assert (everywhere.n, everywhere.masked) == (labels, asked - labels)
    pairwise, overall = table.row("pairwise"), table.row("overall_sum")
    assert pairwise.n + pairwise.ties + pairwise.masked == sum(len(pair.criteria) for pair in pairs)
    assert overall.n + overall.ties + overall.masked == len(pairs)


@given(benches())
def test_whoever_reads_the_labels_is_right_throughout(bench: tuple[list[PairSample], dict[str, Read]]) -> None:
    pairs, _ = bench
    known = [one for one in pairs if None not in (*one.met_first, *one.met_second)]
    if not known:
        return
    table = measure(known, perfect(known), FACTS)
    for row in table.rows:
        if row.estimate is None:
            continue
        if row.measure in ("brier", "calibration_error"):
            assert row.estimate.value == 0
        elif row.measure not in ("overall_clipped", "overall_sum"):  # a sum may order otherwise than the labels do
            assert row.estimate.value == 1


@given(benches(), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_what_is_said_of_a_missing_label_counts_nowhere(
    bench: tuple[list[PairSample], dict[str, Read]], chance: float
) -> None:
    pairs, reads = bench
    changed = {
        item.id: read(
            *(chance if one is None else said for one, said in zip(met, reads[item.id].probabilities, strict=True))
        )
        for pair in pairs
        for item, met in zip(pair.items, (pair.met_first, pair.met_second), strict=True)
    }
    before, after = (measure(pairs, one, FACTS) for one in (reads, changed))
    for one, other in zip(before.rows, after.rows, strict=True):
        # The overall order is of whole answers: there a criterion without a label is read too.
        assert one.measure.startswith("overall") or one == other
