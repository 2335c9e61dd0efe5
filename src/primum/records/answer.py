"""What a policy said, and the policy itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value
from primum.records.origin import Origin

__all__ = ["PolicyRef", "Response", "Sampling", "TrainingStage"]

TrainingStage = Literal["base", "sft", "kto", "dpo", "grpo"]


class Sampling(Value, frozen=True):
    """How an answer was drawn. `temperature` 0 is greedy."""

    max_new_tokens: int
    temperature: float = 0.0
    repetition_penalty: float = 1.0
    seed: int = 0


class Response(Record, frozen=True):
    """What was answered to a scenario, by a policy (`policy` is its id) or by someone else (`policy` is `None`, `made` says who).

    `finish` is `stop` when the policy ended by itself, `length` when it was cut off, `unknown` for imported answers. `feedback` is
    what it was rewritten by, where it is a rewritten answer; `revises` is the draft that a guided revision rewrote into it.
    """

    scenario: str
    text: str
    made: Origin
    policy: str | None = None
    finish: Literal["stop", "length", "unknown"] = "unknown"
    sampling: Sampling | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    feedback: str | None = None
    revises: str | None = None

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "scenario", self.scenario
        if self.policy is not None:
            yield "policy", self.policy
        if self.feedback is not None:
            yield "rewritten by", self.feedback
        if self.revises is not None:
            yield "revises", self.revises


class PolicyRef(Record, frozen=True):
    """A model: where its weights are, what it was trained from and on.

    `path` is relative to the workspace, or absolute for a folder the user named. `weights` is the SHA-256 over the names and
    contents of its weight files. `trained_on` holds the ids of every record it learned from in this stage; `parent` is the policy
    it started from. `settings` is the hash of the settings it was trained with. `is_from_scratch` marks a model that was built
    and trained on the spot: its numbers are shown as such.
    """

    name: str
    path: str
    weights: str
    stage: TrainingStage
    architecture: str
    parameters: int
    made: Origin
    is_from_scratch: bool = False
    parent: str | None = None
    trained_on: tuple[str, ...] = ()
    settings: str = ""

    def parents(self) -> Iterator[tuple[str, str]]:
        if self.parent is not None:
            yield "trained from", self.parent
        for learned in self.trained_on:
            yield "trained on", learned
