"""What a document says of itself in its first lines and its closing article: titles, dates, authority."""

from __future__ import annotations

import datetime
import re
import unicodedata

from primum.corpus.articles import ENACTED, Article, body_start
from primum.corpus.lines import heading, is_blank, lines_of, opening
from primum.records import Authority

__all__ = ["authority_of", "dates_of", "opening_lines", "short_title", "titles_of"]

_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_EFFECT_LINE = re.compile(r"^\D*(\d{4})年(\d{1,2})月(\d{1,2})日\s*起?\s*(?:施行|实施|生效)\s*$")
_EFFECT_ARTICLE = re.compile(r"本\S{1,4}自(\d{4})年(\d{1,2})月(\d{1,2})日起(?:施行|实施|生效)")
_EFFECT_AT_ONCE = re.compile(r"本\S{1,4}自(?:公布|发布)之日起(?:施行|实施|生效)")
_ZH_AUTHORITY: tuple[tuple[str, Authority], ...] = (
    (r"解释", "interpretation"),
    (r"条例", "regulation"),
    (r"办法|规定|细则|规范|规程|规则|通知", "rule"),
    (r"指南|指导原则|指导意见|共识|建议", "guideline"),
    (r"守则|准则|宣言|誓言|公约|倡议", "code"),
    (r"法|法典|编|宪法", "law"),
)
_EN_AUTHORITY: tuple[tuple[str, Authority], ...] = (
    (r"acts?|laws?|statutes?", "law"),
    (r"regulations?|decrees?", "regulation"),
    (r"rules?", "rule"),
    (r"codes?|oaths?|declarations?|principles|charters?|conventions?|pledge", "code"),
    (r"guidelines?|guidance|recommendations?", "guideline"),
    (r"interpretations?", "interpretation"),
)


def titles_of(text: str) -> list[str]:
    """The titles above the first clause: every `#` heading, else a first line that stands alone like one; empty if neither."""
    found: list[str] = []
    visible = [line for line in lines_of(text, body_start(text)) if not is_blank(line.text)]
    for line in visible:
        if re.match(r"^\s*#\s+\S", line.text) and not opening(line.text):
            words = heading(line.text)
            found += [words.step.label] if words and not words.step.title else []
        elif opening(line.text) or heading(line.text) or (found and line.text.strip() == ENACTED):
            break
    if found or not visible:
        return found
    first = visible[0].text.strip()
    is_title = len(visible) > 1 and len(first) <= 120 and not opening(first) and not heading(first)
    return [first] if is_title and first[-1] not in "。；：;:.,，" else []


def short_title(title: str) -> str:
    """How a title is cited: `中华人民共和国医师法` → `医师法`."""
    return title.removeprefix("中华人民共和国") or title


def opening_lines(text: str) -> list[str]:
    """The lines that tell of the enactment: those above `<!-- INFO END -->`, without it those above the first clause or chapter."""
    lines = [line.text for line in lines_of(text, body_start(text))]
    marked = next((k for k, line in enumerate(lines) if line.strip() == ENACTED), None)
    if marked is None:
        marked = next(
            (k for k, line in enumerate(lines) if k and (opening(line) or heading(line))),
            len(lines) if len(lines) < 10 else 10,
        )
    return [unicodedata.normalize("NFKC", line).strip() for line in lines[:marked]]


def dates_of(text: str, articles: list[Article]) -> tuple[str | None, str | None]:
    """(enacted, effective from), ISO, each `None` where the document does not say.

    Enacted is the first date of adoption or publication. Effective is the line `… 施行`, else the closing article's date, else,
    where that says `自公布之日起施行`, the first date of publication. An amended text keeps the date of the first text: the day its
    amendment took effect is not in it.
    """
    told = opening_lines(text)
    effect = next((_iso(*match.groups()) for line in told if (match := _EFFECT_LINE.match(line))), None)
    dated = [(line, match) for line in told if not _EFFECT_LINE.match(line) and (match := _DATE.search(line))]
    enacted = next((_iso(*match.groups()) for _, match in dated), None)
    for article in reversed(articles):
        if effect is not None:
            break
        words = unicodedata.normalize("NFKC", text[article.start : article.end])
        closing = _EFFECT_ARTICLE.search(words)
        if closing:
            effect = _iso(*closing.groups())
        elif _EFFECT_AT_ONCE.search(words):
            effect = next((_iso(*match.groups()) for line, match in dated if re.search("公布|发布", line)), None)
            break
    return enacted, effect


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def authority_of(title: str, text: str) -> Authority | None:
    """The authority that the title names; `None` if it names none.

    Chinese titles name it last (`…法实施办法` is a rule, not a law); a rule promulgated by decree of the State Council (国务院令) is
    a regulation. English titles name it first.
    """
    bare = re.sub(r"[（(][^（）()]*[)）]\s*$", "", title.strip())
    for ending, authority in _ZH_AUTHORITY:
        if re.search(f"(?:{ending})$", bare):
            by_council = any("国务院令" in line for line in opening_lines(text))
            return "regulation" if authority == "rule" and by_council else authority
    found = [
        (match.start(), authority)
        for pattern, authority in _EN_AUTHORITY
        if (match := re.search(rf"\b(?:{pattern})\b", title.lower()))
    ]
    return min(found)[1] if found else None
