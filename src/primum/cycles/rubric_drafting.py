"""Rubrics drafted for a file of questions: by rule or by a chat model, into a HealthBench-shaped file and, if wanted, a workspace."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec

from primum.config import read_settings
from primum.corpus import Corpus, CorpusSettings, NormIndex, read_corpus
from primum.cycles.cases import kind_of
from primum.cycles.chat_file import ChatFile, opened_chat_file
from primum.cycles.editions import add_corpus, chosen
from primum.cycles.query_rows import QueryRow, query_scenario, read_query_rows
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, ModelError, SettingError, StoreError
from primum.evaluation.suites.files import HealthRow, read_health_rows
from primum.language import detect
from primum.ports import Progress, silent
from primum.records import ByImport, Criterion, CriterionKind, Norm, Profile, Rubric, Scenario
from primum.rubrics.draft import Drafted
from primum.rubrics.drafting import (
    ChatDraftingSettings,
    DraftingCase,
    DraftingSettings,
    draft_rubric,
    draft_with_model,
    norm_queries,
)
from primum.rubrics.profiles import shipped_classifier

__all__ = ["DraftOrder", "RubricChat", "draft_rubrics", "health_row"]

_FOUND_BY_SEARCH = 5
_LIKELY = 0.7
"""How likely the classifier's value must be for a rubric to ask for what goes with it; ours."""


class RubricChat(ChatFile, frozen=True):
    """The chat model that drafts rubrics, and how it drafts."""

    drafting: ChatDraftingSettings = ChatDraftingSettings()


class DraftOrder(NamedTuple):
    """What is wanted: rubrics for `queries`, written to `out`, and kept in `workspace` where one is named.

    The norms are those of the folder `norms`, else those of the workspace. `chat` names a TOML file with `[[endpoints]]`; `exemplars`
    a HealthBench-shaped file whose rubrics show the chat model the manner.
    """

    queries: Path
    out: Path
    workspace: Path | None = None
    norms: Path | None = None
    chat: Path | None = None
    exemplars: Path | None = None
    is_forced: bool = False


def draft_rubrics(order: DraftOrder, progress: Progress = silent) -> dict[str, Any]:
    """Draft, write and keep; what came of it, and which questions got no rubric and why.

    All is drafted before anything is written. Raises `InputError` when no question got a rubric, `ModelError` when a chat model gave none.
    """
    _check(order)
    rows = read_query_rows(order.queries)
    corpus = _corpus(order)
    cases, profiles = _cases(rows, order.queries.stem, corpus.norms)
    drafts = _by_chat(cases, order, progress) if order.chat is not None else _by_rule(cases, progress)
    made = [(row, case, one) for row, case, one in zip(rows, cases, drafts, strict=True) if isinstance(one, Drafted)]
    refused = [
        {"id": row.id, "reason": one} for row, one in zip(rows, drafts, strict=True) if not isinstance(one, Drafted)
    ]
    if not made:
        reason = refused[0]["reason"]
        if order.chat is not None:
            raise ModelError(
                "the chat model", f"drafted nothing that could be used ({reason})", "check it", "rubric draft"
            )
        raise InputError(f"file '{order.queries}'", f"gave no rubric ({reason})", "add answers", str(order.queries))
    keys = {norm.id: norm.key for norm in corpus.norms}
    kept = {case.scenario.id for _, case, _ in made}
    new = _keep(
        order,
        corpus,
        [(case.scenario, one) for _, case, one in made],
        [profile for profile in profiles if profile.scenario in kept],
    )
    _write(order.out, [health_row(row.id, case.scenario, one, keys) for row, case, one in made])
    return _told(rows, [one for _, _, one in made], refused, new)


def health_row(prompt_id: str, scenario: Scenario, drafted: Drafted, norm_keys: dict[str, str]) -> HealthRow:
    """A drafted rubric as HealthBench publishes one; kind and norms, which it does not know, stand in the tags."""
    rubrics = [
        {
            "criterion": one.statement,
            "points": one.points,
            "tags": [
                f"axis:{one.axis}",
                "level:example",
                f"kind:{one.kind_of}",
                *(f"norm:{norm_keys[norm]}" for norm in one.norms),
            ],
        }
        for one in drafted.criteria
    ]
    prompt = [{"role": turn.role, "content": turn.content} for turn in scenario.messages]
    tags = [f"language:{scenario.language}", f"state:{drafted.rubric.state}"]
    return msgspec.convert(
        {"prompt_id": prompt_id, "prompt": prompt, "rubrics": rubrics, "example_tags": tags}, HealthRow
    )


def _check(order: DraftOrder) -> None:
    place = "rubric draft"
    if order.exemplars is not None and order.chat is None:
        raise SettingError("--exemplars", "show a chat model the manner, and none is named", "add --chat FILE", place)
    if order.out.resolve() in {order.queries.resolve(), (order.exemplars or order.queries).resolve()}:
        raise SettingError(f"file '{order.out}'", "is one of the files to read", "name another --out", place)
    if order.out.exists() and not order.is_forced:
        raise SettingError(f"file '{order.out}'", "is there already", "name another --out, or add --force", place)


def _corpus(order: DraftOrder) -> Corpus:
    if order.norms is not None:
        return read_corpus(order.norms, CorpusSettings())
    if order.workspace is not None and order.workspace.is_dir():
        try:
            with Workspace(order.workspace, is_writer=False) as opened:
                return chosen(opened.store, None)
        except StoreError as error:
            if "is not a workspace" not in error.rule:  # an empty folder becomes one, and holds no norms yet
                raise
    return Corpus((), ())


def _cases(rows: Sequence[QueryRow], dataset: str, norms: Sequence[Norm]) -> tuple[list[DraftingCase], list[Profile]]:
    """The questions as situations, each with the norms that a search finds for it and its profile: the row's own, or the classifier's."""
    index = NormIndex(norms)
    scenarios = [query_scenario(row, dataset) for row in rows]
    unsorted = [scenario for row, scenario in zip(rows, scenarios, strict=True) if row.profile is None]
    found = {profile.scenario: profile for profile in (shipped_classifier().classify(unsorted) if unsorted else ())}
    cases, profiles = [], []
    for row, scenario in zip(rows, scenarios, strict=True):
        near = {norm.id: norm for query in norm_queries(scenario) for norm, _ in index.search(query, _FOUND_BY_SEARCH)}
        if row.profile is None:
            profile = found[scenario.id]
            values = {name: value for name, value in profile.values.items() if profile.chances[name] >= _LIKELY}
        else:
            profile = Profile(scenario=scenario.id, values=row.profile, made=scenario.made)
            values = row.profile
        profiles.append(profile)
        cases.append(DraftingCase(scenario, tuple(near.values()), values))
    return cases, profiles


def _by_rule(cases: Sequence[DraftingCase], progress: Progress) -> list[Drafted | str]:
    found: list[Drafted | str] = []
    for done, case in enumerate(cases, 1):
        drafted = draft_rubric(case.scenario, case.norms, DraftingSettings(), case.profile)
        found.append(
            drafted or "nothing can be said by rule: it has no answer that says anything, and no norm bears on it"
        )
        progress(done, len(cases))
    return found


def _by_chat(cases: Sequence[DraftingCase], order: DraftOrder, progress: Progress) -> list[Drafted | str]:
    assert order.chat is not None
    settings = read_settings(order.chat, RubricChat)
    exemplars = [] if order.exemplars is None else [_exemplar(row) for row in read_health_rows(order.exemplars)]
    with opened_chat_file(settings, order.chat) as chat:
        return draft_with_model(cases, chat, settings.drafting, exemplars, progress)


def _exemplar(row: HealthRow) -> Drafted:
    """A rubric of a file, as a chat model is shown it; points are rounded, for published ones are whole."""
    made = ByImport(dataset="exemplars", row=row.prompt_id)
    criteria = {}
    for rule in row.rubrics:
        tags = dict(tag.split(":", 1) for tag in rule.tags if ":" in tag)
        criterion = Criterion(
            statement=rule.criterion,
            points=max(-10, min(10, round(rule.points) or (1 if rule.points > 0 else -1))),
            axis=tags.get("axis", "accuracy"),
            kind_of=kind_of(rule.tags),
            language=detect(rule.criterion),
            made=made,
        )
        criteria[criterion.id] = criterion
    return Drafted(Rubric(scenario=row.prompt_id, criteria=tuple(criteria), made=made), tuple(criteria.values()))


def _keep(
    order: DraftOrder, corpus: Corpus, made: Sequence[tuple[Scenario, Drafted]], profiles: Sequence[Profile]
) -> int | None:
    """Keep situations with their profiles, criteria, rubrics and the norms they rest on; how many were new, `None` without a workspace."""
    if order.workspace is None:
        return None
    at = now()
    with Workspace(order.workspace, is_writer=True) as opened:
        if order.norms is not None:
            add_corpus(opened, corpus, f"{len(corpus.norms)} norms from {order.norms.name}", at)
        records = [record for scenario, one in made for record in (scenario, *one.criteria, one.rubric)]
        records += profiles
        with opened.store.writing() as writer:
            new = writer.put(records)
            if new:
                detail = f"{len(made)} rubrics for {order.queries.name}" + (" by a chat model" if order.chat else "")
                writer.append(event="rubric draft", detail=detail, subjects=[one.rubric.id for _, one in made], at=at)
    return new


def _write(out: Path, rows: Sequence[HealthRow]) -> None:
    """The whole file or none: it is written beside its place first."""
    beside = out.with_name(f"{out.name}.unfinished")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
        beside.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise StoreError(
            f"file '{out.name}'", f"cannot be written ({error.strerror or error})", "check the path", str(out)
        ) from error


def _told(
    rows: Sequence[QueryRow], made: Sequence[Drafted], refused: Sequence[dict[str, str]], new: int | None
) -> dict[str, Any]:
    criteria = [criterion for one in made for criterion in one.criteria]
    return {
        "queries": len(rows),
        "rubrics": len(made),
        "criteria": len(criteria),
        "by_kind": {kind: sum(one.kind_of == kind for one in criteria) for kind in get_args(CriterionKind)},
        "by_axis": dict(sorted(Counter(one.axis for one in criteria).items())),
        "with_norms": sum(bool(one.norms) for one in criteria),
        "with_safety": sum(any(one.kind_of == "safety" for one in drafted.criteria) for drafted in made),
        "new_records": new,
        "refused": list(refused),
    }
