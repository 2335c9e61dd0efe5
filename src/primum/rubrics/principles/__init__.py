"""Principles in people's hands: edited, merged and retired, every version kept."""

from primum.rubrics.principles.life import edit, history, merge, retire, settled_by_people, standing, superseded
from primum.rubrics.principles.map import statement_drawing

__all__ = ["edit", "history", "merge", "retire", "settled_by_people", "standing", "statement_drawing", "superseded"]
