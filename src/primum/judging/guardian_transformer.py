"""The transformer reader: a fine-tuned encoder or decoder with one small head a question. `guardian_tuning` makes it.

A temperature for each head makes its chances honest. Its folder holds `reader.json`, `heads.safetensors` and `body/`, as Hugging Face
lays one out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import msgspec

from primum.judging.guardian_body import Body, Pooling
from primum.judging.guardian_layout import Cut
from primum.judging.guardian_reader import HEADS, Head, ReaderKind, decisive
from primum.model_folder import writing_weights
from primum.ports import Case
from primum.records import content_hash

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Chances = NDArray[numpy.float32]
    Scores = NDArray[numpy.float64]

__all__ = ["TransformerReader", "softmax"]

_FILE = "reader.json"


class TransformerReader:
    """See the module; implements `guardian_reader.Reader`.

    Sums of floats depend on what else is in a batch: the chances of a case may differ by 1e-6 from those it gets in another list.
    """

    kind: ClassVar[ReaderKind] = "transformer"

    def __init__(self, body: Body, temperatures: Mapping[Head, float]) -> None:
        """`temperatures` has one for each head of the body."""
        self.body, self.temperatures = body, dict(temperatures)
        self._heads = {head: HEADS[head] for head in HEADS if head in body.seen}

    @property
    def heads(self) -> Mapping[Head, tuple[str, ...]]:
        return self._heads

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def chances(self, cases: Sequence[Case]) -> dict[Head, Chances]:
        scores = self.body.scores(cases)
        return {head: softmax(scores[head], self.temperatures[head]) for head in self.heads}

    def cut(self, cases: Sequence[Case]) -> list[Cut]:
        """How many tokens of each case were too many to be read; the beginning and the end of an answer always are."""
        return [laid.cut for laid in self.body.lay_out(cases)]

    def passages(self, case: Case, head: Head, count: int) -> tuple[str, ...]:
        return decisive(self, case, head, count)

    def save(self, folder: Path) -> None:
        written = _Written(self.body.pooling, self.body.max_tokens, self.body.seen, self.temperatures)
        with writing_weights(folder):
            self.body.save(folder)
            (folder / _FILE).write_bytes(msgspec.json.encode(written, order="deterministic"))

    @classmethod
    def load(cls, folder: Path) -> Self:
        written = msgspec.json.decode((folder / _FILE).read_bytes(), type=_Written)
        if set(written.temperatures) != set(written.seen):
            raise ValueError(f"it has temperatures for {sorted(written.temperatures)} and heads {sorted(written.seen)}")
        body = Body.load(folder, written.seen, written.pooling, written.max_tokens)
        return cls(body, written.temperatures)

    @cached_property
    def _fingerprint(self) -> str:
        return content_hash([self.body.fingerprint(), sorted(self.temperatures.items())])


def softmax(scores: Scores, temperature: float) -> Chances:
    """Chances in proportion to `exp(score / temperature)`, row by row; a score of −∞ gives 0."""
    import numpy as np

    raised = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pooling: Pooling
    max_tokens: int
    seen: dict[Head, tuple[int, ...]]
    temperatures: dict[Head, float]
