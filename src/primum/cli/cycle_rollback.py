"""`primum cycle rollback`: a policy back to what an earlier cycle ended with."""

from __future__ import annotations

from pathlib import Path

import click

from primum.cli import options, render

__all__ = ["rollback"]


@click.command("rollback")
@click.option("--to", type=int, required=True, help="The cycle to go back to what it ended with; 0: the start.")
@click.option("--reason", required=True, help="Why; it is kept.")
@click.option("--arm", help="Which policy, where the run has several.")
@click.option("--run", help="Which run, where the workspace holds several: a recipe's name, or the start of a run's.")
@click.option("--by", metavar="PSEUDONYM", help="Under which pseudonym you do this.")
@click.option("--role", default="operator", show_default=True, help="In which role.")
@options.workspace
@options.as_json
def rollback(
    to: int,
    reason: str,
    arm: str | None,
    run: str | None,
    by: str | None,
    role: str,
    workspace: Path,
    as_json: bool,
) -> None:
    """Take a policy back: the next cycle starts from what cycle TO ended with, and what was released by then is in force again.

    Nothing is removed: the cycles taken back stay on record, and the ledger holds who took them back and why. The weights to go back to
    are checked first. What serves the policy must be told: primum cycle status shows the folder that is in force.
    """
    from primum.cycles.cycling_state import Going, roll_back
    from primum.cycles.cycling_status import status as state_of
    from primum.records import plain

    with render.bar("Checking the weights"):
        made = roll_back(workspace, to, Going(reason, by, role), arm, run)
    state = next(one for one in state_of(workspace).arms if (one.run, one.arm) == (made.run, made.arm))
    if as_json:
        render.to_json(plain(made) | {"id": made.id, "in_force": plain(state.in_force), "next": state.next})
        return
    render.lines(
        [
            f"{made.arm} is back from cycle {made.after} to {f'cycle {made.to}' if made.to else 'the start'}.",
            f"In force: {state.in_force.name}",
            f"  {state.in_force.folder}",
            f"Next: {state.next}",
        ]
    )
