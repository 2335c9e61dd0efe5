"""Queries revised part by part: each part is kept as soon as it is done, and a run that goes on finds the parts it had.

A part goes all its way: first answers, the best of several where that is wanted, rounds of revision. The budget is handed on from part to
part; each leaves the later ones enough to judge their first answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from primum.cycles.revising_inputs import Query
from primum.cycles.revising_models import OpenedModel
from primum.cycles.steps import Made
from primum.cycles.workspace import Workspace
from primum.errors import BudgetError
from primum.grading import grade
from primum.ports import Assessment, Judge, Progress
from primum.records import (
    Judgement,
    JudgeRef,
    Principle,
    Record,
    Response,
    Revision,
    Verdict,
    content_hash,
)
from primum.revision.guided import Candidates, Revised, RevisionCase, RevisionSettings, Spent, best_of, revise
from primum.rubrics.draft import Drafted

__all__ = ["PART", "Chosen", "Job", "Parts", "Reviser"]

PART = 32
_GENERATION = 2  # raised when a part would give something else than before from the same settings
_STEP = "revisions"
_SPENT = "the budget was spent before it was its turn"


class Job(NamedTuple):
    """A query with its rubric and the principles attached to it."""

    query: Query
    drafted: Drafted
    principles: tuple[Principle, ...] = ()


class Chosen(NamedTuple):
    """Out of how many answers the first one was chosen, and by what; `None` when it was the only one."""

    of: int
    by: str


class Parts(NamedTuple):
    """What came of the jobs, in their order: the revision, or why there is none; and how the first answers were chosen."""

    revised: list[Revised | str]
    chosen: list[Chosen | None]


class Reviser:
    """Revises parts with one judge and one model; with a workspace every part is kept."""

    def __init__(
        self,
        judge: Judge,
        model: OpenedModel,
        settings: RevisionSettings,
        best: int,
        workspace: Workspace | None,
        refs: Sequence[JudgeRef] = (),
    ) -> None:
        """`refs` are the judge and those that sit on it, to be kept; without them only the judge itself is."""
        self._judge, self._model, self._settings, self._best = judge, model, settings, best
        self._workspace, self._refs = workspace, tuple(refs) or (judge.ref,)
        self._calls = self._tokens = 0

    @property
    def spent(self) -> tuple[int, int]:
        """All calls and tokens until now: first answers, choosing among them, drafts and judging."""
        return self._calls, self._tokens

    def least_calls(self, jobs: Sequence[Job]) -> int:
        """The calls it takes to have every first answer and to judge it."""
        return sum(self._first_calls(job) for job in jobs)

    def revise(self, jobs: Sequence[Job], progress: Progress) -> Parts:
        """All jobs. Once the budget is spent the rest is told so, and nothing more is asked."""
        revised: list[Revised | str] = []
        chosen: list[Chosen | None] = []
        for start in range(0, len(jobs), PART):
            part, later = jobs[start : start + PART], jobs[start + PART :]
            found, ways = self._part(part, self._left(part, later))
            revised += found
            chosen += ways
            progress(len(revised), len(jobs))
        return Parts(revised, chosen)

    def _left(self, part: Sequence[Job], later: Sequence[Job]) -> RevisionSettings | None:
        """The settings of a part with what the budget leaves it; `None` when that is nothing."""
        changes: dict[str, int] = {}
        calls, tokens = self._settings.budget_calls, self._settings.budget_tokens
        if calls is not None:
            changes["budget_calls"] = calls - self._calls - self.least_calls(later)
        if tokens is not None:
            changes["budget_tokens"] = tokens - self._tokens
        if any(left < 1 for left in changes.values()):
            return None
        return replace(self._settings, **changes)

    def _part(
        self, part: Sequence[Job], settings: RevisionSettings | None
    ) -> tuple[list[Revised | str], list[Chosen | None]]:
        if settings is None:
            return [_SPENT] * len(part), [None] * len(part)
        told = [[job.query.scenario.id, job.query.answer, job.drafted.rubric.id, *_ids(job.principles)] for job in part]
        key = content_hash([_GENERATION, self._judge.ref.id, self._model.identity, settings, self._best, told])

        workspace = self._workspace
        if workspace is None:
            return self._read(part, self._made(part, settings), None)
        stored = workspace.store.step(key, _STEP)
        if stored is not None:
            return self._read(part, Made(stored, (), ""), workspace)
        made = self._made(part, settings)
        with workspace.store.writing() as writer:
            writer.put(made.records)
            if not any("refused" in row for row in made.outputs["rows"]):  # else the next run tries these again
                writer.finish_step(key, _STEP, made.outputs)
        return self._read(part, made, workspace)

    def _made(self, part: Sequence[Job], settings: RevisionSettings) -> Made:
        """Do a part: its outputs name the records, which stand beside them."""
        firsts = self._first_answers(part)
        calls = tokens = 0
        for one in firsts:
            calls += one.calls
            tokens += one.tokens
        cases = [
            RevisionCase(
                job.query.scenario, one.response, job.drafted.rubric, job.drafted.criteria, job.principles, one.judged
            )
            for job, one in zip(part, firsts, strict=True)
            if one.response is not None
        ]
        changes = {
            name: max(1, left - spent)
            for name, left, spent in (
                ("budget_calls", settings.budget_calls, calls),
                ("budget_tokens", settings.budget_tokens, tokens),
            )
            if left is not None
        }
        found: Iterator[Revised] = iter(())
        why = ""
        if settings.budget_tokens is not None and tokens >= settings.budget_tokens:
            why = _SPENT
        else:
            try:
                found = iter(revise(cases, self._judge, self._model.writer, replace(settings, **changes)))
            except BudgetError as error:
                why = str(error)
        rows: list[dict[str, Any]] = []
        records: dict[str, Record] = {}
        for job, one in zip(part, firsts, strict=True):
            _put(records, job.query.scenario, *job.principles, *job.drafted.criteria, job.drafted.rubric, *one.records)
            if one.response is None or why:
                rows.append({"refused": one.why or why})
                continue
            each = next(found)
            _put(records, *each.responses, *(verdict for said in each.assessments for verdict in said.verdicts))
            _put(records, *(said.judgement for said in each.assessments), each.revision)
            rows.append(_row(each, one.chosen))
            calls, tokens = calls + each.spent.calls, tokens + each.spent.tokens
        _put(records, *self._model.records, *self._refs)
        return Made({"rows": rows, "calls": calls, "tokens": tokens}, list(records.values()), "")

    def _first_calls(self, job: Job) -> int:
        """To draw what answers are wanted, and to judge all of them."""
        return 2 * self._best - (job.query.answer is not None)

    def _first_answers(self, part: Sequence[Job]) -> list[_First]:
        """The answer of the row, else the model's; of several where the best is wanted, and then judged already."""
        candidates: list[list[Response | str]] = [[] for _ in part]
        for job, own in zip(part, candidates, strict=True):
            if job.query.answer is not None:
                made = job.query.scenario.made
                own.append(Response(scenario=job.query.scenario.id, text=job.query.answer, made=made))
        drawn = [0] * len(part)
        for number in range(self._best if self._model.answers is not None else 0):
            asked = [place for place, own in enumerate(candidates) if len(own) <= number]
            if not asked:
                continue  # all brought an answer of their own
            assert self._model.answers is not None
            found = self._model.answers.answer([part[place].query.scenario for place in asked], number)
            for place, answer in zip(asked, found, strict=True):
                candidates[place].append(answer)
                drawn[place] += 1
        return self._judged_firsts(part, candidates, drawn)

    def _judged_firsts(
        self, part: Sequence[Job], candidates: Sequence[Sequence[Response | str]], drawn: Sequence[int]
    ) -> list[_First]:
        usable = [_distinct(own) for own in candidates]
        several = [place for place, own in enumerate(usable) if len(own) > 1]
        choices = best_of(
            [
                Candidates(part[place].query.scenario, tuple(usable[place]), part[place].drafted.criteria)
                for place in several
            ],
            self._judge,
        )
        chosen = dict(zip(several, choices, strict=True))
        firsts: list[_First] = []
        for place, own in enumerate(usable):
            paid = sum(one.prompt_tokens + one.completion_tokens for one in own)
            if place in chosen:
                choice = chosen[place]
                said: list[Verdict | Judgement] = []
                for one in choice.assessments:
                    said += [*one.verdicts, one.judgement]
                paid += sum(each.cost.prompt_tokens + each.cost.completion_tokens for each in said)
                firsts.append(
                    _First(
                        own[choice.place],
                        choice.assessments[choice.place],
                        Chosen(len(own), choice.by),
                        (*own, *said),
                        drawn[place] + len(own),
                        paid,
                    )
                )
            elif own:
                firsts.append(_First(own[0], None, None, (own[0],), drawn[place], paid))
            else:
                reasons = [one for one in candidates[place] if isinstance(one, str)]
                why = f"no first answer: {reasons[0]}" if reasons else "it has no answer, and nothing here answers"
                firsts.append(_First(None, None, None, (), drawn[place], paid, why))
        return firsts

    def _read(
        self, part: Sequence[Job], made: Made, workspace: Workspace | None
    ) -> tuple[list[Revised | str], list[Chosen | None]]:
        """The revisions of a part from its outputs, and what they spent."""
        self._calls += made.outputs["calls"]
        self._tokens += made.outputs["tokens"]
        rows = made.outputs["rows"]
        if workspace is None:
            known = {one.id: one for one in made.records}
        else:
            ids = list(dict.fromkeys(id for row in rows if "refused" not in row for id in _named(row)))
            known = dict(zip(ids, workspace.store.get_many(ids), strict=True))
        revised: list[Revised | str] = []
        chosen: list[Chosen | None] = []
        for job, row in zip(part, rows, strict=True):
            if "refused" in row:
                revised.append(row["refused"])
                chosen.append(None)
                continue
            revised.append(_revised(job, row, known))
            chosen.append(Chosen(*row["chosen"]) if row["chosen"] else None)
        return revised, chosen


class _First(NamedTuple):
    """A first answer (`None`: why there is none), judged where it was chosen among several, and what it took."""

    response: Response | None
    judged: Assessment | None
    chosen: Chosen | None
    records: tuple[Record, ...]
    calls: int
    tokens: int
    why: str = ""


def _distinct(answers: Sequence[Response | str]) -> list[Response]:
    """The answers there are; of equal texts the first."""
    found: dict[str, Response] = {}
    for one in answers:
        if isinstance(one, Response):
            found.setdefault(one.text, one)
    return list(found.values())


def _row(one: Revised, chosen: Chosen | None) -> dict[str, Any]:
    return {
        "revision": one.revision.id,
        "responses": [each.id for each in one.responses],
        "judgements": [[each.judgement.id, [verdict.id for verdict in each.verdicts]] for each in one.assessments],
        "spent": list(one.spent),
        "notes": list(one.notes),
        "chosen": list(chosen) if chosen else None,
    }


def _named(row: dict[str, Any]) -> list[str]:
    told = [row["revision"], *row["responses"]]
    for judgement, verdicts in row["judgements"]:
        told += [judgement, *verdicts]
    return told


def _revised(job: Job, row: dict[str, Any], known: dict[str, Record]) -> Revised:
    revision = known[row["revision"]]
    assert isinstance(revision, Revision)
    responses = [one for id in row["responses"] if isinstance(one := known[id], Response)]
    assessments: list[Assessment] = []
    for id, verdicts in row["judgements"]:
        judgement = known[id]
        assert isinstance(judgement, Judgement)
        own = tuple(one for each in verdicts if isinstance(one := known[each], Verdict))
        assessments.append(Assessment(judgement, own))
    criteria = job.drafted.criteria
    case = RevisionCase(job.query.scenario, responses[0], job.drafted.rubric, criteria, job.principles)
    grades = [grade(criteria, one.verdicts, one.judgement.stance) for one in assessments]
    return Revised(revision, responses, assessments, grades, case, Spent(*row["spent"]), tuple(row["notes"]))


def _put(records: dict[str, Record], *found: Record) -> None:
    for one in found:
        records.setdefault(one.id, one)


def _ids(records: Sequence[Record]) -> list[str]:
    return [one.id for one in records]
