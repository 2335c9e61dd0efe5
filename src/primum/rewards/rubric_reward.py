"""The rubric reward as a callable that GRPO trainers take: a judge reads each completion under the rubric of its query.

TRL sums rewards with `nansum`: a completion that a reward function gave `None` would count as 0, and an unreadable answer would be taught.
Here it earns what the readable answers of its group earn on average, so that its advantage is nought and it teaches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from primum.errors import InputError
from primum.grading import grade
from primum.ports import Case, Judge
from primum.records import ByRule, Criterion, Response, Scenario
from primum.rewards.combine import RewardSettings, combine

__all__ = ["RubricReward", "Scored", "filled"]

_COLUMN: Final = "scenario"


class Scored(NamedTuple):
    """A query that can be rewarded: the scenario with the criteria of its rubric."""

    scenario: Scenario
    criteria: tuple[Criterion, ...]


class RubricReward:
    """Called with completions and the column `scenario` (ids), as TRL's `reward_funcs` are; returns one number a completion.

    A reward whose bounds lie further apart than `widest` is unreadable; else it is the middle of its bounds. What is unreadable earns the
    mean of its group, or with `fills` False nothing (`None`): for whoever watches, and asks for one answer a query. `seen` and `unread`
    count completions.
    """

    def __init__(
        self,
        judge: Judge,
        queries: Sequence[Scored],
        settings: RewardSettings | None = None,
        widest: float = 0.5,
        *,
        fills: bool = True,
    ) -> None:
        self._fills = fills
        self.__name__ = "rubric_reward"  # TRL names its metrics by it
        self._judge, self._settings, self._widest = judge, settings or RewardSettings(), widest
        self._queries = {query.scenario.id: query for query in queries}
        self.seen = self.unread = 0

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float | None]:
        """One reward a completion, in order. Raises `InputError` without the column `scenario`, or for a query without a rubric."""
        ids = columns.get(_COLUMN)
        if ids is None or len(ids) != len(completions):
            raise InputError(
                f"column '{_COLUMN}'",
                "is missing from the rows to train on",
                "give each row the id of its scenario",
                "rubric reward",
            )
        cases = [self._case(id, completion) for id, completion in zip(ids, completions, strict=True)]
        earned = [
            self._earned(case, assessment.verdicts, assessment.judgement.stance)
            for case, assessment in zip(cases, self._judge.judge(cases), strict=True)
        ]
        self.seen += len(earned)
        self.unread += earned.count(None)
        return [*filled(ids, earned)] if self._fills else earned

    def _case(self, id: str, completion: Any) -> Case:
        if id not in self._queries:
            raise InputError(
                f"scenario {id}", "has no rubric to be rewarded by", "give the reward its rubric", "rubric reward"
            )
        scenario, criteria = self._queries[id]
        text = completion if isinstance(completion, str) else completion[-1]["content"]
        return Case(scenario, Response(scenario=id, text=text, made=ByRule(rule="rewards.sampled")), criteria)

    def _earned(self, case: Case, verdicts: Any, stance: Any) -> float | None:
        found = combine(grade(case.criteria, verdicts, stance), self._settings)
        return None if found.high - found.low > self._widest else (found.low + found.high) / 2


def filled(ids: Sequence[str], earned: Sequence[float | None]) -> list[float]:
    """The rewards, each unreadable one at the mean of its group; a group without any readable one is level at 0, and teaches nothing."""
    groups: dict[str, list[float]] = {}
    for id, one in zip(ids, earned, strict=True):
        groups.setdefault(id, [])
        if one is not None:
            groups[id].append(one)
    means: Mapping[str, float] = {id: sum(found) / len(found) if found else 0.0 for id, found in groups.items()}
    return [means[id] if one is None else one for id, one in zip(ids, earned, strict=True)]
