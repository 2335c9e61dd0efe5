"""A file's bytes to the text that offsets count in: Markdown and text as they are, HTML as headings, paragraphs and list items."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from primum.corpus.documents import docx_text, pdf_text
from primum.errors import InputError

__all__ = ["MEDIA_TYPES", "text_of"]

MEDIA_TYPES = {
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|body|caption|d[dlt]|details|div|fieldset|fig(?:caption|ure)|footer|form|h[1-6]|header|hr|html|li|"
    r"main|[ou]l|p|pre|section|summary|table|t(?:body|foot|head|r)"
)
_HIDDEN = frozenset(("head", "script", "style", "template", "noscript", "nav", "svg", "select", "button"))


def text_of(path: Path, place: str) -> str:
    """The text of one file, line endings as `\\n`. Raises `InputError` when the file is not what its name says or holds no text."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"file {path.name!r}", f"cannot be read ({error.strerror})", "check it", place) from error
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        text = pdf_text(content, place)
    elif suffix == ".docx":
        text = docx_text(content, place)
    elif suffix in (".html", ".htm"):
        text = _html_text(_decoded(content, place, _declared(content)), place)
    else:
        text = _decoded(content, place, None)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError(f"file {path.name!r}", "holds no text", "remove it or give its text", place)
    return text


def _declared(content: bytes) -> str | None:
    found = _CHARSET.search(content[:4096])
    if found is None:
        return None
    name = found[1].decode("ascii").lower()
    return "gb18030" if name in ("gb2312", "gbk") else name  # what pages call GB2312 is GBK, and GB18030 holds both


def _decoded(content: bytes, place: str, declared: str | None) -> str:
    try:
        text = content.decode("utf-8-sig" if declared is None else declared)
    except LookupError:
        raise InputError(f"charset {declared!r}", "is unknown", "save the file as UTF-8", place) from None
    except UnicodeError:
        hint = "save it as UTF-8"
        if declared is None and _reads_as_gb18030(content):
            hint = "it reads as GB18030, so convert it (iconv -f GB18030 -t UTF-8)"
        raise InputError("the file", f"is not {declared or 'UTF-8'} text", hint, place) from None
    if content.startswith((b"%PDF-", b"PK\x03\x04", b"{\\rtf")) or _CONTROL.search(text):
        raise InputError("the file", "is binary, not text", "give it the ending of what it is", place)
    return text


def _reads_as_gb18030(content: bytes) -> bool:
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    letters = [character for character in text if ord(character) > 127]
    return sum("\u4e00" <= character <= "\u9fff" for character in letters) * 2 > len(letters)


def _html_text(html: str, place: str) -> str:
    if "<" not in html:
        return ""
    reader = _Blocks()
    try:
        reader.feed(html)
        reader.close()
    except AssertionError as error:  # the parser's word for a marked section it does not know
        raise InputError("the file", f"is not HTML ({error})", "save it as plain HTML or text", place) from error
    reader.flush()
    return "\n\n".join(reader.blocks) + "\n" if reader.blocks else ""


class _Blocks(HTMLParser):
    """The visible text block by block: `#` before headings, `- ` or `1. ` before list items, cells of a row joined by ` | `."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self._open: list[str] = []
        self._prefix = ""
        self._hidden = 0
        self._lists: list[int | None] = []  # the last number of each open list, None for bullets

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        if tag == "body":
            self._hidden = 0  # a head that was never closed ends here
        if tag == "br":
            self._open.append("\n")
        elif tag in ("td", "th") and "".join(self._open).strip():
            self._open.append(" | ")
        if not _BLOCKS.fullmatch(tag):
            return
        inside_item = self._prefix and not "".join(self._open).strip()
        if not inside_item:
            self.flush()
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif re.fullmatch("h[1-6]", tag):
            self._prefix = "#" * int(tag[1]) + " "
        elif tag == "li":
            self._prefix = self._item_prefix()

    def _item_prefix(self) -> str:
        last = self._lists[-1] if self._lists else None
        if last is None:
            return "- "
        self._lists[-1] = last + 1
        return f"{last + 1}. "

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if _BLOCKS.fullmatch(tag):
            self.flush()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._open.append(re.sub(r"[ \t\r\n\f]+", " ", data))

    def flush(self) -> None:
        lines = [line.strip() for line in "".join(self._open).split("\n")]
        text = "\n".join(line for line in lines if line)
        if text:
            if self._prefix.startswith("#"):
                text = " ".join(text.split("\n"))
            is_marked = re.match(r"[（(]\S{1,3}[)）]|\d+[.．、]|[一二三四五六七八九十]+、|§|第\S{1,8}条", text)
            self.blocks.append(text if is_marked and not self._prefix.startswith("#") else self._prefix + text)
        self._open, self._prefix = [], ""
