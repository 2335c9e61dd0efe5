"""A run of principles: from real queries to principles, to rubrics, to pairs, to a taught policy, to a revision report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from primum.cycles.evidence import repeat
from primum.cycles.inputs import corpus_folder
from primum.cycles.principles_build import Queries, principles_ground, query_folders
from primum.cycles.principles_evidence import (
    Measure,
    PrinciplesFinished,
    principles_data,
    revision_step,
    test_step,
)
from primum.cycles.principles_recipe import PrinciplesRecipe
from primum.cycles.principles_teach import base_policy_step, pairs_step, train_policy_step
from primum.cycles.steps import Listener, Steps
from primum.cycles.workspace import Workspace
from primum.judging.chat import ChatJudge
from primum.judging.criteria import shipped_reader
from primum.judging.engine import Engine
from primum.model_folder import describe_folder
from primum.models.calls import CallCache
from primum.models.openai import OpenAIChat
from primum.records import content_hash
from primum.revision.guided import ChatWriter, ComposedWriter, Writer
from primum.rewards import Use, refuse_mixed

__all__ = ["run_principles"]


def run_principles(recipe: PrinciplesRecipe, workspace: Path, listener: Listener, command: str = "") -> dict[str, Any]:
    """Run a recipe of principles in a workspace, or go on where it was stopped; what `report.json` holds.

    What the recipe needs from outside is read before the workspace is touched.
    """
    corpus_folder(recipe.corpus, recipe.data, recipe.name)
    query_folders(recipe)
    if recipe.policy.folder is not None:
        describe_folder(Path(recipe.policy.folder).expanduser())
    with Workspace(workspace, is_writer=True) as opened, _opened_chat(opened, recipe) as chat:
        steps = Steps(opened, listener)
        queries = Queries(steps, principles_ground(steps, recipe, chat))
        measure = Measure(steps, queries)
        engine = _teacher(recipe, chat)
        _keep_apart(steps, recipe, queries, measure, engine)
        writer = _writer(recipe, chat)
        base = base_policy_step(steps, recipe, queries)
        pairs = pairs_step(steps, recipe, queries, base, engine, writer)
        after = train_policy_step(steps, recipe, queries, base, pairs)
        tested = test_step(steps, recipe, queries, base, after, measure)
        revised = revision_step(steps, recipe, queries, after, engine, writer, measure)
        finished = PrinciplesFinished(queries, measure, engine.ref, writer.name, base, pairs, after, tested, revised)
        name = content_hash(to_builtins(recipe))[:16]
        return principles_data(steps, recipe, finished) | {"run": name, "repeat": repeat(recipe, command)}


@contextmanager
def _opened_chat(workspace: Workspace, recipe: PrinciplesRecipe) -> Iterator[OpenAIChat | None]:
    """The recipe's chat model, with the workspace's calls file: no call that was answered is paid twice. `None` without one."""
    if recipe.chat is None:
        yield None
        return
    with CallCache(workspace.folder / "calls.db") as calls:
        yield OpenAIChat((recipe.chat.endpoint, *recipe.chat.further_endpoints), calls, recipe.chat.budget)


def _teacher(recipe: PrinciplesRecipe, chat: OpenAIChat | None) -> Engine:
    """The judge that teaches: the trained reader of criteria that ships, or the recipe's chat model."""
    if chat is not None and recipe.chat is not None and recipe.uses_chat("judge"):
        return Engine(ChatJudge(chat, recipe.chat.judging), settings=recipe.chat.engine)
    return Engine(shipped_reader())


def _writer(recipe: PrinciplesRecipe, chat: OpenAIChat | None) -> Writer:
    if chat is not None and recipe.uses_chat("write"):
        return ChatWriter(chat, recipe.writing)
    return ComposedWriter(recipe.writing)


def _keep_apart(steps: Steps, recipe: PrinciplesRecipe, queries: Queries, measure: Measure, engine: Engine) -> None:
    """Refuse to go on when something would both teach and measure."""
    ground = queries.ground
    sides = [queries.rubrics(step) for step in (ground.rubrics, ground.synthesis)]
    own = [found for side in sides for found in side.values()]
    training = Use(
        [*queries.of("labelled"), *queries.of("unlabelled")],
        [rubric for rubric, _ in own],
        [one for _, criteria in own for one in criteria],
        [engine.ref],
        queries.principles(),
    )
    evaluation = Use(queries.of("tested"), measure.rubrics, list(measure.criteria.values()), [measure.engine.ref])
    refuse_mixed(training, evaluation, f"recipe '{recipe.name}'")
