"""What a language file makes of a rule's words."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Said"]


class Said(NamedTuple):
    """See `primum.bench.items.sayable.Saying`."""

    who: str
    when: str
    manner: str
    act: str
    nature: Literal["act", "omission", "state"]
    is_asked: bool
