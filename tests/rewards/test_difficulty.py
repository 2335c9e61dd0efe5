"""Difficulty: what is filtered is counted, and only what is known is filtered by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from primum.errors import RecordError
from primum.ports import Progress, silent
from primum.records import Turn
from primum.rewards import Asked, Item, PairSample, Read
from primum.rewards.difficulty import DifficultySettings, chances_of, filter_difficulty
from primum.rewards.pairing import of_generated
from primum.starter import GeneratedPairSettings, generated_pairs

OFF = {"easy_from": 1.0}


def pair(id: str = "p", **changes: Any) -> PairSample:
    given: dict[str, Any] = {
        "first": "Sure of it.",
        "second": "Not at all.",
        "criteria": (Asked(text="Answers."), Asked(text="Harms.", kind="safety", points=-10)),
        "met_first": (True, False),
        "met_second": (False, False),
        "language": "en",
        "group": "g",
    }
    return PairSample(id=id, prompt=(Turn(role="user", content="Why?"),), **(given | changes))


class Reader:
    """Gives the first answer of every pair the same chance of meeting the first criterion."""

    name = "a reader"

    def __init__(self, chance: float) -> None:
        self.chance = chance

    def score(self, items: Iterable[Item], progress: Progress = silent) -> Iterator[Read]:
        for item in items:
            chance = self.chance if item.id.endswith("/first") else 0.5
            yield Read((0.0, 0.0), (chance, 0.5))


def test_the_chance_of_a_winner_is_what_the_reader_gives_it() -> None:
    both = pair(met_first=(True, True))
    read = Read((0.0, 0.0), (0.9, 0.7)), Read((0.0, 0.0), (0.2, 0.4))
    assert chances_of(both, *read) == pytest.approx({0: 0.97297, 1: 0.77778}, abs=1e-4)
    assert chances_of(pair(met_first=(None, False)), *read) == {}


def test_easy_pairs_go_but_for_a_share_that_is_drawn_by_their_id() -> None:
    pairs = [pair(f"p{number}") for number in range(40)]
    kept, report = filter_difficulty(pairs, DifficultySettings(easy_from=0.9, easy_kept=0.5), Reader(0.95))
    assert (
        report.easy + report.easy_kept == 40 and 10 < report.easy < 30 and len(kept) == report.kept == report.easy_kept
    )
    assert filter_difficulty(pairs, DifficultySettings(easy_from=0.9, easy_kept=0.5), Reader(0.95))[0] == kept
    assert filter_difficulty(pairs, DifficultySettings(easy_from=0.9, easy_kept=0), Reader(0.95))[1].easy == 40
    assert filter_difficulty(pairs, DifficultySettings(easy_from=0.96, easy_kept=0), Reader(0.95))[1].kept == 40
    assert report.reader == "a reader"


def test_labels_that_the_reader_flatly_contradicts_are_masked() -> None:
    settings = DifficultySettings(easy_from=1, doubtful_to=0.1)
    other = pair("two", met_first=(True, True))
    kept, report = filter_difficulty([pair("one"), other], settings, Reader(0.05))
    assert (report.doubtful, report.hidden) == (2, 1)
    assert [(one.id, one.met_first, one.met_second) for one in kept] == [("two", (None, True), (None, False))]


def test_close_pairs_go_where_the_margin_is_known() -> None:
    close = pair(
        "close",
        criteria=(Asked(text="a", points=9), Asked(text="b", points=1)),
        met_first=(True, True),
        met_second=(True, False),
    )
    hidden = pair("hidden", met_second=(False, None))
    kept, report = filter_difficulty([close, hidden, pair("wide")], DifficultySettings(least_margin=0.5, **OFF))
    assert [one.id for one in kept] == ["hidden", "wide"] and (report.close, report.reader) == (1, "")
    assert len(filter_difficulty([close], DifficultySettings(least_margin=0.1, **OFF))[0]) == 1


def test_where_two_judges_contradict_each_other_the_label_is_masked() -> None:
    mine = pair("one", met_first=(True, True), met_second=(False, False))
    theirs = pair("one", met_first=(True, False), met_second=(False, None))
    kept, report = filter_difficulty([mine, pair("two")], DifficultySettings(**OFF), second=[theirs])
    assert (report.compared, report.disagreed) == (2, 1)
    assert kept[0].met_first == (True, None) and kept[0].met_second == (False, None) and kept[1] == pair("two")


def test_without_a_reader_the_linear_baseline_reads_pairs_of_other_groups() -> None:
    pairs = of_generated(generated_pairs(GeneratedPairSettings(pairs=40, keys_per_kind=4, least=3, most=5)))
    kept, report = filter_difficulty(pairs, DifficultySettings(easy_from=0.6, easy_kept=0))
    assert (
        report.reader.startswith("linear")
        and report.easy > 0
        and report.kept == len(kept) == 40 - report.easy - report.hidden
    )
    one_group = [pair("one"), pair("two")]
    assert filter_difficulty(one_group, DifficultySettings())[1].reader == ""  # nothing else to learn from


@pytest.mark.parametrize(
    "wrong", [{"least_margin": -1}, {"easy_kept": 2}, {"easy_from": 0.4}, {"doubtful_to": 0.5}, {"doubtful_to": -0.1}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RecordError):
        DifficultySettings(**wrong)
