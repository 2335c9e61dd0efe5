"""What a guardian reads with: one head a question, each with calibrated chances, and the passages that decided.

A reader is trained once and read from arrays. The linear one is in `guardian_linear`; a fine-tuned transformer is another. `Guardian`
wraps either: it abstains, writes verdicts, and saves and loads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, Self, cast

from msgspec.structs import replace

from primum.language import sentences
from primum.ports import Case

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Chances = NDArray[numpy.float32]

__all__ = ["HEADS", "QUESTIONS", "READERS", "Head", "Reader", "ReaderKind", "decisive", "reader_class", "without_each"]

Head = Literal["stance", "R1", "R2", "Q1", "Q2", "Q3", "Q4"]
ReaderKind = Literal["linear", "transformer"]
QUESTIONS: tuple[Literal["R1", "R2", "Q1", "Q2", "Q3", "Q4"], ...] = ("R1", "R2", "Q1", "Q2", "Q3", "Q4")
HEADS: dict[Head, tuple[str, ...]] = {
    "stance": ("accept", "caution", "refuse"),
    **dict.fromkeys(QUESTIONS, ("no", "yes")),
}

# Where the reader of each kind is; imported when a guardian of that kind is loaded.
READERS: dict[ReaderKind, str] = {
    "linear": "primum.judging.guardian_linear:LinearReader",
    "transformer": "primum.judging.guardian_transformer:TransformerReader",
}


class Reader(Protocol):
    """Reads answers. Equal cases give equal chances on every machine it was made for.

    `heads` holds the heads it has learned, each with its classes as in `HEADS`; a class it never saw has chance 0. `fingerprint` hashes
    whatever decides its chances.
    """

    kind: ClassVar[ReaderKind]

    @property
    def heads(self) -> Mapping[Head, tuple[str, ...]]: ...

    @property
    def fingerprint(self) -> str: ...

    def chances(self, cases: Sequence[Case]) -> dict[Head, Chances]:
        """Calibrated chances by head, shape (case, class); each row sums to 1."""

    def passages(self, case: Case, head: Head, count: int) -> tuple[str, ...]:
        """The sentences of the answer, verbatim, that spoke most for the likeliest class; none when none did."""

    def save(self, folder: Path) -> None:
        """Write its own files into `folder`, arrays without objects."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Whatever it raises means that the folder holds no such reader."""


def reader_class(kind: ReaderKind) -> type[Reader]:
    """The class of the readers of a kind."""
    module, name = READERS[kind].split(":")
    return cast("type[Reader]", getattr(import_module(module), name))


def without_each(case: Case) -> list[tuple[str, Case]]:
    """Each sentence of the answer, and the case with that sentence left out; none for an answer of one sentence."""
    found = sentences(case.response.text)
    if len(found) < 2:
        return []
    separator = "" if case.scenario.language == "zh" else " "
    return [
        (
            left_out,
            case._replace(response=replace(case.response, text=separator.join(found[:i] + found[i + 1 :]))),
        )
        for i, left_out in enumerate(found)
    ]


def decisive(reader: Reader, case: Case, head: Head, count: int) -> tuple[str, ...]:
    """The sentences without which the likeliest class of the head would be less likely, the most telling first.

    The only sentence of an answer decides it.
    """
    parts = without_each(case)
    if not parts:
        return tuple(sentences(case.response.text)[:count])
    chances = reader.chances([case, *(without for _, without in parts)])[head]
    best = int(chances[0].argmax())
    drops = sorted((float(chances[i + 1, best] - chances[0, best]), i) for i in range(len(parts)))
    return tuple(parts[i][0] for drop, i in drops[:count] if drop < 0)
