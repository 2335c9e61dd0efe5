"""The settings of a reward model's training, with defaults for a small model on two CPU cores."""

from __future__ import annotations

from typing import Literal

from primum.records import CriterionKind, Settings
from primum.stats.calibration import Method

__all__ = ["RewardModelSettings"]


class RewardModelSettings(Settings, frozen=True):
    """How a reward model is trained.

    `batch_pairs` pairs make one step, taken in `accumulation_steps` parts where memory is small, and shared by `processes` (`None`: as many
    as `torchrun` started). `max_tokens` holds prompt, answer and all criteria of one answer: what is longer has its answer cut at its end,
    and is left out where that does not help; both are counted. `lora_rank` `None` trains all weights; otherwise adapters of that rank,
    merged at the end; the heads are always trained whole.

    `pointwise_weight` is the weight of the cross-entropy on known labels beside Bradley–Terry's loss, and `balance` how much rare kinds of
    criteria are weighed up (`losses.kind_weights`); both are ours. `cloze_criteria` is ours too: so many made-up criteria a pair that
    hold words of one of the two answers (`quoting`) teach a model to look a criterion up in the answer, also one it never saw; each makes
    the sequence longer by itself.

    `stages` is ours as well: the first epoch is learned in so many parts of like size, the shortest pairs first, shuffled within. A model
    that is built on the spot finds out sooner what a label comes from where answers are short; 1 shuffles all of them.

    `held_share` of the groups is kept out of training: on these the probabilities are calibrated and the card's figures measured; 0
    trains on all of them and calibrates nothing.

    The ablations of the paper: `head="one"` (one scalar), `with_criteria=False` (no criterion in the input), `excellence=False` and
    `safety=False` (these kinds are not trained on).
    """

    epochs: int = 2
    batch_pairs: int = 16
    accumulation_steps: int = 1
    learning_rate: float = 1e-3
    warmup_share: float = 0.05
    weight_decay: float = 0.01
    max_tokens: int = 1024
    lora_rank: int | None = None
    gradient_checkpointing: bool = False
    pointwise_weight: float = 1.0
    balance: float = 0.5
    cloze_criteria: int = 0
    stages: int = 1
    head: Literal["two", "one"] = "two"
    with_criteria: bool = True
    excellence: bool = True
    safety: bool = True
    held_share: float = 0.15
    calibration: Method = "platt"
    save_steps: int = 200
    processes: int | None = None
    threads: int | None = None
    seed: int = 0

    def check(self) -> None:
        for name in ("epochs", "batch_pairs", "accumulation_steps", "max_tokens", "stages", "save_steps"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is less than 1", "give a positive number")
        for name in ("lora_rank", "threads", "processes"):
            value = getattr(self, name)
            if value is not None and value < 1:
                self.refuse(f"{name} = {value}", "is less than 1", "give a positive number or leave it out")
        if not self.learning_rate > 0 or not 0 <= self.warmup_share < 1:
            self.refuse(
                f"learning_rate {self.learning_rate}, warmup_share {self.warmup_share}",
                "are outside (0, ∞) and [0, 1)",
                "give others",
            )
        for name in ("pointwise_weight", "balance", "weight_decay", "cloze_criteria"):
            if getattr(self, name) < 0:
                self.refuse(f"{name} = {getattr(self, name)}", "is negative", "give 0 or more")
        if not 0 <= self.held_share <= 0.5:
            self.refuse(
                f"held_share = {self.held_share}", "is not between 0 and 0.5", "hold out a share to calibrate on"
            )
        if not 0 <= self.seed < 2**32:
            self.refuse(f"seed = {self.seed}", "is not between 0 and 4294967295", "give another seed")

    @property
    def kinds(self) -> frozenset[CriterionKind]:
        """The kinds of criteria that are trained on."""
        left_out = {"excellence"} if not self.excellence else set()
        left_out |= {"safety"} if not self.safety else set()
        kinds: tuple[CriterionKind, ...] = ("proficiency", "excellence", "safety")
        return frozenset(kind for kind in kinds if kind not in left_out)
