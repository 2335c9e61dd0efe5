"""Rubrics for questions that nobody labelled, synthesised from the principles of a workspace or of a file, with a sample to read."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec

from primum.config import read_settings
from primum.cycles.benchmark_share import write_new
from primum.cycles.chat_file import ChatFile, opened_chat_file
from primum.cycles.query_rows import QueryRow, query_scenario, read_query_rows
from primum.cycles.revising_inputs import read_principles
from primum.cycles.rubric_drafting import health_row
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, ModelError, SettingError
from primum.evaluation.suites.files import HealthRow
from primum.ports import Progress, silent
from primum.records import (
    ByImport,
    Criterion,
    CriterionKind,
    Norm,
    Principle,
    Profile,
    Record,
    Scenario,
)
from primum.rubrics.draft import Drafted
from primum.rubrics.profiles import ProfileReadingSettings, classify_with_model, shipped_classifier
from primum.rubrics.synthesis import (
    Pool,
    SynthesisCase,
    SynthesisReadingSettings,
    SynthesisSettings,
    join,
    synthesise,
    synthesise_with_model,
)
from primum.rubrics.synthesis.rubric import RELAXED
from primum.starter.clinical import dimensions

__all__ = [
    "Asked",
    "SynthesisChat",
    "SynthesisOrder",
    "Synthesised",
    "sample_content",
    "synthesise_rubrics",
]


class SynthesisChat(ChatFile, frozen=True):
    """The chat model that sorts questions and writes their rubrics, and how it does."""

    sorting: ProfileReadingSettings = ProfileReadingSettings()
    writing: SynthesisReadingSettings = SynthesisReadingSettings()


class SynthesisOrder(NamedTuple):
    """What is wanted: rubrics for `queries`, written to `out` and kept in `workspace`.

    The principles are those of the workspace, or those of the file `principles` (JSONL of records), which are kept too. `chat` names a TOML
    file with `[[endpoints]]`: a chat model sorts and writes then.
    """

    queries: Path
    out: Path
    workspace: Path
    principles: Path | None = None
    chat: Path | None = None
    is_forced: bool = False


class Asked(NamedTuple):
    """One question with what came of it: its rubric, or why there is none."""

    id: str
    scenario: Scenario
    profile: Profile
    result: Drafted | str


class Synthesised(NamedTuple):
    """What a run gave: `told` is plain data for people, `asked` every question, `principles` and `norms` what they rest on, by id."""

    told: dict[str, Any]
    asked: tuple[Asked, ...]
    principles: Mapping[str, Principle]
    norms: Mapping[str, Norm]


def synthesise_rubrics(order: SynthesisOrder, progress: Progress = silent) -> Synthesised:
    """Sort, join, write and keep. All is made before anything is written.

    Raises `InputError` where there are no principles or no question got a rubric, `ModelError` when a chat model gave none.
    """
    _check(order)
    rows = read_query_rows(order.queries)
    principles, norms = _ground(order)
    scenarios = [query_scenario(row, order.queries.stem) for row in rows]
    if order.chat is None:
        profiles, results = _by_rule(rows, scenarios, Pool(principles), progress)
        unread = 0
    else:
        profiles, results, unread = _by_chat(rows, scenarios, Pool(principles), order.chat, progress)
    asked = tuple(
        Asked(row.id, scenario, profile, result)
        for row, scenario, profile, result in zip(rows, scenarios, profiles, results, strict=True)
    )
    made = [one for one in asked if isinstance(one.result, Drafted)]
    if not made:
        raise _nothing(order, str(asked[0].result))
    new = _keep(order, principles if order.principles is not None else [], asked)
    write_new(order.out, (msgspec.json.encode(_row(one, norms)).decode() for one in made), order.is_forced)
    told = {**_told(asked), "principles": len(principles), "unread_profiles": unread, "new_records": new}
    return Synthesised(told, asked, {one.id: one for one in principles}, norms)


def sample_content(found: Synthesised, most: int, title: str, seed: int = 0) -> dict[str, Any]:
    """A sample of the questions as plain data for the page: both languages alike, drawn by lot, in the order of the file."""
    drawn: set[str] = set()
    languages = sorted({one.scenario.language for one in found.asked})
    for language in languages:
        names = [one.id for one in found.asked if one.scenario.language == language]
        random.Random(f"{seed} {language}").shuffle(names)
        drawn |= set(names[: -(-most // len(languages))])
    kept = [one for one in found.asked if one.id in drawn][:most]
    return {
        "title": title,
        "counts": {**found.told, "refused": len(found.told["refused"])},
        "dimensions": [
            {
                "key": one.key,
                "zh": one.name.zh,
                "en": one.name.en,
                "about_zh": one.definition.zh,
                "about_en": one.definition.en,
            }
            for one in dimensions()
        ],
        "queries": [_shown(one, found) for one in kept],
    }


def _check(order: SynthesisOrder) -> None:
    read = {one.resolve() for one in (order.queries, order.principles, order.chat) if one is not None}
    if order.out.resolve() in read:
        raise SettingError(
            f"file '{order.out}'", "is one of the files to read", "name another --out", "rubric synthesise"
        )
    if order.out.exists() and not order.is_forced:
        raise SettingError(
            f"file '{order.out}'", "is there already", "name another --out, or add --force", "rubric synthesise"
        )


def _ground(order: SynthesisOrder) -> tuple[list[Principle], dict[str, Norm]]:
    """The principles, and the norms of the workspace that they rest on."""
    principles = None if order.principles is None else read_principles(order.principles)[0]
    norms: dict[str, Norm] = {}
    if order.workspace.is_dir():
        with Workspace(order.workspace, is_writer=False) as opened:
            if principles is None:
                principles = list(opened.store.all(Principle))
            wanted = [
                norm for norm in sorted({norm for one in principles for norm in one.norms}) if opened.store.has(norm)
            ]
            norms = {one.id: one for one in opened.store.get_many(wanted) if isinstance(one, Norm)}
    if not principles:
        raise InputError(
            f"workspace '{order.workspace}'",
            "holds no principles",
            "distil some with `primum principle distil`, or name a file with --principles",
            str(order.workspace),
        )
    return principles, norms


def _given(rows: Sequence[QueryRow], scenarios: Sequence[Scenario], sorted_: Sequence[Profile]) -> list[Profile]:
    """The profile that stands in a row goes before the one that was found."""
    return [
        found
        if row.profile is None
        else Profile(scenario=scenario.id, values=row.profile, made=ByImport(dataset=scenario.dataset, row=row.id))
        for row, scenario, found in zip(rows, scenarios, sorted_, strict=True)
    ]


def _by_rule(
    rows: Sequence[QueryRow], scenarios: Sequence[Scenario], pool: Pool, progress: Progress
) -> tuple[list[Profile], list[Drafted | str]]:
    profiles = _given(rows, scenarios, shipped_classifier().classify(scenarios))
    results: list[Drafted | str] = []
    for done, (scenario, profile) in enumerate(zip(scenarios, profiles, strict=True), 1):
        results.append(synthesise(scenario, profile, pool) or "no principle with positive points bears on it")
        progress(done, len(scenarios))
    return profiles, results


def _by_chat(
    rows: Sequence[QueryRow], scenarios: Sequence[Scenario], pool: Pool, path: Path, progress: Progress
) -> tuple[list[Profile], list[Drafted | str], int]:
    """As by rule, but by the chat model; a question it did not sort keeps what the classifier said, and is counted."""
    settings = read_settings(path, SynthesisChat)
    with opened_chat_file(settings, path) as chat:
        said = classify_with_model(scenarios, chat, settings.sorting, progress)
        fallback = shipped_classifier().classify(scenarios)
        read = [old if isinstance(one, str) else one for one, old in zip(said, fallback, strict=True)]
        profiles = _given(rows, scenarios, read)
        cases = [
            SynthesisCase(scenario, profile, [one.principle for one in join(scenario, profile, pool)])
            for scenario, profile in zip(scenarios, profiles, strict=True)
        ]
        results = synthesise_with_model(cases, chat, SynthesisSettings(reading=settings.writing), progress)
    unread = sum(isinstance(one, str) and row.profile is None for one, row in zip(said, rows, strict=True))
    return profiles, results, unread


def _nothing(order: SynthesisOrder, reason: str) -> InputError | ModelError:
    if order.chat is not None:
        return ModelError(
            "the chat model", f"wrote nothing that could be used ({reason})", "check it", "rubric synthesise"
        )
    return InputError(
        f"file '{order.queries}'", f"got no rubric ({reason})", "distil principles of its language", str(order.queries)
    )


def _keep(order: SynthesisOrder, principles: Sequence[Principle], asked: Sequence[Asked]) -> int:
    """Keep questions, profiles, criteria and rubrics, and principles that came in a file; how many were new."""
    records: list[Record] = [*principles]
    subjects: list[str] = []
    for one in asked:
        records += [one.scenario, one.profile]
        if isinstance(one.result, Drafted):
            records += [*one.result.criteria, one.result.rubric]
            subjects.append(one.result.rubric.id)
    with Workspace(order.workspace, is_writer=True) as opened, opened.store.writing() as writer:
        new = writer.put(records)
        if new:
            detail = f"{len(subjects)} rubrics for {order.queries.name}" + (" by a chat model" if order.chat else "")
            writer.append(event="rubric synthesise", detail=detail, subjects=subjects, at=now())
    return new


def _row(asked: Asked, norms: Mapping[str, Norm]) -> HealthRow:
    """A synthesised rubric as HealthBench publishes one; the principle behind each criterion and the profile stand in the tags."""
    assert isinstance(asked.result, Drafted)
    used = {norm for one in asked.result.criteria for norm in one.norms}
    row = health_row(
        asked.id, asked.scenario, asked.result, {norm: norms[norm].key if norm in norms else norm for norm in used}
    )
    rules = [
        msgspec.structs.replace(rule, tags=[*rule.tags, f"principle:{one.principle}"])
        for rule, one in zip(row.rubrics, asked.result.criteria, strict=True)
    ]
    tags = [*row.example_tags, *(f"{name}:{value}" for name, value in asked.profile.values.items())]
    return msgspec.structs.replace(row, rubrics=rules, example_tags=tags)


def _told(asked: Sequence[Asked]) -> dict[str, Any]:
    made = [one.result for one in asked if isinstance(one.result, Drafted)]
    criteria = [criterion for one in made for criterion in one.criteria]
    return {
        "queries": len(asked),
        "rubrics": len(made),
        "criteria": len(criteria),
        "by_kind": {kind: sum(one.kind_of == kind for one in criteria) for kind in get_args(CriterionKind)},
        "by_profile": {
            dimension.key: {
                value: sum(one.profile.values.get(dimension.key) == value for one in asked) for value in dimension.keys
            }
            for dimension in dimensions()
        },
        "with_safety": sum(any(one.kind_of == "safety" for one in drafted.criteria) for drafted in made),
        "relaxed": sum(_is_relaxed(one) for one in criteria),
        "principles_used": len({one.principle for one in criteria}),
        "refused": [{"id": one.id, "reason": one.result} for one in asked if isinstance(one.result, str)],
        "refused_by": dict(Counter(one.result for one in asked if isinstance(one.result, str)).most_common(5)),
    }


def _is_relaxed(criterion: Criterion) -> bool:
    return getattr(criterion.made, "rule", "") == RELAXED


def _shown(asked: Asked, found: Synthesised) -> dict[str, Any]:
    names = {one.key: {value.key: value.name for value in one.values} for one in dimensions()}
    profile = [
        {
            "dimension": name,
            "value": value,
            "zh": names[name][value].zh,
            "en": names[name][value].en,
            "chance": asked.profile.chances.get(name),
        }
        for name, value in asked.profile.values.items()
    ]
    result = asked.result
    return {
        "id": asked.id,
        "query": asked.scenario.prompt,
        "language": asked.scenario.language,
        "profile": profile,
        "reason": result if isinstance(result, str) else "",
        "criteria": [] if isinstance(result, str) else [_shown_criterion(one, found) for one in result.criteria],
    }


def _shown_criterion(criterion: Criterion, found: Synthesised) -> dict[str, Any]:
    principle = found.principles[str(criterion.principle)]
    names = {one.key: (one.name, {value.key: value.name for value in one.values}) for one in dimensions()}
    applies = [
        {
            "zh": f"{names[key][0].zh}：{'、'.join(names[key][1][value].zh for value in values)}",
            "en": f"{names[key][0].en}: {', '.join(names[key][1][value].en.lower() for value in values)}",
        }
        for key, values in principle.applies_when.items()
        if key in names and all(value in names[key][1] for value in values)
    ]
    return {
        "statement": criterion.statement,
        "points": criterion.points,
        "kind": criterion.kind_of,
        "axis": criterion.axis,
        "is_relaxed": _is_relaxed(criterion),
        "principle": {
            "id": principle.id,
            "statement": principle.statement,
            "criteria": len(principle.criteria),
            "rubrics": len(principle.rubrics),
            "state": principle.state,
            "applies": applies,
            "norms": [found.norms[norm].reference if norm in found.norms else norm for norm in principle.norms],
        },
    }
