"""Pairs as a file: what is written is read again, and what is no pair is refused where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.errors import InputError, StoreError
from primum.records import Turn
from primum.rewards import Asked, PairSample
from primum.rewards.pair_file import read_pairs, write_pairs


def pair(id: str = "p1", **changes: Any) -> PairSample:
    given: dict[str, Any] = {
        "prompt": (Turn(role="user", content="What helps?"),),
        "first": "See a doctor.\u2028Now.",
        "second": "药能治好。",
        "criteria": (Asked(text="Promises a cure.", kind="safety", points=-10), Asked(text="Sends to a doctor.")),
        "met_first": (False, True),
        "met_second": (True, None),
        "language": "en",
        "group": "g1",
        "keys": ("cure", "doctor"),
    }
    return PairSample(id=id, **(given | changes))


def plain(**changes: Any) -> str:
    row = {
        "id": "p1",
        "prompt": [{"role": "user", "content": "What helps?"}],
        "first": "a",
        "second": "b",
        "criteria": [{"text": "c"}],
        "met_first": [True],
        "met_second": [None],
        "language": "en",
        "group": "g",
    }
    return json.dumps(row | changes)


def test_what_is_written_is_read_again_in_order(tmp_path: Path) -> None:
    pairs = [pair("b", is_simulated=True, first_by="one", records=("response-1",)), pair("a", keys=())]
    assert write_pairs(tmp_path / "pairs.jsonl", iter(pairs)) == 2
    assert read_pairs(tmp_path / "pairs.jsonl") == pairs
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.jsonl"]


@given(text=st.text(st.characters(blacklist_categories=("Cs",)), min_size=1).filter(lambda one: bool(one.split())))
def test_any_text_goes_through_the_file(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "pairs.jsonl"
    one = pair(first=text, second=text + "x")
    write_pairs(path, [one])
    assert read_pairs(path) == [one]


def test_a_byte_order_mark_and_blank_lines_are_passed_over_and_defaults_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\n" + plain().encode() + b"\r\n\n")
    found = read_pairs(path)
    assert [one.criteria[0] for one in found] == [Asked(text="c", kind="proficiency", points=1)]
    assert found[0].met_second == (None,) and found[0].keys == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (plain(extra=1), "unknown field"),
        (plain(criteria=[{"text": "c", "weight": 2}]), "unknown field"),
        (plain(met_first=[1]), "bool"),
        (plain(met_first=[]), "one label"),
        (plain(second=" a "), "one answer twice"),
        (plain(criteria=[{"text": "c", "points": 0}]), "0 points"),
        (plain(language="fr"), "fr"),
        (plain()[:-1], "broken JSON"),
        (plain()[:-1] + ', "id": "p2"}', "'id' is there twice"),
        (plain(), "was there before"),
        ('{"prompt": ' + "[" * 5000, "is not as it should be"),
    ],
)
def test_what_is_no_pair_is_refused_at_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(f"{plain()}\n\n{line}\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_pairs(path)
    assert said in str(caught.value) and f"{path}:3" in str(caught.value)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    empty, broken = tmp_path / "empty.jsonl", tmp_path / "broken.jsonl"
    empty.write_text("\n")
    broken.write_bytes(plain().encode() + b"\n\xff\n")
    for path, said in ((empty, "has no pairs"), (broken, f"{broken}:2"), (tmp_path / "none", "cannot be read")):
        with pytest.raises(InputError, match=said):
            read_pairs(path)


def test_nothing_is_left_of_a_file_that_cannot_be_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text("as it was")
    for pairs in ([], [pair(), pair()], [pair(), pair("p2", first="\ud800")]):
        with pytest.raises(InputError):
            write_pairs(path, pairs)
    with pytest.raises(StoreError):
        write_pairs(tmp_path / "no" / "pairs.jsonl", [pair()])
    assert path.read_text() == "as it was" and len(list(tmp_path.iterdir())) == 1
