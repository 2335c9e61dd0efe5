"""Two runs side by side: from files of verdicts, or from two workspaces; one dictionary out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError, UnknownIdError
from primum.evaluation.contrast import LEVEL, WHOLE, Contrast, Run, contrast
from primum.evaluation.contrast_difference import Difference
from primum.evaluation.contrast_early import Early, stop_early
from primum.evaluation.contrast_flips import Flips, count_flips
from primum.evaluation.contrast_judged import load_judged
from primum.evaluation.contrast_split import Crossed, Parts, Place, crossed, split
from primum.evaluation.contrast_suites import SUITES, Loaded, load
from primum.evaluation.contrast_words import change_words, note_words, split_words
from primum.evaluation.metrics import Judged
from primum.records import Judgement, JudgeRef, Record, Report, Response, Scenario, Verdict, plain
from primum.store import Store

__all__ = ["compare_files", "compare_workspaces"]

R = TypeVar("R", bound=Record)


_CROSS_FILES = (
    "It takes a crossing: the new answers judged by the old judge (--new-by-old), or the old answers by the new judge (--old-by-new), "
    "or best both."
)
_CROSS_RUNS = "Let one judge judge both runs, and compare again."


class _Compared(NamedTuple):
    found: Contrast
    cells: Crossed
    parts: tuple[Parts, ...]
    notes: list[str]
    way_out: str
    early: tuple[Early, ...]


def compare_files(
    suite: str,
    data: Path,
    before: Path,
    after: Path,
    crossings: tuple[Path | None, Path | None] = (None, None),
    by: Collection[str] = (),
) -> dict[str, Any]:
    """Two files of verdicts on the set `data`; `crossings` are the new answers by the old judge and the old answers by the new judge.

    `by` names the kinds of slices to look at (`axis`, `theme`); none means all. Raises `SettingError` and `InputError`.
    """
    if suite not in SUITES:
        raise SettingError(f"suite {suite!r}", "is not known", f"choose of {', '.join(SUITES)}", "eval compare")
    new_by_old, old_by_new = (None if path is None else load(suite, data, path) for path in crossings)
    loaded: dict[Place, Loaded] = {"before": load(suite, data, before), "after": load(suite, data, after)}
    loaded |= {"new_by_old": new_by_old} if new_by_old is not None else {}
    loaded |= {"old_by_new": old_by_new} if old_by_new is not None else {}
    compared = _compare(loaded, by, _CROSS_FILES)
    files: dict[str, Path | None] = {
        "before": before,
        "after": after,
        "new_by_old": crossings[0],
        "old_by_new": crossings[1],
    }
    flips: Sequence[Flips] = ()
    if loaded["before"].points:
        points = {**loaded["before"].points, **loaded["after"].points}
        flips = count_flips(compared.cells, {place: one.verdicts for place, one in loaded.items()}, points)
        compared.notes.extend(_below_zero(compared.found))
    return {
        "suite": suite,
        "runs": {
            place: {"file": str(files[place]), "judge": one.run.judge, "scenarios": len(one.run.scenarios)}
            for place, one in loaded.items()
        },
        **_shown(compared),
        "flips": [one._asdict() | {"flipped": one.flipped} for one in flips],
    }


def compare_workspaces(
    before: Path, after: Path, by: Collection[str] = (), reports: tuple[str | None, str | None] = (None, None)
) -> dict[str, Any]:
    """The policies that two finished runs ended with, on the test situations that both were put.

    `reports` are ids (or enough of them) where a workspace holds more than one; none means its last. Raises `InputError`, `StoreError`,
    `UnknownIdError`.
    """
    (old, old_told), (new, new_told) = (
        _finished(workspace, report) for workspace, report in zip((before, after), reports, strict=True)
    )
    compared = _compare({"before": old, "after": new}, by, _CROSS_RUNS)
    return {"suite": "stance", "runs": {"before": old_told, "after": new_told}, **_shown(compared), "flips": []}


def _compare(loaded: dict[Place, Loaded], by: Collection[str], way_out: str) -> _Compared:
    frame = loaded["before"].frame
    for one in loaded.values():
        frame = frame.with_(one.frame)
    runs = {place: _only(one.run, by) for place, one in loaded.items()}
    cells = crossed(runs["before"], runs["after"], runs.get("new_by_old"), runs.get("old_by_new"))
    found = contrast(runs["before"], runs["after"], frame)
    parts = split(cells, frame)
    given = [place for place in loaded if place not in ("before", "after")]
    return _Compared(
        found, cells, parts, note_words(found, cells, given), way_out, stop_early(runs["before"], runs["after"], frame)
    )


def _only(run: Run, by: Collection[str]) -> Run:
    if not by:
        return run
    known = sorted({one.by for one in run.values} - {WHOLE})
    strange = [name for name in by if name not in known]
    if strange:
        raise SettingError(
            f"--by {strange[0]}",
            "names no slices of this set",
            f"choose of {', '.join(known) or 'none'}",
            "eval compare",
        )
    return run.only(by)


def _below_zero(found: Contrast) -> list[str]:
    return [
        f"The mean {side} is {value:.4f}, outside of 0 … 1: the suite reports it clipped, the comparison does not."
        for row in found.rows
        if row.slice.by == WHOLE
        for side, value in (("before", row.before), ("after", row.after))
        if value is not None and not 0 <= value <= 1
    ]


def _shown(compared: _Compared) -> dict[str, Any]:
    found, cells = compared.found, compared.cells
    return {
        "paired": len(found.paired),
        "only_before": list(found.only_before),
        "only_after": list(found.only_after),
        "tests": found.tests,
        "level": LEVEL,
        "slices": [
            {
                **row.slice._asdict(),
                "pairs": row.pairs,
                "before": row.before,
                "after": row.after,
                **_difference(row.difference),
                "adjusted_p": row.adjusted_p,
                "reading": row.reading,
            }
            for row in found.rows
        ],
        "told": change_words(found),
        "split": {
            "told": split_words(found, compared.parts, cells, compared.way_out),
            "same_answers": len(cells.same_answers),
            "same_judge": len(cells.same_judge),
            "contradicted": list(cells.contradicted),
            "needed": list(cells.needed),
            "parts": [_parts(one) for one in compared.parts],
        },
        "stopping_early": [_early(one) for one in compared.early],
        "notes": compared.notes,
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "difference": None if one.estimate is None else plain(one.estimate),
        "bounds": list(one.bounds),
        "clusters": one.clusters,
        "p": one.p,
    }


def _early(one: Early) -> dict[str, Any]:
    told = {name: value for name, value in one._asdict().items() if name != "slice"}
    return {"metric": one.slice.metric, **told}


def _parts(parts: Parts) -> dict[str, Any]:
    told: dict[str, Any] = {**parts.slice._asdict(), "order": parts.order}
    for name, one in (("total", parts.total), ("model", parts.model), ("judge", parts.judge)):
        told[name] = _difference(one)
    return told | {"interaction": None if parts.interaction is None else _difference(parts.interaction)}


def _finished(workspace: Path, report: str | None) -> tuple[Loaded, dict[str, Any]]:
    """The answers of the policy that a finished run ended with, judged, and what is told of the run."""
    with Workspace(workspace, is_writer=False) as opened:
        store = opened.store
        chosen = _report(store, workspace, report)
        judged = _judged(store, chosen)
        judge = store.get(chosen.judge)
        assert isinstance(judge, JudgeRef)
        policy = plain(store.get(chosen.after))
    loaded = load_judged(judged, chosen.judge, judge.fingerprint)
    return loaded, {
        "workspace": str(workspace),
        "report": chosen.id,
        "recipe": chosen.recipe,
        "policy": chosen.after,
        "policy_name": policy["name"],
        "judge": judge.fingerprint,
        "judge_name": judge.name,
        "scenarios": len(judged),
    }


def _report(store: Store, workspace: Path, named: str | None) -> Report:
    if named is not None:
        found = store.get(store.resolve(named))
        if not isinstance(found, Report):
            raise UnknownIdError(
                f"'{named}'", f"is a {found.kind()}, not a report", "name the id of a report", str(workspace)
            )
        return found
    reports = list(store.all(Report))
    if not reports:
        raise InputError(
            f"workspace '{workspace}'",
            "holds no finished run",
            "finish one with `primum run`, or name another",
            str(workspace),
        )
    return reports[-1]


def _judged(store: Store, report: Report) -> list[Judged]:
    judgements = [one for one in store.get_many(report.judgements) if isinstance(one, Judgement)]
    answers = _by_id(store, [one.response for one in judgements], Response)
    own = [one for one in judgements if answers[one.response].policy == report.after]
    scenarios = _by_id(store, [answers[one.response].scenario for one in own], Scenario)
    verdicts = _by_id(store, [verdict for one in own for verdict in one.verdicts], Verdict)
    return [
        Judged(
            scenarios[answers[one.response].scenario],
            answers[one.response],
            one,
            tuple(verdicts[verdict] for verdict in one.verdicts),
        )
        for one in own
    ]


def _by_id(store: Store, ids: Sequence[str], kind: type[R]) -> dict[str, R]:
    found = zip(ids, store.get_many(ids), strict=True)
    return {id: record for id, record in found if isinstance(record, kind)}
