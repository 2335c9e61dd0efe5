"""Several judges on the same cases at once, each at its own pace, their assessments brought together in the order of the cases."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import tee

from primum.judging.engine import Engine
from primum.ports import Assessment, Case, Judge

__all__ = ["side_by_side"]

_AHEAD = 256  # assessments that a quick judge may be ahead of a slow one, beyond what its engine holds
_POLL_S = 0.1
_PATIENCE_S = 10.0


def side_by_side(
    judges: Sequence[Judge], cases: Iterable[Case]
) -> Generator[tuple[Case, tuple[Assessment, ...]], None, None]:
    """Each case with one assessment a judge, in the order of `judges`; cases are taken as they are needed, so memory stays flat.

    Every judge works in a thread of its own: while one waits for its model, the others go on. What ends one ends all, and is raised.
    """
    lock = threading.Lock()
    own, *shared = tee(cases, len(judges) + 1)
    lanes = [_Lane(judge, _locked(theirs, lock)) for judge, theirs in zip(judges, shared, strict=True)]
    try:
        for case in _locked(own, lock):
            yield case, tuple(lane.take() for lane in lanes)
        for lane in lanes:
            lane.end()  # what went wrong with the cases is told to whoever took them first
    finally:
        for lane in lanes:
            lane.stop()


def _locked(cases: Iterator[Case], lock: threading.Lock) -> Iterator[Case]:
    """`tee` is not made for threads: one at a time."""
    while True:
        with lock:
            case = next(cases, None)
        if case is None:
            return
        yield case


class _Stopped(Exception):
    pass


class _Lane:
    """One judge at work in its thread."""

    def __init__(self, judge: Judge, cases: Iterator[Case]) -> None:
        self._judge, self._cases = judge, cases
        self._said: queue.Queue[Assessment | BaseException | None] = queue.Queue(_AHEAD)  # `None` at its end
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def take(self) -> Assessment:
        """The next assessment. Raises what ended the judge."""
        said = self._said.get()
        if isinstance(said, BaseException):
            raise said
        assert said is not None, "a judge ended before the cases did"
        return said

    def end(self) -> None:
        """Wait for its end. Raises what ended the judge, if that was not the end of the cases."""
        said = self._said.get()
        if isinstance(said, BaseException):
            raise said
        assert said is None, "a judge said more than it was asked"

    def stop(self) -> None:
        """Let the judge end what it is at, and wait for it a while."""
        self._is_over.set()
        self._thread.join(_PATIENCE_S)

    def _work(self) -> None:
        try:
            with contextlib.closing(Engine(self._judge).stream(self._cases)) as assessments:
                for assessment in assessments:
                    self._put(assessment)
            self._put(None)
        except _Stopped:
            pass
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is raised where the assessments are taken
            with contextlib.suppress(_Stopped):
                self._put(error)

    def _put(self, said: Assessment | BaseException | None) -> None:
        while not self._is_over.is_set():
            with contextlib.suppress(queue.Full):
                self._said.put(said, timeout=_POLL_S)
                return
        raise _Stopped
