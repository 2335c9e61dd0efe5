"""Rows of flags, in a file of their own or in a conversation's row.

`{"conversation", "by", "role", "reason", "severity", "note"?, "correction"?}`; in a conversation's row it names none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from primum.signals.reading_shapes import LoggedFlag, RowError, key_told, reason_of, severity_of, text_at

__all__ = ["flag_of", "flags_in", "is_flag"]

_KEYS = frozenset(("conversation", "by", "role", "reason", "severity", "note", "correction", "at"))


def is_flag(values: Mapping[str, Any]) -> bool:
    """Whether a row is one of flags: it names a conversation and a reason, and holds no conversation itself."""
    return "conversation" in values and "reason" in values and not {"messages", "request", "prompt"} & values.keys()


def flag_of(values: Mapping[str, Any], place: str, conversation: str | None = None) -> LoggedFlag:
    """The flag that a row tells. Raises `RowError` for what is none, and for a key that no flag has."""
    unknown = sorted(str(key) for key in values.keys() - _KEYS)
    if unknown:
        raise RowError(f"a flag has no {key_told(unknown[0])} (it has {', '.join(sorted(_KEYS))})")
    named = text_at(values, "conversation") if conversation is None else conversation
    if conversation is None and not named:
        raise RowError("a flag names no conversation")
    role = text_at(values, "role")
    if not role:
        raise RowError("a flag does not say in which role it was made (clinician, patient …)")
    for key in ("reason", "severity"):
        if values.get(key) in (None, ""):
            raise RowError(f"a flag has no {key}")
    return LoggedFlag(
        place,
        named,
        text_at(values, "by"),
        role[:60],
        reason_of(values["reason"]),
        severity_of(values["severity"]),
        text_at(values, "note"),
        text_at(values, "correction"),
    )


def flags_in(values: Mapping[str, Any], place: str) -> tuple[LoggedFlag, ...]:
    """The flags in a conversation's own row. Raises `RowError` when one of them is none."""
    rows = values.get("flags")
    if rows is None:
        return ()
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RowError("flags is not a list of objects")
    return tuple(flag_of(row, place, conversation="") for row in rows)
