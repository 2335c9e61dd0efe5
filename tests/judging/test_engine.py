"""The engine: any judge runs on it, in order, lazily, and stops cleanly."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from primum.errors import BudgetError
from primum.judging import ChoiceJudge
from primum.judging.chat import ChatJudge, ChatSettings
from primum.judging.engine import Engine, EngineSettings
from primum.models.calls import Budget, CallCache
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Assessment, Case, Progress, silent
from primum.records import (
    ByRule,
    Choice,
    Criterion,
    Judgement,
    JudgeRef,
    KeyCheck,
    Met,
    Response,
    Scenario,
    Turn,
)
from servers import ScriptedServer

MADE = ByRule(rule="test")


def _criterion(statement: str, check_by: KeyCheck | None = None) -> Criterion:
    return Criterion(
        statement=statement,
        points=5,
        axis="accuracy",
        kind_of="proficiency",
        language="en",
        made=MADE,
        check_by=check_by,
    )


CRITERIA = (_criterion("Names the ward manager."), _criterion("Tells about rest and water."))


def _open(number: int) -> Case:
    scenario = Scenario(
        messages=(Turn(role="user", content=f"Question {number}?"),), task="open", dimension="x", language="en",
        dataset="test", made=MADE,
    )  # fmt: skip
    said = "Ask the ward manager." if number % 3 else "Rest, and drink water."
    return Case(scenario, Response(scenario=scenario.id, text=f"{said} Answer {number}.", made=MADE), CRITERIA)


def _choice(number: int) -> Case:
    scenario = Scenario(
        messages=(Turn(role="user", content=f"Which of {number}?"),), task="single_choice", dimension="x", language="en",
        dataset="test", made=MADE, options=(Choice(letter="A", text="This"), Choice(letter="B", text="That")), key=("B",),
    )  # fmt: skip
    keyed = (_criterion("Names B.", KeyCheck(letters=("B",))),)
    return Case(scenario, Response(scenario=scenario.id, text="B", made=MADE), keyed)


def _mixed(count: int) -> list[Case]:
    return [_choice(number) if number % 4 == 1 else _open(number) for number in range(count)]


class _Reader:
    """A judge that asks nobody; it counts how many cases it was given at once."""

    ref = JudgeRef(name="reader", kind_of="rule", fingerprint="1", made=MADE)

    def __init__(self) -> None:
        self.batches: list[int] = []

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        self.batches.append(len(cases))
        return [Assessment(Judgement(response=c.response.id, judge=self.ref.id, stance="accept"), ()) for c in cases]


def _chat(
    server: ScriptedServer, calls: CallCache | None = None, budget: Budget | None = None, **changes
) -> OpenAIChat:
    settings = EndpointSettings(base_url=server.url, model="scripted", **{"concurrency": 8, **changes})
    return OpenAIChat(settings, calls, budget)


def test_both_ways_give_one_assessment_a_case_in_order() -> None:
    cases = _mixed(50)
    reader = _Reader()
    read = Engine(reader, ChoiceJudge(), EngineSettings(batch=16)).judge(cases)
    with ScriptedServer() as server:
        asked = Engine(ChatJudge(_chat(server)), ChoiceJudge(), EngineSettings(window=8)).judge(cases)
    for assessed in (read, asked):
        assert [one.judgement.response for one in assessed] == [case.response.id for case in cases]
    for case, one in zip(cases, asked, strict=True):
        if case.scenario.task == "open":
            assert len(one.verdicts) == 2
        else:
            assert [verdict.outcome for verdict in one.verdicts] == [Met()]
    assert reader.batches == [12, 12, 12, 1] and sum(reader.batches) == 37


def test_without_a_judge_of_choices_everything_goes_to_the_judge() -> None:
    reader = _Reader()
    assert len(Engine(reader).judge(_mixed(10))) == 10 and reader.batches == [10]
    assert Engine(reader).judge([]) == [] and Engine(reader).ref == reader.ref
    assert [ref.name for ref in Engine(reader, ChoiceJudge()).refs] == ["reader", "choice rule"]


def test_cases_are_taken_as_they_are_needed() -> None:
    taken = 0

    def cases() -> Iterator[Case]:
        nonlocal taken
        for number in range(5000):
            taken += 1
            yield _open(number)

    with ScriptedServer() as server:
        engine = Engine(ChatJudge(_chat(server)), settings=EngineSettings(window=16))
        stream = engine.stream(cases())
        first = [next(stream) for _ in range(5)]
        stream.close()
        assert len(first) == 5 and taken <= 100
        assert server.calls.total() <= 200


def test_the_questions_of_an_answer_are_asked_in_a_row() -> None:
    with ScriptedServer() as server:
        Engine(ChatJudge(_chat(server, concurrency=1))).judge([_open(number) for number in range(12)])
        asked = [prompt.split("Question ")[1].split("?")[0] for prompt in server.prompts.values()]
    # each answer's prompts, which begin alike, reach the server one after the other: its prefix cache holds the beginning
    assert asked == [str(number) for number in range(12) for _ in range(3)]


def test_progress_counts_cases_and_tells_what_was_spent() -> None:
    class Watcher:
        def __init__(self) -> None:
            self.seen: list[tuple[int, int]] = []
            self.told: list[str] = []

        def __call__(self, done: int, total: int) -> None:
            self.seen.append((done, total))

        def tell(self, line: str) -> None:
            self.told.append(line)

    watcher = Watcher()
    with ScriptedServer() as server:
        chat = _chat(server, usd_per_million_prompt_tokens=1000.0)
        Engine(ChatJudge(chat)).judge([_open(n) for n in range(6)], watcher)
    assert watcher.seen == [(n, 6) for n in range(1, 7)]
    assert watcher.told[-1] == f"18 questions, {chat.spent.tokens:,} tokens, {chat.spent.usd:.2f} USD"


def test_inside_a_running_loop_it_works_the_same() -> None:
    cases = _mixed(12)
    with ScriptedServer() as server:

        async def notebook() -> list[Assessment]:
            return Engine(ChatJudge(_chat(server)), ChoiceJudge()).judge(cases)

        assert asyncio.run(notebook()) == Engine(ChatJudge(_chat(server)), ChoiceJudge()).judge(cases)


def test_a_spent_budget_ends_the_run_and_a_larger_one_goes_on_where_it_stood(tmp_path: Path) -> None:
    cases = [_open(number) for number in range(40)]
    with ScriptedServer() as server, CallCache(tmp_path / "calls.db") as calls:
        done: list[Assessment] = []
        with pytest.raises(BudgetError, match="budget of 60 calls is spent"):
            done.extend(Engine(ChatJudge(_chat(server, calls, Budget(calls=60)))).stream(cases))
        assert server.calls.total() == len(calls) == 60
        whole = Engine(ChatJudge(_chat(server, calls, Budget(calls=120)))).judge(cases)
        assert server.calls.total() == 120 and set(server.calls.values()) == {1}
        assert whole == Engine(ChatJudge(_chat(server))).judge(cases)
        assert done == whole[: len(done)]


def test_equal_answers_are_asked_about_once(tmp_path: Path) -> None:
    cases = [_open(1)] * 30
    with ScriptedServer() as server, CallCache(tmp_path / "calls.db") as calls:
        assessed = Engine(ChatJudge(_chat(server, calls), ChatSettings(asks_stance=False))).judge(cases)
        assert len(assessed) == 30 and len(set(map(repr, assessed))) == 1 and server.calls.total() == 2


def test_several_servers_share_the_work_and_one_that_dies_is_left() -> None:
    cases = [_open(number) for number in range(60)]
    with (
        ScriptedServer() as first,
        ScriptedServer(choose=lambda *_: "500" if second.calls.total() > 30 else None) as second,
    ):

        async def at_once(_: float) -> None: ...

        endpoints = [
            EndpointSettings(base_url=one.url, model="scripted", concurrency=4, attempts=2) for one in (first, second)
        ]
        assessed = Engine(ChatJudge(OpenAIChat(endpoints, sleep=at_once))).judge(cases)
        assert second.answered.total() == 30 and first.answered.total() == 150
    with ScriptedServer() as server:
        assert assessed == Engine(ChatJudge(_chat(server))).judge(cases)


def test_a_window_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="window = 0 must be above 0"):
        EngineSettings(window=0)
