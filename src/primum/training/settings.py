"""The settings of the four trainings, with defaults for a small model on two CPU cores."""

from __future__ import annotations

from primum.records import Settings

__all__ = ["BaseSettings", "DpoSettings", "KtoSettings", "SftSettings", "TrainingSettings"]


class TrainingSettings(Settings, frozen=True):
    """What all trainings share.

    `batch_rows` rows make one step; on a GPU with little memory `accumulation_steps` takes them in that many parts. Rows longer
    than `max_tokens` are left out and counted. `warmup_share` is a share of the steps. A checkpoint is kept every `save_steps`
    steps. `lora_rank` `None` trains all weights; otherwise adapters of that rank on every linear layer but the output matrix, merged
    into the weights at the end or, with `keeps_adapter`, kept apart: the result then names its parent and needs it.
    `threads` is the number of CPU threads; the same number is needed for the same weights.
    """

    epochs: int = 1
    batch_rows: int = 32
    accumulation_steps: int = 1
    learning_rate: float = 1e-3
    warmup_share: float = 0.05
    max_tokens: int = 512
    save_steps: int = 200
    lora_rank: int | None = None
    keeps_adapter: bool = False
    threads: int | None = None
    seed: int = 0

    def check(self) -> None:
        for name in ("epochs", "accumulation_steps", "max_tokens", "save_steps"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is less than 1", "give a positive number")
        if self.batch_rows < 2 or self.batch_rows % self.accumulation_steps:
            self.refuse(
                f"batch_rows = {self.batch_rows}",
                f"is less than 2 or cannot be taken in {self.accumulation_steps} equal parts",
                "give a multiple of accumulation_steps",
            )
        if not self.learning_rate > 0 or not 0 <= self.warmup_share < 1:
            self.refuse(
                f"learning_rate {self.learning_rate}, warmup_share {self.warmup_share}",
                "are outside (0, ∞) and [0, 1)",
                "give others",
            )
        if not 0 <= self.seed < 2**32:
            self.refuse(f"seed = {self.seed}", "is not between 0 and 4294967295", "give another seed")
        for name in ("lora_rank", "threads"):
            value = getattr(self, name)
            if value is not None and value < 1:
                self.refuse(f"{name} = {value}", "is less than 1", "give a positive number or leave it out")
        if self.keeps_adapter and self.lora_rank is None:
            self.refuse("keeps_adapter", "means nothing where all weights are trained", "give a lora_rank")


class BaseSettings(TrainingSettings, frozen=True):
    """The training of a small model from nothing: plain texts and chat rows, mixed; loss on every token of both.

    `text_epochs` is how often the plain texts are read, cut into pieces of `max_tokens`.
    """

    epochs: int = 3
    learning_rate: float = 3e-3
    text_epochs: int = 1

    def check(self) -> None:
        super().check()
        if self.text_epochs < 0:
            self.refuse(f"text_epochs = {self.text_epochs}", "is negative", "give 0 or more")
        if self.lora_rank is not None:
            self.refuse(f"lora_rank = {self.lora_rank}", "means nothing for untrained weights", "leave it out")


class SftSettings(TrainingSettings, frozen=True):
    """Supervised fine-tuning: loss on the answers only."""

    epochs: int = 2
    learning_rate: float = 1e-3


class KtoSettings(TrainingSettings, frozen=True):
    """KTO (arXiv 2402.01306). `beta` holds the policy to its start; the weights λ follow from the counts, see `kto_weights`."""

    learning_rate: float = 2e-4
    beta: float = 0.1


class DpoSettings(TrainingSettings, frozen=True):
    """DPO (arXiv 2305.18290) with `likelihood_weight` times the negative log-likelihood of the chosen answer added:

    plain DPO lowers the likelihood of both answers, and a small model falls into repetition.
    """

    learning_rate: float = 2e-4
    beta: float = 0.1
    likelihood_weight: float = 1.0

    def check(self) -> None:
        super().check()
        if self.likelihood_weight < 0:
            self.refuse(f"likelihood_weight = {self.likelihood_weight}", "is negative", "give 0 or more")
