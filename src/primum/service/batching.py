"""What many callers ask at once, scored together: one worker thread holds the model, a bounded queue stands before it.

A call waits until the worker is free; meanwhile others join it, and they are scored as one batch. What a caller no longer waits for is
dropped unscored.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from primum.records import Settings
from primum.rewards.asked import Item
from primum.rewards.model_reward import Earned

__all__ = ["BatchSettings", "Batcher", "Busy", "Counted"]

Score = Callable[[Sequence[Item]], list[Earned]]


class BatchSettings(Settings, frozen=True):
    """`rows` are the most of one batch, `wait_ms` how long a batch that is not full waits for others, `queue_rows` the most that wait."""

    rows: int = 64
    wait_ms: float = 4.0
    queue_rows: int = 2048

    def check(self) -> None:
        if self.rows < 1 or self.wait_ms < 0 or self.queue_rows < 1:
            self.refuse(
                f"rows {self.rows}, wait_ms {self.wait_ms}, queue_rows {self.queue_rows}",
                "are not positive",
                "give others",
            )


class Busy(Exception):
    """The queue is full; `after_s` seconds from now there may be room."""

    def __init__(self, after_s: float) -> None:
        super().__init__(after_s)
        self.after_s = after_s


class Counted(NamedTuple):
    """What the worker has done so far, and what waits for it."""

    rows: int
    batches: int
    dropped: int
    waiting: int


class _Job(NamedTuple):
    items: Sequence[Item]
    said: Future[list[Earned]]


class Batcher:
    """Scores what is submitted, in one thread of its own; `close` ends it when all that waits is done."""

    def __init__(self, score: Score, settings: BatchSettings | None = None) -> None:
        self._score, self._settings = score, settings or BatchSettings()
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        self._waiting = self._rows = self._batches = self._dropped = 0
        self._rows_a_second = 0.0
        self._thread = threading.Thread(target=self._work, name="reward-worker", daemon=True)
        self._thread.start()

    def submit(self, items: Sequence[Item]) -> Future[list[Earned]]:
        """The answers to come, in order. Raises `Busy` when the queue has no room for them, or is closing."""
        said: Future[list[Earned]] = Future()
        with self._changed:
            if self._is_closing or (self._waiting and self._waiting + len(items) > self._settings.queue_rows):
                raise Busy(self._after())
            self._waiting += len(items)
            self._jobs.append(_Job(items, said))
            self._changed.notify()
        return said

    def counted(self) -> Counted:
        """What was done so far."""
        with self._changed:
            return Counted(self._rows, self._batches, self._dropped, self._waiting)

    def close(self) -> None:
        """Score what waits, take no more, and end the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()

    def _after(self) -> float:
        return max(1.0, round(self._waiting / self._rows_a_second)) if self._rows_a_second else 1.0

    def _work(self) -> None:
        while jobs := self._next():
            count = sum(len(job.items) for job in jobs)
            began = time.monotonic()
            found = self._found(jobs)
            with self._changed:  # before anybody is told: whoever is answered may ask again
                self._waiting -= count
                self._rows += count
                self._batches += 1
                self._rows_a_second = count / max(time.monotonic() - began, 1e-6)
            for job, one in zip(jobs, found, strict=True):
                if isinstance(one, BaseException):
                    job.said.set_exception(one)
                else:
                    job.said.set_result(one)

    def _found(self, jobs: Sequence[_Job]) -> list[list[Earned] | BaseException]:
        """The calls, scored together. Where that fails each is scored alone: one call's fault is not the others'."""
        try:
            earned = iter(self._score([item for job in jobs for item in job.items]))
            return [[next(earned) for _ in job.items] for job in jobs]
        except BaseException as error:  # noqa: BLE001  (whoever asked is told, and the worker goes on)
            return [error] if len(jobs) == 1 else [self._found([job])[0] for job in jobs]

    def _next(self) -> list[_Job]:
        """The calls of the next batch; none when it is over."""
        taken: list[_Job] = []
        count = 0
        with self._changed:
            while True:
                until = time.monotonic() + self._settings.wait_ms / 1000
                while not self._jobs and not self._is_closing:
                    self._changed.wait()
                    until = time.monotonic() + self._settings.wait_ms / 1000
                while self._held() < self._settings.rows and not self._is_closing:
                    left = until - time.monotonic()
                    if left <= 0:
                        break
                    self._changed.wait(left)
                while self._jobs and (not taken or count + len(self._jobs[0].items) <= self._settings.rows):
                    job = self._jobs.popleft()
                    if job.said.set_running_or_notify_cancel():
                        taken.append(job)
                        count += len(job.items)
                    else:
                        self._dropped += len(job.items)
                        self._waiting -= len(job.items)
                if taken or (self._is_closing and not self._jobs):
                    return taken

    def _held(self) -> int:
        return sum(len(job.items) for job in self._jobs)
