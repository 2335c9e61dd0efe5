"""The training steps of a cycle against TRL called by hand on the same rows: throughput, in turns in one run; and what adapters cost.

    python benchmarks/cycle_training.py [--data DATA] [--rows 384] [--rounds 3] [--stages sft,kto,dpo]

`--data` (or PRIMUM_DATA) names the folder that holds medquad/ and huatuo/; without it the rows are generated. Model, batch size, learning
rate, seed, one thread, logging and checkpoints are the same for all. By hand it is done in two ways: with the very batches that ours
meets (what our own parts cost), and as one writes it, TRL's sampler choosing the batches (ours share a batch among rows of like length).
Rounds alternate; a ratio is the median over rounds of our throughput over theirs, so above 1 we are faster. The last line is one JSON
object; of each stage:

- `kto_ratio`: the steps alone, start-up excluded, from the first one's begin to the last one's end, checkpoints included; same batches;
  in processor seconds of the one thread, which others at work on the machine do not change. The bar: at least 0.95
- `kto_ratio_wall`: the same by the clock on the wall
- `kto_ratio_whole`: start-up included: the call, from a folder and rows in memory to the finished folder; libraries imported before
- `kto_ratio_as_written`, `kto_ratio_as_written_whole`: both against TRL with batches of its own

and `lora`: KTO of adapters against KTO of all weights, on the same rows with the same steps (tokens a processor second; loss at the end).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from primum.frameworks import quiet, threads
from primum.model_folder import stay_offline
from primum.models.tiny import TinySettings, build_tiny
from primum.training import (
    BaseSettings,
    ChatRow,
    DpoRow,
    DpoSettings,
    KtoRow,
    KtoSettings,
    SftSettings,
    Trained,
    train_base,
    train_dpo,
    train_kto,
    train_sft,
)
from primum.training.rows import encode, lay_out

BATCH, CHECKPOINT, LONGEST = 16, 12, 384
SHARED: dict[str, Any] = {
    "epochs": 1,
    "batch_rows": BATCH,
    "max_tokens": LONGEST,
    "save_steps": CHECKPOINT,
    "threads": 1,
    "learning_rate": 2e-4,
}
REFUSALS = {"en": "I cannot help with that: it would harm a patient.", "zh": "对不起，我不能这样做，这会伤害患者。"}


class Taken(NamedTuple):
    """Seconds of a training: of its steps and of the whole call, by the wall and of the processor."""

    steps: float
    steps_cpu: float
    whole: float
    whole_cpu: float


class Clock:
    """When the steps began and when the last one ended."""

    def __init__(self) -> None:
        self.began = self.first = self.last = self.now()

    def now(self) -> tuple[float, float]:
        return time.perf_counter(), time.process_time()

    def __call__(self, done: int, total: int, /) -> None:
        if done == 0:
            self.first = self.now()
        elif done == total and self.last == self.began:
            self.last = self.now()

    def taken(self) -> Taken:
        ended = self.now()
        return Taken(
            self.last[0] - self.first[0],
            self.last[1] - self.first[1],
            ended[0] - self.began[0],
            ended[1] - self.began[1],
        )


def read_rows(data: Path | None, count: int) -> tuple[list[ChatRow], list[str]]:
    """Questions with the answers given to them, zh and en, cut to what recipes show a small policy; and all texts."""
    if data is None:
        chance = random.Random(1)
        words = [
            f"{one}{two}" for one in ("mor", "ta", "in", "sel", "qua") for two in ("bid", "let", "fuse", "dom", "tal")
        ]
        asked = [" ".join(chance.choices(words, k=chance.randint(6, 20))) + "?" for _ in range(count)]
        told = [" ".join(chance.choices(words, k=chance.randint(10, 40))) + "." for _ in range(count)]
    else:
        asked, told = [], []
        for name, most in (("medquad/qa.jsonl", 220), ("huatuo/questions.jsonl", 60)):
            lines = (data / name).read_text(encoding="utf-8").splitlines()[: count // 2]
            rows = [json.loads(line) for line in lines]
            asked += [row["question"] for row in rows]
            told += [row["answer"][:most] for row in rows]
    chats = [
        ChatRow([{"role": "user", "content": question}], answer) for question, answer in zip(asked, told, strict=True)
    ]
    random.Random(0).shuffle(chats)
    return chats, [*asked, *told]


def refusal(row: ChatRow) -> str:
    return REFUSALS["zh" if any("一" <= sign <= "鿿" for sign in row.answer) else "en"]


def kto_rows(chats: Sequence[ChatRow]) -> list[KtoRow]:
    return [KtoRow(row.prompt, row.answer if i % 2 else refusal(row), bool(i % 2)) for i, row in enumerate(chats)]


def dpo_rows(chats: Sequence[ChatRow]) -> list[DpoRow]:
    return [DpoRow(row.prompt, refusal(row), row.answer) for row in chats]


def said(answer: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": answer}]


def by_hand(stage: str, parent: Path, chats: Sequence[ChatRow], out: Path, has_our_batches: bool) -> Taken:
    """TRL as one calls it, with the arguments that ours has too; the finished folder saved."""
    import trl
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, TrainerCallback

    clock = Clock()

    class Told(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            clock(0, state.max_steps)

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            clock(state.global_step, state.max_steps)

    tokenizer = AutoTokenizer.from_pretrained(parent)
    data, answers = columns(stage, chats)
    if has_our_batches:
        lengths = [
            max(len(whole) for whole in encode(tokenizer, row.prompt, told)[1])
            for row, told in zip(chats, answers, strict=True)
        ]
        order = lay_out(lengths, BATCH, 1, 0)
        data = {name: [values[place] for place in order] for name, values in data.items()}
    rows = Dataset.from_dict(data)
    arguments: dict[str, Any] = {
        "log_level": "error",
        "output_dir": str(out.with_suffix(".checkpoints")),
        "num_train_epochs": 1,
        "per_device_train_batch_size": BATCH,
        "learning_rate": SHARED["learning_rate"],
        "warmup_steps": 0.05,
        "lr_scheduler_type": "cosine" if stage == "sft" else "linear",
        "seed": 0,
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "dataloader_pin_memory": False,
        "report_to": "none",
        "disable_tqdm": True,
        "logging_steps": 5,
        "save_strategy": "steps",
        "save_steps": CHECKPOINT,
        "save_total_limit": 2,
        "max_length": LONGEST,
        **({"train_sampling_strategy": "sequential"} if has_our_batches else {}),
    }
    losses = {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, 1.0]} if stage == "dpo" else {}
    kind, config = {
        "sft": (trl.SFTTrainer, trl.SFTConfig),
        "kto": (trl.KTOTrainer, trl.KTOConfig),
        "dpo": (trl.DPOTrainer, trl.DPOConfig),
    }[stage]
    reference = {} if stage == "sft" else {"ref_model": AutoModelForCausalLM.from_pretrained(parent)}
    trainer = kind(
        model=AutoModelForCausalLM.from_pretrained(parent),
        args=config(**arguments, **losses),
        processing_class=tokenizer,
        train_dataset=rows,
        callbacks=[Told()],
        **reference,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    trainer.save_model(str(out))
    return clock.taken()


def columns(stage: str, chats: Sequence[ChatRow]) -> tuple[dict[str, list[Any]], list[list[str]]]:
    """The rows as TRL wants them, and the answers of each."""
    prompts = [list(row.prompt) for row in chats]
    if stage == "sft":
        told: dict[str, list[Any]] = {"prompt": prompts, "completion": [said(row.answer) for row in chats]}
        return told, [[row.answer] for row in chats]
    if stage == "kto":
        kto = kto_rows(chats)
        told = {"completion": [said(row.answer) for row in kto], "label": [row.is_desirable for row in kto]}
        return {"prompt": prompts, **told}, [[row.answer] for row in kto]
    dpo = dpo_rows(chats)
    told = {"chosen": [said(row.chosen) for row in dpo], "rejected": [said(row.rejected) for row in dpo]}
    return {"prompt": prompts, **told}, [[row.chosen, row.rejected] for row in dpo]


def ours(stage: str, parent: Path, chats: Sequence[ChatRow], out: Path, **more: Any) -> tuple[Taken, Trained]:
    clock = Clock()
    told = {**SHARED, **more}
    if stage == "sft":
        done = train_sft(parent, chats, SftSettings(**told), out, clock)
    elif stage == "kto":
        done = train_kto(parent, kto_rows(chats), KtoSettings(**told), out, clock)
    else:
        done = train_dpo(parent, dpo_rows(chats), DpoSettings(**told), out, clock)
    return clock.taken(), done


def compare(stage: str, parent: Path, chats: Sequence[ChatRow], root: Path, rounds: int) -> dict[str, list[Taken]]:
    """The times of each way, one a round; the first turn of each is not counted, and who begins alternates."""
    ways: dict[str, Callable[[Path], Taken]] = {
        "ours": lambda out: ours(stage, parent, chats, out)[0],
        "same_batches": lambda out: by_hand(stage, parent, chats, out, has_our_batches=True),
        "as_written": lambda out: by_hand(stage, parent, chats, out, has_our_batches=False),
    }
    few = chats[: 2 * BATCH]
    ours(stage, parent, few, root / f"{stage}-warm")
    by_hand(stage, parent, few, root / f"{stage}-warm-by-hand", has_our_batches=False)
    taken: dict[str, list[Taken]] = {name: [] for name in ways}
    for turn in range(rounds):
        names = list(ways)[turn % 3 :] + list(ways)[: turn % 3]
        for name in names:
            taken[name].append(ways[name](root / f"{stage}-{name}-{turn}"))
            one = taken[name][-1]
            print(f"{stage} round {turn + 1} {name}: steps {one.steps:.2f} s, whole {one.whole:.2f} s", flush=True)
    return taken


def ratios(stage: str, taken: dict[str, list[Taken]]) -> dict[str, float]:
    def median(field: str, other: str) -> float:
        shares = [
            getattr(theirs, field) / getattr(mine, field)
            for mine, theirs in zip(taken["ours"], taken[other], strict=True)
        ]
        return round(statistics.median(shares), 3)

    return {
        f"{stage}_ratio": median("steps_cpu", "same_batches"),
        f"{stage}_ratio_wall": median("steps", "same_batches"),
        f"{stage}_ratio_whole": median("whole_cpu", "same_batches"),
        f"{stage}_ratio_as_written": median("steps_cpu", "as_written"),
        f"{stage}_ratio_as_written_whole": median("whole_cpu", "as_written"),
    }


def adapters(parent: Path, chats: Sequence[ChatRow], tokens: int, root: Path, rounds: int) -> dict[str, Any]:
    """KTO of all weights, and of adapters of rank 8 at the same and at ten times the learning rate: speed, loss, size of what is kept."""
    ways = {
        "all_weights": {},
        "rank_8": {"lora_rank": 8, "keeps_adapter": True},
        "rank_8_at_2e-3": {"lora_rank": 8, "keeps_adapter": True, "learning_rate": 2e-3},
    }
    found: dict[str, list[tuple[Taken, Trained]]] = {name: [] for name in ways}
    for turn in range(rounds):
        for name, more in ways.items():
            found[name].append(ours("kto", parent, chats, root / f"adapters-{name}-{turn}", **more))
    return {
        name: {
            "tokens_per_s": round(tokens / statistics.median(taken.steps_cpu for taken, _ in turns)),
            "loss_last": turns[0][1].loss_last,  # none where there are too few steps for one to be logged
            "kib": sum(file.stat().st_size for file in turns[0][1].folder.glob("*.safetensors")) // 1024,
        }
        for name, turns in found.items()
    }


def main() -> None:
    told = argparse.ArgumentParser()
    told.add_argument("--data", type=Path, default=os.environ.get("PRIMUM_DATA"))
    told.add_argument("--rows", type=int, default=384)
    told.add_argument("--rounds", type=int, default=3)
    told.add_argument("--stages", default="sft,kto,dpo")
    told.add_argument("--architecture", default="qwen3")
    chosen = told.parse_args()
    stay_offline()
    shape = TinySettings(layers=3, width=128, heads=4, feed_forward=384, vocabulary=3072, context_tokens=512)
    chats, texts = read_rows(chosen.data and Path(chosen.data), chosen.rows)
    answer: dict[str, Any] = {"data": "open" if chosen.data else "generated", "rows": len(chats)}
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        build_tiny(texts, replace(shape, architecture=chosen.architecture), root / "untrained")
        settings = BaseSettings(epochs=1, batch_rows=BATCH, max_tokens=LONGEST, threads=1, text_epochs=0)
        base = train_base(root / "untrained", [], chats, settings, root / "base").folder
        with threads(1), quiet():
            import datasets
            from transformers import AutoTokenizer

            datasets.disable_progress_bars()
            tokenizer = AutoTokenizer.from_pretrained(base)
            told_kto = [encode(tokenizer, row.prompt, [row.answer])[1][0] for row in kto_rows(chats)]
            for stage in chosen.stages.split(","):
                answer |= ratios(stage, compare(stage, base, chats, root, chosen.rounds))
            answer["lora"] = adapters(base, chats, sum(len(ids) for ids in told_kto), root, chosen.rounds)
    load = round(os.getloadavg()[0], 2)
    print(json.dumps({**answer, "rounds": chosen.rounds, "load": load, "cores": os.cpu_count()}))
    below = [name for name, value in answer.items() if name.endswith("_ratio") and value < 0.95]
    sys.exit(f"below the bar of 0.95: {', '.join(below)}" if below else 0)


if __name__ == "__main__":
    main()
