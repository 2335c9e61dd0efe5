"""Revisions: an answer rewritten under a rubric, draft by draft, and which draft was kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value
from primum.records.origin import Origin
from primum.records.verdict import Cost

__all__ = ["Draft", "Revision", "RevisionEnd"]

RevisionEnd = Literal["nothing_fails", "no_gain", "rounds", "budget", "no_draft", "unreadable"]
"""Why a revision ended: no criterion fails any more; a round brought nothing surely better; the bound of rounds; the budget; the
rewriter gave no usable draft; the judge could not read the first answer, so that nothing could be seen to be better."""


class Draft(Value, frozen=True):
    """One draft: its round (0 is the first answer), the answer, the judgement on it, the criteria it surely fails and those left open by
    an abstention, by id. `is_kept` when it was surely better than the one kept before it; `refused` says why it was not.

    `cost` is that of writing and judging it.
    """

    round: int
    response: str
    judgement: str
    failed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    is_kept: bool = False
    refused: str = ""
    cost: Cost = Cost()


class Revision(Record, frozen=True):
    """A guided self-revision (ClinAlign, arXiv 2602.09653): the drafts in their order, the response that was returned, why it ended.

    `principles` are those that were attached to the query; `rubric` is the rubric the drafts were judged by, `judge` the judge.
    """

    scenario: str
    rubric: str
    judge: str
    drafts: tuple[Draft, ...]
    chosen: str
    ended: RevisionEnd
    made: Origin
    principles: tuple[str, ...] = ()

    def check(self) -> None:
        if not self.drafts or self.drafts[0].round != 0:
            self.refuse("a revision", "does not begin with the first answer", "put it in front as round 0")
        if self.chosen not in {draft.response for draft in self.drafts}:
            self.refuse(f"chosen answer {self.chosen}", "is none of the drafts", "choose one of them")

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "scenario", self.scenario
        yield "rubric", self.rubric
        yield "judge", self.judge
        for draft in self.drafts:
            yield "draft", draft.response
            yield "judgement", draft.judgement
        for principle in self.principles:
            yield "principle", principle
