"""An article's lines to its provisions: paragraphs (款) and items (项), every visible character in exactly one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from primum.corpus.articles import Article
from primum.corpus.lines import Line, Marker, is_blank, marker
from primum.corpus.modality import modality_of, modality_of_item, strongest
from primum.records import Language, Modality, Provision

__all__ = ["divide"]

_DIGITS = "零一二三四五六七八九"
_SENTENCE_ENDS = ("。", "；", "：", "！", "？", ":", ";", "”", "》", "）", ")")


class _Part(NamedTuple):
    """Where a provision starts, the number of its paragraph, and the markers of the items it stands in, outermost first."""

    start: int
    paragraph: int
    items: tuple[Marker, ...]


def divide(article: Article, text: str, language: Language) -> tuple[tuple[Provision, ...], Modality]:
    """The provisions of `article` (offsets count in `text`), and the modality of the whole."""
    parts = _parts(article, language)
    paragraphs = parts[-1].paragraph
    provisions: list[Provision] = []
    leads: dict[tuple[int, int], tuple[Modality, bool]] = {}
    for number, part in enumerate(parts):
        end = parts[number + 1].start if number + 1 < len(parts) else article.end
        words = text[part.start : end].rstrip()
        depth = len(part.items)
        if depth == 0:
            modality, is_settled = modality_of(words, language)
        else:
            lead, is_settled = leads[part.paragraph, depth - 1]
            modality = modality_of_item(words, lead, is_settled, language)
        leads[part.paragraph, depth] = modality, is_settled
        label = _label(part, paragraphs, language)
        provisions.append(Provision(label=label, start=part.start, end=part.start + len(words), modality=modality))
    if modality_of(text[provisions[0].start : provisions[0].end], language) == ("definition", True):
        return tuple(provisions), "definition"
    return tuple(provisions), strongest([provision.modality for provision in provisions])


def _parts(article: Article, language: Language) -> list[_Part]:
    parts = [_Part(article.start, 1, ())]
    open_items: tuple[Marker, ...] = ()
    markers = [None if number == 0 else marker(line.text) for number, line in enumerate(article.lines)]
    previous: Line | None = article.lines[0]
    title_only = article.has_bare_opening
    for number, line in enumerate(article.lines[1:], start=1):
        if is_blank(line.text):
            previous = None
            continue
        found = marker(line.text, _last_of_letters(open_items)) if markers[number] else None
        if found is not None:
            open_items = _nested(open_items, found)
            parts.append(_Part(_visible(line), parts[-1].paragraph, open_items))
        elif title_only:
            pass  # the number and its title stand alone: the text below is still the first paragraph
        elif _opens_paragraph(previous, language) and not _is_resumed(open_items, markers[number + 1 :]):
            open_items = ()
            parts.append(_Part(_visible(line), parts[-1].paragraph + 1, ()))
        title_only = False
        previous = line
    return parts


def _visible(line: Line) -> int:
    return line.start + len(line.text) - len(line.text.lstrip())


def _opens_paragraph(previous: Line | None, language: Language) -> bool:
    """After a blank line; in Chinese, where lines are not wrapped by hand, also after a line that ends its sentence."""
    return previous is None or (language == "zh" and previous.text.rstrip().endswith(_SENTENCE_ENDS))


def _last_of_letters(items: Sequence[Marker]) -> Marker | None:
    """The open item that the next one may follow: the innermost lettered or bulleted one."""
    return next((item for item in reversed(items) if item.kind in ("letter", "bullet")), None)


def _nested(items: tuple[Marker, ...], found: Marker) -> tuple[Marker, ...]:
    """The items open after `found`: it closes those from its own kind inwards, or goes one deeper."""
    for depth, item in enumerate(items):
        if item.kind == found.kind:
            return (*items[:depth], found)
    return (*items, found)


def _is_resumed(items: tuple[Marker, ...], below: Sequence[Marker | None]) -> bool:
    """Whether the list goes on below with its next number, so that the text between belongs to the open item."""
    if not items or items[0].kind in ("bullet", "roman"):
        return False
    following = next((one for one in below if one is not None and one.kind == items[0].kind), None)
    return following is not None and following.ordinal == items[0].ordinal + 1


def _label(part: _Part, paragraphs: int, language: Language) -> str:
    if language == "zh":
        label = f"第{_chinese(part.paragraph)}款" if paragraphs > 1 else ""
        for depth, item in enumerate(part.items):
            label += f"第（{item.label or item.ordinal}）项" if depth == 0 else f"第{item.label or item.ordinal}目"
        return label
    items = "".join(item.label if item.kind == "decimal" else f"({item.label or item.ordinal})" for item in part.items)
    return " ".join(filter(None, [f"para {part.paragraph}" if paragraphs > 1 else "", items]))


def _chinese(number: int) -> str:
    """1 → 一, 12 → 十二, 20 → 二十; up to 99, more than any article has paragraphs, in digits beyond."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (
        _DIGITS[ones] if ones or not tens else ""
    )
