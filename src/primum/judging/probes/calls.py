"""How many criteria to ask in one call: measured, per judge, against asking one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from primum.errors import InputError
from primum.judging.probes.pairs import agreement, outcome_of, pair_up, read
from primum.ports import Assessment, Case
from primum.records import Estimate, ProbeOutcome

__all__ = ["CallSize", "call_size_of", "choose_call_size"]


class CallSize(NamedTuple):
    """What asking `per_call` criteria a call (0: all of an answer) does to the verdicts and to their price.

    `agreement` is with the verdicts of one a call (itself: 1 by definition, hence `None`). `tokens_per_verdict` counts prompt and
    completion over the verdicts that were decided; `None` where the server counts none.
    """

    per_call: int
    agreement: Estimate | None
    outcome: ProbeOutcome
    tokens_per_verdict: float | None


def call_size_of(
    per_call: int, cases: Sequence[Case], one_a_call: Sequence[Assessment], together: Sequence[Assessment]
) -> CallSize:
    """Compare verdicts asked `per_call` a call with those asked one a call."""
    pairs = pair_up(cases, one_a_call, together, "verdict")
    tokens, before = _tokens(together), _tokens(one_a_call)
    name = f"batch_size={per_call or 'all'}"
    price = (
        "" if tokens is None or before is None else f"{tokens:,.0f} tokens a verdict, {before:,.0f} asked one a call"
    )
    return CallSize(per_call, agreement(pairs), outcome_of(name, pairs, price), tokens)


def choose_call_size(sizes: Sequence[CallSize], least_agreement: float) -> int:
    """The cheapest size of which it is known (the low end of the interval) that it agrees with one a call; 1 when there is none.

    Sizes whose price is not known are not chosen. Raises `InputError` for a share that is not in 0 … 1.
    """
    if not 0.0 <= least_agreement <= 1.0:
        raise InputError(
            f"least agreement {least_agreement}", "is not a share", "give one in 0 … 1", "judging.choose_call_size"
        )
    known = [
        (size.tokens_per_verdict, size.per_call)
        for size in sizes
        if size.agreement is not None and size.tokens_per_verdict is not None and size.agreement.low >= least_agreement
    ]
    return min(known)[1] if known else 1


def _tokens(assessments: Sequence[Assessment]) -> float | None:
    costs = [verdict.cost for one in assessments for verdict in one.verdicts]
    spent = sum(cost.prompt_tokens + cost.completion_tokens for cost in costs)
    decided = sum(reading is not None for one in assessments for reading in read(one, "verdict"))
    return spent / decided if spent and decided else None
