"""The 44 open statutes: every article accounted for, cited as a lawyer would, and found by its words."""

import itertools
import os
import re
from pathlib import Path

import pytest

from primum.corpus import Corpus, NormIndex, account, read_corpus

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")) / "norms-cn"
ARTICLE = re.compile(r"^\s*第[一二三四五六七八九十百千零〇]+条")


@pytest.fixture(scope="module")
def statutes() -> Corpus:
    if not DATA.is_dir():
        pytest.skip(f"the open statutes are not at {DATA} (set PRIMUM_DATA)")
    return read_corpus(DATA)


def test_every_article_is_a_norm_and_every_character_has_one_provision(statutes: Corpus) -> None:
    found = account(statutes)
    assert (found.sources, found.articles, found.norms, found.unassigned_characters) == (44, 2745, 2745, 0)
    lines = [line for path in sorted(DATA.glob("*.md")) for line in path.read_text(encoding="utf-8").split("\n")]
    assert sum(bool(ARTICLE.match(line)) for line in lines) == 2745
    assert len({norm.key for norm in statutes.norms}) == 2745


def test_offsets_hold_and_provisions_are_in_order(statutes: Corpus) -> None:
    text = {source.id: source.text for source in statutes.sources}
    for norm in statutes.norms:
        assert text[norm.source][norm.start : norm.end] == norm.text
        ends = [(one.start, one.end) for one in norm.provisions]
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(ends))
        assert len({one.label for one in norm.provisions}) == len(norm.provisions)


def test_citations_dates_and_authority_read_as_printed(statutes: Corpus) -> None:
    sources = {source.key: source for source in statutes.sources}
    norms = {norm.key: norm for norm in statutes.norms}
    doctors = sources["医师法(2021-08-20)"]
    assert (doctors.authority, doctors.enacted, doctors.effective_from) == ("law", "2021-08-20", "2022-03-01")
    assert sources["处方药与非处方药分类管理办法（试行）(1999-06-18)"].effective_from == "2000-01-01"
    assert sources["传染病防治法实施办法(1991-12-06)"].authority == "rule"
    consent = norms["医师法(2021-08-20)#第二十五条"]
    assert consent.reference == "医师法 第二十五条"
    assert [step.label for step in consent.citation] == ["第三章", "第二十五条"]
    assert consent.modality == "obligation"
    image = norms["人格权编#第一千零二十条"]
    assert [(step.level, step.label) for step in image.citation] == [
        ("book", "人格权编"),
        ("chapter", "第四章"),
        ("article", "第一千零二十条"),
    ]
    assert image.source_title == "民法典"
    sections = norms["个人信息保护法(2021-08-20)#第二十八条"].citation
    assert [(step.level, step.title) for step in sections[:2]] == [
        ("chapter", "个人信息处理规则"),
        ("section", "敏感个人信息的处理规则"),
    ]


def test_search_finds_the_article_that_says_it(statutes: Corpus) -> None:
    index = NormIndex(statutes.norms)
    found = index.search("敏感个人信息 单独同意", 5)
    assert "个人信息保护法 第二十九条" in [norm.reference for norm, _ in found]
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
