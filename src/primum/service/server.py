"""The reward over HTTP: `/score`, `/reward` (as OpenRLHF asks), `/health`, `/card`. It listens where it is told and tells nobody of its use.

Every answer is JSON, an error one line `{"error": …}`: 400 for rows that are wrong, 413 for too much at once, 422 for a row that the model
cannot read, 503 with `Retry-After` when too many wait or the service is stopping.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from aiohttp import web

from primum.cycles.reward_scoring import ScoreSettings, card_of, earn_all, items_in, plain_row
from primum.cycles.reward_serving import UNREAD, RewardCall, openrlhf_answer, reward_call
from primum.errors import InputError, PrimumError, SettingError
from primum.records import Settings
from primum.rewards.asked import CriteriaScorer, Item
from primum.rewards.model_reward import Earned, RewardQuery
from primum.service.batching import Batcher, BatchSettings, Busy

__all__ = ["Address", "RewardService", "ServiceSettings", "Tell", "serve"]

Tell = Callable[[str], None]
_LARGE_BODY = 1 << 18  # parsed beside the loop from here on


class ServiceSettings(Settings, frozen=True):
    """Limits of the service: the most rows and bytes of a call, the seconds a stop waits for calls under way; and how calls are batched."""

    call_rows: int = 1024
    call_bytes: int = 16 << 20
    stop_s: float = 30.0
    batching: BatchSettings = BatchSettings()
    score: ScoreSettings = ScoreSettings()

    def check(self) -> None:
        if self.call_rows < 1 or self.call_bytes < 1 or self.stop_s < 0:
            self.refuse("a limit of the service", "is not positive", "give others")


class Address(NamedTuple):
    """Where the service listens; port 0 is any free one."""

    host: str
    port: int


class RewardService:
    """The routes over one scorer. `rubrics` are queries that a label may name by id."""

    def __init__(
        self,
        scorer: CriteriaScorer,
        rubrics: Sequence[RewardQuery] = (),
        settings: ServiceSettings | None = None,
    ) -> None:
        self._scorer, self._settings = scorer, settings or ServiceSettings()
        self._rubrics = {query.id: query for query in rubrics}
        self._batcher = Batcher(lambda items: earn_all(scorer, items, self._settings.score), self._settings.batching)

    def application(self) -> web.Application:
        """The routes as an aiohttp application."""
        made = web.Application(middlewares=[_one_line], client_max_size=self._settings.call_bytes)
        made.add_routes(
            [
                web.post("/score", self._score),
                web.post("/reward", self._reward),
                web.get("/health", self._health),
                web.get("/card", self._card),
            ]
        )
        return made

    def close(self) -> None:
        """Score what waits and end the worker."""
        self._batcher.close()

    async def _score(self, request: web.Request) -> web.Response:
        items, is_list = await _parsed(await request.read(), lambda body: items_in(body, "request"))
        earned = await self._earned(items)
        rows = [plain_row(item, one) for item, one in zip(items, earned, strict=True)]
        return _json(rows if is_list else rows[0])

    async def _reward(self, request: web.Request) -> web.Response:
        call: RewardCall = await _parsed(await request.read(), lambda body: reward_call(body, self._rubrics))
        return _json(openrlhf_answer(call, await self._earned(call.items), self._settings.score.reward))

    async def _health(self, _: web.Request) -> web.Response:
        return _json({"status": "ok", "name": self._scorer.name, **self._batcher.counted()._asdict()})

    async def _card(self, _: web.Request) -> web.Response:
        return _json({**card_of(self._scorer, self._settings.score), "rubrics": len(self._rubrics)})

    async def _earned(self, items: Sequence[Item]) -> list[Earned]:
        if len(items) > self._settings.call_rows:
            raise _Refused(413, f"{len(items)} rows are more than {self._settings.call_rows}: send them in parts")
        if not items:
            return []
        # Where the caller goes away this is cancelled, and the batcher drops what it has not begun.
        return await asyncio.wrap_future(self._batcher.submit(items))


def serve(service: RewardService, address: Address, tell: Tell, stop_s: float = 30.0) -> None:
    """Serve until SIGTERM or SIGINT; then take no more, answer what is under way, and return. `tell` gets the address as it is.

    Raises `SettingError` for an address that cannot be listened at.
    """
    try:
        asyncio.run(_serve(service, address, tell, stop_s))
    finally:
        service.close()


async def _serve(service: RewardService, address: Address, tell: Tell, stop_s: float) -> None:
    runner = web.AppRunner(
        service.application(), access_log=None, handler_cancellation=True, shutdown_timeout=stop_s, handle_signals=False
    )
    await runner.setup()
    site = web.TCPSite(runner, address.host, address.port)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        try:
            await site.start()
        except OSError as error:
            raise SettingError(
                f"{address.host}:{address.port}",
                f"cannot be listened at ({error.strerror or error})",
                "name another --host or --port",
                "primum reward serve",
            ) from error
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        host = f"[{address.host}]" if ":" in address.host else address.host
        tell(f"http://{host}:{runner.addresses[0][1]}")
        await stopped.wait()
    finally:
        await runner.cleanup()


class _Refused(Exception):
    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status, self.line = status, line


@web.middleware
async def _one_line(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Whatever goes wrong is one line of JSON with its status."""
    try:
        return await handler(request)
    except Busy as error:
        return _error(503, "too many rows wait: ask again later", {"Retry-After": f"{error.after_s:g}"})
    except _Refused as error:
        return _error(error.status, error.line)
    except InputError as error:
        return _error(422 if error.place == UNREAD else 400, str(error))
    except web.HTTPRequestEntityTooLarge:
        return _error(413, "the body is too large: send it in parts")
    except web.HTTPException as error:
        return _error(error.status, f"{request.method} {request.path}: {error.reason}")
    except PrimumError as error:
        return _error(500, str(error))
    except Exception as error:  # noqa: BLE001  (a caller gets a line, the service lives on)
        told = " ".join(str(error).split())[:200]
        return _error(500, f"{type(error).__name__} ({told}) is a fault of ours")


async def _parsed(body: bytes, parse: Callable[[bytes], Any]) -> Any:
    return parse(body) if len(body) < _LARGE_BODY else await asyncio.to_thread(parse, body)


def _json(content: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(
        content, status=status, headers=headers, dumps=lambda one: json.dumps(one, ensure_ascii=False)
    )


def _error(status: int, line: str, headers: dict[str, str] | None = None) -> web.Response:
    return _json({"error": line}, status, headers)
