"""Judging beside sampling: finished answers go to the judge while the next ones are sampled.

    sampling   |  chunk 1  |  chunk 2  |  chunk 3  |
    judging                |  chunk 1  |  chunk 2  |  chunk 3  |

A step then waits for about the longer of the two, not for their sum. Results are awaited in the order of the answers, so that nothing
depends on which chunk was judged first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, NamedTuple

from primum.errors import PrimumError, TrainingError

__all__ = ["Answered", "JudgingBeside", "RewardFunction", "RewardSource", "ask", "whole_groups"]

RewardFunction = Callable[..., Sequence[float | None]]
"""TRL's signature: `reward(prompts, completions, **columns)`, one number an answer; `None` where it cannot say."""

_COLUMN: Final = "scenario"


class RewardSource(NamedTuple):
    """A reward and its weight in the sum that is learned.

    `mark` is a hash of all that decides what it says (judge, rubrics, settings): with another mark a training is another training.
    `is_beside` says that it may be asked on another thread while answers are sampled: a judge behind an endpoint, a linear reader.
    A reward that runs torch in this process shares torch's random state and threads with the sampling: it is asked when that is done.
    """

    name: str
    reward: RewardFunction
    mark: str
    weight: float = 1.0
    is_beside: bool = True


class Answered(NamedTuple):
    """Answers to be judged, side by side: the prompts as messages, the answers as TRL gives them, the ids of the rows."""

    prompts: Sequence[Any]
    completions: Sequence[Any]
    ids: Sequence[str]


def ask(source: RewardSource, answered: Answered) -> list[float | None]:
    """What the source says of the answers, in their order.

    Raises `TrainingError` in one line when it fails or gives another number of answers; a `PrimumError` of its own goes through.
    """
    columns: Mapping[str, Any] = {_COLUMN: list(answered.ids)}
    try:
        said = source.reward(prompts=list(answered.prompts), completions=list(answered.completions), **columns)
        found = [None if one is None else float(one) for one in said]
    except PrimumError:
        raise
    # A reward is the user's code: whatever it raises means that there is nothing to learn from.
    except Exception as error:
        raise TrainingError(
            f"reward '{source.name}'", f"failed ({type(error).__name__}: {error})", "mend it", "grpo"
        ) from error
    if len(found) != len(answered.completions):
        raise TrainingError(
            f"reward '{source.name}'",
            f"gave {len(found)} numbers for {len(answered.completions)} answers",
            "give one an answer, or None where it cannot say",
            "grpo",
        )
    # NaN is no reward: it would silently stand for 0 in a sum that skips it.
    return [None if one is None or one != one else one for one in found]


def whole_groups(answers: int, group: int, groups: int) -> list[slice]:
    """The answers in chunks of at most `groups` whole groups: a reward may compare the answers of a group."""
    width = group * groups
    return [slice(start, min(start + width, answers)) for start in range(0, answers, width)]


class JudgingBeside:
    """Takes chunks of answers as they are finished and has every source that may be asked beside the sampling judge them.

    `threads` 0 asks nobody before `collect`. `close` it when the training ends, however it ends.
    """

    def __init__(self, sources: Sequence[RewardSource], threads: int) -> None:
        self._sources = tuple(sources)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="judging") if threads else None
        self._chunks: list[Answered] = []
        self._waiting: list[dict[str, Future[list[float | None]]]] = []

    @property
    def is_beside(self) -> bool:
        """Whether anything is asked while answers are sampled: without it chunks are of no use."""
        return self._pool is not None and any(source.is_beside for source in self._sources)

    def begin(self) -> None:
        """Forget chunks of a sampling that was not collected."""
        for waiting in self._waiting:
            for future in waiting.values():
                future.cancel()
        self._chunks, self._waiting = [], []

    def hand_over(self, chunk: Answered) -> None:
        """Have a finished chunk judged; returns at once."""
        self._chunks.append(chunk)
        pool = self._pool
        self._waiting.append(
            {}
            if pool is None
            else {source.name: pool.submit(ask, source, chunk) for source in self._sources if source.is_beside}
        )

    def collect(self, answered: Answered) -> dict[str, list[float | None]]:
        """What every source says of all the answers, which are those handed over, in order; what was not asked before is asked now.

        Raises `TrainingError` when they are not those that were handed over, and what a judge raised.
        """
        chunks, waiting = self._chunks, self._waiting
        try:
            _check_handed(chunks, answered)
            found: dict[str, list[float | None]] = {}
            for source in self._sources:
                if chunks and source.name in waiting[0]:
                    found[source.name] = [one for futures in waiting for one in futures[source.name].result()]
                else:
                    found[source.name] = ask(source, answered)
            return found
        finally:
            self.begin()

    def close(self) -> None:
        """Let the threads go; what was not begun is not judged."""
        self.begin()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def _check_handed(chunks: Sequence[Answered], answered: Answered) -> None:
    handed = [one for chunk in chunks for one in zip(chunk.ids, chunk.completions, strict=True)]
    if chunks and handed != list(zip(answered.ids, answered.completions, strict=True)):
        raise TrainingError(
            "an answer that was judged while others were sampled",
            "is not the answer that is learned from: the chat template parses answers",
            "set judging_threads = 0",
            "grpo",
        )
