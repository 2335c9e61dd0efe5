"""Direct identifiers are taken out of a text before anything of it is stored: a placeholder that says the kind stands in their place.

What counts: names, telephone numbers, e-mail addresses, postal addresses, numbers of identity papers, passports and records, bank cards,
links to a person's pages, IP addresses, exact birth dates, licence plates, accounts of messengers. Rules only: no rule list finds
everything (docs/signals.md has what was measured), so a log still needs its owner's care. Dates other than of birth, doses,
values, codes of diagnoses and institutions stay.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from primum.language import detect
from primum.signals.identifier_rules import PLACEHOLDERS, RULES

__all__ = ["Cleaned", "Redactor", "clean", "pseudonym", "remove_identifiers"]

# Full-width forms, one for one, so that offsets stay: rules are read on the half-width text and cut the text itself.
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0x2010: 0x2D,
    0x2011: 0x2D,
    0x2013: 0x2D,
    0x00A0: 0x20,
}
# Controls but tab and line feed; what shows nothing or turns the direction of the text; tags. They hide identifiers and obey nobody.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BREAK = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_WORD = re.compile(r"[A-Za-zÀ-öø-ÿ][A-Za-zÀ-öø-ÿ'’-]{2,}")
_CAPITAL = re.compile(r"[A-Z][a-zà-öø-ÿ'’-]{2,}")


class Cleaned(NamedTuple):
    """A text without direct identifiers, and how many were removed of each kind."""

    text: str
    removed: tuple[tuple[str, int], ...]


class _Span(NamedTuple):
    start: int
    end: int
    kind: str


class Redactor:
    """Takes identifiers out of the texts of one conversation: a name that is told once is found in its other texts as well."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self.removed: Counter[str] = Counter()

    def redact(self, texts: Sequence[str]) -> list[str]:
        """The texts, cleaned, without identifiers. Names that any of them tells are taken out of all, and out of later ones."""
        cleaned = [clean(text) for text in texts]
        spans = [_found(text) for text in cleaned]
        for text, found in zip(cleaned, spans, strict=True):
            self._learn(text[span.start : span.end] for span in found if span.kind == "name")
        return [self._replaced(text, found) for text, found in zip(cleaned, spans, strict=True)]

    def know(self, names: Iterable[str]) -> None:
        """People's names that stand beside the texts, such as whose flag it is: they go from the texts too. Others are passed over."""
        for name in names:
            words = _WORD.findall(name)
            parts = [one.capitalize() for one in words] if len(words) > 1 else []  # `SMITH, John`: each word as well
            told = [one for text in (f"Name: {name}", f"姓名：{name}") for one in _names_in(clean(text))]
            told += [one for part in parts for name in _names_in(f"Name: {part}") for one in (name, name.upper())]
            self._learn(one for one in told if len(one) > 2 or not one.isascii())  # `Dr` alone is none

    def _learn(self, names: Iterable[str]) -> None:
        for name in names:
            if len(name) > 1:
                self._names.add(name)
            if " " in name:  # the parts of a name of several words
                self._names.update(_CAPITAL.findall(name))

    def _replaced(self, text: str, found: list[_Span]) -> str:
        told = [*found, *self._again(text)]
        merged = _merged(told)
        if not merged:
            return text
        words = PLACEHOLDERS[detect(text)]
        parts, last = [], 0
        for span in merged:
            parts += [text[last : span.start], words[span.kind]]
            last = span.end
            self.removed[span.kind] += 1
        return "".join([*parts, text[last:]])

    def _again(self, text: str) -> list[_Span]:
        spans = []
        for name in sorted(self._names):
            edge = r"(?<![A-Za-z])%s(?![A-Za-z])" if name.isascii() else "%s"
            spans += [_Span(*one.span(), "name") for one in re.finditer(edge % re.escape(name), text)]
        return spans


def remove_identifiers(text: str) -> Cleaned:
    """One text without its direct identifiers."""
    redactor = Redactor()
    told = redactor.redact([text])[0]
    return Cleaned(told, tuple(sorted(redactor.removed.items())))


def clean(text: str) -> str:
    """`text` without controls and what shows nothing, its line ends as line feeds; half characters become U+FFFD."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSEEN.sub("", _BREAK.sub("\n", whole))


def pseudonym(name: str, key: bytes, kind: str = "person") -> str:
    """`person-` and 16 hex digits of the HMAC-SHA256 of a name under a secret key: the same for one person, and no way back without it.

    Case, width and white space do not matter.
    """
    folded = " ".join(clean(name).translate(_HALF).casefold().split())
    return f"{kind}-{hmac.new(key, f'{kind}:{folded}'.encode(), hashlib.sha256).hexdigest()[:16]}"


def _found(text: str) -> list[_Span]:
    folded = text.translate(_HALF)
    lower = folded.lower()
    taken: list[_Span] = []
    for rule in RULES:
        if rule.needs and not any(need in lower for need in rule.needs):
            continue
        for match in rule.pattern.finditer(folded):
            start, end = match.span("x")
            if start < end and (rule.check is None or rule.check(match)):
                taken.append(_Span(start, end, rule.kind))
    return taken


def _names_in(text: str) -> list[str]:
    return [text[span.start : span.end] for span in _found(text) if span.kind == "name"]


def _merged(spans: Sequence[_Span]) -> list[_Span]:
    """Spans that overlap become one, of the kind of the first found; in the order of the text."""
    merged: list[_Span] = []
    for one in sorted(spans, key=lambda span: span.start):  # stable: the earlier rule first
        if merged and one.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = _Span(last.start, max(last.end, one.end), last.kind)
        else:
            merged.append(one)
    return merged
