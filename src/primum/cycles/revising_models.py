"""Who answers and rewrites: a chat model from a TOML file, a policy in a folder, or the embedded writer, which answers nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from primum.asking import Asked, Call, Unreadable, ask, cut_off, gather, is_scripted, run
from primum.config import read_settings
from primum.errors import AccessError, ModelError, OutageError
from primum.model_folder import check_model_folder, describe_folder, hash_weights
from primum.models.calls import Budget, CallCache
from primum.models.local import LocalPolicy
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import ChatModel, Completion, Policy
from primum.records import (
    ByImport,
    ByModel,
    PolicyRef,
    Record,
    Response,
    Sampling,
    Scenario,
    Settings,
    content_hash,
)
from primum.revision.guided import ChatWriter, ComposedWriter, PolicyWriter, Writer, WritingSettings

__all__ = ["Answers", "ChatAnswers", "OpenedModel", "PolicyAnswers", "RevisionChat", "model_of", "open_model"]

_WARM = 0.7  # the temperature from which further answers of one model to one query are drawn
_STEP = 0.01
_MOST_NEW_TOKENS = 512  # of a policy on this machine


class RevisionChat(Settings, frozen=True):
    """The chat model that answers and rewrites, as a TOML file gives it: `[[endpoints]]`, and what may be left out.

    `writing` says how drafts are written; `calls` is a file beside that one in which answered calls are remembered (else the
    workspace's), `budget` what may be spent.
    """

    endpoints: tuple[EndpointSettings, ...]
    writing: WritingSettings = WritingSettings()
    calls: str | None = None
    budget: Budget | None = None

    def check(self) -> None:
        if not self.endpoints:
            self.refuse("endpoints", "are none", "write [[endpoints]] with base_url and model")


class Answers(Protocol):
    """Answers queries. `number` 0 is the model's plain answer, 1, 2 … are further ones, drawn differently."""

    def answer(self, scenarios: Sequence[Scenario], number: int) -> list[Response | str]: ...


class OpenedModel(NamedTuple):
    """A writer, what answers (`None`: nothing does), what is to be kept of it in the store, what decides its words, and what to know."""

    writer: Writer
    answers: Answers | None
    records: tuple[Record, ...]
    identity: str
    notes: tuple[str, ...] = ()


class ChatAnswers:
    """A chat model answers the conversation as it stands. Equal calls are remembered, so further answers differ in temperature."""

    def __init__(self, chat: ChatModel, settings: WritingSettings) -> None:
        self._chat, self._settings = chat, settings

    def answer(self, scenarios: Sequence[Scenario], number: int) -> list[Response | str]:
        warm = self._settings.temperature if number == 0 else max(_WARM, self._settings.temperature) + _STEP * number
        calls = [partial(self._asked, scenario, warm) for scenario in scenarios]
        replies = run(self._chat, lambda: gather(calls, self._settings.concurrency)) if calls else []
        made = ByModel(model=self._chat.name, is_scripted=is_scripted(self._chat))
        answers: list[Response | str] = []
        for scenario, reply in zip(scenarios, replies, strict=True):
            if isinstance(reply, AccessError) or (
                isinstance(reply, OutageError) and all(isinstance(one, OutageError) for one in replies)
            ):
                raise reply
            if isinstance(reply, ModelError):
                answers.append(str(reply))
                continue
            if isinstance(reply.value, Unreadable):
                answers.append(reply.value.reason)
                continue
            answers.append(
                Response(
                    scenario=scenario.id,
                    text=reply.value,
                    made=made,
                    finish="stop",
                    prompt_tokens=reply.prompt_tokens,
                    completion_tokens=reply.completion_tokens,
                )
            )
        return answers

    async def _asked(self, scenario: Scenario, temperature: float) -> Asked[str]:
        call = Call(scenario.messages, temperature, self._settings.max_tokens)
        return await ask(self._chat, call, _whole_text, self._settings.asks)


class PolicyAnswers:
    """A policy answers: greedily the first time, then at a temperature and another seed each."""

    def __init__(self, policy: Policy, sampling: Sampling) -> None:
        self._policy, self._sampling = policy, sampling

    def answer(self, scenarios: Sequence[Scenario], number: int) -> list[Response | str]:
        warm = _WARM if number else self._sampling.temperature
        sampling = Sampling(
            max_new_tokens=self._sampling.max_new_tokens,
            temperature=warm,
            repetition_penalty=self._sampling.repetition_penalty,
            seed=self._sampling.seed + number,
        )
        found = self._policy.answer(scenarios, sampling) if scenarios else []
        # An answer that is empty or was cut off is the policy's answer all the same: the judge calls it unusable.
        return list(found)


def model_of(given: Writer | Policy | ChatModel, settings: WritingSettings | None = None) -> OpenedModel:
    """A writer, policy or chat model that is already there; told apart by what they can do: `write`, `answer`, `complete`."""
    settings = settings or WritingSettings()
    if hasattr(given, "write"):
        writer = cast(Writer, given)
        return OpenedModel(writer, None, (), content_hash(["writer", writer.name, writer.made]))
    if hasattr(given, "answer"):
        policy, sampling = cast(Policy, given), Sampling(max_new_tokens=min(settings.max_tokens, _MOST_NEW_TOKENS))
        identity = content_hash(["policy", policy.ref, sampling, settings])
        own = PolicyWriter(policy, sampling, settings)
        return OpenedModel(own, PolicyAnswers(policy, sampling), (policy.ref,), identity)
    chat: ChatModel = given
    notes = (f"a script stands in for the model {chat.name}",) if is_scripted(chat) else ()
    identity = content_hash(["chat", chat.name, settings])
    return OpenedModel(ChatWriter(chat, settings), ChatAnswers(chat, settings), (), identity, notes)


@contextmanager
def open_model(chat: Path | None, folder: Path | None, beside: Path | None) -> Iterator[OpenedModel]:
    """The model of a TOML file or of a folder; with neither the embedded writer. Calls are remembered in `beside`/calls.db.

    Raises `SettingError` for settings that cannot be followed, `ModelError` for a folder that cannot be loaded.
    """
    if chat is not None:
        settings = read_settings(chat, RevisionChat)
        place = chat.parent / settings.calls if settings.calls is not None else beside and beside / "calls.db"
        if place is None:
            opened = OpenAIChat(settings.endpoints, None, settings.budget)
            yield model_of(opened, settings.writing)
            return
        with CallCache(place) as calls:
            yield model_of(OpenAIChat(settings.endpoints, calls, settings.budget), settings.writing)
    elif folder is not None:
        yield model_of(_local(folder))
    else:
        writer = ComposedWriter()
        note = "no model wrote here: drafts are composed from the criteria and simulated; they show the way, not a gain"
        yield OpenedModel(writer, None, (), content_hash(["composed", writer.made]), (note,))


def _local(folder: Path) -> LocalPolicy:
    check_model_folder(folder)
    architecture, parameters = describe_folder(folder)
    ref = PolicyRef(
        name=folder.name,
        path=str(folder.resolve()),
        weights=hash_weights(folder),
        stage="base",
        architecture=architecture,
        parameters=parameters,
        made=ByImport(dataset="model folder", row=folder.name),
    )
    return LocalPolicy(folder, ref)


def _whole_text(completion: Completion) -> str | Unreadable:
    found = cut_off(completion)
    if found is not None:
        return found
    return completion.text.strip() or Unreadable("the answer is empty")
