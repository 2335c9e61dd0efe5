"""Every record: to JSON and back, its id, and unknown keys at every depth."""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from primum.errors import RecordError
from primum.records import ByRule, Criterion, Record, Turn, content_hash, decode, encode
from primum.records.codec import KINDS
from records.making import RECORDS, any_record

quick = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def criterion(**changes: Any) -> Criterion:
    fields: dict[str, Any] = {
        "statement": "Says when to call an ambulance.", "points": 3, "axis": "accuracy", "kind_of": "safety",
        "language": "en", "made": ByRule(rule="draft"),
    }  # fmt: skip
    return Criterion(**fields | changes)


def _tables(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all JSON objects inside `node`."""
    found = [path] if isinstance(node, dict) else []
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return found + [each for key, value in inner for each in _tables(value, (*path, key))]


def test_every_kind_can_be_made_by_these_tests() -> None:
    assert set(RECORDS) == set(KINDS.values())
    assert {kind: record.kind() for kind, record in KINDS.items()} == {kind: kind for kind in KINDS}


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
@quick
@given(data=st.data())
def test_a_record_comes_back_from_json_as_it_was(kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(RECORDS[kind])
    line = encode(record)
    again = decode(line, "test:1")
    assert again == record
    assert type(again) is kind
    assert encode(again) == line
    assert again.id == record.id
    assert b"\n" not in line


@quick
@given(record=any_record)
def test_the_id_is_the_hash_of_the_canonical_json(record: Record) -> None:
    assert record.id == f"{record.kind()}-{hashlib.sha256(encode(record)).hexdigest()[:20]}"
    assert json.loads(encode(record))["kind"] == record.kind()


_WORDS = (("applies_when",), ("chances",), ("values",))


@quick
@given(record=any_record)
def test_a_record_survives_pickle_and_keeps_its_id(record: Record) -> None:
    before = record.id
    again = pickle.loads(pickle.dumps(record))
    assert again == record
    assert again.id == before


@settings(quick, max_examples=100)
@given(record=any_record, data=st.data())
def test_an_unknown_key_is_refused_at_every_depth(record: Record, data: st.DataObject) -> None:
    content = json.loads(encode(record))
    paths = [path for path in _tables(content) if path[:1] not in _WORDS]  # those hold words, not fields
    target = content
    for step in data.draw(st.sampled_from(paths)):
        target = target[step]
    target["surprise"] = 1
    with pytest.raises(RecordError, match=r"surprise.*\(odd\.jsonl:7\)"):
        decode(json.dumps(content), "odd.jsonl:7")


@settings(quick, max_examples=100)
@given(record=any_record, data=st.data())
def test_a_field_of_another_type_is_refused(record: Record, data: st.DataObject) -> None:
    content = json.loads(encode(record))
    name = data.draw(st.sampled_from(sorted(content)))
    content[name] = {"not": ["this"]}
    if name == "applies_when":
        content[name] = {"urgency": 3}
    with pytest.raises(RecordError, match=r"odd\.jsonl:7"):
        decode(json.dumps(content), "odd.jsonl:7")


@quick
@given(record=any_record)
def test_a_record_cannot_be_changed(record: Record) -> None:
    with pytest.raises(AttributeError):
        setattr(record, record.__struct_fields__[0], "other")


@quick
@given(record=any_record)
def test_parents_are_roles_with_ids_that_the_record_names(record: Record) -> None:
    body = encode(record).decode()
    for role, parent in record.parents():
        assert role
        assert f'"{parent}"' in body


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", "not a record"),
        (b"not json", "not a record"),
        (b"[1]", "not a record"),
        (b'{"kind":"poem"}', "poem"),
        (b"{}", "kind"),
        (b'{"kind":"criterion","statement":"x"}', "points"),
        (b"\xff\xfe", "not a record"),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(line: bytes, said: str) -> None:
    with pytest.raises(RecordError, match=said) as caught:
        decode(line, "odd.jsonl:3")
    assert caught.value.place == "odd.jsonl:3"
    assert "\n" not in str(caught.value)


def test_a_refusal_of_the_record_itself_names_rule_and_place() -> None:
    content = json.loads(encode(criterion()))
    content["points"] = 0
    with pytest.raises(RecordError, match=r"between −10 and 10 points and not 0.*\(icu\.jsonl:14\)"):
        decode(json.dumps(content), "icu.jsonl:14")


def test_equal_content_is_one_record_however_it_was_given() -> None:
    one, other = criterion(norms=("norm-1",)), criterion(norms=["norm-1"])
    assert one == other
    assert one.id == other.id
    assert criterion(points=4).id != one.id


def test_an_id_does_not_change_between_versions_or_processes() -> None:
    # If this fails, every store in the world has lost its names: the canonical JSON, a field or a default has changed.
    assert criterion().id == "criterion-e60226108ec88f400fca"


def test_the_hash_is_that_of_sorted_compact_utf8_json() -> None:
    assert content_hash({"b": 1, "a": "医"}) == hashlib.sha256('{"a":"医","b":1}'.encode()).hexdigest()


def test_a_value_is_not_a_record() -> None:
    assert not isinstance(Turn(role="user", content="x"), Record)


def test_importing_the_records_imports_no_framework() -> None:
    heavy = "{'torch', 'transformers', 'sqlalchemy', 'sklearn', 'scipy', 'numpy'}"
    code = f"import sys, primum.records, primum.errors, primum.ports; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
