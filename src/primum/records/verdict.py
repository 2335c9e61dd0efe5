"""Verdicts and judgements: what a judge said. A judge that cannot be read abstains; it never counts as zero."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value
from primum.records.origin import Origin
from primum.records.rubric import Stance

__all__ = ["Abstained", "Cost", "JudgeRef", "Judgement", "Met", "NotApplicable", "NotMet", "Outcome", "Verdict"]


class Met(Value, frozen=True, tag_field="is", tag="met"):
    """The criterion is met."""


class NotMet(Value, frozen=True, tag_field="is", tag="not_met"):
    """The criterion is not met."""


class NotApplicable(Value, frozen=True, tag_field="is", tag="not_applicable"):
    """The criterion does not bear on this answer."""

    reason: str = ""


class Abstained(Value, frozen=True, tag_field="is", tag="abstained"):
    """The judge gave no usable verdict, and why."""

    reason: str

    def check(self) -> None:
        if not self.reason.strip():
            self.refuse("an abstention", "has no reason", "say why the judge abstained")


Outcome = Met | NotMet | NotApplicable | Abstained


class Cost(Value, frozen=True):
    """What a verdict cost: tokens as the server counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class JudgeRef(Record, frozen=True):
    """A judge. `fingerprint` hashes what decides its verdicts (weights, prompt, parameters); `trained_on` the ids it learned from.

    An id with a set's name before it (`huatuo:scenario-…`) is that of a row of an open set that is in no store: it names no parent.
    `members` are the ids of the judges that sit on a panel; only a panel has them.
    """

    name: str
    kind_of: Literal["guardian", "reward_model", "chat_model", "rule", "person", "simulated", "panel"]
    fingerprint: str
    made: Origin
    trained_on: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    def check(self) -> None:
        if (self.kind_of == "panel") != bool(self.members):
            self.refuse(
                f"a judge of kind {self.kind_of} with {len(self.members)} members",
                "is not a judge: a panel has members and no other judge has",
                "name the members of the panel, or drop them",
            )

    def parents(self) -> Iterator[tuple[str, str]]:
        for learned in self.trained_on:
            if ":" not in learned:
                yield "trained on", learned
        for member in self.members:
            yield "member", member


class Verdict(Record, frozen=True):
    """One judge on one criterion of one response. `probability` is that of the outcome, where the judge gives one."""

    response: str
    criterion: str
    judge: str
    outcome: Outcome
    probability: float | None = None
    explanation: str = ""
    cost: Cost = Cost()

    def check(self) -> None:
        if self.probability is not None and not 0.0 <= self.probability <= 1.0:
            self.refuse(f"probability {self.probability}", "is not between 0 and 1", "give a probability or none")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "response", self.response
        yield "criterion", self.criterion
        yield "judge", self.judge


class Judgement(Record, frozen=True):
    """All verdicts of one judge on one response, and the stance it read in it.

    `stance` is `accept`, `caution` or `refuse` (CARES, arXiv 2505.11413); `unusable` for an answer that is not language (empty, cut
    off, repeating itself), which is neither a refusal nor helpful; `abstained` when the judge cannot say. `probability` is that
    of the stance, `cost` what it cost to ask for it beside the verdicts.
    """

    response: str
    judge: str
    stance: Stance
    verdicts: tuple[str, ...] = ()
    probability: float | None = None
    reason: str = ""
    cost: Cost = Cost()

    def check(self) -> None:
        if self.stance in ("abstained", "unusable") and not self.reason.strip():
            self.refuse(f"a judgement that is {self.stance}", "has no reason", "say why")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "response", self.response
        yield "judge", self.judge
        for verdict in self.verdicts:
            yield "verdict", verdict
