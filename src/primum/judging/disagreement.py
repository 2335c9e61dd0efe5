"""How a panel was divided: how often its members did not say the same, and how often each was outvoted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from primum.judging.panel import PanelAssessment, PanelJudge
from primum.records import Abstained, Estimate, Outcome
from primum.stats import mean

__all__ = ["Disagreement", "MemberShare"]

_UNIT = "answer"


class MemberShare(NamedTuple):
    """One member: how often it abstained, and how often it decided otherwise than the panel, of what both decided (`None` if nothing)."""

    judge: str
    name: str
    abstained: Estimate
    outvoted: Estimate | None


class Disagreement:
    """Counts a panel's verdicts as they come; it keeps a few numbers for each verdict, and no verdict.

    Intervals are by answer: the verdicts on one answer are not independent.
    """

    def __init__(self, panel: PanelJudge) -> None:
        self._members = panel.members
        self._clusters: list[str] = []
        self._split: list[float | None] = []
        self._undecided: list[float | None] = []
        self._abstained: list[list[float | None]] = [[] for _ in panel.members]
        self._outvoted: list[list[float | None]] = [[] for _ in panel.members]

    def add(self, one: PanelAssessment) -> None:
        """Count the verdicts of one assessment."""
        for place, verdict in enumerate(one.assessment.verdicts):
            said = [_word(member.verdicts[place].outcome) for member in one.members]
            decided = [word for word in said if word is not None]
            ruled = _word(verdict.outcome)
            self._clusters.append(verdict.response)
            # With fewer than two voices there is nothing that could be divided.
            self._split.append(float(len(set(decided)) > 1) if len(decided) > 1 else None)
            self._undecided.append(float(ruled is None))
            for number, word in enumerate(said):
                self._abstained[number].append(float(word is None))
                self._outvoted[number].append(float(word != ruled) if word is not None and ruled is not None else None)

    @property
    def n(self) -> int:
        """The verdicts counted."""
        return len(self._clusters)

    @property
    def split(self) -> Estimate | None:
        """The share of verdicts on which the members that decided did not all say the same; `None` before two decided on anything."""
        return self._share(self._split)

    @property
    def undecided(self) -> Estimate | None:
        """The share of verdicts from which the panel abstained."""
        return self._share(self._undecided)

    @property
    def members(self) -> tuple[MemberShare, ...]:
        """The members, in the panel's order; none before a verdict was counted."""
        found = []
        for number, member in enumerate(self._members):
            abstained = self._share(self._abstained[number])
            if abstained is not None:
                outvoted = self._share(self._outvoted[number])
                found.append(MemberShare(member.ref.id, member.ref.name, abstained, outvoted))
        return tuple(found)

    def _share(self, values: Sequence[float | None]) -> Estimate | None:
        """The mean of what there is; a verdict that has nothing to compare is no abstention and does not widen the interval."""
        known = [(value, cluster) for value, cluster in zip(values, self._clusters, strict=True) if value is not None]
        return mean([value for value, _ in known], [cluster for _, cluster in known], _UNIT)


def _word(outcome: Outcome) -> str | None:
    return None if isinstance(outcome, Abstained) else type(outcome).__name__
