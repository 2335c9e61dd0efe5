"""One server that speaks the OpenAI protocol: what is sent, what comes back, and how patiently it is asked."""

from __future__ import annotations

import asyncio
import datetime
import email.utils
import ipaddress
import math
import os
import random
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import msgspec

from primum.asking import ANY_OBJECT, Call
from primum.errors import AccessError, ModelError, OutageError, SettingError
from primum.models.limits import AdaptiveLimit
from primum.ports import Completion, Watched
from primum.records import Settings

if TYPE_CHECKING:
    import aiohttp

__all__ = ["EndpointSettings", "Wire", "utc_now"]

_KEY = re.compile(r"[!-~]+")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_MOST_BYTES = 2**24  # of a body, unpacked: hundreds of times what a reply of `max_tokens` takes
_MOST_TOKENS = 10**9  # of one reply: beyond it the server does not count
_MOST_WAIT_S = 1e9  # half a lifetime; what is longer is not told to the second
_MOST_PRICE = 1e9  # a dollar sum stays finite
_SHORTEST_KEY = 12  # "EMPTY" or "none", as local servers take them, are words that a reply may say
# Statuses that say something of the server or the key, and nothing of this one call.
_OUT = (401, 402, 403, 404, 405, 407, 410)


class EndpointSettings(Settings, frozen=True):
    """Where a chat model is served and how patiently it is asked.

    `base_url` usually ends in `/v1`. `api_key_env` is the *name* of the environment variable that holds the key; the key itself
    is in no recipe, record, calls file or message. `timeout_s` is for one attempt, `attempts` counts all of them for one call.
    `concurrency` is the most calls in flight; an endpoint that has less room is given fewer. `max_tokens` is the most that any call may
    ask for. A server that asks for more than `longest_wait_s` of patience is given up. `token_limit_key` is what the server calls the
    limit. The prices, in US dollars, are what budgets and costs are counted in. `is_scripted` says that a script stands in for the model.
    """

    base_url: str
    model: str
    api_key_env: str | None = None
    timeout_s: float = 120.0
    concurrency: int = 64
    attempts: int = 5
    max_tokens: int = 4096
    longest_wait_s: float = 120.0
    jitter_seed: int = 0
    token_limit_key: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    usd_per_million_prompt_tokens: float = 0.0
    usd_per_million_completion_tokens: float = 0.0
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
        for name in ("usd_per_million_prompt_tokens", "usd_per_million_completion_tokens"):
            if not 0 <= getattr(self, name) <= _MOST_PRICE:
                self.refuse(f"{name} = {getattr(self, name)}", "is no price", "give the price, or leave it out")
        if self.longest_wait_s < 0:
            self.refuse(f"longest_wait_s = {self.longest_wait_s}", "is below 0", "give the seconds, 0 for none")


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Alternative(msgspec.Struct):
    token: str = ""
    logprob: float = 0.0


class _Token(msgspec.Struct):
    token: str = ""
    logprob: float = 0.0
    top_logprobs: list[_Alternative] | None = None
    bytes: list[int] | None = None


class _Logprobs(msgspec.Struct):
    content: list[_Token] | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = 0


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = 0
    completion_tokens: int | None = 0
    prompt_tokens_details: _Details | None = None


class _Body(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


_body_decoder = msgspec.json.Decoder(_Body)
_encode = msgspec.json.Encoder().encode


class _Reply(NamedTuple):
    status: int
    body: bytes
    retry_after: str | None


class _Setback(NamedTuple):
    """An attempt that failed in a way that may pass; `wait_s` is what the server asked for, `is_full` that it had no room."""

    reason: str
    wait_s: float | None = None
    is_full: bool = False


class _Line(NamedTuple):
    """The connections of one event loop, and how many calls they carry."""

    session: aiohttp.ClientSession
    limit: AdaptiveLimit


def utc_now() -> datetime.datetime:
    """The time, with its zone."""
    return datetime.datetime.now(datetime.UTC)


class Wire:
    """Asks `/chat/completions` of one server, waits and asks again where that can help, and says plainly where it cannot.

    Asked again: 408, 429 and 5xx (after `Retry-After`, in seconds or as a date, when the server gives one; nothing else is sent there
    before), lost connections, half bodies, bodies that are not a completion, and silence past `timeout_s`. Any other status ends the
    call at once. How a reply must be formed is asked for in the strongest way the server takes: a JSON schema, a JSON object, words.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        counts: dict[str, int],
        sleep: Callable[[float], Awaitable[None]],
        now: Callable[[], datetime.datetime],
    ) -> None:
        self.settings, self.counts = settings, counts
        self.url = settings.base_url.rstrip("/") + "/chat/completions"
        self.outstanding = 0
        self._sleep, self._now = sleep, now
        self._key = _key_from(settings.api_key_env)
        self._jitter = random.Random(settings.jitter_seed)
        # What the server takes of response_format, the strongest first; what it refuses is not tried again.
        self._forms = ["a JSON schema", "a JSON object", "words only"]
        self._taken: set[tuple[str, str, bool]] = set()  # a form, of which schema, with log-probabilities or without
        self._has_logprobs = True
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = WeakKeyDictionary()

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever reads the results should know of how they were got."""
        said = []
        if self._forms[0] != "a JSON schema":
            said.append(f"{self.url} does not take a JSON schema: replies were asked for as {self._forms[0]}")
        if not self._has_logprobs:
            said.append(f"{self.url} gives no log-probabilities")
        if self._key is not None and self.url.startswith("http:") and not _is_loopback(self.url):
            said.append("the key travels unencrypted: use https")
        return tuple(said)

    @property
    def load(self) -> float:
        """Calls that wait for it or are in flight, against what it takes."""
        return self.outstanding / max(1.0, self._line().limit.limit)

    async def complete(self, call: Call, admit: Callable[[], Awaitable[None]]) -> Completion:
        """One completion; `admit` is called once there is room for it, and may raise.

        Raises `ModelError` naming endpoint, status and remedy when there is none after `attempts` attempts.
        """
        body = {
            "model": self.settings.model,
            "messages": call.messages,
            "temperature": call.temperature,
            self.settings.token_limit_key: min(call.max_tokens, self.settings.max_tokens),
        }
        self.outstanding += 1
        try:
            return await self._insist(body, call, admit)
        finally:
            self.outstanding -= 1

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        line = self._lines.pop(asyncio.get_running_loop(), None)
        if line is not None:
            line.limit.close()
            await line.session.close()

    def _line(self) -> _Line:
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        if line is None:
            import aiohttp  # takes a fifth of a second: a recipe that only names an endpoint does not wait for it

            headers = {"Content-Type": "application/json"}
            if self._key is not None:
                headers["Authorization"] = f"Bearer {self._key}"
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self.settings.concurrency, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=self.settings.timeout_s),
                auto_decompress=True,
            )
            line = self._lines[loop] = _Line(session, AdaptiveLimit(self.settings.concurrency))
        return line

    async def _insist(self, body: dict[str, Any], call: Call, admit: Callable[[], Awaitable[None]]) -> Completion:
        line, attempts, reason = self._line(), self.settings.attempts, ""
        for attempt in range(1, attempts + 1):
            outcome = await self._attempt(line, body, call, admit if attempt == 1 else None)
            if isinstance(outcome, Completion):
                return outcome
            self.counts["setbacks"] += 1
            reason = outcome.reason
            if outcome.wait_s is not None and outcome.wait_s > self.settings.longest_wait_s:
                raise self._outage(
                    f"asks to wait {outcome.wait_s:.0f} s ({reason})", "come back later or raise longest_wait_s"
                )
            if outcome.wait_s and outcome.is_full:
                line.limit.hold(self._pause(outcome.wait_s))
            if attempt < attempts:
                await self._sleep(self._pause_s(attempt, outcome.wait_s))
        raise self._outage(
            f"gave no completion in {attempts} attempts (last: {reason})",
            "see that the server is up, lower concurrency, or raise timeout_s or attempts",
        )

    async def _attempt(
        self, line: _Line, body: dict[str, Any], call: Call, admit: Callable[[], Awaitable[None]] | None
    ) -> Completion | _Setback:
        await line.limit.acquire(is_retry=admit is None)
        latency_s, began = None, asyncio.get_running_loop().time()
        try:
            if admit is not None:
                await admit()
            outcome = await self._send(line.session, body, call)
            if isinstance(outcome, Completion):
                latency_s = asyncio.get_running_loop().time() - began
            elif outcome.is_full:
                line.limit.refused(began)
            return outcome
        finally:
            line.limit.release(latency_s)

    async def _pause(self, seconds: float) -> None:
        await self._sleep(seconds)

    def _pause_s(self, attempt: int, asked_s: float | None) -> float:
        """What the server asked for and up to a quarter second more, else half to all of a pause that doubles."""
        if asked_s:
            return asked_s + self._jitter.uniform(0.0, 0.25)
        return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (attempt - 1)) * self._jitter.uniform(0.5, 1.0)

    async def _send(self, session: aiohttp.ClientSession, body: dict[str, Any], call: Call) -> Completion | _Setback:
        """Ask in the strongest way the server takes; one it refuses (400, 422) is left, if the same call passes without."""
        for has_logprobs in (True, False) if call.watch and self._has_logprobs else (False,):
            for form in self._forms_of(call):
                asked = body | _form(form, call)
                if has_logprobs:
                    asked |= {"logprobs": True, "top_logprobs": 5}
                reply = await self._post(session, asked)
                if isinstance(reply, _Reply) and reply.status == 200:
                    self._takes(form, has_logprobs, call)
                is_taken = (form, _named(call), has_logprobs) in self._taken
                if isinstance(reply, _Setback) or reply.status not in (400, 422) or is_taken:
                    return self._read(reply, call)  # a form it took before is not what it refuses now
        return self._read(reply, call)

    def _forms_of(self, call: Call) -> list[str]:
        if call.schema is None:
            return ["words only"]
        return [form for form in self._forms if form != "a JSON schema" or call.schema is not ANY_OBJECT]

    def _takes(self, form: str, has_logprobs: bool, call: Call) -> None:
        """The server took this: what is stronger and was refused for the same call is not tried again."""
        if call.watch and not has_logprobs:
            self._has_logprobs = False
        if call.schema is None or (call.watch and has_logprobs != self._has_logprobs):
            return
        # It is gone when another call, in flight beside this one, was refused it and found a weaker one.
        if form in self._forms and (form == "words only" or call.schema is not ANY_OBJECT):
            del self._forms[: self._forms.index(form)]
        self._taken.add((form, _named(call), has_logprobs))

    async def _post(self, session: aiohttp.ClientSession, body: dict[str, Any]) -> _Reply | _Setback:
        import aiohttp

        self.counts["attempts"] += 1
        try:
            # A redirect is not followed: the key and the texts go to the named host only.
            async with session.post(self.url, data=_encode(body), allow_redirects=False) as response:
                whole = bytearray()
                async for part in response.content.iter_any():
                    whole += part
                    if len(whole) > _MOST_BYTES:
                        return _Setback(f"status {response.status}: body of more than {_MOST_BYTES:,} bytes")
                return _Reply(response.status, bytes(whole), response.headers.get("Retry-After"))
        except aiohttp.ClientSSLError as error:
            raise self._outage(f"cannot be trusted ({self._shown(str(error))})", "mend its certificate") from None
        except TimeoutError:
            return _Setback(f"no answer within {self.settings.timeout_s:g} s", is_full=True)
        except (aiohttp.ClientError, OSError) as error:
            return _Setback(self._shown(f"connection failed: {type(error).__name__} {error}"))

    def _read(self, reply: _Reply | _Setback, call: Call) -> Completion | _Setback:
        if isinstance(reply, _Setback):
            return reply
        if reply.status in (408, 429) or reply.status >= 500:
            is_full = reply.status in (429, 503)
            return _Setback(
                f"status {reply.status}: {self._said(reply)}", self._asked_wait_s(reply.retry_after), is_full
            )
        if reply.status != 200:
            kind = AccessError if reply.status in _OUT or 300 <= reply.status < 400 else ModelError
            raise kind(
                f"endpoint {self.url}",
                f"answered {reply.status} ({self._said(reply)})",
                self._remedy(reply.status),
                f"model {self.settings.model}",
            )
        try:
            body = _body_decoder.decode(reply.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _Setback(f"body is not a completion: {self._said(reply)}")
        first = body.choices[0] if body.choices else _Choice(_Message())
        text = first.message.content if first.message.content is not None else first.message.refusal
        if text is None and first.finish_reason is not None:
            text = ""  # it came to its end without a word (all its tokens went into thought, say): answered, paid for, unreadable
        if text is None:
            return _Setback(f"completion without text: {self._said(reply)}")
        usage = body.usage or _Usage()
        if max(usage.prompt_tokens or 0, usage.completion_tokens or 0) > _MOST_TOKENS:
            return _Setback(f"usage that cannot be: {usage.prompt_tokens} and {usage.completion_tokens} tokens")
        if self._key is not None and len(self._key) >= _SHORTEST_KEY:
            text = text.replace(self._key, "***")  # replies are kept and quoted, and the key is written nowhere
        details = usage.prompt_tokens_details
        if details is not None:
            self.counts["prompt tokens the server had cached"] += max(0, details.cached_tokens or 0)
        watched = _watched(first.logprobs, call.watch) if call.watch else ()
        return Completion(
            text,
            first.finish_reason or "stop",
            max(0, usage.prompt_tokens or 0),
            max(0, usage.completion_tokens or 0),
            watched,
        )

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
        return min(max(0.0, seconds), _MOST_WAIT_S) if seconds < float("inf") else None

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

    def _outage(self, rule: str, way_out: str) -> OutageError:
        return OutageError(f"endpoint {self.url}", rule, way_out, f"model {self.settings.model}")


def _named(call: Call) -> str:
    return call.schema.name if call.schema is not None else ""


def _form(form: str, call: Call) -> dict[str, Any]:
    """How a reply in a form is asked for."""
    if call.schema is None or form == "words only":
        return {}
    if form == "a JSON object":
        return {"response_format": {"type": "json_object"}}
    schema = {"name": call.schema.name, "strict": True, "schema": call.schema.body}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _watched(logprobs: _Logprobs | None, watch: tuple[str, ...]) -> tuple[Watched, ...]:
    """Where the reply's tokens are words that are watched, and how probable each of those was there."""
    found: list[Watched] = []
    position = 0
    for token in (logprobs.content if logprobs is not None else None) or ():
        if token.token.strip().strip('"').lower() in watch:
            chances: dict[str, float] = {}
            for other in token.top_logprobs or [_Alternative(token.token, token.logprob)]:
                word = other.token.strip().strip('"').lower()
                if word in watch and math.isfinite(other.logprob):
                    chances[word] = min(1.0, chances.get(word, 0.0) + math.exp(min(0.0, other.logprob)))
            lead = len(token.token) - len(token.token.lstrip().lstrip('"'))
            found.append(Watched(position + lead, chances))
        position += _length(token)
    return tuple(found)


def _length(token: _Token) -> int:
    """How many characters of the reply a token is. One that is a part of a character is written in a way of the server's own."""
    if token.bytes is None or (token.token.isascii() and len(token.bytes) == len(token.token)):
        return len(token.token)
    return sum(byte & 0xC0 != 0x80 for byte in token.bytes)  # each character of UTF-8 has one byte that begins it


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
