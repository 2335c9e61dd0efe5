"""Lint and mend a drafted rubric: records in, records out."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from primum.records import ByRule, Criterion, Rubric, Scenario
from primum.rubrics.draft import Drafted
from primum.rubrics.lint import Finding, LintCriterion, LintSettings, lint, lint_row, mended

__all__ = ["Mended", "mend_drafted"]

_MADE = ByRule(rule="rubrics.lint")
_PASSES = 3  # a mend of one fault can show another


class Mended(NamedTuple):
    """A rubric after its mends: how many faults each check found in it at first, and how many are left for a person."""

    drafted: Drafted
    findings: Counter[str]
    left: Counter[str]


def mend_drafted(scenario: Scenario, drafted: Drafted, settings: LintSettings | None = None) -> Mended:
    """The rubric with every mend that only splits, turns, merges or removes what is there: what a rule would have to write itself, a
    stock sentence in place of a criterion or a safety criterion of its own, is left for a person. A criterion that is not touched keeps
    its id; one that is says that lint made it, and keeps the norms, the axis and the principle of the one it came from."""
    row = lint_row(scenario, drafted.criteria)
    found = lint([row], settings)
    counted, left = Counter(one.check for one in found), found
    for _ in range(_PASSES):
        if not left:
            break
        row = mended(row, [_without_additions(one) for one in left])
        left = lint([row], settings)
    known = {one.id: one for one in drafted.criteria}
    criteria = {one.id: one for one in (_criterion(each, known, drafted) for each in row.criteria if each.points)}
    remaining: Counter[str] = Counter(one.check for one in left)
    if tuple(criteria) == drafted.rubric.criteria or not criteria:
        return Mended(drafted, Counter(counted), remaining)
    rubric = Rubric(scenario=scenario.id, criteria=tuple(criteria), made=_MADE, previous=drafted.rubric.id)
    return Mended(Drafted(rubric, tuple(criteria.values())), Counter(counted), remaining)


def _without_additions(finding: Finding) -> Finding:
    if finding.mend is None or not finding.mend.additions:
        return finding
    return finding._replace(mend=finding.mend._replace(additions=()))


def _criterion(row: LintCriterion, known: dict[str, Criterion], drafted: Drafted) -> Criterion:
    old = known.get(row.id)
    if old is not None and (old.statement, old.points, old.kind_of) == (row.statement, row.points, row.kind_of):
        return old
    return Criterion(
        statement=row.statement,
        points=row.points,
        axis=old.axis if old is not None else "context_awareness" if row.kind_of == "safety" else "completeness",
        kind_of=row.kind_of,
        language=drafted.criteria[0].language,
        made=_MADE,
        norms=old.norms if old is not None else (),
        principle=old.principle if old is not None else None,
    )
