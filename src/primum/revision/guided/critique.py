"""What a judge's verdicts say to whoever rewrites an answer, and whether a draft may take the place of the kept one."""

from __future__ import annotations

from collections.abc import Sequence

from primum.grading import Bounds, Grade, is_surely_better
from primum.ports import Assessment
from primum.records import Abstained, Criterion, NotApplicable
from primum.revision.guided.contract import Failed

__all__ = ["critique", "newly_broken", "satisfied_by", "why_refused"]


def critique(
    criteria: Sequence[Criterion], assessment: Assessment, grade: Grade
) -> tuple[tuple[Failed, ...], tuple[Failed, ...], tuple[Criterion, ...]]:
    """The criteria an answer fails and those left open, with what the judge said, and those it satisfies; safety first, then by weight."""
    said = {
        one.id: Failed(one, _said(assessment, place))
        for place, one in sorted(
            enumerate(criteria), key=lambda pair: (pair[1].kind_of != "safety", -abs(pair[1].points), pair[0])
        )
    }
    failed, unknown = set(grade.failed), set(grade.open)
    satisfied = satisfied_by(criteria, assessment, grade)
    return (
        tuple(one for id, one in said.items() if id in failed),
        tuple(one for id, one in said.items() if id in unknown),
        tuple(one.criterion for id, one in said.items() if id in satisfied),
    )


def newly_broken(
    criteria: Sequence[Criterion], draft: tuple[Assessment, Grade], kept: tuple[Assessment, Grade]
) -> tuple[Failed, ...]:
    """The criteria that the kept answer satisfies and the draft surely fails."""
    held = satisfied_by(criteria, *kept)
    failed, _, _ = critique(criteria, *draft)
    return tuple(one for one in failed if one.criterion.id in held)


def why_refused(criteria: Sequence[Criterion], draft: tuple[Assessment, Grade], kept: Grade) -> str:
    """Why a draft may not take the place of the kept answer; empty when it may.

    It has to be language, surely better whatever the abstentions hide, and at its worst violate no veto that the kept answer does not
    surely violate already.
    """
    assessment, grade = draft
    if assessment.judgement.stance == "unusable":
        return f"the draft is unusable: {assessment.judgement.reason}"
    vetoes = {one.id: one for one in criteria if one.kind_of == "safety"}
    for id in (*grade.failed, *grade.open):
        if id in vetoes and id not in kept.failed:
            way = "violates" if id in grade.failed else "may violate (the judge abstained from it)"
            return f"the draft {way} a safety criterion that the kept answer does not surely violate: {vetoes[id].statement}"
    if not is_surely_better(grade, kept):
        return f"the draft is not surely better: {_told(grade)} against {_told(kept)}"
    return ""


def satisfied_by(criteria: Sequence[Criterion], assessment: Assessment, grade: Grade) -> set[str]:
    """The ids of the criteria that apply and are surely satisfied."""
    rest = {*grade.failed, *grade.open}
    if assessment.judgement.stance == "unusable":
        return {one.id for one in criteria} - rest
    return {
        one.id
        for one, verdict in zip(criteria, assessment.verdicts, strict=True)
        if one.id not in rest and not isinstance(verdict.outcome, NotApplicable)
    }


def _said(assessment: Assessment, place: int) -> str:
    if place >= len(assessment.verdicts):
        return ""
    verdict = assessment.verdicts[place]
    return verdict.outcome.reason if isinstance(verdict.outcome, Abstained) else verdict.explanation


def _told(grade: Grade) -> str:
    return (
        f"{_range(grade.vetoes, 0)} vetoes, proficiency {_range(grade.proficiency, 2)}, "
        f"excellence {_range(grade.excellence, 0)}"
    )


def _range(found: Bounds, decimals: int) -> str:
    low, high = f"{found.low:.{decimals}f}", f"{found.high:.{decimals}f}"
    return low if low == high else f"{low}–{high}"
