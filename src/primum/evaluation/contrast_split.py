"""What of a change is the model's and what is the judge's.

S(m, j) is the score of model m's answers under judge j, 0 the run before and 1 the run after. The change is `S(1,1) − S(0,0)`. With both
crossings, new answers by the old judge S(1,0) and old answers by the new judge S(0,1), each part is the mean of its two orders (Shapley's):

    model       = ½ [S(1,0) − S(0,0)] + ½ [S(1,1) − S(0,1)]
    judge       = ½ [S(0,1) − S(0,0)] + ½ [S(1,1) − S(1,0)]
    interaction =    S(1,1) − S(1,0) − S(0,1) + S(0,0)          how far the two orders are apart; half of it is in each part

With one crossing there is one order: model by the old judge and judge on the new answers for S(1,0), or judge on the old answers and model
by the new judge for S(0,1). All is computed within a scenario, so `model + judge = change` holds there and in every mean.

A crossing need not be judged where it is known: the same answer (by digest) has S(1,0) = S(0,0) and S(0,1) = S(1,1), so its change is the
judge's; the same judge has S(1,0) = S(1,1) and S(0,1) = S(0,0), so it is the model's. Where both are the same and the score is not, the
judge contradicted itself: that is counted, and is the judge's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from primum.errors import InputError
from primum.evaluation.contrast import Frame, Run, Slice
from primum.evaluation.contrast_difference import Difference, Span, mean_difference
from primum.records import Estimate

__all__ = ["Crossed", "Order", "Parts", "Place", "crossed", "split"]

Order = Literal["both orders", "old judge first", "new judge first"]
Place = Literal["before", "after", "new_by_old", "old_by_new"]
_Weights = Mapping[Place, float]

_TOTAL: _Weights = {"after": 1.0, "before": -1.0}
_PARTS: Mapping[Order, tuple[_Weights, _Weights]] = {
    "both orders": (
        {"before": -0.5, "new_by_old": 0.5, "after": 0.5, "old_by_new": -0.5},
        {"before": -0.5, "old_by_new": 0.5, "after": 0.5, "new_by_old": -0.5},
    ),
    "old judge first": ({"new_by_old": 1.0, "before": -1.0}, {"after": 1.0, "new_by_old": -1.0}),
    "new judge first": ({"after": 1.0, "old_by_new": -1.0}, {"old_by_new": 1.0, "before": -1.0}),
}
_INTERACTION: _Weights = {"after": 1.0, "new_by_old": -1.0, "old_by_new": -1.0, "before": 1.0}
_ZERO = Span(0.0, 0.0)


class Crossed(NamedTuple):
    """The four cells of the paired scenarios.

    `stands` says, by scenario, where a crossing is taken from; a scenario that is not named there has none.
    """

    runs: Mapping[Place, Run]
    scenarios: tuple[str, ...]
    stands: Mapping[Place, Mapping[str, Place]]
    same_answers: frozenset[str]
    same_judge: frozenset[str]

    def order(self, scenarios: Sequence[str]) -> Order | None:
        """The order in which the change over these can be split; `None` when a crossing is needed that is not there."""
        has = {place: all(id in stands for id in scenarios) for place, stands in self.stands.items()}
        if all(has.values()):
            return "both orders"
        if has["new_by_old"]:
            return "old judge first"
        return "new judge first" if has["old_by_new"] else None

    @property
    def is_crossed(self) -> bool:
        """Whether both the model and the judge may have had a part."""
        everything = set(self.scenarios)
        return not (everything <= self.same_answers or everything <= self.same_judge)

    @property
    def needed(self) -> tuple[str, ...]:
        """The scenarios whose change cannot be split without a crossing."""
        return tuple(id for id in self.scenarios if not any(id in stands for stands in self.stands.values()))

    @property
    def contradicted(self) -> tuple[str, ...]:
        """The scenarios in which the same judge scored the same answer in two ways."""
        before, after = self.runs["before"].values, self.runs["after"].values
        both = self.same_answers & self.same_judge
        found = {
            id
            for one, inside in before.items()
            for id, span in inside.items()
            if id in both and after.get(one, {}).get(id, span) != span
        }
        return tuple(sorted(found))


class Parts(NamedTuple):
    """The change of a slice in parts, all over the same scenarios: those that every judge in it decided.

    A part that nothing could have moved (the same answers, the same judge) is 0 without an interval around it. The interaction is `None`
    where it is not known, or nothing crossed.
    """

    slice: Slice
    order: Order
    total: Difference
    model: Difference
    judge: Difference
    interaction: Difference | None


def crossed(before: Run, after: Run, new_by_old: Run | None = None, old_by_new: Run | None = None) -> Crossed:
    """The cells of the scenarios that stand in both runs, with all that is known of the crossings.

    Raises `InputError` for a crossing by another judge or of other answers than it should be, or one that lacks a scenario.
    """
    scenarios = tuple(sorted(before.scenarios & after.scenarios))
    same_answers = frozenset(
        id for id in scenarios if before.answers.get(id) and before.answers.get(id) == after.answers.get(id)
    )
    same_judge = frozenset(id for id in scenarios if before.judge_of(id) and before.judge_of(id) == after.judge_of(id))
    given: dict[Place, Run | None] = {"new_by_old": new_by_old, "old_by_new": old_by_new}
    wanted = tuple(id for id in scenarios if id not in same_answers | same_judge)
    _check_crossing("new answers by the old judge", new_by_old, before.judge, after.answers, wanted)
    _check_crossing("old answers by the new judge", old_by_new, after.judge, before.answers, wanted)
    same: dict[Place, tuple[Place, Place]] = {
        "new_by_old": ("before", "after"),
        "old_by_new": ("after", "before"),
    }
    stands: dict[Place, dict[str, Place]] = {}
    for place, (if_same_answer, if_same_judge) in same.items():
        stands[place] = {}
        for id in scenarios:
            if id in same_answers:
                stands[place][id] = if_same_answer
            elif id in same_judge:
                stands[place][id] = if_same_judge
            elif given[place] is not None:
                stands[place][id] = place
    runs: dict[Place, Run] = {"before": before, "after": after}
    runs |= {place: run for place, run in given.items() if run is not None}
    return Crossed(runs, scenarios, stands, same_answers, same_judge)


def split(cells: Crossed, frame: Frame) -> tuple[Parts, ...]:
    """The change in parts of every slice that has the crossings it needs (`cells.needed` names the scenarios that lack them)."""
    before, after = cells.runs["before"].values, cells.runs["after"].values
    found: list[Parts] = []
    for one in before:
        both = sorted(set(before[one]) & set(after.get(one, {})))
        order = cells.order(both)
        if both and order is not None:
            found.append(_parts(one, both, order, cells, frame))
    return tuple(found)


def _parts(one: Slice, scenarios: list[str], order: Order, cells: Crossed, frame: Frame) -> Parts:
    model_weights, judge_weights = _PARTS[order]
    total, model, judge = (
        [_combined(weights, one, id, cells) for id in scenarios] for weights in (_TOTAL, model_weights, judge_weights)
    )
    ends = [[cells.runs[place].values[one][id] for id in scenarios] for place in ("before", "after")]
    decided = [all(span.is_decided for span in spans) for spans in zip(*ends, total, model, judge, strict=True)]
    names, width = frame.names(scenarios), frame.width(one)
    is_bounded = frame.measures[one.metric].is_bounded

    def of(spans: Sequence[Span], times: float = 1.0, is_fixed: bool = False) -> Difference:
        if is_fixed:
            return _nothing(sum(decided), names, frame.unit)
        return mean_difference(spans, names, times * width, is_bounded=is_bounded, unit=frame.unit, decided=decided)

    is_model_fixed = cells.same_answers.issuperset(scenarios)
    is_judge_fixed = cells.same_judge.issuperset(scenarios)
    interaction = None
    if order == "both orders" and not is_model_fixed and not is_judge_fixed:
        interaction = of([_combined(_INTERACTION, one, id, cells) for id in scenarios], times=2.0)
    return Parts(
        slice=one,
        order=order,
        total=of(total),
        model=of(model, is_fixed=is_model_fixed),
        judge=of(judge, is_fixed=is_judge_fixed and all(span == _ZERO for span in judge)),
        interaction=interaction,
    )


def _combined(weights: _Weights, one: Slice, scenario: str, cells: Crossed) -> Span:
    """Σ weight · score over the cells of a scenario; cells that are the same one are added up first, and may then cancel."""
    before, after = (cells.runs[place].values[one][scenario] for place in ("before", "after"))
    if scenario in cells.same_answers & cells.same_judge and before == after:
        return _ZERO  # also where the judge abstained: whatever it would have said, it is the same
    merged: dict[Place, float] = {}
    for place, weight in weights.items():
        stands = cells.stands[place][scenario] if place in cells.stands else place
        merged[stands] = merged.get(stands, 0.0) + weight
    low = high = 0.0
    for place, weight in merged.items():
        if weight == 0:
            continue
        span = cells.runs[place].values[one][scenario]
        low += weight * (span.low if weight > 0 else span.high)
        high += weight * (span.high if weight > 0 else span.low)
    return Span(low, high)


def _nothing(n: int, clusters: Sequence[str], unit: str) -> Difference:
    estimate = Estimate(value=0.0, low=0.0, high=0.0, n=n, unit=unit) if n else None
    return Difference(estimate, None, (0.0, 0.0), len(set(clusters)))


def _check_crossing(
    name: str, crossing: Run | None, judge: str, answers: Mapping[str, str], wanted: Sequence[str]
) -> None:
    if crossing is None:
        return
    if crossing.judge and judge and crossing.judge != judge:
        raise InputError(
            f"the crossing of {name}",
            f"is by judge {crossing.judge!r} and not by {judge!r}",
            "judge it by the judge it is named for",
            "evaluation.contrast",
        )
    there = crossing.scenarios
    missing = [id for id in wanted if id not in there]
    other = [
        id for id in wanted if crossing.answers.get(id) and answers.get(id) and crossing.answers[id] != answers[id]
    ]
    for ids, rule in ((missing, "is not in it"), (other, "is in it with another answer")):
        if ids:
            more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
            raise InputError(
                f"the crossing of {name}",
                f"does not fit: scenario {ids[0]!r}{more} {rule}",
                "judge those very answers, all of them",
                "evaluation.contrast",
            )
