"""Asking a chat model: what is data stays fenced, what comes back is read strictly, many questions go at once.

Stages that put questions to a `ChatModel` share this room; it knows no endpoint.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

from primum.errors import ModelError
from primum.ports import ChatModel, Completion, Progress, silent
from primum.records import Turn

__all__ = ["Asked", "Endpoint", "Unreadable", "ask", "fence", "gather", "is_scripted", "read_object", "run"]

T = TypeVar("T")

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_LOOKS_LIKE_OBJECT = re.compile(r'\{\s*["}]')
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


@runtime_checkable
class Endpoint(Protocol):
    """What a chat model may offer beyond its port: it holds connections, remembers paid calls, and may be scripted."""

    @property
    def is_scripted(self) -> bool: ...

    async def aclose(self) -> None:
        """Close the connections opened in the running event loop; the next call opens new ones."""

    def retract(self, messages: Sequence[Turn], *, temperature: float, max_tokens: int, as_json: bool = False) -> None:
        """The caller could not use the reply to this call: it must not be replayed."""


class Unreadable(NamedTuple):
    """A reply that cannot be used, and why."""

    reason: str


class Asked(NamedTuple, Generic[T]):
    """What was read from the replies to one question, and the tokens all of them cost."""

    value: T | Unreadable
    prompt_tokens: int
    completion_tokens: int


def is_scripted(chat: ChatModel) -> bool:
    """Whether the model says of itself that a script stands in for it."""
    return isinstance(chat, Endpoint) and chat.is_scripted


def fence(text: str, name: str) -> str:
    """`text` between two lines that carry a mark derived from it, so that equal texts make equal prompts.

    The mark does not occur in the text: nothing written inside can close the fence.
    """
    turn = 0
    while (mark := hashlib.sha256(f"{turn}:{text}".encode()).hexdigest()[:12]) in text:
        turn += 1
    return f"<<<{name} {mark}\n{text}\n{name} {mark}>>>"


def read_object(text: str) -> dict[str, Any] | Unreadable:
    """The one JSON object in a reply: bare, in a code fence, among prose, after a leading thought, or with trailing commas.

    Two objects, an object that does not end, a key given twice or a constant that JSON does not know make the reply unreadable.
    """
    reply = _THOUGHT.sub("", text, count=1).strip()
    shown = f"{reply[:80]!r}"
    if reply.startswith("{") and (whole := _object(reply)) is not None:
        return whole
    spans = _objects(reply)
    if spans is None:
        return Unreadable(f"reply holds JSON that does not end: {shown}")
    if not spans:
        return Unreadable(f"reply is not JSON: {shown}")
    if len(spans) > 1:
        return Unreadable(f"reply holds {len(spans)} JSON objects, so it is not clear which one counts: {shown}")
    found = _object(spans[0])
    if found is None:
        found = _object(_STRING_OR_TRAILING_COMMA.sub(lambda match: match[1] or "", spans[0]))
    return found if found is not None else Unreadable(f"reply is not JSON: {shown}")


def _object(text: str) -> dict[str, Any] | None:
    try:
        # A raw line break inside a string is a common slip with one meaning only, so it is let through.
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, strict=False)
        if "\\u" in text:
            json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair could not be stored
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _objects(text: str) -> list[str] | None:
    """The outermost stretches of `text` that open like a JSON object; `None` when one of them does not end."""
    found: list[str] = []
    position = 0
    while match := _LOOKS_LIKE_OBJECT.search(text, position):
        end = _closing(text, match.start())
        if end is None:
            return None
        found.append(text[match.start() : end])
        position = end
    return found


def _closing(text: str, start: int) -> int | None:
    """Where the brace that opens at `start` is closed, end exclusive; braces inside strings do not count."""
    depth, in_string, is_escaped = 0, False, False
    for position in range(start, len(text)):
        character = text[position]
        if in_string:
            if is_escaped:
                is_escaped = False
            elif character == "\\":
                is_escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position + 1
    return None


async def ask(
    chat: ChatModel,
    messages: Sequence[Turn],
    read: Callable[[dict[str, Any]], T | Unreadable],
    *,
    temperature: float,
    max_tokens: int,
    asks: int,
) -> Asked[T]:
    """Ask for a JSON object, at most `asks` times while the reply cannot be read; a bad reply is never replayed as the next.

    Raises `ModelError` when the model gives no reply.
    """
    value: T | Unreadable = Unreadable("it was not asked")
    prompt_tokens = completion_tokens = 0
    for _ in range(asks):
        completion = await chat.complete(messages, temperature=temperature, max_tokens=max_tokens, as_json=True)
        prompt_tokens += completion.prompt_tokens
        completion_tokens += completion.completion_tokens
        value = _read(completion, read)
        if not isinstance(value, Unreadable):
            break
        if isinstance(chat, Endpoint):
            chat.retract(messages, temperature=temperature, max_tokens=max_tokens, as_json=True)
    return Asked(value, prompt_tokens, completion_tokens)


def _read(completion: Completion, read: Callable[[dict[str, Any]], T | Unreadable]) -> T | Unreadable:
    if completion.finish in ("length", "content_filter"):
        return Unreadable(f"reply was cut off ({completion.finish}): {completion.text.strip()[:80]!r}")
    found = read_object(completion.text)
    return found if isinstance(found, Unreadable) else read(found)


async def gather(
    calls: Sequence[Callable[[], Awaitable[T]]], concurrency: int, progress: Progress = silent
) -> list[T | ModelError]:
    """The results of `calls`, in their order, at most `concurrency` at a time.

    A call that fails with `ModelError` yields that error as its value; any other exception ends them all.
    """
    results: dict[int, T | ModelError] = {}
    waiting = iter(enumerate(calls))

    async def work() -> None:
        for number, call in waiting:
            try:
                results[number] = await call()
            except ModelError as error:
                results[number] = error
            progress(len(results), len(calls))

    workers = [asyncio.ensure_future(work()) for _ in range(min(concurrency, len(calls)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [results[number] for number in range(len(calls))]


def run(chat: ChatModel, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` in an event loop of its own, and close with it the connections that `chat` opened in it.

    Inside a running loop it uses a thread, and blocks that loop until it is done.
    """

    async def whole() -> T:
        try:
            return await main()
        finally:
            if isinstance(chat, Endpoint):
                await chat.aclose()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(whole())
    outcome: list[T | BaseException] = []

    def apart() -> None:
        try:
            outcome.append(asyncio.run(whole()))
        except BaseException as error:  # noqa: BLE001  whatever ended the thread is raised by the caller
            outcome.append(error)

    thread = threading.Thread(target=apart)
    thread.start()
    thread.join()
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    return result
