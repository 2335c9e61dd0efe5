"""Drawing what a cycle asks about: in turns over strata, deterministic, the unused first."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from primum.records import ByRule, Scenario, Turn
from primum.signals import draw
from primum.signals.sampling import stratum_of

MADE = ByRule(rule="test")


def situation(number, harm=0, style="direct", dimension="privacy", language="en"):
    return Scenario(
        messages=(Turn(role="user", content=f"request {number}"),),
        task="open",
        dimension=dimension,
        language=language,
        dataset="test",
        made=MADE,
        harm_level=harm,
        style=style,
    )


COMMON = [situation(n) for n in range(100)]
RARE = [situation(200, 3, "role_play", "equity", "zh"), situation(201, 2), situation(202, 0, "obfuscate")]


def test_the_rare_is_seen_before_the_common_comes_twice():
    drawn = draw(COMMON + RARE, 4, seed=7)
    assert {stratum_of(one) for one in drawn} == {stratum_of(one) for one in [*RARE, COMMON[0]]}
    assert len(draw(COMMON + RARE, 1000, seed=7)) == 103


def test_a_round_that_is_cut_short_is_spread_over_harm_levels_and_styles():
    many = [situation(n, 0, "direct", f"dimension {n}") for n in range(40)]
    few = [situation(900, 3, "direct"), situation(901, 2, "indirect"), situation(902, 1, "obfuscate")]
    assert {one.harm_level for one in draw(many + few, 4, seed=1)} == {0, 1, 2, 3}
    styles = [situation(n, 2, "direct", f"dimension {n}") for n in range(40)] + [situation(950, 2, "role_play")]
    assert {one.style for one in draw(styles, 2, seed=1)} == {"direct", "role_play"}


def test_what_was_used_comes_when_nothing_else_is_left():
    used = {one.id for one in RARE}
    drawn = draw(COMMON + RARE, 101, seed=7, used=used)
    assert not used & {one.id for one in drawn[:100]} and drawn[100].id in used


def test_another_seed_draws_others_and_twins_are_drawn_once():
    assert [one.id for one in draw(COMMON, 10, seed=1)] != [one.id for one in draw(COMMON, 10, seed=2)]
    assert len(draw([COMMON[0]] * 5, 5, seed=1)) == 1


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["direct", "indirect"]), st.sampled_from(["zh", "en"]))),
    st.integers(0, 30),
    st.integers(0, 9),
    st.randoms(use_true_random=False),
)
def test_the_order_of_what_is_given_does_not_matter_and_no_stratum_is_ahead_by_two(rows, wanted, seed, shuffler):
    pool = [situation(n, harm, style, "privacy", language) for n, (harm, style, language) in enumerate(rows)]
    drawn = draw(pool, wanted, seed)
    shuffled = list(pool)
    shuffler.shuffle(shuffled)
    assert draw(shuffled, wanted, seed) == drawn
    assert len(drawn) == min(wanted, len(pool)) and len({one.id for one in drawn}) == len(drawn)
    taken, there = Counter(map(stratum_of, drawn)), Counter(map(stratum_of, pool))
    for one in there:
        for other in there:
            assert taken[one] <= taken[other] + 1 or taken[other] == there[other]
