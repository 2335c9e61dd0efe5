"""A judge's certificate: against whom it was measured, on what, how often it errs, what sways it, and until when that holds."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value
from primum.records.evidence import Estimate

__all__ = ["Certificate", "JudgeError", "ProbeOutcome", "ReliabilityBin"]


class JudgeError(Value, frozen=True):
    """One rate of one slice of the labelled data: `measure` on `name` of `by` (`by` `all`, `name` `all` for the whole).

    `measure` is `agreement` (the share decided as the reference did, among those both decided), `abstained`, or for a class
    `sensitivity` and `precision` of the class that `name` names.
    """

    by: str
    name: str
    measure: Literal["agreement", "abstained", "sensitivity", "precision"]
    estimate: Estimate


class ProbeOutcome(Value, frozen=True):
    """What a change that should not matter did to the verdicts.

    `changed` is the share of verdicts that changed among those decided both ways; `shift` the mean change of "met" (or, for a
    stance, of "accept"), after minus before; `abstained` the share that were abstained from only after the change. A probe that does not
    apply to a judge has no estimates and says why in `note`.
    """

    probe: str
    n: int
    changed: Estimate | None = None
    shift: Estimate | None = None
    abstained: Estimate | None = None
    note: str = ""

    def check(self) -> None:
        if self.changed is None and not self.note.strip():
            self.refuse(f"probe {self.probe!r}", "has neither an estimate nor a reason", "say why it was not measured")


class ReliabilityBin(Value, frozen=True):
    """Verdicts whose probability lay in `low … high`: the mean probability, and the share that were right."""

    low: float
    high: float
    confidence: float
    observed: Estimate


class Certificate(Record, frozen=True):
    """What is known of one judge. `subject` says what was measured: its verdicts on criteria or its stances.

    `reference` is the id of the judge that is held to be right, `reference_kind` what it is; labels that are simulated make a
    certificate that says so. `calibrated_on` is the SHA-256 of the labelled data. `issued` and `expires` are dates, ISO 8601.
    `conditions` are the sentences a reader must know.
    """

    judge: str
    subject: Literal["verdict", "stance"]
    reference: str
    reference_kind: Literal["person", "simulated", "rule", "chat_model", "guardian", "reward_model", "panel"]
    calibrated_on: str
    n: int
    errors: tuple[JudgeError, ...]
    issued: str
    expires: str
    probes: tuple[ProbeOutcome, ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()
    conditions: tuple[str, ...] = ()

    def check(self) -> None:
        for name in ("issued", "expires"):
            try:
                # Only as YYYY-MM-DD do days compare as their words do.
                is_date = datetime.date.fromisoformat(getattr(self, name)).isoformat() == getattr(self, name)
            except ValueError:
                is_date = False
            if not is_date:
                self.refuse(f"{name} = {getattr(self, name)!r}", "is not a date", "write it as YYYY-MM-DD")
        if self.expires <= self.issued:
            self.refuse(
                f"a certificate from {self.issued} to {self.expires}", "never holds", "let it expire after it is issued"
            )
        if not any(one.by == "all" and one.measure == "agreement" for one in self.errors):
            self.refuse("a certificate", "does not say how often the judge agrees", "measure it on labelled data")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "judge", self.judge
        yield "reference", self.reference
