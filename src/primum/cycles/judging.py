"""Answers judged by their criteria: a file of verdicts that grows, stops and goes on; memory does not grow with it."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from primum.cycles.cases import case_of, check_rows, prompt_digest
from primum.cycles.judges import OpenedJudge, is_same, load_judge
from primum.cycles.verdict_file import VerdictFile
from primum.errors import SettingError
from primum.evaluation.suites.files import (
    AnswerRow,
    HealthRow,
    VerdictRow,
    answer_digest,
    read_answer_rows,
    read_health_rows,
)
from primum.judging.disagreement import Disagreement
from primum.judging.engine import Engine
from primum.judging.panel import PanelJudge
from primum.models.calls import Spent
from primum.ports import Assessment, Case
from primum.records import Abstained, JudgeRef, Met, NotApplicable, NotMet, Verdict

__all__ = ["JudgingOrder", "Tally", "judge_answers", "member_file"]

_MOST_REASONS = 100  # many quote a reply, and then no two are alike


class JudgingOrder(NamedTuple):
    """What is to be judged, by whom, and where the verdicts go. `overrides` are put on top of the judge's settings."""

    data: Path
    answers: Path
    judge: Path
    out: Path
    overrides: tuple[str, ...] = ()
    is_forced: bool = False
    is_partial: bool = False


class Tally:
    """How far the judging is, and what came of it. Verdicts are those of the whole file; time and spending those of this run."""

    def __init__(self, judge: JudgeRef, answers: int, opened: OpenedJudge) -> None:
        self.judge, self.answers, self.before = judge, answers, 0
        self.done = self.verdicts = self.met = self.not_met = self.abstained = self.verdicts_before = 0
        self.reasons: Counter[str] = Counter()
        self.disagreement: Disagreement | None = None
        self._opened, self._paid, self._began = opened, opened.spent, time.monotonic()

    def add(self, row: VerdictRow) -> None:
        """Count a row of verdicts."""
        self.done += 1
        self.verdicts += len(row.met)
        self.met += sum(met is True for met in row.met)
        self.not_met += sum(met is False for met in row.met)
        for place, met in enumerate(row.met):
            if met is None:
                self.abstained += 1
                reason = (row.reasons[place] if row.reasons else None) or "no reason was recorded"
                is_room = reason in self.reasons or len(self.reasons) < _MOST_REASONS
                self.reasons[reason if is_room else "another reason"] += 1

    def begin(self) -> None:
        """What was counted until now was there before this run."""
        self.before, self.verdicts_before = self.done, self.verdicts
        self._paid, self._began = self._opened.spent, time.monotonic()

    @property
    def share_abstained(self) -> float:
        """The share of verdicts without a decision; 0 where there are no verdicts."""
        return self.abstained / self.verdicts if self.verdicts else 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def spent(self) -> Spent:
        """What the calls of this run cost."""
        now, paid = self._opened.spent, self._paid
        return Spent(
            now.calls - paid.calls,
            now.prompt_tokens - paid.prompt_tokens,
            now.completion_tokens - paid.completion_tokens,
            now.usd - paid.usd,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        return self._opened.notes


def judge_answers(order: JudgingOrder, told: Callable[[Tally], None]) -> Tally:
    """Judge every answer that has no verdicts in `order.out` yet; each row is written as it is done, in the order of the set.

    A panel's members have files of their own beside it, see `member_file`. Bad input is found before anything is written. What ends the
    run (an outage, a spent budget, a full disk) is raised; the rows that were written stay, and the same call goes on after them.
    """
    if any(is_same(order.out, one) for one in (order.data, order.answers, order.judge)):
        raise SettingError(f"--out '{order.out}'", "is one of the files to read", "name another", "judge run")
    rows = read_health_rows(order.data)
    answers = read_answer_rows(order.answers, rows, partial=order.is_partial)
    check_rows(rows, str(order.data))
    by_id = {row.prompt_id: row for row in rows}
    with load_judge(order.judge, order.overrides, order.out.parent) as opened, ExitStack() as stack:
        opened.check_out(order.out, "judge run")
        run = _Run(order, opened, by_id, answers)
        run.open(stack)
        run.tally.begin()
        told(run.tally)
        with closing(run.rows()) as written:
            for _ in written:
                told(run.tally)
        return run.tally


def member_file(out: Path, number: int, member: JudgeRef) -> Path:
    """Where the verdicts of a panel's member go: `verdicts.member-1-NAME.jsonl`."""
    name = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in member.name)[:60]
    return out.with_name(f"{out.stem}.member-{number}-{name}{out.suffix}")


class _Run:
    """One run of a judge over answers, and the files it writes."""

    def __init__(
        self, order: JudgingOrder, opened: OpenedJudge, rows: dict[str, HealthRow], answers: Sequence[AnswerRow]
    ) -> None:
        self._order, self._opened, self._prompts, self._answers = order, opened, rows, answers
        self.tally = Tally(opened.judge.ref, len(answers), opened)
        self._files: list[VerdictFile] = []

    def open(self, stack: ExitStack) -> None:
        """Open the files; the tally counts what stands in the judge's own."""
        judge, out = self._opened.judge, self._order.out
        refs = [member.ref for member in judge.members] if isinstance(judge, PanelJudge) else []
        prompts = {row.prompt_id: prompt_digest(self._prompts[row.prompt_id]) for row in self._answers}
        answers = {row.prompt_id: answer_digest(row.response) for row in self._answers}
        files = [(out, judge.ref), *((member_file(out, n, ref), ref) for n, ref in enumerate(refs, 1))]
        for path, ref in files:
            members = tuple(refs) if path == out else ()
            opened = stack.enter_context(VerdictFile(path, ref, prompts, answers, members, self._order.is_forced))
            opened.begin(self.tally.add if path == out else _unheard)
            self._files.append(opened)
        self.tally.answers += len(self._files[0].done - answers.keys())

    def rows(self) -> Generator[VerdictRow, None, None]:
        """Judge what is left; each row is written before it is given."""
        own, *members = self._files
        waiting: deque[AnswerRow] = deque()  # the cases taken by the judge, whose assessments come in the same order
        # Closed here and not when it is forgotten: calls in flight end before the file of paid calls is closed.
        with closing(self._assessed(self._cases(waiting))) as assessed:
            for assessments in assessed:
                answer = waiting.popleft()
                # The members first: where the panel's own row stands, theirs do.
                for file, assessment in zip(members, assessments[1:], strict=True):
                    if answer.prompt_id not in file.done:
                        file.append(_row(answer, assessment))
                row = _row(answer, assessments[0])
                own.append(row)
                self.tally.add(row)
                yield row

    def _cases(self, waiting: deque[AnswerRow]) -> Iterator[Case]:
        for answer in self._answers:
            if answer.prompt_id not in self._files[0].done:
                waiting.append(answer)
                yield case_of(self._prompts[answer.prompt_id], answer, self._order.data.stem)

    def _assessed(self, cases: Iterator[Case]) -> Generator[list[Assessment], None, None]:
        """The judge's assessment of each case, and after it its members' if it is a panel."""
        judge = self._opened.judge
        if not isinstance(judge, PanelJudge):
            with closing(Engine(judge, settings=self._opened.settings.engine).stream(cases)) as stream:
                for assessment in stream:
                    yield [assessment]
            return
        self.tally.disagreement = Disagreement(judge)
        with closing(judge.assess_stream(cases)) as panel_stream:
            for panelled in panel_stream:
                self.tally.disagreement.add(panelled)
                yield [panelled.assessment, *panelled.members]


def _row(answer: AnswerRow, assessment: Assessment) -> VerdictRow:
    said = [_said(verdict) for verdict in assessment.verdicts]
    return VerdictRow(
        prompt_id=answer.prompt_id,
        met=[met for met, _, _ in said],
        reasons=[reason for _, reason, _ in said] if any(reason for _, reason, _ in said) else [],
        probabilities=[chance for _, _, chance in said] if any(chance is not None for _, _, chance in said) else [],
        judge=assessment.judgement.judge,
        answer=answer_digest(answer.response),
    )


def _said(verdict: Verdict) -> tuple[bool | None, str | None, float | None]:
    """Whether the criterion is met, why that is not known, and the probability that it is met."""
    chance = verdict.probability
    match verdict.outcome:
        case Met():
            return True, None, chance
        case NotMet():
            return False, None, None if chance is None else 1.0 - chance
        case NotApplicable(reason=reason):
            return None, f"not applicable: {reason}" if reason else "not applicable", None
        case Abstained(reason=reason):
            return None, reason, None


def _unheard(_: VerdictRow) -> None:
    """A member's rows are not counted: the panel's are."""
