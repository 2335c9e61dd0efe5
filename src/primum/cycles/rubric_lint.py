"""Lint of rubrics in a file or a workspace, and the mended file."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

import msgspec

from primum.cycles.workspace import Workspace
from primum.errors import InputError, SettingError, StoreError
from primum.evaluation.suites.lines import Placed, check_unique, read_structs
from primum.language import detect
from primum.ports import Progress, silent
from primum.records import Criterion, CriterionKind, Language, Rubric, Scenario
from primum.rubrics.lint import (
    CHECKS,
    CheckName,
    Finding,
    LintCriterion,
    LintRow,
    LintSettings,
    lint,
    lint_row,
    mended,
)

__all__ = ["Linted", "checks", "lint_file", "lint_workspace"]


class Linted(NamedTuple):
    """What was found in how much; `mended_to` is the file with the mends, `changed` how many of its rubrics differ."""

    findings: list[Finding]
    rubrics: int
    criteria: int
    mended_to: Path | None = None
    changed: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Findings by check, all checks, in their order."""
        counted = Counter(finding.check for finding in self.findings)
        return {name: counted[name] for name in CHECKS}


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: str


class _Rule(msgspec.Struct, frozen=True):
    criterion: str
    points: float
    tags: list[str] = []


class _Ideal(msgspec.Struct, frozen=True):
    ideal_completion: str | None = None


class _Row(msgspec.Struct, frozen=True):
    """A row as HealthBench publishes it, with what lint can also use: a reference answer and whether there is a risk."""

    prompt_id: str
    prompt: list[_Message]
    rubrics: list[_Rule]
    example_tags: list[str] = []
    reference: str | None = None
    has_risk: bool = False
    ideal_completions_data: _Ideal | None = None


def lint_file(
    path: Path,
    settings: LintSettings | None = None,
    out: Path | None = None,
    is_forced: bool = False,
    progress: Progress = silent,
) -> Linted:
    """Lint a HealthBench-shaped file; with `out`, write it again with every mend that a rule can make.

    Raises `InputError` naming `file:line` for a broken line, `SettingError` for an `out` that is there or is the file itself.
    """
    if out is not None:
        _check_out(path, out, is_forced)
    placed = read_structs(path, _Row, "a row of rubrics")
    check_unique(placed, [one.row.prompt_id for one in placed], "prompt_id")
    rows = [_lint_row(one) for one in placed]
    found = lint(rows, settings, progress)
    done = Linted(found, len(rows), sum(len(row.criteria) for row in rows))
    if out is None:
        return done
    by_row: dict[str, list[Finding]] = {}
    for finding in found:
        by_row.setdefault(finding.rubric, []).append(finding)
    after = [mended(row, by_row.get(row.id, [])) for row in rows]
    _write(path, out, after)
    return done._replace(mended_to=out, changed=sum(a != b for a, b in zip(rows, after, strict=True)))


def lint_workspace(folder: Path, settings: LintSettings | None = None, progress: Progress = silent) -> Linted:
    """Lint the rubrics of a workspace as they stand now: a version that was refined or merged into another is left out.

    Criteria that a machine checks are no statements to judge by and are not looked at.
    """
    with Workspace(folder, is_writer=False) as workspace:
        rubrics = list(workspace.store.all(Rubric))
        older = {id for one in rubrics for id in (one.previous, *one.merged_from) if id is not None}
        rows = []
        for one in rubrics:
            if one.id in older:
                continue
            scenario, *criteria = workspace.store.get_many([one.scenario, *one.criteria])
            stated = [each for each in criteria if isinstance(each, Criterion) and each.check_by is None]
            if stated and isinstance(scenario, Scenario):
                rows.append(lint_row(scenario, stated)._replace(id=one.id))
    found = lint(rows, settings, progress)
    return Linted(found, len(rows), sum(len(row.criteria) for row in rows))


def _lint_row(placed: Placed[_Row]) -> LintRow:
    """A row of the file; each criterion's `id` is its place, so that its tags are found again."""
    row = placed.row
    if not row.prompt or not row.rubrics:
        raise InputError(
            f"prompt {row.prompt_id!r}",
            "has no messages or no criteria",
            "give it both, or take the row out",
            placed.place,
        )
    prompt = "\n".join(turn.content for turn in row.prompt if turn.role != "assistant")
    criteria = []
    for number, rule in enumerate(row.rubrics):
        if rule.points != int(rule.points) or not -10 <= rule.points <= 10 or not rule.criterion.strip():
            raise InputError(
                f"criterion {number + 1} of prompt {row.prompt_id!r} with {rule.points:g} points",
                "says nothing, or its points are no whole number from −10 to 10",
                "mend it",
                placed.place,
            )
        criteria.append(LintCriterion(rule.criterion, int(rule.points), _kind(rule.tags, placed.place), str(number)))
    named = next((tag.partition(":")[2] for tag in row.example_tags if tag.startswith("language:")), "")
    language = cast(Language, named) if named in get_args(Language) else detect(prompt)
    harm = any(tag.startswith("harm:") and tag != "harm:0" for tag in row.example_tags)
    ideal = row.ideal_completions_data.ideal_completion if row.ideal_completions_data else None
    return LintRow(row.prompt_id, prompt, language, tuple(criteria), row.has_risk or harm, row.reference or ideal)


def _kind(tags: list[str], place: str) -> CriterionKind:
    named = next((tag.partition(":")[2] for tag in tags if tag.startswith("kind:")), "proficiency")
    if named not in get_args(CriterionKind):
        raise InputError(
            f"tag 'kind:{named}'", "is no kind", f"write one of {', '.join(get_args(CriterionKind))}", place
        )
    return cast(CriterionKind, named)


def _check_out(path: Path, out: Path, is_forced: bool) -> None:
    if out.resolve() == path.resolve():
        raise SettingError(f"file '{out}'", "is the file to read", "name another --mend", "rubric lint")
    if out.exists() and not is_forced:
        raise SettingError(f"file '{out}'", "is there already", "name another --mend, or add --force", "rubric lint")


def _write(path: Path, out: Path, rows: list[LintRow]) -> None:
    """The file again, line by line, with every key it had; only the criteria are new. All of it or nothing."""
    text = path.read_bytes().decode("utf-8-sig")  # the lines as they were read, a byte-order mark left out
    raw = [msgspec.json.decode(line) for line in text.split("\n") if line.strip()]
    for line, row in zip(raw, rows, strict=True):
        line["rubrics"] = [_told(one, line["rubrics"]) for one in row.criteria]
    unfinished = out.with_name(f"{out.name}.unfinished")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in raw))
        unfinished.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise StoreError(
            f"file '{out.name}'", f"cannot be written ({error.strerror})", "free the disk or check the path", str(out)
        ) from error


def _told(criterion: LintCriterion, before: list[dict[str, Any]]) -> dict[str, Any]:
    was = before[int(criterion.id)] if criterion.id else {}
    tags = [tag for tag in was.get("tags", []) if not tag.startswith("kind:")]
    if criterion.kind_of != "proficiency" or len(tags) != len(was.get("tags", [])):
        tags.append(f"kind:{criterion.kind_of}")
    points = {"criterion": criterion.statement, "points": criterion.points, "tags": tags}
    return was | points


def checks(names: tuple[str, ...]) -> tuple[CheckName, ...]:
    """The checks of these names. Raises `SettingError` for one that is not known."""
    for name in names:
        if name not in CHECKS:
            raise SettingError(f"check '{name}'", "is not known", f"choose of {', '.join(CHECKS)}", "rubric lint")
    return cast(tuple[CheckName, ...], names)
