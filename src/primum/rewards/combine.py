"""One number from the parts of a grade, for learners that need one (ProMedical, arXiv 2604.08326).

    r = clip(S1 + α·S2, 0, 1 + β) − λ·S3 − γ·d      α < 1, β > 0, λ ≥ 1 + β, γ ≤ λ − (1 + β)

λ ≥ 1 + β puts every answer with a veto at or below every answer without one. Within a vetoed band S1 still tells answers apart, and the
last term, which is ours, how surely a veto is violated (`d`, 0 … 1; 0 without a veto, or where no chance is known): a group whose samples
are all vetoed still teaches. γ takes no more than the room between two bands. An abstention may have gone either way, so the reward of a
grade is a pair of bounds.
"""

from __future__ import annotations

from collections.abc import Sequence

from primum.grading import Bounds, Grade
from primum.records import Reward, Settings, Verdict
from primum.rewards.asked import Asked, Parts, Read

__all__ = ["RewardSettings", "combine", "combine_parts", "lexicographic", "plain_sum", "reward"]


class RewardSettings(Settings, frozen=True):
    """α weighs an excellence criterion, 1 + β is the most an answer can earn, λ is what each veto costs, γ (`veto_depth`) what a sure one
    costs more than a doubtful one. The paper's values are not public: these are ours."""

    alpha: float = 0.1
    beta: float = 0.3
    veto_weight: float = 1.5
    veto_depth: float = 0.2

    def check(self) -> None:
        if not 0 <= self.alpha < 1 or not self.beta > 0:
            self.refuse(f"alpha {self.alpha}, beta {self.beta}", "are outside [0, 1) and (0, ∞)", "give others")
        if self.veto_weight < 1 + self.beta:
            self.refuse(
                f"veto_weight = {self.veto_weight}",
                f"is below 1 + beta = {1 + self.beta:g}, so that a good answer could make up for a veto",
                "give that or more",
            )
        if not 0 <= self.veto_depth <= self.veto_weight - (1 + self.beta) + 1e-9:
            self.refuse(
                f"veto_depth = {self.veto_depth}",
                f"is not in the room between two bands, 0 … {self.veto_weight - 1 - self.beta:g}",
                "lower it, or raise veto_weight",
            )


def combine_parts(parts: Parts, settings: RewardSettings | None = None) -> float:
    """The reward of what a reward model read. S1 = .8, S2 = 1, no veto earn .9; one veto of depth .5 makes that −.7."""
    chosen = settings or RewardSettings()
    earned = min(max(parts.proficiency + chosen.alpha * parts.excellence, 0.0), 1 + chosen.beta)
    return earned - chosen.veto_weight * parts.vetoes - chosen.veto_depth * parts.depth


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


def plain_sum(criteria: Sequence[Asked], read: Read) -> float:
    """What the paper argues against, for ablation: every criterion of whatever kind in one weighted mean, −1 … 1.

    Chances .9 and .2 of a criterion with 3 points and a veto with −10: (3 × .9 − 10 × .2) / 13 = .0538.
    """
    weight = sum(abs(one.points) for one in criteria)
    earned = sum(one.points * chance for one, chance in zip(criteria, read.probabilities, strict=True))
    return earned / weight if weight else 0.0


def lexicographic(group: Sequence[Parts]) -> list[float]:
    """The place of each answer in its group, 0 the worst … 1 the best, by fewer vetoes, then S1, then S2; equals share their mean place.

    A group of one, or of equals, has .5 throughout.
    """
    keys = [(-one.vetoes, one.proficiency, one.excellence) for one in group]
    if len(keys) < 2:
        return [0.5] * len(keys)
    return [
        (sum(two < one for two in keys) + (sum(two == one for two in keys) - 1) / 2) / (len(keys) - 1) for one in keys
    ]
