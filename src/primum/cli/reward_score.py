"""`primum reward score`: answers under criteria into scores, chances and rewards."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["score"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("score")
@click.argument("rows", metavar="PAIRS.jsonl", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--model", type=_FOLDER, metavar="DIR", help="The folder of the reward model.")
@click.option("--baseline", type=_FOLDER, metavar="DIR", help="The folder of a linear reward instead, to compare with.")
@click.option("--out", type=_FILE, metavar="SCORES.jsonl", help="Write there; a call that was stopped goes on.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a setting (repeatable).")
@click.option("--force", "is_forced", is_flag=True, help="Overwrite --out, and what another call left unfinished.")
@options.as_json
def score(
    rows: Path,
    model: Path | None,
    baseline: Path | None,
    out: Path | None,
    overrides: tuple[str, ...],
    is_forced: bool,
    as_json: bool,
) -> None:
    """Score each answer of PAIRS.jsonl ("-" is standard input) under its criteria.

    A row is {"id", "prompt", "completion", "criteria": [{"text", "kind", "points"}]}: the prompt a string or messages, the kind
    proficiency (left out, too), excellence or safety, the points 1 where left out. Other keys are passed over.

    Prints a line {"id", "scores", "probabilities", "reward", "parts"} for each, in order: a score is the logit that the criterion is met, a
    probability its calibrated chance. What cannot be read is null, "abstained" says why by criterion, and there is no reward then. An
    answer that is no language is paid as silence, and "unusable" says so. All rows are checked before the first is scored.

    Settings: shape=clipped or sum; reward.alpha, reward.beta, reward.veto_weight, reward.veto_depth. --json goes with --out.
    """
    from primum.cycles.reward_rows import open_rows
    from primum.cycles.reward_scoring import cut_note, open_scorer, refuse_taken, score_rows, settings_of, write_scored

    if as_json and out is None:
        raise click.UsageError("--json goes with --out: without it standard output is JSON already")
    settings = settings_of(overrides)
    if out is not None:
        refuse_taken(out, is_forced, rows)
    stream = sys.stdin.buffer if str(rows) == "-" else rows
    with open_rows(stream) as opened, render.bar("scoring") as progress:
        checked = opened.check()
        scorer = open_scorer(model, baseline)
        if out is None:
            for row in score_rows(scorer, opened, checked.rows, settings, progress):
                click.echo(json.dumps(row, ensure_ascii=False))
            if note := cut_note(scorer):
                click.echo(f"primum: {note}", err=True)
            return
        written = write_scored(scorer, opened, checked, out, settings, is_forced, progress)
    told: dict[str, Any] = {"file": str(out), "model": scorer.name, **written._asdict(), "note": cut_note(scorer)}
    if as_json:
        render.to_json(told)
        return
    lines = [f"{written.rows:,} rows scored by {scorer.name}: {out}"]
    if written.resumed:
        lines.append(f"{written.resumed:,} of them were scored by the call before")
    if written.unread:
        lines.append(f'{written.unread:,} hold a criterion that could not be read ("abstained" says why)')
    if told["note"]:
        lines.append(f"note: {told['note']}")
    render.lines(lines)
