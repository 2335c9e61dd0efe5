"""A double of a reward model, and the reward service over it in a thread of its own, on the loopback.

The double finds a criterion met (chance .9, else .2) when the completion holds its text's last word. It refuses a criterion that says
"too long", gives no number for one that says "nan", and fails on one that says "broken".
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from aiohttp import web

from primum.errors import InputError, ModelError
from primum.ports import Progress, silent
from primum.records import Turn
from primum.rewards.asked import Asked, Item, Read
from primum.service.server import RewardService

__all__ = ["Reply", "WordScorer", "item", "posted", "row", "served"]


class WordScorer:
    """See the module. `sizes` are the numbers of items of the calls so far; `before` is called at the start of each."""

    name = "words"
    fingerprint = "w1"

    def __init__(self, before: Callable[[], None] | None = None) -> None:
        self.sizes: list[int] = []
        self._before = before

    def score(self, items: Iterable[Item], progress: Progress = silent) -> Iterator[Read]:
        asked = list(items)
        self.sizes.append(len(asked))
        if self._before is not None:
            self._before()
        for number, one in enumerate(asked, 1):
            if any("too long" in criterion.text for criterion in one.criteria):
                raise InputError("a criterion", "does not fit into 16 tokens", "shorten it", "double")
            if any("broken" in criterion.text for criterion in one.criteria):
                raise ModelError("the double", "is broken", "mend it", "double")
            chances = [self._chance(criterion, one.completion) for criterion in one.criteria]
            progress(number, len(asked))
            yield Read(tuple(math.log(p / (1 - p)) for p in chances), tuple(chances))

    @staticmethod
    def _chance(criterion: Asked, completion: str) -> float:
        if "nan" in criterion.text:
            return math.nan
        return 0.9 if criterion.text.split()[-1] in completion else 0.2


def item(completion: str, *criteria: Asked | str, id: str = "q") -> Item:
    """An item of one turn; a criterion that is a string is one of proficiency."""
    asked = tuple(one if isinstance(one, Asked) else Asked(text=one) for one in criteria)
    return Item(id, (Turn(role="user", content="How do I store insulin?"),), completion, asked)


def row(completion: str, *texts: str, id: str = "q", **more: Any) -> dict[str, Any]:
    """The same as a row of JSON."""
    return {
        "id": id,
        "prompt": "How do I store insulin?",
        "completion": completion,
        "criteria": [{"text": text} for text in texts],
    } | more


@contextlib.contextmanager
def served(service: RewardService) -> Iterator[str]:
    """The address of the service while it is served in another thread."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(service.application(), access_log=None, handler_cancellation=True, shutdown_timeout=2)

    async def begin() -> str:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        service.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Reply(NamedTuple):
    """Status, decoded body and headers of an answer."""

    status: int
    body: Any
    headers: dict[str, str]


def posted(url: str, body: Any = None, method: str | None = None, **headers: str) -> Reply:
    """What the service answers; a body that is no bytes goes as JSON, `None` asks with GET. Errors are answers too."""
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as found:
            return Reply(found.status, json.loads(found.read()), dict(found.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, json.loads(error.read()), dict(error.headers))
