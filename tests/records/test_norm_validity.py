"""Whether a norm is in force on a day: its first and its last day count, and an unsaid beginning is unknown."""

import datetime

import pytest

from primum.records import ByRule, CitationStep, Norm


def norm(begins: str | None, ends: str | None) -> Norm:
    return Norm(
        source="source-1", source_key="a", source_title="A", citation=(CitationStep(level="article", label="Article 1"),),
        text="Article 1", start=0, end=9, language="en", jurisdiction="XX", authority="law", modality="other",
        provisions=(), made=ByRule("test"), effective_from=begins, effective_to=ends,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("begins", "ends", "at", "told"),
    [
        ("2020-05-01", None, "2020-04-30", "not yet in force"),
        ("2020-05-01", None, "2020-05-01", "in force"),
        ("2020-05-01", "2021-12-31", "2021-12-31", "in force"),
        ("2020-05-01", "2021-12-31", "2022-01-01", "past its validity"),
        (None, "2021-12-31", "2022-01-01", "past its validity"),
        (None, "2021-12-31", "2021-12-31", "unknown"),
        (None, None, "2021-12-31", "unknown"),
    ],
)
def test_a_norm_is_in_force_between_its_days(begins, ends, at, told):
    assert norm(begins, ends).validity(datetime.date.fromisoformat(at)) == told
