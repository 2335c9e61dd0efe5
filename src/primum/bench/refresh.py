"""A benchmark after its norms changed: what still stands, what is drafted anew in the same place, what goes.

An item stands while every article it rests on says the same. If such an article has another number, place or record, the item's record is
written anew and its name stays, and with the name its reviews. An item whose article was amended or repealed is stale: a new item takes
its slot (kind, dimension, style, difficulty, split), drafted from what became of the article; where that gives none, from another article
that changed; else the item is retired. Nothing else is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from primum.bench.refresh_near import Standing
from primum.bench.refresh_rebind import Rebinding
from primum.records import Benchmark, ByRule, Norm, Rule, Scenario

__all__ = ["ArticleChange", "Redraft", "Redrafted", "Refreshed", "Retired", "next_version", "refresh"]

_MADE = ByRule("bench.refresh")
_TRIES = 4  # for a slot and its articles, while drafts come too near to items that stand
_PRECEDENCE = {
    "test": 0,
    "dev": 1,
    "train": 2,
    None: 3,
}  # of splits that want one article: as when a set is first split


class ArticleChange(Protocol):
    """What became of an article (a `Change` of `primum.corpus.diff`). `related` are the other articles of a split or a merger."""

    @property
    def kind(self) -> str: ...
    @property
    def old(self) -> Norm | None: ...
    @property
    def new(self) -> Norm | None: ...
    @property
    def related(self) -> tuple[Norm, ...]: ...


class Redraft(Protocol):
    """Drafts a new item for the slot of each stale one from these norms and rules alone, or `None` where they give none.

    A new item must not nearly repeat one of `taken`: those drafted from these norms before, and those that a draft came too near to.
    """

    def __call__(
        self, stale: Sequence[Scenario], norms: Sequence[Norm], rules: Sequence[Rule], taken: Sequence[Scenario]
    ) -> Sequence[Scenario | None]: ...


class Redrafted(NamedTuple):
    """The names of a stale item and of the one in its place, and the key of the norm the new one rests on."""

    old: str
    new: str
    norm: str


class Retired(NamedTuple):
    """An item that has no successor, and why."""

    item: str
    reason: str


class Refreshed(NamedTuple):
    """`items` are those of the next version, in the order of their slots. `kept` counts the items whose names stand; of them
    `rebound` were written anew. `stale` names those that stand no more: each was either redrafted or retired."""

    items: list[Scenario]
    kept: int
    rebound: list[str]
    stale: list[str]
    redrafted: list[Redrafted]
    retired: list[Retired]


def refresh(
    items: Sequence[Scenario],
    changes: Iterable[ArticleChange],
    old_rules: Mapping[str, Rule],
    rules: Sequence[Rule],
    redraft: Redraft,
    threshold: float = 0.8,
) -> Refreshed:
    """`items` brought to the edition that `changes` leads to.

    `old_rules` are the rules that the items name, `rules` those of the new edition's norms, sorted by the taxonomy. `threshold` is the
    Jaccard index at which two items are one: such a draft does not enter.
    """
    told = list(changes)
    rebinding = Rebinding(told, old_rules, rules)
    slots: list[Scenario | None] = []
    stale: dict[int, Scenario] = {}
    rebound: list[str] = []
    for place, item in enumerate(items):
        again = rebinding.rebound(item)
        slots.append(again)
        if again is None:
            stale[place] = item
        elif again.id != item.id:
            rebound.append(item.item)
    slots_of = _Slots(slots, stale, _Fate(told, items), rules, Standing(threshold))
    slots_of.fill(redraft)
    reasons = slots_of.reasons
    kept = len(items) - len(stale)
    redrafted = [Redrafted(stale[place].item, new.item, norm) for place, (new, norm) in sorted(slots_of.found.items())]
    retired = [Retired(item.item, reasons[place]) for place, item in stale.items() if place not in slots_of.found]
    standing = [slots_of.found[place][0] if place in slots_of.found else item for place, item in enumerate(slots)]
    return Refreshed(
        [item for item in standing if item is not None],
        kept,
        rebound,
        [item.item for item in stale.values()],
        redrafted,
        retired,
    )


def next_version(benchmark: Benchmark, edition: str, refreshed: Refreshed) -> Benchmark:
    """The record of the benchmark's next version, drawn from `edition`; raises `RecordError` when no item stands."""
    standing = {item.item for item in refreshed.items}
    gone = {*benchmark.retired, *refreshed.stale} - standing
    return replace(
        benchmark,
        version=benchmark.version + 1,
        edition=edition,
        items=tuple(item.id for item in refreshed.items),
        made=_MADE,
        retired=tuple(sorted(gone)),
        previous=benchmark.id,
    )


class _Fate:
    """What became of the articles that items rest on: their successors, and the split each successor belongs to."""

    def __init__(self, changes: Sequence[ArticleChange], items: Sequence[Scenario]) -> None:
        self.norms = {change.new.id: change.new for change in changes if change.new is not None}
        self.changes = {change.old.id: change for change in changes if change.old is not None}
        self.new = [change.new for change in changes if change.old is None and change.new is not None]
        self.amended = [change.new for change in changes if change.kind == "amended" and change.new is not None]
        self.split_of: dict[str, str | None] = {}
        for item in items:
            for norm in rests_on(item):
                for successor in self.successors(norm):
                    known = self.split_of.setdefault(successor.id, item.split)
                    if _PRECEDENCE[item.split] < _PRECEDENCE[known]:
                        self.split_of[successor.id] = item.split

    def successors(self, norm: str) -> list[Norm]:
        """What says now what the article `norm` said: its new wording and, when it was split or merged, the other parts."""
        change = self.changes.get(norm)
        if change is None:
            return []
        parts = [one for one in change.related if one.id in self.norms]
        return [*([change.new] if change.new is not None else []), *parts]

    def told(self, item: Scenario) -> str:
        """Which articles of a stale item changed, and how: `医师法 第五条 was repealed`."""
        by_kind = {"amended": "was amended", "repealed": "was repealed"}
        norms = [self.changes[norm] for norm in rests_on(item) if norm in self.changes]
        return "; ".join(
            f"{change.old.reference} {by_kind[change.kind]}"
            for change in norms
            if change.old and change.kind in by_kind
        )


class _Slots:
    """The slots of stale items, filled in two rounds: from what became of their own articles, then from any that changed."""

    def __init__(
        self,
        slots: Sequence[Scenario | None],
        stale: Mapping[int, Scenario],
        fate: _Fate,
        rules: Sequence[Rule],
        standing: Standing,
    ) -> None:
        self._stale, self._fate, self._standing = stale, fate, standing
        self._kept = [item for item in slots if item is not None]
        self._rules: dict[str, list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.norm, []).append(rule)
        self.found: dict[int, tuple[Scenario, str]] = {}
        self.reasons = {place: fate.told(item) for place, item in stale.items()}

    def fill(self, redraft: Redraft) -> None:
        if not self._stale:
            return
        self._standing.add(self._kept)
        for places, norms in self._own():
            self._draft(places, norms, redraft)
        for places, norms in self._any():
            self._draft(places, norms, redraft)
        for place in self._stale:
            if place not in self.found:
                why = "no article that changed gives another item for its slot"
                self.reasons[place] = f"{self.reasons[place]}, and {why}" if self.reasons[place] else why

    def _own(self) -> list[tuple[list[int], list[Norm]]]:
        """Slots by the articles that may fill them."""
        groups: dict[tuple[str, ...], list[int]] = {}
        for place, item in self._stale.items():
            successors = {norm.id for id in rests_on(item) for norm in self._fate.successors(id)}
            fitting = sorted(id for id in successors if self._fate.split_of.get(id, item.split) == item.split)
            if fitting:
                groups.setdefault((*fitting, str(item.split)), []).append(place)
        return [(places, [self._fate.norms[id] for id in key[:-1]]) for key, places in groups.items()]

    def _any(self) -> Iterable[tuple[list[int], list[Norm]]]:
        splits = dict.fromkeys(self._stale[place].split for place in self._stale if place not in self.found)
        for split in splits:
            places = [place for place, item in self._stale.items() if item.split == split and place not in self.found]
            changed = [*self._fate.amended, *self._fate.new]
            yield places, [norm for norm in changed if self._fate.split_of.get(norm.id, split) == split]

    def _draft(self, places: Sequence[int], norms: Sequence[Norm], redraft: Redraft) -> None:
        """Fill the slots at `places` from `norms`; a draft that does not enter is asked for again, a few times."""
        rules = [rule for norm in norms for rule in self._rules.get(norm.id, ())]
        here = {norm.id for norm in norms}
        taken = [new for new, _ in self.found.values() if here.intersection(new.norms)]  # `Standing` knows all others
        left = list(places) if rules else []
        for _ in range(_TRIES):
            if not left:
                return
            drafts = redraft([self._stale[place] for place in left], norms, rules, taken)
            again = []
            for place, draft in zip(left, drafts, strict=True):
                if draft is None:
                    continue
                near = self._entered(place, draft)
                taken.append(draft if near is None else near)
                again += [] if near is None else [place]
            left = again

    def _entered(self, place: int, draft: Scenario) -> Scenario | None:
        """Put the draft into its slot; where an item nearly says it already, that item, and the slot stays free."""
        slot = self._stale[place]
        new = replace(draft, split=slot.split, cluster=slot.cluster)
        near = draft if self._standing.has(new.item) else self._standing.near(new)
        if near is None:
            self._enter(place, new)
        return near

    def _enter(self, place: int, new: Scenario) -> None:
        norms = rests_on(new)
        for norm in norms:
            self._fate.split_of.setdefault(norm, new.split)
        self.found[place] = new, next((self._fate.norms[norm].key for norm in norms if norm in self._fate.norms), "")
        self._standing.add([new])


def rests_on(item: Scenario) -> list[str]:
    """The ids of the norms an item rests on: those of its grounds, and those it names beside."""
    return list(dict.fromkeys([*(ground.norm for ground in item.grounds), *item.norms]))
