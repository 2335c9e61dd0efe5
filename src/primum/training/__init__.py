"""Preferences and answers in, a trained policy out: the base of a small model, SFT, KTO and DPO, all through TRL.

Every training is a function of its parent, rows and settings: the same on the same machine gives the same weights, also when
it was killed and run again.
"""

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
    "KtoRow",
    "KtoSettings",
    "Messages",
    "SftSettings",
    "Trained",
    "TrainingSettings",
    "kto_weights",
    "train_base",
    "train_dpo",
    "train_kto",
    "train_sft",
]
