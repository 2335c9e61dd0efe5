"""Training the profile classifier from queries with their values, and measuring it on folds that no near-duplicate crosses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from primum.errors import TrainingError
from primum.records import Estimate, Scenario, content_hash
from primum.rubrics.profiles.classifier import Head, ProfileClassifier, weighed
from primum.rubrics.profiles.features import Encoded, encode, said
from primum.rubrics.profiles.settings import ProfileSettings
from primum.starter.clinical import check_values, dimensions
from primum.stats import wilson

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["Example", "Measured", "agreement", "cross_validate", "train_classifier"]

_DEFAULT = ProfileSettings()
Example = tuple[Scenario, Mapping[str, str]]
_TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5, 3.0)
_MOST_ROUNDS = 2000


class Measured(NamedTuple):
    """How often values are right, by dimension, with `all` four at once last; and the temperature that made the chances honest."""

    accuracy: dict[str, Estimate]
    by_language: dict[str, dict[str, Estimate]]
    temperatures: dict[str, float]
    groups: int


def train_classifier(examples: Sequence[Example], settings: ProfileSettings = _DEFAULT) -> ProfileClassifier:
    """A classifier from queries and their values on every dimension; equal examples and settings give equal weights.

    The temperatures come from cross-validation. Raises `InputError` for values that are none, `TrainingError` where a value has no example.
    """
    return _train(examples, settings)[0]


def cross_validate(examples: Sequence[Example], settings: ProfileSettings = _DEFAULT) -> Measured:
    """How right a classifier trained on the other folds is on each fold; near-duplicates stay in one fold."""
    return _train(examples, settings)[1]


def agreement(
    said_values: Sequence[Mapping[str, str]], true_values: Sequence[Mapping[str, str]]
) -> dict[str, Estimate]:
    """The share of queries whose value is right, by dimension, and of those with all of them right (`all`), with Wilson's interval."""
    pairs = list(zip(said_values, true_values, strict=True))
    names = [dimension.key for dimension in dimensions()]
    right = {name: sum(one[name] == other[name] for one, other in pairs) for name in names}
    right["all"] = sum(all(one[name] == other[name] for name in names) for one, other in pairs)
    return {name: wilson(count, len(pairs), "query") for name, count in right.items()}


def _train(examples: Sequence[Example], settings: ProfileSettings) -> tuple[ProfileClassifier, Measured]:
    import numpy as np

    for scenario, values in examples:
        check_values(values, f"the example {scenario.id}")
    encoded = encode([said(one) for one, _ in examples], [one.language for one, _ in examples])
    truth = {
        dimension.key: np.asarray([dimension.keys.index(values[dimension.key]) for _, values in examples])
        for dimension in dimensions()
    }
    _check_values_present(truth)
    groups = _near_duplicates(encoded, settings.likeness)
    folds = _folds(groups, settings)
    left_out = {name: np.zeros((len(examples), len(_keys(name)))) for name in truth}
    for fold in range(settings.folds):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        learner = _fit(encoded, truth, inside, settings, {})
        found = learner.chances(Encoded(encoded.grams[outside], encoded.cues[outside]))
        for name, chances in found.items():
            left_out[name][outside] = chances
    temperatures = {name: _temperature(left_out[name], truth[name]) for name in truth}
    whole = _fit(encoded, truth, np.arange(len(examples)), settings, temperatures)
    whole.trained_on = content_hash(
        [[said(one), one.language, dict(sorted(values.items()))] for one, values in examples]
    )
    whole.examples = len(examples)
    return whole, _measured(examples, left_out, temperatures, int(groups.max()) + 1)


def _measured(
    examples: Sequence[Example],
    left_out: Mapping[str, NDArray[numpy.float64]],
    temperatures: dict[str, float],
    groups: int,
) -> Measured:
    told = [
        {name: _keys(name)[int(chances[row].argmax())] for name, chances in left_out.items()}
        for row in range(len(examples))
    ]
    true = [values for _, values in examples]
    by_language: dict[str, dict[str, Estimate]] = {}
    for language in sorted({one.language for one, _ in examples}):
        rows = [row for row, (one, _) in enumerate(examples) if one.language == language]
        by_language[language] = agreement([told[row] for row in rows], [true[row] for row in rows])
    return Measured(agreement(told, true), by_language, temperatures, groups)


def _fit(
    encoded: Encoded,
    truth: Mapping[str, NDArray[numpy.int64]],
    rows: NDArray[numpy.int64],
    settings: ProfileSettings,
    temperatures: Mapping[str, float],
) -> ProfileClassifier:
    """Heads fitted to some rows; values weigh the same however many queries have them."""
    import numpy as np
    from scipy.sparse import hstack
    from sklearn.linear_model import LogisticRegression

    grams = encoded.grams[rows]
    count = np.asarray((grams > 0).sum(axis=0)).ravel()
    columns = np.flatnonzero(count >= settings.least_count)
    rarity = (np.log((1 + len(rows)) / (1 + count[columns])) + 1).astype(np.float32)
    blocks: list[Any] = [weighed(grams[:, columns], rarity), settings.cue_weight * encoded.cues[rows]]
    seen: csr_matrix = hstack(blocks).tocsr()
    heads: dict[str, Head] = {}
    for name, values in truth.items():
        learner = LogisticRegression(C=settings.strength, max_iter=_MOST_ROUNDS, class_weight="balanced")
        learner.fit(seen, values[rows])
        size = len(_keys(name))
        weights, bias = np.zeros((seen.shape[1], size)), np.full(size, -np.inf)
        if len(learner.classes_) == 2:  # one row of weights tells two values apart
            half = learner.coef_[0] / 2
            weights[:, learner.classes_] = np.stack([-half, half], axis=1)
            bias[learner.classes_] = [-learner.intercept_[0] / 2, learner.intercept_[0] / 2]
        else:
            weights[:, learner.classes_] = learner.coef_.T
            bias[learner.classes_] = learner.intercept_
        heads[name] = Head(
            weights[: len(columns)].astype(np.float16),
            (settings.cue_weight * weights[len(columns) :]).astype(np.float32),
            bias.astype(np.float32),
            temperatures.get(name, 1.0),
        )
    return ProfileClassifier(columns.astype(np.uint32), rarity, heads, "", 0)


def _temperature(chances: NDArray[numpy.float64], truth: NDArray[numpy.int64]) -> float:
    """The temperature of `_TEMPERATURES` under which the true values have the highest likelihood."""
    import numpy as np
    from scipy.special import log_softmax

    scores = np.log(np.maximum(chances, 1e-12))
    told = {heat: -log_softmax(scores / heat, axis=1)[np.arange(len(truth)), truth].sum() for heat in _TEMPERATURES}
    return min(told, key=lambda heat: (told[heat], heat))


def _near_duplicates(encoded: Encoded, likeness: float) -> NDArray[numpy.int64]:
    """The group of each query: those connected by a cosine of n-grams of at least `likeness`."""
    import numpy as np
    from scipy.sparse.csgraph import connected_components

    count = np.asarray((encoded.grams > 0).sum(axis=0)).ravel()
    columns = np.flatnonzero(count)
    rarity = np.log((1 + encoded.grams.shape[0]) / (1 + count[columns])) + 1
    plain = weighed(encoded.grams[:, columns], rarity)
    alike = plain @ plain.T
    alike.data = np.where(alike.data >= likeness, 1.0, 0.0)
    alike.eliminate_zeros()
    return np.asarray(connected_components(alike, directed=False)[1], dtype=np.int64)


def _folds(groups: NDArray[numpy.int64], settings: ProfileSettings) -> NDArray[numpy.int64]:
    """The fold of each query: groups, the large ones first, each to the fold that has the fewest queries yet; ties by lot."""
    import numpy as np

    sizes = np.bincount(groups)
    if len(sizes) < settings.folds:
        raise TrainingError(
            f"{len(sizes)} groups of queries",
            f"cannot fill {settings.folds} folds",
            "give more queries",
            "rubrics.profiles",
        )
    order = np.random.default_rng(settings.seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled, fold_of = np.zeros(settings.folds), np.zeros(len(sizes), dtype=np.int64)
    for group in order:
        fold_of[group] = int(filled.argmin())
        filled[fold_of[group]] += sizes[group]
    return np.asarray(fold_of[groups])


def _check_values_present(truth: Mapping[str, NDArray[numpy.int64]]) -> None:
    for name, values in truth.items():
        missing = [key for place, key in enumerate(_keys(name)) if place not in values]
        if missing:
            raise TrainingError(
                f"{name} {', '.join(missing)}", "has no example", "give queries of every value", "rubrics.profiles"
            )


def _keys(name: str) -> tuple[str, ...]:
    return next(dimension.keys for dimension in dimensions() if dimension.key == name)
