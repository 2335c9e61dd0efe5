"""One fine-tuning: a body and its heads, all heads at once, each answer teaching the heads of which somebody said the class.

Plain gradient descent by AdamW, the rate rising in a line and falling in a line. A checkpoint holds the weights that are trained and the
optimiser's state, as safetensors, replaced in one move; a training that was killed goes on from it to the same weights.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from primum.errors import MissingExtraError, TrainingError
from primum.frameworks import refuse_missing
from primum.judging.guardian import GuardianSettings, LabelledAnswer
from primum.judging.guardian_body import Body, load_parent
from primum.judging.guardian_layout import LAYOUT_VERSION, LEAST_TOKENS, Laid
from primum.judging.guardian_reader import Head
from primum.judging.guardian_training import known
from primum.model_folder import writing_weights
from primum.ports import Case, Progress
from primum.records import Settings, content_hash

__all__ = [
    "CALIBRATION_PARTS",
    "TransformerSettings",
    "Work",
    "classes_of",
    "fit",
    "refuse_without_packages",
    "steps_of",
]

CALIBRATION_PARTS = 3
_CLIP = 1.0
_WINDOW = 16  # batches among which rows of like length are gathered
_FULL_RATE, _ADAPTER_RATE = 3e-5, 3e-4


class TransformerSettings(Settings, frozen=True):
    """How a transformer is fine-tuned.

    `batch_rows` answers make one step, taken in `accumulation_steps` parts. `learning_rate` is the body's; left out, it is 3e-5 for all
    weights and 3e-4 for adapters. `head_learning_rate` is that of the heads, which start from nothing. `lora_rank` `None` trains all
    weights; otherwise adapters of that rank, merged at the end. `pooling` `None` takes the mean of an encoder's tokens and the last of a
    decoder. Longer texts than `max_tokens` are cut in the middle (`guardian_layout`). `calibration_parts`: how many times part of the
    groups is left out to fit the temperatures, each a training of its own; 0 leaves the chances as they come. A checkpoint is kept every
    `save_steps` steps. `threads` is the number of CPU threads; the same number is needed for the same weights.
    """

    epochs: int = 3
    batch_rows: int = 16
    accumulation_steps: int = 1
    learning_rate: float | None = None
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup_share: float = 0.1
    max_tokens: int = 512
    pooling: Literal["mean", "first", "last"] | None = None
    lora_rank: int | None = None
    calibration_parts: int = 1
    save_steps: int = 200
    threads: int | None = None
    seed: int = 0

    def check(self) -> None:
        least = {"epochs": 1, "batch_rows": 1, "accumulation_steps": 1, "save_steps": 1, "lora_rank": 1, "threads": 1}
        for name, lowest in {**least, "max_tokens": LEAST_TOKENS, "calibration_parts": 0, "weight_decay": 0}.items():
            value = getattr(self, name)
            if value is not None and value < lowest:
                self.refuse(f"{name} = {value}", f"is less than {lowest}", f"give at least {lowest}")
        if self.calibration_parts > CALIBRATION_PARTS or self.batch_rows % self.accumulation_steps:
            self.refuse(
                f"calibration_parts {self.calibration_parts}, batch_rows {self.batch_rows}",
                f"are above {CALIBRATION_PARTS}, or cannot be taken in {self.accumulation_steps} equal parts",
                "give fewer parts, or a multiple of accumulation_steps",
            )
        if not self.rate > 0 or not self.head_learning_rate > 0 or not 0 <= self.warmup_share < 1:
            self.refuse(
                f"learning rates {self.rate} and {self.head_learning_rate}, warmup_share {self.warmup_share}",
                "are outside (0, ∞) and [0, 1)",
                "give others",
            )

    @property
    def rate(self) -> float:
        """The learning rate of the body."""
        return self.learning_rate or (_FULL_RATE if self.lora_rank is None else _ADAPTER_RATE)


class _Row(NamedTuple):
    """An answer in tokens, its class for each head of which it is known, and how much it counts."""

    laid: Laid
    classes: dict[Head, int]
    weight: float


class Work(NamedTuple):
    """What every training of one reader shares. `place` holds the checkpoints; `None` keeps none."""

    settings: GuardianSettings
    tuning: TransformerSettings
    parent: Path
    parent_hash: str
    place: Path | None


def refuse_without_packages(tuning: TransformerSettings) -> None:
    """Raise `MissingExtraError` unless the packages that the training needs are there."""
    refuse_missing()
    if tuning.lora_rank is not None:
        try:
            import peft  # noqa: F401
        except ImportError as error:
            raise MissingExtraError(str(error.name), "train") from error


def fit(examples: Sequence[LabelledAnswer], heads: Sequence[Head], work: Work, progress: Progress) -> Body:
    """A body with its heads, trained on the examples; its adapters, if any, are merged."""
    import torch

    tuning = work.tuning
    seen = {head: classes_of(examples, head) for head in heads}
    body = load_parent(work.parent, seen, tuning.pooling, tuning.max_tokens, tuning.seed)
    taught = [one for one in examples if any(known(one, head) is not None for head in heads)]
    laid = body.lay_out([Case(one.scenario, one.response, ()) for one in taught])
    rows = [
        _Row(cut, {head: i for head in heads if (i := known(one, head)) is not None}, _weight(one, work.settings))
        for one, cut in zip(taught, laid, strict=True)
    ]
    if tuning.lora_rank is not None:
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(tuning.seed)
        adapters = LoraConfig(r=tuning.lora_rank, lora_alpha=2 * tuning.lora_rank, target_modules="all-linear")
        body.model = get_peft_model(body.model, adapters)
    keeper = _Keeper(body, work, rows)
    body.model.train()
    _descend(body, rows, tuning, keeper, progress)
    if tuning.lora_rank is not None:
        body.model = body.model.merge_and_unload()
    for weights in body.model.parameters():
        weights.requires_grad_(False)
        weights.grad = None
    body.model.eval()
    return body


def _descend(
    body: Body, rows: Sequence[_Row], tuning: TransformerSettings, keeper: _Keeper, progress: Progress
) -> None:
    """All steps that are not behind a checkpoint. What is drawn in a step follows from its number alone: a resumed run is the same."""
    import torch

    batches = _batches([len(row.laid.ids) for row in rows], tuning)
    mean_weight = sum(row.weight for row in rows) / len(rows)
    optimiser, rates = keeper.optimiser, [group["lr"] for group in keeper.optimiser.param_groups]
    device = next(body.model.parameters()).device
    begin = keeper.resume()
    progress(begin, len(batches))
    for step in range(begin, len(batches)):
        torch.manual_seed(tuning.seed * 1_000_003 + step)
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * _slope(step, len(batches), tuning.warmup_share)
        batch = [rows[i] for i in batches[step]]
        size = math.ceil(len(batch) / tuning.accumulation_steps)
        total = 0.0
        for start in range(0, len(batch), size):
            part = batch[start : start + size]
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
                logits = body.logits([row.laid for row in part])
            loss = _loss(logits, part) / (len(batch) * mean_weight)
            loss.backward()
            total += float(loss.detach())
        norm = torch.nn.utils.clip_grad_norm_([one for _, one in keeper.trained], _CLIP)
        if not math.isfinite(total) or not bool(torch.isfinite(norm)):
            keeper.forget()
            raise TrainingError(
                "the loss of the guardian",
                "is not a finite number",
                f"lower its learning_rate (now {tuning.rate:g})",
                f"step {step + 1}",
            )
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if (step + 1) % tuning.save_steps == 0 or step + 1 == len(batches):
            keeper.keep(step + 1)
        progress(step + 1, len(batches))


def _loss(logits: dict[Head, Any], part: Sequence[_Row]) -> Any:
    """The weighted sum over answers of the mean cross-entropy over the heads that an answer speaks to; the others are masked."""
    import torch

    total = None
    for head, values in logits.items():
        rows = [i for i, row in enumerate(part) if head in row.classes]
        if rows:
            truth = torch.tensor([part[i].classes[head] for i in rows], device=values.device)
            counts = [part[i].weight / len(part[i].classes) for i in rows]
            each = torch.nn.functional.cross_entropy(values[rows].float(), truth, reduction="none")
            summed = (each * torch.tensor(counts, device=values.device)).sum()
            total = summed if total is None else total + summed
    return total


class _Keeper:
    """What is trained, the optimiser, and the checkpoint of one training."""

    def __init__(self, body: Body, work: Work, rows: Sequence[_Row]) -> None:
        import torch

        tuning = work.tuning
        parts = (("body", body.model, tuning.rate), ("heads", body.layers, tuning.head_learning_rate))
        self.trained: list[tuple[str, Any]] = []
        groups = []
        for prefix, module, rate in parts:
            named = [(f"{prefix}.{name}", one) for name, one in module.named_parameters() if one.requires_grad]
            self.trained += named
            # Norms and biases are no directions: decay would only pull them to 0.
            for decay, chosen in (
                (tuning.weight_decay, [one for _, one in named if one.dim() > 1]),
                (0.0, [one for _, one in named if one.dim() < 2]),
            ):
                if chosen:
                    groups.append({"params": chosen, "lr": rate, "weight_decay": decay})
        self.optimiser = torch.optim.AdamW(groups)
        decisive = {name: getattr(tuning, name) for name in tuning.__struct_fields__ if name != "save_steps"}
        taught = [[row.laid.ids, sorted(row.classes.items()), row.weight] for row in rows]
        seen = sorted(body.seen.items())
        self._mark = content_hash([work.parent_hash, seen, decisive, LAYOUT_VERSION, body.pooling, taught])
        self._file = None if work.place is None else work.place / f"{self._mark[:16]}.safetensors"

    def keep(self, step: int) -> None:
        """Write the weights and the optimiser's state after `step` steps."""
        if self._file is None:
            return
        from safetensors.torch import save_file

        held = {}
        for name, one in self.trained:
            held[f"weights/{name}"] = one.detach().cpu().contiguous()
            for kind, value in self.optimiser.state.get(one, {}).items():
                held[f"{kind}/{name}"] = value.detach().cpu().contiguous()
        self._file.parent.mkdir(exist_ok=True)
        unfinished = self._file.with_suffix(".unfinished")
        with writing_weights(self._file.parent):
            save_file(held, unfinished, metadata={"mark": self._mark, "step": str(step)})
            unfinished.replace(self._file)

    def resume(self) -> int:
        """The number of steps that a checkpoint of this very training has behind it, its state taken up; 0 where there is none."""
        if self._file is None or not self._file.exists():
            return 0
        import torch
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self._file, framework="pt") as stored:
                told = stored.metadata()
                held = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - no mapping
        except SafetensorError:
            self.forget()  # torn by the disk: the training starts again
            return 0
        with torch.no_grad():
            for name, one in self.trained:
                one.copy_(held[f"weights/{name}"])
                state = {
                    kind: held[f"{kind}/{name}"]
                    for kind in ("step", "exp_avg", "exp_avg_sq")
                    if f"{kind}/{name}" in held
                }
                if state:
                    on_device = {kind: value.to(one.device) for kind, value in state.items() if kind != "step"}
                    self.optimiser.state[one] = {"step": state["step"], **on_device}
        return int(told["step"])

    def forget(self) -> None:
        if self._file is not None:
            self._file.unlink(missing_ok=True)


def _batches(lengths: Sequence[int], tuning: TransformerSettings) -> list[list[int]]:
    """The rows of every step of every epoch: shuffled, rows of like length together to save padding."""
    found = []
    for epoch in range(tuning.epochs):
        chance = random.Random(f"{tuning.seed}/{epoch}")
        order = list(range(len(lengths)))
        chance.shuffle(order)
        window = tuning.batch_rows * _WINDOW
        for start in range(0, len(order), window):
            order[start : start + window] = sorted(order[start : start + window], key=lambda i: lengths[i])
        batches = [order[start : start + tuning.batch_rows] for start in range(0, len(order), tuning.batch_rows)]
        chance.shuffle(batches)
        found += batches
    return found


def steps_of(rows: int, tuning: TransformerSettings) -> int:
    return tuning.epochs * math.ceil(rows / tuning.batch_rows)


def _slope(step: int, steps: int, warmup_share: float) -> float:
    """The share of the learning rate at a step: up in a line, then down in a line."""
    warmup = int(steps * warmup_share)
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return (steps - step) / (steps - warmup)


def classes_of(examples: Sequence[LabelledAnswer], head: Head) -> tuple[int, ...]:
    return tuple(sorted({i for one in examples if (i := known(one, head)) is not None}))


def _weight(example: LabelledAnswer, settings: GuardianSettings) -> float:
    default = settings.simulated_weight if example.is_simulated else 1.0
    return settings.weights.get(example.group, default)
