"""How principles lie to each other by their statements alone: for principles that people edited, whose criteria moved on."""

from __future__ import annotations

from collections.abc import Sequence

from primum.records import Principle
from primum.rubrics.distil import Distilled, Drawing, drawing
from primum.rubrics.distil.features import vectors

__all__ = ["statement_drawing"]


def statement_drawing(principles: Sequence[Principle]) -> Drawing:
    """The tree and the map of the statements, language by language; numbers count in the order given."""
    languages = sorted({one.language for one in principles})
    centres = {
        language: vectors([one.statement for one in principles if one.language == language], language)
        for language in languages
    }
    return drawing(
        Distilled(
            principles=list(principles), members=[], wordings=[], labels=[], groups=[], covered=0.0, centres=centres
        )
    )
