"""The starter norms as records, read by a few lines of our own: these tests do not rest on the corpus reader."""

from __future__ import annotations

import re

import pytest

from primum.records import ByRule, CitationStep, Norm
from primum.starter import starter_norms

ARTICLE = re.compile(
    r"^(第[一二三四五六七八九十]+条|(?:Article|Principle) \d+)\.? .*?"
    r"(?=^第[一二三四五六七八九十]+条 |^(?:Article|Principle) \d+\. |^## |\Z)",
    re.M | re.S,
)


@pytest.fixture(scope="session")
def starter_records() -> tuple[Norm, ...]:
    norms: list[Norm] = []
    for path in sorted(starter_norms().glob("*/*.md")):
        text = path.read_text(encoding="utf-8")
        head, front, _ = text.split("---\n", 2)
        assert head == ""
        meta = dict(line.split(": ", 1) for line in front.splitlines())
        for found in ARTICLE.finditer(text):
            article = found.group().strip()
            norms.append(
                Norm(
                    source=f"source-{meta['key']}",
                    source_key=meta["key"],
                    source_title=meta["title"],
                    citation=(CitationStep(level="article", label=found.group(1)),),
                    text=article,
                    start=found.start(),
                    end=found.start() + len(article),
                    language=meta["language"],  # type: ignore[arg-type]
                    jurisdiction=meta["jurisdiction"],
                    authority=meta["authority"],  # type: ignore[arg-type]
                    modality="other",
                    provisions=(),
                    made=ByRule(rule="read by a test"),
                )
            )
    return tuple(norms)
