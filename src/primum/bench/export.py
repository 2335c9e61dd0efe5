"""A benchmark as a file that others read: JSONL with all of it, CSV, or the rows that the MedES and choice suites take.

In CSV a cell that a spreadsheet would run as a formula has an apostrophe in front. Every row carries the benchmark's
canary: a line that a training set must not hold, by which a leak is found again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from primum.records import Benchmark, Norm, Scenario, content_hash

__all__ = ["COLUMNS", "Format", "canary", "item_row", "lines"]

Format = Literal["jsonl", "csv", "medes"]
COLUMNS: Final = (
    "item", "benchmark", "version", "split", "state", "kind", "task", "dimension", "scene", "style", "difficulty",
    "harm_level", "is_borderline", "language", "prompt", "options", "key", "reasons", "points", "reference",
    "citations", "quotes", "cluster", "canary",
)  # fmt: skip
_MARK: Final = "PRIMUM BENCHMARK"
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def canary(benchmark: Benchmark) -> str:
    """The line that marks the benchmark `name`, all versions of it alike: an item of an older version leaks as well."""
    digits = content_hash([_MARK, benchmark.name])[:32]
    guid = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return f"{_MARK} DATA MUST NOT BE IN A TRAINING SET. canary {guid}"


def item_row(
    item: Scenario, benchmark: Benchmark, state: str, norms: Mapping[str, Norm], counted: str = ""
) -> dict[str, Any]:
    """All of an item as plain data; a norm is named by its key (`医师法(2021-08-20)#第二十五条`)."""
    return {
        "item": item.item,
        "benchmark": benchmark.name,
        "version": benchmark.version,
        "split": item.split,
        "state": state,
        "kind": item.dataset.removeprefix("norms/"),
        "task": item.task,
        "dimension": item.dimension,
        "scene": item.scene,
        "style": item.style,
        "difficulty": item.difficulty,
        "harm_level": item.harm_level,
        "is_borderline": item.is_borderline,
        "language": item.language,
        "messages": [{"role": turn.role, "content": turn.content} for turn in item.messages],
        "options": [{"letter": one.letter, "text": one.text, "reason": one.reason} for one in item.options],
        "key": list(item.key),
        "points": list(item.points),
        "reference": item.reference,
        "grounds": [
            {
                "norm": norms[one.norm].key if one.norm in norms else one.norm,
                "citation": one.citation,
                "quote": one.quote,
                "article": one.article,
            }
            for one in item.grounds
        ],
        "counterpart": item.counterpart,
        "cluster": item.cluster,
        "record": item.id,
        "canary": counted or canary(benchmark),
    }


def lines(
    form: Format, items: Iterable[tuple[Scenario, str]], benchmark: Benchmark, norms: Sequence[Norm]
) -> Iterator[str]:
    """The lines of the file, without line ends (those inside a CSV cell are quoted); `items` are pairs of an item and its state."""
    by_id = {norm.id: norm for norm in norms}
    mark = canary(benchmark)
    if form == "csv":
        yield _cells(COLUMNS)
    for item, state in items:
        row = item_row(item, benchmark, state, by_id, mark)
        if form == "jsonl":
            yield json.dumps(row, ensure_ascii=False)
        elif form == "csv":
            yield _cells([_flat(row)[column] for column in COLUMNS])
        else:
            yield json.dumps(_suite_row(row), ensure_ascii=False)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without nesting: options and reasons a line each, `A. …`."""
    flat = dict(row)
    flat["prompt"] = "\n".join(f"{turn['role']}: {turn['content']}" for turn in row["messages"][:-1])
    flat["prompt"] += ("\n" if flat["prompt"] else "") + row["messages"][-1]["content"]
    flat["options"] = "\n".join(f"{one['letter']}. {one['text']}" for one in row["options"])
    flat["reasons"] = "\n".join(f"{one['letter']}. {one['reason']}" for one in row["options"])
    flat["key"] = "".join(row["key"])
    flat["points"] = "\n".join(row["points"])
    flat["citations"] = "\n".join(dict.fromkeys(one["citation"] for one in row["grounds"]))
    flat["quotes"] = "\n".join(dict.fromkeys(one["quote"] for one in row["grounds"]))
    return flat


def _cells(cells: Sequence[Any]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(["" if cell is None else _inert(cell) for cell in cells])
    return written.getvalue().removesuffix("\n")


def _inert(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula, with the apostrophe in front by which it is text."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip().startswith(_FORMULA) else cell


def _suite_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as `primum eval score` reads it: by `medes` where it is open, by `choice` where it has a key."""
    flat = _flat(row)
    shown: dict[str, Any] = {"id": row["item"], "cluster": row["cluster"] or None, "scene": row["scene"] or None}
    shown |= {
        "question": flat["prompt"],
        "task": row["task"],
        "dimension": row["dimension"],
        "language": row["language"],
    }
    if row["task"] != "open":
        shown |= {"options": flat["options"], "key": flat["key"]}
    shown |= {"reference": row["reference"], "points": row["points"], "norms": row["grounds"], "canary": row["canary"]}
    return shown
