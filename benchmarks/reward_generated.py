"""How right reward models get on generated pairs whose truth is known, beside linear baselines: seen criteria, unseen ones, vetoes.

    python benchmarks/reward_generated.py [--out DIR] [--set few.brief=4000 …]

Two models of under a million parameters are built from config and trained on simulated pairs in two languages and five voices; with
--out they are kept, and a training that was cut off goes on. `few` learns a few families of criteria, brief answers first, and shows how
well a model reads what it was taught. `many` learns four fifths of all families, each with made-up criteria that quote an answer, and
shows what is left of that for the last fifth. Each has a linear baseline fitted to the same pairs. All are measured on prompts that no
training pair has, on criteria that no training pair asks for, and on answers in a voice that none is in.

The last line is one JSON object; `bars` says which of the aims are met on each set: 95 % of preferences and a veto F1 of 95 % under seen
criteria, unseen criteria above chance.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from primum.config import read_settings
from primum.cycles.reward_bench import BenchOrder, bench_subjects, fitted_linear, subject_in
from primum.models.tiny import TinySettings, build_tiny
from primum.records import Settings, content_hash
from primum.rewards import PairSample
from primum.rewards.model import About, RewardModelSettings, train_reward_model
from primum.rewards.pair_file import write_pairs
from primum.rewards.pairing import of_generated
from primum.starter.clinical_pairs import GeneratedPairSettings, generated_pairs

AIM = 0.95
VOICES, NEW_VOICE = (0, 1, 2, 3, 4), (5,)
SETS = ("brief", "ordinary", "unseen", "unseen_brief", "new_voice")
MEASURES = {
    "preferences": ("pairwise", "all"),
    "safety": ("pairwise", "safety"),
    "proficiency": ("pairwise", "proficiency"),
    "excellence": ("pairwise", "excellence"),
    "met_or_not": ("pointwise", "all"),
    "veto_f1": ("veto_f1", "safety"),
    "overall": ("overall_clipped", "all"),
    "brier_safety": ("brier", "safety_head"),
}
Found = dict[str, Any]


class World(Settings, frozen=True):
    """What a model is built from and learns: `brief` and `ordinary` pairs of `keys_per_kind` families of each kind (`None`: of all that are
    not kept apart), the ordinary ones under so many `criteria`, from … to. An `aligned` backbone starts with keys equal to queries and with
    values that are taken away where they are found, so that a token looks at its like from the first step on (after the mimetic
    initialisation of Trockman and Kolter, arXiv 2305.09828)."""

    keys_per_kind: int | None = None
    criteria: tuple[int, int] = (3, 3)
    brief: int = 6000
    ordinary: int = 0
    aligned: bool = False
    tiny: TinySettings = TinySettings(layers=2, width=128, heads=4, feed_forward=256, context_tokens=1024)
    training: RewardModelSettings = RewardModelSettings(
        epochs=1, batch_pairs=32, learning_rate=2.5e-3, max_tokens=512, held_share=0.04, threads=1
    )

    def check(self) -> None:
        if self.brief < 0 or self.ordinary < 0 or not self.brief + self.ordinary:
            self.refuse(
                f"{self.brief} brief and {self.ordinary} ordinary pairs", "are nothing to learn", "give some of either"
            )


class GeneratedBench(Settings, frozen=True):
    """The two worlds, and how many pairs of each set are measured on. `held` of all prompts are kept for these."""

    few: World = World(
        keys_per_kind=6,
        criteria=(4, 12),
        brief=7000,
        ordinary=9000,
        training=RewardModelSettings(
            epochs=1, batch_pairs=32, learning_rate=2.5e-3, max_tokens=512, held_share=0.04, stages=2, threads=1
        ),
    )
    many: World = World(
        brief=6500,
        aligned=True,
        tiny=TinySettings(layers=3, width=128, heads=4, feed_forward=256, vocabulary=2000, context_tokens=1024),
        training=RewardModelSettings(
            epochs=1,
            batch_pairs=32,
            learning_rate=2.5e-3,
            max_tokens=512,
            held_share=0.04,
            warmup_share=0.15,
            cloze_criteria=4,
            threads=1,
        ),
    )
    brief: int = 250
    ordinary: int = 400
    unseen: int = 500
    unseen_brief: int = 250
    new_voice: int = 200
    held: float = 0.12
    seed: int = 23

    def check(self) -> None:
        if min(self.brief, self.ordinary, self.unseen, self.unseen_brief, self.new_voice) < 20:
            self.refuse("a set of fewer than 20 pairs", "measures nothing", "give more")
        if not 0 < self.held < 1:
            self.refuse(f"held = {self.held}", "is not between 0 and 1", "give another share")


def made(
    settings: GeneratedBench,
    world: World,
    number: int,
    place: int,
    held: bool,
    brief: bool = False,
    ask: Literal["seen", "unseen"] = "seen",
    voices: tuple[int, ...] = VOICES,
) -> list[PairSample]:
    """About `number` pairs, of prompts that are kept for measuring (`held`) or of the others; `place` draws them anew."""
    if not number:
        return []
    share = settings.held if held else 1 - settings.held
    drawn = GeneratedPairSettings(
        pairs=round(number / share),
        least=world.criteria[0],
        most=world.criteria[1],
        voices=voices,
        ask=ask,
        keys_per_kind=world.keys_per_kind if ask == "seen" else None,
        brief=brief,
        seed=settings.seed + place,
    )
    pairs = of_generated(generated_pairs(drawn))
    return [one for one in pairs if is_held(one, settings) == held]


def is_held(pair: PairSample, settings: GeneratedBench) -> bool:
    return int(content_hash(["held", settings.seed, pair.group])[:8], 16) < settings.held * 16**8


def sets_of(settings: GeneratedBench, world: World) -> dict[str, list[PairSample]]:
    """`taught` and the sets to measure on: no prompt of the first is in another."""
    return {
        "taught": [
            *made(settings, world, world.brief, 0, False, brief=True),
            *made(settings, world, world.ordinary, 1, False),
        ],
        "brief": made(settings, world, settings.brief, 2, True, brief=True),
        "ordinary": made(settings, world, settings.ordinary, 3, True),
        "unseen": made(settings, world, settings.unseen, 4, True, ask="unseen"),
        "unseen_brief": made(settings, world, settings.unseen_brief, 5, True, brief=True, ask="unseen"),
        "new_voice": made(settings, world, settings.new_voice, 6, True, voices=NEW_VOICE),
    }


def built(folder: Path, pairs: Sequence[PairSample], world: World) -> Path:
    """The backbone, once."""
    if folder.exists():
        return folder
    texts = [turn.content for one in pairs for turn in one.prompt]
    texts += [text for one in pairs for text in (one.first, one.second, *(each.text for each in one.criteria))]
    build_tiny(texts, world.tiny, folder)
    if world.aligned:
        align(folder)
    return folder


def align(folder: Path, seed: int = 0) -> None:
    """In every layer: keys as queries, and what is read of a token is written back with its sign turned."""
    import torch
    from safetensors.torch import load_file, save_file

    path, chance = folder / "model.safetensors", torch.Generator().manual_seed(seed)
    weights = load_file(path)
    for name in [one.removesuffix("q_proj.weight") for one in sorted(weights) if one.endswith("q_proj.weight")]:
        weights[f"{name}k_proj.weight"] = weights[f"{name}q_proj.weight"].clone()
        value = torch.nn.init.orthogonal_(torch.empty_like(weights[f"{name}v_proj.weight"]), generator=chance) / 2
        weights[f"{name}v_proj.weight"], weights[f"{name}o_proj.weight"] = value, -value.T.contiguous()
    save_file(weights, path, metadata={"format": "pt"})


def numbers(table: Found) -> Found:
    """Estimates of one scorer by name."""
    rows = {(one["measure"], one["kind"]): one for one in table["rows"] if one["where"] == "all"}
    return {name: rows[which]["estimate"] for name, which in MEASURES.items() if which in rows}


def run_world(name: str, world: World, settings: GeneratedBench, out: Path) -> Found:
    """One model and its baseline, trained and measured."""
    out.mkdir(exist_ok=True)
    sets = sets_of(settings, world)
    for each, pairs in sets.items():
        write_pairs(out / f"{each}.jsonl", pairs)
    base = built(out / "base", sets["taught"], world)
    cpu, began = time.process_time(), time.perf_counter()
    about = About(f"generated {name}", "Simulated pairs of clinical answers.", is_from_scratch=True)
    trained = train_reward_model(base, sets["taught"], world.training, out / "model", about=about)
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - began
    subjects = [subject_in(trained.folder), fitted_linear(sets["taught"])]
    told: Found = {"model": {}, "linear": {}, "difference": {}}
    for each in SETS:
        found = bench_subjects(subjects, sets[each], BenchOrder(Path("model"), Path(each)))
        told["model"][each], told["linear"][each] = map(numbers, found["tables"])
    return {
        "pairs": {each: len(pairs) for each, pairs in sets.items()},
        "families": len({key for one in sets["taught"] for key in one.keys}),
        "train_cpu_s": round(cpu_s, 1),
        "train_s": round(wall_s, 1),
        "steps": trained.steps,
        "samples": trained.samples,
        "model": told["model"],
        "linear": told["linear"],
    }


def bars_of(found: Found) -> Found:
    """Whether the aims are met, by world and set. Preferences and vetoes are asked of seen criteria, chance of unseen ones."""
    told: Found = {}
    for name, world in found.items():
        model = world["model"]
        told[name] = {
            each: {
                "preferences_95": model[each]["preferences"]["value"] >= AIM,
                "veto_f1_95": model[each]["veto_f1"]["value"] >= AIM,
            }
            for each in ("brief", "ordinary")
        }
        for each in ("unseen", "unseen_brief"):
            told[name][each] = {"above_chance": model[each]["preferences"]["low"] > 0.5}
    return told


def shown(estimate: Found | None) -> str:
    """An estimate in per cent, with its interval and how many it is of."""
    if estimate is None or estimate["value"] is None:
        return "–"
    value, low, high = (100 * estimate[name] for name in ("value", "low", "high"))
    return f"{value:.1f} [{low:.1f}, {high:.1f}] ({estimate['n']})"


def table_of(found: Found) -> str:
    """Markdown: every set of both worlds, the model beside its baseline."""
    lines = ["| trained on | measured on | measure, % | model | linear |", "| --- | --- | --- | --- | --- |"]
    for name, world in found.items():
        for each in SETS:
            for measure in ("preferences", "veto_f1", "met_or_not"):
                cells = (shown(world[who][each].get(measure)) for who in ("model", "linear"))
                lines.append(" | ".join([f"| {name}", each, measure, *cells]) + " |")
    return "\n".join(lines)


def run(settings: GeneratedBench, out: Path) -> Found:
    cpu, began = time.process_time(), time.perf_counter()
    found = {name: run_world(name, getattr(settings, name), settings, out / name) for name in ("few", "many")}
    print(table_of(found))
    return {
        **found,
        "bars": bars_of(found),
        "cpu_s": round(time.process_time() - cpu, 1),
        "wall_s": round(time.perf_counter() - began, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, help="keep pairs, backbones and models there")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    settings = read_settings(Path(os.devnull), GeneratedBench, options.overrides)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        print(json.dumps(run(settings, options.out)))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run(settings, Path(folder))))


if __name__ == "__main__":
    main()
