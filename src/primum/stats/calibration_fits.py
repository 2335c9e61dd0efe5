"""Two ways to repair a probability, Platt's and the isotonic one, and fitting them so that they can be measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from primum.errors import InputError
from primum.records import Value
from primum.stats.calibration_rows import checked_clusters, checked_probabilities, checked_truth
from primum.stats.undefined import Undefined

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]

__all__ = ["Calibrator", "CrossFitted", "Isotonic", "Method", "Platt", "cross_fit", "fit_isotonic", "fit_platt"]

Method = Literal["platt", "isotonic"]
_EDGE = 1e-6  # a score of 0 or 1 is taken to be this far from it: its log-odds are finite


class Platt(Value, frozen=True, tag_field="method", tag="platt"):
    """`1 / (1 + exp(−(slope · f + intercept)))`, `f` the score's log-odds, or with `log_odds` false the score itself.

    Slope 1 and intercept 0 leave a probability as it was.
    """

    slope: float
    intercept: float
    log_odds: bool = True

    def apply(self, scores: Sequence[float]) -> tuple[float, ...]:
        """The calibrated probability of each score."""
        import numpy as np

        found = self.slope * _features(scores, self.log_odds) + self.intercept
        return tuple((0.5 * (1 + np.tanh(found / 2))).tolist())


class Isotonic(Value, frozen=True, tag_field="method", tag="isotonic"):
    """A rising line through `(scores, probabilities)`, straight between them and level beyond the first and the last."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def check(self) -> None:
        rises = all(
            list(side) == sorted(side) and all(map(math.isfinite, side)) for side in (self.scores, self.probabilities)
        )
        if not rises or not self.scores or len(self.scores) != len(self.probabilities):
            self.refuse(
                f"{len(self.scores)} scores and {len(self.probabilities)} probabilities",
                "are not one rising line",
                "fit it again",
            )

    def apply(self, scores: Sequence[float]) -> tuple[float, ...]:
        """The calibrated probability of each score."""
        import numpy as np

        return tuple(np.interp(_features(scores, False), self.scores, self.probabilities).tolist())


Calibrator = Platt | Isotonic


class CrossFitted(NamedTuple):
    """The calibrator of all rows, to be used from now on, and for each row what one that had not seen its cluster says, to be measured."""

    calibrator: Calibrator
    probabilities: tuple[float, ...]


def fit_platt(scores: Sequence[float], right: Sequence[bool], log_odds: bool = True) -> Platt:
    """Platt's scaling (1999) by maximum likelihood, after Lin, Lin and Weng (2007).

    Not on 0 and 1 but on Platt's targets, `(n₊ + 1)/(n₊ + 2)` and `1/(n₋ + 2)`: a handful of rows, all right, is no certainty, and the
    likelihood has its maximum at finite values even if the scores part the classes.

    Raises `InputError` for no rows, rows that do not match, or scores that are not what `log_odds` needs.
    """
    import numpy as np

    truth = checked_truth(scores, right)
    feature = _features(scores, log_odds)
    positive = float(truth.sum())
    target = np.where(truth > 0, (positive + 1) / (positive + 2), 1 / (len(truth) - positive + 2))
    middle, spread = float(feature.mean()), float(feature.std())
    if spread <= 1e-12 * max(1.0, abs(middle)):
        share = float(target.mean())
        return Platt(slope=0.0, intercept=math.log(share / (1 - share)), log_odds=log_odds)
    slope, intercept = _newton((feature - middle) / spread, target)
    return Platt(slope=slope / spread, intercept=intercept - slope * middle / spread, log_odds=log_odds)


def fit_isotonic(scores: Sequence[float], right: Sequence[bool]) -> Isotonic:
    """Isotonic regression (scikit-learn's), its ends held to `1/(n + 2) … (n + 1)/(n + 2)`: no row count makes 0 or 1 certain.

    Needs some hundred rows to be worth more than `fit_platt`. Raises `InputError` as that does.
    """
    from sklearn.isotonic import IsotonicRegression

    truth = checked_truth(scores, right)
    n = len(truth)
    fitted = IsotonicRegression(y_min=1 / (n + 2), y_max=(n + 1) / (n + 2), increasing=True, out_of_bounds="clip")
    fitted.fit(_features(scores, False), truth)
    return Isotonic(scores=tuple(fitted.X_thresholds_.tolist()), probabilities=tuple(fitted.y_thresholds_.tolist()))


def cross_fit(
    scores: Sequence[float],
    right: Sequence[bool],
    clusters: Sequence[str] | None = None,
    method: Method = "platt",
    folds: int = 5,
    seed: int = 0,
) -> CrossFitted | Undefined:
    """A calibrator, and probabilities that it can be measured with: whole clusters are dealt to `folds`, each by a fit on the others.

    Raises `InputError` for fewer than 2 folds, or rows that do not match.
    """
    import numpy as np

    truth = checked_truth(scores, right)
    if folds < 2:
        raise InputError(f"{folds} folds", "leave nothing to fit on", "take 2 or more", "stats.cross_fit")
    index, count = checked_clusters(len(truth), clusters)
    if count < 2:
        return Undefined("all rows are of one cluster, so there is nothing to fit on that is not also measured")
    fold_of = (np.random.default_rng(seed).permutation(count) % min(folds, count))[index]
    row, out = np.asarray(scores, dtype=float), np.empty(len(truth))
    for fold in range(min(folds, count)):
        held = fold_of == fold
        calibrator = _fit(method, row[~held].tolist(), (truth[~held] > 0).tolist())
        out[held] = calibrator.apply(row[held].tolist())
    return CrossFitted(_fit(method, row.tolist(), (truth > 0).tolist()), tuple(out.tolist()))


def _fit(method: Method, scores: Sequence[float], right: Sequence[bool]) -> Calibrator:
    return fit_platt(scores, right) if method == "platt" else fit_isotonic(scores, right)


def _newton(feature: Floats, target: Floats) -> tuple[float, float]:
    """The slope and intercept of least cross-entropy; a convex problem with one finite answer, as the targets are inside (0, 1)."""
    import numpy as np

    def loss(point: Floats) -> float:
        return float((np.logaddexp(0.0, design @ point) - target * (design @ point)).sum())

    design = np.column_stack([feature, np.ones(len(feature))])
    share = float(target.mean())
    point = np.asarray([0.0, math.log(share / (1 - share))])
    for _ in range(100):
        said = 0.5 * (1 + np.tanh(design @ point / 2))
        gradient = design.T @ (said - target)
        if float(np.abs(gradient).max()) <= 1e-10 * len(target):
            break
        step = np.linalg.solve(design.T @ (design * (said * (1 - said))[:, None]) + 1e-12 * np.eye(2), gradient)
        length = 1.0
        while loss(point - length * step) > loss(point) - 1e-4 * length * float(gradient @ step) and length > 1e-10:
            length /= 2
        point = point - length * step
    return float(point[0]), float(point[1])


def _features(scores: Sequence[float], log_odds: bool) -> Floats:
    import numpy as np

    if log_odds:
        inside = np.clip(checked_probabilities(scores), _EDGE, 1 - _EDGE)
        found: Floats = np.log(inside / (1 - inside))
        return found
    row = np.asarray(scores, dtype=float)
    if not np.isfinite(row).all():
        raise InputError("a score", "is not a finite number", "leave out what has no score", "stats.calibration")
    return row
