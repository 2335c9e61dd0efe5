"""`primum reward`: a model that reads criteria, from pairs to a reward for any trainer."""

from __future__ import annotations

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "reward"]

COMMANDS = {
    "ablate": ("primum.cli.reward_bench", "ablate", "Train the model without each of its parts; one table."),
    "bench": ("primum.cli.reward_bench", "bench", "Measure a reward model on pairs it has not seen."),
    "export": ("primum.cli.reward_serve", "export", "Write the reward function and data for another engine."),
    "open-pairs": ("primum.cli.reward_real", "open_pairs", "Make pairs of open data that people judged."),
    "pairs": ("primum.cli.reward_pairs", "pairs", "Make pairs by criterion from judged answers."),
    "plan": ("primum.cli.reward_plan", "plan", "Plan memory and time of a run on GPUs, and check its settings."),
    "score": ("primum.cli.reward_score", "score", "Score answers under criteria."),
    "serve": ("primum.cli.reward_serve", "serve", "Serve the reward over HTTP."),
    "train": ("primum.cli.reward_train", "train", "Train a reward model on pairs by criterion."),
}


@click.group("reward", cls=Lazy, found=COMMANDS)
def reward() -> None:
    """Train, measure and serve a reward model that reads each criterion; make its pairs."""
