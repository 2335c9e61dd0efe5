"""Rubrics and preferences of a workspace in the formats of others, and theirs in a workspace."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

from primum.cycles.benchmark_share import write_new
from primum.cycles.rubric_life import family, writing_in
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError, UnknownIdError
from primum.evaluation.suites.lines import read_structs
from primum.ports import Progress, silent
from primum.records import ByPerson, Criterion, Preference, Record, Response, Rubric, Scenario
from primum.rubrics.draft import Drafted
from primum.rubrics.exchange import (
    Picked,
    Reviewed,
    Shown,
    argilla,
    completed,
    criterion_tasks,
    healthbench,
    label_studio,
    pair_task,
    preferences,
    read_objects,
)
from primum.rubrics.life import current, refine_by_rows
from primum.store import Store, made_by

__all__ = ["Format", "ImportOrder", "Tasks", "export_file", "import_file"]

Format = Literal["healthbench", "preferences", "label-studio", "argilla"]
Tasks = Literal["criteria", "pairs"]
_MOST_SUBJECTS = 100
_ROLE = "annotator"
_R = TypeVar("_R", bound=Record)


class ImportOrder(NamedTuple):
    """What to import, and who wrote it, where that is known. For annotations `role` is that of the annotators."""

    file: Path
    form: Format
    person: str | None = None
    role: str | None = None


def export_file(
    workspace: Path,
    form: Format,
    out: Path,
    rubrics: Sequence[str] = (),
    tasks: Tasks = "criteria",
    *,
    is_plain: bool = False,
    is_forced: bool = False,
) -> dict[str, Any]:
    """Write the rubrics named (the current one of every scenario if none is), or the preferences judged by them, to a file.

    `preferences` are messages, or with `is_plain` texts. For tools `tasks` says what people are shown; their configuration goes beside.
    `left_out` counts the rubrics of choice questions: these formats have no place for options. Raises `InputError` when there is nothing
    to write.
    """
    if is_plain and form != "preferences":
        raise SettingError("--plain", f"means nothing to {form}", "use it with --format preferences", "rubric export")
    is_tool = form in ("label-studio", "argilla")
    left_out = 0
    if tasks == "pairs" and not is_tool:
        raise SettingError("--tasks pairs", f"means nothing to {form}", "use --format preferences", "rubric export")
    with Workspace(workspace, is_writer=False) as opened:
        if form == "preferences" or tasks == "pairs":
            shown = _shown(opened.store, rubrics)
            count, what = len(shown), "preferences"
        else:
            asked_for = _chosen(opened.store, rubrics)
            found = [one for one in asked_for if one[0].task == "open"]  # options have no place in these formats
            count, what = len(found), "rubrics"
            left_out = len(asked_for) - count
    if not count:
        way_out = "draft or import some" if what == "rubrics" else "import some, or make them: primum rubric prefer"
        raise InputError(f"workspace '{workspace}'", f"has no such {what}", way_out, str(workspace))
    if form == "healthbench":
        write_new(out, (_line(row) for row in _rows(found)), is_forced)
    elif form == "preferences":
        write_new(out, (_line(preferences.to_row(*one, is_plain=is_plain)) for one in shown), is_forced)
    else:
        if tasks == "pairs":
            pairs = [pair_task(one) for one in shown]
            rows = (label_studio if form == "label-studio" else argilla).pair_rows(pairs)
        else:
            asked = [task for scenario, drafted in found for task in criterion_tasks(scenario, drafted)]
            rows = (label_studio if form == "label-studio" else argilla).criterion_rows(asked)
        beside, told = _configuration(form, tasks, out)
        _check_new((out, beside), is_forced)
        write_new(beside, told, is_forced)
        write_new(out, json.dumps(rows, ensure_ascii=False, indent=1) + "\n", is_forced)
        told_tasks = {"configuration": str(beside), "tasks": len(rows), "left_out": left_out}
        return {"file": str(out), "format": form, what: count, **told_tasks}
    return {"file": str(out), "format": form, what: count, "bytes": out.stat().st_size, "left_out": left_out}


def import_file(workspace: Path, order: ImportOrder, progress: Progress = silent) -> dict[str, Any]:
    """Read a file whole and keep what it holds, or refuse it with `file:line` and keep nothing.

    HealthBench rows come in as drafted rubrics, preferences with their scenarios and answers; annotations of tasks that were exported
    come back as a refinement for each annotator and rubric, or as preferences.
    """
    if (order.person is None) != (order.role is None) and order.form in ("healthbench", "preferences"):
        raise SettingError("one of --person and --role", "says too little", "give both, or neither", "rubric import")
    if order.form == "healthbench":
        return _import_healthbench(workspace, order, progress)
    if order.form == "preferences":
        return _import_preferences(workspace, order, progress)
    return _import_annotations(workspace, order)


def _import_healthbench(workspace: Path, order: ImportOrder, progress: Progress) -> dict[str, Any]:
    rows = [(one.place, one.row) for one in read_structs(order.file, healthbench.HealthBenchRow, "a row")]
    progress(1, 3)
    with Workspace(workspace, is_writer=True) as opened:
        known = _known(opened.store, healthbench.claimed(rows))
        found = healthbench.from_rows(rows, order.file.stem, _person(order), known)
        progress(2, 3)
        records: list[Record] = [*found.scenarios, *found.criteria, *found.rubrics]
        told = {"rubrics": len(found.rubrics), "criteria": len(found.criteria)}
        new = _keep(opened.store, order, records, [one.id for one in found.rubrics], told)
    progress(3, 3)
    rubrics = [
        {"row": row.prompt_id, "rubric": rubric.id, "scenario": rubric.scenario, "criteria": len(rubric.criteria)}
        for (_, row), rubric in zip(rows, found.rubrics, strict=True)
    ]
    return {"file": str(order.file), **told, "new_records": new, "dropped": found.dropped, "rows": rubrics}


def _import_preferences(workspace: Path, order: ImportOrder, progress: Progress) -> dict[str, Any]:
    rows = [(one.place, one.row) for one in read_structs(order.file, preferences.PreferenceRow, "a preference")]
    progress(1, 3)
    with Workspace(workspace, is_writer=True) as opened:
        known = _known(opened.store, preferences.claimed(rows))
        found = preferences.from_rows(rows, order.file.stem, _person(order), known)
        progress(2, 3)
        records: list[Record] = [*found.scenarios, *found.responses, *found.preferences]
        told = {
            "preferences": len(found.preferences),
            "scenarios": len(found.scenarios),
            "responses": len(found.responses),
        }
        new = _keep(opened.store, order, records, [one.id for one in found.preferences], told)
    progress(3, 3)
    return {"file": str(order.file), **told, "new_records": new, "dropped": found.dropped}


def _import_annotations(workspace: Path, order: ImportOrder) -> dict[str, Any]:
    reader = label_studio if order.form == "label-studio" else argilla
    rows = read_objects(order.file)
    first = rows[0].row
    data = first.get("data", first.get("metadata"))
    is_pairs = isinstance(data, dict) and "left_id" in data
    role = order.role or _ROLE
    with writing_in(workspace) as opened:
        if is_pairs:
            said = _as_named(reader.picked(rows, role), order)
            made: list[Record] = list(_preferences(opened.store, said))
            told = {"preferences": len(made)}
        else:
            reviews = _as_named(reader.reviewed(rows, role), order)
            refined = [_refined(opened.store, one) for one in reviews]
            made = [record for one in refined for record in (*one.criteria, one.rubric)]
            told = {"refinements": len(refined)}
        if not made:
            raise InputError(
                f"file '{order.file.name}'", "holds no annotation", "export it after people annotated", str(order.file)
            )
        subjects = [one.id for one in made if isinstance(one, Rubric | Preference)]
        new = _keep(opened.store, order, made, subjects, told)
    listed = [
        {"rubric": one.id, "previous": one.previous, "made": made_by(one), "changes": len(one.changes)}
        for one in made
        if isinstance(one, Rubric)
    ]
    return {"file": str(order.file), **told, "new_records": new, "dropped": {}, "rows": listed}


def _refined(store: Store, review: Reviewed) -> Drafted:
    place = review.rows[0].place
    try:
        found = family(store, review.rubric)
    except UnknownIdError as error:
        raise InputError(error.value, error.rule, "import into the workspace it was exported from", place) from error
    return refine_by_rows(found.drafted, completed(found.drafted, review.rows), review.person)


def _preferences(store: Store, said: Sequence[Picked]) -> Iterator[Preference]:
    known = _known(store, [id for one in said for id in (one.scenario, one.chosen, one.rejected)])
    for one in said:
        missing = next((id for id in (one.scenario, one.chosen, one.rejected) if id not in known), None)
        if missing is not None:
            way_out = "import into the workspace it was exported from"
            raise InputError(f"id {missing!r}", "is not in the workspace", way_out, one.place)
        rubric = one.rubric if one.rubric is not None and store.has(one.rubric) else None
        yield Preference(
            scenario=one.scenario, chosen=one.chosen, rejected=one.rejected, made=one.person, rubric=rubric
        )


_Said = TypeVar("_Said", Reviewed, Picked)


def _as_named(said: Sequence[_Said], order: ImportOrder) -> list[_Said]:
    """With a name given, the one annotator is called so. Raises `SettingError` when there are several."""
    people = list(dict.fromkeys(one.person for one in said))
    if order.person is None or not people:
        return list(said)
    if len(people) > 1:
        raise SettingError(
            f"--person {order.person}", f"is one for {len(people)} annotators", "leave it out", str(order.file)
        )
    person = ByPerson(person=order.person, role=order.role or _ROLE)
    return [one._replace(person=person) for one in said]


def _chosen(store: Store, names: Sequence[str]) -> list[tuple[Scenario, Drafted]]:
    """The rubrics named, or the current one of each scenario, with criteria and scenario; each scenario once."""
    if names:
        found = [family(store, name) for name in names]
        twice = {one.scenario.id for one in found}
        if len(twice) < len(found):
            raise SettingError(
                f"{len(found)} rubrics", f"are about {len(twice)} scenarios", "name one rubric of each", "rubric export"
            )
        return [(one.scenario, one.drafted) for one in found]
    versions: dict[str, list[Rubric]] = {}
    for rubric in store.all(Rubric):
        versions.setdefault(rubric.scenario, []).append(rubric)
    rubrics = [current(listed) for listed in versions.values()]
    scenarios = _of(store, list(versions), Scenario)
    criteria = _of(store, [id for one in rubrics for id in one.criteria], Criterion)
    return [(scenarios[one.scenario], Drafted(one, tuple(criteria[id] for id in one.criteria))) for one in rubrics]


def _rows(found: Sequence[tuple[Scenario, Drafted]]) -> Iterator[healthbench.HealthBenchRow]:
    """A row for each rubric; where two sets call two scenarios the same, these go by their ids."""
    rows = [healthbench.to_row(scenario, *drafted) for scenario, drafted in found]
    counted = Counter(row.prompt_id for row in rows)
    for row, (scenario, _) in zip(rows, found, strict=True):
        yield row if counted[row.prompt_id] == 1 else msgspec.structs.replace(row, prompt_id=scenario.id)


def _shown(store: Store, names: Sequence[str]) -> list[Shown]:
    """The preferences, with `names` those judged by these rubrics."""
    wanted = {family(store, name).drafted.rubric.id for name in names}
    kept = [one for one in store.all(Preference) if not names or one.rubric in wanted]
    scenarios = _of(store, [one.scenario for one in kept], Scenario)
    responses = _of(store, [id for one in kept for id in (one.chosen, one.rejected)], Response)
    return [Shown(one, scenarios[one.scenario], responses[one.chosen], responses[one.rejected]) for one in kept]


def _of(store: Store, ids: Sequence[str], kind: type[_R]) -> dict[str, _R]:
    found = store.get_many(list(dict.fromkeys(ids)))
    return {one.id: one for one in found if isinstance(one, kind)}


def _known(store: Store, ids: Sequence[str]) -> Mapping[str, Record]:
    """Those of `ids` that are in the store."""
    return {id: store.read(id, body) for id, body in store.bodies(ids).items()}


def _keep(
    store: Store, order: ImportOrder, records: Sequence[Record], subjects: Sequence[str], told: Mapping[str, int]
) -> int:
    """Keep the records and say so in the ledger; how many were new. Of many subjects the file's digest stands for all."""
    digest = hashlib.sha256(order.file.read_bytes()).hexdigest()
    shown = list(subjects) if len(subjects) <= _MOST_SUBJECTS else []
    counted = ", ".join(f"{count} {what}" for what, count in told.items())
    detail = f"{order.form} {order.file.name}: {counted}"
    with store.writing() as writer:
        new = writer.put(records)
        if new:
            writer.append(event="rubric import", detail=detail, subjects=[f"sha256:{digest}", *shown], at=now())
    return new


def _person(order: ImportOrder) -> ByPerson | None:
    if order.person is None or order.role is None:
        return None
    if not (order.person.strip() and order.role.strip()):
        raise SettingError("--person and --role", "are empty", "say who wrote it, or leave both out", "rubric import")
    return ByPerson(person=order.person, role=order.role)


def _configuration(form: Format, tasks: Tasks, out: Path) -> tuple[Path, str]:
    """What the tool has to be told about the tasks, and the file beside them that holds it."""
    if form == "label-studio":
        told = label_studio.pair_config() if tasks == "pairs" else label_studio.criterion_config()
        return out.with_suffix(".config.xml"), told
    settings = argilla.pair_settings() if tasks == "pairs" else argilla.criterion_settings()
    return out.with_suffix(".settings.json"), json.dumps(settings, ensure_ascii=False, indent=1) + "\n"


def _check_new(files: Sequence[Path], is_forced: bool) -> None:
    for file in files:
        if file.exists() and not is_forced:
            raise SettingError(f"file '{file}'", "is there already", "name another --out, or add --force", str(file))


def _line(row: msgspec.Struct) -> str:
    return msgspec.json.encode(row).decode()
