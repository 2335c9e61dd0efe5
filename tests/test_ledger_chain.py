"""The chain of the ledger: what it shows, and what it can only show against a known head."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from primum.errors import LedgerError
from primum.ledger import GENESIS, digest_of, link, verify_chain
from primum.records import LedgerEntry

AT = "2026-01-31T12:00:00+00:00"


def chain(length: int) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    for number in range(length):
        entries.append(link(entries[-1] if entries else None, AT, f"step {number}", "done", [f"norm-{number}"]))
    return entries


def changed(entry: LedgerEntry, **fields: Any) -> LedgerEntry:
    return LedgerEntry(**{name: getattr(entry, name) for name in entry.__struct_fields__} | fields)


def forged(entry: LedgerEntry, **fields: Any) -> LedgerEntry:
    """Edited, and given the digest that fits."""
    edited = changed(entry, **fields)
    return changed(edited, digest=digest_of(edited))


def test_the_digest_is_the_hash_of_the_other_fields() -> None:
    first = link(None, AT, "corpus read", "78 norms", ["source-1", "sha256:00"])
    others = {
        "at": AT,
        "detail": "78 norms",
        "event": "corpus read",
        "previous": "0" * 64,
        "sequence": 1,
        "subjects": ["source-1", "sha256:00"],
    }
    by_hand = hashlib.sha256(json.dumps(others, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    assert first.digest == by_hand
    second = link(first, AT, "gate", "held", [])
    assert (second.sequence, second.previous) == (2, by_hand)


def test_an_intact_chain_is_intact() -> None:
    entries = chain(4)
    assert verify_chain(entries) == (4, entries[-1].digest, True, "")
    assert verify_chain(entries, expected_head=entries[-1].digest).is_intact
    assert verify_chain([]) == (0, GENESIS, True, "")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_whatever_is_edited_is_seen(data: st.DataObject) -> None:
    entries = chain(4)
    place = data.draw(st.integers(0, 3))
    name = data.draw(st.sampled_from(LedgerEntry.__struct_fields__))
    other = {"sequence": 9, "subjects": ("norm-x",)}.get(name, "f" * 64)
    entries[place] = changed(entries[place], **{name: other})
    verification = verify_chain(entries)
    assert not verification.is_intact
    assert f"entry {place + 1}" in verification.problem


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_edit_with_a_forged_digest_is_seen_by_the_next_entry(place: int) -> None:
    entries = chain(4)
    entries[place] = forged(entries[place], detail="something else")
    verification = verify_chain(entries)
    assert not verification.is_intact
    assert f"entry {place + 2} follows" in verification.problem


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_entry_taken_out_is_seen(place: int) -> None:
    entries = chain(4)
    del entries[place]
    assert "taken out" in verify_chain(entries).problem


def test_an_entry_taken_out_and_the_rest_renumbered_is_seen() -> None:
    entries = chain(4)
    rest = [forged(entry, sequence=number) for number, entry in enumerate([*entries[:1], *entries[2:]], start=1)]
    assert "entry 2 follows" in verify_chain(rest).problem


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 1, 0), (0, 1, 1, 2)])
def test_entries_that_changed_places_or_stand_twice_are_seen(order: tuple[int, ...]) -> None:
    entries = chain(3)
    assert not verify_chain([entries[place] for place in order]).is_intact


def test_a_cut_tail_is_seen_only_against_a_known_head() -> None:
    entries = chain(4)
    head = entries[-1].digest
    assert verify_chain(entries[:3]).is_intact
    against = verify_chain(entries[:3], expected_head=head)
    assert (against.entries, against.is_intact) == (3, False)
    assert "cut off" in against.problem
    assert head[:12] in against.problem


def test_a_chain_written_anew_is_seen_only_against_a_known_head() -> None:
    anew = [link(None, AT, "another story", "", [])]
    assert verify_chain(anew).is_intact
    assert not verify_chain(anew, expected_head=chain(1)[0].digest).is_intact


@pytest.mark.parametrize(
    "at", ["", "yesterday", "2026-01-31T12:00:00", "2026-01-31T12:00:00+08:00", "2026-13-01T00:00:00Z"]
)
def test_a_time_that_is_not_utc_is_refused(at: str) -> None:
    with pytest.raises(LedgerError, match="is not UTC"):
        link(None, at, "event", "", [])


def test_an_event_without_a_name_is_refused() -> None:
    with pytest.raises(LedgerError, match="has no name"):
        link(None, AT, " ", "", [])
