"""What a cycle stands in, as its steps are given it."""

from __future__ import annotations

from typing import NamedTuple

from primum.cycles.answering import Examiner
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.cycling_world import World
from primum.cycles.steps import Steps
from primum.judging.engine import Engine

__all__ = ["Around"]


class Around(NamedTuple):
    """What a cycle stands in: the run's steps and recipe, the arm's name, the cycle's number, the world, and both judges."""

    steps: Steps
    recipe: CyclesRecipe
    arm: str
    number: int
    world: World
    teacher: Engine
    second: Engine

    def name(self, what: str) -> str:
        return f"{self.arm}: cycle {self.number}: {what}"

    def examiner(self, engine: Engine) -> Examiner:
        return Examiner(self.steps, self.world.situations, engine, self.recipe.answering, self.recipe.policy.threads)
