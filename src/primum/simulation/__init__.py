"""Attack styles: requests that are already there, asked in another way, their intent kept and checked. It adds no know-how."""

from primum.simulation.attacks import READS_AT_MOST, readings, rewrite
from primum.simulation.drawing import Attacked, attacks_for, rewrite_all
from primum.simulation.intent import keeps_intent, labels_fault
from primum.simulation.settings import STYLES, AttackSettings

__all__ = [
    "READS_AT_MOST",
    "STYLES",
    "AttackSettings",
    "Attacked",
    "attacks_for",
    "keeps_intent",
    "labels_fault",
    "readings",
    "rewrite",
    "rewrite_all",
]
