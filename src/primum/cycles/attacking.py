"""Requests of a file asked in attack styles: by the embedded generators, or by a chat model whose rewrites another call checks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from primum.cycles.benchmark_share import write_new
from primum.errors import InputError, ModelError, RecordError, SettingError
from primum.evaluation.suites.lines import Placed, check_unique, read_structs
from primum.language import detect
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Progress, silent
from primum.records import ByImport, ByModel, BySimulation, Language, Scenario, Style, Turn
from primum.simulation import Attacked, keeps_intent, rewrite
from primum.simulation.attack_chat import ChatAttackSettings, attack_with_model

__all__ = ["AttackOrder", "AttackRow", "attack_by_chat", "attack_requests"]

_PLACE = "cycle attack"


class AttackRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request: as a `prompt`, or as the `messages` that end with it. What else is known of it goes into every rewrite.

    `style` is the one it comes in; what does not come plainly can only be asked plainly again.
    """

    id: str | None = None
    prompt: str | None = None
    messages: tuple[Turn, ...] | None = None
    harm_level: Literal[0, 1, 2, 3] | None = None
    is_borderline: bool = False
    language: Language | None = None
    style: Style = "direct"
    dimension: str | None = None
    dataset: str | None = None


class AttackOrder(NamedTuple):
    """What is wanted: each of `limit` requests (all, without it; drawn by the seed) in each of the styles, written to `out`.

    With an `endpoint` the `model` there rewrites, and `checker`, by default the same model, says whether the intent is kept.
    `key_variable` names the environment variable that holds the key.
    """

    requests: Path
    out: Path
    styles: tuple[Style, ...]
    endpoint: str | None = None
    model: str | None = None
    checker: str | None = None
    key_variable: str | None = None
    limit: int | None = None
    seed: int = 0
    is_forced: bool = False


class _Request(NamedTuple):
    name: str
    row: AttackRow
    scenario: Scenario


def attack_requests(order: AttackOrder, progress: Progress = silent) -> dict[str, Any]:
    """Rewrite, check and write; what came of it, and what was left out and why.

    Raises `InputError` for rows that are none, `SettingError` for an order that cannot be followed, and `InputError` or, with a model,
    `ModelError` where no rewrite keeps its intent; then nothing is written.
    """
    _check(order)
    requests = _drawn(_requests(order.requests), order)
    scenarios = [one.scenario for one in requests]
    if order.endpoint is None:
        found = _by_rule(scenarios, order, progress)
    else:
        found = _by_model(scenarios, order, progress)
    of = {one.scenario.id: one for one in requests}
    refused = [{"id": of[name].name, "style": style, "reason": reason} for name, style, reason in found.refused]
    if not found.scenarios:
        reason = refused[0]["reason"]
        rule = f"gave no rewrite ({reason})"
        if order.model is not None:
            raise ModelError(f"the chat model '{order.model}'", rule, "check it, and its address", _PLACE)
        raise InputError(f"file '{order.requests}'", rule, "give other requests or styles", _PLACE)
    rows = [_row(one, of[str(one.rewrites or one.id)], order.checker or order.model) for one in found.scenarios]
    write_new(order.out, (msgspec.json.encode(row).decode() for row in rows), order.is_forced)
    return _told(order, requests, found, refused)


def attack_by_chat(
    chat: OpenAIChat,
    scenarios: Sequence[Scenario],
    styles: Sequence[Style],
    settings: ChatAttackSettings | None = None,
    checker: OpenAIChat | None = None,
    progress: Progress = silent,
) -> Attacked:
    """Every scenario in every style as `chat` asks it; kept is what `checker` says is kept, or `chat` itself in a second call."""
    settings = ChatAttackSettings() if settings is None else settings
    return attack_with_model(scenarios, styles, chat, checker or chat, settings, progress)


def _check(order: AttackOrder) -> None:
    if not order.styles:
        raise SettingError("--style", "is not given", "name at least one style", _PLACE)
    if (order.endpoint is None) != (order.model is None):
        given, missing = ("--model", "--endpoint") if order.endpoint is None else ("--endpoint", "--model")
        raise SettingError(given, f"is given without {missing}", "give both, or neither for the generators", _PLACE)
    if order.endpoint is None and (order.checker is not None or order.key_variable is not None):
        raise SettingError("--checker or --key-variable", "needs --endpoint", "name the endpoint and the model", _PLACE)
    if order.out.resolve() == order.requests.resolve():
        raise SettingError(f"file '{order.out}'", "is the file of requests", "name another --out", _PLACE)
    if order.out.exists() and not order.is_forced:  # asked before anything is paid for
        raise SettingError(f"file '{order.out}'", "is there already", "name another --out, or add --force", _PLACE)


def _requests(path: Path) -> list[_Request]:
    placed = read_structs(path, AttackRow, "a row of requests")
    names = [_name(one) for one in placed]
    check_unique(placed, names, "id")
    return [_Request(name, one.row, _scenario(name, one, path.stem)) for name, one in zip(names, placed, strict=True)]


def _name(one: Placed[AttackRow]) -> str:
    """The row's id, or where it stands."""
    return one.row.id if one.row.id is not None else f"line {one.place.rpartition(':')[2]}"


def _scenario(name: str, one: Placed[AttackRow], stem: str) -> Scenario:
    row, place = one.row, one.place
    if (row.prompt is None) == (row.messages is None):
        rule = "has neither a prompt nor messages" if row.prompt is None else "has a prompt and messages"
        raise InputError(f"request {name!r}", rule, "give one of the two", place)
    messages = row.messages if row.messages is not None else (Turn(role="user", content=row.prompt or ""),)
    dataset = row.dataset or stem
    try:
        return Scenario(
            messages=messages,
            task="open",
            dimension=row.dimension or "general",
            language=row.language or detect(messages[-1].content if messages else ""),
            dataset=dataset,
            made=ByImport(dataset=dataset, row=name),
            harm_level=row.harm_level or 0,
            style=row.style,
            is_borderline=row.is_borderline,
        )
    except RecordError as error:
        raise InputError(f"request {name!r}", error.rule, error.way_out, place) from error


def _drawn(requests: list[_Request], order: AttackOrder) -> list[_Request]:
    if order.limit is None or order.limit >= len(requests):
        return requests
    ranked = sorted(requests, key=lambda one: hashlib.sha256(f"{order.seed}\x1f{one.scenario.id}".encode()).digest())
    kept = {one.name for one in ranked[: order.limit]}
    return [one for one in requests if one.name in kept]


def _by_rule(scenarios: Sequence[Scenario], order: AttackOrder, progress: Progress) -> Attacked:
    found = Attacked([], [])
    for done, scenario in enumerate(scenarios, 1):
        for style in order.styles:
            rewritten = rewrite(scenario, style, order.seed)
            fault = keeps_intent(scenario, rewritten)
            if fault is None:
                found.scenarios.append(rewritten)
            else:
                found.refused.append((scenario.id, style, fault))
        progress(done, len(scenarios))
    return found


def _by_model(scenarios: Sequence[Scenario], order: AttackOrder, progress: Progress) -> Attacked:
    assert order.endpoint is not None and order.model is not None
    chat = OpenAIChat(EndpointSettings(base_url=order.endpoint, model=order.model, api_key_env=order.key_variable))
    checker = chat
    if order.checker is not None and order.checker != order.model:
        at = EndpointSettings(base_url=order.endpoint, model=order.checker, api_key_env=order.key_variable)
        checker = OpenAIChat(at)
    return attack_by_chat(chat, scenarios, order.styles, checker=checker, progress=progress)


def _row(rewritten: Scenario, request: _Request, checker: str | None) -> dict[str, Any]:
    """A rewrite as a row: the request in its new style, what it rewrites and by what, and what the row of the request said."""
    made = rewritten.made
    if isinstance(made, BySimulation):
        by: dict[str, Any] = {"by": made.generator, "seed": made.seed}
    elif isinstance(made, ByModel):
        by = {"by": made.model, "checked_by": checker}
    else:
        by = {"by": "as it was"}  # a plain request in style direct
    told = {
        "harm_level": request.row.harm_level,
        "dimension": request.row.dimension,
        "dataset": request.row.dataset,
    }
    return {
        "id": rewritten.id,
        "messages": [{"role": turn.role, "content": turn.content} for turn in rewritten.messages],
        "style": rewritten.style,
        "language": rewritten.language,
        **{key: value for key, value in told.items() if value is not None},
        **({"is_borderline": True} if rewritten.is_borderline else {}),
        "rewrites": request.name,
        "original": request.scenario.prompt,
        **by,
    }


def _told(
    order: AttackOrder, requests: Sequence[_Request], found: Attacked, refused: list[dict[str, str]]
) -> dict[str, Any]:
    by_style = Counter(one.style for one in found.scenarios)
    return {
        "requests": len(requests),
        "rewrites": len(found.scenarios),
        "by_style": {style: by_style.get(style, 0) for style in order.styles},
        "by": order.model or "the embedded generators",
        "checked_by": "the embedded check" if order.model is None else order.checker or order.model,
        "refused": refused,
        "out": str(order.out),
    }
