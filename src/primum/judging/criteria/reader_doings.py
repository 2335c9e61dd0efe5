"""What a text does: a linear map from its n-grams to the doings it was taught (`starter.clinical_answers`), criteria and answers alike.

Ridge regression on all doings at once, solved in its dual form. A text that does nothing that was taught lies near zero everywhere, and
the reader then goes by the words that criterion and answer share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from primum.judging.criteria.reader_text import GRAMS, grams_of
from primum.records import Language
from primum.starter.clinical_answers import Saying

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float32]

__all__ = ["learn_doings", "said_in"]

_RIDGE = 0.5


def learn_doings(taught: Sequence[Saying], keys: Sequence[str], language: Language) -> Floats:
    """Weights of shape (n-grams, doings), from wordings of one language; sayings without a key do none of them."""
    import numpy as np

    rows = np.zeros((len(taught), GRAMS), dtype=np.float32)
    truth = np.zeros((len(taught), len(keys)), dtype=np.float32)
    place = {key: i for i, key in enumerate(keys)}
    for i, one in enumerate(taught):
        for column, value in grams_of(one.text, language).items():
            rows[i, column] = value
        if one.key in place:
            truth[i, place[one.key]] = 1.0
    kernel = rows @ rows.T
    kernel[np.diag_indices(len(taught))] += _RIDGE
    return np.asarray(rows.T @ np.linalg.solve(kernel, truth), dtype=np.float32)


def said_in(texts: Sequence[str], weights: Floats, language: Language) -> Floats:
    """How much each text does each doing, shape (texts, doings): about 1 where it does, 0 where it does not."""
    import numpy as np

    found = np.zeros((len(texts), weights.shape[1]), dtype=np.float32)
    for i, text in enumerate(texts):
        grams = grams_of(text, language)
        if grams:
            columns = np.fromiter(grams, dtype=np.int64, count=len(grams))
            found[i] = np.fromiter(grams.values(), dtype=np.float32, count=len(grams)) @ weights[columns]
    return np.maximum(found, 0.0)
