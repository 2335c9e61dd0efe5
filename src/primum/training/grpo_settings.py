"""The settings of GRPO, with defaults for a small model on two CPU cores."""

from __future__ import annotations

from typing import Literal

from primum.training.settings import TrainingSettings

__all__ = ["GrpoSettings"]


class GrpoSettings(TrainingSettings, frozen=True):
    """GRPO (arXiv 2402.03300): of each prompt `group` answers are sampled, and each learns from how its reward stands in its group.

        A_i = (r_i − mean r) / std r              with scale_rewards "group"; std of the batch with "batch", 1 with "none"
        loss = mean over answers of the mean over tokens of −min(ρ A, clip(ρ, 1 ± epsilon) A) + beta · k3

    ρ is the ratio of the policy to the one that sampled, k3 = π₀/π − log π₀/π − 1 the estimate of the KL divergence from the parent.

    `batch_rows` counts answers: 64 are 8 prompts of 8. `steps_per_sampling` steps learn from one sampling of so many batches, each answer
    `passes` times. `max_tokens` bounds prompt and answer together, `max_new_tokens` the answer; a prompt that leaves no room for it is
    left out and counted. `warmup_share` and the decay of the rate (linear) go by steps. `learns_from_cut` `False` leaves answers that
    were cut at `max_new_tokens` out of the loss; they count in the statistics of their group either way.

    `repetition_penalty` other than 1 changes what is sampled but not the probabilities that are learned from: keep it near 1.

    `judging_groups` groups are sampled and then judged while the next ones are sampled, on `judging_threads` threads; 0 threads judge
    all of a sampling when it is done.
    """

    batch_rows: int = 64
    learning_rate: float = 1e-4
    save_steps: int = 20
    group: int = 8
    steps_per_sampling: int = 1
    passes: int = 1
    beta: float = 0.04
    epsilon: float = 0.2
    scale_rewards: Literal["group", "batch", "none"] = "group"
    temperature: float = 1.0
    top_p: float = 1.0
    max_new_tokens: int = 72
    repetition_penalty: float = 1.0
    learns_from_cut: bool = True
    judging_groups: int = 4
    judging_threads: int = 1
    gradient_checkpointing: bool = False

    @property
    def prompts_per_sampling(self) -> int:
        """How many prompts are sampled from at once."""
        return self.batch_rows // self.group * self.steps_per_sampling

    @property
    def steps_between_samplings(self) -> int:
        """How many steps learn from one sampling."""
        return self.steps_per_sampling * self.passes

    def check(self) -> None:
        super().check()
        for name in ("steps_per_sampling", "passes", "max_new_tokens", "judging_groups"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is less than 1", "give a positive number")
        if self.group < 2 or self.batch_rows % self.group:
            self.refuse(
                f"group = {self.group}",
                f"is less than 2 or does not divide batch_rows = {self.batch_rows}, which counts answers",
                "make batch_rows a multiple of group",
            )
        if self.save_steps % self.steps_between_samplings:
            self.refuse(
                f"save_steps = {self.save_steps}",
                f"would save in the midst of a sampling, which lasts {self.steps_between_samplings} steps",
                "give a multiple of steps_per_sampling × passes",
            )
        if self.max_new_tokens >= self.max_tokens:
            self.refuse(
                f"max_new_tokens = {self.max_new_tokens}",
                f"leaves no room for a prompt in max_tokens = {self.max_tokens}",
                "lower it, or raise max_tokens",
            )
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name, holds, way_out in (
            ("beta", self.beta >= 0, "give 0 or more"),
            ("epsilon", 0 < self.epsilon < 1, "give a number between 0 and 1"),
            ("temperature", self.temperature > 0, "give a positive number: greedy answers of a group are all alike"),
            ("top_p", 0 < self.top_p <= 1, "give a number above 0, at most 1"),
            ("repetition_penalty", 1 <= self.repetition_penalty <= 2, "give a number from 1 to 2"),
            ("judging_threads", 0 <= self.judging_threads <= 256, "give 0 … 256"),
        ):
            if not holds:
                self.refuse(f"{name} = {getattr(self, name)}", "is out of its range", way_out)
