"""A document's text to its articles: where each starts and ends, how it is cited, and under which headings it stands.

Which lines open a clause is settled once for a document, by the strongest numbering found in it:

1. `第N条`, from one on;
2. a named clause (`Article 3`, `Section 4`, `Principle 2`, `§ 12`), from one on;
3. `一、`, then `3.1` and `12.`: from two on, if the clauses hold at least half of the text (a list or two do not make a
   document numbered);
4. none: every paragraph below a heading is a norm of its own, cited by heading and number, and a list belongs to the
   paragraph that leads it.

In a numbered document the text outside articles (preamble, headings, annexes) belongs to no norm.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from primum.corpus.lines import Heading, Line, Opening, heading, is_blank, lines_of, marker, opening
from primum.records import CitationStep, Language, Level

__all__ = ["ENACTED", "Article", "articles_of", "body_start"]

ENACTED = "<!-- INFO END -->"  # what stands above it tells of the enactment and is no norm
_NUMBERED_SHARE = 0.5  # of the visible characters, in clauses, for `一、`, `3.1` and `12.` to count as numbering
_FRONT = re.compile(r"\A---[ \t]*\n.*?^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)


class Article(NamedTuple):
    """A span of the document that becomes one norm; `lines` are its lines, the first from the label on."""

    label: str
    level: Level
    path: tuple[CitationStep, ...]
    lines: tuple[Line, ...]
    has_bare_opening: bool  # the first line is only the number and a title, the text comes below

    @property
    def start(self) -> int:
        return self.lines[0].start

    @property
    def end(self) -> int:
        return self.lines[-1].end


def body_start(text: str) -> int:
    """Where the document starts after its front matter block, if it has one."""
    front = _FRONT.match(text)
    return front.end() if front else 0


def articles_of(text: str, title: str, language: Language) -> list[Article]:
    """The articles of a document, in order. `title` is its first heading, which is no step of a citation."""
    lines = lines_of(text, body_start(text))
    openings = [opening(line.text) for line in lines]
    for kinds, is_certain in _numberings(openings):
        found = list(_numbered(lines, _opened(lines, openings, kinds), title))
        if found and (is_certain or _share(found, lines) >= _NUMBERED_SHARE):
            return _distinct(found)
    return _distinct(list(_headed(lines, title, language)))


def _numberings(openings: Sequence[Opening | None]) -> Iterator[tuple[frozenset[str], bool]]:
    count = Counter(one.kind for one in openings if one)
    named = frozenset(kind for kind in count if kind not in ("zh", "ordinal") and not kind.startswith("number"))
    if count["zh"]:
        yield frozenset({"zh"}), True
    if named:
        yield named, True
    if count["ordinal"] > 1:
        yield frozenset({"ordinal"}), False
    if count["number-1"] + count["number-2"] > 1:
        yield frozenset({"number-1", "number-2"}), False


def _opened(
    lines: Sequence[Line], openings: Sequence[Opening | None], kinds: frozenset[str]
) -> dict[int, Opening | Heading]:
    """The lines that open a clause of one of `kinds`, mentions left out; a numbered title above clauses of another kind is a heading."""
    kept: dict[int, Opening] = {}
    last = 0
    for number, one in enumerate(openings):
        if one is None or one.kind not in kinds:
            continue
        if one.kind == "zh" and not one.is_spaced and last and one.number != last + 1 and "之" not in one.label:
            continue  # 第十条医师… inside another article: a number out of turn and nothing that sets it apart
        kept[number] = one
        last = one.number
    found: dict[int, Opening | Heading] = {}
    for number, one in kept.items():
        below = next((k for k in range(number + 1, len(lines)) if not is_blank(lines[k].text)), -1)
        is_title = _is_bare(one) and below in kept and kept[below].kind != one.kind
        found[number] = _as_heading(lines[number], one) if is_title else one
    return found


def _is_bare(one: Opening) -> bool:
    rest = one.rest.strip()
    return (
        one.has_hashes
        or not rest
        or (one.kind != "zh" and len(rest) <= 80 and rest[-1] not in '.。;；:：,，!?！？)）"”')
    )


def _numbered(lines: Sequence[Line], opened: dict[int, Opening | Heading], title: str) -> Iterator[Article]:
    trail: list[Heading] = []
    current: list[Line] = []
    head: Opening | None = None
    seen_title = False
    for number, line in enumerate(lines):
        step = opened.get(number) or (None if is_blank(line.text) else heading(line.text))
        if step is None:
            current.append(line)
            continue
        if head is not None:
            yield _closed(head, current, trail)
        if isinstance(step, Opening):
            head, current = step, [Line(line.text[step.at :], line.start + step.at)]
            trail = [one for one in trail if not _is_past(one, step)]
            continue
        head, current = None, []
        if not seen_title and step.step.label == title:
            seen_title = True
        else:
            trail = [one for one in trail if one.rank < step.rank] + [step]
    if head is not None:
        yield _closed(head, current, trail)


def _is_past(above: Heading, step: Opening) -> bool:
    """Whether the numbered heading `above` (`3. Confidentiality`) does not stand over the clause `step` (`4.`)."""
    label = above.step.label
    is_numbered = label.replace(".", "").isdecimal() and step.kind.startswith("number")
    return is_numbered and not step.label.startswith(f"{label}.")


def _as_heading(line: Line, one: Opening) -> Heading:
    known = heading(line.text)
    depth = int(one.kind[7:]) - 1 if one.kind.startswith("number") else 0
    words = one.rest.strip().strip(".:*—–- ")
    step = CitationStep(level="section", label=one.label, title=words)
    return Heading(step, known.rank if known else 4 + depth)


def _closed(head: Opening, lines: Sequence[Line], trail: Sequence[Heading]) -> Article:
    path = tuple(one.step for one in trail)
    return Article(head.label, "article", path, _trimmed(lines), head.has_hashes or not head.rest.strip())


def _trimmed(lines: Sequence[Line]) -> tuple[Line, ...]:
    last = max(k for k, line in enumerate(lines) if k == 0 or not is_blank(line.text))
    kept = [*lines[:last], Line(lines[last].text.rstrip(), lines[last].start)]
    return tuple(kept)


def _headed(lines: Sequence[Line], title: str, language: Language) -> Iterator[Article]:
    trail: list[Heading] = []
    count = 0
    seen_title = False
    for block in _blocks(lines):
        step = heading(block[0].text)
        if step is not None:
            if not seen_title and step.step.label == title:
                seen_title = True
            else:
                trail = [one for one in trail if one.rank < step.rank] + [step]
            count = 0
        elif not seen_title and not trail and len(block) == 1 and block[0].text.strip() == title:
            seen_title = True
        else:
            count += 1
            where = f"{trail[-1].step.label} " if trail else ""
            label = f"{where}第{count}段" if language == "zh" else f"{where}¶ {count}"
            indent = len(block[0].text) - len(block[0].text.lstrip())
            first = Line(block[0].text[indent:], block[0].start + indent)
            path = tuple(one.step for one in trail)
            yield Article(label, "paragraph", path, _trimmed([first, *block[1:]]), False)


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Headings alone; paragraphs between blank lines, each with the list it leads; list items that nothing leads, one by one."""
    enacted = next((k for k, line in enumerate(lines) if line.text.strip() == ENACTED), -1)
    block: list[Line] = []
    leads = False  # the open block is a paragraph, so a list below joins it
    gap = False
    for number, line in enumerate(lines):
        text = line.text
        if is_blank(text) or _is_decoration(text):
            gap = True
            if block:
                block.append(line)
            continue
        is_heading = heading(text) is not None
        if number <= enacted and not is_heading:
            continue
        is_item = marker(text) is not None
        joins = bool(block) and not is_heading and (leads if is_item else not gap)
        if not joins:
            if block:
                yield block
            block, leads = [], False
        block.append(line)
        gap = False
        if is_heading:
            yield block
            block = []
        elif not joins:
            leads = not is_item
    if block:
        yield block


def _is_decoration(text: str) -> bool:
    bare = text.strip()
    return bare == ENACTED or (len(bare) >= 3 and not bare.strip("-*_= "))


def _share(found: Sequence[Article], lines: Sequence[Line]) -> float:
    """The share of the visible characters, headings left out, that lie in the articles found."""
    inside = sum(len("".join(line.text.split())) for article in found for line in article.lines)
    total = sum(len("".join(line.text.split())) for line in lines if opening(line.text) or not heading(line.text))
    return inside / total if total else 0.0


def _distinct(found: list[Article]) -> list[Article]:
    """The same articles, each with a label of its own: where numbers start again, the headings tell them apart."""
    for attempt in range(2):
        count = Counter(article.label for article in found)
        if max(count.values(), default=0) < 2:
            return found
        seen: Counter[str] = Counter()
        renamed = []
        for article in found:
            label = article.label
            seen[label] += 1
            if count[label] > 1 and attempt == 0 and article.path:
                depth = [step.label for step in article.path if not label.startswith(step.label)]
                label = " ".join([*depth, label])
            elif attempt == 1 and seen[label] > 1:
                label = f"{label} [{seen[label]}]"
            renamed.append(article._replace(label=label))
        found = renamed
    return found
