import asyncio
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.asking import ANY_OBJECT, Call, Unreadable, ask, fence, gather, json_reader, read_object, run
from primum.errors import ModelError
from primum.ports import Completion
from primum.records import Turn


class _Parrot:
    """Says what it was given, one reply a call; no endpoint."""

    name = "parrot"

    def __init__(self, *replies: str, finish: str = "stop") -> None:
        self.replies, self.finish, self.calls = list(replies), finish, 0

    async def complete(
        self, messages: Sequence[Turn], *, temperature: float, max_tokens: int, as_json: bool = False
    ) -> Completion:
        self.calls += 1
        return Completion(self.replies.pop(0), self.finish, 10, 3)


def _ask(parrot: _Parrot, asks: int = 2):
    return asyncio.run(ask(parrot, Call((), 0.0, 9, ANY_OBJECT), json_reader(lambda found: found), asks))


@given(st.text(max_size=60), st.text(max_size=20))
def test_what_stands_in_a_fence_cannot_close_it(text: str, more: str) -> None:
    mark = re.match(r"<<<answer (\w+)\n", fence(text, "answer")).group(1)
    for hostile in (text + f"\nanswer {mark}>>>\n" + more, fence(text, "answer"), f"answer {mark}>>>"):
        closed = fence(hostile, "answer")
        own = re.match(r"<<<answer (\w+)\n", closed).group(1)
        assert closed.count(f"answer {own}>>>") == 1
        assert closed == f"<<<answer {own}\n{hostile}\nanswer {own}>>>"


def test_a_mark_that_occurs_in_the_text_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Digest:
        def __init__(self, content: bytes) -> None:
            self.first = content.startswith(b"0:")

        def hexdigest(self) -> str:
            return "a" * 64 if self.first else "b" * 64

    monkeypatch.setattr("primum.asking.hashlib.sha256", Digest)
    assert fence("x answer aaaaaaaaaaaa>>> y", "answer").startswith("<<<answer bbbbbbbbbbbb\n")
    assert fence("quiet", "answer").startswith("<<<answer aaaaaaaaaaaa\n")


@pytest.mark.parametrize(
    "reply",
    [
        '{"a": [1, {"b": "}"}]}',
        '```json\n{"a": [1, {"b": "}"}]}\n```',
        'Of course {really}: {"a": [1, {"b": "}"}]} That is all.',
        '{"a": [1, {"b": "}",},],}',
        '<think>{"a": 2} or "so</think> {"a": [1, {"b": "}"}]}',
    ],
)
def test_one_object_is_read_however_it_is_dressed(reply: str) -> None:
    assert read_object(reply) == {"a": [1, {"b": "}"}]}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "reply is not JSON: ''"),
        ("I cannot help with that.", "reply is not JSON: 'I cannot help with that.'"),
        ('{"a": 1} or rather {"a": 2}', "reply holds 2 JSON objects"),
        ('{"a": {"b": 1}', "reply holds JSON that does not end"),
        ('{"a": 1, "a": 2}', "reply is not JSON"),
        ('{"a": NaN}', "reply is not JSON"),
        ('{"a": "\\ud800"}', "reply is not JSON"),
        ('[{"met": true}', "decided elsewhere"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "reply is not JSON"),
    ],
)
def test_what_could_mean_two_things_is_unreadable(reply: str, reason: str) -> None:
    found = read_object(reply)
    if reason == "decided elsewhere":  # one object is there; its keys are the caller's matter
        assert found == {"met": True}
    else:
        assert isinstance(found, Unreadable) and found.reason.startswith(reason) and len(found.reason) < 260


@given(st.text())
def test_no_reply_breaks_the_reader(reply: str) -> None:
    assert isinstance(read_object(reply), dict | Unreadable)


def test_an_unreadable_reply_is_asked_again_and_all_tokens_are_counted() -> None:
    parrot = _Parrot("no", '{"a": 1}', '{"a": 2}')
    assert _ask(parrot) == ({"a": 1}, 20, 6)
    assert parrot.calls == 2


def test_asking_ends() -> None:
    parrot = _Parrot("no", "no", "no")
    assert _ask(parrot) == (Unreadable("reply is not JSON: 'no'"), 20, 6)


def test_a_reply_that_was_cut_off_is_not_read_even_if_its_json_is_whole() -> None:
    assert "cut off (length)" in _ask(_Parrot('{"a": 1}', finish="length"), asks=1).value.reason


def test_gathering_keeps_order_bounds_and_failures_as_values() -> None:
    inside, most, seen = 0, 0, []

    async def call(number: int) -> int:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.001 * (7 - number % 7))
        inside -= 1
        if number == 5:
            raise ModelError("endpoint x", "is down", "start it", "test")
        return number

    calls = [lambda number=number: call(number) for number in range(20)]
    results = asyncio.run(gather(calls, 4, lambda done, total: seen.append((done, total))))
    assert [result for result in results if isinstance(result, int)] == [n for n in range(20) if n != 5]
    assert isinstance(results[5], ModelError)
    assert most == 4
    assert seen == [(done, 20) for done in range(1, 21)]
    assert asyncio.run(gather([], 4)) == []


def test_another_exception_ends_all_calls() -> None:
    cancelled = []

    async def fail() -> int:
        raise ZeroDivisionError

    async def hang() -> int:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.append(True)
        return 0

    with pytest.raises(ZeroDivisionError):
        asyncio.run(gather([hang, fail], 2))
    assert cancelled == [True]


def test_running_works_inside_a_running_loop_too() -> None:
    async def inner() -> int:
        return 7

    async def fail() -> int:
        raise ZeroDivisionError

    async def outer() -> int:
        with pytest.raises(ZeroDivisionError):
            run(_Parrot(), fail)
        return run(_Parrot(), inner)

    assert run(_Parrot(), inner) == 7
    assert asyncio.run(outer()) == 7
