"""A benchmark held against a training set: the file read row by row, the overlap summed with its interval."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from primum.bench.contamination import Probe, ProbeSettings, overlaps
from primum.bench.export import canary
from primum.cycles.benchmark_held import held
from primum.errors import InputError
from primum.ports import Progress, silent
from primum.records import plain
from primum.stats import wilson

__all__ = ["probe_training_set", "rows_of"]


def probe_training_set(
    workspace: Path,
    training: Path,
    name: str = "",
    fields: Sequence[str] = (),
    settings: ProbeSettings | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Which items of the benchmark the training set holds, and how large a share of each split, with Wilson's interval.

    `training` is JSONL, JSON, CSV, TSV or plain text (a row is a run of lines without a
    blank one); `fields` name the columns to look at, all text in a row if none.
    Raises `InputError` for a file that cannot be read, with the line.
    """
    found = held(workspace, name)
    probe = overlaps(found.items, rows_of(training, fields, progress), canary(found.benchmark), settings)
    if not probe.rows:
        raise InputError(f"file '{training.name}'", "has no rows", "name a training set with some", str(training))
    return {
        "benchmark": {"name": found.benchmark.name, "version": found.benchmark.version, "id": found.benchmark.id},
        "training": str(training),
        "rows": probe.rows,
        "canary_rows": probe.canaries,
        "is_clean": not probe.overlaps and not probe.canaries,
        "shares": _shares(probe, Counter(item.split or "none" for item in found.items)),
        "overlaps": [one._asdict() for one in probe.overlaps],
    }


def _shares(probe: Probe, sizes: Counter[str]) -> list[dict[str, Any]]:
    by = Counter((one.split, one.how) for one in probe.overlaps)
    rows = []
    for split in [*(name for name in ("train", "dev", "test", "none") if sizes[name]), "all"]:
        counted = {how: sum(n for (at, kind), n in by.items() if kind == how and split in (at, "all")) for how in _HOW}
        size = sum(sizes.values()) if split == "all" else sizes[split]
        rows.append({"split": split, **counted, "share": plain(wilson(sum(counted.values()), size, "item"))})
    return rows


_HOW = ("exact", "near", "resembles")
_LINES, _SHARED_LINES = 40, 20  # of plain text in a row at most, and in two neighbouring rows of one run


def rows_of(path: Path, fields: Sequence[str] = (), progress: Progress = silent) -> Iterator[str]:
    """The rows of a file as texts, one at a time. Raises `InputError` with `file:line` for what cannot be read or lacks a field."""
    if not path.is_file():
        rule = "is a folder" if path.is_dir() else "does not exist"
        raise InputError(f"file '{path}'", rule, "name a JSONL, CSV or text file", str(path))
    ending, size = path.suffix.lower(), max(1, path.stat().st_size)
    try:
        with path.open(encoding="utf-8-sig", newline="" if ending in (".csv", ".tsv") else None) as file:
            if ending in (".csv", ".tsv"):
                yield from _table(file, "\t" if ending == ".tsv" else ",", fields, path)
            elif ending == ".json":
                for number, row in enumerate(_listed(json.load(file), path), start=1):
                    yield _text(row, fields, f"{path}: row {number}")
            else:
                told = _told(file, size, progress)
                if ending in (".jsonl", ".ndjson"):
                    for number, line in enumerate(told, start=1):
                        if line.strip():
                            yield _line(line, fields, f"{path}:{number}")
                else:
                    yield from _passages(told)
        progress(size, size)
    except UnicodeDecodeError as error:
        raise InputError(f"file '{path.name}'", "is not UTF-8", "save it as UTF-8", str(path)) from error
    except (json.JSONDecodeError, csv.Error, RecursionError) as error:
        raise InputError(f"file '{path.name}'", f"cannot be read ({error})", "mend it", str(path)) from error
    except OSError as error:
        raise InputError(f"file '{path}'", f"cannot be read ({error.strerror})", "name another", str(path)) from error


def _told(file: Iterable[str], size: int, progress: Progress) -> Iterator[str]:
    """The lines of a file of `size` bytes, progress told as they go by."""
    done = 0
    for number, line in enumerate(file, start=1):
        done += len(line)
        if number % 1000 == 0:
            progress(min(done, size), size)
        yield line


def _passages(lines: Iterable[str]) -> Iterator[str]:
    """Plain text as rows: lines up to a blank one, since an item may be broken over several; of a long run, windows that overlap."""
    run: list[str] = []
    is_new = False
    for line in lines:
        if line.strip():
            run.append(line)
            is_new = True
        if run and is_new and (not line.strip() or len(run) == _LINES):
            yield "".join(run)
            is_new = False
            run = run[-_SHARED_LINES:]
        if not line.strip():
            run = []
    if is_new:
        yield "".join(run)


def _line(line: str, fields: Sequence[str], place: str) -> str:
    try:
        return _text(json.loads(line), fields, place)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"line {line.strip()[:40]!r}", "is not JSON", "mend or remove it", place) from error


def _listed(tree: object, path: Path) -> list[Any]:
    if not isinstance(tree, list):
        raise InputError(f"file '{path.name}'", "is not a list of rows", "give a list, or JSONL", str(path))
    return tree


def _table(file: Any, delimiter: str, fields: Sequence[str], path: Path) -> Iterator[str]:
    csv.field_size_limit(sys.maxsize)
    for number, row in enumerate(csv.DictReader(file, delimiter=delimiter), start=2):
        yield _text({key: value for key, value in row.items() if key is not None}, fields, f"{path}: row {number}")


def _text(row: object, fields: Sequence[str], place: str) -> str:
    """The text of a row: of the fields named, or all of it."""
    if not fields:
        return "\n".join(_texts(row))
    if not isinstance(row, dict):
        raise InputError(f"row {str(row)[:40]!r}", "has no fields", "leave out --field", place)
    missing = [name for name in fields if name not in row]
    if missing:
        there = ", ".join(map(str, row)) or "none"
        raise InputError(f"field '{missing[0]}'", "is not in the row", f"name one of: {there}", place)
    return "\n".join(text for name in fields for text in _texts(row[name]))


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
