"""A workspace: the folder that holds the store and the artifacts of runs. One writer at a time."""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from primum.errors import StoreError
from primum.store import Store

__all__ = ["Workspace"]


class Workspace:
    """An open workspace. Use it as a context manager; a writer holds the folder's lock until it is closed.

    Raises `StoreError` when the folder cannot be made, is no workspace (for readers), or another writer is at work in it.
    """

    def __init__(self, folder: Path, *, is_writer: bool) -> None:
        self.folder = folder
        self._lock: IO[str] | None = None
        if is_writer:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._lock = (folder / ".lock").open("w")
            except OSError as error:
                raise StoreError(
                    f"workspace '{folder}'",
                    f"cannot be written ({error.strerror})",
                    "name another with --workspace",
                    str(folder),
                ) from error
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                self._lock.close()
                raise StoreError(
                    f"workspace '{folder}'",
                    "is in use by another run",
                    "wait for it, or name another with --workspace",
                    str(folder),
                ) from error
        try:
            self.store = Store.open(folder, create=is_writer)
        except BaseException:
            self._unlock()
            raise

    def artifact(self, step: str, key: str) -> Path:
        """Where the step with this key keeps its files; the folder above exists."""
        folder = self.folder / "artifacts"
        folder.mkdir(exist_ok=True)
        return folder / f"{step}-{key[:12]}"

    def relative(self, path: Path) -> str:
        """`path` as records keep it: relative to the workspace, so that a workspace can be moved."""
        return path.relative_to(self.folder).as_posix()

    def close(self) -> None:
        self.store.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
