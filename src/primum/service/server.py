"""The reward over HTTP: `/score`, `/reward` (as OpenRLHF asks), `/health`, `/card`. It listens where it is told.

Every answer is JSON, an error one line `{"error": …}`: 400 for rows that are wrong, 401 without the token, 408 for a body that does not
come, 413 for too much at once, 422 for a sample that the model cannot read, 503 with `Retry-After` when too many wait or the service is
stopping, 504 for a score that takes too long. `/score` takes a row and gives one, or a list of them; a criterion that cannot be read is
null there, with its reason.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web

from primum.config import read_settings
from primum.cycles.reward_rows import items_in, plain_row
from primum.cycles.reward_scoring import ScoreSettings, card_of, earn_all
from primum.cycles.reward_serving import UNREAD, RewardCall, openrlhf_answer, reward_call
from primum.errors import InputError, PrimumError, SettingError
from primum.records import Settings
from primum.rewards.asked import CriteriaScorer, Item
from primum.rewards.model_reward import Earned, RewardQuery
from primum.service.batching import Batcher, BatchSettings, Busy

__all__ = ["Address", "RewardService", "ServiceSettings", "Tell", "serve", "service_settings_of", "token_in"]

Tell = Callable[[str], None]
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_LARGE_BODY = 1 << 18  # parsed beside the loop from here on


class ServiceSettings(Settings, frozen=True):
    """Limits of the service: the most rows and bytes of a call, the seconds its body may take to come and its answer to be found, those a
    stop waits for calls under way; and how calls are batched."""

    call_rows: int = 1024
    call_bytes: int = 16 << 20
    read_s: float = 60.0
    answer_s: float = 300.0
    stop_s: float = 30.0
    batching: BatchSettings = BatchSettings()
    score: ScoreSettings = ScoreSettings()

    def check(self) -> None:
        for name in ("call_rows", "call_bytes", "read_s", "answer_s", "stop_s"):
            if not getattr(self, name) > 0:
                self.refuse(f"{name} = {getattr(self, name)}", "is not above 0", "give another")


class Address(NamedTuple):
    """Where the service listens; port 0 is any free one."""

    host: str
    port: int


def service_settings_of(overrides: Sequence[str]) -> ServiceSettings:
    """The defaults with `key=value` on top (`batching.rows=32`). Raises `SettingError`."""
    try:
        return read_settings(Path(os.devnull), ServiceSettings, overrides)
    except SettingError as error:
        raise SettingError(error.value, error.rule, error.way_out, "--set") from error


def token_in(variable: str) -> str | None:
    """The token in an environment variable, `None` where it is not set. Raises `SettingError` for one that no header can carry."""
    found = os.environ.get(variable)
    if found is not None and not (found and found.isascii() and found.isprintable() and " " not in found):
        raise SettingError(
            f"the token in {variable}",
            "is empty or no word of ASCII",
            "give it 20 letters or more, or unset it",
            "serve",
        )
    return found


class RewardService:
    """The routes over one scorer. `rubrics` are queries that a label may name by id; with a `token`, all but `/health` ask for it
    (`Authorization: Bearer …`)."""

    def __init__(
        self,
        scorer: CriteriaScorer,
        rubrics: Sequence[RewardQuery] = (),
        settings: ServiceSettings | None = None,
        token: str | None = None,
    ) -> None:
        self._scorer, self._settings = scorer, settings or ServiceSettings()
        self._rubrics, self._token = {query.id: query for query in rubrics}, token
        self._told = {**card_of(scorer, self._settings.score), "rubrics": len(rubrics)}
        self._batcher = Batcher(lambda items: earn_all(scorer, items, self._settings.score), self._settings.batching)

    def application(self) -> web.Application:
        """The routes as an aiohttp application."""
        made = web.Application(middlewares=[_one_line, self._let_in], client_max_size=self._settings.call_bytes)
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

    @web.middleware
    async def _let_in(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        said = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        is_free = self._token is None or request.path == "/health"
        if not is_free and not hmac.compare_digest(said, f"Bearer {self._token}".encode()):
            raise _Refused(401, "the token is missing or wrong: send it as Authorization: Bearer")
        return await handler(request)

    async def _body(self, request: web.Request) -> bytes:
        try:
            async with asyncio.timeout(self._settings.read_s):
                return await request.read()
        except TimeoutError:
            raise _Refused(408, f"the body did not come within {self._settings.read_s:g} s: send it again") from None

    async def _score(self, request: web.Request) -> web.Response:
        items, is_list = await _parsed(await self._body(request), lambda body: items_in(body, "request"))
        earned = await self._earned(items)
        rows = [plain_row(item, one) for item, one in zip(items, earned, strict=True)]
        return _json(rows if is_list else rows[0])

    async def _reward(self, request: web.Request) -> web.Response:
        call: RewardCall = await _parsed(await self._body(request), lambda body: reward_call(body, self._rubrics))
        return _json(openrlhf_answer(call, await self._earned(call.items), self._settings.score))

    async def _health(self, _: web.Request) -> web.Response:
        return _json({"status": "ok", "name": self._scorer.name, **self._batcher.counted()._asdict()})

    async def _card(self, _: web.Request) -> web.Response:
        return _json(self._told)

    async def _earned(self, items: Sequence[Item]) -> list[Earned]:
        if len(items) > self._settings.call_rows:
            raise _Refused(413, f"{len(items)} rows are more than {self._settings.call_rows}: send them in parts")
        if not items:
            return []
        # Where the caller goes away this is cancelled, and the batcher drops what it has not begun.
        said = self._batcher.submit(items)
        try:
            async with asyncio.timeout(self._settings.answer_s):
                return await asyncio.wrap_future(said)
        except TimeoutError:
            line = f"no answer within {self._settings.answer_s:g} s: send fewer rows at once, or ask again later"
            raise _Refused(504, line) from None


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
async def _one_line(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Whatever goes wrong is one line of JSON with its status."""
    try:
        return await handler(request)
    except Busy as error:
        return _error(503, "too many rows wait: ask again later", {"Retry-After": f"{error.after_s:g}"})
    except _Refused as error:
        return _error(error.status, error.line, {"WWW-Authenticate": "Bearer"} if error.status == 401 else None)
    except InputError as error:
        return _error(422 if error.place == UNREAD else 400, str(error))
    except web.HTTPRequestEntityTooLarge:
        return _error(413, "the body is too large: send it in parts")
    except web.HTTPException as error:
        allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        return _error(error.status, f"{request.method} {request.path}: {error.reason}", allowed)
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
