"""What people do with the principles of a workspace: distil them from its rubrics, list, show, edit, merge, retire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import to_builtins

from primum.config import read_settings
from primum.cycles.chat_file import ChatFile, opened_chat_file
from primum.cycles.rubric_life import writing_in
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, UnknownIdError
from primum.models.embedding import FolderEmbedder
from primum.ports import Progress, silent
from primum.records import ByPerson, Criterion, Norm, Principle, Profile, Record, Rubric, Scenario, plain
from primum.rubrics.distil import (
    ChatDistilSettings,
    Distilled,
    DistilSettings,
    Source,
    Stability,
    distil,
    drawing,
    merge_with_model,
    redundancy,
    stability,
)
from primum.rubrics.principles import (
    edit,
    history,
    merge,
    retire,
    settled_by_people,
    standing,
    statement_drawing,
    superseded,
)
from primum.rubrics.profiles import shipped_classifier
from primum.starter.clinical import dimensions
from primum.store import made_by

__all__ = [
    "DistilChat",
    "DistilOrder",
    "change_principle",
    "distil_workspace",
    "list_principles",
    "merge_principles",
    "page_content",
    "show_principle",
]


class DistilChat(ChatFile, frozen=True):
    """The chat model that words principles, and how it does."""

    wording: ChatDistilSettings = ChatDistilSettings()


class DistilOrder(NamedTuple):
    """What is to be distilled, and how: the rubrics of `workspace`, those that people verified only, if so wanted.

    `chat` names a TOML file with `[[endpoints]]`; `embedder` a folder with a sentence encoder in place of the n-grams.
    """

    workspace: Path
    settings: DistilSettings = DistilSettings()
    is_verified_only: bool = False
    resamplings: int = 10
    chat: Path | None = None
    embedder: Path | None = None


def distil_workspace(order: DistilOrder, progress: Progress = silent) -> dict[str, Any]:
    """Distil the standing rubrics of a workspace into principles and keep them, with an entry in the ledger; what came of it.

    Queries without a profile are sorted by the classifier that ships. Raises `InputError` when there is nothing to distil.
    """
    with writing_in(order.workspace) as opened, ExitStack() as stack:
        sources, profiles = _sources(opened, order.is_verified_only)
        embed = None if order.embedder is None else FolderEmbedder(order.embedder)
        found = distil(sources, order.settings, embed, progress)
        told: dict[str, Any] = {}
        if order.chat is not None:
            settings = read_settings(order.chat, DistilChat)
            chat = stack.enter_context(opened_chat_file(settings, order.chat))
            merged = merge_with_model(sources, found, chat, settings.wording, order.settings, progress)
            reasons = Counter(reason for _, reason in merged.refused)
            found, told = merged.distilled, {"not_reworded": dict(reasons.most_common())}
        if not found.principles:
            raise InputError(
                f"{len(sources)} criteria",
                "have no group with enough support for a principle",
                "bring in more rubrics, or lower --least-criteria",
                str(order.workspace),
            )
        again = stability(sources, order.settings, order.resamplings, order.settings.seed, progress, embed)
        before = list(opened.store.all(Principle))
        settled = set(settled_by_people(before, found.principles))
        kept = [one for one in found.principles if one.id not in settled]
        gone = superseded(before, found.principles)
        report = _report(found, sources, order.settings, again) | told
        report["principles"] = [row for row in report["principles"] if row["id"] not in settled]
        report |= {"superseded": len(gone), "settled_by_people": len(settled)}
        with opened.store.writing() as writer:
            writer.put([*profiles, *kept, *gone])
            note = (
                f"{len(kept)} principles from {len(sources)} criteria, {len(gone)} of an earlier distillation retired"
            )
            writer.append("principles distilled", note, [one.id for one in (*kept, *gone)], now())
    return report


def _report(found: Distilled, sources: Sequence[Source], settings: DistilSettings, again: Stability) -> dict[str, Any]:
    return {
        "principles": [_row(one, again.recurs[number]) for number, one in enumerate(found.principles)],
        "criteria": len(sources),
        "rubrics": len({one.rubric for one in sources}),
        "covered": found.covered,
        "redundancy": redundancy(found.principles, settings).share,
        "stability": plain(again.share),
        "resamplings": again.resamplings,
        "drawing": to_builtins(drawing(found)._asdict()),
    }


def _sources(opened: Workspace, is_verified_only: bool) -> tuple[list[Source], list[Profile]]:
    """Every criterion of the last version of each rubric where it stands; and the profiles that had to be made for it."""
    rubrics = list(opened.store.all(Rubric))
    replaced = {id for one in rubrics for id in (one.previous, *one.merged_from) if id is not None}
    kept = [one for one in rubrics if one.id not in replaced and (not is_verified_only or one.state == "verified")]
    criteria = {one.id: one for one in opened.store.all(Criterion)}
    splits = {one.id: one.split for one in opened.store.all(Scenario)}
    # What was synthesised from principles is no evidence for them, and what measures may not teach (decision 16).
    own = [
        one
        for one in kept
        if not any(criteria[id].principle for id in one.criteria) and splits.get(one.scenario) not in ("dev", "test")
    ]
    if not own:
        what = "verified rubrics" if is_verified_only else "rubrics"
        raise InputError(
            f"workspace '{opened.folder}'",
            f"holds no {what} to distil",
            "verify some: primum rubric verify"
            if is_verified_only
            else "draft or import some: primum rubric draft, primum rubric import",
            str(opened.folder),
        )
    known = {one.scenario: one for one in opened.store.all(Profile)}
    missing = sorted({one.scenario for one in own} - set(known))
    scenarios = [one for one in opened.store.get_many(missing) if isinstance(one, Scenario)]
    made = shipped_classifier().classify(scenarios)
    known |= {one.scenario: one for one in made}
    sources = [
        Source(criteria[id], known[one.scenario].values, one.id)
        for one in own
        for id in one.criteria
        if criteria[id].check_by is None
    ]
    return sources, made


def list_principles(workspace: Path, language: str | None, cell: Sequence[str], is_all: bool) -> list[dict[str, Any]]:
    """The principles that hold, those with the most criteria first; with `is_all` also the retired and the replaced.

    `cell` narrows them: `task=medicate` keeps those that apply there.
    """
    wanted = dict(_pair(one) for one in cell)
    with Workspace(workspace, is_writer=False) as opened:
        found = list(opened.store.all(Principle))
    kept = found if is_all else standing(found)
    fits = [
        one
        for one in kept
        if (language is None or one.language == language)
        and all(value in one.applies_when.get(name, (value,)) for name, value in wanted.items())
    ]
    return [_row(one) for one in sorted(fits, key=lambda one: (-len(one.criteria), one.id))]


def _pair(told: str) -> tuple[str, str]:
    name, equals, value = told.partition("=")
    if not equals or not name or not value:
        raise InputError(f"--cell {told!r}", "is no NAME=VALUE", "write task=medicate", "primum principle list")
    known = {one.key: one.keys for one in dimensions()}
    if value not in known.get(name, ()):
        allowed = f"{name} is one of {', '.join(known[name])}" if name in known else f"name one of {', '.join(known)}"
        raise InputError(f"--cell {told!r}", "is on none of the dimensions", allowed, "primum principle list")
    return name, value


def show_principle(workspace: Path, id: str) -> dict[str, Any]:
    """A principle with the criteria it covers, the norms it rests on, the people behind them, and its earlier versions."""
    with Workspace(workspace, is_writer=False) as opened:
        one = _principle(opened, id)
        every = list(opened.store.all(Principle))
        criteria = [each for each in opened.store.get_many(one.criteria) if isinstance(each, Criterion)]
        norms = [each for each in opened.store.get_many(one.norms) if isinstance(each, Norm)]
        rubrics = [each for each in opened.store.get_many(one.rubrics) if isinstance(each, Rubric)]
        behind: list[Criterion | Rubric] = [*criteria, *_versions(opened, rubrics)]
        people = Counter(made_by(each) for each in behind if isinstance(each.made, ByPerson))
    return _row(one) | {
        "covers": [
            {"id": each.id, "statement": each.statement, "points": each.points, "by": made_by(each)}
            for each in criteria
        ],
        "rests_on": [{"id": each.id, "reference": each.reference} for each in norms],
        "people": dict(people.most_common()),
        "history": [
            {
                "id": each.id,
                "statement": each.statement,
                "state": each.state,
                "reason": each.reason,
                "by": made_by(each),
            }
            for each in history(one, every)
        ],
    }


def _versions(opened: Workspace, rubrics: Sequence[Rubric]) -> list[Rubric]:
    """The rubrics and every earlier version of them, whose makers stand behind what is distilled."""
    found: dict[str, Rubric] = {}
    waiting = list(rubrics)
    while waiting:
        one = waiting.pop()
        if one.id in found:
            continue
        found[one.id] = one
        earlier = [id for id in (one.previous, *one.merged_from) if id is not None]
        waiting += [each for each in opened.store.get_many(earlier) if isinstance(each, Rubric)]
    return list(found.values())


def change_principle(
    workspace: Path,
    id: str,
    person: ByPerson,
    reason: str,
    *,
    statement: str | None = None,
    points: int | None = None,
    is_retired: bool = False,
) -> dict[str, Any]:
    """Edit a principle, or retire it; the new version."""

    def changed(found: Sequence[Principle]) -> Principle:
        if is_retired:
            return retire(found[0], person, reason)
        return edit(found[0], person, reason, statement=statement, points=points)

    return _kept(workspace, [id], changed)


def merge_principles(
    workspace: Path, ids: Sequence[str], person: ByPerson, reason: str, statement: str | None
) -> dict[str, Any]:
    """Merge several principles into one; the new version."""
    return _kept(workspace, ids, lambda found: merge(found, person, reason, statement))


def _kept(workspace: Path, ids: Sequence[str], change: Callable[[Sequence[Principle]], Principle]) -> dict[str, Any]:
    with writing_in(workspace) as opened:
        found = [_principle(opened, id) for id in ids]
        holding = {one.id for one in standing(list(opened.store.all(Principle)))}
        for one in found:
            if one.id not in holding:
                raise InputError(
                    f"principle {one.id}",
                    "holds no more: a later version replaced or retired it",
                    "name the last version",
                    str(workspace),
                )
        made = change(found)
        with opened.store.writing() as writer:
            writer.put([made])
            writer.append(f"principle {made.state}", made.reason, [made.id, *made.previous], now())
    return _row(made)


def _principle(opened: Workspace, id: str) -> Principle:
    found: Record = opened.store.get(id)
    if not isinstance(found, Principle):
        raise UnknownIdError(
            f"'{id}'", f"is a {found.kind()}, no principle", "primum principle list shows them", str(opened.folder)
        )
    return found


def page_content(workspace: Path) -> dict[str, Any]:
    """What the page of a workspace's principles shows: every one that holds, with some of its criteria, and how they lie to each other."""
    with Workspace(workspace, is_writer=False) as opened:
        found = standing(list(opened.store.all(Principle)))
        if not found:
            raise InputError(
                f"workspace '{workspace}'", "holds no principle", "distil some: primum principle distil", str(workspace)
            )
        criteria = {one.id: one for one in opened.store.all(Criterion)}
        norms = {one.id: one.reference for one in opened.store.all(Norm)}
    ordered = sorted(found, key=lambda one: (-len(one.criteria), one.id))
    return {
        "principles": [
            _row(one)
            | {
                "examples": [criteria[id].statement for id in one.criteria[:5] if id in criteria],
                "rests_on": [norms[id] for id in one.norms[:5] if id in norms],
            }
            for one in ordered
        ],
        "drawing": to_builtins(statement_drawing(ordered)._asdict()),
    }


def _row(one: Principle, recurs: float | None = None) -> dict[str, Any]:
    return {
        "id": one.id,
        "statement": one.statement,
        "language": one.language,
        "applies_when": {name: list(values) for name, values in sorted(one.applies_when.items())},
        "points": one.points,
        "kind": one.kind_of,
        "axis": one.axis,
        "state": one.state,
        "criteria": len(one.criteria),
        "rubrics": len(one.rubrics),
        "norms": len(one.norms),
        "recurs": recurs,
        "by": made_by(one),
    }
