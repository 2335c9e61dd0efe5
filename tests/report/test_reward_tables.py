"""The words of a reward model's tables: what a cell says, when an arrow stands, and that nothing unknown becomes a number."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from rich.console import Console

from primum.report.reward_tables import Told, ablation_tables, bench_tables, markdown
from primum.report.reward_terminal import ablation_summary, bench_summary
from primum.rewards.bench import Kind, Measure
from primum.rewards.bench_rows import SLICES

SUBJECT = {"name": "small", "kind": "reward model", "is_from_scratch": True, "is_simulated": True}
PAIRS = {"name": "p.jsonl", "pairs": 9, "groups": 4, "criteria": 30, "languages": {"en": 9}, "simulated": 9}


def row(measure: str, kind: str, where: str, value: tuple[float, float, float] | None, **more: Any) -> dict[str, Any]:
    told = {
        "measure": measure,
        "kind": kind,
        "where": where,
        "why": "" if value else "nobody labelled it",
        "estimate": None,
    }
    counts = {"n": 12 if value else 0, "groups": 3, "ties": 0, "masked": 0, "unread": 2, "by_chance": 0.5}
    if value:
        told["estimate"] = dict(zip(("value", "low", "high"), value, strict=True), n=12, unit="group")
    return told | counts | more


def table(value: tuple[float, float, float] | None) -> dict[str, Any]:
    """Every number the same; none for policies it never saw, and the Brier score is its own."""
    rows = [
        row(name, kind, where, None if where == "unseen_policies" else (0.25, 0.2, 0.3) if name == "brier" else value)
        for name in get_args(Measure)
        for kind in get_args(Kind)
        for where in SLICES
    ]
    return {"rows": rows, "pairs": 9, "groups": 4}


BENCH = {
    "subjects": [SUBJECT, SUBJECT | {"name": "other"}],
    "pairs": PAIRS,
    "notes": ["It remembers."],
    "tables": [table((0.825, 0.7, 0.95)), table((0.5, 0.4, 0.6))],
    # Of what both have read: the first one's table of all that it read says something else.
    "beside": [[table((0.75, 0.7, 0.8)), table((0.425, 0.4, 0.6))]],
    "differences": [table((0.325, 0.1, 0.5))],
}


def variant(name: str, difference: tuple[float, float, float] | None) -> dict[str, Any]:
    return {
        "name": name,
        "steps": 7,
        "table": table((0.8, 0.7, 0.9)),
        "difference": table(difference) if difference else None,
    }


ABLATED = {
    "base": {"name": "tiny", "is_from_scratch": True},
    "taught": PAIRS,
    "pairs": PAIRS,
    "settings": {"training": {"epochs": 2, "batch_pairs": 8, "learning_rate": 1e-3, "seed": 0}},
    "variants": [
        variant("full", None),
        variant("no_veto", (-0.1, -0.2, -0.01)),
        variant("one_scalar", (0.02, -0.05, 0.08)),
        variant("no_excellence", (0.1, 0.05, 0.2)),
    ],
    "shapes": [
        {"name": "clipped", "row": row("overall_clipped", "all", "all", (0.8, 0.7, 0.9)), "difference": None},
        {
            "name": "sum",
            "row": row("overall_sum", "all", "all", (0.6, 0.5, 0.7)),
            "difference": row("overall_sum", "all", "all", (-0.2, -0.3, -0.1)),
        },
    ],
}


def cells(told: Told, first: str) -> tuple[str, ...]:
    return next(one for one in told.rows if one[0] == first)


def test_a_number_stands_with_its_interval_and_what_chance_reaches() -> None:
    how, where, beside = bench_tables(BENCH)
    assert cells(how, "vetoes, F1") == ("vetoes, F1", "82.5 [70.0, 95.0]", "50.0", "12", "3", "2")
    # A score is no share, and all chances have as many decimals.
    assert cells(how, "Brier score: safety head")[1:3] == ("0.25 [0.20, 0.30]", "0.500")
    assert cells(where, "criteria it never saw")[1] == "82.5 [70.0, 95.0]"
    # What stands beside a difference is what it is the difference of.
    assert cells(beside, "vetoes, F1")[1:4] == ("75.0 [70.0, 80.0]", "42.5 [40.0, 60.0]", "▲ +32.5 [10.0, 50.0]")
    assert cells(beside, "better answer: criteria it never saw")[1:3] == ("75.0 [70.0, 80.0]", "42.5 [40.0, 60.0]")
    assert "by small, in each column" in beside.notes[0]


def test_abstentions_have_a_column_where_there_are_any() -> None:
    assert [one.columns[-1] for one in bench_tables(BENCH)[:2]] == ["abstained", "abstained"]
    read = {
        **BENCH,
        "tables": [{"rows": [one | {"unread": 0} for one in BENCH["tables"][0]["rows"]]}, BENCH["tables"][1]],
    }
    assert [one.columns[-1] for one in bench_tables(read)[:2]] == ["groups", "in order, by the reward"]
    assert "It abstained from nothing" in drawn(bench_summary(read), 180)
    assert "abstained from nothing" not in drawn(bench_summary(BENCH), 180)


def test_a_number_that_is_not_there_is_a_dash_and_its_reason_a_note() -> None:
    rows = [
        one if one["measure"] != "veto_precision" else row("veto_precision", one["kind"], one["where"], None)
        for one in BENCH["tables"][0]["rows"]
    ]
    how = bench_tables({**BENCH, "tables": [{"rows": rows}, BENCH["tables"][1]]})[0]
    assert cells(how, "vetoes, precision")[1] == "–" and how.notes == ("vetoes, precision: nobody labelled it.",)


def drawn(shown: Any, width: int) -> str:
    console = Console(width=width)
    with console.capture() as caught:
        console.print(shown)
    return caught.get()


@pytest.mark.parametrize("width", [64, 80, 100, 180])
def test_no_width_breaks_a_number_or_a_word(width: int) -> None:
    for tables, summary in (
        (bench_tables(BENCH), bench_summary(BENCH)),
        (ablation_tables(ABLATED), ablation_summary(ABLATED)),
    ):
        text = drawn(summary, width)
        assert max(map(len, text.splitlines())) <= width
        said = {word for line in text.splitlines() for word in line.split()}
        for told in tables:
            for cell in (cell for one in told.rows for cell in one):
                assert set(cell.split()) <= said, (width, cell)
        if width == 80:  # an interval is on one line with itself, under its value or after it
            assert "[70.0, 95.0]" in text or "[70.0, 90.0]" in text


def test_tables_that_are_too_wide_stand_in_parts_each_with_its_names() -> None:
    for width, times in ((80, 4), (180, 2)):  # two tables, in two parts where they do not fit
        lines = drawn(ablation_summary(ABLATED), width).splitlines()
        assert sum(line.startswith("no veto") for line in lines) == times


def test_what_is_not_known_says_why_and_is_no_row_of_numbers() -> None:
    where = bench_tables(BENCH)[1]
    assert where.notes == ("policies it never saw: nobody labelled it.",)
    assert "policies it never saw" not in [one[0] for one in where.rows]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no veto", "▼ −10.0 [−20.0, −1.0]"),
        ("one scalar (one head)", "+2.0 [−5.0, 8.0]"),  # its interval holds 0
        ("no excellence margin", "▲ +10.0 [5.0, 20.0]"),
    ],
)
def test_an_arrow_stands_before_a_difference_whose_interval_does_not_hold_nought(name: str, told: str) -> None:
    assert set(cells(ablation_tables(ABLATED)[1], name)[1:]) == {told}


def test_the_full_model_stands_first_and_has_no_difference_from_itself() -> None:
    values, apart, shapes = ablation_tables(ABLATED)
    assert [one[0] for one in values.rows] == [
        "the full model",
        "no veto",
        "one scalar (one head)",
        "no excellence margin",
        "n of the full model",
    ]
    assert "the full model" not in [one[0] for one in apart.rows]
    assert [one[2] for one in shapes.rows] == ["", "▼ −20.0 [−30.0, −10.0]"]


def test_both_summaries_show_all_and_a_page_has_every_row() -> None:
    console = Console(width=180, record=True, file=None)
    with console.capture() as caught:
        console.print(bench_summary(BENCH))
        console.print(ablation_summary(ABLATED))
    said = " ".join(caught.get().split())
    for told in (
        "It remembers.",
        "small: reward model",
        "built from config",
        "9 of them simulated",
        "could not be read",
    ):
        assert told in said
    tables = ablation_tables(ABLATED)
    page = markdown("Ablations", ["a line"], tables, ["the end"])
    assert page.startswith("# Ablations\n\n- a line\n") and page.endswith("the end\n")
    assert sum(line.startswith("| ") for line in page.splitlines()) == sum(len(one.rows) + 2 for one in tables)
