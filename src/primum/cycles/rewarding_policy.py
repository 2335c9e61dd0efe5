"""The end of a run of a reward model: the policy is steered by it under watch, and a judge that gave no reward tells what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from primum import evaluation
from primum.cycles import lessons
from primum.cycles.align import policy_of, policy_ref, policy_subjects
from primum.cycles.answering import Examiner, Situations, draw_for_test, policy_folder
from primum.cycles.examples import examples
from primum.cycles.rewarding_recipe import RewardRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.evaluation import Judged
from primum.evaluation.metrics import cluster_of
from primum.evaluation.rubric_table import RubricAnswer, rubric_compare
from primum.judging.engine import Engine
from primum.judging.usable import unusable_reason
from primum.models.local import render
from primum.ports import Progress
from primum.records import ByRule, Comparison, Criterion, Report, Response, Scenario, content_hash, plain
from primum.rewards.model_reward import ModelReward, query_of
from primum.rewards.rubric_reward import RubricReward, Scored
from primum.training import GroupWatch, GrpoRow, RewardSource, train_grpo

if TYPE_CHECKING:
    from primum.rewards.model import RewardModel

__all__ = ["readers_step", "steer_step", "steered", "test_reward_step", "tested"]

HELD, MODEL, RUBRIC = "held-back judge", "reward model", "rubric"
_TOLD = ("veto_rate", "proficiency")


def steer_step(
    steps: Steps, recipe: RewardRecipe, bench: Step, start: Step, model: Step, engine: Engine, held: Engine
) -> Step:
    """GRPO from the start policy, on situations of the train split; the held-back judge reads answers to others, and earns nothing."""
    inputs: list[object] = [start.key, bench.key, model.key, engine.ref.id, held.ref.id]
    inputs += [recipe.steering, recipe.reward, recipe.grpo, recipe.watch, recipe.seed]

    def make(key: str, progress: Progress) -> Made:
        situations = Situations(steps, bench.outputs)
        asked, watched = steered(situations, recipe)
        taught, unseen = _scored(situations, asked), _scored(situations, watched)
        from primum.rewards.model import RewardModel  # loads torch

        reward_model = RewardModel.load(steps.workspace.folder / model.outputs["folder"], threads=recipe.policy.threads)
        by_model = _by_model(recipe, reward_model, [*taught, *unseen])
        by_rubric = _by_rubric(recipe, engine, [*taught, *unseen], RUBRIC, recipe.steering.rubric)
        sources = [one for one in (by_model, by_rubric) if one.weight > 0]
        watch = GroupWatch(
            settings=recipe.watch,
            held=_by_rubric(recipe, held, unseen, HELD, 1.0),
            held_rows=_rows(watched),
            second=by_rubric if by_rubric not in sources else None,
            is_unusable=_unusable({one.id: one for one in asked}),
        )
        parent, out = policy_of(steps, start), steps.workspace.artifact("grpo", key)
        folder = policy_folder(steps.workspace, parent)
        done = train_grpo(folder, _rows(asked), sources, recipe.grpo, out, watch, progress)
        paid = ((model.outputs["judge"], recipe.steering.model), (engine.ref.id, recipe.steering.rubric))
        learned = [*(id for id, weight in paid if weight > 0), *(bench.outputs["rubrics"][one.id] for one in asked)]
        ref = policy_ref(steps, recipe.name, done.trained, "grpo", parent, learned, recipe.grpo)
        state = done.watch
        outputs = {
            "policy": ref.id,
            "watch": plain(state),
            "logged": plain(done.logged),
            "sources": [{"name": one.name, "weight": one.weight} for one in sources],
            "stopped": None if state.stopped is None else plain(state.stopped),
            "asked": len(asked),
            "watched": len(watched),
        }
        note = f"{done.trained.steps} steps on {len(asked)} situations, {len(state.findings)} findings"
        if state.stopped is not None:
            note += f"; stopped: {state.stopped.reason}"
        return Made(outputs, [*engine.refs, ref], note, policy_subjects(ref))

    return steps.do("grpo", "Steering the policy by the reward, under watch", inputs, make)


def steered(situations: Situations, recipe: RewardRecipe) -> tuple[list[Scenario], list[Scenario]]:
    """The situations that the policy is steered on, and those on which the held-back judge watches it."""
    asked = lessons.choose(situations.of("train"), recipe.steering.rows, recipe.seed + 3)
    return asked, lessons.choose(situations.of("dev"), recipe.steering.held, recipe.seed + 4)


def _scored(situations: Situations, asked: Sequence[Scenario]) -> list[Scored]:
    criteria = situations.criteria(asked)
    return [Scored(one, criteria[one.id]) for one in asked]


def _rows(asked: Sequence[Scenario]) -> list[GrpoRow]:
    return [GrpoRow(render(one), one.id, cluster_of(one)) for one in asked]


def _by_model(recipe: RewardRecipe, model: RewardModel, queries: Sequence[Scored]) -> RewardSource:
    choice = recipe.steering
    reward = ModelReward(
        model, [query_of(one) for one in queries], recipe.reward, choice.shape, unusable_reason, fills=False
    )
    mark = content_hash([model.fingerprint, recipe.reward, choice.shape, _ids(queries)])
    # The model runs torch in this process: it is asked when the sampling is done.
    return RewardSource(MODEL, reward, mark, choice.model, is_beside=False)


def _by_rubric(
    recipe: RewardRecipe, engine: Engine, queries: Sequence[Scored], name: str, weight: float
) -> RewardSource:
    mark = content_hash([engine.ref.id, recipe.reward, _ids(queries)])
    return RewardSource(name, RubricReward(engine, queries, recipe.reward, fills=False), mark, weight)


def _ids(queries: Sequence[Scored]) -> list[Any]:
    return [[one.scenario.id, [criterion.id for criterion in one.criteria]] for one in queries]


def _unusable(asked: Mapping[str, Scenario]) -> Any:
    def is_unusable(id: str, text: str) -> bool:
        said = Response(scenario=id, text=text, made=ByRule(rule="training.sampled"))
        return unusable_reason(said, asked[id].language) is not None

    return is_unusable


def test_reward_step(
    steps: Steps, recipe: RewardRecipe, bench: Step, before: Step, after: Step, held: Engine, run: str
) -> Step:
    """Both policies answer the test split and the held-back judge reads them: vetoes, proficiency and every metric of the main job."""
    old, new = policy_of(steps, before), policy_of(steps, after)
    inputs = [old.id, new.id, bench.key, held.ref.id, recipe.answering, recipe.name, run]

    def make(_key: str, progress: Progress) -> Made:
        situations = Situations(steps, bench.outputs)
        asked = tested(situations, recipe)
        examiner = Examiner(steps, situations, held, recipe.answering, recipe.policy.threads)
        first, second = (examiner.examine(one, asked, progress) for one in (old, new))
        criteria = situations.criteria(asked)
        compared = (*rubric_compare(_answers(first, criteria), _answers(second, criteria)), *_others(first, second))
        report = Report(
            run=run,
            recipe=recipe.name,
            before=old.id,
            after=new.id,
            judge=held.ref.id,
            comparisons=compared,
            judgements=tuple(row.judgement.id for row in [*first, *second]),
        )
        outputs = {
            "report": report.id,
            "comparisons": plain(compared),
            "examples": examples(steps, first, second),
            "answers": len(first),
            "abstained": {
                name: sum(row.judgement.stance == "abstained" for row in rows)
                for name, rows in (("before", first), ("after", second))
            },
        }
        return Made(outputs, [report], _note(compared), [report.id])

    return steps.do("test", "Testing before and after with the judge that was held back", inputs, make)


def readers_step(
    steps: Steps, recipe: RewardRecipe, bench: Step, before: Step, after: Step, readers: Mapping[str, Engine]
) -> Step:
    """The same answers as each judge of the run reads them: what rewards, and what was held back."""
    old, new = policy_of(steps, before), policy_of(steps, after)
    inputs = [old.id, new.id, bench.key, {name: one.ref.id for name, one in readers.items()}, recipe.answering]

    def make(_key: str, progress: Progress) -> Made:
        situations = Situations(steps, bench.outputs)
        asked = tested(situations, recipe)
        criteria = situations.criteria(asked)
        found: dict[str, list[Comparison]] = {}
        for place, (name, engine) in enumerate(readers.items()):
            examiner = Examiner(steps, situations, engine, recipe.answering, recipe.policy.threads)
            sides = [_answers(examiner.examine(one, asked, progress), criteria) for one in (old, new)]
            found[name] = [one for one in rubric_compare(*sides) if one.by == "all" and one.metric in _TOLD]
            progress(place + 1, len(readers))
        return Made({"readers": plain(found)}, [], "; ".join(f"{name}: {_note(one)}" for name, one in found.items()))

    return steps.do("readers", "The same answers as every judge of the run reads them", inputs, make)


def tested(situations: Situations, recipe: RewardRecipe) -> list[Scenario]:
    """The open situations of the test split that are answered before and after."""
    return draw_for_test([one for one in situations.of("test") if one.task == "open"], recipe.answering.test)


def _answers(judged: Sequence[Judged], criteria: Mapping[str, tuple[Criterion, ...]]) -> list[RubricAnswer]:
    return [
        RubricAnswer(
            row.scenario.id,
            {"language": row.scenario.language, "asked": "harmful" if row.scenario.harm_level else "harmless"},
            cluster_of(row.scenario),
            criteria[row.scenario.id],
            row.verdicts,
            row.judgement.stance,
        )
        for row in judged
    ]


def _others(first: Sequence[Judged], second: Sequence[Judged]) -> tuple[Comparison, ...]:
    """The main job's metrics by language: wrong refusals and unusable answers stand beside vetoes."""
    return tuple(one for one in evaluation.compare(first, second) if one.by in ("all", "language"))


def _note(compared: Sequence[Comparison]) -> str:
    whole = {one.metric: one for one in compared if one.by == "all"}
    return ", ".join(
        f"{name.replace('_', ' ')} {one.before.value:.1%} → {one.after.value:.1%} "
        f"({one.difference.value:+.1%} [{one.difference.low:+.1%}, {one.difference.high:+.1%}])"
        for name in _TOLD
        if (one := whole.get(name)) is not None
    )
