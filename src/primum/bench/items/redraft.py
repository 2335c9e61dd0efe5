"""New items for those whose articles changed: one for each slot, from the changed rules alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from primum.bench.items.build import sayings
from primum.bench.items.check import Accepted, fault
from primum.bench.items.draft import Draft, scenario
from primum.bench.items.drafting import drafts, siblings
from primum.bench.items.sayable import Saying
from primum.bench.items.settings import KINDS, ItemSettings, Kind
from primum.records import Norm, Rule, Scenario, Taxonomy

__all__ = ["redraft"]


def redraft(
    stale: Sequence[Scenario],
    norms: Sequence[Norm],
    rules: Sequence[Rule],
    taxonomy: Taxonomy,
    settings: ItemSettings,
    taken: Sequence[Scenario],
) -> list[Scenario | None]:
    """An item for the slot of each stale one, drafted from the given norms and rules; `None` where they give none.

    A slot is dimension, kind, language, style and whether the item only looks harmful; of the drafts that fit, the first of the same
    difficulty is taken, else the first. Nothing nearly says what an item of `taken` or another new one says.
    """
    refused: Counter[str] = Counter()
    said = sayings(norms, rules, settings, refused)
    known = {category.key for category in taxonomy.dimensions}
    accepted = Accepted(settings.threshold)
    for item in taken:
        accepted.take(item)
    others = siblings(said)
    pools: dict[tuple[int, Kind], list[Draft]] = {}
    used: Counter[int] = Counter()
    found: list[Scenario | None] = []
    for old in stale:
        new = None
        if old.dimension in known:
            fitting = [one for one in said if old.dimension in one.rule.dimensions and one.language == old.language]
            fitting.sort(key=lambda one: (used[one.seed], one.seed))
            new = _new(old, _offered(old, fitting, others, pools, settings), accepted, used)
        found.append(new)
    return found


def _kind(item: Scenario) -> Kind:
    """The kind of an item; an open one of another hand counts as a situation."""
    if item.task != "open":
        return item.task
    kind = item.dataset.removeprefix("norms/")
    return next((known for known in KINDS if known == kind), "situation")


def _offered(
    old: Scenario,
    fitting: Sequence[Saying],
    others: dict[int, list[Saying]],
    pools: dict[tuple[int, Kind], list[Draft]],
    settings: ItemSettings,
) -> Iterator[Draft]:
    """The drafts for the slot: first those of the same difficulty, of the rules used least."""
    kind = _kind(old)
    later: list[Draft] = []
    for one in fitting:
        if (one.seed, kind) not in pools:
            made = drafts(one, others[one.seed], kind, settings)
            pools[one.seed, kind] = [draft for draft in made if not isinstance(draft, str)]
        for draft in pools[one.seed, kind]:
            if draft.style == old.style and draft.is_borderline == old.is_borderline:
                if draft.difficulty == old.difficulty:
                    yield draft
                else:
                    later.append(draft)
    yield from later


def _new(old: Scenario, offered: Iterator[Draft], accepted: Accepted, used: Counter[int]) -> Scenario | None:
    for draft in offered:
        item = scenario(draft, old.dimension)
        if fault(draft, item) is None and accepted.take(item):
            used[draft.one.seed] += 1
            return item
    return None
