"""Targeted prompts: the weak cells in turn, a share from elsewhere, nothing used, nothing of dev and test."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.bench.targeted import targeted
from primum.errors import InputError
from primum.records import ByRule, Choice, Scenario, Turn

STYLES = ("direct", "indirect", "obfuscate", "role_play")


def item(number, dimension="a", style="direct", split="train", borderline=False, language="en", task="open"):
    options = (Choice(letter="A", text="yes"), Choice(letter="B", text="no")) if task != "open" else ()
    return Scenario(
        messages=(Turn(role="user", content=f"Situation {number}: what now?"),),
        task=task,
        dimension=dimension,
        language=language,
        dataset="test",
        made=ByRule(rule="test"),
        harm_level=0 if borderline or task != "open" else 2,
        style=style,
        is_borderline=borderline,
        split=split,
        options=options,
        key=("A",) if options else (),
        item=f"{language}-{number:012x}",
    )


def pool(each=10):
    """Four dimensions × four styles, half zh, half en; harmless look-alikes in the direct style."""
    found = []
    for dimension in "abcd":
        for style in STYLES:
            for turn in range(each):
                language = ("zh", "en")[turn % 2]
                soft = style == "direct" and turn < each // 2
                found.append(item(len(found), dimension, style, borderline=soft, language=language))
    return found


def cells_of(found):
    return Counter((one.dimension, one.style) for one in found)


def test_weak_cells_give_an_item_each_in_turn_and_the_rest_comes_from_elsewhere():
    weak = [("a", "role_play"), ("c", "indirect")]
    found = targeted(pool(), weak, 20, seed=1, taken=())
    assert len(found) == len({one.id for one in found}) == 20
    assert [(one.dimension, one.style) for one in found[:14]] == weak * 7
    assert all((one.dimension, one.style) not in weak for one in found[14:])
    assert [one.is_borderline for one in found[14:17]] == [True] * 3
    assert {one.language for one in found[:4]} == {"zh", "en"}


def test_what_is_taken_never_comes_again_and_what_lacks_is_made_up_for():
    weak = [("a", "role_play")]
    first = targeted(pool(), weak, 12, 1, ())
    second = targeted(pool(), weak, 12, 2, {one.item for one in first})
    assert not {one.item for one in first} & {one.item for one in second}
    assert cells_of(first)["a", "role_play"] == 9 and cells_of(second)["a", "role_play"] == 1 and len(second) == 12


def test_a_pool_that_is_too_small_gives_all_it_has():
    small = pool(2)
    assert sorted(one.id for one in targeted(small, [("a", "direct")], 500, 3, ())) == sorted(one.id for one in small)
    assert targeted([], [("a", "direct")], 5, 3, ()) == [] and targeted(small, [], 0, 3, ()) == []


def test_without_cells_every_cell_is_drawn_from_alike():
    found = targeted(pool(), (), 32, 4, ())
    assert set(cells_of(found).values()) == {2} and len(cells_of(found)) == 16


def test_only_open_items_of_the_train_split():
    others = [item(900, split="dev"), item(901, split="test"), item(902, split=None), item(903, task="single_choice")]
    mine = [item(904), item(905, dimension="b")]
    found = targeted(others + mine, [("a", "direct")], 10, 5, ())
    assert {one.id for one in found} == {one.id for one in mine}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 9), st.floats(0, 1), st.randoms())
def test_the_order_of_the_pool_does_not_matter_and_nothing_comes_twice(count, seed, others, shuffler):
    items = pool(3)
    mixed = list(items)
    shuffler.shuffle(mixed)
    weak = [("b", "obfuscate"), ("nowhere", "direct")]
    found = targeted(items, weak, count, seed, (), others)
    assert found == targeted(mixed, weak, count, seed, (), others)
    assert len(found) == min(count, len(items)) == len({one.item for one in found})


def test_another_seed_draws_others():
    assert targeted(pool(), (), 16, 1, ()) != targeted(pool(), (), 16, 2, ())


@pytest.mark.parametrize(("count", "others"), [(-1, 0.3), (5, 1.1), (5, -0.1)])
def test_a_draw_that_makes_no_sense_is_refused(count, others):
    with pytest.raises(InputError, match="cannot be drawn"):
        targeted(pool(), [], count, 1, (), others)
