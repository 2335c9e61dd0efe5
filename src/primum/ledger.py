"""The chain of the tamper-evident log: how an entry is linked to the one before, and how the links are checked.

What a chain shows by itself: an entry that was edited, moved, taken out or put in between, and a digest that was forged. What it
cannot show by itself: that its last entries were cut off, or that all of it was written anew; for that, compare its head with one
noted elsewhere (`expected_head`).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from primum.errors import LedgerError
from primum.records import LedgerEntry, content_hash

__all__ = ["GENESIS", "Verification", "digest_of", "link", "verify_chain"]

GENESIS = "0" * 64
"""What the first entry calls the digest before it."""


class Verification(NamedTuple):
    """What a check of a ledger found. `head` is the digest of its last entry, `problem` is empty when the chain is intact."""

    entries: int
    head: str
    is_intact: bool
    problem: str


def digest_of(entry: LedgerEntry) -> str:
    """SHA-256, in hex, of the canonical JSON of every field of `entry` but `digest` itself."""
    return content_hash({name: getattr(entry, name) for name in entry.__struct_fields__ if name != "digest"})


def link(previous: LedgerEntry | None, at: str, event: str, detail: str, subjects: Sequence[str]) -> LedgerEntry:
    """The entry that follows `previous` (`None`: the first one, with sequence 1). `at` is UTC, ISO 8601.

    Raises `LedgerError` for a time that is not UTC or an event without a name.
    """
    sequence = 1 if previous is None else previous.sequence + 1
    place = f"ledger entry {sequence}"
    if not event.strip():
        raise LedgerError("an event", "has no name", "say what happened", place)
    if not _is_utc(at):
        raise LedgerError(f"time {at!r}", "is not UTC in ISO 8601", "write it as 2026-01-31T12:00:00+00:00", place)
    unsealed = LedgerEntry(
        sequence=sequence,
        at=at,
        event=event,
        detail=detail,
        subjects=tuple(subjects),
        previous=GENESIS if previous is None else previous.digest,
        digest="",
    )
    fields = {name: getattr(unsealed, name) for name in unsealed.__struct_fields__}
    return LedgerEntry(**fields | {"digest": digest_of(unsealed)})


def verify_chain(entries: Iterable[LedgerEntry], expected_head: str | None = None) -> Verification:
    """Check every link from the first entry on, and, where `expected_head` is given, that the last digest is that one.

    Without `expected_head` entries cut off at the end go unseen: a shorter chain is a chain.
    """
    count, head = 0, GENESIS
    for entry in entries:
        count += 1
        problem = _problem(entry, count, head)
        if problem:
            return Verification(count, entry.digest, False, problem)
        head = entry.digest
    if expected_head is not None and head != expected_head:
        return Verification(
            count,
            head,
            False,
            f"the ledger ends after entry {count} with {head[:12]}…, not with the expected head {expected_head[:12]}…: "
            "entries were cut off or added at its end, or all of it was written anew",
        )
    return Verification(count, head, True, "")


def _problem(entry: LedgerEntry, position: int, head: str) -> str:
    if entry.sequence != position:
        return f"entry {position} calls itself {entry.sequence}: an entry before it was taken out, put in or moved"
    if entry.previous != head:
        return f"entry {position} follows {entry.previous[:12]}…, but the entry before it is {head[:12]}…"
    if entry.digest != digest_of(entry):
        return f"entry {position} ('{entry.event}') does not have the digest of its content: it was edited"
    return ""


def _is_utc(at: str) -> bool:
    try:
        return datetime.datetime.fromisoformat(at).utcoffset() == datetime.timedelta(0)
    except ValueError:
        return False
