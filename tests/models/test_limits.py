"""The limit on calls in flight: it finds what a server takes, and holds back when it is told to."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

from primum.models.limits import AdaptiveLimit


class _Jumping(selectors.DefaultSelector):
    """Does not wait: it moves its loop's clock on by what it was to wait for."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += timeout or 0.0
        return super().select(0)


def _in_no_time(main: Coroutine[Any, Any, Any]) -> Any:
    """Run in a loop whose clock jumps, so that what is found does not hang on how busy the machine is."""
    selector = _Jumping()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


class _Server:
    """A model of a server with so many places: what does not fit is refused, and waiting calls take longer."""

    def __init__(self, places: int, latency_s: float, queues: bool) -> None:
        self.places, self.latency_s, self.queues = places, latency_s, queues
        self.busy = self.refused = self.most = 0

    async def call(self) -> float | None:
        if self.busy >= self.places and not self.queues:
            self.refused += 1
            return None
        self.busy += 1
        self.most = max(self.most, self.busy)
        latency_s = self.latency_s * max(1.0, self.busy / self.places)
        await asyncio.sleep(latency_s)
        self.busy -= 1
        return latency_s


async def _drive(limit: AdaptiveLimit, server: _Server, calls: int) -> None:
    async def one() -> None:
        while True:
            await limit.acquire()
            sent_at = asyncio.get_running_loop().time()
            latency_s = await server.call()
            if latency_s is None:
                limit.refused(sent_at)
            limit.release(latency_s)
            if latency_s is not None:
                return
            await asyncio.sleep(0.003)  # as the retries of a call do

    await asyncio.gather(*(one() for _ in range(calls)))


def test_a_server_with_room_is_given_all_it_may_have() -> None:
    async def whole() -> tuple[AdaptiveLimit, _Server]:
        limit, server = AdaptiveLimit(64), _Server(64, 0.002, queues=False)
        await _drive(limit, server, 1000)
        return limit, server

    limit, server = _in_no_time(whole())
    assert limit.limit == 64 and server.most == 64 and server.refused == 0 and limit.in_flight == 0


def test_refusals_take_it_down_to_what_the_server_takes() -> None:
    async def whole() -> tuple[AdaptiveLimit, _Server]:
        limit, server = AdaptiveLimit(256), _Server(20, 0.002, queues=False)
        await _drive(limit, server, 3000)
        return limit, server

    limit, server = _in_no_time(whole())
    assert limit.limit < 60 and server.most == 20  # near its twenty places, and never idle
    assert limit.refusals == server.refused < 2500


def test_a_server_that_only_queues_is_not_filled_further() -> None:
    async def whole() -> AdaptiveLimit:
        limit, server = AdaptiveLimit(400), _Server(10, 0.004, queues=True)
        await _drive(limit, server, 5000)
        return limit

    assert _in_no_time(whole()).limit < 160


def test_a_server_that_is_slow_by_nature_keeps_its_calls() -> None:
    async def whole() -> AdaptiveLimit:
        limit = AdaptiveLimit(100)

        async def one(number: int) -> None:
            await limit.acquire()
            latency_s = (
                0.001 if number < 40 else 0.02
            )  # after a quick start every answer takes long, however few are asked
            await asyncio.sleep(latency_s)
            limit.release(latency_s)

        await asyncio.gather(*(one(number) for number in range(4000)))
        return limit

    assert _in_no_time(whole()).limit > 70


def test_a_hold_keeps_everything_back_and_order_is_kept() -> None:
    async def whole() -> list[str]:
        limit, told = AdaptiveLimit(1), []
        released = asyncio.Event()

        async def one(name: str) -> None:
            await limit.acquire()
            told.append(name)
            limit.release(0.001)

        async def pause() -> None:
            await released.wait()
            told.append("pause over")

        limit.hold(pause())
        waiting = [asyncio.ensure_future(one(name)) for name in "abc"]
        await asyncio.sleep(0)
        assert told == [] and not limit.has_room
        waiting[1].cancel()
        released.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert limit.in_flight == 0
        return told

    assert _in_no_time(whole()) == ["pause over", "a", "c"]


def test_who_is_cancelled_with_a_slot_in_hand_gives_it_back() -> None:
    async def whole() -> int:
        limit = AdaptiveLimit(1)
        await limit.acquire()
        waiting = asyncio.ensure_future(limit.acquire())
        await asyncio.sleep(0)
        limit.release()  # the slot is now the waiting one's, which has not run yet
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return limit.in_flight

    assert _in_no_time(whole()) == 0
