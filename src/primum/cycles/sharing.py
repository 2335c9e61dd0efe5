"""Sharing: a workspace's results for other tools, and their logs for our judges."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from primum.cycles.workspace import Workspace
from primum.errors import InputError, MissingExtraError, SettingError
from primum.evaluation.suites.files import read_answer_rows, read_health_rows
from primum.exchange import Graded, LogSpec, Results, log_to_mlflow, log_to_wandb, numbers_of, read_log, write_log
from primum.ports import Assessment, Case
from primum.records import (
    Criterion,
    Decision,
    Judgement,
    JudgeRef,
    PolicyRef,
    Report,
    Response,
    Scenario,
    Verdict,
    plain,
)
from primum.store import Store

__all__ = ["Target", "export_results", "import_log"]

Target = Literal["inspect", "mlflow", "wandb", "jsonl"]

UNCERTIFIED = "The judge of these results has no certificate: how often it errs was not measured for this report."


def export_results(workspace: Path, to: Target, out: Path | None, server: str | None = None) -> dict[str, Any]:
    """The latest report of a workspace, written for another tool; what was written, and where.

    `inspect`: a log for each policy, `before.eval` and `after.eval`, in the folder `out`. `jsonl`: the file `out`, a line for each metric
    on each slice. `mlflow`, `wandb`: a run in the folder `out`; for MLflow `server` may be the address of one instead. No file is
    overwritten.
    """
    if server is not None and to != "mlflow":
        raise SettingError(f"--server {server}", f"means nothing to {to}", "use it with --to mlflow", "eval export")
    if (out is None) == (server is None):
        raise SettingError("the results", "have no place, or two, to go to", "give --out or --server", "eval export")
    if server is not None and not server.startswith(("http://", "https://")):
        raise SettingError(
            f"--server {server}", "is not an http(s) address", "write it as http://host:port", "eval export"
        )
    with Workspace(workspace, is_writer=False) as opened:
        report = _latest(opened.store, workspace)
        if to == "inspect":
            assert out is not None
            return _to_inspect(opened.store, report, out)
        if to == "jsonl":
            assert out is not None
            lines = _lines(opened.store, report)
            _write_new(out, lines)
            return {"report": report.id, "file": str(out), "lines": len(lines)}
        results = _results(opened, report)
    if to == "mlflow":
        run = log_to_mlflow(results, out if out is not None else cast(str, server))
        return {"report": report.id, "run": run, "place": str(out or server), "metrics": len(results.metrics)}
    assert out is not None
    folder = log_to_wandb(results, out)
    return {"report": report.id, "run": folder.name, "place": str(folder), "metrics": len(results.metrics)}


def import_log(
    log: Path,
    data: Path,
    answers: Path,
    criteria: Path | None = None,
    *,
    flattens_tools: bool = False,
    partial: bool = False,
) -> dict[str, Any]:
    """Inspect's log as the two files that `primum judge run` reads; what was written and which samples were left out.

    `criteria` is a JSONL file of criteria to put in place of those in the log. Both files are written, or neither.
    """
    given = None if criteria is None else _read_criteria(criteria)
    found = read_log(log, given, flattens_tools=flattens_tools, partial=partial)
    for path in (data, answers):
        _check_new(path)
    if data.resolve() == answers.resolve():
        raise InputError(f"file '{data}'", "cannot hold both data and answers", "name two files", str(data))
    halves = [_half(data), _half(answers)]
    try:
        for half, rows in zip(halves, (found.rows, found.answers), strict=True):
            half.write_bytes(msgspec.json.Encoder().encode_lines(rows))
        # What their reader refuses is refused now, and nothing is left behind.
        read_answer_rows(halves[1], read_health_rows(halves[0]))
        for half, path in zip(halves, (data, answers), strict=True):
            half.replace(path)
    finally:
        for half in halves:
            half.unlink(missing_ok=True)
    return {
        "samples": len(found.rows),
        "criteria": sum(len(row["rubrics"]) for row in found.rows),
        "left_out": found.left_out,
        "data": str(data),
        "answers": str(answers),
    }


def _latest(store: Store, workspace: Path) -> Report:
    """The report that was put in last."""
    reports = list(store.all(Report))
    if not reports:
        raise InputError(
            f"workspace '{workspace}'", "holds no report", "run a recipe in it: primum run RECIPE", str(workspace)
        )
    return reports[-1]


def _policy(store: Store, report: Report, policy: str) -> PolicyRef:
    found = store.get(policy)
    if not isinstance(found, PolicyRef):
        raise InputError(
            f"report {report.id}", f"is about {policy}, which is no policy", "name another workspace", store.place
        )
    return found


def _judge(store: Store, report: Report) -> JudgeRef:
    found = store.get(report.judge)
    if not isinstance(found, JudgeRef):
        raise InputError(
            f"report {report.id}", f"names {report.judge}, which is no judge", "name another workspace", store.place
        )
    return found


def _made_at(store: Store, report: Report) -> str:
    """When the ledger says that the report was made."""
    return next(entry.at for entry in store.ledger() if report.id in entry.subjects)


def _to_inspect(store: Store, report: Report, out: Path) -> dict[str, Any]:
    sides = {"before": report.before, "after": report.after}
    paths = {side: out / f"{side}.eval" for side in sides}
    for path in paths.values():
        if path.exists():
            raise InputError(f"file '{path}'", "exists already", "name another folder or remove it", str(path))
    try:
        import inspect_ai  # noqa: F401  before a folder is made for nothing
    except ImportError as error:
        raise MissingExtraError("inspect-ai", "inspect") from error
    out.mkdir(parents=True, exist_ok=True)
    judge = _judge(store, report)
    graded = _graded(store, report)
    created, counts = _made_at(store, report), {}
    for side, policy in sides.items():
        ref = _policy(store, report, policy)
        metrics = {one.metric: getattr(one, side) for one in report.comparisons if one.by == "all"}
        about = LogSpec(report.recipe, ref.name, created, judge, metrics, _about(report, ref, side))
        counts[side] = write_log(paths[side], graded[policy], about)
    return {"report": report.id, "files": {side: str(path) for side, path in paths.items()}, "samples": counts}


def _about(report: Report, policy: PolicyRef, side: str) -> dict[str, Any]:
    notes = [UNCERTIFIED] if report.certificate is None else []
    if policy.is_from_scratch:
        notes.append(
            f"The policy has {policy.parameters:,} parameters and was trained from scratch on the spot: its numbers say nothing "
            "of a real medical model."
        )
    slices = [
        {"by": one.by, "name": one.name, "metric": one.metric, **plain(getattr(one, side))}
        for one in report.comparisons
        if one.by != "all"
    ]
    return {
        "report": report.id,
        "run": report.run,
        "side": side,
        "policy": policy.id,
        "certificate": report.certificate,
        "notes": notes,
        "slices": slices,
    }


def _graded(store: Store, report: Report) -> dict[str, list[Graded]]:
    """The judged answers behind a report, by policy, in the report's order, each once."""
    judgements = [one for one in store.get_many(list(dict.fromkeys(report.judgements))) if isinstance(one, Judgement)]
    responses = _known(store, [one.response for one in judgements], Response)
    scenarios = _known(store, [one.scenario for one in responses.values()], Scenario)
    verdicts = _known(store, [verdict for one in judgements for verdict in one.verdicts], Verdict)
    criteria = _known(store, [one.criterion for one in verdicts.values()], Criterion)
    graded: dict[str, list[Graded]] = {report.before: [], report.after: []}
    for judgement in judgements:
        response = responses[judgement.response]
        own = tuple(verdicts[verdict] for verdict in judgement.verdicts)
        case = Case(scenarios[response.scenario], response, tuple(criteria[verdict.criterion] for verdict in own))
        assert response.policy is not None  # a report is about policies
        graded[response.policy].append(Graded(case, Assessment(judgement, own)))
    return graded


def _known(store: Store, ids: Sequence[str], kind: type[Any]) -> dict[str, Any]:
    return {one.id: one for one in store.get_many(list(dict.fromkeys(ids))) if isinstance(one, kind)}


def _lines(store: Store, report: Report) -> list[dict[str, Any]]:
    head = {
        "report": report.id,
        "run": report.run,
        "recipe": report.recipe,
        "made_at": _made_at(store, report),
        "judge": report.judge,
        "certificate": report.certificate,
        "policies": {"before": report.before, "after": report.after},
    }
    return [{**head, **plain(one)} for one in report.comparisons]


def _results(opened: Workspace, report: Report) -> Results:
    store = opened.store
    judge = _judge(store, report)
    before, after = _policy(store, report, report.before), _policy(store, report, report.after)
    parameters = {
        "report": report.id,
        "recipe": report.recipe,
        "run": report.run,
        "judge": judge.name,
        "judge_id": judge.id,
        "before": before.name,
        "before_id": before.id,
        "after": after.name,
        "after_id": after.id,
        "stage": after.stage,
        "architecture": after.architecture,
        "parameters": str(after.parameters),
    }
    decisions = [one for one in store.all(Decision) if one.report == report.id]
    tags = {
        "judge": judge.kind_of,
        "certificate": report.certificate or "none",
        "decision": decisions[-1].decision if decisions else "none",
    }
    at = datetime.datetime.fromisoformat(_made_at(store, report))
    numbers = numbers_of(report.comparisons)
    return Results(
        f"{report.recipe} {report.run[:8]}",
        int(at.timestamp() * 1000),
        parameters,
        numbers,
        tags,
        _files(opened, report),
    )


def _files(opened: Workspace, report: Report) -> list[Path]:
    """The report's page and numbers, when those in the workspace are of this report."""
    numbers = opened.folder / "report.json"
    try:
        told = msgspec.json.decode(numbers.read_bytes())
    except (OSError, msgspec.DecodeError):
        return []
    if not isinstance(told, dict) or (told.get("ids") or {}).get("report") != report.id:
        return []
    return [path for path in (numbers, opened.folder / "report.html") if path.is_file()]


def _read_criteria(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(
            f"file '{path}'", f"cannot be read ({error.strerror})", "name a JSONL file", str(path)
        ) from error
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                rows.append(msgspec.json.decode(line, type=dict[str, Any]))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise InputError(
                    f"line {number}",
                    f"is not an object of JSON ({error})",
                    "write a criterion a line",
                    f"{path}:{number}",
                ) from error
    if not rows:
        raise InputError(f"file '{path}'", "holds no criterion", "write one a line", str(path))
    return rows


def _half(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.half")


def _check_new(path: Path) -> None:
    if path.exists():
        raise InputError(f"file '{path}'", "exists already", "name another one or remove it", str(path))
    if not path.parent.is_dir():
        raise InputError(f"folder '{path.parent}'", "does not exist", "make it, or name another file", str(path))


def _write_new(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as lines of JSON to a new file, whole or not at all."""
    _check_new(path)
    half = _half(path)
    try:
        half.write_bytes(msgspec.json.Encoder().encode_lines(rows))
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
