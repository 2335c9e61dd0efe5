"""Signals: what a released policy met. Logs read strictly, direct identifiers removed, repeats folded, and what a cycle draws from them.

Logs are read (`reading`), taken in without identifiers (`intake`), sorted into situations (`sorting`); a cycle draws from them (`draw`).
"""

from primum.signals.sampling import draw, stratum_of
from primum.signals.settings import Columns, LogSettings

__all__ = ["Columns", "LogSettings", "draw", "stratum_of"]
