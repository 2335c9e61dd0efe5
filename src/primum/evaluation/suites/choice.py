"""Questions with a key: an answer is right when its letters are those of the key, all of them and no other.

So the objective questions of MedES (arXiv 2601.07954, indefinite multiple choice) are scored, and so is single choice. Order, case,
repetition and separators do not matter: `CA`, `a, c` and `["A", "C"]` are one answer. `null` is an answer whose letters could not be read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from primum.errors import InputError
from primum.evaluation.suites.pairs import DataRow, Options, Ruling, read_pairs
from primum.evaluation.suites.result import Item, Result, average, by_slice, exact

__all__ = ["ChoiceRow", "ChoiceRuling", "letters", "score_choice"]

_SCALE: Final = (0.0, 1.0)
_UNIT: Final = "question"
_LETTERS: Final = re.compile(r"[A-Za-z](?:[\s,;、，；/]*[A-Za-z])*\Z")
Letters = str | list[str]


class ChoiceRow(DataRow, frozen=True, kw_only=True):
    """A question by its `key`, as letters; `scene` is what it is about."""

    key: Letters
    scene: str | None = None


class ChoiceRuling(Ruling, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The letters of an answer."""

    answer: Letters | None


def score_choice(data: Path, verdicts: Path, options: Options) -> Result:
    """The share of questions answered with exactly the letters of their key."""
    pairs = read_pairs(data, verdicts, (ChoiceRow, ChoiceRuling), options)
    rows: list[tuple[dict[str, str], Item]] = []
    for row, one, cluster, place, ruled_at in pairs.rows:
        key = letters(row.key, "key", place)
        said = None if one.answer is None else letters(one.answer, "answer", ruled_at)
        item = Item(0.0, 1.0, cluster) if said is None else exact(float(said == key), cluster)
        slices = {"key": "one letter" if len(key) == 1 else "several letters"}
        rows.append((slices | ({"scene": row.scene} if row.scene else {}), item))
    abstained = sum(not item.is_decided for _, item in rows)
    return Result(
        suite="choice",
        metric="accuracy (exact letter set)",
        is_better_high=True,
        score=average([item for _, item in rows], _SCALE, _UNIT),
        tags=by_slice(rows, _SCALE, _UNIT),
        asked=len(rows),
        abstained=abstained,
        n=len(rows),
        decided=len(rows) - abstained,
        missing=pairs.missing,
        judge=pairs.judge,
    )


def letters(given: Letters, name: str, place: str) -> frozenset[str]:
    """The set of letters in `given`. Raises `InputError` for what is not letters, or none."""
    text = ",".join(given) if isinstance(given, list) else given
    if (isinstance(given, list) and any(len(one.strip()) != 1 for one in given)) or not _LETTERS.match(text.strip()):
        raise InputError(
            f"{name} {str(given)[:40]!r}",
            "is not letters",
            "write letters such as A or AC, or null for none read",
            place,
        )
    return frozenset(one.upper() for one in text if one.isalpha())
