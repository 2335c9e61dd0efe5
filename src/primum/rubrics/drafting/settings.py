"""How rubrics are drafted by rule."""

from __future__ import annotations

from primum.records import Settings

__all__ = ["DraftingSettings"]


class DraftingSettings(Settings, frozen=True):
    """How much a drafted rubric says. All values are ours.

    `most_reference` bounds the criteria from a reference answer, `most_norms` those from norms, `most` the whole rubric; what weighs
    least goes first, never what guards safety. `longest` bounds a criterion in words (en) or, doubled, in characters (zh): a part that
    cannot be said in that is left out rather than cut in the middle of a thought.
    """

    most_reference: int = 6
    most_norms: int = 3
    most: int = 14
    longest: int = 40

    def check(self) -> None:
        if self.most_reference < 1 or self.most_norms < 0 or self.most < 3 or self.longest < 10:
            self.refuse(
                f"most_reference {self.most_reference}, most_norms {self.most_norms}, most {self.most}, longest "
                f"{self.longest}",
                "leave no room for a rubric",
                "give at least 1, 0, 3 and 10",
            )
