"""What a benchmark must hold before anybody is measured by it: checks of each item, and of the set as a whole.

A check never mends anything. It says in one line what holds and what was measured, and names every item that breaks it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from primum.bench.lint.contents import check_answerable, check_key, check_reasons
from primum.bench.lint.found import Context, Finding, LintReport, LintSettings, Outcome, context
from primum.bench.lint.grounds import check_article, check_grounds, check_quote, check_validity
from primum.bench.lint.lengths import check_length, check_letters, check_position
from primum.bench.lint.sets import check_balance, check_duplicates, check_ids, check_splits
from primum.bench.lint.tells import check_tells
from primum.bench.lint.wording import check_classes, check_language, check_numbers, check_parts
from primum.records import Norm, Rule, Scenario, Taxonomy

__all__ = ["CHECKS", "Finding", "LintReport", "LintSettings", "lint"]

CHECKS: dict[str, Callable[[Context], Outcome]] = {
    "grounds": check_grounds,
    "quote": check_quote,
    "article": check_article,
    "validity": check_validity,
    "key": check_key,
    "reasons": check_reasons,
    "answerable": check_answerable,
    "parts": check_parts,
    "classes": check_classes,
    "numbers": check_numbers,
    "language": check_language,
    "ids": check_ids,
    "letters": check_letters,
    "position": check_position,
    "length": check_length,
    "tells": check_tells,
    "duplicates": check_duplicates,
    "splits": check_splits,
    "balance": check_balance,
}


def lint(
    items: Sequence[Scenario],
    norms: Sequence[Norm],
    rules: Sequence[Rule],
    taxonomy: Taxonomy,
    settings: LintSettings | None = None,
) -> LintReport:
    """Every check on every item, in the order of `CHECKS`; equal input gives an equal report."""
    seen = context(items, norms, rules, taxonomy, settings or LintSettings())
    findings: list[Finding] = []
    told: dict[str, str] = {}
    for name, check in CHECKS.items():
        found, line = check(seen)
        findings += [Finding(name, item, detail) for item, detail in found]
        told[name] = line
    return LintReport(findings, told)
