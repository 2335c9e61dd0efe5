"""Reading a page as a browser would, and text that would break out of one that does not escape."""

from __future__ import annotations

import html.parser
from collections import Counter

__all__ = ["PAYLOAD", "Reader", "read_page"]

_VOID = {"meta", "link", "br", "hr", "img", "input", "source", "wbr"}
PAYLOAD = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}</style>&amp;\u202e\x00"


class Reader(html.parser.HTMLParser):
    """Collects tags, attributes and text, and fails on a tag that closes another."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)


def read_page(page: str) -> Reader:
    """The tags, attributes and text of a page; fails where a tag is left open."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader
