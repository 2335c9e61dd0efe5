"""Whether a choice question can be answered without reading it: by the letter, the place, or the length of the options.

A strategy is scored by the share of items whose key it hits, less the share a blind choice would hit (`|key| / options`, item by item).
It is a bias when that is more than the margin *and* more than chance alone would give at the set level: small sets are not accused of luck.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from primum.bench.lint.found import Context, Outcome
from primum.records import Scenario

__all__ = ["Excess", "check_length", "check_letters", "check_position", "excess"]


class Excess(NamedTuple):
    """How often a strategy hits the key, how often blind choice does, and how likely so much more is by chance (one-sided, normal)."""

    hit: float
    chance: float
    p: float
    n: int

    def is_bias(self, margin: float, level: float) -> bool:
        return self.hit - self.chance > margin and self.p < level


def excess(hits: Sequence[float], chances: Sequence[float]) -> Excess:
    """Of hits (0 … 1, ties shared) against each item's own chance; the variance is the binomial one of every item."""
    n = len(hits)
    hit, chance = math.fsum(hits) / n, math.fsum(chances) / n
    deviation = math.sqrt(math.fsum(p * (1 - p) for p in chances))
    z = (hit - chance) * n / deviation if deviation else 0.0
    return Excess(hit, chance, 0.5 * math.erfc(z / math.sqrt(2)), n)


def check_letters(seen: Context) -> Outcome:
    """Each letter is right equally often: a chi-square test for each task and number of options."""
    from scipy.special import chdtrc

    groups: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    letters: dict[tuple[str, int], set[str]] = defaultdict(set)
    for item in seen.choices:
        kind = item.task, len(item.options)
        groups[kind].update(item.key)
        letters[kind] |= {option.letter for option in item.options}
    found: list[tuple[str, str]] = []
    told = []
    for (task, size), counted in sorted(groups.items()):
        names = sorted(letters[task, size])
        total = sum(counted.values())
        even = total / len(names)
        statistic = math.fsum((counted[name] - even) ** 2 / even for name in names)
        p = float(chdtrc(len(names) - 1, statistic))
        shares = ", ".join(f"{name} {counted[name] / total:.1%}" for name in names)
        told.append(f"{task} of {size}: {shares} (p = {p:.3f})")
        if p < seen.settings.level:
            found.append(
                ("", f"letters of {task} with {size} options are not right equally often: {shares} (p = {p:.2g})")
            )
    return found, "each letter is right equally often: " + ("; ".join(told) or "no choice questions")


def check_position(seen: Context) -> Outcome:
    """Always choosing the first, the last or any one place does not beat chance."""
    found: list[tuple[str, str]] = []
    told = []
    for task, items in _by_task(seen):
        width = max(len(item.options) for item in items)
        best: tuple[float, str, Excess] | None = None
        for name, place in [*((f"place {i + 1}", i) for i in range(width)), ("the last place", -1)]:
            reached = [item for item in items if place < len(item.options)]
            if not reached:
                continue
            outcome = excess([float(item.options[place].letter in item.key) for item in reached], _chances(reached))
            if best is None or outcome.hit - outcome.chance > best[0]:
                best = outcome.hit - outcome.chance, name, outcome
        if best is None:
            continue
        _, name, outcome = best
        told.append(f"{task}: {name} hits {outcome.hit:.1%}, chance {outcome.chance:.1%}")
        if outcome.is_bias(seen.settings.margin, seen.settings.level):
            found.append(("", f"{name} of {task} hits {outcome.hit:.1%} where chance hits {outcome.chance:.1%}"))
    return found, "no place gives the key away: " + ("; ".join(told) or "no choice questions")


def check_length(seen: Context) -> Outcome:
    """Always choosing the longest or the shortest option does not beat chance."""
    found: list[tuple[str, str]] = []
    told = []
    for task, items in _by_task(seen):
        for name, extreme in (("longest", max), ("shortest", min)):
            outcome = excess([_hit(item, extreme) for item in items], _chances(items))
            told.append(f"{task}: {name} hits {outcome.hit:.1%}, chance {outcome.chance:.1%}")
            if outcome.is_bias(seen.settings.margin, seen.settings.level):
                found.append(
                    ("", f"the {name} option of {task} hits {outcome.hit:.1%} where chance hits {outcome.chance:.1%}")
                )
    return found, "no length gives the key away: " + ("; ".join(told) or "no choice questions")


def _by_task(seen: Context) -> list[tuple[str, list[Scenario]]]:
    tasks: dict[str, list[Scenario]] = defaultdict(list)
    for item in seen.choices:
        tasks[item.task].append(item)
    return sorted(tasks.items())


def _chances(items: Sequence[Scenario]) -> list[float]:
    return [len(item.key) / len(item.options) for item in items]


def _hit(item: Scenario, extreme: Callable[[list[int]], int]) -> float:
    """Whether the longest (or shortest) option is in the key; shared among those of equal length."""
    lengths = [len(option.text) for option in item.options]
    end = extreme(lengths)
    chosen = [option.letter for option, length in zip(item.options, lengths, strict=True) if length == end]
    return sum(letter in item.key for letter in chosen) / len(chosen)
