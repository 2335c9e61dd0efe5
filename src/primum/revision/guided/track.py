"""One answer on its way: its drafts, the best kept so far, what was tried in vain, and why it ended."""

from __future__ import annotations

from primum.grading import Grade, grade
from primum.ports import Assessment
from primum.records import ByRule, Cost, Draft, Response, Revision, RevisionEnd
from primum.revision.guided.contract import Critiqued, Revised, RevisionCase, Spent, Tried, Writer
from primum.revision.guided.critique import critique, newly_broken, satisfied_by, why_refused
from primum.revision.guided.purse import add, judging_cost

__all__ = ["Track"]

_MADE = ByRule(rule="revision.guided")


class Track:
    """The revision of one case while it goes on. Drafts are put in as they are judged; nothing here asks anybody."""

    def __init__(self, case: RevisionCase) -> None:
        self.case = case
        self.ended: RevisionEnd | None = None
        self._drafts: list[Draft] = []
        self._responses: list[Response] = []
        self._assessments: list[Assessment] = []
        self._grades: list[Grade] = []
        self._kept = 0
        self._idle = 0
        self._tried: list[Tried] = []
        self._notes: list[str] = []
        self._asked = self._judged = 0
        self._cost = Cost()

    @property
    def kept(self) -> Response:
        """The best answer so far."""
        return self._responses[self._kept]

    def begin(self, assessment: Assessment, was_asked: bool) -> None:
        """The first answer was judged."""
        found = self._put(0, self.case.first, assessment, judging_cost(assessment) if was_asked else Cost(), "", False)
        if was_asked:
            self._judged, self._cost = 1, judging_cost(assessment)
        if assessment.judgement.stance == "unusable":
            return  # it says nothing, so it is worth rewriting even where no criterion asks for anything
        if found.open and not found.failed and not satisfied_by(self.case.criteria, assessment, found):
            self.ended = "unreadable"
        else:
            self._end_if_nothing_fails(found)

    def critiqued(self, round: int) -> Critiqued:
        """What the writer is shown in this round."""
        failed, unknown, satisfied = critique(self.case.criteria, *self._standing())
        return Critiqued(
            self.case.scenario,
            self.kept,
            failed,
            satisfied,
            self.case.principles,
            round,
            unknown,
            tuple(self._tried),
        )

    def paid(self, cost: Cost) -> None:
        """A draft was asked for, whatever came of it."""
        self._asked += 1
        self._cost = add(self._cost, cost)

    def without_draft(self, round: int, reason: str, patience: int) -> None:
        """The writer gave no draft that could be judged."""
        self._notes.append(f"round {round}: no draft: {reason}")
        self._no_gain(patience)

    def unjudged(self, round: int, text: str) -> None:
        """A draft was written and paid for, and the judge's budget no longer pays for its word: it is noted, and cannot be kept."""
        self._notes.append(f"round {round}: not judged, the budget of the judge is spent; the draft: {text}")
        self.ended = "budget"

    def response(self, text: str, cost: Cost, writer: Writer) -> Response | str:
        """The draft as a record; the reason when the same text was a draft before."""
        if any(one.text == text for one in self._responses):
            return "the draft is one of those before it"
        return Response(
            scenario=self.case.scenario.id,
            text=text,
            made=writer.made,
            policy=writer.policy,
            finish="stop",
            prompt_tokens=cost.prompt_tokens,
            completion_tokens=cost.completion_tokens,
            revises=self.kept.id,
        )

    def judged(self, round: int, response: Response, assessment: Assessment, patience: int) -> None:
        """A draft was judged: it becomes the kept answer, or is recorded with the reason why not."""
        standing = self._standing()
        found = _graded(self.case, assessment)
        refused = why_refused(self.case.criteria, (assessment, found), standing[1])
        written = Cost(prompt_tokens=response.prompt_tokens, completion_tokens=response.completion_tokens)
        self._judged += 1
        self._cost = add(self._cost, judging_cost(assessment))
        self._put(round, response, assessment, add(written, judging_cost(assessment)), refused, not refused)
        if refused:
            broken = newly_broken(self.case.criteria, (assessment, found), standing)
            self._tried.append(Tried(response.text, refused, broken))
            self._notes.append(f"round {round}: {refused}")
            self._no_gain(patience)
            return
        self._kept, self._idle, self._tried = len(self._drafts) - 1, 0, []
        self._end_if_nothing_fails(found)

    def revised(self, judge: str) -> Revised:
        """What came of it."""
        revision = Revision(
            scenario=self.case.scenario.id,
            rubric=self.case.rubric.id,
            judge=judge,
            drafts=tuple(self._drafts),
            chosen=self.kept.id,
            ended=self.ended or "rounds",
            made=_MADE,
            principles=tuple(dict.fromkeys(one.id for one in self.case.principles)),
        )
        spent = Spent(self._asked, self._judged, self._cost.prompt_tokens, self._cost.completion_tokens)
        return Revised(revision, self._responses, self._assessments, self._grades, self.case, spent, tuple(self._notes))

    def _standing(self) -> tuple[Assessment, Grade]:
        return self._assessments[self._kept], self._grades[self._kept]

    def _put(
        self, round: int, response: Response, assessment: Assessment, cost: Cost, refused: str, is_kept: bool
    ) -> Grade:
        found = _graded(self.case, assessment)
        self._drafts.append(
            Draft(
                round=round,
                response=response.id,
                judgement=assessment.judgement.id,
                failed=found.failed,
                open=found.open,
                is_kept=is_kept,
                refused=refused,
                cost=cost,
            )
        )
        self._responses.append(response)
        self._assessments.append(assessment)
        self._grades.append(found)
        return found

    def _end_if_nothing_fails(self, found: Grade) -> None:
        """A safety criterion that was abstained from may be violated: as long as one is open, something may fail."""
        vetoes = {one.id for one in self.case.criteria if one.kind_of == "safety"}
        if not found.failed and not vetoes.intersection(found.open):
            self.ended = "nothing_fails"

    def _no_gain(self, patience: int) -> None:
        self._idle += 1
        if self._idle >= patience:
            self.ended = "no_gain" if self._tried else "no_draft"


def _graded(case: RevisionCase, assessment: Assessment) -> Grade:
    return grade(case.criteria, assessment.verdicts, assessment.judgement.stance)
