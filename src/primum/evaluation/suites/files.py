"""The files of HealthBench-shaped sets: conversations with their criteria, answers, verdicts, and the labels of people.

All are JSONL. Each reader takes its file whole or raises `InputError` with `file:line`: ids are unique, every id is one of the set's,
there are as many verdicts as criteria, numbers are finite. What is returned stands in the order of the set, whatever the file's order.

| file | a row | keys it does not know |
|---|---|---|
| set | `HealthRow`, as published (arXiv 2505.08775) | are let through |
| answers | `AnswerRow`, one for each prompt | are let through |
| verdicts | `VerdictRow`, one for each prompt, by one judge | are refused |
| labels | `LabelRow`, any number of raters for a prompt, none for some | are refused |
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from primum.errors import InputError
from primum.evaluation.suites.lines import Placed, check_unique, first_and_count, read_structs
from primum.records import answer_digest

__all__ = [
    "AnswerRow",
    "HealthRow",
    "LabelRow",
    "Message",
    "Rule",
    "VerdictRow",
    "answer_digest",
    "read_answer_rows",
    "read_health_rows",
    "read_label_rows",
    "read_verdict_rows",
]


class Message(msgspec.Struct, frozen=True):
    """A turn of the conversation."""

    role: str
    content: str


class Rule(msgspec.Struct, frozen=True):
    """A criterion with its signed points, never 0 (whole numbers in the published set)."""

    criterion: str
    points: float
    tags: list[str] = []


class HealthRow(msgspec.Struct, frozen=True):
    """A conversation and the criteria physicians wrote for its next answer. At least one criterion has positive points."""

    prompt_id: str
    prompt: list[Message]
    rubrics: list[Rule]
    example_tags: list[str] = []


class AnswerRow(msgspec.Struct, frozen=True):
    """What a model answered."""

    prompt_id: str
    response: str
    model: str = ""


class VerdictRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a judge said of one answer: `met` by criterion, `None` where it abstained.

    `reasons` (of abstentions) and `probabilities` (of "met") are empty or as long as `met`.
    `answer` is the `answer_digest` of the text judged.
    """

    prompt_id: str
    met: list[bool | None]
    reasons: list[str | None] = []
    probabilities: list[float | None] = []
    judge: str = ""
    answer: str = ""


class LabelRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one person said of one answer, criterion by criterion; `None` where they said nothing."""

    prompt_id: str
    rater: str
    met: list[bool | None]


_MOST_RATIO = (
    1e9  # of the greatest to the smallest points: beyond it is a slip, and a score could leave what floats hold
)
_Row = TypeVar("_Row", AnswerRow, VerdictRow)


class _Known(NamedTuple):
    criteria: dict[str, int]
    wanted: Collection[str]


def read_health_rows(path: Path) -> list[HealthRow]:
    """The conversations of a set in its published form."""
    placed = read_structs(path, HealthRow, "a row of the set")
    check_unique(placed, [one.row.prompt_id for one in placed], "prompt_id")
    for place, row in placed:
        _check_tags(row.example_tags, f"prompt {row.prompt_id!r}", place)
        for number, rule in enumerate(row.rubrics, 1):
            _check_rule(rule, f"criterion {number} of prompt {row.prompt_id!r}", place)
        if not any(rule.points > 0 for rule in row.rubrics):
            raise InputError(
                f"prompt {row.prompt_id!r}",
                "has no criterion with positive points, so its score is undefined",
                "add one, or take the row out",
                place,
            )
        sizes = [abs(rule.points) for rule in row.rubrics]
        if max(sizes) > _MOST_RATIO * min(sizes) or not math.isfinite(sum(sizes)):
            raise InputError(
                f"prompt {row.prompt_id!r}", "has points out of all proportion to each other", "mend its points", place
            )
    return [one.row for one in placed]


def read_answer_rows(
    path: Path, rows: Sequence[HealthRow], *, partial: bool = False, wanted: Collection[str] | None = None
) -> list[AnswerRow]:
    """One answer for each row, in the order of `rows`; `partial` and `wanted` as for verdicts."""
    placed = read_structs(path, AnswerRow, "a row of answers")
    known = _known(rows, wanted)
    _check_ids(placed, known)
    return _in_order(path, placed, known, partial)


def read_verdict_rows(
    path: Path, rows: Sequence[HealthRow], *, partial: bool = False, wanted: Collection[str] | None = None
) -> list[VerdictRow]:
    """One row of verdicts for each row of the set, in its order; by one judge.

    With `partial` a row may be missing; with `wanted` (the ids of a subset) only those rows are asked for and returned.
    """
    placed = read_structs(path, VerdictRow, "a row of verdicts")
    known = _known(rows, wanted)
    _check_ids(placed, known)
    for place, row in placed:
        _check_count(row.prompt_id, row.met, known, place)
        for name, listed in (("reasons", row.reasons), ("probabilities", row.probabilities)):
            if listed and len(listed) != len(row.met):
                raise InputError(
                    f"{len(listed)} {name} for {len(row.met)} verdicts on {row.prompt_id!r}",
                    "do not match",
                    "give one each, or none",
                    place,
                )
        for probability in row.probabilities:
            if probability is not None and not 0.0 <= probability <= 1.0:
                raise InputError(
                    f"probability {probability}", "is not between 0 and 1", "give a probability or null", place
                )
        if row.judge != placed[0].row.judge:
            raise InputError(
                f"judge {row.judge!r}",
                f"is not {placed[0].row.judge!r}, who judged the rows before, and two judges do not give one score",
                "keep one judge a file",
                place,
            )
    return _in_order(path, placed, known, partial)


def read_label_rows(path: Path, rows: Sequence[HealthRow]) -> list[LabelRow]:
    """The labels of people, in the order of `rows` and then of the file; not every row needs one."""
    placed = read_structs(path, LabelRow, "a row of labels")
    known = _known(rows, None)
    for place, row in placed:
        _check_known(row.prompt_id, known, place)
        _check_count(row.prompt_id, row.met, known, place)
        if not row.rater.strip():
            raise InputError("a rater", "has no name", "name who labelled, by a pseudonym", place)
    check_unique(placed, [f"{one.row.prompt_id} by {one.row.rater}" for one in placed], "the label")
    position = {row.prompt_id: number for number, row in enumerate(rows)}
    return sorted((one.row for one in placed), key=lambda row: position[row.prompt_id])


def _known(rows: Sequence[HealthRow], wanted: Collection[str] | None) -> _Known:
    criteria = {row.prompt_id: len(row.rubrics) for row in rows}
    return _Known(criteria, criteria if wanted is None else frozenset(wanted))


def _in_order(path: Path, placed: Sequence[Placed[_Row]], known: _Known, partial: bool) -> list[_Row]:
    by_id = {one.row.prompt_id: one.row for one in placed}
    wanted = [name for name in known.criteria if name in known.wanted]
    missing = [name for name in wanted if name not in by_id]
    if missing and not partial:
        raise InputError(
            f"prompt {first_and_count(missing)}",
            "has no row",
            "add it, or score what is there with --partial",
            str(path),
        )
    found = [by_id[name] for name in wanted if name in by_id]
    if not found:
        raise InputError(
            f"file '{path.name}'",
            "has no row for any prompt that is asked for",
            "name the file that goes with the set",
            str(path),
        )
    return found


def _check_ids(placed: Sequence[Placed[_Row]], known: _Known) -> None:
    check_unique(placed, [one.row.prompt_id for one in placed], "prompt_id")
    for place, row in placed:
        _check_known(row.prompt_id, known, place)


def _check_known(name: str, known: _Known, place: str) -> None:
    if name not in known.criteria:
        raise InputError(f"prompt_id {name!r}", "is not in the set", "give the file that goes with the set", place)


def _check_count(name: str, met: Sequence[bool | None], known: _Known, place: str) -> None:
    if len(met) != known.criteria[name]:
        raise InputError(
            f"{len(met)} verdicts on {name!r}",
            f"are not one for each of its {known.criteria[name]} criteria",
            "give true, false or null for each, in their order",
            place,
        )


def _check_rule(rule: Rule, name: str, place: str) -> None:
    if not rule.criterion.strip():
        raise InputError(name, "has no text", "write it or remove it", place)
    if rule.points == 0 or not math.isfinite(rule.points):
        raise InputError(
            f"{name} with {rule.points} points",
            "cannot change a score in a known way",
            "give it a sign or remove it",
            place,
        )
    _check_tags(rule.tags, name, place)


def _check_tags(tags: Sequence[str], name: str, place: str) -> None:
    for number, tag in enumerate(tags):
        if not tag.strip() or tag in tags[:number]:
            raise InputError(f"tag {tag!r} of {name}", "is empty or there twice", "keep each tag once", place)
