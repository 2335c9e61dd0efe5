"""What training learns from: preferences, approvals, and the rewards derived from verdicts."""

from __future__ import annotations

from collections.abc import Iterator

from primum.records.base import Record
from primum.records.origin import Origin

__all__ = ["Approval", "Preference", "Reward"]


class Preference(Record, frozen=True):
    """Of two responses to one scenario, the better one; under one criterion, or overall when `criterion` is `None`.

    `because` holds the ids of the judgements it was read from, `rubric` the rubric it was judged by. `margin` is by how much the
    chosen one is better, on the scale of whoever made it; `None` where that is not known.
    """

    scenario: str
    chosen: str
    rejected: str
    made: Origin
    criterion: str | None = None
    because: tuple[str, ...] = ()
    rubric: str | None = None
    margin: float | None = None

    def check(self) -> None:
        if self.chosen == self.rejected:
            self.refuse(f"response {self.chosen}", "is preferred to itself", "name two responses")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "scenario", self.scenario
        yield "chosen", self.chosen
        yield "rejected", self.rejected
        if self.criterion is not None:
            yield "criterion", self.criterion
        if self.rubric is not None:
            yield "rubric", self.rubric
        for judgement in self.because:
            yield "because", judgement


class Approval(Record, frozen=True):
    """A single response marked desirable or not.

    `because` holds the ids of the judgements it was read from, `rubric` the rubric it was judged by.
    """

    scenario: str
    response: str
    is_desirable: bool
    made: Origin
    because: tuple[str, ...] = ()
    rubric: str | None = None

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "scenario", self.scenario
        yield "response", self.response
        if self.rubric is not None:
            yield "rubric", self.rubric
        for judgement in self.because:
            yield "because", judgement


class Reward(Record, frozen=True):
    """A number derived from verdicts, with its parts (ProMedical, arXiv 2604.08326): S1, S2, S3. Never written by hand."""

    response: str
    value: float
    proficiency: float
    excellence: int
    vetoes: int
    verdicts: tuple[str, ...]

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "response", self.response
        for verdict in self.verdicts:
            yield "verdict", verdict
