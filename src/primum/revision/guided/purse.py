"""What a guided revision has spent, and how many drafts the rest still pays for."""

from __future__ import annotations

from collections.abc import Iterable

from primum.ports import Assessment
from primum.records import Cost
from primum.revision.guided.settings import RevisionSettings

__all__ = ["Purse", "add", "judging_cost", "tokens"]

_CALLS_A_DRAFT = 2  # it is written, and it is judged


class Purse:
    """Counts calls and tokens. A draft is admitted only with the call that judges it: none is paid for that cannot be judged."""

    def __init__(self, settings: RevisionSettings) -> None:
        self._settings = settings
        self._written = self._judged = self._written_tokens = self._judged_tokens = 0

    def write(self, costs: Iterable[Cost]) -> None:
        """Drafts were asked for, at these costs."""
        for cost in costs:
            self._written += 1
            self._written_tokens += tokens(cost)

    def judge(self, costs: Iterable[Cost]) -> None:
        """Answers were judged, at these costs."""
        for cost in costs:
            self._judged += 1
            self._judged_tokens += tokens(cost)

    def drafts(self, wanted: int) -> int:
        """How many of `wanted` drafts may be written and judged now."""
        mean = self._mean(self._written_tokens, self._written) + self._mean(self._judged_tokens, self._judged)
        return min(wanted, self._calls_left(wanted * _CALLS_A_DRAFT) // _CALLS_A_DRAFT, self._tokens_for(mean, wanted))

    def judgements(self, wanted: int) -> int:
        """How many of `wanted` first answers may be judged now."""
        mean = self._mean(self._judged_tokens, self._judged)
        return min(wanted, self._calls_left(wanted), self._tokens_for(mean, wanted))

    def calls(self, wanted: int) -> int:
        """How many of `wanted` calls the bound on calls leaves."""
        return min(wanted, self._calls_left(wanted))

    def _calls_left(self, wanted: int) -> int:
        most = self._settings.budget_calls
        return wanted if most is None else max(0, most - self._written - self._judged)

    def _tokens_for(self, mean: float, wanted: int) -> int:
        most = self._settings.budget_tokens
        if most is None:
            return wanted
        left = most - self._written_tokens - self._judged_tokens
        if left <= 0:
            return 0
        return wanted if mean == 0 else int(left // mean)

    @staticmethod
    def _mean(total: int, count: int) -> float:
        return total / count if count else 0.0


def tokens(cost: Cost) -> int:
    """All tokens of a cost."""
    return cost.prompt_tokens + cost.completion_tokens


def add(*costs: Cost) -> Cost:
    """The sum of costs."""
    return Cost(
        prompt_tokens=sum(one.prompt_tokens for one in costs),
        completion_tokens=sum(one.completion_tokens for one in costs),
    )


def judging_cost(assessment: Assessment) -> Cost:
    """What a judge's word on one answer cost: its verdicts and its stance."""
    return add(assessment.judgement.cost, *(verdict.cost for verdict in assessment.verdicts))
