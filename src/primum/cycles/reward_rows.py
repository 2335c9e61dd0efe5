"""Rows to score and rows that were: what a file, a pipe or a request says, checked, with the place of whatever is wrong in it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar, final

import msgspec

from primum.errors import InputError, PrimumError
from primum.records import Turn
from primum.rewards.asked import Asked, Item
from primum.rewards.model_reward import Earned, RewardQuery
from primum.strict import TwinKeyError, refuse_twin_keys

__all__ = ["Checked", "RowFile", "items_in", "open_rows", "plain_row", "query_in", "read_reward_queries"]

_SHOWN = 40
T = TypeVar("T")


class Checked(NamedTuple):
    """How many rows a file has, and the SHA-256 of its bytes."""

    rows: int
    digest: str


class _Row(msgspec.Struct, frozen=True):
    """A row to score. Other keys are passed over: labelled rows can be scored as they are."""

    id: str
    prompt: str | tuple[Turn, ...]
    completion: str
    criteria: tuple[Asked, ...]


class _Query(msgspec.Struct, frozen=True):
    """A query with its criteria; a service can do without the prompt where its callers send it."""

    id: str
    criteria: tuple[Asked, ...]
    prompt: str | tuple[Turn, ...] | None = None


@final
class RowFile:
    """Rows to score on a disk: read as often as needed, never held in memory. `name` is what errors call it."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name

    def check(self) -> Checked:
        """Read it whole. Raises `InputError` with file and line for the first row that is none, or when there is no row at all."""
        digest, count = hashlib.sha256(), 0
        self._file.seek(0)
        for place, line in _placed(_hashed(self._file, digest.update), self._name):
            _item(_json(line, place), place)
            count += 1
        if not count:
            raise InputError("the rows to score", "are none", "write one object a line", self._name)
        return Checked(count, digest.hexdigest())

    def items(self, start: int = 0) -> Iterator[Item]:
        """The rows from the one numbered `start` on, counted from 0."""
        self._file.seek(0)
        for number, (place, line) in enumerate(_placed(self._file, self._name)):
            if number >= start:
                yield _item(_json(line, place), place)


@contextmanager
def open_rows(source: Path | BinaryIO) -> Iterator[RowFile]:
    """The rows of a JSONL file, or of a stream such as standard input: that is first copied to a file that vanishes, so that all of it can
    be checked before the first answer is given. Raises `InputError` for a file that cannot be read."""
    name = str(source) if isinstance(source, Path) else "standard input"
    try:
        if not isinstance(source, Path):
            with _copied(source) as file:
                yield RowFile(file, name)
            return
        with source.open("rb") as given:
            if given.seekable():
                yield RowFile(given, name)
            else:
                with _copied(given) as file:
                    yield RowFile(file, name)
    except OSError as error:
        if isinstance(error, PrimumError) or (isinstance(source, Path) and error.filename != str(source)):
            raise
        raise InputError(f"file '{name}'", f"cannot be read ({error.strerror})", "name a file of rows", name) from error


def plain_row(item: Item, earned: Earned) -> dict[str, Any]:
    """An answered row: `{"id", "scores", "probabilities", "reward", "parts"}`.

    What was not read is null, never 0. `abstained` is there only then: by criterion why it was not read, null where it was. `unusable`
    (why the answer is no language) is there only where it applies.
    """
    found = earned.reading
    row: dict[str, Any] = {
        "id": item.id,
        "scores": list(found.scores),
        "probabilities": list(found.probabilities),
        "reward": earned.reward,
        "parts": None if earned.parts is None else earned.parts._asdict(),
    }
    if earned.unusable:
        row["unusable"] = earned.unusable
    if any(found.reasons):
        row["abstained"] = [reason or None for reason in found.reasons]
    return row


def items_in(body: bytes, place: str) -> tuple[list[Item], bool]:
    """The rows that a JSON text holds, one object or a list of them, and whether it was a list. Raises `InputError`, naming the row."""
    found = _json(body, place)
    if not isinstance(found, list):
        return [_item(found, place)], False
    return [_item(one, f"{place}, row {number}") for number, one in enumerate(found, 1)], True


def query_in(body: bytes | str | dict[str, Any], place: str) -> RewardQuery:
    """A query `{"id", "prompt"?, "criteria"}` as JSON text or decoded; its prompt is empty where it has none. Raises `InputError`."""
    found = body if isinstance(body, dict) else _json(body.encode() if isinstance(body, str) else body, place)
    row = _convert(found, _Query, place)
    return RewardQuery(row.id, () if row.prompt is None else _turns(row.prompt, place), _criteria(row.criteria, place))


def read_reward_queries(path: Path, needs_prompt: bool) -> list[RewardQuery]:
    """The queries of a JSONL file `{"id", "prompt", "criteria"}`. Raises `InputError` with file and line; an id stands once."""
    found: dict[str, RewardQuery] = {}
    for place, line in _lines(path):
        query = query_in(line, place)
        if query.id in found:
            raise InputError(f"query {query.id!r}", "was there before", "keep one row for each", place)
        if needs_prompt and not query.prompt:
            raise InputError(f"query {query.id!r}", "has no prompt", "write its prompt", place)
        found[query.id] = query
    if not found:
        raise InputError(f"file '{path.name}'", "has no queries", "write one object a line", str(path))
    return list(found.values())


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each line that is not blank with its place; a byte order mark is passed over."""
    try:
        with path.open("rb") as file:
            yield from _placed(file, str(path))
    except OSError as error:
        if isinstance(error, PrimumError):
            raise
        raise InputError(
            f"file '{path}'", f"cannot be read ({error.strerror})", "name a file of rows", str(path)
        ) from error


@contextmanager
def _copied(stream: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        yield file


def _hashed(lines: Iterable[bytes], tell: Any) -> Iterator[bytes]:
    for line in lines:
        tell(line)
        yield line


def _placed(lines: Iterable[bytes], name: str) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(lines, 1):
        content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if content.strip():
            yield f"{name}:{number}", content


def _json(content: bytes, place: str) -> Any:
    try:
        text = content.decode("utf-8")
        found = msgspec.json.decode(text)  # NaN and Infinity are no JSON to it
        json.loads(text, object_pairs_hook=refuse_twin_keys)
    except UnicodeDecodeError as error:
        raise InputError(f"byte 0x{content[error.start]:02x}", "is not UTF-8", "write UTF-8", place) from error
    except TwinKeyError as error:
        raise InputError(f"key {str(error)!r}", "is there twice in one object", "keep the one meant", place) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        shown = content[:_SHOWN].decode("utf-8", "replace")
        raise InputError(f"{shown!r}", f"is broken JSON ({error})", "mend it", place) from error
    return found


def _item(found: Any, place: str) -> Item:
    row = _convert(found, _Row, place)
    return Item(row.id, _turns(row.prompt, place), row.completion, _criteria(row.criteria, place))


def _convert(found: Any, kind: type[T], place: str) -> T:
    if not isinstance(found, dict):
        raise InputError(f"{str(found)[:_SHOWN]!r}", "is no object", "write one object a row", place)
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        if isinstance(cause, PrimumError):
            raise InputError(cause.value, cause.rule, cause.way_out, place) from error
        raise InputError("a row", f"is not as it should be ({error})", "mend it", place) from error


def _turns(prompt: str | tuple[Turn, ...], place: str) -> tuple[Turn, ...]:
    turns = (Turn(role="user", content=prompt),) if isinstance(prompt, str) else prompt
    if not turns or turns[-1].role != "user" or not turns[-1].content.strip():
        raise InputError("a prompt", "does not end with something a user says", "end it with a user's message", place)
    return turns


def _criteria(criteria: tuple[Asked, ...], place: str) -> tuple[Asked, ...]:
    if not criteria:
        raise InputError("the criteria of a row", "are none", "give at least one", place)
    return criteria
