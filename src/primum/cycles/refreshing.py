"""A benchmark after its norms changed: read the new edition, align the articles, keep what stands, draft anew what does not."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from primum.bench.refresh import Refreshed, next_version, refresh
from primum.corpus import Corpus, CorpusSettings, read_corpus
from primum.corpus.diff import Change, diff
from primum.corpus.rules import extract
from primum.corpus.sorting import sort_rules
from primum.cycles.corpus_versions import change_rows, kind_counts, today
from primum.cycles.editions import NextEdition, next_edition, sources_and_norms
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError, StoreError
from primum.ports import Progress, silent
from primum.records import Benchmark, Edition, Norm, Review, Rule, Scenario, Settings, Taxonomy
from primum.store import Store

__all__ = ["RefreshSettings", "newest_benchmark", "refresh_benchmark"]

_CHANGED = ("renumbered", "moved", "amended", "repealed", "new")


class RefreshSettings(Settings, frozen=True):
    """`name` says which benchmark where a workspace holds several. `threshold` is the Jaccard index at which two items of
    different splits are one. `reading` holds for what the files of the corpus do not say themselves."""

    name: str = ""
    threshold: float = 0.8
    reading: CorpusSettings = CorpusSettings()

    def check(self) -> None:
        if not 0.5 <= self.threshold <= 1:
            self.refuse(f"threshold = {self.threshold}", "is not between 0.5 and 1", "0.8 is a good start")


class _Made(NamedTuple):
    """What a refresh comes to, before it is told or kept; `rules` are those of the norms that are new."""

    before: Benchmark
    edition: NextEdition
    changes: list[Change]
    refreshed: Refreshed
    rules: list[Rule]
    benchmark: Benchmark


def newest_benchmark(store: Store, name: str = "") -> Benchmark:
    """The newest version of the benchmark `name`, or of the only one.

    Raises `StoreError` when the workspace holds none of that name, `SettingError` when it holds several and none is named.
    """
    last: dict[str, Benchmark] = {}
    for one in store.all(Benchmark):
        if one.name not in last or one.version >= last[one.name].version:
            last[one.name] = one
    if name and name not in last:
        held = f"it holds {', '.join(sorted(last))}" if last else "make it with primum bench build"
        raise StoreError(f"benchmark '{name}'", "is not in the workspace", held, store.place)
    if not last:
        raise StoreError("the workspace", "holds no benchmark", "make one with primum bench build", store.place)
    if not name and len(last) > 1:
        raise SettingError(
            "benchmark", "is not named and there are several", f"say which: {', '.join(sorted(last))}", store.place
        )
    return last[name or next(iter(last))]


def refresh_benchmark(
    workspace: Path,
    corpus_folder: Path,
    settings: RefreshSettings | None = None,
    progress: Progress = silent,
    is_dry_run: bool = False,
) -> dict[str, Any]:
    """Bring a benchmark to the corpus in `corpus_folder`, as the next version beside the one that stands; what changed, by id.

    With `is_dry_run` nothing is written. A corpus that the benchmark already rests on changes nothing and says so (`is_new` false).
    Raises `StoreError` when there is no benchmark, `InputError` when the corpus cannot be read.
    """
    settings = settings or RefreshSettings()
    with Workspace(workspace, is_writer=False) as opened:
        newest_benchmark(opened.store, settings.name)  # a folder that is no workspace is not made one
    corpus = read_corpus(corpus_folder, settings.reading, progress)
    with Workspace(workspace, is_writer=not is_dry_run) as opened:
        benchmark = newest_benchmark(opened.store, settings.name)
        edition = opened.store.get(benchmark.edition)
        assert isinstance(edition, Edition)
        following = next_edition(opened, corpus, edition.corpus)
        if sorted(following.edition.sources) == sorted(edition.sources):
            return _unchanged(benchmark, is_dry_run)
        made = _made(opened.store, benchmark, edition, following, settings)
        if not is_dry_run:
            _keep(opened.store, made)
        return _told(opened.store, made, is_dry_run)


def _made(
    store: Store, benchmark: Benchmark, edition: Edition, following: NextEdition, settings: RefreshSettings
) -> _Made:
    taxonomy = store.get(benchmark.taxonomy)
    assert isinstance(taxonomy, Taxonomy)
    before = sources_and_norms(store, edition)
    changes = diff(before.norms, following.corpus.norms)
    if all(one.old is None or one.new is None for one in changes):
        raise InputError(
            f"the corpus of {len(following.corpus.sources)} documents",
            f"has no article of '{edition.corpus}', on which '{benchmark.name}' rests",
            "name the folder of its newer version, or build a benchmark of its own with primum bench build",
            f"bench refresh, {following.corpus.sources[0].key} …",
        )
    items = [one for one in store.get_many(benchmark.items) if isinstance(one, Scenario)]
    rules = _new_rules(before, following.corpus, taxonomy)
    refreshed = refresh(
        items, changes, _named_rules(store, items), rules, _drafter(taxonomy, benchmark.settings), settings.threshold
    )
    edition_id = following.edition.id
    return _Made(benchmark, following, changes, refreshed, rules, next_version(benchmark, edition_id, refreshed))


def _new_rules(before: Corpus, after: Corpus, taxonomy: Taxonomy) -> list[Rule]:
    """The rules of the norms that `before` has not. Sorted with all norms in view, as words are weighed by how many say them."""
    known = {norm.id for norm in before.norms}
    found = extract([norm for norm in after.norms if norm.id not in known])
    return sort_rules(found, after.norms, taxonomy)


def _named_rules(store: Store, items: Sequence[Scenario]) -> dict[str, Rule]:
    named = {ground.rule for item in items for ground in item.grounds if ground.rule is not None}
    return {one.id: one for one in store.get_many(sorted(named)) if isinstance(one, Rule)}


class _Drafter:
    """Drafts for the slots of stale items as the benchmark was drafted: with its taxonomy and its settings."""

    def __init__(self, taxonomy: Taxonomy, settings: Any) -> None:
        self._taxonomy, self._settings = taxonomy, settings

    def __call__(
        self, stale: Sequence[Scenario], norms: Sequence[Norm], rules: Sequence[Rule], taken: Sequence[Scenario]
    ) -> Sequence[Scenario | None]:
        from primum.bench.items import redraft

        return redraft(stale, norms, rules, self._taxonomy, self._settings, taken)


def _drafter(taxonomy: Taxonomy, told: str) -> _Drafter:
    from primum.bench.items import ItemSettings

    settings = msgspec.json.decode(told, type=ItemSettings) if told else ItemSettings()
    return _Drafter(taxonomy, settings)


def _keep(store: Store, made: _Made) -> None:
    """Everything of the refresh in one transaction, so that a benchmark never stands without its edition."""
    corpus, new = made.edition.corpus, made.benchmark
    detail = (
        f"{new.name} version {new.version}: {made.refreshed.kept} kept ({len(made.refreshed.rebound)} bound anew), "
        f"{len(made.refreshed.redrafted)} redrafted, {len(made.refreshed.retired)} retired"
    )
    with store.writing() as writer:
        writer.put([*corpus.sources, *corpus.norms, made.edition.edition, *made.rules, *made.refreshed.items, new])
        subjects = [new.id, new.edition, made.before.id]
        writer.append(event="bench refresh", detail=detail, subjects=subjects, at=now())


def _unchanged(benchmark: Benchmark, is_dry_run: bool) -> dict[str, Any]:
    return {
        "is_new": False,
        "is_dry_run": is_dry_run,
        "benchmark": {"name": benchmark.name, "version": benchmark.version, "id": benchmark.id, "previous": None},
        "counts": {},
        "changes": [],
        "items": len(benchmark.items),
        "kept": len(benchmark.items),
        "rebound": [],
        "stale": [],
        "redrafted": [],
        "retired": [],
        "validity": [],
        "reviews": {"standing": 0, "lapsed": 0},
    }


def _told(store: Store, made: _Made, is_dry_run: bool) -> dict[str, Any]:
    refreshed, new, at = made.refreshed, made.benchmark, today()
    stale = set(refreshed.stale)
    reviewed = {review.item for review in store.all(Review)}
    names = {item.item for item in refreshed.items}
    return {
        "is_new": True,
        "is_dry_run": is_dry_run,
        "benchmark": {"name": new.name, "version": new.version, "id": new.id, "previous": new.previous},
        "edition": {"id": new.edition, "corpus": made.edition.edition.corpus, "previous": made.before.edition},
        "counts": kind_counts(made.changes),
        "changes": change_rows(made.changes, _CHANGED, at),
        "items": len(refreshed.items),
        "kept": refreshed.kept,
        "rebound": refreshed.rebound,
        "stale": refreshed.stale,
        "redrafted": [one._asdict() for one in refreshed.redrafted],
        "retired": [one._asdict() for one in refreshed.retired],
        "validity": _out_of_force(refreshed.items, made.edition.corpus.norms, at),
        "reviews": {"standing": len(reviewed & names), "lapsed": len(reviewed & stale)},
    }


def _out_of_force(items: Sequence[Scenario], norms: Sequence[Norm], at: datetime.date) -> list[dict[str, str]]:
    """The items whose norm is not in force on the day, and which way."""
    out = {
        norm.id: (norm.key, state)
        for norm in norms
        if (state := norm.validity(at)) in ("not yet in force", "past its validity")
    }
    return [
        {"item": item.item, "norm": out[norm][0], "validity": out[norm][1]}
        for item in items
        for norm in item.norms
        if norm in out
    ]
