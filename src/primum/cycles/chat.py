"""With a chat model: drafting through the recipe's endpoint, and the endpoint itself with the workspace's calls file."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from primum.bench.chat import ChatDrafts, draft_with_model
from primum.cycles.recipe import WorldRecipe
from primum.cycles.workspace import Workspace
from primum.errors import ModelError
from primum.models.calls import CallCache
from primum.models.openai import OpenAIChat
from primum.ports import Progress
from primum.records import Norm

__all__ = ["draft_by_chat", "opened_chat"]


@contextmanager
def opened_chat(workspace: Workspace, recipe: WorldRecipe) -> Iterator[OpenAIChat | None]:
    """The recipe's chat model, with the workspace's calls file: no call that was answered is paid twice. `None` without one."""
    if recipe.chat is None:
        yield None
        return
    with CallCache(workspace.folder / "calls.db") as calls:
        yield OpenAIChat((recipe.chat.endpoint, *recipe.chat.further_endpoints), calls, recipe.chat.budget)


def draft_by_chat(chat: OpenAIChat, recipe: WorldRecipe, norms: Sequence[Norm], progress: Progress) -> ChatDrafts:
    """Situations the chat model drafted from the norms, and why others gave none. Raises `ModelError` when none could be used."""
    assert recipe.chat is not None
    sent = sorted((norm for norm in norms if norm.modality in recipe.chat.drafting.modalities), key=lambda one: one.id)
    random.Random(recipe.seed).shuffle(sent)
    drafts = draft_with_model(sent[: recipe.chat.draft_norms], chat, recipe.chat.drafting, progress)
    if not drafts.scenarios:
        reason = drafts.refused[0][1] if drafts.refused else "no norm is a prohibition or an obligation"
        raise ModelError(
            f"chat model '{recipe.chat.endpoint.model}'",
            f"drafted nothing that could be used ({reason})",
            "check the model",
            "step bench",
        )
    return drafts
