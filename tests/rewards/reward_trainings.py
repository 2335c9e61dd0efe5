"""The reward trainings of the tests: tiny, and the same wherever they run. As a script it trains one, and kills it where told.

`python reward_trainings.py FOLDER OUT [STEP]` trains from `FOLDER/base` to `FOLDER/OUT`; with a step the process kills itself with SIGKILL
after it, as a power cut would. Under `torchrun` all processes do the same.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from primum.model_folder import stay_offline
from primum.models.tiny import TinySettings, build_tiny
from primum.ports import Progress, silent
from primum.records import CriterionKind, Turn
from primum.rewards.asked import Asked
from primum.rewards.model.settings import RewardModelSettings
from primum.rewards.model.training import TrainedReward, train_reward_model
from primum.rewards.samples import PairSample

__all__ = ["PAIRS", "SETTINGS", "make_base", "train"]

_DRUGS: dict[str, tuple[CriterionKind, int]] = {
    "aspirin": ("proficiency", 5),
    "insulin": ("safety", -10),
    "lithium": ("excellence", 2),
    "codeine": ("proficiency", -3),
    "warfarin": ("safety", 5),
}


def _pairs(count: int) -> list[PairSample]:
    """Answers that name some of five drugs, and criteria that ask for them; every fifth pair has a label that nobody knows."""
    chance, found = random.Random(7), []
    while len(found) < count:
        number = len(found)
        said = [[drug for drug in _DRUGS if chance.random() < 0.5] for _ in range(2)]
        if set(said[0]) == set(said[1]):
            continue
        met = [[drug in one for drug in _DRUGS] for one in said]
        first: list[bool | None] = [*met[0]]
        if number % 5 == 0:
            first[number % len(first)] = None
        found.append(
            PairSample(
                id=f"p{number}",
                prompt=(Turn(role="user", content=f"Question {number % 12}?"),),
                first=" ".join(["I name", *said[0]]),
                second=" ".join(["I name", *said[1]]),
                criteria=tuple(
                    Asked(text=f"Names {drug}.", kind=kind, points=points) for drug, (kind, points) in _DRUGS.items()
                ),
                met_first=tuple(first),
                met_second=tuple(met[1]),
                language="en",
                group=f"g{number % 12}",
                keys=tuple(_DRUGS),
                first_by="one",
                second_by="" if number % 2 else "other",
                is_simulated=True,
                records=(f"r{number}",),
            )
        )
    return found


PAIRS = _pairs(48)
SETTINGS = RewardModelSettings(
    epochs=1,
    batch_pairs=6,
    learning_rate=3e-3,
    max_tokens=128,
    held_share=0.25,
    save_steps=2,
    threads=1,
    cloze_criteria=1,
)


def make_base(folder: Path) -> None:
    small = TinySettings(layers=1, width=16, heads=2, feed_forward=32, vocabulary=400, context_tokens=160)
    build_tiny([text for pair in PAIRS for text in (pair.first, pair.criteria[0].text)], small, folder)


def train(root: Path, out: str, progress: Progress = silent) -> TrainedReward:
    return train_reward_model(root / "base", PAIRS, SETTINGS, root / out, progress)


def _kill_at(step: int | None) -> Progress:
    def progress(done: int, total: int, /) -> None:
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return progress


if __name__ == "__main__":
    stay_offline()
    train(Path(sys.argv[1]), sys.argv[2], _kill_at(int(sys.argv[3]) if len(sys.argv) > 3 else None))
