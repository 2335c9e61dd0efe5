"""`primum cycle`: cycles after deployment, from logged signals to a policy that is safer and refuses no more of the innocent."""

from __future__ import annotations

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "cycle"]

COMMANDS = {
    "ablate": ("primum.cli.cycle_ablate", "ablate", "Each judge against people, and the policy each leads to."),
    "attack": ("primum.cli.cycle_attack", "attack", "Rewrite requests in attack styles, their intent kept."),
    "rollback": ("primum.cli.cycle_rollback", "rollback", "Take a policy back to what an earlier cycle ended with."),
    "run": ("primum.cli.cycle_run", "run", "Run the cycles of a recipe, or go on with them."),
    "status": ("primum.cli.cycle_status", "status", "Show where each policy stands, and why it stopped."),
}


@click.group("cycle", cls=Lazy, found=COMMANDS)
def cycle() -> None:
    """Cycles after deployment: learn from what a released policy met, and release what got surely better."""
