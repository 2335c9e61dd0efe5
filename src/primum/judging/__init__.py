"""Judges of every kind behind one port, the engine that runs them, and what is known of how far one can be trusted."""

from primum.judging.certificate import StanceRow, VerdictRow, certify, certify_stances, why_invalid
from primum.judging.chat import ChatJudge, ChatSettings
from primum.judging.engine import Engine, EngineSettings
from primum.judging.guardian import STANCES, Guardian, GuardianSettings, LabelledAnswer
from primum.judging.guardian_report import CalibrationBin, GuardianReport, held_out, leave_one_group_out
from primum.judging.guardian_training import train_guardian
from primum.judging.panel import PanelAssessment, PanelJudge, PanelSettings
from primum.judging.person import person_judge
from primum.judging.phrasebook import Phrasebook, phrasebook
from primum.judging.probes import ProbeSettings, run_probes
from primum.judging.recorded import RecordedJudge, RecordedRow
from primum.judging.rules import ChoiceJudge, named_letters
from primum.judging.usable import unusable_reason

__all__ = [
    "STANCES",
    "CalibrationBin",
    "ChatJudge",
    "ChatSettings",
    "ChoiceJudge",
    "Engine",
    "EngineSettings",
    "Guardian",
    "GuardianReport",
    "GuardianSettings",
    "LabelledAnswer",
    "PanelAssessment",
    "PanelJudge",
    "PanelSettings",
    "Phrasebook",
    "ProbeSettings",
    "RecordedJudge",
    "RecordedRow",
    "StanceRow",
    "VerdictRow",
    "certify",
    "certify_stances",
    "held_out",
    "leave_one_group_out",
    "named_letters",
    "person_judge",
    "phrasebook",
    "run_probes",
    "train_guardian",
    "unusable_reason",
    "why_invalid",
]
