"""Training a reward model: pairs by criterion in, a model folder with its card out.

The same backbone, pairs and settings give the same weights on the same machine, also when the training was killed and run again
(`primum.checkpoints`). Started by `torchrun`, the processes share each step and come to what one process would, within float noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from primum.checkpoints import Running, alone, diverged, move, read_receipt, remove, write_receipt
from primum.errors import InputError, MissingExtraError, TrainingError
from primum.frameworks import at_work, refuse_missing
from primum.model_folder import check_model_folder, hash_model, hash_weights, writing_weights
from primum.ports import Progress, silent
from primum.records import Language, content_hash, plain
from primum.rewards.model.calibrating import calibrate, figures_of, read_labels, read_winners
from primum.rewards.model.card import Figure, ReadStance, RewardCard
from primum.rewards.model.distributed import World, join
from primum.rewards.model.layout import LAYOUT_VERSION, Layout
from primum.rewards.model.lessons import Lesson, count, hold_out, lesson_of, steps_of, weights_of
from primum.rewards.model.settings import RewardModelSettings
from primum.rewards.samples import PairSample

if TYPE_CHECKING:
    from primum.rewards.model.network import CriteriaRewardModel

__all__ = ["About", "TrainedReward", "train_reward_model"]

_NAME = "reward"


class About(NamedTuple):
    """What the card says that the pairs do not: a name (the folder's without one), where the data come from, whether the backbone was built
    on the spot, and the statements by which a stance is read, where the pairs taught them."""

    name: str | None = None
    data: str = ""
    is_from_scratch: bool = False
    stances: dict[ReadStance, dict[Language, str]] = {}  # noqa: RUF012  (never changed)


class TrainedReward(NamedTuple):
    """What a training made.

    `pairs` were learned from; `samples` are pairs × criteria with a winner, `masked` those without (ties, missing labels). `held` pairs
    were kept out to calibrate and measure on; `left_out` had no label or did not fit; `cut` answers lost their end. `losses` is the loss
    along the training, each value a mean over some steps. `figures` are those of the card.
    """

    folder: Path
    weights: str
    steps: int
    pairs: int
    samples: int
    masked: int
    held: int
    left_out: int
    cut: int
    losses: tuple[float, ...]
    figures: tuple[Figure, ...]

    @property
    def loss_first(self) -> float | None:
        """The mean loss of the first steps."""
        return self.losses[0] if self.losses else None

    @property
    def loss_last(self) -> float | None:
        """The mean loss of the last steps."""
        return self.losses[-1] if self.losses else None


class _Order(NamedTuple):
    """What was asked for, and where and by whom it is done."""

    parent: Path
    pairs: Sequence[PairSample]
    settings: RewardModelSettings
    about: About
    running: Running
    world: World


class _Lessons(NamedTuple):
    """Pairs that can be learned from, as lessons, with their lengths in tokens; how many cannot, and how many answers were cut."""

    pairs: list[PairSample]
    lessons: list[Lesson]
    lengths: list[int]
    left_out: int
    cut: int


def train_reward_model(
    parent: Path,
    pairs: Sequence[PairSample],
    settings: RewardModelSettings,
    out: Path,
    progress: Progress = silent,
    about: About | None = None,
) -> TrainedReward:
    """Train the heads and, whole or by adapters, the backbone in `parent`; or go on with a training that was cut off, or return what is
    already finished. Under `torchrun` all processes call it, and only the first one writes.

    Raises `TrainingError` when `out` holds the result of another training or checkpoints of one stand beside it, when the loss is not a
    number, when there is nothing to learn from or to calibrate on, or when not all processes take part; `ModelError` for a backbone that
    cannot be used; `StoreError` where the disk takes no more, or while another call trains into `out`.
    """
    refuse_missing()
    _refuse_without(settings)
    check_model_folder(parent, needs_whole=True)
    world = join(settings.processes)
    told = about or About()
    mark = content_hash([_NAME, LAYOUT_VERSION, hash_model(parent), settings, list(pairs), told, world.size])
    running = Running(_NAME, out, mark, settings.learning_rate)
    told_to = progress if world.is_first else silent
    done = world.from_first(lambda: _finished(running))
    # The first process holds the lock for all of them; an error in taking it is told to each.
    with ExitStack() as held:
        if done is None:
            done = world.from_first(lambda: _begun(running, held))
        if done is None:
            with writing_weights(out), at_work(settings.threads):
                _train(_Order(parent, pairs, settings, told, running, world), told_to)
            done = world.from_first(lambda: _finished(running))
            assert done is not None
        told_to(done.steps, done.steps)
        if world.is_first:
            remove(running.checkpoints, running.partial)
        world.meet()
    return done


def _begun(running: Running, held: ExitStack) -> TrainedReward | None:
    """Take the lock; what another call has finished meanwhile, or `None` when there is something to train."""
    with writing_weights(running.out):
        held.enter_context(alone(running))
    done = _finished(running)
    if done is None:
        running.last()  # refuses before anything is read where checkpoints are of another training
        remove(running.partial)
    return done


def _train(order: _Order, progress: Progress) -> None:
    from transformers import AutoTokenizer, set_seed

    from primum.rewards.model.backbone import load_backbone
    from primum.rewards.model.fitting import Curriculum, adapted, fit, merged

    settings, running, world = order.settings, order.running, order.world
    set_seed(settings.seed)
    tokenizer = AutoTokenizer.from_pretrained(order.parent, local_files_only=True, trust_remote_code=False)
    learned, held = hold_out(order.pairs, settings.held_share, settings.seed)
    read = _lessons(learned, tokenizer, settings)
    # Made-up criteria teach; they measure nothing.
    held_read = _lessons(held, tokenizer, msgspec.structs.replace(settings, cloze_criteria=0))
    _refuse_nothing(order, read, held_read)
    weights = weights_of(read.lessons, settings.balance)
    parts = steps_of(read.lessons, read.lengths, weights, settings, world.size)
    layout = Layout(tokenizer, settings.max_tokens, settings.with_criteria)
    model = adapted(load_backbone(order.parent, settings, settings.seed), settings.lora_rank)
    steps, losses = fit(model, Curriculum(read.lessons, parts, weights, layout), settings, running, world, progress)
    model = merged(model, settings.lora_rank)
    counts = count(read.lessons)
    receipt = {
        "steps": steps,
        "pairs": counts.pairs,
        "samples": counts.samples,
        "masked": counts.masked,
        "held": len(held_read.pairs),
        "left_out": read.left_out + held_read.left_out,
        "cut": read.cut + held_read.cut,
        "losses": losses,
    }
    world.from_first(lambda: _finish(order, model, tokenizer, (read, held_read), receipt))


def _finish(
    order: _Order, model: CriteriaRewardModel, tokenizer: Any, read: tuple[_Lessons, _Lessons], receipt: dict[str, Any]
) -> None:
    import torch

    from primum.rewards.model.folder import save_reward_model

    running = order.running
    if not all(bool(torch.isfinite(weights).all()) for weights in model.parameters()):
        remove(running.checkpoints)
        raise diverged(running, f"step {receipt['steps']}")
    card = _measured(_card(order), model, tokenizer, read[1], order.settings)
    save_reward_model(model, tokenizer, card, running.partial)
    write_receipt(running, receipt)
    move(running)


def _card(order: _Order) -> RewardCard:
    settings, about = order.settings, order.about
    keys = {
        pair.keys[place]
        for pair in order.pairs  # held-out ones too: it is calibrated on them
        for place, one in enumerate(pair.criteria)
        if pair.keys and one.kind in settings.kinds
    }
    return RewardCard(
        name=about.name or order.running.out.name,
        max_tokens=settings.max_tokens,
        with_criteria=settings.with_criteria,
        settings=plain(settings),
        trained_keys=tuple(sorted(keys)),
        # Those that it was calibrated on have shaped it too.
        trained_on=tuple(sorted({record for pair in order.pairs for record in pair.records})),
        trained_groups=tuple(sorted({pair.group for pair in order.pairs})),
        trained_policies=tuple(sorted({by for pair in order.pairs for by in (pair.first_by, pair.second_by) if by})),
        trained_languages=tuple(sorted({pair.language for pair in order.pairs})),
        stances=about.stances,
        data=about.data,
        parent=order.parent.name,
        is_simulated=any(pair.is_simulated for pair in order.pairs),
        simulated_share=sum(pair.is_simulated for pair in order.pairs) / len(order.pairs),
        is_from_scratch=about.is_from_scratch,
    )


def _measured(
    card: RewardCard, model: CriteriaRewardModel, tokenizer: Any, held: _Lessons, settings: RewardModelSettings
) -> RewardCard:
    """The card with the calibration that the held-out pairs give and the figures that they show."""
    from primum.rewards.model.folder import Opened
    from primum.rewards.model.scoring import RewardModel

    model.eval()
    items = [item for lesson in held.lessons for item in (lesson.first, lesson.second)]
    logits = [read.scores for read in RewardModel(Opened(model, tokenizer, card)).score(items)]
    both = list(zip(logits[::2], logits[1::2], strict=True))
    labels = read_labels(held.pairs, held.lessons, both)
    calibrated = calibrate(labels, settings.calibration, settings.seed)
    figures = figures_of(labels, read_winners(held.pairs, held.lessons, both), calibrated.chances)
    return msgspec.structs.replace(card, calibration=calibrated.by_head, figures=figures)


def _lessons(pairs: Sequence[PairSample], tokenizer: Any, settings: RewardModelSettings) -> _Lessons:
    layout = Layout(tokenizer, settings.max_tokens, settings.with_criteria)
    found = _Lessons([], [], [], 0, 0)
    for pair in pairs:
        lesson = lesson_of(pair, settings)
        if lesson is None:
            continue
        try:
            length = max(len(layout.pack(item).ids) for item in (lesson.first, lesson.second))
        except InputError:  # its prompt or a criterion has no room
            continue
        found.pairs.append(pair)
        found.lessons.append(lesson)
        found.lengths.append(length)
    return found._replace(left_out=len(pairs) - len(found.pairs), cut=layout.cut)


def _finished(running: Running) -> TrainedReward | None:
    receipt = read_receipt(running)
    if receipt is None:
        return None
    card = msgspec.json.decode((running.out / "reward.json").read_bytes(), type=RewardCard)
    return TrainedReward(
        folder=running.out,
        weights=hash_weights(running.out),
        **{name: receipt[name] for name in ("steps", "pairs", "samples", "masked", "held", "left_out", "cut")},
        losses=tuple(receipt["losses"]),
        figures=card.figures,
    )


def _refuse_nothing(order: _Order, learned: _Lessons, held: _Lessons) -> None:
    place, way_out = str(order.running.out), "give it labelled pairs, or raise max_tokens"
    told = f"{len(order.pairs)} pairs"
    if not any(lesson.known(row) for lesson in learned.lessons for row in range(len(lesson.criteria))):
        raise TrainingError(told, "have no label that could be learned from", way_out, place)
    if order.settings.held_share and not held.lessons:
        raise TrainingError(
            told, "leave none to calibrate on", "give it pairs of two groups or more, or set held_share = 0", place
        )


def _refuse_without(settings: RewardModelSettings) -> None:
    """The packages of a training beyond those of a reading."""
    try:
        import accelerate  # type: ignore[import-untyped]  # noqa: F401

        if settings.lora_rank is not None:
            import peft  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
