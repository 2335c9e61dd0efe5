"""Preferences and answers in, a trained policy out: the base of a small model, SFT, KTO and DPO, all through TRL.

Every training is a function of its parent, rows and settings: the same on the same machine gives the same weights, also when
it was killed and run again.
"""

from primum.training.group_watch import GroupWatchSettings, WatchState
from primum.training.grpo import GrpoTrained, train_grpo
from primum.training.grpo_settings import GrpoSettings
from primum.training.grpo_watching import GroupWatch, GrpoRow
from primum.training.judging_beside import RewardSource
from primum.training.preferences import kto_weights, train_dpo, train_kto
from primum.training.rows import ChatRow, DpoRow, KtoRow, Messages
from primum.training.run import Trained
from primum.training.settings import BaseSettings, DpoSettings, KtoSettings, SftSettings, TrainingSettings
from primum.training.supervised import train_base, train_sft

__all__ = [
    "BaseSettings",
    "ChatRow",
    "DpoRow",
    "DpoSettings",
    "GroupWatch",
    "GroupWatchSettings",
    "GrpoRow",
    "GrpoSettings",
    "GrpoTrained",
    "KtoRow",
    "KtoSettings",
    "Messages",
    "RewardSource",
    "SftSettings",
    "Trained",
    "TrainingSettings",
    "WatchState",
    "kto_weights",
    "train_base",
    "train_dpo",
    "train_grpo",
    "train_kto",
    "train_sft",
]
