"""Which requests are rewritten: drawn evenly, half of them harmful; what does not keep its intent is left out and reported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from primum.ports import Progress, silent
from primum.records import Scenario, Split, Style
from primum.simulation.attacks import rewrite
from primum.simulation.intent import keeps_intent
from primum.simulation.settings import AttackSettings

__all__ = ["Attacked", "attacks_for", "in_turns", "rewrite_all"]


class Attacked(NamedTuple):
    """The rewrites that keep their intent, and (scenario id, style, reason) of each that was tried and left out."""

    scenarios: list[Scenario]
    refused: list[tuple[str, str, str]]


def rewrite_all(
    scenarios: Sequence[Scenario], styles: Sequence[Style], wanted: int, seed: int, progress: Progress = silent
) -> Attacked:
    """`wanted` rewrites for each style, or as many as keep their intent.

    Plain open requests only are drawn from, and in the same order for each style, so that styles are compared on the same requests: half of
    them harmful and half harmless where there are enough of both, and in either half language and set take turns. Where a rewrite is left
    out, the next request of the same language and set takes its place.
    """
    order = in_turns(scenarios, seed)
    found = Attacked([], [])
    for done, style in enumerate(styles, 1):
        _draw(order, style, wanted, seed, found)
        progress(done, len(styles))
    return found


def attacks_for(
    scenarios_by_split: Mapping[Split, Sequence[Scenario]], settings: AttackSettings, progress: Progress = silent
) -> dict[Split, Attacked]:
    """The rewrites of each split: the train and dev split in the taught styles, the test split in the taught and the held-out ones.

    A scenario that was rewritten already, and one of a set that stays as it was published, is not drawn.
    """
    found: dict[Split, Attacked] = {}
    for done, (split, scenarios) in enumerate(scenarios_by_split.items(), 1):
        pool = [one for one in scenarios if one.dataset not in settings.as_published]
        found[split] = rewrite_all(pool, settings.styles(split), settings.wanted(split), settings.seed)
        progress(done, len(scenarios_by_split))
    return found


def in_turns(scenarios: Sequence[Scenario], seed: int) -> tuple[list[list[Scenario]], list[list[Scenario]]]:
    """The plain open requests, each once: (harmful, harmless), either by language and set, in an order that hangs on seed and id alone."""
    sides: tuple[dict[tuple[str, str], list[Scenario]], dict[tuple[str, str], list[Scenario]]] = ({}, {})
    plain = {one.id: one for one in scenarios if one.style == "direct" and one.task == "open" and one.rewrites is None}
    for name in sorted(plain, key=lambda name: hashlib.sha256(f"{seed}\x1f{name}".encode()).digest()):
        one = plain[name]
        sides[one.harm_level == 0].setdefault((one.language, one.dataset), []).append(one)
    harmful, harmless = ([side[key] for key in sorted(side)] for side in sides)
    return harmful, harmless


def _draw(
    order: tuple[list[list[Scenario]], list[list[Scenario]]], style: Style, wanted: int, seed: int, found: Attacked
) -> None:
    """Add the rewrites of one style to `found`."""

    def kept(source: Sequence[Scenario]) -> Iterator[Scenario]:
        for scenario in source:
            rewritten = rewrite(scenario, style, seed)
            fault = keeps_intent(scenario, rewritten)
            if fault is None:
                yield rewritten
            else:
                found.refused.append((scenario.id, style, fault))

    sides = [_taking_turns([kept(source) for source in side]) for side in order]
    drawn = _taking_turns(sides)
    for _ in range(wanted):
        rewritten = next(drawn, None)
        if rewritten is None:
            return
        found.scenarios.append(rewritten)


def _taking_turns(sources: Sequence[Iterator[Scenario]]) -> Iterator[Scenario]:
    """One of each source in turn, for as long as any has one left."""
    waiting = list(sources)
    while waiting:
        for source in list(waiting):
            taken = next(source, None)
            if taken is None:
                waiting.remove(source)
            else:
                yield taken
