"""Search in both languages; nothing found is nothing, not ten guesses."""

from pathlib import Path

import pytest

from primum.corpus import NormIndex, read_corpus


@pytest.fixture
def index(tmp_path: Path) -> NormIndex:
    (tmp_path / "ward.md").write_text(
        "# Ward Act\n\nArticle 1. Staff must wash hands.\n\nArticle 2. Organs shall not be sold.\n\nArticle 3. Staff may rest.\n",
        encoding="utf-8",
    )
    (tmp_path / "某法.md").write_text(
        "# 某法\n\n第一条 医师应当保护患者隐私。\n\n第二条 禁止买卖器官。\n", encoding="utf-8"
    )
    return NormIndex(read_corpus(tmp_path).norms)


def test_the_best_comes_first_in_both_languages(index: NormIndex) -> None:
    assert [norm.reference for norm, _ in index.search("organs sold")] == ["Ward Act Article 2"]
    assert [norm.reference for norm, _ in index.search("患者的隐私")] == ["某法 第一条"]
    assert all(score > 0 for _, score in index.search("staff organs"))


def test_the_limit_holds_and_no_shared_word_is_no_hit(index: NormIndex) -> None:
    assert len(index.search("staff")) == 2
    assert len(index.search("staff", 1)) == 1
    assert index.search("staff", 0) == []
    assert index.search("zebra 斑马") == [] and index.search("") == []
    assert NormIndex(()).search("staff") == []


def test_indexing_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.md").write_text("# An act\n\nArticle 1. Staff must rest.\n", encoding="utf-8")
    NormIndex(read_corpus(tmp_path).norms).search("staff")
    assert capfd.readouterr() == ("", "")
