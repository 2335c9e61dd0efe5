"""Evidence: numbers with their intervals, reports, decisions, and the links of the ledger."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value

__all__ = ["Comparison", "Decision", "Estimate", "LedgerEntry", "Report", "RuleOutcome"]


class Estimate(Value, frozen=True):
    """A number with its interval.

    `n` counts what was averaged, `unit` names what was resampled (`scenario`, `cluster`). Abstentions are not in the value and
    widen `low` and `high` to the bounds they would reach if every one had gone one way.
    """

    value: float
    low: float
    high: float
    n: int
    unit: str

    def check(self) -> None:
        if not all(map(math.isfinite, (self.value, self.low, self.high))) or self.n < 1:
            self.refuse(
                f"an estimate over {self.n} of {self.value}", "is not a finite number over at least one", "leave it out"
            )
        if not self.low - 1e-12 <= self.value <= self.high + 1e-12:
            self.refuse(
                f"value {self.value}", f"lies outside its interval {self.low}…{self.high}", "recompute the interval"
            )


class Comparison(Value, frozen=True):
    """One metric on one slice (`by`: `language`, `name`: `zh`; `all`, `all` for the whole), before, after and paired difference."""

    by: str
    name: str
    metric: str
    before: Estimate
    after: Estimate
    difference: Estimate


class Report(Record, frozen=True):
    """What a run measured: the test answers of two policies under one judge, paired by scenario.

    `certificate` is that of the judge; without one, who shows the report says that its judge is uncertified.
    """

    run: str
    recipe: str
    before: str
    after: str
    judge: str
    comparisons: tuple[Comparison, ...]
    judgements: tuple[str, ...] = ()
    certificate: str | None = None

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "before", self.before
        yield "after", self.after
        yield "judge", self.judge
        if self.certificate is not None:
            yield "certificate", self.certificate
        for judgement in self.judgements:
            yield "judgement", judgement


class RuleOutcome(Value, frozen=True):
    """One rule of a gate: what it asks, what was found, and whether that bound of the interval passed."""

    rule: str
    found: str
    passed: bool
    severity: Literal["hold", "refuse"]


class Decision(Record, frozen=True):
    """Promote, hold or refuse a policy, with the rules that said so."""

    decision: Literal["promote", "hold", "refuse"]
    policy: str
    report: str
    rules: tuple[RuleOutcome, ...]

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "policy", self.policy
        yield "report", self.report


class LedgerEntry(Record, frozen=True):
    """A link of the tamper-evident log.

    `digest` is the SHA-256 of the canonical JSON of all other fields; `previous` the digest of the entry before (64 zeros for
    the first). `at` is UTC, ISO 8601. `subjects` are ids of records or `sha256:` digests of files.
    """

    sequence: int
    at: str
    event: str
    detail: str
    subjects: tuple[str, ...]
    previous: str
    digest: str
