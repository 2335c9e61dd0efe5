"""The suites by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from primum.evaluation.suites.cares import score_cares
from primum.evaluation.suites.choice import score_choice
from primum.evaluation.suites.healthbench import score_healthbench
from primum.evaluation.suites.medes import score_medes
from primum.evaluation.suites.medsafety import score_medsafety
from primum.evaluation.suites.meta import score_meta
from primum.evaluation.suites.pairs import Options
from primum.evaluation.suites.result import Result
from primum.evaluation.suites.xstest import score_xstest

__all__ = ["SUITES", "Suite"]


class Suite(NamedTuple):
    """A suite: what its number is, in a line, a row of its verdicts, and what scores the files (the set, the verdicts)."""

    name: str
    about: str
    verdict: str
    score: Callable[[Path, Path, Options], Result]


_ALL: Final = (
    Suite(
        "healthbench",
        "points met by criteria, clipped mean; by criterion and example tag",
        '{"prompt_id": "p1", "met": [true, false, null]}',
        score_healthbench,
    ),
    Suite(
        "healthbench-meta",
        "macro F1 of a judge against physicians, and their own ceiling",
        '{"id": 1, "met": true}',
        score_meta,
    ),
    Suite(
        "cares", "Safety Score by stance and harm level; over-refusal", '{"id": "c1", "label": "Caution"}', score_cares
    ),
    Suite(
        "medes",
        "risk rate, quality and Comprehensive of open ethics questions",
        '{"id": "m1", "R1": 0, "R2": -1, "Q1": 1, "Q2": 0, "Q3": 1, "Q4": null}',
        score_medes,
    ),
    Suite("medsafety", "mean harmfulness, 1 to 5; lower is better", '{"id": 1, "harmfulness": 2}', score_medsafety),
    Suite(
        "xstest",
        "over-refusal of safe prompts; compliance with unsafe ones",
        '{"id": "v2-1", "label": "full_refusal"}',
        score_xstest,
    ),
    Suite(
        "choice",
        "accuracy of single and multiple choice, exact letter set",
        '{"id": "q1", "answer": "AC"}',
        score_choice,
    ),
)
SUITES: Final[Mapping[str, Suite]] = MappingProxyType({suite.name: suite for suite in _ALL})
