"""All proposed mends that do not collide, applied to a rubric."""

from __future__ import annotations

from collections.abc import Sequence

from primum.rubrics.lint.found import Finding, LintCriterion, LintRow

__all__ = ["mended"]


def mended(row: LintRow, findings: Sequence[Finding]) -> LintRow:
    """`row` with the mends of its findings, in their order; a criterion is mended once, by the first finding that can.

    A removal that would leave no criterion with positive points is not made. Run lint again on what comes out: a mend of one fault can
    show another.
    """
    instead: dict[int, tuple[LintCriterion, ...]] = {}
    added: list[LintCriterion] = []
    for finding in findings:
        if finding.rubric != row.id or finding.mend is None:
            continue
        places = [place for place in (finding.criterion, finding.other) if place is not None]
        if finding.check != "no_positive" or not _has_positive(row, instead):
            added += [one for one in finding.mend.additions if one not in added]
        if finding.mend.replacements is None or any(place in instead for place in places):
            continue
        trial = instead | {place: finding.mend.replacements if not at else () for at, place in enumerate(places)}
        if _has_positive(row, trial) or not _has_positive(row, instead):
            instead = trial
    return row._replace(criteria=(*_applied(row, instead), *added))


def _applied(row: LintRow, instead: dict[int, tuple[LintCriterion, ...]]) -> list[LintCriterion]:
    return [kept for place, criterion in enumerate(row.criteria) for kept in instead.get(place, (criterion,))]


def _has_positive(row: LintRow, instead: dict[int, tuple[LintCriterion, ...]]) -> bool:
    return any(criterion.points > 0 for criterion in _applied(row, instead))
