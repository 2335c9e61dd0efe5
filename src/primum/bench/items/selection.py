"""Which drafts become items: dimensions first, then kinds, then rules, all as evenly as the rules allow."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from primum.bench.items.check import Accepted, fault
from primum.bench.items.draft import Draft, scenario
from primum.bench.items.drafting import NO_VOICE, drafts, siblings
from primum.bench.items.sayable import Saying
from primum.bench.items.settings import KINDS, ItemSettings, Kind
from primum.ports import Progress
from primum.records import Scenario

__all__ = ["Selection"]

_PATIENCE: Final = 12  # drafts in a row that a rule may fail to give for a kind before it is left
_FURTHER: Final = 3  # a rule whose second dimension this is comes as late as if it had been used so often
_STATES: Final = (
    4  # so much later comes a rule for an organ of the state: people ask about what they do themselves; ours
)
_TILT: Final = 6  # how far one item may tilt what its wordings, letters and lengths tell of the key; ours, by trial
_RETRIES: Final = 5  # drafts that a rule may have refused for balance before another rule has its turn
_BALANCE: Final = "a wording, letter or length would tell the key"


class Selection:
    """The items of a set as they are chosen, one at a time from each dimension in turn."""

    def __init__(
        self, dimensions: Sequence[str], said: Sequence[Saying], settings: ItemSettings, refused: Counter[str]
    ) -> None:
        self._settings, self._refused = settings, refused
        self._accepted = Accepted(settings.threshold)
        self._others = siblings(said)
        self._drafts: dict[tuple[int, Kind], Iterator[Draft | str]] = {}
        self._tilt: Counter[tuple[str, str]] = Counter()
        self._made: list[tuple[Draft, Scenario]] = []
        self._queues: dict[tuple[str, Kind], list[tuple[int, int, Saying]]] = {}
        self._dimensions = list(dimensions)
        for dimension in dimensions:
            for kind in KINDS:
                queue = [
                    (one.rule.dimensions.index(dimension) * _FURTHER + one.is_the_states * _STATES, one.seed, one)
                    for one in said
                    if dimension in one.rule.dimensions
                ]
                heapq.heapify(queue)
                self._queues[dimension, kind] = queue

    def filled(self, progress: Progress) -> list[Scenario]:
        """The items: equal shares for the dimensions that have rules; what one of them lacks goes to the others."""
        alive = [name for name in self._dimensions if any(self._queues[name, kind] for kind in KINDS)]
        alive.sort(key=lambda name: (len(self._queues[name, KINDS[0]]), name))
        even = -(-self._settings.items // max(1, len(alive)))
        counts: Counter[str] = Counter()
        kinds: dict[str, Counter[Kind]] = {name: Counter() for name in alive}
        while alive and len(self._made) < self._settings.items:
            for name in list(alive):
                if len(self._made) == self._settings.items:
                    break
                kind = self._one_more(name, kinds[name])
                if kind is None:
                    alive.remove(name)
                    if counts[name] < even:
                        self._refused[f"shortfall: dimension {name} lacks items"] += even - counts[name]
                    continue
                counts[name] += 1
                kinds[name][kind] += 1
                progress(len(self._made), self._settings.items)
        for name in self._dimensions:
            if not counts[name]:
                self._refused[f"shortfall: dimension {name} has no rule that can be used"] += even
        if len(self._made) < self._settings.items:
            self._refused["shortfall: items in all"] += self._settings.items - len(self._made)
        return self._ordered()

    def _one_more(self, dimension: str, had: Counter[Kind]) -> Kind | None:
        """Add an item of the kind that is furthest behind its share, or of the next one that can be had."""
        total = sum(had.values()) + 1
        wanted = sorted(
            (kind for kind in KINDS if self._settings.share(kind) > 0),
            key=lambda kind: (had[kind] - self._settings.share(kind) * total, kind),
        )
        return next((kind for kind in wanted if self._add(dimension, kind)), None)

    def _add(self, dimension: str, kind: Kind) -> bool:
        queue = self._queues[dimension, kind]
        while queue:
            used, seed, one = heapq.heappop(queue)
            took = self._take(one, kind, dimension)
            if took is not None:
                heapq.heappush(queue, (used + 1, seed, one))
            if took:
                return True
        return False

    def _take(self, one: Saying, kind: Kind, dimension: str) -> bool | None:
        """Whether the rule's next drafts gave an item of `dimension`; `None` when it has no more to give."""
        source = self._drafts.get((one.seed, kind))
        if source is None:
            source = self._drafts[one.seed, kind] = drafts(one, self._others[one.seed], kind, self._settings)
        failures = tilted = 0
        for draft in source:
            reason = draft if isinstance(draft, str) else self._enter(draft, dimension)
            if reason is None:
                return True
            self._refused[f"draft: {reason}"] += 1
            tilted += reason == _BALANCE
            failures += reason != _BALANCE
            if reason == NO_VOICE or failures > _PATIENCE:
                return None
            if tilted == _RETRIES:
                return False
        return None

    def _enter(self, draft: Draft, dimension: str) -> str | None:
        """Why the draft does not become an item; `None` when it did."""
        change = _change(draft)
        if sum(self._tilt[mark] * step for mark, step in change.items()) > _TILT:
            return _BALANCE
        item = scenario(draft, dimension)
        reason = fault(draft, item)
        if reason is None and not self._accepted.take(item):
            reason = "an item that nearly says the same is there"
        if reason is None:
            self._tilt.update(change)
            self._made.append((draft, item))
        return reason

    def _ordered(self) -> list[Scenario]:
        """The items by dimension, kind and name; a rewrite names its direct form where that is among them."""
        direct = {
            (draft.one.seed, draft.base): item.item
            for draft, item in self._made
            if draft.base >= 0 and draft.style == "direct"
        }
        places = {name: place for place, name in enumerate(self._dimensions)}
        named = [
            replace(item, counterpart=direct.get((draft.one.seed, draft.base), "")) if draft.style != "direct" else item
            for draft, item in self._made
        ]
        return sorted(named, key=lambda item: (places[item.dimension], item.dataset, item.item))


def _change(draft: Draft) -> dict[tuple[str, str], int]:
    """What the item adds to the tilt of each mark: nought in sum over a set where the mark tells nothing of the key.

    An option that is asked for counts as many as are not, and the other way round, so that chance is nought.
    """
    asked = sum(is_asked for is_asked, _ in draft.marks)
    change: Counter[tuple[str, str]] = Counter()
    even = len(draft.marks) - asked if draft.kind == "single_choice" else 1
    for is_asked, marks in draft.marks:
        for mark in marks:
            change[f"{draft.one.language} {draft.kind}", mark] += even if is_asked else -1
    return change
