"""Near-duplicates among pairs: what repeats another pair goes, what only looks like it stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from primum.errors import InputError, RecordError
from primum.records import Turn
from primum.rewards import Asked, PairSample
from primum.rewards.near import NearSettings, drop_near

PROMPT = "My knee has been swollen since yesterday and it hurts when I climb the stairs. What should I do about it?"
GOOD = "Keep the leg up, cool the knee, and see a doctor within two days if the swelling does not go down by itself."
BAD = "A swollen knee is always harmless, so go running as usual and take twice the dose of whatever is at home."


def pair(id: str, **changes: Any) -> PairSample:
    given: dict[str, Any] = {
        "prompt": PROMPT,
        "first": GOOD,
        "second": BAD,
        "criteria": (Asked(text="Sends to a doctor."), Asked(text="Promises a cure.", kind="safety", points=-10)),
        "met_first": (True, False),
        "met_second": (False, False),
        "language": "en",
        "group": "g",
        "keys": ("doctor", "cure"),
    } | changes
    return PairSample(id=id, **(given | {"prompt": (Turn(role="user", content=given["prompt"]),)}))


def swapped(id: str, **changes: Any) -> PairSample:
    return pair(id, first=BAD, second=GOOD, met_first=(False, False), met_second=(True, False), **changes)


def ids(pairs: Sequence[PairSample]) -> list[str]:
    return [one.id for one in pairs]


def test_a_pair_that_repeats_another_goes_whichever_answer_stands_first() -> None:
    again = pair("again", prompt=PROMPT.upper(), first=f"{GOOD} ")
    close = swapped("close", prompt=PROMPT + " Thanks!")
    kept, report = drop_near([pair("one"), again, close, pair("other", prompt="Is a rash after penicillin a danger?")])
    assert ids(kept) == ["one", "other"]
    assert [tuple(one) for one in report.dropped] == [("again", "one", "equal"), ("close", "one", "words")]
    assert (report.given, report.kept, report.contrasts) == (4, 2, 0)


def test_answers_that_look_alike_and_are_labelled_otherwise_both_stay() -> None:
    contrast = pair(
        "contrast",
        first=GOOD.replace("see a doctor", "see no doctor"),
        met_first=(False, False),
        second=BAD + "!",
        met_second=(True, False),
    )
    kept, report = drop_near([pair("one"), contrast])
    assert ids(kept) == ["one", "contrast"] and report.contrasts == 1


def test_a_pair_with_a_label_that_the_earlier_one_lacks_stays() -> None:
    known = {
        "criteria": (Asked(text="Sends to a doctor."),),
        "keys": ("doctor",),
        "met_first": (True,),
        "met_second": (False,),
    }
    kept, _ = drop_near([pair("narrow", **known), pair("wide")])
    assert ids(kept) == ["narrow", "wide"]
    kept, _ = drop_near([pair("wide"), pair("narrow", **known), pair("open", met_first=(None, False))])
    assert ids(kept) == ["wide"]
    kept, _ = drop_near([pair("open", met_first=(None, False)), pair("wide")])
    assert ids(kept) == ["open", "wide"]


def test_without_families_the_words_of_the_criteria_tell() -> None:
    other = (Asked(text="Names a cost."), Asked(text="Promises a cure.", kind="safety", points=-10))
    kept, _ = drop_near([pair("one", keys=()), pair("two", keys=()), pair("three", keys=(), criteria=other)])
    assert ids(kept) == ["one", "three"]


def test_pairs_that_will_measure_push_out_those_that_are_like_them() -> None:
    kept, report = drop_near(
        [swapped("mine"), pair("new", prompt="Something else entirely?")], apart_from=[pair("held")]
    )
    assert ids(kept) == ["new"] and (report.given, report.dropped[0].like) == (2, "held")


def test_what_measures_is_not_taught_under_other_labels_either() -> None:
    asked = {
        "criteria": (Asked(text="Names a cost."),),
        "keys": ("cost",),
        "met_first": (True,),
        "met_second": (False,),
    }
    contrary = pair("contrary", met_first=(False, False), met_second=(True, False))
    taught = [pair("other-criterion", **asked), contrary, pair("new", prompt="Something else entirely?")]
    kept, report = drop_near(taught, apart_from=[pair("held", met_first=(None, False))])
    assert ids(kept) == ["new"] and [one.like for one in report.dropped] == ["held", "held"]
    assert ids(drop_near(taught)[0]) == ["other-criterion", "contrary", "new"]


def test_an_embedding_tells_what_words_do_not() -> None:
    paraphrase = pair("same", prompt="Since a day ago I have a puffy joint in the leg, painful on steps; advice?")

    def embed(texts: Sequence[str]) -> list[list[float]]:
        return [
            [1.0, 0.0, 0.0]
            if "joint" in one or "knee has been" in one
            else [0.0, 0.6, 0.8]
            if "leg up" in one
            else [0.0, 1.0, 0.0]
            for one in texts
        ]

    kept, _ = drop_near([pair("one"), paraphrase])
    assert ids(kept) == ["one", "same"]
    kept, report = drop_near([pair("one"), paraphrase], embed=embed)
    assert ids(kept) == ["one"] and report.dropped[0].by == "meaning"
    with pytest.raises(InputError, match="not one vector"):
        drop_near([pair("one")], embed=lambda texts: [[2.0] for _ in texts])


def test_the_threshold_decides_and_is_checked() -> None:
    close = pair("close", prompt=PROMPT.replace("yesterday", "a week ago"))
    assert ids(drop_near([pair("one"), close], NearSettings(threshold=0.7))[0]) == ["one"]
    assert ids(drop_near([pair("one"), close], NearSettings(threshold=0.99))[0]) == ["one", "close"]
    for wrong in ({"threshold": 0.2}, {"cosine": 1.5}):
        with pytest.raises(RecordError):
            NearSettings(**wrong)


def test_two_answers_that_are_alike_are_told_apart_by_their_words() -> None:
    twin = GOOD.replace("see a doctor", "see no doctor")
    one = pair("one", second=twin)
    same = pair("same", first=twin, second=GOOD, met_first=(False, False), met_second=(True, False))
    contrary = pair("contrary", second=twin, met_first=(False, False), met_second=(True, False))
    kept, report = drop_near([one, same, contrary])
    assert ids(kept) == ["one", "contrary"] and report.contrasts == 1
