"""What people do with signals: take logs in, see what there is, flag an answer. Logs come in without direct identifiers, or not at all."""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from primum import starter
from primum.config import read_settings
from primum.corpus import CorpusSettings, read_corpus
from primum.corpus.sorting import Sorter
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError, StoreError, UnknownIdError
from primum.ports import Progress, silent
from primum.records import (
    ByPerson,
    BySimulation,
    Flag,
    FlagReason,
    Norm,
    Origin,
    Record,
    Response,
    Scenario,
    Signal,
    Split,
)
from primum.signals.harm import HarmReader
from primum.signals.identifiers import Redactor, pseudonym, remove_identifiers
from primum.signals.intake import Intake, PersonFlag, role_of
from primum.signals.reading import LogFiles, find_logs, read_conversations, read_flags
from primum.signals.settings import LogSettings
from primum.signals.sorting import UNREAD, Heard, Measured, Sort, conversation_key, counted, sort_signals
from primum.store import Store

__all__ = [
    "FLAGGED",
    "Known",
    "Listened",
    "add_logs",
    "dimension_of",
    "flag_signal",
    "list_signals",
    "listen",
    "pseudonym_key",
    "settings_of",
]

FLAGGED = "signal flag"
"""The event that the ledger names when a person flags an answer; its first subject is the flag."""
KEY_VARIABLE = "PRIMUM_PSEUDONYM_KEY"
_KEY_FILE = "pseudonyms.key"
_SHOWN = 50  # refused rows that are told one by one
_REASONS = 20  # the commonest reasons of refused rows


class Known(NamedTuple):
    """What is known when logs are read: situations of the run (those of dev and test measure), how requests are sorted by dimension, the
    split that the log's situations get; (key, situation, answer) of what was taken in before, (key, flag) of what was flagged since."""

    scenarios: Sequence[Scenario]
    dimension: Sort
    split: Split | None = None
    stored: Sequence[tuple[str, Scenario, str | None]] = ()
    flags: Sequence[tuple[str, PersonFlag]] = ()


class Listened(NamedTuple):
    """What a log came to."""

    heard: list[Heard]
    intake: Intake
    counts: dict[str, Any]


def pseudonym_key(workspace: Path) -> bytes:
    """The secret under which ids of people and conversations are hashed: `PRIMUM_PSEUDONYM_KEY`, else the workspace's own, made once.

    Its file is readable for its owner only. Without the key nobody can tell whether a pseudonym is a given person's.
    """
    named = os.environ.get(KEY_VARIABLE)
    if named:
        if len(named) < 16:
            raise SettingError(KEY_VARIABLE, "is shorter than 16 characters", "give a longer secret", "the environment")
        return named.encode()
    file = workspace / _KEY_FILE
    try:
        if not file.exists():
            workspace.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
                opened.write(secrets.token_hex(32))
        return file.read_text(encoding="ascii").strip().encode()
    except OSError as error:
        raise StoreError(
            f"file '{_KEY_FILE}'", f"cannot be read or made ({error.strerror})", f"set {KEY_VARIABLE}", str(workspace)
        ) from error


def settings_of(
    licence: str, consent: str, basis: str, is_simulated: bool, overrides: Sequence[str] = ()
) -> LogSettings:
    """The settings that the options of a command come to, with `key=value` on top. Raises `SettingError`."""
    told = {"licence": licence, "consent": consent, "basis": basis}
    given = [f"{name}={json.dumps(text, ensure_ascii=False)}" for name, text in told.items()]
    given.append(f"is_simulated={json.dumps(is_simulated)}")
    try:
        return read_settings(Path(os.devnull), LogSettings, [*given, *overrides])
    except SettingError as error:
        raise SettingError(error.value, error.rule, error.way_out, "primum signal add") from error


def dimension_of(norms: Sequence[Norm]) -> Sort:
    """Sorts requests by the cues of the medical taxonomy, weighed by `norms`; `medical_question` where none fits."""
    sorter = Sorter(starter.medical_taxonomy(), norms)
    return lambda text, language: next(iter(sorter.text(text[:2000], language).dimensions), "medical_question")


def listen(
    paths: Sequence[Path],
    settings: LogSettings,
    key: bytes,
    known: Known,
    progress: Progress = silent,
) -> Listened:
    """Read logs, take them in, sort them.

    Raises `InputError` where no file, or no row of any, can be read.
    """
    files = find_logs(paths)
    intake = Intake(settings, key, read_flags(files.flags, settings))
    for name, scenario, answer in known.stored:
        intake.know(name, scenario.messages, answer)
    for name, flag in known.flags:
        intake.flag(name, flag)
    total = sum(map(_lines, files.conversations))
    for place, row in enumerate(read_conversations(files.conversations, settings)):
        intake.take(row)
        if place % 200 == 0:
            progress(place, 2 * max(total, place + 1))
    intake.close()
    if not intake.counts["conversations"] and not intake.late:
        first = next((f": {one.reason} ({one.place})" for one in intake.refused), "")
        raise InputError(
            "the log", f"has no conversation that can be read{first}", "see docs/signals.md", _named(paths)
        )
    # With nothing new to read there is nothing to learn for.
    reader = HarmReader.learn(known.scenarios if intake.conversations else (), settings)
    measures = [one for one in known.scenarios if one.split in ("dev", "test")]
    heard = sort_signals(
        intake.conversations,
        settings,
        known.dimension,
        reader,
        Measured(measures, settings.threshold),
        known.split,
        lambda done, whole: progress(total + done, total + whole),
    )
    return Listened(heard, intake, _counts(files, paths, intake, heard, reader, measures))


def add_logs(
    paths: Sequence[Path], settings: LogSettings, workspace: Path, progress: Progress = silent
) -> dict[str, Any]:
    """Take logs into a workspace, in one transaction; what is there already is not added again. The counts.

    The harm reader learns from the workspace's own train situations where it has some, else from the simulated ones that ship.
    """
    with Workspace(workspace, is_writer=True) as opened:
        store = opened.store
        signals = {one.id: one for one in store.all(Signal)}
        keys = {conversation_key(one): one for one in signals.values()}
        stored = list(_stored(store, list(signals.values())))
        norms = list(store.all(Norm)) or list(read_corpus(starter.starter_norms(), CorpusSettings()).norms)
        known = [one for one in store.all(Scenario) if one.split is not None and not one.dataset.startswith("logs")]
        known = known or _shipped()
        wanted = Known(known, dimension_of(norms), stored=stored)
        listened = listen(paths, settings, pseudonym_key(workspace), wanted, progress)
        records: list[Record] = []
        for one in listened.heard:
            records += _all_records(one)
        late = [_late_flag(keys[key], flag) for key, flag in listened.intake.late]
        before = store.count()
        with store.writing() as writer:
            writer.put([*records, *late])
            added = listened.counts["kept"]
            flagged = sum(len(one.flags) for one in listened.heard) + len(late)
            if added or any(not store.has(one.id) for one in late):
                detail = f"{added} conversations, {flagged} flags; {listened.counts['consent_refused']} without consent left out"
                subjects = [one.signal.id for one in listened.heard] + [one.id for one in late]
                writer.append(event="signal add", detail=detail, subjects=subjects, at=now())
        after = store.count()
    return listened.counts | {
        "added": after.get("signal", 0) - before.get("signal", 0),
        "flags_added": after.get("flag", 0) - before.get("flag", 0),
    }


def list_signals(workspace: Path) -> dict[str, Any]:
    """How many signals there are by harm, style, language and consent, how many flags by reason and role; and a row for each signal."""
    with Workspace(workspace, is_writer=False) as opened:
        store = opened.store
        # A run on the same log gives a conversation a signal of its own: the last one of a conversation counts.
        signals = list({conversation_key(one): one for one in store.all(Signal)}.values())
        scenarios = {
            one.id: one for one in store.get_many([one.scenario for one in signals]) if isinstance(one, Scenario)
        }
        flags = list({(one.signal, one.reason, _told_by(one), one.note): one for one in store.all(Flag)}.values())
    of: dict[str, list[Flag]] = {}
    for flag in flags:
        of.setdefault(flag.signal, []).append(flag)
    rows = [_row(one, scenarios[one.scenario], of.get(one.id, [])) for one in signals]
    groups: Counter[tuple[str, ...]] = Counter()
    flagged: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        group = tuple(str(row[name]) for name in ("harm", "style", "language", "consent"))
        groups[group] += 1
        flagged[group] += bool(row["flags"])
    kept = [flag for row in rows for flag in of.get(row["id"], [])]
    told = Counter((flag.reason, _role(flag), flag.severity) for flag in kept)
    removed: Counter[str] = Counter()
    for signal in signals:
        removed.update(dict(signal.removed))
    return {
        "signals": len(signals),
        "simulated": sum(isinstance(one.made, BySimulation) for one in signals),
        "by": [
            {"harm": key[0], "style": key[1], "language": key[2], "consent": key[3], "n": n, "flagged": flagged[key]}
            for key, n in sorted(groups.items())
        ],
        "flags": [{"reason": key[0], "role": key[1], "severity": key[2], "n": n} for key, n in sorted(told.items())],
        "identifiers_removed": dict(sorted(removed.items())),
        "rows": rows,
    }


def flag_signal(
    workspace: Path,
    name: str,
    reason: FlagReason,
    severity: Literal[1, 2, 3],
    person: tuple[str, str],
    texts: tuple[str, str] = ("", ""),
) -> dict[str, Any]:
    """A person, by (name, role), flags the answer of a signal, with (note, correction). The flag's id; the name is kept as a pseudonym.

    Raises `UnknownIdError` where `name` (the id of a signal, or its start) is none, and `SettingError` for an empty name or role.
    """
    by, role = (" ".join(part.split()) for part in person)
    if not by or not role:
        raise SettingError("--by or --role", "is empty", "say who flags, and in which role", "primum signal flag")
    with Workspace(workspace, is_writer=False):  # one that is not there is not made
        pass
    with Workspace(workspace, is_writer=True) as opened:
        found = opened.store.get(opened.store.resolve(name))
        if not isinstance(found, Signal):
            raise UnknownIdError(
                f"'{name}'",
                f"is a {found.kind()}, not a signal",
                "find its id with: primum signal list --each",
                str(workspace),
            )
        redactor = Redactor()
        redactor.know([by])
        note, correction, told_role = redactor.redact([*texts, role])
        flag = Flag(
            signal=found.id,
            reason=reason,
            severity=severity,
            made=ByPerson(person=pseudonym(by, pseudonym_key(workspace)), role=role_of(told_role)),
            note=note.strip(),
            correction=correction.strip() or None,
        )
        with opened.store.writing() as writer:
            is_new = writer.put([flag]) > 0
            if is_new:
                writer.append(
                    event=FLAGGED, detail=f"{reason}, severity {severity}", subjects=[flag.id, found.id], at=now()
                )
    return {
        "flag": flag.id,
        "signal": found.id,
        "is_new": is_new,
        "removed": dict(sorted(redactor.removed.items())),
    }


def _shipped() -> list[Scenario]:
    """The simulated situations that ship, to learn harm from where a workspace has none of its own."""
    norms = read_corpus(starter.starter_norms(), CorpusSettings()).norms
    return [one.scenario for one in starter.generate(norms, starter.GeneratorSettings(situations=600))]


def _stored(store: Store, signals: Sequence[Signal]) -> Iterator[tuple[str, Scenario, str | None]]:
    scenarios = store.get_many([one.scenario for one in signals])
    answers = {one.id: one for one in store.get_many([one.response for one in signals if one.response is not None])}
    for signal, scenario in zip(signals, scenarios, strict=True):
        answer = answers.get(signal.response or "")
        assert isinstance(scenario, Scenario)
        yield conversation_key(signal), scenario, answer.text if isinstance(answer, Response) else None


def _all_records(one: Heard) -> list[Record]:
    records: list[Record] = [one.scenario]
    records += [] if one.response is None else [one.response]
    records += [one.signal, *one.records, *one.flags]
    return records + ([] if one.correction is None else [one.correction])


def _late_flag(signal: Signal, flag: PersonFlag) -> Flag:
    made: Origin = ByPerson(person=flag.person, role=flag.role)
    if isinstance(signal.made, BySimulation):
        made = BySimulation(generator=f"simulated {flag.role}", seed=0)
    return Flag(
        signal=signal.id,
        reason=flag.reason,
        severity=flag.severity,
        made=made,
        note=flag.note,
        correction=flag.correction or None,
    )


def _row(signal: Signal, scenario: Scenario, flags: Sequence[Flag]) -> dict[str, Any]:
    return {
        "id": signal.id,
        "harm": "unread" if scenario.dataset == UNREAD else scenario.harm_level,
        "style": scenario.style,
        "language": scenario.language,
        "dimension": scenario.dimension,
        "consent": signal.consent,
        "licence": signal.licence,
        "day": signal.day,
        "repeats": signal.repeats,
        "flags": [f"{flag.reason} {flag.severity} ({_role(flag)})" for flag in flags],
        "prompt": scenario.prompt,
    }


def _role(flag: Flag) -> str:
    made = flag.made
    if isinstance(made, ByPerson):
        return made.role
    return made.generator if isinstance(made, BySimulation) else "guardian"


def _told_by(flag: Flag) -> str:
    return flag.made.person if isinstance(flag.made, ByPerson) else _role(flag)


def _counts(
    files: LogFiles,
    paths: Sequence[Path],
    intake: Intake,
    heard: Sequence[Heard],
    reader: HarmReader,
    measures: Sequence[Scenario],
) -> dict[str, Any]:
    """Everything a person should know of what became of the log; no count, place or reason holds an identifier that the rules find."""
    removed: Counter[str] = Counter()
    for one in intake.conversations:
        removed.update(one.removed)
    told = counted(heard)
    figures = reader.measure([one for one in measures if one.split == "dev"])
    flags = [flag for one in heard for flag in one.flags]
    return {
        "files": len(files.conversations) + len(files.flags),
        "other_files": [remove_identifiers(one.name).text for one in files.others],
        "conversations": intake.counts["conversations"],
        "kept": len(heard),
        "repeats": intake.counts["repeats"],
        "stored_before": intake.counts["stored before"],
        "consent_refused": intake.counts["consent refused"],
        "refused_rows": len(intake.refused),
        "refused": [
            remove_identifiers(f"{_place(one.place, paths)}: {one.reason}").text for one in intake.refused[:_SHOWN]
        ],
        "refused_because": dict(Counter(one.reason for one in intake.refused).most_common(_REASONS)),
        "system_turns_left_out": intake.counts["system turns left out"],
        "flagged_beside_near_duplicates": intake.counts["flagged beside a near-duplicate"],
        "identifiers_removed": dict(sorted(removed.items())),
        "simulated": sum(one.is_simulated for one in intake.conversations),
        "teaching": sum(not one.teaches for one in heard),
        **told,
        "harm_reader": {
            "learned": reader.learned,
            "dev": figures.asked,
            "dev_read": figures.read,
            "dev_right": figures.right,
        },
        "flags": len(flags),
        "flags_by": dict(sorted(Counter(f"{flag.reason} by {_role(flag)}" for flag in flags).items())),
        "untrusted_flags": sum(one.untrusted for one in heard),
        "corrections": sum(one.correction is not None for one in heard),
    }


def _place(place: str, paths: Sequence[Path]) -> str:
    """The place as a person finds it below what was named, without the machine's folders."""
    for path in paths:
        root = path if path.is_dir() else path.parent
        if place.startswith(f"{root}/"):
            return place[len(str(root)) + 1 :]
    return place


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def _lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) + 1
    except OSError:
        return 0
