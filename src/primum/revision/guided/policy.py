"""A policy as the writer: the model under alignment revises its own answer, shown the critique as the user's next turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from primum.asking import Unreadable
from primum.ports import Policy
from primum.records import ByModel, ByRule, Cost, Response, Sampling, Scenario
from primum.revision.guided.contract import Critiqued, Written
from primum.revision.guided.prompts import GUIDED_VERSION, policy_messages
from primum.revision.guided.settings import WritingSettings
from primum.revision.replies import checked_text

__all__ = ["PolicyWriter"]

_MADE = ByRule(rule="revision.critique")


@final
class PolicyWriter:
    """Asks a policy through its port. Its reply is the new answer as it stands; one that was cut off or breaks a check is no draft."""

    def __init__(self, policy: Policy, sampling: Sampling, settings: WritingSettings | None = None) -> None:
        self._policy, self._sampling, self._settings = policy, sampling, settings or WritingSettings()

    @property
    def name(self) -> str:
        return self._policy.ref.name

    @property
    def made(self) -> ByModel:
        return ByModel(model=self._policy.ref.name, prompt=GUIDED_VERSION)

    @property
    def policy(self) -> str | None:
        return self._policy.ref.id

    def write(self, critiqued: Sequence[Critiqued]) -> list[Written | str]:
        scenarios = [self._scenario(one) for one in critiqued]
        answers = self._policy.answer(scenarios, self._sampling) if scenarios else []
        return [self._written(one, answer) for one, answer in zip(critiqued, answers, strict=True)]

    def _scenario(self, one: Critiqued) -> Scenario:
        asked = one.scenario
        return Scenario(
            messages=policy_messages(one, self._settings.most_characters(asked.language, one.answer.text)),
            task="open",
            dimension=asked.dimension,
            language=asked.language,
            dataset="revision.critique",
            made=_MADE,
        )

    def _written(self, one: Critiqued, answer: Response) -> Written:
        cost = Cost(prompt_tokens=answer.prompt_tokens, completion_tokens=answer.completion_tokens)
        if answer.finish == "length":
            return Written("", cost, "the draft was cut off")
        language = one.scenario.language
        most = self._settings.most_characters(language, one.answer.text)
        text = checked_text(answer.text, language, most, one.answer.text)
        return Written("", cost, text.reason) if isinstance(text, Unreadable) else Written(text, cost)
