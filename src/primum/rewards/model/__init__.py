"""The reward model that reads the criterion: one sequence for a completion and all its criteria, a logit for each.

Importing this loads no framework; what needs torch is loaded when it is named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from primum.rewards.model.layout import LAYOUT_VERSION, PROFICIENCY, SAFETY, Layout, Packed, one_at_a_time

if TYPE_CHECKING:
    from primum.rewards.model.backbone import load_backbone
    from primum.rewards.model.card import Figure, RewardCard
    from primum.rewards.model.collation import collate, collate_in_one_row
    from primum.rewards.model.folder import save_reward_model
    from primum.rewards.model.judge import ReadingSettings, RewardModelJudge
    from primum.rewards.model.network import CriteriaRewardConfig, CriteriaRewardModel
    from primum.rewards.model.scoring import Budget, RewardModel
    from primum.rewards.model.settings import RewardModelSettings
    from primum.rewards.model.training import About, TrainedReward, train_reward_model

__all__ = [
    "LAYOUT_VERSION",
    "PROFICIENCY",
    "SAFETY",
    "About",
    "Budget",
    "CriteriaRewardConfig",
    "CriteriaRewardModel",
    "Figure",
    "Layout",
    "Packed",
    "ReadingSettings",
    "RewardCard",
    "RewardModel",
    "RewardModelJudge",
    "RewardModelSettings",
    "TrainedReward",
    "collate",
    "collate_in_one_row",
    "load_backbone",
    "one_at_a_time",
    "save_reward_model",
    "train_reward_model",
]

_HOMES = {
    "About": "training",
    "Budget": "scoring",
    "CriteriaRewardConfig": "network",
    "CriteriaRewardModel": "network",
    "Figure": "card",
    "ReadingSettings": "judge",
    "RewardCard": "card",
    "RewardModel": "scoring",
    "RewardModelJudge": "judge",
    "RewardModelSettings": "settings",
    "TrainedReward": "training",
    "collate": "collation",
    "collate_in_one_row": "collation",
    "load_backbone": "backbone",
    "save_reward_model": "folder",
    "train_reward_model": "training",
}
_NEEDS_NO_TORCH = ("card", "judge", "settings", "training")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _HOMES[name] not in _NEEDS_NO_TORCH:
        from primum.frameworks import refuse_missing

        refuse_missing()
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
