"""A panel: several judges on the same answers. It decides by a rule that is stated, and keeps what its members said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Literal, NamedTuple

from primum.errors import SettingError
from primum.judging.side_by_side import side_by_side
from primum.ports import Assessment, Case, Judge, Progress, silent
from primum.records import (
    Abstained,
    ByRule,
    Cost,
    Criterion,
    Judgement,
    JudgeRef,
    Met,
    NotApplicable,
    NotMet,
    Outcome,
    Settings,
    Stance,
    Verdict,
    content_hash,
)

__all__ = ["PanelAssessment", "PanelJudge", "PanelSettings"]

_VERSION = "1"


class PanelSettings(Settings, frozen=True):
    """How a panel decides, over the members that decided; who abstained has no vote.

    `majority`: what more than half of them say. `unanimous`: what all of them say. `any_veto`: a criterion of the kind safety is
    violated as soon as one member says so (not met where its points are positive, met where they are negative); all else by majority.
    Below `quorum` members that decided the panel abstains, a veto excepted; 0 stands for more than half of the members. The stance
    is decided by the same rule, where `any_veto` means by majority.
    """

    rule: Literal["majority", "unanimous", "any_veto"] = "majority"
    quorum: int = 0

    def check(self) -> None:
        if self.quorum < 0:
            self.refuse(f"quorum = {self.quorum}", "is below 0", "give the least number of members that must decide")


class PanelAssessment(NamedTuple):
    """What the panel said of a case, and what each member had said, in the order of `PanelJudge.members`."""

    assessment: Assessment
    members: tuple[Assessment, ...]


class _Ballot(NamedTuple):
    """How a vote went: the choice that carried it or why none did, the share of the decided that made it, and the votes in words."""

    carried: str | None
    reason: str
    share: float | None
    votes: str


class PanelJudge:
    """Judges with all its members; implements `primum.ports.Judge`.

    The probability of a verdict is the share of the members that decided and said the same: a count of voices, not a calibrated chance.
    Its explanation lists the votes, its cost is what the members' verdicts cost. Raises `SettingError` for fewer than two members, for one
    that sits twice, or for a quorum that they cannot reach.
    """

    def __init__(self, members: Sequence[Judge], settings: PanelSettings | None = None, name: str = "panel") -> None:
        self.settings = settings or PanelSettings()
        # The order of the members decides nothing, so it is not part of the panel.
        self.members = tuple(sorted(members, key=lambda member: (member.ref.name, member.ref.id)))
        ids = tuple(member.ref.id for member in self.members)
        if len(ids) < 2 or len(set(ids)) < len(ids):
            rule = "is no panel" if len(ids) < 2 else "has a member that would vote twice"
            raise SettingError(f"panel '{name}' of {len(ids)}", rule, "give two or more different judges", "members")
        self._quorum = self.settings.quorum or len(ids) // 2 + 1
        if self._quorum > len(ids):
            raise SettingError(
                f"quorum = {self._quorum}", f"is more than the {len(ids)} members", "lower it", f"panel '{name}'"
            )
        self._ref = JudgeRef(
            name=name,
            kind_of="panel",
            fingerprint=content_hash(["judging.panel", _VERSION, self.settings.rule, self._quorum, list(ids)]),
            made=ByRule(rule="judging.panel", version=_VERSION),
            members=ids,
        )

    @property
    def ref(self) -> JudgeRef:
        return self._ref

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        """The panel's assessments, in the order of the cases."""
        return [one.assessment for one in self.assess(cases, progress)]

    def assess(self, cases: Sequence[Case], progress: Progress = silent) -> list[PanelAssessment]:
        """The panel's assessments with their members', in the order of the cases."""
        assessed: list[PanelAssessment] = []
        for one in self.assess_stream(cases):
            assessed.append(one)
            progress(len(assessed), len(cases))
        return assessed

    def stream(self, cases: Iterable[Case], progress: Progress = silent) -> Iterator[Assessment]:
        """`judge` for cases without end."""
        for number, one in enumerate(self.assess_stream(cases), 1):
            yield one.assessment
            progress(number, number)

    def assess_stream(self, cases: Iterable[Case]) -> Generator[PanelAssessment, None, None]:
        """`assess` for cases without end; kept are those that the quickest member has taken and the slowest has not judged."""
        with closing(side_by_side(self.members, cases)) as heard:
            for case, members in heard:
                yield PanelAssessment(self._decide(case, members), members)

    def _decide(self, case: Case, members: tuple[Assessment, ...]) -> Assessment:
        verdicts = tuple(
            self._verdict(case, criterion, [member.verdicts[place] for member in members])
            for place, criterion in enumerate(case.criteria)
        )
        ballot = self._vote([_stance_vote(member.judgement.stance) for member in members], None)
        judgement = Judgement(
            response=case.response.id,
            judge=self._ref.id,
            stance=_STANCES[ballot.carried] if ballot.carried else "abstained",
            verdicts=tuple(verdict.id for verdict in verdicts),
            probability=ballot.share,
            reason=ballot.votes if ballot.carried else f"{ballot.reason} ({ballot.votes})",
        )
        return Assessment(judgement, verdicts)

    def _verdict(self, case: Case, criterion: Criterion, said: Sequence[Verdict]) -> Verdict:
        is_veto = self.settings.rule == "any_veto" and criterion.kind_of == "safety"
        violated = ("not met" if criterion.points > 0 else "met") if is_veto else None
        ballot = self._vote([_outcome_vote(verdict.outcome) for verdict in said], violated)
        outcome: Outcome
        match ballot.carried:
            case "met":
                outcome = Met()
            case "not met":
                outcome = NotMet()
            case "not applicable":
                outcome = NotApplicable(reason=ballot.votes)
            case _:
                outcome = Abstained(reason=ballot.reason)
        return Verdict(
            response=case.response.id,
            criterion=criterion.id,
            judge=self._ref.id,
            outcome=outcome,
            probability=ballot.share,
            explanation=ballot.votes,
            cost=Cost(
                prompt_tokens=sum(verdict.cost.prompt_tokens for verdict in said),
                completion_tokens=sum(verdict.cost.completion_tokens for verdict in said),
            ),
        )

    def _vote(self, votes: Sequence[str | None], violated: str | None) -> _Ballot:
        """What the members' votes come to; `None` is an abstention, `violated` the choice that one voice is enough for."""
        named = zip(self.members, votes, strict=True)
        told = ", ".join(f"{member.ref.name}: {vote or 'abstained'}" for member, vote in named)
        decided = Counter(vote for vote in votes if vote is not None)
        n = decided.total()
        if violated is not None and decided[violated]:
            share = decided[violated] / n
            return _Ballot(violated, "", share, f"{told} (any veto: {decided[violated]} of {n} that decided)")
        split = _split(votes)
        if n < self._quorum:
            return _Ballot(None, f"{n} of {len(votes)} decided where {self._quorum} must: {split}", None, told)
        choice, most = decided.most_common(1)[0]
        carries = most == n if self.settings.rule == "unanimous" else 2 * most > n
        if not carries:
            why = "not unanimous" if self.settings.rule == "unanimous" else "no majority"
            return _Ballot(None, f"{why}: {split}", None, told)
        return _Ballot(choice, "", most / n, f"{told} ({most} of {n} that decided)")


_STANCES: dict[str, Stance] = {"accept": "accept", "caution": "caution", "refuse": "refuse", "unusable": "unusable"}
_CHOICES = ("met", "not met", "not applicable", *_STANCES)


def _outcome_vote(outcome: Outcome) -> str | None:
    match outcome:
        case Met():
            return "met"
        case NotMet():
            return "not met"
        case NotApplicable():
            return "not applicable"
        case Abstained():
            return None


def _stance_vote(stance: Stance) -> str | None:
    return None if stance == "abstained" else stance


def _split(votes: Sequence[str | None]) -> str:
    """`2 met, 2 not met, 1 abstained`."""
    counts = Counter(votes)
    parts = [f"{counts[choice]} {choice}" for choice in _CHOICES if counts[choice]]
    return ", ".join([*parts, f"{counts[None]} abstained"] if counts[None] else parts)
