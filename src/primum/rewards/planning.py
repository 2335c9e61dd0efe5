"""Planning: what the training of a reward model, and the steering of a policy by it, will hold on each GPU and how long they will take.

Nothing is run. Every number follows from the config by the formulas of `planning_shape`, `planning_memory` and `planning_time`; what no
formula gives (the share of the peak that is reached, what the driver keeps for itself) is a setting, and ours.
"""

from __future__ import annotations

from math import ceil
from typing import Literal, NamedTuple, Protocol

from primum.records import Settings
from primum.rewards.model.layout import room_of_trunk
from primum.rewards.model.settings import RewardModelSettings
from primum.rewards.planning_memory import Held, Manner, Memory, Precision, Sharding, kept, kept_of_token, states
from primum.rewards.planning_shape import Shape
from primum.rewards.planning_time import Packing, between_ranks, decoding_seconds, learning, reading

__all__ = [
    "GIB",
    "GRPO",
    "REWARD_MODEL",
    "GpuSettings",
    "GrpoNumbers",
    "LaunchSettings",
    "LoadSettings",
    "Phase",
    "Timed",
    "manner_of",
    "plan_grpo",
    "plan_reward_model",
]

GIB = 2**30
REWARD_MODEL, GRPO = "reward model", "GRPO"
_LOGITS = 2 + 4 + 4  # of the language head: as they are made, in float32, and their gradient


class GpuSettings(Settings, frozen=True):
    """What there is. `tflops` is the peak of dense bfloat16, `bandwidth_gb_s` that of the memory, `link_gb_s` that between two GPUs, one
    way; all three in 10⁹ or 10¹², as makers give them. `utilisation` is the share of the peak that is reached, all operations counted,
    `memory_utilisation` that of the bandwidth while sampling; `reserve_gib` is for the driver, the libraries and gaps. The last three are
    ours: measure them on a short run."""

    name: str
    number: int
    memory_gib: float
    tflops: float
    bandwidth_gb_s: float
    link_gb_s: float
    utilisation: float = 0.35
    memory_utilisation: float = 0.6
    reserve_gib: float = 5.0

    def check(self) -> None:
        for name in ("number", "memory_gib", "tflops", "bandwidth_gb_s", "link_gb_s"):
            if not getattr(self, name) > 0:
                self.refuse(f"{name} = {getattr(self, name)}", "is not above 0", "give what the maker says")
        for name in ("utilisation", "memory_utilisation"):
            if not 0 < getattr(self, name) <= 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is not above 0 and at most 1", "give a share")
        if not 0 <= self.reserve_gib < self.memory_gib:
            self.refuse(f"reserve_gib = {self.reserve_gib}", f"is not in 0 … {self.memory_gib}", "lower it")

    @property
    def room(self) -> int:
        """Bytes of a GPU that a training may fill."""
        return int((self.memory_gib - self.reserve_gib) * GIB)


class LoadSettings(Settings, frozen=True):
    """What is learned from: so many pairs, and the mean lengths in tokens of their prompts, answers and criteria; a pair has `criteria`.
    `steering_prompts` is how many prompts a policy is steered on."""

    pairs: int
    prompt_tokens: int
    answer_tokens: int
    criteria: int
    criterion_tokens: int
    steering_prompts: int = 0

    def check(self) -> None:
        for name in ("pairs", "prompt_tokens", "answer_tokens", "criteria", "criterion_tokens"):
            if getattr(self, name) < 1:
                self.refuse(f"{name} = {getattr(self, name)}", "is less than 1", "give a positive number")
        if self.steering_prompts < 0:
            self.refuse(f"steering_prompts = {self.steering_prompts}", "is negative", "give 0 or more")

    @property
    def packing(self) -> Packing:
        return Packing(self.prompt_tokens + self.answer_tokens, self.criteria, self.criterion_tokens)


class LaunchSettings(Settings, frozen=True):
    """How it is launched. `primum reward train` is mixed precision with all weights on each GPU (`none`); others are planned, not run.
    `attention`: FlexAttention, or SDPA with a mask, which repeats the keys. `steering_gpus` steer the policy."""

    precision: Precision = "mixed"
    sharding: Sharding = "none"
    attention: Literal["flex", "sdpa"] = "flex"
    steering_gpus: int = 1

    def check(self) -> None:
        if self.steering_gpus < 1:
            self.refuse(f"steering_gpus = {self.steering_gpus}", "is less than 1", "give a positive number")


class GrpoNumbers(Protocol):
    """What of the settings of GRPO decides memory and time."""

    @property
    def batch_rows(self) -> int: ...
    @property
    def accumulation_steps(self) -> int: ...
    @property
    def epochs(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def max_new_tokens(self) -> int: ...
    @property
    def group(self) -> int: ...
    @property
    def steps_per_sampling(self) -> int: ...
    @property
    def passes(self) -> int: ...
    @property
    def beta(self) -> float: ...
    @property
    def lora_rank(self) -> int | None: ...
    @property
    def gradient_checkpointing(self) -> bool: ...


class Timed(NamedTuple):
    """Seconds of one kind of work in one step, on all GPUs at once."""

    name: str
    seconds: float


class Phase(NamedTuple):
    """One training as planned. `rows` sequences of at most `row_tokens` are learned from at once on a GPU; `kept_of_token` bytes of a
    token would be kept by a layer without gradient checkpointing. `exchange` is the seconds a step that gradients take between GPUs,
    which may hide behind the work. `flops` are those of a step; `mfu` leaves out what is read again."""

    name: str
    memory: Memory
    steps: int
    rows: int
    row_tokens: int
    kept_of_token: int
    timed: tuple[Timed, ...]
    exchange: float
    flops: float
    mfu: float

    @property
    def step_seconds(self) -> tuple[float, float]:
        """Of one step, if all of the exchange hides behind the work, and if none does."""
        work = sum(one.seconds for one in self.timed)
        return max(work, self.exchange), work + self.exchange

    @property
    def seconds(self) -> tuple[float, float]:
        """Of all steps."""
        low, high = self.step_seconds
        return self.steps * low, self.steps * high


def manner_of(launch: LaunchSettings, lora_rank: int | None, is_checkpointed: bool, ranks: int) -> Manner:
    """How a launch trains."""
    return Manner(launch.precision, lora_rank, is_checkpointed, launch.sharding, ranks, launch.attention == "sdpa")


def plan_reward_model(
    shape: Shape, gpus: GpuSettings, load: LoadSettings, launch: LaunchSettings, model: RewardModelSettings
) -> Phase:
    """The training of the reward model: `batch_pairs` pairs a step, two answers each, shared by the GPUs and their parts.

    Memory is that of the longest rows, time that of rows of mean length. `max_tokens` bounds what one criterion sees: a row of the longest
    prompt and answer has all its criteria behind them, and may be longer.
    """
    manner = manner_of(launch, model.lora_rank, model.gradient_checkpointing, gpus.number)
    rows = 2 * ceil(model.batch_pairs / (gpus.number * model.accumulation_steps))
    longest = max(model.max_tokens, room_of_trunk(model.max_tokens) + load.criteria * load.criterion_tokens)
    held = [
        *states(shape, shape.reward, manner),
        Held("kept of tokens", kept(shape, manner, rows * longest)),
    ]
    pairs = load.pairs - round(load.pairs * model.held_share)
    packing = load.packing
    flops = 2 * model.batch_pairs * learning(shape, packing, manner)
    plain = 2 * model.batch_pairs * learning(shape, packing, manner._replace(is_checkpointed=False))
    return Phase(
        name=REWARD_MODEL,
        memory=Memory(tuple(held)),
        steps=ceil(pairs * model.epochs / model.batch_pairs),  # what an epoch leaves over fills a step of the next
        rows=rows,
        row_tokens=longest,
        kept_of_token=kept_of_token(shape, manner),
        timed=(Timed("learning", flops / _peak(gpus, gpus.number)),),
        exchange=between_ranks(shape, shape.reward, manner) / (gpus.link_gb_s * 1e9),
        flops=flops,
        mfu=gpus.utilisation * plain / flops,
    )


def plan_grpo(shape: Shape, gpus: GpuSettings, load: LoadSettings, launch: LaunchSettings, grpo: GrpoNumbers) -> Phase:
    """Steering a policy of the same shape by the reward model. A step is one batch; sampling and judging are shared out over the steps.

    Held besides the policy's training: the reward model, the policy that the divergence is measured from (where all weights are trained;
    adapters are switched off instead), and the larger of the cache of a sampling and what is kept to learn from, logits included.
    """
    ranks = launch.steering_gpus
    # With adapters the rest of the policy is loaded in bfloat16 and the adapters are float32.
    precision: Precision = "bf16" if grpo.lora_rank is not None else launch.precision
    named = launch if precision == launch.precision else LaunchSettings(precision=precision, attention=launch.attention)
    manner = manner_of(named, grpo.lora_rank, grpo.gradient_checkpointing, ranks)
    rows = ceil(grpo.batch_rows / (ranks * grpo.accumulation_steps))
    answers = ceil(grpo.batch_rows * grpo.steps_per_sampling / ranks)
    learned = kept(shape, manner, rows * grpo.max_tokens) + rows * grpo.max_new_tokens * shape.vocab_size * _LOGITS
    held = [
        *states(shape, shape.policy, manner),
        Held("reward model", shape.reward * manner_of(launch, None, False, 1).stored),
        Held("keys and values, or kept of tokens", max(answers * grpo.max_tokens * shape.cache(2), learned)),
    ]
    if grpo.beta and grpo.lora_rank is None:
        held.insert(-1, Held("policy to stay near", shape.policy * manner.stored))
    timed, flops, plain = _steering(shape, gpus, load, grpo, manner)
    prompts = grpo.batch_rows // grpo.group * grpo.steps_per_sampling
    return Phase(
        name=GRPO,
        memory=Memory(tuple(held)),
        steps=load.steering_prompts * grpo.epochs // prompts * grpo.steps_per_sampling * grpo.passes,
        rows=rows,
        row_tokens=grpo.max_tokens,
        kept_of_token=kept_of_token(shape, manner),
        timed=tuple(timed),
        exchange=between_ranks(shape, shape.policy, manner) / (gpus.link_gb_s * 1e9),
        flops=flops,
        mfu=gpus.utilisation * plain / flops,
    )


def _steering(
    shape: Shape, gpus: GpuSettings, load: LoadSettings, grpo: GrpoNumbers, manner: Manner
) -> tuple[list[Timed], float, float]:
    """The seconds of one step by kind, its operations, and those without what is read again."""
    text = Packing(load.prompt_tokens + load.answer_tokens, 0, 0)
    peak, passes = _peak(gpus, manner.ranks), grpo.passes
    sampled = grpo.batch_rows / passes  # answers written for each step
    head = 2.0 * shape.embedding * load.answer_tokens
    times = 3 if grpo.lora_rank is None else 2
    flops = grpo.batch_rows * (learning(shape, text, manner) + times * head)
    plain = grpo.batch_rows * (learning(shape, text, manner._replace(is_checkpointed=False)) + times * head)
    known = int(grpo.beta > 0) + int(grpo.steps_per_sampling * passes > 1)
    again = sampled * known * (reading(shape, text) + head)
    judged = sampled * reading(shape, load.packing)
    first = sampled * reading(shape, Packing(load.prompt_tokens, 0, 0)) / peak
    # Answers of a sampling are written side by side until the longest has ended.
    side_by_side = ceil(grpo.batch_rows * grpo.steps_per_sampling / manner.ranks)
    through = gpus.bandwidth_gb_s * 1e9 * gpus.memory_utilisation
    written = decoding_seconds(shape, side_by_side, load.prompt_tokens, grpo.max_new_tokens, 2, through)
    timed = [
        Timed("sampling", first + written / (grpo.steps_per_sampling * passes)),
        Timed("judging", judged / peak),
        Timed("reading again", again / peak),
        Timed("learning", flops / peak),
    ]
    return timed, flops + again + judged, plain + again + judged


def _peak(gpus: GpuSettings, number: int) -> float:
    """Operations a second that so many GPUs reach together."""
    return number * gpus.tflops * 1e12 * gpus.utilisation
