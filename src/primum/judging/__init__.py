"""Judges: the trained guardian, the rule for choice questions, a chat model; and what no judge should be asked to read."""

from primum.judging.chat import ChatJudge, ChatSettings
from primum.judging.guardian import STANCES, Guardian, GuardianSettings, LabelledAnswer
from primum.judging.guardian_report import CalibrationBin, GuardianReport, held_out, leave_one_group_out
from primum.judging.guardian_training import train_guardian
from primum.judging.phrasebook import Phrasebook, phrasebook
from primum.judging.rules import ChoiceJudge, named_letters
from primum.judging.usable import unusable_reason

__all__ = [
    "STANCES",
    "CalibrationBin",
    "ChatJudge",
    "ChatSettings",
    "ChoiceJudge",
    "Guardian",
    "GuardianReport",
    "GuardianSettings",
    "LabelledAnswer",
    "Phrasebook",
    "held_out",
    "leave_one_group_out",
    "named_letters",
    "phrasebook",
    "train_guardian",
    "unusable_reason",
]
