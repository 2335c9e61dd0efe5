"""`primum cycle status`: where each policy stands in its cycles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from primum.cycles.cycling_status import ArmState, CycleState, PolicyState

__all__ = ["status"]


@click.command("status")
@options.workspace
@options.as_json
def status(workspace: Path, as_json: bool) -> None:
    """Show where each policy stands: its cycles, what the gate decided, which stop rules hold, what was taken back, and the folder of the
    policy in force, which is the one to serve.

    Reads alone: it may be asked while a run is at work. With --json, arms[].in_force.folder is the folder's path for a script.
    """
    from primum.cycles.cycling_status import status as state_of
    from primum.records import plain

    found = state_of(workspace)
    if as_json:
        render.to_json(plain(found))
        return
    if not found.arms:
        render.lines(["No cycle has ended here yet."])
    for arm in found.arms:
        _tell(arm)


def _tell(arm: ArmState) -> None:
    render.table(
        f"{arm.arm}, {arm.recipe} (run {arm.run})",
        ("cycle", "validator", "gate", "released", "stop rules", "judge"),
        [_row(one, arm) for one in arm.cycles],
    )
    told = [f"  cycle {one.number}: the gate's rule {rule}" for one in arm.cycles for rule in one.failed]
    told += [
        f"  cycle {one.number}, {rule.name}: {rule.found}"
        for one in arm.cycles
        for rule in one.stop
        if rule.is_stopping
    ]
    told += [
        f"  taken back from cycle {one.after} to {one.to} on {one.at[:10]} by {one.by}: {one.reason}"
        + (" (void: its cycles were made anew since)" if one.is_void else "")
        for one in arm.rollbacks
    ]
    if arm.replaced:
        told.append(f"  {arm.replaced} earlier cycles were made anew and stand no more")
    released = f"cycle {arm.in_force.cycle}" if arm.in_force.cycle else "the start: nothing that stands was released"
    told.append(f"In force: {arm.in_force.name}, from {released}")
    told.append(f"  {_folder(arm.in_force)}")
    told.append(f"Next: {arm.next}")
    if not arm.is_next_in_force:
        told.append(f"  {arm.next_from.name}, which is not released: {_folder(arm.next_from)}")
    render.lines([*told, ""])


def _row(cycle: CycleState, arm: ArmState) -> tuple[str, ...]:
    if not cycle.is_released:
        released = "no"
    elif cycle.number == arm.in_force.cycle:
        released = "in force"
    else:
        released = "yes"
    if cycle.is_taken_back:
        released += ", taken back"
    stopping = [rule.name for rule in cycle.stop if rule.is_stopping]
    return (
        str(cycle.number),
        cycle.chosen,
        cycle.decision or ("nothing to release" if cycle.chosen == "keep" else "not asked, dropped"),
        released,
        f"stop: {', '.join(stopping)}" if stopping else "go on",
        cycle.judge,
    )


def _folder(policy: PolicyState) -> str:
    return policy.folder if policy.is_there else f"{policy.folder} (holds no weights any more)"
