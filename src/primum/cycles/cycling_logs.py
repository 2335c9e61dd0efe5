"""Logs of a released policy as a step of a run: situations to learn from, signals, and what people flagged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from primum.cycles.build import digest
from primum.cycles.signalling import FLAGGED, Known, Listened, dimension_of, listen, pseudonym_key
from primum.cycles.steps import Made, Step, Steps
from primum.ports import Progress
from primum.records import (
    ByPerson,
    Flag,
    Norm,
    Record,
    Response,
    Scenario,
    Signal,
    content_hash,
)
from primum.rubrics import draft
from primum.signals.intake import PersonFlag
from primum.signals.settings import LogSettings
from primum.signals.sorting import Heard, conversation_key

__all__ = ["Since", "flagged_since", "logs_step"]


def logs_step(
    steps: Steps, folder: Path, settings: LogSettings, known: Sequence[Scenario], norms: Mapping[str, Norm]
) -> Step:
    """Read the logs in `folder`, which become situations of the train split (dataset `logs`) with rubrics.

    `known` are the run's situations with their splits: the harm reader learns from those of train, and what nearly says one of dev or test
    (give their rewrites too) teaches nothing. Flags that people made in this workspace (`primum signal flag`) on conversations of the log
    count like its own, those made until the log is first read; `flagged_since` gives the later ones. What a run reads stays what it read:
    a new flag makes none of its cycles anew. Outputs:

    - `scenarios`: ids of the situations that may teach; `rubrics`: {scenario id: rubric id};
    - `signals`, `flags`: ids of all that is kept;
    - `flagged`: [scenario id, response id, right, correction, [flag id …]] of each answer with a flag whose situation may teach. `right` is
      `False` where a trusted person said that the answer was not right, else `None`: a judge decides. (No reason of a flag says that an
      answer was right.) `correction` is the id of the response that such a person gave instead, or `None`;
    - `counts`: what became of the log.
    """
    seen = sorted(f"{one.id} {one.split}" for one in known)
    # The norms name the dimensions of what was asked, and its rubrics stand on them.
    inputs = [digest(folder), settings, content_hash(seen), content_hash(sorted(norms))]

    def make(_key: str, progress: Progress) -> Made:
        later = _flags_made_here(steps)
        key = pseudonym_key(steps.workspace.folder)
        wanted = Known(known, dimension_of(list(norms.values())), "train", flags=_by_conversation(later))
        listened = listen([folder], settings, key, wanted, progress)
        return _made(listened, norms)

    return steps.do("logs", "Reading logged conversations", inputs, make)


def _made(listened: Listened, norms: Mapping[str, Norm]) -> Made:
    records: list[Record] = []
    rubrics: dict[str, str] = {}
    taught: list[str] = []
    flagged: list[list[Any]] = []
    for one in listened.heard:
        records += _records(one)
        if one.teaches:
            continue
        if one.scenario.id not in rubrics:
            drafted = draft(one.scenario, norms)
            records += [*drafted.criteria, drafted.rubric]
            rubrics[one.scenario.id] = drafted.rubric.id
            taught.append(one.scenario.id)
        if one.flags and one.response is not None:
            correction = None if one.correction is None else one.correction.id
            flagged.append([one.scenario.id, one.response.id, one.right, correction, [flag.id for flag in one.flags]])
    # A file may be named after a patient: what is kept says why rows were refused, not where; `primum signal add` names the places.
    kept = {name: told for name, told in listened.counts.items() if name not in ("refused", "other_files")}
    counts = kept | {"teaching": len(taught)}
    outputs = {
        "scenarios": taught,
        "rubrics": rubrics,
        "signals": [one.signal.id for one in listened.heard],
        "flags": [flag.id for one in listened.heard for flag in one.flags],
        "flagged": flagged,
        "counts": counts,
    }
    return Made(outputs, records, _note(counts), [one.signal.id for one in listened.heard])


def _note(counts: Mapping[str, Any]) -> str:
    simulated = " (simulated)" if counts["simulated"] and counts["simulated"] == counts["kept"] else ""
    identifiers = sum(counts["identifiers_removed"].values())
    return (
        f"{counts['conversations']:,} conversations{simulated}: {counts['kept']:,} kept, {counts['repeats']:,} repeats, "
        f"{counts['consent_refused']:,} refused their consent, {counts['refused_rows']:,} rows refused; "
        f"{identifiers:,} identifiers removed, {counts['teaching']:,} situations may teach; {counts['flags']:,} flags"
    )


def _records(one: Heard) -> list[Record]:
    records: list[Record] = [one.scenario, one.signal, *one.records, *one.flags]
    return records + [response for response in (one.response, one.correction) if isinstance(response, Response)]


class Since(NamedTuple):
    """What a trusted person said of a logged answer after the log was read: it was not right, and perhaps what it should have been."""

    flag: Flag
    scenario: str
    response: str
    correction: Response | None


def flagged_since(steps: Steps, logs: Step, settings: LogSettings) -> list[Since]:
    """The flags of trusted people made in this workspace since the log was read, on answers that may teach."""
    known = set(logs.outputs["flags"])
    teaching, told = set(logs.outputs["scenarios"]), set(logs.outputs["signals"])
    found: list[Since] = []
    for flag, signal in _flags_made_here(steps):
        is_trusted = isinstance(flag.made, ByPerson) and flag.made.role in settings.trusted_roles
        if not is_trusted or flag.id in known or signal.id not in told or signal.scenario not in teaching:
            continue
        if signal.response is None:
            continue
        text = flag.correction or ""
        correction = (
            Response(scenario=signal.scenario, text=text, made=flag.made, finish="stop") if text.strip() else None
        )
        found.append(Since(flag, signal.scenario, signal.response, correction))
    return found


def _flags_made_here(steps: Steps) -> list[tuple[Flag, Signal]]:
    """The flags that people made in this workspace, in their order, with the signal each is about."""
    store = steps.workspace.store
    named = [entry.subjects[0] for entry in store.ledger() if entry.event == FLAGGED]
    flags = [one for one in store.get_many(named) if isinstance(one, Flag)]
    signals = {one.id: one for one in store.get_many([flag.signal for flag in flags]) if isinstance(one, Signal)}
    return [(flag, signals[flag.signal]) for flag in flags]


def _by_conversation(later: Sequence[tuple[Flag, Signal]]) -> list[tuple[str, PersonFlag]]:
    """These flags as a log would tell them, under the keys of their conversations."""
    return [
        (
            conversation_key(signal),
            PersonFlag(flag.made.person, flag.made.role, flag.reason, flag.severity, flag.note, flag.correction or ""),
        )
        for flag, signal in later
        if isinstance(flag.made, ByPerson)
    ]
