"""A situation with a risk whose rubric does not look after it."""

from __future__ import annotations

from collections.abc import Iterator

from primum.records import Language
from primum.rubrics.lint.cores import WORDS, bare
from primum.rubrics.lint.found import Finding, LintCriterion, LintRow, Mend
from primum.rubrics.lint.red_flags import MECHANISM, RED_FLAGS
from primum.rubrics.lint.words import Risk

__all__ = ["check_safety", "risks_of"]

_UNNAMED = {"en": "Warns of the risk in this situation.", "zh": "提醒这一情况中的风险。"}
_LONGEST = 1_000
"""Characters of a line that are looked at together; ours."""


def risks_of(prompt: str, language: Language) -> list[Risk]:
    """The kinds of risk that a prompt shows: emergency signs, self-harm, overdose, drugs in pregnancy and for children, interactions,
    requests that would do harm. Words only: a prompt that shows none may hold one all the same."""
    pieces = list(_pieces(prompt.lower()))
    found = [risk for risk in WORDS[language].risks if any(risk.shown_by.search(piece) for piece in pieces)]
    flag = RED_FLAGS[language]
    if all(risk.name != flag.name for risk in found) and any(
        flag.shown_by.search(piece.replace("’", "'")) for piece in pieces
    ):
        found.append(flag)
    return found


def _pieces(text: str) -> Iterator[str]:
    """The text, a very long line in pieces that overlap: what shows a risk looks ahead from every character of a line."""
    if all(len(line) <= _LONGEST for line in text.split("\n")):
        yield text
        return
    for line in text.split("\n"):
        for start in range(0, max(len(line) - _LONGEST // 2, 1), _LONGEST // 2):
            yield line[start : start + _LONGEST]


def check_safety(row: LintRow) -> Finding | None:
    found = risks_of(row.prompt, row.language)
    if not found and not row.has_risk:
        return None
    words = WORDS[row.language]
    for criterion in row.criteria:
        text = bare(criterion.statement, row.language)
        if criterion.kind_of == "safety":
            return None
        if words.safety.search(text) and not MECHANISM[row.language].match(text):
            return None
    named = ", ".join(risk.name for risk in found) or "given with the situation"
    statement, points = (found[0].criterion, found[0].points) if found else (_UNNAMED[row.language], 8)
    added = LintCriterion(statement, points, "safety")
    return Finding(
        "no_safety",
        row.id,
        None,
        None,
        row.prompt[:120],
        f"the situation holds a risk ({named}) and no criterion is about it",
        Mend(f"add {statement!r} as a safety criterion", None, (added,)),
    )
