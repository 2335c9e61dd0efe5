"""How a training of a policy is run: quietly, from fixed seeds, surviving a kill and finished in one move (`primum.checkpoints`)."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from primum.checkpoints import Running, alone, diverged, move, read_receipt, remove, watcher, write_receipt
from primum.errors import DivergedError, MissingExtraError, TrainingError
from primum.frameworks import language_model, quiet, refuse_missing, threads
from primum.model_folder import check_model_folder, hash_model, hash_weights, name_base, stay_offline, writing_weights
from primum.ports import Progress
from primum.records import content_hash
from primum.records.base import plain
from primum.training.settings import TrainingSettings

__all__ = ["Job", "Parts", "Trained", "run"]

_STEPS_PER_LOG = 5


class Trained(NamedTuple):
    """What a training made. `left_out` counts rows longer than `max_tokens`; losses are means over a few steps, `None` if unlogged.

    `tokens` is what the policy read to learn, prompts and answers over all epochs without padding; `None` where it was not counted.
    """

    folder: Path
    weights: str
    steps: int
    rows: int
    left_out: int
    loss_first: float | None
    loss_last: float | None
    tokens: int | None = None


class Parts(NamedTuple):
    """What a trainer is built from: the model to train, a frozen copy where one is needed, and arguments all trainers share."""

    model: Any
    reference: Any
    tokenizer: Any
    arguments: dict[str, Any]
    adapter: Any


class Prepared(NamedTuple):
    """A trainer that is ready to start, and what its data came to.

    `finishing` is called when the training has ended: it may still change the weights, and returns texts to keep beside them, by file name.
    """

    trainer: Any
    rows: int
    left_out: int
    finishing: Callable[[], Mapping[str, str]] = dict
    tokens: int | None = None


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

    Raises `TrainingError` when `out` holds the result of another training, or checkpoints of one stand beside it; when the loss is not a
    number, or when there is nothing to learn from. Raises `StoreError` while another call trains into `out`.
    """
    check_model_folder(job.parent)
    running = Running(job.stage, job.out, _fingerprint(job), job.settings.learning_rate)
    finished = _finished(running)
    if finished is None:
        with writing_weights(job.out), alone(running):
            finished = _finished(running)  # another call may have ended meanwhile
            if finished is None:
                _train(job, running, progress)
                remove(running.checkpoints)
                finished = _finished(running)
                assert finished is not None
                return finished
    remove(running.checkpoints, running.partial)
    progress(finished.steps, finished.steps)
    return finished


def _train(job: Job, running: Running, progress: Progress) -> None:
    remove(running.partial)
    last = running.last()
    with _quiet_torch(job.settings.threads), _scoring_what_is_learned():
        parts = _load(job, running.checkpoints)
        from transformers import PrinterCallback

        prepared = job.build(parts)
        prepared.trainer.remove_callback(PrinterCallback)
        # TRL writes a card with every checkpoint; what is to be said of a policy stands in its record.
        prepared.trainer.create_model_card = _no_card
        prepared.trainer.add_callback(watcher(running, progress))
        try:
            prepared.trainer.train(resume_from_checkpoint=None if last is None else str(last))
        except DivergedError:
            remove(running.checkpoints)  # their weights are no numbers either
            raise
        losses = [entry["loss"] for entry in prepared.trainer.state.log_history if "loss" in entry]
        receipt = {
            "stage": job.stage,
            "steps": int(prepared.trainer.state.global_step),
            "rows": prepared.rows,
            "left_out": prepared.left_out,
            "tokens": prepared.tokens,
            "loss_first": losses[0] if losses else None,
            "loss_last": losses[-1] if losses else None,
        }
        _finish(running, job, prepared, parts.tokenizer, receipt)


def _fingerprint(job: Job) -> str:
    """The hash of all that decides the weights: stage, parent, settings, data."""
    settings = plain(job.settings)
    if not job.settings.keeps_adapter:
        del settings["keeps_adapter"]  # trainings that were begun before there was such a choice are still the same
    return content_hash([job.stage, hash_model(job.parent), settings, job.content])


def _finished(running: Running) -> Trained | None:
    receipt = read_receipt(running)
    if receipt is None:
        return None
    return Trained(
        folder=running.out,
        weights=hash_weights(running.out),
        steps=receipt["steps"],
        rows=receipt["rows"],
        left_out=receipt["left_out"],
        loss_first=receipt["loss_first"],
        loss_last=receipt["loss_last"],
        tokens=receipt.get("tokens"),  # trainings of earlier versions did not count them
    )


def _load(job: Job, checkpoints: Path) -> Parts:
    stay_offline()
    try:
        import torch
        import trl  # noqa: F401 - so that a missing package is named before anything is loaded
        from transformers import AutoTokenizer, set_seed
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    settings = job.settings
    has_gpu = torch.cuda.is_available()
    is_adapter = settings.lora_rank is not None
    # Full training keeps its weights in 32 bits, or small steps would be rounded away.
    dtype = torch.bfloat16 if has_gpu and is_adapter else torch.float32
    set_seed(settings.seed)
    tokenizer = AutoTokenizer.from_pretrained(job.parent, local_files_only=True, trust_remote_code=False)
    model = language_model(job.parent, dtype)
    # With an adapter the trainer's reference is the model with the adapter switched off.
    reference = language_model(job.parent, dtype) if job.needs_reference and not is_adapter else None
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


def _no_card(*_: Any, **__: Any) -> None:
    return


def _finish(running: Running, job: Job, prepared: Prepared, tokenizer: Any, receipt: dict[str, Any]) -> None:
    import torch

    kept = prepared.finishing()
    model = prepared.trainer.model
    settings = job.settings
    if settings.lora_rank is not None and not settings.keeps_adapter:
        model = model.merge_and_unload()
    if not all(bool(torch.isfinite(weights).all()) for weights in model.parameters()):
        raise diverged(running, f"step {receipt['steps']}")
    running.partial.mkdir()
    if settings.keeps_adapter:
        _save_adapter(model, job.parent, running)
    else:
        model.save_pretrained(running.partial)
    tokenizer.save_pretrained(running.partial)
    for name, text in kept.items():
        (running.partial / name).write_text(text, encoding="utf-8")
    write_receipt(running, receipt)
    move(running)


def _save_adapter(model: Any, parent: Path, running: Running) -> None:
    # Otherwise peft asks after the vocabulary of the parent, on the hub where the parent is an adapter itself.
    model.save_pretrained(running.partial, save_embedding_layers=False)
    (running.partial / "README.md").unlink(missing_ok=True)
    place = running.partial / "adapter_config.json"
    told = json.loads(place.read_text(encoding="utf-8"))
    # A set in an order of its own, and a path of this machine: neither is content.
    told["target_modules"] = sorted(told["target_modules"])
    told["base_model_name_or_path"] = None
    place.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    name_base(running.partial, parent, running.out)


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


@contextmanager
def _scoring_what_is_learned() -> Iterator[None]:
    """Have TRL compare with the vocabulary only the positions that have a loss, on a CPU too: the same numbers in less time.

    It leaves prompts and padding out where Triton runs, and elsewhere takes all positions along, because on some devices each new shape
    is compiled anew. On a CPU nothing is. A TRL that is built otherwise is left as it is.
    """
    import torch

    parts: Any = importlib.import_module("trl.trainer.utils")
    asked = getattr(parts, "_use_triton", None)
    if asked is None or torch.cuda.is_available():
        yield
        return
    parts._use_triton = lambda device: device.type == "cpu" or asked(device)
    try:
        yield
    finally:
        parts._use_triton = asked


def nothing_to_learn(stage: str, reason: str, out: Path) -> TrainingError:
    """The error of a training that has no rows it could learn from."""
    return TrainingError(stage, reason, "give it rows, or raise max_tokens", str(out))


def refuse_empty(stage: str, rows: Sequence[object], out: Path) -> None:
    """Raise `TrainingError` when there are no rows."""
    if not rows:
        raise nothing_to_learn(stage, "has no rows to learn from", out)
