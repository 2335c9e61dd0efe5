"""What one line of a document can be: a heading, the opening of a clause, an item of a list, or plain text.

A document is one text; everything below counts in characters of it. Headings are Markdown headings (DOCX and HTML are
read into that form) or bare lines such as `第三章 执业规则` and `Part II Consent`. A clause is what is cited: `第十条`,
`Article 3`, `§ 12`, `3.1`, `一、`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from primum.records import CitationStep, Level

__all__ = ["Heading", "Line", "Marker", "Opening", "heading", "is_blank", "lines_of", "marker", "opening", "ordinal"]

_NUMERAL = "一二三四五六七八九十百千零〇0-9０-９"
_HASHES = r"^\s*(?P<hashes>#{1,6}(?=[\s第])\s*)?"
_ZH_ARTICLE = re.compile(
    _HASHES + rf"\**(?P<label>第(?P<number>[{_NUMERAL}]+)条(?:之[{_NUMERAL}]+)?)(?P<gap>\**(?=\s|$))?"
    # Straight after the number these characters make it a mention: 第十条规定的…, 第十条、第十一条…
    r"(?(gap)|(?!规定|第|、|，|。|；|的|和|或者|以及|至|所|》|）|\)|款|项))"
)
_NAMED = re.compile(
    _HASHES + r"(?:\*\*)?(?P<label>(?P<word>(?i:article|section|sec\.|principle|rule|clause|standard|regulation))\s+"
    r"(?:\d+[A-Za-z]?(?:[.\-]\d+)*|[IVXLC]+|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)|(?P<sign>§{1,2})\s*\d+[a-z]?(?:[.\-]\d+)*)"
    r"(?:\*\*)?(?=\s*(?:[.:：)—–-]|$)|\s+[\"'“‘(\[*A-Z\u4e00-\u9fff])"  # “Article 3 of the Act …” is a mention
)
_ZH_ORDINAL = re.compile(_HASHES + r"(?P<label>[一二三四五六七八九十]{1,3})、")
_NUMBER = re.compile(
    _HASHES + r"(?:\*\*)?(?P<label>\d{1,3}(?:\.\d{1,3})+|\d{1,3}(?=[.．)、]))[.．)、]?(?:\*\*)?"
    r"(?=\s+[\"'“‘(\[*A-Z\u4e00-\u9fff]|\s*[\u4e00-\u9fff“《])"
)
_MARKDOWN_HEADING = re.compile(r"^(#{1,6})\s+(\S.*)$")
_ZH_HEADING = re.compile(
    rf"^(第[{_NUMERAL}]+(?P<unit>分编|编|章|节))(?!的|规定|至|和|、|，|第|[一二三四五六七八九十])\s*(?P<title>.*)$"
)
_ZH_BARE = re.compile(r"^\s*(?:总\s*则|附\s*则|附\s*件.{0,20}|附\s*录.{0,20}|附[：:].{0,20})$")
_EN_HEADING = re.compile(
    r"^(?P<label>(?i:(?P<unit>book|part|title|chapter|division|section|schedule|annex|appendix))\s+(?:\d+[A-Z]?|[IVXLC]+|[A-Z]|"
    r"(?i:one|two|three|four|five|six|seven|eight|nine|ten)))(?=\s*[.:：—–-]|\s+[\"“(A-Z]|\s*$)[\s.:：—–-]*(?P<title>.*)$"
)
_UNITS: dict[str, Level] = {
    "编": "book", "分编": "part", "章": "chapter", "节": "section", "book": "book", "title": "book", "part": "part",
    "division": "part", "schedule": "part", "annex": "part", "appendix": "part", "chapter": "chapter", "section": "section",
}  # fmt: skip
_RANK: dict[Level, int] = {"book": 1, "part": 2, "chapter": 3, "section": 4}
_DEPTH: tuple[Level, ...] = ("book", "chapter", "section")

_MARKERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("zh", re.compile(r"^\s*[（(]([一二三四五六七八九十]{1,3})[)）]")),
    ("number", re.compile(r"^\s*[（(](\d{1,2})[)）]")),
    ("letter", re.compile(r"^\s*\(?([a-zA-Z]|[ivx]{2,5})\)(?=\s)")),
    ("decimal", re.compile(r"^\s*(\d{1,2}(?:\.\d{1,2}){2,})[.)]?(?=\s)")),
    ("point", re.compile(r"^\s*(\d{1,2})[.．、)](?!\d)")),
    ("bullet", re.compile(r"^\s*[-*+•·–](?=\s)")),
)
_ROMAN = re.compile(r"^(?:x{0,2}(?:ix|iv|v?i{0,3}))$")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


class Line(NamedTuple):
    """A line without its line ending, and where it starts in the document."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class Heading(NamedTuple):
    """A heading as a step of a citation; `rank` says which open headings it closes (its own rank and everything below)."""

    step: CitationStep
    rank: int


class Opening(NamedTuple):
    """The opening of a clause: how it is cited, what kind of number it bears, and where label and text start in the line.

    `kind` is `zh` (第N条), the English word or `§`, `ordinal` (一、), or `number-N` with N the depth of `3.1`.
    `number` counts the article within a Chinese text, else 0; `is_spaced` says that white space follows the label.
    """

    label: str
    kind: str
    at: int
    rest: str
    number: int
    is_spaced: bool
    has_hashes: bool


class Marker(NamedTuple):
    """What opens an item. Kinds: `zh` （一）, `letter` (a), `roman` (i), `number` (1), `point` 1., `decimal` 3.1.1, `bullet`."""

    kind: str
    label: str
    ordinal: int


def lines_of(text: str, start: int = 0) -> list[Line]:
    """The lines of `text` from character `start` on; only `\\n` ends a line."""
    found, at = [], start
    for part in text[start:].split("\n"):
        found.append(Line(part, at))
        at += len(part) + 1
    return found


def is_blank(text: str) -> bool:
    """Whether nothing can be seen in `text`: white space and zero-width characters only."""
    return not text.strip().strip(_INVISIBLE).strip()


def ordinal(numeral: str) -> int:
    """`十二` → 12, `一千零三十四` → 1034, `12` → 12."""
    if numeral.isdecimal():
        return int(numeral)
    total = digit = 0
    for character in numeral:
        if character in "十百千":
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
        else:
            digit = "〇一二三四五六七八九".find(character.replace("零", "〇"))
    return total + digit


def heading(text: str) -> Heading | None:
    """The heading that the line `text` is, if it is one. A clause opening with `#` is for the caller to look for first."""
    text = text.strip()
    markdown = _MARKDOWN_HEADING.match(text)
    words = (markdown[2].rstrip("#") if markdown else text).strip().strip(_INVISIBLE)
    chinese = _ZH_HEADING.match(words)
    if chinese and len(words) <= 40 and not words.endswith(("。", "；", "，", "：")):
        level = _UNITS[chinese["unit"]]
        return Heading(CitationStep(level=level, label=chinese[1], title=_closed_up(chinese["title"])), _RANK[level])
    english = _EN_HEADING.match(words)
    if english and len(words) <= 120 and not words.endswith((".", ";", ",")):
        level = _UNITS[english["unit"].lower()]
        return Heading(CitationStep(level=level, label=english["label"], title=english["title"]), _RANK[level])
    if markdown:
        depth = len(markdown[1])
        level = _DEPTH[min(depth, 3) - 1]
        return Heading(CitationStep(level=level, label=_closed_up(words)), (1, 3)[depth > 1] + max(0, depth - 2))
    if _ZH_BARE.match(words):
        return Heading(CitationStep(level="chapter", label=_closed_up(words)), _RANK["chapter"])
    return None


def opening(text: str) -> Opening | None:
    """The clause that the line `text` opens, if it looks like one; which kinds count is for the document to say."""
    for pattern in (_ZH_ARTICLE, _NAMED, _ZH_ORDINAL, _NUMBER):
        match = pattern.match(text)
        if match is None:
            continue
        label, at = match["label"], match.end("hashes") if match["hashes"] else len(text) - len(text.lstrip())
        rest = text[match.end() :]
        number = 0
        if pattern is _ZH_ARTICLE:
            kind, number = "zh", ordinal(match["number"])
        elif pattern is _NAMED:
            kind = "§" if match["sign"] else match["word"].lower()
        elif pattern is _ZH_ORDINAL:
            kind, label = "ordinal", f"{label}、"
        else:
            kind = f"number-{label.count('.') + 1}"
        label = " ".join(label.split())
        return Opening(label, kind, at, rest, number, not rest.strip() or rest[:1].isspace(), bool(match["hashes"]))
    return None


def marker(text: str, before: Marker | None = None) -> Marker | None:
    """The item marker that opens the line `text`; `before` is the item above, which tells `(i)` after `(h)` from `(i)` after `(a)`."""
    for kind, pattern in _MARKERS:
        match = pattern.match(text)
        if match is None:
            continue
        if kind == "bullet":
            return Marker(kind, "", before.ordinal + 1 if before and before.kind == kind else 1)
        label = match[1]
        if kind == "decimal":
            return Marker(kind, label, int(label.rsplit(".", 1)[1]))
        if kind == "letter":
            return _lettered(label, before)
        return Marker(kind, label, ordinal(label))
    return None


def _lettered(label: str, before: Marker | None) -> Marker:
    low = label.lower()
    follows = before is not None and before.kind == "letter" and len(low) == 1 and before.ordinal == ord(low) - 97
    if _ROMAN.match(low) and not follows:
        values = {"i": 1, "v": 5, "x": 10}
        numbers = [values[c] for c in low]
        total = sum(-n if n < max(numbers[k:]) else n for k, n in enumerate(numbers))
        return Marker("roman", label, total)
    return Marker("letter", label, ord(low[0]) - 96)


def _closed_up(title: str) -> str:
    """`总 则` → `总则`: white space between two Chinese characters is only typesetting."""
    return re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", " ".join(title.split())).strip("*")
