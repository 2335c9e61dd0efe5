"""How a cycle ends: the validator's choice, the stop rules, the gate's decision, the release; and each policy on the test split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import to_builtins
from msgspec.structs import replace

from primum import evaluation
from primum.cycles import lessons
from primum.cycles.align import policy_of, policy_subjects
from primum.cycles.answering import Examiner, policy_folder
from primum.cycles.cycling_around import Around
from primum.cycles.cycling_evidence import tested
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.cycling_world import World
from primum.cycles.steps import Made, Step, Steps
from primum.evaluation import choose
from primum.evaluation.metrics import cluster_of
from primum.evaluation.perplexity_table import Loss
from primum.evaluation.stopping import has_gained, stop_rules
from primum.evaluation.validator import Choice
from primum.governance import decide
from primum.judging.engine import Engine
from primum.model_folder import base_of, describe_folder, hash_weights
from primum.models.adapters import merge_adapter
from primum.models.local import render
from primum.models.perplexity import answer_losses
from primum.ports import Progress
from primum.records import ByRule, Cycle, Decision, Estimate, PolicyRef, Record, Report, Scenario, StopRule, plain

__all__ = ["State", "decided_step", "test_state_step", "validated_step"]

# What these rules find is about the new policy: it is not kept. That nothing was gained is about going on.
_DROPPING = ("wrong refusals", "second judge")


def validated_step(around: Around, start: Step, branches: Mapping[str, Step], gained: Sequence[bool]) -> Step:
    """The validator's choice on its half of the dev split, by the teacher's reading, and the stop rules.

    `gained` says of each earlier cycle on this policy's line whether it was a gain.
    """
    steps, recipe = around.steps, around.recipe
    inputs = [
        start.outputs["policy"],
        {name: step.outputs["policy"] for name, step in branches.items()},
        around.world.key,
    ]
    inputs += [
        around.teacher.ref.id,
        around.second.ref.id,
        recipe.validator,
        recipe.stop,
        recipe.answering,
        list(gained),
    ]

    def make(_key: str, progress: Progress) -> Made:
        scenarios = [one for one in around.world.dev(recipe.answering.dev, 0) if one.task == "open"]
        teacher, second = around.examiner(around.teacher), around.examiner(around.second)
        old = teacher.examine(policy_of(steps, start), scenarios, progress)
        read = {name: teacher.examine(policy_of(steps, step), scenarios, progress) for name, step in branches.items()}
        choice = choose(old, read, recipe.validator)
        new = old if choice.chosen == "keep" else read[choice.chosen]
        chosen = start if choice.chosen == "keep" else branches[choice.chosen]
        rules = stop_rules(
            choice,
            gained,
            old,
            new,
            second.examine(policy_of(steps, start), scenarios, progress),
            second.examine(policy_of(steps, chosen), scenarios, progress),
            recipe.stop,
        )
        outputs = {
            "policy": chosen.outputs["policy"],
            "choice": to_builtins(choice._asdict()),
            "gained": has_gained(choice),
            "stop": [plain(rule) for rule in rules],
            "abstained": {
                name: sum(row.judgement.stance == "abstained" for row in rows)
                for name, rows in (("old", old), *read.items())
            },
        }
        return Made(outputs, [], _told(choice, rules), [chosen.outputs["policy"]])

    return steps.do(around.name("validator"), "Choosing a branch, or none, on the development split", inputs, make)


def _told(choice: Choice, rules: Sequence[StopRule]) -> str:
    stopping = [rule.name for rule in rules if rule.is_stopping]
    return choice.reasons[-1] + (f"; stops by {', '.join(stopping)}" if stopping else "")


def decided_step(
    around: Around, start: Step, branches: Mapping[str, Step], validated: Step, accuracy: Estimate
) -> Step:
    """The gate's decision on the other half of the dev split, by the second judge's reading; the release; and the cycle's record.

    A policy that is promoted is released, its adapters merged into whole weights. One that is held is where the next cycle starts, and is
    not released. One that is refused, or that a stop rule speaks against, is dropped.
    """
    steps, recipe = around.steps, around.recipe
    chosen: str = validated.outputs["choice"]["chosen"]
    rules = tuple(StopRule(**rule) for rule in validated.outputs["stop"])
    is_dropped = chosen == "keep" or any(rule.is_stopping and rule.name in _DROPPING for rule in rules)
    inputs = [
        validated.key,
        start.outputs["policy"],
        around.world.key,
        around.second.ref.id,
        recipe.gate,
        plain(accuracy),
    ]
    # The cycle names its run, by which its state is found again: settings that change nothing here change that.
    inputs += [recipe.answering, around.number, recipe.run_of(around.arm)]

    def make(key: str, progress: Progress) -> Made:
        old, new = policy_of(steps, start), policy_of(steps, validated)
        records: list[Record] = []
        decision: Decision | None = None
        released: PolicyRef | None = None
        if not is_dropped:
            report = _report(around, old, new, progress)
            decision = decide(report, new.id, recipe.gate, {"accuracy": accuracy})
            records += [report, decision]
            if decision.decision == "promote":
                released = _released(steps, new, steps.workspace.artifact("released", key))
                records += [] if released.id == new.id else [released]
        after = old if decision is None or decision.decision == "refuse" else new
        cycle = Cycle(
            run=recipe.run_of(around.arm),
            recipe=recipe.name,
            arm=around.arm,
            number=around.number,
            before=old.id,
            after=after.id,
            chosen=chosen,  # type: ignore[arg-type]  # the branches are called so
            judge=around.teacher.ref.id,
            second_judge=around.second.ref.id,
            branches=tuple((name, step.outputs["policy"]) for name, step in branches.items()),
            decision=None if decision is None else decision.id,
            released=None if released is None else released.id,
            stop=rules,
        )
        outputs = {
            "cycle": cycle.id,
            "policy": after.id,
            "decision": None if decision is None else decision.id,
            "released": None if released is None else released.id,
        }
        told = "the policy stays as it was" if decision is None else f"{decision.decision} the {chosen.upper()} branch"
        subjects = [cycle.id, *policy_subjects(after if released is None else released)]
        return Made(outputs, [*around.teacher.refs, *around.second.refs, *records, cycle], told, subjects)

    return steps.do(around.name("gate"), "Deciding whether the policy may be released", inputs, make)


def _report(around: Around, old: PolicyRef, new: PolicyRef, progress: Progress) -> Report:
    """Both policies on the gate's half of the dev split, by the second judge."""
    scenarios = around.world.dev(around.recipe.answering.dev, 1)
    examiner = around.examiner(around.second)
    first, second = examiner.examine(old, scenarios, progress), examiner.examine(new, scenarios, progress)
    return Report(
        run=around.recipe.run_of(around.arm),
        recipe=around.recipe.name,
        before=old.id,
        after=new.id,
        judge=around.second.ref.id,
        comparisons=evaluation.compare(first, second),
        judgements=tuple(row.judgement.id for row in [*first, *second]),
    )


def _released(steps: Steps, policy: PolicyRef, out: Path) -> PolicyRef:
    """The policy as it is released: whole weights. One that has no adapter is released as it stands."""
    folder = policy_folder(steps.workspace, policy)
    if base_of(folder) is None:
        return policy
    merge_adapter(folder, out)
    architecture, parameters = describe_folder(out)
    return replace(
        policy,
        name=f"{policy.name}, merged",
        path=steps.workspace.relative(out),
        weights=hash_weights(out),
        architecture=architecture,
        parameters=parameters,
        made=ByRule(rule="models.merge_adapter"),
        parent=policy.id,
        trained_on=(),
    )


class State(NamedTuple):
    """A policy to be measured: what it is called in its arm (`start`, `cycle 2`), its id, and the cycle it ended (`None`: plain SFT)."""

    label: str
    policy: str
    cycle: int | None


def test_state_step(steps: Steps, recipe: CyclesRecipe, arm: str, world: World, second: Engine, state: State) -> Step:
    """A policy on the test split, by the second judge, and how likely it finds the answers to plain medical questions there."""
    inputs = [state.policy, world.key, second.ref.id, recipe.answering, state.label]
    inputs += [recipe.policy.answer_characters_en, recipe.policy.answer_characters_zh]

    def make(_key: str, progress: Progress) -> Made:
        ref = steps.workspace.store.get(state.policy)
        assert isinstance(ref, PolicyRef)
        scenarios = world.test(recipe.answering.test)
        rows = Examiner(steps, world.situations, second, recipe.answering, recipe.policy.threads).examine(
            ref, scenarios, progress
        )
        asked = [one for one in scenarios if _is_plain(one)]
        losses = _losses(steps, recipe, ref, asked)
        found = tested(rows, losses)
        outputs = found | {"label": state.label, "cycle": state.cycle, "policy": state.policy}
        return Made(outputs, [*second.refs], _told_measures(found["measures"]))

    return steps.do(f"{arm}: test {state.label}", "Answering the held-out situations", inputs, make)


def _is_plain(scenario: Scenario) -> bool:
    return (
        scenario.task == "open"
        and scenario.harm_level == 0
        and not scenario.is_borderline
        and scenario.rewrites is None
        and scenario.reference is not None
    )


def _losses(steps: Steps, recipe: CyclesRecipe, ref: PolicyRef, asked: Sequence[Scenario]) -> list[Loss]:
    rows = [(render(one), lessons.good(one, {}, recipe.policy, recipe.seed).response.text) for one in asked]
    told = answer_losses(policy_folder(steps.workspace, ref), rows, recipe.policy.threads)
    return [
        Loss(scenario=one.id, cluster=cluster_of(one), nll=loss.nll, tokens=loss.tokens)
        for one, loss in zip(asked, told, strict=True)
        if loss is not None
    ]


def _told_measures(measures: Mapping[str, Any]) -> str:
    wanted = ("unsafe_compliance", "wrong_refusal", "wrong_refusal_borderline", "unusable")
    return "; ".join(f"{name.replace('_', ' ')} {measures[name]['value']:.1%}" for name in wanted if name in measures)
