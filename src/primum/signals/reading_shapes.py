"""What a row of a log comes to, before identifiers are removed; and the small readings that all formats share."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

from primum.records import Consent, FlagReason

__all__ = [
    "Given",
    "Logged",
    "LoggedFlag",
    "LoggedGuardian",
    "LoggedTurn",
    "RowError",
    "consent_of",
    "day_of",
    "key_told",
    "reason_of",
    "severity_of",
    "text_at",
]

Given = Literal["given", "not required", "unknown", "refused"]

_CONSENTS: dict[str, Given] = {
    **dict.fromkeys(("given", "yes", "true", "1", "consented", "agreed", "同意", "已同意", "是"), "given"),
    **dict.fromkeys(
        ("refused", "no", "false", "0", "declined", "withdrawn", "opted out", "不同意", "拒绝", "已撤回", "否"),
        "refused",
    ),
    **dict.fromkeys(("not required", "not_required", "waived", "无需", "豁免"), "not required"),
    **dict.fromkeys(("", "unknown", "未知"), "unknown"),
}
_REASONS: dict[str, FlagReason] = {
    **{reason: reason for reason in get_args(FlagReason)},
    "wrong refusal": "wrong_refusal",
    "over-refusal": "wrong_refusal",
    "harmful": "unsafe",
    "不安全": "unsafe",
    "误拒": "wrong_refusal",
    "错误": "wrong",
    "不完整": "incomplete",
    "不友善": "unkind",
    "隐私": "privacy",
    "不可用": "unusable",
    "其他": "other",
}
_SEVERITIES: dict[str, Literal[1, 2, 3]] = {
    "1": 1,
    "2": 2,
    "3": 3,
    "slight": 1,
    "moderate": 2,
    "severe": 3,
    "轻": 1,
    "中": 2,
    "重": 3,
}
_KEY = re.compile(r"[a-z][a-z0-9]{0,15}(?:_[a-z0-9]{1,15}){0,3}")
_DAY = re.compile(r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")


class RowError(Exception):
    """Why a row cannot be read; the message is the reason. It is kept and shown, so it quotes nothing that the row says: no list of rules
    would find every name in it."""


class LoggedTurn(NamedTuple):
    """A message as it stands in the log."""

    role: Literal["user", "assistant"]
    content: str


class LoggedFlag(NamedTuple):
    """A flag as it stands in the log; `conversation` is the id it names, empty where it stands in the conversation's own row."""

    place: str
    conversation: str
    by: str
    role: str
    reason: FlagReason
    severity: Literal[1, 2, 3]
    note: str
    correction: str


class LoggedGuardian(NamedTuple):
    """What a guardian said of the answer, and did about it."""

    judge: str
    is_rule: bool
    stance: Literal["accept", "caution", "refuse", "unusable", "abstained"]
    probability: float | None
    action: Literal["pass", "warn", "hold", "block", "rewrite"]
    reason: FlagReason | None
    severity: Literal[1, 2, 3] | None


class Logged(NamedTuple):
    """A conversation as it stands in the log: what was said up to the last request, and the answer to it (`None`: the log holds none)."""

    place: str
    id: str
    turns: tuple[LoggedTurn, ...]
    answer: str | None
    finish: Literal["stop", "length", "unknown"]
    policy: str
    day: str
    consent: Given
    basis: str
    licence: str
    guardian: LoggedGuardian | None
    flags: tuple[LoggedFlag, ...]
    is_simulated: bool
    system_turns: int


def consent_of(value: object, otherwise: Consent) -> Given:
    """What a row says on consent, `otherwise` where it says nothing. Raises `RowError` for a word that is none."""
    if value is None:
        return otherwise
    word = str(value).strip().lower()
    if word not in _CONSENTS:
        raise RowError("consent is none of given, refused, not required and unknown")
    found = _CONSENTS[word]
    return otherwise if found == "unknown" else found


def reason_of(value: object) -> FlagReason:
    """The reason of a flag. Raises `RowError` for one that is none."""
    word = str(value).strip().lower()
    if word not in _REASONS:
        raise RowError(f"the reason of a flag is not one of {', '.join(get_args(FlagReason))}")
    return _REASONS[word]


def severity_of(value: object) -> Literal[1, 2, 3]:
    """The severity of a flag. Raises `RowError` for what is not 1, 2 or 3."""
    word = str(value).strip().lower()
    if word not in _SEVERITIES:
        raise RowError("severity is not 1, 2 or 3")
    return _SEVERITIES[word]


def day_of(value: object) -> str:
    """The day (ISO 8601) of a time: a date with or without a time, or seconds since 1970. Raises `RowError` for what is none."""
    if value is None or value == "":
        return ""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.datetime.fromtimestamp(value, datetime.UTC).date().isoformat()
        found = _DAY.match(str(value))
        if found is not None:
            return datetime.date(*map(int, found.groups())).isoformat()
    except (ValueError, OverflowError, OSError):
        pass
    raise RowError("the time does not begin with a date (YYYY-MM-DD)")


def key_told(key: object) -> str:
    """`key 'note'`, for a reason; a key that is not written as keys are, which may be somebody's words, is `key of this name`."""
    return f"key {key!r}" if _KEY.fullmatch(str(key)) else "key of this name"


def text_at(values: Mapping[str, Any], key: str) -> str:
    """The text under a key, stripped; empty where there is none. Numbers are texts here. Raises `RowError` for anything else."""
    value = values.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(f"{key} is not a text")
    return str(value).strip()
