"""Training a guardian: the linear fit, and the temperature that makes its confidence honest.

The temperature is fitted on answers of models that were left out of the fit, each in turn: what the guardian says of a model it has never
seen is what its confidence should be honest about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from primum.errors import TrainingError
from primum.judging.features import FEATURES, features
from primum.judging.guardian import PHRASEBOOK, STANCES, Guardian, GuardianSettings, LabelledAnswer, softmax

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[numpy.float32]

__all__ = ["fit", "in_order", "kin_rows", "model_groups", "scenario_folds", "train_guardian"]

_FOLDS = 3


def train_guardian(examples: Sequence[LabelledAnswer], settings: GuardianSettings, name: str) -> Guardian:
    """A guardian fitted on all examples, its temperature on answers of left-out models. The order of the examples does not matter.

    Raises `TrainingError` when there are fewer than two stances to tell apart.
    """
    ordered = in_order(examples)
    return fit(ordered, features([one.response.text for one in ordered]), settings, name)


def fit(
    examples: Sequence[LabelledAnswer],
    matrix: csr_matrix,
    settings: GuardianSettings,
    name: str,
    temperature: float | None = None,
) -> Guardian:
    """`train_guardian` on features that are known already, one row an example; with a `temperature` none is fitted."""
    weights, biases = _fit_linear(examples, matrix, settings)
    if temperature is None:
        temperature = _fit_temperature(examples, matrix, settings)
    trained_on = tuple(sorted({one.judgement_id for one in examples}))
    return Guardian(name, settings, weights, biases, temperature, trained_on)


def _fit_temperature(examples: Sequence[LabelledAnswer], matrix: csr_matrix, settings: GuardianSettings) -> float:
    """The temperature under which left-out models' labels are likeliest; 1 when no model can be left out."""
    import numpy as np

    labels = np.asarray([STANCES.index(one.stance) for one in examples])
    scores, truths = [], []
    for left_out in _calibration_folds(examples, settings):
        held = np.asarray(left_out)
        rest = np.setdiff1d(np.arange(len(examples)), kin_rows(examples, held, settings))
        if len({examples[i].stance for i in rest}) < len({one.stance for one in examples}):
            continue  # a fit without one of the stances would be calibrated for another task
        part_weights, part_biases = _fit_linear([examples[i] for i in rest], matrix[rest], settings)
        scores.append(np.asarray(matrix[held] @ part_weights.T + part_biases))
        truths.append(labels[held])
    return _temperature(np.concatenate(scores), np.concatenate(truths)) if scores else 1.0


def in_order(examples: Sequence[LabelledAnswer]) -> list[LabelledAnswer]:
    """The examples by judgement: what is fitted on them does not depend on the order they came in."""
    return sorted(examples, key=lambda one: (one.judgement_id, one.response.id))


def model_groups(examples: Sequence[LabelledAnswer], settings: GuardianSettings) -> list[str]:
    """The groups among the examples that stand for models, sorted."""
    present = sorted({one.group for one in examples})
    if settings.model_groups:
        return [group for group in present if group in settings.model_groups]
    return [group for group in present if group != PHRASEBOOK]


def _calibration_folds(examples: Sequence[LabelledAnswer], settings: GuardianSettings) -> list[list[int]]:
    """Rows to leave out in turn: each model's answers; with a single model, its answers by scenario in three parts."""
    groups = model_groups(examples, settings)
    if len(groups) > 1:
        return [[i for i, one in enumerate(examples) if one.group == group] for group in groups]
    return scenario_folds(examples, groups, _FOLDS)


def scenario_folds(examples: Sequence[LabelledAnswer], groups: Sequence[str], folds: int) -> list[list[int]]:
    """Rows of the groups in `folds` parts; near-duplicate scenarios stay together, whatever the order of the examples."""
    parts: list[list[int]] = [[] for _ in range(folds)]
    for i, one in enumerate(examples):
        if one.group in groups:
            cluster = one.scenario.cluster or one.scenario.prompt
            parts[int.from_bytes(hashlib.sha256(cluster.encode()).digest()[:4], "big") % folds].append(i)
    return [part for part in parts if part]


def kin_rows(
    examples: Sequence[LabelledAnswer], held: NDArray[numpy.int64], settings: GuardianSettings
) -> NDArray[numpy.int64]:
    """The rows to keep out of a fit that is tested on `held`: those, and when they are all that a model answered, its kin as well."""
    import numpy as np

    rows = set(held.tolist())
    groups = {examples[i].group for i in rows}
    whole = {group for group in groups if all(i in rows for i, one in enumerate(examples) if one.group == group)}
    added = [i for i, one in enumerate(examples) if settings.kin.get(one.group) in whole]
    return np.asarray(sorted(rows | set(added)), dtype=np.int64)


def _fit_linear(
    examples: Sequence[LabelledAnswer], matrix: csr_matrix, settings: GuardianSettings
) -> tuple[Floats, Floats]:
    """Weights (stance, feature) and biases (stance,)."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    seen = sorted({one.stance for one in examples}, key=STANCES.index)
    if len(seen) < 2:
        raise TrainingError(
            f"{len(examples)} labelled answers with the stances {seen}",
            "cannot teach a guardian to tell stances apart",
            "label answers of at least two stances",
            "judging.train_guardian",
        )
    counts = [
        settings.weights.get(one.group, settings.simulated_weight if one.is_simulated else 1.0) for one in examples
    ]
    # Only columns that occur are fitted: the others would keep weight 0 at the price of half the time.
    columns = np.unique(matrix.indices)
    regression = LogisticRegression(C=settings.inverse_penalty, max_iter=300, tol=1e-3)
    regression.fit(matrix[:, columns], [one.stance for one in examples], sample_weight=np.asarray(counts))
    weights = np.zeros((len(STANCES), FEATURES), dtype=np.float32)
    biases = np.full(len(STANCES), -np.inf, dtype=np.float32)
    coefficients, intercepts = regression.coef_, regression.intercept_
    if len(seen) == 2:  # scikit-learn keeps one row for two classes: the second one's log-odds
        coefficients = np.vstack([np.zeros_like(coefficients), coefficients])
        intercepts = np.concatenate([[0.0], intercepts])
    for row, stance in enumerate(regression.classes_):
        weights[STANCES.index(stance), columns] = coefficients[row]
        biases[STANCES.index(stance)] = intercepts[row]
    return weights, biases


def _temperature(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """The temperature (0.1 … 10) under which left-out labels are likeliest: least mean of −log softmax(scores / t)[label]."""
    import numpy as np
    from scipy.optimize import minimize_scalar

    known = np.isfinite(scores[np.arange(len(labels)), labels])
    scores, labels = scores[known], labels[known]
    if not len(labels):
        return 1.0

    def loss(log_temperature: float) -> float:
        chances = softmax(scores / np.exp(log_temperature))
        return float(-np.log(np.maximum(chances[np.arange(len(labels)), labels], 1e-12)).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.1), np.log(10.0)), method="bounded")
    return float(np.exp(found.x))
