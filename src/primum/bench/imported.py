"""What importing a set gives, and what all importers share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from primum.records import (
    ByImport,
    Criterion,
    Judgement,
    JudgeRef,
    Language,
    Response,
    Rubric,
    Scenario,
    Split,
    Turn,
    Verdict,
)

__all__ = ["Imported", "empty", "open_scenario", "sampled"]

_Item = TypeVar("_Item")


class Imported(NamedTuple):
    """The records of one set. `groups` tells which model wrote a response, by its id. Few sets have `verdicts`, on their `criteria`."""

    scenarios: list[Scenario]
    responses: list[Response]
    judgements: list[Judgement]
    judges: list[JudgeRef]
    criteria: list[Criterion]
    rubrics: list[Rubric]
    groups: dict[str, str]
    verdicts: Sequence[Verdict] = ()


def empty() -> Imported:
    """An import that has nothing yet."""
    return Imported([], [], [], [], [], [], {})


def open_scenario(
    text: str, *, dimension: str, language: Language, made: ByImport, reference: str | None, split: Split | None = None
) -> Scenario:
    """A harmless open question of one turn, as an imported row states it."""
    return Scenario(
        messages=(Turn(role="user", content=text),),
        task="open",
        dimension=dimension,
        language=language,
        dataset=made.dataset,
        made=made,
        reference=reference,
        split=split,
    )


def sampled(
    items: Sequence[_Item], limit: int | None, seed: int, name: Callable[[_Item], str], stratum: Callable[[_Item], str]
) -> list[_Item]:
    """At most `limit` of `items` in their order: each stratum in proportion to its size (largest remainders), by hash within.

    Which items are drawn from a stratum depends on the seed and their own names, not on their order.
    """
    if limit is None or limit >= len(items):
        return list(items)
    strata: dict[str, list[_Item]] = {}
    for item in items:
        strata.setdefault(stratum(item), []).append(item)
    shares = {key: limit * len(members) / len(items) for key, members in strata.items()}
    counts = {key: int(share) for key, share in shares.items()}
    rest = sorted(shares, key=lambda key: (counts[key] - shares[key], key))
    for key in rest[: limit - sum(counts.values())]:
        counts[key] += 1
    chosen: set[int] = set()
    for key, members in strata.items():
        ranked = sorted(members, key=lambda item: hashlib.sha256(f"{seed}\x1f{name(item)}".encode()).digest())
        chosen.update(id(item) for item in ranked[: counts[key]])
    return [item for item in items if id(item) in chosen]
