"""What servers do that no one server does: other forms at other times, no words, parts of characters."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from primum.asking import ANY_OBJECT, Call, Schema
from primum.errors import OutageError
from primum.judging.reading import read_one
from primum.models import wire
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Completion
from primum.records import Turn

SCHEMA = Schema("one", msgspec.Raw(b'{"type":"object"}'))
REFUSED = (400, "not supported")
Post = Callable[[dict[str, Any]], Awaitable[tuple[int, object]]]


def _call(text: str, schema: Schema = SCHEMA, watch: tuple[str, ...] = ()) -> Call:
    return Call((Turn(role="user", content=text),), 0.0, 10, schema, watch)


def _said(text: str | None, finish: str | None = "stop", **more: object) -> tuple[int, object]:
    choice = {"message": {"content": text}, "finish_reason": finish, **more}
    return 200, {"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 1000}}


def _form(body: dict[str, Any]) -> str:
    return body.get("response_format", {}).get("type", "words")


def _run(monkeypatch: pytest.MonkeyPatch, post: Post, main: Callable[[OpenAIChat], Awaitable[Any]]) -> Any:
    async def answered(self: wire.Wire, session: object, body: dict[str, Any]) -> object:
        status, said = await post(body)
        return wire._Reply(status, json.dumps(said).encode(), None)

    async def at_once(_: float) -> None: ...

    async def whole() -> Any:
        chat = OpenAIChat(EndpointSettings(base_url="http://127.0.0.1:9/v1", model="m"), sleep=at_once)
        try:
            return await main(chat)
        finally:
            await chat.aclose()

    monkeypatch.setattr(wire.Wire, "_post", answered)
    return asyncio.run(whole())


def test_a_form_taken_late_that_another_call_was_refused_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(body: dict[str, Any]) -> tuple[int, object]:
        if body["messages"][0].content == "slow":
            await asyncio.sleep(0.05)
            return _said("{}")
        return REFUSED if _form(body) == "json_schema" else _said("{}")

    async def main(chat: OpenAIChat) -> list[Completion]:
        calls = [_call("slow"), _call("quick")]
        return await asyncio.gather(*(chat.send(call, chat.key(call)) for call in calls))

    assert [one.text for one in _run(monkeypatch, post, main)] == ["{}", "{}"]


def test_a_form_taken_without_log_probabilities_says_nothing_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(body: dict[str, Any]) -> tuple[int, object]:
        return REFUSED if body.get("logprobs") else _said("{}")

    async def main(chat: OpenAIChat) -> list[Completion]:
        calls = [_call("draft", ANY_OBJECT), _call("judge", SCHEMA, ("true", "false"))]
        return [await chat.send(call, chat.key(call)) for call in calls]

    assert [one.text for one in _run(monkeypatch, post, main)] == ["{}", "{}"]


@pytest.mark.parametrize("finish", ["length", "tool_calls", "stop"])
def test_a_completion_that_ended_without_a_word_was_paid(monkeypatch: pytest.MonkeyPatch, finish: str) -> None:
    async def post(body: dict[str, Any]) -> tuple[int, object]:
        return _said(None, finish)

    async def main(chat: OpenAIChat) -> tuple[Completion, OpenAIChat]:
        return await chat.send(_call("x"), chat.key(_call("x"))), chat

    completion, chat = _run(monkeypatch, post, main)
    assert (completion.text, completion.finish) == ("", finish)
    assert chat.counts["setbacks"] == 0 and chat.spent.calls == 1 and chat.spent.completion_tokens == 1000


def test_who_gives_up_a_call_ends_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(body: dict[str, Any]) -> tuple[int, object]:
        await asyncio.sleep(0.05)
        return _said("{}")

    async def main(chat: OpenAIChat) -> list[object]:
        asked = [asyncio.ensure_future(chat.send(_call("x"), chat.key(_call("x")))) for _ in range(3)]
        await asyncio.sleep(0.01)
        asked[0].cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    first, *others = _run(monkeypatch, post, main)
    assert isinstance(first, asyncio.CancelledError) and [one.text for one in others] == ["{}", "{}"]


def test_an_account_without_money_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(body: dict[str, Any]) -> tuple[int, object]:
        return 402, "Insufficient Balance"

    async def main(chat: OpenAIChat) -> Completion:
        return await chat.send(_call("x"), chat.key(_call("x")))

    with pytest.raises(OutageError, match="402"):
        _run(monkeypatch, post, main)


def test_tokens_that_are_parts_of_a_character_move_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [b'{"explanation":"', b"\xe4\xbb", b"\x96", "说".encode(), b'","met":', b"true", b"}"]
    text = b"".join(pieces).decode()
    shown = [piece.decode("utf-8", "backslashreplace") for piece in pieces]
    tokens = [
        {"token": token, "logprob": -0.1, "bytes": list(piece), "top_logprobs": [{"token": token, "logprob": -0.1}]}
        for token, piece in zip(shown, pieces, strict=True)
    ]

    async def post(body: dict[str, Any]) -> tuple[int, object]:
        return _said(text, logprobs={"content": tokens})

    async def main(chat: OpenAIChat) -> Completion:
        call = _call("x", SCHEMA, ("true", "false"))
        return await chat.send(call, chat.key(call))

    completion = _run(monkeypatch, post, main)
    assert [one.start for one in completion.watched] == [text.index("true")]
    assert read_one(completion)[0].probability == 1.0
