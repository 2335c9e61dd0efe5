"""The judges of a run as records: a panel with its members, and whether one judge stands behind another."""

from __future__ import annotations

from primum.errors import SettingError
from primum.ports import Judge
from primum.records import JudgeRef
from primum.rewards.disjoint import names_of

__all__ = ["check_second", "refs_of"]


def refs_of(judge: Judge) -> tuple[JudgeRef, ...]:
    """The judge, and those that sit on it where it is a panel: a record of a panel leads to theirs."""
    return judge.ref, *(member.ref for member in getattr(judge, "members", ()))


def check_second(judge: Judge, second: Judge, place: str) -> None:
    """Raise `SettingError` when the judge that is to measure is the one that steers, or shares member, weights or chat model with it."""
    if set(names_of(refs_of(judge))) & set(names_of(refs_of(second))):
        raise SettingError(
            f"second judge '{second.ref.name}'",
            "is the judge that steers, or stands on the same model",
            "name another judge: one that steers cannot measure what it gained",
            place,
        )
