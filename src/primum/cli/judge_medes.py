"""`primum judge medes`: answers ruled on by the six questions of MedES, and the table of its paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from primum.cycles.medes_judging import MedesRuled
    from primum.evaluation.medes_table import MedesLine
    from primum.evaluation.suites.result import Number

__all__ = ["medes"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_MOST_REASONS = 5
_HEADS = {
    "risk_rate": "risk rate ↓",
    "quality": "quality",
    "quality_weighted": "quality, weighted",
    "comprehensive": "comprehensive",
    "comprehensive_weighted": "comprehensive, weighted",
    "choice_accuracy": "choice accuracy",
}


@click.command("medes")
@click.argument("items", type=_FILE, metavar="ITEMS.jsonl")
@click.argument("answers", type=_FILE, metavar="ANSWERS.jsonl")
@click.option("--judge", type=_FILE, required=True, metavar="JUDGE.toml", help="A chat model or a guardian.")
@click.option("--out", type=_FILE, required=True, metavar="RULINGS.jsonl", help="Where the rulings go.")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Put a setting on top of the judge's (repeatable)."
)
@click.option("--taxonomy", type=_FILE, help="What the scenes are called; the medical one unless given.")
@click.option("--partial", "is_partial", is_flag=True, help="Let ANSWERS leave out items.")
@click.option(
    "--most-abstained",
    type=click.FloatRange(0.0, 1.0),
    default=0.05,
    show_default=True,
    help="Exit with 1 when a larger share of the verdicts is abstained from; the files are kept.",
)
@options.as_json
def medes(most_abstained: float, as_json: bool, **ordered: Any) -> None:
    """Rule on the ANSWERS (JSONL: id, response) to the ITEMS that bench export --format medes wrote.

    A chat model is asked twice about an answer: for risk (R1, R2) and for quality (Q1 … Q4), and is shown the norm and the scene. The
    rulings are read by primum eval score medes; letters of choice questions go to RULINGS.choice.jsonl, which primum eval score choice
    reads. Replies are remembered in calls.db beside --out: a run that was stopped is run again, and pays for nothing twice.
    """
    from primum.cli.judge_run import JudgingProgress
    from primum.cycles.medes_judging import MedesOrder, judge_medes

    order = MedesOrder(**ordered)
    with JudgingProgress() as progress:
        found = judge_medes(order, progress)
    if as_json:
        render.to_json(_summary(found))
    else:
        _show(found)
    tally = found.tally
    if tally.share_abstained > most_abstained:
        click.echo(
            f"primum: {tally.abstained:,} of {tally.verdicts:,} verdicts ({tally.share_abstained:.1%}) are abstentions, more than "
            f"--most-abstained {most_abstained:g}: see why above, mend it and run again ({order.out})",
            err=True,
        )
        raise SystemExit(1)


def _summary(found: MedesRuled) -> dict[str, Any]:
    from primum.records import plain

    tally = found.tally
    spent = tally.spent
    return {
        "files": [str(path) for path in found.files],
        "judge": plain(tally.judge) | {"id": tally.judge.id},
        "answers": tally.done,
        "verdicts": tally.verdicts,
        "abstained": tally.abstained,
        "share_abstained": tally.share_abstained,
        "reasons": dict(tally.reasons.most_common()),
        "named_no_letter": found.unnamed,
        "table": [_plain(line) for line in found.table],
        "calls": spent.calls,
        "prompt_tokens": spent.prompt_tokens,
        "completion_tokens": spent.completion_tokens,
        "usd": spent.usd,
        "notes": list(tally.notes),
    }


def _plain(line: MedesLine) -> dict[str, Any]:
    from primum.records import plain

    numbers = {
        name: {
            "estimate": None if number.estimate is None else plain(number.estimate),
            "bounds": list(number.bounds),
        }
        for name, number in line.numbers.items()
    }
    return {"by": line.by, "name": line.name, "open": line.ruled, "choice": line.keyed, "numbers": numbers}


def _show(found: MedesRuled) -> None:
    tally = found.tally
    shown = [name for name in _HEADS if any(name in line.numbers for line in found.table)]
    rows = [
        [
            found.taxonomy.named(line.name, "en"),
            line.ruled,
            line.keyed,
            *(_told(line.numbers.get(name)) for name in shown),
        ]
        for line in found.table
    ]
    columns = ("scene", "open", "choice", *(_HEADS[name] for name in shown))
    render.table("MedES, by scene, with 95 % intervals", columns, rows)
    told = [
        f"{tally.verdicts:,} verdicts by {tally.judge.name} ({tally.judge.kind_of}), {tally.abstained:,} of them abstained "
        f"({tally.share_abstained:.1%}); {tally.spent.calls:,} calls, {tally.spent.tokens:,} tokens"
    ]
    told += [f"  {n:>8,} × {reason}" for reason, n in tally.reasons.most_common(_MOST_REASONS)]
    if found.unnamed:
        told.append(f"{found.unnamed:,} of the answers to choice questions name no letter: they are in the bounds only")
    told += [f"Note: {note}" for note in tally.notes]
    render.lines([*told, *(f"Rulings: {path}" for path in found.files)])


def _told(number: Number | None) -> str:
    """`0.512 [0.44, 0.58]`, and the bounds where abstentions leave some."""
    if number is None:
        return ""
    low, high = number.bounds
    reach = f" ({low:.3f} … {high:.3f})" if low != high else ""
    if number.estimate is None:
        return f"undecided{reach}"
    one = number.estimate
    return f"{one.value:.3f} [{one.low:.2f}, {one.high:.2f}]{reach}"
