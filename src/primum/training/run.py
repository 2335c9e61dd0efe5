"""How a training is run: quietly, from fixed seeds, with checkpoints that survive a kill, and finished in one move.

While a training runs, its checkpoints stand beside `out` in `.NAME.checkpoints`; `out` appears when it is finished, whole.
Checkpoints hold optimiser and random states as torch saves them, a pickle: they are our own files, transformers reads them
back with `weights_only=True`, and a user's file never takes that way.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from primum.errors import MissingExtraError, TrainingError
from primum.frameworks import quiet, refuse_missing, threads
from primum.model_folder import check_model_folder, hash_weights, stay_offline, writing_weights
from primum.ports import Progress
from primum.records import content_hash
from primum.training.settings import TrainingSettings

__all__ = ["Job", "Parts", "Trained", "run"]

_RECEIPT = "training.json"
_COMPLETE = "complete"
_STEPS_PER_LOG = 5


class Trained(NamedTuple):
    """What a training made. `left_out` counts rows longer than `max_tokens`; losses are means over a few steps, `None` if unlogged."""

    folder: Path
    weights: str
    steps: int
    rows: int
    left_out: int
    loss_first: float | None
    loss_last: float | None


class Parts(NamedTuple):
    """What a trainer is built from: the model to train, a frozen copy where one is needed, and arguments all trainers share."""

    model: Any
    reference: Any
    tokenizer: Any
    arguments: dict[str, Any]
    adapter: Any


class Prepared(NamedTuple):
    """A trainer that is ready to start, and what its data came to."""

    trainer: Any
    rows: int
    left_out: int


class Job(NamedTuple):
    """One training. `build` makes the trainer; `content` is all that decides the weights besides settings and parent."""

    stage: str
    parent: Path
    out: Path
    settings: TrainingSettings
    content: object
    needs_reference: bool
    build: Callable[[Parts], Prepared]


def run(job: Job, progress: Progress) -> Trained:
    """Train, or go on with a training that was cut off, or return what is already finished.

    Raises `TrainingError` when `out` holds the result of another training, when the loss is not a number, or when there is nothing
    to learn from.
    """
    check_model_folder(job.parent)
    mark = _fingerprint(job)
    finished = _finished(job, mark)
    checkpoints = job.out.parent / f".{job.out.name}.checkpoints"
    partial = job.out.parent / f".{job.out.name}.partial"
    if finished is not None:
        _remove(checkpoints, partial)
        progress(finished.steps, finished.steps)
        return finished
    job.out.parent.mkdir(parents=True, exist_ok=True)
    _remove(partial)
    last = _last_checkpoint(checkpoints, mark)
    with writing_weights(job.out), _quiet_torch(job.settings.threads):
        parts = _load(job, checkpoints)
        from transformers import PrinterCallback

        prepared = job.build(parts)
        watch = _watcher(job, mark, progress)
        prepared.trainer.remove_callback(PrinterCallback)
        # TRL writes a card with every checkpoint; what is to be said of a policy stands in its record.
        prepared.trainer.create_model_card = _no_card
        prepared.trainer.add_callback(watch)
        try:
            prepared.trainer.train(resume_from_checkpoint=None if last is None else str(last))
        except TrainingError:
            _remove(checkpoints)  # their weights are no numbers either
            raise
        losses = [entry["loss"] for entry in prepared.trainer.state.log_history if "loss" in entry]
        receipt = {
            "stage": job.stage,
            "fingerprint": mark,
            "steps": int(prepared.trainer.state.global_step),
            "rows": prepared.rows,
            "left_out": prepared.left_out,
            "loss_first": losses[0] if losses else None,
            "loss_last": losses[-1] if losses else None,
        }
        _finish(job, prepared.trainer.model, parts.tokenizer, receipt, partial)
    _remove(checkpoints)
    done = _finished(job, mark)
    assert done is not None
    return done


def _fingerprint(job: Job) -> str:
    """The hash of all that decides the weights: stage, parent, settings, data."""
    return content_hash([job.stage, hash_weights(job.parent), job.settings, job.content])


def _finished(job: Job, mark: str) -> Trained | None:
    if not job.out.exists():
        return None
    place = job.out / _RECEIPT
    try:
        receipt = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        receipt = {}
    if not isinstance(receipt, dict) or receipt.get("fingerprint") != mark:
        raise TrainingError(
            f"folder {job.out.name!r}",
            "is not the result of this training and would be overwritten",
            "remove it or name another folder",
            str(job.out),
        )
    return Trained(
        folder=job.out,
        weights=hash_weights(job.out),
        steps=receipt["steps"],
        rows=receipt["rows"],
        left_out=receipt["left_out"],
        loss_first=receipt["loss_first"],
        loss_last=receipt["loss_last"],
    )


def _last_checkpoint(checkpoints: Path, mark: str) -> Path | None:
    """The last whole checkpoint of this very training; what is torn or belongs to another one is removed."""
    whole: list[tuple[int, Path]] = []
    for folder in sorted(checkpoints.glob("checkpoint-*")):
        try:
            is_ours = (folder / _COMPLETE).read_text(encoding="utf-8") == mark
        except OSError:
            is_ours = False
        if is_ours:
            whole.append((int(folder.name.rpartition("-")[2]), folder))
        else:
            shutil.rmtree(folder)
    return max(whole)[1] if whole else None


def _load(job: Job, checkpoints: Path) -> Parts:
    stay_offline()
    try:
        import torch
        import trl  # noqa: F401 - so that a missing package is named before anything is loaded
        from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    settings = job.settings
    has_gpu = torch.cuda.is_available()
    is_adapter = settings.lora_rank is not None
    options = {
        "local_files_only": True,
        "trust_remote_code": False,
        "use_safetensors": True,
        # Full training keeps its weights in 32 bits, or small steps would be rounded away.
        "dtype": torch.bfloat16 if has_gpu and is_adapter else torch.float32,
    }
    set_seed(settings.seed)
    tokenizer = AutoTokenizer.from_pretrained(job.parent, local_files_only=True, trust_remote_code=False)
    model = AutoModelForCausalLM.from_pretrained(job.parent, **options)
    reference = None
    if job.needs_reference and not is_adapter:
        reference = AutoModelForCausalLM.from_pretrained(job.parent, **options)
    return Parts(model, reference, tokenizer, _arguments(job, checkpoints, has_gpu), _adapter(settings))


def _arguments(job: Job, checkpoints: Path, has_gpu: bool) -> dict[str, Any]:
    settings = job.settings
    return {
        "output_dir": str(checkpoints),
        "num_train_epochs": 1,  # the rows are laid out for all epochs beforehand
        "train_sampling_strategy": "sequential",
        "per_device_train_batch_size": settings.batch_rows // settings.accumulation_steps,
        "gradient_accumulation_steps": settings.accumulation_steps,
        "learning_rate": settings.learning_rate,
        "warmup_steps": settings.warmup_share,  # below 1 it is a share
        "seed": settings.seed,
        "data_seed": settings.seed,
        "use_cpu": not has_gpu,
        "bf16": has_gpu,
        "gradient_checkpointing": False,
        "dataloader_pin_memory": has_gpu,
        "report_to": "none",
        "disable_tqdm": True,
        "log_level": "error",
        "logging_steps": _STEPS_PER_LOG,
        "logging_nan_inf_filter": False,  # it would hide a loss that is not a number
        "save_strategy": "steps",
        "save_steps": settings.save_steps,
        "save_total_limit": 2,  # the older one is needed until the newer one is marked complete
    }


def _adapter(settings: TrainingSettings) -> Any:
    if settings.lora_rank is None:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=settings.lora_rank, lora_alpha=2 * settings.lora_rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )


def _watcher(job: Job, mark: str, progress: Progress) -> Any:
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):  # type: ignore[misc]
        """Tells how far the training is, stops it when the loss is not a number, marks checkpoints that are whole."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress(state.global_step, state.max_steps)

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress(state.global_step, state.max_steps)

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **_: Any) -> None:
            for name in ("loss", "grad_norm"):
                if name in logs and not math.isfinite(float(logs[name])):
                    raise _diverged(job, f"step {state.global_step}")

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            _sync(folder)
            (folder / _COMPLETE).write_text(mark, encoding="utf-8")
            _sync(folder)

    return Watcher()


def _no_card(*_: Any, **__: Any) -> None:
    return


def _diverged(job: Job, place: str) -> TrainingError:
    return TrainingError(
        f"the loss of {job.stage}",
        "is not a finite number",
        f"lower its learning_rate (now {job.settings.learning_rate:g})",
        place,
    )


def _finish(job: Job, model: Any, tokenizer: Any, receipt: dict[str, Any], partial: Path) -> None:
    import torch

    if job.settings.lora_rank is not None:
        model = model.merge_and_unload()
    if not all(bool(torch.isfinite(weights).all()) for weights in model.parameters()):
        raise _diverged(job, f"step {receipt['steps']}")
    partial.mkdir()
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    (partial / _RECEIPT).write_text(json.dumps(receipt, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _sync(partial)
    partial.rename(job.out)
    _sync_entry(job.out.parent)


def _sync(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
    _sync_entry(folder)


def _sync_entry(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(*folders: Path) -> None:
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)


@contextmanager
def _quiet_torch(count: int | None) -> Iterator[None]:
    """The number of threads set, and no bars, notices or warnings of the libraries."""
    refuse_missing()
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    has_bars = not datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        with threads(count), quiet():
            yield
    finally:
        if has_bars:
            datasets.enable_progress_bars()


def nothing_to_learn(stage: str, reason: str, out: Path) -> TrainingError:
    """The error of a training that has no rows it could learn from."""
    return TrainingError(stage, reason, "give it rows, or raise max_tokens", str(out))


def refuse_empty(stage: str, rows: Sequence[object], out: Path) -> None:
    """Raise `TrainingError` when there are no rows."""
    if not rows:
        raise nothing_to_learn(stage, "has no rows to learn from", out)
