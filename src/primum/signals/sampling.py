"""Which situations a cycle asks about: harm level × style × dimension × language, taken in turns, so that the rare is seen."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from primum.records import Scenario

__all__ = ["draw", "stratum_of"]

Stratum = tuple[int, str, str, str]


def stratum_of(scenario: Scenario) -> Stratum:
    """What a situation is drawn by: harm level, style, dimension, language."""
    return scenario.harm_level, scenario.style, scenario.dimension, scenario.language


def draw(scenarios: Sequence[Scenario], wanted: int, seed: int, used: Collection[str] = ()) -> list[Scenario]:
    """At most `wanted` of `scenarios`, each once: one of each stratum in turn, until enough are drawn or none is left.

    A round takes one situation of every stratum that has some left, and goes from harm level to harm level, within a level from style
    to style, and so on, so that a round that is cut short is spread over all of them too. Those whose id is in `used` come when
    nothing else is left. Within a stratum the order is that of the SHA-256 of (`seed`, id): the order of `scenarios` does not matter.
    """
    apart = frozenset(used)
    unique = {one.id: one for one in scenarios}
    fresh = [one for id, one in unique.items() if id not in apart]
    again = [one for id, one in unique.items() if id in apart]
    drawn: list[Scenario] = []
    for pool in (fresh, again):
        for scenario in _in_turns(pool, seed):
            if len(drawn) >= wanted:
                return drawn
            drawn.append(scenario)
    return drawn


def _in_turns(pool: Sequence[Scenario], seed: int) -> Iterator[Scenario]:
    strata: dict[Stratum, list[Scenario]] = {}
    for scenario in pool:
        strata.setdefault(stratum_of(scenario), []).append(scenario)
    queues = {
        key: sorted(one, key=lambda scenario: _place(seed, scenario.id), reverse=True) for key, one in strata.items()
    }
    order = _spread(sorted(queues), 0, seed)
    while order:
        for key in order:
            yield queues[key].pop()
        order = [key for key in order if queues[key]]


def _spread(keys: Sequence[Stratum], axis: int, seed: int) -> list[Stratum]:
    """The strata in an order that changes its value on the first axis at every step, on the next at every return, and so on."""
    if axis == 4:
        return list(keys)
    groups: dict[Any, list[Stratum]] = {}
    for key in keys:
        groups.setdefault(key[axis], []).append(key)
    ordered = sorted(groups.items(), key=lambda one: _place(seed, f"{axis} {one[0]}"))
    rows = [_spread(group, axis + 1, seed) for _, group in ordered]
    return [row[turn] for turn in range(max(map(len, rows), default=0)) for row in rows if turn < len(row)]


def _place(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed} {name}".encode("utf-8", "surrogatepass")).hexdigest()
