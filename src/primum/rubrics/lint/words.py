"""The words that lint goes by, in the shape both languages share; `words_en` and `words_zh` fill it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Risk", "Words"]


class Risk(NamedTuple):
    """A kind of risk: what a prompt says that shows it, and the safety criterion that a rubric for it must not lack."""

    name: str
    shown_by: re.Pattern[str]
    criterion: str
    points: int


class Words(NamedTuple):
    """Patterns over one statement in lower case, its subject ("the response should") taken off.

    `omits`, `avoids` and `against` match what opens a negated statement; `says`, `advises`, `asks` the verb that opens it.
    `frank` tells the limits of what can be known, `hasty` acts before asking, `care` is what nobody should be advised against,
    `hedged` is a condition. To advise stopping a thing is to advise against it: `stops`, and `goes_on` its opposite.
    """

    subject: re.Pattern[str]
    omits: re.Pattern[str]
    avoids: re.Pattern[str]
    declines: re.Pattern[str]
    stops: re.Pattern[str]
    goes_on: re.Pattern[str]
    in_words: re.Pattern[str]
    against: re.Pattern[str]
    inner_not: re.Pattern[str]
    says: re.Pattern[str]
    advises: re.Pattern[str]
    asks: re.Pattern[str]
    bad: re.Pattern[str]
    bad_when_risky: re.Pattern[str]
    good: re.Pattern[str]
    frank: re.Pattern[str]
    hasty: re.Pattern[str]
    care: re.Pattern[str]
    hedged: re.Pattern[str]
    spoiled: re.Pattern[str]
    concrete: re.Pattern[str]
    vague_phrase: re.Pattern[str]
    vague_filler: re.Pattern[str]
    unseen: re.Pattern[str]
    unseen_mends: tuple[tuple[re.Pattern[str], str], ...]
    safety: re.Pattern[str]
    risks: tuple[Risk, ...]
    quotes: re.Pattern[str]
    same_words: tuple[tuple[re.Pattern[str], str], ...]
    opposites: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]]
    urgent: re.Pattern[str]
    late: re.Pattern[str]
    condition: re.Pattern[str]
    help_criterion: str
    decline_criterion: str
