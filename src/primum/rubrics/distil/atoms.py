"""Cutting a criterion that says several things into its parts, as far as punctuation shows them.

Only full sentences and clauses after a semicolon are parted: "and" between nouns says one thing ("asks about dose and duration"), and
what is double-barrelled beyond that is for the lint to find and for a person to settle.
"""

from __future__ import annotations

import re

from primum.language import sentences
from primum.records import Language

__all__ = ["atoms"]

_SEMICOLON = re.compile(r"[;；]\s*")
# Words that are no plural of a noun: "Warns of" begins a demand, "Signs of" an item of a list.
_VERBS = (
    "acknowledges|advises|asks|assesses|avoids|clarifies|considers|describes|discourages|discusses|emphasi[sz]es|encourages|explains|gives|"
    "identifies|includes|informs|instructs|notifies|offers|prescribes|proposes|provides|recogni[sz]es|recommends|refers|refrains|reminds|"
    "says|speaks|specifies|suggests|tells|thinks|urges|verifies|warns"
)
_VERB_FIRST = re.compile(
    r"(?:(?:Also|Then|Never|Only|Clearly|Merely|also|then|never|only) )?"
    rf"(?:(?i:{_VERBS})\b|[A-Za-z]+s\b(?! (?:is|are|of|and|or|may|can|such)\b))"
)
_LEAST: dict[Language, int] = {"zh": 5, "en": 3}  # characters in Chinese, words in English


def atoms(statement: str, language: Language) -> list[str]:
    """The things a statement says, one each; the whole statement where a part would be a fragment."""
    parts = [part.strip() for sentence in sentences(statement) for part in _SEMICOLON.split(sentence) if part.strip()]
    sizes = [len(part) if language == "zh" else len(part.split()) for part in parts]
    if len(parts) < 2 or min(sizes) < _LEAST[language] or not all(_asks(part, language) for part in parts):
        return [statement.strip()]
    return parts


def _asks(part: str, language: Language) -> bool:
    """Whether a part is a demand of its own and no item of a list; in English it then begins with a verb in the third person."""
    return language == "zh" or _VERB_FIRST.match(part) is not None
