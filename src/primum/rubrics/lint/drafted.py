"""Lint and mend a drafted rubric: records in, records out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from primum.records import ByRule, Criterion, CriterionChange, RefinementReason, Rubric, Scenario
from primum.rubrics.draft import Drafted
from primum.rubrics.lint import CheckName, Finding, LintCriterion, LintRow, LintSettings, lint, lint_row, mended

__all__ = ["Mended", "mend_drafted"]

_MADE = ByRule(rule="rubrics.lint")
_PASSES = 3  # a mend of one fault can show another
_Mend = tuple[tuple[str, ...], Finding]  # the drafted criteria, by id, that a mend bears on, and the finding it answers
_REASONS: Final[Mapping[CheckName, RefinementReason]] = {
    "zero_points": "weight", "wrong_sign": "weight", "language": "language", "gives_answer_away": "gives_answer_away",
    "untestable": "untestable", "double_barrelled": "double_barrelled", "vague": "vague", "duplicate": "duplicate",
    "counted_twice": "duplicate", "contradiction": "wrong", "no_positive": "missing", "no_safety": "missing",
}  # fmt: skip


class Mended(NamedTuple):
    """A rubric after its mends: how many faults each check found in it at first, and how many are left for a person."""

    drafted: Drafted
    findings: Counter[str]
    left: Counter[str]


def mend_drafted(scenario: Scenario, drafted: Drafted, settings: LintSettings | None = None) -> Mended:
    """The rubric with every mend that only splits, turns, merges or removes what is there: what a rule would have to write itself, a
    stock sentence in place of a criterion or a safety criterion of its own, is left for a person. A criterion that is not touched keeps
    its id; one that is says that lint made it, and keeps the norms, the axis and the principle of the one it came from, and its machine
    check while it says the same. `changes` tells for each what became of it and why."""
    row, ids = _placed(lint_row(scenario, drafted.criteria))
    left = lint([row], settings)
    counted: Counter[str] = Counter(one.check for one in left)
    made: list[_Mend] = []
    for _ in range(_PASSES):
        if not left:
            break
        after = mended(row, findings := [_without_additions(one) for one in left])
        made += _made(findings, after.criteria, ids)
        row, places = _placed(after)
        ids = [ids[int(place)] for place in places]
        left = lint([row], settings)
    known = {one.id: one for one in drafted.criteria}
    came_from = [
        (_criterion(each, known[id], scenario), id) for each, id in zip(row.criteria, ids, strict=True) if each.points
    ]
    criteria = {one.id: one for one, _ in came_from}
    remaining: Counter[str] = Counter(one.check for one in left)
    if tuple(criteria) == drafted.rubric.criteria or not criteria:
        return Mended(drafted, counted, remaining)
    changes = tuple(_changes(drafted.rubric.criteria, made, [(one.id, id) for one, id in came_from]))
    old = drafted.rubric.id
    rubric = Rubric(scenario=scenario.id, criteria=tuple(criteria), made=_MADE, previous=old, changes=changes)
    return Mended(Drafted(rubric, tuple(criteria.values())), counted, remaining)


def _placed(row: LintRow) -> tuple[LintRow, list[str]]:
    """The row with each criterion's place for its id, which its halves keep through a pass of mends, and the ids it had."""
    placed = tuple(one._replace(id=str(at)) for at, one in enumerate(row.criteria))
    return row._replace(criteria=placed), [one.id for one in row.criteria]


def _made(findings: Sequence[Finding], after: Sequence[LintCriterion], ids: Sequence[str]) -> Iterator[_Mend]:
    """The mends that were made: those whose replacements stand afterwards where the criteria of the finding stood."""
    told: set[int] = set()
    for one in findings:
        places = [place for place in (one.criterion, one.other) if place is not None]
        if one.mend is None or one.mend.replacements is None or told & set(places):
            continue
        if tuple(each for each in after if int(each.id) in places) == one.mend.replacements:
            told.update(places)
            yield tuple(ids[place] for place in places), one


def _changes(
    before: Sequence[str], made: Sequence[_Mend], after: Sequence[tuple[str, str]]
) -> Iterator[CriterionChange]:
    """One change for each drafted criterion that was touched, or for all that were merged; `after` pairs new ids with old."""
    joined = {id: {id} for id in before}
    for bears_on, _ in made:
        whole: set[str] = set().union(*(joined[id] for id in bears_on))
        joined.update(dict.fromkeys(whole, whole))
    for place, id in enumerate(before):
        found = [one for bears_on, one in made if joined[id].issuperset(bears_on)]
        became = tuple(dict.fromkeys(new for new, old in after if old in joined[id]))
        if not found or joined[id] & set(before[:place]) or set(became) == joined[id]:
            continue
        note = "; ".join(dict.fromkeys(one.why for one in found))
        stood = tuple(old for old in before if old in joined[id])
        yield CriterionChange(reason=_REASONS[found[0].check], before=stood, after=became, note=note)


def _without_additions(finding: Finding) -> Finding:
    return finding._replace(mend=finding.mend._replace(additions=())) if finding.mend else finding


def _criterion(row: LintCriterion, old: Criterion, scenario: Scenario) -> Criterion:
    if (old.statement, old.points, old.kind_of) == (row.statement, row.points, row.kind_of):
        return old
    is_same = old.statement == row.statement
    return replace(
        old,
        statement=row.statement,
        points=row.points,
        kind_of=row.kind_of,
        language=old.language if is_same else scenario.language,
        check_by=old.check_by if is_same else None,
        made=_MADE,
    )
