"""A chat model as a TOML file describes it, for commands that put questions to one: `[[endpoints]]`, and what may be left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primum.models.calls import Budget, CallCache
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.records import Settings

__all__ = ["ChatFile", "opened_chat_file"]


class ChatFile(Settings, frozen=True):
    """The endpoints of one model. `calls` is a file beside this one in which answered calls are remembered, `budget` what may be spent."""

    endpoints: tuple[EndpointSettings, ...]
    calls: str | None = None
    budget: Budget | None = None

    def check(self) -> None:
        if not self.endpoints:
            self.refuse("endpoints", "are none", "write [[endpoints]] with base_url and model")


@contextmanager
def opened_chat_file(settings: ChatFile, path: Path, calls: Path | None = None) -> Iterator[OpenAIChat]:
    """The chat model of the file `path`. Answered calls are remembered where the file says, else in `calls`, else nowhere."""
    place = path.parent / settings.calls if settings.calls is not None else calls
    if place is None:
        yield OpenAIChat(settings.endpoints, None, settings.budget)
        return
    with CallCache(place) as kept:
        yield OpenAIChat(settings.endpoints, kept, settings.budget)
