"""The journal of paid calls: what a run that was killed need not pay for again."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from primum.errors import StoreError
from primum.ports import Completion
from primum.records import Turn, content_hash

__all__ = ["CallJournal", "call_key"]


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line: a completion under the key of its call, or none when its caller could not use it."""

    key: str
    completion: Completion | None


_decoder = msgspec.json.Decoder(_Line)


def call_key(model: str, messages: Sequence[Turn], temperature: float, max_tokens: int, as_json: bool) -> str:
    """The hash of what decides a reply: model, messages, parameters. Where the model is served does not count."""
    return content_hash([model, list(messages), float(temperature), max_tokens, as_json])


class CallJournal:
    """An append-only JSONL file of completions by call. Each line reaches the operating system at once and the disk within a second.

    A last line that was torn by a crash is left out (`torn` counts such lines) and the next starts on a line of its own.
    The later line wins; a retraction takes a completion back. Raises `StoreError` when the file cannot be read or written.
    """

    def __init__(self, path: Path, sync_every_s: float = 1.0) -> None:
        self.path, self.torn = path, 0
        self._sync_every_s = sync_every_s
        self._kept: dict[str, Completion] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._failed: OSError | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Prompts and replies may hold what patients wrote: readable by their owner only.
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._failure(error) from error
        try:
            self._load()
        except OSError as error:
            os.close(self._file)
            raise self._failure(error) from error

    def __enter__(self) -> CallJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str) -> Completion | None:
        """The completion of this call, if one was kept and not retracted."""
        return self._kept.get(key)

    def append(self, key: str, completion: Completion) -> None:
        """Keep the completion of a call."""
        self._write(_Line(key, completion))
        self._kept[key] = completion

    def retract(self, key: str) -> None:
        """Take back what was kept of a call, if anything was."""
        if key in self._kept:
            self._write(_Line(key, None))
            del self._kept[key]

    def sync(self) -> None:
        """Bring what was written to the disk now."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
                self._fsync()
        self._raise_failed()

    def close(self) -> None:
        """Bring what was written to the disk and close the file; closing twice is harmless."""
        if self._file >= 0:
            try:
                self.sync()
            finally:
                os.close(self._file)
                self._file = -1

    def _load(self) -> None:
        content = self.path.read_bytes()
        for line in content.splitlines():
            try:
                entry = _decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                self.torn += 1
                continue
            if entry.completion is None:
                self._kept.pop(entry.key, None)
            else:
                self._kept[entry.key] = entry.completion
        if content and not content.endswith(b"\n"):
            os.write(self._file, b"\n")

    def _write(self, line: _Line) -> None:
        self._raise_failed()
        encoded = msgspec.json.encode(line) + b"\n"
        with self._lock:
            try:
                written = os.write(self._file, encoded)
                if written != len(encoded):
                    raise OSError(f"only {written} of {len(encoded)} bytes were written")
            except OSError as error:
                self._failed = error  # the line may be torn: nothing may follow it in this file
                raise self._failure(error) from error
            if self._timer is None:
                self._timer = threading.Timer(self._sync_every_s, self._sync_in_time)
                self._timer.daemon = True
                self._timer.start()

    def _sync_in_time(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread():
                self._timer = None
                self._fsync()

    def _fsync(self) -> None:
        try:
            os.fsync(self._file)
        except OSError as error:
            self._failed = error

    def _raise_failed(self) -> None:
        if self._failed is not None:
            raise self._failure(self._failed) from self._failed

    def _failure(self, error: OSError) -> StoreError:
        return StoreError(
            f"call journal {self.path.name!r}",
            f"cannot be read or written ({error.strerror or error})",
            "free the disk or name another file; calls kept before are intact",
            str(self.path),
        )
