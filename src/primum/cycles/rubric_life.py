"""The life of a rubric in a workspace: look at it, edit it as a sheet, refine, merge, settle, verify, compare its versions."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import asdict

from primum.cycles.benchmark_share import write_new
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError, UnknownIdError
from primum.records import ByImport, ByPerson, BySimulation, Criterion, Dispute, Estimate, Rubric, Scenario
from primum.rubrics.draft import Drafted
from primum.rubrics.life import (
    CriterionDiff,
    Merged,
    Person,
    current,
    diff,
    history,
    merge,
    read_sheet,
    refine_by_rows,
    settle,
    sheet_rows,
    verify,
    write_csv,
    write_jsonl,
)
from primum.stats.undefined import Undefined
from primum.store import Store, made_by

__all__ = [
    "Family",
    "diff_versions",
    "family",
    "list_rubrics",
    "merge_versions",
    "person",
    "refine_from_sheet",
    "settle_disputes",
    "show_rubric",
    "verify_version",
    "write_sheet",
    "writing_in",
]


class Family(NamedTuple):
    """A rubric with its criteria and scenario, and every version of the scenario's rubrics, in the order they were made."""

    drafted: Drafted
    scenario: Scenario
    rubrics: list[Rubric]


def person(name: str, role: str, is_simulated: bool = False) -> Person:
    """Who refines or verifies; a simulated clinician is called so."""
    if is_simulated:
        return BySimulation(generator=f"{role} {name}", seed=0)
    return ByPerson(person=name, role=role)


def writing_in(workspace: Path) -> Workspace:
    """The workspace, to write in; one that is not there is not made. Raises `StoreError` then."""
    with Workspace(workspace, is_writer=False):
        pass
    return Workspace(workspace, is_writer=True)


def family(store: Store, name: str) -> Family:
    """The rubric called `name` (an id, or its start); for a scenario, or the row one was imported from, its current version.

    Raises `UnknownIdError` when nothing is called so, or it has no rubric.
    """
    found = _named(store, name)
    if isinstance(found, Rubric):
        scenario = store.get(found.scenario)
        assert isinstance(scenario, Scenario)
        return Family(_drafted(store, found), scenario, _versions(store, found.scenario))
    rubrics = _versions(store, found.id)
    if not rubrics:
        raise UnknownIdError(
            f"scenario {found.id}", "has no rubric", "draft one, or import one: primum rubric import", store.place
        )
    return Family(_drafted(store, current(rubrics)), found, rubrics)


def list_rubrics(workspace: Path) -> list[dict[str, Any]]:
    """The current rubric of each scenario: a row each, in the order the scenarios came."""
    with Workspace(workspace, is_writer=False) as opened:
        found: dict[str, list[Rubric]] = {}
        for rubric in opened.store.all(Rubric):
            found.setdefault(rubric.scenario, []).append(rubric)
        scenarios = opened.store.get_many(list(found))
    rows = []
    for scenario, rubrics in zip(scenarios, found.values(), strict=True):
        assert isinstance(scenario, Scenario)
        one = current(rubrics)
        rows.append(
            {
                "rubric": one.id,
                "scenario": scenario.id,
                "row": scenario.made.row if isinstance(scenario.made, ByImport) else "",
                "state": one.state,
                "criteria": len(one.criteria),
                "disputes": len(one.disputes),
                "versions": len(rubrics),
                "made": made_by(one),
                "prompt": scenario.prompt,
            }
        )
    return rows


def show_rubric(workspace: Path, name: str, has_history: bool = False) -> dict[str, Any]:
    """A rubric with its criteria and disputes, and with `has_history` every version it came from, oldest first."""
    with Workspace(workspace, is_writer=False) as opened:
        found = family(opened.store, name)
        known = _readings(opened.store, found.drafted.rubric)
        told = _shown(found, known)
        if has_history:
            told["history"] = [
                {
                    "id": one.id,
                    "state": one.state,
                    "made": made_by(one),
                    "criteria": len(one.criteria),
                    "disputes": len(one.disputes),
                    "previous": one.previous or "",
                    "merged_from": list(one.merged_from),
                    "changes": [asdict(change) for change in one.changes],
                }
                for one in history(found.drafted.rubric, found.rubrics)
            ]
    return told


def write_sheet(workspace: Path, name: str, out: Path, is_forced: bool) -> dict[str, Any]:
    """Write a rubric as a sheet to edit: CSV, or JSONL by the file's name. Raises `SettingError` for a file that is there."""
    if out.suffix.lower() not in (".csv", ".jsonl"):
        raise SettingError(f"file '{out.name}'", "is neither .csv nor .jsonl", "name it so", "rubric edit")
    with Workspace(workspace, is_writer=False) as opened:
        found = family(opened.store, name)
    rows = sheet_rows(found.drafted)
    write_new(out, write_csv(rows) if out.suffix.lower() == ".csv" else write_jsonl(rows), is_forced)
    return {"file": str(out), "rubric": found.drafted.rubric.id, "criteria": len(rows)}


def refine_from_sheet(workspace: Path, sheet: Path, by: Person) -> dict[str, Any]:
    """Read an edited sheet as the next version of its rubric, and keep it. What is wrong with the sheet is refused with its row."""
    rows = read_sheet(sheet)
    named = {row.rubric.strip(): row.place for row in rows if row.rubric.strip()}
    if len(named) != 1:
        what = "are named in it" if named else "is named in it"
        raise InputError(
            f"{len(named) or 'no'} rubrics" if named else "no rubric",
            what,
            "keep the column rubric as primum rubric edit wrote it, one rubric a sheet",
            list(named.values())[-1] if named else str(sheet),
        )
    with writing_in(workspace) as opened:
        old = family(opened.store, next(iter(named)))
        new = refine_by_rows(old.drafted, rows, by)
        detail = f"{made_by(new.rubric)}: {_counted(len(new.rubric.changes), 'change')} of {old.drafted.rubric.id}"
        is_new = _keep(opened.store, "rubric refine", detail, new)
    found = diff(old.drafted, new, [old.drafted.rubric, new.rubric])
    return _diffed(old.drafted, new, found) | {"rubric": new.rubric.id, "made": made_by(new.rubric), "is_new": is_new}


def verify_version(workspace: Path, name: str, by: Person) -> dict[str, Any]:
    """Keep the version of a rubric that a person vouches for."""
    with writing_in(workspace) as opened:
        found = family(opened.store, name)
        made = verify(found.drafted.rubric, by)
        detail = f"{made_by(made)}: {_counted(len(made.criteria), 'criterion', 'criteria')}"
        _keep(opened.store, "rubric verify", detail, Drafted(made, found.drafted.criteria))
    return {"rubric": made.id, "previous": found.drafted.rubric.id, "made": made_by(made), "state": made.state}


def diff_versions(workspace: Path, old: str, new: str) -> dict[str, Any]:
    """What is different between two rubrics of one scenario. Raises `InputError` for rubrics of two scenarios."""
    with Workspace(workspace, is_writer=False) as opened:
        first, second = family(opened.store, old), family(opened.store, new)
    if first.scenario.id != second.scenario.id:
        raise InputError(
            f"rubric {second.drafted.rubric.id}",
            f"is about another scenario than {first.drafted.rubric.id}",
            "compare versions of one scenario's rubric",
            str(workspace),
        )
    found = diff(first.drafted, second.drafted, first.rubrics)
    return _diffed(first.drafted, second.drafted, found)


def merge_versions(workspace: Path, names: Sequence[str]) -> dict[str, Any]:
    """Merge refinements of one version, keep what they come to, and say where they agree and where not."""
    with writing_in(workspace) as opened:
        found = [family(opened.store, name) for name in names]
        base = _common(found, str(workspace))
        merged = merge(_drafted(opened.store, base), [one.drafted for one in found], found[0].rubrics)
        rubric = merged.drafted.rubric
        detail = f"{len(found)} refinements of {base.id}: {_counted(len(rubric.disputes), 'dispute')}"
        is_new = _keep(opened.store, "rubric merge", detail, merged.drafted)
        known = _readings(opened.store, rubric)
        told = _shown(Family(merged.drafted, found[0].scenario, [*found[0].rubrics, rubric]), known)
        statements = {one.id: one.statement for one in _criteria(opened.store, base.criteria)}
    people = [made_by(one.drafted.rubric) for one in found]
    return told | {"is_new": is_new, "base": base.id, "people": people} | _agreement(merged, statements)


def settle_disputes(workspace: Path, name: str, takes: Mapping[int, str], by: Person) -> dict[str, Any]:
    """Settle disputes of a merged rubric, numbered from 1. What is taken is a reading's number, the id of its rubric, or `base`: the
    criterion stays as it was, and nothing is added."""
    with writing_in(workspace) as opened:
        found = family(opened.store, name)
        rubric = found.drafted.rubric
        known = _readings(opened.store, rubric)
        choices = {number - 1: _chosen(rubric, number, taken) for number, taken in takes.items()}
        made = settle(rubric, known, choices, by, found.rubrics)
        detail = f"{made_by(made.rubric)}: {_counted(len(choices), 'dispute')} of {rubric.id}"
        _keep(opened.store, "rubric settle", detail, made)
    return _shown(found._replace(drafted=made, rubrics=[*found.rubrics, made.rubric]), known)


def _named(store: Store, name: str) -> Rubric | Scenario:
    with contextlib.suppress(UnknownIdError):
        found = store.get(name)
        if isinstance(found, Rubric | Scenario):
            return found
    for scenario in store.all(Scenario):
        if isinstance(scenario.made, ByImport) and scenario.made.row == name and _versions(store, scenario.id):
            return scenario
    raise UnknownIdError(
        f"rubric {name!r}", "is not in the workspace", "list what is there: primum rubric show", store.place
    )


def _versions(store: Store, scenario: str) -> list[Rubric]:
    ids = [id for role, id in store.children(scenario) if role == "scenario" and id.startswith("rubric-")]
    return [one for one in store.get_many(ids) if isinstance(one, Rubric)]


def _criteria(store: Store, ids: Sequence[str]) -> list[Criterion]:
    return [one for one in store.get_many(ids) if isinstance(one, Criterion)]


def _drafted(store: Store, rubric: Rubric) -> Drafted:
    return Drafted(rubric, tuple(_criteria(store, rubric.criteria)))


def _readings(store: Store, rubric: Rubric) -> dict[str, Criterion]:
    """The criteria of a rubric and of every reading of its disputes, by id."""
    ids = [*rubric.criteria]
    for dispute in rubric.disputes:
        ids += [dispute.criterion] if dispute.criterion is not None else []
        ids += [id for reading in dispute.readings for id in reading.criteria]
    return {one.id: one for one in _criteria(store, list(dict.fromkeys(ids)))}


def _keep(store: Store, event: str, detail: str, made: Drafted) -> bool:
    """Keep a version; whether it is new. One that is there already is not written into the ledger again."""
    if store.has(made.rubric.id):
        return False
    subjects = [made.rubric.id, *filter(None, [made.rubric.previous]), *made.rubric.merged_from]
    with store.writing() as writer:
        writer.put([*made.criteria, made.rubric])
        writer.append(event=event, detail=detail, subjects=subjects, at=now())
    return True


def _common(found: Sequence[Family], place: str) -> Rubric:
    """The latest version that all came from."""
    if len({one.scenario.id for one in found}) != 1:
        raise InputError("these rubrics", "are about different scenarios", "merge versions of one", place)
    lines = [_line(one) for one in found]
    common = next((one for one in lines[0][1:] if all(one in line[1:] for line in lines[1:])), None)
    if common is None:
        raise InputError("these rubrics", "came from no common version", "merge refinements of one version", place)
    return common


def _line(one: Family) -> list[Rubric]:
    by_id = {rubric.id: rubric for rubric in one.rubrics}
    line = [one.drafted.rubric]
    while (previous := line[-1].previous) is not None:
        line.append(by_id[previous])
    return line


def _chosen(rubric: Rubric, number: int, taken: str) -> str | None:
    if not 1 <= number <= len(rubric.disputes):
        raise SettingError(
            f"dispute {number}",
            f"is not there: the rubric has {len(rubric.disputes)}",
            "look: primum rubric show",
            rubric.id,
        )
    if taken == "base":
        return None
    readings = rubric.disputes[number - 1].readings
    if taken.isdecimal() and 1 <= int(taken) <= len(readings):
        return readings[int(taken) - 1].rubric
    matching = [one.rubric for one in readings if len(taken) > 6 and one.rubric.startswith(taken)]
    if len(matching) != 1:
        raise SettingError(
            f"reading {taken!r}",
            f"is none of dispute {number}",
            f"give 1 to {len(readings)}, the id of its rubric, or base",
            rubric.id,
        )
    return matching[0]


def _shown(found: Family, known: Mapping[str, Criterion]) -> dict[str, Any]:
    rubric = found.drafted.rubric
    makers = {one.id: made_by(one) for one in found.rubrics}
    return {
        "rubric": rubric.id,
        "state": rubric.state,
        "made": made_by(rubric),
        "scenario": found.scenario.id,
        "language": found.scenario.language,
        "prompt": found.scenario.prompt,
        "previous": rubric.previous or "",
        "versions": len(found.rubrics),
        "criteria": [_told(one) for one in found.drafted.criteria],
        "disputes": [_dispute(one, known, makers) for one in rubric.disputes],
    }


def _told(one: Criterion) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("id", "statement", "points", "axis", "language", "principle")}
    return told | {"kind": one.kind_of, "norms": list(one.norms), "made": made_by(one)}


def _dispute(dispute: Dispute, known: Mapping[str, Criterion], makers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "criterion": _told(known[dispute.criterion]) if dispute.criterion is not None else None,
        "readings": [
            {
                "rubric": reading.rubric,
                "by": makers.get(reading.rubric, ""),
                "criteria": [_told(known[id]) for id in reading.criteria],
            }
            for reading in dispute.readings
        ],
    }


def _diffed(old: Drafted, new: Drafted, found: Sequence[CriterionDiff]) -> dict[str, Any]:
    rows = [
        {
            "kind": one.kind,
            "at": one.at,
            "before": [_told(criterion) for criterion in one.before],
            "after": [_told(criterion) for criterion in one.after],
            "pieces": [piece._asdict() for piece in one.pieces],
            "changes": [{"field": field, "old": was, "new": is_now} for field, was, is_now in one.changes],
            "reasons": list(one.reasons),
            "notes": list(one.notes),
        }
        for one in found
    ]
    counts: dict[str, int] = {}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return {"old": old.rubric.id, "new": new.rubric.id, "counts": counts, "criteria": rows}


def _agreement(merged: Merged, statements: Mapping[str, str]) -> dict[str, Any]:
    """How far people agree on the criteria of the base: the share they all made the same of, and two coefficients over what they did
    (keep, change, remove). Two people who change one criterion in different words agree for the coefficients, not for the share."""
    from primum.stats.agreement import fleiss_kappa, krippendorff_alpha
    from primum.stats.intervals import wilson

    votes = [vote.votes for vote in merged.votes]
    agreed = sum(vote.is_agreed for vote in merged.votes)
    kinds = ("keep", "change", "remove")
    return {
        "taken": merged.taken,
        "additions": merged.additions,
        "votes": [
            {"criterion": vote.criterion, "statement": statements[vote.criterion], "votes": list(vote.votes)}
            for vote in merged.votes
        ],
        "agreement": {
            "agreed": asdict(wilson(agreed, len(votes), "criterion")),
            "krippendorff_alpha": _number(krippendorff_alpha(votes, categories=kinds, unit="criterion")),
            "fleiss_kappa": _number(fleiss_kappa(votes, categories=kinds, unit="criterion")),
        },
    }


def _number(found: Estimate | Undefined) -> dict[str, Any]:
    return {"undefined": found.reason} if isinstance(found, Undefined) else asdict(found)


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
