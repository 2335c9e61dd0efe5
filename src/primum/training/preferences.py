"""Training on preferences: KTO and DPO, through TRL, both from the same policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from primum.ports import Progress, silent
from primum.training.rows import DpoRow, KtoRow, encode, lay_out
from primum.training.run import Job, Parts, Prepared, Trained, nothing_to_learn, refuse_empty, run
from primum.training.settings import DpoSettings, KtoSettings, TrainingSettings

__all__ = ["kto_weights", "train_dpo", "train_kto"]

# The share λ_D n_D / λ_U n_U that Eq. 8 of arXiv 2402.01306 wants.
_LEAST, _MOST = 1.0, 4 / 3


def kto_weights(desirable: int, undesirable: int) -> tuple[float, float]:
    """λ_D and λ_U, such that λ_D n_D / λ_U n_U lies in 1 … 4/3 (Eq. 8 of arXiv 2402.01306); the rarer kind is weighted up.

    With counts that are already in that range both are 1.
    """
    share = desirable / undesirable
    if share < _LEAST:
        return _LEAST / share, 1.0
    if share > _MOST:
        return 1.0, share / _MOST
    return 1.0, 1.0


def train_kto(
    parent: Path, rows: Sequence[KtoRow], settings: KtoSettings, out: Path, progress: Progress = silent
) -> Trained:
    """KTO (arXiv 2402.01306) from the model in `parent`; raises `TrainingError` unless both kinds of answers are there."""
    refuse_empty("kto", rows, out)
    desirable = sum(row.is_desirable for row in rows)
    if desirable in (0, len(rows)):
        raise nothing_to_learn("kto", "has answers of one kind only, desirable or undesirable", out)

    def build(parts: Parts) -> Prepared:
        from datasets import Dataset
        from trl import KTOConfig, KTOTrainer

        kept = _kept(parts.tokenizer, [(row.prompt, [row.answer]) for row in rows], settings, "kto", out)
        order = lay_out([length for _, length, _ in kept], settings.batch_rows, settings.epochs, settings.seed)
        order = _without_lone_row(order, settings.batch_rows // settings.accumulation_steps)
        learned = [rows[kept[place][0]] for place in order]
        counts = [row.is_desirable for row in learned]
        if all(counts) or not any(counts):
            raise nothing_to_learn("kto", f"has one kind of answer within {settings.max_tokens} tokens", out)
        weight_desirable, weight_undesirable = kto_weights(sum(counts), len(counts) - sum(counts))
        data = Dataset.from_dict(
            {
                "prompt": [list(row.prompt) for row in learned],
                "completion": [[{"role": "assistant", "content": row.answer}] for row in learned],
                "label": counts,
            }
        )
        arguments = KTOConfig(
            **parts.arguments,
            lr_scheduler_type="linear",
            max_length=settings.max_tokens,
            beta=settings.beta,
            desirable_weight=weight_desirable,
            undesirable_weight=weight_undesirable,
        )
        tokens = sum(kept[place][2] for place in order)
        return Prepared(_trainer(KTOTrainer, parts, data, arguments), len(kept), len(rows) - len(kept), tokens=tokens)

    content = [[list(row.prompt), row.answer, row.is_desirable] for row in rows]
    return run(Job("kto", parent, out, settings, content, True, build), progress)


def train_dpo(
    parent: Path, rows: Sequence[DpoRow], settings: DpoSettings, out: Path, progress: Progress = silent
) -> Trained:
    """DPO (arXiv 2305.18290) from the model in `parent`, with the likelihood of the chosen answer held up."""
    refuse_empty("dpo", rows, out)

    def build(parts: Parts) -> Prepared:
        from datasets import Dataset
        from trl import DPOConfig, DPOTrainer

        kept = _kept(parts.tokenizer, [(row.prompt, [row.chosen, row.rejected]) for row in rows], settings, "dpo", out)
        order = lay_out([length for _, length, _ in kept], settings.batch_rows, settings.epochs, settings.seed)
        learned = [rows[kept[place][0]] for place in order]
        data = Dataset.from_dict(
            {
                "prompt": [list(row.prompt) for row in learned],
                "chosen": [[{"role": "assistant", "content": row.chosen}] for row in learned],
                "rejected": [[{"role": "assistant", "content": row.rejected}] for row in learned],
            }
        )
        losses: dict[str, Any] = {"loss_type": ["sigmoid"]}
        if settings.likelihood_weight:
            losses = {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, settings.likelihood_weight]}
        arguments = DPOConfig(
            **parts.arguments,
            **losses,
            lr_scheduler_type="linear",
            max_length=settings.max_tokens,
            beta=settings.beta,
        )
        tokens = sum(kept[place][2] for place in order)
        return Prepared(_trainer(DPOTrainer, parts, data, arguments), len(kept), len(rows) - len(kept), tokens=tokens)

    content = [[list(row.prompt), row.chosen, row.rejected] for row in rows]
    return run(Job("dpo", parent, out, settings, content, True, build), progress)


def _kept(
    tokenizer: Any, conversations: list[tuple[Any, list[str]]], settings: TrainingSettings, stage: str, out: Path
) -> list[tuple[int, int, int]]:
    """The rows whose longest conversation fits into `max_tokens`: position, its length in tokens, and that of all its conversations."""
    wholes = [[len(whole) for whole in encode(tokenizer, prompt, answers)[1]] for prompt, answers in conversations]
    kept = [(row, max(told), sum(told)) for row, told in enumerate(wholes) if max(told) <= settings.max_tokens]
    if not kept:
        raise nothing_to_learn(stage, f"has no row of at most {settings.max_tokens} tokens", out)
    return kept


def _without_lone_row(order: list[int], batch_rows: int) -> list[int]:
    """A last batch of one row has no other answer to estimate the KL term from; that row is met in no second batch."""
    return order[:-1] if len(order) > 1 and len(order) % batch_rows == 1 else order


def _trainer(kind: Callable[..., Any], parts: Parts, data: Any, arguments: Any) -> Any:
    return kind(
        model=parts.model,
        ref_model=parts.reference,
        args=arguments,
        processing_class=parts.tokenizer,
        train_dataset=data,
        peft_config=parts.adapter,
    )
