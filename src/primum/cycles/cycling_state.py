"""Where policies stand in their cycles: what each cycle came to, what was taken back, which policy is in force; and taking one back.

Cycles number from 1 and never give a number twice. A rollback does not remove a cycle: the next one starts elsewhere, so that the
cycles of a policy make a tree, and what stands now is one leaf of it. Cycles 1, 2, 3, then back to 1, then cycle 4: what stands rests
on 1 and 4, while 2 and 3 stay on record.

Records are named by their content and hold no time, so going back to 1, then to 2, then to 1 again for the same reason writes the
first record again. Which rollback holds is therefore read from the ledger, whose order nothing can turn: the last that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from primum.cycles.steps import now
from primum.cycles.workspace import Workspace
from primum.errors import ModelError, SettingError, StoreError
from primum.model_folder import hash_weights, weight_files
from primum.records import ByPerson, Cycle, PolicyRef, Rollback
from primum.store import Store

__all__ = [
    "EVENT",
    "Going",
    "History",
    "InForce",
    "cycles_so_far",
    "histories",
    "history_of",
    "released",
    "roll_back",
    "rollbacks_of",
]

EVENT = "cycle rollback"
"""What the ledger calls a rollback."""


class InForce(NamedTuple):
    """The policy that the gate released last along what stands: its id, and the cycle it comes from (0: the policy at the start, because
    nothing was released since)."""

    policy: str
    cycle: int


class Going(NamedTuple):
    """Who takes a policy back, in which role, and why."""

    reason: str
    by: str | None = None
    role: str = "operator"


class History(NamedTuple):
    """The cycles of one policy in one run, by number, and the rollback that holds after each cycle that was taken back.

    `replaced` counts the cycles on record that were made anew since (by newer code, or because the logs in their folder changed).
    """

    run: str
    arm: str
    cycles: Mapping[int, Cycle]
    rollbacks: Mapping[int, Rollback]
    replaced: int = 0

    @property
    def last(self) -> int:
        """The number of the last cycle there was; 0 before the first."""
        return max(self.cycles, default=0)

    @property
    def stands(self) -> int:
        """The cycle that what stands now ended with: the last, or the one that it was taken back to."""
        return self.before(self.last + 1)

    def before(self, number: int) -> int:
        """The cycle that cycle `number` starts from (0: the start): the one before it, unless that was taken back."""
        taken_back = self.rollbacks.get(number - 1)
        return number - 1 if taken_back is None else taken_back.to

    def lineage(self, number: int) -> list[Cycle]:
        """The cycles that what cycle `number` ended with rests on, itself the last."""
        path: list[Cycle] = []
        while number > 0:
            path.append(self.cycles[number])
            number = self.before(number)
        return path[::-1]

    def policy(self, number: int) -> str:
        """The id of the policy that cycle `number` ended with; that of the start for 0."""
        return self.cycles[number].after if number else self.cycles[1].before

    def in_force(self, number: int) -> InForce:
        """What was released last when cycle `number` had ended."""
        promoted = next((one for one in reversed(self.lineage(number)) if one.is_released), None)
        if promoted is None or promoted.released is None:
            return InForce(self.policy(0), 0)
        return InForce(promoted.released, promoted.number)

    def is_stopped(self) -> bool:
        """Whether a stop rule ended the cycles and nobody has taken the policy back since."""
        return self.last > 0 and self.last not in self.rollbacks and self.cycles[self.last].is_stopped


def histories(store: Store) -> list[History]:
    """Every policy of every run, in the order in which their first cycles ended."""
    found: dict[tuple[str, str], list[Cycle]] = {}
    for cycle in store.all(Cycle):
        found.setdefault((cycle.run, cycle.arm), []).append(cycle)
    taken_back = _in_ledger(store) if found else []
    return [_history(run, arm, cycles, taken_back) for (run, arm), cycles in found.items()]


def history_of(store: Store, run: str, arm: str) -> History:
    """The cycles of the policy called `arm` in the run called `run`, and its rollbacks; empty where there are none."""
    cycles = [one for one in store.all(Cycle) if (one.run, one.arm) == (run, arm)]
    return _history(run, arm, cycles, _in_ledger(store) if cycles else [])


def _history(run: str, arm: str, cycles: Iterable[Cycle], taken_back: Sequence[Rollback]) -> History:
    kept: dict[int, Cycle] = {}
    made = list(cycles)
    for cycle in made:  # in the order in which they were put in
        # A cycle that was made anew leaves none standing that rested on the one before it.
        kept = {number: one for number, one in kept.items() if number < cycle.number} | {cycle.number: cycle}
    standing = {number: cycle.id for number, cycle in kept.items()}
    # The last of each number wins; one that is about a cycle which no longer stands says nothing.
    held = {one.after: one for one in taken_back if standing.get(one.after) == one.cycle}
    return History(run, arm, kept, held, len(made) - len(kept))


def _in_ledger(store: Store) -> list[Rollback]:
    """Every rollback as often as the ledger names it, in its order."""
    named = [id for entry in store.ledger() if entry.event == EVENT for id in entry.subjects[:1]]
    return [one for one in store.get_many(named) if isinstance(one, Rollback)]


def rollbacks_of(store: Store, run: str, arm: str) -> dict[int, Rollback]:
    """The rollback that holds, by the number of the cycle it was made after."""
    return dict(history_of(store, run, arm).rollbacks)


def released(store: Store, run: str, arm: str) -> InForce | None:
    """The policy in force: the last that the gate released along what stands. `None` before the first cycle has ended."""
    history = history_of(store, run, arm)
    return history.in_force(history.stands) if history.cycles else None


def cycles_so_far(workspace: Path, named: Iterable[tuple[str, str]]) -> int:
    """The highest number of a cycle of the policies `named` (run, arm); 0 where nothing ran yet."""
    if not (workspace / "primum.db").is_file():
        return 0
    with Workspace(workspace, is_writer=False) as opened:
        wanted = set(named)
        return max((one.number for one in opened.store.all(Cycle) if (one.run, one.arm) in wanted), default=0)


def roll_back(workspace: Path, to: int, going: Going, arm: str | None = None, run: str | None = None) -> Rollback:
    """Take a policy back to what cycle `to` ended with (0: the start): the next cycle starts from there, and what the gate had released
    by then is in force again.

    `run` is a recipe's name or the start of a run's. Nothing is removed. Raises `SettingError` where there is nothing to take back, where
    it would go forward or stand where it stands, or where a policy or run must be named; `StoreError` when another process writes in
    the workspace, and when the weights to go back to are gone or are not what they were.
    """
    with Workspace(workspace, is_writer=False) as opened:  # a writer would make a workspace of a wrong folder
        _chosen(histories(opened.store), arm, run, workspace)
    with Workspace(workspace, is_writer=True) as opened:
        store = opened.store
        history = _chosen(histories(store), arm, run, workspace)
        _check(history, to, workspace)
        for policy in dict.fromkeys([history.policy(to), history.in_force(to).policy]):
            _check_weights(opened, policy, to)
        last = history.cycles[history.last]
        record = Rollback(
            run=history.run,
            recipe=last.recipe,
            arm=history.arm,
            after=last.number,
            to=to,
            policy=history.policy(to),
            cycle=last.id,
            reason=going.reason.strip(),
            made=ByPerson(person=going.by or "not named", role=going.role),
        )
        with store.writing() as writer:
            writer.put([record])
            detail = f"{record.arm} of {record.recipe}: from cycle {record.after} back to {to}: {record.reason}"
            writer.append(EVENT, detail, [record.id, record.cycle, record.policy], now())
        return record


def _chosen(found: Sequence[History], arm: str | None, run: str | None, workspace: Path) -> History:
    """The one policy that is meant. `SettingError` where none is, or more than one."""
    place = str(workspace)
    if not found:
        raise SettingError("a rollback", "finds no cycle to take back", "run one: primum cycle run RECIPE", place)
    of_run = [one for one in found if run is None or one.run.startswith(run) or _recipe(one) == run]
    if not of_run:
        known = ", ".join(sorted({f"{_recipe(one)} ({one.run})" for one in found}))
        raise SettingError(f"run '{run}'", "has no cycle here", f"name one of {known}", place)
    meant = [one for one in of_run if arm is None or one.arm == arm]
    if not meant:
        arms = ", ".join(dict.fromkeys(one.arm for one in of_run))
        raise SettingError(f"arm '{arm}'", "has no cycle here", f"name one of {arms}", place)
    if len({one.arm for one in meant}) > 1:
        arms = ", ".join(dict.fromkeys(one.arm for one in meant))
        raise SettingError("a rollback", "must name its policy, there are several", f"--arm with one of {arms}", place)
    if len(meant) > 1:
        runs = ", ".join(f"{one.run} ({_recipe(one)})" for one in meant)
        raise SettingError("a rollback", "must name its run, there are several", f"--run with one of {runs}", place)
    return meant[0]


def _recipe(history: History) -> str:
    return history.cycles[history.last].recipe


def _check(history: History, to: int, workspace: Path) -> None:
    """Refuse what goes nowhere."""
    place = f"{history.arm} in {workspace}"
    if to < 0:
        raise SettingError(f"cycle {to}", "does not exist", "name an earlier cycle, or 0 for the start", place)
    if to >= history.last:
        told = "is the last there was" if to == history.last else f"was not run, cycle {history.last} is the last"
        raise SettingError(f"cycle {to}", f"{told}: this would not go back", "name an earlier cycle, or 0", place)
    if history.stands == to:
        told = "is where the policy was taken back to already"
        raise SettingError(f"cycle {to}", told, "go on from there: primum cycle run RECIPE --more 1", place)


def _check_weights(opened: Workspace, id: str, to: int) -> None:
    """Refuse to go back to weights that are gone, or that are not those which were trained."""
    policy = opened.store.get(id)
    assert isinstance(policy, PolicyRef)
    folder = opened.folder / policy.path  # an absolute path stays as it is
    what = f"policy '{policy.name}', which {f'cycle {to}' if to else 'the start'} needs,"
    way_out = "put its folder back from a backup, or go to another cycle; nothing was changed"
    if not weight_files(folder):
        raise StoreError(what, "has its weights no more", way_out, str(folder))
    try:
        found = hash_weights(folder)
    except ModelError as error:
        raise StoreError(what, f"cannot be read: {error.value} {error.rule}", way_out, error.place) from error
    if found != policy.weights:
        raise StoreError(what, "has other weights now than when it was recorded", way_out, str(folder))
