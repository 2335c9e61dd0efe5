"""The main job: from norms to a decided, evidenced policy, in steps that are never done twice."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from primum.config import peek, read_settings
from primum.cycles.align import base_step, branch_steps, sft_step, signals_step, validate_step
from primum.cycles.answering import Examiner, Situations
from primum.cycles.assess import assess_step, gate_step
from primum.cycles.build import bench_step, corpus_step
from primum.cycles.chat import opened_chat
from primum.cycles.cycling import run_cycles
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.evidence import Finished, repeat, report_data
from primum.cycles.guard import engine_of, guardian_step
from primum.cycles.inputs import check_inputs, corpus_folder
from primum.cycles.judges import JudgeSettings, OpenedJudge, load_judge
from primum.cycles.loop import run_loop
from primum.cycles.loop_recipe import LoopRecipe
from primum.cycles.principles import run_principles
from primum.cycles.principles_recipe import PrinciplesRecipe
from primum.cycles.recipe import Recipe
from primum.cycles.rewarding import run_rewarding
from primum.cycles.rewarding_recipe import RewardRecipe
from primum.cycles.steps import Listener, Quiet, Steps
from primum.cycles.vouching import vouched
from primum.cycles.workspace import Workspace
from primum.errors import SettingError
from primum.models.openai import OpenAIChat
from primum.ports import Judge
from primum.records import content_hash

__all__ = ["load_recipe", "repeat_command", "run", "run_recipe"]


def run(recipe: Path | str, workspace: Path | str = "workspace", overrides: Iterable[str] = ()) -> dict[str, Any]:
    """Run the recipe in a file, quietly; what `report.json` holds. Raises `PrimumError` for bad input."""
    given = tuple(overrides)
    return run_recipe(load_recipe(Path(recipe), given), Path(workspace), Quiet(), repeat_command(Path(recipe), given))


AnyRecipe = Recipe | LoopRecipe | PrinciplesRecipe | RewardRecipe | CyclesRecipe


def load_recipe(path: Path, overrides: Iterable[str] = ()) -> AnyRecipe:
    """The recipe in a TOML file, with `--set` overrides on top.

    One whose `kind` is `cycles`, `principles`, `reward model` or `guardian in the loop` is that, one without a kind the main job. Raises
    `SettingError` as `read_settings` does.
    """
    kind = peek(path, "kind")
    if kind is None:
        return read_settings(path, Recipe, overrides)
    if kind == "principles":
        return read_settings(path, PrinciplesRecipe, overrides)
    if kind == "reward model":
        return read_settings(path, RewardRecipe, overrides)
    if kind == "reward model plan":
        raise SettingError(f"kind = {kind!r}", "is a plan, which nothing runs", f"primum reward plan {path}", str(path))
    if kind == "cycles":
        return read_settings(path, CyclesRecipe, overrides)
    if kind == "guardian in the loop":
        return read_settings(path, LoopRecipe, overrides)
    raise SettingError(
        f"kind = {kind!r}",
        "is no recipe's",
        "give one of 'cycles', 'guardian in the loop', 'principles', 'reward model', or none for the main job",
        str(path),
    )


def repeat_command(recipe: Path, overrides: Iterable[str]) -> str:
    """The command that repeats a run; where the data stood is left open, as it may stand elsewhere."""
    told = [f"--set {shlex.quote(one)}" for one in overrides if not one.startswith("data.root=")]
    return " ".join(["primum run", shlex.quote(recipe.as_posix()), *told])


def run_recipe(recipe: AnyRecipe, workspace: Path, listener: Listener, command: str = "") -> dict[str, Any]:
    """Run a recipe in a workspace, or go on where it was stopped; what `report.json` holds.

    What the recipe needs from outside is read once before the workspace is touched. A step that fails leaves the steps before it done
    and the store as it was. `command` is how the report says the run is repeated.
    """
    if isinstance(recipe, LoopRecipe):
        return run_loop(recipe, workspace, listener, command)
    if isinstance(recipe, PrinciplesRecipe):
        return run_principles(recipe, workspace, listener, command)
    if isinstance(recipe, RewardRecipe):
        return run_rewarding(recipe, workspace, listener, command)
    if isinstance(recipe, CyclesRecipe):
        return run_cycles(recipe, workspace, listener, command)
    check_inputs(recipe)
    if recipe.judge is not None:
        read_settings(Path(recipe.judge).expanduser(), JudgeSettings)
    with Workspace(workspace, is_writer=True) as opened:
        steps = Steps(opened, listener)
        with opened_chat(opened, recipe) as chat, _opened_judge(opened, recipe) as judge:
            finished = _steps(recipe, steps, chat, None if judge is None else judge.judge)
            return report_data(recipe, steps, finished, chat) | {"repeat": repeat(recipe, command)}


@contextmanager
def _opened_judge(workspace: Workspace, recipe: Recipe) -> Iterator[OpenedJudge | None]:
    """The judge that the recipe names, with the workspace's calls file; `None` without one."""
    if recipe.judge is None:
        yield None
        return
    with load_judge(Path(recipe.judge).expanduser(), beside=workspace.folder) as opened:
        if not getattr(opened.judge, "reads_stances", True):
            raise SettingError(
                f"judge '{opened.judge.ref.name}'",
                "was not trained to read stances, on which this recipe rests",
                "train it by a recipe of kind 'reward model', or name another judge",
                recipe.judge,
            )
        yield opened


def _name(recipe: Recipe) -> str:
    """What a run is called: the hash of what its numbers depend on; not where the sets stand, its title or its gate."""
    told = to_builtins(replace(recipe, data=replace(recipe.data, root=None)))
    return content_hash({key: value for key, value in told.items() if key not in ("title", "gate")})[:16]


def _steps(recipe: Recipe, steps: Steps, chat: OpenAIChat | None, judge_given: Judge | None) -> Finished:
    name = _name(recipe)
    folder = corpus_folder(recipe.corpus, recipe.data, recipe.name)
    corpus = corpus_step(steps, folder, recipe.corpus.reading)
    bench = bench_step(steps, recipe, corpus, chat)
    guardian = guardian_step(steps, recipe, corpus, bench)
    engine = engine_of(steps, recipe, guardian, chat, judge_given)
    situations = Situations(steps, bench.outputs)
    examiner = Examiner(steps, situations, engine, recipe.answering, recipe.policy.threads)
    base = base_step(steps, recipe, corpus, bench)
    sft = sft_step(steps, recipe, corpus, bench, base)
    signals = signals_step(steps, recipe, corpus, bench, [base, sft], examiner, engine.ref.id)
    branches = branch_steps(steps, recipe, sft, signals)
    after = validate_step(steps, recipe, bench, sft, branches, examiner, engine.ref.id)
    judge = vouched(steps.workspace.store, recipe, guardian, engine.ref)
    assessed = assess_step(steps, recipe, name, bench, base, after, examiner, judge)
    gate = gate_step(steps, recipe, after, assessed, guardian)
    return Finished(name, corpus, bench, guardian, judge, {"base": base, "sft": sft, **branches}, after, assessed, gate)
