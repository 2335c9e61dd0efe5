"""A budget being spent: what was paid, what is in flight, and whether the next call still fits."""

from __future__ import annotations

import asyncio
from collections import deque

from primum.asking import Call
from primum.errors import BudgetError
from primum.models.calls import Budget, Spent
from primum.models.wire import EndpointSettings

__all__ = ["Purse"]

# Calls after which their mean is what the next one is taken to cost.
_KNOWN_AFTER = 8
_BYTES_A_TOKEN = 3


class Purse:
    """Admits calls while the budget holds them.

    A call is set aside at the mean of those paid so far; before eight are known, at the most it can cost: a token for three bytes of
    its messages and all the tokens it may answer with. While calls in flight leave no room for another by that measure, it waits for
    them. It raises `BudgetError` when what was paid leaves no room for a mean call, so a budget is passed by at most what calls
    cost above the mean.
    """

    def __init__(self, budget: Budget | None, spent: Spent, settings: EndpointSettings) -> None:
        self._budget, self._spent, self._settings = budget or Budget(), spent, settings
        self._held: dict[int, tuple[float, float]] = {}
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._tickets = 0

    async def admit(self, call: Call) -> int:
        """A ticket for the call, to be given back with `done`; waits while calls in flight may leave no room for it."""
        while not self._has_room(call):
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting
        self._tickets += 1
        self._held[self._tickets] = self._price(call)
        return self._tickets

    def done(self, ticket: int) -> None:
        """The call has ended, however it did."""
        del self._held[ticket]
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)

    def _has_room(self, call: Call) -> bool:
        tokens, usd = self._price(call)
        mean = self._mean()
        for name, paid, held, next_one, least, most in (
            ("calls", float(self._spent.calls), float(len(self._held)), 1.0, 1.0, self._budget.calls),
            (
                "tokens",
                float(self._spent.tokens),
                sum(one for one, _ in self._held.values()),
                tokens,
                mean[0],
                self._budget.tokens,
            ),
            ("usd", self._spent.usd, sum(one for _, one in self._held.values()), usd, mean[1], self._budget.usd),
        ):
            if most is None:
                continue
            if paid >= most or paid + least > most * (1 + 1e-9):
                raise BudgetError(
                    f"budget of {most:,g} {name}",
                    f"is spent ({self._spent.calls:,} calls, {self._spent.tokens:,} tokens, {self._spent.usd:.2f} USD)",
                    "raise it and run again: what was paid for is kept",
                    f"model {self._settings.model}",
                )
            if self._held and paid + held + next_one > most * (1 + 1e-9):
                return False
        return True

    def _mean(self) -> tuple[float, float]:
        """What a call cost so far, in tokens and dollars; nothing is known before the first."""
        calls = self._spent.calls
        return (self._spent.tokens / calls, self._spent.usd / calls) if calls else (0.0, 0.0)

    def _price(self, call: Call) -> tuple[float, float]:
        if self._spent.calls >= _KNOWN_AFTER:
            return self._mean()
        prompt = sum(len(turn.content.encode("utf-8", "replace")) for turn in call.messages) / _BYTES_A_TOKEN
        answer = float(min(call.max_tokens, self._settings.max_tokens))
        dollars = (
            prompt * self._settings.usd_per_million_prompt_tokens
            + answer * self._settings.usd_per_million_completion_tokens
        )
        return prompt + answer, dollars / 1e6
