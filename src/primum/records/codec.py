"""Records to JSON and back. Unknown keys are errors at every depth."""

from __future__ import annotations

from typing import Any

import msgspec

from primum.errors import PrimumError, RecordError
from primum.records.answer import PolicyRef, Response
from primum.records.base import Record
from primum.records.benchmark import Benchmark, Edition, Review
from primum.records.certificate import Certificate
from primum.records.cycle import Cycle, Rollback
from primum.records.evidence import Decision, LedgerEntry, Report
from primum.records.feedback import Feedback
from primum.records.norm import Norm, Source
from primum.records.preference import Approval, Preference, Reward
from primum.records.revision import Revision
from primum.records.rubric import Criterion, Principle, Profile, Rubric
from primum.records.rule import Rule, Taxonomy
from primum.records.scenario import Scenario
from primum.records.signal import Flag, Signal
from primum.records.verdict import Judgement, JudgeRef, Verdict

__all__ = ["KINDS", "decode", "encode"]

_Any = (
    Source
    | Norm
    | Scenario
    | Response
    | PolicyRef
    | Criterion
    | Rubric
    | Principle
    | JudgeRef
    | Verdict
    | Judgement
    | Preference
    | Approval
    | Reward
    | Certificate
    | Report
    | Decision
    | LedgerEntry
    | Rule
    | Taxonomy
    | Edition
    | Benchmark
    | Review
    | Feedback
    | Profile
    | Revision
    | Signal
    | Flag
    | Cycle
    | Rollback
)
KINDS: dict[str, type[Record]] = {record.kind(): record for record in _Any.__args__}
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Any)


def encode(record: Record) -> bytes:
    """The canonical JSON of a record: sorted keys, one line, UTF-8. Its hash names the record."""
    return msgspec.json.encode(record, order="sorted")


def decode(line: bytes | str, place: str) -> Record:
    """The record that `line` holds; `place` (`file:line`) goes into the error.

    Raises `RecordError` for what is not JSON, an unknown kind, an unknown or missing key, or a value a record refuses.
    """
    try:
        record: Record = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        cause = error.__cause__
        said = f"{cause.value} {cause.rule}" if isinstance(cause, PrimumError) else str(error)
        shown = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
        raise RecordError(f"line {shown[:60]!r}", f"is not a record ({said})", "mend or remove it", place) from error
    return record
