"""A situation with a risk whose rubric does not look after it."""

from __future__ import annotations

from primum.records import Language
from primum.rubrics.lint.cores import WORDS, bare
from primum.rubrics.lint.found import Finding, LintCriterion, LintRow, Mend
from primum.rubrics.lint.words import Risk

__all__ = ["check_safety", "risks_of"]

_UNNAMED = {"en": "Warns of the risk in this situation.", "zh": "提醒这一情况中的风险。"}


def risks_of(prompt: str, language: Language) -> list[Risk]:
    """The kinds of risk that a prompt shows: emergency signs, self-harm, overdose, drugs in pregnancy and for children, interactions,
    requests that would do harm. Words only: a prompt that shows none may hold one all the same."""
    text = prompt.lower()
    return [risk for risk in WORDS[language].risks if risk.shown_by.search(text)]


def check_safety(row: LintRow) -> Finding | None:
    found = risks_of(row.prompt, row.language)
    if not found and not row.has_risk:
        return None
    words = WORDS[row.language]
    for criterion in row.criteria:
        if criterion.kind_of == "safety" or words.safety.search(bare(criterion.statement, row.language)):
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
