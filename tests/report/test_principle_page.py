"""The page of a workspace's principles: map, tree, each with its criteria and norms; escaped, in both languages."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from primum.errors import InputError
from primum.report.principle_page import render
from report.page_reader import PAYLOAD, read_page
from report.principles_sample import content, principle


@pytest.fixture(scope="module")
def page():
    return render(content())


def test_page_is_balanced_its_ids_are_unique_and_nothing_is_loaded(page):
    seen = read_page(page)
    ids = Counter(value for _, name, value in seen.attributes if name == "id")
    assert max(ids.values()) == 1
    for _, name, value in seen.attributes:
        assert name != "src"
        if name.endswith("href"):
            assert value.startswith("#") and value[1:] in ids
    assert "default-src 'none'" in page and "http" not in page.replace("http-equiv", "")
    assert page.count('class="w-en"') == page.count('class="w-zh"') > 60
    assert render(content()) == page


def test_every_principle_is_there_with_its_criteria_norms_and_maker(page):
    for row in content()["principles"]:
        start = page.index(f'<tr id="{row["id"]}">')
        told = page[start : page.index("</tr>", start)]
        assert row["statement"] in told and "建议去看医生。" in told and "《医师法》" in told and row["by"] in told
        assert f"primum trace {row['id']}" in told and f">{row['criteria']}</td>" in told
    assert "经人修改" in page and page.count("<svg") == 4


def test_the_drawing_counts_in_the_order_given(page):
    for number, language in ((4, "en"), (0, "zh")):
        row = content()["principles"][number]
        assert row["language"] == language and page.count(f"<title>{row['statement']}") == 2


def test_one_principle_and_no_drawing():
    page = render({"principles": [principle(0, "建议就诊。", "zh")]})
    read_page(page)
    assert "No map was laid out." in page and "No tree was laid out." in page and "建议就诊。" in page
    with pytest.raises(InputError, match="principles"):
        render({})


def test_hostile_text_stays_text():
    told = content()
    for row in told["principles"]:
        row |= {"statement": PAYLOAD, "examples": [PAYLOAD], "rests_on": [PAYLOAD], "by": PAYLOAD, "axis": PAYLOAD}
        row["applies_when"] = {PAYLOAD: [PAYLOAD]}
    page = render(told)
    seen = read_page(page)
    assert seen.tags["script"] == 1 and seen.tags["img"] == 0 and "\u202e" not in page
    assert "⟨U+202E⟩" in page and not re.search(r"\b49\b", "".join(seen.text))
