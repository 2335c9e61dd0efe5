"""`primum revise` and `primum.revise()`: queries answered, judged by their rubrics, and rewritten until nothing gets surely better."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, NamedTuple

from primum.cycles.benchmark_share import write_new
from primum.cycles.judges import OpenedJudge, is_same, load_judge
from primum.cycles.revising_inputs import Query, queries_of, read_principles, read_queries, read_rubrics
from primum.cycles.revising_jobs import given_rubrics, jobs_of
from primum.cycles.revising_judges import check_second, refs_of
from primum.cycles.revising_models import OpenedModel, model_of, open_model
from primum.cycles.revising_parts import Job, Parts, Reviser
from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError
from primum.judging.engine import Engine
from primum.ports import Assessment, Case, ChatModel, Judge, Policy, Progress, silent
from primum.records import Criterion, Principle, Profile, Record
from primum.revision.guided import Revised, RevisionSettings, Writer, gain_report
from primum.store import made_by

__all__ = ["RevisingOrder", "revise", "revise_file"]

_PLACE = "primum revise"


class RevisingOrder(NamedTuple):
    """What is to be revised, by whom, how far, and where it goes. Of `chat`, `model` and `is_embedded` one is given.

    Rubrics come from `rubrics`, or are synthesised from `principles` (those of the workspace where no file is named). `second` is a judge
    that steers nothing and measures the gain. `page` is where the caller will write the page of the report: it is checked here, first.
    """

    queries: Path
    out: Path
    judge: Path
    workspace: Path
    chat: Path | None = None
    model: Path | None = None
    is_embedded: bool = False
    rubrics: Path | None = None
    principles: Path | None = None
    second: Path | None = None
    rounds: int = 3
    patience: int = 2
    best_of: int = 1
    budget_calls: int | None = None
    budget_tokens: int | None = None
    page: Path | None = None
    is_forced: bool = False


def revise_file(order: RevisingOrder, progress: Progress = silent) -> dict[str, Any]:
    """Revise the rows of a file, keep every draft in the workspace, write REVISED.jsonl; the report of what it gained.

    A run that was stopped goes on. Nothing is written when an input is refused. Raises `InputError`, `SettingError` and `StoreError`.
    """
    _check_order(order)
    queries = read_queries(order.queries)
    settings = RevisionSettings(
        rounds=order.rounds,
        patience=order.patience,
        budget_calls=order.budget_calls,
        budget_tokens=order.budget_tokens,
    )
    principles, brought = read_principles(order.principles) if order.principles is not None else ([], [])
    ruled = read_rubrics(order.rubrics, queries) if order.rubrics is not None else {}
    with ExitStack() as stack:
        workspace, accept = stack.enter_context(_workspace(order.workspace))
        if order.principles is None and order.rubrics is None:
            principles = list(workspace.store.all(Principle))
        else:
            _check_lineage(brought, workspace)
        place = str(order.rubrics or order.principles or order.workspace)
        jobs, without, profiles = jobs_of(queries, ruled, principles, place)
        judge = stack.enter_context(load_judge(order.judge, beside=order.workspace))
        second = None if order.second is None else stack.enter_context(load_judge(order.second, beside=order.workspace))
        model = stack.enter_context(open_model(order.chat, order.model, order.workspace))
        for opened in (judge, second):
            if opened is not None:
                opened.check_out(order.out, _PLACE)
        if second is not None:
            check_second(judge.judge, second.judge, _PLACE)
        _check_answers(jobs, model, order.best_of)
        engine = _engined(judge)
        reviser = Reviser(engine, model, settings, order.best_of, workspace, refs_of(judge.judge))
        _check_budget(reviser, jobs, order)
        accept()
        with workspace.store.writing() as writer:
            writer.put([*brought, *(job.query.scenario for job in jobs), *_told_of(jobs, profiles)])
        parts = reviser.revise(jobs, progress)
        done = [one for one in parts.revised if isinstance(one, Revised)]
        said = _second_word(done, second, workspace) if second is not None else None
        report = _report(done, said, (*model.notes, *_notes(judge, second)))
        report |= {"judge_name": judge.judge.ref.name, "second_name": second.judge.ref.name if second else None}
        report |= dict(zip(("all_calls", "all_tokens"), reviser.spent, strict=True))
        report |= {"writer": model.writer.name, "queries": len(queries), "not_revised": _why_not(jobs, parts, without)}
        rows = _rows(queries, jobs, parts, without)
        write_new(order.out, (json.dumps(row, ensure_ascii=False) for row in rows), order.is_forced)
        with workspace.store.writing() as writer:
            writer.append("revise", _note(report), [one.revision.id for one in done], now())
    return report | {"out": str(order.out)}


def revise(
    queries: str | Path | Iterable[str | Mapping[str, Any]],
    *,
    judge: str | Path | Judge,
    model: str | Path | Writer | Policy | ChatModel | None = None,
    rubrics: str | Path | Mapping[str, Sequence[Criterion]] | None = None,
    principles: str | Path | Sequence[Principle] | None = None,
    progress: Progress = silent,
    **bounds: int | None,
) -> list[Revised | str]:
    """Every query revised, in order: the answers' drafts, judgements and grades, or why there is no revision. Nothing is stored.

    `queries` is a JSONL file of rows {"id", "query", "answer"?}, or such rows, or texts. `judge` is a judge or a judge.toml; `model` a
    chat.toml, a model folder, a chat model, policy or writer, or nothing: the embedded writer then composes drafts, and they are simulated.
    Rubrics are given by id (or in a HealthBench-shaped file), else synthesised from `principles`. `bounds` are those of
    `RevisionSettings` (`rounds`, `patience`, `budget_calls`, `budget_tokens`, `batch`), and `best_of`, how many first answers are drawn.

        revised = primum.revise(["头痛三天怎么办？"], judge=Path("judge.toml"), model=Path("chat.toml"), principles=principles, rounds=2)
        revised[0].chosen.text
    """
    best = bounds.pop("best_of", 1) or 1
    settings = _settings(bounds)
    rows = read_queries(Path(queries)) if isinstance(queries, Path | str) else queries_of(queries)
    known = read_principles(Path(principles))[0] if isinstance(principles, str | Path) else list(principles or ())
    ruled = read_rubrics(Path(rubrics), rows) if isinstance(rubrics, str | Path) else given_rubrics(rubrics or {}, rows)
    with ExitStack() as stack:
        opened = stack.enter_context(_opened(model))
        asked = _engined(stack.enter_context(load_judge(Path(judge)))) if isinstance(judge, str | Path) else judge
        jobs, without, _ = jobs_of(rows, ruled, known, "primum.revise")
        _check_answers(jobs, opened, best)
        reviser = Reviser(asked, opened, settings, best, None)
        found = dict(zip([job.query.id for job in jobs], reviser.revise(jobs, progress).revised, strict=True))
    return [found[row.id] if row.id in found else without[row.id] for row in rows]


@contextmanager
def _workspace(folder: Path) -> Iterator[tuple[Workspace, Callable[[], None]]]:
    """The workspace, and what says that the inputs are accepted: what is raised before takes with it what was newly made in the folder."""
    is_new = not folder.exists()
    before = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    workspace = Workspace(folder, is_writer=True)  # where another run holds it, nothing in it is ours to take away
    accepted: list[bool] = []
    try:
        with workspace:
            yield workspace, lambda: accepted.append(True)
    except BaseException:
        if not accepted:
            for path in folder.iterdir():
                if path.name not in before and path.is_file():
                    path.unlink()
            if is_new:
                with suppress(OSError):  # it holds what is not this run's
                    folder.rmdir()
        raise


def _engined(opened: OpenedJudge) -> Engine:
    return Engine(opened.judge, settings=opened.settings.engine)


def _opened(model: str | Path | Writer | Policy | ChatModel | None) -> AbstractContextManager[OpenedModel]:
    if model is None:
        return open_model(None, None, None)
    if isinstance(model, str):
        model = Path(model)
    if isinstance(model, Path):
        return open_model(None, model, None) if model.is_dir() else open_model(model, None, None)
    return nullcontext(model_of(model))


def _settings(bounds: Mapping[str, int | None]) -> RevisionSettings:
    known = RevisionSettings.__struct_fields__
    for name in bounds:
        if name not in known:
            raise SettingError(
                f"'{name}'", "is no bound of a revision", f"there are best_of, {', '.join(known)}", "primum.revise"
            )
    return RevisionSettings(**{name: value for name, value in bounds.items() if value is not None})


def _told_of(jobs: Sequence[Job], profiles: Sequence[Profile]) -> list[Profile]:
    """The profiles of the queries that are revised."""
    wanted = {job.query.scenario.id for job in jobs}
    return [one for one in profiles if one.scenario in wanted]


def _second_word(done: Sequence[Revised], second: OpenedJudge, workspace: Workspace) -> dict[str, Assessment]:
    """What the second judge says of the first answers and all that were kept; kept in the workspace."""
    cases = [
        Case(one.case.scenario, response, one.case.criteria)
        for one in done
        for draft, response in zip(one.revision.drafts, one.responses, strict=True)
        if draft.is_kept or draft.round == 0
    ]
    said = _engined(second).judge(cases)
    records: list[Record] = [*refs_of(second.judge)]
    for one in said:
        records += [*one.verdicts, one.judgement]
    with workspace.store.writing() as writer:
        writer.put(records)
    return {case.response.id: one for case, one in zip(cases, said, strict=True)}


def _rows(
    queries: Sequence[Query], jobs: Sequence[Job], parts: Parts, without: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The rows of REVISED.jsonl, in the order of the queries; a row of it is a row of queries again."""
    found = {job.query.id: (one, way) for job, one, way in zip(jobs, parts.revised, parts.chosen, strict=True)}
    rows: list[dict[str, Any]] = []
    for query in queries:
        one, way = found.get(query.id, (without.get(query.id, ""), None))
        row: dict[str, Any] = {"id": query.id, "query": query.scenario.prompt}
        if isinstance(one, str):
            rows.append(row | ({"answer": query.answer} if query.answer else {}) | {"ended": "not_revised", "why": one})
            continue
        chosen = one.chosen
        row |= {"answer": chosen.text, "changed": chosen.id != one.case.first.id, "ended": one.revision.ended}
        row |= {"made_by": made_by(chosen), "revision": one.revision.id, "spent": one.spent._asdict()}
        if way is not None:
            row["best_of"] = {"answers": way.of, "by": way.by}
        rows.append(row | {"drafts": _drafts(one), "notes": list(one.notes)})
    return rows


def _drafts(one: Revised) -> list[dict[str, Any]]:
    return [
        {
            "round": draft.round,
            "text": response.text,
            "made_by": made_by(response),
            "is_kept": draft.is_kept,
            "refused": draft.refused,
            "failed": list(draft.failed),
            "open": list(draft.open),
            "vetoes": list(grade.vetoes),
            "proficiency": list(grade.proficiency),
            "excellence": list(grade.excellence),
            "score": None if grade.score is None else list(grade.score),
        }
        for draft, response, grade in zip(one.revision.drafts, one.responses, one.grades, strict=True)
    ]


def _report(done: Sequence[Revised], said: Mapping[str, Assessment] | None, notes: Sequence[str]) -> dict[str, Any]:
    if not done:
        return {"answers": 0, "notes": list(notes)}
    return gain_report(done, said) | {"notes": list(dict.fromkeys(notes))}


def _why_not(jobs: Sequence[Job], parts: Parts, without: Mapping[str, str]) -> list[dict[str, str]]:
    refused = {job.query.id: one for job, one in zip(jobs, parts.revised, strict=True) if isinstance(one, str)}
    return [{"id": id, "why": why} for id, why in {**without, **refused}.items()]


def _notes(*judges: OpenedJudge | None) -> list[str]:
    return [note for one in judges if one is not None for note in one.notes]


def _note(report: Mapping[str, Any]) -> str:
    drafts = report.get("drafts") or {"asked": 0, "kept": 0}
    return (
        f"{report['answers']} of {report['queries']} answers revised by {report['writer']} under {report['judge_name']}: "
        f"{drafts['kept']} of {drafts['asked']} drafts kept"
    )


def _check_order(order: RevisingOrder) -> None:
    given = [name for name in ("chat", "model", "is_embedded") if getattr(order, name)]
    if len(given) != 1:
        raise SettingError(f"{len(given)} writers", "were named", "give one of --chat, --model and --embedded", _PLACE)
    if order.best_of < 1:
        raise SettingError(f"--best-of {order.best_of}", "is too few", "give 1 or more", _PLACE)
    targets = [path for path in (order.out, order.page) if path is not None]
    if order.page is not None and is_same(order.out, order.page):
        raise SettingError(f"file '{order.page}'", "is named twice", "give --out and --page names of their own", _PLACE)
    sources = [order.queries, order.judge, order.chat, order.rubrics, order.principles, order.second]
    for target in targets:
        if any(source is not None and is_same(target, source) for source in sources):
            raise SettingError(f"file '{target}'", "is one of the files to read", "name another", _PLACE)
        if target.exists() and not order.is_forced:
            raise SettingError(f"file '{target}'", "is there already", "name another, or add --force", _PLACE)
        if target.is_dir() or not target.parent.is_dir():
            raise SettingError(f"file '{target}'", "has no folder to stand in", "make it, or name another", _PLACE)


def _check_answers(jobs: Sequence[Job], model: OpenedModel, best: int) -> None:
    if model.answers is not None:
        return
    if best > 1:
        raise SettingError(
            f"best of {best}", "needs a model that answers", "give --chat or --model, or leave it out", _PLACE
        )
    without = [job.query.id for job in jobs if job.query.answer is None]
    if without:
        raise InputError(
            f"query {without[0]!r}",
            f"has no answer, as {len(without):,} in all, and nothing here answers",
            "give it one, or --chat or --model",
            _PLACE,
        )


def _check_budget(reviser: Reviser, jobs: Sequence[Job], order: RevisingOrder) -> None:
    least = reviser.least_calls(jobs)
    if order.budget_calls is not None and order.budget_calls < least:
        raise SettingError(
            f"--budget-calls {order.budget_calls:,}",
            f"does not even pay for the first answers and judging them ({least:,} calls)",
            "raise it, or give fewer queries",
            _PLACE,
        )


def _check_lineage(brought: Sequence[Record], workspace: Workspace) -> None:
    """Raise `InputError` when a record that was brought rests on one that is neither in its file nor in the workspace."""
    own = {one.id for one in brought}
    for one in brought:
        for role, parent in one.parents():
            if parent not in own and not workspace.store.has(parent):
                raise InputError(
                    f"{one.kind()} {one.id}",
                    f"rests on {parent} ({role}), which is neither in the file nor in the workspace",
                    "import what it came from (primum store import), or add those records to the file",
                    str(workspace.folder),
                )
