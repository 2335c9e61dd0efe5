"""The page of synthesised rubrics: a sample of questions, each with its profile, its criteria and the principle behind each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from primum.errors import InputError
from primum.report.page import dress, environment, visible
from primum.report.rubric_page_words import AXES, KINDS, STATES
from primum.report.words import Pair, humanise

__all__ = ["REQUIRED", "render"]

REQUIRED: Final = ("title", "counts", "dimensions", "queries")


def render(content: Mapping[str, Any]) -> str:
    """The sample (as `cycles.synthesising.sample_content` gives it) as one HTML page, zh and en both in it; equal content, equal page.

    Raises `InputError` when one of `REQUIRED` is missing.
    """
    for key in REQUIRED:
        if key not in content:
            raise InputError(f"a sample without '{key}'", "cannot be shown", "give all of it", "report.rubric_page")
    shown = visible(dict(content))
    return (
        environment()
        .get_template("rubric_page.html")
        .render(
            r=shown,
            axis_words=lambda key: AXES.get(key, _plain(key)),
            kind_words=lambda key: KINDS.get(key, _plain(key)),
            state_words=lambda key: STATES.get(key, _plain(key)),
            **dress("rubric_page.css"),
        )
    )


def _plain(key: str) -> Pair:
    """A word that has no name here, as it stands."""
    return Pair(humanise(key), humanise(key))
