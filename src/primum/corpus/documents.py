"""DOCX and PDF to text. Both need the extra `documents`."""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from primum.corpus.lines import heading, is_blank, marker, opening
from primum.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph
    from pypdf import PageObject, PdfReader

__all__ = ["docx_text", "mended", "pdf_text"]

_PAGE_NUMBER = re.compile(
    r"^\s*(?:[-—–·\s]*\d{1,4}[-—–·\s]*|(?i:page)\s+\d+(?:\s+(?:of|/)\s+\d+)?|第\s*\d+\s*页.{0,10}|\d+\s*/\s*\d+)\s*$"
)
_ENDS = "。；：！？.;:!?"
_HAN_OR_MARK = re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef“”‘’]")


def docx_text(content: bytes, place: str) -> str:
    """Paragraphs, headings (as `#`) and table rows (cells joined by ` | `) in the document's order, blank lines between."""
    try:
        import docx
    except ImportError as error:
        raise MissingExtraError("python-docx", "documents") from error
    try:
        document: Document = docx.Document(io.BytesIO(content))
    except Exception as error:  # python-docx lets errors of zipfile, lxml and its own through
        raise InputError(
            "the file", f"is not a DOCX document ({type(error).__name__})", "save it again as .docx", place
        ) from error
    blocks = [block for item in document.iter_inner_content() for block in _docx_blocks(item)]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _docx_blocks(item: Paragraph | Table) -> Iterator[str]:
    if hasattr(item, "rows"):
        for row in item.rows:
            cells: dict[Any, str] = {
                cell._tc: " ".join(cell.text.split()) for cell in row.cells
            }  # merged cells come twice
            if any(cells.values()):
                yield " | ".join(cells.values())
        return
    text = "\n".join(line.strip() for line in item.text.split("\n") if line.strip())
    if not text:
        return
    style = (item.style.name or "") if item.style is not None else ""
    depth = re.fullmatch(r"Heading ([1-9])", style)
    if style == "Title" or depth:
        yield "#" * (min(int(depth[1]) + 1, 6) if depth else 1) + " " + " ".join(text.split("\n"))
    elif style.startswith("List") and not marker(text) and not opening(text):
        yield f"- {text}"
    else:
        yield text


def pdf_text(content: bytes, place: str) -> str:
    """The text of all pages, line breaks inside a sentence mended, page numbers and running heads left out.

    Raises `InputError` for what is not a PDF, is encrypted, or has a page that is a picture without text.
    """
    try:
        import pypdf
    except ImportError as error:
        raise MissingExtraError("pypdf", "documents") from error
    if not content.startswith(b"%PDF-") and b"%PDF-" not in content[:1024]:
        raise InputError("the file", "is not a PDF", "give it the ending of what it is", place)
    log = logging.getLogger("pypdf")
    level = log.level
    log.setLevel(logging.CRITICAL)  # what it mends in a damaged file it would write to the screen
    try:
        pages = _pages(pypdf.PdfReader(io.BytesIO(content)), place)
    except InputError:
        raise
    except Exception as error:  # a damaged file raises whatever pypdf stumbles over
        raise InputError(
            "the file", f"is a damaged PDF ({type(error).__name__})", "save or print it to PDF again", place
        ) from error
    finally:
        log.setLevel(level)
    if not any(line.strip() for page in pages for line in page):
        raise InputError("the PDF", "holds no text", "recognise it (OCR) first", place)
    return mended(pages)


def _pages(reader: PdfReader, place: str) -> list[list[str]]:
    if reader.is_encrypted:
        opened = False
        with contextlib.suppress(Exception):  # no password, or a cipher that needs another package
            opened = bool(reader.decrypt(""))
        if not opened:
            raise InputError("the PDF", "is encrypted", "save it without a password", place)
    pages = []
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        if not text.strip() and _has_picture(page):
            raise InputError(
                f"page {number} of the PDF", "is a picture without text", "recognise it (OCR) or remove the page", place
            )
        pages.append(text.split("\n"))
    return pages


def _has_picture(page: PageObject) -> bool:
    resources: Any = page.get("/Resources")
    objects: Any = resources.get_object().get("/XObject") if resources else None
    return (
        any(one.get_object().get("/Subtype") == "/Image" for one in objects.get_object().values()) if objects else False
    )


def mended(pages: list[list[str]]) -> str:
    """The lines of all pages as paragraphs with blank lines between.

    A line goes on with the one above unless it opens a heading, a clause or an item, is set in, or follows a line that ended its
    sentence short of the right edge.
    """
    kept = [_without_edges(page) for page in pages]
    if len(pages) >= 3:
        heads = Counter(lines[0].strip() for lines in kept if lines)
        running = {text for text, count in heads.items() if count * 2 > len(pages)}
        kept = [
            lines[1:] if number and lines and lines[0].strip() in running else lines
            for number, lines in enumerate(kept)
        ]
    lines = [line for page in kept for line in page]
    width = max((len(line.strip()) for line in lines), default=0)
    paragraphs: list[str] = []
    previous = ""
    for line in lines:
        text = line.strip()
        ends = previous.endswith(tuple(_ENDS)) and (len(previous) < 0.9 * width or line[:1].isspace())
        opens = bool(opening(text) or marker(text) or heading(text))
        is_below_title = len(paragraphs) == 1 and paragraphs[0] == previous
        if not paragraphs or is_below_title or ends or opens or heading(previous):
            paragraphs.append(text)
        else:
            paragraphs[-1] = _joined(paragraphs[-1], text)
        previous = text
    return "\n\n".join(paragraphs) + "\n"


def _without_edges(page: list[str]) -> list[str]:
    """The visible lines of a page, without a page number alone on its first or last line."""
    lines = [line for line in page if not is_blank(line)]
    if lines and _PAGE_NUMBER.match(lines[-1].strip()):
        lines = lines[:-1]
    if lines and _PAGE_NUMBER.match(lines[0].strip()):
        lines = lines[1:]
    return lines


def _joined(above: str, below: str) -> str:
    if _HAN_OR_MARK.match(above[-1]) and _HAN_OR_MARK.match(below[0]):
        return above + below
    if re.search(r"[a-z]-$", above) and below[0].islower():
        return above[:-1] + below
    return f"{above} {below}"
