"""`primum cycle run`: the cycles of a recipe, from its first or from where they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from primum.cycles.cycling_recipe import CyclesRecipe

__all__ = ["run"]

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("run")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--logs", type=_FOLDER, metavar="DIR", help="A folder of logs: short for --set logs.folder=DIR.")
@click.option("--policy", type=_FOLDER, metavar="DIR", help="A model folder: the one policy, in place of the recipe's.")
@click.option("--arm", metavar="NAME", help="Only this policy of the recipe; with --policy, what it is called.")
@click.option("--more", type=click.IntRange(1), metavar="N", help="So many cycles more than there are.")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Put a setting on top of the recipe's (repeatable)."
)
@options.workspace
@options.as_json
def run(
    recipe: Path,
    logs: Path | None,
    policy: Path | None,
    arm: str | None,
    more: int | None,
    overrides: tuple[str, ...],
    workspace: Path,
    as_json: bool,
) -> None:
    """Run the cycles of RECIPE: the policies learn from what they met, and what got surely better is released.

    It does what primum run RECIPE does. A run that was stopped goes on where it was: run the same command again. A policy that was taken
    back (primum cycle rollback) goes on from there, under new numbers. One that a stop rule ended goes on only after it was taken back.
    """
    from primum.cycles.cycling_status import status
    from primum.cycles.run import repeat_command
    from primum.cycles.run import run_recipe as run_loaded
    from primum.report import summary, write

    told = [*overrides, *_shorthands(logs, policy, arm)]
    loaded, told = _counted(_loaded(recipe, told, None if policy is not None else arm), told, more, workspace)
    named = [(loaded.run_of(one.name), one.name) for one in loaded.arms]
    command = repeat_command(recipe, told)
    if arm is not None and policy is None:
        command = f"{command.replace('primum run', 'primum cycle run', 1)} --arm {arm}"
    with render.StepProgress() as progress:
        report = run_loaded(loaded, workspace, progress, command)
    page = write(report, workspace)
    if as_json:
        render.to_json(report)
        return
    render.show(summary(report))
    stands = [one for one in status(workspace).arms if (one.run, one.arm) in named]
    render.lines(
        ["", *(line for one in stands for line in (f"{one.arm} in force: {one.in_force.folder}", f"  {one.next}"))]
    )
    render.lines(["", f"Report: {page}", f"Numbers: {page.with_suffix('.json')}"])


def _shorthands(logs: Path | None, policy: Path | None, arm: str | None) -> list[str]:
    """The settings that `--logs` and `--policy` stand for; JSON strings are TOML strings, so that no name is read as a number."""
    told = [] if logs is None else [f"logs.folder={_quoted(str(logs))}"]
    if policy is not None:
        name = arm or re.sub(r"[^\w-]+", "-", policy.resolve().name).strip("-") or "policy"
        told.append(f"arms=[{{name={_quoted(name)}, folder={_quoted(str(policy))}}}]")
    return told


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _loaded(recipe: Path, overrides: list[str], arm: str | None) -> CyclesRecipe:
    """The recipe, with one of its policies alone where that is wanted. `SettingError` for a recipe of another kind."""
    from msgspec.structs import replace

    from primum.cycles.cycling_recipe import CyclesRecipe
    from primum.cycles.run import load_recipe
    from primum.errors import SettingError

    found = load_recipe(recipe, overrides)
    if not isinstance(found, CyclesRecipe):
        raise SettingError(f"recipe '{found.name}'", "has no cycles", f"primum run {recipe} runs it", str(recipe))
    if arm is None:
        return found
    meant = tuple(one for one in found.arms if one.name == arm)
    if not meant:
        known = ", ".join(one.name for one in found.arms)
        raise SettingError(f"arm '{arm}'", "is not in the recipe", f"name one of {known}", str(recipe))
    return replace(found, arms=meant)


def _counted(
    recipe: CyclesRecipe, overrides: list[str], more: int | None, workspace: Path
) -> tuple[CyclesRecipe, list[str]]:
    """The recipe with as many cycles as are wanted, none on record left out, and the settings that say so."""
    from msgspec.structs import replace

    from primum.cycles.cycling_state import cycles_so_far

    so_far = cycles_so_far(workspace, [(recipe.run_of(one.name), one.name) for one in recipe.arms])
    wanted = max(recipe.cycles, so_far) + (more or 0)
    if wanted == recipe.cycles:
        return recipe, overrides
    return replace(recipe, cycles=wanted), [*overrides, f"cycles={wanted}"]
