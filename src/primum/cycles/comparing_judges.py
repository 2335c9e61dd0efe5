"""Judges compared: from their files of verdicts, and people's labels, to the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from primum.cycles.verdict_file import read_recorded
from primum.errors import InputError
from primum.evaluation.judges_compared import JudgesCompared, Said, compare_said
from primum.evaluation.suites.files import VerdictRow, read_health_rows, read_label_rows, read_verdict_rows

__all__ = ["compare_judges"]


def compare_judges(
    data: Path, verdicts: Sequence[Path], labels: Path | None = None, is_partial: bool = False
) -> JudgesCompared:
    """Compare the judges whose verdicts the files hold, and each with every person who labelled.

    Raises `InputError` for fewer than two files, or files that name different answers to one prompt: those are two models, not two judges.
    """
    if len(verdicts) < 2 or len({path.resolve() for path in verdicts}) < len(verdicts):
        raise InputError(
            f"{len(verdicts)} files", "are not two or more different ones", "name them all", "judge compare"
        )
    rows = read_health_rows(data)
    found = [{row.prompt_id: row for row in read_verdict_rows(path, rows, partial=is_partial)} for path in verdicts]
    _check_answers(found, verdicts)
    people = read_label_rows(labels, rows) if labels is not None else []
    judges = [
        Said(name, str(path), _told(path, by_id), by_id)
        for name, path, by_id in zip(_names(verdicts), verdicts, found, strict=True)
    ]
    return compare_said(rows, judges, people)


def _told(path: Path, rows: dict[str, VerdictRow]) -> str:
    """The judge's name and kind where the file beside its verdicts tells them, else its id."""
    _, ref = read_recorded(path)
    return f"{ref.name} ({ref.kind_of})" if ref is not None else next(iter(rows.values())).judge


def _check_answers(found: Sequence[dict[str, VerdictRow]], verdicts: Sequence[Path]) -> None:
    known: dict[str, tuple[str, Path]] = {}
    for path, by_id in zip(verdicts, found, strict=True):
        for name, row in by_id.items():
            if not row.answer:
                continue
            answer, first = known.setdefault(name, (row.answer, path))
            if answer != row.answer:
                raise InputError(
                    f"prompt {name!r}",
                    f"was judged on one answer in {first.name} and on another in {path.name}",
                    "compare judges of the same answers; two models are compared by primum eval compare",
                    str(path),
                )


def _names(paths: Sequence[Path]) -> list[str]:
    """The files' names without their endings, or their whole paths where those are not different."""
    short = [path.name.removesuffix(".jsonl") for path in paths]
    return short if len(set(short)) == len(short) else [str(path) for path in paths]
