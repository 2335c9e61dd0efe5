"""Whatever articles are assembled, each becomes one norm and each of its characters lies in one provision."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from primum.corpus import CorpusSettings, account, read_corpus

NUMERALS = "一二三四五六七八九"
CLAUSES = st.text(alphabet="医师患者应当不得可以是指和的，、；:第条0１a ​", min_size=1, max_size=12)
BREAKS = st.sampled_from(["\n", "\n\n", "\n\n\n", "\n​\n", "\n　\n"])


@st.composite
def statutes(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A statute and its articles, each of which was written as the words it must come back with."""
    text, articles = "# 某法\n\n", []
    for number in range(draw(st.integers(1, 8))):
        if draw(st.integers(0, 4)) == 0:
            text += draw(st.sampled_from(["## 第二章 执业", "第三节 管理", "附 则"])) + draw(BREAKS)
        article = f"第{NUMERALS[number]}条" + draw(st.sampled_from([" ", "　"])) + "甲" + draw(CLAUSES).strip() + "。"
        for part in range(draw(st.integers(0, 4))):
            mark = draw(st.sampled_from(["", f"（{NUMERALS[part]}）", f"({NUMERALS[part]})", "1．"]))
            article += draw(BREAKS) + mark + "乙" + draw(CLAUSES).strip() + draw(st.sampled_from(["。", "；", ""]))
        articles.append(article.strip())
        text += article + draw(BREAKS)
    return text, articles


@settings(max_examples=150, deadline=None)
@given(statutes())
def test_articles_come_back_whole_and_partitioned(statute: tuple[str, list[str]]) -> None:
    text, articles = statute
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "某法.md").write_text(text, encoding="utf-8")
        corpus = read_corpus(Path(folder))
    assert [norm.text for norm in corpus.norms] == articles
    assert account(corpus).is_complete
    for norm in corpus.norms:
        covered = [at for one in norm.provisions for at in range(one.start, one.end)]
        assert len(covered) == len(set(covered))
        visible = {at for at in range(norm.start, norm.end) if not text[at].isspace()}
        assert visible <= set(covered)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="#第一条12.()aB §\n：。—-|*", max_size=80), st.sampled_from(["# An act\n\n", "# 某法\n\n", ""]))
def test_any_text_is_read_whole_or_refused_in_one_line(body: str, title: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "act.md").write_text(f"{title}{body}\n\nArticle 7. Staff must rest.\n", encoding="utf-8")
        corpus = read_corpus(Path(folder), CorpusSettings(authority="law"))
    source = corpus.sources[0]
    assert all(source.text[norm.start : norm.end] == norm.text for norm in corpus.norms)
    assert len({norm.key for norm in corpus.norms}) == len(corpus.norms) > 0
    for norm in corpus.norms:
        covered = sorted(at for one in norm.provisions for at in range(one.start, one.end))
        assert len(covered) == len(set(covered))
        assert {at for at in range(norm.start, norm.end) if not source.text[at].isspace()} <= set(covered)
