"""Scoring with a reward model: rows of answers under criteria into scores, chances, parts and rewards, from a file or a stream of bytes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from primum.config import read_settings
from primum.errors import InputError, PrimumError, SettingError
from primum.judging.usable import unusable_reason
from primum.ports import Progress, silent
from primum.records import Settings, Turn, plain
from primum.rewards.asked import Asked, CriteriaScorer, Item
from primum.rewards.combine import RewardSettings
from primum.rewards.model_reward import Earned, RewardQuery, earn

__all__ = [
    "ScoreSettings",
    "card_of",
    "earn_all",
    "items_in",
    "open_scorer",
    "plain_row",
    "query_in",
    "read_reward_queries",
    "score_rows",
    "settings_of",
    "write_rows",
]

_WINDOW = 256
_SHOWN = 40
T = TypeVar("T")


class ScoreSettings(Settings, frozen=True):
    """What `primum reward score` and `serve` can be told: how the parts of a reward are put together."""

    reward: RewardSettings = RewardSettings()


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


def settings_of(overrides: Sequence[str]) -> ScoreSettings:
    """The defaults with `key=value` on top (`reward.alpha=0.2`). Raises `SettingError`."""
    try:
        return read_settings(Path(os.devnull), ScoreSettings, overrides)
    except SettingError as error:
        raise SettingError(error.value, error.rule, error.way_out, "--set") from error


def open_scorer(model: Path | None, baseline: Path | None) -> CriteriaScorer:
    """The reward model in the folder `model`, or the linear one in `baseline`. Raises `SettingError` unless one of them is named."""
    if model is not None and baseline is None:
        from primum.rewards.model import RewardModel

        return RewardModel.load(model)
    if baseline is not None and model is None:
        from primum.rewards.linear import LinearReward

        return LinearReward.load(baseline)
    raise SettingError(
        "--model and --baseline",
        "are both given" if model else "are both missing",
        "name one of them",
        "primum reward",
    )


def card_of(scorer: CriteriaScorer, settings: ScoreSettings) -> dict[str, Any]:
    """What is served: name, fingerprint, how parts are put together, and the model's card where it has one."""
    card = getattr(scorer, "card", None)
    return {
        "name": scorer.name,
        "fingerprint": str(getattr(scorer, "fingerprint", "")),
        "reward": plain(settings.reward),
        "card": plain(card) if isinstance(card, msgspec.Struct) else card,
    }


def score_rows(
    scorer: CriteriaScorer, source: Path | bytes, settings: ScoreSettings | None = None, progress: Progress = silent
) -> Iterator[dict[str, Any]]:
    """What each row of a JSONL file (or of its bytes) earns, in order, read in windows.

    The whole of it is checked before the first row is given. An id may come twice: each row has its own answer. Raises `InputError` with
    file and line for what is no row.
    """
    chosen = settings or ScoreSettings()
    total = sum(1 for _ in _items(source))
    if not total:
        raise InputError("the rows to score", "are none", "write one object a line", _name(source))
    return _scored(scorer, source, total, chosen, progress)


def earn_all(scorer: CriteriaScorer, items: Sequence[Item], settings: ScoreSettings | None = None) -> list[Earned]:
    """What each item earns, with the rule of what is no language that judges share."""
    return earn(scorer, items, (settings or ScoreSettings()).reward, unusable_reason)


def plain_row(item: Item, earned: Earned) -> dict[str, Any]:
    """An answered row: `{"id", "scores", "probabilities", "reward", "parts"}`.

    `unusable` (why the answer is no language) and `abstained` (why it was not read) are there only where they apply. What was not read is
    null, never 0.
    """
    row: dict[str, Any] = {
        "id": item.id,
        "scores": None if earned.read is None else list(earned.read.scores),
        "probabilities": None if earned.read is None else list(earned.read.probabilities),
        "reward": earned.reward,
        "parts": None if earned.parts is None else earned.parts._asdict(),
    }
    if earned.unusable:
        row["unusable"] = earned.unusable
    if earned.read is None:
        row["abstained"] = earned.unread
    return row


def write_rows(out: Path, rows: Iterable[dict[str, Any]], is_forced: bool) -> int:
    """Write the rows to the file, whole or not at all; how many they were. Raises `InputError` for a file that is there, unless forced."""
    if out.exists() and not is_forced:
        raise InputError(
            f"file '{out}'", "is there already", "name another --out, or overwrite it with --force", str(out)
        )
    unfinished = out.with_name(out.name + ".unfinished")
    written = 0
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                written += 1
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


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


def _scored(
    scorer: CriteriaScorer, source: Path | bytes, total: int, settings: ScoreSettings, progress: Progress
) -> Iterator[dict[str, Any]]:
    done = 0
    window: list[Item] = []
    for item in _items(source):
        window.append(item)
        if len(window) == _WINDOW or done + len(window) == total:
            so_far = done
            found = earn(
                scorer,
                window,
                settings.reward,
                unusable_reason,
                lambda some, _, so_far=so_far: progress(so_far + some, total),  # type: ignore[misc]
            )
            yield from (plain_row(one, earned) for one, earned in zip(window, found, strict=True))
            done += len(window)
            progress(done, total)
            window = []


def _items(source: Path | bytes) -> Iterator[Item]:
    for place, line in _lines(source):
        yield _item(_json(line, place), place)


def _name(source: Path | bytes) -> str:
    return "standard input" if isinstance(source, bytes) else str(source)


def _lines(source: Path | bytes) -> Iterator[tuple[str, bytes]]:
    """Each line that is not blank with its place; a byte order mark is passed over."""
    name = _name(source)
    try:
        if isinstance(source, bytes):
            yield from _placed(source.split(b"\n"), name)
        else:
            with source.open("rb") as file:
                yield from _placed(file, name)
    except OSError as error:
        if isinstance(error, PrimumError):
            raise
        raise InputError(
            f"file '{source!s}'", f"cannot be read ({error.strerror})", "name a file of rows", name
        ) from error


def _placed(lines: Iterable[bytes], name: str) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(lines, 1):
        content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if content.strip():
            yield f"{name}:{number}", content


def _json(content: bytes, place: str) -> Any:
    try:
        text = content.decode("utf-8")
        found = msgspec.json.decode(text)  # NaN and Infinity are no JSON to it
        json.loads(text, object_pairs_hook=_refuse_twin_keys)
    except UnicodeDecodeError as error:
        raise InputError(f"byte 0x{content[error.start]:02x}", "is not UTF-8", "write UTF-8", place) from error
    except _TwinKey as error:
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


class _TwinKey(Exception):
    pass


def _refuse_twin_keys(pairs: list[tuple[str, Any]]) -> None:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise _TwinKey(next(key for key in keys if keys.count(key) > 1))
