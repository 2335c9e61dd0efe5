"""The state of every policy that went through cycles in a workspace: what each cycle came to, which folder is in force, what comes next."""

from __future__ import annotations

from pathlib import Path

from primum.cycles.cycling_state import EVENT, History, histories
from primum.cycles.workspace import Workspace
from primum.model_folder import weight_files
from primum.records import Cycle, Decision, JudgeRef, PolicyRef, Rollback, StopRule
from primum.records.base import Value
from primum.store import Store, made_by

__all__ = ["ArmState", "CycleState", "PolicyState", "RollbackState", "Status", "status"]


class PolicyState(Value, frozen=True):
    """A policy, the cycle it comes from (0: the start), and the folder of its weights; `is_there` says whether that holds any."""

    id: str
    name: str
    cycle: int
    folder: str
    weights: str
    is_there: bool


class CycleState(Value, frozen=True):
    """What a cycle came to. `decision` is the gate's (`None` where the validator kept the policy and nothing was put before it), `failed`
    its rules that did not pass, `is_taken_back` whether what stands now does not rest on this cycle."""

    number: int
    id: str
    before: str
    after: str
    chosen: str
    judge: str
    second_judge: str
    decision: str | None
    failed: tuple[str, ...]
    is_released: bool
    is_taken_back: bool
    stop: tuple[StopRule, ...]


class RollbackState(Value, frozen=True):
    """A rollback as the ledger has it; `at` is UTC, ISO 8601. `is_void` says that the cycle it was made after was made anew since, so that
    the next cycle does not start where it says."""

    id: str
    at: str
    after: int
    to: int
    reason: str
    by: str
    is_void: bool


class ArmState(Value, frozen=True):
    """One policy of one run.

    `stands` is the cycle that what stands now ended with, `next_from` the policy the next cycle starts from; `is_next_in_force` whether
    that is the policy in force, perhaps before its adapters were merged. `replaced` counts earlier cycles of it that were made anew, which
    are not among `cycles`.
    """

    run: str
    recipe: str
    arm: str
    cycles: tuple[CycleState, ...]
    replaced: int
    rollbacks: tuple[RollbackState, ...]
    stands: int
    in_force: PolicyState
    next_from: PolicyState
    is_next_in_force: bool
    is_stopped: bool
    next: str
    next_zh: str


class Status(Value, frozen=True):
    """Every policy that went through a cycle in the workspace, in the order in which their first cycles ended."""

    workspace: str
    arms: tuple[ArmState, ...]


def status(workspace: Path) -> Status:
    """Where every policy stands. Reads alone, so a run may be at work. Raises `StoreError` where there is no workspace."""
    with Workspace(workspace, is_writer=False) as opened:
        found = histories(opened.store)
        rollbacks = _rollbacks(opened.store) if found else []
        return Status(workspace=str(workspace), arms=tuple(_arm(opened, one, rollbacks) for one in found))


def _rollbacks(store: Store) -> list[tuple[str, Rollback]]:
    """Every rollback with its time, in the order of the ledger."""
    entries = [entry for entry in store.ledger() if entry.event == EVENT and entry.subjects]
    records = store.get_many([entry.subjects[0] for entry in entries])
    return [(entry.at, one) for entry, one in zip(entries, records, strict=True) if isinstance(one, Rollback)]


def _arm(opened: Workspace, history: History, rollbacks: list[tuple[str, Rollback]]) -> ArmState:
    after = history.policy(history.stands)
    made = {one.id for one in history.cycles.values()}
    standing = {one.number for one in history.lineage(history.stands)}
    said, said_zh = _next(history)
    force = history.in_force(history.stands)
    return ArmState(
        run=history.run,
        recipe=history.cycles[history.last].recipe,
        arm=history.arm,
        cycles=tuple(
            _cycle(opened.store, history.cycles[number], number not in standing) for number in sorted(history.cycles)
        ),
        replaced=history.replaced,
        rollbacks=tuple(
            RollbackState(
                id=one.id,
                at=at,
                after=one.after,
                to=one.to,
                reason=one.reason,
                by=made_by(one),
                is_void=one.cycle not in made,
            )
            for at, one in rollbacks
            if (one.run, one.arm) == (history.run, history.arm)
        ),
        stands=history.stands,
        in_force=_policy(opened, force.policy, force.cycle),
        next_from=_policy(opened, after, history.stands),
        is_next_in_force=after == history.policy(force.cycle),
        is_stopped=history.is_stopped(),
        next=said,
        next_zh=said_zh,
    )


def _cycle(store: Store, cycle: Cycle, is_taken_back: bool) -> CycleState:
    decision = store.get(cycle.decision) if cycle.decision is not None else None
    assert decision is None or isinstance(decision, Decision)
    rules = decision.rules if decision is not None else ()
    return CycleState(
        number=cycle.number,
        id=cycle.id,
        before=cycle.before,
        after=cycle.after,
        chosen=cycle.chosen,
        judge=_judge(store, cycle.judge),
        second_judge=_judge(store, cycle.second_judge),
        decision=None if decision is None else decision.decision,
        failed=tuple(f"{one.rule}: {one.found} ({one.severity})" for one in rules if not one.passed),
        is_released=cycle.is_released,
        is_taken_back=is_taken_back,
        stop=cycle.stop,
    )


def _judge(store: Store, id: str) -> str:
    found = store.get(id)
    assert isinstance(found, JudgeRef)
    return f"{found.name} ({found.kind_of})"


def _policy(opened: Workspace, id: str, cycle: int) -> PolicyState:
    found = opened.store.get(id)
    assert isinstance(found, PolicyRef)
    folder = opened.folder / found.path  # an absolute path stays as it is
    return PolicyState(
        id=id,
        name=found.name,
        cycle=cycle,
        folder=str(folder.resolve()),
        weights=found.weights,
        is_there=bool(weight_files(folder)),
    )


def _next(history: History) -> tuple[str, str]:
    """What comes next, in English and Chinese."""
    number, stands = history.last + 1, history.stands
    if history.is_stopped():
        rules = [one.name for one in history.cycles[history.last].stop if one.is_stopping]
        return (
            f"stopped after cycle {history.last} by {', '.join(rules)}: to go on, take it back with a reason or bring other logs",
            f"第 {history.last} 轮后停止（{'、'.join(rules)}）：如要继续，请说明理由后回退，或换用新的日志",
        )
    since = f"what cycle {stands} ended with" if stands else "the policy at the start"
    since_zh = f"第 {stands} 轮的结果" if stands else "起始策略"
    return f"cycle {number} would start from {since}", f"第 {number} 轮将从{since_zh}开始"
