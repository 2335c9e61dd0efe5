"""Steps: the unit of resumption. What a step made is stored in the transaction that marks it done, once, under a content key.

A step's key is the hash of its name, its settings and the keys of the steps it stands on. A run that finds a step done takes
its outputs; a run with another gate repeats the gate and nothing before it.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from primum.cycles.workspace import Workspace
from primum.ports import Progress
from primum.records import Record, content_hash

__all__ = ["Listener", "Made", "Quiet", "Step", "Steps"]

# Raised when a step would give something else than before from the same settings.
GENERATION = 1


class Listener(Protocol):
    """Watches a run: who shows progress implements it."""

    def began(self, step: str, about: str) -> None: ...

    def moved(self, done: int, total: int) -> None: ...

    def ended(self, step: str, note: str, seconds: float, was_done: bool) -> None: ...


class Quiet:
    """The listener that shows nothing."""

    def began(self, step: str, about: str) -> None: ...

    def moved(self, done: int, total: int) -> None: ...

    def ended(self, step: str, note: str, seconds: float, was_done: bool) -> None: ...


class Made(NamedTuple):
    """What a step made: plain outputs for the steps after it, records to keep, a line for people, subjects for the ledger."""

    outputs: dict[str, Any]
    records: Sequence[Record]
    note: str
    subjects: Sequence[str] = ()


class Step(NamedTuple):
    """A step that is done: its key, which the steps after it build theirs from, and its outputs."""

    key: str
    outputs: dict[str, Any]


class Steps:
    """The steps of one run in one workspace, in order."""

    def __init__(self, workspace: Workspace, listener: Listener) -> None:
        self.workspace = workspace
        self.seconds: dict[str, float] = {}
        self._listener = listener

    def do(self, name: str, about: str, inputs: object, make: Callable[[str, Progress], Made]) -> Step:
        """Do the step, or take it from the store when it was done before. `make` is given the step's key and a progress."""
        key = content_hash([GENERATION, name, inputs])
        self._listener.began(name, about)
        stored = self.workspace.store.step(key, name)
        if stored is None:
            stored = self._make(name, key, make)
            was_done = False
        else:
            was_done = True
        self.seconds[name] = stored["seconds"]
        self._listener.ended(name, stored["note"], stored["seconds"], was_done)
        return Step(key, stored["outputs"])

    def part(self, name: str, key: str, make: Callable[[], Made]) -> dict[str, Any]:
        """A part of a step, kept as soon as it is done and without an entry in the ledger; `key` must tell its inputs."""
        stored = self.workspace.store.step(key, name)
        if stored is None:
            made = make()
            stored = {"outputs": made.outputs}
            with self.workspace.store.writing() as writer:
                writer.put(made.records)
                writer.finish_step(key, name, stored)
            stored = self._kept(name, key)
        outputs: dict[str, Any] = stored["outputs"]
        return outputs

    def _make(self, name: str, key: str, make: Callable[[str, Progress], Made]) -> dict[str, Any]:
        began = time.monotonic()
        made = make(key, self._listener.moved)
        stored = {"outputs": made.outputs, "note": made.note, "seconds": round(time.monotonic() - began, 2)}
        with self.workspace.store.writing() as writer:
            writer.put(made.records)
            writer.append(event=name, detail=made.note, subjects=[f"sha256:{key}", *made.subjects], at=now())
            writer.finish_step(key, name, stored)
        return self._kept(name, key)

    def _kept(self, name: str, key: str) -> dict[str, Any]:
        """What the store holds of a finished step: a run that goes on sees what the run that made it saw."""
        kept = self.workspace.store.step(key, name)
        assert kept is not None
        return kept


def now() -> str:
    """The time, UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
