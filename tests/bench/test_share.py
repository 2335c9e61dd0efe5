"""A benchmark as a file for others: what a spreadsheet would run, or a reader of Markdown would obey, is only text."""

import csv
import io

import pytest
from msgspec.structs import replace

from bench.lint_sample import Sample
from primum.bench.card import card
from primum.bench.export import canary, lines
from primum.records import Benchmark, ByRule, Source, Turn
from primum.starter import medical_taxonomy

HOSTILE = "<script>alert(1)</script>|`x`\x1b[31m\u202e"
BENCHMARK = Benchmark(
    name="b", version=1, edition="edition-1", taxonomy="taxonomy-1", items=("scenario-1",), made=ByRule(rule="tests")
)


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", " =1+1", "＝1+1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(start):
    item = replace(Sample(1, 1).items[0], messages=(Turn(role="user", content=f"{start} said the nurse"),))
    table = csv.DictReader(io.StringIO("\n".join(lines("csv", [(item, "drafted")], BENCHMARK, []))))
    row = next(table)
    assert row["prompt"] == f"'{start} said the nurse"
    assert row["item"] == item.item and row["key"] == "".join(item.key)  # others stay as they are


def test_a_card_holds_names_as_text():
    source = Source(
        key="a", title=HOSTILE, text="x", language="en", jurisdiction="XX", authority="code", media_type="text/plain", made=BENCHMARK.made
    )  # fmt: skip
    taxonomy = replace(medical_taxonomy(), en=HOSTILE)
    counts = {
        "items": 1, "by_kind": {"situation": 1}, "by_language": {"zh": 1}, "by_split": {HOSTILE: 1}, "by_style": {},
        "by_dimension": [{"en": HOSTILE, "zh": HOSTILE, "situation": 1, "items": 1}], "by_difficulty": {}, "by_scene": {},
        "review": {"drafted": 1, "verified": 0, "rejected": 0},
    }  # fmt: skip
    text = card(
        replace(BENCHMARK, name=HOSTILE),
        [source],
        taxonomy,
        counts,
        {"key": HOSTILE},
        {},
        canary(BENCHMARK),
    )
    told, command = text.split("`primum bench build")
    for shown in ("<script", "\x1b", "\u202e", "|`x`"):
        assert shown not in told
    assert told.count("&lt;script&gt;") >= 7
    assert "\x1b" not in command.partition("\n")[0]
