import asyncio
import datetime
import json
import pickle
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from primum.asking import Call, Schema
from primum.errors import BudgetError, ModelError, OutageError, RecordError, SettingError
from primum.models.calls import Budget, CallCache
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Completion
from primum.records import Turn
from servers import TRANSPORT_FAULTS, ScriptedServer

KEY = "sk-test-0123456789abcdef"
ASKED = (Turn(role="user", content="How often should a dressing be changed?"),)


class _Clock:
    """Records pauses in place of making them."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def _settings(url: str, **changes) -> EndpointSettings:
    return EndpointSettings(base_url=url, model="scripted", **{"timeout_s": 5.0, **changes})


def _complete(chat: OpenAIChat, *prompts: str, as_json: bool = False) -> list[Completion]:
    async def all_of_them() -> list[Completion]:
        try:
            return [
                await chat.complete(
                    (Turn(role="user", content=prompt),) if prompt else ASKED,
                    temperature=0.0,
                    max_tokens=64,
                    as_json=as_json,
                )
                for prompt in prompts or ("",)
            ]
        finally:
            await chat.aclose()

    return asyncio.run(all_of_them())


def _always(fault: str, times: int = 1000):
    return lambda _, before: fault if before < times else None


def test_a_completion_comes_with_its_tokens() -> None:
    with ScriptedServer() as server:
        chat = OpenAIChat(_settings(server.url))
        (answer,) = _complete(chat)
        assert answer.text.startswith("Follow the rules") and answer.finish == "stop"
        assert answer.prompt_tokens > 0 and answer.completion_tokens > 0
        assert chat.counts["calls"] == chat.counts["attempts"] == 1
        (again,) = _complete(chat)  # a second event loop gets connections of its own
        assert again == answer


@pytest.mark.parametrize("fault", TRANSPORT_FAULTS)
def test_what_may_pass_is_asked_again(fault: str) -> None:
    clock = _Clock()
    with ScriptedServer(choose=_always(fault, 2)) as server:
        chat = OpenAIChat(_settings(server.url, timeout_s=0.3), sleep=clock.sleep)
        assert _complete(chat)[0].text.startswith("Follow the rules")
        assert list(server.calls.values()) == [3]
        assert server.faults[fault] == 2
    assert len(clock.pauses) == 2 and chat.counts["setbacks"] == 2


@pytest.mark.parametrize("fault", TRANSPORT_FAULTS)
def test_attempts_are_bounded_and_the_error_says_what_happened(fault: str) -> None:
    clock = _Clock()
    with ScriptedServer(choose=_always(fault)) as server:
        chat = OpenAIChat(_settings(server.url, attempts=3, timeout_s=0.3), sleep=clock.sleep)
        with pytest.raises(ModelError) as caught:
            _complete(chat)
        assert list(server.calls.values()) == [3]
    said = str(caught.value)
    assert "gave no completion in 3 attempts" in said and server.url in said and "model scripted" in said
    expected = {
        "429": "status 429",
        "500": "status 500",
        "half_body": "ClientPayloadError",
        "dropped": "ServerDisconnectedError",
        "bad_body": "not a completion",
        "silence": "no answer within 0.3 s",
    }
    assert expected[fault] in said
    assert len(clock.pauses) == 2  # none after the last attempt


def test_pauses_double_with_jitter_and_stay_the_same_for_a_seed() -> None:
    def pauses(seed: int) -> list[float]:
        clock = _Clock()
        with ScriptedServer(choose=_always("500")) as server, pytest.raises(ModelError):
            _complete(OpenAIChat(_settings(server.url, attempts=9, jitter_seed=seed), sleep=clock.sleep))
        return clock.pauses

    first = pauses(1)
    for pause, whole in zip(first, (0.5, 1, 2, 4, 8, 16, 30, 30), strict=True):
        assert whole / 2 <= pause <= whole
    assert first == pauses(1) != pauses(2)


def test_retry_after_in_seconds_is_honoured() -> None:
    clock = _Clock()
    with ScriptedServer(choose=_always("429", 2), retry_after="17") as server:
        _complete(OpenAIChat(_settings(server.url), sleep=clock.sleep))
    # each time the call waits, and with it everything else that would go to this server
    assert len(clock.pauses) == 4 and all(17 <= pause <= 17.25 for pause in clock.pauses)


def test_retry_after_as_a_date_is_honoured() -> None:
    clock = _Clock()
    now = datetime.datetime(2026, 1, 1, 11, 59, 30, tzinfo=datetime.UTC)
    with ScriptedServer(choose=_always("429", 1), retry_after="Thu, 01 Jan 2026 12:00:00 GMT") as server:
        _complete(OpenAIChat(_settings(server.url), sleep=clock.sleep, now=lambda: now))
        late = OpenAIChat(_settings(server.url), sleep=clock.sleep, now=lambda: now + datetime.timedelta(hours=1))
        _complete(late, "Something else")
    assert all(30 <= pause <= 30.25 for pause in clock.pauses[:2])
    assert (
        len(clock.pauses) == 3 and 0.25 <= clock.pauses[2] <= 0.5
    )  # the date has passed: the usual pause, nothing is held back


@pytest.mark.parametrize("header", ["soon", "nan", "inf", ""])
def test_a_retry_after_that_says_nothing_leaves_the_usual_pause(header: str) -> None:
    clock = _Clock()
    with ScriptedServer(choose=_always("429", 1), retry_after=header) as server:
        _complete(OpenAIChat(_settings(server.url), sleep=clock.sleep))
    assert 0.25 <= clock.pauses[0] <= 0.5


def test_a_server_that_asks_for_too_much_patience_is_given_up() -> None:
    clock = _Clock()
    with ScriptedServer(choose=_always("429"), retry_after="7200") as server:
        with pytest.raises(ModelError, match=r"asks to wait 7200 s .*raise longest_wait_s"):
            _complete(OpenAIChat(_settings(server.url), sleep=clock.sleep))
        assert list(server.calls.values()) == [1]
    assert clock.pauses == []


def test_a_wrong_key_is_not_tried_twice_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIMUM_TEST_KEY", KEY)
    with ScriptedServer(key="another") as server:  # it echoes the header it got
        chat = OpenAIChat(_settings(server.url, api_key_env="PRIMUM_TEST_KEY"))
        with pytest.raises(ModelError) as caught:
            _complete(chat)
        assert chat.counts["attempts"] == 1
    said = str(caught.value)
    assert "answered 401" in said and "check the key in PRIMUM_TEST_KEY" in said and "***" in said
    for shown in (said, repr(caught.value), repr(chat), str(chat.notes), repr(chat.settings)):
        assert KEY not in shown
    assert str(pickle.loads(pickle.dumps(caught.value))) == said
    error: BaseException | None = caught.value
    while error is not None:
        assert KEY not in repr(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_the_right_key_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIMUM_TEST_KEY", f" {KEY}\n")
    with ScriptedServer(key=KEY) as server:
        assert _complete(OpenAIChat(_settings(server.url, api_key_env="PRIMUM_TEST_KEY")))


def test_a_key_that_is_missing_or_broken_is_a_setting_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRIMUM_TEST_KEY", raising=False)
    with pytest.raises(SettingError, match="PRIMUM_TEST_KEY is not set"):
        OpenAIChat(_settings("http://127.0.0.1:1/v1", api_key_env="PRIMUM_TEST_KEY"))
    monkeypatch.setenv("PRIMUM_TEST_KEY", f"{KEY}\nX-Injected: 1")
    with pytest.raises(SettingError) as caught:
        OpenAIChat(_settings("http://127.0.0.1:1/v1", api_key_env="PRIMUM_TEST_KEY"))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"api_key_env": KEY},
        {"base_url": f"http://user:{KEY}@host/v1"},
        {"base_url": f"http://host/v1?key={KEY}"},
        {"base_url": "host:8000"},
        {"base_url": "http://host:99999/v1"},
        {"attempts": 0},
        {"model": " "},
    ],
)
def test_settings_that_cannot_work_are_refused_without_showing_a_key(changes: dict[str, object]) -> None:
    with pytest.raises(RecordError) as caught:
        EndpointSettings(**{"base_url": "http://host/v1", "model": "m", **changes})
    assert KEY not in str(caught.value)


def test_an_address_that_nobody_serves_is_named() -> None:
    with pytest.raises(ModelError, match="check model, and base_url"), ScriptedServer() as server:
        _complete(OpenAIChat(_settings(server.url.removesuffix("/v1"))))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        clock = _Clock()
        with pytest.raises(ModelError, match="connection failed: ClientConnectorError"):
            _complete(OpenAIChat(_settings(f"http://127.0.0.1:{port}/v1", attempts=2), sleep=clock.sleep))


def test_json_mode_that_is_refused_is_dropped_for_the_session_and_said() -> None:
    with ScriptedServer(has_json_mode=False) as server:
        chat = OpenAIChat(_settings(server.url))
        _complete(chat, "one", "two", "three", as_json=True)
        assert chat.counts["calls"] == 3 and chat.counts["attempts"] == 4
        assert server.asked == {"json_object": 1, "words": 3}
    assert "replies were asked for as words only" in " ".join(chat.notes)
    with ScriptedServer() as server:
        content = OpenAIChat(_settings(server.url))
        _complete(content, "one", as_json=True)
        assert server.asked == {"json_object": 1} and len(content.notes) == 1


def test_calls_in_flight_stay_within_the_concurrency() -> None:
    with ScriptedServer(choose=_always("silence"), silence_s=0.2) as server:
        chat = OpenAIChat(_settings(server.url, concurrency=2, attempts=1, timeout_s=0.1))

        async def many() -> None:
            calls = [
                chat.complete((Turn(role="user", content=str(n)),), temperature=0.0, max_tokens=8) for n in range(4)
            ]
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            await chat.aclose()
            assert all(isinstance(outcome, ModelError) for outcome in outcomes)

        asyncio.run(many())
        # a call that waits for a slot is not running out of time: all four reached the server
        assert server.calls.total() == 4


def test_the_token_limit_is_capped_and_named_as_the_server_wants() -> None:
    seen: list[dict[str, object]] = []
    with ScriptedServer() as server:
        settings = _settings(server.url, max_tokens=16, token_limit_key="max_completion_tokens")
        chat = OpenAIChat(settings)
        (wire,) = chat._wires
        original = wire._post

        async def spy(session, body):
            seen.append(json.loads(json.dumps({k: v for k, v in body.items() if k != "messages"})))
            return await original(session, body)

        wire._post = spy
        _complete(chat)
    assert seen == [{"model": "scripted", "temperature": 0.0, "max_completion_tokens": 16}]


def test_naming_an_endpoint_loads_no_http_client() -> None:
    code = "import sys, primum.models.openai, primum.asking; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


SCHEMA = Schema("found", msgspec.Raw(b'{"type":"object","properties":{"found":{"type":"boolean"}}}'))


def _send(chat: OpenAIChat, *calls: Call) -> list[Completion | BaseException]:
    async def all_at_once() -> list[Completion | BaseException]:
        try:
            return await asyncio.gather(*(chat.send(one, chat.key(one)) for one in calls), return_exceptions=True)
        finally:
            await chat.aclose()

    return asyncio.run(all_at_once())


def _call(prompt: str, **changes) -> Call:
    return Call(**{"messages": (Turn(role="user", content=prompt),), "temperature": 0.0, "max_tokens": 64, **changes})


@pytest.mark.parametrize(
    ("takes", "asked"),
    [
        ({}, {"json_schema": 3}),
        ({"has_schema": False}, {"json_schema": 1, "json_object": 3}),
        ({"has_json_mode": False}, {"json_schema": 1, "json_object": 1, "words": 3}),
    ],
)
def test_the_strongest_form_a_server_takes_is_found_once(takes: dict[str, bool], asked: dict[str, int]) -> None:
    with ScriptedServer(**takes) as server:
        chat = OpenAIChat(_settings(server.url))
        for number in range(3):
            (reply,) = _send(chat, _call(str(number), schema=SCHEMA))
            assert isinstance(reply, Completion)
        assert server.asked == asked


def test_a_form_that_was_taken_once_is_not_what_a_server_refuses_later() -> None:
    with ScriptedServer() as server:
        chat = OpenAIChat(_settings(server.url))
        _send(chat, _call("fine", schema=SCHEMA))
        server._has_json_mode = False  # from now on every call with a form is answered 400
        (refused,) = _send(chat, _call("too long", schema=SCHEMA))
        assert isinstance(refused, ModelError) and not isinstance(refused, OutageError)
        assert server.asked == {"json_schema": 2}


def test_log_probabilities_are_taken_where_they_are_offered() -> None:
    with ScriptedServer(reply=lambda _: '{"explanation": "false start", "met": true}') as server:
        (reply,) = _send(OpenAIChat(_settings(server.url)), _call("x", schema=SCHEMA, watch=("true", "false")))
    assert isinstance(reply, Completion)
    assert [reply.text[one.start : one.start + 4] for one in reply.watched] == ["fals", "true"]
    assert reply.watched[1].chances == pytest.approx({"true": 0.9, "false": 0.1})
    with ScriptedServer(has_logprobs=False) as server:
        chat = OpenAIChat(_settings(server.url))
        for number in range(2):
            (plain,) = _send(chat, _call(str(number), schema=SCHEMA, watch=("true", "false")))
            assert isinstance(plain, Completion) and plain.watched == ()
        assert server.asked == {"json_schema": 3} or server.asked.total() == 5
    assert "gives no log-probabilities" in " ".join(chat.notes)


def test_equal_calls_in_flight_are_made_once() -> None:
    with ScriptedServer(choose=_always("429", 1), retry_after="0") as server:
        chat = OpenAIChat(_settings(server.url))
        replies = _send(chat, *[_call("the same")] * 20, _call("another"))
        assert len(set(replies)) == 1 and sorted(server.calls.values()) == [2, 2]
    assert chat.counts["shared in flight"] == 19 and chat.counts["calls"] == 2
    with ScriptedServer(choose=_always("500")) as server:
        chat = OpenAIChat(_settings(server.url, attempts=1))
        failed = _send(chat, *[_call("the same")] * 3)
        assert all(isinstance(one, OutageError) for one in failed) and server.calls.total() == 1


def test_a_group_stays_with_one_server_and_moves_when_that_is_out() -> None:
    with ScriptedServer() as first, ScriptedServer() as second:
        chat = OpenAIChat([_settings(first.url, attempts=1), _settings(second.url, attempts=1)])
        _send(chat, *(_call(f"{group} {n}", group=group) for group in "abcd" for n in range(5)))
        assert {first.calls.total(), second.calls.total()} == {10}
        for server in (first, second):
            groups = {prompt.split()[0] for prompt in server.prompts.values()}
            assert len(groups) == 2
        second._choose = _always("500")
        replies = _send(chat, *(_call(f"{group} again", group=group) for group in "abcd"))
        assert all(isinstance(one, Completion) for one in replies) and first.calls.total() == 14
    with pytest.raises(SettingError, match="do not serve one model"):
        OpenAIChat([_settings("http://a/v1"), EndpointSettings(base_url="http://b/v1", model="other")])


def test_a_budget_stops_before_the_call_that_passes_it(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        with CallCache(tmp_path / "calls.db") as calls:
            chat = OpenAIChat(_settings(server.url), calls, Budget(calls=5))
            outcomes = [_send(chat, _call(str(n)))[0] for n in range(7)]
        assert sum(isinstance(one, BudgetError) for one in outcomes) == 2 and server.calls.total() == 5
        with CallCache(tmp_path / "calls.db") as calls:  # what an earlier run paid counts
            chat = OpenAIChat(_settings(server.url), calls, Budget(calls=6))
            assert not isinstance(_send(chat, _call("a"))[0], BudgetError)
            with pytest.raises(BudgetError, match=r"budget of 6 calls is spent \(6 calls, .*raise it and run again"):
                raise _send(chat, _call("b"))[0]
        priced = _settings(server.url, usd_per_million_prompt_tokens=1e6, usd_per_million_completion_tokens=2e6)
        chat = OpenAIChat(priced, None, Budget(usd=60.0))
        paid = 0
        while not isinstance(_send(chat, _call(f"priced {paid}"))[0], BudgetError):
            paid += 1
        (reply,) = _send(OpenAIChat(priced), _call("priced 0"))
        assert isinstance(reply, Completion)
        price = reply.prompt_tokens + 2 * reply.completion_tokens
        assert paid == 60 // price and chat.spent.usd == pytest.approx(paid * price)


def test_tokens_in_flight_count_against_the_budget() -> None:
    with ScriptedServer() as server:
        chat = OpenAIChat(_settings(server.url), None, Budget(tokens=400))
        _send(chat, _call("first"))
        each = chat.spent.tokens
        outcomes = _send(chat, *(_call(f"later {n}") for n in range(50)))
    assert 400 - 2 * each < chat.spent.tokens <= 400
    assert {type(one) for one in outcomes} == {Completion, BudgetError}


def test_a_price_that_is_not_known_yet_lets_no_crowd_through() -> None:
    with ScriptedServer() as server:
        priced = _settings(server.url, concurrency=64, usd_per_million_completion_tokens=1e6)
        chat = OpenAIChat(priced, None, Budget(usd=100.0))
        outcomes = _send(chat, *(_call(f"at once {n}") for n in range(64)))
        each = chat.spent.usd / chat.spent.calls
        assert 100 - each < chat.spent.usd <= 100 and server.calls.total() == chat.spent.calls
    assert sum(isinstance(one, BudgetError) for one in outcomes) == 64 - chat.spent.calls
