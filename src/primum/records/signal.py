"""Signals: what a policy met after it was released. A conversation from a log, and what people and guardians flagged in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record
from primum.records.origin import Origin

__all__ = ["Consent", "Flag", "FlagReason", "Signal"]

Consent = Literal["given", "not required", "unknown"]
FlagReason = Literal["unsafe", "wrong_refusal", "wrong", "incomplete", "unkind", "privacy", "unusable", "other"]


class Signal(Record, frozen=True):
    """A logged conversation: the situation, and what was answered (`None` where the log holds no answer).

    `consent` says whether the person agreed to this use: `given`, `not required` (under the rule the log's owner names in `basis`), or
    `unknown`; a conversation whose person refused is never stored. `licence` is that of the log. `removed` counts the direct
    identifiers that were taken out before anything was stored, by kind (`phone`, 2). `repeats` counts the conversations of the log that
    said the same and were not kept beside it. `day` is the date of the conversation (ISO 8601) where the log tells it.
    """

    scenario: str
    made: Origin
    consent: Consent
    licence: str
    response: str | None = None
    basis: str = ""
    removed: tuple[tuple[str, int], ...] = ()
    repeats: int = 0
    day: str = ""

    def check(self) -> None:
        if not self.licence.strip():
            self.refuse("a signal", "has no licence", "say under which terms the log may be used")
        if self.consent == "not required" and not self.basis.strip():
            self.refuse("a signal without consent", "does not say why none is required", "name the basis")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "scenario", self.scenario
        if self.response is not None:
            yield "response", self.response


class Flag(Record, frozen=True):
    """Somebody marked a logged answer: a clinician, a patient (`made` says who and in which role) or a guardian.

    `severity` is 1 (slight) to 3 (severe). `correction` is what should have been answered, where the person wrote it; `note` is free
    text. Direct identifiers were removed from both. `because` holds the judgement of a guardian that flagged.
    """

    signal: str
    reason: FlagReason
    severity: Literal[1, 2, 3]
    made: Origin
    note: str = ""
    correction: str | None = None
    because: str | None = None

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "signal", self.signal
        if self.because is not None:
            yield "because", self.because
