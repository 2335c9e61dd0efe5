"""Rewards: what judged answers earn, how they are ordered, and what a policy learns from that."""

from primum.rewards.combine import RewardSettings, combine, reward
from primum.rewards.disjoint import Use, ids_of, refuse_mixed
from primum.rewards.pairs import PairSettings, Taught, teach
from primum.rewards.ranking import Graded, Placed, rank
from primum.rewards.rubric_reward import RubricReward, Scored

__all__ = [
    "Graded",
    "PairSettings",
    "Placed",
    "RewardSettings",
    "RubricReward",
    "Scored",
    "Taught",
    "Use",
    "combine",
    "ids_of",
    "rank",
    "refuse_mixed",
    "reward",
    "teach",
]
