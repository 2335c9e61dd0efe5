"""A benchmark that is there: its items with all they rest on, what people said of them, and its checks run again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from primum.bench.lint import LintReport, LintSettings, lint
from primum.cycles.benchmark import counted
from primum.cycles.editions import sources_and_norms
from primum.cycles.refreshing import newest_benchmark
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import RecordError, UnknownIdError
from primum.records import (
    Benchmark,
    ByPerson,
    Edition,
    Norm,
    Review,
    ReviewState,
    Rule,
    Scenario,
    Source,
    Taxonomy,
    plain,
)
from primum.store import Store, made_by

__all__ = ["Held", "held", "items_of", "lint_benchmark", "list_benchmarks", "review_item", "reviews", "show_item"]

State = Literal["drafted", "verified", "rejected"]


class Held(NamedTuple):
    """A benchmark with what it rests on, as it stands in a workspace. `reviews` holds the last word on each item, by its name."""

    benchmark: Benchmark
    edition: Edition
    taxonomy: Taxonomy
    sources: list[Source]
    norms: list[Norm]
    rules: list[Rule]
    items: list[Scenario]
    reviews: dict[str, Review]

    def state(self, item: Scenario) -> State:
        review = self.reviews.get(item.item)
        return review.state if review is not None else "drafted"


def held(workspace: Path, name: str = "") -> Held:
    """The newest version of the benchmark `name` (or of the only one). Raises `StoreError` when there is none."""
    with Workspace(workspace, is_writer=False) as opened:
        return _held(opened.store, newest_benchmark(opened.store, name))


def _held(store: Store, benchmark: Benchmark) -> Held:
    edition, taxonomy = store.get_many([benchmark.edition, benchmark.taxonomy])
    assert isinstance(edition, Edition) and isinstance(taxonomy, Taxonomy)
    corpus = sources_and_norms(store, edition)
    norms = {norm.id for norm in corpus.norms}
    return Held(
        benchmark,
        edition,
        taxonomy,
        list(corpus.sources),
        list(corpus.norms),
        [rule for rule in store.all(Rule) if rule.norm in norms],
        items_of(store, benchmark),
        reviews(store),
    )


def items_of(store: Store, benchmark: Benchmark) -> list[Scenario]:
    """The items of a version, in its order."""
    return [one for one in store.get_many(benchmark.items) if isinstance(one, Scenario)]


def reviews(store: Store) -> dict[str, Review]:
    """The last review of each item, by the item's name."""
    return {review.item: review for review in store.all(Review)}


def list_benchmarks(workspace: Path) -> list[dict[str, Any]]:
    """One row for each version of each benchmark."""
    with Workspace(workspace, is_writer=False) as opened:
        found = list(opened.store.all(Benchmark))
    last = {one.name: one.id for one in found}
    return [
        {
            "name": one.name,
            "version": one.version,
            "items": len(one.items),
            "retired": len(one.retired),
            "is_newest": last[one.name] == one.id,
            "id": one.id,
            "edition": one.edition,
        }
        for one in found
    ]


def lint_benchmark(workspace: Path, name: str = "", at: str | None = None) -> tuple[Benchmark, LintReport]:
    """Every check, on the benchmark as it stands; `at` is the day on which its norms must be in force. Writes nothing."""
    found = held(workspace, name)
    settings = LintSettings() if at is None else replace(LintSettings(), at=at)
    return found.benchmark, lint(found.items, found.norms, found.rules, found.taxonomy, settings)


def show_item(workspace: Path, name: str) -> dict[str, Any]:
    """An item by its name (or enough of it): why it is right, from the norm's own words, and what became of it.

    Raises `UnknownIdError` when no item, or more than one, is called so.
    """
    with Workspace(workspace, is_writer=False) as opened:
        store = opened.store
        scenario = _found(store, name)
        norms = [norm for norm in store.get_many(scenario.norms) if isinstance(norm, Norm)]
        benchmarks = [one for one in store.all(Benchmark) if scenario.id in one.items or scenario.item in one.retired]
        taxonomy = store.get(benchmarks[-1].taxonomy) if benchmarks else None
        said = [review for review in store.all(Review) if review.item == scenario.item]
        sources = {norm.source: norm for norm in norms}
        history = [{"event": "drafted", "by": made_by(scenario), "record": scenario.id}]
        history += [
            {
                "event": f"{'retired from' if scenario.item in one.retired else 'stands in'} {one.name} version {one.version}",
                "by": made_by(one),
                "record": one.id,
            }
            for one in benchmarks
        ]
        history += [
            {
                "event": one.state,
                "by": f"{one.made.role} {one.made.person}",
                "record": one.id,
                "at": one.at,
                "note": one.note,
            }
            for one in said
        ]
    shown: dict[str, Any] = plain(scenario)
    axes = taxonomy if isinstance(taxonomy, Taxonomy) else None
    return shown | {
        "id": scenario.id,
        "made_by": made_by(scenario),
        "dimension_named": axes.named(scenario.dimension, scenario.language) if axes else scenario.dimension,
        "scene_named": axes.named(scenario.scene, scenario.language) if axes and scenario.scene else "",
        "state": said[-1].state if said else "drafted",
        "norms_shown": [_norm(norm, scenario) for norm in sources.values()],
        "history": history,
    }


def _norm(norm: Norm, scenario: Scenario) -> dict[str, Any]:
    """A norm with its citation path and the places of the quotes in its text (start, end)."""
    quotes = [ground.quote for ground in scenario.grounds if ground.norm == norm.id and ground.quote in norm.text]
    places = sorted({(norm.text.index(quote), norm.text.index(quote) + len(quote)) for quote in quotes})
    return {
        "id": norm.id,
        "reference": norm.reference,
        "path": [norm.source_title, *(f"{step.label} {step.title}".strip() for step in norm.citation)],
        "text": norm.text,
        "quoted": [list(place) for place in places],
        "effective_from": norm.effective_from,
        "effective_to": norm.effective_to,
    }


def _found(store: Store, name: str) -> Scenario:
    """The newest record of the item called `name`, by the item's name, the start of it, or the record's id."""
    if name.startswith("scenario-"):
        record = store.get(name)
        assert isinstance(record, Scenario)
        return record
    mark = f'"item":"{name}'
    found: dict[str, str] = {}
    if len(name) >= 5:
        for id, body in store.pages("scenario"):
            if mark in body:
                item = store.read(id, body)
                assert isinstance(item, Scenario)
                if item.item.startswith(name):
                    found[item.item] = id
    if len(found) != 1:
        rule = "starts the name of more than one item" if found else "is no item of the workspace"
        raise UnknownIdError(
            f"'{name}'", rule, "give the whole name (zh-… or en-…), or the id of a scenario", store.place
        )
    item = store.get(next(iter(found.values())))
    assert isinstance(item, Scenario)
    return item


def review_item(workspace: Path, name: str, state: ReviewState, by: ByPerson, note: str = "") -> dict[str, Any]:
    """Keep what a person says of an item, with an entry in the ledger; an item says `drafted` until somebody does.

    Raises `UnknownIdError` for an item that is not there, `RecordError` for a situation that is no item, or a nameless person.
    """
    with Workspace(workspace, is_writer=False) as opened:
        _found(opened.store, name)  # a folder that is no workspace is not made one
    with Workspace(workspace, is_writer=True) as opened:
        scenario = _found(opened.store, name)
        if not scenario.item:
            raise RecordError(f"'{name}'", "is no item of a benchmark", "review an item (zh-… or en-…)", str(workspace))
        at = now()
        review = Review(item=scenario.item, scenario=scenario.id, state=state, made=by, note=note, at=at)
        detail = f"{scenario.item} {state} by {by.role} {by.person}" + (f": {note}" if note else "")
        with opened.store.writing() as writer:
            writer.put([review])
            writer.append(event="bench review", detail=detail, subjects=[review.id, scenario.id], at=at)
    return {"item": scenario.item, "state": state, "review": review.id, "scenario": scenario.id, "at": at}


def review_counts(found: Held) -> dict[str, int]:
    """How many items are drafted, verified and rejected."""
    by = Counter(found.state(item) for item in found.items)
    return {state: by[state] for state in ("drafted", "verified", "rejected")}


def counts(found: Held) -> dict[str, Any]:
    """Everything that is counted of a benchmark that is there."""
    return {**counted(found.items, found.taxonomy), "review": review_counts(found)}
