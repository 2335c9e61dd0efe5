"""A report of a run of a reward model as a run writes it. Every number here is made up; its parts are real records, written out."""

from __future__ import annotations

import random
from typing import Any, get_args

from primum.records import Estimate, ReliabilityBin, plain
from primum.rewards.bench import BenchRow, BenchTable, Kind, Measure, Reliability
from primum.rewards.bench_rows import SLICES
from primum.rewards.model import Figure, RewardCard
from primum.stats.calibration import Platt
from primum.training.group_watch import Examined, Finding, SampledNumbers, WatchState
from report.report_sample import estimate, gain, judge
from report.report_sample import sample as alignment

__all__ = ["sample"]

_CLASSES: tuple[Kind, ...] = ("all", "proficiency", "excellence", "safety")
_KINDS: dict[str, tuple[Kind, ...]] = {
    "pointwise": _CLASSES,
    "selective": _CLASSES,
    "coverage": _CLASSES,
    "pairwise": _CLASSES,
    "calibration_error": ("safety_head", "proficiency_head"),
    "brier": ("safety_head", "proficiency_head"),
    "veto_precision": ("safety",),
    "veto_recall": ("safety",),
    "veto_f1": ("safety",),
}
_LANGUAGES_KNOWN = "the model was trained on both languages"


def _about(draw: random.Random, middle: float, n: int = 300) -> Estimate:
    value = min(0.99, max(0.01, middle + draw.uniform(-0.03, 0.03)))
    return Estimate(value=value, low=max(-1.0, value - 0.06), high=min(1.0, value + 0.05), n=n, unit="group")


def _table(seed: int, middle: float) -> dict[str, Any]:
    draw, rows = random.Random(seed), []
    for measure in get_args(Measure):
        for kind in _KINDS.get(measure, ("all",)):
            for where in SLICES:
                named = {"measure": measure, "kind": kind, "where": where}
                if where == "other_language":
                    rows.append(BenchRow(**named, estimate=None, why=_LANGUAGES_KNOWN))
                    continue
                level = 0.08 if measure in ("brier", "calibration_error") else middle
                level -= 0.15 * (where == "unseen_criteria")
                rows.append(BenchRow(**named, estimate=_about(draw, level), n=300, groups=80, ties=12, by_chance=0.5))
    bins = tuple(
        ReliabilityBin(
            low=at / 10, high=(at + 1) / 10, confidence=at / 10 + 0.05, observed=_about(draw, at / 10 + 0.05)
        )
        for at in range(10)
    )
    reliability = tuple(Reliability(kind=kind, bins=bins) for kind in ("safety_head", "proficiency_head"))
    return plain(BenchTable(rows=tuple(rows), reliability=reliability, pairs=600, groups=80))


def _difference() -> dict[str, Any]:
    draw = random.Random(3)
    rows = [
        BenchRow(
            measure=measure,
            kind=kind,
            where=where,
            estimate=Estimate(value=0.2, low=0.2 - draw.uniform(0.05, 0.15), high=0.3, n=300, unit="group"),
        )
        for measure in ("pointwise", "pairwise")
        for kind in _CLASSES
        for where in SLICES[:-1]
    ]
    return plain(BenchTable(rows=tuple(rows)))


def _subject(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "is_from_scratch": kind == "reward model", "is_simulated": True}


def _watch() -> WatchState:
    draw = random.Random(4)
    sampled = tuple(
        SampledNumbers(
            step=step,
            groups=8,
            level=max(0.0, 0.5 - step / 150),
            length=40 + step / 10,
            cut=0.1,
            unread=0.0,
            parts={"reward model": step / 100 - 0.6},
            reward=step / 100 - 0.6 + draw.uniform(-0.1, 0.1),
            reward_std=0.4,
            unusable=0.05,
            disagreement=0.2 if step % 2 else None,
            pairs=20,
        )
        for step in range(60)
    )
    examined = tuple(
        Examined(
            step=step,
            rewards=(0.1, 0.2),
            helds=(0.1, 0.2),
            reward=step / 120 - 0.5,
            held=step / 150 - 0.4,
            held_interval=Estimate(
                value=step / 150 - 0.4, low=step / 150 - 0.6, high=step / 150 - 0.2, n=64, unit="prompt"
            ),
            reward_change=Estimate(value=step / 120, low=step / 120 - 0.1, high=step / 120 + 0.1, n=64, unit="prompt")
            if step
            else None,
            held_change=Estimate(value=step / 150, low=step / 150 - 0.1, high=step / 150 + 0.1, n=64, unit="prompt")
            if step
            else None,
        )
        for step in range(0, 61, 10)
    )
    level = Finding(
        step=5,
        rule="level",
        action="warn",
        reason="93% of groups over 5 samplings have answers of one reward and teach nothing",
    )
    return WatchState(sampled=sampled, examined=examined, findings=(level,), kept_step=60)


def _comparisons() -> list[dict[str, Any]]:
    draw = random.Random(5)
    rows = []
    for by, name in (("all", "all"), ("language", "zh"), ("language", "en"), ("asked", "harmful")):
        for metric, before, step in (
            ("veto_rate", 0.62, -0.34),
            ("proficiency", 0.41, 0.02),
            ("unusable", 0.03, 0.0),
            ("wrong_refusal", 0.05, 0.04),
        ):
            n = 300 if by == "all" else 90
            sides = {"before": estimate(draw, before, n), "after": estimate(draw, before + step, n)}
            rows.append({"by": by, "name": name, "metric": metric, **sides, "difference": gain(draw, step, n)})
    return rows


def sample() -> dict[str, Any]:
    """The same dictionary at every call."""
    compared = _comparisons()
    card = RewardCard(
        name="reward-sample",
        max_tokens=512,
        trained_keys=("asks_medicines", "names_emergency"),
        calibration={"safety": Platt(slope=1.2, intercept=-0.1), "proficiency": Platt(slope=0.9, intercept=0.0)},
        figures=(
            Figure(metric="pairwise accuracy", of="safety", estimate=_about(random.Random(1), 0.9)),
            Figure(metric="Brier score", of="all", estimate=_about(random.Random(2), 0.1)),
        ),
        data="Simulated answers to clinical situations.",
        is_simulated=True,
        is_from_scratch=True,
    )
    watch = _watch()
    return {
        "kind": "reward model",
        "run": "reward-sample",
        "recipe": "promedical-style",
        "title": "A reward model: a sample",
        "title_zh": "奖励模型：样例",
        "notes": ["The held-back judge is a set of rules and coarse."],
        "notes_zh": ["留出评审由规则构成，较粗略。"],
        "pairs": {
            "prompts": 900,
            "answers": 3600,
            "pairs": 2400,
            "samples": 8100,
            "masked": {"tie": 1500, "abstained": 240, "missing": 33},
            "near_duplicates": 310,
            "too_easy": 120,
            "too_hard": 7,
            "by_kind": {"safety": 2000, "proficiency": 5200, "excellence": 2673},
            "by_difficulty": {"easy": 900, "hard": 1500},
            "by_language": {"en": 1300, "zh": 1100},
            "by_policy": {"base policy": 1800, "voice careful": 1800},
            "simulated": 1200,
            "exemplars": 12,
        },
        "model": {
            "card": plain(card),
            "architecture": "qwen3",
            "parameters": 688896,
            "steps": 300,
            "pairs": 2040,
            "samples": 6900,
            "masked": 1500,
            "loss_first": 1.41,
            "loss_last": 0.52,
        },
        "bench": {
            "model": _subject("reward-sample", "reward model"),
            "pairs": {"name": "bench", "pairs": 600, "groups": 80, "criteria": 2400, "simulated": 600},
            "table": _table(1, 0.9),
            "against": _subject("linear", "linear baseline"),
            "against_table": _table(2, 0.7),
            "difference": _difference(),
        },
        "ablations": [
            {"name": "one scalar", "table": _table(6, 0.85), "difference": _difference()},
            {"name": "no veto", "table": _table(7, 0.8), "difference": None},
        ],
        "grpo": {
            "watch": plain(watch),
            "logged": [
                {"step": step, "loss": 0.1, "kl": step / 1000, "grad_norm": 0.7, "entropy": 2.1}
                for step in (20, 40, 60)
            ],
            "sources": [{"name": "reward model", "weight": 1.0}, {"name": "rubric", "weight": 0.5}],
            "stopped": None,
            "asked": 320,
            "watched": 64,
            "shape": "clipped",
            "reward": {"alpha": 0.1, "beta": 0.3, "veto_weight": 1.5, "veto_depth": 0.2},
        },
        "test": {
            "report": "report-00000000000000000009",
            "comparisons": compared,
            "abstained": {"before": 12, "after": 7},
            "answers": 300,
        },
        "readers": {
            "reward model": [row for row in compared if row["metric"] in ("veto_rate", "proficiency")],
            "held-back judge": [row for row in compared if row["metric"] in ("veto_rate", "proficiency")],
        },
        "judges": {
            "rewards": {"id": "judgeref-00000000000000000001", "name": "reward-sample", "kind": "reward_model"},
            "held": {"id": "judgeref-00000000000000000002", "name": "criteria rules", "kind": "rule"},
        },
        "certificate": judge(),
        "examples": alignment()["examples"],
        "trace": [
            {"what": "norm", "id": "norm-00000000000000000001", "told": "医师法 §27"},
            {"what": "policy", "id": "policyref-00000000000000000002"},
        ],
        "ledger": {"entries": 20, "head": "ab" * 32, "verified": True},
        "seconds": {"pairs": 30.0, "reward model": 300.0, "grpo": 400.5},
        "policies": [
            {
                "id": "policyref-00000000000000000002",
                "name": "first-light grpo",
                "stage": "grpo",
                "architecture": "qwen3",
                "parameters": 688896,
                "is_from_scratch": True,
                "trained_on": 320,
            }
        ],
        "repeat": {"command": "primum run recipes/promedical-style.toml", "seed": 7, "versions": {}, "settings": "{}"},
    }
