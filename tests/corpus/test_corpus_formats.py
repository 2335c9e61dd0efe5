"""HTML, DOCX and PDF come to the same articles; what is not what its name says is refused in one line."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from primum.corpus import account, read_corpus
from primum.corpus.documents import mended
from primum.errors import InputError

LABELS = ["第一条", "第二条"]


def test_html_gives_headings_paragraphs_items_and_rows(tmp_path: Path) -> None:
    page = """<html><head><title>x</title><style>p{}</style></head><body><nav>menu</nav><h1>Code of wards</h1>
    <h2>Part I Care</h2><p>Article 1. Staff <b>must</b>
    wash:</p><ul><li>hands</li><li><p>tools</p></li></ul><script>alert(1)</script>
    <p>Article 2. Staff may rest.</p><table><tr><td>a</td><td>b</td></tr></table></body></html>"""
    (tmp_path / "code.html").write_text(page, encoding="utf-8")
    corpus = read_corpus(tmp_path)
    assert corpus.sources[0].text == (
        "# Code of wards\n\n## Part I Care\n\nArticle 1. Staff must wash:\n\n- hands\n\n- tools\n\n"
        "Article 2. Staff may rest.\n\na | b\n"
    )
    assert [norm.reference for norm in corpus.norms] == ["Code of wards Article 1", "Code of wards Article 2"]
    assert [one.label for one in corpus.norms[0].provisions] == ["", "(1)", "(2)"]
    assert account(corpus).is_complete


def test_html_in_a_declared_chinese_charset_with_broken_lines(tmp_path: Path) -> None:
    page = '<meta charset="gb2312"><h1>某法</h1><p>第一条　医师应当诚信。<br>不得欺骗。</p><p>第二条　完。</p>'
    (tmp_path / "a.htm").write_bytes(page.encode("gbk"))
    corpus = read_corpus(tmp_path)
    assert [norm.citation[-1].label for norm in corpus.norms] == LABELS
    assert [one.label for one in corpus.norms[0].provisions] == ["第一款", "第二款"]


def test_docx_gives_headings_paragraphs_and_tables_in_order(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_heading("某条例", level=0)
    document.add_heading("第一章 总则", level=1)
    document.add_paragraph("第一条　医师应当：")
    document.add_paragraph("（一）诚信；")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "甲", "乙"
    document.add_paragraph("第二条　完。")
    document.add_paragraph("附加", style="List Bullet")
    document.save(str(tmp_path / "某条例.docx"))
    corpus = read_corpus(tmp_path)
    assert corpus.sources[0].text == (
        "# 某条例\n\n## 第一章 总则\n\n第一条　医师应当：\n\n（一）诚信；\n\n甲 | 乙\n\n第二条　完。\n\n- 附加\n"
    )
    assert [norm.citation[-1].label for norm in corpus.norms] == LABELS
    assert [step.label for step in corpus.norms[0].citation] == ["第一章", "第一条"]
    assert corpus.sources[0].authority == "regulation"
    assert account(corpus).is_complete


def pdf(pages: list[list[str]]) -> bytes:
    """A small PDF written by hand: one content stream a page, one line of Helvetica below the other."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
        stream = f"BT /F1 10 Tf 50 750 Td {shown} ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        font = "/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] {font} /Contents {len(objects)} 0 R >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    written = io.BytesIO(b"%PDF-1.4\n")
    written.seek(0, io.SEEK_END)
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(written.tell())
        written.write(f"{number} 0 obj\n{content}\nendobj\n".encode())
    start = written.tell()
    written.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    written.write("".join(f"{offset:010d} 00000 n \n" for offset in offsets).encode())
    written.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return written.getvalue()


def test_pdf_lines_are_mended_across_lines_and_pages(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    first = [
        "Code of wards",
        "Part I Care",
        "Article 1. Every member of staff must wash the",
        "hands before each con-",
        "1",
    ]
    second = [
        "tact with a patient.",
        "Staff may use gloves.",
        "Article 2. Staff shall:",
        "(a) listen;",
        "(b) explain.",
        "Page 2 of 2",
    ]
    (tmp_path / "code.pdf").write_bytes(pdf([first, second]))
    corpus = read_corpus(tmp_path)
    one, two = corpus.norms
    assert (
        one.text
        == "Article 1. Every member of staff must wash the hands before each contact with a patient.\n\nStaff may use gloves."
    )
    assert [provision.label for provision in one.provisions] == ["para 1", "para 2"]
    assert [provision.label for provision in two.provisions] == ["", "(a)", "(b)"]
    assert [step.label for step in one.citation] == ["Part I", "Article 1"]
    assert corpus.sources[0].title == "Code of wards"
    assert account(corpus).is_complete


def test_chinese_lines_are_joined_without_a_space_and_running_heads_left_out() -> None:
    pages = [
        ["某某手册", "某法", "第一章 总则", "第一条 为了保护患者和医师双方的合法", "- 1 -"],
        ["某某手册", "权益，制定本法。", "第二条 医师应当诚信执业。", "第 2 页"],
        ["某某手册", "患者可以投诉。", "3"],
    ]
    assert mended(pages) == "\n\n".join(
        [
            "某某手册",
            "某法",
            "第一章 总则",
            "第一条 为了保护患者和医师双方的合法权益，制定本法。",
            "第二条 医师应当诚信执业。",
            "患者可以投诉。\n",
        ]
    )


def encrypted() -> bytes:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf([["Article 1. Staff must rest."]])))
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def empty_docx() -> bytes:
    written = io.BytesIO()
    pytest.importorskip("docx").Document().save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("a.pdf", lambda: b"not a pdf at all", "is not a PDF"),
        ("a.pdf", lambda: b"%PDF-1.4\nbroken", "is a damaged PDF"),
        ("a.pdf", lambda: pdf([[]]), "holds no text: recognise it (OCR)"),
        ("a.pdf", encrypted, "is encrypted"),
        ("a.docx", lambda: b"PK\x03\x04 no", "is not a DOCX"),
        ("a.docx", lambda: "纯文本".encode(), "is not a DOCX"),
        ("a.docx", empty_docx, "holds no text"),
        ("a.md", lambda: pdf([["Article 1. Staff must rest."]]), "is binary"),
        ("a.md", lambda: b"\x00\x01\x02", "is binary"),
        ("a.txt", lambda: b"PK\x03\x04 zip", "is binary"),
        ("a.md", lambda: "第一条 医师应当诚信执业。".encode("gb18030"), "reads as GB18030"),
        ("a.md", lambda: b"\xff\xfe\xfa\x80\x81 \xc3", "is not UTF-8 text: save it as UTF-8"),
        ("a.md", lambda: b" \n\n", "holds no text"),
        ("a.html", lambda: b"<html><body><script>x()</script></body></html>", "holds no text"),
        ("a.html", lambda: b"no markup here", "holds no text"),
        ("a.html", lambda: b'<meta charset="klingon"><p>Article 1. Rest.</p>', "is unknown"),
        ("a.md", lambda: b"# Only a heading of an act\n", "holds no norm"),
        ("a.md", lambda: b"# Notes\n\nArticle 1. Staff must rest.\n", "does not tell the authority"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_named(
    tmp_path: Path, name: str, make: Callable[[], bytes], said: str
) -> None:
    (tmp_path / "good act.md").write_text("# Good Act\n\nArticle 1. Staff must listen.\n", encoding="utf-8")
    (tmp_path / name).write_bytes(make())
    with pytest.raises(InputError) as caught:
        read_corpus(tmp_path)
    line = str(caught.value)
    assert said in line and line.endswith(f"({name})") and "\n" not in line


def test_a_page_that_is_a_picture_is_named(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    resources = b"/Resources << /XObject << /I 9 0 R >> "
    content = pdf([["Article 1. Staff must rest."], []]).replace(b"/Resources << ", resources)
    image = b"9 0 obj\n<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /Length 0 >>\nstream\n\nendstream\nendobj\n"
    (tmp_path / "act.pdf").write_bytes(content.replace(b"xref\n0", image + b"xref\n0", 1))
    with pytest.raises(InputError, match="page 2 of the PDF is a picture without text"):
        read_corpus(tmp_path)


def test_folders_that_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_corpus(tmp_path / "none")
    (tmp_path / "README.md").write_text("Article 1. No.", encoding="utf-8")
    with pytest.raises(InputError, match="holds no document"):
        read_corpus(tmp_path)
    with pytest.raises(InputError, match="is a file"):
        read_corpus(tmp_path / "README.md")


def test_two_files_may_not_share_a_key_or_a_text(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "x.md").write_text("# An act\n\nArticle 1. Staff must rest.\n", encoding="utf-8")
    (tmp_path / "b" / "x.md").write_text("# An act\n\nArticle 1. Staff must wash.\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"key 'x' is also that of b/x\.md"):
        read_corpus(tmp_path)
    (tmp_path / "b" / "x.md").rename(tmp_path / "b" / "y.md")
    (tmp_path / "b" / "y.md").write_text("# An act\n\nArticle 1. Staff must rest.\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"the text is also that of b/y\.md"):
        read_corpus(tmp_path)


@pytest.mark.parametrize(
    ("lines", "said", "line"),
    [
        ("enacted: 2020-02-30", "is not a date", 2),
        ("effective_from: soon", "is not a date", 2),
        ("authority: decree", "is unknown: use one of law", 2),
        ("language: fr", "is unknown: use one of zh, en", 2),
        ("colour: red", "front matter name 'colour' is unknown", 2),
        ("key: a\nkey: b", "stands twice", 3),
        ("just words", "is not `name: value`", 2),
        ("key:", "is not `name: value`", 2),
    ],
)
def test_front_matter_is_checked_line_by_line(tmp_path: Path, lines: str, said: str, line: int) -> None:
    (tmp_path / "a.md").write_text(f"---\n{lines}\n---\n# An act\n\nArticle 1. Staff must rest.\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_corpus(tmp_path)
    assert said in str(caught.value) and str(caught.value).endswith(f"(a.md:{line})")


def test_a_period_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    front = "---\neffective_from: 2021-01-02\neffective_to: 2021-01-01\n---\n"
    (tmp_path / "a.md").write_text(f"{front}# An act\n\nArticle 1. Staff must rest.\n", encoding="utf-8")
    with pytest.raises(InputError, match="is before effective_from 2021-01-02"):
        read_corpus(tmp_path)
