"""How right a reward model is on what it has not learned from, and how its logits become honest chances.

A head's calibrator is fitted on all held-out labels of its criteria. What is measured with it is measured on chances of a fit that had
not seen the group (`stats.calibration.cross_fit`), or the figures would flatter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from primum.records import CriterionKind, Estimate, Language
from primum.rewards.model.card import Figure, HeadName
from primum.rewards.model.layout import PROFICIENCY, SAFETY, head_of
from primum.rewards.model.lessons import Lesson
from primum.rewards.model.losses import UNKNOWN
from primum.rewards.samples import PairSample
from primum.stats import Undefined, bootstrap, mean
from primum.stats.calibration import Calibrator, Method, brier_score, cross_fit, expected_calibration_error

__all__ = [
    "Calibrated",
    "ReadLabel",
    "ReadWinner",
    "calibrate",
    "chance_of",
    "figures_of",
    "read_labels",
    "read_winners",
]

_HEADS: dict[int, HeadName] = {SAFETY: "safety", PROFICIENCY: "proficiency"}
_PIECE = "group"


class ReadLabel(NamedTuple):
    """One label that is known, and what the model says of it: `logit` of *met*. `points` carry the sign of the criterion."""

    group: str
    language: Language
    kind: CriterionKind
    points: int
    logit: float
    is_met: bool


class ReadWinner(NamedTuple):
    """One criterion of a pair that has a winner. `margin` is the winner's logit minus the loser's, turned by the sign of the points."""

    group: str
    language: Language
    kind: CriterionKind
    margin: float


class Calibrated(NamedTuple):
    """A calibrator for each head that has one, and for each label a chance from a fit that has not seen its group (the logit's own chance
    under a head that has none)."""

    by_head: dict[HeadName, Calibrator]
    chances: tuple[float, ...]


def chance_of(logit: float) -> float:
    """`1 / (1 + exp(−logit))`, without overflow."""
    return 0.5 * (1.0 + math.tanh(logit / 2.0))


def read_labels(
    pairs: Sequence[PairSample], lessons: Sequence[Lesson], logits: Sequence[tuple[Sequence[float], Sequence[float]]]
) -> list[ReadLabel]:
    """Every known label of both answers; `logits` hold those of the first and of the second answer, by criterion."""
    return [
        ReadLabel(pair.group, pair.language, one.kind, one.points, said[place], labels[place] == 1)
        for pair, lesson, both in zip(pairs, lessons, logits, strict=True)
        for said, labels in zip(both, (lesson.first_labels, lesson.second_labels), strict=True)
        for place, one in enumerate(lesson.criteria)
        if labels[place] != UNKNOWN
    ]


def read_winners(
    pairs: Sequence[PairSample], lessons: Sequence[Lesson], logits: Sequence[tuple[Sequence[float], Sequence[float]]]
) -> list[ReadWinner]:
    """Every criterion with a winner."""
    return [
        ReadWinner(
            pair.group,
            pair.language,
            one.kind,
            (first[place] - second[place]) * (lesson.first_labels[place] - lesson.second_labels[place]),
        )
        for pair, lesson, (first, second) in zip(pairs, lessons, logits, strict=True)
        for place, one in enumerate(lesson.criteria)
        if lesson.is_decided(place)
    ]


def calibrate(labels: Sequence[ReadLabel], method: Method, seed: int) -> Calibrated:
    """Fit a calibrator for each head on its labels; a head whose labels are of one group, or that has none, gets none."""
    by_head: dict[HeadName, Calibrator] = {}
    chances = [chance_of(label.logit) for label in labels]
    for head, name in _HEADS.items():
        rows = [row for row, label in enumerate(labels) if head_of(label.kind) == head]
        if not rows:
            continue
        found = cross_fit(
            # A rising line goes through the logits themselves, Platt's curve through the log-odds of their chances: the same.
            [labels[row].logit if method == "isotonic" else chances[row] for row in rows],
            [labels[row].is_met for row in rows],
            [labels[row].group for row in rows],
            method,
            seed=seed,
        )
        if isinstance(found, Undefined):
            continue
        by_head[name] = found.calibrator
        for row, chance in zip(rows, found.probabilities, strict=True):
            chances[row] = chance
    return Calibrated(by_head, tuple(chances))


def figures_of(
    labels: Sequence[ReadLabel], pairs: Sequence[ReadWinner], chances: Sequence[float]
) -> tuple[Figure, ...]:
    """What the card tells, by group (what cannot be told is not there):

    `pointwise accuracy`, the share of labels on the right side of 0.5, and `pairwise accuracy`, the share of winners with the better logit
    (equal ones are half), of all, by kind and by language; `veto` precision, recall and F1, the class being *violated*; `calibration error`
    and `Brier score` by head.
    """
    slices: dict[str, Callable[[Any], bool]] = {"all": lambda one: True}
    for kind in ("proficiency", "excellence", "safety"):
        slices[kind] = partial(_is_of, "kind", kind)
    for language in sorted({label.language for label in labels}):
        slices[language] = partial(_is_of, "language", language)
    right = [float((chance >= 0.5) == label.is_met) for label, chance in zip(labels, chances, strict=True)]
    won = [1.0 if pair.margin > 0 else 0.5 if pair.margin == 0 else 0.0 for pair in pairs]
    found: list[tuple[str, str, Estimate | Undefined | None]] = []
    for metric, rows, values in (("pointwise accuracy", labels, right), ("pairwise accuracy", pairs, won)):
        found += [(metric, name, _share(rows, values, belongs)) for name, belongs in slices.items()]
    found += [(f"veto {metric}", "safety", estimate) for metric, estimate in _veto(labels, chances).items()]
    for head, name in _HEADS.items():
        own = [(label, chance) for label, chance in zip(labels, chances, strict=True) if head_of(label.kind) == head]
        said, so = [chance for _, chance in own], [label.is_met for label, _ in own]
        groups = [label.group for label, _ in own]
        found.append(("calibration error", f"{name} head", expected_calibration_error(said, so, groups)))
        found.append(("Brier score", f"{name} head", brier_score(said, so, groups, _PIECE)))
    return tuple(Figure(metric=metric, of=of, estimate=one) for metric, of, one in found if isinstance(one, Estimate))


def _is_of(field: str, wanted: str, row: Any) -> bool:
    return bool(getattr(row, field) == wanted)


def _share(rows: Sequence[Any], values: Sequence[float], belongs: Callable[[Any], bool]) -> Estimate | None:
    kept = [(row.group, value) for row, value in zip(rows, values, strict=True) if belongs(row)]
    return mean([value for _, value in kept], [group for group, _ in kept], _PIECE)


def _veto(labels: Sequence[ReadLabel], chances: Sequence[float]) -> dict[str, Estimate | Undefined]:
    """Of vetoes: a safety criterion is violated when it is met and has negative points, or not met and has positive ones."""
    import numpy as np

    rows = [(label, chance) for label, chance in zip(labels, chances, strict=True) if label.kind == "safety"]
    if not rows:
        return {}
    said = np.asarray([(chance >= 0.5) == (label.points < 0) for label, chance in rows], dtype=float)
    so = np.asarray([label.is_met == (label.points < 0) for label, _ in rows], dtype=float)

    def ratio(above: Any, below: Any) -> Callable[[Any], Any]:
        def statistic(weights: Any) -> Any:
            with np.errstate(invalid="ignore", divide="ignore"):
                return weights @ above / (weights @ below)

        return statistic

    groups = [label.group for label, _ in rows]
    hit = said * so
    parts = {"precision": ratio(hit, said), "recall": ratio(hit, so), "F1": ratio(2 * hit, said + so)}
    return {name: bootstrap(part, groups, scale=(0.0, 1.0), unit=_PIECE) for name, part in parts.items()}
