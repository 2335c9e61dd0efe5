"""Prompts aimed at where a policy is weak: unused items of the train split from the weak cells, and others so that nothing is forgotten."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest

from primum.errors import InputError
from primum.records import Scenario

__all__ = ["targeted"]

_LANGUAGES = ("zh", "en")


def targeted(
    pool: Sequence[Scenario],
    cells: Sequence[tuple[str, str]],
    count: int,
    seed: int,
    taken: Collection[str] = (),
    others: float = 0.3,
) -> list[Scenario]:
    """At most `count` open items of the train split, none of `taken` (item names), each at most once.

    `cells` are (dimension, style) pairs, the weakest first: they give an item each in turn, the languages by turns within each. A share
    `others` of `count` comes from elsewhere: half of it harmless look-alikes, the rest from all other cells in turn. What one of these
    cannot give, the others make up for. Without `cells`, all cells of the pool are drawn from in turn. Items of the dev and test splits
    never come, nor ones that were never split; the order of the pool does not matter.

    Raises `InputError` for a negative count, or a share that is none.
    """
    if count < 0 or not 0.0 <= others <= 1.0:
        raise InputError(
            f"count {count} with a share of {others} from elsewhere",
            "cannot be drawn",
            "count from 0, and give a share between 0 and 1",
            "bench.targeted",
        )
    free = {
        one.item or one.id: one
        for one in pool
        if one.split == "train" and one.task == "open" and (one.item or one.id) not in taken
    }
    drawn = random.Random(seed)
    shelves = _shelves([free[name] for name in sorted(free)], drawn)
    weak = [shelves[cell] for cell in dict.fromkeys(cells) if cell in shelves]
    away = [shelf for cell, shelf in shelves.items() if cell not in set(cells)]
    if not cells:
        return _in_turn(away, count, set())
    used: set[str] = set()
    from_elsewhere = int(count * others)
    chosen = _in_turn(weak, count - from_elsewhere, used)
    soft = [[one for one in shelf if one.is_borderline] for shelf in shelves.values()]
    chosen += _in_turn(soft, from_elsewhere // 2, used)
    chosen += _in_turn(away, from_elsewhere - from_elsewhere // 2, used)
    for rest in (weak, away):
        chosen += _in_turn(rest, count - len(chosen), used)
    return chosen


def _shelves(items: Sequence[Scenario], drawn: random.Random) -> dict[tuple[str, str], list[Scenario]]:
    """The items of each cell, shuffled, the languages by turns; the cells themselves in a drawn order."""
    cells: dict[tuple[str, str], list[Scenario]] = {}
    for one in items:
        cells.setdefault((one.dimension, one.style), []).append(one)
    order = sorted(cells)
    drawn.shuffle(order)
    return {cell: _mixed(cells[cell], drawn) for cell in order}


def _mixed(items: list[Scenario], drawn: random.Random) -> list[Scenario]:
    drawn.shuffle(items)
    sides = [[one for one in items if one.language == language] for language in _LANGUAGES]
    return [one for turn in zip_longest(*sides) for one in turn if one is not None]


def _in_turn(shelves: Iterable[Sequence[Scenario]], count: int, used: set[str]) -> list[Scenario]:
    """Up to `count` items, one of each shelf in turn, none that was `used`; they are used from then on."""
    waiting = [deque(shelf) for shelf in shelves]
    found: list[Scenario] = []
    while waiting and len(found) < count:
        for shelf in waiting:
            while shelf and shelf[0].id in used:
                shelf.popleft()
            if shelf and len(found) < count:
                used.add(shelf[0].id)
                found.append(shelf.popleft())
        waiting = [shelf for shelf in waiting if shelf]
    return found
