"""Real pairs in folds, each with questions and a policy that its training does not see; and texts that teach a backbone language without
showing it what is measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from primum import bench
from primum.cycles.reward_real import drawn, set_of
from primum.language import words
from primum.records import Scenario, Settings
from primum.rewards.samples import PairSample

__all__ = ["Fold", "FoldSettings", "folds", "untouched_questions"]

_SHARED_WORDS: Final = 13
"""The length of a run of words that gives a text away (Brown et al. 2020, arXiv 2005.14165)."""


class FoldSettings(Settings, frozen=True):
    """`folds`: how many. `most_pairs`: how many pairs of one question of LiveQA-Med train, `most_safety_pairs`: how many of MedSafetyBench
    train in a fold (`None`: all); what is measured is always all."""

    folds: int = 3
    most_pairs: int = 8
    most_safety_pairs: int | None = None
    seed: int = 0

    def check(self) -> None:
        if self.folds < 2 or self.most_pairs < 1:
            self.refuse(f"folds = {self.folds}, most_pairs = {self.most_pairs}", "are too few", "give at least 2 and 1")
        if self.most_safety_pairs is not None and self.most_safety_pairs < 1:
            self.refuse(f"most_safety_pairs = {self.most_safety_pairs}", "is less than 1", "leave it out for all")


class Fold(NamedTuple):
    """What trains and what measures. `unseen` is the policy of XSTest that the training leaves out, with what the same model wrote in other
    sets; it is measured beside policies that were seen."""

    number: int
    unseen: str
    train: list[PairSample]
    test: list[PairSample]


def folds(pairs: Sequence[PairSample], settings: FoldSettings) -> list[Fold]:
    """The folds. The groups of each set are dealt out evenly in an order drawn by the seed, and no group of a fold's test trains in it.

    The train rows of MedSafetyBench are measured in no fold, and train in none when a row that is measured is nearly the same.
    """
    measured = [pair for pair in pairs if not _only_trains(pair)]
    fold_of = _dealt(measured, settings)
    policies = sorted({name for pair in pairs if set_of(pair) == "xstest" for name in (pair.first_by, pair.second_by)})
    made = []
    for number in range(settings.folds):
        unseen = policies[number % len(policies)] if policies else ""
        train = [
            pair
            for pair in pairs
            if unseen not in (pair.first_by, pair.second_by)
            and (pair.group not in fold_of if _only_trains(pair) else fold_of[pair.group] != number)
            and not _measures_only(pair)
        ]
        test = [pair for pair in measured if fold_of[pair.group] == number]
        made.append(Fold(number, unseen, _at_most(train, settings), test))
    return made


def _only_trains(pair: PairSample) -> bool:
    return pair.id.startswith("medsafetybench/train/")


def _measures_only(pair: PairSample) -> bool:
    return pair.id.startswith("medsafetybench/test/")


def _dealt(pairs: Iterable[PairSample], settings: FoldSettings) -> dict[str, int]:
    """The fold that measures each group: a group of two sets, which near-duplicates make, stands where the first set puts it."""
    groups: dict[str, dict[str, None]] = defaultdict(dict)
    for pair in pairs:
        groups[set_of(pair)][pair.group] = None
    fold_of: dict[str, int] = {}
    for name in sorted(groups):
        for place, group in enumerate(sorted(groups[name], key=lambda one: drawn(settings.seed, one))):
            fold_of.setdefault(group, place % settings.folds)
    return fold_of


def _at_most(pairs: Sequence[PairSample], settings: FoldSettings) -> list[PairSample]:
    """The pairs, but only so many, drawn, of one question of LiveQA-Med (one with 35 answers would outweigh thirty others), and of
    MedSafetyBench, of which a fold that leaves out none of its models would have twice as many."""
    kept: dict[str, int] = defaultdict(int)
    chosen: set[str] = set()
    for pair in sorted(pairs, key=lambda one: drawn(settings.seed, one.id)):
        name, most = pair.id, 1
        if set_of(pair) == "liveqa-med":
            name, most = pair.id.rpartition("/")[0], settings.most_pairs
        elif set_of(pair) == "medsafetybench":
            name, most = "medsafetybench", settings.most_safety_pairs or len(pairs)
        kept[name] += 1
        if kept[name] <= most:
            chosen.add(pair.id)
    return [pair for pair in pairs if pair.id in chosen]


def untouched_questions(data: Path, pairs: Sequence[PairSample]) -> tuple[list[Scenario], dict[str, int]]:
    """The questions of MedQuAD and Huatuo, with their answers, that share no thirteen words in a row with a prompt or an answer of the
    pairs that are measured; and how many were left out of each set."""
    shown = {run for pair in pairs if not _only_trains(pair) for text in _texts(pair) for run in _runs(text)}
    kept: list[Scenario] = []
    left_out: dict[str, int] = {}
    sets: Mapping[str, Sequence[Scenario]] = {
        "medquad": bench.load_medquad(data / "medquad").scenarios,
        "huatuo": bench.load_huatuo(data / "huatuo").scenarios,
    }
    for name, scenarios in sets.items():
        free = [one for one in scenarios if one.reference and shown.isdisjoint(_runs(f"{one.prompt}\n{one.reference}"))]
        left_out[name] = len(scenarios) - len(free)
        kept += free
    return kept, left_out


def _texts(pair: PairSample) -> tuple[str, ...]:
    return (*(turn.content for turn in pair.prompt), pair.first, pair.second)


def _runs(text: str) -> set[tuple[str, ...]]:
    told = words(text)
    return {tuple(told[start : start + _SHARED_WORDS]) for start in range(len(told) - _SHARED_WORDS + 1)}
