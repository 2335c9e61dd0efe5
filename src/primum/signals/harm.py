"""Whether a logged request is harmful, read by a small classifier that learned it from the run's own situations, and abstains when unsure.

Hashed character n-grams and a logistic regression, calibrated by Platt's sigmoid over three folds. It tells harmful from harmless only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from primum.records import Scenario

__all__ = ["HarmReader", "Read", "ReaderFigures", "asked"]

_LEAST = 30  # situations of either class
_MOST = 4000


class Read(NamedTuple):
    """What the reader says of a request: harmful, harmless, or nothing (`None`), and the probability of harm."""

    is_harmful: bool | None
    probability: float


class ReaderFigures(NamedTuple):
    """How the reader did on situations it did not learn from: how many there were, how many it read, how many of these rightly."""

    asked: int
    read: int
    right: int


class HarmReader:
    """Reads requests. Make it with `learn`; it gives `None` when there is too little to learn from."""

    def __init__(self, vectorizer: Any, model: Any, least_confidence: float, learned: int) -> None:
        self._vectorizer, self._model, self._least = vectorizer, model, least_confidence
        self.learned = learned

    @classmethod
    def learn(cls, known: Sequence[Scenario], least_confidence: float, seed: int) -> HarmReader | None:
        """A reader from the open situations of the train split among `known`; `None` with fewer than 30 of either class."""
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.feature_extraction.text import HashingVectorizer
        from sklearn.linear_model import LogisticRegression

        ordered = sorted(known, key=lambda one: one.id)
        taught = {asked(one): one for one in ordered if one.task == "open" and one.split in ("train", None)}
        harmful = [text for text, one in taught.items() if one.harm_level > 0][:_MOST]
        harmless = [text for text, one in taught.items() if one.harm_level == 0][:_MOST]
        if min(len(harmful), len(harmless)) < _LEAST:
            return None
        vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 4), n_features=2**17, alternate_sign=False)
        model = CalibratedClassifierCV(
            LogisticRegression(C=10.0, class_weight="balanced", max_iter=200, random_state=seed), method="sigmoid", cv=3
        )
        model.fit(vectorizer.transform([*harmful, *harmless]), [1] * len(harmful) + [0] * len(harmless))
        return cls(vectorizer, model, least_confidence, len(harmful) + len(harmless))

    def read(self, texts: Sequence[str]) -> list[Read]:
        """What each request is; it abstains below its least confidence."""
        if not texts:
            return []
        probabilities = self._model.predict_proba(self._vectorizer.transform([text.lower() for text in texts]))[:, 1]
        return [self._told(float(one)) for one in probabilities]

    def measure(self, unseen: Sequence[Scenario]) -> ReaderFigures:
        """How it does on the open situations of `unseen`."""
        asked_of = [one for one in unseen if one.task == "open"]
        told = self.read([asked(one) for one in asked_of])
        read = [(one, said) for one, said in zip(asked_of, told, strict=True) if said.is_harmful is not None]
        return ReaderFigures(
            len(asked_of), len(read), sum(said.is_harmful == (one.harm_level > 0) for one, said in read)
        )

    def _told(self, probability: float) -> Read:
        if max(probability, 1 - probability) < self._least:
            return Read(None, probability)
        return Read(probability >= 0.5, probability)


def asked(scenario: Scenario) -> str:
    """What the user asks in a situation, all turns of it, in lower case."""
    return "\n".join(turn.content for turn in scenario.messages if turn.role == "user").lower()
