"""How right a reward model gets on generated pairs whose truth is known, beside the linear baseline: seen criteria, unseen ones, vetoes.

    python benchmarks/reward_generated.py [--out DIR] [--set training.epochs=4 …]

Trains a backbone built from config on simulated pairs (with --out it is kept, and a training that was cut off goes on) and measures on
groups of pairs that it never saw, on criteria that it never saw, and on answers in a voice that it never heard. The last line is one JSON
object; `bars` says which of the aims are met: 95 % of preferences under seen criteria, a veto F1 of 95 %, unseen criteria above chance.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from primum.config import read_settings
from primum.cycles.reward_ablating import split_pairs
from primum.cycles.reward_bench import BenchOrder, Subject, bench_subjects, fitted_linear, subject_in
from primum.models.tiny import TinySettings, build_tiny
from primum.records import Settings
from primum.report.reward_tables import bench_lines, bench_tables, markdown
from primum.rewards import PairSample
from primum.rewards.model import About, RewardModelSettings, train_reward_model
from primum.rewards.pair_file import write_pairs
from primum.rewards.pairing import of_generated
from primum.starter.clinical_pairs import GeneratedPairSettings, generated_pairs

AIM = 0.95
Found = dict[str, Any]


class GeneratedBench(Settings, frozen=True):
    """What is generated, built and trained: by default short answers under three criteria, of eight families in all, in two languages and
    five voices, which a backbone of under a million parameters can learn in minutes. `tested` of the groups are measured on; `unseen`
    pairs ask for criteria that no training pair asks for; `new_voice` pairs are answered in the voices that `pairs.voices` leaves out.
    """

    pairs: GeneratedPairSettings = GeneratedPairSettings(
        pairs=4000, least=3, most=3, keys_per_kind=3, voices=(0, 1, 2, 3, 4)
    )
    tested: float = 0.12
    unseen: int = 500
    new_voice: int = 300
    tiny: TinySettings = TinySettings(layers=2, width=128, heads=4, feed_forward=256, context_tokens=1024)
    training: RewardModelSettings = RewardModelSettings(
        epochs=5, batch_pairs=32, learning_rate=2e-3, max_tokens=512, held_share=0.08, threads=1
    )


def sets_of(settings: GeneratedBench) -> dict[str, list[PairSample]]:
    """`taught`, `seen`, `unseen` and `new_voice`: no group of the first is in another."""
    taught, seen = split_pairs(made(settings.pairs), settings.tested, settings.pairs.seed)
    known = {one.group for one in taught}
    others = tuple(voice for voice in range(6) if voice not in settings.pairs.voices)
    more = {
        "unseen": replace(settings.pairs, pairs=settings.unseen, ask="unseen", seed=settings.pairs.seed + 1),
        "new_voice": replace(
            settings.pairs,
            pairs=settings.new_voice,
            voices=others or settings.pairs.voices,
            seed=settings.pairs.seed + 2,
        ),
    }
    apart = {name: [one for one in made(chosen) if one.group not in known] for name, chosen in more.items()}
    return {"taught": taught, "seen": seen, **apart}


def made(settings: GeneratedPairSettings) -> list[PairSample]:
    return of_generated(generated_pairs(settings))


def built(folder: Path, pairs: Sequence[PairSample], settings: TinySettings) -> Path:
    """The backbone, once."""
    if not folder.exists():
        texts = [turn.content for one in pairs for turn in one.prompt]
        texts += [text for one in pairs for text in (one.first, one.second, *(each.text for each in one.criteria))]
        build_tiny(texts, settings, folder)
    return folder


def numbers(found: Found, subject: int, wanted: dict[str, tuple[str, str]]) -> Found:
    """Estimates of one scorer by name, from (measure, kind)."""
    rows = {(one["measure"], one["kind"]): one for one in found["tables"][subject]["rows"] if one["where"] == "all"}
    return {name: rows[which]["estimate"] for name, which in wanted.items()}


def compared(subjects: list[Subject], sets: dict[str, list[PairSample]]) -> Found:
    """What each scorer reaches on each set, each number with its interval."""
    wanted = {
        "preferences": ("pairwise", "all"),
        "safety": ("pairwise", "safety"),
        "proficiency": ("pairwise", "proficiency"),
        "excellence": ("pairwise", "excellence"),
        "met_or_not": ("pointwise", "all"),
        "veto_f1": ("veto_f1", "safety"),
        "overall": ("overall_clipped", "all"),
        "brier_safety": ("brier", "safety_head"),
    }
    told: Found = {"model": {}, "linear": {}}
    for name in ("seen", "unseen", "new_voice"):
        found = bench_subjects(subjects, sets[name], BenchOrder(Path("model"), Path(name)))
        print(markdown(name, bench_lines(found), bench_tables(found)))
        told["model"][name], told["linear"][name] = (numbers(found, place, wanted) for place in (0, 1))
    return told


def run(settings: GeneratedBench, out: Path) -> Found:
    sets = sets_of(settings)
    for name, pairs in sets.items():
        write_pairs(out / f"{name}.jsonl", pairs)
    began = time.perf_counter()
    linear = fitted_linear(sets["taught"])
    linear_s = time.perf_counter() - began
    base = built(out / "base", sets["taught"], settings.tiny)
    began = time.perf_counter()
    about = About("generated", "Simulated pairs of clinical answers.", is_from_scratch=True)
    trained = train_reward_model(base, sets["taught"], settings.training, out / "model", about=about)
    train_s = time.perf_counter() - began
    told = compared([subject_in(trained.folder), linear], sets)
    model = told["model"]
    return {
        "pairs": {name: len(pairs) for name, pairs in sets.items()},
        "train_s": round(train_s, 1),
        "linear_s": round(linear_s, 1),
        "steps": trained.steps,
        "samples": trained.samples,
        **told,
        "bars": {
            "seen": model["seen"]["preferences"]["value"] >= AIM,
            "veto_f1": model["seen"]["veto_f1"]["value"] >= AIM,
            "unseen_above_chance": model["unseen"]["preferences"]["low"] > 0.5,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, help="keep pairs, backbone and model there")
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
