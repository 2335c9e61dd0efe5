"""Build: norms and open sets become situations whose splits nothing crosses, with rubrics; the first two steps of a run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from primum import bench, rubrics
from primum.corpus import CorpusSettings, account, read_corpus
from primum.cycles.chat import draft_by_chat
from primum.cycles.editions import add_corpus, next_edition
from primum.cycles.gather import gather, repoint
from primum.cycles.inputs import set_folders
from primum.cycles.recipe import WorldRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.errors import InputError
from primum.models.openai import OpenAIChat
from primum.ports import Progress
from primum.records import Norm, Record, Scenario

__all__ = ["add_corpus", "bench_step", "corpus_step", "digest"]


def digest(path: Path) -> str:
    """SHA-256 over the names and contents of every file below `path` (or of the one file it is)."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    whole = hashlib.sha256()
    for file in files:
        whole.update(str(file.relative_to(path) if file != path else file.name).encode())
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def corpus_step(steps: Steps, folder: Path, reading: CorpusSettings) -> Step:
    """Read the norms of a folder; every article is accounted for."""

    def make(_key: str, progress: Progress) -> Made:
        corpus = read_corpus(folder, reading, progress)
        accounting = account(corpus)
        # Documents keep the ids of this folder: a run's outputs must not hang on what its workspace held before.
        edition = next_edition(steps.workspace, corpus, is_settled=False).edition
        outputs = {
            "sources": [source.id for source in corpus.sources],
            "norms": [norm.id for norm in corpus.norms],
            "articles": accounting.articles,
            "unassigned_characters": accounting.unassigned_characters,
        }
        note = (
            f"{accounting.sources} sources, {accounting.articles} articles, {accounting.norms} norms, "
            f"{accounting.unassigned_characters} characters unassigned"
        )
        records = [*corpus.sources, *corpus.norms, edition]
        return Made(outputs, records, note, [source.id for source in corpus.sources])

    return steps.do("corpus", "Reading the norms", [digest(folder), reading], make)


def bench_step(steps: Steps, recipe: WorldRecipe, corpus: Step, chat: OpenAIChat | None) -> Step:
    """Draft, import and simulate situations, split them, give each its rubric."""
    inputs = [
        corpus.key,
        recipe.draft,
        recipe.situations,
        recipe.split,
        recipe.chat if recipe.chat and recipe.chat.draft else None,
    ]
    inputs += [
        recipe.everyday,
        replace(recipe.data, root=None),
        recipe.seed,
        [digest(folder) for folder in set_folders(recipe)],
    ]

    def make(key: str, progress: Progress) -> Made:
        norms = [norm for norm in steps.workspace.store.get_many(corpus.outputs["norms"]) if isinstance(norm, Norm)]
        by_id = {norm.id: norm for norm in norms}
        gathered = gather(recipe, norms)
        refused = 0
        if chat is not None and recipe.chat is not None and recipe.chat.draft:
            drafts = draft_by_chat(chat, recipe, norms, progress)
            gathered.scenarios.extend(drafts.scenarios)
            refused = len(drafts.refused)
        result = bench.split(gathered.scenarios, recipe.split)
        crossing = bench.leaks(result.scenarios, recipe.split.threshold)
        if crossing:
            raise InputError(
                f"{len(crossing)} pairs of situations",
                "cross the splits",
                "report this as a fault of ours",
                "step bench",
            )
        settled = repoint(gathered, result.scenarios)
        own = {rubric.scenario: rubric.id for rubric in settled.rubrics}
        drafted = [rubrics.draft(scenario, by_id) for scenario in result.scenarios if scenario.id not in own]
        records: list[Record] = [
            *result.scenarios,
            *settled.others,
            *settled.rubrics,
            *settled.responses,
            *settled.judgements,
        ]
        for one in drafted:
            records += [*one.criteria, one.rubric]
        by_split: dict[str, list[str]] = {"train": [], "dev": [], "test": []}
        for scenario in result.scenarios:
            by_split[scenario.split or "train"].append(scenario.id)
        outputs = by_split | {
            "left_out": len(result.left_out),
            "drafts_refused": refused,
            "clusters": result.clusters,
            "by": _count(result.scenarios),
            "rubrics": own | {one.rubric.scenario: one.rubric.id for one in drafted},
            "labelled": [list(one) for one in settled.labelled],
        }
        sizes = ", ".join(f"{len(ids)} {name}" for name, ids in by_split.items())
        note = f"{len(result.scenarios)} situations ({sizes}) in {result.clusters} clusters, {len(result.left_out)} left out, 0 leaks"
        return Made(outputs, records, note)

    return steps.do("bench", "Drafting, importing and splitting situations", inputs, make)


def _count(scenarios: Sequence[Scenario]) -> list[dict[str, str | int]]:
    counted = Counter((scenario.dataset, scenario.language, scenario.split or "") for scenario in scenarios)
    return [{"dataset": key[0], "language": key[1], "split": key[2], "n": n} for key, n in sorted(counted.items())]
