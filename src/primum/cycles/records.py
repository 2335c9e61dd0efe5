"""What people do with the store itself: trace, verify, export, import."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, cast

from primum.cycles.workspace import Workspace
from primum.errors import InputError, StoreError
from primum.governance import verify_chain
from primum.records import Scenario, plain
from primum.store import Trace, trace

__all__ = ["export_store", "import_store", "ledger_rows", "trace_id", "verify_ledger", "verify_store"]


def trace_id(workspace: Path, record: str, direction: str, depth: int | None) -> Trace:
    """The lineage of a record named by its id or a prefix of it; a benchmark's item by its name (`zh-02963c688755`)."""
    with Workspace(workspace, is_writer=False) as opened:
        way = cast('Literal["up", "down", "both"]', direction)
        if record.startswith(("zh-", "en-")):
            named = [one.id for one in opened.store.all(Scenario) if one.item == record]
            record = named[-1] if named else record  # written anew by a refresh: the last
        return trace(opened.store, opened.store.resolve(record), way, depth)


def ledger_rows(workspace: Path) -> list[dict[str, Any]]:
    """The entries of the ledger, the oldest first."""
    with Workspace(workspace, is_writer=False) as opened:
        return [plain(entry) for entry in opened.store.ledger()]


def verify_ledger(workspace: Path, head: str | None) -> dict[str, Any]:
    """Whether the chain holds, and against `head` when it was noted elsewhere."""
    with Workspace(workspace, is_writer=False) as opened:
        found = verify_chain(opened.store.ledger(), head)
    return {"entries": found.entries, "head": found.head, "verified": found.is_intact, "problem": found.problem}


def export_store(workspace: Path, file: Path) -> int:
    """Write all records to `file`, which must not exist; how many lines."""
    if file.exists():
        raise StoreError(f"file '{file}'", "exists already", "name another one or remove it", str(file))
    if not file.parent.is_dir():
        raise StoreError(f"folder '{file.parent}'", "does not exist", "make it, or name another file", str(file))
    with Workspace(workspace, is_writer=False) as opened:
        return opened.store.export_jsonl(file)


def import_store(workspace: Path, file: Path) -> int:
    """Read all records of `file`, or none; how many are new."""
    if not file.is_file():
        raise InputError(f"file '{file}'", "does not exist", "name a file that `primum store export` wrote", str(file))
    with Workspace(workspace, is_writer=True) as opened:
        return opened.store.import_jsonl(file)


def verify_store(workspace: Path) -> dict[str, Any]:
    """How many records of each kind there are, and what is wrong with them."""
    with Workspace(workspace, is_writer=False) as opened:
        store = opened.store
        return {"records": store.count(), "problems": store.verify(), "lessons_elsewhere": store.elsewhere()}
