"""What the reward model is taught: who wins under a criterion (Bradley–Terry), and whether each answer meets it (cross-entropy).

A logit is that of the criterion's statement being *met*. Where a label is missing nothing is learned from it. Both losses are sums:
whoever trains divides by the weight of a whole step, so that parts of it, on other processes or one after another, add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from primum.records import CriterionKind

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["UNKNOWN", "bradley_terry", "directions", "kind_weights", "pointwise"]

UNKNOWN = -1
"""The label of a criterion of which nobody knows whether it is met; 1 is met, 0 is not met."""


def directions(first: Tensor, second: Tensor) -> Tensor:
    """Which answer meets the criterion when one does: 1 the first, −1 the second, 0 for a tie and where a label is missing.

    For a criterion with positive points that is the winner; with negative points the one that meets it loses, and the sign cancels:
    `sign(points) · (s_winner − s_loser)` is the logit of the one that meets it minus that of the other. Labels: Long (pair, criterion).
    """
    known = (first != UNKNOWN) & (second != UNKNOWN)
    return (first - second) * known


def bradley_terry(first: Tensor, second: Tensor, direction: Tensor, weight: Tensor) -> Tensor:
    """`Σ w · −log σ(d · (s_first − s_second))` over criteria with a direction `d` of ±1 (arXiv 2604.08326; Bradley and Terry 1952).

    All Float or Long (pair, criterion); a scalar comes back. Logits 1.5 and 0.5 with d = 1 and w = 1 cost −log σ(1) = 0.313262, with
    d = −1 they cost −log σ(−1) = 1.313262, with d = 0 nothing.
    """
    from torch.nn.functional import softplus

    decided = direction != 0
    return (weight * softplus(-direction * (first - second)) * decided).sum()


def pointwise(logits: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
    """`Σ w · −[y log σ(s) + (1 − y) log(1 − σ(s))]` over criteria with a known label `y`; the others cost nothing.

    A tie teaches here what it cannot teach as a pair. Logit 2 and y = 1 cost −log σ(2) = 0.126928, with y = 0 they cost 2.126928.
    """
    from torch.nn.functional import softplus

    known = labels != UNKNOWN
    sign = 2 * labels.clamp(min=0) - 1
    return (weight * softplus(-sign * logits) * known).sum()


def kind_weights(counts: Mapping[CriterionKind, int], balance: float) -> dict[CriterionKind, float]:
    """The weight of one label by the kind of its criterion: `w_k ∝ (n / n_k)^balance`, such that the mean weight of a label is 1.

    The exponent is ours (the paper has no weights): 0 weighs labels alike, and rare vetoes drown; at 1 each kind weighs as much as any
    other. 90 proficiency and 10 safety labels: at 1, raw weights 100/90 and 10 make 5/9 = 0.556 and 5; at 0.5, √(10/9) and √10 make
    0.833 and 2.5.
    """
    total = sum(counts.values())
    raw = {kind: (total / count) ** balance for kind, count in counts.items() if count}
    mean = sum(counts[kind] * weight for kind, weight in raw.items()) / total if total else 1.0
    return {kind: weight / mean for kind, weight in raw.items()}
