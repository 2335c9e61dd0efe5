"""A judge that answers from what was recorded: verdicts of an earlier run, of another tool, of a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from primum.errors import InputError
from primum.ports import Assessment, Case, Progress, silent
from primum.records import (
    Abstained,
    ByImport,
    Criterion,
    Judgement,
    JudgeRef,
    Met,
    NotMet,
    Outcome,
    Verdict,
    answer_digest,
)

__all__ = ["RecordedJudge", "RecordedRow"]


class RecordedRow(NamedTuple):
    """The verdicts on one answer as a file holds them, one a criterion of the row `prompt_id`; `None` where nothing was decided.

    `reasons` (of abstentions) and `probabilities` (of "met") are empty or as long as `met`. `answer` is the `answer_digest` of the
    text that was judged; empty where nobody wrote down which it was, and then the verdicts are taken to be on whatever answer is put.
    """

    prompt_id: str
    met: Sequence[bool | None]
    reasons: Sequence[str | None] = ()
    probabilities: Sequence[float | None] = ()
    answer: str = ""


class RecordedJudge:
    """Says again what `ref` said once, and abstains from the rest with the reason; implements `primum.ports.Judge`.

    Assessments are found by the ids of response and criterion. Rows are found by the import that made the case: its scenario's `made.row`
    is the `prompt_id` and its criteria's `made.row` ends in `#1`, `#2` …, as `bench.load_healthbench` writes them; so criteria may be
    left out or reordered, and an answer that was changed is not the one that was judged. Rows hold no stance.

    Raises `InputError` for an assessment of another judge, and for two that contradict each other.
    """

    def __init__(self, ref: JudgeRef, assessments: Iterable[Assessment] = (), rows: Iterable[RecordedRow] = ()) -> None:
        self._ref = ref
        self._judgements: dict[str, Judgement] = {}
        self._verdicts: dict[tuple[str, str], Verdict] = {}
        self._rows: dict[tuple[str, str], RecordedRow] = {}
        for assessment in assessments:
            self._add(assessment)
        for row in rows:
            if self._rows.setdefault((row.prompt_id, row.answer), row) is not row:
                raise _twice(f"prompt '{row.prompt_id}'", ref)

    @property
    def ref(self) -> JudgeRef:
        return self._ref

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        """One assessment a case, in order; those recorded whole are the recorded ones themselves."""
        return list(self.stream(cases, lambda done, _: progress(done, len(cases))))

    def stream(self, cases: Iterable[Case], progress: Progress = silent) -> Iterator[Assessment]:
        """One assessment a case, as they are asked for."""
        for number, case in enumerate(cases, 1):
            yield self._assess(case)
            progress(number, number)

    def _add(self, assessment: Assessment) -> None:
        judgement = assessment.judgement
        if {judgement.judge, *(verdict.judge for verdict in assessment.verdicts)} != {self._ref.id}:
            raise InputError(
                f"an assessment of {judgement.response}",
                f"is not one of judge '{self._ref.name}'",
                "give each judge its own assessments",
                f"judge {self._ref.id}",
            )
        if self._judgements.setdefault(judgement.response, judgement) != judgement:
            raise _twice(f"response {judgement.response}", self._ref)
        for verdict in assessment.verdicts:
            self._verdicts[verdict.response, verdict.criterion] = verdict

    def _assess(self, case: Case) -> Assessment:
        row = self._row(case)
        verdicts = tuple(self._verdict(case, criterion, row) for criterion in case.criteria)
        named = tuple(verdict.id for verdict in verdicts)
        known = self._judgements.get(case.response.id)
        if known is not None and known.verdicts == named:
            return Assessment(known, verdicts)
        without = "the recorded verdicts have no stance" if row is not None else "nothing was recorded of this answer"
        judgement = Judgement(
            response=case.response.id,
            judge=self._ref.id,
            stance=known.stance if known is not None else "abstained",
            verdicts=named,
            probability=known.probability if known is not None else None,
            reason=known.reason if known is not None else without,
        )
        return Assessment(judgement, verdicts)

    def _verdict(self, case: Case, criterion: Criterion, row: RecordedRow | None) -> Verdict:
        known = self._verdicts.get((case.response.id, criterion.id))
        if known is not None:
            return known
        outcome: Outcome
        probability = None
        if row is None:
            is_known = case.response.id in self._judgements
            of = "criterion" if is_known else "answer"
            outcome = Abstained(reason=f"nothing was recorded of this {of}")
        else:
            outcome, probability = _read(row, criterion)
        return Verdict(
            response=case.response.id,
            criterion=criterion.id,
            judge=self._ref.id,
            outcome=outcome,
            probability=probability,
        )

    def _row(self, case: Case) -> RecordedRow | None:
        made = case.scenario.made
        if not self._rows or not isinstance(made, ByImport):
            return None
        digest = answer_digest(case.response.text)
        return self._rows.get((made.row, digest)) or self._rows.get((made.row, ""))


def _read(row: RecordedRow, criterion: Criterion) -> tuple[Outcome, float | None]:
    """The outcome and the probability that a row has for a criterion."""
    made = criterion.made
    name, _, number = made.row.rpartition("#") if isinstance(made, ByImport) else ("", "", "")
    place = int(number) - 1 if name == row.prompt_id and number.isdecimal() else -1
    if not 0 <= place < len(row.met):
        return Abstained(reason="nothing was recorded of this criterion"), None
    met = row.met[place]
    if met is None:
        reason = row.reasons[place] if row.reasons else None
        return Abstained(reason=reason or "the recorded verdict is empty, without a reason"), None
    chance = row.probabilities[place] if row.probabilities else None
    if chance is not None and not met:
        chance = 1.0 - chance
    return Met() if met else NotMet(), chance


def _twice(value: str, ref: JudgeRef) -> InputError:
    return InputError(
        value, "was judged twice, and not alike", "keep one of the two", f"recorded verdicts of judge '{ref.name}'"
    )
