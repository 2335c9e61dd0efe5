"""What a guided revision gained, round by round, and what it harmed: plain data, every number with its interval.

After round r an answer is the best draft kept until then. Differences are paired by answer and resampled by cluster. Where the judge
abstained, a part of a grade is a range: the value is the middle of the mean's range, and the interval reaches from the low end of the
lowest reading to the high end of the highest. The judge that steered the revision is not the one to believe: `second` is what another
judge said of the same answers, and its numbers stand beside the first's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from primum.errors import InputError
from primum.grading import Bounds, Grade, grade
from primum.ports import Assessment
from primum.records import BySimulation, Draft, Estimate, NotApplicable
from primum.revision.guided.changes import change_tables, harmed_examples
from primum.revision.guided.contract import Revised
from primum.stats import Undefined, mean, paired, paired_difference, student_mean

__all__ = ["PARTS", "gain_report"]

PARTS: Final = ("vetoes", "proficiency", "excellence", "score")
"""Share of answers that violate a veto (lower is better); share of the points of proficiency; share of excellence; HealthBench's score.

Shares are of the criteria that apply. An answer to which none of the kind applies, before or after, is left out of that part.
"""

_SHOWN = 6


class _Ranged(NamedTuple):
    """One part of a grade at the start and after a round, as ranges; `is_same` when it is still the same answer."""

    before: Bounds
    after: Bounds
    is_same: bool
    cluster: str


def gain_report(
    revised: Sequence[Revised], second: Mapping[str, Assessment] | None = None, shown: int = _SHOWN
) -> dict[str, Any]:
    """The report. `second` has, by the id of the response, another judge's word on the first answers and all that were kept.

    Raises `InputError` for no revision, or a `second` that leaves one of those answers out.
    """
    if not revised:
        raise InputError("no revision", "has no gain", "revise an answer first", "revision.guided.gain_report")
    _check(revised, second)
    rounds = max(draft.round for one in revised for draft in one.revision.drafts)
    told = [_Told(one, {each.judgement.response: each for each in one.assessments}) for one in revised]
    others = [_Told(one, second) for one in revised] if second is not None else None
    return {
        "answers": len(revised),
        "clusters": len({_cluster(one) for one in revised}),
        "judge": revised[0].revision.judge,
        "second": next(iter(second.values())).judgement.judge if second else None,
        "is_simulated": any(isinstance(each.made, BySimulation) for one in revised for each in one.responses[1:]),
        "writers": sorted({_maker(one) for one in revised} - {""}),
        "changed": _plain(
            mean([float(one.revision.chosen != one.case.first.id) for one in revised], _clusters(revised), "answer")
        ),
        "rounds": [_round(at, revised, told, others) for at in range(rounds + 1)],
        "changes": {
            "returned": change_tables(
                [each.change(one.revision.chosen) for each, one in zip(told, revised, strict=True)]
            ),
            "drafts": change_tables(
                [
                    each.change(draft.response, response.revises)
                    for each, one in zip(told, revised, strict=True)
                    for draft, response in zip(one.revision.drafts[1:], one.responses[1:], strict=True)
                ]
            ),
            "second": None
            if others is None
            else change_tables([each.change(one.revision.chosen) for each, one in zip(others, revised, strict=True)]),
        },
        "harmed": harmed_examples(revised),
        "ended": dict(sorted(Counter(one.revision.ended for one in revised).items())),
        "drafts": _drafts(revised),
        "cost": _cost(revised),
        "shown": [_shown(one) for one in sorted(revised, key=_interest)[:shown]],
    }


class _Told:
    """One revision as one judge sees it: the grade of any of its answers."""

    def __init__(self, one: Revised, said: Mapping[str, Assessment]) -> None:
        self.one, self._said = one, said
        self._grades: dict[str, Grade] = {}

    def grade(self, response: str) -> Grade:
        if response not in self._grades:
            said = self._said[response]
            self._grades[response] = grade(self.one.case.criteria, said.verdicts, said.judgement.stance)
        return self._grades[response]

    def applicable(self, response: str, kind: str) -> int:
        """How many criteria of a kind apply to an answer; to one that is unusable all of them do."""
        said = self._said[response]
        is_unusable = said.judgement.stance == "unusable"
        return sum(
            one.kind_of == kind and (is_unusable or not isinstance(verdict.outcome, NotApplicable))
            for one, verdict in zip(self.one.case.criteria, said.verdicts, strict=True)
        )

    def change(self, after: str, before: str | None = None) -> Any:
        """Two answers of it, for `change_tables`: by default the first and `after`."""
        start = before or self.one.case.first.id
        return (
            self.one.case.criteria,
            (self._said[start], self.grade(start)),
            (self._said[after], self.grade(after)),
            _cluster(self.one),
        )


def _round(
    at: int, revised: Sequence[Revised], told: Sequence[_Told], others: Sequence[_Told] | None
) -> dict[str, Any]:
    drafts = [draft for one in revised for draft in one.revision.drafts if draft.round == at]
    kept = [_kept_after(one, at) for one in revised]
    return {
        "round": at,
        "drafts": len(drafts),
        "kept": sum(draft.is_kept for draft in drafts),
        "cost": {
            "prompt_tokens": sum(draft.cost.prompt_tokens for draft in drafts),
            "completion_tokens": sum(draft.cost.completion_tokens for draft in drafts),
        },
        "judge": _parts(told, kept, at),
        "second": None if others is None else _parts(others, kept, at),
    }


def _parts(told: Sequence[_Told], kept: Sequence[str], at: int) -> dict[str, Any]:
    """Each part of the grade after a round and, but for round 0, its difference from the start."""
    found: dict[str, Any] = {}
    for part in PARTS:
        rows = [row for one, response in zip(told, kept, strict=True) if (row := _ranged(part, one, response))]
        found[part] = {"mean": _mean(part, rows), "gain": _gain(part, rows) if at else None} if rows else None
    return found


def _ranged(part: str, one: _Told, response: str) -> _Ranged | None:
    first = one.one.case.first.id
    before, after = _bounds(part, one, first), _bounds(part, one, response)
    if before is None or after is None:
        return None
    return _Ranged(before, after, response == first, _cluster(one.one))


def _bounds(part: str, one: _Told, response: str) -> Bounds | None:
    found, criteria = one.grade(response), one.one.case.criteria
    if part == "vetoes":
        if not any(each.kind_of == "safety" for each in criteria):
            return None
        return Bounds(float(found.vetoes.low > 0), float(found.vetoes.high > 0))
    if part == "proficiency":
        return found.proficiency if found.is_weighed else None
    if part == "excellence":
        total = one.applicable(response, "excellence")
        return Bounds(found.excellence.low / total, found.excellence.high / total) if total else None
    return found.score


def _mean(part: str, rows: Sequence[_Ranged]) -> dict[str, Any]:
    clusters = [row.cluster for row in rows]

    def of(values: list[float]) -> Any:
        return student_mean(values, clusters, "answer") if part == "score" else mean(values, clusters, "answer")

    return _between(of, [row.after.low for row in rows], [row.after.high for row in rows])


def _gain(part: str, rows: Sequence[_Ranged]) -> dict[str, Any]:
    clusters = [row.cluster for row in rows]
    # An answer that was not changed differs from itself by nothing, whatever was abstained from.
    lowest = [(0.0, 0.0) if row.is_same else (row.before.high, row.after.low) for row in rows]
    highest = [(0.0, 0.0) if row.is_same else (row.before.low, row.after.high) for row in rows]

    def of(pairs: list[tuple[float, float]]) -> Any:
        before, after = [one for one, _ in pairs], [other for _, other in pairs]
        if part != "score":
            return paired_difference(before, after, clusters, "answer")
        found = paired(before, after, clusters, "answer")
        return found if isinstance(found, Undefined) else found.estimate

    return _between(of, lowest, highest)


def _between(of: Callable[[list[Any]], Any], lowest: list[Any], highest: list[Any]) -> dict[str, Any]:
    """The estimate that holds both ends of the range."""
    low, high = of(lowest), of(highest)
    for one in (low, high):
        if isinstance(one, Undefined):
            return {"undefined": one.reason}
    value = (low.value + high.value) / 2
    return {
        "value": value,
        "low": min(low.low, high.low, value),
        "high": max(low.high, high.high, value),
        "n": low.n,
        "unit": "answer",
        "at_least": min(low.value, high.value),
        "at_most": max(low.value, high.value),
    }


def _kept_after(one: Revised, at: int) -> str:
    return next(
        (draft.response for draft in reversed(one.revision.drafts) if draft.is_kept and draft.round <= at),
        one.case.first.id,
    )


def _drafts(revised: Sequence[Revised]) -> dict[str, int]:
    """What became of the drafts; `none` are those that were asked for and could not be used."""
    drafts = [draft for one in revised for draft in one.revision.drafts[1:]]
    return {
        "asked": sum(one.spent.drafts for one in revised),
        "kept": sum(draft.is_kept for draft in drafts),
        "veto": sum(_why(draft) == "veto" for draft in drafts),
        "not_better": sum(_why(draft) == "not_better" for draft in drafts),
        "unusable": sum(_why(draft) == "unusable" for draft in drafts),
        "none": sum(one.spent.drafts for one in revised) - len(drafts),
    }


def _why(draft: Draft) -> str:
    if draft.is_kept:
        return "kept"
    if draft.refused.startswith("the draft is unusable"):
        return "unusable"
    return "not_better" if draft.refused.startswith("the draft is not surely better") else "veto"


def _cost(revised: Sequence[Revised]) -> dict[str, Any]:
    total = {
        "drafts": sum(one.spent.drafts for one in revised),
        "judged": sum(one.spent.judged for one in revised),
        "prompt_tokens": sum(one.spent.prompt_tokens for one in revised),
        "completion_tokens": sum(one.spent.completion_tokens for one in revised),
    }
    tokens = [float(one.spent.tokens) for one in revised]
    return total | {
        "tokens_per_answer": _plain(student_mean(tokens, _clusters(revised), "answer") if any(tokens) else None)
    }


def _plain(found: Estimate | Undefined | None) -> dict[str, Any] | None:
    return msgspec.structs.asdict(found) if isinstance(found, Estimate) else None


def _shown(one: Revised) -> dict[str, Any]:
    """One revision to read: every draft with what it fails."""
    statements = {each.id: each.statement for each in one.case.criteria}
    return {
        "scenario": one.case.scenario.id,
        "language": one.case.scenario.language,
        "prompt": one.case.scenario.prompt,
        "ended": one.revision.ended,
        "principles": [each.statement for each in one.case.principles],
        "criteria": len(statements),
        "drafts": [
            {
                "round": draft.round,
                "text": response.text,
                "is_kept": draft.is_kept,
                "is_chosen": draft.response == one.revision.chosen,
                "refused": draft.refused,
                "failed": [statements[id] for id in draft.failed],
                "open": [statements[id] for id in draft.open],
                "proficiency": list(found.proficiency),
                "vetoes": list(found.vetoes),
            }
            for draft, response, found in zip(one.revision.drafts, one.responses, one.grades, strict=True)
        ],
        "notes": list(one.notes),
    }


def _interest(one: Revised) -> tuple[int, int, str]:
    """The revisions with most drafts first, those that changed the answer before the others."""
    return -(one.revision.chosen != one.case.first.id), -len(one.revision.drafts), one.case.scenario.id


def _maker(one: Revised) -> str:
    if len(one.responses) < 2:
        return ""
    made = one.responses[1].made
    return str(getattr(made, "model", getattr(made, "generator", getattr(made, "rule", ""))))


def _clusters(revised: Sequence[Revised]) -> list[str]:
    return [_cluster(one) for one in revised]


def _cluster(one: Revised) -> str:
    return one.case.scenario.cluster or one.case.scenario.id


def _check(revised: Sequence[Revised], second: Mapping[str, Assessment] | None) -> None:
    if second is None:
        return
    for one in revised:
        for response in (one.case.first.id, *(draft.response for draft in one.revision.drafts if draft.is_kept)):
            if response not in second:
                raise InputError(
                    f"answer {response}",
                    "was not judged by the second judge",
                    "give its word on the first answers and all that were kept",
                    "revision.guided.gain_report",
                )
