"""How much quicker one packed sequence is than a forward pass for each criterion, and whether it says the same.

    python benchmarks/reward_scoring.py            (two to four minutes on one core; --width, --layers and --rounds change it)

A model of a real architecture (Qwen3) is built on the spot with weights drawn at random: speed and equality do not depend on what it has
learned. In one run, in turns: (1) an answer of 400 tokens under 12 criteria by `RewardModel.score`, tokenising included, against 12 plain
causal forward passes of the same backbone, tokenised beforehand; (2) a training step on a pair under 12 criteria, packed against a forward
and backward pass for each criterion, and their gradients; (3) whole optimiser steps of this project's trainer against TRL's
`RewardTrainer` on the same pairs × criteria, where every criterion is a row of its own. Medians of the rounds are compared. The last line
is one JSON object.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from primum.checkpoints import Running
from primum.frameworks import at_work, refuse_missing
from primum.models.tiny import TinySettings, build_tiny
from primum.records import Turn
from primum.rewards import Asked, Item, PairSample
from primum.rewards.model import (
    Layout,
    Packed,
    RewardCard,
    RewardModel,
    RewardModelSettings,
    collate,
    load_backbone,
    one_at_a_time,
    save_reward_model,
)

ANSWER_TOKENS = 400
QUESTION = (
    "My father is 71 and takes warfarin for his heart. Since this morning he has had a headache after a small fall in the bathroom. "
    "He says that it is nothing. Should he take ibuprofen, and do we need to see anyone about it?"
)
SENTENCES = (
    "A fall while taking a blood thinner can cause bleeding inside the skull, even when the blow seemed small.",
    "A headache that is new or grows worse after a fall has to be looked at on the same day.",
    "Please do not give him ibuprofen, because together with warfarin it raises the risk of bleeding.",
    "Paracetamol is usually chosen instead, within the dose on the package.",
    "Call the emergency number at once if he becomes drowsy, vomits, is confused or cannot move an arm or a leg.",
    "Somebody should stay with him and wake him from time to time until he has been seen.",
    "Take along the list of his medicines and the last value of his blood test.",
    "The doctors will probably take a picture of his head and check how thin his blood is.",
    "He should not change or stop the warfarin by himself before he has been told to.",
    "It is natural to hope that it is nothing, and most falls do end well.",
    "To prevent the next fall, a rail in the bathroom and a mat that does not slip are worth the money.",
    "Ask also whether his eyesight and his shoes were looked at lately.",
)
CRITERIA = (
    ("Says that a headache after a fall on warfarin has to be examined on the same day.", "proficiency", 8),
    ("Advises against ibuprofen because of the risk of bleeding together with warfarin.", "proficiency", 6),
    ("Names at least two warning signs for which the emergency number is to be called.", "proficiency", 5),
    ("Recommends that warfarin be stopped without asking a doctor.", "safety", -10),
    ("Tells the family to wait for several days before seeing anyone.", "safety", -10),
    ("Gives a dose of a medicine that is above the one on the package.", "safety", -9),
    ("Says that somebody should stay with the father until he was seen.", "proficiency", 3),
    ("Mentions that the list of medicines should be taken along.", "excellence", 2),
    ("Explains in plain words why a blood thinner makes a fall more dangerous.", "excellence", 3),
    ("Gives advice on how the next fall can be prevented at home.", "excellence", 1),
    ("Claims to have made a diagnosis without an examination.", "safety", -6),
    ("Suggests a safer medicine against the pain and its limits.", "proficiency", 4),
)
ASKED = tuple(Asked(text=text, kind=kind, points=points) for text, kind, points in CRITERIA)  # type: ignore[arg-type]
PROMPT = (Turn(role="user", content=QUESTION),)


class Head(NamedTuple):
    """What `load_backbone` asks of settings."""

    head: Any = "two"


def answer(layout: Layout, chance: random.Random) -> str:
    """Shuffled sentences of exactly 400 tokens, or as near below as whole words allow."""
    words: list[str] = []
    while len(layout.text_ids(" ".join(words))) <= ANSWER_TOKENS:
        words += chance.sample(SENTENCES, 1)[0].split()
    while len(layout.text_ids(" ".join(words))) > ANSWER_TOKENS:
        words.pop()
    return " ".join(words)


def in_turns(rounds: int, *tasks: Callable[[], float]) -> list[float]:
    """The median seconds of each task; each has one turn in every round, and the first round only warms up."""
    seconds = [[task() for task in tasks] for _ in range(rounds + 1)][1:]
    return [statistics.median(column) for column in zip(*seconds, strict=True)]


def timed(task: Callable[[], Any]) -> Callable[[], float]:
    def run() -> float:
        began = time.perf_counter()
        task()
        return time.perf_counter() - began

    return run


def scoring(model: RewardModel, items: Sequence[Item], rounds: int) -> dict[str, float]:
    """Packed against 12 plain causal forward passes, which know nothing of our masks."""
    import torch

    network, layout = model.model, model.layout
    parts = [one_at_a_time(layout.pack(item)) for item in items]

    def plainly(alone: Sequence[Packed]) -> list[float]:
        found = []
        with torch.inference_mode():
            for one in alone:
                hidden = network.backbone(input_ids=torch.tensor([one.ids])).last_hidden_state
                found.append(float(network.read(hidden, torch.tensor([one.ends]), torch.tensor([one.heads]))))
        return found

    together = [read.scores for read in model.score(items)]
    apart = [plainly(alone) for alone in parts]
    furthest = max(abs(a - b) for one, two in zip(together, apart, strict=True) for a, b in zip(one, two, strict=True))
    packed, alone = in_turns(rounds, timed(lambda: list(model.score(items[:1]))), timed(lambda: plainly(parts[0])))
    return {"packed_s": packed, "alone_s": alone, "speedup": alone / packed, "max_abs_diff": furthest}


def steps(network: Any, pair: PairSample, layout: Layout, rounds: int) -> dict[str, float]:
    """A forward and backward pass on a pair, packed against a criterion at a time; the gradients of both."""
    import torch

    from primum.rewards.model.losses import bradley_terry, directions, pointwise

    rows = [layout.pack(item) for item in pair.items]
    labels = torch.tensor([list(map(int, side)) for side in (pair.met_first, pair.met_second)])  # type: ignore[arg-type]

    def loss(laid: Sequence[Packed], said: torch.Tensor) -> torch.Tensor:
        logits = network(**collate(laid, layout.pad))
        weight = torch.full(said.shape, 1 / labels.shape[1])
        toward = directions(said[:1], said[1:])
        return bradley_terry(logits[:1], logits[1:], toward, weight[:1]) + pointwise(logits, said, weight)

    def packed() -> None:
        network.zero_grad()
        loss(rows, labels).backward()

    def alone() -> None:
        network.zero_grad()
        for place, both in enumerate(zip(*map(one_at_a_time, rows), strict=True)):
            loss(both, labels[:, place : place + 1]).backward()

    def gradients(task: Callable[[], None]) -> list[torch.Tensor]:
        task()
        return [weight.grad.clone() for weight in network.parameters() if weight.grad is not None]

    one, two = gradients(packed), gradients(alone)
    furthest = max(float((a - b).abs().max()) for a, b in zip(one, two, strict=True))
    largest = max(float(a.abs().max()) for a in two)
    packed_s, alone_s = in_turns(rounds, timed(packed), timed(alone))
    return {
        "packed_s": packed_s,
        "alone_s": alone_s,
        "train_speedup": alone_s / packed_s,
        "max_grad_diff": furthest,
        "largest_gradient": largest,
    }


def trainers(parent: Path, pairs: Sequence[PairSample], layout: Layout, rounds: int) -> dict[str, float]:
    """Seconds an optimiser step of one pair under all its criteria: ours, and TRL's with a row for each criterion."""
    ours, theirs = in_turns(rounds, lambda: our_step(parent, pairs, layout), lambda: their_step(parent, pairs, layout))
    return {"ours_s": ours, "trl_s": theirs, "trl_ratio": theirs / ours}


def between(moments: Sequence[float]) -> float:
    """The median time from one step's end to the next one's: what comes before the first end is set-up."""
    return statistics.median(b - a for a, b in itertools.pairwise(moments))


def our_step(parent: Path, pairs: Sequence[PairSample], layout: Layout) -> float:
    from primum.rewards.model.distributed import World
    from primum.rewards.model.fitting import Curriculum, fit
    from primum.rewards.model.lessons import lesson_of, steps_of, weights_of

    settings = RewardModelSettings(epochs=1, batch_pairs=1, learning_rate=1e-4, save_steps=10**6)
    lessons = [lesson for lesson in (lesson_of(pair, settings) for pair in pairs) if lesson is not None]
    weights = weights_of(lessons, settings.balance)
    parts = steps_of(lessons, [len(layout.pack(one.first).ids) for one in lessons], weights, settings, 1)
    moments: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        running = Running("benchmark", Path(folder) / "out", "benchmark", settings.learning_rate)
        model = load_backbone(parent, settings, 0)
        fit(
            model,
            Curriculum(lessons, parts, weights, layout),
            settings,
            running,
            World(0, 1),
            lambda done, total: moments.append(time.perf_counter()),
        )
    return between(moments[1:])


def their_step(parent: Path, pairs: Sequence[PairSample], layout: Layout) -> float:
    from datasets import Dataset, disable_progress_bars
    from transformers import AutoModelForSequenceClassification, PrinterCallback, TrainerCallback
    from trl import RewardConfig, RewardTrainer

    disable_progress_bars()
    rows = []
    for pair in pairs:
        first, second = (one_at_a_time(layout.pack(item)) for item in pair.items)
        for place, (one, two) in enumerate(zip(first, second, strict=True)):
            is_first = pair.winner(place) != -1
            chosen, rejected = (one, two) if is_first else (two, one)
            rows.append({"chosen_ids": chosen.ids, "rejected_ids": rejected.ids})
    moments: list[float] = []

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            moments.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        options = RewardConfig(
            output_dir=folder,
            num_train_epochs=1,
            per_device_train_batch_size=len(ASKED) // 3,  # on a CPU quicker than all of a step at once
            gradient_accumulation_steps=3,
            learning_rate=1e-4,
            gradient_checkpointing=False,
            bf16=False,
            use_cpu=True,
            max_length=None,
            dataloader_pin_memory=False,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            log_level="error",
        )
        model = AutoModelForSequenceClassification.from_pretrained(parent, num_labels=1)
        model.config.pad_token_id = layout.pad
        trainer = RewardTrainer(
            model=model, args=options, train_dataset=Dataset.from_list(rows), processing_class=layout.tokenizer
        )
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(Clock())
        trainer.train()
    return between(moments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=2, help="of each comparison, after one that warms up")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    refuse_missing()
    from transformers import AutoTokenizer

    shape = TinySettings(
        layers=options.layers,
        width=options.width,
        heads=options.width // 64,
        feed_forward=3 * options.width,
        context_tokens=2048,
    )
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as scratch, at_work(options.threads):
        parent, folder = Path(scratch) / "parent", Path(scratch) / "reward-model"
        build_tiny([QUESTION, *SENTENCES, *(one.text for one in ASKED)] * 3, shape, parent)
        network = load_backbone(parent, Head(), 0)
        tokenizer = AutoTokenizer.from_pretrained(parent)
        save_reward_model(network, tokenizer, RewardCard(name="benchmark", max_tokens=1024), folder)
        model = RewardModel.load(folder, device="cpu", threads=options.threads)
        layout = model.layout
        answers = [answer(layout, chance) for _ in range(6)]
        items = [Item(str(place), PROMPT, text, ASKED) for place, text in enumerate(answers)]
        packed = layout.pack(items[0])
        facts = {
            "shape": f"qwen3, width {options.width}, {options.layers} layers, "
            f"{sum(weights.numel() for weights in network.parameters()):,} parameters, 32-bit floats",
            "threads": options.threads,
            "load_at_start": round(os.getloadavg()[0], 2),
            "answer_tokens": len(layout.text_ids(answers[0])),
            "trunk_tokens": packed.trunk,
            "packed_tokens": len(packed.ids),
            "alone_tokens": sum(len(one.ids) for one in one_at_a_time(packed)),
        }
        print(json.dumps(facts, indent=1), flush=True)
        found: dict[str, float] = {}
        for name, measure in {
            "scoring": lambda: scoring(model, items[:3], options.rounds),
            "training step": lambda: steps(network, _pair(answers[0], answers[1], 0), layout, options.rounds),
            "trainers": lambda: trainers(parent, [_pair(*answers[i : i + 2], i) for i in range(3)], layout, 1),
        }.items():
            figures = measure()
            print(name, json.dumps({key: float(f"{value:.4g}") for key, value in figures.items()}), flush=True)
            found |= figures
    keys = ("speedup", "max_abs_diff", "train_speedup", "trl_ratio", "max_grad_diff")
    print(json.dumps({key: float(f"{found[key]:.3g}") for key in keys}))


def _pair(first: str, second: str, number: int) -> PairSample:
    """A pair with a winner under every criterion."""
    met = tuple((place + number) % 2 == 0 for place in range(len(ASKED)))
    return PairSample(
        id=f"pair-{number}",
        prompt=PROMPT,
        first=first,
        second=second,
        criteria=ASKED,
        met_first=met,
        met_second=tuple(not one for one in met),
        language="en",
        group=f"g{number}",
    )


if __name__ == "__main__":
    main()
