"""The words of a guided revision: what is revised, what a writer is shown, what it gives back, and what came of it all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from primum.grading import Grade
from primum.ports import Assessment
from primum.records import Cost, Criterion, Origin, Principle, Response, Revision, Rubric, Scenario

__all__ = ["Critiqued", "Failed", "Revised", "RevisionCase", "Spent", "Tried", "Writer", "Written"]


class RevisionCase(NamedTuple):
    """An answer to revise: its situation, the rubric and that rubric's criteria in its order, the principles attached to the situation.

    `judged` is what the same judge said of the first answer, where that is known already: it is not asked again.
    """

    scenario: Scenario
    first: Response
    rubric: Rubric
    criteria: tuple[Criterion, ...]
    principles: tuple[Principle, ...] = ()
    judged: Assessment | None = None


class Failed(NamedTuple):
    """A criterion that is not satisfied, or that the judge left open, and what the judge said of it."""

    criterion: Criterion
    explanation: str


class Tried(NamedTuple):
    """A draft of the same answer that was not kept: its text, why, and the criteria it fails that the kept answer does not."""

    text: str
    why: str
    broken: tuple[Failed, ...]


class Critiqued(NamedTuple):
    """What a writer is shown: the best answer so far, what it fails (safety first, then the heaviest), what it satisfies and must keep.

    `open` are the criteria the judge could not decide; `tried` the drafts of this answer that were not kept, the oldest first.
    """

    scenario: Scenario
    answer: Response
    failed: tuple[Failed, ...]
    satisfied: tuple[Criterion, ...]
    principles: tuple[Principle, ...]
    round: int
    open: tuple[Failed, ...] = ()
    tried: tuple[Tried, ...] = ()


class Written(NamedTuple):
    """A new draft and what it cost. With `refused` there is none that could be used, and why; what it cost counts all the same."""

    text: str
    cost: Cost = Cost()
    refused: str = ""


class Writer(Protocol):
    """Writes a better answer by a critique. What it cannot write it gives a reason for; it does not raise for one bad case.

    `made` is the origin of its drafts, `policy` the id of the policy that writes them, where one does.
    """

    @property
    def name(self) -> str: ...

    @property
    def made(self) -> Origin: ...

    @property
    def policy(self) -> str | None: ...

    def write(self, critiqued: Sequence[Critiqued]) -> list[Written | str]: ...


class Spent(NamedTuple):
    """What one revision cost: drafts asked for, answers judged, and the tokens of both."""

    drafts: int = 0
    judged: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def calls(self) -> int:
        return self.drafts + self.judged

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Revised(NamedTuple):
    """A revision with all its drafts: `responses`, `assessments` and `grades` stand in the order of `revision.drafts`.

    `notes` says, round by round, why there was no draft or why it was not kept.
    """

    revision: Revision
    responses: list[Response]
    assessments: list[Assessment]
    grades: list[Grade]
    case: RevisionCase
    spent: Spent = Spent()
    notes: tuple[str, ...] = ()

    @property
    def chosen(self) -> Response:
        """The answer that was returned."""
        return next(one for one in self.responses if one.id == self.revision.chosen)
