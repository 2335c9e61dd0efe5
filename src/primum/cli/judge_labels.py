"""`primum judge next` and `primum judge power`: which labels by people narrow a score most, and how many it takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from primum.cycles.labelling import NextOrder
    from primum.evaluation.suites.labels_next import Asked
    from primum.evaluation.suites.labels_power import Plan

__all__ = ["next_", "power"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 20
_WAYS = (
    ("classical", "labels alone"),
    ("ppi", "judge corrected, PPI++"),
    ("rogan_gladen", "judge corrected, Rogan-Gladen"),
)


@click.command("next")
@click.argument("data", type=_FILE)
@click.argument("verdicts", type=_FILE)
@click.option("--budget", type=click.IntRange(1), required=True, help="How many criteria a person can label.")
@click.option("--labels", type=_FILE, help="The labels there are: what has one is not asked for again.")
@click.option(
    "--sampled", "is_sampled", is_flag=True, help="Draw by lot, so that scores may be corrected by the labels."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw.")
@click.option(
    "--sampling", type=_FILE, help="The chances that the rounds before were drawn with; the new file holds both."
)
@click.option("--out", type=_FILE, help="The worksheet (JSONL); with --sampled the chances go beside it.")
@click.option("--partial", "is_partial", is_flag=True, help="Let VERDICTS leave out prompts of DATA.")
@click.option("--force", "is_forced", is_flag=True, help="Overwrite --out.")
@options.as_json
def next_(as_json: bool, **ordered: Any) -> None:
    """Say which criteria a person should label next to narrow the headline most, given a judge's VERDICTS on DATA.

    A criterion counts by how likely its verdict is wrong (from the judge's probability; a quarter where it gave none) and by how far it
    moves its answer's score (points over the positive points). Without --sampled the weightiest are named: good for mending verdicts,
    no sample. With --sampled they are drawn with chances that favour them; fill in the worksheet's "met" and "rater", then run primum
    eval score healthbench DATA VERDICTS --labels WORKSHEET --sampling CHANCES.
    """
    from primum.cycles.labelling import NextOrder, choose_next

    order = NextOrder(**ordered)
    with render.bar("choosing what to label"):
        asked = choose_next(order)
    if as_json:
        render.to_json(_chosen(order, asked))
    else:
        _show(order, asked)


@click.command("power")
@click.argument("files", type=_FILE, nargs=-1, metavar="[DATA VERDICTS LABELS]")
@click.option("--width", type=float, required=True, help="The half-width to reach: 0.02 for a score ± 0.02.")
@click.option("--deviation", type=float, help="Without files: the standard deviation of people's scores.")
@click.option("--correlation", type=float, help="Without files: of the judge's scores with people's.")
@click.option("--judged", type=int, help="Without files: how many items are judged.")
@click.option("--rate", type=float, help="Without files: the true rate of yes, where the score is a rate.")
@click.option("--sensitivity", type=float, help="Without files: how often the judge says yes where people do.")
@click.option("--specificity", type=float, help="Without files: how often the judge says no where people do.")
@click.option("--partial", is_flag=True, help="Let VERDICTS leave out prompts of DATA.")
@options.as_json
def power(files: tuple[Path, ...], width: float, partial: bool, as_json: bool, **assumed: Any) -> None:
    """Say how many labels a half-width of the score takes: by the labels alone, with PPI++, and with Rogan-Gladen.

    From DATA VERDICTS LABELS the spread of people's scores and how far the judge goes with them are estimated (LABELS drawn by lot);
    without files they are what you say.
    """
    from primum.cycles.labelling import Assumed, plan_assumed, plan_files

    if len(files) not in (0, 3):
        raise click.UsageError(f"{len(files)} files given: name DATA, VERDICTS and LABELS, or none of them")
    if not 0 < width < 1:
        raise click.UsageError(f"--width {width:g} is not between 0 and 1")
    said = [f"--{name}" for name, value in assumed.items() if value is not None]
    if files and said:
        raise click.UsageError(f"{', '.join(said)}: is estimated from the files; leave it out, or the files")
    plan = (
        plan_files(files[0], files[1], files[2], width, partial) if files else plan_assumed(Assumed(**assumed), width)
    )
    if as_json:
        render.to_json({"half_width": width} | {name: _plain(value) for name, value in plan._asdict().items()})
    else:
        _show_plan(plan, width)


def _chosen(order: NextOrder, asked: Asked) -> dict[str, Any]:
    from primum.cycles.labelling import chances_file

    return {
        "way": "sampled" if order.is_sampled else "ranked",
        "seed": order.seed if order.is_sampled else None,
        "items": [one._asdict() for one in asked.wanted],
        "worksheet": str(order.out) if order.out is not None else None,
        "chances": str(chances_file(order.out)) if order.is_sampled and order.out is not None else None,
        "notes": asked.notes,
    }


def _show(order: NextOrder, asked: Asked) -> None:
    from primum.cycles.labelling import chances_file

    said = {True: "met", False: "not met", None: "abstained"}
    rows = [
        [
            one.prompt_id,
            one.criterion,
            one.text if len(one.text) <= 60 else f"{one.text[:59]}…",
            f"{one.points:+g}",
            said[one.judge],
            f"{one.doubt:.2f}",
            f"{one.influence:.2f}",
            "" if one.chance is None else f"{one.chance:.3f}",
        ]
        for one in asked.wanted[:_SHOWN]
    ]
    columns = ("prompt", "no.", "criterion", "points", "judge", "doubt", "influence", "chance")
    render.table(f"To label next: {len(asked.wanted):,} criteria", columns, rows)
    if len(asked.wanted) > _SHOWN:
        where = f"in {order.out}" if order.out is not None else "with --out FILE, or --json"
        render.lines([f"and {len(asked.wanted) - _SHOWN:,} more, {where}"])
    render.lines(["doubt: how likely the verdict is wrong; influence: how far it moves its answer's score"])
    render.lines(f"Note: {note}" for note in asked.notes)
    if order.out is not None:
        render.lines([f"Worksheet: {order.out}"])
        if order.is_sampled:
            render.lines([f"Chances:   {chances_file(order.out)}"])


def _show_plan(plan: Plan, width: float) -> None:
    from primum.stats.undefined import Undefined

    rows, why = [], []
    for name, told in _WAYS:
        found = getattr(plan, name)
        rows.append([told, "undefined" if isinstance(found, Undefined) else f"{found:,}"])
        why += [f"{told}: {found.reason}"] if isinstance(found, Undefined) else []
    many = {"criterion": "criteria", "conversation": "answers"}.get(plan.unit, "items")
    render.table(f"Labels for ± {width:g}", ("way", many), rows)
    spread = [
        f"{word} {'undefined' if isinstance(value, Undefined) else f'{value:.3f}'}"
        for word, value in (("deviation", plan.deviation), ("correlation of judge and people", plan.correlation))
    ]
    judged = "" if plan.judged is None else f"; {plan.judged:,} {many} judged"
    source = f"estimated from {plan.n_labelled:,} labelled {many}" if plan.n_labelled else "as given"
    if any("were judged" in reason or "labelling all" in reason for reason in why):
        why.append("No labels are enough there: judge more answers, or ask for a greater width.")
    render.lines([f"{', '.join(spread)} ({source}){judged}", *why])


def _plain(value: Any) -> Any:
    from primum.stats.undefined import Undefined

    return {"undefined": value.reason} if isinstance(value, Undefined) else value
