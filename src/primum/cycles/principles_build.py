"""The first half of a run of principles: queries, profiles, rubrics, principles, and rubrics for queries that nobody labelled."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import to_builtins
from msgspec.structs import replace

from primum import bench
from primum.corpus.search import NormIndex
from primum.cycles.build import corpus_step, digest
from primum.cycles.guard import load_norms
from primum.cycles.inputs import corpus_folder
from primum.cycles.principles_recipe import PrinciplesRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.errors import InputError, SettingError
from primum.judging.criteria import shipped_reader
from primum.models.openai import OpenAIChat
from primum.ports import Progress
from primum.records import Criterion, Estimate, Norm, Principle, Profile, Record, Rubric, Scenario, content_hash, plain
from primum.rewards import ids_of
from primum.rubrics.distil import (
    Distilled,
    Source,
    distil,
    drawing,
    merge_with_model,
    redundancy,
    stability,
)
from primum.rubrics.draft import Drafted
from primum.rubrics.drafting import DraftingCase, draft_rubric, draft_with_model, norm_queries
from primum.rubrics.lint.drafted import mend_drafted
from primum.rubrics.profiles import classify_with_model, our_examples, shipped_classifier, sorting_version
from primum.rubrics.synthesis import Pool, SynthesisCase, join, synthesise, synthesise_with_model

__all__ = ["OWN_QUERIES", "Ground", "Queries", "draw_queries", "principles_ground", "queries_of", "query_folders"]

OWN_QUERIES = "starter-clinical"
"""The set of the queries that ship, whose place on the dimensions is known."""


class Ground(NamedTuple):
    """The steps up to the rubrics that a policy is taught and measured by."""

    corpus: Step
    queries: Step
    profiles: Step
    rubrics: Step
    principles: Step
    synthesis: Step


class Queries:
    """The queries of a run with what was made for them, as its steps stored it."""

    def __init__(self, steps: Steps, ground: Ground) -> None:
        self._store, self.ground = steps.workspace.store, ground

    def of(self, part: str) -> list[Scenario]:
        """The queries of a part: `labelled`, `unlabelled`, `tested`."""
        return queries_of(self._store, self.ground.queries.outputs[part])

    def profiles(self) -> dict[str, Profile]:
        """Where each query stands on the clinical dimensions, by its id."""
        found = self._store.get_many(list(self.ground.profiles.outputs["profiles"].values()))
        return {one.scenario: one for one in found if isinstance(one, Profile)}

    def rubrics(self, step: Step) -> dict[str, tuple[Rubric, tuple[Criterion, ...]]]:
        """The rubrics that a step made, with their criteria, by the id of the query."""
        rubrics = [one for one in self._store.get_many(step.outputs["rubrics"]) if isinstance(one, Rubric)]
        wanted = sorted({criterion for rubric in rubrics for criterion in rubric.criteria})
        known = {one.id: one for one in self._store.get_many(wanted) if isinstance(one, Criterion)}
        return {one.scenario: (one, tuple(known[criterion] for criterion in one.criteria)) for one in rubrics}

    def principles(self) -> list[Principle]:
        found = self._store.get_many(self.ground.principles.outputs["principles"])
        return [one for one in found if isinstance(one, Principle)]


def queries_of(store: Any, ids: Sequence[str]) -> list[Scenario]:
    """The scenarios with these ids, in their order."""
    return [one for one in store.get_many(ids) if isinstance(one, Scenario)]


def draw_queries(queries: Sequence[Scenario], wanted: int, seed: int) -> list[Scenario]:
    """`wanted` queries, each language by its share of them, in an order that the seed and the query's words decide."""
    by_language: dict[str, list[Scenario]] = {}
    for one in sorted(queries, key=lambda one: hashlib.sha256(f"{seed}:{one.prompt}".encode()).digest()):
        by_language.setdefault(one.language, []).append(one)
    found: list[tuple[float, str, Scenario]] = []
    for language, inside in by_language.items():
        found += [((place + 0.5) / len(inside), language, one) for place, one in enumerate(inside)]
    return [one for _, _, one in sorted(found, key=lambda row: row[:2])[:wanted]]


def query_folders(recipe: PrinciplesRecipe) -> list[Path]:
    """The folders of the sets that queries come from; each must exist. Raises `SettingError` when the recipe names none."""
    named = [name for name in ("huatuo", "medquad") if getattr(recipe.data, name) is not None]
    if not named:
        raise SettingError(
            "setting 'data'",
            "names no set of queries",
            "add [data.huatuo] or [data.medquad]",
            f"recipe '{recipe.name}'",
        )
    folders = [recipe.data_folder() / name for name in named]
    for folder in folders:
        if not folder.is_dir():
            raise InputError(
                f"'{folder}'",
                "does not exist",
                "add the set, or take it out of the recipe",
                f"recipe '{recipe.name}', data",
            )
    return folders


def principles_ground(steps: Steps, recipe: PrinciplesRecipe, chat: OpenAIChat | None) -> Ground:
    """From the norms and the open sets to rubrics for queries that nobody labelled."""
    corpus = corpus_step(steps, corpus_folder(recipe.corpus, recipe.data, recipe.name), recipe.corpus.reading)
    queries = _queries_step(steps, recipe)
    profiles = _profiles_step(steps, recipe, queries, chat)
    rubrics = _rubrics_step(steps, recipe, corpus, queries, profiles, chat)
    principles = _principles_step(steps, recipe, queries, profiles, rubrics, chat)
    synthesis = _synthesis_step(steps, recipe, queries, profiles, principles, chat)
    return Ground(corpus, queries, profiles, rubrics, principles, synthesis)


def _queries_step(steps: Steps, recipe: PrinciplesRecipe) -> Step:
    data, rows = recipe.data, recipe.rows
    inputs = [
        [digest(folder) for folder in query_folders(recipe)],
        data.huatuo,
        data.medquad,
        recipe.split,
        [rows.labelled, rows.unlabelled, rows.tested, rows.with_own],
        recipe.seed,
        sorted(_lessons(recipe)),
        _own_digest() if rows.with_own else None,
    ]

    def make(_key: str, _progress: Progress) -> Made:
        root = recipe.data_folder()
        found: list[Scenario] = []
        if data.huatuo is not None:
            found += bench.load_huatuo(root / "huatuo", limit=data.huatuo.rows, seed=recipe.seed).scenarios
        if data.medquad is not None:
            found += bench.load_medquad(root / "medquad", limit=data.medquad.rows, seed=recipe.seed).scenarios
        own = [replace(one, split="train") for one, _ in our_examples()] if rows.with_own else []
        result = bench.split([*own, *found], recipe.split)
        train = draw_queries(
            [one for one in result.scenarios if one.split == "train"], len(result.scenarios), recipe.seed
        )
        lessons = _lessons(recipe)
        test = [
            one for one in result.scenarios if one.split == "test" and one.reference and not lessons & set(ids_of(one))
        ]
        labelled = [one for one in train if one.reference][: rows.labelled]
        labelled += [one for one in train if one.dataset == OWN_QUERIES]
        taken = {one.id for one in labelled}
        parts = {
            "labelled": labelled,
            "unlabelled": [one for one in train if one.id not in taken][: rows.unlabelled],
            "tested": draw_queries(test, rows.tested, recipe.seed),
        }
        for part, inside in parts.items():
            if not inside:
                raise InputError(
                    f"part '{part}' of {len(found)} queries",
                    "is empty",
                    "take more rows",
                    f"recipe '{recipe.name}', data",
                )
        kept = [one for inside in parts.values() for one in inside]
        outputs: dict[str, Any] = {part: [one.id for one in inside] for part, inside in parts.items()}
        outputs["languages"] = dict(sorted(Counter(one.language for one in kept).items()))
        sizes = ", ".join(f"{len(inside)} {part}" for part, inside in parts.items())
        return Made(outputs, kept, f"{sizes}; {result.clusters} clusters of near-duplicates, none crosses the splits")

    return steps.do("queries", "Reading and splitting the queries", inputs, make)


def _lessons(recipe: PrinciplesRecipe) -> set[str]:
    """What the embedded judge that teaches learned from: no query that measures may be among it."""
    return set() if recipe.uses_chat("judge") else {id.rpartition(":")[2] for id in shipped_reader().ref.trained_on}


def _own_digest() -> str:
    """Changes when a query of ours or its place on the dimensions does."""
    return content_hash([[one.prompt, dict(values)] for one, values in our_examples()])


def _all_queries(steps: Steps, queries: Step) -> list[Scenario]:
    ids = [id for part in ("labelled", "unlabelled", "tested") for id in queries.outputs[part]]
    return queries_of(steps.workspace.store, ids)


def _profiles_step(steps: Steps, recipe: PrinciplesRecipe, queries: Step, chat: OpenAIChat | None) -> Step:
    by_chat = chat is not None and recipe.uses_chat("classify")
    inputs: list[Any] = [queries.key, shipped_classifier().fingerprint, _own_digest()]
    inputs += [recipe.chat, sorting_version()] if by_chat else []

    def make(_key: str, progress: Progress) -> Made:
        scenarios = _all_queries(steps, queries)
        told = {one.prompt: values for one, values in our_examples()}
        classified = [
            Profile(scenario=one.id, values=dict(told[one.prompt]), made=one.made)
            if one.dataset == OWN_QUERIES
            else profile
            for one, profile in zip(scenarios, shipped_classifier().classify(scenarios), strict=True)
        ]
        unread: Counter[str] = Counter()
        if by_chat:
            assert chat is not None
            asked = [one for one in scenarios if one.dataset != OWN_QUERIES]
            said = dict(
                zip([one.id for one in asked], classify_with_model(asked, chat, progress=progress), strict=True)
            )
            # What the model did not sort, the classifier did; the outputs say how many.
            unread.update(one for one in said.values() if isinstance(one, str))
            kept = {id: one for id, one in said.items() if not isinstance(one, str)}
            classified = [kept.get(one.scenario, one) for one in classified]
        counted = {
            dimension: dict(sorted(Counter(one.values[dimension] for one in classified).items()))
            for dimension in classified[0].values
        }
        outputs = {
            "profiles": {one.scenario: one.id for one in classified},
            "by": counted,
            "by_chat": by_chat,
            "unread": dict(unread.most_common(5)),
            "unread_n": unread.total(),
        }
        cells = len({tuple(sorted(one.values.items())) for one in classified})
        return Made(outputs, classified, f"{len(classified)} queries in {cells} cells of the four dimensions")

    return steps.do("profiles", "Sorting the queries on four dimensions", inputs, make)


def _rubrics_step(
    steps: Steps, recipe: PrinciplesRecipe, corpus: Step, queries: Step, profiles: Step, chat: OpenAIChat | None
) -> Step:
    """Rubrics for labelled queries, and, drafted apart by rule, those that measure the tested ones; all linted and mended."""
    by_chat = chat is not None and recipe.uses_chat("draft")
    inputs = [corpus.key, queries.key, profiles.key, recipe.drafting, recipe.lint, recipe.rows.norms]
    inputs += [recipe.chat] if by_chat else []

    def make(_key: str, progress: Progress) -> Made:
        store = steps.workspace.store
        index = _Index(list(load_norms(steps, corpus).values()), recipe.rows.norms)
        found = {
            one.scenario: one
            for one in store.get_many(list(profiles.outputs["profiles"].values()))
            if isinstance(one, Profile)
        }
        own, measured = (queries_of(store, queries.outputs[part]) for part in ("labelled", "tested"))
        refused: Counter[str] = Counter()
        drafted: list[Drafted] = []
        if by_chat:
            assert chat is not None and recipe.chat is not None
            cases = [DraftingCase(one, tuple(index.norms(one)), found[one.id].values) for one in own]
            for made in draft_with_model(cases, chat, recipe.chat.drafting, progress=progress):
                if isinstance(made, str):
                    refused[made] += 1
                else:
                    drafted.append(made)
        else:
            drafted = _by_rule(own, index, found, recipe, progress)
        refused["nothing to say"] += 0 if by_chat else len(own) - len(drafted)
        by_id = {one.id: one for one in [*own, *measured]}
        sides = {"labelled": drafted, "tested": _by_rule(measured, index, found, recipe, progress)}
        linted = {
            side: [mend_drafted(by_id[one.rubric.scenario], one, recipe.lint) for one in inside]
            for side, inside in sides.items()
        }
        records: list[Record] = []
        for first, after in zip([*drafted, *sides["tested"]], [*linted["labelled"], *linted["tested"]], strict=True):
            # What lint mended stays beside what it was made from.
            records += [*first.criteria, first.rubric, *after.drafted.criteria, after.drafted.rubric]
        all_linted = [one for inside in linted.values() for one in inside]
        outputs: dict[str, Any] = {
            "rubrics": [one.drafted.rubric.id for one in linted["labelled"]],
            "measuring": [one.drafted.rubric.id for one in linted["tested"]],
            "criteria": sum(len(one.drafted.criteria) for one in linted["labelled"]),
            "findings": dict(Counter(check for one in all_linted for check in one.findings).most_common()),
            "left": dict(Counter(check for one in all_linted for check in one.left).most_common()),
            "refused": {reason: count for reason, count in refused.most_common(5) if count},
            "by_chat": by_chat,
            "norms": len({norm for one in linted["labelled"] for each in one.drafted.criteria for norm in each.norms}),
        }
        note = (
            f"{len(linted['labelled'])} rubrics with {outputs['criteria']} criteria to learn from, {len(linted['tested'])} that measure; "
            f"lint found {sum(outputs['findings'].values())} faults, {sum(outputs['left'].values())} left"
        )
        return Made(outputs, records, note)

    return steps.do("rubrics", "Drafting, linting and mending rubrics", inputs, make)


class _Index:
    """The norms that bear on a query, in its language."""

    def __init__(self, norms: Sequence[Norm], most: int) -> None:
        self._most = most
        self._by = {
            language: NormIndex([one for one in norms if one.language == language])
            for language in sorted({one.language for one in norms})
        }

    def norms(self, scenario: Scenario) -> list[Norm]:
        index = self._by.get(scenario.language)
        if index is None:
            return []
        found = [norm for query in norm_queries(scenario) for norm, _ in index.search(query, self._most)]
        return list({norm.id: norm for norm in found}.values())


def _by_rule(
    scenarios: Sequence[Scenario],
    index: _Index,
    profiles: dict[str, Profile],
    recipe: PrinciplesRecipe,
    progress: Progress,
) -> list[Drafted]:
    found: list[Drafted] = []
    for done, one in enumerate(scenarios, 1):
        made = draft_rubric(one, index.norms(one), recipe.drafting, profiles[one.id].values)
        if made is not None:
            found.append(made)
        progress(done, len(scenarios))
    return found


def _principles_step(
    steps: Steps, recipe: PrinciplesRecipe, queries: Step, profiles: Step, rubrics: Step, chat: OpenAIChat | None
) -> Step:
    by_chat = chat is not None and recipe.uses_chat("distil")
    inputs = [queries.key, profiles.key, rubrics.key, recipe.distil, recipe.resamplings, recipe.seed]
    inputs += [recipe.chat] if by_chat else []

    def make(_key: str, progress: Progress) -> Made:
        sources = _sources(steps, profiles, rubrics)
        found = distil(sources, recipe.distil, progress=progress)
        told: dict[str, Any] = {}
        if by_chat:
            assert chat is not None
            merged = merge_with_model(sources, found, chat, support=recipe.distil, progress=progress)
            reasons = Counter(reason for _, reason in merged.refused)
            found, told = merged.distilled, {"worded": merged.worded, "not_worded": dict(reasons.most_common(5))}
        if not found.principles:
            raise InputError(
                f"{len(sources)} criteria",
                "have no group with enough support for a principle",
                "label more queries, or lower distil.support",
                f"recipe '{recipe.name}'",
            )
        again = stability(sources, recipe.distil, recipe.resamplings, recipe.seed, progress)
        outputs = {
            "principles": [one.id for one in found.principles],
            "sources": len(sources),
            "covered": found.covered,
            "redundancy": redundancy(found.principles, recipe.distil).share,
            "stability": plain(again.share),
            "resamplings": again.resamplings,
            "recurs": {one.id: share for one, share in zip(found.principles, again.recurs, strict=True)}
            if not by_chat
            else {},
            "by_chat": by_chat,
            "drawing": to_builtins(drawing(found)._asdict()),
            **told,
        }
        note = _principles_note(found, len(sources), again.share)
        return Made(outputs, found.principles, note, [one.id for one in found.principles])

    return steps.do("principles", "Distilling principles from criteria", inputs, make)


def _principles_note(found: Distilled, sources: int, recurring: Estimate | None) -> str:
    norms = len({norm for one in found.principles for norm in one.norms})
    told = f"{len(found.principles)} principles cover {found.covered:.0%} of {sources:,} criteria and rest on {norms} norms"
    return told if recurring is None else f"{told}; {recurring.value:.0%} recur when rubrics are resampled"


def _sources(steps: Steps, profiles: Step, rubrics: Step) -> list[Source]:
    """Every criterion of the labelled queries' rubrics where it stands, with the profile of its query."""
    store = steps.workspace.store
    values = {
        one.scenario: one.values
        for one in store.get_many(list(profiles.outputs["profiles"].values()))
        if isinstance(one, Profile)
    }
    standing = [one for one in store.get_many(rubrics.outputs["rubrics"]) if isinstance(one, Rubric)]
    wanted = sorted({criterion for one in standing for criterion in one.criteria})
    known = {one.id: one for one in store.get_many(wanted) if isinstance(one, Criterion)}
    return [Source(known[criterion], values[one.scenario], one.id) for one in standing for criterion in one.criteria]


def _synthesis_step(
    steps: Steps, recipe: PrinciplesRecipe, queries: Step, profiles: Step, principles: Step, chat: OpenAIChat | None
) -> Step:
    """Rubrics from principles: for the unlabelled queries, which teach, and for the tested ones, to guide their revision."""
    by_chat = chat is not None and recipe.uses_chat("synthesise")
    inputs = [queries.key, profiles.key, principles.key, recipe.synthesis]
    inputs += [recipe.chat] if by_chat else []

    def make(_key: str, progress: Progress) -> Made:
        store = steps.workspace.store
        pool = Pool([one for one in store.get_many(principles.outputs["principles"]) if isinstance(one, Principle)])
        found = {
            one.scenario: one
            for one in store.get_many(list(profiles.outputs["profiles"].values()))
            if isinstance(one, Profile)
        }
        records: list[Record] = []
        outputs: dict[str, Any] = {"by_chat": by_chat}
        refused: Counter[str] = Counter()
        for part, name in (("unlabelled", "rubrics"), ("tested", "guiding")):
            scenarios = queries_of(store, queries.outputs[part])
            made = _synthesised(scenarios, found, pool, recipe, chat if by_chat else None, progress)
            refused.update(one for one in made if isinstance(one, str))
            kept = [one for one in made if not isinstance(one, str)]
            outputs[name] = [one.rubric.id for one in kept]
            for one in kept:
                records += [*one.criteria, one.rubric]
        outputs["refused"] = dict(refused.most_common(5))
        if not outputs["rubrics"] or not outputs["guiding"]:
            raise InputError(
                f"{len(pool.principles)} principles",
                "give no query a rubric",
                "label more queries",
                f"recipe '{recipe.name}'",
            )
        wanted = len(queries.outputs["unlabelled"]) + len(queries.outputs["tested"])
        made_n = len(outputs["rubrics"]) + len(outputs["guiding"])
        return Made(outputs, records, f"{made_n} of {wanted} queries that nobody labelled have a rubric")

    return steps.do("synthesis", "Writing rubrics for queries nobody labelled", inputs, make)


def _synthesised(
    scenarios: Sequence[Scenario],
    profiles: dict[str, Profile],
    pool: Pool,
    recipe: PrinciplesRecipe,
    chat: OpenAIChat | None,
    progress: Progress,
) -> Sequence[Drafted | str]:
    """A rubric for each query, or why there is none."""
    if chat is not None:
        cases = [
            SynthesisCase(
                one,
                profiles[one.id],
                [found.principle for found in join(one, profiles[one.id], pool, recipe.synthesis)],
            )
            for one in scenarios
        ]
        return synthesise_with_model(cases, chat, recipe.synthesis, progress=progress)
    found: list[Drafted | str] = []
    for done, one in enumerate(scenarios, 1):
        found.append(synthesise(one, profiles[one.id], pool, recipe.synthesis) or "no principle fits the query")
        progress(done, len(scenarios))
    return found
