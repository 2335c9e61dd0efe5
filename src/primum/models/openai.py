"""A chat model behind an OpenAI-compatible endpoint: vLLM, SGLang, Ollama or a hosted one."""

from __future__ import annotations

import asyncio
import datetime
import email.utils
import ipaddress
import os
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import msgspec

from primum.asking import Unreadable, read_object
from primum.errors import ModelError, SettingError
from primum.models.journal import CallJournal, call_key
from primum.ports import Completion
from primum.records import Settings, Turn

if TYPE_CHECKING:
    import aiohttp

__all__ = ["EndpointSettings", "OpenAIChat"]

_KEY = re.compile(r"[!-~]+")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_CUT = ("length", "content_filter")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0


class EndpointSettings(Settings, frozen=True):
    """Where a chat model is served and how patiently it is asked.

    `base_url` usually ends in `/v1`. `api_key_env` is the *name* of the environment variable that holds the key; the key itself
    is in no recipe, record, journal or message. `timeout_s` is for one attempt, `attempts` counts all of them for one call.
    `max_tokens` is the most that any call may ask for. A server that asks for more than `longest_wait_s` of patience is given up.
    `token_limit_key` is what the server calls the limit. `is_scripted` says that a script stands in for the model.
    """

    base_url: str
    model: str
    api_key_env: str | None = None
    timeout_s: float = 120.0
    concurrency: int = 32
    attempts: int = 5
    max_tokens: int = 4096
    longest_wait_s: float = 120.0
    jitter_seed: int = 0
    token_limit_key: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    is_scripted: bool = False

    def check(self) -> None:
        try:
            parts = urlsplit(self.base_url)
            is_url = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            is_url = False
        if not is_url or parts.username or parts.password or parts.query or parts.fragment:
            # The value is not shown: what was pasted there may hold a key.
            self.refuse(
                "base_url", "is not a plain http(s) address", "write it as http://host:port/v1, the key in a variable"
            )
        if self.api_key_env is not None and not _VARIABLE.fullmatch(self.api_key_env):
            self.refuse(
                "api_key_env",
                "is not the name of an environment variable in capitals",
                "put the key into a variable and name that variable here",
            )
        if not self.model.strip():
            self.refuse("model", "is empty", "name the model as its server knows it")
        for name in ("concurrency", "attempts", "max_tokens", "timeout_s"):
            if getattr(self, name) <= 0:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = 0
    completion_tokens: int | None = 0


class _Body(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


_body_decoder = msgspec.json.Decoder(_Body)


class _Reply(NamedTuple):
    status: int
    body: bytes
    retry_after: str | None


class _Setback(NamedTuple):
    """An attempt that failed in a way that may pass; `wait_s` is what the server asked for."""

    reason: str
    wait_s: float | None = None


class _Line(NamedTuple):
    """The connections of one event loop."""

    session: aiohttp.ClientSession
    slots: asyncio.Semaphore


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class OpenAIChat:
    """Asks `/chat/completions`, waits and asks again where that can help, and says plainly where it cannot.

    Asked again: 408, 429 and 5xx (after `Retry-After`, in seconds or as a date, when the server gives one), lost connections, half
    bodies, bodies that are not a completion, and silence past `timeout_s`. Any other status ends the call at once. With a journal,
    a call that was answered before is not sent again. Connections belong to the event loop that opened them: `aclose` closes
    those of the running loop, and the next call opens new ones.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        journal: CallJournal | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime.datetime] = _utc_now,
    ) -> None:
        self.settings = settings
        self.counts = {"calls": 0, "attempts": 0, "setbacks": 0, "replayed": 0, "without JSON mode": 0}
        self._journal, self._sleep, self._now = journal, sleep, now
        self._url = settings.base_url.rstrip("/") + "/chat/completions"
        self._key = _key_from(settings.api_key_env)
        self._jitter = random.Random(settings.jitter_seed)
        self._has_json_mode = True
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = WeakKeyDictionary()

    def __repr__(self) -> str:
        return f"OpenAIChat({self.settings.model!r} at {self._url})"

    @property
    def name(self) -> str:
        return self.settings.model

    @property
    def is_scripted(self) -> bool:
        return self.settings.is_scripted

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever reads the results should know of how they were got."""
        said = [f"{self.name} at {self._url}: " + ", ".join(f"{n} {what}" for what, n in self.counts.items())]
        if not self._has_json_mode:
            asked = self.counts["without JSON mode"]
            said.append(f"the endpoint refuses response_format: {asked} attempts asked for JSON in words only")
        if self._key is not None and self._url.startswith("http:") and not _is_loopback(self._url):
            said.append("the key travels unencrypted: use https")
        return tuple(said)

    async def complete(
        self, messages: Sequence[Turn], *, temperature: float, max_tokens: int, as_json: bool = False
    ) -> Completion:
        """One completion. Raises `ModelError` naming endpoint, status and remedy when there is none after `attempts` attempts."""
        call = self._call(messages, temperature, max_tokens, as_json)
        kept = self._journal.get(call) if self._journal is not None else None
        if kept is not None:
            self.counts["replayed"] += 1
            return kept
        body = {
            "model": self.settings.model,
            "messages": list(messages),
            "temperature": temperature,
            self.settings.token_limit_key: min(max_tokens, self.settings.max_tokens),
        }
        self.counts["calls"] += 1
        line = self._line()
        async with line.slots:
            completion = await self._insist(line.session, body, as_json)
        if self._journal is not None and _is_worth_keeping(completion, as_json):
            self._journal.append(call, completion)
        return completion

    def retract(self, messages: Sequence[Turn], *, temperature: float, max_tokens: int, as_json: bool = False) -> None:
        """The caller could not use the reply to this call: it is not replayed from the journal."""
        if self._journal is not None:
            self._journal.retract(self._call(messages, temperature, max_tokens, as_json))

    async def aclose(self) -> None:
        """Close the connections of the running event loop and bring the journal to the disk."""
        line = self._lines.pop(asyncio.get_running_loop(), None)
        if line is not None:
            await line.session.close()
        if self._journal is not None:
            self._journal.sync()

    def _call(self, messages: Sequence[Turn], temperature: float, max_tokens: int, as_json: bool) -> str:
        most = min(max_tokens, self.settings.max_tokens)
        return call_key(self.settings.model, messages, temperature, most, as_json)

    def _line(self) -> _Line:
        loop = asyncio.get_running_loop()
        if loop not in self._lines:
            import aiohttp  # takes a fifth of a second: a recipe that only names an endpoint does not wait for it

            headers = {"Content-Type": "application/json"}
            if self._key is not None:
                headers["Authorization"] = f"Bearer {self._key}"
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self.settings.concurrency),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=self.settings.timeout_s),
            )
            self._lines[loop] = _Line(session, asyncio.Semaphore(self.settings.concurrency))
        return self._lines[loop]

    async def _insist(self, session: aiohttp.ClientSession, body: dict[str, Any], as_json: bool) -> Completion:
        attempts, reason = self.settings.attempts, ""
        for attempt in range(1, attempts + 1):
            outcome = await self._send(session, body, as_json)
            if isinstance(outcome, Completion):
                return outcome
            self.counts["setbacks"] += 1
            reason = outcome.reason
            if outcome.wait_s is not None and outcome.wait_s > self.settings.longest_wait_s:
                raise self._error(
                    f"asks to wait {outcome.wait_s:.0f} s ({reason})", "come back later or raise longest_wait_s"
                )
            if attempt < attempts:
                await self._sleep(self._pause_s(attempt, outcome.wait_s))
        raise self._error(
            f"gave no completion in {attempts} attempts (last: {reason})",
            "see that the server is up, lower concurrency, or raise timeout_s or attempts",
        )

    def _pause_s(self, attempt: int, asked_s: float | None) -> float:
        """What the server asked for and up to a quarter second more, else half to all of a pause that doubles."""
        if asked_s is not None:
            return asked_s + self._jitter.uniform(0.0, 0.25)
        return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (attempt - 1)) * self._jitter.uniform(0.5, 1.0)

    async def _send(self, session: aiohttp.ClientSession, body: dict[str, Any], as_json: bool) -> Completion | _Setback:
        if not as_json:
            return self._read(await self._post(session, body))
        if self._has_json_mode:
            reply = await self._post(session, body | {"response_format": {"type": "json_object"}})
            if isinstance(reply, _Setback) or reply.status not in (400, 422):
                return self._read(reply)
        self.counts["without JSON mode"] += 1
        reply = await self._post(session, body)
        if isinstance(reply, _Reply) and reply.status == 200:
            self._has_json_mode = False  # the same call passes without it: response_format was what it refused
        return self._read(reply)

    async def _post(self, session: aiohttp.ClientSession, body: dict[str, Any]) -> _Reply | _Setback:
        import aiohttp

        self.counts["attempts"] += 1
        try:
            # A redirect is not followed: the key and the texts go to the named host only.
            async with session.post(self._url, data=msgspec.json.encode(body), allow_redirects=False) as response:
                return _Reply(response.status, await response.read(), response.headers.get("Retry-After"))
        except aiohttp.ClientSSLError as error:
            raise self._error(f"cannot be trusted ({self._shown(str(error))})", "mend its certificate") from None
        except TimeoutError:
            return _Setback(f"no answer within {self.settings.timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return _Setback(self._shown(f"connection failed: {type(error).__name__} {error}"))

    def _read(self, reply: _Reply | _Setback) -> Completion | _Setback:
        if isinstance(reply, _Setback):
            return reply
        if reply.status in (408, 429) or reply.status >= 500:
            return _Setback(f"status {reply.status}: {self._said(reply)}", self._asked_wait_s(reply.retry_after))
        if reply.status != 200:
            raise self._error(f"answered {reply.status} ({self._said(reply)})", self._remedy(reply.status))
        try:
            body = _body_decoder.decode(reply.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _Setback(f"body is not a completion: {self._said(reply)}")
        message = body.choices[0].message if body.choices else _Message()
        text = message.content if message.content is not None else message.refusal
        if text is None:
            return _Setback(f"completion without text: {self._said(reply)}")
        usage = body.usage or _Usage()
        finish = body.choices[0].finish_reason or "stop"
        return Completion(text, finish, max(0, usage.prompt_tokens or 0), max(0, usage.completion_tokens or 0))

    def _asked_wait_s(self, header: str | None) -> float | None:
        if header is None:
            return None
        try:
            seconds = float(header)
        except ValueError:
            try:
                until = email.utils.parsedate_to_datetime(header)
            except ValueError:
                return None
            if until.tzinfo is None:
                until = until.replace(tzinfo=datetime.UTC)
            seconds = (until - self._now()).total_seconds()
        return max(0.0, seconds) if seconds < float("inf") else None

    def _remedy(self, status: int) -> str:
        if status in (401, 403):
            variable = self.settings.api_key_env
            return f"check the key in {variable}" if variable else "name the variable that holds the key in api_key_env"
        if status == 404:
            return "check model, and base_url, which usually ends in /v1"
        if 300 <= status < 400:
            return "write the address it redirects to into base_url"
        return "check model and its limits on length and parameters"

    def _said(self, reply: _Reply) -> str:
        return self._shown(reply.body.decode("utf-8", "replace"))

    def _shown(self, text: str) -> str:
        """What of a server's words goes into a message: one short line without the key."""
        if self._key is not None:
            text = text.replace(self._key, "***")
        return " ".join(text.split())[:160]

    def _error(self, rule: str, way_out: str) -> ModelError:
        return ModelError(f"endpoint {self._url}", rule, way_out, f"model {self.name}")


def _key_from(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise SettingError(
            f"environment variable {variable}", "is not set", "export it, or remove api_key_env", "chat model endpoint"
        )
    if not _KEY.fullmatch(key):
        raise SettingError(
            f"environment variable {variable}", "does not hold a key", "set it to one printable word", "chat endpoint"
        )
    return key


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_worth_keeping(completion: Completion, as_json: bool) -> bool:
    """Whether a completion may be replayed: whole, not empty, and JSON where JSON was asked for."""
    if completion.finish in _CUT or not completion.text.strip():
        return False
    return not (as_json and isinstance(read_object(completion.text), Unreadable))
