"""A benchmark out of a body of norms: corpus, rules, items, splits and checks, kept with their lineage and an entry in the ledger."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from primum.bench.catalogue import folder_digest
from primum.bench.items import ItemSettings, build
from primum.bench.lint import LintReport, LintSettings, lint
from primum.bench.split import SplitSettings, split
from primum.corpus import CorpusSettings, account, read_corpus
from primum.corpus.rules import extract
from primum.corpus.sorting import sort_rules
from primum.cycles.editions import next_edition
from primum.cycles.steps import Listener, Made, Quiet, Step, Steps
from primum.cycles.workspace import Workspace
from primum.errors import InputError
from primum.ports import Progress
from primum.records import Benchmark, ByRule, Edition, Norm, Rule, Scenario, Settings, Taxonomy
from primum.starter import taxonomy_of
from primum.taxonomy import read_taxonomy

__all__ = ["BenchmarkSettings", "Finished", "benchmark_steps", "build_benchmark", "counted"]

_MADE = ByRule(rule="cycles.benchmark")


class BenchmarkSettings(Settings, frozen=True):
    """How a benchmark is built. `name` is what it is called in its workspace; without one, as the corpus folder."""

    name: str = ""
    reading: CorpusSettings = CorpusSettings()
    items: ItemSettings = ItemSettings()
    split: SplitSettings = SplitSettings()
    lint: LintSettings = LintSettings()

    def check(self) -> None:
        if self.name and (not self.name.isprintable() or self.name != self.name.strip()):
            self.refuse(
                f"name = {self.name!r}",
                "is no plain name",
                "leave out line breaks, control characters and blanks at its ends",
            )


class Finished(NamedTuple):
    """The three steps of a benchmark, and what the last says of it (see `build_benchmark`)."""

    corpus: Step
    rules: Step
    items: Step
    told: dict[str, Any]


def build_benchmark(
    workspace: Path,
    corpus_folder: Path,
    settings: BenchmarkSettings | None = None,
    taxonomy: Path | None = None,
    listener: Listener | None = None,
) -> dict[str, Any]:
    """Build the benchmark and keep it; a second call with the same inputs changes nothing and says so (`is_new` false).

    Raises `InputError` for a folder that cannot be read and for norms that give no item, and when the workspace holds a benchmark of that
    name from another corpus or with other settings: nothing is written then.
    """
    began = time.monotonic()
    with Workspace(workspace, is_writer=True) as opened:
        steps = Steps(opened, listener or Quiet())
        told = benchmark_steps(steps, corpus_folder, settings or BenchmarkSettings(), taxonomy).told
    return told | {"seconds": round(time.monotonic() - began, 1)}


def benchmark_steps(
    steps: Steps, corpus_folder: Path, settings: BenchmarkSettings, taxonomy: Path | None = None
) -> Finished:
    """The steps of `build_benchmark` in a run of its own or of another: each is kept as soon as it is done, and done once."""
    axes = read_taxonomy(taxonomy) if taxonomy is not None else taxonomy_of(corpus_folder)
    name = settings.name or corpus_folder.resolve().name
    before = {one.id for one in steps.workspace.store.all(Benchmark)}

    def check(edition: Edition) -> None:
        _refuse_other(steps.workspace, name, edition, axes, settings)

    corpus = _corpus_step(steps, corpus_folder, settings.reading, name, check)
    check(_edition(steps.workspace, corpus))
    rules = _rules_step(steps, corpus, axes)
    items = _items_step(steps, corpus, rules, axes, replace(settings, name=name))
    return Finished(corpus, rules, items, {**items.outputs, "is_new": items.outputs["benchmark"] not in before})


def _edition(workspace: Workspace, corpus: Step) -> Edition:
    edition = workspace.store.get(corpus.outputs["edition"])
    assert isinstance(edition, Edition)
    return edition


def _corpus_step(
    steps: Steps, folder: Path, reading: CorpusSettings, name: str, check: Callable[[Edition], None]
) -> Step:
    """Read the norms, as an edition of the corpus on which the benchmark `name` rests if there is one.

    `check` sees the edition before anything is kept.
    """

    def make(_key: str, progress: Progress) -> Made:
        read = read_corpus(folder, reading, progress)
        counts = account(read)
        held = [one for one in steps.workspace.store.all(Benchmark) if one.name == name]
        rests_on = steps.workspace.store.get(held[-1].edition) if held else None
        following = next_edition(steps.workspace, read, rests_on.corpus if isinstance(rests_on, Edition) else None)
        corpus, edition = following.corpus, following.edition
        check(edition)
        outputs = {
            "edition": edition.id,
            "sources": [source.id for source in corpus.sources],
            "norms": [norm.id for norm in corpus.norms],
            "articles": counts.articles,
            "unassigned_characters": counts.unassigned_characters,
        }
        note = f"{counts.sources} sources, {counts.articles} articles, {counts.unassigned_characters} characters unassigned"
        return Made(outputs, [*corpus.sources, *corpus.norms, edition], note, [edition.id])

    return steps.do(
        "benchmark-corpus", "Reading the norms", [folder_digest(folder), reading, folder.resolve().name], make
    )


def _refuse_other(
    workspace: Workspace, name: str, edition: Edition, taxonomy: Taxonomy, settings: BenchmarkSettings
) -> None:
    """Refuse to build a second benchmark over one of that name: its items would lose their names and reviews."""
    held = [one for one in workspace.store.all(Benchmark) if one.name == name]
    if not held:
        return
    first, last = held[0], held[-1]
    editions = {one.id: sorted(one.sources) for one in workspace.store.all(Edition)}
    same = [one for one in held if editions[one.edition] == sorted(edition.sources)]
    if not same:
        raise InputError(
            f"benchmark '{name}' (version {last.version})",
            "was built from another corpus",
            f"bring it to this one with primum bench refresh --name '{name}', or give this one a --name of its own",
            str(workspace.folder),
        )
    if same[0].id != first.id:
        raise InputError(
            f"benchmark '{name}' (version {same[0].version})",
            "rests on this corpus already, brought to it by a refresh",
            "use it as it stands (primum bench list), or give this one a --name of its own",
            str(workspace.folder),
        )
    if first.settings != _told_settings(settings) or first.taxonomy != taxonomy.id:
        raise _otherwise(workspace, last)


def _otherwise(workspace: Workspace, held: Benchmark) -> InputError:
    return InputError(
        f"benchmark '{held.name}' (version {held.version})",
        "was built with other settings or another taxonomy",
        "give this one a --name of its own",
        str(workspace.folder),
    )


def _told_settings(settings: BenchmarkSettings) -> str:
    """What a refresh drafts by later."""
    return msgspec.json.encode(settings.items, order="sorted").decode()


def _rules_step(steps: Steps, corpus: Step, taxonomy: Taxonomy) -> Step:
    def make(_key: str, progress: Progress) -> Made:
        norms = norms_of(steps.workspace, corpus)
        progress(0, 2)
        found = extract(norms)
        progress(1, 2)
        rules = sort_rules(found, norms, taxonomy)
        progress(2, 2)
        by = Counter(rule.modality for rule in rules)
        outputs = {
            "taxonomy": taxonomy.id,
            "rules": [rule.id for rule in rules],
            "by_modality": dict(sorted(by.items())),
            "unsorted": sum(not rule.dimensions for rule in rules),
        }
        told = ", ".join(f"{n} {modality}" for modality, n in sorted(by.items()))
        note = f"{len(rules)} rules ({told}), {outputs['unsorted']} under no dimension"
        return Made(outputs, [taxonomy, *rules], note, [taxonomy.id])

    return steps.do("benchmark-rules", "Drawing the rules", [corpus.key, taxonomy.id], make)


def _items_step(steps: Steps, corpus: Step, rules: Step, taxonomy: Taxonomy, settings: BenchmarkSettings) -> Step:
    def make(_key: str, progress: Progress) -> Made:
        norms = norms_of(steps.workspace, corpus)
        held = [one for one in steps.workspace.store.get_many(rules.outputs["rules"]) if isinstance(one, Rule)]
        drafted = build(norms, held, taxonomy, settings.items, progress)
        if not drafted.items:
            raise InputError(
                f"{len(held)} rules of {len(norms)} norms",
                f"give no item{_why_none(drafted.refused)}",
                "look at them with primum corpus rules, or bring a taxonomy whose words the norms use",
                "step benchmark-items",
            )
        items = split(drafted.items, settings.split).scenarios
        report = lint(items, norms, held, taxonomy, settings.lint)
        made = Benchmark(
            name=settings.name,
            version=1,
            edition=corpus.outputs["edition"],
            taxonomy=taxonomy.id,
            items=tuple(item.id for item in items),
            made=_MADE,
            settings=_told_settings(settings),
        )
        if any(
            one.name == made.name and one.version == 1 and one.id != made.id
            for one in steps.workspace.store.all(Benchmark)
        ):
            raise _otherwise(steps.workspace, made)
        outputs = {
            "benchmark": made.id,
            "name": made.name,
            "version": made.version,
            "edition": made.edition,
            "taxonomy": taxonomy.id,
            "sources": len(corpus.outputs["sources"]),
            "articles": corpus.outputs["articles"],
            "rules": len(held),
            **counted(items, taxonomy),
            "refused": drafted.refused,
            "checks": report.checks,
            "findings": [finding._asdict() for finding in report.findings],
        }
        return Made(outputs, [*items, made], _note(items, report), [made.id, made.edition])

    inputs = [corpus.key, rules.key, settings]
    return steps.do("benchmark-items", "Drafting, splitting and checking the items", inputs, make)


def _why_none(refused: Mapping[str, int]) -> str:
    """Why no rule was used, the commonest reasons first."""
    told = [(n, reason.removeprefix("rule: ")) for reason, n in refused.items() if not reason.startswith("shortfall")]
    most = [f"{reason} ({n})" for n, reason in sorted(told, key=lambda one: (-one[0], one[1]))[:3]]
    return f": {', '.join(most)}" if most else ""


def norms_of(workspace: Workspace, corpus: Step) -> list[Norm]:
    """The norms of a corpus step, in its order."""
    return [norm for norm in workspace.store.get_many(corpus.outputs["norms"]) if isinstance(norm, Norm)]


def counted(items: Sequence[Scenario], taxonomy: Taxonomy) -> dict[str, Any]:
    """How many items there are: in all, by dimension and task, by split, language, style, difficulty and kind."""
    cells = Counter((item.dimension, item.dataset.removeprefix("norms/")) for item in items)
    kinds = sorted({kind for _, kind in cells})
    return {
        "items": len(items),
        "by_dimension": [
            {"dimension": one.key, "en": one.en, "zh": one.zh, "group": one.group}
            | {kind: cells[one.key, kind] for kind in kinds}
            | {"items": sum(cells[one.key, kind] for kind in kinds)}
            for one in taxonomy.dimensions
        ],
        **{
            f"by_{name}": dict(sorted(Counter(str(getattr(item, name) or "none") for item in items).items()))
            for name in ("task", "split", "language", "style", "difficulty", "scene")
        },
        "by_kind": dict(sorted(Counter(item.dataset.removeprefix("norms/") for item in items).items())),
    }


def _note(items: Sequence[Scenario], report: LintReport) -> str:
    by = Counter(item.split for item in items)
    sizes = ", ".join(f"{by[name]} {name}" for name in ("train", "dev", "test"))
    return f"{len(items)} items ({sizes}), {len(report.checks)} checks, {len(report.findings)} findings"
