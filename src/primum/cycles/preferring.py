"""Several answers to each query, judged under its rubric: preferences for DPO and approvals for KTO, as files and as records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from primum.cycles.cases import case_of, check_rows
from primum.cycles.judges import is_same, load_judge
from primum.cycles.revising_judges import refs_of
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError, StoreError
from primum.evaluation.suites.files import AnswerRow, HealthRow, read_health_rows
from primum.evaluation.suites.lines import read_structs
from primum.grading import grade
from primum.judging.engine import Engine
from primum.ports import Assessment, Case, Progress, silent
from primum.records import ByImport, Criterion, JudgeRef, Record, Rubric, Scenario, Split
from primum.rewards import Graded, PairSettings, Taught, Use, combine, rank, refuse_mixed, reward, teach
from primum.store import Writer

__all__ = [
    "PreferOrder",
    "Query",
    "check_outs",
    "graded_of",
    "keep_apart",
    "named_principles",
    "prefer_answers",
    "read_queries",
    "write_whole",
]

_PLACE = "primum rubric prefer"
_PRINCIPLE = "principle:"


class PreferOrder(NamedTuple):
    """What is to be judged, by whom, and where it goes.

    `data` holds the queries with their rubrics, `answers` any number of answers to each. `measured` and `measured_judge` are rubrics and
    a judge that will measure what is trained on these pairs: nothing of them may teach; only what a judge learned from cannot be found
    among the rows of files, whose ids are their own. `approvals` and `ranking` are further files.
    """

    data: Path
    answers: Path
    judge: Path
    out: Path
    approvals: Path | None = None
    ranking: Path | None = None
    workspace: Path | None = None
    measured: Path | None = None
    measured_judge: Path | None = None
    settings: PairSettings = PairSettings()
    is_forced: bool = False


class Query(NamedTuple):
    """A row of the set with its rubric, and a case for each different answer."""

    row: HealthRow
    rubric: Rubric
    cases: list[Case]


def prefer_answers(order: PreferOrder, progress: Progress = silent) -> dict[str, Any]:
    """Judge, rank, pair and approve; counts, and where the files are. Nothing is written when an input is refused.

    Raises `InputError` for files that do not fit, and for what would both train and measure; `SettingError` for options.
    """
    read = [order.data, order.answers, order.judge, order.measured, order.measured_judge]
    check_outs(_outs(order), [one for one in read if one is not None], order.is_forced, _PLACE)
    queries = read_queries(order.data, (order.answers,))
    cases = [case for query in queries for case in query.cases]
    with ExitStack() as stack:
        opened = stack.enter_context(load_judge(order.judge, beside=order.out.parent))
        for path in _outs(order):
            opened.check_out(path, _PLACE)
        refs = refs_of(opened.judge)
        keep_apart(queries, refs, order.measured, order.measured_judge, _PLACE)
        workspace = None
        if order.workspace is not None:  # it may be in use, or none: before a judge is asked and a file written
            workspace = stack.enter_context(Workspace(order.workspace, is_writer=True))
        engine = Engine(opened.judge, settings=opened.settings.engine)
        said = dict(zip([case.response.id for case in cases], engine.judge(cases, progress), strict=True))
        graded = [[graded_of(case, said[case.response.id]) for case in query.cases] for query in queries]
        taught = [teach(query.rubric, inside, order.settings) for query, inside in zip(queries, graded, strict=True)]
        if workspace is None:
            _write(order, queries, graded, taught)
        else:
            with workspace.store.writing() as writer:
                _store(writer, order, queries, graded, taught, refs)
                _write(order, queries, graded, taught)  # where a file cannot be written, nothing is stored either
        notes = opened.notes
    verdicts = [verdict for inside in graded for one in inside for verdict in one.verdicts]
    return {
        "queries": len(queries),
        "answers": len(cases),
        "preferences": sum(len(one.preferences) for one in taught),
        "approvals": sum(len(one.approvals) for one in taught),
        "desirable": sum(each.is_desirable for one in taught for each in one.approvals),
        "unsure": sum(one.unsure for one in taught),
        "close": sum(one.close for one in taught),
        "verdicts": len(verdicts),
        "abstained": sum(len(one.grade.open) for inside in graded for one in inside),
        "judge": {"id": refs[0].id, "name": refs[0].name, "kind": refs[0].kind_of},
        "kept_apart": order.measured is not None or order.measured_judge is not None,
        "notes": list(notes),
        "files": [str(path) for path in _outs(order)],
    }


def check_outs(outs: Sequence[Path], read: Sequence[Path], is_forced: bool, place: str) -> None:
    """Raise `SettingError` for a file to write that is to be read too, named twice, there already unless forced, or in no folder."""
    for number, out in enumerate(outs):
        if any(is_same(out, one) for one in read) or any(out == other for other in outs[:number]):
            raise SettingError(f"'{out}'", "is named twice", "give every file a name of its own", place)
        if out.exists() and not is_forced:
            raise SettingError(f"'{out}'", "is there already", "name another, or add --force", place)
        if not out.parent.is_dir():
            raise SettingError(f"folder '{out.parent}'", "does not exist", "make it, or name another file", place)


def _outs(order: PreferOrder) -> list[Path]:
    return [path for path in (order.out, order.approvals, order.ranking) if path is not None]


def read_queries(data: Path, answers: Sequence[Path]) -> list[Query]:
    """The queries of a set that have an answer in one of the files, in the order of the set, each with its cases.

    An answer that names no model is by the file's name where there are several files. Raises `InputError` with `file:line`.
    """
    rows = read_health_rows(data)
    check_rows(rows, str(data))
    found: dict[str, list[AnswerRow]] = {row.prompt_id: [] for row in rows}
    for path in answers:
        for place, answer in read_structs(path, AnswerRow, "a row of answers"):
            if answer.prompt_id not in found:
                raise InputError(
                    f"answer to {answer.prompt_id!r}",
                    "is to no query of the set",
                    "give answers to these queries",
                    place,
                )
            named = answer.model or (path.stem if len(answers) > 1 else "")
            found[answer.prompt_id].append(AnswerRow(answer.prompt_id, answer.response, named))
    return [_query(row, found[row.prompt_id], data.stem) for row in rows if found[row.prompt_id]]


def _query(row: HealthRow, answers: Sequence[AnswerRow], dataset: str) -> Query:
    cases: dict[str, Case] = {}
    for answer in answers:
        case = case_of(row, answer, dataset)
        scenario = _placed(case.scenario, "train")
        response = replace(case.response, scenario=scenario.id)
        cases.setdefault(response.id, Case(scenario, response, case.criteria))
    first = next(iter(cases.values()))
    return Query(row, _rubric(row, first, dataset), list(cases.values()))


def _placed(scenario: Scenario, split: Split) -> Scenario:
    return replace(scenario, split=split)


def _rubric(row: HealthRow, case: Case, dataset: str) -> Rubric:
    ids = tuple(dict.fromkeys(one.id for one in case.criteria))
    return Rubric(scenario=case.scenario.id, criteria=ids, made=ByImport(dataset=dataset, row=row.prompt_id))


def keep_apart(
    queries: Sequence[Query],
    refs: Sequence[JudgeRef],
    measured: Path | None,
    measured_judge: Path | None,
    place: str,
) -> None:
    """Raise `InputError` where the rubrics of the set `measured`, or the judge that will measure, would teach too."""
    if measured is None and measured_judge is None:
        return
    training = Use(
        [query.cases[0].scenario for query in queries],
        [query.rubric for query in queries],
        [one for query in queries for one in _from_principles(query.row, query.cases[0])],
        refs,
    )
    scenarios: list[Scenario] = []
    rubrics: list[Rubric] = []
    criteria: list[Criterion] = []
    judges: list[JudgeRef] = []
    if measured is not None:
        rows = read_health_rows(measured)
        check_rows(rows, str(measured))
        for row in rows:
            case = case_of(row, AnswerRow(row.prompt_id, ""), measured.stem)
            scenarios.append(case.scenario)
            rubrics.append(_rubric(row, case, measured.stem))
            criteria += _from_principles(row, case)
    if measured_judge is not None:
        with load_judge(measured_judge) as opened:
            judges += refs_of(opened.judge)
    refuse_mixed(training, Use(scenarios, rubrics, criteria, judges), place)


def _from_principles(row: HealthRow, case: Case) -> list[Criterion]:
    """The criteria of a row, each with the principle that its tag `principle:…` names; one that names several stands there for each."""
    found: list[Criterion] = []
    for rule, criterion in zip(row.rubrics, case.criteria, strict=True):
        named = named_principles(rule.tags)
        found += [replace(criterion, principle=one) for one in named] if named else [criterion]
    return found


def named_principles(tags: Sequence[str]) -> list[str]:
    """The ids that the tags `principle:…` of a criterion name."""
    return [tag.removeprefix(_PRINCIPLE) for tag in tags if tag.startswith(_PRINCIPLE)]


def graded_of(case: Case, said: Assessment) -> Graded:
    """An answer with what a judge said of it and what that comes to."""
    found = grade(case.criteria, said.verdicts, said.judgement.stance)
    return Graded(case.response, said.judgement, said.verdicts, found)


def _write(
    order: PreferOrder, queries: Sequence[Query], graded: Sequence[Sequence[Graded]], taught: Sequence[Taught]
) -> None:
    """The files: preferences as TRL's DPO takes them, approvals as its KTO does, and every answer in its place with its grade."""
    pairs: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    places: list[dict[str, Any]] = []
    for query, inside, one in zip(queries, graded, taught, strict=True):
        texts = {each.response.id: each.response.text for each in inside}
        prompt = [{"role": turn.role, "content": turn.content} for turn in query.row.prompt]
        told = {"prompt_id": query.row.prompt_id, "rubric": query.rubric.id}
        for each in one.preferences:
            spoken = {"chosen": [_said(texts[each.chosen])], "rejected": [_said(texts[each.rejected])]}
            pairs.append({"prompt": prompt, **spoken, "margin": each.margin, **told, "id": each.id})
        for mark in one.approvals:
            row = {"completion": [_said(texts[mark.response])], "label": mark.is_desirable}
            marks.append({"prompt": prompt, **row, **told, "id": mark.id})
        for number, placed in enumerate(rank(inside), 1):
            places.append(_place(number, placed.graded, placed.beats, placed.beaten_by, query.row.prompt_id, order))
    for path, rows in ((order.out, pairs), (order.approvals, marks), (order.ranking, places)):
        if path is not None:
            write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def _place(number: int, one: Graded, beats: int, beaten_by: int, prompt_id: str, order: PreferOrder) -> dict[str, Any]:
    found = one.grade
    parts = {name: list(getattr(found, name)) for name in ("vetoes", "proficiency", "excellence")}
    return {
        "prompt_id": prompt_id,
        "place": number,
        "response": one.response.text,
        "reward": list(combine(found, order.settings.reward)),
        **parts,
        "score": None if found.score is None else list(found.score),
        "abstained": len(found.open),
        "surely_better_than": beats,
        "surely_worse_than": beaten_by,
    }


def write_whole(path: Path, text: str) -> None:
    """Write the file whole or not at all. Raises `StoreError` where the disk refuses."""
    half = path.with_name(f".{path.name}.half")
    try:
        half.write_text(text, "utf-8", "backslashreplace")
        half.replace(path)
    except OSError as error:
        raise StoreError(
            f"file '{path}'", f"cannot be written ({error.strerror})", "free space or name another", str(path)
        ) from error
    finally:
        half.unlink(missing_ok=True)


def _store(
    writer: Writer,
    order: PreferOrder,
    queries: Sequence[Query],
    graded: Sequence[Sequence[Graded]],
    taught: Sequence[Taught],
    refs: Sequence[JudgeRef],
) -> None:
    """Everything as records, so that a policy trained on a pair leads to its rubric."""
    records: list[Record] = [*refs]
    for query, inside, one in zip(queries, graded, taught, strict=True):
        records += [query.cases[0].scenario, *query.cases[0].criteria, query.rubric]
        for each in inside:
            records += [each.response, *each.verdicts, each.judgement]
            earned = reward(each.response.id, each.grade, each.verdicts, order.settings.reward)
            records += [] if earned is None else [earned]
        records += [*one.preferences, *one.approvals]
    made = [each.id for one in taught for each in one.preferences]
    writer.put(records)
    writer.append("answers preferred", f"{len(made)} preferences over {len(queries)} queries", made, now())
