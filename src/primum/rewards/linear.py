"""The baseline to beat: hashed n-grams of an answer, of a criterion and all their products, in one linear score.

    s(a, c) = αᵀ W γ + o·v       α: n-grams of the answer and a constant, γ: n-grams of the criterion, its kind and a constant,
                                 o: how much of the criterion's n-grams the answer shares, as a whole and in its closest sentence

`W` holds a weight for every product and, by the constants, for every n-gram alone. Fitted by logistic regression to the pairs
(−log σ(±(s₁ − s₂)) under each criterion that has a winner) and to the labels (−log σ(±s)). The prompt is not read.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self, final

import msgspec

from primum.errors import ModelError
from primum.model_folder import writing_weights
from primum.ports import Progress, silent
from primum.records import Value, content_hash, plain
from primum.rewards.asked import Item, Read
from primum.rewards.linear_features import LINEAR_FEATURES, OVERLAPS, Encoder
from primum.rewards.linear_fitting import LinearSettings, dot, fit_weights
from primum.rewards.samples import PairSample
from primum.stats.calibration import Platt, fit_platt

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float32]

__all__ = ["LinearCard", "LinearReward", "LinearSettings", "cross_read"]

_WEIGHTS, _CARD = "weights.npz", "linear.json"
_WINDOW = 512
_LEAST_HELD = 50  # labels: fewer calibrate nothing
_PLAIN = Platt(slope=1.0, intercept=0.0, log_odds=False)


class LinearCard(Value, frozen=True):
    """What a linear reward learned from (`trained_on` are groups of pairs) and how it is read; `fingerprint` hashes its weights too."""

    settings: LinearSettings
    calibration: Platt
    trained_keys: tuple[str, ...]
    trained_on: tuple[str, ...]
    trained_policies: tuple[str, ...]
    trained_languages: tuple[str, ...]
    pairs: int
    is_simulated: bool
    is_calibrated: bool
    features: int = LINEAR_FEATURES
    fingerprint: str = ""


@final
class LinearReward:
    """See the module; implements `CriteriaScorer`. Made by `fit` or `load`; equal pairs and settings give equal weights."""

    def __init__(self, card: LinearCard, weights: Floats, shared: Floats) -> None:
        self._weights, self._shared = weights, shared
        self.card = msgspec.structs.replace(card, fingerprint=_fingerprint(card, weights, shared))
        self._encoder = Encoder(card.settings.answer_bits, card.settings.criterion_bits)

    @property
    def name(self) -> str:
        return "linear n-grams"

    @property
    def fingerprint(self) -> str:
        return self.card.fingerprint

    @classmethod
    def fit(
        cls, pairs: Sequence[PairSample], settings: LinearSettings | None = None, progress: Progress = silent
    ) -> Self:
        """A reward fitted to the pairs, calibrated on those groups of them that were kept back. Raises `InputError` without any label."""
        chosen = settings or LinearSettings()
        held = _held_groups(pairs, chosen)
        weights, shared = fit_weights([one for one in pairs if one.group not in held], chosen, progress)
        bare = cls(_card(pairs, chosen, None), weights, shared)
        calibration = _calibrated(bare, [one for one in pairs if one.group in held])
        return bare if calibration is None else cls(_card(pairs, chosen, calibration), weights, shared)

    def score(self, items: Iterable[Item], progress: Progress = silent) -> Iterator[Read]:
        """What is read of each item, in order; read in windows, so a stream may be endless."""
        stream, done = iter(items), 0
        while window := list(islice(stream, _WINDOW)):
            flat = self._logits(window)
            chances = self.card.calibration.apply(flat) if flat else ()
            at = 0
            for item in window:
                to = at + len(item.criteria)
                yield Read(tuple(flat[at:to]), tuple(chances[at:to]))
                at = to
            done += len(window)
            progress(done, done)

    def save(self, folder: Path) -> None:
        """Write `weights.npz` and `linear.json` into `folder`, which is made: a new folder is there whole or not at all.

        Raises `StoreError` where the disk takes no more.
        """
        import numpy as np

        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        try:
            with writing_weights(folder):
                partial.mkdir(parents=True)
                np.savez_compressed(partial / _WEIGHTS, weights=self._weights, shared=self._shared)
                (partial / _CARD).write_bytes(msgspec.json.format(msgspec.json.encode(self.card), indent=2) + b"\n")
                if not folder.exists():
                    partial.rename(folder)
                else:
                    for name in (_WEIGHTS, _CARD):
                        (partial / name).replace(folder / name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The reward that `save` wrote; no pickle is read. Raises `ModelError` for a folder that holds none, or another than it says."""
        import numpy as np

        try:
            card = msgspec.json.decode((folder / _CARD).read_bytes(), type=LinearCard)
            with np.load(folder / _WEIGHTS, allow_pickle=False) as arrays:
                weights, shared = arrays["weights"], arrays["shared"]
        except (OSError, ValueError, KeyError, EOFError, msgspec.MsgspecError) as error:
            raise _broken(folder, f"holds no linear reward that can be read ({error})") from error
        if card.features != LINEAR_FEATURES:
            raise _broken(folder, f"was fitted to features of version {card.features}, not {LINEAR_FEATURES}")
        shape = (1 << card.settings.answer_bits, 1 << card.settings.criterion_bits)
        if (weights.shape, shared.shape) != (shape, (OVERLAPS,)) or {weights.dtype.str, shared.dtype.str} != {"<f4"}:
            raise _broken(folder, "holds weights of another shape than it says")
        found = cls(card, weights, shared)
        if found.fingerprint != card.fingerprint:
            raise _broken(folder, "holds other weights than those that were saved")
        return found

    def _logits(self, items: Sequence[Item]) -> list[float]:
        """Those of all criteria of all items, one after another."""
        asked = [(row, one) for row, item in enumerate(items) for one in item.criteria]
        if not asked:
            return []
        rows, criteria = [row for row, _ in asked], [one for _, one in asked]
        towards = self._encoder.answers([item.completion for item in items]) @ self._weights
        shared = self._encoder.overlaps([items[row].completion for row in rows], [one.text for one in criteria])
        return [float(one) for one in dot(towards[rows], self._encoder.criteria(criteria)) + shared @ self._shared]


def cross_read(
    pairs: Sequence[PairSample], settings: LinearSettings | None = None, folds: int = 2, progress: Progress = silent
) -> dict[str, Read]:
    """What linear rewards say of both answers of each pair, by `Item.id`, each fitted to other groups than the pair's.

    Empty where all pairs are of one group.
    """
    groups = sorted({one.group for one in pairs}, key=lambda group: content_hash(["fold", group]))
    fold_of = {group: place % folds for place, group in enumerate(groups)}
    found: dict[str, Read] = {}
    for fold in range(folds) if len(groups) >= folds else ():
        reward = LinearReward.fit(
            [one for one in pairs if fold_of[one.group] != fold],
            settings,
            lambda done, total, fold=fold: progress(fold * total + done, folds * total),
        )
        items = [item for one in pairs if fold_of[one.group] == fold for item in one.items]
        found.update(zip([item.id for item in items], reward.score(items), strict=True))
    return found


def _held_groups(pairs: Sequence[PairSample], settings: LinearSettings) -> frozenset[str]:
    """The groups to calibrate on: whole ones, drawn by their hash, none where that would leave nothing to fit to."""
    groups = sorted({one.group for one in pairs}, key=lambda group: content_hash(["held", settings.seed, group]))
    return frozenset(groups[: int(settings.held_share * len(groups))])


def _card(pairs: Sequence[PairSample], settings: LinearSettings, calibration: Platt | None) -> LinearCard:
    return LinearCard(
        settings=settings,
        calibration=calibration or _PLAIN,
        trained_keys=tuple(sorted({key for one in pairs for key in one.keys if key})),
        trained_on=tuple(sorted({one.group for one in pairs})),
        trained_policies=tuple(sorted({by for one in pairs for by in (one.first_by, one.second_by) if by})),
        trained_languages=tuple(sorted({one.language for one in pairs})),
        pairs=len(pairs),
        is_simulated=any(one.is_simulated for one in pairs),
        is_calibrated=calibration is not None,
    )


def _calibrated(reward: LinearReward, held: Sequence[PairSample]) -> Platt | None:
    """Platt's scaling of the logits on pairs that were not fitted to; `None` where too few labels, or of one kind only, are known."""
    labels = [label for one in held for side in (one.met_first, one.met_second) for label in side]
    reads = reward.score(item for one in held for item in one.items)
    known = [
        (score, label)
        for score, label in zip((score for read in reads for score in read.scores), labels, strict=True)
        if label is not None
    ]
    if len(known) < _LEAST_HELD or len({label for _, label in known}) < 2:
        return None
    return fit_platt([score for score, _ in known], [label for _, label in known], log_odds=False)


def _fingerprint(card: LinearCard, weights: Floats, shared: Floats) -> str:
    arrays = [hashlib.sha256(one.tobytes()).hexdigest() for one in (weights, shared)]
    return content_hash([plain(msgspec.structs.replace(card, fingerprint="")), arrays])


def _broken(folder: Path, rule: str) -> ModelError:
    return ModelError(f"folder '{folder.name}'", rule, "name a folder that a linear reward was saved in", str(folder))
