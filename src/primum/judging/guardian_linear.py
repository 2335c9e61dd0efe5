"""The linear reader: logistic gates on the features of an answer, saved as arrays.

A *gate* is one yes-or-no question: logistic regression on the counts (standardised), on the n-grams, and on the counts times how harmful
the request looks. Each question head is one gate. The stance is two: does the answer comply at all, and if it does not, is it cautious
rather than a refusal. How harmful a request looks is a gate of its own on the n-grams of the question; it says nothing about an answer
by itself, it tells how a correction or a redirection is meant. The stance also looks at what is remembered of other answers
(`remembered`). A temperature for each head makes its chances honest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from primum.judging.features import BLOCK, BLOCKS, DENSE, FEATURE_VERSION, PROMPT_GRAMS, STEMS, Encoded, encode
from primum.judging.guardian_reader import HEADS, Head, ReaderKind, decisive
from primum.judging.remembered import LIKENESS, Memory, likeness
from primum.ports import Case
from primum.records import content_hash

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[numpy.floating]
    Chances = NDArray[numpy.float32]

__all__ = ["GATES", "Gate", "Linear", "LinearReader", "constant", "head_scores", "sigmoid", "softened", "standard"]

GATES: dict[Head, tuple[str, ...]] = {head: ("accept", "caution") if head == "stance" else (head,) for head in HEADS}
_REACH = 4.0  # standardised counts are cut off there
_HARM_EDGE = 0.02
_FILE = "weights.npz"


class Linear(NamedTuple):
    """The sparse part of a gate: the weights of some columns."""

    columns: NDArray[numpy.uint32]
    weights: NDArray[numpy.float16]

    def full(self, size: int) -> Floats:
        import numpy as np

        dense = np.zeros(size, dtype=np.float32)
        dense[self.columns] = self.weights
        return dense


class Gate(NamedTuple):
    """`dense` and `under_harm` have a weight for each count of `DENSE`, `likeness` for each of `LIKENESS`; `scalars` are the weight of the
    harm and the bias.

    `scale` holds the mean and the deviation of each count in the training, shape (2, count).
    """

    scale: NDArray[numpy.float32]
    dense: NDArray[numpy.float32]
    under_harm: NDArray[numpy.float32]
    likeness: NDArray[numpy.float32]
    scalars: NDArray[numpy.float32]
    grams: Linear


class LinearReader:
    """See the module. Made by `guardian_training`; implements `guardian_reader.Reader`."""

    kind: ClassVar[ReaderKind] = "linear"

    def __init__(
        self,
        harm: Linear,
        harm_bias: float,
        gates: Mapping[str, Gate],
        temperatures: Mapping[Head, float],
        memory: Memory,
    ) -> None:
        """`harm` and `harm_bias` are the gate of harmful requests; `temperatures` has one for each head."""
        self.harm_gate = (harm, harm_bias)
        self.gates, self.temperatures, self.memory = dict(gates), dict(temperatures), memory
        self._heads = {head: HEADS[head] for head in HEADS if head in temperatures}
        self._full: dict[str, Floats] = {}

    @property
    def heads(self) -> Mapping[Head, tuple[str, ...]]:
        return self._heads

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for name, array in sorted(self._arrays().items()):
            digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
            digest.update(array.tobytes())
        return content_hash([digest.hexdigest(), FEATURE_VERSION])

    def chances(self, cases: Sequence[Case]) -> dict[Head, Chances]:
        return self.chances_of(encode(cases))

    def chances_of(self, encoded: Encoded) -> dict[Head, Chances]:
        """`chances` of cases whose features are known already."""
        return {head: softened(scores, self.temperatures[head]) for head, scores in self.scores(encoded).items()}

    def scores(self, encoded: Encoded) -> dict[Head, Chances]:
        """Chances by head before the temperature."""
        harm = self.harm(encoded.prompts)
        like = likeness(self.memory, encoded)
        return {
            head: head_scores(head, [self._gate(name, harm, like, encoded) for name in GATES[head]])
            for head in self.heads
        }

    def harm(self, prompts: csr_matrix) -> Floats:
        """How harmful each request looks: half its log-odds, 0 where nothing is known of harm."""
        import numpy as np

        chance = sigmoid(prompts @ self._weights("harm", self.harm_gate[0], PROMPT_GRAMS) + self.harm_gate[1])
        chance = np.clip(chance, _HARM_EDGE, 1 - _HARM_EDGE)
        return np.asarray(np.log(chance / (1 - chance)) / 2)

    def passages(self, case: Case, head: Head, count: int) -> tuple[str, ...]:
        return decisive(self, case, head, count)

    def save(self, folder: Path) -> None:
        import numpy as np

        np.savez_compressed(folder / _FILE, **self._arrays())  # type: ignore[arg-type]

    @classmethod
    def load(cls, folder: Path) -> Self:
        import numpy as np

        with np.load(folder / _FILE, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        gates = {}
        for name in sorted({name.split("/")[1] for name in arrays if name.startswith("gate/")}):
            part = {
                kind: arrays[f"gate/{name}/{kind}"]
                for kind in ("scale", "dense", "under_harm", "likeness", "scalars", "columns", "weights")
            }
            if (
                part["scale"].shape != (2, len(DENSE))
                or part["dense"].shape != (len(DENSE),)
                or part["under_harm"].shape != (len(DENSE),)
                or part["likeness"].shape != (len(LIKENESS),)
            ):
                raise ValueError(f"gate {name} has {part['dense'].shape} counts and not {len(DENSE)}: train it again")
            gates[name] = Gate(
                part["scale"],
                part["dense"],
                part["under_harm"],
                part["likeness"],
                part["scalars"],
                _linear(part["columns"], part["weights"], len(BLOCKS) * BLOCK),
            )
        temperatures = {head: float(arrays[f"temperature/{head}"]) for head in HEADS if f"temperature/{head}" in arrays}
        if str(arrays["version"]) != FEATURE_VERSION:
            raise ValueError(
                f"it reads features of version {arrays['version']} and not {FEATURE_VERSION}: train it again"
            )
        missing = [name for head in temperatures for name in GATES[head] if name not in gates]
        if missing:
            raise ValueError(f"gates {missing} are missing")
        harm = _linear(arrays["harm/columns"], arrays["harm/weights"], PROMPT_GRAMS)
        return cls(harm, float(arrays["harm/bias"]), gates, temperatures, _memory(arrays))

    def _gate(self, name: str, harm: Floats, like: Floats, encoded: Encoded) -> Floats:
        """The chance that a gate says yes, by case."""
        import numpy as np

        gate = self.gates[name]
        counts = standard(encoded.dense, gate.scale)
        scores = counts @ gate.dense + (counts @ gate.under_harm) * harm + harm * gate.scalars[0] + like @ gate.likeness
        scores = scores + encoded.grams @ self._weights(name, gate.grams, len(BLOCKS) * BLOCK) + gate.scalars[1]
        return np.asarray(sigmoid(scores))

    def _weights(self, name: str, sparse: Linear, size: int) -> Floats:
        if name not in self._full:
            self._full[name] = sparse.full(size)
        return self._full[name]

    def _arrays(self) -> dict[str, NDArray[numpy.generic]]:
        import numpy as np

        arrays: dict[str, NDArray[numpy.generic]] = {
            "version": np.asarray(FEATURE_VERSION),
            "harm/columns": self.harm_gate[0].columns,
            "harm/weights": self.harm_gate[0].weights,
            "harm/bias": np.asarray(self.harm_gate[1], dtype=np.float64),
            "memory/keys": self.memory.keys,
            "memory/stances": self.memory.stances,
            "memory/starts": self.memory.words.indptr.astype(np.int32),
            "memory/columns": self.memory.words.indices.astype(np.uint16),
            "memory/words": self.memory.words.data.astype(np.float16),
            "memory/weights": self.memory.weights,
            "memory/refusals": self.memory.refusals,
            "memory/total": np.asarray(self.memory.total, dtype=np.int64),
        }
        for name, gate in self.gates.items():
            arrays |= {
                f"gate/{name}/scale": gate.scale,
                f"gate/{name}/dense": gate.dense,
                f"gate/{name}/under_harm": gate.under_harm,
                f"gate/{name}/likeness": gate.likeness,
                f"gate/{name}/scalars": gate.scalars,
                f"gate/{name}/columns": gate.grams.columns,
                f"gate/{name}/weights": gate.grams.weights,
            }
        return arrays | {
            f"temperature/{head}": np.asarray(value, dtype=np.float64) for head, value in self.temperatures.items()
        }


def constant(says: bool) -> Gate:
    """The gate of a question that has only one answer in the training."""
    import numpy as np

    nothing = Linear(np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.float16))
    zeros = np.zeros(len(DENSE), dtype=np.float32)
    return Gate(
        np.stack([zeros, zeros + 1]),
        zeros,
        zeros,
        np.zeros(len(LIKENESS), dtype=np.float32),
        np.asarray([0.0, np.inf if says else -np.inf], dtype=np.float32),
        nothing,
    )


def standard(dense: Floats, scale: Floats) -> Floats:
    """Counts with mean 0 and deviation 1 in the training, cut off at four deviations."""
    import numpy as np

    return np.asarray(np.clip((dense - scale[0]) / scale[1], -_REACH, _REACH))


def head_scores(head: Head, gates: Sequence[Floats]) -> Chances:
    """Chances in the order of the head's classes, from what its gates say."""
    import numpy as np

    if head == "stance":
        accept, caution = gates
        columns = [accept, (1 - accept) * caution, (1 - accept) * (1 - caution)]
    else:
        columns = [1 - gates[0], gates[0]]
    return np.stack(columns, axis=1).astype(np.float32)


def softened(chances: Floats, temperature: float) -> Chances:
    """Chances in proportion to `chances ** (1 / temperature)`; what was 0 stays 0."""
    import numpy as np

    raised = np.power(chances.astype(np.float64), 1 / temperature)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def sigmoid(scores: Floats) -> Floats:
    from scipy.special import expit

    return expit(scores)


def _memory(arrays: Mapping[str, NDArray[numpy.generic]]) -> Memory:
    import numpy as np
    from scipy.sparse import csr_matrix

    keys, stances = arrays["memory/keys"], arrays["memory/stances"]
    data: Any = (
        arrays["memory/words"].astype(np.float32),
        arrays["memory/columns"].astype(np.int32),
        arrays["memory/starts"],
    )
    words: csr_matrix = csr_matrix(data, shape=(len(keys), STEMS))
    weights, refusals = arrays["memory/weights"], arrays["memory/refusals"]
    if stances.shape != keys.shape or weights.shape != (STEMS,) or refusals.shape != (STEMS,):
        raise ValueError("what it remembers does not fit together")
    return Memory(keys, stances, words, weights, refusals, int(arrays["memory/total"]))  # type: ignore[arg-type]


def _linear(columns: NDArray[numpy.uint32], weights: NDArray[numpy.float16], size: int) -> Linear:
    if columns.shape != weights.shape or (len(columns) and int(columns.max()) >= size):
        raise ValueError("its columns and weights do not fit together")
    return Linear(columns, weights)
