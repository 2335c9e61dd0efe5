"""The page of synthesised rubrics: both languages, everything escaped, nothing from outside, equal bytes for equal content."""

from __future__ import annotations

import re
from typing import Any

import pytest

from primum.errors import InputError
from primum.report.rubric_page import REQUIRED, render
from primum.starter.clinical import dimensions


def content(**changed: Any) -> dict[str, Any]:
    principle = {
        "id": "principle-0123456789abcdef0123",
        "statement": "说明该疾病的病因。",
        "criteria": 12,
        "rubrics": 9,
        "state": "edited",
        "applies": [{"zh": "任务：解释", "en": "Task: explain"}],
        "norms": ["医师法 第二十五条"],
    }
    criterion = {
        "statement": "说明痛风的病因。",
        "points": -7,
        "kind": "safety",
        "axis": "accuracy",
        "is_relaxed": True,
        "principle": principle,
    }
    query = {
        "id": "q1",
        "query": "痛风是什么引起的？<script>alert(1)</script>\u202e",
        "language": "zh",
        "profile": [{"dimension": "task", "value": "explain", "zh": "解释", "en": "Explain", "chance": 0.913}],
        "reason": "",
        "criteria": [criterion],
    }
    counts = {"queries": 2, "rubrics": 1, "criteria": 1, "principles_used": 1, "with_safety": 1, "refused": 1}
    about = [
        {
            "key": one.key,
            "zh": one.name.zh,
            "en": one.name.en,
            "about_zh": one.definition.zh,
            "about_en": one.definition.en,
        }
        for one in dimensions()
    ]
    bare = query | {"id": "q2", "query": "Why?", "language": "en", "criteria": [], "reason": "no principle bears on it"}
    return {"title": "sample", "counts": counts, "dimensions": about, "queries": [query, bare]} | changed


def test_each_query_stands_with_its_profile_its_criteria_and_what_they_come_from() -> None:
    page = render(content())
    for word in (
        "说明痛风的病因。",
        "−7",
        "safety veto",
        "安全否决",
        "91.3",
        "医师法 第二十五条",
        "edited by a person",
    ):
        assert word in page, word
    for word in ("任务：解释", "a dimension was let go to reach it", "no principle bears on it", "principle-01234567"):
        assert word in page, word
    assert page == render(content())


def test_what_others_wrote_is_text_and_nothing_is_fetched() -> None:
    page = render(content())
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "⟨U+202E⟩" in page
    assert not re.search(r'(?:src|href)="(?!#)', page) and "default-src 'none'" in page


def test_every_phrase_is_there_in_both_languages() -> None:
    page = render(content())
    assert page.count('class="w-en"') == page.count('class="w-zh"') > 30


@pytest.mark.parametrize("key", REQUIRED)
def test_a_sample_without_a_part_is_refused(key: str) -> None:
    with pytest.raises(InputError, match=key):
        render({name: part for name, part in content().items() if name != key})
