"""How a principle's statement is told for queries: facts as the aspects they are about, everything else as it stands, if it can be told.

    States that there is no cure for the condition.    → Says whether the condition can be cured.
    指出该疾病的并发症有该疾病等(至少说到其中两项)。   → 列出该疾病的并发症（至少一项）。
    建议近日内到医院就诊。                              → 建议近日内到医院就诊。

A statement that a case's own words are left in (a code, a name, a number) is no criterion for another query.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from primum.records import Language
from primum.rubrics.distil.details import GENERIC
from primum.rubrics.synthesis.aspects import ASPECTS, aspect_of, is_fact

__all__ = ["Told", "codes_of", "retold"]

_GENERIC = {
    language: "|".join(re.escape(noun) for kind, noun in nouns.items() if kind != "person")
    for language, nouns in GENERIC.items()
}
_BROKEN = {
    "zh": re.compile(rf"({_GENERIC['zh']}).*\1|所述数值|所述剂量|该年龄|^[^\u4e00-\u9fff]|[：:]$"),
    "en": re.compile(rf"({_GENERIC['en']}).*\1|the stated|that age|[a-z]the |: |he/she|test test|bone the", re.I),
}
# A criterion in English begins with what an answer does: a verb in the third person, after an adverb at most.
_DOES = re.compile(
    r"(?:(?:Clearly|Explicitly|Wrongly|Never|Briefly|Gently) )?(?:[A-Za-z][a-z]+[^s\W]s|Addresses|Discusses|Expresses|"
    r"Dismisses|Stresses|Does not|Fails to)"
    r" (?!is\b|are\b|was\b|were\b|may\b|can\b|include|occurs?\b|ha(?:s|ve)\b|in\b|of\b|such\b)"
)
_CODE = re.compile(r"[A-Za-z]*(?:[A-Z][A-Za-z]*[0-9A-Z]|[0-9]+[A-Za-z])[A-Za-z0-9-]*")
_COMMON_CODES = frozenset(
    {"ct", "mri", "x-ray", "er", "ecg", "ekg", "gp", "icu", "911", "999", "us", "uk", "dna", "b超", "x线"}
)


class Told(NamedTuple):
    """How a statement is told, `None` where it cannot be; `aspect` names what a fact is about, and is empty for anything else."""

    statement: str | None
    aspect: str


def retold(statement: str, language: Language, points: int = 1) -> Told:
    """How a statement is told for queries that are not its own. One with negative points is never a fact to give: it stands as it is."""
    if points > 0 and is_fact(statement, language):
        aspect = aspect_of(statement, language)
        if aspect is None:
            return Told(None, "")
        return Told(ASPECTS[aspect].told_zh if language == "zh" else ASPECTS[aspect].told_en, aspect)
    is_criterion = language == "zh" or _DOES.match(statement) is not None
    is_whole = _BROKEN[language].search(statement) is None
    return Told(statement if is_criterion and is_whole else None, "")


def codes_of(statement: str) -> frozenset[str]:
    """Codes in a statement (genes, abbreviations), in lower case; common ones are none."""
    return frozenset(found[0].lower() for found in _CODE.finditer(statement)) - _COMMON_CODES
