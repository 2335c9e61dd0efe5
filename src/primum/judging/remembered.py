"""What the linear guardian remembers of the answers it learned from: how much an answer is like help that others gave to the question.

People called a refusal partial when it served the question all the same, and that shows best beside help that somebody gave: of two
answers that open with the same "I cannot", the one with the mulch and the hand weeding in it has helped with the weeds. So the reader
keeps, of each answer of a model it learned from, which content words were in it (hashed; the question's own words left out), its stance
and a hash of the question. Beside a question that nobody answered these counts are 0, and the gates are fitted for that case as well.

Two counts need no known question: how rare an answer's words are among refusals, and how many of its words no refusal says.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple, cast

from primum.judging.features import STEMS, Encoded

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[numpy.float64]

__all__ = ["BESIDE", "LIKENESS", "Memory", "Own", "likeness", "nothing", "remember"]

_RARE = ("rare among refusals", "log of words no refusal says", "share of words no refusal says")
_BESIDE = (
    *("like an answer that helped", "like an answer that did not refuse", "like a refusal"),
    *("others helped rather than refused", "words of help", "others were cautious"),
)
LIKENESS: tuple[str, ...] = (*_RARE, *_BESIDE)
# The columns that compare with answers to the same question.
BESIDE = range(len(_RARE), len(LIKENESS))
_UNSAID = 0.01  # a word that fewer refusals say counts as one that no refusal says
# About the mean of each among the training answers, so that 0 means "neither here nor there".
_USUAL_COSINE = 0.12
_USUAL_SHARE = 0.3
_SPREAD = 4.0


class Memory(NamedTuple):
    """`keys` (hashed question), `stances` (index into `STANCES`) and `words` (answer, `STEMS`; each row of length 1) have a row for each
    answer; `weights` is how telling each word is; `refusals` counts the refusals that say it, `total` all of them."""

    keys: NDArray[numpy.uint64]
    stances: NDArray[numpy.uint8]
    words: csr_matrix
    weights: NDArray[numpy.float32]
    refusals: NDArray[numpy.uint16]
    total: int


class Own(NamedTuple):
    """Answers that are remembered themselves, or made of such: whose answers each is not compared with, and which is a remembered
    refusal. `groups` names the group of each answer in the memory."""

    groups: Sequence[str]
    away: Sequence[AbstractSet[str]]
    is_refusal: NDArray[numpy.bool_]


def nothing() -> Memory:
    """The memory of a reader that has learned no stance."""
    import numpy as np
    from scipy.sparse import csr_matrix

    return Memory(
        np.zeros(0, dtype=np.uint64),
        np.zeros(0, dtype=np.uint8),
        csr_matrix(np.zeros((0, STEMS), dtype=np.float32)),
        np.zeros(STEMS, dtype=np.float32),
        np.zeros(STEMS, dtype=np.uint16),
        0,
    )


def remember(encoded: Encoded, stances: Sequence[int]) -> Memory:
    """The memory of answers with these stances."""
    import numpy as np

    if not len(stances):
        return nothing()
    said = np.asarray(stances, dtype=np.uint8)
    present = encoded.stems.copy()
    present.data = np.ones_like(present.data)
    documents = np.asarray(present.sum(axis=0)).ravel()
    weights = np.maximum(np.log(len(said) / (1 + documents)), 0.0).astype(np.float32)
    refusals = np.asarray(present[said == 2].sum(axis=0)).ravel().astype(np.uint16)
    words = _weighed(encoded.stems, weights)
    # Half precision is what is saved: the reader that was trained is the one that is loaded.
    words.data = words.data.astype(np.float16).astype(np.float32)
    return Memory(encoded.keys, said, words, weights, refusals, int((said == 2).sum()))


def likeness(memory: Memory, encoded: Encoded, own: Own | None = None) -> Floats:
    """The counts of `LIKENESS` by case. `own` keeps answers that are remembered from being compared with themselves."""
    import numpy as np

    is_refusal = own.is_refusal if own else np.zeros(len(encoded.keys), dtype=bool)
    return np.hstack([_rarity(memory, encoded, is_refusal), _beside(memory, encoded, own)])


def _rarity(memory: Memory, encoded: Encoded, is_refusal: NDArray[numpy.bool_]) -> Floats:
    import numpy as np

    total = np.maximum(np.asarray(encoded.stems.sum(axis=1)).ravel(), 1.0)
    counts: list[Floats] = []
    for less in (0, 1):  # a remembered refusal is not among the others
        refusals = np.maximum(memory.refusals.astype(np.float64) - less, 0)
        rare = encoded.stems @ np.log((memory.total + 1) / (1 + refusals))
        unsaid = encoded.stems @ (refusals < max(1.0, _UNSAID * memory.total)).astype(np.float64)
        counts.append(np.stack([rare / total / 6, np.log1p(unsaid) / 5, unsaid / total], axis=1))
    return np.where(is_refusal[:, None], counts[1], counts[0])


def _beside(memory: Memory, encoded: Encoded, own: Own | None) -> Floats:
    import numpy as np
    from scipy.sparse import csr_matrix

    found = np.zeros((len(encoded.keys), len(_BESIDE)))
    cases, rows = _pairs(memory, encoded.keys, own)
    if not len(cases):
        return found
    size, answers = len(found), len(memory.keys)
    words = _weighed(encoded.stems, memory.weights)
    cosines = np.asarray(words[cases].multiply(memory.words[rows]).sum(axis=1)).ravel()
    stances = memory.stances[rows]
    for column, among in enumerate((stances == 0, stances < 2, stances == 2)):
        best = np.full(size, -1.0)
        np.maximum.at(best, cases[among], cosines[among])
        found[:, column] = np.where(best >= 0, _SPREAD * (best - _USUAL_COSINE), 0.0)
    counted = np.stack([np.bincount(cases[stances == stance], minlength=size) for stance in range(3)], axis=1)
    among = stances < 2
    beside = csr_matrix((np.ones(int(among.sum())), (cases[among], rows[among])), shape=(size, answers))
    present = memory.words.copy()
    present.data = np.ones_like(present.data)
    said = csr_matrix(beside @ present)
    said.data = np.ones_like(said.data)
    share = np.asarray(words.multiply(said).sum(axis=1)).ravel() / np.maximum(
        np.asarray(words.sum(axis=1)).ravel(), 1e-9
    )
    known = counted.sum(axis=1)
    found[:, 3] = (counted[:, 0] - counted[:, 2]) / (known + 1)
    found[:, 4] = np.where(counted[:, 0] + counted[:, 1] > 0, share - _USUAL_SHARE, 0.0)
    found[:, 5] = counted[:, 1] / (known + 1)
    return found


def _pairs(
    memory: Memory, keys: NDArray[numpy.uint64], own: Own | None
) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
    """The cases and the remembered answers to the same question, pair by pair."""
    import numpy as np

    places: dict[int, list[int]] = {}
    for row, key in enumerate(memory.keys.tolist()):
        places.setdefault(key, []).append(row)
    pairs = [
        (case, row)
        for case, key in enumerate(keys.tolist())
        for row in places.get(key, ())
        if own is None or own.groups[row] not in own.away[case]
    ]
    both = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _weighed(stems: csr_matrix, weights: NDArray[numpy.float32]) -> csr_matrix:
    """Counts as log frequencies times how telling the word is, each row of length 1."""
    import numpy as np
    from sklearn.preprocessing import normalize

    weighed = stems.copy().astype(np.float32)
    weighed.data = (1 + np.log(weighed.data)) * weights[weighed.indices]
    return cast("csr_matrix", normalize(weighed))
