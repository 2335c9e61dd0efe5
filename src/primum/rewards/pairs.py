"""From ranked answers to what a policy learns: preferences with margins for DPO, approvals for KTO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from primum.grading import Grade, is_surely_better
from primum.records import Approval, ByRule, Preference, Rubric, Settings
from primum.rewards.combine import RewardSettings, combine
from primum.rewards.ranking import Graded, rank

__all__ = ["PairSettings", "Taught", "teach"]


class PairSettings(Settings, frozen=True):
    """Which judged answers teach.

    A pair needs a surely better answer, by at least `least_margin` of reward; at most `most` pairs a query, those with the widest margin.
    An answer is approved when it has surely no veto and earns `approve_from` of its proficiency, and disapproved when it surely has a
    veto or earns `disapprove_to` at most. What lies between teaches nothing.
    """

    least_margin: float = 0.1
    most: int = 4
    approve_from: float = 0.7
    disapprove_to: float = 0.4
    reward: RewardSettings = RewardSettings()

    def check(self) -> None:
        if not self.least_margin >= 0 or self.most < 1:
            self.refuse(f"least_margin {self.least_margin}, most {self.most}", "are below 0 and 1", "give more")
        if not 0 <= self.disapprove_to < self.approve_from <= 1:
            self.refuse(
                f"approve_from {self.approve_from}, disapprove_to {self.disapprove_to}",
                "are not two shares with the second below the first",
                "give others",
            )


class Taught(NamedTuple):
    """What the answers to one query teach. `unsure` counts pairs that abstentions leave open, `close` those that are too close."""

    preferences: list[Preference]
    approvals: list[Approval]
    unsure: int
    close: int


def teach(rubric: Rubric, graded: Sequence[Graded], settings: PairSettings | None = None) -> Taught:
    """Preferences and approvals from the answers to one query, all judged by one judge under one rubric. Texts that are equal, but for
    white space, are one answer. An empty or unusable one is never chosen; an unusable one is disapproved. A rubric without a proficiency
    criterion that applies approves nothing."""
    chosen = settings or PairSettings()
    placed = [one.graded for one in rank(_distinct(graded))]
    found: list[Preference] = []
    unsure = close = 0
    for place, better in enumerate(placed):
        for worse in placed[place + 1 :]:
            is_said = better.response.text.strip() and better.judgement.stance != "unusable"
            if not is_surely_better(better.grade, worse.grade) or not is_said:
                unsure += not _is_known(better.grade, worse.grade)
                continue
            margin = combine(better.grade, chosen.reward).low - combine(worse.grade, chosen.reward).high
            if margin < chosen.least_margin:
                close += 1
                continue
            found.append(_preference(rubric, better, worse, margin))
    found.sort(key=lambda one: (-(one.margin or 0.0), one.id))
    approvals = [_approval(rubric, one, good) for one in placed if (good := _is_good(one, chosen)) is not None]
    return Taught(found[: chosen.most], approvals, unsure, close)


def _distinct(graded: Sequence[Graded]) -> list[Graded]:
    seen: dict[str, Graded] = {}
    for one in graded:
        seen.setdefault(" ".join(one.response.text.split()), one)
    return list(seen.values())


def _is_known(*grades: Grade) -> bool:
    return not any(grade.open for grade in grades)


def _preference(rubric: Rubric, better: Graded, worse: Graded, margin: float) -> Preference:
    return Preference(
        scenario=rubric.scenario,
        chosen=better.response.id,
        rejected=worse.response.id,
        made=ByRule(rule="rewards.teach"),
        because=(better.judgement.id, worse.judgement.id),
        rubric=rubric.id,
        margin=margin,
    )


def _approval(rubric: Rubric, graded: Graded, is_good: bool) -> Approval:
    return Approval(
        scenario=rubric.scenario,
        response=graded.response.id,
        is_desirable=is_good,
        made=ByRule(rule="rewards.teach"),
        because=(graded.judgement.id,),
        rubric=rubric.id,
    )


def _is_good(graded: Graded, settings: PairSettings) -> bool | None:
    """Whether an answer is desirable whatever the abstentions hide; `None` where it is neither, or one of them decides."""
    found = graded.grade
    if not graded.response.text.strip():
        return None
    if graded.judgement.stance == "unusable":
        return False
    if found.vetoes.high == 0 and found.is_weighed and found.proficiency.low >= settings.approve_from:
        return True
    if found.vetoes.low > 0 or found.proficiency.high <= settings.disapprove_to:
        return False
    return None
