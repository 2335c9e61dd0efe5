"""Cycles after deployment: each policy learns from what it met, is validated, passes a gate, and starts again, until a rule stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import to_builtins

from primum.config import read_settings
from primum.cycles.align import branch_steps, policy_of
from primum.cycles.build import bench_step, corpus_step
from primum.cycles.cycling_around import Around
from primum.cycles.cycling_decide import State, decided_step, test_state_step, validated_step
from primum.cycles.cycling_evidence import ArmFinished, CyclesFinished, cycles_data
from primum.cycles.cycling_judging import (
    Guardians,
    guardians_steps,
    judge_facts,
    open_teacher,
    reliability_step,
    second_engine,
)
from primum.cycles.cycling_recipe import ArmChoice, CyclesRecipe
from primum.cycles.cycling_state import rollbacks_of
from primum.cycles.cycling_teach import signals_of_cycle_step
from primum.cycles.cycling_world import World, attacks_step, logged_step, plain_sft_step, start_step
from primum.cycles.evidence import repeat
from primum.cycles.inputs import check_inputs, corpus_folder
from primum.cycles.judges import JudgeSettings
from primum.cycles.steps import Listener, Step, Steps
from primum.cycles.workspace import Workspace
from primum.errors import InputError
from primum.judging.engine import Engine
from primum.model_folder import describe_folder
from primum.records import Approval, Estimate, Rollback, content_hash
from primum.signals.reading import find_logs
from primum.store import Store

__all__ = ["run_cycles"]


class _Gone(NamedTuple):
    """A cycle that was gone through: its number, what it taught and came to, and all that the report says of it."""

    number: int
    signals: Step
    validated: Step
    decided: Step
    told: Step


class _Run(NamedTuple):
    """What the arms of a run share."""

    steps: Steps
    recipe: CyclesRecipe
    world: World
    guardians: Guardians
    second: Engine


def run_cycles(recipe: CyclesRecipe, workspace: Path, listener: Listener, command: str = "") -> dict[str, Any]:
    """Run the cycles of a recipe in a workspace, or go on where they were stopped; what `report.json` holds.

    What the recipe needs from outside is read once before the workspace is touched. A policy that was rolled back goes on from there.
    """
    check_inputs(recipe)
    _check_outside(recipe)
    with Workspace(workspace, is_writer=True) as opened:
        steps = Steps(opened, listener)
        corpus = corpus_step(steps, corpus_folder(recipe.corpus, recipe.data, recipe.name), recipe.corpus.reading)
        bench = bench_step(steps, recipe, corpus, None)
        attacks = attacks_step(steps, recipe, corpus, bench)
        logs = logged_step(steps, recipe, corpus, bench, attacks)
        world = World(steps, corpus, bench, attacks, logs)
        _refuse_one_sided(recipe, world)
        guardians = guardians_steps(steps, recipe, corpus, bench)
        run = _Run(steps, recipe, world, guardians, second_engine(steps, guardians))
        arms = [_arm(run, arm) for arm in recipe.arms]
        finished = CyclesFinished(
            run=content_hash(to_builtins(recipe))[:16],
            corpus=corpus,
            bench=Step(bench.key, bench.outputs | {split: world.outputs[split] for split in ("train", "dev", "test")}),
            attacks=attacks,
            logs=logs,
            teacher=_teacher(recipe, guardians, arms),
            second=judge_facts(guardians.second),
            arms=arms,
        )
        return cycles_data(steps, recipe, finished) | {"repeat": repeat(recipe, command)}


def _check_outside(recipe: CyclesRecipe) -> None:
    """Read what cycles need beside what every run does: folders of policies, logs, the file of an external judge."""
    for arm in recipe.arms:
        if arm.folder is not None:
            describe_folder(Path(arm.folder).expanduser())
    if recipe.logs is not None:
        find_logs([Path(recipe.logs.folder).expanduser()])
    if recipe.judging.external is not None:
        read_settings(Path(recipe.judging.external).expanduser(), JudgeSettings)


def _refuse_one_sided(recipe: CyclesRecipe, world: World) -> None:
    """What the validator would refuse when a cycle had been trained is refused before anything is."""
    asked = [one.harm_level > 0 for one in world.dev(recipe.answering.dev, 0) if one.task == "open"]
    for kind, is_harmful in (("harmful", True), ("harmless", False)):
        if is_harmful not in asked:
            raise InputError(
                "the validator's half of the development split",
                f"has no open request that is {kind}",
                "add situations of that kind, or raise split.dev",
                f"recipe '{recipe.name}'",
            )


def _teacher(recipe: CyclesRecipe, guardians: Guardians, arms: Sequence[ArmFinished]) -> dict[str, Any]:
    """What the report says of who teaches: the guardian with its accuracy, or a judge that the cycles measured by harm level and style."""
    if recipe.judging.teacher == "guardian":
        return judge_facts(guardians.teaching)
    named = arms[0].cycles[0].outputs["teacher"]
    return {"name": named["name"], "kind": named["kind"], "accuracy": None, "id": named["id"]}


def _arm(run: _Run, arm: ArmChoice) -> ArmFinished:
    """One policy through its cycles."""
    steps, recipe, world = run.steps, run.recipe.of_arm(arm), run.world
    start = start_step(steps, recipe, arm.name, world)
    states = [_state(run, recipe, arm, "start", start.outputs["policy"], 0)]
    if recipe.with_plain_sft:
        tuned = plain_sft_step(steps, recipe, arm.name, world, start)
        states.append(_state(run, recipe, arm, "plain SFT", tuned.outputs["policy"], None))
    store, name = steps.workspace.store, recipe.run_of(arm.name)
    gone: list[_Gone] = []
    lines: list[list[_Gone]] = [[]]  # the cycles that the start, and what each cycle ended with, rests on
    policy: str = start.outputs["policy"]
    for number in range(1, recipe.cycles + 1):
        line = lines[-1]
        # Asked anew each time: a cycle that this run makes anew voids what was decided on the one before.
        back = next((one for one in _taken_back(store, name, arm.name, gone) if one.after == number - 1), None)
        if back is not None:
            policy, line = back.policy, lines[back.to]
        elif gone and _is_stopped(gone[-1]):
            break
        gone.append(_cycle(run, recipe, arm.name, number, policy, line))
        lines.append([*line, gone[-1]])
        policy = gone[-1].decided.outputs["policy"]
        states.append(_state(run, recipe, arm, f"cycle {number}", policy, number))
    rolled_back = [_told_back(one) for one in _taken_back(store, name, arm.name, gone)]
    return ArmFinished(arm.name, states, [one.told for one in gone], rolled_back)


def _taken_back(store: Store, name: str, arm: str, gone: Sequence[_Gone]) -> list[Rollback]:
    """The rollbacks that hold of the cycles gone through: those made on these very ones, not on others of the same number."""
    cycles = {one.decided.outputs["cycle"] for one in gone}
    return [one for one in rollbacks_of(store, name, arm).values() if one.cycle in cycles]


def _is_stopped(one: _Gone) -> bool:
    return any(rule["is_stopping"] for rule in one.validated.outputs["stop"])


def _told_back(one: Rollback) -> dict[str, Any]:
    return {"after": one.after, "to": one.to, "reason": one.reason}


def _state(run: _Run, recipe: CyclesRecipe, arm: ArmChoice, label: str, policy: str, cycle: int | None) -> Step:
    return test_state_step(run.steps, recipe, arm.name, run.world, run.second, State(label, policy, cycle))


def _cycle(run: _Run, recipe: CyclesRecipe, arm: str, number: int, policy: str, line: Sequence[_Gone]) -> _Gone:
    """One cycle from the policy with that id; `line` are the cycles before it that still stand."""
    steps = run.steps
    start = Step(policy, {"policy": policy})
    ref = policy_of(steps, start)
    prefix = f"{arm}: cycle {number}: "
    styles = run.world.styles
    reliability = reliability_step(steps, recipe, run.guardians, ref, styles, f"{prefix}reliability")
    with open_teacher(steps, recipe, run.guardians, reliability, ref) as teacher:
        around = Around(steps, recipe, arm, number, run.world, teacher, run.second)
        signals = signals_of_cycle_step(around, start, [one.signals for one in line])
        branches = branch_steps(steps, recipe, start, signals, prefix, _trainable(steps, signals))
        gained = [one.validated.outputs["gained"] for one in line]
        validated = validated_step(around, start, branches, gained)
        accuracy = Estimate(**run.guardians.second.outputs["measured"]["accuracy"])
        decided = decided_step(around, start, branches, validated, accuracy)
    told = _told(number, policy, reliability, signals, branches, validated, decided)
    return _Gone(number, signals, validated, decided, Step(decided.key, told))


def _trainable(steps: Steps, signals: Step) -> list[str]:
    """The branches that there is something to learn for: KTO needs answers of both kinds, DPO a preference."""
    approvals = [
        one for one in steps.workspace.store.get_many(signals.outputs["approvals"]) if isinstance(one, Approval)
    ]
    kinds = {one.is_desirable for one in approvals}
    return ["kto"] * (len(kinds) == 2) + ["dpo"] * bool(signals.outputs["preferences"])


def _told(
    number: int,
    policy: str,
    reliability: Step,
    signals: Step,
    branches: Mapping[str, Step],
    validated: Step,
    decided: Step,
) -> dict[str, Any]:
    counts = dict(signals.outputs["counts"])
    sampled = counts.pop("sampled_tokens")
    return counts | {
        "number": number,
        "before": policy,
        "after": decided.outputs["policy"],
        "judge": {"name": reliability.outputs["judge"]["name"], "routes": reliability.outputs["routes"]},
        "teacher": reliability.outputs["judges"][0],
        "reliability": reliability.outputs["rows"],
        "choice": validated.outputs["choice"],
        "chosen": validated.outputs["choice"]["chosen"],
        "decision": decided.outputs["decision"],
        "is_released": decided.outputs["released"] is not None,
        "stop": validated.outputs["stop"],
        "tokens": {"sampled": sampled, "trained": sum(step.outputs["tokens"] for step in branches.values())},
    }
