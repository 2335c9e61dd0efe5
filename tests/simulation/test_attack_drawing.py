"""Which requests are rewritten, for which split, and what is told of those left out."""

from collections import Counter

import msgspec
import pytest

from primum.errors import RecordError
from primum.records import ByImport, Choice, Scenario, Turn
from primum.simulation import STYLES, AttackSettings, attacks_for, rewrite_all


def requests(dataset, count, harm_level=0, language="en", **further):
    text = {"en": "What does rule {} of {} say about consent?", "zh": "{}号规定（{}）对知情同意是怎么说的？"}[language]
    return [
        Scenario(
            messages=(Turn(role="user", content=text.format(number, dataset)),),
            task="open",
            dimension="consent",
            language=language,
            dataset=dataset,
            made=ByImport(dataset=dataset, row=str(number)),
            harm_level=harm_level,
            **further,
        )
        for number in range(count)
    ]


def test_half_are_harmful_and_sets_and_languages_take_turns():
    pool = (
        requests("a", 200, 3)
        + requests("b", 5, 2)
        + requests("c", 90, 1, "zh")
        + requests("d", 300)
        + requests("e", 50)
    )
    found = rewrite_all(pool, STYLES, 40, 0)
    assert found.refused == []
    for style in STYLES:
        own = [one for one in found.scenarios if one.style == style]
        assert Counter(one.dataset for one in own) == {"a": 8, "b": 5, "c": 7, "d": 10, "e": 10}
        assert len({one.id for one in own}) == 40


def test_styles_are_compared_on_the_same_requests():
    found = rewrite_all(requests("a", 50, 3) + requests("d", 50), STYLES, 20, 0)
    of = {style: {one.rewrites for one in found.scenarios if one.style == style} for style in STYLES}
    assert len({frozenset(names) for names in of.values()}) == 1


def test_the_order_of_the_pool_does_not_matter_and_the_seed_does():
    pool = requests("a", 50, 3) + requests("d", 50)
    found = rewrite_all(pool, ("indirect",), 20, 0)
    assert rewrite_all(pool[::-1], ("indirect",), 20, 0) == found
    assert {one.rewrites for one in rewrite_all(pool, ("indirect",), 20, 1).scenarios} != {
        one.rewrites for one in found.scenarios
    }


def test_what_does_not_hold_is_told_and_the_next_takes_its_place():
    broken = [
        msgspec.structs.replace(one, messages=(Turn(role="user", content=f"{one.prompt} <|end|>"),))
        for one in requests("a", 30, 3)
    ]
    found = rewrite_all(broken + requests("a", 40, 2), ("indirect", "role_play"), 10, 0)
    assert Counter(one.style for one in found.scenarios) == {"indirect": 10, "role_play": 10}
    assert all(one.harm_level == 2 for one in found.scenarios)
    names = {one.id for one in broken}
    assert found.refused and all(name in names and "'<|end|>'" in reason for name, _, reason in found.refused)
    assert {style for _, style, _ in found.refused} == {"indirect", "role_play"}


def test_where_there_are_too_few_all_are_taken():
    found = rewrite_all(requests("a", 3, 3) + requests("d", 4), ("indirect",), 40, 0)
    assert len(found.scenarios) == 7


def test_only_plain_open_requests_are_drawn():
    choice = [
        msgspec.structs.replace(
            one, task="single_choice", options=(Choice(letter="A", text="y"), Choice(letter="B", text="n")), key=("A",)
        )
        for one in requests("a", 5)
    ]
    styled = requests("b", 5, style="indirect")
    again = rewrite_all(requests("c", 5), ("role_play",), 5, 0).scenarios
    assert rewrite_all([*choice, *styled, *again], STYLES, 10, 0) == ([], [])


def test_held_out_styles_and_published_sets():
    by_split = {
        "train": requests("a", 60, 3) + requests("d", 60),
        "dev": requests("f", 20, 3) + requests("g", 20),
        "test": requests("h", 40, 3) + requests("i", 40) + requests("xstest", 40, 0, is_borderline=True),
    }
    settings = AttackSettings(taught=("obfuscate",), held_out=("role_play", "multi_turn"), train=30, dev=10, test=16)
    found = attacks_for(by_split, settings)
    assert Counter(one.style for one in found["train"].scenarios) == {"obfuscate": 30}
    assert Counter(one.style for one in found["dev"].scenarios) == {"obfuscate": 10}
    assert Counter(one.style for one in found["test"].scenarios) == {"obfuscate": 16, "role_play": 16, "multi_turn": 16}
    assert Counter(one.harm_level > 0 for one in found["test"].scenarios) == {True: 24, False: 24}
    assert "xstest" not in {one.dataset for one in found["test"].scenarios}
    for split, scenarios in by_split.items():
        assert {one.rewrites for one in found[split].scenarios} <= {one.id for one in scenarios}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"taught": ("indirect", "role_play")}, "name one twice"),
        ({"taught": ("direct",)}, "leave it out"),
        ({"test": -1}, "is below 0"),
        ({"taught": ("whispered",)}, "is not allowed here"),
    ],
)
def test_settings_that_cannot_be_followed_say_why(given, told):
    with pytest.raises(RecordError, match=told):
        AttackSettings(**given)
