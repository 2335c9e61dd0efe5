"""A chat model behind one or several OpenAI-compatible endpoints: vLLM, SGLang, Ollama or a hosted one."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakKeyDictionary

import msgspec

from primum.asking import ANY_OBJECT, Call, Unreadable, cut_off, read_object
from primum.errors import OutageError, SettingError
from primum.models.calls import Budget, CallCache, Spent
from primum.models.purse import Purse
from primum.models.wire import EndpointSettings, Wire, utc_now
from primum.ports import Completion
from primum.records import Turn

__all__ = ["EndpointSettings", "OpenAIChat"]

_encode = msgspec.json.Encoder().encode
_Flights = dict[bytes, "asyncio.Future[Completion]"]


class OpenAIChat:
    """A chat model that several servers may serve at once; equal calls in flight are made once, and paid calls are remembered.

    Calls of one group (one conversation under many criteria) go to one server, whose prefix cache then holds it; a server that is out is
    left for another. With a `calls` file a call that was answered before is not sent again, wherever it was answered; with a `budget`
    it raises `BudgetError` before the call that would pass it. Connections belong to the event loop that opened them: `aclose` closes
    those of the running loop, and the next call opens new ones.
    """

    def __init__(
        self,
        settings: EndpointSettings | Sequence[EndpointSettings],
        calls: CallCache | None = None,
        budget: Budget | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime.datetime] = utc_now,
    ) -> None:
        endpoints = [settings] if isinstance(settings, EndpointSettings) else list(settings)
        if not endpoints or len({(one.model, one.max_tokens) for one in endpoints}) > 1:
            raise SettingError(
                f"{len(endpoints)} endpoints",
                "do not serve one model with one max_tokens",
                "name the same model at each",
                "chat model endpoints",
            )
        self.settings = endpoints[0]
        self.counts = {
            "calls": 0,
            "attempts": 0,
            "setbacks": 0,
            "replayed": 0,
            "shared in flight": 0,
            "prompt tokens the server had cached": 0,
        }
        self.spent = calls.spent if calls is not None else Spent()
        self._calls = calls
        self._purse = Purse(budget, self.spent, self.settings)
        self._wires = [Wire(one, self.counts, sleep, now) for one in endpoints]
        self._homes: dict[str, Wire] = {}
        self._flights: WeakKeyDictionary[asyncio.AbstractEventLoop, _Flights] = WeakKeyDictionary()

    def __repr__(self) -> str:
        return f"OpenAIChat({self.name!r} at {', '.join(wire.url for wire in self._wires)})"

    @property
    def name(self) -> str:
        return self.settings.model

    @property
    def is_scripted(self) -> bool:
        return any(wire.settings.is_scripted for wire in self._wires)

    @property
    def concurrency(self) -> int:
        """The most calls that can be in flight."""
        return sum(wire.settings.concurrency for wire in self._wires)

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever reads the results should know of how they were got."""
        places = ", ".join(wire.url for wire in self._wires)
        told = ", ".join(f"{n:,} {what}" for what, n in self.counts.items() if n or what == "calls")
        price = f", {self.spent.usd:.2f} USD" if self.spent.usd else ""
        said = [f"{self.name} at {places}: {told}; {self.spent.tokens:,} tokens{price} paid for in all"]
        return tuple(said + [note for wire in self._wires for note in wire.notes])

    async def complete(
        self, messages: Sequence[Turn], *, temperature: float, max_tokens: int, as_json: bool = False
    ) -> Completion:
        """One completion, remembered when it is whole. Raises `ModelError`, or `BudgetError` when the budget is spent."""
        call = Call(tuple(messages), temperature, max_tokens, ANY_OBJECT if as_json else None)
        key = self.key(call)
        kept = self.recall([key]).get(key)
        if kept is not None:
            return kept
        completion = await self.send(call, key)
        is_readable = not as_json or not isinstance(read_object(completion.text), Unreadable)
        if is_readable and completion.text.strip() and cut_off(completion) is None:
            self.keep(key, completion)
        return completion

    def key(self, call: Call) -> bytes:
        """The hash of what decides a reply: model, messages, parameters, form. Where the model is served does not count."""
        form = call.schema if call.schema is not None else ""
        limit = min(call.max_tokens, self.settings.max_tokens)
        decides = (self.settings.model, call.messages, float(call.temperature), limit, form, call.watch)
        return hashlib.blake2b(_encode(decides), digest_size=16).digest()

    def recall(self, keys: Sequence[bytes]) -> dict[bytes, Completion]:
        """What was kept of these calls."""
        if self._calls is None:
            return {}
        found = self._calls.get(keys)
        self.counts["replayed"] += len(found)
        return found

    def keep(self, key: bytes, completion: Completion) -> None:
        """The reply could be used: it need not be paid for again."""
        if self._calls is not None:
            self._calls.put(key, completion)

    async def send(self, call: Call, key: bytes) -> Completion:
        """Make the call, or wait for an equal one that is in flight. Raises `ModelError` and `BudgetError`."""
        flights = self._flights.setdefault(asyncio.get_running_loop(), {})
        while (flight := flights.get(key)) is not None:
            self.counts["shared in flight"] += 1
            await asyncio.wait([flight])
            if not flight.cancelled():  # who made it gave it up: that ends nobody else's call
                return flight.result()
        flight = flights[key] = asyncio.get_running_loop().create_future()
        try:
            completion = await self._paid(call)
        except BaseException as error:
            if isinstance(error, Exception):
                flight.set_exception(error)
                flight.exception()  # whoever shares it is told; nobody need share it
            else:
                flight.cancel()
            raise
        else:
            flight.set_result(completion)
            return completion
        finally:
            del flights[key]

    def flush(self) -> None:
        """Commit what was kept."""
        if self._calls is not None:
            self._calls.flush()

    async def aclose(self) -> None:
        """Close the connections of the running event loop and bring the calls file to the disk."""
        for wire in self._wires:
            await wire.aclose()
        if self._calls is not None:
            self._calls.sync()

    async def _paid(self, call: Call) -> Completion:
        ticket: int | None = None

        async def admit() -> None:
            nonlocal ticket
            if ticket is None:  # the call may be admitted again, by another server
                ticket = await self._purse.admit(call)
                self.counts["calls"] += 1

        try:
            wire, completion = await self._routed(call, admit)
            self._pay(wire, completion)
        finally:
            if ticket is not None:
                self._purse.done(ticket)
        return completion

    def _pay(self, wire: Wire, completion: Completion) -> None:
        prices = wire.settings
        usd = (
            completion.prompt_tokens * prices.usd_per_million_prompt_tokens
            + completion.completion_tokens * prices.usd_per_million_completion_tokens
        ) / 1e6
        if self._calls is not None:
            self._calls.pay(completion.prompt_tokens, completion.completion_tokens, usd)
        else:
            self.spent.add(completion.prompt_tokens, completion.completion_tokens, usd)

    async def _routed(self, call: Call, admit: Callable[[], Awaitable[None]]) -> tuple[Wire, Completion]:
        """The completion from the group's server, or from the next one when that one is out."""
        if len(self._wires) == 1:
            return self._wires[0], await self._wires[0].complete(call, admit)
        tried: list[Wire] = []
        while True:
            wire = self._home(call.group, tried)
            try:
                return wire, await wire.complete(call, admit)
            except OutageError:
                tried.append(wire)
                if len(tried) == len(self._wires):
                    raise

    def _home(self, group: str, tried: Sequence[Wire]) -> Wire:
        """The server that holds the group's prefix; a group that is new, or whose server is out, goes where the least waits."""
        home = self._homes.get(group) if group else None
        if home is None or home in tried:
            free = [wire for wire in self._wires if wire not in tried]
            home = min(free, key=lambda wire: wire.load)
            if group:
                self._homes[group] = home
                if len(self._homes) > 100_000:
                    del self._homes[next(iter(self._homes))]
        return home
