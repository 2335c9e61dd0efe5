"""Whether the words of the options alone give the key away: a classifier that never sees the question.

Logistic regression on hashed character n-grams of an option's text, cross-validated so that no norm stands on both sides. Of a single
choice it takes the option it likes best; of a multiple choice it is scored by how often it ranks a right option above a wrong one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from primum.bench.lint.found import Context, Outcome
from primum.bench.lint.lengths import Excess, excess
from primum.records import Scenario

__all__ = ["check_tells"]

_FOLDS: Final = 5
_FEATURES: Final = 2**18


def check_tells(seen: Context) -> Outcome:
    """An options-only classifier does no better than chance, within the margin."""
    found: list[tuple[str, str]] = []
    told = []
    for task, what in (("single_choice", "key"), ("multiple_choice", "order of a right and a wrong option")):
        items = [item for item in seen.choices if item.task == task and len(item.key) < len(item.options)]
        if not items:
            continue
        folds = _folds(items, seen.settings.seed)
        if len(items) < seen.settings.least_choices or len(set(folds)) < _FOLDS:
            told.append(f"{task}: too few items to learn from ({len(items)})")
            continue
        outcome = _outcome(items, _scores(items, folds))
        told.append(f"{task}: {outcome.hit:.1%}, chance {outcome.chance:.1%}")
        if outcome.is_bias(seen.settings.tell_margin, seen.settings.level):
            rates = f"{outcome.hit:.1%}, chance {outcome.chance:.1%}"
            found.append(("", f"a classifier that sees the options of {task} alone finds the {what} in {rates}"))
    return found, "the options' words do not give the key away: " + ("; ".join(told) or "no choice questions")


def _folds(items: Sequence[Scenario], seed: int) -> list[int]:
    """The fold of each item, by its first norm: what is learnt of one article is never tried on it."""
    names = [item.grounds[0].article if item.grounds else item.id for item in items]
    return [hashlib.sha256(f"{seed}\x1f{name}".encode()).digest()[0] % _FOLDS for name in names]


def _scores(items: Sequence[Scenario], folds: Sequence[int]) -> list[list[float]]:
    """What the classifier, taught on the other folds, thinks of each option of each item."""
    import numpy as np
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier

    texts = [option.text for item in items for option in item.options]
    labels = np.array([option.letter in item.key for item in items for option in item.options])
    owner = np.repeat(np.arange(len(items)), [len(item.options) for item in items])
    rows: Any = HashingVectorizer(
        analyzer="char", ngram_range=(1, 3), n_features=_FEATURES, alternate_sign=False, dtype=np.float32
    ).transform(texts)
    fold = np.asarray(folds)[owner]
    scores = np.zeros(len(texts))
    for number in range(_FOLDS):
        taught, tried = fold != number, fold == number
        if not tried.any() or len(set(labels[taught].tolist())) < 2:
            continue
        model = SGDClassifier(
            loss="log_loss", alpha=1e-5, max_iter=20, tol=None, random_state=0, class_weight="balanced"
        )
        model.fit(rows[taught], labels[taught])
        scores[tried] = model.decision_function(rows[tried])
    ends = np.cumsum([len(item.options) for item in items])
    return [part.tolist() for part in np.split(scores, ends[:-1])]


def _outcome(items: Sequence[Scenario], scores: Sequence[Sequence[float]]) -> Excess:
    hits: list[float] = []
    chances: list[float] = []
    for item, liked in zip(items, scores, strict=True):
        right = [score for option, score in zip(item.options, liked, strict=True) if option.letter in item.key]
        wrong = [score for option, score in zip(item.options, liked, strict=True) if option.letter not in item.key]
        if item.task == "single_choice":
            best = max(liked)
            hits.append((right[0] == best) / sum(score == best for score in liked))
            chances.append(1 / len(liked))
        else:
            pairs = [(one > other) + 0.5 * (one == other) for one in right for other in wrong]
            hits.append(sum(pairs) / len(pairs))
            chances.append(0.5)
    return excess(hits, chances)
