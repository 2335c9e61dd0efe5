"""Planning a run of a reward model on GPUs: a recipe is read and checked whole; what does not fit is refused, with what would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from primum.config import read_settings
from primum.errors import PrimumError, SettingError
from primum.records import Settings
from primum.rewards import RewardSettings
from primum.rewards.model import RewardModelSettings
from primum.rewards.model.layout import room_of_trunk
from primum.rewards.planning import (
    GIB,
    REWARD_MODEL,
    GpuSettings,
    LaunchSettings,
    LoadSettings,
    Phase,
    manner_of,
    plan_grpo,
    plan_reward_model,
)
from primum.rewards.planning_memory import trained_of
from primum.rewards.planning_shape import Shape
from primum.training import GroupWatchSettings, GrpoSettings

__all__ = ["Plan", "PlanRecipe", "make_plan", "plan_reward", "told_plan"]

_RANK = 64  # of adapters, where they are advised


class PlanRecipe(Settings, frozen=True, kw_only=True):
    """A run that is planned: the backbone by the values of its config, the GPUs, what is learned from, and the very settings that
    `primum reward train` and GRPO take. Without `grpo` no policy is steered."""

    name: str
    title: str
    kind: Literal["reward model plan"]
    backbone: Shape
    gpus: GpuSettings
    load: LoadSettings
    launch: LaunchSettings = LaunchSettings()
    model: RewardModelSettings = RewardModelSettings()
    reward: RewardSettings = RewardSettings()
    grpo: GrpoSettings | None = None
    watch: GroupWatchSettings = GroupWatchSettings()

    def check(self) -> None:
        _check_model(self)
        if self.grpo is not None:
            _check_grpo(self, self.grpo)


def _check_model(recipe: PlanRecipe) -> None:
    model, load, gpus = recipe.model, recipe.load, recipe.gpus
    trunk = load.prompt_tokens + load.answer_tokens
    if trunk > room_of_trunk(model.max_tokens) or trunk + load.criterion_tokens > model.max_tokens:
        recipe.refuse(
            f"model.max_tokens = {model.max_tokens}",
            f"has no room for a prompt, an answer and a criterion of mean length ({trunk} and {load.criterion_tokens} tokens)",
            "raise it: a fourth is kept for the criterion",
        )
    if model.max_tokens > recipe.backbone.max_position_embeddings:
        recipe.refuse(
            f"model.max_tokens = {model.max_tokens}",
            f"is more than the backbone has positions ({recipe.backbone.max_position_embeddings})",
            "lower it",
        )
    if model.batch_pairs < gpus.number * model.accumulation_steps:
        recipe.refuse(
            f"model.batch_pairs = {model.batch_pairs}",
            f"leaves some of {gpus.number} GPUs × {model.accumulation_steps} parts without a pair",
            "raise it, or lower accumulation_steps",
        )
    if model.processes is not None and model.processes != gpus.number:
        recipe.refuse(
            f"model.processes = {model.processes}", f"is not gpus.number = {gpus.number}", "make them the same"
        )
    if gpus.number == 1 and recipe.launch.sharding != "none":
        recipe.refuse(f"launch.sharding = {recipe.launch.sharding!r}", "needs more than one GPU", "leave it out")


def _check_grpo(recipe: PlanRecipe, grpo: GrpoSettings) -> None:
    load, ranks = recipe.load, recipe.launch.steering_gpus
    if load.prompt_tokens + load.answer_tokens > grpo.max_tokens or load.answer_tokens > grpo.max_new_tokens:
        recipe.refuse(
            f"grpo.max_tokens = {grpo.max_tokens}, max_new_tokens = {grpo.max_new_tokens}",
            f"are less than a mean prompt ({load.prompt_tokens}) and answer ({load.answer_tokens})",
            "raise them",
        )
    if grpo.max_tokens > recipe.backbone.max_position_embeddings:
        recipe.refuse(
            f"grpo.max_tokens = {grpo.max_tokens}",
            f"is more than the backbone has positions ({recipe.backbone.max_position_embeddings})",
            "lower it",
        )
    if ranks > recipe.gpus.number:
        recipe.refuse(f"launch.steering_gpus = {ranks}", f"is more than gpus.number = {recipe.gpus.number}", "lower it")
    if grpo.batch_rows % (ranks * grpo.accumulation_steps):
        recipe.refuse(
            f"grpo.batch_rows = {grpo.batch_rows}",
            f"cannot be shared by {ranks} GPUs × {grpo.accumulation_steps} parts",
            "give a multiple of that",
        )
    if load.steering_prompts * grpo.epochs < grpo.prompts_per_sampling:
        recipe.refuse(
            f"load.steering_prompts = {load.steering_prompts}",
            f"are fewer than GRPO samples from at once ({grpo.prompts_per_sampling})",
            "raise it, or leave out [grpo]",
        )


class Plan(NamedTuple):
    """A recipe and its trainings as planned; `notes` say what of it Primum does not run by itself."""

    recipe: PlanRecipe
    phases: tuple[Phase, ...]
    notes: tuple[str, ...]


def plan_reward(path: Path, overrides: Sequence[str] = (), is_anyway: bool = False) -> Plan:
    """The plan of the recipe in `path`.

    Raises `SettingError` for a recipe that is not right, and for one that does not fit into the memory of its GPUs, with what would make
    it fit, unless it is meant to be shown anyway.
    """
    recipe = read_settings(path, PlanRecipe, overrides)
    plan = make_plan(recipe)
    for phase in plan.phases:
        if phase.memory.total > recipe.gpus.room and not is_anyway:
            raise _too_large(recipe, phase, str(path))
    return plan


def make_plan(recipe: PlanRecipe) -> Plan:
    """The plan of a recipe, whether it fits or not."""
    return Plan(recipe, tuple(_phases(recipe)), tuple(_notes(recipe)))


def told_plan(plan: Plan) -> dict[str, Any]:
    """A plan as plain data; sizes in GiB, times in seconds."""
    recipe, shape = plan.recipe, plan.recipe.backbone
    packing = recipe.load.packing
    manner = manner_of(recipe.launch, recipe.model.lora_rank, recipe.model.gradient_checkpointing, recipe.gpus.number)
    return {
        "name": recipe.name,
        "title": recipe.title,
        "gpus": {"name": recipe.gpus.name, "number": recipe.gpus.number, "memory_gib": recipe.gpus.memory_gib},
        "parameters": {
            "reward_model": shape.reward,
            "policy": shape.policy,
            "trained": trained_of(shape, shape.reward, manner),
        },
        "packing": {"tokens": packing.tokens, "apart": packing.apart, "times_fewer": packing.apart / packing.tokens},
        "room_gib": recipe.gpus.room / GIB,
        "phases": [_told_phase(phase, recipe.gpus.room) for phase in plan.phases],
        "seconds": [sum(phase.seconds[side] for phase in plan.phases) for side in (0, 1)],
        "notes": list(plan.notes),
    }


def _told_phase(phase: Phase, room: int) -> dict[str, Any]:
    return {
        "name": phase.name,
        "memory": [{"what": one.name, "gib": one.size / GIB} for one in phase.memory.held],
        "memory_gib": phase.memory.total / GIB,
        "fits": phase.memory.total <= room,
        "steps": phase.steps,
        "rows_at_once": phase.rows,
        "row_tokens": phase.row_tokens,
        "bytes_a_token_and_layer": phase.kept_of_token,
        "step": [{"what": one.name, "seconds": one.seconds} for one in phase.timed],
        "exchange_seconds": phase.exchange,
        "step_seconds": list(phase.step_seconds),
        "seconds": list(phase.seconds),
        "petaflops_a_step": phase.flops / 1e15,
        "mfu": phase.mfu,
    }


def _phases(recipe: PlanRecipe) -> Iterator[Phase]:
    shape, gpus, load, launch = recipe.backbone, recipe.gpus, recipe.load, recipe.launch
    yield plan_reward_model(shape, gpus, load, launch, recipe.model)
    if recipe.grpo is not None:
        yield plan_grpo(shape, gpus, load, launch, recipe.grpo)


def _notes(recipe: PlanRecipe) -> Iterator[str]:
    launch = recipe.launch
    yield (
        "Nothing was run: memory and time follow from the config. utilisation, memory_utilisation and reserve_gib are guesses until a "
        "short run has measured them."
    )
    if launch.sharding != "none" or launch.precision != "mixed":
        yield (
            f"primum reward train keeps all weights on each GPU in mixed precision; precision {launch.precision!r} with sharding "
            f"{launch.sharding!r} is planned for another trainer."
        )
    if recipe.grpo is not None and launch.steering_gpus > 1:
        yield (
            f"Primum's own GRPO runs in one process: on {launch.steering_gpus} GPUs another engine steers, with the reward that "
            "primum reward export or primum reward serve gives it."
        )


def _too_large(recipe: PlanRecipe, phase: Phase, place: str) -> SettingError:
    gpus = recipe.gpus
    number = gpus.number if phase.name == REWARD_MODEL else recipe.launch.steering_gpus
    largest = max(phase.memory.held, key=lambda one: one.size)
    return SettingError(
        f"{phase.name} on {number} × {gpus.name}",
        f"needs {phase.memory.total / GIB:.1f} GiB on a GPU that has room for {gpus.room / GIB:.1f} ({largest.name}: "
        f"{largest.size / GIB:.1f})",
        _way_out(recipe, phase.name),
        place,
    )


def _way_out(recipe: PlanRecipe, name: str) -> str:
    """The first settings, added one after another where one is not enough, with which this training fits."""
    room, told = recipe.gpus.room, dict[str, str]()
    changed, least = recipe, _needed(recipe, name)
    for key, value, following in _remedies(recipe, name):
        alone = _needed(following(recipe), name)
        if alone <= room:
            return f"set {key} = {value} ({alone / GIB:.1f} GiB)"
        try:
            further = following(changed)
        except PrimumError:  # it does not go with what was changed before
            continue
        together = _needed(further, name)
        if together < least:
            changed, least, told = further, together, told | {key: value}
        if least <= room:
            return f"set {' and '.join(f'{key} = {value}' for key, value in told.items())} ({least / GIB:.1f} GiB)"
    return "take GPUs with more memory, or a smaller backbone: nothing that can be set makes it fit"


def _needed(recipe: PlanRecipe, name: str) -> int:
    return next(phase.memory.total for phase in _phases(recipe) if phase.name == name)


def _remedies(recipe: PlanRecipe, name: str) -> Iterator[tuple[str, str, Callable[[PlanRecipe], PlanRecipe]]]:
    """What may be changed, the least costly first: the setting, its value, and what it makes of a recipe."""
    is_model = name == REWARD_MODEL
    part, own = ("model", recipe.model) if is_model else ("grpo", recipe.grpo)
    assert own is not None
    ranks = recipe.gpus.number if is_model else recipe.launch.steering_gpus
    rows = recipe.model.batch_pairs if isinstance(own, RewardModelSettings) else own.batch_rows

    def put(**values: Any) -> Callable[[PlanRecipe], PlanRecipe]:
        return lambda of: replace(of, **{part: replace(getattr(of, part), **values)})

    if not own.gradient_checkpointing:
        yield f"{part}.gradient_checkpointing", "true", put(gradient_checkpointing=True)
    parts = own.accumulation_steps
    while rows % (parts * 2 * ranks) == 0:
        parts *= 2
        yield f"{part}.accumulation_steps", str(parts), put(accumulation_steps=parts)
    while not is_model and ranks * 2 <= recipe.gpus.number and rows % (own.accumulation_steps * ranks * 2) == 0:
        ranks *= 2
        yield "launch.steering_gpus", str(ranks), _on_gpus(ranks)
    while not is_model and rows % 2 == 0 and _is_batch(rows // 2, recipe):
        rows //= 2
        yield "grpo.batch_rows", str(rows), put(batch_rows=rows)
    if own.lora_rank is None:
        yield f"{part}.lora_rank", str(_RANK), put(lora_rank=_RANK)
    if ranks > 1 and recipe.launch.sharding != "fsdp":
        yield "launch.sharding", '"fsdp"', lambda of: replace(of, launch=replace(of.launch, sharding="fsdp"))


def _on_gpus(number: int) -> Callable[[PlanRecipe], PlanRecipe]:
    return lambda of: replace(of, launch=replace(of.launch, steering_gpus=number))


def _is_batch(rows: int, recipe: PlanRecipe) -> bool:
    """Whether GRPO may take so many answers a step, in as many parts as before."""
    assert recipe.grpo is not None
    return rows % recipe.grpo.group == 0 and rows % (recipe.grpo.accumulation_steps * recipe.launch.steering_gpus) == 0
