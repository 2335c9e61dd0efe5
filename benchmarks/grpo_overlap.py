"""Does judging stall sampling? GRPO with a judge that takes its time, asked beside the sampling and after it, in turns in one run.

    python benchmarks/grpo_overlap.py [--rounds 3] [--judge-ms 100] [--width 64] [--threads 4]

The judge sleeps so many milliseconds an answer, one answer after another, as one behind an endpoint would seem to do. The policy is a
tiny one that was never trained, so that answers are about as long as allowed and each step costs the same. Judged afterwards, all answers
are sampled at once; judged beside, in chunks on `threads` threads: chunks cost something by themselves, the more the smaller the policy,
and that is counted. `none` samples at once for a judge that takes no time. Times are seconds a step, the first left out, medians over the
rounds. The last line is one JSON object:

- `serial_s`, `overlapped_s`, `none_s`: seconds a step
- `ratio`: overlapped over serial
- `hidden_share`: how much of the judge's time the sampling hid, (serial − overlapped) / (serial − none)
- `judge_s`: what the judge alone takes a step
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from primum.models.tiny import TinySettings, build_tiny
from primum.training import GrpoRow, GrpoSettings, RewardSource, train_grpo

TEXTS = [f"Take {i} tablets with water. 每天服用{i}片，饭后温水送服。" for i in range(40)]
STEPS = 5
SETTINGS = GrpoSettings(
    batch_rows=32,
    group=4,
    max_tokens=128,
    max_new_tokens=48,
    save_steps=1000,
    threads=1,
    judging_groups=2,
)


class Clock:
    """When each step was done."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, done: int, total: int, /) -> None:
        self.times.append(time.perf_counter())


def judge(milliseconds: float) -> RewardSource:
    def reward(completions: Sequence[Any], **_: Any) -> list[float]:
        time.sleep(milliseconds / 1000 * len(completions))
        return [float(len(one[-1]["content"]) % 7) for one in completions]

    return RewardSource("slow judge", reward, f"{milliseconds} ms")


def train(root: Path, name: str, milliseconds: float, settings: GrpoSettings) -> float:
    """Seconds a step."""
    rows = [GrpoRow([{"role": "user", "content": f"Day {i}?"}], f"row {i}") for i in range(STEPS * 8)]
    clock = Clock()
    done = train_grpo(root / "policy", rows, [judge(milliseconds)], settings, root / name, None, clock)
    assert done.trained.steps == STEPS
    first, last = clock.times[1], clock.times[STEPS]  # the first call is the start, the second the end of step 1
    return (last - first) / (STEPS - 1)


def main() -> None:
    told = argparse.ArgumentParser()
    told.add_argument("--rounds", type=int, default=3)
    told.add_argument("--judge-ms", type=float, default=100.0)
    told.add_argument("--width", type=int, default=64)
    told.add_argument("--threads", type=int, default=4)
    chosen = told.parse_args()
    beside = replace(SETTINGS, judging_threads=chosen.threads)
    at_once = replace(SETTINGS, judging_threads=0)
    ways = {"serial": (chosen.judge_ms, at_once), "overlapped": (chosen.judge_ms, beside), "none": (0.0, at_once)}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        tiny = TinySettings(layers=2, width=chosen.width, heads=4, feed_forward=2 * chosen.width, vocabulary=400)
        build_tiny(TEXTS, tiny, root / "policy")
        train(root, "warm-up", 0.0, SETTINGS)
        for turn in range(chosen.rounds):
            for name, (milliseconds, settings) in ways.items():
                taken = train(root, f"{name}-{turn}", milliseconds, settings)
                seconds[name].append(taken)
                print(f"round {turn + 1} {name}: {taken:.2f} s a step", flush=True)
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    print(
        json.dumps(
            {
                **{f"{name}_s": round(median, 3) for name, median in medians.items()},
                "ratio": round(medians["overlapped"] / medians["serial"], 3),
                "hidden_share": round(
                    (medians["serial"] - medians["overlapped"]) / (medians["serial"] - medians["none"]), 3
                ),
                "judge_s": round(chosen.judge_ms / 1000 * SETTINGS.batch_rows, 3),
                "load": round(os.getloadavg()[0], 2),
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()
