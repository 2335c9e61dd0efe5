"""`primum cycle ablate`: how far each judge can be relied on, and the policy each leads to."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from primum.cycles.cycling_ablation import AblationOrder

__all__ = ["ablate"]

_WAYS = ("self", "external", "guardian", "self, routed")


@click.command("ablate")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--arm", metavar="NAME", help="Which policy of the recipe; the first without it.")
@click.option("--cycles", type=click.IntRange(1), metavar="N", help="How many cycles, in place of the recipe's number.")
@click.option(
    "--teacher",
    "ways",
    type=click.Choice(_WAYS),
    multiple=True,
    help="Only this judge (repeatable); all of them without it.",
)
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Put a setting on top of the recipe's (repeatable)."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.md", help="Write the page there.")
@click.option("--force", "is_forced", is_flag=True, help="Write over --out.")
@options.workspace
@options.as_json
def ablate(
    recipe: Path,
    ways: tuple[str, ...],
    out: Path | None,
    is_forced: bool,
    as_json: bool,
    **ordered: Any,
) -> None:
    """Ablate who judges in the cycles of RECIPE: the policy itself, an external judge, a guardian trained in the run.

    Each teaches one policy of the recipe in turn, alone; last the policy judges itself where it can be relied on and the others read the
    rest. The judge that is held back measures what came of it. Every judge's agreement with people is told by harm level and style. A run
    that was stopped goes on where it was: run the same command again.
    """
    from primum.cycles.cycling_ablation import WAYS, AblationOrder, ablation_page
    from primum.cycles.cycling_ablation import ablate as run
    from primum.errors import SettingError

    if out is not None and out.exists() and not is_forced:
        raise SettingError(f"--out '{out}'", "is there already", "name another or add --force", "cycle ablate")
    wanted = tuple(way for way in WAYS if not ways or way in ways)
    order = AblationOrder(recipe, ways=wanted, **ordered)
    with render.StepProgress() as progress:
        found = run(order, progress)
    page = ablation_page(found, _command(order, ways))
    if out is not None:
        out.write_text(page, encoding="utf-8")
    if as_json:
        render.to_json(found)
    else:
        render.lines(page.splitlines() if out is None else [f"Page: {out}"])


def _command(order: AblationOrder, ways: Sequence[str]) -> str:
    """The command that repeats the ablation; where the data stood is left open."""
    told = ["primum", "cycle", "ablate", order.recipe.as_posix()]
    told += ["--arm", order.arm] if order.arm is not None else []
    told += ["--cycles", str(order.cycles)] if order.cycles is not None else []
    told += [part for way in ways for part in ("--teacher", way)]
    told += [part for one in order.overrides if not one.startswith("data.root=") for part in ("--set", one)]
    return shlex.join(told)
