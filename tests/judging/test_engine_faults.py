"""What may not happen to a run: that it hangs, pays twice, stops in silence, or reads what was not said."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from voices import Voice, criterion
from voices import case as bare_case

from primum.errors import InputError
from primum.judging.chat import ChatJudge, ChatSettings
from primum.judging.engine import Engine, EngineSettings
from primum.judging.reading import read_one
from primum.judging.side_by_side import side_by_side
from primum.models.calls import CallCache
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Assessment, Case, Completion, Progress, Watched, silent
from servers import ScriptedServer

CRITERION = criterion(1)
ALONE = ChatSettings(asks_stance=False)


def case(number: int) -> Case:
    return bare_case(number, (CRITERION,))


def _chat(server: ScriptedServer, calls: CallCache | None = None, **changes) -> OpenAIChat:
    return OpenAIChat(EndpointSettings(base_url=server.url, model="scripted", **changes), calls)


class _Broken:
    name = "broken"

    async def complete(self, messages, *, temperature, max_tokens, as_json=False) -> Completion:
        raise RuntimeError("a fault in somebody's code")


def test_a_fault_in_code_ends_the_run_and_is_raised() -> None:
    with pytest.raises(RuntimeError, match="a fault in somebody's code"):
        Engine(ChatJudge(_Broken())).judge([case(1), case(2)])


def test_equal_questions_are_asked_once_however_many_wait(tmp_path: Path) -> None:
    for window in (4, 1024):
        with ScriptedServer() as server, CallCache(tmp_path / f"{window}.db") as calls:
            engine = Engine(ChatJudge(_chat(server, calls), ALONE), settings=EngineSettings(window=window))
            assessed = engine.judge([case(number % 5) for number in range(60)])
            assert set(server.calls.values()) == {1} and calls.spent.calls == len(server.calls)
        assert [one.judgement.response for one in assessed] == [case(n % 5).response.id for n in range(60)]


def test_one_call_that_fails_is_one_failure_for_all_who_wait_for_it() -> None:
    first = ""

    def choose(content: str, _: int) -> str | None:
        nonlocal first
        first = first or content
        return "500" if content == first else None

    with ScriptedServer(choose=choose) as server:

        async def at_once(_: float) -> None: ...

        chat = OpenAIChat(EndpointSettings(base_url=server.url, model="scripted", attempts=1), sleep=at_once)
        assessed = Engine(ChatJudge(chat, ALONE)).judge(
            [case(1)] * 20 + [case(2)]
        )  # eight failures in a row are an outage
    assert len(assessed) == 21


def test_calls_in_flight_are_not_late_because_nobody_took_what_was_ready() -> None:
    with ScriptedServer() as server:
        chat = _chat(server, timeout_s=0.4, concurrency=4)
        for number, _ in enumerate(Engine(ChatJudge(chat, ALONE)).stream(case(n) for n in range(12))):
            if number in (0, 2):
                time.sleep(0.6)
        assert chat.counts["setbacks"] == 0 and set(server.calls.values()) == {1}


class _Slow(Voice):
    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        time.sleep(0.2)
        return super().judge(cases, progress)


def test_cases_that_end_in_an_error_do_not_end_in_silence() -> None:
    def cases() -> Iterator[Case]:
        yield from (case(number) for number in range(128))  # a whole batch of the engine
        raise InputError("row 129", "is broken", "mend it", "here")

    heard = 0
    with pytest.raises(InputError, match="row 129 is broken"):
        for _ in side_by_side([Voice("quick", "+"), _Slow("slow", "+")], cases()):
            heard += 1
    assert heard == 128


def test_a_key_that_is_given_twice_in_disguise_is_unreadable() -> None:
    said = read_one(Completion('{"explanation":"x","met":true,"\\u006det":false}', "stop", 1, 1))
    assert "not JSON" in said.reason
    plain = read_one(Completion('{"explanation":"caf\\u00e9","met":true}', "stop", 1, 1))
    assert plain[0].met is True and plain[0].explanation == "café"


def test_a_chance_too_small_to_count_gives_no_probability() -> None:
    text = '{"explanation":"x","met":true}'
    (said,) = read_one(Completion(text, "stop", 1, 1, (Watched(text.index("true"), {"true": 0.0}),)))
    assert said.met is True and said.probability is None
