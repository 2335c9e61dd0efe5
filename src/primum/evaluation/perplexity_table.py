"""How well a policy still speaks: perplexity on given answers, and its change between two policies.

    perplexity = exp(Σ nll / Σ tokens)              nll: nats, summed over the tokens of an answer

Two answers, 6 nats over 3 tokens and 2 nats over 5: exp(8 / 8) = 2.718. The mean weighs tokens, not answers.

    change = (Σ nll_now − Σ nll_start) / Σ tokens   nats a token, the logarithm of the ratio of the two perplexities

With 7 and 3 nats now: (10 − 8) / 8 = 0.25 nats a token, exp(0.25) = 1.284 times the perplexity. 0 is no change; above 0 something was
forgotten. Intervals are bootstrapped by cluster on the logarithm (`stats.bootstrap`), the change on paired answers, so what makes an
answer hard for both policies is not in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.errors import InputError
from primum.evaluation.paired import CLUSTER
from primum.records import Estimate
from primum.stats import Undefined, bootstrap

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

__all__ = ["Loss", "perplexity", "perplexity_change"]

_PLACE = "evaluation.perplexity_table"


class Loss(NamedTuple):
    """What a policy lost on the given answer to a scenario: nats summed over its `tokens` tokens."""

    scenario: str
    cluster: str
    nll: float
    tokens: int


def perplexity(losses: Sequence[Loss]) -> Estimate | Undefined:
    """The perplexity over all answers, with its interval; `n` counts answers.

    Undefined for answers of a single cluster. Raises `InputError` for no answers, one without tokens, or a loss that is no number.
    """
    _check(losses)
    found = _per_token([one.nll for one in losses], losses)
    if isinstance(found, Undefined):
        return found
    value, low, high = (math.exp(one) for one in (found.value, found.low, found.high))
    return Estimate(value=value, low=low, high=high, n=found.n, unit=found.unit)


def perplexity_change(start: Sequence[Loss], now: Sequence[Loss]) -> Estimate | Undefined:
    """The change of the loss of a token between two policies on the same answers, now minus start, in nats.

    Exactly 0 … 0 where no loss differs: the policy is the same. Undefined for answers of a single cluster. Raises `InputError` as
    `perplexity`, and where the sides are not on the same answers in the same tokens: losses of two tokenizers cannot be compared.
    """
    _check(start)
    _check(now)
    by_id = {one.scenario: one for one in now}
    if {one.scenario: one.tokens for one in start} != {name: one.tokens for name, one in by_id.items()}:
        raise InputError(
            "the losses of two policies",
            "are not on the same answers in the same tokens",
            "measure both on the same answers, with one tokenizer",
            _PLACE,
        )
    apart = [by_id[one.scenario].nll - one.nll for one in start]
    if not any(apart):
        return Estimate(value=0.0, low=0.0, high=0.0, n=len(start), unit=CLUSTER)
    return _per_token(apart, start)


def _check(losses: Sequence[Loss]) -> None:
    names = [one.scenario for one in losses]
    if not losses or len(set(names)) < len(names):
        raise InputError(
            f"{len(names)} losses on {len(set(names))} answers", "are not one an answer", "give one each", _PLACE
        )
    for one in losses:
        if one.tokens < 1 or not math.isfinite(one.nll) or one.nll < 0:
            raise InputError(
                f"a loss of {one.nll} over {one.tokens} tokens of scenario {one.scenario}",
                "is not a sum of nats over tokens",
                "leave out answers without tokens",
                _PLACE,
            )


def _per_token(nats: Sequence[float], losses: Sequence[Loss]) -> Estimate | Undefined:
    """`Σ nats / Σ tokens`, by cluster."""
    import numpy as np

    row, tokens = np.asarray(nats, dtype=float), np.asarray([one.tokens for one in losses], dtype=float)

    def mean_of(weights: Floats) -> Floats:
        found: Floats = (weights @ row) / (weights @ tokens)
        return found

    return bootstrap(mean_of, [one.cluster for one in losses], unit=CLUSTER)
