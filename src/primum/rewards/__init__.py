"""Rewards: what judged answers earn, how they are ordered, and what a policy learns from that."""

from primum.rewards.asked import Asked, CriteriaScorer, Item, Parts, Read, asked_of, parts_of
from primum.rewards.combine import RewardSettings, combine, combine_parts, lexicographic, plain_sum, reward
from primum.rewards.disjoint import Use, ids_of, refuse_mixed
from primum.rewards.pairs import PairSettings, Taught, teach
from primum.rewards.ranking import Graded, Placed, rank
from primum.rewards.rubric_reward import RubricReward, Scored
from primum.rewards.samples import PairSample, Winner

__all__ = [
    "Asked",
    "CriteriaScorer",
    "Graded",
    "Item",
    "PairSample",
    "PairSettings",
    "Parts",
    "Placed",
    "Read",
    "RewardSettings",
    "RubricReward",
    "Scored",
    "Taught",
    "Use",
    "Winner",
    "asked_of",
    "combine",
    "combine_parts",
    "ids_of",
    "lexicographic",
    "parts_of",
    "plain_sum",
    "rank",
    "refuse_mixed",
    "reward",
    "teach",
]
