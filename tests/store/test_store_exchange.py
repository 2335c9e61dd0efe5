"""A store as lines of JSON and back: byte for byte, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from primum.errors import InputError, LedgerError, PrimumError, StoreError
from primum.store import Store
from store.story import AT, criteria, tell


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export of a small store with three entries in its ledger."""
    with Store.open(tmp_path / "first") as store:
        with store.writing() as writer:
            writer.put(tell(norms=2, pairs=3).records())
            for event in ("corpus", "bench", "gate"):
                writer.append(event, "说明", [], AT)
            writer.finish_step("run", "step", {})
        store.export_jsonl(tmp_path / "export.jsonl")
    return tmp_path / "export.jsonl"


def test_it_comes_back_byte_for_byte(tmp_path: Path, export: Path) -> None:
    with Store.open(tmp_path / "second") as store:
        assert store.import_jsonl(export) == 20
        assert store.verify() == []
        assert len(store.ledger()) == 3
        assert store.step("run", "step") is None  # what was done in another workspace is not done in this one
        assert store.export_jsonl(tmp_path / "again.jsonl") == 23
        assert (tmp_path / "again.jsonl").read_bytes() == export.read_bytes()
        assert store.import_jsonl(export) == 0
        assert len(store.ledger()) == 3
        with store.writing() as writer:
            assert writer.append("next", "", [], AT).sequence == 4


def test_a_line_is_a_record_with_its_id_or_an_entry(export: Path) -> None:
    lines = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    assert [set(line) for line in lines] == [{"id", "record"}] * 20 + [{"ledger"}] * 3
    assert lines[0]["id"].startswith(lines[0]["record"]["kind"])


def test_an_empty_store_is_an_empty_file(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        assert store.export_jsonl(tmp_path / "none.jsonl") == 0
        assert (tmp_path / "none.jsonl").read_bytes() == b""
        assert store.import_jsonl(tmp_path / "none.jsonl") == 0


def _last_line(change: Callable[[str], str]) -> Callable[[list[str]], list[str]]:
    return lambda lines: [*lines[:19], change(lines[19]), *lines[20:]]


BROKEN: list[tuple[str, Callable[[list[str]], list[str]], type[PrimumError], str]] = [
    ("truncated", _last_line(lambda line: line[:40]), InputError, r"is not a line of an export.*export\.jsonl:20\)"),
    ("blank", _last_line(lambda line: ""), InputError, r"is not a line of an export.*export\.jsonl:20\)"),
    ("other id", _last_line(lambda line: line.replace("judgement-", "judgement-0", 1)), InputError, r"is not that of its content"),
    ("edited", _last_line(lambda line: line.replace("accept", "refuse")), InputError, r"is not that of its content.*:20\)"),
    ("unknown key", _last_line(lambda line: line.replace('"stance"', '"x":1,"stance"')), InputError, r"unknown field.*:20\)"),
    ("key beside", _last_line(lambda line: line.replace('{"id"', '{"x":1,"id"', 1)), InputError, r"unknown field.*:20\)"),
    ("impossible", _last_line(lambda line: line.replace("accept", "abstained")), InputError, r"has no reason.*:20\)"),
    ("neither", _last_line(lambda line: "{}"), InputError, r"is neither a record.*:20\)"),
    ("no id", _last_line(lambda line: '{"record":' + line.partition('"record":')[2]), InputError, r"is neither.*:20\)"),
    ("both", lambda lines: [*lines[:22], lines[22][:-1] + ',"id":"a","record":{}}'], InputError, r"is neither.*:23\)"),
    ("sorts", lambda lines: [*lines[:22], '{"id":"a","record"' + lines[22][9:]], InputError, r"the other sort.*:23\)"),
    ("entry taken out", lambda lines: [*lines[:21], *lines[22:]], LedgerError, "taken out"),
    ("entry edited", lambda lines: [*lines[:21], lines[21].replace("bench", "bank")], LedgerError, "does not hold"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "error", "said"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_of_a_file_with_a_bad_line_nothing_is_imported(
    tmp_path: Path, export: Path, change: Callable[[list[str]], list[str]], error: type[PrimumError], said: str
) -> None:
    lines = change(export.read_text(encoding="utf-8").splitlines())
    export.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with Store.open(tmp_path / "second") as store:
        with store.writing() as writer:
            writer.put(criteria(1))
        with pytest.raises(error, match=said) as caught:
            store.import_jsonl(export)
        assert "\n" not in str(caught.value)
        assert store.count() == {"criterion": 1}
        assert store.ledger() == []


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path, export: Path) -> None:
    export.write_bytes(export.read_bytes().replace(b"Question 1?", b"Question \xff?"))
    with Store.open(tmp_path / "second") as store, pytest.raises(InputError, match=r"export\.jsonl:5\)"):
        store.import_jsonl(export)


def test_another_ledger_is_not_written_over(tmp_path: Path, export: Path) -> None:
    with Store.open(tmp_path / "second") as store:
        with store.writing() as writer:
            entry = writer.append("mine", "", [], AT)
        with pytest.raises(StoreError, match="has a ledger of its own"):
            store.import_jsonl(export)
        assert (store.count(), store.ledger()) == ({}, [entry])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store, pytest.raises(InputError, match="cannot be read"):
        store.import_jsonl(tmp_path / "none.jsonl")


def test_a_failed_export_leaves_the_older_file(tmp_path: Path, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    before = export.read_bytes()
    monkeypatch.setattr("os.fsync", full)
    with Store.open(tmp_path / "first") as store, pytest.raises(StoreError, match="No space left"):
        store.export_jsonl(export)
    assert export.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.jsonl", "first"]


def test_an_export_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store, pytest.raises(StoreError, match="No such file"):
        store.export_jsonl(tmp_path / "none" / "export.jsonl")
