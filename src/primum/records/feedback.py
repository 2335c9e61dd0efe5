"""Feedback: what an answer got wrong, by which norm, and what a good answer does."""

from __future__ import annotations

from collections.abc import Iterator

from primum.records.base import Record
from primum.records.norm import Language
from primum.records.origin import Origin
from primum.records.rubric import Question

__all__ = ["Feedback"]


class Feedback(Record, frozen=True):
    """What a judge's verdicts on a response come to, for whoever writes a better one.

    `failed` are the MedES questions (arXiv 2601.07954) the answer failed, `open` those the judge abstained from. `advice` says, one
    thing each, what a good answer does; `passages` are the words of the answer that decided. `because` holds the judgements.
    """

    response: str
    language: Language
    failed: tuple[Question, ...]
    advice: tuple[str, ...]
    made: Origin
    open: tuple[Question, ...] = ()
    norms: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    because: tuple[str, ...] = ()

    def check(self) -> None:
        if set(self.failed) & set(self.open):
            self.refuse(f"questions {self.failed}", "are failed and open at once", "name each once")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "response", self.response
        for norm in self.norms:
            yield "norm", norm
        for judgement in self.because:
            yield "because", judgement
