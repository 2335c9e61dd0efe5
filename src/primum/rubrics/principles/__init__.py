"""Principles in people's hands: edited, merged and retired, every version kept."""

from primum.rubrics.principles.life import edit, history, merge, retire, standing
from primum.rubrics.principles.map import statement_drawing

__all__ = ["edit", "history", "merge", "retire", "standing", "statement_drawing"]
