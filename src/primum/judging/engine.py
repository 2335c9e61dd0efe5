"""The engine: verdicts, not answers, are scheduled, looked up, asked for and settled; any kind of judge runs on it.

A judge that asks a chat model gives the engine a sheet of questions for each case. What was answered before is settled at once; the
rest is asked, the questions of one answer in a row, so that a server's prefix cache holds it. A judge that reads by itself (a guardian,
a rule, records, a panel) is given cases in batches. Either way cases are taken when they are needed and assessments come out in the order
of the cases, so memory does not grow with the work.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from primum.asking import Asked, Call, Endpoint, Loop, Unreadable, insist
from primum.errors import AccessError, ModelError, OutageError
from primum.ports import Assessment, Case, ChatModel, Completion, Judge, Narrator, Progress, silent
from primum.records import JudgeRef, Settings

__all__ = ["AskingJudge", "Engine", "EngineSettings", "Question", "Sheet"]

# So many calls in a row that the endpoint gave nothing for are an outage, not faults of single calls.
_OUTAGE = 8
_HANDED_OUT_EVERY_S = 0.01
_RECALLED_AT_ONCE = 32  # cases whose calls are looked up together


class EngineSettings(Settings, frozen=True):
    """`window` is the most calls waiting for a chat model or in flight, `batch` the cases a judge that asks nobody is given at once."""

    window: int = 1024
    batch: int = 128

    def check(self) -> None:
        for name in ("window", "batch"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "must be above 0", "give a positive number")


class Question(NamedTuple):
    """One call, and how its reply is read."""

    call: Call
    read: Callable[[Completion], Any | Unreadable]


class Sheet(Protocol):
    """One case being judged: its questions, and what came of them. It does not hold the questions: their texts are long."""

    def questions(self) -> list[Question]: ...

    def settle(self, number: int, reply: Asked[Any] | ModelError) -> None: ...

    def assessment(self) -> Assessment: ...


@runtime_checkable
class AskingJudge(Protocol):
    """A judge that puts questions to a chat model, at most `asks` times each while the reply cannot be read."""

    @property
    def ref(self) -> JudgeRef: ...

    @property
    def chat(self) -> ChatModel: ...

    @property
    def asks(self) -> int: ...

    def sheet(self, case: Case) -> Sheet: ...


class Engine:
    """Runs a judge over cases; implements `primum.ports.Judge`. Choice questions go to `choices`, when that is given.

    A case that cannot be judged is abstained from, with its reason. Raises `OutageError` when an endpoint answers nothing any more and
    `BudgetError` when the budget is spent: calls in flight are let finish first, and what was paid for is kept.
    """

    def __init__(self, judge: Judge, choices: Judge | None = None, settings: EngineSettings | None = None) -> None:
        self._judge, self._choices = judge, choices
        self._settings = settings or EngineSettings()

    @property
    def ref(self) -> JudgeRef:
        return self._judge.ref

    @property
    def refs(self) -> tuple[JudgeRef, ...]:
        """The judge, and that of the choice questions."""
        return (self._judge.ref,) if self._choices is None else (self._judge.ref, self._choices.ref)

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        """One assessment a case, in their order."""
        return list(self.stream(cases, progress))

    def stream(self, cases: Iterable[Case], progress: Progress = silent) -> Generator[Assessment]:
        """The assessments in the order of the cases, which are taken as they are needed; memory does not grow with their number."""
        total = len(cases) if isinstance(cases, Sequence) else 0
        assessed = self._asked(cases, progress) if isinstance(self._judge, AskingJudge) else self._read(cases)
        for done, assessment in enumerate(assessed, 1):
            progress(done, max(done, total))
            yield assessment

    def _read(self, cases: Iterable[Case]) -> Iterator[Assessment]:
        """By a judge that asks nobody, batch by batch."""
        batch: list[Case] = []
        for case in cases:
            batch.append(case)
            if len(batch) == self._settings.batch:
                yield from self._batch(batch)
                batch = []
        yield from self._batch(batch)

    def _batch(self, batch: Sequence[Case]) -> Iterator[Assessment]:
        chosen = [self._choices is not None and case.scenario.task != "open" for case in batch]
        opened = iter(self._judge.judge([case for case, is_choice in zip(batch, chosen, strict=True) if not is_choice]))
        if self._choices is None:
            yield from opened
            return
        keyed = iter(self._choices.judge([case for case, is_choice in zip(batch, chosen, strict=True) if is_choice]))
        yield from (next(keyed) if is_choice else next(opened) for is_choice in chosen)

    def _asked(self, cases: Iterable[Case], progress: Progress) -> Iterator[Assessment]:
        assert isinstance(self._judge, AskingJudge)
        flow = _Flow(self._judge, self._choices, iter(cases), self._settings.window)
        tell = progress.tell if isinstance(progress, Narrator) else None
        with Loop() as loop:
            try:
                while ready := loop.run(flow.ready()):
                    # The loop stands while whoever takes these works: what it has yet to commit is committed now.
                    flow.flush()
                    if tell is not None:
                        tell(flow.told())
                    yield from ready
            finally:
                loop.run(flow.close())


class _Held:
    """A case in work: its sheet, or its assessment where nothing had to be asked.

    `unsettled` counts the questions not settled yet, `unanswered` those that an endpoint which may be out gave nothing for.
    """

    __slots__ = ("_assessment", "sheet", "unanswered", "unsettled")

    def __init__(self, sheet: Sheet | None, assessment: Assessment | None, unsettled: int) -> None:
        self.sheet, self._assessment = sheet, assessment
        self.unsettled, self.unanswered = unsettled, 0

    @property
    def assessment(self) -> Assessment:
        if self._assessment is not None:
            return self._assessment
        assert self.sheet is not None
        return self.sheet.assessment()


class _Waiting(NamedTuple):
    held: _Held
    number: int
    question: Question
    key: bytes | None


class _Flow:
    """Cases going through: pulled, looked up, asked, settled, handed out in order."""

    def __init__(self, judge: AskingJudge, choices: Judge | None, cases: Iterator[Case], window: int) -> None:
        self._judge, self._choices, self._cases, self._window = judge, choices, cases, window
        self._endpoint = judge.chat if isinstance(judge.chat, Endpoint) else None
        self._order: deque[_Held] = deque()
        self._queue: deque[_Waiting] = deque()
        # By the key of a call that waits or is in flight, the questions that are equal to it: what comes of it comes of them.
        self._twins: dict[bytes, list[_Waiting]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._has_more = True
        self._failed_in_a_row = 0
        self._error: BaseException | None = None
        self._calls = 0

    def told(self) -> str:
        """What was settled and spent, for who watches."""
        spent = getattr(self._judge.chat, "spent", None)
        paid = "" if spent is None else f", {spent.tokens:,} tokens" + (f", {spent.usd:.2f} USD" if spent.usd else "")
        return f"{self._calls:,} questions{paid}"

    async def ready(self) -> list[Assessment]:
        """The next assessments, at least one; none at the end. Raises what ended the run, once nothing is in flight any more."""
        while True:
            if self._error is None:
                self._fill()
            if self._workers and self._order and not self._order[0].unsettled:
                # Handed out by the hundredth of a second, not one by one: stopping the loop and a commit cost as much as a question.
                await asyncio.sleep(_HANDED_OUT_EVERY_S)
            done: list[Assessment] = []
            while self._order and not self._order[0].unsettled and not self._may_be_out(self._order[0]):
                done.append(self._order.popleft().assessment)
            if done:
                return done
            if self._error is not None and not self._workers:
                raise self._error
            if not self._order and not self._has_more:
                return []
            self._changed.clear()
            await self._changed.wait()

    def _may_be_out(self, held: _Held) -> bool:
        """Whether a case was failed by what may yet turn out to be an outage, and then its abstentions are none: nothing is said of it."""
        is_known = not (self._error or self._workers or self._queue)
        return bool(held.unanswered) and self._failed_in_a_row > 0 and not is_known

    def flush(self) -> None:
        """Have what was kept committed, where the chat model can."""
        if self._endpoint is not None:
            self._endpoint.flush()

    async def close(self) -> None:
        """End what is in flight, and close the connections."""
        workers = list(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        if self._endpoint is not None:
            await self._endpoint.aclose()

    def _fill(self) -> None:
        """Take cases until enough calls wait, and see that somebody makes them."""
        while self._has_more and len(self._queue) < self._window and len(self._order) < 2 * self._window:
            self._take(min(_RECALLED_AT_ONCE, 2 * self._window))
            if self._order and not self._order[0].unsettled and not self._queue:
                break  # all was known: hand it out before more is taken
        for _ in range(min(self._window - len(self._workers), len(self._queue))):
            self._workers.add(asyncio.ensure_future(self._work()))

    def _take(self, most: int) -> None:
        waiting: list[_Waiting] = []
        for _ in range(most):
            case = next(self._cases, None)
            if case is None:
                self._has_more = False
                break
            if self._choices is not None and case.scenario.task != "open":
                self._order.append(_Held(None, self._choices.judge([case])[0], 0))
                continue
            sheet = self._judge.sheet(case)
            questions = sheet.questions()
            held = _Held(sheet, None, len(questions))
            self._order.append(held)
            for number, question in enumerate(questions):
                key = self._endpoint.key(question.call) if self._endpoint is not None else None
                waiting.append(_Waiting(held, number, question, key))
        known: dict[bytes, Completion] = {}
        if self._endpoint is not None:
            known = self._endpoint.recall([one.key for one in waiting if one.key is not None])
        for one in waiting:
            kept = known.get(one.key) if one.key is not None else None
            if kept is None or not self._settled_by(one, kept):
                self._enqueue(one)

    def _enqueue(self, one: _Waiting) -> None:
        if one.key is not None:
            if one.key in self._twins:
                self._twins[one.key].append(one)
                return
            self._twins[one.key] = []
        self._queue.append(one)

    def _settled_by(self, one: _Waiting, kept: Completion) -> bool:
        """Whether a reply that was kept can be read; then the question is settled."""
        value = one.question.read(kept)
        if isinstance(value, Unreadable):
            return False
        self._settle(one, Asked(value, kept.prompt_tokens, kept.completion_tokens))
        return True

    def _settle(self, one: _Waiting, reply: Asked[Any] | ModelError) -> None:
        """Settle a question, and those that waited for what comes of it."""
        twins = self._twins.pop(one.key, ()) if one.key is not None else ()
        for waiting in (one, *twins):
            held = waiting.held
            assert held.sheet is not None
            held.sheet.settle(waiting.number, reply)
            held.unsettled -= 1
            held.unanswered += isinstance(reply, OutageError)
            self._calls += 1

    async def _work(self) -> None:
        """Ask one waiting question after the other, until none waits."""
        try:
            while self._queue and self._error is None:
                one = self._queue.popleft()
                if self._has_more and len(self._queue) < self._window // 2:
                    self._changed.set()
                call, read = one.question
                try:
                    known = (self._endpoint, one.key) if self._endpoint is not None and one.key is not None else None
                    reply = await insist(self._judge.chat, known, call, read, self._judge.asks)
                except ModelError as error:
                    self._count_failure(error)
                    self._settle(one, error)
                else:
                    if self._failed_in_a_row:
                        self._failed_in_a_row = 0
                        self._changed.set()
                    self._settle(one, reply)
                if self._order and not self._order[0].unsettled:
                    self._changed.set()
        except Exception as error:  # noqa: BLE001  # raised by `ready`
            self._error = self._error or error  # the budget, the calls file, a fault in code: nothing more is asked
            if isinstance(error, OutageError):  # and what waits for a server that is out waits in vain
                for worker in self._workers - {asyncio.current_task()}:
                    worker.cancel()
        finally:
            task = asyncio.current_task()
            assert task is not None
            self._workers.discard(task)
            self._changed.set()

    def _count_failure(self, error: ModelError) -> None:
        """Raise when the endpoint is out: answers judged later, they would not be abstentions."""
        self._failed_in_a_row += isinstance(error, OutageError)
        if self._failed_in_a_row >= _OUTAGE or isinstance(error, AccessError):
            raise error
