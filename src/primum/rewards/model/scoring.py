"""Scoring with a trained reward model: a stream of completions under criteria, each read in one forward."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, final

import torch

from primum.errors import ModelError
from primum.frameworks import quiet, threads
from primum.ports import Progress, silent
from primum.rewards.asked import Item, Read
from primum.rewards.model.card import RewardCard
from primum.rewards.model.collation import collate, collate_in_one_row
from primum.rewards.model.folder import Opened, open_reward_model
from primum.rewards.model.layout import SAFETY, Layout, Packed, one_at_a_time
from primum.rewards.model.network import CriteriaRewardModel
from primum.rewards.model.shared import shared_logits, split_up
from primum.stats.calibration import Platt

__all__ = ["Budget", "RewardModel"]

_MULTIPLE = 128  # the block of FlexAttention: rows of whole blocks are compiled once


class Budget(NamedTuple):
    """How much is read at once: `window` items are laid out and sorted by length, `batch` tokens make a forward, an item whose packed
    sequence has more than `packed` tokens is read with shared keys and values."""

    window: int = 256
    batch: int = 4096
    packed: int = 4096


_ON_GPU = Budget(window=1024, batch=16384, packed=16384)  # the mask's blocks are found on a square of that side


@final
class RewardModel:
    """Reads completions under criteria; implements `CriteriaScorer`. Made by `RewardModel.load`.

    On a CPU, where weights are 32-bit floats, the scores are those of one criterion at a time to 1e-5 (`score_alone`). On a GPU a batch is
    one row read by FlexAttention, and weights in bfloat16 agree to a few of their digits: this way has been run on a CPU only, never yet
    on a GPU. `answers_cut` counts answers that were too long.
    """

    def __init__(self, opened: Opened, budget: Budget | None = None, threads: int | None = None) -> None:
        self.model: CriteriaRewardModel = opened.model
        self.card: RewardCard = opened.card
        self.layout = Layout(opened.tokenizer, opened.card.max_tokens, opened.card.with_criteria)
        self.budget = budget or (_ON_GPU if self.model.device.type == "cuda" else Budget())
        self._threads = threads

    @classmethod
    def load(cls, folder: Path, device: str | None = None, threads: int | None = None) -> RewardModel:
        """The model in `folder`, on a GPU where there is one unless `device` says otherwise. `threads`: CPU threads, torch's own number
        without it. Raises `ModelError` in one line for whatever is no reward model."""
        chosen = device or ("cuda" if torch.cuda.is_available() else "cpu")
        return cls(open_reward_model(folder, chosen), threads=threads)

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def fingerprint(self) -> str:
        """The hash of all that decides its answers."""
        return self.card.fingerprint

    @property
    def answers_cut(self) -> int:
        return self.layout.cut

    def refusal(self, item: Item) -> str | None:
        """Why `score` raises for `item`, or `None`: for whoever counts what it cannot read."""
        return self.layout.refusal(item)

    def misfits(self, item: Item) -> tuple[str | None, ...]:
        """For each criterion of `item` why it cannot be read after the whole answer, or `None`. `score` cuts an answer that is too long."""
        return self.layout.misfits(item)

    def score(self, items: Iterable[Item], progress: Progress = silent) -> Iterator[Read]:
        """What it says of each item, in their order, while they come: a window is read ahead, sorted by length, read in batches.

        An item that occurs twice in a window is read once; one without criteria is not read. Raises `InputError` for an item that does
        not fit, `ModelError` for a score that is not a number.
        """
        total = len(items) if isinstance(items, Sized) else None
        stream, done = iter(items), 0
        while window := list(islice(stream, self.budget.window)):
            yield from self._window(window)
            done += len(window)
            progress(done, done if total is None else total)

    def score_alone(self, items: Iterable[Item]) -> Iterator[Read]:
        """The same, one criterion in one forward: slow, and what `score` is measured against."""
        for item in items:
            packed = self.layout.pack(item)
            with torch.inference_mode(), threads(self._threads), quiet():
                logits = [float(self._forward(collate([one], self.layout.pad))[0, 0]) for one in one_at_a_time(packed)]
            yield self._read(packed, logits, item)

    def _window(self, items: Sequence[Item]) -> list[Read]:
        packed = [self.layout.pack(item) if item.criteria else _NOTHING for item in items]
        keys = [tuple(map(tuple, one)) for one in packed]
        first: dict[Any, int] = {}
        for place, key in enumerate(keys):
            first.setdefault(key, place)
        todo = sorted((i for i in first.values() if packed[i].ends), key=lambda i: (len(packed[i].ids), packed[i].ids))
        logits: dict[int, list[float]] = {}
        with torch.inference_mode(), threads(self._threads), quiet():
            for places in self._batches(todo, packed):
                logits.update(zip(places, self._logits([packed[i] for i in places]), strict=True))
        return [
            self._read(packed[i], logits.get(first[key], []), item)
            for i, (key, item) in enumerate(zip(keys, items, strict=True))
        ]

    def _batches(self, order: Sequence[int], packed: Sequence[Packed]) -> Iterator[list[int]]:
        """Items of like length, shortest first; one that is longer than `packed` alone."""
        batch: list[int] = []
        for place in order:
            length = len(packed[place].ids)
            if batch and (length * (len(batch) + 1) > self.budget.batch or length > self.budget.packed):
                yield batch
                batch = []
            batch.append(place)
        if batch:
            yield batch

    def _logits(self, packed: Sequence[Packed]) -> list[list[float]]:
        counts = [len(one.ends) for one in packed]
        if len(packed) == 1 and len(packed[0].ids) > self.budget.packed:
            return [self._long(packed[0])]
        if self.model.backbone.config._attn_implementation == "flex_attention":
            row = self._forward(collate_in_one_row(packed, self.layout.pad, _MULTIPLE))[0].tolist()
            return [row[sum(counts[:i]) : sum(counts[: i + 1])] for i in range(len(counts))]
        rows = self._forward(collate(packed, self.layout.pad)).tolist()
        return [row[:count] for row, count in zip(rows, counts, strict=True)]

    def _long(self, packed: Packed) -> list[float]:
        if self.model.config.is_causal:
            found: list[float] = shared_logits(self.model, packed, self.budget.packed).tolist()
            return found
        parts = split_up(packed, self.budget.packed)
        return [logit for part in parts for logit in self._forward(collate([part], self.layout.pad))[0].tolist()]

    def _forward(self, laid: dict[str, torch.Tensor]) -> torch.Tensor:
        device = self.model.device
        found: torch.Tensor = self.model(**{name: tensor.to(device) for name, tensor in laid.items()})
        return found.cpu()

    def _read(self, packed: Packed, logits: Sequence[float], item: Item) -> Read:
        if not all(map(math.isfinite, logits)):
            raise ModelError(
                f"reward model {self.name!r}",
                "gave a score that is not a number",
                "train it again, or use 32-bit floats",
                f"item {item.id!r}",
            )
        return Read(tuple(logits), self._chances(packed.heads, logits))

    def _chances(self, heads: Sequence[int], logits: Sequence[float]) -> tuple[float, ...]:
        chances = [0.5 * (1.0 + math.tanh(logit / 2)) for logit in logits]
        for name, calibrator in self.card.calibration.items():
            places = [i for i, head in enumerate(heads) if (head == SAFETY) == (name == "safety")]
            # A Platt of log-odds takes the chance: its log-odds are the logit.
            on_chance = isinstance(calibrator, Platt) and calibrator.log_odds
            given = [chances[i] if on_chance else logits[i] for i in places]
            for i, chance in zip(places, calibrator.apply(given) if given else (), strict=True):
                chances[i] = chance
        return tuple(chances)


_NOTHING = Packed([], [], [], [], [])
