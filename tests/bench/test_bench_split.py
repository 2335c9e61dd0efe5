"""Splits and the search for leaks, which find near-duplicates by different means and must agree."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.bench.leaks import leaks
from primum.bench.near import grams, said
from primum.bench.split import SplitSettings, split
from primum.errors import RecordError
from primum.records import ByImport, ByModel, ByRule, Choice, Language, Origin, Scenario, Split, Turn

_WORDS = """
fever rash clinic dose ward nurse scan blood test cough knee heart lung night child visit letter record consent chart
water sleep sugar salt tablet needle doctor family refuse pain later early often never week month hand foot eye ear
"""
WORDS = _WORDS.split()


def sentence(seed: int, length: int = 14) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length)) + f" {seed}"


def situation(
    text: str,
    *,
    norms: tuple[str, ...] = (),
    made: Origin | None = None,
    given: Split | None = None,
    language: Language = "en",
) -> Scenario:
    return Scenario(
        messages=(Turn(role="user", content=text),),
        task="open",
        dimension="d",
        language=language,
        dataset="test",
        made=made or (ByRule(rule="test") if norms else ByImport(dataset="test", row=text)),
        norms=norms,
        split=given,
    )


def test_near_duplicates_and_one_norm_stay_together() -> None:
    base = sentence(1)
    pool = [situation(sentence(seed)) for seed in range(2, 60)]
    near = [situation(base), situation(base.upper() + "!"), situation(base.replace(" ", "  ", 3) + " ?")]
    tied = [situation(sentence(100 + i), norms=("norm-1",)) for i in range(5)]
    result = split([*pool, *near, *tied])
    clusters = {s.prompt: (s.cluster, s.split) for s in result.scenarios}
    assert len({clusters[s.prompt] for s in near}) == 1
    assert len({clusters[s.prompt] for s in tied}) == 1
    assert result.clusters == 58 + 2 and result.left_out == []
    assert len({s.cluster for s in result.scenarios}) == 60
    assert [s.prompt for s in result.scenarios] == [s.prompt for s in [*pool, *near, *tied]]


def test_jaccard_worked_by_hand() -> None:
    # "abcdefgh" has the grams abcde bcdef cdefg defgh, "abcdefgx" abcde bcdef cdefg defgx: 3 shared of 5, 0.6.
    one, other = situation("abcdefgh"), situation("abcdefgx")
    assert len(grams("abcdefgh") & grams("abcdefgx")) == 3 and len(grams("abcdefgh") | grams("abcdefgx")) == 5
    assert split([one, other], SplitSettings(threshold=0.6)).clusters == 1
    assert split([one, other], SplitSettings(threshold=0.61)).clusters == 2
    assert grams("abc") == {"abc"}


def test_norms_of_the_crosswalk_do_not_tie() -> None:
    imported = ByImport(dataset="x", row="1")
    apart = [situation(sentence(i), norms=("norm-1",), made=imported) for i in range(6)]
    assert split(apart).clusters == 6
    drafted = [situation(sentence(i), norms=("norm-1",), made=ByModel(model="m")) for i in range(6)]
    assert split(drafted).clusters == 1
    assert split([apart[0], drafted[1]]).clusters == 2


def test_options_and_earlier_turns_count() -> None:
    short = [
        Scenario(
            messages=(
                Turn(role="user", content=sentence(i)),
                Turn(role="assistant", content="Yes?"),
                Turn(role="user", content="go on"),
            ),
            task="open",
            dimension="d",
            language="en",
            dataset="t",
            made=ByRule(rule="t"),
        )
        for i in range(4)
    ]
    assert split(short).clusters == 4
    asked = [
        Scenario(
            messages=(Turn(role="user", content="Which of these is said in article nine?"),),
            task="single_choice",
            dimension="d",
            language="en",
            dataset="t",
            made=ByRule(rule="t"),
            options=(Choice(letter="A", text=sentence(i)), Choice(letter="B", text=sentence(i + 50))),
            key=("A",),
        )
        for i in range(4)
    ]
    assert split(asked).clusters == 4


@pytest.mark.parametrize(
    ("first", "second", "left_out"),
    [("train", "test", "train"), ("dev", "test", "dev"), ("train", "dev", "train"), ("test", "test", None)],
)
def test_given_splits_win_and_the_weaker_is_left_out(first: Split, second: Split, left_out: Split | None) -> None:
    text = sentence(7)
    one, other, free = situation(text, given=first), situation(text + ".", given=second), situation(text + "!")
    result = split([one, other, free])
    assert [s.split for s in result.left_out] == ([left_out] if left_out else [])
    kept = {s.prompt: s.split for s in result.scenarios}
    assert kept[free.prompt] == second and kept[other.prompt] == second
    assert leaks(result.scenarios) == []


def test_given_splits_are_kept() -> None:
    pool = [situation(sentence(i), given=("train", "dev", "test")[i % 3]) for i in range(30)]  # type: ignore[arg-type]
    assert [s.split for s in split(pool).scenarios] == [s.split for s in pool]


def test_shares_hold_on_average_and_move_with_the_seed() -> None:
    pool = [situation(sentence(i)) for i in range(1500)]
    result = split(pool, SplitSettings(train=0.6, dev=0.1, test=0.3, seed=5))
    shares = Counter(s.split for s in result.scenarios)
    assert abs(shares["train"] / 1500 - 0.6) < 0.04 and abs(shares["dev"] / 1500 - 0.1) < 0.03
    other = split(pool, SplitSettings(train=0.6, dev=0.1, test=0.3, seed=6))
    assert [s.split for s in other.scenarios] != [s.split for s in result.scenarios]


def test_a_group_depends_on_its_own_content_alone() -> None:
    pool = [situation(sentence(i)) for i in range(60)]
    small = {s.prompt: (s.split, s.cluster) for s in split(pool[:20]).scenarios}
    large = {s.prompt: (s.split, s.cluster) for s in split(pool[::-1]).scenarios}
    assert all(large[prompt] == where for prompt, where in small.items())


@pytest.mark.parametrize("shares", [{"train": 0.5}, {"train": 1.2, "dev": -0.2, "test": 0.0}, {"threshold": 0.2}])
def test_settings_that_cannot_be_followed(shares: dict[str, float]) -> None:
    with pytest.raises(RecordError, match=r"are no shares|is not between"):
        SplitSettings(**shares)


def edited(text: str, rng: random.Random) -> str:
    """`text` with one character changed, dropped or added."""
    place = rng.randrange(len(text))
    return rng.choice(
        (text[:place] + "#" + text[place + 1 :], text[:place] + text[place + 1 :], text[:place] + "~" + text[place:])
    )


def test_every_planted_leak_is_found() -> None:
    rng = random.Random(3)
    clean = [situation(sentence(i, 20), given=("train", "dev", "test")[i % 3]) for i in range(300)]  # type: ignore[arg-type]
    assert leaks(clean) == []
    planted = []
    for victim in clean[::3]:
        copy = edited(victim.prompt, rng)
        planted.append((victim.id, situation(copy, given="test" if victim.split != "test" else "train")))
    found = {frozenset((one, other)) for one, other, _ in leaks([*clean, *(copy for _, copy in planted)])}
    assert found == {frozenset((victim, copy.id)) for victim, copy in planted}
    tied = [
        situation(sentence(900), norms=("norm-9",), given="train"),
        situation(sentence(901), norms=("norm-9",), given="test"),
    ]
    ((one, other, why),) = leaks([*clean, *tied])
    assert {one, other} == {tied[0].id, tied[1].id} and why == "drafted from norm-9"


def exact(scenarios: list[Scenario], threshold: float) -> set[frozenset[str]]:
    """All pairs across splits, by comparing each with each: the definition."""
    found = set()
    for i, one in enumerate(scenarios):
        for other in scenarios[:i]:
            a, b = grams(said(one)), grams(said(other))
            if one.split != other.split and len(a & b) / len(a | b) >= threshold:
                found.add(frozenset((one.id, other.id)))
    return found


texts = st.lists(
    st.builds(
        lambda base, cut, tail: sentence(base, 8)[cut:] + tail,
        st.integers(0, 4),
        st.integers(0, 12),
        st.text(alphabet="ab 中文，", max_size=6),
    ).filter(lambda text: bool(text.strip())),
    min_size=2,
    max_size=24,
    unique=True,
)


@settings(max_examples=60, deadline=None)
@given(texts, st.sampled_from([0.5, 0.65, 0.8, 0.95]), st.integers(0, 9))
def test_the_search_for_leaks_is_exact(prompts: list[str], threshold: float, seed: int) -> None:
    rng = random.Random(seed)
    placed = [situation(text, given=rng.choice(("train", "dev", "test"))) for text in prompts]
    assert {frozenset((one, other)) for one, other, _ in leaks(placed, threshold)} == exact(placed, threshold)


@settings(max_examples=40, deadline=None)
@given(texts, st.lists(st.sampled_from([None, None, "train", "dev", "test"]), min_size=24, max_size=24), st.data())
def test_nothing_crosses_a_split(prompts: list[str], givens: list[Split | None], data: st.DataObject) -> None:
    pool = []
    for text, given_split in zip(prompts, givens, strict=False):
        norms = tuple(data.draw(st.lists(st.sampled_from(["norm-1", "norm-2", "norm-3"]), max_size=2, unique=True)))
        pool.append(situation(text, norms=norms, given=given_split))
    result = split(pool, SplitSettings(threshold=0.7, seed=len(pool)))
    assert leaks(result.scenarios, 0.7) == []
    assert len(result.scenarios) + len(result.left_out) == len(pool)
    assert all(s.split is not None and s.cluster for s in result.scenarios)
    assert all(s.split in ("train", "dev") for s in result.left_out)
    by_cluster: dict[str, set[str | None]] = {}
    for scenario in result.scenarios:
        by_cluster.setdefault(scenario.cluster, set()).add(scenario.split)
    assert all(len(splits) == 1 for splits in by_cluster.values())
    again = split(pool, SplitSettings(threshold=0.7, seed=len(pool)))
    assert again == result
