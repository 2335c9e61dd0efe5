"""Asking a chat model: what is data stays fenced, what comes back is read strictly, many questions go at once.

Stages that put questions to a `ChatModel` share this room; it knows no endpoint.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

import msgspec

from primum.errors import ModelError
from primum.ports import ChatModel, Completion, Progress, silent
from primum.records import Turn

__all__ = [
    "ANY_OBJECT",
    "Asked",
    "Call",
    "Endpoint",
    "Loop",
    "Schema",
    "Unreadable",
    "ask",
    "cut_off",
    "fence",
    "gather",
    "insist",
    "is_scripted",
    "json_reader",
    "read_object",
    "run",
]

T = TypeVar("T")

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_LOOKS_LIKE_OBJECT = re.compile(r'\{\s*["}]')
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


class Schema(NamedTuple):
    """The JSON schema a reply must follow; `body` is its JSON."""

    name: str
    body: msgspec.Raw


ANY_OBJECT = Schema("object", msgspec.Raw(b'{"type":"object"}'))
"""Any JSON object: what is in it is for the reader to check."""


class Call(NamedTuple):
    """One call of a chat model: everything that decides its reply, and `group`, the calls that share a long beginning with it.

    With a `schema` the reply is asked for as JSON. `watch` names the words whose log-probabilities are wanted where they occur.
    """

    messages: tuple[Turn, ...]
    temperature: float
    max_tokens: int
    schema: Schema | None = None
    watch: tuple[str, ...] = ()
    group: str = ""


@runtime_checkable
class Endpoint(Protocol):
    """What a chat model may offer beyond its port: it remembers paid calls by a key of their content, and holds connections.

    `send` makes a call (equal calls in flight are made once) and keeps nothing; whoever could use the reply says `keep`, so that a bad
    reply is never replayed.
    """

    @property
    def is_scripted(self) -> bool: ...

    def key(self, call: Call) -> bytes: ...

    def recall(self, keys: Sequence[bytes]) -> dict[bytes, Completion]: ...

    async def send(self, call: Call, key: bytes) -> Completion: ...

    def keep(self, key: bytes, completion: Completion) -> None: ...

    def flush(self) -> None:
        """Commit what was kept."""

    async def aclose(self) -> None:
        """Close the connections opened in the running event loop; the next call opens new ones."""


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


async def ask(chat: ChatModel, call: Call, read: Callable[[Completion], T | Unreadable], asks: int) -> Asked[T]:
    """The reply to a call: the one that was kept of it, if that can be read, else what `insist` gets."""
    if not isinstance(chat, Endpoint):
        return await insist(chat, None, call, read, asks)
    key = chat.key(call)
    kept = chat.recall([key]).get(key)
    if kept is not None:
        value = read(kept)
        if not isinstance(value, Unreadable):
            return Asked(value, kept.prompt_tokens, kept.completion_tokens)
    return await insist(chat, (chat, key), call, read, asks)


async def insist(
    chat: ChatModel,
    known: tuple[Endpoint, bytes] | None,
    call: Call,
    read: Callable[[Completion], T | Unreadable],
    asks: int,
) -> Asked[T]:
    """Make the call, at most `asks` times while the reply cannot be read; a bad reply is never replayed as the next.

    `known` is the model as an endpoint, if it is one, and the key of the call. Raises `ModelError` when the model gives no reply.
    """
    value: T | Unreadable = Unreadable("it was not asked")
    prompt_tokens = completion_tokens = 0
    for _ in range(asks):
        if known is not None:
            completion = await known[0].send(call, known[1])
        else:
            completion = await chat.complete(
                call.messages,
                temperature=call.temperature,
                max_tokens=call.max_tokens,
                as_json=call.schema is not None,
            )
        prompt_tokens += completion.prompt_tokens
        completion_tokens += completion.completion_tokens
        value = read(completion)
        if not isinstance(value, Unreadable):
            if known is not None:
                known[0].keep(known[1], completion)
            break
    return Asked(value, prompt_tokens, completion_tokens)


def cut_off(completion: Completion) -> Unreadable | None:
    """Why a reply that its server cut off cannot be read, whatever stands in it."""
    if completion.finish in ("length", "content_filter"):
        return Unreadable(f"reply was cut off ({completion.finish}): {completion.text.strip()[:80]!r}")
    return None


def json_reader(read: Callable[[dict[str, Any]], T | Unreadable]) -> Callable[[Completion], T | Unreadable]:
    """A reader of completions from a reader of the one JSON object in them."""

    def reader(completion: Completion) -> T | Unreadable:
        found = cut_off(completion) or read_object(completion.text)
        return found if isinstance(found, Unreadable) else read(found)

    return reader


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


class _StandingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock stands while it does not run: what came in meanwhile is read before anything counts as late."""

    def __init__(self) -> None:
        super().__init__()
        self._stood_s, self._stopped_at = 0.0, super().time()

    def time(self) -> float:
        return super().time() - self._stood_s

    def run_forever(self) -> None:
        self._stood_s += super().time() - self._stopped_at
        try:
            super().run_forever()
        finally:
            self._stopped_at = super().time()


class Loop:
    """An event loop of its own that stands between calls of `run`; inside a running loop it lives in a thread, and blocks that one."""

    def __enter__(self) -> Loop:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._thread = None
        else:
            self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner(loop_factory=_StandingLoop)
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is None:
            self._runner.close()
            return
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        if self._thread is None:
            return self._runner.run(main)
        return self._thread.submit(self._runner.run, main).result()


def run(chat: ChatModel, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` in an event loop of its own, and close with it the connections that `chat` opened in it."""

    async def whole() -> T:
        try:
            return await main()
        finally:
            if isinstance(chat, Endpoint):
                await chat.aclose()

    with Loop() as loop:
        return loop.run(whole())
