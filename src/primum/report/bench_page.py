"""The page of a benchmark: every item with why it is right, in one file that opens offline and needs nothing beside itself.

The items travel as one block of JSON, packed (gzip, base64) when they are many; the page's script unpacks them and writes text nodes only,
so nothing that stands in an item can become markup. No script but the page's own may run: a content security policy names its hash.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from html import escape
from importlib import resources
from typing import Any, Final

from primum.errors import InputError
from primum.report.page import visible

__all__ = ["PACKED_ABOVE", "REQUIRED", "render"]

REQUIRED: Final = (
    "name",
    "version",
    "id",
    "canary",
    "made",
    "editions",
    "taxonomy",
    "articles",
    "items",
    "checks",
    "findings",
    "review",
)
PACKED_ABOVE: Final = 1_000_000
"""Characters of JSON above which the block is packed; below, the page also opens where a browser cannot unpack."""


def render(benchmark: Mapping[str, Any]) -> str:
    """The benchmark (as `cycles.benchmark_share.page_content` gives it) as one HTML page, zh and en both in it; equal content, equal page.

    Raises `InputError` when one of `REQUIRED` is missing.
    """
    for key in REQUIRED:
        if key not in benchmark:
            raise InputError(f"a benchmark without '{key}'", "cannot be shown", "give all of it", "report.bench_page")
    told = visible(dict(benchmark))
    script, style = _read("bench_page_script.html"), _read("style.css") + _read("bench_page_style.html")
    kind, block = _block(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    parts = {
        "TITLE": escape(f"{told['name']} v{told['version']}"),
        "CANARY": escape(str(told["canary"])),
        "DIGEST": digest,
        "STYLE": style,
        "SCRIPT": script,
        "KIND": kind,
        "BLOCK": block,
    }
    pieces = _read("bench_page.html").split("@@")
    return "".join(piece if number % 2 == 0 else parts[piece] for number, piece in enumerate(pieces))


def _block(text: str) -> tuple[str, str]:
    """How the data are written, and the data: JSON in which nothing can end a script element, or gzip in base64."""
    if len(text) <= PACKED_ABOVE:
        return "json", text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    packed = gzip.compress(text.encode("utf-8", "backslashreplace"), compresslevel=9, mtime=0)
    return "gzip", base64.b64encode(packed).decode()


def _read(name: str) -> str:
    return resources.files("primum.report").joinpath(name).read_text("utf-8")
