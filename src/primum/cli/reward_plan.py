"""`primum reward plan`: what a run on GPUs will hold and how long it will take, from its config alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["plan"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@click.command("plan")
@click.argument("recipe", type=click.Path(path_type=Path, dir_okay=False), metavar="RECIPE.toml")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a setting: --set gpus.number=4.")
@click.option("--anyway", "is_anyway", is_flag=True, help="Show a plan that does not fit, too.")
@options.as_json
def plan(recipe: Path, overrides: tuple[str, ...], is_anyway: bool, as_json: bool) -> None:
    """Plan the training of a reward model on GPUs, and GRPO by it: every setting of RECIPE.toml is checked, nothing is run.

    What each GPU will hold (weights, gradients, optimiser, what is kept of tokens, caches) and how long the steps will take follow from the
    config. A plan that does not fit is refused, with the settings that would make it fit.
    """
    from primum.cycles.reward_planning import plan_reward, told_plan

    found = told_plan(plan_reward(recipe, overrides, is_anyway))
    if as_json:
        render.to_json(found)
        return
    parameters, packing, gpus = found["parameters"], found["packing"], found["gpus"]
    render.lines(
        [
            found["title"],
            f"{gpus['number']} × {gpus['name']}, room for {found['room_gib']:.1f} of {gpus['memory_gib']:g} GiB each",
            f"reward model {parameters['reward_model']:,} parameters, of which {parameters['trained']:,} are trained; "
            f"policy {parameters['policy']:,}",
            f"an answer with its criteria is one sequence of {packing['tokens']:,} tokens on average; one at a time it would be "
            f"{packing['apart']:,}, {packing['times_fewer']:.1f} times as many",
            "",
        ]
    )
    for phase in found["phases"]:
        _show(phase, found["room_gib"])
    low, high = found["seconds"]
    render.lines([f"All together {_between(low, high)}.", *(f"Note: {note}" for note in found["notes"])])


def _show(phase: Mapping[str, Any], room: float) -> None:
    at_once = f" ({phase['rows_at_once']} × {phase['row_tokens']:,})"
    held = [
        [one["what"] + (at_once if "tokens" in one["what"] else ""), f"{one['gib']:8.2f}"]
        for one in phase["memory"]
        if one["gib"] > 0
    ]
    fits = "fits" if phase["fits"] else "DOES NOT FIT"
    render.table(
        f"{phase['name']}: held on each GPU",
        ("what", "GiB"),
        [*held, [f"together ({fits} into {room:.1f})", f"{phase['memory_gib']:8.2f}"]],
    )
    render.table(f"{phase['name']}: how long", ("what", "time"), list(_timed(phase)))


def _timed(phase: Mapping[str, Any]) -> Iterator[list[str]]:
    if len(phase["step"]) > 1:
        for one in phase["step"]:
            yield [f"{one['what']}, a step", _time(one["seconds"])]
    if phase["exchange_seconds"]:
        yield ["between GPUs, a step (may hide behind the work)", _time(phase["exchange_seconds"])]
    yield ["a step", _between(*phase["step_seconds"])]
    yield [f"all {phase['steps']:,} steps", _between(*phase["seconds"])]
    yield ["operations a step", f"{phase['petaflops_a_step']:,.1f} PFLOP"]
    yield ["of the peak, without what is read again (MFU)", f"{100 * phase['mfu']:.0f} %"]


def _between(low: float, high: float) -> str:
    first, last = _time(low), _time(high)
    return first if first == last else f"{first} to {last}"


def _time(seconds: float) -> str:
    if seconds < 2 * _MINUTE:
        return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.1f} days"
