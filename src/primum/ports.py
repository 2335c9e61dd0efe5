"""What can be replaced. A port has no state; whoever implements it is final."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from primum.records import Criterion, Judgement, JudgeRef, PolicyRef, Response, Sampling, Scenario, Turn, Verdict

__all__ = [
    "Assessment",
    "Case",
    "ChatModel",
    "Completion",
    "Judge",
    "Narrator",
    "Policy",
    "Progress",
    "Watched",
    "silent",
]


class Progress(Protocol):
    """Told how far a long task is; `total` may grow."""

    def __call__(self, done: int, total: int, /) -> None: ...


@runtime_checkable
class Narrator(Protocol):
    """A progress that can also show a line: what was spent so far, say."""

    def tell(self, line: str, /) -> None: ...


def silent(done: int, total: int, /) -> None:
    """The progress that nobody watches."""


class Case(NamedTuple):
    """What a judge is shown: the situation, the answer, the criteria to judge it by (none: the stance alone)."""

    scenario: Scenario
    response: Response
    criteria: tuple[Criterion, ...]


class Assessment(NamedTuple):
    """What a judge said of a case: the judgement, and its verdicts in the order of the case's criteria."""

    judgement: Judgement
    verdicts: tuple[Verdict, ...]


class Judge(Protocol):
    """Judges answers. What it cannot read it abstains from, with the reason; it does not raise for one bad case."""

    @property
    def ref(self) -> JudgeRef: ...

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]: ...


class Policy(Protocol):
    """A model under alignment. Answers come in the order of the scenarios; equal input gives equal answers."""

    @property
    def ref(self) -> PolicyRef: ...

    def answer(
        self, scenarios: Sequence[Scenario], sampling: Sampling, progress: Progress = silent
    ) -> list[Response]: ...


class Watched(NamedTuple):
    """A token of a reply that is one of the words a call watches: where it begins, and the probability of each such word there."""

    start: int
    chances: dict[str, float]


class Completion(NamedTuple):
    """What a chat model answered; `finish` is `length` when it was cut off. Tokens as the server counts them, 0 if it does not."""

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int
    watched: tuple[Watched, ...] = ()


class ChatModel(Protocol):
    """A chat model behind an endpoint. Raises `ModelError` when it gives no usable answer after its retries."""

    @property
    def name(self) -> str: ...

    async def complete(
        self, messages: Sequence[Turn], *, temperature: float, max_tokens: int, as_json: bool = False
    ) -> Completion: ...
