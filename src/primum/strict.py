"""Files that others wrote, read strictly: text that is UTF-8 or is refused with its line, JSON objects that name no key twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from primum.errors import InputError

__all__ = ["TwinKeyError", "decoded", "refuse_twin_keys"]


class TwinKeyError(Exception):
    """A JSON object names a key twice; the message is the key. Whoever reads the file tells its place."""


def decoded(path: Path, where: str = "name a file that is there", way_out: str = "save the file as UTF-8") -> str:
    """The text of a file, without a byte order mark.

    Raises `InputError` for a file that cannot be read, whose way out is `where`, and for one that is not UTF-8, with `file:line`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"file '{path.name}'", f"cannot be read ({error.strerror})", where, str(path)) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"byte 0x{content[error.start]:02x}", "is not UTF-8", way_out, f"{path}:{line}") from error


def refuse_twin_keys(pairs: list[tuple[str, Any]]) -> None:
    """For `json.loads(text, object_pairs_hook=…)`: raise `TwinKeyError` for an object that names a key twice, at any depth."""
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise TwinKeyError(next(key for key in keys if keys.count(key) > 1))
