"""A chat model as the writer: it is shown the critique in fences, its reply is read strictly and checked before it is judged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import final

from primum.asking import ANY_OBJECT, Asked, Call, Unreadable, ask, gather, is_scripted, json_reader, run
from primum.errors import AccessError, ModelError, OutageError
from primum.ports import ChatModel
from primum.records import ByModel, Cost
from primum.revision.guided.contract import Critiqued, Written
from primum.revision.guided.prompts import GUIDED_VERSION, chat_messages
from primum.revision.guided.settings import WritingSettings
from primum.revision.replies import checked_reply, checked_text

__all__ = ["ChatWriter"]


@final
class ChatWriter:
    """Asks a chat model for each draft, all of a batch at once. Raises `OutageError` and `BudgetError` as the endpoint does."""

    def __init__(self, chat: ChatModel, settings: WritingSettings | None = None) -> None:
        self._chat, self._settings = chat, settings or WritingSettings()

    @property
    def name(self) -> str:
        return self._chat.name

    @property
    def made(self) -> ByModel:
        return ByModel(model=self._chat.name, prompt=GUIDED_VERSION, is_scripted=is_scripted(self._chat))

    @property
    def policy(self) -> str | None:
        return None

    def write(self, critiqued: Sequence[Critiqued]) -> list[Written | str]:
        calls: list[Callable[[], Awaitable[Asked[str]]]] = [partial(self._asked, one) for one in critiqued]
        replies = run(self._chat, lambda: gather(calls, self._settings.concurrency)) if calls else []
        for reply in replies:
            # Nobody was let in, or nothing at all was answered: no other draft would fare better, and no round should count as one in vain.
            if isinstance(reply, AccessError) or (
                isinstance(reply, OutageError) and all(isinstance(one, OutageError) for one in replies)
            ):
                raise reply
        return [str(reply) if isinstance(reply, ModelError) else _written(reply) for reply in replies]

    async def _asked(self, one: Critiqued) -> Asked[str]:
        settings, language = self._settings, one.scenario.language
        most = settings.most_characters(language, one.answer.text)
        call = Call(chat_messages(one, most), settings.temperature, settings.max_tokens, ANY_OBJECT)
        check = partial(checked_text, language=language, most=most, before=one.answer.text)
        return await ask(self._chat, call, json_reader(partial(checked_reply, check=check)), settings.asks)


def _written(reply: Asked[str]) -> Written:
    cost = Cost(prompt_tokens=reply.prompt_tokens, completion_tokens=reply.completion_tokens)
    if isinstance(reply.value, Unreadable):
        return Written("", cost, reply.value.reason)
    return Written(reply.value, cost)
