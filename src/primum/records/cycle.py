"""Cycles after deployment: what one came to, and that a released policy was taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value
from primum.records.origin import Origin

__all__ = ["Cycle", "Rollback", "StopRule"]


class StopRule(Value, frozen=True):
    """One rule that may end the cycles, and what it found: `gain`, `wrong refusals`, `second judge`."""

    name: str
    is_stopping: bool
    found: str
    found_zh: str


class Cycle(Record, frozen=True):
    """One cycle of one policy: from `before` to `after`, which is a branch's policy, or `before` itself where the validator kept it or the
    gate refused the branch.

    `run` names the recipe's content, `arm` the policy that goes through cycles in it, `number` counts from 1. `branches` holds the
    policies that were trained, by stage. `released` is the policy that the gate promoted: `after`, or `after` with its adapters merged
    into whole weights. `stop` holds the stop rules' state.
    """

    run: str
    recipe: str
    arm: str
    number: int
    before: str
    after: str
    chosen: Literal["kto", "dpo", "keep"]
    judge: str
    second_judge: str
    branches: tuple[tuple[str, str], ...] = ()
    decision: str | None = None
    released: str | None = None
    stop: tuple[StopRule, ...] = ()

    def check(self) -> None:
        if self.number < 1:
            self.refuse(f"cycle {self.number}", "does not count from 1", "give its number")

    @property
    def is_released(self) -> bool:
        """Whether the gate promoted what the cycle ended with."""
        return self.released is not None

    @property
    def is_stopped(self) -> bool:
        """Whether no cycle follows."""
        return any(rule.is_stopping for rule in self.stop)

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "before", self.before
        yield "after", self.after
        yield from self.branches
        if self.decision is not None:
            yield "decision", self.decision
        if self.released is not None:
            yield "released", self.released
        yield "judge", self.judge
        yield "second judge", self.second_judge


class Rollback(Record, frozen=True):
    """A policy was taken back: the cycle after number `after` starts from `policy`, which is what cycle `to` ended with (0: the start).

    `cycle` is the last cycle there was, `reason` what the person who took it back said.
    """

    run: str
    recipe: str
    arm: str
    after: int
    to: int
    policy: str
    cycle: str
    reason: str
    made: Origin

    def check(self) -> None:
        if not 0 <= self.to < self.after:
            self.refuse(
                f"a rollback from cycle {self.after} to {self.to}", "does not go back", "name an earlier cycle, or 0"
            )
        if not self.reason.strip():
            self.refuse("a rollback", "has no reason", "say why the policy is taken back")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "policy", self.policy
        yield "cycle", self.cycle
