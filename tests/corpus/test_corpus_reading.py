"""Statutes and codes written by hand, read to the last citation, offset and date."""

from pathlib import Path

import pytest

from primum.corpus import Corpus, CorpusSettings, account, read_corpus
from primum.records import ByImport, Norm

STATUTE = """# 中华人民共和国示例法

2019年5月1日 某机关第一次会议通过

2020年3月2日 某机关第二次会议修订

2019年9月1日 施行

<!-- INFO END -->

## 第一章 总 则

第一条　为了保护患者，制定本法。

第二条 本法所称患者，是指接受诊疗的自然人。

### 第一节 执业

第三条 医师应当说明病情。

医师不得有下列行为：

（一）泄露隐私；

(二)收受财物：

1．现金；

2．礼品。

患者可以查阅病历。

附 则

第三条之一 本法自2021年1月1日起施行。
"""

CODE = """---
key: coc
authority: code
jurisdiction: XX
effective_from: 2020-02-03
---
# Code of conduct

This preamble is no norm.

## Part I: Consent

Article 1. A physician must obtain consent.

Article 2 Candour
The physician shall:

(a) explain the risks;

(b) never:

(i) deceive the patient;
(ii) coerce anyone.

These duties follow
Article 1 of the Act as well.

## Part II

### Article 3 Definitions

In this Code, "patient" means a person under care.

Principle 4
A nurse may refuse.
"""


def read(folder: Path, **files: str) -> Corpus:
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        (folder / f"{stem}.{ending}").write_text(text, encoding="utf-8")
    return read_corpus(folder)


def parts(corpus: Corpus, norm: Norm) -> list[tuple[str, str, str]]:
    text = {source.id: source.text for source in corpus.sources}[norm.source]
    return [(one.label, one.modality, text[one.start : one.end]) for one in norm.provisions]


def cited(norm: Norm) -> list[tuple[str, str, str]]:
    return [(step.level, step.label, step.title) for step in norm.citation]


def test_a_chinese_statute_is_cited_by_chapter_article_paragraph_and_item(tmp_path: Path) -> None:
    corpus = read(tmp_path, 示例法_md=STATUTE)
    (source,) = corpus.sources
    assert (source.key, source.title, source.authority, source.language) == (
        "示例法",
        "中华人民共和国示例法",
        "law",
        "zh",
    )
    assert (source.enacted, source.effective_from, source.effective_to) == ("2019-05-01", "2019-09-01", None)
    assert source.text == STATUTE
    assert source.made == ByImport(dataset=tmp_path.name, row="示例法.md")
    assert [norm.key for norm in corpus.norms] == [
        f"示例法#{one}" for one in ("第一条", "第二条", "第三条", "第三条之一")
    ]
    first, _, third, last = corpus.norms
    assert first.reference == "示例法 第一条"
    assert cited(first) == [("chapter", "第一章", "总则"), ("article", "第一条", "")]
    assert cited(third) == [("chapter", "第一章", "总则"), ("section", "第一节", "执业"), ("article", "第三条", "")]
    assert cited(last) == [("chapter", "附则", ""), ("article", "第三条之一", "")]
    assert [norm.modality for norm in corpus.norms] == ["other", "definition", "prohibition", "other"]
    assert parts(corpus, third) == [
        ("第一款", "obligation", "第三条 医师应当说明病情。"),
        ("第二款", "prohibition", "医师不得有下列行为："),
        ("第二款第（一）项", "prohibition", "（一）泄露隐私；"),
        ("第二款第（二）项", "prohibition", "(二)收受财物："),
        ("第二款第（二）项第1目", "prohibition", "1．现金；"),
        ("第二款第（二）项第2目", "prohibition", "2．礼品。"),
        ("第三款", "permission", "患者可以查阅病历。"),
    ]
    assert all(source.text[norm.start : norm.end] == norm.text for norm in corpus.norms)
    assert account(corpus) == type(account(corpus))(sources=1, articles=4, norms=4, unassigned_characters=0)


def test_an_article_of_one_paragraph_cites_its_items_without_it(tmp_path: Path) -> None:
    corpus = read(tmp_path, 某办法_txt="某办法\n第一条 医师应当：\n（一）听；\n（二）说。\n第二条护士可以问。\n")
    assert [label for label, _, _ in parts(corpus, corpus.norms[0])] == ["", "第（一）项", "第（二）项"]
    assert corpus.norms[1].text == "第二条护士可以问。"
    assert corpus.sources[0].authority == "rule"


def test_lines_without_blank_lines_are_paragraphs_where_a_sentence_ends(tmp_path: Path) -> None:
    corpus = read(tmp_path, 某条例_txt="某条例\n第一条 医师应当诚信，\n不得欺骗。\n患者可以投诉。\n")
    assert [label for label, _, _ in parts(corpus, corpus.norms[0])] == ["第一款", "第二款"]


def test_text_between_items_belongs_to_the_item_when_the_list_goes_on(tmp_path: Path) -> None:
    text = "# 某规定\n\n第一条 应当：\n\n（一）报告；\n\n报告包括时间。\n\n（二）记录。\n\n另行规定。\n"
    corpus = read(tmp_path, 某规定_md=text)
    assert [(label, words) for label, _, words in parts(corpus, corpus.norms[0])] == [
        ("第一款", "第一条 应当："),
        ("第一款第（一）项", "（一）报告；\n\n报告包括时间。"),
        ("第一款第（二）项", "（二）记录。"),
        ("第二款", "另行规定。"),
    ]


def test_an_article_that_is_only_mentioned_opens_nothing(tmp_path: Path) -> None:
    text = "某法\n第九条 违反\n第十条规定的，罚款。\n违反本法\n第二条医师守则的，罚款。\n第十条 完。\n"
    corpus = read(tmp_path, 某法_txt=text)
    assert [norm.citation[-1].label for norm in corpus.norms] == ["第九条", "第十条"]


def test_a_code_with_two_titles_is_cited_by_the_first(tmp_path: Path) -> None:
    text = "# 中华人民共和国某法典\n\n# 人身编\n\n2020年5月28日 通过\n\n2021年1月1日 施行\n\n<!-- INFO END -->\n\n第一条 应当。\n"
    corpus = read(tmp_path, 人身编_md=text)
    assert (corpus.sources[0].title, corpus.sources[0].authority) == ("中华人民共和国某法典 人身编", "law")
    assert corpus.norms[0].reference == "某法典 第一条"
    assert cited(corpus.norms[0])[0] == ("book", "人身编", "")


@pytest.mark.parametrize(
    ("lines", "closing", "enacted", "effective"),
    [
        ("2003年4月2日 会议通过", "本条例自２００３年１０月１日起施行。", "2003-04-02", "2003-10-01"),
        ("1991年10月4日 批准\n\n1991年12月6日 公布", "本条例自公布之日起施行。", "1991-10-04", "1991-12-06"),
        ("", "本条例自公布之日起施行。", None, None),
        ("2003年13月2日 会议通过", "本条例施行前的行为不罚。", None, None),
    ],
)
def test_dates_are_what_the_document_says(
    tmp_path: Path, lines: str, closing: str, enacted: str | None, effective: str | None
) -> None:
    source = read(tmp_path, x条例_md=f"# x条例\n\n{lines}\n\n<!-- INFO END -->\n\n第一条 {closing}\n").sources[0]
    assert (source.enacted, source.effective_from) == (enacted, effective)


@pytest.mark.parametrize(
    ("title", "authority"),
    [
        ("中华人民共和国示例法实施办法", "rule"),
        ("示例管理条例", "regulation"),
        ("示例分类办法（试行）", "rule"),
        ("关于示例法的解释", "interpretation"),
        ("护士守则", "code"),
        ("诊疗指南", "guideline"),
        ("Patient Safety Act", "law"),
        ("Blood Regulations 2005", "regulation"),
        ("Code of Ethics on the Transplant Act", "code"),
        ("Guidance for doctors", "guideline"),
    ],
)
def test_the_title_tells_the_authority(tmp_path: Path, title: str, authority: str) -> None:
    assert read(tmp_path, a_md=f"# {title}\n\n第一条 应当。\n").sources[0].authority == authority


def test_a_rule_by_decree_of_the_state_council_is_a_regulation(tmp_path: Path) -> None:
    text = "# 某办法\n\n2001年6月20日 中华人民共和国国务院令第308号公布\n\n<!-- INFO END -->\n\n第一条 应当。\n"
    assert read(tmp_path, a_md=text).sources[0].authority == "regulation"


def test_an_english_code_is_cited_by_part_and_article(tmp_path: Path) -> None:
    corpus = read(tmp_path, code_md=CODE)
    (source,) = corpus.sources
    assert (source.key, source.title, source.jurisdiction, source.language) == ("coc", "Code of conduct", "XX", "en")
    assert [norm.key for norm in corpus.norms] == ["coc#Article 1", "coc#Article 2", "coc#Article 3", "coc#Principle 4"]
    assert [norm.modality for norm in corpus.norms] == ["obligation", "prohibition", "definition", "permission"]
    assert cited(corpus.norms[0]) == [("part", "Part I", "Consent"), ("article", "Article 1", "")]
    assert parts(corpus, corpus.norms[1]) == [
        ("para 1", "obligation", "Article 2 Candour\nThe physician shall:"),
        ("para 1 (a)", "obligation", "(a) explain the risks;"),
        ("para 1 (b)", "prohibition", "(b) never:"),
        ("para 1 (b)(i)", "prohibition", "(i) deceive the patient;"),
        ("para 1 (b)(ii)", "prohibition", "(ii) coerce anyone."),
        ("para 2", "other", "These duties follow\nArticle 1 of the Act as well."),
    ]
    assert corpus.norms[3].text == "Principle 4\nA nurse may refuse."
    assert all(norm.effective_from == "2020-02-03" and norm.jurisdiction == "XX" for norm in corpus.norms)
    assert all(source.text[norm.start : norm.end] == norm.text for norm in corpus.norms)
    assert account(corpus).is_complete


def test_decimals_are_clauses_and_the_number_above_them_a_heading(tmp_path: Path) -> None:
    text = "# Guideline\n\n## 3. Secrets\n\n3.1 Doctors must be silent.\n\n3.2 They may speak.\n\n4. Keep records always.\n"
    corpus = read(tmp_path, g_md=text)
    assert [[step.label for step in norm.citation] for norm in corpus.norms] == [["3", "3.1"], ["3", "3.2"], ["4"]]
    assert corpus.norms[0].citation[0].title == "Secrets"
    assert account(corpus).is_complete


def test_numbers_that_start_again_are_told_apart_by_their_headings(tmp_path: Path) -> None:
    text = "# Rules\n\n## Part A\n1. Staff must greet.\n\n## Part B\n1. Staff must explain.\n\n1. Staff may call.\n"
    corpus = read(tmp_path, r_md=text)
    assert [norm.citation[-1].label for norm in corpus.norms] == ["Part A 1", "Part B 1", "Part B 1 [2]"]


def test_without_numbers_each_paragraph_is_cited_by_its_heading(tmp_path: Path) -> None:
    safety = "## Safety\n\nDoctors should verify.\n\nNever:\n\n- sell data\n- record"
    text = f"# Guidance\n\nIntroduction.\n\n{safety}\n\n## Quality\n\n- Keep notes.\n"
    corpus = read(tmp_path, g_md=text)
    assert [norm.citation[-1].label for norm in corpus.norms] == ["¶ 1", "Safety ¶ 1", "Safety ¶ 2", "Quality ¶ 1"]
    assert [norm.citation[-1].level for norm in corpus.norms] == ["paragraph"] * 4
    assert [label for label, _, _ in parts(corpus, corpus.norms[2])] == ["", "(1)", "(2)"]
    assert account(corpus).is_complete


def test_one_list_does_not_make_a_document_numbered(tmp_path: Path) -> None:
    prose = "A long paragraph of prose that carries the weight of this document and stands outside any list at all."
    corpus = read(
        tmp_path, g_md=f"# Guidance\n\n{prose}\n\n{prose}\n\n1. Ask first.\n2. Listen.\n\n## End\n\n{prose}\n"
    )
    assert [norm.citation[-1].label for norm in corpus.norms] == ["¶ 1", "¶ 2", "End ¶ 1"]


def test_settings_hold_where_the_file_is_silent_and_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.md").write_text("# Notes\n\nArticle 1. Staff must wash.\n", encoding="utf-8")
    (tmp_path / "a.md").write_text("# Notes\n\nArticle 1. Staff must rest.\n", encoding="utf-8")
    for name in ("README.md", "LICENSE.txt", ".hidden.md", "~$lock.docx", "data.csv"):
        (tmp_path / name).write_text("not a document", encoding="utf-8")
    settings = CorpusSettings(jurisdiction="EU", authority="guideline", licence="CC0")
    corpus = read_corpus(tmp_path, settings, lambda done, total: told.append((done, total)))
    assert [source.key for source in corpus.sources] == ["a", "b"]
    assert {(one.jurisdiction, one.authority) for one in corpus.sources} == {("EU", "guideline")}
    assert corpus.sources[1].made == ByImport(dataset=tmp_path.name, row="deep/b.md", licence="CC0")
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert read_corpus(tmp_path, settings) == corpus


def test_line_endings_and_a_byte_order_mark_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "某法.md").write_bytes("\ufeff# 某法\r\n\r\n第一条 应当。\r\n".encode())
    corpus = read_corpus(tmp_path)
    assert corpus.sources[0].text == "# 某法\n\n第一条 应当。\n"
    assert corpus.norms[0].text == "第一条 应当。"


def test_accounting_sees_what_is_left_out_and_what_is_claimed_twice(tmp_path: Path) -> None:
    corpus = read(tmp_path, 示例法_md=STATUTE)
    short = account(Corpus(corpus.sources, corpus.norms[1:]))
    assert (short.articles, short.norms, short.unassigned_characters) == (4, 3, len("第一条为了保护患者，制定本法。"))
    twice = account(Corpus(corpus.sources, (*corpus.norms, corpus.norms[0])))
    assert (twice.norms, twice.unassigned_characters) == (5, len("第一条为了保护患者，制定本法。"))
    assert not short.is_complete and not twice.is_complete
