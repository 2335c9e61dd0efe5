"""The life of a rubric: refined by people with reasons, merged where several refine it, settled, verified; every version kept."""

from primum.rubrics.life.difference import CriterionDiff, DiffKind, Piece, diff, pieces
from primum.rubrics.life.edits import refine_by_rows
from primum.rubrics.life.history import Fate, current, fates, heads, history
from primum.rubrics.life.merge import Merged, MergeSettings, Part, Vote, merge, parts
from primum.rubrics.life.reasons import ACTIONS, REASONS
from primum.rubrics.life.refine import (
    Change,
    Person,
    Wording,
    add,
    merge_into,
    operation,
    refine,
    remove,
    reword,
    split,
    verify,
)
from primum.rubrics.life.settle import settle
from primum.rubrics.life.sheet import SheetRow, read_sheet, sheet_rows, write_csv, write_jsonl

__all__ = [
    "ACTIONS",
    "REASONS",
    "Change",
    "CriterionDiff",
    "DiffKind",
    "Fate",
    "MergeSettings",
    "Merged",
    "Part",
    "Person",
    "Piece",
    "SheetRow",
    "Vote",
    "Wording",
    "add",
    "current",
    "diff",
    "fates",
    "heads",
    "history",
    "merge",
    "merge_into",
    "operation",
    "parts",
    "pieces",
    "read_sheet",
    "refine",
    "refine_by_rows",
    "remove",
    "reword",
    "settle",
    "sheet_rows",
    "split",
    "verify",
    "write_csv",
    "write_jsonl",
]
