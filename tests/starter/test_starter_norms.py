"""The restated norms: there, citing, true to the article they cite, and in the agreed format."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from primum.language import detect
from primum.records import Norm
from primum.starter import starter_norms

DATA = Path(os.environ.get("PRIMUM_DATA", Path(__file__).parents[3] / "shared" / "data"))
CITED_ZH = re.compile(
    r"（依据：((?:《[^》]+》(?:（[^）]+）)?第[一-龥]+条、?(?:第[一-龥]+条)?)+(?:、?《[^》]+》第[一-龥]+条)*)）$"
)
CITED_EN = re.compile(r"\(After: .+\.\)$")


def test_some_eighty_norms_in_two_languages(starter_records: tuple[Norm, ...]) -> None:
    languages = Counter(norm.language for norm in starter_records)
    assert 60 <= len(starter_records) <= 100
    assert min(languages.values()) >= 30 and max(languages.values()) <= 1.3 * min(languages.values())
    assert len({norm.key for norm in starter_records}) == len(starter_records)
    assert {norm.authority for norm in starter_records} == {"law", "regulation", "rule", "code", "guideline"}


def test_every_norm_cites_what_it_restates(starter_records: tuple[Norm, ...]) -> None:
    for norm in starter_records:
        pattern = CITED_ZH if norm.language == "zh" else CITED_EN
        assert pattern.search(norm.text), norm.key
        assert detect(norm.text) == norm.language


def test_labels_count_up_in_every_file(starter_records: tuple[Norm, ...]) -> None:
    labels: dict[str, list[str]] = {}
    for norm in starter_records:
        labels.setdefault(norm.source_key, []).append(norm.citation[-1].label)
    numerals = "一二三四五六七八九十"
    for key, found in labels.items():
        if key.startswith("starter-zh"):
            assert found == [f"第{numerals[i]}条" for i in range(len(found))]
        else:
            word = found[0].split()[0]
            assert found == [f"{word} {i + 1}" for i in range(len(found))]
    assert len(labels["starter-en-ama"]) == 9


def test_files_say_that_they_are_no_legal_text() -> None:
    for path in starter_norms().glob("*/*.md"):
        title = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# "))
        assert title.endswith(("（示例转述）", "(starter restatement)"))
        text = path.read_text(encoding="utf-8")
        assert f"key: starter-{path.parent.name}-{path.stem}\n" in text and f"title: {title[2:]}\n" in text


def _law(name: str) -> str:
    laws = [path for path in (DATA / "norms-cn").glob("*.md") if path.name.split("(")[0] == name]
    if name == "民法典":
        laws = [DATA / "norms-cn" / f"{book}.md" for book in ("人格权编", "侵权责任编")]
    assert laws, f"no text of {name} in the data"
    return "\n".join(path.read_text(encoding="utf-8") for path in laws)


def test_the_cited_chinese_article_says_so(starter_records: tuple[Norm, ...]) -> None:
    """Restated, not copied: the article shares words with what restates it, more than any article beside it does."""
    if not (DATA / "norms-cn").is_dir():
        pytest.skip("the Chinese law texts are not here: set PRIMUM_DATA")
    for norm in starter_records:
        if norm.language != "zh":
            continue
        body, cited = norm.text.rsplit("（依据：", 1)
        pairs = {body[i : i + 2] for i in range(len(body) - 1)}
        for law, numbers in re.findall(r"《([^》]+)》(?:（[^）]+）)?((?:第[一-龥]+?条、?)+)", cited):
            text = _law(law)
            articles = {
                m[1]: m[0] for m in re.finditer(r"^(第[一-龥]+条).*?(?=^第[一-龥]+条|^#|\Z)", text, re.M | re.S)
            }
            for number in re.findall(r"第[一-龥]+?条", numbers):
                article = articles[number]
                shared = sum(pair in article for pair in pairs) / len(pairs)
                assert shared > 0.2, f"{norm.key} shares only {shared:.2f} with {law}{number}"
                assert body.strip() not in article
