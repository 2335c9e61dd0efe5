"""Whether every article of the sources became a norm, and every character of it a provision: counted without the parser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from primum.corpus.articles import body_start
from primum.corpus.reading import Corpus
from primum.records import Norm, Source, Value

__all__ = ["Accounting", "account"]

_ARTICLE = re.compile(
    r"^[\s#*]*第[一二三四五六七八九十百千零〇0-9０-９]+条(?!规定|第|、|，|。|；|的|和|或者|以及|至|所|》|）|\)|款|项)"
)
_CLOSES = re.compile(
    r"^\s*#+\s|^\s*第[一二三四五六七八九十百]+(?:分编|[编章节])\s*[^\s的规第至和、，][^，。；：]{0,30}$|^\s*附\s*则\s*$|^\s*附\s*[件录：:].{0,20}$|"
    r"^(?i:part|chapter|book|title|annex|appendix|schedule)\s+[\dIVXLCA-Z]+\b(?:\s*$|[\s.:—–-]+[A-Z].{0,100}[^.;,]$)"
)
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


class Accounting(Value, frozen=True):
    """What was counted.

    `articles`: lines that open an article, by a plain scan of the sources' texts; to be compared with `norms`.
    `unassigned_characters`: visible characters inside articles that do not lie in exactly one provision of exactly one norm.
    """

    sources: int
    articles: int
    norms: int
    unassigned_characters: int

    @property
    def is_complete(self) -> bool:
        """Whether articles and norms agree and no character is left over or claimed twice."""
        return self.articles == self.norms and self.unassigned_characters == 0


def account(corpus: Corpus) -> Accounting:
    """Count the articles and unassigned characters of `corpus`.

    Articles numbered `第N条` are found by a scan that knows nothing of the parser. For other documents the scan counts the lines
    that begin with a label of the document's kind (`Article 3`, `§ 12`, `3.1`), or, where paragraphs are the norms, the norms.
    """
    by_source: dict[str, list[Norm]] = {source.id: [] for source in corpus.sources}
    for norm in corpus.norms:
        by_source.setdefault(norm.source, []).append(norm)
    articles = unassigned = 0
    for source in corpus.sources:
        norms = by_source[source.id]
        spans = list(_spans(source, norms))
        articles += len(spans)
        unassigned += _unassigned(source.text, spans, norms)
    return Accounting(
        sources=len(corpus.sources), articles=articles, norms=len(corpus.norms), unassigned_characters=unassigned
    )


def _spans(source: Source, norms: Sequence[Norm]) -> Iterator[tuple[int, int]]:
    """From each line that opens an article to the next one, the next heading, or the end."""
    if norms and norms[0].citation[-1].level != "article":
        yield from ((norm.start, norm.end) for norm in norms)
        return
    opens = _opening_pattern(norms)
    lines = source.text[body_start(source.text) :].split("\n")
    start: int | None = None
    at = body_start(source.text)
    for number, line in enumerate(lines):
        is_opening = opens.match(line) is not None and not _is_title(line, lines[number + 1 :])
        if start is not None and (is_opening or _CLOSES.match(line)):
            yield start, at
            start = None
        if is_opening:
            start = at + len(line) - len(line.lstrip("# \t　"))
        at += len(line) + 1
    if start is not None:
        yield start, len(source.text)


def _is_title(line: str, below: Sequence[str]) -> bool:
    """Whether `3. Confidentiality` stands over 3.1, and so is no article."""
    number = re.match(r"[\s#*]*(\d+)[.．)、]?(?![\d.])", line)
    if number is None or line.rstrip().endswith((".", "。")):
        return False
    following = next((one for one in below if one.strip()), "")
    return re.match(rf"[\s#*]*{number[1]}\.\d", following) is not None


def _opening_pattern(norms: Sequence[Norm]) -> re.Pattern[str]:
    if not norms or norms[0].text.lstrip("* ").startswith("第"):
        return _ARTICLE
    heads = (re.match(r"\**([A-Za-z.]+|§+|\d+\.\d+|\d+|[一二三四五六七八九十]+、)", norm.text) for norm in norms)
    return re.compile(rf"^[\s#*]*(?:{'|'.join(sorted({_kind(head[1]) for head in heads if head}))})")


def _kind(head: str) -> str:
    """The pattern of all labels like `head`, up to what follows them: a capital, a quotation mark or a Chinese character."""
    follows = r"(?=\s+[\"'“‘(\[*A-Z\u4e00-\u9fff]|\s*[\u4e00-\u9fff“《])"
    if head.endswith("、"):
        return r"[一二三四五六七八九十]{1,3}、"
    if head[0].isdigit():
        return (r"\d{1,3}\.\d{1,3}[.．)、]?" if "." in head else r"\d{1,3}[.．)、]") + r"\**" + follows
    ends = r"(?=\s*[.:：)—–-]|\s*$|\s+[\"'“‘(\[*A-Z\u4e00-\u9fff])"
    number = r"\d+[A-Za-z]?(?:[.-]\d+)*" if head[0] == "§" else r"(?:\d+[A-Za-z]?(?:[.-]\d+)*|[IVXLC]+|[A-Z][a-z]{2,4})"
    return rf"{re.escape(head)}\s*{number}\**{ends}"


def _unassigned(text: str, spans: Sequence[tuple[int, int]], norms: Sequence[Norm]) -> int:
    changes = [0] * (len(text) + 1)
    for norm in norms:
        for provision in norm.provisions:
            changes[provision.start] += 1
            changes[provision.end] -= 1
    owners = list(accumulate(changes))
    inside = (at for start, end in spans for at in range(start, end))
    return sum(owners[at] != 1 and not text[at].isspace() and text[at] not in _INVISIBLE for at in inside)
