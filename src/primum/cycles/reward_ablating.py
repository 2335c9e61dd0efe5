"""The ablations of a reward model: what is lost without each of its parts, trained alike and measured on the same pairs.

| without | trained | ordered |
|---|---|---|
| `no_criterion` | every criterion replaced by one constant text | as ever |
| `no_veto` | without safety criteria | without S3 |
| `one_scalar` | safety and proficiency by one head | as ever |
| `no_excellence` | without excellence criteria | without S2 |

Those are trainings of their own, from the same backbone with the same settings and seed. The paper (ProMedical, arXiv 2604.08326) names
them; what exactly it left out is not public, and this is our reading. The full model's orders by each shape of reward need no training.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from msgspec.structs import replace

from primum.config import read_settings
from primum.cycles.reward_bench import (
    facts_of,
    is_from_scratch,
    pairs_told,
    part_of,
    read_all,
    refuse_inputs,
    write_found,
)
from primum.errors import InputError, SettingError
from primum.ports import Progress, silent
from primum.records import Settings, plain
from primum.rewards.asked import Read
from primum.rewards.bench import BenchFacts, BenchSettings, Measure, Measured, Unread
from primum.rewards.model.settings import RewardModelSettings
from primum.rewards.pair_file import read_pairs
from primum.rewards.samples import PairSample

__all__ = [
    "FOUND",
    "VARIANTS",
    "Ablated",
    "AblationOrder",
    "AblationSettings",
    "ablate",
    "ablation_settings",
    "split_pairs",
]

Variant = Literal["full", "no_criterion", "no_veto", "one_scalar", "no_excellence"]
VARIANTS: Final[tuple[Variant, ...]] = ("full", "no_criterion", "no_veto", "one_scalar", "no_excellence")
FOUND = "ablations.json"
_PLACE = "reward ablate"
_PARTS = 2  # training and reading take a bar each
_SHAPES: Final[tuple[Measure, ...]] = ("overall_clipped", "overall_lexicographic", "overall_verdicts", "overall_sum")


class AblationSettings(Settings, frozen=True):
    """`training` is that of the full model; each ablation changes one thing of it. `test_share` of the groups is measured on and never
    trained on, unless pairs to measure on are named. `variants` beside the full model; `bench` is how they are measured."""

    training: RewardModelSettings = RewardModelSettings()
    bench: BenchSettings = BenchSettings()
    variants: tuple[Variant, ...] = VARIANTS
    test_share: float = 0.25

    def check(self) -> None:
        whole = {"head": "two", "with_criteria": True, "excellence": True, "safety": True}
        for name, value in whole.items():
            if getattr(self.training, name) != value:
                self.refuse(f"training.{name}", "is an ablation itself", "leave it to the ablations")
        if len(self.variants) != len(set(self.variants)):
            self.refuse(f"variants = {list(self.variants)}", "name one twice", "name each once")
        if not 0 < self.test_share < 1:
            self.refuse(f"test_share = {self.test_share}", "is not between 0 and 1", "hold out a share to measure on")


class AblationOrder(NamedTuple):
    """Pairs to train on, the folder of the backbone, where the models and the table go, and the pairs to measure on; without these,
    groups of the first are held out."""

    pairs: Path
    base: Path
    out: Path
    tested: Path | None = None


class Ablated(NamedTuple):
    """One variant: what it changes of the training and of the bench."""

    training: Mapping[str, Any]
    bench: Mapping[str, Any]


_CHANGES: Final[dict[Variant, Ablated]] = {
    "full": Ablated({}, {}),
    "no_criterion": Ablated({"with_criteria": False}, {}),
    "no_veto": Ablated({"safety": False}, {"weighs_vetoes": False}),
    "one_scalar": Ablated({"head": "one"}, {}),
    "no_excellence": Ablated({"excellence": False}, {"weighs_excellence": False}),
}


class _Trained(NamedTuple):
    """A variant that was trained and read: what the report tells of its training, and what was read."""

    told: dict[str, Any]
    reads: dict[str, Read | Unread]
    measured: Measured


def ablation_settings(overrides: Sequence[str]) -> AblationSettings:
    """The settings with `key=value` on top (`training.epochs=4`). Raises `SettingError`."""
    try:
        return read_settings(Path(os.devnull), AblationSettings, overrides)
    except SettingError as error:
        raise SettingError(error.value, error.rule, error.way_out, "--set") from error


def ablate(
    order: AblationOrder, settings: AblationSettings | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Train what is not trained yet, a folder of `order.out` for each variant, and measure all of them; what is returned is written to
    `ablations.json` there.

    Run again after a kill it goes on with the training that was cut off; a finished one is read, not trained. Raises `InputError` where a
    group is in both files of pairs, or too few are there to hold one out; `SettingError` where `order.out` is or holds what is read; else
    what `train_reward_model` raises.
    """
    chosen = settings or AblationSettings()
    _refuse_inputs(order)
    taught, tested = _pairs(order, chosen)
    names: tuple[Variant, ...] = ("full", *(name for name in VARIANTS if name in chosen.variants and name != "full"))
    trained = [
        _train(name, order, chosen, (taught, tested), part_of(progress, place, len(names)))
        for place, name in enumerate(names)
    ]
    full = trained[0]
    found = {
        "base": {"name": order.base.name, "is_from_scratch": is_from_scratch(order.base)},
        "taught": pairs_told(taught, order.pairs.name),
        "pairs": pairs_told(tested, order.tested.name if order.tested else order.pairs.name),
        "settings": plain(chosen),
        "variants": [
            one.told
            | {
                "table": plain(one.measured.table()),
                "difference": plain(one.measured.against(full.measured)) if one is not full else None,
            }
            for one in trained
        ],
        "shapes": _shapes(full, tested, facts_of(taught), chosen.bench),
    }
    write_found(order.out / FOUND, found)
    return found


def _refuse_inputs(order: AblationOrder) -> None:
    files = [order.pairs, *([order.tested] if order.tested else [])]
    refuse_inputs(order.out, files, [order.base], _PLACE)
    held = next((one for one in (*files, order.base) if one.resolve().is_relative_to(order.out.resolve())), None)
    if held is not None:
        raise SettingError(f"--out '{order.out}'", f"holds '{held}', which is read", "name a folder of its own", _PLACE)


def split_pairs(pairs: Sequence[PairSample], share: float, seed: int) -> tuple[list[PairSample], list[PairSample]]:
    """The pairs to train on and those to measure on, both in their order: whole groups, drawn by the seed, at least one on either side.

    Raises `InputError` for pairs of one group.
    """
    groups = sorted({one.group for one in pairs})
    if len(groups) < 2:
        raise InputError(
            f"{len(pairs)} pairs", "are of one group, which cannot be split", "name pairs to measure on", _PLACE
        )
    random.Random(f"ablation {seed}").shuffle(groups)
    held = set(groups[: min(max(round(share * len(groups)), 1), len(groups) - 1)])
    return [one for one in pairs if one.group not in held], [one for one in pairs if one.group in held]


def _pairs(order: AblationOrder, settings: AblationSettings) -> tuple[list[PairSample], list[PairSample]]:
    """What is trained on and what is measured on."""
    pairs = read_pairs(order.pairs)
    if order.tested is None:
        return split_pairs(pairs, settings.test_share, settings.training.seed)
    tested = read_pairs(order.tested)
    known = {one.group for one in pairs}
    both = next((one for one in tested if one.group in known), None)
    if both is not None:
        raise InputError(
            f"pair '{both.id}'",
            f"is of group '{both.group}', which is trained on too",
            "measure on other groups",
            str(order.tested),
        )
    return pairs, tested


def _train(
    name: Variant,
    order: AblationOrder,
    settings: AblationSettings,
    pairs: tuple[list[PairSample], list[PairSample]],
    progress: Progress,
) -> _Trained:
    from primum.rewards.model import RewardModel
    from primum.rewards.model.training import About, train_reward_model

    taught, tested = pairs
    change = _CHANGES[name]
    trained = train_reward_model(
        order.base,
        taught,
        replace(settings.training, **change.training),
        order.out / name,
        part_of(progress, 0, _PARTS),
        About(name, f"{len(taught):,} pairs by criterion, for an ablation.", is_from_scratch(order.base)),
    )
    scorer = RewardModel.load(trained.folder, threads=settings.training.threads)
    reads = read_all(scorer, tested, part_of(progress, 1, _PARTS))
    told = {
        "name": name,
        "weights": trained.weights,
        "steps": trained.steps,
        "samples": trained.samples,
        "loss_first": trained.loss_first,
        "loss_last": trained.loss_last,
        "cut": trained.cut,
        "left_out": trained.left_out,
    }
    # All variants are sliced by what the full model was trained on, so that their rows are the same.
    measured = Measured(tested, reads, facts_of(taught), replace(settings.bench, **change.bench))
    return _Trained(told, reads, measured)


def _shapes(
    full: _Trained, tested: Sequence[PairSample], facts: BenchFacts, bench: BenchSettings
) -> list[dict[str, Any]]:
    """The full model's scores put in order by each shape of reward, and how far each is from the clipped one."""
    found = [
        {
            "name": measure.removeprefix("overall_"),
            "row": plain(full.measured.number(measure)),
            "difference": plain(full.measured.minus(full.measured, measure, as_other="overall_clipped"))
            if measure != "overall_clipped"
            else None,
        }
        for measure in _SHAPES
    ]
    for name, change in (("no_veto", {"weighs_vetoes": False}), ("no_excellence", {"weighs_excellence": False})):
        other = Measured(tested, full.reads, facts, replace(bench, **change))
        found.append(
            {
                "name": name,
                "row": plain(other.number("overall_clipped")),
                "difference": plain(other.minus(full.measured, "overall_clipped")),
            }
        )
    return found
