"""The embedded writer for real text: it adds a sentence for what is missing and drops the sentence that should not be there.

No model writes here and no person: what is added is the criterion itself, turned into a sentence. That is enough to show the whole way of a
revision offline, and to be caught gaming a judge that rewards saying the rubric's words; its drafts are called simulated everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, final

from primum.language import detect, normalise, sentences
from primum.records import BySimulation, Language
from primum.revision.guided.contract import Critiqued, Failed, Written
from primum.revision.guided.sayings import saying
from primum.revision.guided.settings import WritingSettings

__all__ = ["ComposedWriter"]

_QUOTED: Final = re.compile(r"“([^”]{2,})”|「([^」]{2,})」|\"([^\"]{2,})\"|‘([^’]{2,})’|《([^》]{2,})》")
_LEAST_QUOTED: Final = {"zh": 4, "en": 10}  # characters of a quotation that can tell a sentence


@final
class ComposedWriter:
    """Mends all it can at once; after a draft that was not kept, one criterion a draft, safety first and then the heaviest."""

    def __init__(self, settings: WritingSettings | None = None) -> None:
        self._settings = settings or WritingSettings()

    @property
    def name(self) -> str:
        return "composed (simulated)"

    @property
    def made(self) -> BySimulation:
        return BySimulation(generator="revision.composed", seed=0)

    @property
    def policy(self) -> str | None:
        return None

    def write(self, critiqued: Sequence[Critiqued]) -> list[Written | str]:
        return [self._written(one) for one in critiqued]

    def _written(self, one: Critiqued) -> Written | str:
        language = one.scenario.language
        most = self._settings.most_characters(language, one.answer.text)
        mended = [failed for failed in one.failed if _can_mend(failed, one.answer.text)]
        if one.tried:
            place = len(one.tried) - 1
            mended = mended[place : place + 1] if len(mended) > 1 else []
        text = one.answer.text
        for failed in mended:
            text = _mended(text, failed, language, most)
        text = text.strip()
        if not text:
            return "nothing of the answer would be left"
        if text == one.answer.text.strip():
            return "there is nothing that could be added or dropped within the length"
        return Written(text)


def _can_mend(failed: Failed, text: str) -> bool:
    if failed.criterion.points < 0:
        return bool(_quoted(text, failed.explanation))
    return saying(failed.criterion) is not None


def _mended(text: str, failed: Failed, language: Language, most: int) -> str:
    """The text with the sentence of a positive criterion, where there is room; without those a negative one's explanation quotes."""
    if failed.criterion.points < 0:
        for sentence in _quoted(text, failed.explanation):
            text = text.replace(sentence, "", 1)
        return re.sub(r"\n{3,}", "\n\n", re.sub(r" {2,}", " ", text)).strip()
    added = saying(failed.criterion)
    if added is None or detect(added) != language or normalise(added) in normalise(text):
        return text
    gap = "" if language == "zh" or not text.strip() else " "
    longer = f"{text.rstrip()}{gap}{added}"
    return longer if len(longer) <= most else text


def _quoted(text: str, explanation: str) -> list[str]:
    """The sentences of the text that an explanation quotes: in quotation marks, or by being nothing but words of the text."""
    quotes = [next(part for part in found if part) for found in _QUOTED.findall(explanation)]
    quotes.append(explanation)
    wanted = [normalise(quote).strip(" .。…") for quote in quotes]
    found: list[str] = []
    for sentence in sentences(text):
        shown = normalise(sentence)
        least = _LEAST_QUOTED[detect(sentence)]
        for quote in wanted:
            is_part = len(quote) >= least and quote in shown
            if is_part or (len(shown) >= least and shown.strip(" .。") in quote):
                found.append(sentence)
                break
    return found
