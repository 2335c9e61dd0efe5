"""GRPO (arXiv 2402.03300) through TRL: a policy learns from how the answers it samples to a prompt are rewarded against each other.

TRL's defaults, `beta=0` and `loss_type='dapo'`, are another method and are never left to it. Of its trainer two pieces are extended: each
sampling is seeded by its step, so that a training that was killed samples the same again, and answers are sampled in chunks, so that a
chunk is judged while the next one is sampled.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from primum.errors import TrainingError
from primum.ports import Progress, silent
from primum.training.group_watch import WatchState
from primum.training.grpo_settings import GrpoSettings
from primum.training.grpo_watching import STATISTICS, GroupWatch, GrpoRow, Watching
from primum.training.judging_beside import Answered, JudgingBeside, RewardSource, whole_groups
from primum.training.rows import encode
from primum.training.run import Job, Parts, Prepared, Trained, refuse_empty, run

__all__ = ["GrpoTrained", "LoggedStep", "train_grpo"]

# What is extended or called of TRL's trainer, with the parameters it is called by.
_PIECES = {
    "_generate_and_score_completions": ("inputs",),
    "_generate_single_turn": ("prompt_ids", "images", "multimodal_fields", "num_generations"),
    "_tokenize_prompts": ("prompts",),
}


class LoggedStep(msgspec.Struct, frozen=True):
    """What the trainer logged of a step, counted from 1; `kl` is the k3 estimate against the parent, in nats a token."""

    step: int
    loss: float
    learning_rate: float | None = None
    grad_norm: float | None = None
    kl: float | None = None
    entropy: float | None = None


class GrpoTrained(NamedTuple):
    """What a training made, everything that was seen of its groups, and what was logged."""

    trained: Trained
    watch: WatchState
    logged: tuple[LoggedStep, ...]


class _Kept(msgspec.Struct, frozen=True):
    watch: WatchState
    logged: tuple[LoggedStep, ...]


def train_grpo(
    parent: Path,
    rows: Sequence[GrpoRow],
    rewards: Sequence[RewardSource],
    settings: GrpoSettings,
    out: Path,
    watch: GroupWatch | None = None,
    progress: Progress = silent,
) -> GrpoTrained:
    """GRPO from the model in `parent`, which is also what the KL term holds it to.

    Prompts that do not fill a last sampling are left out of it. Where a rule of `watch` stops the training, the result is the weights
    that the held-back judge liked best (without one, the last that were kept), and `watch.stopped` of the result says why.

    Raises `TrainingError` when there is nothing to learn from, when a reward fails, or when the installed TRL has another trainer.
    """
    refuse_empty("grpo", rows, out)
    _check_sources(rewards, out)
    judging = JudgingBeside(rewards, settings.judging_threads)
    watching = Watching(settings, rewards, watch, judging, progress)

    def build(parts: Parts) -> Prepared:
        data, count = _data(parts.tokenizer, rows, settings, out)
        trainer = _trainer(parts, data, settings, watching)
        watching.trainer = trainer
        return Prepared(trainer, count, len(rows) - count, watching.finishing)

    content = [
        [[list(row.prompt), row.id, row.cluster] for row in rows],
        [[source.name, source.weight, source.mark] for source in rewards],
        (watch or GroupWatch()).mark,
    ]
    try:
        trained = run(Job("grpo", parent, out, settings, content, False, build), progress)
    finally:
        judging.close()
    kept = msgspec.json.decode((trained.folder / STATISTICS).read_bytes(), type=_Kept)
    return GrpoTrained(trained, kept.watch, kept.logged)


def _check_sources(rewards: Sequence[RewardSource], out: Path) -> None:
    names = [source.name for source in rewards]
    if not names or len(set(names)) < len(names):
        raise TrainingError(
            "the rewards of grpo", "are none, or two of one name", "give each reward a name of its own", str(out)
        )
    if not any(source.weight for source in rewards):
        raise TrainingError("the rewards of grpo", "all weigh 0", "give one a weight", str(out))


def _data(tokenizer: Any, rows: Sequence[GrpoRow], settings: GrpoSettings, out: Path) -> tuple[Any, int]:
    """The prompts in the order they are sampled from, all epochs, and how many of the rows have room for an answer."""
    from datasets import Dataset

    room = settings.max_tokens - settings.max_new_tokens
    lengths = [len(encode(tokenizer, row.prompt, [])[0]) for row in rows]
    kept = [place for place, length in enumerate(lengths) if length <= room]
    if len(kept) < settings.prompts_per_sampling:
        raise TrainingError(
            "grpo",
            f"has {len(kept)} prompts of at most {room} tokens, and samples from {settings.prompts_per_sampling} at once",
            "give it more rows, raise max_tokens, or lower batch_rows",
            str(out),
        )
    learned = [rows[place] for place in _order(kept, settings)]
    columns = {"prompt": [list(row.prompt) for row in learned], "scenario": [row.id for row in learned]}
    return Dataset.from_dict(columns), len(kept)


def _order(places: Sequence[int], settings: GrpoSettings) -> list[int]:
    """All epochs, each shuffled, and not by length as elsewhere: samplings of like prompts could not be compared with each other."""
    chance = random.Random(settings.seed)
    laid: list[int] = []
    for _ in range(settings.epochs):
        epoch = list(places)
        chance.shuffle(epoch)
        laid += epoch
    return laid


def _trainer(parts: Parts, data: Any, settings: GrpoSettings, watching: Watching) -> Any:
    from trl import GRPOConfig

    told = {
        **parts.arguments,
        "gradient_checkpointing": settings.gradient_checkpointing,
        "lr_scheduler_type": "linear",
        "logging_steps": 1,  # means over several steps would differ in a training that was cut off between two of them
        "shuffle_dataset": False,  # the rows are laid out beforehand
        "loss_type": "grpo",
        "beta": settings.beta,
        "epsilon": settings.epsilon,
        "scale_rewards": settings.scale_rewards,
        "num_generations": settings.group,
        "steps_per_generation": settings.steps_per_sampling * settings.accumulation_steps,
        "num_iterations": settings.passes,
        "max_completion_length": settings.max_new_tokens,
        "mask_truncated_completions": not settings.learns_from_cut,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "top_k": 0,
        "repetition_penalty": settings.repetition_penalty,
    }
    made = _trainer_class(settings, watching)(
        model=parts.model,
        reward_funcs=[watching.reward],
        args=GRPOConfig(**told),
        processing_class=parts.tokenizer,
        train_dataset=data,
        peft_config=parts.adapter,
    )
    made.add_callback(watching.callback())
    return made


def _check_pieces(trainer: type, version: str) -> None:
    """Raise `TrainingError` unless TRL's trainer has the pieces that are extended here, called as they are called here."""
    for name, wanted in _PIECES.items():
        piece = getattr(trainer, name, None)
        found = () if piece is None else tuple(inspect.signature(piece).parameters)[1 : 1 + len(wanted)]
        if found != wanted:
            raise TrainingError(
                f"the installed trl {version}",
                f"has no GRPOTrainer.{name}({', '.join(wanted)}), by which answers are judged while others are sampled",
                "pip install 'trl==1.16.0'",
                "grpo",
            )


def _seed_of(settings: GrpoSettings, step: int, use: str) -> int:
    return random.Random(f"{settings.seed} {step} {use}").getrandbits(31)


def _trainer_class(settings: GrpoSettings, watching: Watching) -> Any:
    import torch
    import trl

    _check_pieces(trl.GRPOTrainer, trl.__version__)
    judging = watching.judging

    class Trainer(trl.GRPOTrainer):  # type: ignore[misc]
        """TRL's trainer, sampling by its step and in chunks."""

        handing: list[dict[str, Any]] | None = None

        def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> Any:
            torch.manual_seed(_seed_of(settings, int(self.state.global_step), "sampling"))
            self.handing = inputs if judging.is_beside else None
            judging.begin()
            try:
                return super()._generate_and_score_completions(inputs)
            finally:
                self.handing = None

        def _generate_single_turn(
            self, prompt_ids: Any, images: Any, multimodal_fields: Any, num_generations: int, *more: Any, **named: Any
        ) -> Any:
            inputs = self.handing
            if inputs is None:
                return super()._generate_single_turn(
                    prompt_ids, images, multimodal_fields, num_generations, *more, **named
                )
            sampled: list[list[int]] = []
            for part in whole_groups(len(prompt_ids), settings.group, settings.judging_groups):
                ids, _ = super()._generate_single_turn(prompt_ids[part], images, multimodal_fields, num_generations)
                sampled += ids
                judging.hand_over(self._answered(inputs[part], ids))
            return sampled, None

        def _answered(self, inputs: Sequence[dict[str, Any]], ids: list[list[int]]) -> Answered:
            texts = self.processing_class.batch_decode(ids, skip_special_tokens=True)
            completions = [[{"role": "assistant", "content": text}] for text in texts]
            return Answered([row["prompt"] for row in inputs], completions, [row["scenario"] for row in inputs])

        def answer_held(self, rows: Sequence[GrpoRow]) -> Answered:
            """One answer to each row, drawn as in training but always by the same seed, with no trace in the random state."""
            inputs = [{"prompt": list(row.prompt), "scenario": row.id} for row in rows]
            ids: list[list[int]] = []
            with torch.random.fork_rng():
                torch.manual_seed(_seed_of(settings, 0, "held back"))
                for part in whole_groups(len(inputs), settings.group, settings.judging_groups):
                    prompt_ids, images, fields = self._tokenize_prompts([row["prompt"] for row in inputs[part]])
                    ids += super()._generate_single_turn(prompt_ids, images, fields, 1)[0]
            return self._answered(inputs, ids)

    return Trainer
