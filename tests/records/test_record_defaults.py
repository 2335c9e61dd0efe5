"""What stands at its default is no content: it changes no id, however it came to stand there."""

import json

import msgspec
import pytest

from primum.records import (
    ByRule,
    Cost,
    Estimate,
    Judgement,
    Met,
    ProbeOutcome,
    Record,
    Response,
    Sampling,
    Verdict,
    decode,
    encode,
)
from primum.records.base import Value

PLAIN = {"response": "response-1", "criterion": "criterion-1", "judge": "judgeref-1", "outcome": Met()}


def test_a_default_that_is_given_is_left_out() -> None:
    bare = Verdict(**PLAIN)
    given = Verdict(**PLAIN, probability=None, explanation="".join([]), cost=Cost(prompt_tokens=0))
    assert given == bare and given.id == bare.id
    assert set(json.loads(encode(bare))) == {"kind", "response", "criterion", "judge", "outcome"}
    assert decode(encode(given), "here") == bare
    assert Verdict(**PLAIN, cost=Cost(prompt_tokens=1)).id != bare.id


class Weighed(Value, frozen=True):
    weight: float = 0.1
    offset: float = 0.0
    times: int = 1000
    name: str = "a name of some length"


@pytest.mark.parametrize("line", [b"{}", b'{"weight":0.1,"times":1000,"name":"a name of some length"}'])
def test_numbers_and_words_equal_to_the_default_are_the_default(line: bytes) -> None:
    read = msgspec.json.decode(line, type=Weighed)
    assert msgspec.json.encode(read) == b"{}"
    assert msgspec.json.encode(Weighed(times=int("1000"), weight=float("0.1"))) == b"{}"
    assert msgspec.json.encode(Weighed(times=1001)) == b'{"times":1001}'
    assert msgspec.json.encode(Weighed(offset=0)) == b"{}"  # the whole number nought becomes the number it is equal to


def test_a_field_added_later_with_a_default_changes_no_id() -> None:
    class Old(Record, frozen=True, tag="thing"):
        name: str

    class New(Record, frozen=True, tag="thing"):
        name: str
        added: tuple[str, ...] = ()
        cost: Cost = Cost()

    assert msgspec.json.encode(Old(name="x"), order="sorted") == msgspec.json.encode(New(name="x"), order="sorted")


def test_true_is_not_one() -> None:
    class Flagged(Value, frozen=True):
        is_so: bool = True
        count: int = 1

    assert msgspec.json.encode(Flagged(is_so=False, count=1)) == b'{"is_so":false}'
    with pytest.raises(ValueError, match="count = 'True'"):
        Flagged(count=True)


def test_nothing_that_a_report_needs_hangs_on_a_default() -> None:
    """An estimate has no defaults: its JSON is always whole."""
    estimate = Estimate(value=0.0, low=0.0, high=0.0, n=1, unit="scenario")
    assert set(json.loads(msgspec.json.encode(estimate))) == {"value", "low", "high", "n", "unit"}
    assert json.loads(encode(Judgement(response="r", judge="j", stance="accept"))).keys() == {
        "kind",
        "response",
        "judge",
        "stance",
    }
    assert (
        msgspec.json.encode(ProbeOutcome(probe="length", n=1, note="why")) == b'{"probe":"length","n":1,"note":"why"}'
    )
    made = ByRule(rule="r")
    assert (
        Response(scenario="s", text="t", made=made).id == Response(scenario="s", text="t", made=made, sampling=None).id
    )
    assert Sampling(max_new_tokens=5, temperature=0) == Sampling(max_new_tokens=5)
