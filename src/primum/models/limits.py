"""How many calls an endpoint is sent at once: as many as it takes well, found while it works."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any

__all__ = ["AdaptiveLimit"]

_BACK_OFF = 0.7
_GROWTH = 0.05
# A window's mean latency at which more calls at once only wait longer, in multiples of the best window seen.
_CROWDED = 2.0
_LEAST_WINDOW = 32
# A window that gave fewer answers a second than this share of the one before was hurt by what was given up.
_HURT = 0.95


class AdaptiveLimit:
    """Slots for calls in flight, at most `most`, in the order they were asked for (retries first); belongs to one event loop.

    It starts at `most`. A refusal for lack of room (429, 503, silence) takes it down to 0.7 of what was in flight, once a round trip;
    from there each answer gives one slot back up to where it was refused, and after that a twentieth a window (as TCP does, RFC 5681).
    A window whose mean latency is twice the best one seen gives up a tenth, and again as long as no fewer answers come: the server was
    only queueing. When fewer come it is given back, and that latency is what is normal here. `hold` keeps everything back while a
    pause that a server asked for lasts.
    """

    def __init__(self, most: int) -> None:
        self.most, self.in_flight, self.refusals = most, 0, 0
        self.limit = float(most)
        self._threshold = float(most)
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._loop = asyncio.get_running_loop()
        self._holds: set[asyncio.Task[None]] = set()
        self._refused_at = -1e9
        self._window_began, self._window_n, self._window_s = self._loop.time(), 0, 0.0
        self._best_s, self._last_rate, self._gave_up = 0.0, 0.0, 0.0

    @property
    def has_room(self) -> bool:
        return self.in_flight < int(self.limit) and not self._holds

    async def acquire(self, is_retry: bool = False) -> None:
        """Take a slot, waiting for one and for the end of a hold; a retry waits before whatever is new."""
        if self._waiting or not self.has_room:
            slot: asyncio.Future[None] = self._loop.create_future()
            if is_retry:
                self._waiting.appendleft(slot)
            else:
                self._waiting.append(slot)
            self._wake()
            try:
                await slot
            except asyncio.CancelledError:
                if slot.done() and not slot.cancelled():
                    self.release()  # it was given a slot and cannot use it
                raise
            return
        self.in_flight += 1

    def release(self, latency_s: float | None = None) -> None:
        """Give a slot back; with the latency of an answer, learn from it."""
        self.in_flight -= 1
        if latency_s is not None:
            self._learn(latency_s)
        if self._waiting:
            self._wake()

    def refused(self, sent_at: float) -> None:
        """The endpoint had no room for a call; one that was sent before the limit last went down says nothing new."""
        self.refusals += 1
        if sent_at < self._refused_at:
            return
        self._refused_at = self._loop.time()
        self.limit = max(1.0, min(self.limit, self.in_flight + 1) * _BACK_OFF)
        self._threshold = self.limit / _BACK_OFF

    def hold(self, until: Coroutine[Any, Any, None]) -> None:
        """Send nothing more before this has come to its end."""
        hold = asyncio.ensure_future(until)
        self._holds.add(hold)
        hold.add_done_callback(self._let_go)

    def close(self) -> None:
        """End the holds."""
        for hold in list(self._holds):
            hold.cancel()

    def _let_go(self, hold: asyncio.Task[None]) -> None:
        self._holds.discard(hold)
        self._wake()

    def _learn(self, latency_s: float) -> None:
        if self.limit < self._threshold:
            self.limit = min(self.most, self.limit + 1)
        self._window_n += 1
        self._window_s += latency_s
        # The first answers to a burst come before its queue has built up: the first window is a short one.
        if self._window_n < (max(_LEAST_WINDOW, self.limit) if self._best_s else _LEAST_WINDOW):
            return
        now = self._loop.time()
        rate, mean_s = self._window_n / max(1e-9, now - self._window_began), self._window_s / self._window_n
        self._window_began, self._window_n, self._window_s = now, 0, 0.0
        if not self._best_s:
            self._best_s = mean_s
        elif self._gave_up and rate < _HURT * self._last_rate:
            # Fewer at once gave fewer answers: waiting so long is how this server works.
            self.limit = self._threshold = self._gave_up
            self._best_s, self._gave_up = mean_s, 0.0
        elif mean_s > _CROWDED * self._best_s:
            self._gave_up = self.limit
            self.limit = self._threshold = max(1.0, self.limit * 0.9)
        else:
            self._best_s, self._gave_up = min(self._best_s * 1.001, mean_s), 0.0
            self.limit = min(self.most, self.limit * (1 + _GROWTH) + 1)
        self._last_rate = rate

    def _wake(self) -> None:
        while self._waiting and self.has_room:
            slot = self._waiting.popleft()
            if not slot.done():
                self.in_flight += 1
                slot.set_result(None)
