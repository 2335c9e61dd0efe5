"""Every norm to its rules, by the grammar of its language."""

from __future__ import annotations

import re
from collections.abc import Sequence

from primum.corpus.rules import en, zh
from primum.corpus.rules.found import Found, Part, Stretch
from primum.records import ByRule, Norm, Rule, Span

__all__ = ["RULES_VERSION", "extract", "parts_of"]

RULES_VERSION = "1"
"""Changes when a reader would find something else."""

_MARK = re.compile(
    r"\s*(?:[（(]\s*(?P<inner>[一二三四五六七八九十百]{1,4}|\d{1,3}|[A-Za-z]{1,4})\s*[）)]|[一二三四五六七八九十]{1,3}、"
    r"|\d{1,3}[.．、]|[a-z]\.|[-*•])\s*"
)
_ARTICLE = re.compile(r"[\s#*]*第[零〇一二三四五六七八九十百千0-9]+条(?:之[一二三四五六七八九十\d]+)?[\s*]*")
_OF_ITEM = re.compile(r"[项目]$|\([^()]{1,8}\)$|^(?:.* )?\d[\d.]*\.?$|[-*•]$")


def extract(norms: Sequence[Norm]) -> list[Rule]:
    """The rules of every norm, in the order of the norms and of their text; the same for the same norms."""
    made = ByRule(rule="corpus.rules", version=RULES_VERSION)
    rules: list[Rule] = []
    for norm in norms:
        read = zh.read if norm.language == "zh" else en.read
        rules.extend(_rule(norm, found, made) for found in read(norm.text, parts_of(norm)))
    return rules


def parts_of(norm: Norm) -> list[Part]:
    """The provisions of a norm, each without its own number."""
    parts: list[Part] = []
    for number, provision in enumerate(norm.provisions):
        start, end = provision.start - norm.start, provision.end - norm.start
        depth = _depth(provision.label)
        if number == 0:
            start += _heading(norm, norm.text[start:end])
        if depth and (match := _MARK.match(norm.text, start, end)):
            start = match.end()
        if start < end:
            parts.append(Part(provision.label, start, end, depth))
    return parts


def _depth(label: str) -> int:
    if not _OF_ITEM.search(label):
        return 0
    return max(1, label.count("项") + label.count("目") + label.count("("))


def _heading(norm: Norm, text: str) -> int:
    """How many characters the article's own number takes."""
    if match := _ARTICLE.match(text):
        return match.end()
    label = norm.citation[-1].label
    bare = len(text) - len(text.lstrip(" #*\n"))
    if text.startswith(label, bare):
        rest = text[bare + len(label) :]
        return len(text) - len(rest.lstrip(" .:*\n\u3000"))
    return 0


def _rule(norm: Norm, found: Found, made: ByRule) -> Rule:
    def span(stretch: Stretch | None) -> Span | None:
        if stretch is None:
            return None
        return Span(start=stretch.start, end=stretch.end, text=norm.text[stretch.start : stretch.end])

    return Rule(
        norm=norm.id,
        modality=found.modality,
        act=Span(start=found.act.start, end=found.act.end, text=norm.text[found.act.start : found.act.end]),
        language=norm.language,
        made=made,
        subject=span(found.subject),
        condition=span(found.condition),
        consequence=span(found.consequence),
        label=found.label,
    )
