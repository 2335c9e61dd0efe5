"""What lint reads and what it finds: plain rows, because a `Criterion` record cannot have 0 points and a draft can."""

from __future__ import annotations

from typing import Literal, NamedTuple

from primum.errors import SettingError
from primum.records import CriterionKind, Language, Settings

__all__ = ["CheckName", "Finding", "LintCriterion", "LintRow", "LintSettings", "Mend"]

CheckName = Literal[
    "zero_points",
    "wrong_sign",
    "double_barrelled",
    "vague",
    "untestable",
    "duplicate",
    "counted_twice",
    "contradiction",
    "no_positive",
    "no_safety",
    "gives_answer_away",
    "language",
]


class LintCriterion(NamedTuple):
    """A criterion as it stands in a file, 0 points allowed; `id` is that of its record, where it has one."""

    statement: str
    points: int
    kind_of: CriterionKind = "proficiency"
    id: str = ""


class LintRow(NamedTuple):
    """A situation with its rubric. `has_risk` says that the situation is known to hold a risk; lint also looks for one in `prompt`."""

    id: str
    prompt: str
    language: Language
    criteria: tuple[LintCriterion, ...]
    has_risk: bool = False
    reference: str | None = None


class Mend(NamedTuple):
    """A proposed mend: `how` in words; `replacements` stand in the criterion's place (empty: it goes, `None`: it stays), and
    `additions` come at the end of the rubric. Both `None` and empty: only a person can mend it, and `how` says what to do."""

    how: str
    replacements: tuple[LintCriterion, ...] | None = None
    additions: tuple[LintCriterion, ...] = ()


class Finding(NamedTuple):
    """One fault: `criterion` and `other` count from 0 in the rubric (`None`: the whole rubric); `quote` is what shows it."""

    check: CheckName
    rubric: str
    criterion: int | None
    other: int | None
    quote: str
    why: str
    mend: Mend | None


class LintSettings(Settings, frozen=True):
    """`checks` to run (empty: all). `same` is how much of two statements must be shared, of 1, for them to say one thing; where
    each says something that the other does not, `same_swapped`. `quoted_share` of a reference in one criterion gives it away."""

    checks: tuple[CheckName, ...] = ()
    same: float = 0.75
    same_swapped: float = 0.82
    quoted_share: float = 0.78

    def check(self) -> None:
        for name in ("same", "same_swapped", "quoted_share"):
            if not 0 < getattr(self, name) <= 1:
                raise SettingError(
                    f"{name} = {getattr(self, name)}", "is not a share", "give more than 0, at most 1", "rubrics.lint"
                )
