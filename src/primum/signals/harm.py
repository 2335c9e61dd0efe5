"""Whether a logged request is harmful, read by a small classifier that learned it from the run's own situations, and abstains when unsure.

Hashed character n-grams, weighed by tf-idf, and a logistic regression for each language, calibrated by Platt's sigmoid over three folds.
A regression alone is sure of itself on what it never saw: learned from harmless Chinese questions and few harmful ones, it called harmful
Chinese requests harmless at 0.95. So it reads only what is like something it knows: the nearest five known situations (cosine) must be
alike enough, and four of them must say the same. It tells harmful from harmless, no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from primum.language import detect
from primum.records import Language, Scenario
from primum.signals.settings import LogSettings

__all__ = ["HarmReader", "Read", "ReaderFigures", "asked"]

_LEAST = 30  # situations of either class, in a language
_MOST = 2000
_NEAREST = 5
_AGREEING = 4
_LIKE = 3  # of the nearest, whose mean cosine must reach `least_likeness`
_LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Read(NamedTuple):
    """What the reader says of a request: harmful, harmless, or nothing (`None`), and the probability of harm."""

    is_harmful: bool | None
    probability: float | None


class ReaderFigures(NamedTuple):
    """How the reader did on situations it did not learn from: how many there were, how many it read, how many of these rightly."""

    asked: int
    read: int
    right: int


class _Language(NamedTuple):
    """What was learned in one language: the weighing, the model, the known situations as rows, whether each is harmful."""

    weighing: Any
    model: Any
    rows: Any
    harmful: Any


class HarmReader:
    """Reads requests. Make it with `learn`."""

    def __init__(self, languages: Mapping[Language, _Language], settings: LogSettings) -> None:
        self._languages, self._settings = languages, settings

    @property
    def learned(self) -> dict[str, int]:
        """How many situations it learned from in each language; a language that is not there is never read."""
        return {language: one.rows.shape[0] for language, one in self._languages.items()}

    @classmethod
    def learn(cls, known: Sequence[Scenario], settings: LogSettings) -> HarmReader:
        """A reader from the open situations of the train split among `known`. It reads a language with 30 of either class."""
        ordered = sorted(known, key=lambda one: one.id)
        taught = {asked(one): one for one in ordered if one.task == "open" and one.split in ("train", None)}
        languages: dict[Language, _Language] = {}
        for language in _LANGUAGES:
            harmful = [text for text, one in taught.items() if one.language == language and one.harm_level > 0]
            harmless = [text for text, one in taught.items() if one.language == language and one.harm_level == 0]
            if min(len(harmful), len(harmless)) >= _LEAST:
                languages[language] = _learned(harmful[:_MOST], harmless[:_MOST], settings.seed)
        return cls(languages, settings)

    def read(self, texts: Sequence[str]) -> list[Read]:
        """What each request is; it abstains from what it is not sure of, what is like nothing it knows, and other languages."""
        told = [Read(None, None)] * len(texts)
        for language, learned in self._languages.items():
            places = [place for place, text in enumerate(texts) if detect(text) == language]
            for place, read in zip(places, self._read([texts[place] for place in places], learned), strict=True):
                told[place] = read
        return told

    def measure(self, unseen: Sequence[Scenario]) -> ReaderFigures:
        """How it does on the open situations of `unseen`."""
        asked_of = [one for one in unseen if one.task == "open"]
        told = self.read([asked(one) for one in asked_of])
        read = [(one, said) for one, said in zip(asked_of, told, strict=True) if said.is_harmful is not None]
        right = sum(said.is_harmful == (one.harm_level > 0) for one, said in read)
        return ReaderFigures(len(asked_of), len(read), right)

    def _read(self, texts: Sequence[str], learned: _Language) -> list[Read]:
        import numpy as np

        if not texts:
            return []
        rows = learned.weighing.transform(_hashed(texts))
        probabilities = learned.model.predict_proba(rows)[:, 1]
        is_harmful = probabilities >= 0.5
        is_read = np.maximum(probabilities, 1 - probabilities) >= self._settings.least_confidence
        sure = np.flatnonzero(is_read)
        if len(sure):
            likeness = np.asarray((rows[sure] @ learned.rows.T).todense())
            nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :_NEAREST]
            close = np.take_along_axis(likeness, nearest, axis=1)[:, :_LIKE].mean(axis=1)
            agreeing = (learned.harmful[nearest] == is_harmful[sure, None]).sum(axis=1)
            is_read[sure] = (close >= self._settings.least_likeness) & (agreeing >= _AGREEING)
        return [
            Read(bool(harm) if told else None, float(probability))
            for harm, told, probability in zip(is_harmful, is_read, probabilities, strict=True)
        ]


def asked(scenario: Scenario) -> str:
    """What the user asks in a situation, all turns of it."""
    return "\n".join(turn.content for turn in scenario.messages if turn.role == "user")


def _hashed(texts: Sequence[str]) -> Any:
    """Character n-grams of 2 to 4, shape (text, 65536)."""
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), n_features=2**16, alternate_sign=False, norm=None
    )
    return vectorizer.transform(texts)


def _learned(harmful: Sequence[str], harmless: Sequence[str], seed: int) -> _Language:
    import numpy as np
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    labels = np.array([True] * len(harmful) + [False] * len(harmless))
    weighing = TfidfTransformer(sublinear_tf=True)
    rows = weighing.fit_transform(_hashed([*harmful, *harmless]))
    regression = LogisticRegression(C=10.0, class_weight="balanced", max_iter=300, random_state=seed)
    model = CalibratedClassifierCV(regression, method="sigmoid", cv=3)
    model.fit(rows, labels)
    return _Language(weighing, model, rows, labels)
