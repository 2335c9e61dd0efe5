"""The trainer of a reward model: transformers' own, with our loss and our batches, which are laid out before the first step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch.utils.data import Dataset
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from primum.checkpoints import Running, remove, watcher
from primum.errors import DivergedError
from primum.ports import Progress
from primum.records import CriterionKind
from primum.rewards.model.collation import collate
from primum.rewards.model.distributed import World, refuse_unwrapped
from primum.rewards.model.layout import Layout
from primum.rewards.model.lessons import Lesson, Part
from primum.rewards.model.losses import UNKNOWN, bradley_terry, directions, pointwise
from primum.rewards.model.network import CriteriaRewardModel
from primum.rewards.model.settings import RewardModelSettings

__all__ = ["Curriculum", "adapted", "fit", "merged"]

_BETA_2 = 0.98  # trainings are short: the usual 0.999 would remember the steep beginning to their end
_LOGGED = 100  # points of the loss curve, about


class Curriculum(NamedTuple):
    """All that is learned, in order: lessons, the parts of every step, the weight of a label by the kind of its criterion."""

    lessons: Sequence[Lesson]
    parts: Sequence[Part]
    weights: dict[CriterionKind, float]
    layout: Layout


class _Parts(Dataset[Part]):  # type: ignore[misc]
    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, place: int) -> Part:
        return self.parts[place]


class RewardTrainer(Trainer):  # type: ignore[misc]
    """Adds up the losses of a part and divides by the weight of the whole step, whoever reads the rest of it."""

    # The weight of a step counts all its parts: dividing by their number once more would be wrong.
    loss_is_scaled_for_ga = True

    def __init__(self, *, pointwise_weight: float, processes: int, **given: Any) -> None:
        super().__init__(**given)
        self.pointwise_weight, self.processes = pointwise_weight, processes

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        given = dict(inputs)
        labels, weight = given.pop("criterion_labels"), given.pop("weights")
        decided, known = given.pop("decided"), given.pop("known")
        logits = model(**given)
        half = len(logits) // 2
        first, second = logits[:half], logits[half:]
        toward = directions(labels[:half], labels[half:])
        loss = bradley_terry(first, second, toward, weight[:half]) / decided
        loss = loss + self.pointwise_weight * pointwise(logits, labels, weight) / known
        # The processes' gradients are averaged; each holds only its share of the sum.
        loss = loss * self.processes
        return (loss, logits) if return_outputs else loss


def fit(
    model: CriteriaRewardModel,
    curriculum: Curriculum,
    settings: RewardModelSettings,
    running: Running,
    world: World,
    progress: Progress,
) -> tuple[int, list[float]]:
    """Train `model` in place, from the last whole checkpoint where there is one; the number of steps, and the loss along them.

    Raises `TrainingError` when a loss is no number or the processes do not share their gradients.
    """
    trainer = RewardTrainer(
        pointwise_weight=settings.pointwise_weight,
        processes=world.size,
        model=model,
        args=_arguments(settings, running, world, len(curriculum.parts)),
        train_dataset=_Parts(curriculum.parts),
        data_collator=_Collator(curriculum),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(watcher(running, progress, world.meet))
    trainer.add_callback(_Wrapped(trainer, world))
    last = world.from_first(running.last)
    try:
        trainer.train(resume_from_checkpoint=None if last is None else str(last))
    except DivergedError:
        if world.is_first:
            remove(running.checkpoints)  # their weights are no numbers either
        raise
    losses = [float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]
    return int(trainer.state.global_step), losses


def adapted(model: CriteriaRewardModel, rank: int | None) -> CriteriaRewardModel:
    """The model with adapters of that rank in its backbone, which is frozen; its heads stay as they are. `None` leaves all as it is."""
    if rank is not None:
        from peft import LoraConfig, get_peft_model

        options = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear")
        model.backbone = get_peft_model(model.backbone, options)
    return model


def merged(model: CriteriaRewardModel, rank: int | None) -> CriteriaRewardModel:
    """The model with its adapters merged into the backbone's weights."""
    if rank is not None:
        model.backbone = model.backbone.merge_and_unload()
    return model


class _Collator:
    """Lays the pairs of a part out as rows, all first answers before all second ones, with labels and weights in the same shape."""

    def __init__(self, curriculum: Curriculum) -> None:
        self.curriculum = curriculum

    def __call__(self, parts: Sequence[Part]) -> dict[str, Any]:
        (part,) = parts
        of = self.curriculum
        lessons = [of.lessons[place] for place in part.lessons]
        rows = [(one.first, one.first_labels) for one in lessons] + [(one.second, one.second_labels) for one in lessons]
        laid = collate([of.layout.pack(item) for item, _ in rows], of.layout.pad)
        labels = torch.full(laid["heads"].shape, UNKNOWN)
        weights = torch.zeros(laid["heads"].shape)
        if not part.is_empty:
            for row, (item, said) in enumerate(rows):
                labels[row, : len(said)] = torch.tensor(said)
                weights[row, : len(said)] = torch.tensor([of.weights[one.kind] for one in item.criteria])
        return {
            **laid,
            "criterion_labels": labels,
            "weights": weights,
            "decided": torch.tensor(
                max(part.decided, 1e-9)
            ),  # a step without a winner adds nothing, and no division by 0
            "known": torch.tensor(max(part.known, 1e-9)),
        }


class _Wrapped(TrainerCallback):  # type: ignore[misc]
    """Looks once, when all is prepared and nothing learned, whether the processes share their gradients."""

    def __init__(self, trainer: Any, world: World) -> None:
        self.trainer, self.world = trainer, world

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        refuse_unwrapped(self.trainer, self.world)


def _arguments(settings: RewardModelSettings, running: Running, world: World, parts: int) -> TrainingArguments:
    has_gpu = torch.cuda.is_available()
    steps = parts // (settings.accumulation_steps * world.size)
    return TrainingArguments(
        output_dir=str(running.checkpoints),
        num_train_epochs=1,  # the parts are laid out for all epochs beforehand
        train_sampling_strategy="sequential",
        per_device_train_batch_size=1,  # one part
        gradient_accumulation_steps=settings.accumulation_steps,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=settings.warmup_share,  # below 1 it is a share
        weight_decay=settings.weight_decay,
        adam_beta2=_BETA_2,
        seed=settings.seed,
        data_seed=settings.seed,
        use_cpu=not has_gpu,
        bf16=has_gpu,
        ddp_backend=None if world.size == 1 else ("nccl" if has_gpu else "gloo"),
        ddp_find_unused_parameters=False,
        gradient_checkpointing=settings.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        dataloader_pin_memory=has_gpu,
        remove_unused_columns=False,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
        logging_steps=max(1, steps // _LOGGED),
        logging_nan_inf_filter=False,  # it would hide a loss that is not a number
        save_strategy="steps",
        save_steps=settings.save_steps,
        save_total_limit=2,  # the older one is needed until the newer one is marked complete
    )
