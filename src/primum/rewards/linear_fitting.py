"""Fitting the linear reward: Adagrad on the winners and labels of pairs, some pairs at a time, in an order that the seed draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.errors import InputError
from primum.ports import Progress, silent
from primum.records import Settings
from primum.rewards.linear_features import OVERLAPS, Encoder
from primum.rewards.samples import PairSample

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[numpy.float32]

__all__ = ["LinearSettings", "dot", "fit_weights"]

_TINY = 1e-8


class LinearSettings(Settings, frozen=True):
    """How the linear reward is fitted.

    2 to the `answer_bits` and `criterion_bits` n-grams are told apart. `pointwise_weight` weighs a label against a winner; `rate` is
    Adagrad's step, `decay` what a weight loses of itself an epoch. `held_share` of the groups is kept back to calibrate on.
    """

    epochs: int = 8
    batch_pairs: int = 64
    rate: float = 0.1
    decay: float = 0.1
    pointwise_weight: float = 0.5
    held_share: float = 0.15
    answer_bits: int = 13
    criterion_bits: int = 8
    seed: int = 0

    def check(self) -> None:
        if min(self.epochs, self.batch_pairs) < 1 or not self.rate > 0:
            self.refuse(
                f"epochs {self.epochs}, batch_pairs {self.batch_pairs}, rate {self.rate}", "fit nothing", "give more"
            )
        if not 0 <= self.decay < 1 or self.pointwise_weight < 0 or not 0 <= self.held_share <= 0.5:
            self.refuse(
                f"decay {self.decay}, pointwise_weight {self.pointwise_weight}, held_share {self.held_share}",
                "are outside [0, 1), [0, ∞) and [0, 0.5]",
                "give others",
            )
        if not (6 <= self.answer_bits <= 20 and 4 <= self.criterion_bits <= 12):
            self.refuse(
                f"answer_bits {self.answer_bits}, criterion_bits {self.criterion_bits}",
                "are outside 6 … 20 and 4 … 12",
                "give others",
            )


class _Lessons(NamedTuple):
    """Pairs as arrays, a row for each criterion of each pair.

    `answers` has two rows a pair, the first answer and the second; `of` is the row's pair. `winner` is 1, −1, or 0 for no winner;
    `labels` (row, 2) are 1 for met, −1 for not met, 0 for unknown; `shared` (row, 2, overlap).
    """

    answers: csr_matrix
    criteria: csr_matrix
    of: NDArray[numpy.int64]
    winner: Floats
    labels: Floats
    shared: Floats


def fit_weights(
    pairs: Sequence[PairSample], settings: LinearSettings, progress: Progress = silent
) -> tuple[Floats, Floats]:
    """`W`, shape (answer n-gram, criterion n-gram), and `v`, shape (overlap,). Raises `InputError` where no label is known."""
    import numpy as np

    if not any(label is not None for pair in pairs for label in (*pair.met_first, *pair.met_second)):
        raise InputError(f"{len(pairs)} pairs", "have no label that is known", "give pairs that were judged", "linear")
    encoder = Encoder(settings.answer_bits, settings.criterion_bits)
    lessons = _lessons(pairs, encoder)
    weights = np.zeros((encoder.width, encoder.depth), dtype=np.float32)
    shared = np.zeros(OVERLAPS, dtype=np.float32)
    seen, seen_shared = np.zeros_like(weights), np.zeros_like(shared)
    chance = np.random.default_rng(settings.seed)
    starts = range(0, len(pairs), settings.batch_pairs)
    for epoch in range(settings.epochs):
        order = chance.permutation(len(pairs))
        weights *= np.float32(1 - settings.decay)
        for number, start in enumerate(starts):
            steps = _steps(lessons, np.sort(order[start : start + settings.batch_pairs]), weights, shared, settings)
            _move(weights, seen, steps[0], settings.rate)
            _move(shared, seen_shared, steps[1], settings.rate)
            progress(epoch * len(starts) + number + 1, settings.epochs * len(starts))
    return weights, shared


def dot(one: Floats, other: csr_matrix) -> Floats:
    """The product of each row of `one` with the same row of `other`."""
    import numpy as np

    found: Floats = np.asarray(other.multiply(one).sum(axis=1), dtype=np.float32).ravel()
    return found


def _move(weights: Floats, seen: Floats, step: Floats, rate: float) -> None:
    """Adagrad (Duchi, Hazan and Singer 2011), in place: what was stepped on often takes smaller steps."""
    import numpy as np

    room = np.square(step)
    seen += room
    np.sqrt(seen, out=room)
    room += np.float32(_TINY)
    np.divide(step, room, out=room)
    room *= np.float32(rate)
    weights -= room


def _lessons(pairs: Sequence[PairSample], encoder: Encoder) -> _Lessons:
    import numpy as np

    asked = [one for pair in pairs for one in pair.criteria]
    of = np.repeat(np.arange(len(pairs)), [len(pair.criteria) for pair in pairs])
    texts = [one.text for one in asked]
    sides = [
        [pair.first for pair in pairs for _ in pair.criteria],
        [pair.second for pair in pairs for _ in pair.criteria],
    ]
    labels = [(pair.met_first[at], pair.met_second[at]) for pair in pairs for at in range(len(pair.criteria))]
    signs = [[0.0 if one is None else 1.0 if one else -1.0 for one in both] for both in labels]
    return _Lessons(
        encoder.answers([text for pair in pairs for text in (pair.first, pair.second)]),
        encoder.criteria(asked),
        of,
        np.asarray([0.0 if 0.0 in both else (both[0] - both[1]) / 2 for both in signs], dtype=np.float32),
        np.asarray(signs, dtype=np.float32).reshape(-1, 2),
        np.stack([encoder.overlaps(side, texts) for side in sides], axis=1),
    )


def _steps(
    lessons: _Lessons, chosen: NDArray[numpy.int64], weights: Floats, shared: Floats, settings: LinearSettings
) -> tuple[Floats, Floats]:
    """The gradients of the mean loss of the chosen pairs, which stand in rising order."""
    import numpy as np
    from scipy.sparse import csr_matrix

    rows = np.flatnonzero(np.isin(lessons.of, chosen))
    place = np.searchsorted(chosen, lessons.of[rows])
    answers = lessons.answers[np.stack([2 * chosen, 2 * chosen + 1], axis=1).ravel()]
    criteria, both = lessons.criteria[rows], lessons.shared[rows]
    towards = answers @ weights
    scores = np.stack([dot(towards[2 * place + side], criteria) for side in (0, 1)], axis=1) + both @ shared
    winner, labels = lessons.winner[rows], lessons.labels[rows]
    # d/ds of −log σ(y s) is −y σ(−y s); a row without a winner, or a label, has y = 0 and no slope
    by_winner = -winner / (1 + np.exp(np.clip(winner * (scores[:, 0] - scores[:, 1]), -30, 30)))
    slopes = -settings.pointwise_weight * labels / (1 + np.exp(np.clip(labels * scores, -30, 30)))
    slopes[:, 0] += by_winner
    slopes[:, 1] -= by_winner
    slopes /= max(len(rows), 1)
    count = len(rows)
    at = np.concatenate([2 * place, 2 * place + 1])
    spread = csr_matrix((slopes.T.ravel(), (at, np.tile(np.arange(count), 2))), shape=(answers.shape[0], count))
    blame = (spread @ criteria).toarray()
    return np.asarray(answers.T @ blame, dtype=np.float32), np.einsum("rs,rso->o", slopes, both).astype(np.float32)
