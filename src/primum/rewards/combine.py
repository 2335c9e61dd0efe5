"""One number from the parts of a grade, for learners that need one (ProMedical, arXiv 2604.08326).

    r = clip(S1 + α·S2, 0, 1 + β) − λ·S3            α < 1, β > 0, λ ≥ 1 + β

λ ≥ 1 + β puts every answer with a veto at or below every answer without one; within the vetoed band S1 still tells answers apart. An
abstention may have gone either way, so the reward of a grade is a pair of bounds.
"""

from __future__ import annotations

from collections.abc import Sequence

from primum.grading import Bounds, Grade
from primum.records import Reward, Settings, Verdict

__all__ = ["RewardSettings", "combine", "reward"]


class RewardSettings(Settings, frozen=True):
    """α weighs an excellence criterion, 1 + β is the most an answer can earn, λ is what each veto costs. The paper's values are not
    public: these are ours."""

    alpha: float = 0.1
    beta: float = 0.3
    veto_weight: float = 1.5

    def check(self) -> None:
        if not 0 <= self.alpha < 1 or not self.beta > 0:
            self.refuse(f"alpha {self.alpha}, beta {self.beta}", "are outside [0, 1) and (0, ∞)", "give others")
        if self.veto_weight < 1 + self.beta:
            self.refuse(
                f"veto_weight = {self.veto_weight}",
                f"is below 1 + beta = {1 + self.beta:g}, so that a good answer could make up for a veto",
                "give that or more",
            )


def combine(grade: Grade, settings: RewardSettings | None = None) -> Bounds:
    """The reward of a grade, at least and at most. S1 = 0.8, S2 = 1, S3 = 0 earn 0.9; one veto makes that −0.6."""
    chosen = settings or RewardSettings()
    low, high = (
        min(proficiency + chosen.alpha * excellence, 1 + chosen.beta) - chosen.veto_weight * vetoes
        for proficiency, excellence, vetoes in (
            (grade.proficiency.low, grade.excellence.low, grade.vetoes.high),
            (grade.proficiency.high, grade.excellence.high, grade.vetoes.low),
        )
    )
    return Bounds(low, high)


def reward(
    response: str, grade: Grade, verdicts: Sequence[Verdict], settings: RewardSettings | None = None
) -> Reward | None:
    """The reward as a record; `None` where an abstention leaves it open."""
    found = combine(grade, settings)
    if not found.is_known or grade.open:
        return None
    return Reward(
        response=response,
        value=found.low,
        proficiency=grade.proficiency.low,
        excellence=int(grade.excellence.low),
        vetoes=int(grade.vetoes.low),
        verdicts=tuple(verdict.id for verdict in verdicts),
    )
