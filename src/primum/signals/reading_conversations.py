"""Rows into conversations: OpenAI-style messages, request and response pairs, our gateway's records, and the columns of a CSV file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from primum.signals.identifiers import clean
from primum.signals.reading_flags import flag_of, flags_in, is_flag
from primum.signals.reading_rows import Raw
from primum.signals.reading_shapes import (
    Logged,
    LoggedFlag,
    LoggedGuardian,
    LoggedTurn,
    RowError,
    consent_of,
    day_of,
    key_told,
    reason_of,
    severity_of,
    text_at,
)
from primum.signals.settings import LogSettings

__all__ = ["GATEWAY", "conversation_of"]

GATEWAY = "primum.gateway/1"
_GATEWAY_KEYS = frozenset(
    (
        "contract",
        "id",
        "at",
        "policy",
        "messages",
        "answer",
        "finish",
        "guardian",
        "consent",
        "basis",
        "licence",
        "person",
        "flags",
        "simulated",
    )
)
_GUARDIAN_KEYS = frozenset(["judge", "made", "stance", "probability", "action", "reason", "severity"])
_FINISHES = {"stop": "stop", "length": "length", "max_tokens": "length", "end_turn": "stop", "eos": "stop"}
_SYSTEM = ("system", "developer")
_STANCES = ("accept", "caution", "refuse", "unusable", "abstained")
_ACTIONS = ("pass", "warn", "hold", "block", "rewrite")


def conversation_of(row: Raw, settings: LogSettings) -> Logged:
    """The conversation that a row tells, in whichever format it is. Raises `RowError` for what is none."""
    values = row.values
    if row.is_csv:
        return _from_columns(values, row.place, settings)
    if is_flag(values):
        raise RowError("a flag among conversations: put flags into a file of their own")
    contract = values.get("contract")
    if contract is not None:
        if contract != GATEWAY:
            raise RowError(f"contract is not {GATEWAY}")
        return _from_gateway(values, row.place, settings)
    if "request" in values:
        return _from_pair(values, row.place, settings)
    if "messages" in values:
        return _from_messages(values, values["messages"], row.place, settings)
    raise RowError("the row has neither messages, nor request and response, nor a contract")


def _from_messages(
    values: Mapping[str, Any], messages: object, place: str, settings: LogSettings, answer: str | None = None
) -> Logged:
    turns, systems = _turns(messages)
    if answer is None:
        told = []
        while turns and turns[-1].role == "assistant":
            told.append(turns.pop().content)
        answer = "\n".join(reversed(told)) if told else None
    return _logged(values, place, settings, turns, answer, systems)


def _from_pair(values: Mapping[str, Any], place: str, settings: LogSettings) -> Logged:
    request, response = values["request"], values.get("response")
    if not isinstance(request, dict) or not (response is None or isinstance(response, dict)):
        raise RowError("request or response is no object")
    answer, finish = None, ""
    if response is not None:
        choices = response.get("choices")
        if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
            raise RowError("response has not one choice")
        message = choices[0].get("message")
        if not isinstance(message, dict) or message.get("role", "assistant") != "assistant":
            raise RowError("the choice has no message of an assistant")
        answer, finish = _content(message.get("content")), text_at(choices[0], "finish_reason")
    outer = {
        "model": request.get("model"),
        "created": (response or {}).get("created"),
        "id": (response or {}).get("id"),
    }
    told = {key: value for key, value in outer.items() if value is not None} | dict(values) | {"finish": finish}
    turns, systems = _turns(request.get("messages"))
    if turns and turns[-1].role == "assistant":
        raise RowError("the request ends with an assistant")
    return _logged(told, place, settings, turns, answer, systems)


def _from_gateway(values: Mapping[str, Any], place: str, settings: LogSettings) -> Logged:
    unknown = sorted(str(key) for key in values.keys() - _GATEWAY_KEYS)
    if unknown:
        raise RowError(f"{GATEWAY} has no {key_told(unknown[0])}")
    for key in ("id", "at", "messages", "consent", "licence"):
        if values.get(key) in (None, ""):
            raise RowError(f"{GATEWAY} needs {key!r}")
    turns, systems = _turns(values["messages"])
    if turns and turns[-1].role == "assistant":
        raise RowError("the messages end with an assistant: its words belong in answer")
    answer = values.get("answer")
    if answer is not None and not isinstance(answer, str):
        raise RowError("answer is not a text")
    policy = values.get("policy")
    named = text_at(policy, "name") if isinstance(policy, dict) else text_at(values, "policy")
    told = {key: value for key, value in values.items() if key != "policy"} | {"model": named}
    return _logged(told, place, settings, turns, answer, systems)


def _from_columns(values: Mapping[str, Any], place: str, settings: LogSettings) -> Logged:
    names = settings.columns
    if names.prompt not in values:
        raise RowError(
            f"column {names.prompt!r} is missing from the header's {len(values)} columns (name yours: columns.prompt)"
        )
    turns = [LoggedTurn("user", values[names.prompt])]
    answer = values.get(names.answer)
    flags: tuple[LoggedFlag, ...] = ()
    if values.get(names.flag_reason, "").strip():
        told = {
            "reason": values.get(names.flag_reason),
            "severity": values.get(names.flag_severity),
            "by": values.get(names.flag_by),
            "role": values.get(names.flag_role),
            "note": values.get(names.flag_note),
            "correction": values.get(names.flag_correction),
        }
        flags = (flag_of(told, place, conversation=""),)
    row = {
        "id": values.get(names.id),
        "at": values.get(names.at),
        "consent": values.get(names.consent),
        "basis": values.get(names.basis),
        "licence": values.get(names.licence),
        "simulated": values.get("simulated"),
        "finish": values.get("finish"),
        "model": values.get("model"),
    }
    answered = answer if answer is not None and answer.strip() else None
    logged = _logged(row, place, settings, turns, answered, int(bool(values.get(names.system, "").strip())))
    return logged._replace(flags=flags)


def _logged(
    values: Mapping[str, Any],
    place: str,
    settings: LogSettings,
    turns: list[LoggedTurn],
    answer: str | None,
    system_turns: int,
) -> Logged:
    if not turns or turns[-1].role != "user":
        raise RowError("no user says the last word before the answer")
    if not clean(turns[-1].content).strip():
        raise RowError("the last request is empty")
    consent = consent_of(values.get("consent"), settings.consent)
    basis = text_at(values, "basis") or settings.basis
    if consent == "not required" and not basis:
        raise RowError("consent is not required, and no basis is named")
    finish = _FINISHES.get(text_at(values, "finish") or text_at(values, "finish_reason"), "unknown")
    return Logged(
        place=place,
        id=text_at(values, "id"),
        turns=tuple(turns),
        answer=answer,
        finish=finish,  # type: ignore[arg-type]
        policy=text_at(values, "model")[:100],
        day=day_of(values.get("at") if values.get("at") not in (None, "") else values.get("created")),
        consent=consent,
        basis=basis,
        licence=text_at(values, "licence") or settings.licence,
        guardian=_guardian(values.get("guardian")),
        flags=flags_in(values, place),
        is_simulated=settings.is_simulated
        or str(values.get("simulated") or "").strip().lower() in ("true", "1", "yes", "是"),
        system_turns=system_turns,
    )


def _turns(messages: object) -> tuple[list[LoggedTurn], int]:
    """The turns of users and assistants, and how many there are of the deployer's."""
    if not isinstance(messages, list) or not messages:
        raise RowError("messages is not a list of turns")
    turns, systems = [], 0
    for message in messages:
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise RowError("a message has no role")
        role = message["role"].strip().lower()
        if role in _SYSTEM:
            systems += 1
        elif role in ("user", "assistant"):
            turns.append(LoggedTurn(role, _content(message.get("content"))))
        else:
            raise RowError("a role is not user, assistant or system")
    return turns, systems


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list) and content:
        texts = [
            part.get("text")
            for part in content
            if isinstance(part, dict) and part.get("type") in ("text", "input_text", "output_text")
        ]
        if len(texts) == len(content) and all(isinstance(text, str) for text in texts):
            return "\n".join(text for text in texts if isinstance(text, str))
        raise RowError("a message holds something that is not text")
    raise RowError("a message has no text")


def _guardian(value: object) -> LoggedGuardian | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise RowError("guardian is no object")
    unknown = sorted(str(key) for key in value.keys() - _GUARDIAN_KEYS)
    if unknown:
        raise RowError(f"guardian has no {key_told(unknown[0])}")
    judge, stance, action = (text_at(value, key) for key in ("judge", "stance", "action"))
    if not judge or stance not in _STANCES:
        raise RowError(f"guardian stance is not one of {', '.join(_STANCES)}, or it has no judge")
    if action not in _ACTIONS:
        raise RowError(f"guardian action is not one of {', '.join(_ACTIONS)}")
    probability = value.get("probability")
    if probability is not None and (
        isinstance(probability, bool)
        or not isinstance(probability, int | float)
        or not math.isfinite(probability)
        or not 0 <= probability <= 1
    ):
        raise RowError("guardian probability is not between 0 and 1")
    return LoggedGuardian(
        judge[:100],
        text_at(value, "made") == "rule",
        stance,  # type: ignore[arg-type]
        None if probability is None else float(probability),
        action,  # type: ignore[arg-type]
        None if value.get("reason") is None else reason_of(value["reason"]),
        None if value.get("severity") is None else severity_of(value["severity"]),
    )
