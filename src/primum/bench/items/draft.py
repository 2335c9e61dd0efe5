"""A draft: an item before it has a dimension, a name and a place in the set."""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec.structs import replace

from primum.bench.items.naming import named
from primum.bench.items.sayable import Saying, grounds
from primum.bench.items.settings import Kind
from primum.records import ByRule, Choice, Difficulty, Ground, Scenario, Style, Task, Turn

__all__ = ["VERSION", "Draft", "scenario"]

VERSION = "2"
"""Changes when the rules of drafting do."""


class Draft(NamedTuple):
    """What an item says. `others` are further rules of the same article that its options rest on; `is_turned` asks for what is wrong.

    `marks` are, of each option, whether it is asked for and the wordings it shares with others.
    Situations of one rule with the same `base` are rewrites of each other.
    """

    one: Saying
    kind: Kind
    prompt: str
    style: Style
    harm: int
    is_borderline: bool
    difficulty: Difficulty
    points: tuple[str, ...]
    reference: str | None = None
    options: tuple[Choice, ...] = ()
    key: tuple[str, ...] = ()
    others: tuple[Saying, ...] = ()
    is_turned: bool = False
    base: int = -1
    marks: tuple[tuple[bool, tuple[str, ...]], ...] = ()


_TASKS: dict[Kind, Task] = {
    "situation": "open",
    "dilemma": "open",
    "single_choice": "single_choice",
    "multiple_choice": "multiple_choice",
}


def scenario(draft: Draft, dimension: str) -> Scenario:
    """The draft as an item of `dimension`, with its name for life."""
    found: dict[tuple[str, str], Ground] = {}
    for one in (draft.one, *draft.others):
        for ground in grounds(one):
            found.setdefault((ground.quote, ground.rule or ""), ground)
    made = Scenario(
        messages=(Turn(role="user", content=draft.prompt),),
        task=_TASKS[draft.kind],
        dimension=dimension,
        language=draft.one.language,
        dataset=f"norms/{draft.kind}",
        made=ByRule(rule=f"bench.items.{draft.kind}", version=VERSION),
        harm_level=_harm(draft.harm),
        style=draft.style,
        is_borderline=draft.is_borderline,
        norms=(draft.one.norm.id,),
        reference=draft.reference,
        options=draft.options,
        key=draft.key,
        scene=draft.one.rule.scenes[0] if draft.one.rule.scenes else "",
        difficulty=draft.difficulty,
        points=draft.points,
        grounds=tuple(found.values()),
    )
    return replace(made, item=named(made))


def _harm(level: int) -> Literal[0, 1, 2, 3]:
    if level == 0:
        return 0
    return 1 if level == 1 else 2 if level == 2 else 3
