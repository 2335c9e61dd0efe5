"""What engines that live elsewhere ask in their own shape (OpenRLHF's remote reward), and the files that `primum reward export` writes."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from primum.cycles.reward_rows import query_in, read_reward_queries
from primum.cycles.reward_scoring import ScoreSettings
from primum.errors import InputError, SettingError, StoreError
from primum.records import Turn
from primum.rewards.asked import Item
from primum.rewards.engines import (
    ENGINES,
    Engine,
    EngineName,
    completion_in,
    data_rows,
    launch_page,
    reward_file,
    unit_reward,
)
from primum.rewards.model_reward import Earned, RewardQuery
from primum.rewards.pair_file import read_pairs

__all__ = ["UNREAD", "ExportOrder", "RewardCall", "export_engine", "openrlhf_answer", "reward_call"]

UNREAD: Final = "reward request, unread"
_PLACE = "primum reward export"


class RewardCall(NamedTuple):
    """A call in OpenRLHF's shape as items, in its order."""

    items: tuple[Item, ...]


class ExportOrder(NamedTuple):
    """Which engine is written for, from what, and where. One of `queries` and `pairs` is given."""

    engine: EngineName
    url: str
    out: Path
    queries: Path | None = None
    pairs: Path | None = None
    is_forced: bool = False


class _Body(msgspec.Struct, frozen=True):
    """`query` holds prompt and answer as the engine decoded them, `prompts` the prompt alone, `labels` what the data said of it."""

    query: list[str]
    prompts: list[str]
    labels: list[str | dict[str, Any]]


def reward_call(body: bytes, rubrics: Mapping[str, RewardQuery]) -> RewardCall:
    """The items of a call `{"query", "prompts", "labels"}`. A label names a query of `rubrics` by id, or is one, as JSON.

    Raises `InputError` for lists of different lengths, a label that names nothing, and an answer that does not begin with its prompt: then
    nobody can say where the answer begins.
    """
    try:
        found = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            "a reward request", f"is not as it should be ({error})", 'send {"query", "prompts", "labels"}', "request"
        ) from error
    counts = {len(found.query), len(found.prompts), len(found.labels)}
    if len(counts) > 1:
        raise InputError(
            f"{len(found.query)} queries, {len(found.prompts)} prompts, {len(found.labels)} labels",
            "are not of one length",
            "send one of each a sample",
            "request",
        )
    asked = zip(found.query, found.prompts, found.labels, strict=True)
    return RewardCall(tuple(_item(*one, rubrics, f"request, sample {number}") for number, one in enumerate(asked, 1)))


def openrlhf_answer(call: RewardCall, earned: Sequence[Earned], settings: ScoreSettings) -> dict[str, Any]:
    """`{"rewards", "scores", "extra_logs"}`: scores are the rewards on 0 … 1. Raises `InputError` for an answer that was not read."""
    rewards: list[float] = []
    scores: list[float] = []
    logs: dict[str, list[float]] = {}
    for item, one in zip(call.items, earned, strict=True):
        if one.reward is None or one.parts is None:
            reason = next(reason for reason in one.reading.reasons if reason)
            raise InputError(f"query {item.id!r}", f"could not be read: {reason}", "mend its criteria", UNREAD)
        rewards.append(one.reward)
        scores.append(unit_reward(one.reward, item.criteria, settings.reward, settings.shape))
        for name, value in {**one.parts._asdict(), "unusable": bool(one.unusable)}.items():
            logs.setdefault(name, []).append(float(value))
    return {"rewards": rewards, "scores": scores, "extra_logs": logs}


def export_engine(order: ExportOrder) -> dict[str, Any]:
    """Write the engine's reward file, its data and a README into a new folder; where they are. Nothing is written when an input is refused.

    verl's data is Parquet where pyarrow is installed (extra `train`), else JSONL, which verl reads since 0.7.
    """
    parts = urlsplit(order.url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingError(f"url {order.url!r}", "is no address", "write http://HOST:PORT", _PLACE)
    queries = _queries(order)
    if order.out.exists() and not order.is_forced:
        raise SettingError(f"folder '{order.out}'", "is there already", "name another, or add --force", _PLACE)
    engine = ENGINES[order.engine]
    data = engine.data
    if data.endswith(".parquet") and importlib.util.find_spec("pyarrow") is None:
        data = "train.jsonl"
    half = order.out.with_name(f".{order.out.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    try:
        half.mkdir(parents=True)
        (half / engine.file).write_text(reward_file(engine, order.url), "utf-8")
        _write_data(half / data, engine, queries)
        (half / "README.md").write_text(launch_page(engine, order.url, str(order.out), data, len(queries)), "utf-8")
        order.out.mkdir(exist_ok=True)
        for file in sorted(half.iterdir()):
            file.replace(order.out / file.name)
    except OSError as error:
        raise StoreError(
            f"folder '{order.out}'",
            f"cannot be written ({error.strerror or error})",
            "free space, or name another --out",
            str(order.out),
        ) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return {
        "engine": engine.name,
        "queries": len(queries),
        "files": [str(order.out / name) for name in (engine.file, data, "README.md")],
    }


def _item(query: str, prompt: str, label: str | dict[str, Any], rubrics: Mapping[str, RewardQuery], place: str) -> Item:
    known = _known(label, rubrics, place)
    completion = completion_in(query, prompt)
    if completion is None:
        raise InputError(
            f"query {known.id!r}",
            "does not begin with its prompt, so nobody can say where the answer begins",
            "raise the engine's longest prompt, or send prompt and query as it decoded them",
            place,
        )
    turns = known.prompt or (Turn(role="user", content=prompt),)
    return Item(known.id, turns, completion, known.criteria)


def _known(label: str | dict[str, Any], rubrics: Mapping[str, RewardQuery], place: str) -> RewardQuery:
    if isinstance(label, str) and not label.lstrip().startswith("{"):
        if label not in rubrics:
            raise InputError(
                f"label {label[:60]!r}", "names no query that is served", "start the service with its --rubrics", place
            )
        return rubrics[label]
    return query_in(label, place)


def _queries(order: ExportOrder) -> list[RewardQuery]:
    if order.queries is not None and order.pairs is None:
        return read_reward_queries(order.queries, needs_prompt=True)
    if order.pairs is not None and order.queries is None:
        found: dict[tuple[object, ...], RewardQuery] = {}
        for pair in read_pairs(order.pairs):
            found.setdefault((pair.prompt, pair.criteria), RewardQuery(pair.id, pair.prompt, pair.criteria))
        return list(found.values())
    raise SettingError("--queries and --pairs", "are both given or both missing", "name one of them", _PLACE)


def _write_data(path: Path, engine: Engine, queries: Sequence[RewardQuery]) -> None:
    rows = data_rows(engine, queries)
    if path.suffix == ".parquet":
        arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
        parquet.write_table(arrow.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
