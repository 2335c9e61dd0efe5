"""Points that cannot be right: none, of the wrong sign, or none positive in the whole rubric."""

from __future__ import annotations

import re
from typing import Literal

from primum.records import Language
from primum.rubrics.lint.cores import WORDS, bare
from primum.rubrics.lint.found import Finding, LintCriterion, LintRow, Mend

__all__ = ["bears_on", "check_no_positive", "check_sign", "check_zero"]

Act = Literal["good", "bad", "unclear"]
_TELLING = re.compile(
    r"(?:states?|says?|explains?|mentions?|notes?|points? out|makes? clear|clarif|acknowledges?|indicates?|"
    r"emphasi|advises? that|recommends? that|suggests? that)"
)
_USUAL = 5  # points proposed where there are none


def bears_on(statement: str, language: Language, is_risky: bool = False) -> Act:
    """Whether the words themselves say that the act is good or bad; `unclear` where it takes medical knowledge to tell.

    An omission of what is not bad is bad, avoiding what is not good is good: "Fails to ask", "Avoids jargon".
    """
    return _act(bare(statement, language), language, is_risky)


def _act(text: str, language: Language, is_risky: bool) -> Act:
    words = WORDS[language]
    if found := words.against.match(text):
        return "bad" if words.care.match(text[found.end() :].strip()) else "good"
    if found := words.declines.match(text):
        inner = _act(_third(text[found.end() :], language), language, is_risky)
        return "good" if inner == "bad" or is_risky else "bad" if inner == "good" else "unclear"
    if found := words.avoids.match(text):
        return "bad" if _act(_third(text[found.end() :], language), language, is_risky) == "good" else "good"
    if words.hasty.match(text):
        return "bad"
    if words.frank.search(text) and (words.says.match(text) or words.good.match(text)):
        return "good"
    if (shown := words.bad.search(text)) and not _is_content(text, shown.start(), language):
        if found := words.omits.match(text):
            inner = _act(text[found.end() :].strip(), language, is_risky)
            return "good" if inner == "bad" else "bad"
        return "bad"
    if found := words.omits.match(text):
        rest = text[found.end() :].strip()
        inner = _act(_third(rest, language), language, is_risky)
        return "good" if inner == "bad" else "bad"
    if is_risky and (words.advises.match(text) or words.says.match(text)) and words.bad_when_risky.search(text):
        return "bad" if not words.hedged.search(text) else "unclear"
    if words.good.search(text) and not words.spoiled.search(text):
        return "good"
    return "unclear"


def _is_content(text: str, start: int, language: Language) -> bool:
    """Whether what stands at `start` is what the answer says, not how it says it: "States that unexplained exclusion …"."""
    told = text.find(" that ") if language == "en" else -1
    return 0 < told < start and _TELLING.match(text) is not None


def _third(text: str, language: Language) -> str:
    """ "giving a diagnosis" → "gives a diagnosis", "ask about" → "asks about": so that one list of verbs serves."""
    if language == "zh":
        return text.strip()
    head, _, tail = text.strip().partition(" ")
    if head.endswith("ing") and len(head) > 5:
        stem = head[:-3]
        stem = {
            "giv": "give",
            "mak": "make",
            "us": "use",
            "advis": "advise",
            "blam": "blame",
            "prescrib": "prescribe",
        }.get(stem, stem)
        head = f"{stem}s"
    return f"{head} {tail}".strip()


def check_zero(row: LintRow, place: int, criterion: LintCriterion) -> Finding | None:
    if criterion.points != 0:
        return None
    act = bears_on(criterion.statement, row.language, row.has_risk)
    points = -_USUAL if act == "bad" else _USUAL
    return Finding(
        "zero_points",
        row.id,
        place,
        None,
        criterion.statement,
        "has 0 points, so no verdict on it can change a score",
        Mend(f"give it {points:+d} points, or leave it out", (criterion._replace(points=points),)),
    )


def check_sign(row: LintRow, place: int, criterion: LintCriterion) -> Finding | None:
    if criterion.points == 0:
        return None
    act = bears_on(criterion.statement, row.language, row.has_risk)
    if act == "unclear" or (act == "good") == (criterion.points > 0):
        return None
    why = (
        "is something a bad answer does, and meeting it earns points"
        if act == "bad"
        else "is something a good answer does, and meeting it costs points"
    )
    turned = criterion._replace(points=-criterion.points)
    return Finding(
        "wrong_sign",
        row.id,
        place,
        None,
        criterion.statement,
        why,
        Mend(f"turn the sign: {turned.points:+d}", (turned,)),
    )


def check_no_positive(row: LintRow) -> Finding | None:
    if any(criterion.points > 0 for criterion in row.criteria):
        return None
    words = WORDS[row.language]
    harmful = next(risk for risk in words.risks if risk.name == "harmful request")
    statement = words.decline_criterion if harmful.shown_by.search(row.prompt.lower()) else words.help_criterion
    added = LintCriterion(statement, _USUAL)
    return Finding(
        "no_positive",
        row.id,
        None,
        None,
        "; ".join(f"{criterion.points:+d} {criterion.statement}" for criterion in row.criteria[:3]),
        "has no criterion with positive points, so its score is undefined",
        Mend(f"add what a good answer does; at least: {statement!r}", None, (added,)),
    )
