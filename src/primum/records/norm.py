"""Sources and the norms in them: what governs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Literal

from primum.records.base import Record, Value, answer_digest
from primum.records.origin import Origin

__all__ = ["Authority", "CitationStep", "Language", "Level", "Modality", "Norm", "Provision", "Source", "Validity"]

Language = Literal["zh", "en"]
Authority = Literal["law", "regulation", "rule", "interpretation", "code", "guideline"]
Modality = Literal["prohibition", "obligation", "permission", "definition", "other"]
Level = Literal["book", "part", "chapter", "section", "article", "paragraph", "item"]
Validity = Literal["in force", "not yet in force", "past its validity", "unknown"]

_UNSAID = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff]+")  # white space, and characters that show nothing


def _check_date(value: str | None, owner: Value, name: str) -> None:
    if value is None:
        return
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        owner.refuse(f"{name} = {value!r}", "is not a date", "write it as YYYY-MM-DD")


class Source(Record, frozen=True):
    """A document that holds norms.

    `key` is what people call it in a recipe and in citations; unique in a corpus. `authority` orders sources that disagree.
    Dates are ISO dates; `None` where the document does not say. `text` is what the offsets of its norms count in (characters).
    """

    key: str
    title: str
    text: str
    language: Language
    jurisdiction: str
    authority: Authority
    media_type: str
    made: Origin
    enacted: str | None = None
    effective_from: str | None = None
    effective_to: str | None = None

    def check(self) -> None:
        if not self.key.strip() or not self.text.strip():
            self.refuse(f"source {self.key!r}", "has no key or no text", "give it both")
        for name in ("enacted", "effective_from", "effective_to"):
            _check_date(getattr(self, name), self, name)


class CitationStep(Value, frozen=True):
    """One step of a citation path: `chapter`, `第三章`, `执业规则`."""

    level: Level
    label: str
    title: str = ""


class Provision(Value, frozen=True):
    """A paragraph (款) or an item (项) inside a norm: offsets count characters of the source's text, end exclusive.

    `label` is how it is cited after its article (`第二款第（三）项`, `(b)`); empty for the only paragraph of an article.
    """

    label: str
    start: int
    end: int
    modality: Modality


class Norm(Record, frozen=True):
    """One article (or numbered clause) of a source, with its paragraphs and items as `provisions`.

    `source.text[start:end] == text`. `provisions` partition the article: each of its characters that is not white space lies
    in exactly one.
    """

    source: str
    source_key: str
    source_title: str
    citation: tuple[CitationStep, ...]
    text: str
    start: int
    end: int
    language: Language
    jurisdiction: str
    authority: Authority
    modality: Modality
    provisions: tuple[Provision, ...]
    made: Origin
    dimensions: tuple[str, ...] = ()
    effective_from: str | None = None
    effective_to: str | None = None

    def check(self) -> None:
        if not self.citation:
            self.refuse("a norm", "has no citation", "cite where it stands in its source")
        if self.end - self.start != len(self.text):
            self.refuse(
                self.reference, f"spans {self.start}–{self.end} but has {len(self.text)} characters", "align them"
            )
        for provision in self.provisions:
            if not self.start <= provision.start < provision.end <= self.end:
                self.refuse(
                    f"provision {provision.label!r} of {self.reference}", "lies outside its norm", "mend its offsets"
                )

    @property
    def key(self) -> str:
        """How a recipe names it: `医师法(2021-08-20)#第二十五条`."""
        return f"{self.source_key}#{self.citation[-1].label}"

    @property
    def reference(self) -> str:
        """How a person cites it: `医师法 第二十五条`, `Code of conduct § 12`."""
        return f"{self.source_title} {self.citation[-1].label}"

    @property
    def digest(self) -> str:
        """Names what the article says, wherever it stands and however its lines are broken."""
        return answer_digest(self.wording)

    @property
    def wording(self) -> str:
        """The article's characters in their order, without its own number and without white space: how its text is told from another."""
        return _UNSAID.sub("", self.text.strip().removeprefix(self.citation[-1].label))

    def validity(self, at: datetime.date) -> Validity:
        """Whether it is in force on the day `at`, by the dates of its document; first and last day are both inside.

        `unknown` where the document does not say since when it holds: it may have held before and not since.
        """
        if self.effective_to is not None and at > datetime.date.fromisoformat(self.effective_to):
            return "past its validity"
        if self.effective_from is None:
            return "unknown"
        return "in force" if at >= datetime.date.fromisoformat(self.effective_from) else "not yet in force"

    def parents(self) -> Iterator[tuple[str, str]]:
        yield "source", self.source
