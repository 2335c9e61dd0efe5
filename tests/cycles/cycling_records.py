"""A workspace with the records that cycles leave behind, made by hand: policies with weights on the disk, decisions, cycles."""

from __future__ import annotations

from pathlib import Path

from primum.cycles.cycling_state import history_of
from primum.cycles.workspace import Workspace
from primum.model_folder import hash_weights
from primum.records import (
    ByRule,
    Comparison,
    Cycle,
    Decision,
    Estimate,
    JudgeRef,
    PolicyRef,
    Report,
    RuleOutcome,
    StopRule,
)
from primum.store import Store

__all__ = ["Recorded", "cycles_of", "goes_on", "lineage_of", "start_of"]

MADE = ByRule(rule="test")
GUARDIAN = JudgeRef(name="guardian", kind_of="guardian", fingerprint="1", made=MADE)
SECOND = JudgeRef(name="second", kind_of="guardian", fingerprint="2", made=MADE)


class Recorded:
    """One policy (`arm`) of one run; `after[number]` is the policy that a cycle ended with, `after[0]` the start."""

    def __init__(self, workspace: Path, arm: str = "qwen3", run: str = "a1b2c3", recipe: str = "small-cycles") -> None:
        self.workspace, self.arm, self.run, self.recipe = workspace, arm, run, recipe
        self.after: dict[int, str] = {0: self._policy("start").id}

    def cycle(
        self,
        number: int,
        start: int | None = None,
        *,
        chosen: str = "dpo",
        decision: str = "promote",
        is_released: bool = True,
        stopping: str | None = None,
        code: str = "",
    ) -> Cycle:
        """Record cycle `number`, which started from what cycle `start` ended with (the one before it without)."""
        before = self.after[number - 1 if start is None else start]
        if chosen == "keep":
            made = self._cycle(number, before, before, chosen, None, None, stopping)
        else:
            trained = self._policy(f"cycle {number}{code}")
            after = before if decision == "refuse" else trained.id
            released = trained.id if is_released and decision == "promote" else None
            made = self._cycle(number, before, after, chosen, self._decision(trained.id, decision), released, stopping)
        self.after[number] = made.after
        return made

    def folder(self, number: int) -> Path:
        """Where the policy trained in cycle `number` stands; the start for 0."""
        return self._folder(f"cycle {number}" if number else "start")

    def _folder(self, name: str) -> Path:
        return self.workspace / "artifacts" / f"{self.arm}-{self.run}-{name.replace(' ', '-')}"

    def _cycle(self, number, before, after, chosen, decision, released, stopping) -> Cycle:
        stop = tuple(
            StopRule(name=name, is_stopping=name == stopping, found=f"{name} found in {number}", found_zh="如此")
            for name in ("gain", "wrong refusals", "second judge")
        )
        made = Cycle(
            run=self.run,
            recipe=self.recipe,
            arm=self.arm,
            number=number,
            before=before,
            after=after,
            chosen=chosen,
            judge=GUARDIAN.id,
            second_judge=SECOND.id,
            decision=decision,
            released=released,
            stop=stop,
        )
        self._keep(made, event=f"{self.arm}: cycle {number}")
        return made

    def _decision(self, policy: str, decision: str) -> str:
        estimate = Estimate(value=0.04, low=0.02, high=0.07, n=100, unit="scenario")
        measured = Comparison(
            by="all", name="all", metric="wrong_refusal", before=estimate, after=estimate, difference=estimate
        )
        report = Report(
            run=self.run,
            recipe=self.recipe,
            before=self.after[0],
            after=policy,
            judge=SECOND.id,
            comparisons=(measured,),
        )
        is_passed = decision == "promote"
        rule = RuleOutcome(
            rule="wrong_refusal after must be at most 5 %",
            found="4 % (95 % interval 2–7 %)",
            passed=is_passed,
            severity="refuse" if decision == "refuse" else "hold",
        )
        made = Decision(decision=decision, policy=policy, report=report.id, rules=(rule,))
        self._keep(report, made, event="gate")
        return made.id

    def _policy(self, name: str) -> PolicyRef:
        folder = self._folder(name)
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(f"{self.run} {self.arm} {name}".encode())
        made = PolicyRef(
            name=f"{self.arm} {name}",
            path=folder.relative_to(self.workspace).as_posix(),
            weights=hash_weights(folder),
            stage="dpo" if name != "start" else "base",
            architecture="qwen3",
            parameters=10,
            made=MADE,
        )
        self._keep(GUARDIAN, SECOND, made, event="policy")
        return made

    def _keep(self, *records, event: str) -> None:
        with Workspace(self.workspace, is_writer=True) as opened, opened.store.writing() as writer:
            writer.put(records)
            writer.append(event, "", [one.id for one in records], "2026-01-31T12:00:00+00:00")


def start_of(store: Store, run: str, arm: str, number: int, otherwise: str) -> str:
    """The id of the policy that cycle `number` starts from: that of the rollback made after the cycle before it, else `otherwise`, which
    is what the cycle before it ended with (the policy at the start for cycle 1)."""
    history = history_of(store, run, arm)
    taken_back = history.rollbacks.get(number - 1)
    if taken_back is None or history.cycles[number - 1].after != otherwise:
        return otherwise
    return taken_back.policy


def goes_on(store: Store, cycle: Cycle) -> bool:
    """Whether another cycle may follow: no stop rule ended the cycles, or the policy was taken back after it did."""
    if not cycle.is_stopped:
        return True
    taken_back = history_of(store, cycle.run, cycle.arm).rollbacks.get(cycle.number)
    return taken_back is not None and taken_back.cycle == cycle.id


def cycles_of(store: Store, run: str, arm: str) -> list[Cycle]:
    """Every cycle on record, by number; those that were taken back too."""
    history = history_of(store, run, arm)
    return [history.cycles[number] for number in sorted(history.cycles)]


def lineage_of(store: Store, run: str, arm: str, number: int | None = None) -> list[Cycle]:
    """The cycles, in order, that what stands now rests on, or that cycle `number` starts from; none that was taken back by then."""
    history = history_of(store, run, arm)
    return history.lineage(history.stands if number is None else history.before(number))
