"""A run of a reward model: from judged answers to pairs by criterion, a model that reads them, its bench, and a policy that it steers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from primum.config import read_settings
from primum.cycles.align import base_step, sft_step
from primum.cycles.answering import Situations
from primum.cycles.build import bench_step, corpus_step
from primum.cycles.chat import opened_chat
from primum.cycles.evidence import repeat
from primum.cycles.guard import engine_of, guardian_step
from primum.cycles.guarding import shipped_guardian
from primum.cycles.inputs import check_inputs, corpus_folder
from primum.cycles.judges import JudgeSettings, load_judge
from primum.cycles.revising_judges import refs_of
from primum.cycles.rewarding_evidence import RewardFinished, reward_data
from primum.cycles.rewarding_model import backbone_step, certificate_step, judge_of, measure_step, reward_model_step
from primum.cycles.rewarding_pairs import TEST, TRAIN, Candidates, pairs_step
from primum.cycles.rewarding_policy import readers_step, steer_step, steered, test_reward_step, tested
from primum.cycles.rewarding_recipe import RewardRecipe
from primum.cycles.steps import Listener, Step, Steps
from primum.cycles.workspace import Workspace
from primum.judging import ChoiceJudge
from primum.judging.engine import Engine
from primum.model_folder import check_model_folder
from primum.ports import Judge
from primum.records import JudgeRef, Rubric, Scenario, content_hash
from primum.rewards import Use, refuse_mixed

__all__ = ["run_rewarding"]


def run_rewarding(recipe: RewardRecipe, workspace: Path, listener: Listener, command: str = "") -> dict[str, Any]:
    """Run a recipe of a reward model in a workspace, or go on where it was stopped; what `report.json` holds.

    What the recipe needs from outside is read before the workspace is touched.
    """
    check_inputs(recipe)
    if recipe.backbone.folder is not None:
        check_model_folder(Path(recipe.backbone.folder).expanduser())
    if recipe.held_judge is not None:
        read_settings(Path(recipe.held_judge).expanduser(), JudgeSettings)
    folder = corpus_folder(recipe.corpus, recipe.data, recipe.name)
    told = to_builtins(replace(recipe, data=replace(recipe.data, root=None)))
    name = content_hash({key: value for key, value in told.items() if key not in ("title", "title_zh")})[:16]
    with Workspace(workspace, is_writer=True) as opened, _held_judge(opened, recipe) as watching:
        steps = Steps(opened, listener)
        with opened_chat(opened, recipe) as chat:
            corpus = corpus_step(steps, folder, recipe.corpus.reading)
            bench = bench_step(steps, recipe, corpus, chat)
            guardian = guardian_step(steps, recipe, corpus, bench)
            engine = engine_of(steps, recipe, guardian, chat)
            held = Engine(watching, ChoiceJudge())
            base = base_step(steps, recipe, corpus, bench)
            start = sft_step(steps, recipe, corpus, bench, base)
            pairs = pairs_step(steps, recipe, corpus, bench, [base, start], engine)
            backbone = backbone_step(steps, recipe, corpus, pairs)
            trained = reward_model_step(steps, recipe, pairs, backbone)
            judge = judge_of(opened.folder / trained.outputs["folder"], recipe)
            rewards = Engine(judge, ChoiceJudge())
            readers = {"reward model": rewards, "held-back judge": held, "guardian": engine}
            _keep_apart(steps, recipe, corpus, bench, [*engine.refs, *rewards.refs], watching)
            certified = certificate_step(steps, recipe, corpus, bench, pairs, trained)
            measured = measure_step(steps, recipe, pairs, trained)
            after = steer_step(steps, recipe, bench, start, trained, engine, held)
            finished = RewardFinished(
                name,
                corpus,
                bench,
                guardian,
                pairs,
                backbone,
                trained,
                certified,
                measured,
                {"base": base, "sft": start, "grpo": after},
                test_reward_step(steps, recipe, bench, start, after, held, name),
                readers_step(steps, recipe, bench, start, after, readers),
                {"rewards": rewards.ref, "held": held.ref, "labels": engine.ref},
            )
            return reward_data(recipe, steps, finished, chat) | {"repeat": repeat(recipe, command)}


@contextmanager
def _held_judge(workspace: Workspace, recipe: RewardRecipe) -> Iterator[Judge]:
    """The judge that is held back: the one that the recipe names, or the guardian that ships."""
    if recipe.held_judge is None:
        yield shipped_guardian()
        return
    with load_judge(Path(recipe.held_judge).expanduser(), beside=workspace.folder) as opened:
        yield opened.judge


def _keep_apart(
    steps: Steps, recipe: RewardRecipe, corpus: Step, bench: Step, teaching: list[JudgeRef], held: Judge
) -> None:
    """Refuse a run in which a situation, a rubric or a judge would both train and measure.

    The judge that is held back sees situations of the dev split while the policy is steered, and gives no reward for them.
    """
    candidates, situations = Candidates(steps, recipe, corpus, bench), Situations(steps, bench.outputs)
    learned = {one.id: one for one in (*candidates.asked(TRAIN), *steered(situations, recipe)[0])}
    measuring = {one.id: one for one in (*candidates.asked(TEST), *tested(situations, recipe))}
    refuse_mixed(
        _use(steps, bench, situations, list(learned.values()), teaching),
        _use(steps, bench, situations, list(measuring.values()), [*refs_of(held)]),
        f"recipe '{recipe.name}'",
    )


def _use(steps: Steps, bench: Step, situations: Situations, asked: list[Scenario], judges: list[JudgeRef]) -> Use:
    named = [bench.outputs["rubrics"][one.id] for one in asked]
    rubrics = [one for one in steps.workspace.store.get_many(named) if isinstance(one, Rubric)]
    criteria = {one.id: one for found in situations.criteria(asked).values() for one in found}
    return Use(asked, rubrics, list(criteria.values()), judges)
