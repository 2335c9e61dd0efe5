"""Guided self-revision (ClinAlign, arXiv 2602.09653): critique by the rubric, rewrite, judge again, keep only what is surely better.

    kept = first answer
    each round:  critique(kept) → draft → judge(draft) → kept = draft, if it is surely better and violates no further veto

"Surely" is by the judge's own bounds (`primum.grading`): the draft at its worst comes before the kept answer at its best. So the answer
that is returned is never worse than the first by that judge, whatever its abstentions hide. Whether it is better in truth is for
another judge to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from primum.errors import BudgetError, InputError
from primum.ports import Case, Judge, Progress, silent
from primum.records import Cost, Response
from primum.revision.guided.contract import Revised, RevisionCase, Writer, Written
from primum.revision.guided.purse import Purse, judging_cost
from primum.revision.guided.settings import RevisionSettings
from primum.revision.guided.track import Track

__all__ = ["revise"]

_PLACE = "revision.guided.revise"


def revise(
    cases: Sequence[RevisionCase],
    judge: Judge,
    writer: Writer,
    settings: RevisionSettings | None = None,
    progress: Progress = silent,
) -> list[Revised]:
    """Every case revised, in their order; all that are open in a round go to the writer, and then to the judge, together.

    Raises `InputError` for a case whose parts do not belong together, `BudgetError` when the budget does not even pay for judging the
    first answers, and what judge and writer raise when they cannot go on (`OutageError`).
    """
    settings = settings or RevisionSettings()
    for case in cases:
        _check(case)
    tracks = [Track(case) for case in cases]
    purse = Purse(settings)
    steps = _Steps(len(cases) * (1 + settings.rounds), progress)
    _judge_first(tracks, judge, purse, settings)
    steps.done(len(tracks))
    for round in range(1, settings.rounds + 1):
        going = [track for track in tracks if track.ended is None]
        for start in range(0, len(going), settings.batch):
            batch = going[start : start + settings.batch]
            _round(batch, round, judge, writer, purse, settings.patience)
            steps.done(len(batch))
    steps.end()
    return [track.revised(judge.ref.id) for track in tracks]


def _judge_first(tracks: Sequence[Track], judge: Judge, purse: Purse, settings: RevisionSettings) -> None:
    """Judge the first answers, in batches; those that come judged are taken as they are."""
    unknown = []
    for track in tracks:
        if track.case.judged is not None:
            track.begin(track.case.judged, was_asked=False)
        else:
            unknown.append(track)
    for start in range(0, len(unknown), settings.batch):
        batch, rest = unknown[start : start + settings.batch], len(unknown) - start
        # Calls are known beforehand, tokens only when they are paid: the one bound is held against all that is left, the other by batch.
        if purse.calls(rest) < rest or purse.judgements(len(batch)) < len(batch):
            bounds = ((settings.budget_calls, "calls"), (settings.budget_tokens, "tokens"))
            raise BudgetError(
                f"budget of {' and '.join(f'{most:,} {what}' for most, what in bounds if most is not None)}",
                f"does not pay for judging {len(unknown)} first answers",
                "raise it, or give fewer queries",
                _PLACE,
            )
        assessments = judge.judge([Case(one.case.scenario, one.case.first, one.case.criteria) for one in batch])
        purse.judge([judging_cost(one) for one in assessments])
        for track, assessment in zip(batch, assessments, strict=True):
            track.begin(assessment, was_asked=True)


def _round(batch: Sequence[Track], round: int, judge: Judge, writer: Writer, purse: Purse, patience: int) -> None:
    """One draft for each of the batch that the budget still pays for; the others end here, with what they have."""
    admitted = purse.drafts(len(batch))
    for track in batch[admitted:]:
        track.ended = "budget"
    batch = batch[:admitted]
    if not batch:
        return
    try:
        written = writer.write([track.critiqued(round) for track in batch])
        purse.write([_cost(one) for one in written])
        drafts: list[tuple[Track, Response]] = []
        for track, one in zip(batch, written, strict=True):
            track.paid(_cost(one))
            draft = _draft(track, one, writer)
            if isinstance(draft, str):
                track.without_draft(round, draft, patience)
            else:
                drafts.append((track, draft))
    except BudgetError:  # of the chat model's own settings: what is kept is kept
        for track in batch:
            track.ended = track.ended or "budget"
        return
    cases = [Case(track.case.scenario, draft, track.case.criteria) for track, draft in drafts]
    try:
        assessments = judge.judge(cases) if cases else []
    except BudgetError:
        for track, draft in drafts:
            track.unjudged(round, draft.text)
        return
    purse.judge([judging_cost(one) for one in assessments])
    for (track, draft), assessment in zip(drafts, assessments, strict=True):
        track.judged(round, draft, assessment, patience)


def _draft(track: Track, one: Written | str, writer: Writer) -> Response | str:
    if isinstance(one, str):
        return one
    if one.refused:
        return one.refused
    if not one.text.strip():
        return "the draft has no text"
    return track.response(one.text, one.cost, writer)


def _cost(one: Written | str) -> Cost:
    return Cost() if isinstance(one, str) else one.cost


def _check(case: RevisionCase) -> None:
    """Raise `InputError` unless answer and rubric are of this situation and the criteria are the rubric's."""
    ids = tuple(one.id for one in case.criteria)
    if case.first.scenario != case.scenario.id or case.rubric.scenario != case.scenario.id:
        raise InputError(
            f"situation {case.scenario.id}",
            "is not the one that its first answer and its rubric name",
            "give the answer and the rubric of this situation",
            _PLACE,
        )
    if ids != case.rubric.criteria:
        raise InputError(
            f"{len(ids)} criteria",
            f"are not those of rubric {case.rubric.id}, in its order",
            "give the criteria that the rubric names",
            _PLACE,
        )


class _Steps:
    """Counts what is done; an answer that ends early is done with all its rounds."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total, self._done, self._progress = total, 0, progress

    def done(self, more: int) -> None:
        self._done += more
        self._progress(self._done, self._total)

    def end(self) -> None:
        self._progress(self._total, self._total)
