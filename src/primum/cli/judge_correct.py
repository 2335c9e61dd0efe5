"""`primum judge correct`: what people corrected becomes what the judge is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from primum.cycles.correcting import Corrected

__all__ = ["correct"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 10
_SAID = {True: "met", False: "not met", None: "abstained"}


@click.command("correct")
@click.argument("verdicts", type=_FILE)
@click.argument("labels", type=_FILE)
@click.option("--data", type=_FILE, required=True, help="The set that was judged (JSONL as HealthBench is published).")
@click.option("--answers", type=_FILE, required=True, help="The answers that were judged (JSONL: prompt_id, response).")
@click.option(
    "--exemplars", type=_FILE, required=True, metavar="EXEMPLARS.jsonl", help="The file of exemplars; it only grows."
)
@click.option("--role", default="", help="Who the people are who labelled: clinician, nurse, lay person …")
@click.option("--reasons", type=_FILE, help="Why, where they said so (JSONL: prompt_id, criterion from 1, why).")
@click.option("--partial", "is_partial", is_flag=True, help="Let VERDICTS leave out prompts of --data.")
@options.as_json
def correct(as_json: bool, **ordered: Any) -> None:
    """Keep what people corrected as exemplars: criteria on which the LABELS (JSONL: prompt_id, rater, met) differ from the VERDICTS.

    A chat judge is shown them with exemplars = 4 and exemplars_file = "EXEMPLARS.jsonl" in the [chat] of its judge.toml. Each correction is
    kept once; a later one of the same case replaces it, and the earlier line stays as history. Rows that a set marks as of another split
    than train are refused: a judge must not learn from what measures.
    """
    from primum.cycles.correcting import CorrectionOrder, correct_verdicts

    order = CorrectionOrder(**ordered)
    corrected = correct_verdicts(order)
    if as_json:
        render.to_json(_plain(corrected, order.exemplars))
    else:
        _show(corrected, order.exemplars)


def _plain(corrected: Corrected, path: Path) -> dict[str, Any]:
    from primum.records import plain

    return {
        "file": str(path),
        "labelled": corrected.decided,
        "divided": corrected.divided,
        "agreed": corrected.agreed,
        "learned": [{"id": one.id} | plain(one) for one in corrected.learned],
        "superseding": corrected.superseding,
        "holding": corrected.holding,
        "notes": list(corrected.notes),
    }


def _show(corrected: Corrected, path: Path) -> None:
    rows = [
        [
            one.criterion if len(one.criterion) <= 60 else f"{one.criterion[:59]}…",
            _SAID[one.said],
            _SAID[one.met],
            ", ".join(one.people),
            "replaces an earlier one" if one.supersedes else "",
        ]
        for one in corrected.learned[:_SHOWN]
    ]
    if rows:
        columns = ("criterion", "judge", "right", "by", "")
        render.table(f"Learned: {len(corrected.learned):,} corrections", columns, rows)
    if len(corrected.learned) > _SHOWN:
        render.lines([f"and {len(corrected.learned) - _SHOWN:,} more"])
    render.lines(
        [
            f"{corrected.decided:,} criteria are labelled: the judge was right on {corrected.agreed:,}, people are divided on "
            f"{corrected.divided:,}; {len(corrected.learned):,} new exemplars, {corrected.superseding:,} of them replace an earlier one",
            *(f"Note: {note}" for note in corrected.notes),
            f"Exemplars: {path} ({corrected.holding:,} hold)" if corrected.holding else "Nothing was corrected.",
        ]
    )
